package eventstore

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
)

// BenchmarkAppend compares Append with the client's own publish, with the same
// guard, on the same kind of ledger, in the same run.
func BenchmarkAppend(b *testing.B) {
	ctx := context.Background()
	p := payload(1)
	for _, callers := range []int{1, 16} {
		b.Run("raw-"+strconv.Itoa(callers), func(b *testing.B) {
			l := newLog(b)
			js, err := jetstream.New(l.nc)
			require.NoError(b, err)
			appendFrom(b, callers, func(caller int, after uint64) (uint64, error) {
				ack, err := js.Publish(ctx, "ledger.registration."+strconv.Itoa(caller), p, jetstream.WithExpectLastSequencePerSubject(after))
				if err != nil {
					return 0, err
				}
				return ack.Sequence, nil
			})
		})
		b.Run("log-"+strconv.Itoa(callers), func(b *testing.B) {
			l := newLog(b)
			appendFrom(b, callers, func(caller int, after uint64) (uint64, error) {
				got, err := l.Append(ctx, one("registration/"+strconv.Itoa(caller), after, p))
				if err != nil {
					return 0, err
				}
				return got[0], nil
			})
		})
	}
}

// appendFrom shares b.N appends between callers, each on a subject of its own.
func appendFrom(b *testing.B, callers int, add func(caller int, after uint64) (uint64, error)) {
	var begun atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for caller := range callers {
		wg.Go(func() {
			var after uint64
			var err error
			for begun.Add(1) <= int64(b.N) {
				if after, err = add(caller, after); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
}

func BenchmarkAppendAll(b *testing.B) {
	for _, size := range []int{2, 32, 1000} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			l := newLog(b)
			writes := make([]Write, size)
			for i := range writes {
				writes[i] = one("registration/"+strconv.Itoa(i), 0, payload(i))
			}
			for b.Loop() {
				got, err := l.AppendAll(context.Background(), writes)
				require.NoError(b, err)
				for i := range writes {
					writes[i].After = got[i][0]
				}
			}
			b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

func BenchmarkRead(b *testing.B) {
	l := newLog(b)
	const entries = 100_000
	fill(b, l, entries)
	for b.Loop() {
		require.NoError(b, l.Read(context.Background(), 0, 0, func(Stored) error { return nil }))
	}
	b.ReportMetric(float64(b.N*entries)/b.Elapsed().Seconds(), "entries/s")
}

func BenchmarkLastOf(b *testing.B) {
	l := newLog(b)
	fill(b, l, 1000)
	for b.Loop() {
		_, _, err := l.LastOf(context.Background(), SystemSubject)
		require.NoError(b, err)
	}
}
