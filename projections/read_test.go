package projections

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore"
)

func TestEntriesArePagedWithoutRepeatsOrGaps(t *testing.T) {
	h := busy(20)
	s := applied(t, h)
	var all []eventstore.Stored
	for {
		page, err := s.Entries(uint64(len(all)), 97)
		require.NoError(t, err)
		if len(page) == 0 {
			break
		}
		all = append(all, page...)
	}
	require.Equal(t, h.entries, all)
	page, err := s.Entries(0, 0)
	require.NoError(t, err)
	require.Len(t, page, EntriesMax)

	for _, subject := range []domain.Subject{registration("r05"), cohort("c1"), domain.SystemSubject} {
		var want, got []eventstore.Stored
		for _, e := range h.entries {
			if e.Subject == string(subject) {
				want = append(want, e)
			}
		}
		after := uint64(0)
		for {
			page, err := s.EntriesOf(subject, after, 3)
			require.NoError(t, err)
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
			after = page[len(page)-1].Sequence
		}
		require.Equal(t, want, got)
		one, found, err := s.Entry(want[0].Sequence)
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, want[0], one)

		history, err := s.History(subject, want[1].Sequence)
		require.NoError(t, err)
		require.Len(t, history, 2)
		require.Equal(t, uint64(2), history[1].Version)
	}
}

func TestSummariesAreThoseOfTheirMoment(t *testing.T) {
	h := busy(21)
	s := applied(t, h)
	for _, at := range []int{200, 700, len(h.entries)} {
		then := openEmpty(t)
		require.NoError(t, then.Apply(context.Background(), h.entries[:at]))
		for i := range 40 {
			id := fmt.Sprintf("r%02d", i)
			want, err := then.Summary(id)
			require.NoError(t, err)
			got, err := summaryAt(s, id, uint64(at))
			require.NoError(t, err)
			require.Equal(t, want, got)
			wantFacts, err := then.Facts(id)
			require.NoError(t, err)
			gotFacts, err := s.FactsAt(id, uint64(at))
			require.NoError(t, err)
			require.Equal(t, wantFacts, gotFacts)
		}
	}
}

func TestSequenceAt(t *testing.T) {
	h := busy(22)
	s := applied(t, h)
	for _, i := range []int{0, 1, 77, len(h.entries) - 1} {
		e, err := domain.Decode(uint64(i+1), h.entries[i].Payload)
		require.NoError(t, err)
		at, err := s.SequenceAt(e.Recorded.Add(-time.Millisecond))
		require.NoError(t, err)
		require.LessOrEqual(t, at, uint64(i))
		at, err = s.SequenceAt(e.Recorded)
		require.NoError(t, err)
		require.GreaterOrEqual(t, at, uint64(i+1))
	}
	at, err := s.SequenceAt(time.Time{})
	require.NoError(t, err)
	require.Zero(t, at)
}

func TestFactsHoldWhatARegistrationDependsOn(t *testing.T) {
	h := newHistory()
	h.ledger()
	h.publish(peerworks)
	for _, id := range []string{"t1", "t2", "t3"} {
		h.qualify(id)
	}
	h.open("c")
	h.assign(cohort("c"), "t3", domain.RoleTrainer)
	h.assign(cohort("c"), "unknown", domain.RoleTrainer)
	h.register("r", personID(1), "c")
	h.register("other", personID(1), "c")
	h.register("stranger", personID(2), "c")
	h.assign(registration("r"), "t1", domain.RoleSupervisor)
	h.assign(registration("r"), "t3", domain.RoleSupervisor)
	h.grant("other", "d1", "level-1")
	h.add(domain.SubjectOf(domain.KindPerson, personID(1)), &domain.PersonCorrected{Fields: []string{"email"}})
	s := applied(t, h)

	f, err := s.Facts("r")
	require.NoError(t, err)
	require.Equal(t, "r", f.Standing.Registration)
	require.Equal(t, peerworks.Digest, f.Programme.Digest)
	require.Equal(t, "c", f.Cohort.ID)
	require.Equal(t, peerworks.ID, f.Line.ID)
	require.Equal(t, personID(1), f.Person.ID)
	require.Len(t, f.Attesters, 2)
	require.Equal(t, "t1", f.Attesters[0].ID)
	require.Equal(t, "t3", f.Attesters[1].ID)
	require.Equal(t, []domain.Other{{
		Registration: "other", Programme: peerworks.ID, Cohort: "c", State: domain.StateRegistered,
		Award: "certification", Granted: "level-1", Sequence: h.heads[registration("other")].Sequence,
	}}, f.Others)
	var reads []domain.Read
	for _, subject := range []domain.Subject{cohort("c"), attester("t1"), attester("t3")} {
		reads = append(reads, readOf(subject, h.heads[subject]))
	}
	require.Equal(t, reads, f.Reads)

	f, err = s.CohortFacts("c", "2026-05-01")
	require.NoError(t, err)
	require.Equal(t, "c", f.Cohort.ID)
	require.Equal(t, peerworks.Digest, f.Programme.Digest)
	require.Len(t, f.Attesters, 1)
	f, err = s.ProgrammeFacts(peerworks.ID, "2025-12-31")
	require.NoError(t, err)
	require.NotNil(t, f.Line)
	require.Nil(t, f.Programme, "not in force yet")
	lines, err := s.Lines()
	require.NoError(t, err)
	require.Len(t, lines, 1)

	// What a read returns belongs to the caller.
	f.Line.Versions[0].Withdrawn = true
	line, err := s.Line(peerworks.ID)
	require.NoError(t, err)
	require.False(t, line.Versions[0].Withdrawn)
}

func TestListsCoverAllExactlyOnce(t *testing.T) {
	s := applied(t, busy(23))
	all := map[string]*Summary{}
	flags := map[string]bool{}
	for i := range 40 {
		id := fmt.Sprintf("r%02d", i)
		summary, err := s.Summary(id)
		require.NoError(t, err)
		all[id] = summary
		for _, f := range summary.Flags {
			flags[f] = true
		}
	}
	queries := []Query{
		{},
		{Programme: peerworks.ID},
		{Programme: "none"},
		{Cohort: "c1"},
		{Ready: true},
		{Cohort: "c2", Ready: true},
		{Status: domain.StateRegistered},
		{Programme: peerworks.ID, Cohort: "c3", Status: domain.StateWithdrawn},
	}
	for f := range flags {
		queries = append(queries, Query{Flag: f}, Query{Flag: f, Cohort: "c1"}, Query{Flag: f, Ready: true})
	}
	for _, q := range queries {
		want := map[string]*Summary{}
		for id, summary := range all {
			if q.matches(summary) {
				want[id] = summary
			}
		}
		for _, limit := range []int{1, 3, 0} {
			got := map[string]*Summary{}
			q.After, q.Limit = "", limit
			last := ""
			for {
				page, err := s.List(context.Background(), q)
				require.NoError(t, err)
				for _, row := range page.Rows {
					require.Greater(t, row.Registration, last)
					last = row.Registration
					got[last] = row
				}
				if limit > 0 {
					require.LessOrEqual(t, len(page.Rows), limit)
				}
				if page.Next == "" {
					break
				}
				q.After = page.Next
			}
			require.Equal(t, want, got, "%+v", q)
		}
	}
}

func TestIDsOfAKind(t *testing.T) {
	s := applied(t, busy(24))
	all, err := s.IDs(domain.KindCohort, "", 0)
	require.NoError(t, err)
	require.Equal(t, []string{"c1", "c2", "c3"}, all)
	some, err := s.IDs(domain.KindCohort, "c1", 1)
	require.NoError(t, err)
	require.Equal(t, []string{"c2"}, some)
	all, err = s.IDs(domain.KindRegistration, "r37", 0)
	require.NoError(t, err)
	require.Equal(t, []string{"r38", "r39"}, all)
	none, err := s.IDs(domain.KindAccess, "", 0)
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestRosterFollowsTransfers(t *testing.T) {
	h := newHistory()
	h.ledger()
	h.publish(peerworks)
	h.qualify("t1")
	h.open("a")
	h.open("b")
	h.register("r1", personID(1), "a")
	h.register("r2", personID(2), "a")
	h.mark("r1", "1", domain.Present)
	h.mark("r2", "1", domain.Absent)
	h.add(registration("r2"), &domain.RegistrationTransferred{From: "a", To: "b"})
	h.assign(cohort("a"), "t1", domain.RoleTrainer)
	h.add(registration("r1"), &domain.RegistrationWithdrawn{})
	for _, size := range []int{1, 100} {
		s := openEmpty(t)
		for from := 0; from < len(h.entries); from += size {
			require.NoError(t, s.Apply(context.Background(), h.entries[from:min(from+size, len(h.entries))]))
		}
		a, err := s.Roster("a")
		require.NoError(t, err)
		require.Equal(t, []string{"r1"}, a)
		b, err := s.Roster("b")
		require.NoError(t, err)
		require.Equal(t, []string{"r2"}, b)
		subjects, err := s.Assigned("t1")
		require.NoError(t, err)
		require.Equal(t, []domain.Subject{cohort("a")}, subjects)
		of, err := s.OfPerson(personID(2))
		require.NoError(t, err)
		require.Equal(t, []string{"r2"}, of)

		grid, err := s.Grid("a", h.now.AddDate(0, 6, 0))
		require.NoError(t, err)
		require.Len(t, grid.Sessions, 17)
		require.Len(t, grid.Rows, 1)
		require.Equal(t, "r1", grid.Rows[0].Registration)
		require.Len(t, grid.Rows[0].Classes, 17)
		require.Equal(t, "1", grid.Rows[0].Classes[0].Session)
		require.Equal(t, "attended", grid.Rows[0].Classes[0].Result)

		stats, err := s.Statistics()
		require.NoError(t, err)
		require.Equal(t, uint64(len(h.entries)), stats.Entries)
		require.Equal(t, uint64(34), stats.ByType["session.scheduled.v1"])
		require.Equal(t, map[string]map[string]uint64{peerworks.ID: {domain.StateRegistered: 1, domain.StateWithdrawn: 1}}, stats.Registrations)
	}
}

func TestPersonStandingIsTheHighestGrantedAndNotRevoked(t *testing.T) {
	award := peerworks.Awards[0].Key
	holds := func(h *history) Holding {
		p, err := applied(t, h).PersonStanding(personID(1))
		require.NoError(t, err)
		require.Len(t, p.Registrations, 3)
		require.Len(t, p.Holds, 1)
		return p.Holds[0]
	}
	h := newHistory()
	h.ledger()
	h.publish(peerworks)
	h.open("c")
	for _, id := range []string{"r1", "r2", "r3"} {
		h.register(id, personID(1), "c")
	}
	h.grant("r1", "d1", "level-1r")
	h.grant("r2", "d2", "level-1")
	want := Holding{Programme: peerworks.ID, Award: award, Level: "level-1r", Registration: "r1", Decision: "d1"}
	require.Equal(t, want, holds(h))

	h.decide("r1", domain.DecisionRecorded{Decision: "d3", Act: domain.ActSuspend, Award: award})
	want.Suspended = true
	require.Equal(t, want, holds(h))

	h.decide("r1", domain.DecisionRecorded{Decision: "d4", Act: domain.ActRevoke, Award: award, Levels: []string{"level-1r"}})
	want = Holding{Programme: peerworks.ID, Award: award, Level: "level-1", Registration: "r2", Decision: "d2"}
	require.Equal(t, want, holds(h))

	h.decide("r3", domain.DecisionRecorded{Decision: "d5", Act: domain.ActRevoke, Award: award, PersonWide: true})
	want = Holding{Programme: peerworks.ID, Award: award, RevokedWide: peerworks.Awards[0].Levels}
	require.Equal(t, want, holds(h), "every level, on every registration")

	h.decide("r3", domain.DecisionRecorded{Decision: "d6", Act: domain.ActReinstate, Award: award})
	want = Holding{Programme: peerworks.ID, Award: award, Level: "level-1", Registration: "r2", Decision: "d2"}
	require.Equal(t, want, holds(h))
}
