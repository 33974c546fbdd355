package desk

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore"
)

func requests(cs ...domain.Command) []Request {
	var out []Request
	for _, c := range cs {
		out = append(out, request(c))
	}
	return out
}

func (o *office) head() uint64 {
	o.t.Helper()
	head, err := o.log.Head(ctx)
	require.NoError(o.t, err)
	return head
}

func TestARosterIsRecordedAllOrNothing(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	o.register("r1", ada, "c1")
	o.register("r2", grace, "c1")
	o.setTime(spring.AddDate(0, 0, classes))
	before := o.head()

	roster := requests(
		o.mark("r1", "1", domain.Present), o.mark("r2", "1", domain.Absent), o.mark("r1", "2", domain.Present), o.mark("r2", "18", domain.Present),
	)
	_, err := o.DoAll(ctx, roster)
	var at *RequestError
	require.ErrorAs(t, err, &at)
	require.Equal(t, 3, at.Index)
	var refusal *domain.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, "no-such-session", refusal.Reason)
	require.Equal(t, before, o.head())

	roster = roster[:3]
	answers, err := o.DoAll(ctx, roster)
	require.NoError(t, err)
	require.Equal(t, before+3, o.head())
	require.Equal(t, uint64(2), answers[0].Version)
	require.Equal(t, uint64(2), answers[1].Version)
	require.Equal(t, uint64(3), answers[2].Version)
	require.Len(t, o.standing("r1").Marks, 2)
	f, err := o.Facts(ctx, answers[0].Subject)
	require.NoError(t, err)
	require.Equal(t, o.standing("r1"), f.Standing)

	again, err := o.newDesk().DoAll(ctx, append(roster, request(o.mark("r2", "2", domain.Present))))
	require.NoError(t, err)
	for i, a := range answers {
		require.Equal(t, repeated(a), again[i])
	}
	require.False(t, again[3].Repeated)
}

func TestACohortIsOpenedWithItsSessionsInOneBatch(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	starts := spring
	rs := requests(domain.OpenCohort{Act: o.registrar(), Cohort: "c2", Code: "second", Programme: core})
	for i := range classes {
		n := fmt.Sprint(i + 1)
		rs = append(rs, request(domain.ScheduleSession{
			Act: o.registrar(), Cohort: "c2", Session: n, Module: n, Starts: starts, Ends: starts.Add(7200e9),
		}))
	}
	answers, err := o.DoAll(ctx, rs)
	require.NoError(t, err)
	require.Equal(t, uint64(classes+1), answers[classes].Version)
	o.catchUp()
	c, err := o.store.Cohort("c2")
	require.NoError(t, err)
	require.Len(t, c.Sessions, classes)
	require.Equal(t, answers[classes].Sequence, c.Sequence)
	require.Equal(t, answers[1].Sequence, c.Sessions[0].Changed.Sequence, "no provisional sequence is left")
}

func TestABatchDoesNotReferToItself(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	o.register("r1", ada, "c1")
	o.setTime(spring.AddDate(0, 0, classes))
	before := o.head()

	correct := domain.CorrectAttendance{Act: o.registrar(), Registration: "r1", Session: "1", Status: domain.Absent, Reason: "data-entry"}
	_, err := o.DoAll(ctx, requests(o.mark("r1", "1", domain.Present), correct))
	require.ErrorIs(t, err, ErrInvalid)
	grant := domain.Grant{Act: o.act(domain.StaffActor("c1"), domain.RoleCertifier), Registration: "r1", Award: "certification", Level: "incomplete"}
	_, err = o.DoAll(ctx, requests(o.mark("r1", "1", domain.Present), grant))
	require.ErrorIs(t, err, ErrInvalid)
	mark := o.mark("r1", "1", domain.Present)
	_, err = o.DoAll(ctx, requests(mark, mark))
	require.ErrorIs(t, err, ErrInvalid)
	require.Equal(t, before, o.head())

	o.do(mark)
	o.do(correct)
}

func TestABatchIsBounded(t *testing.T) {
	o := newOffice(t)
	_, err := o.DoAll(ctx, make([]Request, RequestsMax+1))
	require.ErrorIs(t, err, eventstore.ErrTooLarge)
	answers, err := o.DoAll(ctx, nil)
	require.NoError(t, err)
	require.Empty(t, answers)
}
