package proof

import (
	"bytes"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	// HashesMax is the most hashes of any proof. A tree that needed more could
	// not be counted.
	HashesMax = 63

	hashLine        = 45 // bytes of a hash in base64 and a newline
	consistencyPart = "consistency proof"
)

// Consistency proves that the tree of size from is where the tree of size to
// begins. From an empty tree, and from a tree to itself, there is nothing to
// prove.
func Consistency(r tlog.HashReader, from, to uint64) ([]Hash, error) {
	if err := checkSize(consistencyPart, to); err != nil {
		return nil, err
	}
	if from > to {
		return nil, fault(ErrRange, consistencyPart, "it leads from a smaller tree to a larger one, and not from %d to %d", from, to)
	}
	if from == 0 || from == to {
		return []Hash{}, nil
	}
	return tlog.ProveTree(int64(to), int64(from), r)
}

// VerifyConsistency holds a later checkpoint against an earlier one: ErrRolledBack
// where it is smaller, ErrForked where two trees of one size differ, ErrProof
// where the hashes do not lead from old to new.
func VerifyConsistency(older, newer Checkpoint, hashes []Hash) error {
	for _, c := range []Checkpoint{older, newer} {
		if err := c.check(); err != nil {
			return err
		}
	}
	switch {
	case older.Origin != newer.Origin:
		return fault(ErrForeign, consistencyPart, "the two checkpoints are of different logs")
	case older.Size > newer.Size:
		return fault(ErrRolledBack, consistencyPart, "the tree had %d leaves and now has %d", older.Size, newer.Size)
	case older.Size == newer.Size && older.Root != newer.Root:
		return fault(ErrForked, consistencyPart, "two checkpoints of size %d have different roots", older.Size)
	case older.Size == newer.Size || older.Size == 0:
		if len(hashes) > 0 {
			return fault(ErrProof, consistencyPart, "it has hashes where there is nothing to prove")
		}
		return nil
	}
	if err := tlog.CheckTree(hashes, int64(newer.Size), newer.Root, int64(older.Size), older.Root); err != nil {
		return fault(ErrProof, consistencyPart, "the tree of size %d is not shown to begin with that of size %d", newer.Size, older.Size)
	}
	return nil
}

// FormatHashes writes the hashes of a proof, each in a line in base64.
func FormatHashes(hashes []Hash) []byte {
	text := make([]byte, 0, len(hashes)*hashLine)
	for _, h := range hashes {
		text = append(append(text, h.String()...), '\n')
	}
	return text
}

// ParseHashes reads what FormatHashes wrote, and nothing else.
func ParseHashes(text []byte) ([]Hash, error) {
	if len(text) > HashesMax*hashLine || len(text)%hashLine != 0 {
		return nil, fault(ErrForm, consistencyPart, "it is not at most %d lines of one hash in base64 each", HashesMax)
	}
	hashes := []Hash{}
	for line := range strings.Lines(string(text)) {
		h, err := tlog.ParseHash(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, fault(ErrForm, consistencyPart, "line %d is not a hash in base64", len(hashes)+1)
		}
		hashes = append(hashes, h)
	}
	if !bytes.Equal(FormatHashes(hashes), text) {
		return nil, fault(ErrForm, consistencyPart, "a hash is not written as it should be")
	}
	return hashes, nil
}
