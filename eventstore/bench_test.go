package eventstore

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
)

// BenchmarkAppend compares Append with the client's own publish: the same
// guard and ledger, in turns, so that both meet the same disk. The ratio is of
// the median times of a turn.
func BenchmarkAppend(b *testing.B) {
	ctx := context.Background()
	p := payload(1)
	for _, callers := range []int{1, 16} {
		b.Run(strconv.Itoa(callers), func(b *testing.B) {
			l := newLog(b)
			js, err := jetstream.New(l.nc)
			require.NoError(b, err)
			raw := func(caller int, after uint64) (uint64, error) {
				ack, err := js.Publish(ctx, "ledger.registration."+strconv.Itoa(caller), p, jetstream.WithExpectLastSequencePerSubject(after))
				if err != nil {
					return 0, err
				}
				return ack.Sequence, nil
			}
			ours := func(caller int, after uint64) (uint64, error) {
				got, err := l.Append(ctx, one("registration/"+strconv.Itoa(caller), after, p))
				if err != nil {
					return 0, err
				}
				return got[0], nil
			}
			after := make([]uint64, callers)
			var times [2][]time.Duration
			for b.Loop() {
				for i, add := range []func(int, uint64) (uint64, error){raw, ours} {
					times[i] = append(times[i], turn(b, after, add))
				}
			}
			slices.Sort(times[0])
			slices.Sort(times[1])
			median := len(times[0]) / 2
			each := float64(callers * turnLength)
			b.ReportMetric(each/times[0][median].Seconds(), "raw/s")
			b.ReportMetric(each/times[1][median].Seconds(), "append/s")
			b.ReportMetric(times[0][median].Seconds()/times[1][median].Seconds(), "ratio")
		})
	}
}

const turnLength = 20

// turn lets every caller append turnLength entries to a subject of its own.
func turn(b *testing.B, after []uint64, add func(caller int, after uint64) (uint64, error)) time.Duration {
	begin := time.Now()
	var wg sync.WaitGroup
	for caller := range after {
		wg.Go(func() {
			for range turnLength {
				sequence, err := add(caller, after[caller])
				if err != nil {
					b.Error(err)
					return
				}
				after[caller] = sequence
			}
		})
	}
	wg.Wait()
	return time.Since(begin)
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
