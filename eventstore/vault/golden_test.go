package vault

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/stretchr/testify/require"
)

var writeGolden = flag.Bool("write-golden", false, "write the golden vault, if there is none")

// golden is a whole vault and what it gave. It is never edited: a vault that
// was written once opens for ever.
type golden struct {
	KeyFiles    map[string]string `json:"keyfiles"`
	Rows        [][2]string       `json:"rows"` // key and value, hex
	Sealed      Sealed            `json:"sealed"`
	Plaintext   string            `json:"plaintext"`
	Fingerprint string            `json:"fingerprint"`
	CommandID   string            `json:"commandid"`
}

const (
	goldenPath  = "testdata/vault-v1.json"
	goldenEmail = "Zoé@Example.org"
)

func TestGolden(t *testing.T) {
	if *writeGolden {
		makeGolden(t)
	}
	b, err := os.ReadFile(goldenPath)
	require.NoError(t, err)
	var g golden
	require.NoError(t, json.Unmarshal(b, &g))

	cfg := configIn(t.TempDir())
	require.NoError(t, os.Mkdir(cfg.Dir, 0o700))
	require.NoError(t, os.Mkdir(cfg.KeysDir, 0o700))
	for name, content := range g.KeyFiles {
		require.NoError(t, os.WriteFile(filepath.Join(cfg.KeysDir, name), []byte(content), 0o600))
	}
	checked, err := cfg.check()
	require.NoError(t, err)
	db, err := openStore(cfg.Dir, true, checked.Logger)
	require.NoError(t, err)
	for _, row := range g.Rows {
		key, err := hex.DecodeString(row[0])
		require.NoError(t, err)
		value, err := hex.DecodeString(row[1])
		require.NoError(t, err)
		require.NoError(t, db.Set(key, value, pebble.Sync))
	}
	require.NoError(t, db.Close())

	v := reopen(t, cfg)
	got, err := v.Unseal(ana, "identity", ctx, g.Sealed)
	require.NoError(t, err)
	require.Equal(t, g.Plaintext, string(got))
	again, err := v.Seal(ana, "identity", ctx, nil)
	require.NoError(t, err)
	require.Equal(t, g.Sealed.Key, again.Key)
	require.Equal(t, g.Sealed.Commitment, again.Commitment)
	fingerprint, err := v.Fingerprint(ana, []byte("body"))
	require.NoError(t, err)
	require.Equal(t, g.Fingerprint, fingerprint)
	require.Equal(t, g.CommandID, v.CommandID("user/7", "retry-1"))
	people, err := v.Lookup(IndexEmail, goldenEmail)
	require.NoError(t, err)
	require.Equal(t, []string{ana}, people)
	p, sum := mustPerson(t, ana), v.indexMAC(IndexEmail, "zoé@example.org")
	value, ok, err := get(v.db, reverseKey(p, 1, sum))
	require.NoError(t, err)
	require.True(t, ok)
	k, err := v.livingKey(p, indexGroup)
	require.NoError(t, err)
	original, err := k.aead.Open(nil, nil, value[29:], reverseData(p, 1, sum, k))
	require.NoError(t, err)
	require.Equal(t, IndexEmail+"\x00"+goldenEmail, string(original))
	_, err = v.Seal(boris, "identity", ctx, nil)
	require.ErrorIs(t, err, ErrErased)
	_, err = v.Seal(ana, "appeals", ctx, nil)
	require.ErrorIs(t, err, ErrErased)
}

func makeGolden(t *testing.T) {
	require.NoFileExists(t, goldenPath)
	v, cfg := create(t)
	g := golden{KeyFiles: map[string]string{}, Plaintext: "Zoé Ångström", CommandID: v.CommandID("user/7", "retry-1")}
	for path, content := range readAll(t, cfg.KeysDir) {
		g.KeyFiles[filepath.Base(path)] = string(content)
	}
	var err error
	g.Sealed, err = v.Seal(ana, "identity", ctx, []byte(g.Plaintext))
	require.NoError(t, err)
	g.Fingerprint, err = v.Fingerprint(ana, []byte("body"))
	require.NoError(t, err)
	require.NoError(t, v.AddToIndex(ana, IndexEmail, goldenEmail))
	require.NoError(t, v.Fence(Fence{Person: boris, Sequence: 41},
		Fence{Person: ana, Group: "appeals", Generation: 3, Sequence: 42}))
	for table := range 256 - 1 {
		require.NoError(t, each(v.db, []byte{byte(table)}, func(key, value []byte) error {
			key = append([]byte{byte(table)}, key...)
			g.Rows = append(g.Rows, [2]string{hex.EncodeToString(key), hex.EncodeToString(value)})
			return nil
		}))
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "\t")
	require.NoError(t, enc.Encode(g))
	require.NoError(t, os.MkdirAll(filepath.Dir(goldenPath), 0o755))
	require.NoError(t, os.WriteFile(goldenPath, b.Bytes(), 0o644))
}
