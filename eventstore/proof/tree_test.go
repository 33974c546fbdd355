package proof

import (
	"crypto/sha256"
	"math"
	"math/bits"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// rootByTheBook is MTH of RFC 6962, section 2.1, as it is written there.
func rootByTheBook(leaves []Hash) Hash {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	}
	k := 1 << (bits.Len(uint(len(leaves)-1)) - 1)
	left, right := rootByTheBook(leaves[:k]), rootByTheBook(leaves[k:])
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

// aTree draws leaves and the tree over them.
func aTree(t *rapid.T, sizeMin int) ([]Hash, *Tree) {
	n := rapid.IntRange(sizeMin, 600).Draw(t, "size")
	salt := rapid.Uint64().Draw(t, "salt")
	leaves, tree := make([]Hash, n), &Tree{}
	for i := range leaves {
		leaves[i] = LeafHash(uint64(i+1), testPayload(salt+uint64(i)))
		tree.Append(leaves[i])
	}
	return leaves, tree
}

func TestRootsAreThoseOfTheBook(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		leaves, tree := aTree(t, 0)
		require.Equal(t, uint64(len(leaves)), tree.Size())
		size := rapid.IntRange(0, len(leaves)).Draw(t, "at")
		root, err := tree.Root(uint64(size))
		require.NoError(t, err)
		require.Equal(t, rootByTheBook(leaves[:size]), root)
		same, err := RootOf(tree, uint64(size))
		require.NoError(t, err)
		require.Equal(t, root, same)
	})
}

func TestTheEmptyTreeHasARoot(t *testing.T) {
	root, err := new(Tree).Root(0)
	require.NoError(t, err)
	require.Equal(t, Hash(sha256.Sum256(nil)), root)
}

func TestATreeRefusesWhatItDoesNotHave(t *testing.T) {
	tree := testTree(5)
	_, err := tree.Root(6)
	require.ErrorIs(t, err, ErrRange)
	_, err = RootOf(tree, 6)
	require.ErrorIs(t, err, ErrRange)
	for _, index := range []int64{-1, tlog.StoredHashCount(5), math.MaxInt64, math.MinInt64} {
		_, err := tree.ReadHashes([]int64{0, index})
		require.ErrorIs(t, err, ErrRange)
	}
}

// hugeSizes are those on which the library would panic or never return.
var hugeSizes = []uint64{SizeMax + 1, 1 << 62, 1<<62 + 1, 1 << 63, math.MaxUint64}

func TestHugeSizesAreRefusedEverywhere(t *testing.T) {
	tree, leaf := testTree(5), testLeaf(3)
	signer, vkey := logSigner(t, 1, testOrigin)
	policy, err := NewPolicy(Trust{LogKeys: []string{vkey}})
	require.NoError(t, err)
	for _, size := range hugeSizes {
		huge := Checkpoint{Origin: testOrigin, Size: size, Root: LeafHash(1, testPayload(1))}
		small := testCheckpoint(t, tree, 5)
		signed := signAnyText(t, huge.text(), signer)
		for name, err := range map[string]error{
			"RootOf":            second(RootOf(tree, size)),
			"Root":              second(tree.Root(size)),
			"Sign":              second(Sign(huge, signer)),
			"Open":              second(policy.Open(signed)),
			"FormatInclusion":   second(FormatInclusion(tree, 3, signed)),
			"Verify":            Inclusion{Index: 2}.Verify(leaf, huge),
			"Verify the leaf":   Inclusion{Index: size - 1}.Verify(Leaf(size, testPayload(3)), small),
			"sequence":          second(FormatInclusion(tree, size, signAnyText(t, small.text(), signer))),
			"Consistency":       second(Consistency(tree, 3, size)),
			"VerifyConsistency": VerifyConsistency(small, huge, nil),
			"older":             VerifyConsistency(huge, huge, nil),
			"SignHeads":         second(SignHeads(Heads{Checkpoint: huge}, signer)),
			"OpenHeads":         second(policy.OpenHeads(signAnyText(t, Heads{Checkpoint: huge}.text(), signer))),
			"NewTiles":          second(NewTiles(0, size)),
			"In":                Tile{Width: 1}.In(size),
			"place":             Tile{Width: 1, N: size}.In(SizeMax),
			"Read":              second(Tile{Width: 1}.Read(tree, size)),
			"AddCheckpoint":     second(AddCheckpoint(0, nil, signed)),
			"old":               second(AddCheckpoint(size, nil, signAnyText(t, small.text(), signer))),
		} {
			require.Error(t, err, "%s at %d", name, size)
			requireFault(t, err, nil)
		}
	}
}

func second[T any](_ T, err error) error { return err }
