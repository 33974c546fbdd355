package checkpoints

import (
	"context"
	"errors"
	"fmt"
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

// compare inspects the place, and makes leaves anew where they were lost or are
// damaged: the root that was signed says that the tree's are the ones.
func (p *Publisher) compare(t Tree) error {
	last := p.Latest()
	found, err := inspect(p.place, last, t)
	if err != nil {
		return err
	}
	if found.Fault != nil {
		return found.Fault
	}
	first := found.firstSpoilt()
	if first == 0 {
		return nil
	}
	p.cfg.Logger.Warn("leaves kept beside the last checkpoint were lost or damaged, and are made anew", "first", first)
	return p.keepLeaves(Tree{Size: last.Size, Hashes: t.Hashes}, first-1)
}
