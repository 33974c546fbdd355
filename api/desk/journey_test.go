package desk

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore/vault"
)

func TestAPersonIsRegisteredMarkedJudgedAndGranted(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	a := o.register("r1", ada, "c1")
	require.Equal(t, domain.SubjectOf(domain.KindRegistration, "r1"), a.Subject)
	require.Equal(t, uint64(1), a.Version)
	require.Len(t, a.Entries, 1)
	require.Equal(t, "registration.submitted.v1", a.Entries[0].Type)

	o.setTime(spring.AddDate(0, 0, classes))
	for i := range classes {
		o.do(o.mark("r1", fmt.Sprint(i+1), domain.Present))
	}
	o.do(domain.RecordJudgement{
		Act: o.act(domain.AttesterActor(trainer), domain.RoleTrainer), Registration: "r1",
		Question: "evaluation", Answer: "level-1r", Narrative: "A canary narrative",
	})
	grant := domain.Grant{Act: o.act(domain.StaffActor("c1"), domain.RoleCertifier), Registration: "r1", Award: "certification", Level: "level-1r"}
	require.Equal(t, "not-earned", o.refused(domain.Grant{Act: grant.Act, Registration: "r1", Award: "certification", Level: "certified"}))
	a = o.do(grant)
	require.Equal(t, "decision.recorded.v1", a.Entries[0].Type)
	require.Equal(t, uint64(classes+3), a.Version)

	f, err := o.Facts(ctx, a.Subject)
	require.NoError(t, err)
	d, ok := f.Standing.InForce("certification")
	require.True(t, ok)
	require.Equal(t, "level-1r", d.Level)

	o.catchUp()
	require.NoError(t, o.store.Err())
	stored, err := o.store.Standing("r1")
	require.NoError(t, err)
	require.Equal(t, f.Standing, stored, "what the desk keeps is what the projections fold")

	found, err := o.vault.Lookup(vault.IndexName, "canaryfirst CANARYLAST")
	require.NoError(t, err)
	require.Equal(t, []string{ada}, found)
	found, err = o.vault.Lookup(vault.IndexEmail, "canary-trainer@example.org")
	require.NoError(t, err)
	require.Equal(t, []string{trainer}, found)
}

func TestAnEntrySaysWhatElseWasLookedAt(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	o.register("r1", ada, "c1")
	o.setTime(spring.AddDate(0, 0, 1))
	a := o.do(o.mark("r1", "1", domain.Present))

	stored, err := o.log.Get(ctx, a.Sequence)
	require.NoError(t, err)
	e, err := domain.Decode(stored.Sequence, stored.Payload)
	require.NoError(t, err)
	cohort, err := o.Facts(ctx, domain.SubjectOf(domain.KindCohort, "c1"))
	require.NoError(t, err)
	attester, err := o.Facts(ctx, domain.SubjectOf(domain.KindAttester, trainer))
	require.NoError(t, err)
	require.Equal(t, []domain.Read{
		{Subject: "cohort/c1", Version: cohort.Cohort.Version, Sequence: cohort.Cohort.Sequence, Hash: cohort.Cohort.Hash},
		{Subject: domain.SubjectOf(domain.KindAttester, trainer), Version: 1, Sequence: attester.Attester.Sequence, Hash: attester.Attester.Hash},
	}, domain.CommonOf(e.Event).Reads)
	require.Equal(t, o.now().UTC(), e.Recorded)
}

// An attester who is not assigned acts as the person whom the registration is
// about: that they are one is known all the same.
func TestWhoeverActsIsLookedAtAssignedOrNot(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	o.register("r1", ada, "c1")
	o.do(domain.RegisterAttester{Act: o.registrar(), Attester: grace, What: domain.AttesterPerson, Person: ada, Name: "Ada"})
	o.setTime(spring.AddDate(0, 0, 1))
	o.do(domain.ProposeWaiver{
		Act: o.act(domain.StaffActor("c1"), domain.RoleCertifier), Registration: "r1", Requirement: "missed-sessions", Session: "1", Text: "A flood.",
	})
	f, err := o.Facts(ctx, "registration/r1")
	require.NoError(t, err)
	approval := domain.ApproveProposal{
		Act: o.act(domain.AttesterActor(grace), domain.RoleCertifier), Registration: "r1", Proposal: f.Standing.Proposals[0].ID,
	}
	require.Equal(t, "person-concerned", o.refused(approval))
}

func TestWhatFollowsAtOnceSeesWhatWasJustWritten(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	o.catchUp()
	o.pause()

	o.register("r1", ada, "c1")
	require.Equal(t, "already-registered", o.refused(o.submit("r2", ada, "c1")), "the person's other registration")
	o.do(domain.OpenCohort{Act: o.registrar(), Cohort: "c2", Code: "second", Programme: core})
	o.do(domain.ScheduleSession{Act: o.registrar(), Cohort: "c2", Session: "1", Module: "1", Starts: spring, Ends: spring.Add(7200e9)})
	o.register("r3", grace, "c2")
	o.do(domain.MarkAttendance{Act: o.registrar(), Registration: "r3", Session: "1", Status: domain.Present})
	a := o.do(domain.TransferRegistration{Act: o.registrar(), Registration: "r1", To: "c2"})
	require.Equal(t, uint64(2), a.Version)
	f, err := o.Facts(ctx, a.Subject)
	require.NoError(t, err)
	require.Equal(t, "c2", f.Cohort.ID)
}

func TestPersonalDetailsAreCorrected(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	o.register("r1", ada, "c1")
	correct := domain.CorrectPerson{Act: o.registrar(), Person: ada, Fields: map[string]string{"first-name": "Newcanary", "last-name": "Bird", "email": "new@example.org"}}
	a := o.do(correct)
	require.Equal(t, domain.SubjectOf(domain.KindPerson, ada), a.Subject)
	found, err := o.vault.Lookup(vault.IndexName, "newcanary bird")
	require.NoError(t, err)
	require.Equal(t, []string{ada}, found)

	require.Equal(t, "not-correctable", o.refused(domain.CorrectPerson{
		Act: o.registrar(), Person: ada, Fields: map[string]string{"lived-experience": "both"},
	}), "the programme says which group a field is in")
	require.Equal(t, "no-such-person", o.refused(domain.CorrectPerson{
		Act: o.registrar(), Person: grace, Fields: map[string]string{"last-name": "Bird"},
	}))
}

func TestADeskWithoutMemoryLooksAtTheSameFacts(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	o.do(domain.OpenCohort{Act: o.registrar(), Cohort: "c2", Code: "second", Programme: core})
	o.register("r1", ada, "c1")
	o.register("r2", ada, "c2")
	o.setTime(spring.AddDate(0, 0, classes))
	a := o.do(o.mark("r1", "1", domain.Present))
	o.catchUp()

	want, err := o.store.Facts("r1")
	require.NoError(t, err)
	require.NotEmpty(t, want.Others)
	want.Line, want.Person = nil, nil // no command on a registration looks at them
	for _, d := range []*Desk{o.Desk, o.newDesk()} {
		f, err := d.Facts(ctx, a.Subject)
		require.NoError(t, err)
		require.Equal(t, "registration/r2", string(f.Reads[len(f.Reads)-1].Subject))
		f.Reads = f.Reads[:len(f.Reads)-1]
		require.Equal(t, want, f)
	}
	_, err = o.newDesk().Do(ctx, request(o.submit("r3", ada, "c1")))
	var r *domain.Refusal
	require.ErrorAs(t, err, &r)
	require.Equal(t, "already-registered", r.Reason)
}

func TestWhatOthersWroteIsForgottenOnceItIsProjected(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	o.register("r1", ada, "c1")
	other := o.newDesk()
	_, err := other.Do(ctx, request(domain.CancelSession{Act: o.registrar(), Cohort: "c1", Session: "17"}))
	require.NoError(t, err)
	_, err = other.Do(ctx, request(o.submit("r2", grace, "c1")))
	require.NoError(t, err)
	o.catchUp()
	f, err := o.Facts(ctx, "cohort/c1")
	require.NoError(t, err)
	s, _ := f.Cohort.Session("17")
	require.True(t, s.Cancelled)
	require.Equal(t, "already-registered", o.refused(o.submit("r3", grace, "c1")))
}

func TestTheMemoryIsBounded(t *testing.T) {
	o := newOffice(t)
	cfg := o.cfg
	cfg.StatesMax, cfg.CommandsMax = 2, 2
	var err error
	o.Desk, err = New(cfg)
	require.NoError(t, err)
	o.open("c1")
	for _, r := range []string{"r1", "r2", "r3", "r4"} {
		o.register(r, domain.NewID(r, "person"), "c1")
	}
	o.setTime(spring.AddDate(0, 0, classes))
	for _, session := range []string{"1", "2", "3"} {
		for _, r := range []string{"r1", "r2", "r3", "r4"} {
			o.do(o.mark(r, session, domain.Present))
		}
	}
	require.Len(t, o.standing("r1").Marks, 3)
	require.LessOrEqual(t, len(o.memory.states.at), 2)
	require.LessOrEqual(t, len(o.memory.commands.at), 2)
}
