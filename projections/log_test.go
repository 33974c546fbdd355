package projections

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/eventstore"
)

// recordAll writes a history to a new ledger, in order.
func recordAll(t testing.TB, entries []eventstore.Stored) *eventstore.Log {
	t.Helper()
	ctx := context.Background()
	log, err := eventstore.Create(ctx, eventstore.Config{Dir: t.TempDir(), Logger: quiet})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, log.Close()) })
	appendAll(t, log, entries)
	return log
}

func appendAll(t testing.TB, log *eventstore.Log, entries []eventstore.Stored) {
	t.Helper()
	heads := map[string]uint64{}
	var writes []eventstore.Write
	count := 0
	flush := func() {
		if len(writes) == 0 {
			return
		}
		sequences, err := log.AppendAll(context.Background(), writes)
		require.NoError(t, err)
		for i, w := range writes {
			heads[w.Subject] = sequences[i][len(sequences[i])-1]
		}
		writes, count = nil, 0
	}
	inBatch := func(subject string) bool {
		for _, w := range writes {
			if w.Subject == subject {
				return true
			}
		}
		return false
	}
	for _, e := range entries {
		if n := len(writes); n > 0 && writes[n-1].Subject == e.Subject && count < eventstore.AppendMax {
			writes[n-1].Payloads = append(writes[n-1].Payloads, e.Payload)
			count++
			continue
		}
		if count == eventstore.AppendMax || inBatch(e.Subject) {
			flush()
		}
		if _, known := heads[e.Subject]; !known {
			last, _, err := log.LastOf(context.Background(), e.Subject)
			require.NoError(t, err)
			heads[e.Subject] = last.Sequence
		}
		writes = append(writes, eventstore.Write{Subject: e.Subject, After: heads[e.Subject], Payloads: [][]byte{e.Payload}})
		count++
	}
	flush()
}

func TestTheEmbeddedLedgerIsFollowedAndRebuilt(t *testing.T) {
	h := busy(30)
	ctx := context.Background()
	log := recordAll(t, h.entries[:900])
	dir := filepath.Join(t.TempDir(), "projections")
	s := openIn(t, dir)
	stop := running(s, log)
	require.NoError(t, s.Wait(ctx, 900))
	appendAll(t, log, h.entries[900:])
	head, err := log.Head(ctx)
	require.NoError(t, err)
	require.NoError(t, s.Wait(ctx, head))
	require.NoError(t, stop())
	at := s.Position()
	require.NoError(t, log.Verify(ctx, eventstore.Recorded{Sequence: at.Sequence, PayloadHash: at.Hash}))

	entries, err := s.Entries(0, 0)
	require.NoError(t, err)
	for _, e := range entries {
		stored, err := log.Get(ctx, e.Sequence)
		require.NoError(t, err)
		stored.StoredAt = time.Time{}
		require.Equal(t, stored, e)
	}
	want := fingerprint(t, s)
	require.NoError(t, s.Close())
	require.NoError(t, Rebuild(ctx, Config{Dir: dir, Logger: quiet}, log, nil))
	require.Equal(t, want, fingerprint(t, openIn(t, dir)))
}

func TestRunEndsWithAClosedLedger(t *testing.T) {
	log := recordAll(t, busy(31).entries[:50])
	s := openEmpty(t)
	result := make(chan error, 1)
	go func() { result <- s.Run(context.Background(), log) }()
	require.NoError(t, s.Wait(context.Background(), 50))
	require.NoError(t, log.Close())
	require.ErrorIs(t, <-result, eventstore.ErrClosed)
	require.NoError(t, s.Err())
}

// BenchmarkReplayFromLog compares a rebuild from the embedded ledger with
// reading the ledger and doing nothing.
func BenchmarkReplayFromLog(b *testing.B) {
	h := wide()
	log := recordAll(b, h.entries)
	var bare, all, used time.Duration
	n := float64(len(h.entries))
	for b.Loop() {
		began := time.Now()
		require.NoError(b, log.Read(context.Background(), 0, 0, func(eventstore.Stored) error { return nil }))
		bare += time.Since(began)
		before := processorTime(b)
		began = time.Now()
		require.NoError(b, Rebuild(context.Background(), Config{Dir: b.TempDir() + "/p", Logger: quiet}, log, nil))
		all += time.Since(began)
		used += processorTime(b) - before
	}
	b.ReportMetric(n*float64(b.N)/bare.Seconds(), "bare-entries/s")
	b.ReportMetric(n*float64(b.N)/all.Seconds(), "entries/s")
	b.ReportMetric(bare.Seconds()/all.Seconds(), "of-bare")
	b.ReportMetric(float64(used.Microseconds())/n/float64(b.N), "cpu-µs/entry")
}
