package desk

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore"
	"github.com/certledger/certledger/eventstore/vault"
)

func repeated(a Answer) Answer {
	a.Repeated = true
	return a
}

func TestARetryAnswersAsTheFirstTime(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	submit := request(o.submit("r1", ada, "c1"))
	submit.Person = ada
	first, err := o.Do(ctx, submit)
	require.NoError(t, err)
	o.do(domain.WithdrawRegistration{Act: o.registrar(), Registration: "r1"})

	again := func(d *Desk) {
		t.Helper()
		a, err := d.Do(ctx, submit)
		require.NoError(t, err)
		require.Equal(t, repeated(first), a)

		other := submit
		other.Body = []byte("another body")
		_, err = d.Do(ctx, other)
		require.ErrorIs(t, err, ErrReused)

		stolen := o.submit("r2", ada, "c1")
		stolen.Act = domain.ActOf(submit.Command)
		other = request(stolen)
		other.Person = ada
		_, err = d.Do(ctx, other)
		require.ErrorIs(t, err, ErrReused, "the same body for another subject")
	}
	again(o.Desk) // from memory
	o.catchUp()
	again(o.newDesk()) // from the projections
}

func TestACommandThatRecordedSeveralEventsIsRecalledWhole(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	o.register("r1", ada, "c1")
	excuse := domain.ExcuseAbsence{Act: o.act(domain.PersonActor(ada), domain.RoleParticipant), Registration: "r1", Session: "1", Reason: "disability", Text: "canary"}
	first := o.do(excuse)
	require.Len(t, first.Entries, 2)
	o.catchUp()
	a, err := o.newDesk().Do(ctx, request(excuse))
	require.NoError(t, err)
	require.Equal(t, repeated(first), a)
}

func TestARetryAfterALostAnswerMeetsItsOwnGuard(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	o.register("r1", ada, "c1")
	o.setTime(spring.AddDate(0, 0, 1))
	o.catchUp()
	o.pause()

	mark := o.mark("r1", "1", domain.Present)
	first := o.do(mark) // its answer is lost with the desk that gave it

	restarted := o.newDesk()
	answers := make(chan Answer, 1)
	errs := make(chan error, 1)
	go func() {
		a, err := restarted.Do(ctx, request(mark))
		answers <- a
		errs <- err
	}()
	o.follow() // while it waits, or before
	require.NoError(t, <-errs)
	require.Equal(t, repeated(first), <-answers)
}

func TestACommandThatRecordedNothingIsSimplyTriedAgain(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	o.register("r1", ada, "c1")
	late := o.mark("r1", "2", domain.Present)
	require.Equal(t, "session-not-started", o.refused(late))
	o.setTime(spring.AddDate(0, 0, 1))
	late.At = o.now()
	a := o.do(late)
	require.False(t, a.Repeated)
	require.Len(t, a.Entries, 1)

	same := o.do(o.mark("r1", "2", domain.Present))
	require.Equal(t, Answer{Subject: a.Subject, Version: a.Version, Sequence: a.Sequence}, same, "the ledger already says so")
}

func TestAnotherDesksWritesAreSeen(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	o.register("r1", ada, "c1")
	o.setTime(spring.AddDate(0, 0, classes))
	o.catchUp()
	other := o.newDesk()
	// Each desk's state of r1 is behind by the other's mark when it decides.
	for i, session := range []string{"1", "2", "3", "4", "5", "6"} {
		d := []*Desk{o.Desk, other}[i%2]
		a, err := d.Do(ctx, request(o.mark("r1", session, domain.Present)))
		require.NoError(t, err)
		require.Equal(t, uint64(i+2), a.Version)
	}
	require.Len(t, o.standing("r1").Marks, 6)
}

func (o *office) standing(id string) *domain.Standing {
	o.t.Helper()
	o.catchUp()
	s, err := o.store.Standing(id)
	require.NoError(o.t, err)
	return s
}

func TestManyCallersOfTwoDesksLoseNothing(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	o.register("r1", ada, "c1")
	o.setTime(spring.AddDate(0, 0, classes))
	desks := []*Desk{o.newDesk(), o.newDesk()}
	errs := make(chan error)
	for i := range classes {
		mark := request(o.mark("r1", fmt.Sprint(i+1), domain.Present))
		for _, d := range desks { // both get every command, as after a hasty retry
			go func() {
				_, err := d.Do(ctx, mark)
				for errors.Is(err, ErrBusy) {
					_, err = d.Do(ctx, mark)
				}
				errs <- err
			}()
		}
	}
	for range classes * len(desks) {
		require.NoError(t, <-errs)
	}
	require.Len(t, o.standing("r1").Marks, classes)
	require.NoError(t, o.store.Err())
}

func TestIfMatchIsTheVersionTheCallerSaw(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	o.register("r1", ada, "c1")
	o.setTime(spring.AddDate(0, 0, classes))
	at := func(c domain.Command, version uint64) (Answer, error) {
		r := request(c)
		r.IfMatch = &version
		return o.Do(ctx, r)
	}
	_, err := at(o.mark("r1", "1", domain.Present), 0)
	require.ErrorIs(t, err, ErrStale)
	_, err = at(o.mark("r1", "1", domain.Present), 2)
	require.ErrorIs(t, err, ErrStale)
	mark := o.mark("r1", "1", domain.Present)
	first, err := at(mark, 1)
	require.NoError(t, err)
	a, err := at(mark, 1)
	require.NoError(t, err, "a retry is not stale")
	require.Equal(t, repeated(first), a)

	// Seen at another desk, before the projections have it.
	o.catchUp()
	other := o.newDesk()
	o.pause()
	o.do(o.mark("r1", "2", domain.Present))
	version := uint64(3)
	r := request(o.mark("r1", "3", domain.Present))
	r.IfMatch = &version
	errs := make(chan error, 1)
	go func() {
		_, err := other.Do(ctx, r)
		errs <- err
	}()
	o.follow()
	require.NoError(t, <-errs)
}

func TestAClockBehindTheLedgerWritesNothing(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	recorded := spring.Add(time.Hour)
	o.setTime(recorded)
	o.register("r1", ada, "c1")
	o.catchUp()

	for _, d := range []*Desk{o.Desk, o.newDesk()} {
		o.setTime(recorded.Add(-6 * time.Second))
		head, err := o.log.Head(ctx)
		require.NoError(t, err)
		c := domain.WithdrawRegistration{Act: o.registrar(), Registration: "r1"}
		_, err = d.Do(ctx, request(c))
		require.ErrorIs(t, err, ErrClockBehind)
		after, err := o.log.Head(ctx)
		require.NoError(t, err)
		require.Equal(t, head, after)
	}

	o.setTime(recorded.Add(-4 * time.Second))
	a := o.do(domain.WithdrawRegistration{Act: o.registrar(), Registration: "r1"})
	stored, err := o.log.Get(ctx, a.Sequence)
	require.NoError(t, err)
	e, err := domain.Decode(a.Sequence, stored.Payload)
	require.NoError(t, err)
	require.Equal(t, recorded.UTC(), e.Recorded, "never before the latest recorded time")
}

func TestAnActOfTheFutureIsRefused(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	c := o.submit("r1", ada, "c1")
	c.At = o.now().Add(6 * time.Second)
	require.Equal(t, "in-the-future", o.refused(c))
	c.At = o.now().Add(4 * time.Second)
	o.do(c)
}

func TestAfterACrashTheCopyGoesOn(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	first := o.register("r1", ada, "c1")
	submit := o.submit("r2", grace, "c1")
	second := o.do(submit)

	copied := openOffice(t, o.copyFiles(), o.now())
	copied.keys = o.keys
	a, err := copied.Do(ctx, request(submit))
	require.NoError(t, err)
	require.Equal(t, repeated(second), a)
	b := copied.do(domain.WithdrawRegistration{Act: copied.registrar(), Registration: "r1"})
	require.Equal(t, first.Version+1, b.Version)
	copied.catchUp()
	require.NoError(t, copied.store.Err())
}

func TestWithoutTheLogNothingIsRecordedAndReadsGoOn(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	a := o.register("r1", ada, "c1")
	o.catchUp()
	o.pause()
	require.NoError(t, o.log.Close())

	withdraw := domain.WithdrawRegistration{Act: o.registrar(), Registration: "r1"}
	_, err := o.Do(ctx, request(withdraw))
	require.ErrorIs(t, err, eventstore.ErrUnavailable)
	f, err := o.Facts(ctx, a.Subject)
	require.NoError(t, err)
	require.Equal(t, domain.StateRegistered, f.Standing.State)
	require.Equal(t, uint64(1), f.Standing.Version)

	o.log, err = eventstore.Open(ctx, o.logConfig())
	require.NoError(t, err)
	o.Desk = o.newDesk()
	o.follow()
	require.Equal(t, uint64(2), o.do(withdraw).Version)
}

func TestACallerThatLeftIsToldSoAndNothingIsRecorded(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	gone, leave := context.WithCancel(ctx)
	leave()
	_, err := o.Do(gone, request(o.submit("r1", ada, "c1")))
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, uint64(1), o.register("r1", ada, "c1").Version)
}

func TestWhoeverWasErasedIsToldSo(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	submit := request(o.submit("r1", ada, "c1"))
	submit.Person = ada
	_, err := o.Do(ctx, submit)
	require.NoError(t, err)
	require.NoError(t, o.vault.Fence(vault.Fence{Person: ada, Sequence: 1}))
	_, err = o.Do(ctx, submit)
	require.ErrorIs(t, err, ErrErased)
	excuse := domain.ExcuseAbsence{Act: o.registrar(), Registration: "r1", Session: "1", Reason: "disability"}
	_, err = o.Do(ctx, request(excuse))
	require.ErrorIs(t, err, ErrErased)
}

func TestARequestMustHoldTogether(t *testing.T) {
	o := newOffice(t)
	for name, r := range map[string]Request{
		"no command":   {CommandID: "x"},
		"no id":        {Command: domain.CreateLedger{Ledger: ledgerID}},
		"another id":   {Command: domain.CreateLedger{Act: domain.Act{Command: "x"}, Ledger: ledgerID}, CommandID: "y"},
		"no subject":   {Command: domain.Grant{Act: domain.Act{Command: "x"}, Registration: "Ada Lovelace"}, CommandID: "x"},
		"another kind": {Command: domain.AssignAttester{Act: domain.Act{Command: "x"}, On: "meeting/s1"}, CommandID: "x"},
		"no person":    {Command: domain.CreateLedger{Act: domain.Act{Command: "x"}, Ledger: ledgerID}, CommandID: "x", Person: "Ada"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := o.Do(ctx, r)
			require.ErrorIs(t, err, ErrInvalid)
			require.NotContains(t, err.Error(), "Ada")
		})
	}
	require.NotEqual(t, o.CommandID("staff/s1", ""), o.CommandID("staff/s1", ""))
	require.Equal(t, o.CommandID("staff/s1", "k"), o.CommandID("staff/s1", "k"))
}

func TestAnUnknownOutcomeIsSettledByTryingAgain(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	o.catchUp()
	o.pause()
	reopen := func(timeout time.Duration) {
		require.NoError(t, o.log.Close())
		cfg := o.logConfig()
		cfg.AppendTimeout = timeout
		var err error
		o.log, err = eventstore.Open(ctx, cfg)
		require.NoError(t, err)
		o.Desk = o.newDesk()
	}
	reopen(time.Microsecond)
	submits := []domain.SubmitRegistration{o.submit("r1", ada, "c1"), o.submit("r2", grace, "c1")}
	for _, c := range submits {
		_, err := o.Do(ctx, request(c))
		require.ErrorIs(t, err, eventstore.ErrUnknownOutcome)
	}
	reopen(0)
	o.follow()
	for _, c := range submits {
		require.Equal(t, uint64(1), o.do(c).Version)
		require.True(t, o.do(c).Repeated)
	}
	require.Equal(t, uint64(1), o.standing("r1").Version)
	require.Equal(t, uint64(1), o.standing("r2").Version)
}
