package domain

import (
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// Decide files something that the body answers.
func (c FileSubmission) Decide(f Facts) ([]Event, error) {
	s, err := f.active(c.Act)
	if err != nil {
		return nil, err
	}
	kind, ok := f.Programme.Submission(c.Kind)
	if !ok {
		var keys []string
		for _, x := range f.Programme.Submissions {
			keys = append(keys, x.Key)
		}
		return nil, refuseField("kind", "unknown-submission", "The programme takes no such submission; it takes %s.", known(keys))
	}
	if c.Award != "" {
		if _, ok := f.Programme.Award(c.Award); !ok {
			return nil, f.unknownAward()
		}
	}
	if c.Path != "" && !IsPath(c.Path) {
		return nil, refuseField("path", "not-a-code", "The path is made of codes joined by slashes.")
	}
	if c.Role == RoleTrainer || c.Role == RoleSupervisor {
		if err := f.holdsRole(c.Act); err != nil {
			return nil, err
		}
	}
	if err := firstError(checkSlugs(optional("submission", c.Submission), optional("period", c.Period)),
		checkHashes("documents", c.Documents), checkTexts(c.Text)); err != nil {
		return nil, err
	}
	e := &SubmissionFiled{
		Submission: c.id(c.Submission, "submission"), Kind: c.Kind, Award: c.Award, Period: c.Period, Path: c.Path,
		Received: c.Received, Documents: c.Documents,
	}
	if x := s.submission(e.Submission); x != nil {
		if x.Kind == c.Kind && x.Award == c.Award && x.Period == c.Period && x.Path == c.Path &&
			(c.Received == "" || c.Received == x.Received) && x.Withdrawn == nil {
			return nil, nil
		}
		return nil, refuseField("submission", "submission-differs", "Something else was filed under this identifier; please choose another.")
	}
	if e.Received == "" {
		e.Received = c.day()
	}
	if err := c.checkDay("received", e.Received); err != nil {
		return nil, err
	}
	if err := c.place(f, kind, e); err != nil {
		return nil, err
	}
	pin, pinned, err := f.filedUnder(e.Kind, e.Received)
	if err != nil {
		return nil, err
	}
	e.Digest = pin.Digest
	e.personal(GroupNarrative, "text", c.Text)
	if pinned != nil {
		return events(pinned, e)
	}
	return events(e)
}

// place settles for which award and period something is filed, and refuses it
// before it may be filed. What comes too late is recorded and does not count.
func (c FileSubmission) place(f Facts, kind programme.Submission, e *SubmissionFiled) error {
	v := newView(f.Programme, f, c.At)
	w := v
	if kind.For != "" {
		a := found(f.Programme.Award(kind.For))
		if e.Award == "" {
			e.Award = a.Key
		}
		if e.Award != a.Key {
			return refuseField("award", "other-award", "This is filed for %s.", spoken(a.Key))
		}
		if e.Period == "" {
			e.Period = v.fileable(a, kind, e.Received)
		}
		k := Asking{Award: a.Key, Period: e.Period}
		if e.Period == "" || !slices.Contains(v.askings(a.Key), k) {
			return refuseField("period", "unknown-period", "No such period has begun, so nothing can be filed for it.")
		}
		w = v.in(k)
		var ok bool
		if kind, ok = w.p.Submission(kind.Key); !ok {
			return refuseField("period", "unknown-period", "By the rules of that period nothing like this is filed for it.")
		}
	}
	if opens := w.latest(kind.Opens); e.Received < opens {
		return refuseField("received", "filing-not-open", "This can be filed from %s on.", opens)
	}
	return nil
}

// fileable is the period for which something received on a day is filed: the
// earliest that is not settled and lets it be filed then, or else the earliest
// not settled.
func (v *view) fileable(a *programme.Award, kind programme.Submission, received Date) string {
	first := ""
	for _, x := range v.periodsOf(a.Each) {
		if x.settled != "" || x.from > v.today {
			continue
		}
		w := v.in(Asking{Award: a.Key, Period: x.name})
		kind, ok := w.p.Submission(kind.Key)
		if !ok {
			continue
		}
		if place(w.filingWindow(kind), received, received) == "" && len(w.filings(kind.Key)) == 0 {
			return x.name
		}
		if first == "" {
			first = x.name
		}
	}
	return first
}

func (f Facts) aSubmission(id string) (*Submission, error) {
	x := f.Standing.submission(id)
	if x == nil {
		return nil, refuseField("submission", "no-such-submission", "Nothing was filed here under this identifier; please check it.")
	}
	return x, nil
}

// Decide is the body's answer. It takes effect on its day, or, with a reason,
// earlier, but not before the filing (A12).
func (c AnswerSubmission) Decide(f Facts) ([]Event, error) {
	if _, err := f.registration(c.Act); err != nil {
		return nil, err
	}
	x, err := f.aSubmission(c.Submission)
	if err != nil {
		return nil, err
	}
	kind, ok := f.Programme.Submission(x.Kind)
	if !ok || !slices.Contains(kind.Answers, c.Answer) {
		return nil, refuseField("answer", "unknown-answer", "The answers to this are %s.", known(kind.Answers))
	}
	if err := firstError(f.notConcerned(c.Act), f.plays(c.Act, kind.AnsweredBy), checkTexts(append(slices.Clone(c.Reasons), c.Text)...)); err != nil {
		return nil, err
	}
	if c.By.same(x.Made.Actor) {
		return nil, refuse("needs-another-person", "Whoever filed this does not answer it; please ask another person.")
	}
	if x.Withdrawn != nil {
		return nil, refuse("submission-withdrawn", "This was withdrawn, so it needs no answer; it can be filed anew.")
	}
	from := c.From
	if from == "" {
		from = c.day()
	}
	if err := c.checkDay("from", from); err != nil {
		return nil, err
	}
	if n := len(x.Answers); n > 0 && x.Answers[n-1].Word == c.Answer && (c.From == "" || x.Answers[n-1].From == c.From) && len(c.Reasons) == 0 && c.Text == "" {
		return nil, nil
	}
	if from < x.Received {
		return nil, refuseField("from", "before-filing", "An answer takes effect on the day of filing, %s, at the earliest.", x.Received)
	}
	if from < c.day() && len(c.Reasons) == 0 && c.Text == "" {
		return nil, refuseField("from", "reason-missing", "An answer that takes effect before its own day needs a reason, as a code or in words.")
	}
	e := &SubmissionAnswered{Submission: c.Submission, Answer: c.Answer, From: from}
	e.Reasons = e.reasons(GroupNarrative, c.Reasons)
	e.personal(GroupNarrative, "text", c.Text)
	return events(e)
}

// Decide takes a submission back. What was answered already stays answered.
func (c WithdrawSubmission) Decide(f Facts) ([]Event, error) {
	if _, err := f.active(c.Act); err != nil {
		return nil, err
	}
	x, err := f.aSubmission(c.Submission)
	if err != nil {
		return nil, err
	}
	if x.Withdrawn != nil {
		return nil, nil
	}
	if c.Role != RoleParticipant && !actsForBody(c.Role) && !c.By.same(x.Made.Actor) {
		return nil, refuse("not-authorised", "The participant takes a submission back, or staff for them.")
	}
	if err := checkTexts(c.Reason); err != nil {
		return nil, err
	}
	e := &SubmissionWithdrawn{Submission: c.Submission}
	e.personal(GroupNarrative, "reason", c.Reason)
	return events(e)
}
