package eventstore

import (
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCreateTwice(t *testing.T) {
	ctx := context.Background()
	l := newLog(t)
	dir := l.cfg.Dir
	_, err := Create(ctx, testConfig(dir))
	require.ErrorIs(t, err, ErrExists)
	fill(t, l, 3)
	require.NoError(t, l.Close())
	_, err = Create(ctx, testConfig(dir))
	require.ErrorIs(t, err, ErrExists)
	head, err := reopen(t, dir).Head(ctx)
	require.NoError(t, err)
	require.Equal(t, uint64(3), head)
}

func TestCreateConcurrently(t *testing.T) {
	dir := ledgerDir(t)
	var made atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			l, err := Create(context.Background(), testConfig(dir))
			if err != nil {
				return
			}
			made.Add(1)
			require.NoError(t, l.Close())
		})
	}
	wg.Wait()
	require.Equal(t, int32(1), made.Load())
}

// A Create that was interrupted left no ledger, and can be done again; but a
// stream with entries is never taken for a new one.
func TestCreateAfterInterruptedCreate(t *testing.T) {
	ctx := context.Background()
	dir := ledgerDir(t)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err := Create(ended, testConfig(dir))
	require.ErrorIs(t, err, context.Canceled)
	_, err = Open(ctx, testConfig(dir))
	require.ErrorIs(t, err, ErrNotLedger)

	l, err := Create(ctx, testConfig(dir))
	require.NoError(t, err)
	require.NoError(t, l.Close())
	marker := filepath.Join(dir, markerName)
	require.NoError(t, os.Remove(marker))
	l, err = Create(ctx, testConfig(dir))
	require.NoError(t, err)
	fill(t, l, 1)
	require.NoError(t, l.Close())

	require.NoError(t, os.Remove(marker))
	_, err = Open(ctx, testConfig(dir))
	require.ErrorIs(t, err, ErrNotLedger)
	_, err = Create(ctx, testConfig(dir))
	require.ErrorIs(t, err, ErrExists)
}

func TestOpenMissing(t *testing.T) {
	ctx := context.Background()
	_, err := Open(ctx, Config{})
	require.ErrorIs(t, err, ErrInvalid)
	_, err = Create(ctx, Config{})
	require.ErrorIs(t, err, ErrInvalid)

	absent := ledgerDir(t)
	_, err = Open(ctx, testConfig(absent))
	require.ErrorIs(t, err, ErrNotLedger)
	require.NoFileExists(t, absent)
	require.NoDirExists(t, absent)

	empty := t.TempDir()
	_, err = Open(ctx, testConfig(empty))
	require.ErrorIs(t, err, ErrNotLedger)
	files, err := os.ReadDir(empty)
	require.NoError(t, err)
	require.Empty(t, files)
}

func TestOpenMarker(t *testing.T) {
	for text, want := range map[string]error{
		`{"format":2,"stream":"LEDGER"}`:             ErrFormat,
		`{"format":2,"streams":["LEDGER"]}`:          ErrFormat,
		`{"format":1,"stream":"OTHER"}`:              ErrFormat,
		`{"format":1,"stream":"LEDGER","extra":"x"}`: ErrFormat,
		`{"format":1`:                    ErrNotLedger,
		``:                               ErrNotLedger,
		`{"format":1,"stream":"LEDGER"}`: ErrNoStream,
	} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, markerName), []byte(text), 0o600))
		_, err := Open(context.Background(), testConfig(dir))
		require.ErrorIs(t, err, want, text)
		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, files, 1, "nothing is created")
	}
}

func TestMarkerBytes(t *testing.T) {
	l := newLog(t)
	b, err := os.ReadFile(filepath.Join(l.cfg.Dir, markerName))
	require.NoError(t, err)
	require.Equal(t, "{\"format\":1,\"stream\":\"LEDGER\"}\n", string(b))
}

func TestOpenStreamFilesDamaged(t *testing.T) {
	l := newLog(t)
	fill(t, l, 3)
	require.NoError(t, l.Close())
	require.NoError(t, os.WriteFile(filepath.Join(l.cfg.Dir, streamDir, "meta.inf"), []byte("{"), 0o600))
	_, err := Open(context.Background(), testConfig(l.cfg.Dir))
	require.ErrorIs(t, err, ErrNoStream)
}

func TestOpenTwice(t *testing.T) {
	ctx := context.Background()
	l := newLog(t)
	_, err := Open(ctx, testConfig(l.cfg.Dir))
	require.ErrorIs(t, err, ErrInUse)
	require.ErrorContains(t, err, lockName)
	require.NoError(t, l.Close())
	again := reopen(t, l.cfg.Dir)
	_, err = Open(ctx, testConfig(l.cfg.Dir))
	require.ErrorIs(t, err, ErrInUse)
	require.NoError(t, again.Healthy())
}

func TestOpenAfterCloseAndAfterKill(t *testing.T) {
	ctx := context.Background()
	l := newLog(t)
	head := fill(t, l, 1200)
	_, err := l.Append(ctx, one("person/a", 0, []byte("last words")))
	require.NoError(t, err)
	head++
	recorded := Recorded{Sequence: head, PayloadHash: sha256.Sum256([]byte("last words"))}
	killed := copyLedger(t, l.cfg.Dir)
	require.NoError(t, l.Close())

	for name, dir := range map[string]string{"closed": l.cfg.Dir, "killed": killed} {
		l := reopen(t, dir)
		require.NoError(t, l.Verify(ctx, recorded), name)
		require.NoError(t, l.Verify(ctx, Recorded{}), name)
		got, err := readAll(l, 0, 0)
		require.NoError(t, err, name)
		require.Equal(t, upTo(1, head), got, name)
		next, err := l.Append(ctx, one("person/a", head, []byte("and more")))
		require.NoError(t, err, name)
		require.Equal(t, []uint64{head + 1}, next, name)
	}
}
