package projections

import (
	"fmt"
	"sync"

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
	src, exists, err := r.get(key(viewProgramme, digest))
	if err != nil || !exists {
		return nil, err
	}
	p, err := parse(digest, src)
	if err == nil {
		r.store.programmes.put(p)
	}
	return p, err
}

// Programme is a published version of a programme by its digest, nil where
// none has it. It must not be changed.
func (r reads) Programme(digest string) (*programme.Programme, error) {
	return read(r, func(r reader) (*programme.Programme, error) { return r.programme(digest) })
}
