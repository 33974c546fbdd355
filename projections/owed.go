package projections

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/cockroachdb/pebble/v2"
)

// Assessing costs more than anything else that an entry causes. Far behind the
// head a registration would be assessed in every batch, for summaries that the
// next batch replaces. There the batches only note in view z which summaries
// are owed, and settle makes them once the head is reached. At the head a batch
// that concerns very many does the same with most of them. A summary that is
// read meanwhile is made on the spot; the lists by flag, of reviews and of those
// ready lag behind until then. Once nothing is owed the rows are those of any other way
// to apply the same entries.

// settleAtOnce bounds the registrations that settle assesses in one commit.
const settleAtOnce = 4096

// owe notes registrations to be assessed later.
func (b *batch) owe(ids []string) {
	for _, id := range ids {
		if !b.store.folder.owed[id] {
			b.owes = append(b.owes, id)
			b.set(key(viewOwed, id), nil)
		}
	}
}

// settle makes all summaries that are owed.
func (s *Store) settle() error {
	for {
		if left, err := s.settleNext(settleAtOnce); err != nil || !left {
			return err
		}
	}
}

// settleNext makes some of the summaries that are owed, and reports whether any
// are left. Once none is, the lists hold what the position says, and whoever waits
// for a change is told.
func (s *Store) settleNext(most int) (left bool, err error) {
	err = s.alone(func() error {
		if len(s.folder.owed) == 0 {
			return nil
		}
		ids := slices.Sorted(maps.Keys(s.folder.owed))
		if err := s.settleSome(ids[:min(most, len(ids))]); err != nil {
			return errors.Join(err, s.forget())
		}
		if left = len(s.folder.owed) > 0; !left {
			s.tellAll()
		}
		return nil
	})
	return left, err
}

func (s *Store) settleSome(ids []string) error {
	b := newBatch(s, nil)
	defer b.close()
	err := b.assess(ids)
	if poison, ok := errors.AsType[*PoisonError](err); ok {
		poison.Sequence = s.Position().Sequence + 1
		return poison
	}
	if err != nil {
		return err
	}
	for _, id := range ids {
		b.delete(key(viewOwed, id))
	}
	b.settled = ids
	if b.err == nil {
		b.err = b.rows.Commit(pebble.NoSync)
	}
	if b.err != nil {
		return fmt.Errorf("assess registrations: %w", damaged(b.err))
	}
	b.keep()
	return nil
}
