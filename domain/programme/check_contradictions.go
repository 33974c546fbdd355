package programme

import (
	"slices"
	"strings"
)

// contradictions refuses clauses that no history can meet together, and levels
// that no history can earn.
func (r *reader) contradictions() {
	r.p.EachRequirement(func(q Requirement) bool {
		if c, ok := q.Test.(Combined); ok && c.Op == "all-of" {
			r.eachClash(c.Children, func(a, b Requirement) {
				r.fail(r.requireAt[b.Path], "requirements/"+b.Path, "delete one of them, or name both under any-of",
					"%s and %s contradict each other: no history can meet %s", a.Path, b.Path, q.Path)
			})
		}
		return true
	})
	for _, a := range r.p.Awards {
		of := r.p.RequirementsFor(a.Key)
		r.eachClash(of, func(x, y Requirement) {
			r.fail(r.requireAt[y.Path], "requirements/"+y.Path, "delete one of them, or let it apply only where the other does not",
				"%s and %s contradict each other: no history can meet both%s", x.Key, y.Key, lost(a, x, y))
		})
		for _, level := range a.Levels[:len(a.Levels)-1] {
			r.levelBetween(a, level, of)
		}
	}
}

// eachClash calls f for every two requirements that always apply, cannot be
// waived, and cannot be met together.
func (r *reader) eachClash(of []Requirement, f func(a, b Requirement)) {
	for i, b := range of {
		for _, a := range of[:i] {
			if a.When == nil && b.When == nil && a.Waivable+b.Waivable == "" && !r.guessed(a) && !r.guessed(b) && r.p.clash(a.Test, b.Test) {
				f(a, b)
			}
		}
	}
}

// lost says which levels a contradiction puts out of reach.
func lost(a Award, x, y Requirement) string {
	low, _ := a.Rank(x.Otherwise)
	if other, _ := a.Rank(y.Otherwise); other > low {
		low = other
	}
	levels := slices.DeleteFunc(slices.Clone(a.Levels[low+1:]), func(l string) bool { return !a.Grantable(l) })
	if len(levels) == 0 {
		return ""
	}
	return ", so nobody can earn " + list(levels)
}

// levelBetween refuses a level that only requirements cap at which are always
// met by whoever gets that far. What can be waived can be passed without it.
func (r *reader) levelBetween(a Award, level string, of []Requirement) {
	var met, by []string
	for _, q := range of {
		if t, ok := q.Test.(Reaches); ok && slices.ContainsFunc(t.Steps, func(s Reach) bool { return s.Level == level }) {
			return
		}
		if q.Otherwise != level && q.WhileOpen != level {
			continue
		}
		i := slices.IndexFunc(of, func(x Requirement) bool { return r.meetsBefore(a, level, x, q) })
		if i < 0 {
			return
		}
		met, by = append(met, q.Key), append(by, of[i].Key)
	}
	if len(met) > 0 {
		r.fail(r.keyIn("awards", a.Key), "awards/"+a.Key+"/levels", "let the requirement that asks more cap at the higher level, or delete the level",
			"no history can earn the level %s of %s: whoever meets %s has met %s", level, a.Key,
			strings.Join(slices.Compact(by), " and "), strings.Join(met, " and "))
	}
}

// meetsBefore tells whether x has to be met for a level, and its meeting means
// that q is met.
func (r *reader) meetsBefore(a Award, level string, x, q Requirement) bool {
	at, _ := a.Rank(level)
	low, _ := a.Rank(x.Otherwise)
	open, _ := a.Rank(x.WhileOpen)
	return x.Key != q.Key && x.When == nil && x.Waivable == "" && low < at && open < at && !r.guessed(x) && !r.guessed(q) && r.p.implies(x.Test, q.Test)
}

// guessed tells whether a requirement asks for a number that is still to be
// supplied, so that nothing can be said about it.
func (r *reader) guessed(q Requirement) bool {
	top, _ := cutPath(q.Path)
	places := []string{"requirements/" + top}
	for _, m := range r.p.Measures {
		if usesMeasure(q, m.Key) {
			places = append(places, "measures/"+m.Key)
		}
	}
	return slices.ContainsFunc(r.p.Parameters, func(prm Parameter) bool {
		return prm.Required && slices.ContainsFunc(r.paramUsed[prm.Key], func(path string) bool {
			return slices.ContainsFunc(places, func(at string) bool { return strings.HasPrefix(path, at+"/") })
		})
	})
}
