package desk

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore"
)

// BenchmarkMark compares a mark by a desk with the bare guarded append of the
// same bytes to a ledger that nothing follows. The two take turns, so that a
// slow moment of the disk meets both. of-raw is how many marks there are in the
// time of one bare append. Where the projections follow meanwhile, they take
// their part of the processors.
func BenchmarkMark(b *testing.B) {
	for _, callers := range []int{1, 16} {
		for _, followed := range []bool{false, true} {
			b.Run(fmt.Sprintf("callers=%d/followed=%t", callers, followed), func(b *testing.B) { benchmarkMark(b, callers, followed) })
		}
	}
}

const benchRegistrations = 512

func benchmarkMark(b *testing.B, callers int, followed bool) {
	o := newOffice(b)
	o.open("c1")
	var rs []Request
	for i := range benchRegistrations {
		rs = append(rs, request(o.submit(fmt.Sprintf("r%d", i), domain.NewID(fmt.Sprint(i), "person"), "c1")))
	}
	_, err := o.DoAll(ctx, rs)
	require.NoError(b, err)
	o.setTime(spring.AddDate(0, 0, classes))
	sample := o.do(o.mark("r0", "1", domain.Present))
	stored, err := o.log.Get(ctx, sample.Sequence)
	require.NoError(b, err)
	raw, err := eventstore.Create(ctx, eventstore.Config{Dir: b.TempDir() + "/raw", Logger: quiet})
	require.NoError(b, err)
	defer func() { require.NoError(b, raw.Close()) }()
	o.catchUp()
	if !followed {
		o.pause()
	}

	var last [benchRegistrations]uint64 // each is one caller's at a time
	bare := func(n int) error {
		r := n % benchRegistrations
		sequences, err := raw.Append(ctx, eventstore.Write{Subject: fmt.Sprintf("registration/r%d", r), After: last[r], Payloads: [][]byte{stored.Payload}})
		if err == nil {
			last[r] = sequences[0]
		}
		return err
	}
	marks := make([]Request, b.N)
	for n := range marks {
		status := []string{domain.Absent, domain.Present}[n/(benchRegistrations*classes)%2]
		marks[n] = request(o.mark(fmt.Sprintf("r%d", n%benchRegistrations), fmt.Sprint(n/benchRegistrations%classes+1), status))
	}
	mark := func(n int) error {
		_, err := o.Do(ctx, marks[n])
		return err
	}
	var desk, bareTime time.Duration
	b.ResetTimer()
	for n := 0; n < b.N; n += benchRegistrations {
		until := min(n+benchRegistrations, b.N)
		desk += spread(b, n, until, callers, mark)
		b.StopTimer()
		if followed {
			o.catchUp()
		}
		bareTime += spread(b, n, until, callers, bare)
		b.StartTimer()
	}
	b.ReportMetric(float64(bareTime.Nanoseconds())/float64(b.N), "raw-ns/op")
	b.ReportMetric(float64(bareTime)/float64(desk), "of-raw")
}

// spread lets callers share the calls from one number up to before another.
func spread(b *testing.B, from, until, callers int, call func(int) error) time.Duration {
	var wg sync.WaitGroup
	began := time.Now()
	for c := range callers {
		wg.Go(func() {
			for n := from + c; n < until; n += callers {
				if err := call(n); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(began)
}
