package checkpoints

import (
	"context"
	"errors"
	"fmt"

	"github.com/certledger/certledger/eventstore/proof"
)

// ErrForeign says that the published checkpoint is not one of this log's key.
var ErrForeign = errors.New("the published checkpoint is not signed by this ledger's key")

// RolledBackError says that a checkpoint was published which covers entries that
// are no longer there. An older copy was restored, or the end was lost.
type RolledBackError struct {
	Published uint64 // entries that the checkpoint covers
	Head      uint64 // the last one that there is
}

func (e *RolledBackError) Error() string {
	missing := fmt.Sprintf("entries %d to %d are missing", e.Head+1, e.Published)
	if e.Published == e.Head+1 {
		missing = fmt.Sprintf("entry %d is missing", e.Published)
	}
	return fmt.Sprintf("the last published checkpoint covers %d entries and the ledger ends with entry %d: %s. "+
		"Restore them from a newer backup or an export; until then nothing is signed or written", e.Published, e.Head, missing)
}

// AlteredError says that entries are not those that a published checkpoint covers.
type AlteredError struct {
	Published uint64 // entries that the checkpoint covers
	Sequence  uint64 // the first entry that differs; 0 where that cannot be told any more
}

func (e *AlteredError) Error() string {
	which := fmt.Sprintf("entry %d is not the one that was there; later ones may not be either", e.Sequence)
	if e.Sequence == 0 {
		which = "which of them was altered cannot be told any more, because the leaves kept with the checkpoint are damaged too"
	}
	return fmt.Sprintf("the ledger is not the one of which a checkpoint over %d entries was published: %s. "+
		"Restore the entries from a backup or an export; until then nothing is signed or written", e.Published, which)
}

// Check compares the tree, which must hold everything that the ledger does,
// with the last published checkpoint. A *RolledBackError or an *AlteredError
// stops the Publisher for good.
func (p *Publisher) Check(ctx context.Context) error {
	select {
	case p.publishing <- struct{}{}:
		defer func() { <-p.publishing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return p.cfg.Tree(ctx, func(t Tree) error {
		err := p.compare(t)
		var rolledBack *RolledBackError
		var altered *AlteredError
		if errors.As(err, &rolledBack) || errors.As(err, &altered) {
			p.Stop(err)
		}
		return err
	})
}

func (p *Publisher) compare(t Tree) error {
	last := p.Latest()
	if last.Size == 0 {
		return p.compareKept(t)
	}
	if t.Size < last.Size {
		if altered, err := p.firstAltered(t, last); err != nil {
			return err
		} else if altered.Sequence > 0 && altered.Sequence <= t.Size {
			return altered
		}
		return &RolledBackError{Published: last.Size, Head: t.Size}
	}
	root, err := proof.RootOf(t.Hashes, last.Size)
	if err != nil {
		return err
	}
	if root == last.Root {
		return p.completeLeaves(t, last)
	}
	altered, err := p.firstAltered(t, last)
	if err != nil {
		return err
	}
	return altered
}

// compareKept compares the tree with leaves beside which there is no checkpoint:
// it was taken away, or the first one was not finished.
func (p *Publisher) compareKept(t Tree) error {
	kept, err := p.place.leavesKept()
	if err != nil || kept == 0 {
		return err
	}
	if t.Size < kept {
		return &RolledBackError{Published: kept, Head: t.Size}
	}
	first, err := p.firstDifferent(t, kept, func(proof.Hash) {})
	if err == nil && first > 0 {
		err = &AlteredError{Published: kept, Sequence: first}
	}
	return err
}

// completeLeaves makes the leaves anew where they were lost: the root says that
// the tree's are the ones.
func (p *Publisher) completeLeaves(t Tree, last Published) error {
	kept, err := p.place.leavesKept()
	if err != nil || kept >= last.Size {
		return err
	}
	return p.keepLeaves(Tree{Size: last.Size, Hashes: t.Hashes}, kept)
}

// firstAltered finds the first entry whose leaf is not the one kept with the
// last published checkpoint.
func (p *Publisher) firstAltered(t Tree, last Published) (*AlteredError, error) {
	out := &AlteredError{Published: last.Size}
	kept, err := p.place.leavesKept()
	if err != nil || kept < last.Size {
		return out, err
	}
	whole := &proof.Tree{} // of the leaves kept
	first, err := p.firstDifferent(t, last.Size, whole.Append)
	if err != nil {
		return nil, err
	}
	root, err := whole.Root(last.Size)
	if err != nil {
		return nil, err
	}
	if root == last.Root {
		out.Sequence = first
	}
	return out, nil
}

// firstDifferent finds the first entry among so many whose leaf is not the one
// kept, 0 for none, and hands over every leaf kept.
func (p *Publisher) firstDifferent(t Tree, size uint64, each func(proof.Hash)) (first uint64, err error) {
	for from := uint64(0); from < size; {
		was := make([]proof.Hash, min(leavesAtOnce, size-from))
		if err := p.place.readLeaves(from, was); err != nil {
			return 0, err
		}
		for _, h := range was {
			each(h)
		}
		if n := min(uint64(len(was)), max(t.Size, from)-from); first == 0 && n > 0 {
			is, err := leavesOf(t, from, n)
			if err != nil {
				return 0, err
			}
			for i := range is {
				if is[i] != was[i] {
					first = from + uint64(i) + 1
					break
				}
			}
		}
		from += uint64(len(was))
	}
	return first, nil
}
