package vault

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
)

// disguises are the forms in which a canary may hide.
func disguises(canary string) map[string][]byte {
	plain := []byte(canary)
	forms := map[string][]byte{
		"plain":     plain,
		"lower":     bytes.ToLower(plain),
		"upper":     bytes.ToUpper(plain),
		"hex":       []byte(hex.EncodeToString(plain)),
		"hex upper": []byte(strings.ToUpper(hex.EncodeToString(plain))),
		"hex lower": []byte(hex.EncodeToString(bytes.ToLower(plain))),
	}
	for i := range 3 { // whatever stands before, one of three alignments fits
		for name, p := range map[string][]byte{"": plain, " lower": bytes.ToLower(plain)} {
			tail := p[i : i+(len(p)-i)/3*3]
			forms["base64 "+string(rune('0'+i))+name] = []byte(base64.StdEncoding.EncodeToString(tail))
			forms["base64url "+string(rune('0'+i))+name] = []byte(base64.URLEncoding.EncodeToString(tail))
		}
	}
	var le, be []byte
	for _, u := range utf16.Encode([]rune(canary)) {
		le, be = append(le, byte(u), byte(u>>8)), append(be, byte(u>>8), byte(u))
	}
	forms["UTF-16 little"], forms["UTF-16 big"] = le, be
	return forms
}

func findCanaries(t *testing.T, canaries []string, where string, content []byte) (found []string) {
	t.Helper()
	for _, canary := range canaries {
		for name, form := range disguises(canary) {
			if bytes.Contains(content, form) {
				found = append(found, where+": "+canary+" in "+name)
			}
		}
	}
	return found
}

func readAll(t *testing.T, dirs ...string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, dir := range dirs {
		require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files[path], err = os.ReadFile(path)
			}
			if errors.Is(err, fs.ErrNotExist) {
				return nil // the store has deleted it meanwhile
			}
			return err
		}))
	}
	return files
}

func TestNothingInTheClear(t *testing.T) {
	canaries := []string{
		"CanaryName-Quetzalcoatl-71", "canary.email.71@example.org", "CanaryStory-the-winter-of-71",
		"CanaryBody-phone-555-0171", "CanaryIdempotency-71", "CanaryPrincipal-71",
	}
	var logged bytes.Buffer
	cfg := configIn(t.TempDir())
	cfg.Logger = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	v, err := Create(cfg)
	require.NoError(t, err)

	var out bytes.Buffer // all that the vault returned
	sealed, err := v.SealAll(ana, ctx, map[string][]byte{
		"identity":         []byte(canaries[0] + " " + canaries[1]),
		"lived-experience": []byte(canaries[2]),
	})
	require.NoError(t, err)
	require.NoError(t, json.NewEncoder(&out).Encode(sealed))
	for _, group := range []string{"identity", "lived-experience"} {
		_, err := v.Unseal(ana, group, ctx, sealed[group])
		require.NoError(t, err)
	}
	require.NoError(t, v.AddToIndex(ana, IndexName, canaries[0]))
	require.NoError(t, v.AddToIndex(ana, IndexEmail, canaries[1]))
	require.NoError(t, v.AddToIndex(boris, IndexEmail, canaries[1]))
	require.NoError(t, v.RemoveFromIndex(boris, IndexEmail, canaries[1]))
	_, err = v.Lookup(IndexName, canaries[0])
	require.NoError(t, err)
	fingerprint, err := v.Fingerprint(ana, []byte(canaries[3]))
	require.NoError(t, err)
	out.WriteString(fingerprint + v.CommandID(canaries[5], canaries[4]))

	// Everything goes wrong once, with a canary in every argument.
	bad := sealed["identity"]
	for _, c := range canaries {
		for _, err := range []error{
			second(v.Seal(c, "identity", ctx, []byte(c))),
			second(v.Seal(ana, c, ctx, []byte(c))),
			second(v.SealAll(ana, ctx, map[string][]byte{c: []byte(c)})),
			second(v.Unseal(c, "identity", ctx, bad)),
			second(v.Unseal(ana, "identity", Context{c, c, c}, bad)),
			second(v.Unseal(ana, "identity", ctx, Sealed{c, 1, c, c})),
			second(v.Unseal(ana, "identity", ctx, Sealed{bad.Key, 1, c, bad.Value})),
			second(v.Unseal(ana, "identity", ctx, Sealed{bad.Key, 1, bad.Commitment, c})),
			second(v.Fingerprint(c, []byte(c))),
			second(v.Lookup(c, c)),
			second(v.Lookup(IndexName, c+"\xff")),
			v.AddToIndex(c, IndexName, c),
			v.AddToIndex(ana, IndexName, c+"\xff"),
			v.RemoveFromIndex(ana, "No Kind", c),
			v.Fence(Fence{Person: c}),
			v.Fence(Fence{Person: ana, Group: c + " ", Generation: 1}),
		} {
			require.Error(t, err)
			out.WriteString(err.Error() + "\n")
		}
	}

	fingerprintKey, err := v.livingKey(mustPerson(t, ana), fingerprintGroup)
	require.NoError(t, err)
	indexKey := v.indexKey

	search := func(when string) {
		t.Helper()
		files := readAll(t, cfg.Dir, cfg.KeysDir)
		require.NotEmpty(t, files)
		var found []string
		for path, content := range files {
			found = append(found, findCanaries(t, canaries, path, content)...)
			for _, key := range []keyBytes{fingerprintKey.raw, indexKey} {
				require.NotContains(t, string(content), string(key[:]), path)
				require.NotContains(t, string(content), base64.RawURLEncoding.EncodeToString(key[:]), path)
				require.NotContains(t, string(content), hex.EncodeToString(key[:]), path)
			}
		}
		for path, content := range readAll(t, cfg.KeysDir) {
			secret := content[bytes.LastIndexByte(content, ' ')+1 : len(content)-1]
			raw, err := base64.RawURLEncoding.DecodeString(string(secret))
			require.NoError(t, err, path)
			for vaultFile, content := range readAll(t, cfg.Dir) {
				require.NotContains(t, string(content), string(raw), vaultFile)
				require.NotContains(t, string(content), string(secret), vaultFile)
			}
		}
		require.Empty(t, found, when)
	}
	searchRows := func(v *Vault) {
		t.Helper()
		for _, table := range []byte{tableMeta, tableEpoch, tableOwnKey, tableKey, tableFence, tableIndex, tableReverse} {
			require.NoError(t, each(v.db, []byte{table}, func(key, value []byte) error {
				require.Empty(t, findCanaries(t, canaries, "row key", key))
				require.Empty(t, findCanaries(t, canaries, "row value", value))
				return nil
			}))
		}
	}
	search("in the write-ahead log")
	searchRows(v)
	require.NoError(t, v.db.Flush())
	search("in tables")
	require.NoError(t, v.Close())
	search("after close")
	searchRows(reopen(t, cfg))
	search("after reopening")
	require.Empty(t, findCanaries(t, canaries, "returned", out.Bytes()))
	require.Empty(t, findCanaries(t, canaries, "logged", logged.Bytes()))
}

func second[T any](_ T, err error) error { return err }

// A search that finds nothing proves something only if it finds what is there.
func TestCanarySearchFinds(t *testing.T) {
	const canary = "CanaryName-Quetzalcoatl-71"
	for name, form := range disguises(canary) {
		require.NotEmpty(t, findCanaries(t, []string{canary}, "here", append([]byte("before"), form...)), name)
	}
	for before := range 4 {
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + canary + "yz"))
		require.NotEmpty(t, findCanaries(t, []string{canary}, "here", []byte(text)))
	}
}
