package cases

import (
	"strings"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

// question is what a judgement answers, and the word under which it is recorded.
func (s *story) question(st *step) (q programme.Question, word string) {
	key, track, of := strings.Cut(st.text("question"), "/")
	if !of {
		track = st.text("track")
	}
	q, ok := s.p.Question(key)
	if !ok || track == "" {
		return q, st.text("question")
	}
	return q, key + "/" + track
}

// ratings are those of a step: of items, and of sections, which stand for all of
// their items that are not rated themselves.
func (s *story) ratings(st *step, q programme.Question) []domain.Rating {
	t := st.args["ratings"]
	if t == nil {
		return nil
	}
	x, _ := s.p.Rubric(q.Rubric)
	var out, whole []domain.Rating
	rated := map[string]bool{}
	for _, p := range t.pairs {
		items := itemsOf(x, p.key.text)
		if len(items) == 0 {
			out, rated[p.key.text] = append(out, domain.Rating{Item: p.key.text, Answer: p.value.text}), true
		}
		for _, item := range items {
			whole = append(whole, domain.Rating{Item: item, Answer: p.value.text})
		}
	}
	for _, r := range whole {
		if !rated[r.Item] {
			out = append(out, r)
		}
	}
	return out
}

// itemsOf are the items of a section, or of a section in a track; none for what
// is no section.
func itemsOf(x programme.Rubric, name string) []string {
	key, track, of := strings.Cut(name, "/")
	section, ok := x.Section(key)
	if !ok || of != section.EachTrack || strings.Contains(track, "/") {
		return nil
	}
	return section.Stored(track)
}

// signed is the answer that a signature repeats: the last one given.
func (s *story) signed(question string, number int64) string {
	answer := ""
	for _, j := range s.standing().Judgements {
		if j.Question == question && j.Number == number {
			answer = j.Answer
		}
	}
	return answer
}
