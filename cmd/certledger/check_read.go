package main

import (
	"context"
	"crypto/sha256"
	"errors"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore"
	"github.com/certledger/certledger/eventstore/checkpoints"
	"github.com/certledger/certledger/eventstore/proof"
	"golang.org/x/mod/sumdb/tlog"
)

// readAll reads every entry.
func (c *checker) readAll(ctx context.Context) error {
	head, err := c.log.Head(ctx)
	if err != nil {
		return err
	}
	step, finish := c.progress("entries read")
	defer finish()
	leaves := &leafReader{}
	if c.store != nil {
		leaves.from, leaves.until = c.store.Hashes(), c.known
	}
	err = c.log.Read(ctx, 0, head, func(e eventstore.Stored) error {
		c.entry(e, leaves)
		if step != nil && e.Sequence%1000 == 0 {
			step(e.Sequence, head)
		}
		return nil
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		c.cut = true
		c.found(partLedger, c.Entries+1, "%v; the entries after it were not looked at", err)
	case c.known > c.Entries:
		c.found(partLedger, c.Entries+1, "the projections hold entries up to %d, the ledger ends with %d: those after it are lost", c.known, c.Entries)
	case c.store != nil && c.known < c.Entries:
		c.remark("the projections hold %d of the entries; the server reads on from there", c.known)
	}
	c.Subjects = len(c.heads)
	root, err := c.tree.Root(c.tree.Size())
	c.Root = root.String()
	return err
}

// entry checks one entry and adds its leaf.
func (c *checker) entry(e eventstore.Stored, leaves *leafReader) {
	c.Entries = e.Sequence
	leaf := proof.LeafHash(e.Sequence, sha256.Sum256(e.Payload))
	c.tree.Append(leaf)
	if was, ok := leaves.at(e.Sequence); ok && was != leaf && len(c.doubtful) < findingsMax {
		c.doubtful = append(c.doubtful, e.Sequence)
	}
	d, err := domain.Decode(e.Sequence, e.Payload)
	if err != nil {
		c.found(partLedger, e.Sequence, "%v", err)
		return
	}
	if string(d.Subject) != e.Subject {
		c.found(partLedger, e.Sequence, "it stands on another subject than it says")
		return
	}
	if c.readable == e.Sequence-1 {
		c.readable = e.Sequence
	}
	before := c.heads[d.Subject]
	if d.Version != before.Version+1 || d.Previous != before.Hash {
		c.found(partLedger, e.Sequence, "it does not follow on entry %d, the one before it of its subject", before.Sequence)
	}
	if d.Recorded.Before(c.recorded) {
		c.found(partLedger, e.Sequence, "it was recorded before the entry before it")
	}
	c.recorded = d.Recorded
	c.heads[d.Subject] = domain.Head{Version: d.Version, Sequence: d.Sequence, Hash: d.Hash}
}

// leafReader reads leaves that were kept, some at a time.
type leafReader struct {
	from   tlog.HashReader
	until  uint64
	begin  uint64
	hashes []proof.Hash
}

const leavesAtOnce = 1024

// at is the leaf kept of an entry, false where there is none that can be read.
func (l *leafReader) at(sequence uint64) (proof.Hash, bool) {
	if sequence > l.until {
		return proof.Hash{}, false
	}
	if sequence >= l.begin+uint64(len(l.hashes)) || sequence < l.begin {
		hashes, err := l.read(sequence, min(leavesAtOnce, l.until-sequence+1))
		if err != nil { // one of them; the others are read by themselves
			if hashes, err = l.read(sequence, 1); err != nil {
				return proof.Hash{}, false
			}
		}
		l.begin, l.hashes = sequence, hashes
	}
	return l.hashes[sequence-l.begin], true
}

func (l *leafReader) read(sequence, count uint64) ([]proof.Hash, error) {
	indexes := make([]int64, count)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, proof.LeafIndex(sequence)+int64(i))
	}
	return l.from.ReadHashes(indexes)
}

// inspect compares the tree with the last signed checkpoint, and with the leaves
// that are kept beside it.
func (c *checker) inspect() (err error) {
	keys, err := checkpoints.LoadKeys(c.at.keys())
	if err != nil {
		c.found(partCheckpoint, 0, "what was signed cannot be verified: %v", err)
		return nil
	}
	c.inspected, err = checkpoints.Inspect(c.published, keys, checkpoints.Tree{Size: c.tree.Size(), Hashes: c.tree})
	switch {
	case errors.Is(err, checkpoints.ErrNoPlace):
		c.found(partCheckpoint, 0, "there is no place of signed checkpoints in %s; if it was moved, name it with --published", c.published)
		return nil
	case errors.Is(err, checkpoints.ErrInUse):
		return err
	case err != nil:
		c.found(partCheckpoint, 0, "%v", err)
		return nil
	}
	i := c.inspected
	c.Checkpoint = i.Published
	if i.Unsigned > 0 {
		c.remark("leaves of %d entries are kept without a checkpoint: it was taken away, or the first one was not finished", i.Unsigned)
	}
	for _, entry := range i.Damaged {
		c.found(partCheckpoint, entry, "its leaf, kept beside the checkpoint, is damaged, and the entry is the one that was signed; the server makes the leaf anew when it starts")
	}
	if i.Lost > 0 {
		c.found(partCheckpoint, i.Lost, "from here on, the leaves that are kept beside the checkpoint are lost; the server makes them anew when it starts")
	}
	c.accuse(i)
	return nil
}

// accuse names the entries that are not those that were signed.
func (c *checker) accuse(i checkpoints.Inspection) {
	var rolledBack *checkpoints.RolledBackError
	switch {
	case i.Fault == nil:
	case errors.As(i.Fault, &rolledBack):
		if !c.cut { // else it is not known how many there are
			c.found(partCheckpoint, rolledBack.Head+1, "%v", i.Fault)
		}
	case len(i.Altered) == 0:
		entry, fault := c.toldByProjections(i)
		c.found(partCheckpoint, entry, "%v", fault)
	default:
		c.found(partCheckpoint, i.Altered[0], "%v", i.Fault)
		for _, entry := range i.Altered[1:] {
			c.found(partCheckpoint, entry, "it is not the one that was signed either")
		}
	}
}

// toldByProjections finds the first altered entry where the leaves beside the
// checkpoint do not tell it: where the tree in the projections comes to what was
// signed, its leaves do.
func (c *checker) toldByProjections(i checkpoints.Inspection) (entry uint64, fault error) {
	if len(c.doubtful) == 0 || c.doubtful[0] > i.Published || c.known < i.Published {
		return 0, i.Fault
	}
	if root, err := c.store.Root(i.Published); err != nil || root != i.Root {
		return 0, i.Fault
	}
	entry = c.doubtful[0]
	return entry, &checkpoints.AlteredError{Published: i.Published, Sequence: entry}
}

// judge says of each entry that is not the one of the tree in the projections
// which of the two was altered. What was signed tells; after it, the copy of the
// entry does.
func (c *checker) judge() {
	for _, entry := range c.doubtful {
		signed := c.inspected.Fault == nil && entry <= c.inspected.Published
		switch {
		case signed || c.isCopied(entry):
			c.found(partProjections, entry, "the tree's hash of it is damaged there; the entry is as it was. %s", rebuildThem)
		case !c.accused(partCheckpoint, entry):
			c.found(partTree, entry, "it is not the entry that the projections were made from")
		}
	}
}

// isCopied reports whether the copy of an entry in the projections is the entry.
// One that cannot be read is not.
func (c *checker) isCopied(entry uint64) bool {
	copied, ok, err := c.store.Entry(entry)
	if err != nil || !ok {
		return false
	}
	leaf, err := c.tree.ReadHashes([]int64{tlog.StoredHashIndex(0, proof.LeafIndex(entry))})
	return err == nil && leaf[0] == proof.LeafHash(entry, sha256.Sum256(copied.Payload))
}
