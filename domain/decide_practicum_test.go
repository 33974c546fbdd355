package domain

import (
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
