package proof

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
)

// Whatever these are given, they answer; and what they accept, they would have
// written themselves.

func FuzzOpenCheckpoint(f *testing.F) {
	r := newRotation(f, 12)
	lenient := r.policyOf(f, 0)
	lenient.AllowUnknown = true
	signed := r.checkpoint(f, 12)
	heads, err := SignHeads(r.heads(f, 12), r.signers...)
	require.NoError(f, err)
	f.Add(signed)
	f.Add(heads)
	f.Add(append(bytes.Clone(signed), "— stranger AAAAAAAA\n"...))
	f.Add([]byte(strings.Replace(string(signed), "\n12\n", "\n99999999999999999999\n", 1)))
	f.Add([]byte("\n\n— x AAAAAAAA\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := r.policy.Open(b); err == nil {
			require.Equal(t, string(signed), string(b), "nobody else can sign")
		}
		if h, err := r.policy.OpenHeads(b); err == nil {
			again, err := SignHeads(h, r.signers...)
			require.NoError(t, err)
			require.Equal(t, string(again), string(b))
		}
		if o, err := lenient.Open(b); err == nil {
			require.Equal(t, testCheckpoint(t, r.tree, 12), o.Checkpoint)
		}
		if merged, err := lenient.Merge(signed, b); err == nil {
			require.Equal(t, string(signed), string(merged))
		}
		// The same behind a signature: texts that a log may have been made to sign.
		if text := string(b) + "\n"; !strings.Contains(text, "\r") {
			if c, err := parseCheckpoint(text); err == nil {
				require.Equal(t, text, c.text())
			}
			if h, err := parseHeads(text); err == nil {
				require.Equal(t, text, h.text())
			}
		}
	})
}

func FuzzParseInclusion(f *testing.F) {
	r := newRotation(f, 12)
	good, err := FormatInclusion(r.tree, 5, r.checkpoint(f, 12))
	require.NoError(f, err)
	f.Add(good)
	f.Add([]byte("c2sp.org/tlog-proof@v1\nindex 0\n\n"))
	f.Add([]byte("c2sp.org/tlog-proof@v1\nextra \nindex 18446744073709551615\n\n"))
	c := testCheckpoint(f, r.tree, 12)
	f.Fuzz(func(t *testing.T, b []byte) {
		i, err := ParseInclusion(b)
		if err != nil {
			return
		}
		require.Equal(t, string(b), string(i.text()))
		if i.Verify(testLeaf(5), c) == nil {
			require.Equal(t, uint64(4), i.Index)
		}
		_, _ = FormatInclusion(r.tree, 5, i.Checkpoint)
		_, _ = AddCheckpoint(5, i.Hashes, i.Checkpoint)
		if len(i.Hashes) > 0 {
			again, err := ParseHashes(FormatHashes(i.Hashes))
			require.NoError(t, err)
			require.Equal(t, i.Hashes, again)
		}
	})
}

func FuzzParseTilePath(f *testing.F) {
	for _, path := range []string{"tile/0/000", "tile/1/x001/234.p/7", "tile/entries/x001/x002/003.p/255", "tile/data/000", "tile/5/000.p/1", "tile/0/000.p/256"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		tile, err := ParseTilePath(path)
		if err != nil {
			return
		}
		require.Equal(t, path, tile.Path())
		require.NoError(t, tile.In(SizeMax))
		require.ErrorIs(t, tile.In(0), ErrRange)
	})
}

func FuzzParseBundle(f *testing.F) {
	bundle, err := EntryBundle([][]byte{testLeaf(1), {}, testLeaf(3)})
	require.NoError(f, err)
	f.Add(bundle, 3)
	f.Add([]byte{0xff, 0xff}, 1)
	f.Add([]byte{}, 0)
	f.Fuzz(func(t *testing.T, b []byte, width int) {
		leaves, err := ParseEntryBundle(b, width)
		if err != nil {
			return
		}
		again, err := EntryBundle(leaves)
		require.NoError(t, err)
		require.Equal(t, b, again)
	})
}

func FuzzParsePolicy(f *testing.F) {
	_, vkey := logSigner(f, 1, testOrigin)
	f.Add([]byte(goldenPolicy(newRotation(f, 1))))
	f.Add([]byte("log " + vkey + "\nquorum none\n"))
	signer, err := note.NewVerifier(vkey)
	require.NoError(f, err)
	f.Add([]byte("log " + signer.Name() + "\nwitness a\ngroup g 1 a\nquorum g\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParsePolicy(b)
		if err != nil {
			return
		}
		require.NotEmpty(t, p.LogKeys())
		_, err = p.Open([]byte("nothing"))
		require.ErrorIs(t, err, ErrForm)
	})
}
