package projections

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/cockroachdb/pebble/v2"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore"
	"github.com/certledger/certledger/eventstore/proof"
)

// item is an entry on its way into the rows. Where it cannot be decoded, err
// says why.
type item struct {
	stored eventstore.Stored
	entry  domain.Entry
	hash   [sha256.Size]byte // of the payload
	leaf   proof.Hash        // of the tree
	err    error
}

// decodeAlone is how many entries one goroutine decodes before another helps.
const decodeAlone = 256

// decode reads entries, on as many processors as there are.
func decode(stored []eventstore.Stored) []*item {
	items := make([]*item, len(stored))
	together := make([]item, len(stored))
	sideBySide(len(stored), decodeAlone, func(i int) {
		items[i] = &together[i]
		items[i].decode(stored[i])
	})
	return items
}

func (it *item) decode(s eventstore.Stored) {
	it.stored = s
	defer func() {
		if r := recover(); r != nil {
			it.err = panicError(r)
		}
	}()
	if it.entry, it.err = domain.Decode(s.Sequence, s.Payload); it.err != nil {
		return
	}
	if string(it.entry.Subject) != s.Subject {
		it.err = fmt.Errorf("it is on the subject %.80q and says %q", s.Subject, it.entry.Subject)
		return
	}
	digits := strings.TrimPrefix(it.entry.Hash, "sha256:")
	if _, it.err = hex.Decode(it.hash[:], []byte(digits)); it.err == nil {
		it.leaf = proof.LeafHash(s.Sequence, it.hash)
	}
}

// Apply commits entries, which must begin right after the position and have no
// gaps: all of them in one batch, or an error and nothing of them. Only a
// *PoisonError may leave those before the poison entry applied; every later
// Apply then answers with it again.
func (s *Store) Apply(ctx context.Context, entries []eventstore.Stored) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.apply(decode(entries), false)
}

// apply commits decoded entries. Owing says that more will follow soon, and
// leaves assessments to later; otherwise none is owed in the end.
func (s *Store) apply(items []*item, owing bool) error {
	if err := s.take(items, owing); err != nil || owing {
		return err
	}
	return s.settle()
}

// take commits decoded entries. Owing leaves all assessments to later, otherwise
// those beyond assessAtOnce are.
func (s *Store) take(items []*item, owing bool) error {
	return s.alone(func() error {
		next := s.Position().Sequence + 1
		for i := range items {
			if got := items[i].stored.Sequence; got != next+uint64(i) {
				return fmt.Errorf("%w: entry %d was given where %d is next", ErrOrder, got, next+uint64(i))
			}
		}
		return s.applyInOrder(items, owing)
	})
}

// alone does what changes rows while nothing else does. A *PoisonError stops the
// projections for good.
func (s *Store) alone(do func() error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.calls.Done()
	s.applying.Lock()
	defer s.applying.Unlock()
	if err := s.Err(); err != nil {
		return err
	}
	err := do()
	if poison, ok := errors.AsType[*PoisonError](err); ok {
		s.stop(poison)
		return poison
	}
	return err
}

// applyInOrder commits what comes before the first entry that cannot be
// applied, and returns that entry's *PoisonError.
func (s *Store) applyInOrder(items []*item, owing bool) error {
	var poison error
	for i := range items {
		if items[i].err != nil {
			poison = &PoisonError{items[i].stored.Sequence, items[i].err}
			items = items[:i]
			break
		}
	}
	for len(items) > 0 {
		err := s.commit(items, owing)
		if err == nil {
			break
		}
		if broken := s.forget(); broken != nil {
			return errors.Join(err, broken)
		}
		found, ok := errors.AsType[*PoisonError](err)
		if !ok {
			return err
		}
		if found.Sequence == 0 { // some entry of these
			return s.applyOneByOne(items, poison)
		}
		poison = err
		items = items[:found.Sequence-items[0].stored.Sequence]
	}
	return poison
}

// applyOneByOne finds the entry after which an assessment panics. Poison is
// what comes after the last.
func (s *Store) applyOneByOne(items []*item, poison error) error {
	for i := range items {
		err := s.commit(items[i:i+1], false)
		if err == nil {
			continue
		}
		if broken := s.forget(); broken != nil {
			return errors.Join(err, broken)
		}
		if found, ok := errors.AsType[*PoisonError](err); ok {
			return &PoisonError{items[i].stored.Sequence, found.Err}
		}
		return err
	}
	return poison
}

// forget drops what is in memory only, after a batch that was not committed.
func (s *Store) forget() error {
	fresh, err := newFolder(s)
	if err == nil {
		s.folder = fresh
	}
	return damaged(err)
}

// stop ends applying for good.
func (s *Store) stop(p *PoisonError) {
	s.mu.Lock()
	s.poison = p
	s.mu.Unlock()
	s.cfg.Logger.Error("projections stopped", "sequence", p.Sequence, "error", p.Err)
	s.tellAll()
}

// commit applies good entries in one batch.
func (s *Store) commit(items []*item, owing bool) error {
	b := newBatch(s, items)
	defer b.close()
	for i := range items {
		if err := b.fold(items[i]); err != nil {
			return err
		}
	}
	if err := b.finish(items, owing); err != nil {
		return err
	}
	last := items[len(items)-1]
	position := Position{last.stored.Sequence, last.hash}
	b.set(keyPosition, valuePosition(position))
	if b.err != nil {
		return fmt.Errorf("apply entries up to %d: %w", position.Sequence, b.err)
	}
	if len(items) >= learnFrom {
		s.folder.rowBytes = min(max(rowBytes, (b.rows.Len()-b.payloadBytes)*5/4/len(items)), rowBytesMax)
	}
	if err := b.rows.Commit(pebble.NoSync); err != nil {
		return fmt.Errorf("apply entries up to %d: %w", position.Sequence, damaged(err))
	}
	b.keep()
	s.mu.Lock()
	s.position = position
	s.mu.Unlock()
	s.tellAll()
	return nil
}
