package proof

import (
	"golang.org/x/mod/sumdb/tlog"
)

// SizeMax is the largest tree that is worked with here, in leaves: what tiles of
// the levels 0 to TileLevelMax can hold. The library below would not return for
// sizes above 2^62.
const SizeMax = 1<<48 - 1

// Tree is a tree in memory, for a verifier who has all leaves: 64 bytes a leaf.
// The zero value is an empty tree. It is not for use by several goroutines while
// one of them appends.
type Tree struct {
	size   int64
	hashes []Hash // by stored hash index
}

var _ tlog.HashReader = (*Tree)(nil)

// Append adds the hash of the next leaf.
func (t *Tree) Append(leaf Hash) {
	if t.size >= SizeMax {
		panic("proof: a tree in memory has outgrown every ledger")
	}
	more, err := tlog.StoredHashesForRecordHash(t.size, leaf, t)
	if err != nil {
		panic("proof: a tree lacks its own hashes: " + err.Error())
	}
	t.hashes = append(t.hashes, more...)
	t.size++
}

// Size is the number of leaves.
func (t *Tree) Size() uint64 { return uint64(t.size) }

// Root is the root of the first size leaves. It wraps ErrRange where there are
// fewer.
func (t *Tree) Root(size uint64) (Hash, error) {
	if size > t.Size() {
		return Hash{}, fault(ErrRange, "tree", "it has %d leaves and not %d", t.size, size)
	}
	return RootOf(t, size)
}

// ReadHashes gives stored hashes to the functions of tlog.
func (t *Tree) ReadHashes(indexes []int64) ([]Hash, error) {
	hashes := make([]Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(t.hashes)) {
			return nil, fault(ErrRange, "tree", "a hash beyond its %d leaves was asked for", t.size)
		}
		hashes[i] = t.hashes[index]
	}
	return hashes, nil
}

// RootOf is the root of the first size leaves of the tree behind r. An empty
// tree has the root that RFC 6962 gives it, the SHA-256 of nothing.
func RootOf(r tlog.HashReader, size uint64) (Hash, error) {
	if err := checkSize("tree", size); err != nil {
		return Hash{}, err
	}
	return tlog.TreeHash(int64(size), r)
}

// checkSize refuses sizes on which tlog would panic or not return.
func checkSize(part string, size uint64) error {
	if size > SizeMax {
		return fault(ErrRange, part, "a tree has at most %d leaves here", uint64(SizeMax))
	}
	return nil
}
