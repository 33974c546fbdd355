package programme

import (
	"slices"
)

func (r *reader) questions(n *node) {
	r.named(n, "questions", func(key, value *node, path string) {
		t, ok := r.open(value, path, "a question", "answers", "asked-of", "numbered", "several", "rubric", "each", "shown-only", "assumes", "source")
		if !ok {
			return
		}
		q := Question{
			Key: key.text, AskedOf: t.needRole("asked-of", "a question"), ShownOnly: t.truth("shown-only", false),
			Assumes: t.assumes(), Source: t.cites(),
		}
		r.asking(t, &q)
		if n := t.need("several", "a question"); n != nil {
			q.Several = r.oneOf(n, t.at("several"), []string{"lowest", "highest", "latest"})
		}
		if n := t.get("numbered"); n != nil && r.isWord(n, t.at("numbered")) {
			if v, ok := r.parameter(n, t.at("numbered"), shapeNumbers); ok {
				q.Numbered, q.Steps = n.text, int64(len(v.Numbers))
			}
		}
		r.p.Questions = append(r.p.Questions, q)
	})
}

// granted are the levels that a decision may grant, low to high.
func (a Award) granted() []string {
	return slices.DeleteFunc(slices.Clone(a.Levels), func(l string) bool { return slices.Contains(a.NeverGranted, l) })
}

func (r *reader) submissions(n *node) {
	r.named(n, "submissions", func(key, value *node, path string) {
		t, ok := r.open(value, path, "a submission", "answers", "answered-by", "for", "opens", "closes", "answer-within", "source", "assumes")
		if !ok {
			return
		}
		s := Submission{Key: key.text, AnsweredBy: t.needRole("answered-by", "a submission"), Source: t.cites(), Assumes: t.assumes()}
		if n := t.need("answers", "a submission"); n != nil {
			s.Answers = r.scale(n, t.at("answers"))
			if slices.Contains(s.Answers, "filed") {
				r.fail(n, t.at("answers"), "filed is what every submission is before its answer", "filed cannot be an answer")
			}
		}
		r.filing(t, &s)
		r.p.Submissions = append(r.p.Submissions, s)
	})
}

func (r *reader) tasks(n *node) {
	r.named(n, "tasks", func(key, value *node, path string) {
		t, ok := r.open(value, path, "a task", "set-by", "confirmed-by", "late-needs", "about", "due", "assumes", "source")
		if !ok {
			return
		}
		k := TaskKind{
			Key: key.text, SetBy: t.needRole("set-by", "a task"), ConfirmedBy: t.role("confirmed-by"),
			LateNeeds: t.oneOf("late-needs", "extension"), About: t.oneOf("about", "session"), Assumes: t.assumes(), Source: t.cites(),
		}
		if n := t.get("due"); n != nil {
			k.DueIn = r.length(n, t.at("due"))
		}
		if k.About == "session" && r.p.Classes == nil {
			r.fail(t.get("about"), t.at("about"), "", "a programme without classes has no sessions")
		}
		r.p.Tasks = append(r.p.Tasks, k)
	})
}

// filing reads when a submission may be filed, and by when it is answered.
func (r *reader) filing(t table, s *Submission) {
	if n := t.get("for"); n != nil {
		if s.For = r.reference(n, t.at("for"), "award", r.awardKeys()); s.For != "" {
			if a, _ := r.p.Award(s.For); !a.Periodic() {
				r.fail(n, t.at("for"), "leave for out", "the award %s is not asked in periods, so nothing is filed for one", s.For)
			}
		}
	}
	owner := "submission " + s.Key
	s.Opens = r.moments(t.get("opens"), t.at("opens"), owner)
	s.Closes = r.moments(t.get("closes"), t.at("closes"), owner)
	if n := t.get("answer-within"); n != nil {
		if a, ok := r.quantity(n, t.at("answer-within"), UnitDay, UnitMonth, UnitBusinessDay); ok {
			s.AnswerIn = Length{Number: a.number, Unit: a.unit}
		}
	}
}
