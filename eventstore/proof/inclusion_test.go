package proof

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

func TestEveryLeafIsProvenAndNoOther(t *testing.T) {
	signer, vkey := logSigner(t, 1, testOrigin)
	policy, err := NewPolicy(Trust{LogKeys: []string{vkey}})
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		tree := testTree(rapid.Uint64Range(1, 400).Draw(t, "tree"))
		c := testCheckpoint(t, tree, rapid.Uint64Range(1, tree.Size()).Draw(t, "checkpoint"))
		signed, err := Sign(c, signer)
		require.NoError(t, err)
		sequence := rapid.Uint64Range(1, c.Size).Draw(t, "sequence")
		text, err := FormatInclusion(tree, sequence, signed)
		require.NoError(t, err)

		opened, err := policy.VerifyInclusion(text, testLeaf(sequence))
		require.NoError(t, err)
		require.Equal(t, c, opened.Checkpoint)

		i, err := ParseInclusion(text)
		require.NoError(t, err)
		require.Equal(t, sequence-1, i.Index)
		require.Equal(t, string(signed), string(i.Checkpoint))
		want, err := tlog.ProveRecord(int64(c.Size), int64(i.Index), tree)
		require.NoError(t, err)
		require.Equal(t, []Hash(want), append([]Hash{}, i.Hashes...))

		other := rapid.Uint64Range(1, 500).Draw(t, "other")
		if other != sequence {
			require.Error(t, i.Verify(testLeaf(other), c))
			require.ErrorIs(t, i.Verify(Leaf(sequence, testPayload(other)), c), ErrProof, "another payload")
			moved := i
			moved.Index = other - 1
			require.ErrorIs(t, moved.Verify(testLeaf(sequence), c), ErrProof, "another place")
		}
	})
}

func TestFormatInclusionRefuses(t *testing.T) {
	r := newRotation(t, 9)
	signed := r.checkpoint(t, 7)
	for _, sequence := range []uint64{0, 8, 9, 10, math.MaxUint64} {
		_, err := FormatInclusion(r.tree, sequence, signed)
		require.ErrorIs(t, err, ErrRange, "%d", sequence)
	}
	_, err := FormatInclusion(testTree(6), 3, signed)
	require.ErrorIs(t, err, ErrRange, "the tree is too small")
	other := testTree(6)
	other.Append(LeafHash(7, testPayload(70)))
	_, err = FormatInclusion(other, 3, signed)
	require.ErrorIs(t, err, ErrProof, "the tree is another")
	_, err = FormatInclusion(other, 7, signed)
	require.ErrorIs(t, err, ErrProof)
	_, err = FormatInclusion(r.tree, 3, nil)
	require.ErrorIs(t, err, ErrForm)
	_, err = FormatInclusion(r.tree, 3, []byte("x\n\n"))
	require.ErrorIs(t, err, ErrForm)
	for _, broken := range []tlog.HashReaderFunc{
		func([]int64) ([]Hash, error) { return nil, errNoToken },
		func(indexes []int64) ([]Hash, error) { // of one only, which is the leaf
			if len(indexes) == 1 {
				return nil, errNoToken
			}
			return r.tree.ReadHashes(indexes)
		},
	} {
		_, err = FormatInclusion(broken, 3, signed)
		require.ErrorIs(t, err, errNoToken)
	}
	short := tlog.HashReaderFunc(func(indexes []int64) ([]Hash, error) {
		if len(indexes) == 1 {
			return nil, nil
		}
		return r.tree.ReadHashes(indexes)
	})
	_, err = FormatInclusion(short, 3, signed)
	require.ErrorIs(t, err, ErrProof)
}

func TestParseInclusionRefuses(t *testing.T) {
	r := newRotation(t, 7)
	good, err := FormatInclusion(r.tree, 3, r.checkpoint(t, 7))
	require.NoError(t, err)
	text := string(good)
	first := strings.Split(text, "\n")[2]
	for name, c := range map[string]struct {
		text string
		kind error
	}{
		"another version":          {strings.Replace(text, "@v1", "@v2", 1), ErrUnknownForm},
		"no version":               {strings.Replace(text, "@v1", "@", 1), ErrUnknownForm},
		"a longer version":         {strings.Replace(text, "@v1", "@v10", 1), ErrUnknownForm},
		"nothing":                  {"", ErrForm},
		"an extra line":            {strings.Replace(text, "index", "extra AAAA\nindex", 1), ErrForm},
		"an extra line of nothing": {strings.Replace(text, "index", "extra \nindex", 1), ErrForm},
		"an index with a zero":     {strings.Replace(text, "index 2", "index 02", 1), ErrForm},
		"an index with a sign":     {strings.Replace(text, "index 2", "index +2", 1), ErrForm},
		"a negative index":         {strings.Replace(text, "index 2", "index -2", 1), ErrForm},
		"a huge index":             {strings.Replace(text, "index 2", "index 18446744073709551616", 1), ErrForm},
		"carriage returns":         {strings.ReplaceAll(text, "\n", "\r\n"), ErrUnknownForm},
		"one carriage return":      {strings.Replace(text, "index 2\n", "index 2\r\n", 1), ErrForm},
		"a short hash":             {strings.Replace(text, first, "AAAA", 1), ErrForm},
		"hashes without end":       {strings.Replace(text, first, strings.Repeat(first+"\n", HashesMax)+first, 1), ErrForm},
		"too long":                 {text + strings.Repeat("x", InclusionMax), ErrForm},
		"a line too long":          {strings.Replace(text, first, strings.Repeat("A", 65<<10), 1), ErrForm},
	} {
		_, err := ParseInclusion([]byte(c.text))
		require.ErrorIs(t, err, c.kind, name)
	}
}

func TestAProofNeedsItsOwnCheckpoint(t *testing.T) {
	r := newRotation(t, 12)
	proof, err := FormatInclusion(r.tree, 3, r.checkpoint(t, 7))
	require.NoError(t, err)
	i, err := ParseInclusion(proof)
	require.NoError(t, err)
	require.NoError(t, i.Verify(testLeaf(3), testCheckpoint(t, r.tree, 7)))
	require.ErrorIs(t, i.Verify(testLeaf(3), testCheckpoint(t, r.tree, 12)), ErrProof)
	require.ErrorIs(t, i.Verify(testLeaf(3), testCheckpoint(t, r.tree, 2)), ErrRange)
	require.ErrorIs(t, i.Verify(testLeaf(3), Checkpoint{}), ErrForm)
	require.ErrorIs(t, i.Verify([]byte("{}"), testCheckpoint(t, r.tree, 7)), ErrLeaf)

	_, stranger := logSigner(t, 9, testOrigin)
	p, err := NewPolicy(Trust{LogKeys: []string{stranger}})
	require.NoError(t, err)
	_, err = p.VerifyInclusion(proof, testLeaf(3))
	require.ErrorIs(t, err, ErrSignature)
	_, other := logSigner(t, 1, "other.example")
	p, err = NewPolicy(Trust{LogKeys: []string{other}})
	require.NoError(t, err)
	_, err = p.VerifyInclusion(proof, testLeaf(3))
	require.ErrorIs(t, err, ErrForeign)
}

// All proofs of one tree in turn, so that no place of a small tree is missed.
func TestEveryProofOfSmallTrees(t *testing.T) {
	tree := testTree(40)
	for size := uint64(1); size <= tree.Size(); size++ {
		c := testCheckpoint(t, tree, size)
		signed := fmt.Appendf(nil, "%s\n— x AAAAAAAA\n", c.text())
		for sequence := uint64(1); sequence <= size; sequence++ {
			text, err := FormatInclusion(tree, sequence, signed)
			require.NoError(t, err)
			i, err := ParseInclusion(text)
			require.NoError(t, err)
			for s := uint64(1); s <= size+1; s++ {
				require.Equal(t, s == sequence, i.Verify(testLeaf(s), c) == nil)
			}
		}
	}
}
