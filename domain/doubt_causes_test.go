package domain

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/certledger/certledger/domain/programme"
)

// TestWhatPutsADecisionInDoubt decides on 12 May, on marks of 10 May and a
// consensus of 11 May, and then lets something happen.
func TestWhatPutsADecisionInDoubt(t *testing.T) {
	c1, r1 := SubjectOf(KindCohort, "c1"), SubjectOf(KindRegistration, "r1")
	mark := func(n int) func(*office) uint64 {
		return func(o *office) uint64 { return o.registrations["r1"].Marks[n-1].Made.Sequence }
	}
	judged := func(o *office) uint64 { return o.registrations["r1"].Judgements[0].Made.Sequence }
	ends := func(until Date) func(*office) Command {
		return func(o *office) Command {
			return EndQualification{Act: o.staff(), Attester: "tom", Code: "core", Until: until}
		}
	}
	assigns := func(on Subject, who, role, relation string, from, until Date) func(*office) Command {
		return func(o *office) Command {
			return AssignAttester{Act: o.staff(), On: on, Attester: who, As: role, Relation: relation, From: from, Until: until}
		}
	}
	releases := func(until Date) func(*office) Command {
		return func(o *office) Command {
			return ReleaseAttester{Act: o.staff(), On: c1, Attester: "tom", As: RoleTrainer, Until: until}
		}
	}
	told := func(o *office) Command {
		return GiveNotice{Act: o.staff(), Registration: "r1", Notice: "n", About: "a"}
	}
	late := func(a Act) Act {
		a.At = day("2026-05-11")
		return a
	}
	for name, x := range map[string]struct {
		before  func(*office) // the decision
		then    func(*office) Command
		because string // empty: nothing
		fact    func(*office) uint64
		notice  string
	}{
		"a mark corrected": {
			then: func(o *office) Command {
				return CorrectAttendance{Act: o.trainer(), Registration: "r1", Session: "9", Status: Absent, Reason: "data-entry"}
			},
			because: "attendance.corrected.v1", fact: mark(9), notice: "A mark that this decision rested on was corrected on 2026-05-20.",
		},
		"a mark contradicted": {
			then: func(o *office) Command {
				return MarkAttendance{Act: o.trainer(), Registration: "r1", Session: "9", Status: Absent}
			},
			because: "attendance.marked.v1", fact: mark(9), notice: "A mark that this decision rested on was contradicted on 2026-05-20.",
		},
		"a mark of lower rank": {
			then: func(o *office) Command {
				return MarkAttendance{Act: o.staff(), Registration: "r1", Session: "9", Status: Absent, Source: SourceImport}
			},
		},
		"a session cancelled": {
			then: func(o *office) Command {
				o.on("2026-05-05") // before it is held, as the entry says
				return CancelSession{Act: o.staff(), Cohort: "c1", Session: "17", Reason: "venue"}
			},
			because: "session.cancelled.v1", notice: "A session of the timetable that this decision rested on was cancelled on 2026-05-05.",
		},
		"a session added": {
			before: func(o *office) {
				o.on("2026-05-05").must(CancelSession{Act: o.staff(), Cohort: "c1", Session: "17", Reason: "venue"}).on("2026-05-12")
			},
			then: func(o *office) Command {
				starts := day("2026-06-01")
				return ScheduleSession{Act: o.staff(), Cohort: "c1", Session: "17b", Module: "17", Starts: starts, Ends: starts.Add(2 * time.Hour)}
			},
			because: "session.scheduled.v1", notice: "A session was added on 2026-05-20 to the timetable that this decision rested on.",
		},
		"material released": {
			then: func(o *office) Command { return ReleaseMaterials{Act: o.staff(), Cohort: "c1", Material: "workbook"} },
		},
		"moved to another cohort": {
			then:    func(o *office) Command { return TransferRegistration{Act: o.staff(), Registration: "r1", To: "c2"} },
			because: "registration.transferred.v1", notice: "The registration that this decision is about was moved to another cohort on 2026-05-20.",
		},
		"evidence recorded late": {
			then: func(o *office) Command {
				c := o.hours("h", 60, "2026-05-01", "2026-05-01")
				c.Act = late(c.Act)
				return c
			},
			because: "evidence.recorded.v1", notice: "Evidence that this decision did not know was recorded on 2026-05-11.",
		},
		"evidence of later": {
			then: func(o *office) Command { return o.hours("h", 60, "2026-05-19", "2026-05-19") },
		},
		"a judgement recorded late": {
			then: func(o *office) Command {
				c := o.judge("level-1r")
				c.Act = late(c.Act)
				c.Narrative = "Again."
				return c
			},
			because: "judgement.recorded.v1", notice: "A judgement that this decision did not know was recorded on 2026-05-11.",
		},
		"judged lower since": {
			then:    func(o *office) Command { return o.judge("level-1") },
			because: "judgement.recorded.v1", notice: "A judgement that this decision did not know was recorded on 2026-05-20.",
		},
		"judged the same since": {
			then: func(o *office) Command {
				c := o.judge("level-1r")
				c.Consensus, c.Narrative = true, "Again."
				return c
			},
		},
		"make-up work set since": {
			then: func(o *office) Command {
				return SetTask{Act: o.trainer(), Registration: "r1", Kind: "make-up", Session: "3", Task: "t1", Due: "2026-06-30"}
			},
			because: "task.set.v1", notice: "A task was set on 2026-05-20, and the facts now support less than was granted.",
		},
		"a trainer lost a qualification before": {
			then: ends("2026-05-09"), because: "attester.ended.v1", fact: mark(1),
			notice: "It was recorded on 2026-05-20 that somebody whose word this decision rested on was no longer qualified or approved.",
		},
		"a trainer lost a qualification in between": {
			then: ends("2026-05-10"), because: "attester.ended.v1", fact: judged, // it held on the day of the marks
		},
		"a trainer lost a qualification after": {then: ends("2026-05-11")},
		"somebody else lost a qualification": {then: func(o *office) Command {
			return EndQualification{Act: o.staff(), Attester: "sue", Code: "core", Until: "2026-05-01"}
		}},
		"a qualification that had run out ends again": {before: func(o *office) { o.must(ends("2026-05-01")(o)) }, then: ends("2026-04-01")},
		"a qualification that is held again": {
			before: func(o *office) {
				o.must(QualifyAttester{Act: o.staff(), Attester: "tom", Code: "core", From: "2026-04-01", Until: "2026-12-31"})
			},
			then: ends("2026-12-30"),
		},
		"an end that the decision knew": {before: func(o *office) { o.must(ends("2026-05-01")(o)) }, then: told},
		"a trainer released before": {
			then:    releases("2026-05-09"),
			because: "attester.released.v1", fact: mark(1),
			notice: "It was recorded on 2026-05-20 that somebody whose word this decision rested on was no longer assigned.",
		},
		"a trainer released after": {
			then: releases("2026-05-12"),
		},
		"a trainer released who is assigned again": {
			before: func(o *office) {
				o.must(assigns(r1, "tom", RoleTrainer, RelationNone, "2026-04-10", "")(o))
			},
			then: releases("2026-05-09"),
		},
		"another trainer was to be asked": {
			then: assigns(c1, "abe", RoleTrainer, "", "2026-04-20", ""), because: "attester.assigned.v1", fact: judged,
			notice: "Somebody was assigned on 2026-05-20 for a time that this decision rested on.",
		},
		"another trainer from later on": {then: assigns(c1, "abe", RoleTrainer, "", "2026-05-12", "")},
		"another trainer until earlier": {then: assigns(c1, "abe", RoleTrainer, "", "2026-04-20", "2026-05-10")},
		"another supervisor":            {then: assigns(r1, "abe", RoleSupervisor, RelationNone, "2026-04-20", "")},
		"a trainer is a relative":       {then: assigns(r1, "tom", RoleTrainer, "relative", "2026-04-20", ""), because: "attester.assigned.v1", fact: mark(1)},
		"a trainer is a relative since": {then: assigns(r1, "tom", RoleTrainer, "relative", "2026-05-15", "")},
		"the decider supervised":        {then: assigns(r1, "cleo", RoleSupervisor, RelationNone, "2026-05-01", ""), because: "attester.assigned.v1"},
		"the decider supervises by now": {then: assigns(r1, "cleo", RoleSupervisor, RelationNone, "2026-05-13", "")},
		"a change of something else":    {then: told},
		"a submission without a meaning": {then: func(o *office) Command {
			return FileSubmission{Act: o.self(), Registration: "r1", Submission: "p", Kind: "practicum-plan"}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			o := recommended(t)
			o.must(RegisterAttester{Act: o.staff(), Attester: "cleo", What: AttesterPerson, Name: "C."})
			for _, who := range []string{"tom", "sue"} {
				o.must(QualifyAttester{Act: o.staff(), Attester: who, Code: "core", From: "2026-01-01"})
			}
			if x.before != nil {
				x.before(o)
			}
			o.must(Grant{Act: o.certifier(), Registration: "r1", Level: "level-1r"}).on("2026-05-20")
			require.Empty(t, o.assess().Reviews)
			o.must(x.then(o)).on("2026-05-21")
			reviews := o.assess().Reviews
			if x.because == "" {
				require.Empty(t, reviews)
				return
			}
			require.Len(t, reviews, 1)
			require.Len(t, reviews[0].Causes, 1)
			c := reviews[0].Causes[0]
			fact := uint64(0)
			if x.fact != nil {
				fact = x.fact(o)
			}
			last := o.entries[len(o.entries)-1]
			require.Equal(t, Cause{Because: x.because, Fact: fact, Made: originOf(&last), Since: c.Since}, c)
			if x.notice != "" {
				require.Equal(t, x.notice, strings.SplitAfter(reviews[0].Notice, ".")[0])
			}
		})
	}
}

// TestAProviderWhoIsAssignedNowhere holds that a decision is looked at again also
// where the word of somebody who is assigned to nothing was no word that counts.
func TestAProviderWhoIsAssignedNowhere(t *testing.T) {
	for name, x := range map[string]struct {
		fact  Fact
		rests bool
		ends  Date
		doubt bool
	}{
		"a provider":                      {Fact{Provider: "prov"}, true, "2026-05-09", true},
		"a referee":                       {Fact{Attester: "prov", AttesterRole: "referee"}, true, "2026-05-09", true},
		"a provider of something else":    {Fact{Provider: "prov"}, false, "2026-05-09", false},
		"a provider qualified until then": {Fact{Provider: "prov"}, true, "2026-05-10", false},
		"nobody's word":                   {Fact{}, true, "2026-05-09", false},
	} {
		t.Run(name, func(t *testing.T) {
			o := recommended(t)
			o.must(RegisterAttester{Act: o.staff(), Attester: "prov", What: "organisation", Name: "P."})
			o.must(QualifyAttester{Act: o.staff(), Attester: "prov", Code: "course", Approval: true, From: "2026-01-01"})
			minutes := int64(60)
			x.fact.Kind, x.fact.Category, x.fact.Quantity, x.fact.Unit = "hours", "one-to-one", &minutes, UnitMinute
			x.fact.From, x.fact.Until, x.fact.Received = "2026-05-10", "2026-05-10", "2026-05-11"
			grant := Grant{Act: o.certifier(), Registration: "r1"}
			o.store(grant, 0, &EvidenceRecorded{Evidence: "e1", Fact: x.fact})
			evidence := o.entries[len(o.entries)-1].Sequence
			role := map[bool]string{true: RoleUsed, false: RoleIgnored}[x.rests]
			o.store(grant, 1, &DecisionRecorded{
				Decision: "d1", Act: ActGrant, Award: "certification", Level: "level-1r",
				Record: &Record{Evidence: []Consulted{{Sequence: evidence, Role: role}}},
			})
			relied := o.registrations["r1"].Relied()
			f := func() Facts {
				f := o.facts(AssignReview{Registration: "r1"})
				for _, id := range relied {
					f.Attesters = append(f.Attesters, o.attesters[id])
				}
				return f
			}
			require.Empty(t, Assess(f().Programme, f(), o.now).Reviews)
			o.on("2026-05-20").must(EndQualification{Act: o.staff(), Attester: "prov", Code: "course", Until: x.ends})
			reviews := Assess(f().Programme, f(), o.now).Reviews
			if !x.doubt {
				require.Empty(t, reviews)
				return
			}
			require.Equal(t, []string{"prov"}, relied)
			require.Len(t, reviews, 1)
			require.Equal(t, []any{"attester.ended.v1", evidence}, []any{reviews[0].Causes[0].Because, reviews[0].Causes[0].Fact})
		})
	}
}

// TestWhatSlippedInBetween holds that what is recorded after a decision had read
// it, and before the decision itself, puts it in doubt like a correction.
func TestWhatSlippedInBetween(t *testing.T) {
	for name, x := range map[string]struct {
		between func(*office) Command
		because string
	}{
		"a change of the timetable": {func(o *office) Command {
			starts := day("2026-06-01")
			return ScheduleSession{Act: o.staff(), Cohort: "c1", Session: "17b", Module: "17", Starts: starts, Ends: starts.Add(2 * time.Hour)}
		}, "session.scheduled.v1"},
		"the end of a qualification": {func(o *office) Command {
			return EndQualification{Act: o.staff(), Attester: "tom", Code: "core", Until: "2026-05-01"}
		}, "attester.ended.v1"},
		"the end of an assignment": {func(o *office) Command {
			return ReleaseAttester{Act: o.staff(), On: SubjectOf(KindCohort, "c1"), Attester: "tom", As: RoleTrainer, Until: "2026-05-01"}
		}, "attester.released.v1"},
		"material": {func(o *office) Command { return ReleaseMaterials{Act: o.staff(), Cohort: "c1", Material: "workbook"} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := recommended(t).on("2026-05-05")
			o.must(CancelSession{Act: o.staff(), Cohort: "c1", Session: "17", Reason: "venue"}).on("2026-05-12")
			o.must(QualifyAttester{Act: o.staff(), Attester: "tom", Code: "core", From: "2026-01-01"})
			grant := Grant{Act: o.certifier(), Registration: "r1", Level: "level-1r"}
			decided, err := grant.Decide(o.facts(grant))
			require.NoError(t, err)
			o.must(x.between(o))
			slipped := o.entries[len(o.entries)-1]
			o.store(grant, 0, decided[0])
			reviews := o.assess().Reviews
			if x.because == "" {
				require.Empty(t, reviews)
				return
			}
			require.Len(t, reviews, 1)
			require.Equal(t, []any{x.because, slipped.Sequence}, []any{reviews[0].Causes[0].Because, reviews[0].Causes[0].Made.Sequence})
			require.Less(t, slipped.Sequence, o.registrations["r1"].Decisions[0].Made.Sequence)
		})
	}
}

// TestAWaiverThatRanOut holds that time alone can put a decision in doubt, and
// that looking at it once is enough.
func TestAWaiverThatRanOut(t *testing.T) {
	o := recommended(t, "2", "3", "4")
	o.must(ProposeWaiver{Act: o.certifier(), Registration: "r1", Requirement: "missed-sessions", Session: "2", Until: "2026-05-15", Text: "A flood."})
	o.must(ApproveProposal{Act: o.coordinator(), Registration: "r1", Proposal: o.last[0].(*ProposalMade).Proposal})
	waiver := o.entryOf(&WaiverGranted{})
	o.must(Grant{Act: o.certifier(), Registration: "r1", Level: "level-1r"}).on("2026-05-15")
	require.Empty(t, o.assess().Reviews, "it holds on its last day")
	o.on("2026-05-20")
	r := o.review()
	require.Equal(t, []any{"waiver.granted.v1", waiver, waiver, Date("2026-05-16")},
		[]any{r.Causes[0].Because, r.Causes[0].Fact, r.Causes[0].Made.Sequence, r.Causes[0].Since})
	require.Equal(t, []Date{"2026-05-16", "2026-05-30"}, []Date{r.Since, r.Due})
	require.Contains(t, r.Notice, "has run out, and since 2026-05-16 the facts support less")
	o.must(CloseReview{Act: o.certifier(), Registration: "r1", Decision: r.Decision, Causes: []uint64{waiver}, Reason: "body-decision"})
	require.Empty(t, o.assess().Reviews)
}

// TestLessThanGranted holds that a decision that gave more than the facts
// support is in doubt also where nothing says why.
func TestLessThanGranted(t *testing.T) {
	o := graduated(t)
	s := o.registrations["r1"]
	made := s.Decisions[0].Made
	s.Judgements = nil // as no history can tell
	r := o.review()
	require.Equal(t, []Cause{{Because: "decision.recorded.v1", Fact: made.Sequence, Made: made, Since: "2026-05-12"}}, r.Causes)
	o.must(CloseReview{Act: o.certifier(), Registration: "r1", Decision: r.Decision, Causes: []uint64{made.Sequence}, Reason: "body-decision"})
	require.Empty(t, o.assess().Reviews)
}

// TestAForeignDecisionIsNoReview holds that a decision on an award that the
// programme does not have, written past the commands, stops nothing.
func TestAForeignDecisionIsNoReview(t *testing.T) {
	o := graduated(t)
	mark := o.registrations["r1"].Marks[8].Made.Sequence
	o.store(Grant{Act: o.certifier(), Registration: "r1"}, 0, &DecisionRecorded{
		Decision: "d9", Act: ActGrant, Award: "canary", Level: "canary", Record: &Record{Evidence: []Consulted{{Sequence: mark, Role: RoleUsed}}},
	})
	o.must(CorrectAttendance{Act: o.trainer(), Registration: "r1", Session: "9", Status: Absent, Reason: "data-entry"})
	require.Len(t, o.registrations["r1"].Doubts, 2)
	require.Equal(t, "level-1r", o.review().Level)
}

// TestEveryCauseHasItsWords holds that no event type that can put a decision in
// doubt is told in general words, and that none of them names a value.
func TestEveryCauseHasItsWords(t *testing.T) {
	for because, says := range causeWords {
		require.Contains(t, EventTypes(), because)
		require.Regexp(t, `^[A-Z][a-z, ]+DAY[a-z, ]*\.$`, says)
	}
	require.Contains(t, Cause{Because: "status.reached.v1"}.words(), "DAY")
}

// decide grants what is earned, where the programme lets somebody.
func (w *world) decide() {
	for _, a := range w.assess().Awards {
		award, _ := w.p.Award(a.Award)
		for _, role := range append(slices.Clone(award.DecidedBy[a.Earned]), RoleCertifier) {
			if w.do(Grant{Act: w.act(StaffActor("kai"), role), Registration: worldRegistration, Award: a.Award, Level: a.Earned}) == nil {
				break
			}
		}
	}
}

// TestReviewsOfAnyHistory plays histories with decisions in between. Each cause
// is an entry of the type that it names, whoever was given more than the facts
// support has a review, and closing it ends it and changes nothing else.
func TestReviewsOfAnyHistory(t *testing.T) {
	seen := 0
	eachProgramme(t, func(t *rapid.T, p *programme.Programme) {
		w := newWorld(t, p)
		w.openAll()
		for range 3 {
			w.play(t, 6)
			w.decide()
		}
		w.play(t, 4)
		a := w.assess()
		seen += len(a.Reviews)
		waits := slices.ContainsFunc(a.Results, func(r Result) bool { return slices.Contains(r.Raises, FlagReviewRequired) })
		require.Equal(t, len(a.Reviews) > 0 || waits, slices.Contains(a.Flags, FlagReviewRequired))
		for _, x := range a.Awards {
			award, _ := p.Award(x.Award)
			earned, _ := award.Rank(x.Earned)
			if granted, ok := award.Rank(x.Granted); ok && earned < granted {
				require.True(t, a.doubted(x.Decision), x.Award)
			}
		}
		on := SubjectOf(KindRegistration, worldRegistration)
		for _, r := range a.Reviews {
			var causes []uint64
			for _, c := range r.Causes {
				require.Equal(t, c.Because, w.entries[c.Made.Sequence-1].Type)
				causes = append(causes, c.Made.Sequence)
			}
			require.True(t, slices.IsSorted(causes))
			w.record(on, w.act(StaffActor("kai"), RoleCertifier), &ReviewClosed{Decision: r.Decision, Causes: causes, Word: ReviewStands, Reason: ReasonOther})
		}
		closed := w.assess()
		require.Empty(t, closed.Reviews)
		require.Equal(t, waits, slices.Contains(closed.Flags, FlagReviewRequired))
		require.Equal(t, a.Awards, closed.Awards)
		require.Equal(t, a.Results, closed.Results)
	})
	require.Positive(t, seen, "some history put a decision in doubt")
}
