package projections

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore"
)

const (
	benchRegistrations = 10_000
	benchEach          = 20 // entries per registration
	benchCohort        = 30 // registrations per cohort
)

// wide is a ledger of many registrations.
var wide = sync.OnceValue(func() *history { return classes(benchRegistrations) })

// classes is a history of registrations interleaved as classes make them:
// everybody is registered, then marked class by class, and evaluated.
func classes(registrations int) *history {
	h := newHistory()
	r := rand.New(rand.NewPCG(1, 1))
	h.ledger()
	h.publish(peerworks)
	h.qualify("t1")
	for c := range registrations/benchCohort + 1 {
		id := fmt.Sprintf("cohort-%d", c)
		h.open(id)
		h.assign(cohort(id), "t1", domain.RoleTrainer)
	}
	ids := make([]string, registrations)
	for i := range ids {
		ids[i] = domain.NewID(fmt.Sprint(i), "registration")
		h.register(ids[i], personID(i), fmt.Sprintf("cohort-%d", i/benchCohort))
	}
	for session := 1; session <= benchEach-3; session++ {
		for _, i := range r.Perm(len(ids)) {
			status := domain.Present
			if r.IntN(12) == 0 {
				status = domain.Absent
			}
			h.mark(ids[i], fmt.Sprint(session), status)
		}
	}
	for _, i := range r.Perm(len(ids)) {
		h.add(registration(ids[i]), &domain.JudgementRecorded{Judgement: fmt.Sprintf("j%d", i), Question: "evaluation", Answer: "level-1r"})
	}
	for _, i := range r.Perm(len(ids)) {
		h.add(registration(ids[i]), &domain.SubmissionFiled{
			Submission: fmt.Sprintf("s%d", i), Kind: "practicum-plan", Received: domain.DateOf(h.now), Digest: peerworks.Digest,
		})
	}
	return h
}

// BenchmarkReplay applies a whole ledger to all projections, as Run does when
// it catches up.
func BenchmarkReplay(b *testing.B) {
	h := wide()
	size := 0
	for _, e := range h.entries {
		size += len(e.Payload)
	}
	l := newTape(5000, h.entries...)
	var used time.Duration
	for b.Loop() {
		before := processorTime(b)
		s, err := Open(Config{Dir: b.TempDir(), Logger: quiet})
		require.NoError(b, err)
		head := uint64(len(h.entries))
		require.NoError(b, s.follow(context.Background(), l, func(ctx context.Context, each func([]eventstore.Stored) error) error {
			return readChunks(ctx, l, head, each)
		}))
		require.Equal(b, head, s.Position().Sequence)
		require.NoError(b, s.Close())
		used += processorTime(b) - before
	}
	b.ReportMetric(float64(used.Microseconds())/float64(len(h.entries))/float64(b.N), "cpu-µs/entry")
	b.ReportMetric(float64(len(h.entries))*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(float64(size)/float64(len(h.entries)), "B/entry")
}

// BenchmarkDecode is the part of a replay that reads the stored form.
func BenchmarkDecode(b *testing.B) {
	h := wide()
	for i := 0; b.Loop(); i++ {
		var it item
		if it.decode(h.entries[i%len(h.entries)]); it.err != nil {
			b.Fatal(it.err)
		}
	}
}

// BenchmarkLive applies entries one by one, as at the ledger's head.
func BenchmarkLive(b *testing.B) {
	h := wide()
	s := openEmpty(b)
	n := len(h.entries) * 9 / 10
	require.NoError(b, s.Apply(context.Background(), h.entries[:n]))
	require.NoError(b, s.db.Compact(context.Background(), []byte{0}, []byte{0xff}, false))
	runtime.GC()
	i := n
	before := processorTime(b)
	defer func() {
		b.ReportMetric(float64((processorTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/entry")
	}()
	for b.Loop() {
		if i == len(h.entries) {
			b.Skip("the history is too short")
		}
		require.NoError(b, s.Apply(context.Background(), h.entries[i:i+1]))
		i++
	}
}

func benchStore(b *testing.B) (*Store, []string) {
	b.Helper()
	s := applied(b, wide())
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = domain.NewID(fmt.Sprint(i*7), "registration")
	}
	b.ResetTimer()
	return s, ids
}

// BenchmarkStanding loads one registration's standing.
func BenchmarkStanding(b *testing.B) {
	s, ids := benchStore(b)
	for i := 0; b.Loop(); i++ {
		st, err := s.Standing(ids[i%len(ids)])
		if err != nil || len(st.Marks) != benchEach-3 {
			b.Fatal(err)
		}
	}
}

// BenchmarkFacts gathers what a command on a registration looks at.
func BenchmarkFacts(b *testing.B) {
	s, ids := benchStore(b)
	for i := 0; b.Loop(); i++ {
		f, err := s.Facts(ids[i%len(ids)])
		if err != nil || f.Programme == nil || f.Cohort == nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAssess is what one summary costs the rules.
func BenchmarkAssess(b *testing.B) {
	s, ids := benchStore(b)
	f, err := s.Facts(ids[0])
	require.NoError(b, err)
	for b.Loop() {
		domain.Assess(f.Programme, f, f.Standing.Last.Recorded)
	}
}

// BenchmarkPack is what encoding one standing costs.
func BenchmarkPack(b *testing.B) {
	s, ids := benchStore(b)
	f, err := s.Facts(ids[0])
	require.NoError(b, err)
	row := &stateRow[domain.Standing]{State: *f.Standing}
	var out []byte
	for b.Loop() {
		out = pack(out[:0], row)
	}
	b.ReportMetric(float64(len(out)), "B/row")
}

// processorTime is what this process has used so far.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
