package projections

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

func TestDifferenceNamesWhatWasRecordedSince(t *testing.T) {
	h := newHistory()
	h.ledger()
	h.publish(peerworks)
	for _, id := range []string{"t1", "t2", "t3"} {
		h.qualify(id)
	}
	for _, id := range []string{"a", "b", "z"} {
		h.open(id)
	}
	h.assign(cohort("a"), "t1", domain.RoleTrainer)
	h.register("r", personID(1), "a")
	h.register("other", personID(1), "z")
	h.register("stranger", personID(2), "a")
	from := uint64(len(h.entries))

	want := map[uint64]string{}
	concerns := func(why string, do func()) {
		before := len(h.entries)
		do()
		for n := before; n < len(h.entries) && why != ""; n++ {
			want[uint64(n)+1] = why
		}
	}
	qualify := func(id string) func() {
		return func() { h.add(attester(id), &domain.AttesterQualified{Qualification: "trainer", From: "2026-01-01"}) }
	}
	cancel := func(id, session string) func() {
		return func() { h.add(cohort(id), &domain.SessionCancelled{Session: session}) }
	}
	concerns(ConcernsOwn, func() { h.mark("r", "1", domain.Present) })
	concerns("", func() { h.mark("stranger", "1", domain.Present) })
	concerns(ConcernsOther, func() { h.mark("other", "1", domain.Present) })
	concerns(ConcernsAttester, qualify("t1"))
	concerns("", qualify("t2"))
	concerns(ConcernsOwn, func() { h.assign(registration("r"), "t2", domain.RoleSupervisor) })
	concerns(ConcernsAttester, qualify("t2"))
	concerns(ConcernsCohort, cancel("a", "2"))
	concerns("", cancel("b", "2"))
	concerns("", cancel("z", "2"))
	concerns(ConcernsOwn, func() { h.add(registration("r"), &domain.RegistrationTransferred{From: "a", To: "b"}) })
	concerns("", cancel("a", "3"))
	concerns("", qualify("t1"))
	concerns(ConcernsCohort, cancel("b", "3"))
	concerns(ConcernsCohort, func() { h.assign(cohort("b"), "t3", domain.RoleTrainer) })
	concerns(ConcernsAttester, qualify("t3"))
	concerns(ConcernsProgramme, func() {
		h.add(domain.SubjectOf(domain.KindProgramme, peerworks.ID), &domain.ProgrammeWithdrawn{Programme: peerworks.ID, Version: peerworks.Version})
	})
	concerns("", func() {
		h.add(domain.SubjectOf(domain.KindPerson, personID(1)), &domain.PersonCorrected{Fields: []string{"email"}})
	})
	s := applied(t, h)
	to := uint64(len(h.entries))
	d, err := s.Difference("r", from, to)
	require.NoError(t, err)
	require.False(t, d.More)
	got := map[uint64]string{}
	for i, c := range d.Entries {
		got[c.Entry.Sequence] = c.Why
		require.Equal(t, h.entries[c.Entry.Sequence-1].Subject, string(c.Entry.Subject))
		if i > 0 {
			require.Greater(t, c.Entry.Sequence, d.Entries[i-1].Entry.Sequence)
		}
	}
	require.Equal(t, want, got)

	d, err = s.Difference("r", to, to)
	require.NoError(t, err)
	require.Empty(t, d.Entries)
	d, err = s.Difference("nobody", 0, to)
	require.NoError(t, err)
	require.Nil(t, d)
	d, err = s.Difference("r", 0, 3)
	require.NoError(t, err)
	require.Nil(t, d, "nobody had registered yet")
	_, err = s.Difference("r", 5, 4)
	require.ErrorIs(t, err, ErrRange)
	_, err = s.Difference("r", 0, to+1)
	require.ErrorIs(t, err, ErrNotYet)
}

// Whatever changes the facts of a registration is in the difference.
func TestDifferenceHasEveryEntryThatChangesTheFacts(t *testing.T) {
	const seed = 60
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 10))
	h := newHistory()
	h.keepBusy(r, 250)
	s := applied(t, h)
	n := uint64(len(h.entries))
	changes := 0
	for i := range 8 {
		id := fmt.Sprintf("r%02d", r.IntN(40))
		from := r.Uint64N(n)
		if i < 2 {
			from = 0 // before the registration was there
		}
		to := from + r.Uint64N(n-from+1)
		d, err := s.Difference(id, from, to)
		require.NoError(t, err)
		named := map[uint64]bool{}
		if d != nil {
			for _, c := range d.Entries {
				named[c.Entry.Sequence] = true
			}
		}
		before, err := s.FactsAt(id, from)
		require.NoError(t, err)
		for k := from + 1; k <= to; k++ {
			after, err := s.FactsAt(id, k)
			require.NoError(t, err)
			before.Person, after.Person = nil, nil
			same := reflect.DeepEqual(before, after)
			require.Equal(t, !same, named[k], "entry %d, %s, to %s between %d and %d", k, h.entries[k-1].Subject, id, from, to)
			if !same {
				changes++
			}
			before = after
		}
	}
	require.Greater(t, changes, 20)
}

func TestALongDifferenceGoesOn(t *testing.T) {
	h := newHistory()
	h.ledger()
	h.publish(peerworks)
	h.open("c")
	h.register("r", personID(1), "c")
	from := uint64(len(h.entries))
	for i := range DifferenceMax + 10 {
		on := registration("r")
		if i%3 == 0 {
			on = cohort("c")
		}
		if on == cohort("c") {
			h.add(on, &domain.MaterialsReleased{Material: fmt.Sprint(i)})
		} else {
			h.add(on, &domain.NoticeGiven{Notice: fmt.Sprint(i)})
		}
	}
	s := applied(t, h)
	to := uint64(len(h.entries))
	var all []uint64
	for more := true; more; {
		d, err := s.Difference("r", from, to)
		require.NoError(t, err)
		require.LessOrEqual(t, len(d.Entries), DifferenceMax)
		for _, c := range d.Entries {
			all = append(all, c.Entry.Sequence)
		}
		from, more = all[len(all)-1], d.More
	}
	require.Len(t, all, DifferenceMax+10)
	require.IsIncreasing(t, all)
}
