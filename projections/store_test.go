package projections

import (
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

func TestPositionIsTheLastEntryAndSurvives(t *testing.T) {
	h := busy(6)
	dir := t.TempDir()
	s := openIn(t, dir)
	require.Equal(t, Position{}, s.Position())
	require.NoError(t, s.Apply(context.Background(), h.entries[:321]))
	want := Position{321, sha256.Sum256(h.entries[320].Payload)}
	require.Equal(t, want, s.Position())
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())

	require.ErrorIs(t, s.Apply(context.Background(), h.entries[321:]), ErrClosed)
	_, err := s.Standing("r00")
	require.ErrorIs(t, err, ErrClosed)
	_, err = s.View()
	require.ErrorIs(t, err, ErrClosed)
	require.ErrorIs(t, s.Wait(context.Background(), 322), ErrClosed)

	require.Equal(t, want, openIn(t, dir).Position())
}

// A crash leaves some prefix of the batches, position and rows together.
func TestAfterACrashPositionAndRowsAgree(t *testing.T) {
	h := busy(7)
	s := openEmpty(t)
	for from := 0; from < len(h.entries); from += 111 {
		require.NoError(t, s.Apply(context.Background(), h.entries[from:min(from+111, len(h.entries))]))
		if from%5 != 0 {
			continue
		}
		copied := copyDir(t, s)
		at := copied.Position().Sequence
		require.Positive(t, at)
		fresh := openEmpty(t)
		require.NoError(t, fresh.Apply(context.Background(), h.entries[:at]))
		require.Equal(t, fingerprint(t, fresh), fingerprint(t, copied))
		require.NoError(t, copied.Apply(context.Background(), h.entries[at:]))
		require.NoError(t, fresh.Apply(context.Background(), h.entries[at:]))
		require.Equal(t, fingerprint(t, fresh), fingerprint(t, copied))
	}
}

// A log file that ends in the middle of a batch loses that batch as a whole.
func TestATornWriteLosesAWholeBatch(t *testing.T) {
	h := busy(8)
	s := openEmpty(t)
	for from := 0; from < 600; from += 100 {
		require.NoError(t, s.Apply(context.Background(), h.entries[from:from+100]))
	}
	require.NoError(t, s.db.LogData(nil, pebble.Sync))
	for _, cut := range []int64{1, 1000, 30_000, 200_000} {
		dir := t.TempDir()
		require.NoError(t, os.CopyFS(dir, os.DirFS(s.cfg.Dir)))
		logs, err := filepath.Glob(filepath.Join(dir, "*.log"))
		require.NoError(t, err)
		last := logs[len(logs)-1]
		info, err := os.Stat(last)
		require.NoError(t, err)
		require.NoError(t, os.Truncate(last, max(0, info.Size()-cut)))
		copied := openIn(t, dir)
		at := copied.Position().Sequence
		require.Zero(t, at%100)
		fresh := openEmpty(t)
		require.NoError(t, fresh.Apply(context.Background(), h.entries[:at]))
		require.Equal(t, fingerprint(t, fresh), fingerprint(t, copied))
	}
}

func TestOpenRefusesWhatItCannotRead(t *testing.T) {
	_, err := Open(Config{})
	require.Error(t, err)

	dir := t.TempDir()
	s := openIn(t, dir)
	_, err = Open(Config{Dir: dir, Logger: quiet})
	require.ErrorIs(t, err, ErrInUse)
	require.NoError(t, s.db.Set(keyFormat, []byte("another"), pebble.Sync))
	require.NoError(t, s.Close())
	_, err = Open(Config{Dir: dir, Logger: quiet})
	require.ErrorIs(t, err, ErrFormat)
	require.ErrorContains(t, err, "certledger projection rebuild")

	foreign := t.TempDir()
	db, err := pebble.Open(foreign, &pebble.Options{Logger: pebbleLogger{quiet}, FormatMajorVersion: pebble.FormatNewest})
	require.NoError(t, err)
	require.NoError(t, db.Set([]byte("x"), nil, pebble.Sync))
	require.NoError(t, db.Close())
	_, err = Open(Config{Dir: foreign, Logger: quiet})
	require.ErrorIs(t, err, ErrFormat)
}

func TestDamageIsNamedAndRebuilt(t *testing.T) {
	h := busy(9)
	whole := applied(t, h)
	for name, damage := range map[string]func(t *testing.T, dir string){
		"manifest": func(t *testing.T, dir string) { flip(t, dir, "MANIFEST-*", 20) },
		"missing":  func(t *testing.T, dir string) { remove(t, dir, "*.sst") },
		"table":    func(t *testing.T, dir string) { flip(t, dir, "*.sst", 60) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "projections")
			s := openIn(t, dir)
			require.NoError(t, s.Apply(context.Background(), h.entries))
			require.NoError(t, s.db.Flush())
			require.NoError(t, s.Close())
			damage(t, dir)

			s, err := Open(Config{Dir: dir, Logger: quiet})
			if err == nil { // damage within a table shows when it is read
				_, err = s.Fingerprint(context.Background())
				require.NoError(t, s.Close())
			}
			require.ErrorIs(t, err, ErrDamaged)
			require.ErrorContains(t, err, "certledger projection rebuild")

			require.NoError(t, Rebuild(context.Background(), Config{Dir: dir, Logger: quiet}, newTape(100, h.entries...), nil))
			require.Equal(t, fingerprint(t, whole), fingerprint(t, openIn(t, dir)))
		})
	}
}

func flip(t *testing.T, dir, pattern string, at int) {
	t.Helper()
	for _, file := range glob(t, dir, pattern) {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		for i := at; i < min(at+40, len(b)); i++ {
			b[i] ^= 0x55
		}
		require.NoError(t, os.WriteFile(file, b, 0o600))
	}
}

func remove(t *testing.T, dir, pattern string) {
	t.Helper()
	for _, file := range glob(t, dir, pattern) {
		require.NoError(t, os.Remove(file))
	}
}

func glob(t *testing.T, dir, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

func TestWait(t *testing.T) {
	h := busy(10)
	s, err := Open(Config{Dir: t.TempDir(), Logger: quiet, WaitMax: 10 * time.Millisecond})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	ctx := context.Background()
	require.NoError(t, s.Wait(ctx, 0))
	require.ErrorIs(t, s.Wait(ctx, 1), ErrBehind)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	require.ErrorIs(t, s.Wait(ended, 1), context.Canceled)

	patient := openEmpty(t)
	done := make(chan error)
	go func() { done <- patient.Wait(ctx, 7) }()
	changed := patient.Changed()
	require.NoError(t, patient.Apply(ctx, h.entries[:3]))
	<-changed
	require.NoError(t, patient.Apply(ctx, h.entries[3:8]))
	require.NoError(t, <-done)
}

func TestAViewStaysAtItsMoment(t *testing.T) {
	h := busy(11)
	s := openEmpty(t)
	require.NoError(t, s.Apply(context.Background(), h.entries[:400]))
	v, err := s.View()
	require.NoError(t, err)
	before, err := v.Fingerprint(context.Background())
	require.NoError(t, err)
	require.NoError(t, s.Apply(context.Background(), h.entries[400:]))
	after, err := v.Fingerprint(context.Background())
	require.NoError(t, err)
	require.Equal(t, before, after)
	at, err := v.Position()
	require.NoError(t, err)
	require.Equal(t, uint64(400), at.Sequence)
	require.NoError(t, v.Close())
	require.NotEqual(t, before, fingerprint(t, s))
}

// What one read returns belongs together while entries are applied.
func TestReadsAreConsistentWhileEntriesAreApplied(t *testing.T) {
	h := busy(12)
	s := openEmpty(t)
	done := make(chan error, 1)
	go func() {
		for from := 0; from < len(h.entries); from += 5 {
			if err := s.Apply(context.Background(), h.entries[from:min(from+5, len(h.entries))]); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for reading := true; reading; {
		select {
		case err := <-done:
			require.NoError(t, err)
			reading = false
		default:
		}
		v, err := s.View()
		require.NoError(t, err)
		at, err := v.Position()
		require.NoError(t, err)
		f, err := v.Facts("r07")
		require.NoError(t, err)
		want, err := v.FactsAt("r07", at.Sequence)
		require.NoError(t, err)
		require.Equal(t, want, f)
		timeline, err := v.Timeline(registration("r07"), 0, 0)
		require.NoError(t, err)
		if f.Standing != nil {
			require.Len(t, timeline, int(f.Standing.Version))
			require.Equal(t, timeline[len(timeline)-1], f.Standing.Sequence)
		}
		stats, err := v.Statistics()
		require.NoError(t, err)
		require.Equal(t, at.Sequence, stats.Entries)
		require.NoError(t, v.Close())
	}
}

func TestReadsOfWhatDoesNotExist(t *testing.T) {
	s := openEmpty(t)
	f, err := s.Facts("nobody")
	require.NoError(t, err)
	require.Equal(t, domain.Facts{}, f)
	st, err := s.Standing("nobody")
	require.NoError(t, err)
	require.Nil(t, st)
	require.False(t, st.Exists())
	summary, err := s.Summary("nobody")
	require.NoError(t, err)
	require.Nil(t, summary)
	p, err := s.Programme("sha256:none")
	require.NoError(t, err)
	require.Nil(t, p)
	system, err := s.System()
	require.NoError(t, err)
	require.Nil(t, system)
	grid, err := s.Grid("nothing", time.Time{})
	require.NoError(t, err)
	require.Nil(t, grid)
	holds, err := s.PersonStanding("nobody")
	require.NoError(t, err)
	require.Nil(t, holds)
	_, found, err := s.Command("none")
	require.NoError(t, err)
	require.False(t, found)
	_, found, err = s.Entry(1)
	require.NoError(t, err)
	require.False(t, found)
	entries, err := s.Entries(0, 10)
	require.NoError(t, err)
	require.Empty(t, entries)
	facts, err := s.CohortFacts("nothing", "2026-05-01")
	require.NoError(t, err)
	require.Equal(t, domain.Facts{}, facts)
}
