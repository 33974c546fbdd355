package domain

import (
	"cmp"
	"slices"
)

// Cause is why a decision has to be looked at again: most often a later entry
// about something that it rested on.
type Cause struct {
	Because string `json:"because"`        // event type of the entry
	Fact    uint64 `json:"fact,omitempty"` // sequence of the fact touched; 0 for one that came late
	Made    Origin `json:"made"`           // the entry
	Since   Date   `json:"since"`          // the day it was recorded, or on which a waiver had run out
}

// causeOf is a cause that holds from the day on which its entry was recorded,
// in the offset of the act.
func causeOf(because string, fact uint64, made Origin) Cause {
	return Cause{Because: because, Fact: fact, Made: made, Since: DateOf(made.Recorded.In(made.Time.Location()))}
}

// openCauses is what puts a decision in doubt and was not considered yet, in
// the order of the ledger.
func (v *view) openCauses(d *Decision, a Assessment) []Cause {
	causes := v.causes(d, a)
	return slices.DeleteFunc(causes, func(c Cause) bool {
		return slices.ContainsFunc(v.s.ClosedReviews, func(x ClosedReview) bool {
			return x.Decision == d.ID && x.Word == ReviewStands && v.holds(x.Made) && slices.Contains(x.Causes, c.Made.Sequence)
		})
	})
}

// causes is everything that has put a decision in doubt, considered or not.
func (v *view) causes(d *Decision, a Assessment) []Cause {
	var out []Cause
	for _, x := range v.s.Doubts {
		if x.Decision == d.ID && v.holds(x.Made) && !v.stillInForce(x) {
			out = append(out, causeOf(x.Because, x.Fact, x.Made))
		}
	}
	out = append(out, v.cohortCauses(d)...)
	out = append(out, v.attesterCauses(d)...)
	out = append(out, v.lowerCauses(d, a, len(out) > 0)...)
	slices.SortStableFunc(out, func(a, b Cause) int { return cmp.Compare(a.Made.Sequence, b.Made.Sequence) })
	return slices.CompactFunc(out, func(a, b Cause) bool { return a.Made.Sequence == b.Made.Sequence })
}

// stillInForce: a later mark of lower rank touches nothing.
func (v *view) stillInForce(x Doubt) bool {
	return x.Because == (*AttendanceMarked)(nil).Type() && x.Fact != 0 &&
		slices.ContainsFunc(v.classes, func(c ClassResult) bool { return c.Made == x.Fact })
}

// cohortCauses are changes of the timetable that a decision had read. One that
// was recorded between the reading and the decision is a change as well.
func (v *view) cohortCauses(d *Decision) []Cause {
	if v.f.Cohort == nil {
		return nil
	}
	read, looked := d.seen(SubjectOf(KindCohort, v.f.Cohort.ID))
	if !looked {
		return nil
	}
	var out []Cause
	for _, s := range v.f.Cohort.Sessions {
		if s.Changed.Sequence > read && v.holds(s.Changed) {
			out = append(out, causeOf(s.Change, 0, s.Changed))
		}
	}
	return append(out, v.assignmentCauses(d, v.f.Cohort.Attesters, v.f.Cohort.Endings, read)...)
}

// attesterCauses are the ends of qualifications, approvals and assignments of
// those whose word a decision rested on, as far as it had not read them.
func (v *view) attesterCauses(d *Decision) []Cause {
	out := v.assignmentCauses(d, v.s.Attesters, v.s.Endings, d.Made.Sequence)
	for _, who := range v.f.Attesters {
		if len(who.Endings) == 0 {
			continue
		}
		read, looked := d.seen(SubjectOf(KindAttester, who.ID))
		if !looked {
			read = d.Made.Sequence
		}
		for _, e := range who.Endings {
			if e.Made.Sequence <= read || !v.holds(e.Made) {
				continue
			}
			word, ok := v.given(d, who.ID, func(w attestation) bool { return e.takes(w.day) && !who.holds(e.Code, w.day) })
			if ok {
				out = append(out, causeOf((*AttesterEnded)(nil).Type(), word.sequence, e.Made))
			}
		}
	}
	return out
}

// takes reports whether an ending took a day away: it came after the last day,
// and not after the one known before.
func (e EarlyEnd) takes(day Date) bool { return day > e.Until && (e.Was == "" || day <= e.Was) }

// assignmentCauses are changes of who is assigned where, recorded after a
// sequence, that matter to a decision.
func (v *view) assignmentCauses(d *Decision, assigned []Assignment, endings []EarlyEnd, read uint64) []Cause {
	var out []Cause
	for _, x := range assigned {
		if x.Made.Sequence <= read || !v.holds(x.Made) {
			continue
		}
		if fact, ok := v.assignmentMatters(d, x); ok {
			out = append(out, causeOf((*AttesterAssigned)(nil).Type(), fact, x.Made))
		}
	}
	for _, e := range endings {
		if e.Made.Sequence <= read || !v.holds(e.Made) {
			continue
		}
		word, ok := v.given(d, e.Attester, func(w attestation) bool {
			return w.role == e.Code && e.takes(w.day) && !v.f.assigned(e.Attester, e.Code, w.day)
		})
		if ok {
			out = append(out, causeOf((*AttesterReleased)(nil).Type(), word.sequence, e.Made))
		}
	}
	return out
}

// assignmentMatters reports whether a decision would have looked different had
// an assignment been known: its decider stood close to the person, somebody who
// attests to it is related to them, or somebody was to be asked and was not. The
// fact is the attestation or judgement concerned, 0 for none.
func (v *view) assignmentMatters(d *Decision, x Assignment) (fact uint64, ok bool) {
	warning := closeRoles[x.Role]
	if warning != "" && d.Made.Actor.same(AttesterActor(x.Attester)) && x.From <= d.Made.Day() && !slices.Contains(d.Warnings, warning) {
		return 0, true
	}
	if x.Relation != "" && x.Relation != RelationNone {
		if word, ok := v.given(d, x.Attester, func(w attestation) bool { return x.In(w.day) }); ok {
			return word.sequence, true
		}
	}
	for i := range v.s.Judgements {
		j := &v.s.Judgements[i]
		q, _, asked := v.p.Asked(j.Question)
		if !asked || q.AskedOf != x.Role || q.Several == "latest" || !d.restsOn(j.Made.Sequence) || !x.In(j.Made.Day()) {
			continue
		}
		if _, judged := v.given(d, x.Attester, func(w attestation) bool { return w.question == j.Question && w.number == j.Number }); !judged {
			return j.Made.Sequence, true
		}
	}
	return 0, false
}

// lowerCauses say why the facts support less than a decision in force granted:
// later judgements, answers and tasks that hold the level down, a waiver that
// ran out, and where nothing explains it the decision itself.
func (v *view) lowerCauses(d *Decision, a Assessment, explained bool) []Cause {
	i := slices.IndexFunc(a.Awards, func(w AwardResult) bool { return w.Decision == d.ID })
	if i < 0 {
		return nil
	}
	award := v.awardOf(a.Awards[i].Asking())
	earned, _ := award.Rank(a.Awards[i].Earned)
	granted, _ := award.Rank(a.Awards[i].Granted)
	if earned >= granted {
		return nil
	}
	held := map[uint64]bool{}
	for _, r := range a.Results {
		if slices.Contains(a.Awards[i].Binding, r.Path) {
			r.eachEvidence(func(sequence uint64) { held[sequence] = true })
		}
	}
	var out []Cause
	v.s.eachWord(func(because string, fact uint64, made Origin) {
		if made.Sequence > d.Made.Sequence && (held[made.Sequence] || fact != 0 && d.restsOn(fact)) {
			out = append(out, causeOf(because, fact, made))
		}
	})
	for _, w := range v.s.Waivers {
		last, err := ParseDate(string(w.Until))
		if w.Ended == nil && err == nil && v.today > last && d.restsOn(w.Made.Sequence) {
			c := causeOf((*WaiverGranted)(nil).Type(), w.Made.Sequence, w.Made)
			c.Since = last.AddDays(1)
			out = append(out, c)
		}
	}
	if len(out) == 0 && !explained {
		return []Cause{causeOf((*DecisionRecorded)(nil).Type(), d.Made.Sequence, d.Made)}
	}
	return out
}

func (r *Result) eachEvidence(f func(sequence uint64)) {
	for _, s := range r.Evidence {
		f(s)
	}
	for i := range r.Children {
		r.Children[i].eachEvidence(f)
	}
}

// eachWord calls f for what people say anew without correcting anything:
// judgements, answers, tasks; of an answer to evidence with the fact that it is
// about, which it may have taken out of a total.
func (s *Standing) eachWord(f func(because string, fact uint64, made Origin)) {
	for _, j := range s.Judgements {
		f((*JudgementRecorded)(nil).Type(), 0, j.Made)
	}
	for _, t := range s.Tasks {
		f((*TaskSet)(nil).Type(), 0, t.Made)
	}
	for _, x := range s.Submissions {
		for _, a := range x.Answers {
			f((*SubmissionAnswered)(nil).Type(), 0, a.Made)
		}
	}
	for i := range s.Evidence {
		for _, a := range s.Evidence[i].Answers {
			f((*EvidenceAnswered)(nil).Type(), s.Evidence[i].Made.Sequence, a.Made)
		}
	}
}
