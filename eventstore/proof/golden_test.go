package proof

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var writeGolden = flag.Bool("write-golden", false, "write golden files that do not exist yet; those that do are never touched")

const goldenDir = "testdata/forms"

// golden is each form of file once, from a ledger of 300 entries: as it was
// written, it is read for ever. outside_test.go reads the same files with nothing
// of ours.
func golden(t *testing.T) map[string][]byte {
	r := newRotation(t, 300)
	signed, err := Sign(testCheckpoint(t, r.tree, 300), r.signers[0])
	require.NoError(t, err)
	cosigned := r.checkpoint(t, 300)
	inclusion, err := FormatInclusion(r.tree, 258, cosigned)
	require.NoError(t, err)
	hashes, err := Consistency(r.tree, 100, 300)
	require.NoError(t, err)
	request, err := AddCheckpoint(100, hashes, signed)
	require.NoError(t, err)
	heads, err := SignHeads(r.heads(t, 300), r.signers...)
	require.NoError(t, err)
	files := map[string][]byte{
		"checkpoint":           signed,
		"checkpoint-cosigned":  cosigned,
		"258.leaf":             testLeaf(258),
		"258.tlog-proof":       inclusion,
		"consistency-100-300":  FormatHashes(hashes),
		"add-checkpoint":       request,
		"cosignature":          r.witnesses[0].cosign(t, signed),
		"heads":                heads,
		"policy":               []byte(goldenPolicy(r)),
		"tile-0-001.p-44":      read(t, r.tree, "tile/0/001.p/44"),
		"tile-1-000.p-1":       read(t, r.tree, "tile/1/000.p/1"),
		"tile-entries-001.p-3": nil,
	}
	files["tile-entries-001.p-3"], err = EntryBundle([][]byte{testLeaf(257), testLeaf(258), testLeaf(259)})
	require.NoError(t, err)
	return files
}

func goldenPolicy(r rotation) string {
	return "# A verifier's policy for the golden checkpoints.\n" +
		"log " + r.logKeys[0] + "\nlog " + r.logKeys[1] + " https://" + testOrigin + "\n\n" +
		"witness north " + r.witnesses[0].vkey() + "\nwitness south " + r.witnesses[1].vkey() + " https://witness.example/south\n" +
		"group both all north south\nquorum both\n"
}

func read(t *testing.T, tree *Tree, path string) []byte {
	t.Helper()
	tile, err := ParseTilePath(path)
	require.NoError(t, err)
	data, err := tile.Read(tree, tree.Size())
	require.NoError(t, err)
	return data
}

func TestGolden(t *testing.T) {
	want := golden(t)
	for name, file := range want {
		path := filepath.Join(goldenDir, name)
		if *writeGolden {
			require.NoError(t, os.MkdirAll(goldenDir, 0o755))
			if _, err := os.Stat(path); os.IsNotExist(err) {
				require.NoError(t, os.WriteFile(path, file, 0o644))
			}
		}
		got, err := os.ReadFile(path)
		require.NoError(t, err, "every form is pinned by a golden file; write a new one with -write-golden")
		require.Equal(t, string(file), string(got), "%s: stored forms are for ever; write a new version beside it", name)
	}
	files, err := os.ReadDir(goldenDir)
	require.NoError(t, err)
	require.Len(t, files, len(want), "a golden file that nothing reads pins nothing")
}

// The golden files open, as they would for somebody who has the policy's file.
func TestGoldenFilesOpen(t *testing.T) {
	file := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(goldenDir, name))
		require.NoError(t, err)
		return b
	}
	p, err := ParsePolicy(file("policy"))
	require.NoError(t, err)
	opened, err := p.Open(file("checkpoint-cosigned"))
	require.NoError(t, err)
	require.Equal(t, uint64(300), opened.Size)
	require.Equal(t, []string{"north", "south"}, []string{opened.Cosignatures[0].Witness, opened.Cosignatures[1].Witness})
	_, err = p.Open(file("checkpoint"))
	require.ErrorIs(t, err, ErrQuorum)
	merged, err := p.Merge(file("checkpoint"), file("cosignature"))
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(merged), string(file("checkpoint"))))

	_, err = p.VerifyInclusion(file("258.tlog-proof"), file("258.leaf"))
	require.NoError(t, err)
	heads, err := p.OpenHeads(file("heads"))
	require.NoError(t, err)
	require.Equal(t, opened.Checkpoint, heads.Checkpoint)
	hashes, err := ParseHashes(file("consistency-100-300"))
	require.NoError(t, err)
	require.NoError(t, VerifyConsistency(Checkpoint{Origin: testOrigin, Size: 100, Root: mustRoot(t, 100)}, opened.Checkpoint, hashes))
	leaves, err := ParseEntryBundle(file("tile-entries-001.p-3"), 3)
	require.NoError(t, err)
	require.Equal(t, string(file("258.leaf")), string(leaves[1]))
}
