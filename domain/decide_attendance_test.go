package domain

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func attendanceStory(t *testing.T) {
	o := registered(t)
	mark := func(a Act) MarkAttendance {
		return MarkAttendance{Act: a, Registration: "r1", Session: "1", Status: Present}
	}
	o.says("refused session-not-started", mark(o.trainer()))
	o.on("2026-04-21")
	for _, x := range []struct {
		want   string
		change func(*MarkAttendance)
	}{
		{"no-such-session", func(c *MarkAttendance) { c.Session = "CANARY" }},
		{"unknown-status", func(c *MarkAttendance) { c.Status = "CANARY" }},
		{"minutes-missing", func(c *MarkAttendance) { c.Status = Late }},
		{"minutes-missing", func(c *MarkAttendance) { c.Status = LeftEarly }},
		{"minutes-impossible", func(c *MarkAttendance) { c.Minutes = minutes(121) }},
		{"minutes-impossible", func(c *MarkAttendance) { c.Minutes = minutes(-1) }},
		{"minutes-impossible", func(c *MarkAttendance) { c.Status, c.Minutes = Absent, minutes(5) }},
		{"unknown-source", func(c *MarkAttendance) { c.Source = "CANARY" }},
		{"unknown-source", func(c *MarkAttendance) { c.Source = SourceCorrection }},
		{"not-a-hash", func(c *MarkAttendance) { c.Batch = "CANARY" }},
		{"not-assigned", func(c *MarkAttendance) { c.Act = o.act(AttesterActor("abe"), RoleTrainer) }},
		{"not-assigned", func(c *MarkAttendance) { c.Act = o.act("staff/jo", RoleTrainer) }},
		{"not-authorised", func(c *MarkAttendance) { c.Act = o.supervisor() }},
		{"not-authorised", func(c *MarkAttendance) { c.Source = SourceSelf }},
		{"person-concerned", func(c *MarkAttendance) { c.Act = o.self() }},
	} {
		c := mark(o.trainer())
		x.change(&c)
		o.says("refused "+x.want, c)
	}
	o.says("attendance.marked.v1", mark(o.trainer()))
	require.Equal(t, SourceTrainer, o.last[0].(*AttendanceMarked).Source)
	o.says("nothing", mark(o.trainer()))
	o.says("nothing", mark(o.act(AttesterActor("tia"), RoleTrainer)))
	other := mark(o.trainer())
	other.Status = Absent
	o.says("attendance.marked.v1", other)
	o.says("attendance.marked.v1", mark(o.trainer()))

	imported := mark(o.act("staff/jo", RoleRegistrar))
	imported.Source, imported.Minutes, imported.Batch = SourceImport, minutes(40), aHash
	o.says("attendance.marked.v1", imported)
	o.says("nothing", imported)
	self := mark(o.self())
	self.Source = SourceSelf
	o.says("attendance.marked.v1", self)
	o.says("attendance.marked.v1", imported) // something else was said in its rank since
	m, contradicted, ok := o.facts(self).markInForce("1")
	require.True(t, ok)
	require.False(t, contradicted)
	require.Equal(t, SourceTrainer, m.Source)

	o.says("session.cancelled.v1", CancelSession{Act: o.staff(), Cohort: "c1", Session: "5"})
	c := mark(o.trainer())
	c.Session = "5"
	o.says("refused session-cancelled", c)
}

func TestInForce(t *testing.T) {
	ranks := [][]string{{SourceCorrection}, {SourceTrainer}, {SourceSelf, SourceImport}}
	at := func(source, status string) Mark { return Mark{Source: source, Status: status} }
	was := func(m Mark) bool { return m.Status == Present }
	for _, x := range []struct {
		name         string
		marks        []Mark
		want         Mark
		contradicted bool
	}{
		{"nothing", nil, Mark{}, false},
		{"one", []Mark{at(SourceSelf, Present)}, at(SourceSelf, Present), false},
		{"later wins", []Mark{at(SourceTrainer, Present), at(SourceTrainer, Absent)}, at(SourceTrainer, Absent), false},
		{"rank wins", []Mark{at(SourceTrainer, Present), at(SourceImport, Absent)}, at(SourceTrainer, Present), false},
		{"correction wins", []Mark{at(SourceCorrection, Absent), at(SourceTrainer, Present)}, at(SourceCorrection, Absent), false},
		{"equals contradict", []Mark{at(SourceImport, Absent), at(SourceSelf, Present)}, at(SourceSelf, Present), true},
		{"equals agree", []Mark{at(SourceImport, Present), at(SourceSelf, Present)}, at(SourceSelf, Present), false},
		{"equals agree in the end", []Mark{at(SourceImport, Absent), at(SourceSelf, Present), at(SourceImport, Present)}, at(SourceImport, Present), false},
		{"a trainer settles it", []Mark{at(SourceImport, Absent), at(SourceSelf, Present), at(SourceTrainer, Absent)}, at(SourceTrainer, Absent), false},
	} {
		m, contradicted, ok := inForce(ranks, x.marks, was)
		require.Equal(t, x.want, m, x.name)
		require.Equal(t, x.contradicted, contradicted, x.name)
		require.Equal(t, len(x.marks) > 0, ok, x.name)
	}
}

func correctionStory(t *testing.T) {
	o := trained(t, "9")
	correct := func(session, status string) CorrectAttendance {
		return CorrectAttendance{Act: o.trainer(), Registration: "r1", Session: session, Status: status, Text: "Mixed up two people."}
	}
	o.says("nothing", correct("9", Absent))
	o.says("attendance.corrected.v1", correct("3", Absent))
	e := o.last[0].(*AttendanceCorrected)
	require.Equal(t, ReasonOther, e.Reason)
	require.NotZero(t, e.Supersedes)
	o.says("nothing", correct("3", Absent))
	c := correct("3", Present)
	c.Text = ""
	o.says("refused reason-missing", c)
	c.Reason, c.Act = "wrong-person", o.self()
	o.says("refused person-concerned", c)
	c.Act = o.supervisor()
	o.says("refused not-authorised", c)
	c.Act = o.act(AttesterActor("abe"), RoleTrainer)
	o.says("refused not-assigned", c)
	c.Act = o.staff()
	o.says("attendance.corrected.v1", c)
	require.Equal(t, "wrong-person", o.last[0].(*AttendanceCorrected).Reason)

	o = registered(t).on("2026-04-21")
	o.says("refused nothing-to-correct", correct("1", Present))

	// After a decision, what raises a level takes two people.
	o = graduated(t, "6")
	require.Equal(t, "level-1", o.assess().Awards[0].Earned)
	o.says("attendance.corrected.v1", correct("3", Absent))
	o.says("attendance.corrected.v1", correct("3", Present)) // changes no level
	o.says("refused needs-second-person", correct("6", Present))
	propose := ProposeCorrection{CorrectAttendance: correct("6", Present)}
	o.says("proposal.made.v1", propose)
	require.Equal(t, "Mixed up two people.", CommonOf(o.last[0]).Personal[GroupNarrative]["text"])
	id := o.openProposal(o.registrations["r1"].Proposals)
	o.says("refused needs-another-person", ApproveProposal{Act: o.trainer(), Registration: "r1", Proposal: id})
	o.says("refused person-concerned", ApproveProposal{Act: o.self(), Registration: "r1", Proposal: id})
	o.says("refused person-concerned", ApproveProposal{Act: o.act(PersonActor(ida), RoleCertifier), Registration: "r1", Proposal: id})
	o.says("refused no-such-proposal", ApproveProposal{Act: o.certifier(), Registration: "r1", Proposal: "canary"})
	o.says("attendance.corrected.v1", ApproveProposal{Act: o.certifier(), Registration: "r1", Proposal: id})
	require.Equal(t, id, o.last[0].(*AttendanceCorrected).Proposed.Proposal)
	o.says("nothing", ApproveProposal{Act: o.certifier(), Registration: "r1", Proposal: id})
	require.Equal(t, "level-1r", o.assess().Awards[0].Earned)
	require.NotEmpty(t, o.registrations["r1"].Doubts)

	o = graduated(t, "6")
	propose = ProposeCorrection{CorrectAttendance: correct("6", Present)}
	o.must(propose)
	c = correct("6", Late)
	c.Minutes = minutes(10)
	o.must(c)
	o.says("refused proposal-outdated", ApproveProposal{Act: o.certifier(), Registration: "r1", Proposal: o.registrations["r1"].Proposals[0].ID})
}

func absenceStory(t *testing.T) {
	o := registered(t)
	excuse := ExcuseAbsence{Act: o.self(), Registration: "r1", Session: "2", Reason: "hospital", Text: "CANARY"}
	o.says("absence.excused.v1", excuse)
	require.Equal(t, map[string]string{"reason": "hospital", "text": "CANARY"}, CommonOf(o.last[0]).Personal[GroupAccommodation])
	excuse.Reason = "CANARY words"
	o.says("refused not-a-code", excuse)
	excuse.Reason = ""
	o.says("refused missing-field", excuse)
	excuse.Reason, excuse.Session = "disability", "canary"
	o.says("refused no-such-session", excuse)
	excuse.Session, excuse.Act = "2", o.act(AttesterActor("abe"), RoleTrainer)
	o.says("refused not-assigned", excuse)
	excuse.Act = o.act("staff/x", RoleAuditor)
	o.says("refused not-authorised", excuse)
	excuse.Act = o.self()
	o.says("absence.excused.v1 accommodation.requested.v1", excuse)
	require.True(t, o.registrations["r1"].reviewing())
	o.says("absence.excused.v1", excuse) // one review is enough
	require.Len(t, o.registrations["r1"].Accommodations, 1)
	for _, e := range o.last {
		b, err := encodeData(e)
		require.NoError(t, err)
		require.NotContains(t, string(b), "disability")
	}
}

func equivalentStory(t *testing.T) {
	o := registered(t).on("2026-04-05")
	approve := ApproveLiveEquivalent{Act: o.staff(), Registration: "r1", Session: "9", Cohort: "c2"}
	o.says("refused session-not-held", approve)
	o.on("2026-05-01")
	for _, x := range []struct {
		want   string
		change func(*ApproveLiveEquivalent)
	}{
		{"same-cohort", func(c *ApproveLiveEquivalent) { c.Cohort = "c1" }},
		{"no-such-cohort", func(c *ApproveLiveEquivalent) { c.Cohort = "canary" }},
		{"no-such-session", func(c *ApproveLiveEquivalent) { c.Session = "CANARY" }},
		{"no-such-session", func(c *ApproveLiveEquivalent) { c.ThatSession = "CANARY" }},
		{"other-module", func(c *ApproveLiveEquivalent) { c.ThatSession = "8" }},
		{"person-concerned", func(c *ApproveLiveEquivalent) { c.Act = o.self() }},
		{"not-authorised", func(c *ApproveLiveEquivalent) { c.Act = o.supervisor() }},
		{"not-assigned", func(c *ApproveLiveEquivalent) { c.Act = o.act(AttesterActor("abe"), RoleTrainer) }},
	} {
		c := approve
		c.Act = o.staff()
		x.change(&c)
		o.says("refused "+x.want, c)
	}
	approve.Act = o.staff()
	f := o.facts(approve)
	elsewhere := *f.Elsewhere
	elsewhere.Programme = "another"
	f.Elsewhere = &elsewhere
	_, err := approve.Decide(f)
	var r *Refusal
	require.ErrorAs(t, err, &r)
	require.Equal(t, "other-programme", r.Reason)

	o.says("live-equivalent.approved.v1", approve)
	require.Equal(t, "9", o.last[0].(*LiveEquivalentApproved).ThatSession)
	o.says("nothing", approve)

	o = graduated(t, "6")
	approve = ApproveLiveEquivalent{Act: o.staff(), Registration: "r1", Session: "6", Cohort: "c2"}
	o.says("refused needs-second-person", approve)
	o.says("proposal.made.v1", ProposeLiveEquivalent{ApproveLiveEquivalent: approve})
	id := o.registrations["r1"].Proposals[0].ID
	o.says("live-equivalent.approved.v1", ApproveProposal{Act: o.certifier(), Registration: "r1", Proposal: id})
	require.Equal(t, "level-1r", o.assess().Awards[0].Earned)
}

const careRules = `programme: care
version: 1
title: Care without classes
valid: {from: 2026-01-01}
pinned-by: registration
time-zone: UTC
registration:
  fields:
    nickname: {group: identity}
awards:
  care: {levels: [none, done], appeal: 30 days, conflict-of: all, may-be-denied-for: {later: {says: Not yet.}}}
requirements:
  essay: {says: There is an essay., has: essay, otherwise: none}
shown-only: [talk]
`

// A programme without classes needs no cohort, and what concerns classes is
// refused kindly.
func withoutClassesStory(t *testing.T) {
	o := school(t).publish("care", careRules)
	o.says("refused no-classes", OpenCohort{Act: o.staff(), Cohort: "k", Code: "k", Programme: "care"})
	join := SubmitRegistration{Act: o.staff(), Registration: "r1", Person: ida, Programme: "care", Fields: map[string]string{"nickname": "Ida"}}
	o.says("registration.submitted.v1", join)
	again := join
	again.Registration = "r2"
	o.says("refused already-registered", again)
	o.says("refused no-classes", MarkAttendance{Act: o.staff(), Registration: "r1", Session: "1", Status: Present})
	o.says("refused no-classes", CorrectAttendance{Act: o.staff(), Registration: "r1", Session: "1", Status: Present})
	o.says("refused no-classes", ApproveLiveEquivalent{Act: o.staff(), Registration: "r1", Session: "1", Cohort: "c1"})
	o.says("refused no-classes", DeclareNoShow{Act: o.staff(), Registration: "r1"})
	o.says("refused no-classes", TransferRegistration{Act: o.staff(), Registration: "r1", To: "c1"})
	o.says("refused no-classes", RecordEvidence{Act: o.staff(), Registration: "r1", Fact: Fact{Kind: "essay", Session: "1"}})

	// Who decides is left to the body; the award allows nobody close to decide.
	o.must(AssignAttester{Act: o.staff(), On: SubjectOf(KindRegistration, "r1"), Attester: "sue", As: RoleSupervisor})
	grant := Grant{Act: o.act("staff/sue", RoleCertifier), Registration: "r1", Level: "none"}
	o.says("refused conflict-of-interest", grant)
	o.must(RecordEvidence{Act: o.supervisor(), Registration: "r1", Evidence: "e1", Fact: Fact{Kind: "essay"}})
	deny := Deny{Act: o.certifier(), Registration: "r1", Level: "done", Clause: "later", Text: "Please add a chapter."}
	o.says("decision.recorded.v1", deny)
	require.Equal(t, Date("2026-03-31"), o.last[0].(*DecisionRecorded).Denied.AppealUntil)
	deny.Act = o.trainer()
	o.says("refused not-asked-of-you", deny)
	o.says("decision.recorded.v1", Grant{Act: o.certifier(), Registration: "r1", Level: "done"})
	require.Equal(t, "done", o.registrations["r1"].Decisions[1].Level)
	require.True(t, o.registrations["r1"].Decisions[0].Superseded, "the denial is answered")
}

// A module of two sessions is marked in its parts.
func inPartsStory(t *testing.T) {
	o := school(t)
	rules := strings.NewReplacer("version: 2", "version: 3", "replaces: 1", "replaces: 2",
		"sessions-per-module: {is: {}", "sessions-per-module: {is: {6: 2}").Replace(o.rulesOf(t))
	o.publish(aPeers, rules)
	o.must(OpenCohort{Act: o.staff(), Cohort: "c3", Code: "c3", Programme: aPeers})
	for _, part := range []string{"6a", "6b"} {
		o.must(ScheduleSession{Act: o.staff(), Cohort: "c3", Session: part, Module: "6", Starts: o.now, Ends: o.now.Add(2 * time.Hour)})
	}
	o.must(o.full("r1", ida, "c3"))
	require.Equal(t, 3, o.registrations["r1"].Pin.Version)
	mark := MarkAttendance{Act: o.staff(), Registration: "r1", Session: "6", Status: Present}
	o.says("refused session-has-parts", mark)
	mark.Session = "6b"
	o.says("attendance.marked.v1", mark)
	o.must(o.full("r2", ben, "c1")) // the same programme, another cohort
	o.says("refused session-has-parts", ApproveLiveEquivalent{Act: o.staff(), Registration: "r2", Session: "6", Cohort: "c3"})
}
