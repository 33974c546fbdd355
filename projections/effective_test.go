package projections

import (
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
		roster, err := s.RosterAt(cohort, n, at)
		require.NoError(t, err)
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
	h.add(registration("r"), &domain.WaiverGranted{
		Waiver: "w", Requirement: "attendance", Until: "2026-08-13", Reason: "illness", Proposed: h.propose(registration("r"), "waiver.granted.v1"),
	})
	s := applied(t, h)
	n := s.Position().Sequence
	at := time.Date(2026, 8, 14, 2, 0, 0, 0, time.UTC) // the thirteenth in Toronto
	for _, written := range []time.Time{at, at.In(time.FixedZone("", -4*3600)), at.In(time.FixedZone("", 9*3600))} {
		roster, err := s.RosterAt("a", n, written)
		require.NoError(t, err)
		require.Contains(t, roster[0].Flags, domain.FlagWaiver)
		grid, err := s.GridAt("a", n, written)
		require.NoError(t, err)
		require.Contains(t, grid.Rows[0].Flags, domain.FlagWaiver)
		grid, err = s.Grid("a", written)
		require.NoError(t, err)
		require.Contains(t, grid.Rows[0].Flags, domain.FlagWaiver)
	}
	roster, err := s.RosterAt("a", n, at.Add(2*time.Hour))
	require.NoError(t, err)
	require.NotContains(t, roster[0].Flags, domain.FlagWaiver, "the fourteenth")

	require.Equal(t, domain.Date("2026-08-13"), domain.DateOf(InZone(at, peerworks)))
	require.Equal(t, InZone(at, peerworks), InZone(at.In(time.FixedZone("", -4*3600)), peerworks))
	require.Equal(t, at, InZone(at, nil))
	nowhere := *peerworks
	nowhere.TimeZone = "Nowhere/Such"
	require.Equal(t, at, InZone(at, &nowhere))
}
