package domain

import (
	"slices"
	"strings"

	"github.com/certledger/certledger/domain/programme"
)

// itemsShown is how many items a refusal lists; of more it lists the sections.
const itemsShown = 24

// checkRatings refuses ratings that the question's rubric does not know.
func (c RecordJudgement) checkRatings(p *programme.Programme, q programme.Question, x programme.Rubric) error {
	if c.Rubric != "" && c.Rubric != x.Key {
		return refuseField("rubric", "unknown-rubric", "This question is rated by the rubric %s.", x.Key)
	}
	tracks := p.Tracks
	if _, track, _ := strings.Cut(c.Question, "/"); q.Each == programme.EachTrack {
		tracks = []string{track}
	}
	items := x.Items(tracks)
	for _, r := range c.Ratings {
		if !slices.Contains(items, r.Item) {
			return refuseField("ratings", "unknown-item", "The rubric has no such item; it has %s.", known(shownItems(x, items, tracks)))
		}
		if !slices.Contains(x.Scale, r.Answer) {
			return refuseField("ratings", "unknown-rating", "The ratings of this rubric are %s.", known(x.Scale))
		}
	}
	return nil
}

// shownItems are the items of a rubric for a sentence: all of them, or for each
// section the first and the last.
func shownItems(x programme.Rubric, items, tracks []string) []string {
	if len(items) <= itemsShown {
		return items
	}
	var out []string
	for _, s := range x.Sections {
		of := []string{""}
		if s.EachTrack {
			of = tracks
		}
		for _, t := range of {
			all := s.Stored(t)
			out = append(out, all[0]+" … "+all[len(all)-1])
		}
	}
	return out
}

// sign puts somebody's name under the judgement that counts: it is recorded
// again in their own act, with the same answer and ratings. What the signer has
// to say goes into the narrative.
func (c RecordJudgement) sign(f Facts, q programme.Question) ([]Event, error) {
	if err := firstError(f.signs(c.Act), checkTexts(c.Narrative)); err != nil {
		return nil, err
	}
	i := -1
	for k, j := range f.Standing.Judgements {
		if j.Question == c.Question && j.Number == c.Number {
			i = k
		}
	}
	if i < 0 {
		return nil, refuse("nothing-to-sign", "Nobody has answered this question yet; please sign once the %s has.", q.AskedOf)
	}
	j := f.Standing.Judgements[i]
	switch {
	case c.Answer != j.Answer, len(c.Ratings) > 0 && !slices.Equal(c.Ratings, j.Ratings):
		return nil, refuse("judgement-differs", "A signature repeats what was answered; whoever sees it otherwise says so in words.")
	case slices.Contains(j.Signers, c.By) && c.Narrative == "":
		return nil, nil
	}
	signers := slices.Clone(j.Signers)
	if len(signers) == 0 {
		signers = []Actor{j.Made.Actor}
	}
	if !slices.Contains(signers, c.By) {
		signers = append(signers, c.By)
	}
	e := &JudgementRecorded{
		Judgement: NewID(c.Command, "judgement"), Question: j.Question, Number: j.Number, Answer: j.Answer,
		Ratings: slices.Clone(j.Ratings), Rubric: j.Rubric, Consensus: j.Consensus, Signers: signers, Supersedes: j.ID,
	}
	e.personal(GroupNarrative, "narrative", c.Narrative)
	return events(e)
}

// signs refuses a signature by an attester who is not assigned, or by somebody
// else about themselves. A participant's own act is theirs already.
func (f Facts) signs(a Act) error {
	if a.Role == RoleParticipant {
		return nil
	}
	return firstError(f.notConcerned(a), f.holdsRole(a))
}
