package proof

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

func TestATreeThatGrewIsProven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, tree := aTree(t, 0)
		to := rapid.Uint64Range(0, tree.Size()).Draw(t, "to")
		from := rapid.Uint64Range(0, to).Draw(t, "from")
		older, newer := testCheckpoint(t, tree, from), testCheckpoint(t, tree, to)
		hashes, err := Consistency(tree, from, to)
		require.NoError(t, err)
		require.NoError(t, VerifyConsistency(older, newer, hashes))
		if 0 < from && from < to {
			want, err := tlog.ProveTree(int64(to), int64(from), tree)
			require.NoError(t, err)
			require.Equal(t, []Hash(want), hashes)
		} else {
			require.Empty(t, hashes)
		}
		again, err := ParseHashes(FormatHashes(hashes))
		require.NoError(t, err)
		require.Equal(t, hashes, again)

		require.Error(t, VerifyConsistency(older, newer, append(hashes, Hash{})), "a hash too many")
		if len(hashes) > 0 {
			require.ErrorIs(t, VerifyConsistency(older, newer, hashes[1:]), ErrProof)
			at := rapid.IntRange(0, len(hashes)-1).Draw(t, "changed")
			hashes[at][rapid.IntRange(0, 31).Draw(t, "byte")] ^= 1
			require.ErrorIs(t, VerifyConsistency(older, newer, hashes), ErrProof)
		}
	})
}

// Two ledgers that were one until somewhere: no proof joins them after that.
func TestAForkIsNeverProven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Uint64Range(2, 200).Draw(t, "size")
		until := rapid.Uint64Range(0, size-1).Draw(t, "until")
		tree, fork := testTree(until), testTree(until)
		for s := until + 1; s <= size; s++ {
			tree.Append(LeafHash(s, testPayload(s)))
			fork.Append(LeafHash(s, testPayload(s+1_000_000)))
		}
		from := rapid.Uint64Range(until+1, size).Draw(t, "from")
		older, newer := testCheckpoint(t, fork, from), testCheckpoint(t, tree, size)
		for _, r := range []*Tree{tree, fork} {
			hashes, err := Consistency(r, from, size)
			require.NoError(t, err)
			err = VerifyConsistency(older, newer, hashes)
			if from == size {
				require.ErrorIs(t, err, ErrForked)
			} else {
				require.ErrorIs(t, err, ErrProof)
			}
		}
	})
}

func TestVerifyConsistencyNamesWhatIsWrong(t *testing.T) {
	tree := testTree(9)
	five, nine := testCheckpoint(t, tree, 5), testCheckpoint(t, tree, 9)
	hashes, err := Consistency(tree, 5, 9)
	require.NoError(t, err)
	require.ErrorIs(t, VerifyConsistency(nine, five, hashes), ErrRolledBack)
	require.ErrorIs(t, VerifyConsistency(nine, testCheckpoint(t, tree, 0), nil), ErrRolledBack)
	other := nine
	other.Origin = "other.example"
	require.ErrorIs(t, VerifyConsistency(five, other, hashes), ErrForeign)
	require.ErrorIs(t, VerifyConsistency(testCheckpoint(t, tree, 0), nine, hashes), ErrProof)
	require.ErrorIs(t, VerifyConsistency(nine, nine, hashes), ErrProof)
	require.ErrorIs(t, VerifyConsistency(Checkpoint{}, nine, nil), ErrForm, "nobody's checkpoint")
	require.ErrorIs(t, VerifyConsistency(five, Checkpoint{Origin: testOrigin, Size: 9, Root: mustRoot(t, 0)}, hashes), ErrForm)

	_, err = Consistency(tree, 9, 5)
	require.ErrorIs(t, err, ErrRange)
	_, err = Consistency(tree, 5, 10)
	require.ErrorIs(t, err, ErrRange)
}

func TestParseHashesRefuses(t *testing.T) {
	hash := mustRoot(t, 3).String()
	require.Len(t, hash+"\n", hashLine)
	for name, text := range map[string]string{
		"no end":           hash,
		"an empty line":    "\n",
		"a blank between":  hash + "\n\n" + hash + "\n",
		"a space":          hash[:43] + " \n",
		"no hash":          strings.Repeat("*", 44) + "\n",
		"loose bits":       hash[:42] + nextBase64(hash[42]) + "=\n",
		"no padding":       hash[:43] + "A\n",
		"a line in it":     hash[:20] + "\n" + hash[21:] + "\n",
		"a return for end": hash + "\r",
		"too many":         strings.Repeat(hash+"\n", HashesMax+1),
	} {
		_, err := ParseHashes([]byte(text))
		require.ErrorIs(t, err, ErrForm, name)
	}
	most, err := ParseHashes([]byte(strings.Repeat(hash+"\n", HashesMax)))
	require.NoError(t, err)
	require.Len(t, most, HashesMax)
}
