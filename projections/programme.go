package projections

import (
	"errors"
	"fmt"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"github.com/certledger/certledger/domain/programme"
)

// programmesMax bounds the parsed programmes kept in memory.
const programmesMax = 256

// programmeCache keeps parsed programmes by digest. A digest's programme never
// changes, so that no entry is ever stale.
type programmeCache struct {
	mu     sync.Mutex // protects parsed
	parsed map[string]*programme.Programme
}

func newProgrammeCache() *programmeCache {
	return &programmeCache{parsed: map[string]*programme.Programme{}}
}

func (c *programmeCache) get(digest string) *programme.Programme {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.parsed[digest]
}

func (c *programmeCache) put(p *programme.Programme) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.parsed) >= programmesMax {
		clear(c.parsed)
	}
	c.parsed[p.Digest] = p
}

// parse reads a programme's bytes, which must have the digest.
func parse(digest string, src []byte) (*programme.Programme, error) {
	p, err := programme.Parse(src)
	if err != nil {
		return nil, fmt.Errorf("programme %s: %w", digest, err)
	}
	if p.Digest != digest {
		return nil, fmt.Errorf("programme %s: its bytes have the digest %s", digest, p.Digest)
	}
	return p, nil
}

func (r reader) programme(digest string) (*programme.Programme, error) {
	if p := r.store.programmes.get(digest); p != nil {
		return p, nil
	}
	row, exists, err := r.get(key(viewProgramme, digest))
	if err != nil || !exists {
		return nil, err
	}
	_, src, err := readProgramme(row)
	if err != nil {
		return nil, err
	}
	p, err := parse(digest, src)
	if err == nil {
		r.store.programmes.put(p)
	}
	return p, err
}

// publishedAt is the sequence at which a programme was first published; false
// where it was not.
func (r reader) publishedAt(digest string) (uint64, bool, error) {
	value, closer, err := r.db.Get(key(viewProgramme, digest))
	if errors.Is(err, pebble.ErrNotFound) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	at, _, err := readProgramme(value)
	return at, err == nil, errors.Join(err, closer.Close())
}

// Programme is a published version of a programme by its digest, nil where
// none has it. It must not be changed.
func (r reads) Programme(digest string) (*programme.Programme, error) {
	return read(r, func(r reader) (*programme.Programme, error) { return r.programme(digest) })
}
