package projections

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

// BenchmarkAsOf asks a ledger of a million entries what was known at a time,
// effective at another.
func BenchmarkAsOf(b *testing.B) {
	const registrations = 1_000_000 / benchEach
	h := classes(registrations)
	s, err := Open(Config{Dir: b.TempDir(), Logger: quiet})
	require.NoError(b, err)
	defer func() { require.NoError(b, s.Close()) }()
	for part := range slices.Chunk(h.entries, 50_000) {
		require.NoError(b, s.apply(decode(part), true))
	}
	require.NoError(b, s.apply(nil, false))
	require.Greater(b, s.Position().Sequence, uint64(1_000_000))
	first, err := reader{s.db, s}.latest(1)
	require.NoError(b, err)
	began, r := time.UnixMilli(first), rand.New(rand.NewPCG(3, 3))
	sometime := func() time.Time { return began.Add(time.Duration(r.Int64N(int64(h.now.Sub(began))))) }
	h.entries = nil

	b.Run("sequence", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.SequenceAt(sometime()); err != nil {
				b.Fatal(err)
			}
		}
	})
	// The whole answer for one registration.
	b.Run("registration", func(b *testing.B) {
		for b.Loop() {
			sequence, err := s.SequenceAt(sometime())
			if err != nil {
				b.Fatal(err)
			}
			f, err := s.FactsAt(domain.NewID(fmt.Sprint(r.IntN(registrations)), "registration"), sequence)
			if err != nil {
				b.Fatal(err)
			}
			if f.Programme != nil {
				domain.Assess(f.Programme, f, sometime())
			}
		}
	})
	// The summaries of a cohort of thirty.
	b.Run("roster", func(b *testing.B) {
		for b.Loop() {
			sequence, err := s.SequenceAt(sometime())
			if err != nil {
				b.Fatal(err)
			}
			if _, err := s.RosterAt(fmt.Sprintf("cohort-%d", r.IntN(registrations/benchCohort)), sequence, sometime(), "", 0); err != nil {
				b.Fatal(err)
			}
		}
	})
}
