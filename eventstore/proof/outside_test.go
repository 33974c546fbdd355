package proof_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// What is here was written from the published documents, with the Go project's
// tlog and note. It uses nothing of package proof, so that the golden files are
// read by somebody else's eyes too.

// keys are those of the golden policy: of the log, and of its witnesses.
func keys(t *testing.T) (logs, witnesses []string) {
	for line := range strings.Lines(readGolden(t, "policy")) {
		switch fields := strings.Fields(line); {
		case len(fields) > 1 && fields[0] == "log":
			logs = append(logs, fields[1])
		case len(fields) > 2 && fields[0] == "witness":
			witnesses = append(witnesses, fields[2])
		}
	}
	require.Len(t, logs, 2)
	require.Len(t, witnesses, 2)
	return logs, witnesses
}

func readGolden(t *testing.T, name string) string {
	b, err := os.ReadFile("testdata/forms/" + name)
	require.NoError(t, err)
	return string(b)
}

// openTree reads a checkpoint that so many keys of the log have signed.
func openTree(t *testing.T, signed string, signers int) tlog.Tree {
	logs, _ := keys(t)
	var verifiers []note.Verifier
	for _, vkey := range logs {
		v, err := note.NewVerifier(vkey)
		require.NoError(t, err)
		verifiers = append(verifiers, v)
	}
	n, err := note.Open([]byte(signed), note.VerifierList(verifiers...))
	require.NoError(t, err)
	require.Len(t, n.Sigs, signers)
	lines := strings.Split(n.Text, "\n")
	require.Len(t, lines, 4)
	require.Equal(t, verifiers[0].Name(), lines[0])
	size, err := strconv.ParseInt(lines[1], 10, 64)
	require.NoError(t, err)
	root, err := tlog.ParseHash(lines[2])
	require.NoError(t, err)
	return tlog.Tree{N: size, Hash: root}
}

func parseHashes(t *testing.T, text string) (hashes []tlog.Hash) {
	for _, line := range strings.Fields(text) {
		h, err := tlog.ParseHash(line)
		require.NoError(t, err)
		hashes = append(hashes, h)
	}
	return hashes
}

func TestOthersReadTheCheckpoint(t *testing.T) {
	require.Equal(t, openTree(t, readGolden(t, "checkpoint"), 1), openTree(t, readGolden(t, "checkpoint-cosigned"), 2))
}

// C2SP tlog-cosignature, with crypto/ed25519 alone.
func TestOthersReadTheCosignatures(t *testing.T) {
	signed := readGolden(t, "checkpoint-cosigned")
	text, lines, ok := strings.Cut(signed, "\n\n")
	require.True(t, ok)
	_, witnesses := keys(t)
	for _, vkey := range witnesses {
		name, rest, _ := strings.Cut(vkey, "+")
		_, key64, _ := strings.Cut(rest, "+")
		key, err := base64.StdEncoding.DecodeString(key64)
		require.NoError(t, err)
		require.Equal(t, byte(4), key[0])
		_, after, ok := strings.Cut(lines, "— "+name+" ")
		require.True(t, ok)
		sig64, _, _ := strings.Cut(after, "\n")
		sig, err := base64.StdEncoding.DecodeString(sig64)
		require.NoError(t, err)
		id := sha256.Sum256(append([]byte(name+"\n"), key...))
		require.Equal(t, id[:4], sig[:4])
		message := fmt.Sprintf("cosignature/v1\ntime %d\n%s\n", binary.BigEndian.Uint64(sig[4:12]), text)
		require.True(t, ed25519.Verify(key[1:], []byte(message), sig[12:]))
	}
}

// C2SP tlog-proof: a line of its version, the index, the hashes, and after an
// empty line the checkpoint.
func TestOthersReadTheInclusionProof(t *testing.T) {
	head, checkpoint, ok := strings.Cut(readGolden(t, "258.tlog-proof"), "\n\n")
	require.True(t, ok)
	tree := openTree(t, checkpoint, 2)
	version, rest, _ := strings.Cut(head, "\n")
	require.Equal(t, "c2sp.org/tlog-proof@v1", version)
	index, hashes, _ := strings.Cut(rest, "\n")
	n, err := strconv.ParseInt(strings.TrimPrefix(index, "index "), 10, 64)
	require.NoError(t, err)

	leaf := readGolden(t, "258.leaf")
	var record struct{ Sequence int64 }
	require.NoError(t, json.Unmarshal([]byte(leaf), &record))
	require.Equal(t, record.Sequence-1, n)
	require.NoError(t, tlog.CheckRecord(parseHashes(t, hashes), tree.N, tree.Hash, n, tlog.RecordHash([]byte(leaf))))
}

func TestOthersReadTheConsistencyProof(t *testing.T) {
	head, checkpoint, ok := strings.Cut(readGolden(t, "add-checkpoint"), "\n\n")
	require.True(t, ok)
	old, hashes, _ := strings.Cut(head, "\n")
	require.Equal(t, "old 100", old)
	require.Equal(t, readGolden(t, "consistency-100-300"), hashes+"\n")
	tree := openTree(t, checkpoint, 1)

	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (out []tlog.Hash, err error) {
		for _, i := range indexes {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for i := range int64(100) {
		payload := sha256.Sum256(fmt.Appendf(nil, "payload %d", i+1))
		leaf := fmt.Appendf(nil, `{"leaf":1,"payload":"sha256:%x","sequence":%d}`, payload, i+1)
		more, err := tlog.StoredHashes(i, leaf, reader)
		require.NoError(t, err)
		stored = append(stored, more...)
	}
	root, err := tlog.TreeHash(100, reader)
	require.NoError(t, err)
	require.NoError(t, tlog.CheckTree(parseHashes(t, hashes), tree.N, tree.Hash, 100, root))
}

// C2SP tlog-tiles: the bundle's leaves are the tile's hashes, and the two tiles
// that a tree of 300 needs beside the full one carry its root.
func TestOthersReadTheTiles(t *testing.T) {
	tile, above, bundle := readGolden(t, "tile-0-001.p-44"), readGolden(t, "tile-1-000.p-1"), readGolden(t, "tile-entries-001.p-3")
	require.Len(t, tile, 44*tlog.HashSize)
	require.Len(t, above, tlog.HashSize)
	for i := range 3 {
		length := int(binary.BigEndian.Uint16([]byte(bundle)))
		h := tlog.RecordHash([]byte(bundle[2 : 2+length]))
		require.Equal(t, string(h[:]), tile[i*tlog.HashSize:][:tlog.HashSize])
		bundle = bundle[2+length:]
	}
	require.Empty(t, bundle)

	tree := openTree(t, readGolden(t, "checkpoint"), 1)
	reader := tlog.HashReaderFunc(func(indexes []int64) (out []tlog.Hash, err error) {
		for _, i := range indexes {
			of, data := tlog.Tile{H: 8, N: 1, W: 44}, tile
			if tlog.TileForIndex(8, i).L == 1 {
				of, data = tlog.Tile{H: 8, L: 1, W: 1}, above
			}
			h, err := tlog.HashFromTile(of, []byte(data), i)
			if err != nil {
				return nil, err
			}
			out = append(out, h)
		}
		return out, nil
	})
	root, err := tlog.TreeHash(tree.N, reader)
	require.NoError(t, err)
	require.Equal(t, tree.Hash, root)
}

// The heads are a signed note like the checkpoint, with its first line and its
// size and root.
func TestOthersReadTheHeads(t *testing.T) {
	logs, _ := keys(t)
	v, err := note.NewVerifier(logs[0])
	require.NoError(t, err)
	n, err := note.Open([]byte(readGolden(t, "heads")), note.VerifierList(v))
	require.NoError(t, err)
	tree := openTree(t, readGolden(t, "checkpoint"), 1)
	lines := strings.Split(n.Text, "\n")
	require.Equal(t, []string{v.Name() + "/heads", "1", strconv.FormatInt(tree.N, 10), tree.Hash.String()}, lines[:4])
	require.Equal(t, fmt.Sprintf("cohort/fall-2026 2 5 sha256:%x", sha256.Sum256([]byte("payload 5"))), lines[4])
}
