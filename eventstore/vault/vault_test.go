package vault

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

const (
	ana   = "9d21c0ffee00112233445566778899aa"
	boris = "00000000000000000000000000000001"
)

var ctx = Context{Subject: "registration/9d21", EventType: "certledger.registration.opened.v1", EventID: "0199c2"}

// openDirEnv makes the test binary a process that opens a vault and prints why
// it may not.
const openDirEnv = "VAULT_TEST_OPEN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(openDirEnv); dir != "" {
		v, err := Open(configIn(dir))
		if err == nil {
			err = v.Close()
		}
		fmt.Println("locked:", errors.Is(err, ErrLocked))
		return
	}
	goleak.VerifyTestMain(m)
}

func configIn(dir string) Config {
	return Config{Dir: filepath.Join(dir, "vault"), KeysDir: filepath.Join(dir, "keys")}
}

func create(t testing.TB) (*Vault, Config) {
	t.Helper()
	cfg := configIn(t.TempDir())
	v, err := Create(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, v.Close()) })
	return v, cfg
}

func reopen(t testing.TB, cfg Config) *Vault {
	t.Helper()
	v, err := Open(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, v.Close()) })
	return v
}

// copyFiles copies a vault as a crash or a backup would find it.
func copyFiles(t testing.TB, cfg Config) Config {
	t.Helper()
	to := configIn(t.TempDir())
	for _, dir := range [][2]string{{cfg.Dir, to.Dir}, {cfg.KeysDir, to.KeysDir}} {
		require.NoError(t, os.Mkdir(dir[1], 0o700))
		entries, err := os.ReadDir(dir[0])
		require.NoError(t, err)
		for _, e := range entries {
			b, err := os.ReadFile(filepath.Join(dir[0], e.Name()))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir[1], e.Name()), b, 0o600))
		}
	}
	return to
}

func rowCount(t testing.TB, v *Vault, prefix []byte) (n int) {
	t.Helper()
	require.NoError(t, each(v.db, prefix, func(_, _ []byte) error { n++; return nil }))
	return n
}

func TestCreateRefusesWhatExists(t *testing.T) {
	v, cfg := create(t)
	require.NoError(t, v.Close())

	_, err := Create(cfg)
	require.ErrorIs(t, err, ErrExists)

	t.Run("a key file alone", func(t *testing.T) {
		for _, name := range []string{"ledger-hmac.key", "vault-kek-1.key"} {
			other := configIn(t.TempDir())
			require.NoError(t, os.Mkdir(other.KeysDir, 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(other.KeysDir, name), []byte("x"), 0o600))
			_, err := Create(other)
			require.ErrorIs(t, err, ErrExists)
			require.NoDirExists(t, other.Dir)
		}
	})
	t.Run("a directory of something else", func(t *testing.T) {
		other := configIn(t.TempDir())
		require.NoError(t, os.Mkdir(other.Dir, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(other.Dir, "notes"), nil, 0o600))
		_, err := Create(other)
		require.ErrorIs(t, err, ErrExists)
		require.NoDirExists(t, other.KeysDir)
	})
	t.Run("beside other keys", func(t *testing.T) {
		other := configIn(t.TempDir())
		require.NoError(t, os.Mkdir(other.KeysDir, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(other.KeysDir, "checkpoint.key"), nil, 0o600))
		v, err := Create(other)
		require.NoError(t, err)
		require.NoError(t, v.Close())
	})
}

func TestOpenRefusesWhatIsMissing(t *testing.T) {
	cfg := configIn(t.TempDir())
	_, err := Open(cfg)
	require.ErrorIs(t, err, ErrMissing)
	require.NoDirExists(t, cfg.Dir)

	require.NoError(t, os.Mkdir(cfg.Dir, 0o700))
	_, err = Open(cfg)
	require.ErrorIs(t, err, ErrMissing)
	entries, err := os.ReadDir(cfg.Dir)
	require.NoError(t, err)
	require.Empty(t, entries, "a wrong path stays as it was")

	_, err = Open(Config{Dir: cfg.Dir, KeysDir: cfg.Dir + "/"})
	require.Error(t, err)
}

func TestOpenSaysThatCreationWasInterrupted(t *testing.T) {
	v, cfg := create(t)
	require.NoError(t, v.db.Delete(metaKey, pebble.Sync))
	require.NoError(t, v.Close())
	_, err := Open(cfg)
	require.ErrorIs(t, err, ErrIncomplete)
}

func TestOpenRefusesKeyFiles(t *testing.T) {
	v, cfg := create(t)
	require.NoError(t, v.Close())
	stranger, strangerCfg := create(t)
	require.NoError(t, stranger.Close())
	read := func(cfg Config, name string) []byte {
		b, err := os.ReadFile(filepath.Join(cfg.KeysDir, name))
		require.NoError(t, err)
		return b
	}
	for _, name := range []string{"ledger-hmac.key", "vault-kek-1.key"} {
		mine, theirs := read(cfg, name), read(strangerCfg, name)
		cases := []struct {
			name string
			file []byte
			want error
		}{
			{"of another vault", theirs, ErrKeyWrong},
			{"of another number", bytes.Replace(bytes.Replace(mine, []byte(" 1 "), []byte(" 2 "), 1),
				[]byte(" 0 "), []byte(" 1 "), 1), ErrKeyWrong},
			{"of another name", bytes.Replace(mine, []byte("-"), []byte("-x"), 2), ErrKeyFile},
			{"of a later version", bytes.Replace(mine, []byte(" v1 "), []byte(" v2 "), 1), ErrFormat},
			{"cut short", mine[:len(mine)-1], ErrKeyFile},
			{"with a short key", append(bytes.Clone(mine[:len(mine)-5]), '\n'), ErrKeyFile},
			{"with a line more", append(bytes.Clone(mine), mine...), ErrKeyFile},
			{"empty", nil, ErrKeyFile},
			{"too long", bytes.Repeat([]byte("x"), 1<<12), ErrKeyFile},
			{"missing", nil, ErrKeyMissing},
		}
		for _, c := range cases {
			t.Run(name+" "+c.name, func(t *testing.T) {
				to := copyFiles(t, cfg)
				path := filepath.Join(to.KeysDir, name)
				if c.want == ErrKeyMissing {
					require.NoError(t, os.Remove(path))
				} else {
					require.NoError(t, os.WriteFile(path, c.file, 0o600))
				}
				_, err := Open(to)
				require.ErrorIs(t, err, c.want)
				secret := string(bytes.TrimSpace(mine[bytes.LastIndexByte(mine, ' '):]))
				require.NotContains(t, err.Error(), secret)
			})
		}
	}
	t.Run("no directory", func(t *testing.T) {
		to := copyFiles(t, cfg)
		require.NoError(t, os.RemoveAll(to.KeysDir))
		_, err := Open(to)
		require.ErrorIs(t, err, ErrKeyMissing)
	})
}

func TestModes(t *testing.T) {
	v, cfg := create(t)
	_, err := v.Seal(ana, "identity", ctx, []byte("x"))
	require.NoError(t, err)
	require.NoError(t, v.Close())
	v = reopen(t, cfg)
	require.NoError(t, v.db.Flush())
	require.NoError(t, v.Close())

	var paths []string
	for _, dir := range []string{cfg.Dir, cfg.KeysDir} {
		info, err := os.Stat(dir)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o700), info.Mode().Perm(), dir)
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		paths = append(paths, dir)
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			info, err := os.Stat(path)
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), path)
			paths = append(paths, path)
		}
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.NoError(t, os.Chmod(path, info.Mode().Perm()|0o040))
		_, err = Open(cfg)
		require.ErrorIs(t, err, ErrMode, path)
		require.Contains(t, err.Error(), path)
		require.Contains(t, err.Error(), "chmod")
		require.NoError(t, os.Chmod(path, info.Mode().Perm()))
	}
	reopen(t, cfg)

	open := configIn(t.TempDir())
	require.NoError(t, os.Mkdir(open.KeysDir, 0o755))
	require.NoError(t, os.Chmod(open.KeysDir, 0o755))
	_, err = Create(open)
	require.ErrorIs(t, err, ErrMode)
}

func TestOnlyOneProcessOpensAVault(t *testing.T) {
	v, cfg := create(t)
	_, err := Open(cfg)
	require.ErrorIs(t, err, ErrLocked, "the same process")

	second := func() string {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), openDirEnv+"="+filepath.Dir(cfg.Dir))
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		return strings.TrimSpace(string(out))
	}
	require.Equal(t, "locked: true", second())
	require.NoError(t, v.Close())
	require.Equal(t, "locked: false", second())
}

func TestKeysOutliveCloseAndKill(t *testing.T) {
	v, cfg := create(t)
	sealed, err := v.Seal(ana, "identity", ctx, []byte("Ana"))
	require.NoError(t, err)
	require.NoError(t, v.AddToIndex(ana, IndexEmail, "ana@example.org"))
	fingerprint, err := v.Fingerprint(ana, []byte("body"))
	require.NoError(t, err)
	command := v.CommandID("user/7", "retry-1")

	killed := copyFiles(t, cfg)
	require.NoError(t, v.Close())
	for _, c := range []Config{cfg, killed} {
		v := reopen(t, c)
		got, err := v.Unseal(ana, "identity", ctx, sealed)
		require.NoError(t, err)
		require.Equal(t, "Ana", string(got))
		again, err := v.Seal(ana, "identity", ctx, []byte("Ana"))
		require.NoError(t, err)
		require.Equal(t, sealed.Key, again.Key)
		people, err := v.Lookup(IndexEmail, "ana@example.org")
		require.NoError(t, err)
		require.Equal(t, []string{ana}, people)
		fingerprintAgain, err := v.Fingerprint(ana, []byte("body"))
		require.NoError(t, err)
		require.Equal(t, fingerprint, fingerprintAgain)
		require.Equal(t, command, v.CommandID("user/7", "retry-1"))
	}
}

func TestClosed(t *testing.T) {
	v, _ := create(t)
	command := v.CommandID("a", "b")
	sealed, err := v.Seal(ana, "identity", ctx, nil)
	require.NoError(t, err)
	require.NoError(t, v.Close())
	require.NoError(t, v.Close())

	_, err = v.Seal(ana, "identity", ctx, nil)
	require.ErrorIs(t, err, ErrClosed)
	_, err = v.SealAll(ana, ctx, map[string][]byte{"identity": nil})
	require.ErrorIs(t, err, ErrClosed)
	_, err = v.Unseal(ana, "identity", ctx, sealed)
	require.ErrorIs(t, err, ErrClosed)
	_, err = v.Fingerprint(ana, nil)
	require.ErrorIs(t, err, ErrClosed)
	_, err = v.Lookup(IndexName, "x")
	require.ErrorIs(t, err, ErrClosed)
	require.ErrorIs(t, v.AddToIndex(ana, IndexName, "x"), ErrClosed)
	require.ErrorIs(t, v.RemoveFromIndex(ana, IndexName, "x"), ErrClosed)
	require.ErrorIs(t, v.Fence(), ErrClosed)
	require.Equal(t, command, v.CommandID("a", "b"))
}

func TestFirstKeyIsMadeOnce(t *testing.T) {
	v, _ := create(t)
	const people, callers = 20, 16
	keys := make([][callers]string, people)
	var wg sync.WaitGroup
	for i := range people {
		for j := range callers {
			wg.Go(func() {
				person := fmt.Sprintf("%032x", i)
				if j%2 == 0 {
					s, err := v.Seal(person, "identity", ctx, []byte("x"))
					if err == nil {
						keys[i][j] = s.Key
						_, err = v.Unseal(person, "identity", ctx, s)
					}
					if err != nil {
						t.Error(err)
					}
					return
				}
				s, err := v.SealAll(person, ctx, map[string][]byte{"identity": nil, "accommodation": nil})
				if err != nil {
					t.Error(err)
				}
				keys[i][j] = s["identity"].Key
			})
		}
	}
	wg.Wait()
	for i := range people {
		for j := range callers {
			require.Equal(t, keys[i][0], keys[i][j])
		}
	}
	require.Equal(t, 2*people, rowCount(t, v, []byte{tableKey}))
}

func TestCloseWaits(t *testing.T) {
	v, _ := create(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := 0; ; n++ {
				_, err := v.Seal(fmt.Sprintf("%030x%02x", n, i), "identity", ctx, []byte("x"))
				if errors.Is(err, ErrClosed) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	require.NoError(t, v.Close())
	wg.Wait()
}

func TestCacheIsBounded(t *testing.T) {
	v, _ := create(t)
	v.cache = newKeyCache(4)
	var first []Sealed
	for i := range 10 {
		s, err := v.Seal(fmt.Sprintf("%032x", i), "identity", ctx, []byte{byte(i)})
		require.NoError(t, err)
		first = append(first, s)
	}
	require.Len(t, v.cache.entries, 4)
	require.Equal(t, 4, v.cache.recent.Len())
	for i, s := range first {
		got, err := v.Unseal(fmt.Sprintf("%032x", i), "identity", ctx, s)
		require.NoError(t, err)
		require.Equal(t, []byte{byte(i)}, got)
	}
}

func TestLoggerIsUsed(t *testing.T) {
	var out bytes.Buffer
	cfg := configIn(t.TempDir())
	cfg.Logger = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	v, err := Create(cfg)
	require.NoError(t, err)
	require.NoError(t, v.Close())
	require.Contains(t, out.String(), "vault store")
}
