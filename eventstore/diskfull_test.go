package eventstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A write that the disk refuses is not acknowledged, the ledger then refuses
// writes and says why, reads go on, and nothing acknowledged is lost. The disk
// is made full by a limit on file sizes, which needs a process of its own.
func TestDiskFull(t *testing.T) {
	l := newLog(t)
	head := fill(t, l, 100)
	require.NoError(t, l.Close())
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "EVENTSTORE_TEST_DISK_FULL="+l.cfg.Dir)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	var acknowledged uint64
	_, err = fmt.Sscanf(string(out), "acknowledged %d", &acknowledged)
	require.NoError(t, err, "%s", out)
	require.Greater(t, acknowledged, head)

	l = reopen(t, l.cfg.Dir)
	require.NoError(t, l.Verify(context.Background(), recordedAt(head)))
	got, err := readAll(l, 0, acknowledged)
	require.NoError(t, err)
	require.Equal(t, upTo(1, acknowledged), got)
	require.NoError(t, l.Healthy())
}

// runDiskFull is the process with the full disk.
func runDiskFull(dir string) int {
	fail := func(what string, err error) int {
		fmt.Println(what, err)
		return 1
	}
	signal.Ignore(syscall.SIGXFSZ)
	ctx := context.Background()
	cfg := testConfig(dir)
	cfg.AppendTimeout = 200 * time.Millisecond
	l, err := Open(ctx, cfg)
	if err != nil {
		return fail("open", err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 256 << 10, Max: 256 << 10}); err != nil {
		return fail("limit", err)
	}
	last, _, err := l.LastOf(ctx, SystemSubject)
	if err != nil {
		return fail("last", err)
	}
	acknowledged := last.Sequence
	for range 100 {
		var got []uint64
		if got, err = l.Append(ctx, one(SystemSubject, acknowledged, bytes.Repeat([]byte("x"), 10_000))); err != nil {
			break
		}
		acknowledged = got[0]
	}
	if !errors.Is(err, ErrUnknownOutcome) && !errors.Is(err, ErrUnavailable) {
		return fail("first refusal", err)
	}
	if _, err := l.Append(ctx, one("person/a", 0, []byte("x"))); !errors.Is(err, ErrReadOnly) {
		return fail("second refusal", err)
	}
	if err := l.Healthy(); !errors.Is(err, ErrReadOnly) {
		return fail("health", err)
	}
	if got, err := readAll(l, 0, acknowledged); err != nil || uint64(len(got)) != acknowledged {
		return fail("read", err)
	}
	_ = l.Close() // it cannot write its index
	fmt.Println("acknowledged", acknowledged)
	return 0
}
