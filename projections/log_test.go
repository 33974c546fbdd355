package projections

import (
	"context"
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
