package projections

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

// inEffect asks every reading for a registration that is alone in its cohort.
// Each must tell the same cohort and state; nil where it did not exist.
func inEffect(t *testing.T, s *Store, id, person string, cohorts []string, at time.Time) *Summary {
	t.Helper()
	n := s.Position().Sequence
	f, err := s.EffectiveFacts(id, n, at)
	require.NoError(t, err)
	of, err := s.PersonStandingAt(person, n, at)
	require.NoError(t, err)
	var found *Summary
	for _, cohort := range cohorts {
		roster := rosterAt(t, s, cohort, n, at)
		grid, err := s.GridAt(cohort, n, at)
		require.NoError(t, err)
		require.Len(t, grid.Rows, len(roster))
		for i, row := range roster {
			require.Nil(t, found, "in one cohort at a time")
			require.Equal(t, cohort, row.Cohort)
			require.Equal(t, row.State, grid.Rows[i].State)
			found = row
		}
	}
	if found == nil {
		require.Nil(t, f.Standing)
		require.Nil(t, of)
		return nil
	}
	require.Equal(t, []*Summary{found}, of.Registrations)
	require.Equal(t, found.State, f.Standing.State)
	require.Equal(t, found.Cohort, f.Standing.Cohort)
	require.Equal(t, found.Cohort, f.Cohort.ID)
	return found
}

func TestEveryReadingAgreesOnWhatWasInEffect(t *testing.T) {
	h := newHistory()
	h.ledger()
	h.publish(peerworks)
	h.open("a")
	h.open("b")
	before := h.now
	h.now = h.now.AddDate(0, 0, 7)
	h.register("r", personID(1), "a")
	registered := h.now
	h.now = h.now.AddDate(0, 0, 7)
	h.add(registration("r"), &domain.RegistrationTransferred{From: "a", To: "b"})
	transferred := h.now
	h.now = h.now.AddDate(0, 0, 7)
	h.add(registration("r"), &domain.RegistrationNoShow{})
	s := applied(t, h)
	ask := func(at time.Time) *Summary { return inEffect(t, s, "r", personID(1), []string{"a", "b"}, at) }

	require.Nil(t, ask(before), "not submitted yet")
	require.Nil(t, ask(registered.Add(-time.Nanosecond)))
	for _, c := range []struct {
		at                    time.Time
		cohort, state, status string
	}{
		{registered, "a", domain.StateRegistered, domain.StateRegistered},
		{transferred.Add(-time.Nanosecond), "a", domain.StateRegistered, domain.StateRegistered},
		{transferred, "b", domain.StateRegistered, domain.StateRegistered},
		{h.now.Add(-time.Nanosecond), "b", domain.StateRegistered, domain.StateRegistered},
		{h.now, "b", domain.StateNoShow, domain.StateNoShow},
	} {
		row := ask(c.at)
		require.NotNil(t, row)
		require.Equal(t, []string{c.cohort, c.state, c.status}, []string{row.Cohort, row.State, row.Status})
	}
}

// What was learned later about a class that had been held counts.
func TestWhatIsKnownNowAboutThen(t *testing.T) {
	h := newHistory()
	h.ledger()
	h.publish(peerworks)
	h.open("a")
	h.register("r", personID(1), "a")
	first := peerworks.Classes.Modules[0].Key
	h.now = time.Date(2026, 4, 21, 12, 0, 0, 0, time.UTC)
	then := h.now
	h.now = h.now.AddDate(0, 1, 0)
	h.mark("r", first, domain.Present)
	s := applied(t, h)
	grid, err := s.GridAt("a", s.Position().Sequence, then)
	require.NoError(t, err)
	require.Equal(t, domain.ClassAttended, grid.Rows[0].Classes[0].Result)
}

// The day is the programme's, however the instant was written.
func TestAnInstantIsInTheProgrammesZone(t *testing.T) {
	require.Equal(t, "America/Toronto", peerworks.TimeZone)
	h := newHistory()
	h.ledger()
	h.publish(peerworks)
	h.open("a")
	h.register("r", personID(1), "a")
	waiver := &domain.WaiverGranted{Waiver: "w", Requirement: "attendance", Until: "2026-08-13", Reason: "illness"}
	waiver.Proposed = h.propose(registration("r"), waiver)
	h.add(registration("r"), waiver)
	s := applied(t, h)
	n := s.Position().Sequence
	at := time.Date(2026, 8, 14, 2, 0, 0, 0, time.UTC) // the thirteenth in Toronto
	for _, written := range []time.Time{at, at.In(time.FixedZone("", -4*3600)), at.In(time.FixedZone("", 9*3600))} {
		roster := rosterAt(t, s, "a", n, written)
		require.Contains(t, roster[0].Flags, domain.FlagWaiver)
		grid, err := s.GridAt("a", n, written)
		require.NoError(t, err)
		require.Contains(t, grid.Rows[0].Flags, domain.FlagWaiver)
		grid, err = s.Grid("a", written)
		require.NoError(t, err)
		require.Contains(t, grid.Rows[0].Flags, domain.FlagWaiver)
	}
	roster := rosterAt(t, s, "a", n, at.Add(2*time.Hour))
	require.NotContains(t, roster[0].Flags, domain.FlagWaiver, "the fourteenth")

	require.Equal(t, domain.Date("2026-08-13"), domain.DateOf(InZone(at, peerworks)))
	require.Equal(t, InZone(at, peerworks), InZone(at.In(time.FixedZone("", -4*3600)), peerworks))
	require.Equal(t, at, InZone(at, nil))
	nowhere := *peerworks
	nowhere.TimeZone = "Nowhere/Such"
	require.Equal(t, at, InZone(at, &nowhere))
}

// What is shown of a standing as of then is what its assessment rests on.
func TestWhatIsShownAsOfThenIsWhatIsAssessed(t *testing.T) {
	const seed = 61
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 11))
	h := newHistory()
	began := h.now
	h.keepBusy(r, 900)
	s := applied(t, h)
	fewer := 0
	for range 300 {
		id, known := fmt.Sprintf("r%02d", r.IntN(40)), 100+r.Uint64N(s.Position().Sequence-100)
		at := began.Add(time.Duration(r.Int64N(int64(h.now.Sub(began)))))
		f, err := s.EffectiveFacts(id, known, at)
		require.NoError(t, err)
		shown, err := s.StandingAt(id, known, at)
		require.NoError(t, err)
		if f.Standing == nil {
			require.Nil(t, shown)
			continue
		}
		at = InZone(at, f.Programme)
		want := domain.Assess(f.Programme, f, at)
		fewer += len(f.Standing.Marks) - len(shown.Marks)
		for _, m := range shown.Marks {
			class, ok := f.Cohort.Session(m.Session)
			require.True(t, !m.Made.Time.After(at) || ok && class.Held(at), "a mark of a class that had not been held")
		}
		for _, made := range []domain.Origin{shown.Last, shown.Submitted} {
			require.False(t, made.Time.After(at))
		}
		require.Equal(t, f.Standing.Head, shown.Head)
		told := *shown
		told.Attesters, told.Endings = f.Standing.Attesters, f.Standing.Endings // these bear their days
		f.Standing = &told
		got := domain.Assess(f.Programme, f, at)
		got.Consulted, want.Consulted = nil, nil // what came later is not even looked at
		require.Equal(t, want, got)
	}
	require.Positive(t, fewer)
}

func TestATimetableIsThatOfThen(t *testing.T) {
	h := newHistory()
	h.ledger()
	h.publish(peerworks)
	h.open("a")
	h.register("r", personID(1), "a")
	planned := time.Date(2026, 4, 20, 18, 0, 0, 0, time.FixedZone("", -4*3600))
	then := planned.AddDate(0, 0, -2)
	h.now = planned.AddDate(0, 0, -1)
	moved := planned.AddDate(0, 2, 0)
	h.add(cohort("a"), &domain.SessionRescheduled{Session: "1", Starts: moved, Ends: moved.Add(2 * time.Hour)})
	h.add(cohort("a"), &domain.SessionCancelled{Session: "2"})
	h.add(cohort("a"), &domain.MaterialsReleased{Material: "reader"})
	h.add(cohort("a"), &domain.AttesterAssigned{Attester: "t", Role: domain.RoleTrainer, From: "2026-01-01"})
	put := planned.AddDate(0, 0, -3) // held before, and put down only now
	h.add(cohort("a"), &domain.SessionScheduled{Session: "1b", Module: "1", Starts: put, Ends: put.Add(time.Hour)})
	s := applied(t, h)
	n := s.Position().Sequence
	f, err := s.EffectiveFacts("r", n, then)
	require.NoError(t, err)
	first, _ := f.Cohort.Session("1")
	require.True(t, planned.Equal(first.Starts), "it was moved later")
	second, _ := f.Cohort.Session("2")
	require.False(t, second.Cancelled)
	require.Empty(t, f.Cohort.Materials)
	require.Len(t, f.Cohort.Attesters, 1, "it holds since January, whenever it was recorded")
	_, there := f.Cohort.Session("1b")
	require.True(t, there)
	grid, err := s.GridAt("a", n, then)
	require.NoError(t, err)
	require.Equal(t, f.Cohort.Sessions, grid.Sessions)
	_, there = f.Cohort.Session("17")
	require.True(t, there)

	f, err = s.EffectiveFacts("r", n, h.now)
	require.NoError(t, err)
	now, err := s.Cohort("a")
	require.NoError(t, err)
	require.Equal(t, now, f.Cohort)
}
