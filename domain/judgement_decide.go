package domain

import "slices"

// Decide records a judgement by somebody whom the programme asks.
func (c RecordJudgement) Decide(f Facts) ([]Event, error) {
	s, err := f.active(c.Act)
	if err != nil {
		return nil, err
	}
	q, ok := f.Programme.Question(c.Question)
	if !ok {
		var keys []string
		for _, q := range f.Programme.Questions {
			keys = append(keys, q.Key)
		}
		return nil, refuseField("question", "unknown-question", "The programme asks no such question; it asks %s.", known(keys))
	}
	switch {
	case !slices.Contains(q.Answers, c.Answer):
		return nil, refuseField("answer", "unknown-answer", "The answers to this question are %s.", known(q.Answers))
	case q.Numbered == "" && c.Number != 0:
		return nil, refuseField("number", "number-not-asked", "This question is asked without a number.")
	case q.Numbered != "" && (c.Number < 1 || c.Number > q.Steps):
		return nil, refuseField("number", "number-missing", "This question is asked at each step; please give its number, from 1 to %d.", q.Steps)
	}
	if err := firstError(f.notConcerned(c.Act), f.plays(c.Act, q.AskedOf), c.checkRubric(), checkTexts(c.Narrative)); err != nil {
		return nil, err
	}
	signers, err := c.signers(f)
	if err != nil {
		return nil, err
	}
	e := &JudgementRecorded{
		Judgement: NewID(c.Command, "judgement"), Question: c.Question, Number: c.Number, Answer: c.Answer,
		Ratings: slices.Clone(c.Ratings), Rubric: c.Rubric, Consensus: c.Consensus, Signers: signers,
	}
	for i := len(s.Judgements) - 1; i >= 0; i-- {
		j := s.Judgements[i]
		if j.Question != c.Question || j.Number != c.Number {
			continue
		}
		if c.repeats(j, signers) && isLatest(s.Judgements, i) && !f.confirms(c.Act, j) {
			return nil, nil
		}
		if e.Supersedes == "" && j.Consensus == c.Consensus && (c.Consensus || j.Made.Actor == c.By) {
			e.Supersedes = j.ID
		}
	}
	e.personal(GroupNarrative, "narrative", c.Narrative)
	return events(e)
}

// repeats reports whether a judgement was recorded like this before. A
// narrative is sealed and cannot be compared: with one, it is recorded.
func (c RecordJudgement) repeats(j Judgement, signers []Actor) bool {
	return j.Made.Actor == c.By && j.Answer == c.Answer && j.Consensus == c.Consensus && c.Narrative == "" &&
		slices.Equal(j.Ratings, c.Ratings) && slices.Equal(j.Signers, signers)
}

// confirms reports whether an act after the last session repeats a judgement
// from before it, which was provisional until then (A4).
func (f Facts) confirms(a Act, j Judgement) bool {
	last := f.lastSessionEnd()
	return j.Made.Time.Before(last) && !a.At.Before(last)
}

// isLatest reports whether nobody answered the same question after judgement i.
func isLatest(all []Judgement, i int) bool {
	return !slices.ContainsFunc(all[i+1:], func(j Judgement) bool { return j.Question == all[i].Question && j.Number == all[i].Number })
}

func (c RecordJudgement) checkRubric() error {
	if err := checkSlugs(optional("rubric", c.Rubric)); err != nil {
		return err
	}
	items := map[string]bool{}
	for _, r := range c.Ratings {
		if !IsPath(r.Item) || !IsSlug(r.Answer) {
			return refuseField("ratings", "not-a-code", "A rating is an item of the rubric and an answer, both as codes.")
		}
		if items[r.Item] {
			return refuseField("ratings", "rated-twice", "Each item of the rubric is rated once.")
		}
		items[r.Item] = true
	}
	return nil
}

// signers are those who agree on a consensus: everybody assigned in the role.
func (c RecordJudgement) signers(f Facts) ([]Actor, error) {
	if !c.Consensus {
		if len(c.Signers) > 0 {
			return nil, refuseField("signers", "not-a-consensus", "A single judgement is its author's; only a consensus has signers.")
		}
		return nil, nil
	}
	var all []Actor
	for _, id := range f.inRole(c.Role, c.day()) {
		all = append(all, AttesterActor(id))
	}
	if len(all) == 0 {
		return nil, refuseField("signers", "not-assigned", "A consensus is of those assigned in the role; nobody is assigned on that day.")
	}
	if len(c.Signers) > 0 {
		given := slices.Compact(slices.Sorted(slices.Values(c.Signers)))
		if !slices.Equal(given, all) {
			return nil, refuseField("signers", "consensus-incomplete", "A consensus is of everybody assigned in the role on that day, and of nobody else.")
		}
	}
	return all, nil
}
