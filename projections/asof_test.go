package projections

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

// rosterOf is what RosterAt answers, from a ledger that ends there.
func rosterOf(t *testing.T, then *Store, cohort string) []*Summary {
	t.Helper()
	ids, err := then.Roster(cohort)
	require.NoError(t, err)
	var out []*Summary
	for _, id := range ids {
		s, err := then.Summary(id)
		require.NoError(t, err)
		out = append(out, s)
	}
	return out
}

// rosterAt is all that RosterAt answers, a few at a time.
func rosterAt(t *testing.T, s *Store, cohort string, sequence uint64, at time.Time) []*Summary {
	t.Helper()
	var out []*Summary
	for after := ""; ; {
		page, err := s.RosterAt(cohort, sequence, at, after, 4)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.Rows), 4)
		out = append(out, page.Rows...)
		if after = page.Next; after == "" {
			return out
		}
	}
}

// summaryAt is a summary as known at a sequence.
func summaryAt(s *Store, id string, sequence uint64) (*Summary, error) {
	return asOf(s.reads, sequence, time.Time{}, func(p *past) (*Summary, error) { return p.summary(id) })
}

// sameAsThen compares answers of one kind.
func sameAsThen[T any](t *testing.T, then T, err error) func(now T, err error) {
	t.Helper()
	require.NoError(t, err)
	return func(now T, err error) {
		t.Helper()
		require.NoError(t, err)
		require.Equal(t, then, now)
	}
}

func TestAsOfAtEveryPrefixIsAReplayTruncatedThere(t *testing.T) {
	for _, seed := range []uint64{50, 51} {
		t.Logf("seed %d", seed)
		r := rand.New(rand.NewPCG(seed, 8))
		h := newHistory()
		h.clock = func() time.Duration { return time.Duration(r.IntN(20_000)) * time.Millisecond }
		h.keepBusy(r, 150)
		s, then := applied(t, h), openEmpty(t)
		for k := range uint64(len(h.entries) + 1) {
			registrations := []string{fmt.Sprintf("r%02d", r.IntN(40)), fmt.Sprintf("r%02d", r.IntN(40))}
			cohort, person := fmt.Sprintf("c%d", 1+r.IntN(3)), personID(r.IntN(25))
			if k > 0 {
				require.NoError(t, then.Apply(context.Background(), h.entries[k-1:k]))
				if on := domain.Subject(h.entries[k-1].Subject); on.Kind() == domain.KindRegistration {
					registrations = append(registrations, on.ID())
				}
			}
			for _, id := range registrations {
				facts, err := then.Facts(id)
				sameAsThen(t, facts, err)(s.FactsAt(id, k))
				summary, err := then.Summary(id)
				sameAsThen(t, summary, err)(summaryAt(s, id, k))
				if facts.Standing != nil {
					person = facts.Standing.Person
				}
			}
			require.Equal(t, rosterOf(t, then, cohort), rosterAt(t, s, cohort, k, time.Time{}))
			holds, err := then.PersonStanding(person)
			sameAsThen(t, holds, err)(s.PersonStandingAt(person, k, time.Time{}))
			of, err := then.Person(person)
			sameAsThen(t, of, err)(s.PersonAt(person, k))
			c, err := then.Cohort(cohort)
			sameAsThen(t, c, err)(s.CohortAt(cohort, k))
			if k%25 == 0 {
				at := h.now.AddDate(0, 0, r.IntN(90)) // everything was in effect by then
				grid, err := then.Grid(cohort, at)
				sameAsThen(t, grid, err)(s.GridAt(cohort, k, at))
			}
		}
	}
}

// knownBy is SequenceAt by its definition, entry by entry.
func knownBy(t *testing.T, h *history, at time.Time) uint64 {
	t.Helper()
	for _, stored := range h.entries {
		e, err := domain.Decode(stored.Sequence, stored.Payload)
		require.NoError(t, err)
		if e.Recorded.After(at) {
			return stored.Sequence - 1
		}
	}
	return uint64(len(h.entries))
}

func TestKnownAndEffectiveAtAreThoseOfATruncatedReplay(t *testing.T) {
	const seed = 52
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 9))
	h := newHistory()
	h.clock = func() time.Duration { return time.Duration(r.IntN(3600)-1800) * time.Second }
	began := h.now
	h.keepBusy(r, 700)
	s, then := applied(t, h), openEmpty(t)
	sometime := func() time.Time { return began.Add(time.Duration(r.Int64N(int64(h.now.Sub(began))))) }
	known := make([]time.Time, 40)
	for i := range known {
		known[i] = sometime()
	}
	slices.SortFunc(known, time.Time.Compare)
	assessed := 0
	for _, at := range known {
		sequence, err := s.SequenceAt(at)
		require.NoError(t, err)
		require.Equal(t, knownBy(t, h, at), sequence)
		require.NoError(t, then.Apply(context.Background(), h.entries[then.Position().Sequence:sequence]))
		for range 10 {
			id, effective := fmt.Sprintf("r%02d", r.IntN(40)), sometime()
			want, err := then.Facts(id)
			require.NoError(t, err)
			got, err := s.FactsAt(id, sequence)
			require.NoError(t, err)
			if want.Standing == nil {
				require.Nil(t, got.Standing)
				continue
			}
			require.Equal(t, domain.Assess(want.Programme, want, effective), domain.Assess(got.Programme, got, effective))
			assessed++
		}
	}
	require.Greater(t, assessed, 100)
}

// Two writers whose clocks differ record times that go back.
func TestSequenceAtWhereRecordedTimesGoBack(t *testing.T) {
	r := rand.New(rand.NewPCG(53, 1))
	h := newHistory()
	h.clock = func() time.Duration { return time.Duration(r.IntN(10)-9) * time.Minute }
	h.keepBusy(r, 200)
	back := 0
	var times []time.Time
	for _, stored := range h.entries {
		e, err := domain.Decode(stored.Sequence, stored.Payload)
		require.NoError(t, err)
		if n := len(times); n > 0 && e.Recorded.Before(times[n-1]) {
			back++
		}
		times = append(times, e.Recorded)
	}
	require.Greater(t, back, 10)
	whole, parts := applied(t, h), openEmpty(t)
	for part := range slices.Chunk(h.entries, 3) {
		require.NoError(t, parts.Apply(context.Background(), part))
	}
	for _, at := range times {
		for _, off := range []time.Duration{-time.Nanosecond, 0, time.Nanosecond, time.Hour} {
			want := knownBy(t, h, at.Add(off))
			got, err := whole.SequenceAt(at.Add(off))
			require.NoError(t, err)
			require.Equal(t, want, got)
			got, err = parts.SequenceAt(at.Add(off))
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	}
}

func TestAsOfBeforeTheBeginningAndInTheFuture(t *testing.T) {
	h := busy(54)
	s := applied(t, h)
	n := uint64(len(h.entries))
	f, err := s.FactsAt("r00", 0)
	require.NoError(t, err)
	require.Equal(t, domain.Facts{}, f)
	require.Empty(t, rosterAt(t, s, "c1", 0, time.Time{}))
	holds, err := s.PersonStandingAt(personID(0), 0, time.Time{})
	require.NoError(t, err)
	require.Nil(t, holds)
	grid, err := s.GridAt("c1", 0, h.now)
	require.NoError(t, err)
	require.Nil(t, grid)

	_, err = s.FactsAt("r00", n)
	require.NoError(t, err)
	for _, sequence := range []uint64{n + 1, 1<<64 - 1} {
		_, err = s.FactsAt("r00", sequence)
		require.ErrorIs(t, err, ErrNotYet)
		_, err = s.RosterAt("c1", sequence, time.Time{}, "", 0)
		require.ErrorIs(t, err, ErrNotYet)
		_, err = s.PersonStandingAt(personID(0), sequence, time.Time{})
		require.ErrorIs(t, err, ErrNotYet)
	}
}

func rosterIDs(t *testing.T, s *Store, cohort string, sequence uint64, at time.Time) []string {
	t.Helper()
	var ids []string
	for _, row := range rosterAt(t, s, cohort, sequence, at) {
		ids = append(ids, row.Registration)
	}
	return ids
}

func TestRosterAtHasThoseWhoLeftLater(t *testing.T) {
	h := newHistory()
	h.ledger()
	h.publish(peerworks)
	h.open("a")
	h.open("b")
	h.register("r1", personID(1), "a")
	h.register("r2", personID(2), "a")
	together := uint64(len(h.entries))
	before := h.now
	h.now = h.now.AddDate(0, 0, 7)
	h.add(registration("r2"), &domain.RegistrationTransferred{From: "a", To: "b"})
	for _, size := range []int{1, 1000} {
		s := openEmpty(t)
		for part := range slices.Chunk(h.entries, size) {
			require.NoError(t, s.Apply(context.Background(), part))
		}
		n := s.Position().Sequence
		require.Equal(t, []string{"r1", "r2"}, rosterIDs(t, s, "a", together, time.Time{}))
		require.Empty(t, rosterIDs(t, s, "b", together, time.Time{}))
		require.Equal(t, []string{"r1"}, rosterIDs(t, s, "a", together-1, time.Time{}))
		require.Equal(t, []string{"r1"}, rosterIDs(t, s, "a", n, time.Time{}))
		require.Equal(t, []string{"r2"}, rosterIDs(t, s, "b", n, time.Time{}))

		// What is known now about the time before the transfer.
		require.Equal(t, []string{"r1", "r2"}, rosterIDs(t, s, "a", n, before))
		require.Empty(t, rosterIDs(t, s, "b", n, before))
		require.Equal(t, []string{"r1"}, rosterIDs(t, s, "a", n, h.now))
	}
}

func TestPersonStandingBeforeALaterDecision(t *testing.T) {
	award := peerworks.Awards[0].Key
	h := newHistory()
	h.ledger()
	h.publish(peerworks)
	h.open("c")
	h.register("r1", personID(1), "c")
	h.register("r2", personID(1), "c")
	h.grant("r1", "d1", "level-1r")
	granted := h.now
	h.now = h.now.AddDate(0, 1, 0)
	h.decide("r2", domain.DecisionRecorded{Decision: "d2", Act: domain.ActRevoke, Award: award, PersonWide: true})
	revoked := h.now
	h.now = h.now.AddDate(0, 1, 0)
	h.decide("r2", domain.DecisionRecorded{Decision: "d3", Act: domain.ActReinstate, Award: award})
	s := applied(t, h)
	n := s.Position().Sequence
	levels := func(at time.Time) Holding {
		p, err := s.PersonStandingAt(personID(1), n, at)
		require.NoError(t, err)
		require.Len(t, p.Registrations, 2)
		require.Len(t, p.Holds, 1)
		return p.Holds[0]
	}
	held := Holding{Programme: peerworks.ID, Award: award, Level: "level-1r", Registration: "r1", Decision: "d1"}
	require.Equal(t, held, levels(granted))
	require.Equal(t, Holding{Programme: peerworks.ID, Award: award, RevokedWide: peerworks.Awards[0].Levels}, levels(revoked), "reinstated later")
	require.Equal(t, held, levels(h.now))

	p, err := s.PersonStandingAt(personID(1), n, granted.Add(-time.Second))
	require.NoError(t, err)
	require.Len(t, p.Registrations, 2)
	require.Empty(t, p.Holds, "known by now, and not decided then")
	p, err = s.PersonStandingAt(personID(1), n, granted.Add(-time.Hour))
	require.NoError(t, err)
	require.Nil(t, p, "nothing was submitted then")
}

// A programme that came after them was not known to the registrations then.
func TestFactsAtHaveTheProgrammesOfThen(t *testing.T) {
	h := newHistory()
	h.ledger()
	h.open("c")
	h.register("r", personID(1), "c")
	before := uint64(len(h.entries))
	h.publish(peerworks)
	first := uint64(len(h.entries))
	h.publish(peerworks) // again: it was known since the first
	s, then := applied(t, h), openEmpty(t)
	for k := before; k <= uint64(len(h.entries)); k++ {
		require.NoError(t, then.Apply(context.Background(), h.entries[then.Position().Sequence:k]))
		want, err := then.Facts("r")
		require.NoError(t, err)
		require.Equal(t, k >= first, want.Programme != nil)
		sameAsThen(t, want, nil)(s.FactsAt("r", k))
	}
}
