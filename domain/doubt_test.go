package domain

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// inDoubt is graduated, with class 9 corrected to absent on 20 May.
func inDoubt(t *testing.T) (o *office, decision string) {
	o = graduated(t).on("2026-05-20")
	o.must(CorrectAttendance{Act: o.trainer(), Registration: "r1", Session: "9", Status: Absent, Reason: "wrong-person"})
	return o, o.registrations["r1"].Decisions[0].ID
}

// review is the one review that is open.
func (o *office) review() Review {
	o.t.Helper()
	reviews := o.assess().Reviews
	require.Len(o.t, reviews, 1)
	return reviews[0]
}

// entryOf is the sequence of the latest entry of a type.
func (o *office) entryOf(e Event) uint64 {
	o.t.Helper()
	for _, x := range slices.Backward(o.entries) {
		if x.Type == e.Type() {
			return x.Sequence
		}
	}
	o.t.Fatalf("no entry of type %s", e.Type())
	return 0
}

func reviewStory(t *testing.T) {
	o := graduated(t)
	d := o.registrations["r1"].Decisions[0].ID
	assign := func(a Act, owner Actor) AssignReview {
		return AssignReview{Act: a, Registration: "r1", Decision: d, Owner: owner}
	}
	closing := func(a Act, causes ...uint64) CloseReview {
		return CloseReview{Act: a, Registration: "r1", Decision: d, Causes: causes, Reason: "wrong-session", Text: "The class was a tutorial."}
	}
	o.says("refused not-in-doubt", assign(o.certifier(), ""))
	o.says("refused not-in-doubt", closing(o.certifier(), 1))

	o, d = inDoubt(t)
	cause := o.entryOf(&AttendanceCorrected{})
	o.says("refused person-concerned", assign(o.self(), ""))
	o.says("refused not-asked-of-you", assign(o.act(AttesterActor("abe"), "referee"), "staff/cleo"))
	o.says("refused act-incomplete", assign(o.staff(), "CANARY"))
	o.says("refused person-concerned", assign(o.staff(), PersonActor(ida)))
	o.says("refused not-asked-of-them", assign(o.staff(), PersonActor(ben)))
	o.says("refused not-asked-of-them", assign(o.staff(), AttesterActor("abe")))
	c := assign(o.staff(), AttesterActor("tom"))
	c.Decision = "canary"
	o.says("refused no-such-decision", c)
	c = assign(o.staff(), AttesterActor("tom"))
	c.Due = "2026-05-19"
	o.says("refused due-passed", c)
	c.Due = "2099-01-01"
	o.says("refused due-too-late", c)
	c.Due = "2026-02-30"
	o.says("refused not-a-date", c)

	require.Equal(t, []Actor{"staff/cleo"}, []Actor{o.review().Owner}, "whoever decided looks again")
	c.Due = "2026-05-30"
	o.says("review.assigned.v1", c)
	o.says("nothing", c)
	r := o.review()
	require.Equal(t, []any{AttesterActor("tom"), true, Date("2026-05-30")}, []any{r.Owner, r.Assigned, r.Due})
	o.says("review.assigned.v1", assign(o.certifier(), ""))
	r = o.review()
	require.Equal(t, []any{Actor("staff/cleo"), true, Date("2026-06-03")}, []any{r.Owner, r.Assigned, r.Due}, "taken, and due when the programme says")
	o.says("nothing", assign(o.certifier(), ""))

	o.says("refused not-asked-of-you", closing(o.staff(), cause))
	o.says("refused not-assigned", closing(o.act(AttesterActor("abe"), RoleTrainer), cause))
	o.says("refused person-concerned", closing(o.self(), cause))
	o.says("refused missing-field", closing(o.certifier()))
	o.says("refused cause-not-open", closing(o.certifier(), cause, 1))
	o.says("refused too-many-causes", closing(o.certifier(), slices.Collect(func(yield func(uint64) bool) {
		for n := range uint64(CausesMax + 1) {
			if !yield(n) {
				return
			}
		}
	})...))
	silent := closing(o.certifier(), cause)
	silent.Reason, silent.Text = "", ""
	o.says("refused reason-missing", silent)
	o.says("review.closed.v1", closing(o.certifier(), cause, cause))
	e := o.last[0].(*ReviewClosed)
	require.Equal(t, []any{[]uint64{cause}, ReviewStands, "wrong-session"}, []any{e.Causes, e.Word, e.Reason})
	require.Equal(t, "The class was a tutorial.", e.Personal[GroupNarrative]["text"])
	o.says("nothing", closing(o.certifier(), cause))
	a := o.assess()
	require.Empty(t, a.Reviews)
	require.NotContains(t, a.Flags, FlagReviewRequired, "although the facts support less")
	require.Equal(t, []string{"level-1", "level-1r"}, []string{a.Awards[0].Earned, a.Awards[0].Granted})
	o.says("refused not-in-doubt", assign(o.certifier(), ""))

	// Another change opens it again, for that change alone.
	o.on("2026-05-25")
	o.must(CorrectAttendance{Act: o.trainer(), Registration: "r1", Session: "8", Status: Absent, Reason: "wrong-person"})
	r = o.review()
	require.Equal(t, []any{Actor("staff/cleo"), false, Date("2026-06-08")}, []any{r.Owner, r.Assigned, r.Due}, "what was given for the first does not hold")
	require.Len(t, r.Causes, 1)
	require.Equal(t, o.entryOf(&AttendanceCorrected{}), r.Causes[0].Made.Sequence)
	silent = closing(o.certifier(), r.Causes[0].Made.Sequence)
	silent.Reason = ""
	o.says("review.closed.v1", silent)
	require.Equal(t, ReasonOther, o.last[0].(*ReviewClosed).Reason)
}

func TestAReview(t *testing.T) {
	o, d := inDoubt(t)
	o.on("2026-06-03")
	mark := o.registrations["r1"].Marks[8]
	correction := o.registrations["r1"].Marks[17]
	require.Equal(t, Review{
		Decision: d, Act: ActGrant, Award: "certification", Level: "level-1r",
		Causes: []Cause{{Because: "attendance.corrected.v1", Fact: mark.Made.Sequence, Made: correction.Made, Since: "2026-05-20"}},
		Since:  "2026-05-20", Owner: "staff/cleo", Roles: []string{RoleCertifier, RoleTrainer}, Due: "2026-06-03",
		Notice: "A mark that this decision rested on was corrected on 2026-05-20. The decision stands until somebody decides anew; please look at it by 2026-06-03.",
	}, o.review())
	o.on("2026-06-04")
	require.True(t, o.review().Overdue, "the day after")

	// What is known now puts the decision in doubt from its own day on.
	f := o.facts(GiveNotice{Act: o.staff(), Registration: "r1"})
	require.Empty(t, Assess(f.Programme, f, day("2026-05-11")).Reviews)
	require.Equal(t, o.review().Causes, Assess(f.Programme, f, day("2026-05-19")).Reviews[0].Causes)

	// Without a deadline of the programme it is due on the day it is flagged.
	old := *f.Programme
	old.Awards = slices.Clone(old.Awards)
	old.Awards[0].ReviewDays = 0
	r := Assess(&old, f, o.now).Reviews[0]
	require.Equal(t, []any{Date("2026-05-20"), true}, []any{r.Due, r.Overdue})

	// More changes of the same fact are more causes.
	o.must(CorrectAttendance{Act: o.trainer(), Registration: "r1", Session: "10", Status: Absent, Reason: "wrong-person"})
	require.Contains(t, o.review().Notice, "2026-05-20. One more change came since. The decision")
	o.must(CorrectAttendance{Act: o.trainer(), Registration: "r1", Session: "11", Status: Absent, Reason: "wrong-person"})
	require.Contains(t, o.review().Notice, "2026-05-20. 2 more changes came since. The decision")
	require.Equal(t, Date("2026-05-20"), o.review().Since)

	// Closing one of them leaves the rest to whom the review was given.
	o.must(AssignReview{Act: o.staff(), Registration: "r1", Decision: d, Owner: AttesterActor("tom"), Due: "2026-06-30"})
	o.must(CloseReview{Act: o.certifier(), Registration: "r1", Decision: d, Causes: []uint64{correction.Made.Sequence}, Reason: "data-entry"})
	r = o.review()
	require.Len(t, r.Causes, 2)
	require.Equal(t, []any{AttesterActor("tom"), true}, []any{r.Owner, r.Assigned})
}

// TestDecidingAnewKeepsBoth holds that a decision in doubt is superseded, never
// changed.
func TestDecidingAnewKeepsBoth(t *testing.T) {
	o, first := inDoubt(t)
	before := o.registrations["r1"].Decisions[0]
	o.says("refused not-earned", Grant{Act: o.certifier(), Registration: "r1", Level: "level-1r"})
	o.says("decision.recorded.v1", Grant{Act: o.certifier(), Registration: "r1", Level: "level-1", Decision: "d2"})
	require.Equal(t, first, o.last[0].(*DecisionRecorded).Supersedes)
	s := o.registrations["r1"]
	require.Len(t, s.Decisions, 2)
	before.Superseded = true
	require.Equal(t, before, s.Decisions[0], "the first stays as it was, no longer in force")
	require.Equal(t, []string{"d2", "level-1", first}, []string{s.Decisions[1].ID, s.Decisions[1].Level, s.Decisions[1].Supersedes})
	a := o.assess()
	require.Empty(t, a.Reviews, "deciding anew closes the review")
	require.Equal(t, []string{"level-1", "d2"}, []string{a.Awards[0].Granted, a.Awards[0].Decision})
	x := Explain(o.rules[s.Pin.Digest], a, o.facts(GiveNotice{Act: o.staff(), Registration: "r1"}).Entries)
	require.Len(t, x.Decisions, 2)

	// The same level can be granted anew as well, where it is still earned.
	o = graduated(t).on("2026-05-20")
	o.must(CorrectAttendance{Act: o.trainer(), Registration: "r1", Session: "3", Status: Absent, Reason: "wrong-person"})
	o.says("decision.recorded.v1", Grant{Act: o.certifier(), Registration: "r1", Level: "level-1r"})
	require.Empty(t, o.assess().Reviews)
	o.says("nothing", Grant{Act: o.certifier(), Registration: "r1", Level: "level-1r"})
}

// TestWhoLooksAgain holds that the programme's word on who decides is its word
// on who lets a decision stand, for the decider too.
func TestWhoLooksAgain(t *testing.T) {
	o := complete(t)
	o.must(Grant{Act: o.certifier(), Registration: "r1", Level: "certified", Decision: "top"})
	o.must(VoidEvidence{Act: o.coordinator(), Registration: "r1", Evidence: "h1", Reason: "wrong-dates"})
	for _, r := range o.assess().Reviews {
		require.Equal(t, Actor("staff/cleo"), r.Owner, r.Decision)
	}
	closing := func(a Act) CloseReview {
		return CloseReview{Act: a, Registration: "r1", Decision: "top", Causes: []uint64{o.entryOf(&EvidenceVoided{})}, Reason: "duplicate"}
	}
	o.says("refused not-asked-of-you", closing(o.trainer()))
	o.says("refused conflict-of-interest", closing(o.act("staff/sue", RoleCertifier)))

	// The decider became the supervisor since.
	o.must(RegisterAttester{Act: o.staff(), Attester: "cleo", What: AttesterPerson, Name: "C."})
	o.must(AssignAttester{Act: o.staff(), On: SubjectOf(KindRegistration, "r1"), Attester: "cleo", As: RoleSupervisor, Relation: RelationNone})
	o.says("refused conflict-of-interest", closing(o.certifier()))
	for _, r := range o.assess().Reviews {
		if r.Decision == "top" {
			require.Empty(t, r.Owner, "the roles are asked instead")
			require.Equal(t, []string{RoleCertifier}, r.Roles)
		}
	}
	o.says("review.closed.v1", closing(o.act("staff/kai", RoleCertifier)))

	// A suspension is looked at by those who may lift it.
	o.must(Suspend{Act: o.certifier(), Registration: "r1", Text: "An allegation."})
	o.must(CorrectAttendance{Act: o.trainer(), Registration: "r1", Session: "3", Status: Absent, Reason: "wrong-person"})
	for _, r := range o.assess().Reviews {
		if r.Act == ActSuspend {
			require.Contains(t, r.Roles, RoleAppealsPanel)
			return
		}
	}
	require.Fail(t, "the suspension rested on the mark too")
}

// TestTrainersLoseTheReview holds that an attester who decided and has left, or
// lost a qualification, is not asked to look again.
func TestTrainersLoseTheReview(t *testing.T) {
	for name, x := range map[string]struct {
		then  func(*office) Command
		owner Actor
	}{
		"still there": {func(o *office) Command {
			return GiveNotice{Act: o.staff(), Registration: "r1", Notice: "n", About: "a"}
		}, AttesterActor("tom")},
		"left": {func(o *office) Command {
			return ReleaseAttester{Act: o.staff(), On: SubjectOf(KindCohort, "c1"), Attester: "tom", As: RoleTrainer}
		}, ""},
		"lapsed": {func(o *office) Command { return EndQualification{Act: o.staff(), Attester: "tom", Code: "core"} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := recommended(t)
			o.must(QualifyAttester{Act: o.staff(), Attester: "tom", Code: "core", From: "2026-01-01"})
			o.must(Grant{Act: o.trainer(), Registration: "r1", Level: "level-1r"}).on("2026-05-20")
			o.must(CorrectAttendance{Act: o.trainer(), Registration: "r1", Session: "9", Status: Absent, Reason: "wrong-person"})
			o.must(x.then(o)).on("2026-05-21")
			require.Equal(t, x.owner, o.review().Owner)
		})
	}
}
