package proof

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

func TestAddCheckpointIsWhatWitnessesRead(t *testing.T) {
	signer, vkey := logSigner(t, 1, testOrigin)
	verifier, err := note.NewVerifier(vkey)
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		_, tree := aTree(t, 1)
		old := rapid.Uint64Range(0, tree.Size()).Draw(t, "old")
		c := testCheckpoint(t, tree, tree.Size())
		signed, err := Sign(c, signer)
		require.NoError(t, err)
		hashes, err := Consistency(tree, old, tree.Size())
		require.NoError(t, err)
		body, err := AddCheckpoint(old, hashes, signed)
		require.NoError(t, err)

		head, checkpoint, ok := strings.Cut(string(body), "\n\n")
		require.True(t, ok)
		lines := strings.Split(head, "\n")
		require.Equal(t, "old "+strconv.FormatUint(old, 10), lines[0])
		n, err := note.Open([]byte(checkpoint), note.VerifierList(verifier))
		require.NoError(t, err)
		require.Equal(t, c.text(), n.Text)
		var proof tlog.TreeProof
		for _, line := range lines[1:] {
			h, err := tlog.ParseHash(line)
			require.NoError(t, err)
			proof = append(proof, h)
		}
		if old > 0 {
			root, err := tree.Root(old)
			require.NoError(t, err)
			require.NoError(t, tlog.CheckTree(proof, int64(c.Size), c.Root, int64(old), root))
		} else {
			require.Empty(t, proof)
		}
	})
}

func TestAddCheckpointRefuses(t *testing.T) {
	r := newRotation(t, 7)
	signed := r.checkpoint(t, 7)
	_, err := AddCheckpoint(8, nil, signed)
	require.ErrorIs(t, err, ErrRolledBack)
	_, err = AddCheckpoint(0, make([]Hash, 1), signed)
	require.ErrorIs(t, err, ErrProof)
	_, err = AddCheckpoint(7, make([]Hash, 1), signed)
	require.ErrorIs(t, err, ErrProof)
	_, err = AddCheckpoint(3, make([]Hash, HashesMax+1), signed)
	require.ErrorIs(t, err, ErrProof)
	_, err = AddCheckpoint(3, nil, []byte("no note"))
	require.ErrorIs(t, err, ErrForm)
	_, err = AddCheckpoint(3, nil, []byte("no\ncheckpoint\n\n— x AAAAAAAA\n"))
	require.ErrorIs(t, err, ErrForm)
}

func TestMergeTakesWhatHoldsAndLeavesTheRest(t *testing.T) {
	r := newRotation(t, 7)
	alone, err := Sign(testCheckpoint(t, r.tree, 7), r.signers...)
	require.NoError(t, err)
	north, south, stranger := r.witnesses[0].cosign(t, alone), r.witnesses[1].cosign(t, alone), newWitness(9, "stranger").cosign(t, alone)
	join := func(lines ...[]byte) []byte { return bytes.Join(lines, nil) }
	both := r.checkpoint(t, 7)

	for name, answer := range map[string][]byte{
		"both":               join(north, south),
		"the other way":      join(south, north),
		"a line twice":       join(north, south, south),
		"with a stranger":    join(stranger, north, stranger, south),
		"with the log's own": join(alone[bytes.Index(alone, []byte(textEnd))+2:], north, south),
	} {
		merged, err := r.policy.Merge(alone, answer)
		require.NoError(t, err, name)
		require.Equal(t, string(both), string(merged), name)
		again, err := r.policy.Merge(merged, answer)
		require.NoError(t, err, name)
		require.Equal(t, string(both), string(again), "nothing twice")
	}

	later := r.witnesses[0]
	later.at++
	merged, err := r.policy.Merge(both, later.cosign(t, alone))
	require.NoError(t, err)
	require.Equal(t, string(both), string(merged), "a witness counts once, by what it said first")
}

func TestMergeRefuses(t *testing.T) {
	r := newRotation(t, 7)
	alone, err := Sign(testCheckpoint(t, r.tree, 7), r.signers...)
	require.NoError(t, err)
	north := r.witnesses[0].cosign(t, alone)
	ofOther := r.witnesses[0].cosign(t, r.checkpoint(t, 6))
	text, err := textOf(alone, "")
	require.NoError(t, err)

	for name, c := range map[string]struct {
		answer string
		kind   error
	}{
		"nothing":               {"", ErrForm},
		"only a newline":        {"\n", ErrForm},
		"a page":                {"<html>no</html>\n", ErrForm},
		"another note":          {"evil\n\n" + string(north), ErrForm},
		"a note between":        {string(north) + "\nevil\n\n" + string(north), ErrForm},
		"no end of the line":    {strings.TrimSuffix(string(north), "\n"), ErrForm},
		"loose lines":           {string(north) + "and thanks\n", ErrForm},
		"of another checkpoint": {string(ofOther), ErrSignature},
		"right and wrong":       {string(r.witnesses[1].cosign(t, alone)) + string(ofOther), ErrSignature},
		"only strangers":        {string(newWitness(9, "stranger").cosign(t, alone)), ErrSignature},
		"a cut signature":       {"— " + r.witnesses[0].name + " AAAA\n", ErrForm},
		"too long":              {strings.Repeat(string(north), CheckpointMax/len(north)+1), ErrForm},
	} {
		_, err := r.policy.Merge(alone, []byte(c.answer))
		require.ErrorIs(t, err, c.kind, name)
	}

	_, err = r.policy.Merge([]byte(text), north)
	require.ErrorIs(t, err, ErrForm, "the checkpoint is not signed")
	_, err = r.policy.Merge(signAnyText(t, text, r.signers[0]), north)
	require.ErrorIs(t, err, ErrSignature, "only one of the log's keys")
}

func TestParseConflict(t *testing.T) {
	for text, size := range map[string]uint64{"0\n": 0, "7\n": 7, "20852014\n": 20852014, "281474976710655\n": SizeMax} {
		got, err := ParseConflict([]byte(text))
		require.NoError(t, err)
		require.Equal(t, size, got)
	}
	for _, bad := range []string{"", "\n", "7", "07\n", "+7\n", "-7\n", " 7\n", "7 \n", "7\n\n", "7\r\n", "7.0\n", "0x7\n", "٧\n", "18446744073709551616\n", strings.Repeat("0", 100) + "\n"} {
		_, err := ParseConflict([]byte(bad))
		require.ErrorIs(t, err, ErrForm, "%q", bad)
	}
	_, err := ParseConflict([]byte("281474976710656\n"))
	require.ErrorIs(t, err, ErrRange)
}
