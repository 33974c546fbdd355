package checkpoints

import (
	"errors"

	"github.com/certledger/certledger/eventstore/proof"
)

// differentMax bounds the entries that an Inspection names of one kind.
const differentMax = 100

// Inspection is what a place of published checkpoints holds, compared with a
// tree. Entries are named in order, the first hundred of each kind.
type Inspection struct {
	Published uint64     // entries that the last checkpoint covers; 0 where there is none
	Root      proof.Hash // that it signs
	Unsigned  uint64     // where there is none, leaves that are kept all the same

	// Fault says that the tree is not the one that was signed: a *RolledBackError
	// or an *AlteredError. Nil where it is.
	Fault   error
	Altered []uint64 // entries that are not those that were signed, where that can be told

	Damaged []uint64 // entries whose leaf is kept damaged; the tree's is the one that was signed
	Lost    uint64   // the first entry whose leaf should be kept and is not; 0 for none
}

// firstSpoilt is the first entry whose leaf is kept damaged, or not kept, 0 for none.
func (i Inspection) firstSpoilt() uint64 {
	if len(i.Damaged) > 0 {
		return i.Damaged[0]
	}
	return i.Lost
}

// Inspect compares a place with a tree that holds all of the ledger, and changes
// nothing. It is ErrNoPlace, ErrInUse where a Publisher has it open, and
// ErrForeign where its checkpoint is not signed by the keys.
func Inspect(dir string, keys Keys, t Tree) (found Inspection, err error) {
	p, err := openPlaceToRead(dir)
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	last, err := lastOf(p, keys)
	if err != nil {
		return found, err
	}
	return inspect(p, last, t)
}

func inspect(p *place, last Published, t Tree) (found Inspection, err error) {
	kept, err := p.leavesKept()
	if err != nil {
		return found, err
	}
	if last.Size == 0 {
		return inspectUnsigned(p, kept, t)
	}
	found.Published, found.Root = last.Size, last.Root
	if kept < last.Size {
		found.Lost = kept + 1
	}
	same, err := comesTo(t, last)
	if err != nil {
		return found, err
	}
	if same {
		found.Damaged, err = different(p, t, min(kept, last.Size), nil)
		return found, err
	}
	whole := &proof.Tree{} // of the leaves kept
	found.Altered, err = different(p, t, min(kept, last.Size), whole)
	if err != nil {
		return found, err
	}
	if root, err := whole.Root(whole.Size()); err != nil || whole.Size() < last.Size || root != last.Root {
		found.Altered = nil // they tell nothing
	}
	found.Fault = faultOf(last.Size, t.Size, found.Altered)
	return found, nil
}

// inspectUnsigned compares the tree with leaves beside which there is no
// checkpoint: it was taken away, or the first one was not finished.
func inspectUnsigned(p *place, kept uint64, t Tree) (found Inspection, err error) {
	found.Unsigned = kept
	if found.Altered, err = different(p, t, kept, nil); err != nil {
		return found, err
	}
	if t.Size < kept || len(found.Altered) > 0 {
		found.Fault = faultOf(kept, t.Size, found.Altered)
	}
	return found, nil
}

// faultOf says what is wrong with a tree that is not the one signed over so many
// entries. An altered entry is more than a lost end.
func faultOf(signed, size uint64, altered []uint64) error {
	switch {
	case len(altered) > 0:
		return &AlteredError{Published: signed, Sequence: altered[0]}
	case size < signed:
		return &RolledBackError{Published: signed, Head: size}
	}
	return &AlteredError{Published: signed}
}

// comesTo reports whether the tree begins with what was signed.
func comesTo(t Tree, last Published) (bool, error) {
	if t.Size < last.Size {
		return false, nil
	}
	root, err := proof.RootOf(t.Hashes, last.Size)
	return root == last.Root, err
}

// different are the entries, among so many and as far as the tree goes, whose
// leaf is not the one kept. All leaves kept are added to whole, which may be nil.
func different(p *place, t Tree, size uint64, whole *proof.Tree) (out []uint64, err error) {
	for from := uint64(0); from < size; from += leavesAtOnce {
		was := make([]proof.Hash, min(leavesAtOnce, size-from))
		if err := p.readLeaves(from, was); err != nil {
			return nil, err
		}
		for _, h := range was {
			if whole != nil {
				whole.Append(h)
			}
		}
		is, err := leavesOf(t, from, min(uint64(len(was)), max(t.Size, from)-from))
		if err != nil {
			return nil, err
		}
		for i := range is {
			if is[i] != was[i] && len(out) < differentMax {
				out = append(out, from+uint64(i)+1)
			}
		}
	}
	return out, nil
}
