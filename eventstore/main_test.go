package eventstore

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("EVENTSTORE_TEST_DISK_FULL"); dir != "" {
		os.Exit(runDiskFull(dir))
	}
	goleak.VerifyTestMain(m)
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// testConfig is quick to notice and quiet.
func testConfig(dir string) Config {
	return Config{Dir: dir, Logger: quiet, StallCheck: 100 * time.Millisecond}
}

func ledgerDir(t testing.TB) string { return filepath.Join(t.TempDir(), "ledger") }

// newLog makes an empty ledger that is closed after the test.
func newLog(t testing.TB) *Log {
	t.Helper()
	l, err := Create(context.Background(), testConfig(ledgerDir(t)))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

func reopen(t testing.TB, dir string) *Log {
	t.Helper()
	l, err := Open(context.Background(), testConfig(dir))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

func payload(n int) []byte {
	return fmt.Appendf(nil, `{"event":%06d,"note":"twelve paragraphs were written and read"}`, n)
}

func one(subject string, after uint64, p []byte) Write {
	return Write{Subject: subject, After: after, Payloads: [][]byte{p}}
}

// fill appends n entries to the system subject, in batches, and returns the
// last sequence.
func fill(t testing.TB, l *Log, n int) uint64 {
	t.Helper()
	ctx := context.Background()
	last, ok, err := l.LastOf(ctx, SystemSubject)
	require.NoError(t, err)
	require.Equal(t, ok, last.Sequence > 0)
	head, err := l.Head(ctx)
	require.NoError(t, err)
	for after := last.Sequence; n > 0; {
		w := Write{Subject: SystemSubject, After: after}
		for range min(n, 500) {
			head++
			w.Payloads = append(w.Payloads, payload(int(head)))
		}
		sequences, err := l.Append(ctx, w)
		require.NoError(t, err)
		require.Equal(t, head, sequences[len(sequences)-1])
		after, n = head, n-len(w.Payloads)
	}
	return head
}

// readAll returns the sequences that Read hands over, and its error.
func readAll(l *Log, after, until uint64) ([]uint64, error) {
	var got []uint64
	err := l.Read(context.Background(), after, until, func(s Stored) error {
		got = append(got, s.Sequence)
		return nil
	})
	return got, err
}

func upTo(from, to uint64) []uint64 {
	var s []uint64
	for i := from; i <= to; i++ {
		s = append(s, i)
	}
	return s
}

// copyLedger copies an open ledger's files, as a crash would leave them.
func copyLedger(t testing.TB, dir string) string {
	t.Helper()
	to := ledgerDir(t)
	out, err := exec.Command("cp", "-r", dir, to).CombinedOutput()
	require.NoError(t, err, string(out))
	return to
}
