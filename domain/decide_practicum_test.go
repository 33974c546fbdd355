package domain

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func evidenceStory(t *testing.T) {
	o := registered(t).on("2026-05-01")
	for _, x := range []struct {
		want   string
		change func(*RecordEvidence)
	}{
		{"missing-field", func(c *RecordEvidence) { c.Kind = "" }},
		{"not-a-code", func(c *RecordEvidence) { c.Kind = "CANARY hours" }},
		{"not-a-code", func(c *RecordEvidence) { c.Category = "CANARY/x" }},
		{"not-a-code", func(c *RecordEvidence) { c.Outcome = "CANARY" }},
		{"not-a-code", func(c *RecordEvidence) { c.Title = "CANARY" }},
		{"not-a-code", func(c *RecordEvidence) { c.FiledBy = "CANARY" }},
		{"not-a-code", func(c *RecordEvidence) { c.Evidence = "CANARY" }},
		{"unknown-relation", func(c *RecordEvidence) { c.Relation = "canary" }},
		{"number-impossible", func(c *RecordEvidence) { c.Number = -1 }},
		{"number-impossible", func(c *RecordEvidence) { c.Number = NumberMax + 1 }},
		{"too-many-documents", func(c *RecordEvidence) { c.Documents = make([]string, DocumentsMax+1) }},
		{"not-a-hash", func(c *RecordEvidence) { c.Documents = []string{"CANARY"} }},
		{"quantity-missing", func(c *RecordEvidence) { c.Quantity = nil }},
		{"quantity-impossible", func(c *RecordEvidence) { c.Quantity = minutes(0) }},
		{"quantity-impossible", func(c *RecordEvidence) { c.Quantity = minutes(-5) }},
		{"quantity-impossible", func(c *RecordEvidence) { c.Quantity = minutes(QuantityMax + 1) }},
		{"unknown-unit", func(c *RecordEvidence) { c.Unit = "CANARY" }},
		{"unknown-currency", func(c *RecordEvidence) { c.Currency = "CAD" }},
		{"unknown-currency", func(c *RecordEvidence) { c.Unit = UnitCent }},
		{"unknown-currency", func(c *RecordEvidence) { c.Unit, c.Currency = UnitCent, "canary" }},
		{"score-incomplete", func(c *RecordEvidence) { c.Score = minutes(3) }},
		{"score-impossible", func(c *RecordEvidence) { c.Score, c.OutOf = minutes(3), minutes(2) }},
		{"not-a-date", func(c *RecordEvidence) { c.From = "CANARY" }},
		{"not-a-date", func(c *RecordEvidence) { c.From, c.Until = "1899-12-31", "2026-05-01" }},
		{"ends-before-it-begins", func(c *RecordEvidence) { c.From, c.Until = "2026-05-01", "2026-04-30" }},
		{"in-the-future", func(c *RecordEvidence) { c.Until = "2026-05-02" }},
		{"in-the-future", func(c *RecordEvidence) { c.Received = "2026-05-02" }},
		{"no-such-session", func(c *RecordEvidence) { c.Session = "canary" }},
		{"no-such-task", func(c *RecordEvidence) { c.Fulfils = "canary" }},
		{"more-than-a-day", func(c *RecordEvidence) { c.Quantity = minutes(1441) }},
		{"not-assigned", func(c *RecordEvidence) { c.Act = o.act(AttesterActor("abe"), RoleSupervisor) }},
		{"unreadable-text", func(c *RecordEvidence) { c.Narrative = "CANARY\x01" }},
	} {
		c := o.hours("h1", 60, "", "")
		x.change(&c)
		o.says("refused "+x.want, c)
	}
	o.says("evidence.recorded.v1", o.hours("h1", 60, "", ""))
	e := o.last[0].(*EvidenceRecorded)
	require.Equal(t, Date("2026-05-01"), e.From)
	require.Equal(t, Date("2026-05-01"), e.Until)
	require.Equal(t, Date("2026-05-01"), e.Received)
	require.Equal(t, PersonActor(ida), e.FiledBy)
	o.says("nothing", o.hours("h1", 60, "", ""))
	o.on("2026-05-02")
	o.says("nothing", o.hours("h1", 60, "", "")) // what is left out is not what differs
	o.says("refused evidence-differs", o.hours("h1", 61, "", ""))
	o.says("refused evidence-differs", o.hours("h1", 60, "2026-05-02", "2026-05-02"))
	unknown := RecordEvidence{Act: o.staff(), Registration: "r1", Fact: Fact{Kind: "juggling", Category: "clubs/three"}, Narrative: "Three at once."}
	o.says("evidence.recorded.v1", unknown) // stored, and said not to count
	require.Equal(t, NewID(unknown.Command, "evidence"), o.last[0].(*EvidenceRecorded).Evidence)
	o.says("nothing", unknown)
	money := RecordEvidence{Act: o.staff(), Registration: "r1", Fact: Fact{Kind: "fee", Quantity: minutes(9900), Unit: UnitCent, Currency: "CAD", Score: minutes(3), OutOf: minutes(4)}}
	o.says("evidence.recorded.v1", money)
}

func dayLengthStory(t *testing.T) {
	o := registered(t).on("2026-05-10")
	o.says("refused more-than-a-day", o.hours("h0", 1560, "2026-05-01", "2026-05-01"))
	o.says("evidence.recorded.v1", o.hours("h1", 1000, "2026-05-01", "2026-05-01"))
	o.says("refused more-than-a-day", o.hours("h2", 500, "2026-05-01", "2026-05-01"))
	o.says("evidence.recorded.v1", o.hours("h2", 1800, "2026-05-01", "2026-05-02")) // 440 and 1360
	o.says("refused more-than-a-day", o.hours("h3", 81, "2026-05-02", "2026-05-02"))
	o.says("evidence.recorded.v1", o.hours("h3", 80, "2026-05-02", "2026-05-02"))
	o.says("refused more-than-a-day", o.hours("h4", 1, "2026-05-01", "2026-05-02"))
	o.says("refused more-than-a-day", o.hours("h4", 1441, "2026-05-01", "2026-05-03")) // the first two days are full
	o.says("evidence.recorded.v1", o.hours("h4", 1440, "2026-05-01", "2026-05-03"))
}

func TestDayLengthIsExact(t *testing.T) {
	// The run of days must not be longer than what one run alone shows: three
	// pieces that are fine in pairs and not together.
	piece := func(id string, n int64, from, until Date) Evidence {
		return Evidence{ID: id, Fact: Fact{Kind: "hours", Unit: UnitMinute, Quantity: &n, From: from, Until: until}}
	}
	s := &Standing{Evidence: []Evidence{piece("a", 1440, "2026-05-01", "2026-05-02"), piece("b", 1440, "2026-05-02", "2026-05-03")}}
	fits := func(n int64, from, until Date) error { return s.checkDayLength("c", piece("c", n, from, until).Fact) }
	require.NoError(t, fits(1440, "2026-05-02", "2026-05-02"))
	require.Error(t, fits(1441, "2026-05-01", "2026-05-03"))
	require.NoError(t, fits(1440, "2026-05-01", "2026-05-03"))
	s.Evidence[0].Voided = &Origin{}
	require.NoError(t, fits(2880, "2026-05-01", "2026-05-03"))
}

func signatureStory(t *testing.T) {
	o := registered(t).on("2026-05-01")
	o.must(o.hours("h1", 60, "", ""))
	sign := func(a Act) SignEvidence { return SignEvidence{Act: a, Registration: "r1", Evidence: "h1"} }
	c := sign(o.supervisor())
	c.Evidence = "canary"
	o.says("refused no-such-evidence", c)
	o.says("refused person-concerned", sign(o.self()))
	o.says("refused person-concerned", sign(o.act(AttesterActor("ida-too"), RoleSupervisor)))
	o.says("refused not-assigned", sign(o.act(AttesterActor("abe"), RoleSupervisor)))
	o.says("refused not-authorised", sign(o.coordinator()))
	c = sign(o.coordinator())
	c.For = RoleSupervisor
	o.says("refused reason-missing", c)
	c.Reason = "supervisor-unavailable"
	o.says("evidence.signed.v1", c)
	require.Equal(t, RoleSupervisor, o.last[0].(*EvidenceSigned).For)
	o.says("nothing", c)
	c.Act = o.trainer()
	o.says("refused not-authorised", c)
	o.says("evidence.signed.v1", sign(o.supervisor()))
	o.says("nothing", sign(o.supervisor()))

	dispute := DisputeEvidence{Act: o.self(), Registration: "r1", Evidence: "h1"}
	o.says("refused reason-missing", dispute)
	dispute.Text = "It was two hours."
	dispute.Act = o.coordinator()
	o.says("refused not-authorised", dispute)
	dispute.Act = o.act(AttesterActor("abe"), RoleSupervisor)
	o.says("refused not-assigned", dispute)
	dispute.Act = o.self()
	o.says("evidence.disputed.v1", dispute)
	o.says("nothing", dispute)
	o.must(o.hours("h2", 60, "", ""))
	o.says("refused evidence-disputed", sign(o.supervisor()))

	answer := AnswerEvidence{Act: o.coordinator(), Registration: "r1", Answer: "accepted", Reasons: []string{"late-information", "CANARY was ill"}}
	o.says("refused missing-field", answer)
	answer.Evidence = []string{"canary"}
	o.says("refused no-such-evidence", answer)
	answer.Evidence, answer.Act = []string{"h1"}, o.trainer()
	o.says("refused not-authorised", answer)
	answer.Act, answer.From = o.coordinator(), "2026-05-02"
	o.says("refused in-the-future", answer)
	answer.From, answer.Answer = "", "CANARY"
	o.says("refused not-a-code", answer)
	answer.Answer = "accepted"
	o.says("evidence.answered.v1", answer)
	require.Equal(t, []string{"late-information", ReasonOther}, o.last[0].(*EvidenceAnswered).Reasons)
	o.says("nothing", answer)
	o.says("nothing", sign(o.supervisor())) // the dispute is answered, the signature stands
	o.must(o.hours("h3", 60, "", ""))
	all := AnswerEvidence{Act: o.coordinator(), Registration: "r1", Kind: "hours", Answer: "accepted"}
	o.says("evidence.answered.v1 evidence.answered.v1", all)
	o.says("nothing", all)
}

func amendedStory(t *testing.T) {
	o := registered(t).on("2026-05-01")
	o.must(o.hours("h1", 60, "", ""), SignEvidence{Act: o.supervisor(), Registration: "r1", Evidence: "h1"})
	correct := func(a Act, n int64) CorrectEvidence {
		c := o.hours("", n, "", "")
		return CorrectEvidence{Act: a, Registration: "r1", Evidence: "h1", Fact: c.Fact, Text: "It was longer."}
	}
	o.says("nothing", correct(o.self(), 60))
	c := correct(o.self(), 90)
	c.Text = ""
	o.says("refused reason-missing", c)
	o.says("refused more-than-a-day", correct(o.self(), 1500))
	o.says("refused not-authorised", correct(o.act("staff/au", RoleAuditor), 90))
	o.says("refused not-assigned", correct(o.act(AttesterActor("abe"), RoleSupervisor), 90))
	o.says("evidence.corrected.v1", correct(o.self(), 90))
	require.Empty(t, o.registrations["r1"].evidence("h1").signed(), "a correction needs signing anew")
	o.says("evidence.signed.v1", SignEvidence{Act: o.supervisor(), Registration: "r1", Evidence: "h1"})
	o.says("nothing", o.hours("h1", 60, "", "")) // what was recorded first, tried again

	void := VoidEvidence{Act: o.supervisor(), Registration: "r1", Evidence: "h1"}
	o.says("refused reason-missing", void)
	void.Reason = "duplicate"
	o.says("evidence.voided.v1", void)
	o.says("nothing", void)
	o.says("refused evidence-voided", correct(o.self(), 120))
	o.says("refused evidence-voided", SignEvidence{Act: o.supervisor(), Registration: "r1", Evidence: "h1"})
	void.Evidence = "canary"
	o.says("refused no-such-evidence", void)

	// Late reports hold the level back: one taken out and one corrected after a
	// decision may raise it.
	o = complete(t)
	o.must(Grant{Act: o.certifier(), Registration: "r1", Level: "certified"})
	reports := []string{}
	for _, x := range o.registrations["r1"].Evidence {
		if x.Kind == "report" {
			reports = append(reports, x.ID)
		}
	}
	first := CorrectEvidence{Act: o.coordinator(), Registration: "r1", Evidence: reports[0], Fact: Fact{Kind: "report", Number: 9}, Reason: "data-entry"}
	o.says("evidence.corrected.v1", first)
	require.Equal(t, "level-1r", o.assess().Awards[0].Earned)
	first.Number = 1
	o.says("refused needs-second-person", first)
	o.says("proposal.made.v1", ProposeEvidenceCorrection{CorrectEvidence: first})
	id := o.registrations["r1"].Proposals[0].ID
	o.says("evidence.corrected.v1", ApproveProposal{Act: o.certifier(), Registration: "r1", Proposal: id})
	require.Equal(t, "certified", o.assess().Awards[0].Earned)
	require.Contains(t, o.assess().Flags, FlagReviewRequired)

	o.says("proposal.made.v1", ProposeVoid{VoidEvidence: VoidEvidence{Act: o.coordinator(), Registration: "r1", Evidence: reports[1], Reason: "duplicate"}})
	o.says("evidence.voided.v1", VoidEvidence{Act: o.coordinator(), Registration: "r1", Evidence: reports[1], Reason: "duplicate"})
	id = o.registrations["r1"].Proposals[1].ID
	o.says("refused proposal-outdated", ApproveProposal{Act: o.certifier(), Registration: "r1", Proposal: id})
	require.Contains(t, o.assess().Awards[0].Earned, "level-1r")
}

func judgementStory(t *testing.T) {
	o := registered(t).on("2026-05-10")
	for _, x := range []struct {
		want   string
		change func(*RecordJudgement)
	}{
		{"unknown-question", func(c *RecordJudgement) { c.Question = "CANARY" }},
		{"unknown-answer", func(c *RecordJudgement) { c.Answer = "CANARY" }},
		{"unknown-answer", func(c *RecordJudgement) { c.Answer = "in-progress" }},
		{"number-not-asked", func(c *RecordJudgement) { c.Number = 1 }},
		{"number-missing", func(c *RecordJudgement) { c.Question, c.Answer = "interval-evaluation", "satisfactory" }},
		{"number-missing", func(c *RecordJudgement) { c.Question, c.Answer, c.Number = "interval-evaluation", "satisfactory", 6 }},
		{"not-asked-of-you", func(c *RecordJudgement) { c.Act = o.supervisor() }},
		{"not-asked-of-you", func(c *RecordJudgement) { c.Question, c.Answer, c.Number = "interval-evaluation", "satisfactory", 1 }},
		{"not-assigned", func(c *RecordJudgement) { c.Act = o.act(AttesterActor("abe"), RoleTrainer) }},
		{"not-assigned", func(c *RecordJudgement) { c.Act = o.act("staff/jo", RoleTrainer) }},
		{"person-concerned", func(c *RecordJudgement) { c.Act = o.self() }},
		{"not-a-code", func(c *RecordJudgement) { c.Rubric = "CANARY" }},
		{"not-a-code", func(c *RecordJudgement) { c.Ratings = []Rating{{"listening", "CANARY good"}} }},
		{"rated-twice", func(c *RecordJudgement) { c.Ratings = []Rating{{"listening", "good"}, {"listening", "fair"}} }},
		{"not-a-consensus", func(c *RecordJudgement) { c.Signers = []Actor{AttesterActor("tom")} }},
		{"consensus-incomplete", func(c *RecordJudgement) { c.Consensus, c.Signers = true, []Actor{AttesterActor("tom")} }},
	} {
		c := o.judge("level-1")
		x.change(&c)
		o.says("refused "+x.want, c)
	}
	o.says("judgement.recorded.v1", o.judge("level-1"))
	first := o.registrations["r1"].Judgements[0].ID
	o.says("nothing", o.judge("level-1"))
	o.says("judgement.recorded.v1", o.judge("level-1r"))
	require.Equal(t, first, o.last[0].(*JudgementRecorded).Supersedes)
	o.says("judgement.recorded.v1", o.judge("level-1"))
	tia := o.judge("level-1")
	tia.Act = o.act(AttesterActor("tia"), RoleTrainer)
	o.says("judgement.recorded.v1", tia)
	require.Empty(t, o.last[0].(*JudgementRecorded).Supersedes)
	o.says("judgement.recorded.v1", o.judge("level-1")) // somebody else answered since
	wordy := o.judge("level-1")
	wordy.Narrative = "New words."
	o.says("judgement.recorded.v1", wordy)
	together := o.judge("level-1r")
	together.Consensus, together.Ratings = true, []Rating{{"listening", "good"}}
	o.says("judgement.recorded.v1", together)
	require.Equal(t, []Actor{AttesterActor("tia"), AttesterActor("tom")}, o.last[0].(*JudgementRecorded).Signers)
	o.says("nothing", together)
	together.Signers = []Actor{AttesterActor("tom"), AttesterActor("tia")}
	o.says("nothing", together)

	o.says("judgement.recorded.v1", RecordJudgement{Act: o.supervisor(), Registration: "r1", Question: "interval-evaluation", Number: 1, Answer: "satisfactory"})
	o.says("judgement.recorded.v1", RecordJudgement{Act: o.coordinator(), Registration: "r1", Question: "interval-review", Number: 1, Answer: "in-order"})
	staffTogether := RecordJudgement{Act: o.coordinator(), Registration: "r1", Question: "interval-review", Number: 2, Answer: "in-order", Consensus: true}
	o.says("refused not-assigned", staffTogether) // nobody is assigned as staff
}

func taskStory(t *testing.T) {
	o := registered(t).on("2026-04-22")
	set := func() SetTask {
		return SetTask{Act: o.trainer(), Registration: "r1", Task: "t1", Kind: "condition", Due: "2026-05-01", For: "recommended", Text: "Practise listening."}
	}
	for _, x := range []struct {
		want   string
		change func(*SetTask)
	}{
		{"unknown-task", func(c *SetTask) { c.Kind = "CANARY" }},
		{"not-asked-of-you", func(c *SetTask) { c.Act = o.staff() }},
		{"not-assigned", func(c *SetTask) { c.Act = o.act(AttesterActor("abe"), RoleTrainer) }},
		{"person-concerned", func(c *SetTask) { c.Act = o.self() }},
		{"not-a-code", func(c *SetTask) { c.Task = "CANARY" }},
		{"not-a-date", func(c *SetTask) { c.Due = "CANARY" }},
		{"due-passed", func(c *SetTask) { c.Due = "2026-04-21" }},
		{"unknown-requirement", func(c *SetTask) { c.For = "CANARY" }},
		{"missing-field", func(c *SetTask) { c.Kind = "make-up" }},
		{"no-such-session", func(c *SetTask) { c.Kind, c.Session = "make-up", "CANARY" }},
	} {
		c := set()
		x.change(&c)
		o.says("refused "+x.want, c)
	}
	o.says("task.set.v1", set())
	require.Equal(t, "Practise listening.", CommonOf(o.last[0]).Personal[GroupNarrative]["text"])
	o.says("nothing", set())
	c := set()
	c.Due = "2026-05-02"
	o.says("refused task-differs", c)

	extend := ExtendTask{Act: o.trainer(), Registration: "r1", Task: "t1", Due: "2026-05-01", Reason: "CANARY was ill"}
	o.says("nothing", extend)
	extend.Due = "2026-04-30"
	o.says("refused due-not-later", extend)
	extend.Due = "2026-05-09"
	o.says("task.extended.v1", extend)
	require.Equal(t, ReasonOther, o.last[0].(*TaskExtended).Reason)
	o.says("nothing", extend)
	extend.Act, extend.Due = o.staff(), "2026-05-10"
	o.says("task.extended.v1", extend) // staff where the trainer cannot
	extend.Act = o.self()
	o.says("refused person-concerned", extend)
	extend.Task = "canary"
	o.says("refused no-such-task", extend)
	o.must(SetTask{Act: o.trainer(), Registration: "r1", Task: "t2", Kind: "make-up", Session: "1"})
	extend.Act, extend.Task = o.trainer(), "t2"
	o.says("refused no-due-day", extend)

	done := FulfilTask{Act: o.self(), Registration: "r1", Task: "t2", How: "recording", On: "2026-04-23"}
	o.says("refused in-the-future", done)
	done.On = ""
	o.says("task.fulfilled.v1", done)
	o.says("nothing", done)
	done.On = "2026-04-21"
	o.says("refused already-fulfilled", done)
	done.How, done.Task = "CANARY words", "t1"
	o.says("refused not-a-code", done)

	confirm := ConfirmTask{Act: o.self(), Registration: "r1", Task: "t1"}
	o.says("refused person-concerned", confirm)
	confirm.Act = o.act(AttesterActor("ida-too"), RoleTrainer)
	o.says("refused person-concerned", confirm)
	confirm.Act = o.staff()
	o.says("refused not-asked-of-you", confirm)
	confirm.Act = o.trainer()
	o.says("task.confirmed.v1", confirm)
	o.says("nothing", confirm)
	o.says("refused task-done", CancelTask{Act: o.trainer(), Registration: "r1", Task: "t1"})
	cancel := CancelTask{Act: o.trainer(), Registration: "r1", Task: "t2", Reason: "schedule-change"}
	o.says("task.cancelled.v1", cancel)
	o.says("nothing", cancel)
	confirm.Task = "t2"
	o.says("refused task-cancelled", confirm)
	o.says("refused task-cancelled", FulfilTask{Act: o.self(), Registration: "r1", Task: "t2"})
	o.says("refused no-such-task", CancelTask{Act: o.trainer(), Registration: "r1", Task: "canary"})
}

func submissionStory(t *testing.T) {
	o := registered(t).on("2026-05-10")
	file := func() FileSubmission {
		return FileSubmission{Act: o.self(), Registration: "r1", Submission: "p1", Kind: "practicum-plan", Documents: []string{aHash}, Text: "A plan."}
	}
	for _, x := range []struct {
		want   string
		change func(*FileSubmission)
	}{
		{"unknown-submission", func(c *FileSubmission) { c.Kind = "CANARY" }},
		{"unknown-award", func(c *FileSubmission) { c.Award = "CANARY" }},
		{"not-a-code", func(c *FileSubmission) { c.Path = "CANARY" }},
		{"not-a-hash", func(c *FileSubmission) { c.Documents = []string{"CANARY"} }},
		{"in-the-future", func(c *FileSubmission) { c.Received = "2026-05-11" }},
		{"not-assigned", func(c *FileSubmission) { c.Act = o.act(AttesterActor("abe"), RoleTrainer) }},
	} {
		c := file()
		x.change(&c)
		o.says("refused "+x.want, c)
	}
	o.says("submission.filed.v1", file())
	require.Equal(t, o.registrations["r1"].Pin.Digest, o.last[0].(*SubmissionFiled).Digest)
	o.says("nothing", file())
	c := file()
	c.Path = "in-person"
	o.says("refused submission-differs", c)

	o.on("2026-05-20")
	answer := func() AnswerSubmission {
		return AnswerSubmission{Act: o.coordinator(), Registration: "r1", Submission: "p1", Answer: "approved"}
	}
	for _, x := range []struct {
		want   string
		change func(*AnswerSubmission)
	}{
		{"no-such-submission", func(c *AnswerSubmission) { c.Submission = "canary" }},
		{"unknown-answer", func(c *AnswerSubmission) { c.Answer = "CANARY" }},
		{"not-asked-of-you", func(c *AnswerSubmission) { c.Act = o.trainer() }},
		{"person-concerned", func(c *AnswerSubmission) { c.Act = o.self() }},
		{"in-the-future", func(c *AnswerSubmission) { c.From = "2026-05-21" }},
		{"reason-missing", func(c *AnswerSubmission) { c.From = "2026-05-15" }},
		{"before-filing", func(c *AnswerSubmission) { c.From, c.Text = "2026-05-09", "x" }},
	} {
		c := answer()
		x.change(&c)
		o.says("refused "+x.want, c)
	}
	early := answer()
	early.Answer, early.From, early.Text = "changes-suggested", "2026-05-10", "Hours began then."
	o.says("submission.answered.v1", early)
	o.says("submission.answered.v1", answer())
	o.says("nothing", answer())
	o.must(FileSubmission{Act: o.coordinator(), Registration: "r1", Submission: "p2", Kind: "practicum-plan"})
	c2 := answer()
	c2.Submission = "p2"
	o.says("refused needs-another-person", c2)
	leave := WithdrawSubmission{Act: o.trainer(), Registration: "r1", Submission: "p2", Reason: "CANARY"}
	o.says("refused not-authorised", leave)
	leave.Act = o.self()
	o.says("submission.withdrawn.v1", leave)
	o.says("nothing", leave)
	c2.Act = o.certifier()
	o.says("refused submission-withdrawn", c2)
	leave.Submission = "canary"
	o.says("refused no-such-submission", leave)
}

func accommodationStory(t *testing.T) {
	o := registered(t)
	ask := RequestAccommodation{Act: o.self(), Registration: "r1", Accommodation: "a1", Session: "3"}
	o.says("refused missing-field", ask)
	ask.What = "Captions, CANARY."
	o.says("accommodation.requested.v1", ask)
	o.says("nothing", ask)
	ask.Session = "canary"
	o.says("refused no-such-session", ask)
	ask.Act = o.act(AttesterActor("abe"), RoleTrainer)
	o.says("refused not-assigned", ask)
	answer := AnswerAccommodation{Act: o.coordinator(), Registration: "r1", Accommodation: "a1", Answer: "granted", Text: "Yes."}
	bad := answer
	bad.Answer = "CANARY"
	o.says("refused unknown-answer", bad)
	bad = answer
	bad.Accommodation = "canary"
	o.says("refused no-such-accommodation", bad)
	bad = answer
	bad.Act = o.trainer()
	o.says("refused not-authorised", bad)
	bad.Act = o.self()
	o.says("refused person-concerned", bad)
	o.says("accommodation.answered.v1", answer)
	o.says("nothing", answer)
	answer.Act, answer.Answer = o.self(), "withdrawn"
	o.says("accommodation.answered.v1", answer)
}

func waiverStory(t *testing.T) {
	o := trained(t, "2", "3", "4")
	require.Equal(t, "incomplete", o.assess().Awards[0].Earned)
	waive := func() ProposeWaiver {
		return ProposeWaiver{Act: o.certifier(), Registration: "r1", Requirement: "missed-sessions", Session: "2", Reason: "hospital"}
	}
	for _, x := range []struct {
		want   string
		change func(*ProposeWaiver)
	}{
		{"unknown-requirement", func(c *ProposeWaiver) { c.Requirement = "CANARY" }},
		{"not-waivable", func(c *ProposeWaiver) { c.Requirement = "evaluated" }},
		{"missing-field", func(c *ProposeWaiver) { c.Session = "" }},
		{"session-not-asked", func(c *ProposeWaiver) { c.Requirement = "assigned-make-ups" }},
		{"no-such-session", func(c *ProposeWaiver) { c.Session = "CANARY" }},
		{"reason-missing", func(c *ProposeWaiver) { c.Reason = "" }},
		{"ends-before-it-begins", func(c *ProposeWaiver) { c.Until = "2026-05-01" }},
		{"person-concerned", func(c *ProposeWaiver) { c.Act = o.self() }},
	} {
		c := waive()
		x.change(&c)
		o.says("refused "+x.want, c)
	}
	o.says("proposal.made.v1", waive())
	made := o.last[0].(*ProposalMade)
	require.NotContains(t, string(made.What), "hospital")
	require.Equal(t, "hospital", made.Personal[GroupAccommodation]["reason"])
	o.says("waiver.granted.v1", ApproveProposal{Act: o.coordinator(), Registration: "r1", Proposal: made.Proposal})
	w := o.last[0].(*WaiverGranted)
	require.Equal(t, ReasonOther, w.Reason)
	require.Equal(t, Actor("staff/cleo"), w.Proposed.By)
	require.Equal(t, "missed-sessions", o.registrations["r1"].Waivers[0].Requirement)
	require.NotEqual(t, "incomplete", o.assess().Awards[0].Earned)
	o.says("nothing", waive())
	end := EndWaiver{Act: o.self(), Registration: "r1", Waiver: w.Waiver, Reason: "CANARY"}
	o.says("refused person-concerned", end)
	end.Act = o.certifier()
	o.says("waiver.ended.v1", end)
	o.says("nothing", end)
	end.Waiver = "canary"
	o.says("refused no-such-waiver", end)
	o.says("proposal.made.v1", waive())
}

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
