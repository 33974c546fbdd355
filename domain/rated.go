package domain

import (
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// ratedResult asks how the items of a rubric's section are rated in the
// judgement that counts.
func (v *view) ratedResult(t programme.Rated, res *Result) {
	x := v.rubric(t)
	j := v.judged(x.q, x.number)
	res.Test, res.Verdict = "rated", Open
	res.Right = &Amount{Number: &x.want, Noun: "items", Word: x.bar}
	if !j.ok {
		need := x.need
		need.Ratings = x.raised(x.items[:x.want])
		res.Lacks = &Lack{Needs: append(v.judgeNeeds(x.q, need), v.signNeeds(x.q, x.number, t.SignedBy, nil)...)}
		return
	}
	res.Evidence = v.judgementEvidence(x.q, j)
	ratings := x.ratings(j.counted)
	var below, missing []string
	for _, item := range x.items {
		switch {
		case ratings[item] == "":
			missing = append(missing, item)
			res.Short = append(res.Short, Rating{Item: item})
		case x.rank(ratings[item]) < x.rank(x.bar):
			below = append(below, item)
			res.Short = append(res.Short, Rating{Item: item, Answer: ratings[item]})
		}
	}
	reached := int64(len(x.items) - len(below) - len(missing))
	res.Left = &Amount{Number: &reached, Noun: "items"}
	unsigned := v.unsigned(x.q, j, t.SignedBy)
	switch {
	case reached >= x.want && len(j.waiting) == 0 && len(unsigned) == 0:
		res.Verdict, res.Short, res.MetOn = Met, nil, j.counted[len(j.counted)-1].Made.Day()
	case reached >= x.want && len(j.waiting) == 0:
		res.Short, res.Lacks = nil, &Lack{Needs: v.signNeeds(x.q, x.number, unsigned, &j)}
	case reached >= x.want:
		res.Short, res.Lacks = nil, &Lack{}
		for _, id := range j.waiting {
			need := x.need
			need.ID, need.Ratings = id, x.raised(x.items[:x.want])
			res.Lacks.Needs = append(res.Lacks.Needs, need)
		}
	default:
		if reached+int64(len(missing)) < x.want {
			res.Verdict = NotMet
		}
		short := append(slices.Clone(missing), below...)[:x.want-reached]
		slices.SortFunc(short, func(a, b string) int { return slices.Index(x.items, a) - slices.Index(x.items, b) })
		res.Lacks = &Lack{Needs: append([]Need{x.again(j, ratings, short)}, v.signNeeds(x.q, x.number, v.others(x.q, t.SignedBy), nil)...)}
	}
}

// rating is a test of a rubric's section with everything it looks at.
type rating struct {
	q      *programme.Question
	scale  []string
	number int64
	items  []string // as they are recorded
	bar    string   // the least rating that is enough
	want   int64    // so many items are asked for
	need   Need     // the judgement asked for
}

func (v *view) rubric(t programme.Rated) rating {
	q := found(v.p.Question(t.Question))
	rubric := found(v.p.Rubric(q.Rubric))
	section := found(rubric.Section(t.Section))
	x := rating{q: q, scale: rubric.Scale, items: section.Stored(v.track), bar: t.EachAtLeast}
	if x.want = int64(len(x.items)); x.bar == "" {
		x.bar, x.want = t.Counting, min(t.AtLeast, x.want) // more than there are: the items are still to be supplied
	}
	if t.Last {
		x.number = q.Steps
	}
	x.need = Need{Do: "judge", Of: q.Stored(v.track), Number: x.number, Answer: q.Answers[0], As: AnyAnswer, By: q.AskedOf}
	return x
}

func (x rating) rank(rating string) int { return slices.Index(x.scale, rating) }

// raised rates items as is asked for.
func (x rating) raised(items []string) []Rating {
	out := make([]Rating, len(items))
	for i, item := range items {
		out[i] = Rating{Item: item, Answer: x.bar}
	}
	return out
}

// ratings are the ratings that count, by item: of several judgements that count
// the lowest or the highest of each item. Where the lowest counts, an item that
// one of them leaves out is not rated yet, unless it is below already.
func (x rating) ratings(counted []*Judgement) map[string]string {
	out, rated := map[string]string{}, map[string]int{}
	for _, j := range counted {
		for _, r := range j.Ratings {
			rated[r.Item]++
			was, ok := out[r.Item]
			lower := x.rank(r.Answer) < x.rank(was)
			if !ok || lower == (x.q.Several != "highest") && r.Answer != was {
				out[r.Item] = r.Answer
			}
		}
	}
	for _, item := range x.items {
		if x.q.Several == "lowest" && rated[item] < len(counted) && x.rank(out[item]) >= x.rank(x.bar) {
			out[item] = ""
		}
	}
	return out
}

// again is the judgement made anew with items rated as is asked for; the
// answer and the other ratings stay.
func (x rating) again(j judgedState, ratings map[string]string, items []string) Need {
	need := x.need
	need.Answer, need.As, need.Ratings = j.answer, "", x.raised(items)
	if x.q.Several != "latest" {
		need.As = Consensus
	}
	if len(j.counted) == 1 {
		need.Keeps = j.counted[0].ID
		return need
	}
	for _, item := range sortedKeys(ratings) {
		if !slices.Contains(items, item) && ratings[item] != "" {
			need.Ratings = append(need.Ratings, Rating{Item: item, Answer: ratings[item]})
		}
	}
	return need
}
