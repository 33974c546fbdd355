package domain

import (
	"slices"
	"strings"

	"github.com/certledger/certledger/domain/programme"
)

// Decide records a judgement by somebody whom the programme asks.
func (c RecordJudgement) Decide(f Facts) ([]Event, error) {
	s, err := f.active(c.Act)
	if err != nil {
		return nil, err
	}
	q, err := c.asked(f.Programme)
	if err != nil {
		return nil, err
	}
	if c.Answer == "" && slices.Equal(q.Answers, []string{programme.RatedAnswer}) {
		c.Answer = programme.RatedAnswer
	}
	switch {
	case !slices.Contains(q.Answers, c.Answer):
		return nil, refuseField("answer", "unknown-answer", "The answers to this question are %s.", known(q.Answers))
	case q.Numbered == "" && c.Number != 0:
		return nil, refuseField("number", "number-not-asked", "This question is asked without a number.")
	case q.Numbered != "" && (c.Number < 1 || c.Number > q.Steps):
		return nil, refuseField("number", "number-missing", "This question is asked at each step; please give its number, from 1 to %d.", q.Steps)
	}
	if !playsRole(c.Role, q.AskedOf) && slices.Contains(signersOf(f.Programme, &q), c.Role) {
		return c.sign(f, q)
	}
	if err := firstError(f.notConcerned(c.Act), f.plays(c.Act, q.AskedOf), c.checkRubric(f.Programme, q), checkTexts(c.Narrative)); err != nil {
		return nil, err
	}
	signers, err := c.signers(f)
	if err != nil {
		return nil, err
	}
	e := &JudgementRecorded{
		Judgement: NewID(c.Command, "judgement"), Question: c.Question, Number: c.Number, Answer: c.Answer,
		Ratings: slices.Clone(c.Ratings), Rubric: c.rubric(q), Consensus: c.Consensus, Signers: signers,
	}
	for i := len(s.Judgements) - 1; i >= 0; i-- {
		j := s.Judgements[i]
		if j.Question != c.Question || j.Number != c.Number {
			continue
		}
		if c.repeats(j, signers) && isLatest(s.Judgements, i, q) && !f.confirms(c.Act, j) {
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
// A signature under it is no other answer.
func isLatest(all []Judgement, i int, q programme.Question) bool {
	return !slices.ContainsFunc(all[i+1:], func(j Judgement) bool {
		return j.Question == all[i].Question && j.Number == all[i].Number && !j.cosigned(&q)
	})
}

// asked finds the question. One that is asked for each track is named with its
// track.
func (c RecordJudgement) asked(p *programme.Programme) (programme.Question, error) {
	if q, _, ok := p.Asked(c.Question); ok {
		return q, nil
	}
	key, _, _ := strings.Cut(c.Question, "/")
	if q, ok := p.Question(key); ok && q.Each == programme.EachTrack {
		var each []string
		for _, t := range p.Tracks {
			each = append(each, q.Stored(t))
		}
		return q, refuseField("question", "unknown-question", "This question is asked for each track; please name %s.", known(each))
	}
	return programme.Question{}, refuseField("question", "unknown-question", "The programme asks no such question; it asks %s.", known(p.AskedWords()))
}

// rubric is the rubric that the ratings are of.
func (c RecordJudgement) rubric(q programme.Question) string {
	if c.Rubric == "" && len(c.Ratings) > 0 {
		return q.Rubric
	}
	return c.Rubric
}

func (c RecordJudgement) checkRubric(p *programme.Programme, q programme.Question) error {
	if err := checkSlugs(optional("rubric", c.Rubric)); err != nil {
		return err
	}
	if x, ok := p.Rubric(q.Rubric); ok {
		if err := c.checkRatings(p, q, x); err != nil {
			return err
		}
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
