package domain

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// recordStory holds that a record names the judgements, the waivers with both
// people, and a review that was considered, and refers to what is sealed.
func recordStory(t *testing.T) {
	o := trained(t, "2", "3", "4")
	o.must(ExcuseAbsence{Act: o.self(), Registration: "r1", Session: "3", Reason: disabilityReason})
	review := o.last[1].(*AccommodationRequested).Accommodation
	o.must(AnswerAccommodation{Act: o.coordinator(), Registration: "r1", Accommodation: review, Answer: "declined"})
	o.must(ProposeWaiver{Act: o.certifier(), Registration: "r1", Requirement: "missed-sessions", Session: "2", Text: "A flood."})
	proposal := o.last[0].(*ProposalMade).Proposal
	proposed := o.entries[len(o.entries)-1]
	o.must(ApproveProposal{Act: o.coordinator(), Registration: "r1", Proposal: proposal})
	c := o.judge("level-1")
	c.Consensus, c.Narrative, c.Rubric = true, "CANARY", "core"
	c.Ratings = []Rating{{Item: "listening", Answer: "met"}}
	o.must(c)
	judged := o.entries[len(o.entries)-1]
	o.must(Grant{Act: o.certifier(), Registration: "r1", Level: "level-1"})
	r := o.last[0].(*DecisionRecorded).Record
	require.Len(t, r.Judgements, 1)
	j := r.Judgements[0]
	require.Equal(t, "core", j.Rubric)
	require.Equal(t, c.Ratings, j.Ratings)
	require.Equal(t, &Reference{Entry: judged.ID, Sequence: judged.Sequence, Group: GroupNarrative}, j.Text)
	require.Len(t, r.Waivers, 1)
	w := r.Waivers[0]
	require.Equal(t, "missed-sessions", w.Requirement)
	require.Equal(t, "2", w.Session)
	require.Equal(t, o.certifier().By, w.ProposedBy)
	require.Equal(t, o.coordinator().By, w.ApprovedBy)
	require.Equal(t, &Reference{Entry: proposed.ID, Sequence: proposed.Sequence, Group: GroupAccommodation}, w.Text)
	considered := 0
	for _, x := range r.Evidence {
		if x.Why == WhyConsidered {
			considered++
			require.Equal(t, RoleUsed, x.Role)
		}
	}
	require.Equal(t, 2, considered, "the request and its answer")
	require.Empty(t, r.Decided.Conflict)
	require.NotNil(t, r.Decided.Conflict, "that nothing was found is said")
}

func proposalStory(t *testing.T) {
	o := trained(t, "2", "3", "4")
	waive := ProposeWaiver{Act: o.certifier(), Registration: "r1", Requirement: "missed-sessions", Session: "2", Text: "A flood."}
	o.must(waive)
	id := o.last[0].(*ProposalMade).Proposal
	decline := func(a Act) DeclineProposal {
		return DeclineProposal{Act: a, On: SubjectOf(KindRegistration, "r1"), Proposal: id, Reason: "CANARY"}
	}
	o.says("refused person-concerned", decline(o.self()))
	o.says("refused person-concerned", ApproveProposal{Act: o.act(AttesterActor("ida-too"), RoleCertifier), Registration: "r1", Proposal: id})
	o.says("proposal.declined.v1", decline(o.certifier()))
	require.Equal(t, "withdrawn", o.last[0].(*ProposalDeclined).Word)
	require.Equal(t, ReasonOther, o.last[0].(*ProposalDeclined).Reason)
	o.says("nothing", decline(o.staff()))
	o.says("refused proposal-closed", ApproveProposal{Act: o.staff(), Registration: "r1", Proposal: id})

	waive.Act = o.certifier()
	o.must(waive)
	id = o.last[0].(*ProposalMade).Proposal
	start := o.now
	o.now = start.AddDate(0, 0, ProposalDaysMax).Add(1e9)
	o.says("refused proposal-expired", ApproveProposal{Act: o.staff(), Registration: "r1", Proposal: id})
	o.now = start.AddDate(0, 0, ProposalDaysMax)
	o.says("waiver.granted.v1", ApproveProposal{Act: o.staff(), Registration: "r1", Proposal: id})
	require.Len(t, o.registrations["r1"].Waivers, 1)
	hash := ""
	for _, e := range o.entries {
		if p, ok := e.Event.(*ProposalMade); ok && p.Proposal == id {
			hash = e.Hash
		}
	}
	require.Equal(t, hash, o.last[0].(*WaiverGranted).Proposed.Hash, "bound to the proposal's entry")
}

func grantStory(t *testing.T) {
	o := trained(t)
	grant := func(a Act, level string) Grant {
		return Grant{Act: a, Registration: "r1", Level: level}
	}
	o.says("refused not-earned", grant(o.certifier(), "level-1"))
	o.says("refused unknown-level", grant(o.certifier(), "CANARY"))
	o.says("refused never-granted", grant(o.certifier(), "in-progress"))
	c := grant(o.certifier(), "level-1")
	c.Award = "canary"
	o.says("refused unknown-award", c)
	o.says("refused not-asked-of-you", grant(o.staff(), "level-1"))
	o.says("refused not-asked-of-you", grant(o.trainer(), "certified"))
	o.says("refused person-concerned", grant(o.self(), "level-1"))
	o.says("refused not-assigned", grant(o.act(AttesterActor("abe"), RoleTrainer), "level-1"))
	_, err := grant(o.certifier(), "level-1").Decide(o.facts(grant(o.certifier(), "level-1")))
	require.ErrorContains(t, err, "informal, friendly peer support", "the clause is said")

	// A request for an accommodation holds back the lowest level alone.
	ask := RequestAccommodation{Act: o.self(), Registration: "r1", Accommodation: "a1", What: "Captions."}
	o.must(ask)
	o.says("refused accommodation-open", grant(o.certifier(), "incomplete"))
	o.must(AnswerAccommodation{Act: o.coordinator(), Registration: "r1", Accommodation: "a1", Answer: "granted"})

	o = recommended(t)
	o.says("refused clause-required", grant(o.certifier(), "level-1"))
	c = grant(o.certifier(), "level-1")
	c.Clause = "CANARY"
	o.says("refused unknown-clause", c)
	c.Clause = "staff-decision"
	o.says("refused reason-missing", c)
	c.Text = "An open question."
	o.says("decision.recorded.v1", c)
	d := o.last[0].(*DecisionRecorded)
	require.Equal(t, &Denied{Level: "level-1r", Clause: "staff-decision", Appeal: RoleAppealsPanel}, d.Denied)
	require.Equal(t, "An open question.", d.Personal[GroupNarrative]["text"])
	again := c
	again.Act = o.certifier()
	o.says("nothing", again)
	o.says("nothing", c)
	byTrainer := grant(o.trainer(), "level-1r")
	byTrainer.Decision = "d2"
	o.says("decision.recorded.v1", byTrainer)
	first := d.Decision
	d = o.last[0].(*DecisionRecorded)
	require.Equal(t, []string{WarnDecidedByTrainer}, d.Warnings)
	require.Equal(t, first, d.Supersedes)
	o.says("nothing", grant(o.certifier(), "level-1r"))
	byTrainer.Level = "level-1"
	o.says("refused decision-differs", byTrainer)

	// The record derives again, and nothing in it can be changed unseen.
	r := d.Record
	require.True(t, VerifyRecordDigest(r))
	require.Equal(t, EngineVersion, r.Engine)
	require.NotEmpty(t, r.Previous)
	require.Len(t, r.Judgements, 1)
	require.Equal(t, "level-1r", r.Judgements[0].Answer)
	require.Equal(t, RoleTrainer, r.Judgements[0].Role)
	require.Equal(t, Decided{
		Decision: "d2", Act: ActGrant, Registration: "r1", Person: ida, Award: "certification", Level: "level-1r", Effective: "2026-05-12",
		Supersedes: first, By: byTrainer.By, Role: RoleTrainer, Conflict: []string{WarnDecidedByTrainer}, Appeal: RoleAppealsPanel,
	}, r.Decided)
	for _, x := range r.Evidence {
		require.NotEmpty(t, x.Hash)
		require.NotEmpty(t, x.Entry)
	}
	stored := o.entries[len(o.entries)-1].Event.(*DecisionRecorded).Record
	require.True(t, VerifyRecordDigest(stored), "also after it was stored and read")
	stored.Decided.Level = "certified"
	require.False(t, VerifyRecordDigest(stored), "the digest binds what was decided")
	stored.Decided.Level, stored.Trace[0].Verdict = "level-1r", NotMet
	require.False(t, VerifyRecordDigest(stored))
	require.False(t, VerifyRecordDigest(nil))

	// A fact that a decision rested on changes: the same level is decided anew.
	o = graduated(t)
	o.must(CorrectAttendance{Act: o.trainer(), Registration: "r1", Session: "3", Status: Absent, Reason: "wrong-person"})
	require.Contains(t, o.assess().Flags, FlagReviewRequired)
	o.says("decision.recorded.v1", grant(o.certifier(), "level-1r"))

	// Classes not yet marked leave the result open.
	o = registered(t).on("2026-05-11")
	j := o.judge("level-1")
	j.Consensus = true
	o.must(j)
	o.says("refused provisional", grant(o.certifier(), "level-1"))
	_, err = grant(o.certifier(), "level-1").Decide(o.facts(grant(o.certifier(), "level-1")))
	require.ErrorContains(t, err, "may still change")

	deny := Deny{Act: o.certifier(), Registration: "r1", Level: "level-1", Clause: "staff-decision", Text: "x"}
	o.says("refused provisional", deny)

	// The highest level is not decided by the person's trainer or supervisor.
	o = complete(t)
	o.says("refused conflict-of-interest", grant(o.act("staff/sue", RoleCertifier), "certified"))
	o.says("decision.recorded.v1", grant(o.certifier(), "certified"))
	require.Empty(t, o.last[0].(*DecisionRecorded).Warnings)
	require.Equal(t, "certified", o.assess().Awards[0].Granted)
}

func denialStory(t *testing.T) {
	o := complete(t)
	deny := func(level string) Deny {
		return Deny{Act: o.certifier(), Registration: "r1", Level: level, Clause: "staff-decision", Reason: "an open complaint"}
	}
	c := deny("certified")
	c.Clause = ""
	o.says("refused clause-required", c)
	c = deny("certified")
	c.Reason = ""
	o.says("refused reason-missing", c)
	o.says("refused never-granted", deny("in-progress"))
	o.says("refused granted-already", deny("level-1r"))
	lower := Grant{Act: o.certifier(), Registration: "r1", Level: "level-1"}.less()
	o.says("refused granted-already", lower) // not a way around a revocation
	c = deny("certified")
	c.Act = o.trainer()
	o.says("refused not-asked-of-you", c)
	c.Act = o.act("staff/sue", RoleCertifier)
	o.says("refused conflict-of-interest", c)
	c = deny("certified")
	o.says("decision.recorded.v1", c)
	d := o.last[0].(*DecisionRecorded)
	require.Equal(t, &Denied{Level: "certified", Clause: "staff-decision", Reason: ReasonOther, Appeal: RoleAppealsPanel}, d.Denied)
	require.Equal(t, "an open complaint", d.Personal[GroupNarrative]["reason"])
	require.True(t, VerifyRecordDigest(d.Record))
	o.says("nothing", c)
	o.says("nothing", deny("certified"))
	require.Equal(t, "level-1r", o.assess().Awards[0].Granted)

	o = graduated(t)
	o.says("refused not-earned", deny("certified"))
}

func suspensionStory(t *testing.T) {
	o := recommended(t)
	suspend := func() Suspend { return Suspend{Act: o.certifier(), Registration: "r1", Text: "An allegation."} }
	lift := func() Reinstate { return Reinstate{Act: o.certifier(), Registration: "r1", Text: "Cleared."} }
	o.says("refused nothing-granted", suspend())
	o.says("refused not-suspended", lift())
	o.must(Grant{Act: o.certifier(), Registration: "r1", Level: "level-1"}.less())
	c := suspend()
	c.Text = ""
	o.says("refused reason-missing", c)
	c = suspend()
	c.Act = o.staff()
	o.says("refused not-asked-of-you", c)
	o.says("decision.recorded.v1", suspend())
	require.Equal(t, "An allegation.", CommonOf(o.last[0]).Personal[GroupComplaint]["text"])
	o.says("nothing", suspend())
	o.says("refused suspended", Grant{Act: o.certifier(), Registration: "r1", Level: "level-1r"})
	l := lift()
	l.Text = ""
	o.says("refused reason-missing", l)
	l = lift()
	o.says("decision.recorded.v1", l)
	o.says("nothing", l)
	o.says("refused not-suspended", lift())
	o.says("decision.recorded.v1", Grant{Act: o.certifier(), Registration: "r1", Level: "level-1r"})
}

// less is a grant of less than is earned, with everything that takes.
func (c Grant) less() Grant {
	c.Clause, c.Text = "staff-decision", "Not yet."
	return c
}

func revocationStory(t *testing.T) {
	o := recommended(t)
	revoke := func() ProposeRevocation {
		return ProposeRevocation{Act: o.certifier(), Registration: "r1", PersonWide: true, Text: "A breach of the code of ethics."}
	}
	o.says("refused nothing-granted", revoke())
	o.must(Grant{Act: o.certifier(), Registration: "r1", Level: "level-1r"})
	c := revoke()
	c.Text = ""
	o.says("refused reason-missing", c)
	c = revoke()
	c.Levels = []string{"CANARY"}
	o.says("refused unknown-level", c)
	c.Levels = []string{"certified"}
	o.says("refused nothing-granted", c)
	c = revoke()
	c.Act = o.staff()
	o.says("refused not-asked-of-you", c)
	c.Act = o.self()
	o.says("refused person-concerned", c)
	o.says("proposal.made.v1", revoke())
	require.False(t, strings.Contains(string(o.last[0].(*ProposalMade).What), "ethics"))
	id := o.last[0].(*ProposalMade).Proposal
	o.says("refused needs-another-person", ApproveProposal{Act: o.certifier(), Registration: "r1", Proposal: id})
	o.says("refused not-asked-of-you", ApproveProposal{Act: o.staff(), Registration: "r1", Proposal: id})
	second := o.act("staff/ada", RoleAdministrator)
	o.says("decision.recorded.v1", ApproveProposal{Act: second, Registration: "r1", Proposal: id})
	d := o.last[0].(*DecisionRecorded)
	require.Equal(t, ActRevoke, d.Act)
	require.Equal(t, []string{"incomplete", "level-1", "level-1r", "certified"}, d.Levels)
	require.True(t, VerifyRecordDigest(d.Record))
	require.Equal(t, "revoked", o.assess().Status)
	o.says("refused revoked", Grant{Act: o.certifier(), Registration: "r1", Level: "level-1r"})
	o.must(o.full("r2", ida, "c2"))
	o.says("refused revoked", Grant{Act: o.certifier(), Registration: "r2", Level: "incomplete"})
	o.says("decision.recorded.v1", Reinstate{Act: o.certifier(), Registration: "r1", Text: "After the appeal."})
	o.says("decision.recorded.v1", Grant{Act: o.certifier(), Registration: "r1", Level: "level-1r"})
	o.says("decision.recorded.v1", Grant{Act: o.certifier(), Registration: "r2", Level: "incomplete"})
}

// TestFoldWantsTwoPeople writes past the commands: an act of two people that
// lacks its proposal, or is bound to another, has no effect and is named.
func TestFoldWantsTwoPeople(t *testing.T) {
	for name, change := range map[string]func(*WaiverGranted){
		"none":          func(e *WaiverGranted) { e.Proposed = nil },
		"other id":      func(e *WaiverGranted) { e.Proposed.Proposal = "x" },
		"other hash":    func(e *WaiverGranted) { e.Proposed.Hash = aHash },
		"other place":   func(e *WaiverGranted) { e.Proposed.Sequence++ },
		"other person":  func(e *WaiverGranted) { e.Proposed.By = "staff/eve" },
		"by oneself":    func(e *WaiverGranted) {},
		"twice":         func(e *WaiverGranted) {},
		"after its day": func(e *WaiverGranted) {},
		"good":          func(e *WaiverGranted) {},
	} {
		t.Run(name, func(t *testing.T) {
			o := trained(t, "2", "3", "4")
			o.must(ProposeWaiver{Act: o.certifier(), Registration: "r1", Requirement: "missed-sessions", Session: "2", Text: "A flood."})
			c := ApproveProposal{Act: o.coordinator(), Registration: "r1", Proposal: o.last[0].(*ProposalMade).Proposal}
			events, err := c.Decide(o.facts(c))
			require.NoError(t, err)
			e := events[0].(*WaiverGranted)
			change(e)
			switch name {
			case "by oneself":
				c.Act = o.certifier()
			case "after its day":
				c.At = o.now.AddDate(0, 0, ProposalDaysMax+1)
			case "twice":
				o.store(c, 0, e)
				e.Waiver = "again"
			}
			o.store(c, 0, e)
			s := o.registrations["r1"]
			switch name {
			case "good":
				require.Len(t, s.Waivers, 1)
				require.Empty(t, s.Unapproved)
				require.Equal(t, "approved", s.Proposals[0].Closed)
			case "twice":
				require.Len(t, s.Waivers, 1)
				require.Len(t, s.Unapproved, 1)
			default:
				require.Empty(t, s.Waivers)
				require.Len(t, s.Unapproved, 1)
				require.Empty(t, s.Proposals[0].Closed)
			}
		})
	}
}
