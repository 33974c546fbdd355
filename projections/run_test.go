package projections

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/eventstore"
)

// tape is a ledger in memory that can grow. It hands over at most some entries
// at once.
type tape struct {
	atOnce int

	mu      sync.Mutex // protects the two below
	entries []eventstore.Stored
	grown   chan struct{}
}

var _ Source = (*tape)(nil)

func newTape(atOnce int, entries ...eventstore.Stored) *tape {
	return &tape{atOnce: atOnce, entries: entries, grown: make(chan struct{})}
}

func (l *tape) append(entries ...eventstore.Stored) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, entries...)
	close(l.grown)
	l.grown = make(chan struct{})
}

func (l *tape) Head(context.Context) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return uint64(len(l.entries)), nil
}

func (l *tape) Read(ctx context.Context, after, until uint64, each func(eventstore.Stored) error) error {
	l.mu.Lock()
	entries := l.entries
	l.mu.Unlock()
	if until == 0 {
		until = uint64(len(entries))
	}
	for _, e := range entries[after:until] {
		if err := errors.Join(ctx.Err(), each(e)); err != nil {
			return err
		}
	}
	return nil
}

func (l *tape) Follow(ctx context.Context, after uint64, each func([]eventstore.Stored) error) error {
	for {
		l.mu.Lock()
		entries, grown := l.entries, l.grown
		l.mu.Unlock()
		for after < uint64(len(entries)) {
			until := min(after+uint64(l.atOnce), uint64(len(entries)))
			if err := each(entries[after:until]); err != nil {
				return err
			}
			after = until
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return nil
		}
	}
}

// running runs a store until the returned function is called, which gives what
// Run returned.
func running(s *Store, from Source) (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error, 1)
	go func() { result <- s.Run(ctx, from) }()
	return func() error {
		cancel()
		return <-result
	}
}

func TestRunMakesTheSameRows(t *testing.T) {
	h := busy(2)
	want := fingerprint(t, applied(t, h))
	for _, atOnce := range []int{1, 13, 100_000} {
		t.Run(fmt.Sprint(atOnce), func(t *testing.T) {
			s, err := Open(Config{Dir: t.TempDir(), Logger: quiet, BatchEntries: 100})
			require.NoError(t, err)
			defer func() { require.NoError(t, s.Close()) }()
			half := len(h.entries) / 2
			l := newTape(atOnce, h.entries[:half]...)
			stop := running(s, l)
			require.NoError(t, s.Wait(context.Background(), uint64(half)))
			for _, e := range h.entries[half:] {
				l.append(e)
			}
			require.NoError(t, s.Wait(context.Background(), uint64(len(h.entries))))
			require.NoError(t, stop())
			require.Equal(t, want, fingerprint(t, s))
		})
	}
}

func TestRebuildMakesTheSameRows(t *testing.T) {
	h := busy(3)
	want := fingerprint(t, applied(t, h))
	dir := t.TempDir() + "/projections"
	s := openIn(t, dir)
	require.NoError(t, s.Apply(context.Background(), h.entries[:100]))
	l := newTape(1000, h.entries...)
	require.ErrorIs(t, Rebuild(context.Background(), Config{Dir: dir, Logger: quiet}, l, nil), ErrInUse)
	require.NoError(t, s.Close())

	var last uint64
	require.NoError(t, Rebuild(context.Background(), Config{Dir: dir, Logger: quiet}, l, func(done, total uint64) {
		require.Equal(t, uint64(len(h.entries)), total)
		require.GreaterOrEqual(t, done, last)
		last = done
	}))
	require.Equal(t, uint64(len(h.entries)), last)
	require.NoDirExists(t, dir+rebuildSuffix)
	require.NoDirExists(t, dir+oldSuffix)
	require.Equal(t, want, fingerprint(t, openIn(t, dir)))
}

func TestOwedSummariesAreMadeAtTheHead(t *testing.T) {
	h := busy(4)
	want := applied(t, h)
	s := openEmpty(t)
	half := len(h.entries) / 2
	require.NoError(t, s.apply(decode(h.entries[:half]), true))
	require.NoError(t, s.apply(decode(h.entries[half:]), true))
	require.NotEmpty(t, s.folder.owed)
	for _, id := range []string{"r00", "r17", "r39"} {
		expected, err := want.Summary(id)
		require.NoError(t, err)
		found, err := s.Summary(id)
		require.NoError(t, err)
		require.Equal(t, expected, found)
	}
	copied := copyDir(t, s)
	require.NoError(t, s.apply(nil, false))
	require.Equal(t, fingerprint(t, want), fingerprint(t, s))

	require.NoError(t, copied.Apply(context.Background(), nil))
	require.Equal(t, fingerprint(t, want), fingerprint(t, copied))
}

// faint is a ledger that is unavailable a few times.
type faint struct {
	*tape
	times atomic.Int32
}

func (f *faint) Follow(ctx context.Context, after uint64, each func([]eventstore.Stored) error) error {
	if f.times.Add(-1) >= 0 {
		return fmt.Errorf("%w: for a while", eventstore.ErrUnavailable)
	}
	return f.tape.Follow(ctx, after, each)
}

func TestRunAsksAnUnavailableLedgerAgain(t *testing.T) {
	h := busy(32)
	s := openEmpty(t)
	from := &faint{tape: newTape(100, h.entries...)}
	from.times.Store(1)
	stop := running(s, from)
	require.NoError(t, s.Wait(context.Background(), uint64(len(h.entries))))
	require.NoError(t, stop())
}

func TestAnInterruptedRebuildLeavesTheOldRows(t *testing.T) {
	h := busy(33)
	dir := filepath.Join(t.TempDir(), "projections")
	s := openIn(t, dir)
	require.NoError(t, s.Apply(context.Background(), h.entries[:200]))
	want := fingerprint(t, s)
	require.NoError(t, s.Close())
	ctx, cancel := context.WithCancel(context.Background())
	l := newTape(10, h.entries...)
	err := Rebuild(ctx, Config{Dir: dir, Logger: quiet, BatchEntries: 100}, l, func(done, _ uint64) {
		if done > 300 {
			cancel()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	require.NoDirExists(t, dir+rebuildSuffix)
	s = openIn(t, dir)
	require.Equal(t, want, fingerprint(t, s))
	require.NoError(t, s.Close())

	// A crash between the two renames of a swap.
	require.NoError(t, fill(context.Background(), Config{Dir: dir + rebuildSuffix, Logger: quiet}.withDefaults(), l, nil))
	require.NoError(t, os.Rename(dir, dir+oldSuffix))
	s = openIn(t, dir)
	require.Equal(t, fingerprint(t, applied(t, h)), fingerprint(t, s))
	require.NoDirExists(t, dir+oldSuffix)
	require.NoError(t, s.Close())

	// A crash after both, and one where the new rows are gone.
	require.NoError(t, os.Mkdir(dir+oldSuffix, 0o700))
	require.NoError(t, openIn(t, dir).Close())
	require.NoDirExists(t, dir+oldSuffix)
	require.NoError(t, os.Rename(dir, dir+oldSuffix))
	require.Equal(t, uint64(len(h.entries)), openIn(t, dir).Position().Sequence)
}
