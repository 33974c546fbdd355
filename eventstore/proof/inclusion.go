package proof

import (
	"bytes"
	"strings"

	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	// InclusionMax is the longest .tlog-proof, in bytes.
	InclusionMax = CheckpointMax + HashesMax*hashLine + inclusionHeadMax

	inclusionHeadMax = 100 // bytes of its first two lines and the empty one
	inclusionPart    = "inclusion proof"
	inclusionBegin   = "c2sp.org/tlog-proof@" // any version
	inclusionV1      = inclusionBegin + "v1\n"
)

// Inclusion is a .tlog-proof, C2SP tlog-proof without extra data: the way from a
// leaf to the root of a checkpoint, and the checkpoint as it was signed. Nothing
// in it has been verified.
type Inclusion struct {
	Index      uint64 // of the leaf, from 0
	Hashes     []Hash
	Checkpoint []byte
}

// FormatInclusion proves that the entry with that sequence is in the tree of a
// signed checkpoint, which r must hold. Signatures are not looked at. It wraps
// ErrRange if the checkpoint does not cover the entry, and ErrProof if r is
// another tree.
func FormatInclusion(r tlog.HashReader, sequence uint64, checkpoint []byte) ([]byte, error) {
	text, err := textOf(checkpoint, checkpointPart)
	if err != nil {
		return nil, err
	}
	c, err := parseCheckpoint(text)
	if err != nil {
		return nil, err
	}
	if sequence == 0 || sequence > c.Size {
		return nil, fault(ErrRange, inclusionPart, "the checkpoint covers the sequences 1 to %d", c.Size)
	}
	index := LeafIndex(sequence)
	hashes, err := tlog.ProveRecord(int64(c.Size), index, r)
	if err != nil {
		return nil, err
	}
	leaf, err := r.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
	if err != nil {
		return nil, err
	}
	if len(leaf) != 1 || tlog.CheckRecord(hashes, int64(c.Size), c.Root, index, leaf[0]) != nil {
		return nil, fault(ErrProof, inclusionPart, "the tree does not have the checkpoint's root")
	}
	return Inclusion{Index: uint64(index), Hashes: hashes, Checkpoint: checkpoint}.text(), nil
}

// ParseInclusion reads what FormatInclusion wrote, and nothing else.
func ParseInclusion(text []byte) (Inclusion, error) {
	if len(text) > InclusionMax {
		return Inclusion{}, fault(ErrForm, inclusionPart, "it is longer than %d bytes", InclusionMax)
	}
	if s := string(text); strings.HasPrefix(s, inclusionBegin) && !strings.HasPrefix(s, inclusionV1) {
		return Inclusion{}, fault(ErrUnknownForm, inclusionPart, "its first line names another version than 1")
	}
	var parsed proof.TLogProof
	if err := parsed.Unmarshal(text); err != nil {
		return Inclusion{}, fault(ErrForm, inclusionPart, "it does not read as one")
	}
	if parsed.ExtraData != nil {
		return Inclusion{}, fault(ErrForm, inclusionPart, "it has an extra line, which nobody has signed")
	}
	if len(parsed.Hashes) > HashesMax {
		return Inclusion{}, fault(ErrForm, inclusionPart, "it has more than %d hashes", HashesMax)
	}
	i := Inclusion{Index: parsed.Index, Checkpoint: parsed.Checkpoint}
	for _, h := range parsed.Hashes {
		i.Hashes = append(i.Hashes, h)
	}
	if !bytes.Equal(i.text(), text) {
		return Inclusion{}, fault(ErrForm, inclusionPart, "it is not written as it should be")
	}
	return i, nil
}

func (i Inclusion) text() []byte {
	p := proof.TLogProof{Index: i.Index, Checkpoint: i.Checkpoint}
	for _, h := range i.Hashes {
		p.Hashes = append(p.Hashes, h)
	}
	return p.Marshal()
}

// Verify checks that a leaf is in the tree of a checkpoint at the place of its
// sequence. The checkpoint is one that was opened: the proof's own, or one known
// to be equal to it.
func (i Inclusion) Verify(leaf []byte, in Checkpoint) error {
	sequence, _, err := ParseLeaf(leaf)
	if err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	if sequence > in.Size {
		return fault(ErrRange, inclusionPart, "the leaf's sequence is beyond the checkpoint's %d", in.Size)
	}
	index := LeafIndex(sequence)
	if i.Index != uint64(index) {
		return fault(ErrProof, inclusionPart, "it is about another place than the leaf's sequence")
	}
	if err := tlog.CheckRecord(i.Hashes, int64(in.Size), in.Root, index, tlog.RecordHash(leaf)); err != nil {
		return fault(ErrProof, inclusionPart, "the leaf does not lead to the checkpoint's root")
	}
	return nil
}

// VerifyInclusion checks a .tlog-proof and the leaf that it is about, and answers
// with its checkpoint. For many proofs of one checkpoint, open that once and use
// ParseInclusion and Verify.
func (p *Policy) VerifyInclusion(text, leaf []byte) (Opened, error) {
	i, err := ParseInclusion(text)
	if err != nil {
		return Opened{}, err
	}
	o, err := p.Open(i.Checkpoint)
	if err != nil {
		return Opened{}, err
	}
	if err := i.Verify(leaf, o.Checkpoint); err != nil {
		return Opened{}, err
	}
	return o, nil
}
