package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
)

// kept are the files of a data directory, by name, that a check must leave as they
// are: all but what the stream's server notes of its own runs.
func kept(t *testing.T, data string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(data, func(name string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		if d.IsDir() || strings.HasPrefix(name, filepath.Join(data, "ledger")) && filepath.Ext(name) != ".blk" {
			return nil
		}
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		out[name] = string(b)
		return nil
	}))
	require.NotEmpty(t, out)
	return out
}

// checks runs a check, which must find something or nothing, and change nothing.
func checks(t *testing.T, data string, faults bool) string {
	t.Helper()
	before := kept(t, data)
	var text string
	if faults {
		text = fails(t, "ledger", "check", "--data", data)
	} else {
		text = output(t, "ledger", "check", "--data", data)
	}
	require.Equal(t, before, kept(t, data))
	left, err := filepath.Glob(filepath.Join(data, checkDirs+"*"))
	require.NoError(t, err)
	require.Empty(t, left)
	return text
}

// edits changes the rows of the projections past the program.
func edits(t *testing.T, data string, change func(db *pebble.DB)) {
	t.Helper()
	db, err := pebble.Open(filepath.Join(data, "projections"), &pebble.Options{Logger: silentPebble{}})
	require.NoError(t, err)
	change(db)
	require.NoError(t, db.Close())
}

// flip changes a bit of a row.
func flip(t *testing.T, db *pebble.DB, key string, at int) {
	t.Helper()
	value, closer, err := db.Get([]byte(key))
	require.NoError(t, err)
	altered := bytes.Clone(value)
	altered[at] ^= 1
	require.NoError(t, errors.Join(closer.Close(), db.Set([]byte(key), altered, pebble.Sync)))
}

// spoilLeaf changes a bit of the leaf kept beside the checkpoint.
func spoilLeaf(t *testing.T, data string, entry int) {
	t.Helper()
	name := filepath.Join(data, "published", "leaves")
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	b[entry*32-1] ^= 1
	require.NoError(t, os.WriteFile(name, b, 0o600))
}

// A check reads, says what it found, and changes nothing.
func TestACheckOnlyReads(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := start(t, "demo", "--data", data, "--listen", "127.0.0.1:0", "--json")
	token := p.tokens(t)["administrator"]
	p.stop(t)
	whole := checks(t, data, false)
	entries, err := strconv.Atoi(strings.Fields(whole)[0])
	require.NoError(t, err)
	require.Greater(t, entries, 300)
	derived := regexp.MustCompile(`(?m)^(\d\d+) of (\d+) decisions come out as recorded$`)
	all := derived.FindString(whole)
	require.NotEmpty(t, all)
	require.Contains(t, whole, "no fault was found")

	t.Run("projections that are behind", func(t *testing.T) {
		data := copied(t, data)
		older := filepath.Join(t.TempDir(), "projections")
		require.NoError(t, os.CopyFS(older, os.DirFS(filepath.Join(data, "projections"))))
		p := start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
		output(t, "token", "create", "--server", p.url, "--token", token, "--role", "registrar")
		p.stop(t)
		require.NoError(t, os.RemoveAll(filepath.Join(data, "projections")))
		require.NoError(t, os.Rename(older, filepath.Join(data, "projections")))
		text := checks(t, data, false)
		require.Contains(t, text, "the projections hold "+strconv.Itoa(entries)+" of the entries")
		require.Contains(t, text, all)
	})
	t.Run("no projections", func(t *testing.T) {
		data := copied(t, data)
		require.NoError(t, os.RemoveAll(filepath.Join(data, "projections")))
		text := checks(t, data, false)
		require.Contains(t, text, "there are no projections")
		require.Contains(t, text, all)
		require.NoDirExists(t, filepath.Join(data, "projections"))
	})
	t.Run("what a check left that was killed", func(t *testing.T) {
		data := copied(t, data)
		require.NoError(t, os.MkdirAll(filepath.Join(data, checkDirs+"1234", "projections"), 0o700))
		require.NoError(t, os.Mkdir(filepath.Join(data, checkDirs+"notes"), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(data, checkDirs+"notes", "1"), nil, 0o600))
		output(t, "ledger", "check", "--data", data)
		require.NoDirExists(t, filepath.Join(data, checkDirs+"1234"))
		require.FileExists(t, filepath.Join(data, checkDirs+"notes", "1"), "what others keep there is theirs")
		require.DirExists(t, filepath.Join(data, "projections"))
	})
	t.Run("lost leaves", func(t *testing.T) {
		data := copied(t, data)
		require.NoError(t, os.Truncate(filepath.Join(data, "published", "leaves"), 40*32))
		text := checks(t, data, true)
		require.Contains(t, text, "FAULT in entry 41 (checkpoint): from here on")
		require.Contains(t, text, "1 fault was found")
		start(t, "serve", "--data", data, "--listen", "127.0.0.1:0").stop(t)
		require.Contains(t, checks(t, data, false), "no fault was found", "the server has made them anew")
	})
	t.Run("a lost place, made again with the checkpoint that somebody has", func(t *testing.T) {
		data := copied(t, data)
		published := filepath.Join(data, "published")
		signed, err := os.ReadFile(filepath.Join(published, "checkpoint"))
		require.NoError(t, err)
		require.NoError(t, os.RemoveAll(published))
		require.Contains(t, checks(t, data, true), "FAULT (checkpoint): there is no place of signed checkpoints")
		require.NoError(t, os.Mkdir(published, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(published, "place"), nil, 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(published, "checkpoint"), signed, 0o600))
		start(t, "serve", "--data", data, "--listen", "127.0.0.1:0").stop(t)
		require.Contains(t, checks(t, data, false), "no fault was found", "as docs/operating-checkpoints.md says")
	})
	t.Run("damaged leaves", func(t *testing.T) {
		data := copied(t, data)
		spoilLeaf(t, data, 17)
		spoilLeaf(t, data, 300)
		text := checks(t, data, true)
		require.Contains(t, text, "FAULT in entry 17 (checkpoint): its leaf, kept beside the checkpoint, is damaged")
		require.Contains(t, text, "FAULT in entry 300 (checkpoint)")
		require.Contains(t, text, "2 faults were found")
		require.Contains(t, text, all)
	})
	t.Run("no key", func(t *testing.T) {
		data := copied(t, data)
		require.NoError(t, os.Remove(filepath.Join(data, "keys", "log.key")))
		text := checks(t, data, true)
		require.Contains(t, text, "FAULT (checkpoint): what was signed cannot be verified")
		require.Contains(t, text, all)
	})
	t.Run("a damaged hash of the tree", func(t *testing.T) {
		for name, x := range map[string]struct {
			key  string
			at   int
			says string
		}{
			"in a complete tile": {"h\x00\x00\x00\x00\x00\x00\x00\x00\x00", 99 * 32, "FAULT in entry 100 (projections): the tree's hash of it is damaged there; the entry is as it was"},
			"of the last entry": {
				"h\x00\x00\x00\x00\x00\x00\x00\x00" + string(rune((entries-1)/256)) + string([]byte{byte((entries - 1) % 256)}), 5,
				"FAULT in entry " + strconv.Itoa(entries) + " (projections): the tree's hash of it is damaged there",
			},
			"above the leaves": {"h\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00", 5, "FAULT (projections): they are not what a fresh fold gives: the tree's hash over entries 1 to 256 has another value"},
		} {
			t.Run(name, func(t *testing.T) {
				data := copied(t, data)
				edits(t, data, func(db *pebble.DB) { flip(t, db, x.key, x.at) })
				text := checks(t, data, true)
				require.Contains(t, text, x.says)
				require.Contains(t, text, "1 fault was found")
				require.Contains(t, text, all, "the decisions are derived from the entries")
			})
		}
	})
	t.Run("a damaged copy and a lost row", func(t *testing.T) {
		data := copied(t, data)
		edits(t, data, func(db *pebble.DB) {
			flip(t, db, "e\x00\x00\x00\x00\x00\x00\x00\x64", 200)
			it, err := db.NewIter(&pebble.IterOptions{LowerBound: []byte("o"), UpperBound: []byte("p")})
			require.NoError(t, err)
			require.True(t, it.First(), "somebody is in a roster")
			require.NoError(t, errors.Join(db.Delete(bytes.Clone(it.Key()), pebble.Sync), it.Close()))
		})
		text := checks(t, data, true)
		require.Contains(t, text, "FAULT in entry 100 (projections): they are not what a fresh fold gives: the copy of entry 100")
		require.Contains(t, text, "FAULT (projections): they are not what a fresh fold gives: the row \"o")
		require.Contains(t, text, "2 faults were found")
		require.Contains(t, text, all)
	})
	t.Run("an altered entry beside damaged leaves", func(t *testing.T) {
		data := copied(t, data)
		derived := filepath.Join(t.TempDir(), "projections")
		require.NoError(t, os.CopyFS(derived, os.DirFS(filepath.Join(data, "projections"))))
		edited := 0
		forge(t, data, func(messages []*nats.Msg) []*nats.Msg {
			for i, m := range messages {
				if edited == 0 && bytes.Contains(m.Data, []byte(`"status":"absent"`)) {
					m.Data = bytes.Replace(m.Data, []byte(`"status":"absent"`), []byte(`"status":"present"`), 1)
					edited = i + 1
				}
			}
			return messages
		})
		require.Greater(t, edited, 17)
		require.NoError(t, os.CopyFS(filepath.Join(data, "projections"), os.DirFS(derived)))
		spoilLeaf(t, data, 17)
		text := checks(t, data, true)
		require.Contains(t, text, "FAULT in entry "+strconv.Itoa(edited)+" (checkpoint)", "the projections tell it")
		require.NotContains(t, text, "cannot be told")
		require.NotContains(t, text, "FAULT in entry 17 ")
	})
	t.Run("an entry that nobody can read", func(t *testing.T) {
		data, spoilt := copied(t, data), entries-20
		forge(t, data, func(messages []*nats.Msg) []*nats.Msg {
			messages[spoilt-1].Data = []byte("{}")
			return messages
		})
		require.NoError(t, os.RemoveAll(filepath.Join(data, "published")))
		text := checks(t, data, true)
		require.Contains(t, text, "FAULT in entry "+strconv.Itoa(spoilt)+" (ledger)")
		require.Regexp(t, `(?m)^[1-9]\d* of \d+ decisions come out as recorded, of those up to entry `+strconv.Itoa(spoilt-1)+`$`, text)
	})
}
