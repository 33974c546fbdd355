package programme

import (
	"fmt"
	"slices"
)

func (r *reader) awards(n *node) {
	r.named(n, "awards", func(key, value *node, path string) {
		t, ok := r.open(value, path, "an award", "levels", "decided-by", "never-granted", "may-be-denied-for", "documents", "conflict-of", "appeal", "review",
			"each", "needs", "renews", "settles", "asked-in", "settled-by", "valid", "extensions")
		if !ok {
			return
		}
		a := Award{Key: key.text, ConflictOf: "highest", DecidedBy: map[string][]string{}, Documents: map[string]string{}}
		levels := t.need("levels", "an award")
		if levels == nil {
			return
		}
		a.Levels = r.scale(levels, t.at("levels"))
		a.NeverGranted = r.references(t.get("never-granted"), t.at("never-granted"), "level", a.Levels)
		if len(a.NeverGranted) == len(a.Levels) && len(a.Levels) > 0 {
			r.fail(t.get("never-granted"), t.at("never-granted"), "", "an award needs a level that is granted")
		}
		if c := t.oneOf("conflict-of", "highest", "all", "none"); c != "" {
			a.ConflictOf = c
		}
		r.decidedBy(t, &a)
		r.documents(t, &a)
		r.denials(t, &a)
		if n := t.get("appeal"); n != nil {
			if days, ok := r.quantity(n, t.at("appeal"), UnitDay); ok {
				a.AppealDays = days.number
			}
		}
		r.review(t, &a)
		r.life(t, &a)
		r.p.Awards = append(r.p.Awards, a)
	})
	if n != nil && n.kind == tableNode && len(n.pairs) == 0 {
		r.fail(n, "awards", "", "a programme needs an award")
	}
	r.awardsKnown(n)
}

// review reads how long whoever looks again at a decision has.
func (r *reader) review(t table, a *Award) {
	n := t.get("review")
	if n == nil {
		return
	}
	days, ok := r.quantity(n, t.at("review"), UnitDay)
	switch {
	case !ok:
	case days.number > ReviewDaysMax:
		r.fail(n, t.at("review"), fmt.Sprintf("a decision in doubt is looked at within %d days", ReviewDaysMax), "%s is too long", n.text)
	default:
		a.ReviewDays = days.number
	}
}

// scale reads an ordered list of words, low to high, two or more.
func (r *reader) scale(n *node, path string) []string {
	if n.kind != listNode {
		r.fail(n, path, "write them low to high: [not-yet, certified]", "%s must be a list", last(path))
		return nil
	}
	out := r.slugs(n, path)
	if len(n.items) == 1 {
		r.fail(n, path, "", "%s must be two or more", last(path))
	}
	if len(n.items) > LevelsMax {
		r.fail(n, path, "", "more than %d in %s", LevelsMax, last(path))
		return nil
	}
	return out
}

// levelTable calls f for each entry of a table from level to something.
func (r *reader) levelTable(t table, key string, a *Award, f func(level string, value *node, path string)) {
	r.named(t.get(key), t.at(key), func(k, value *node, path string) {
		if level := r.reference(k, path, "level", a.Levels); level != "" {
			if slices.Contains(a.NeverGranted, level) {
				r.fail(k, path, "", "the level %s is never granted", level)
			}
			f(level, value, path)
		}
	})
}

func (r *reader) decidedBy(t table, a *Award) {
	r.levelTable(t, "decided-by", a, func(level string, value *node, path string) {
		a.DecidedBy[level] = r.roles(value, path)
	})
}

func (r *reader) documents(t table, a *Award) {
	r.levelTable(t, "documents", a, func(level string, value *node, path string) {
		a.Documents[level] = r.oneOf(value, path, []string{"certificate", "letter"})
	})
}

func (r *reader) denials(t table, a *Award) {
	r.named(t.get("may-be-denied-for"), t.at("may-be-denied-for"), func(key, value *node, path string) {
		t, ok := r.open(value, path, "a ground for denial", "says", "source", "levels")
		if !ok {
			return
		}
		d := Denial{Key: key.text, Source: t.cites(), Levels: r.references(t.get("levels"), t.at("levels"), "level", a.Levels)}
		if n := t.need("says", "a ground for denial"); n != nil {
			d.Says = r.text(n, t.at("says"))
		}
		a.Denials = append(a.Denials, d)
	})
}

// knownRoles are roles that access control knows. A programme may use others;
// a word one slip away from these is a mistake.
var knownRoles = []string{
	"participant", "trainer", "supervisor", "staff", "registrar", "certifier", "referee", "provider", "examiner", "employer", "auditor", "review-board", "appeals-panel",
}

func (r *reader) role(n *node, path string) string {
	role := r.slug(n, path)
	if role == "" || slices.Contains(knownRoles, role) {
		return role
	}
	if near := nearest(role, knownRoles); near != "" {
		r.fail(n, path, didYouMean(near), "no role is called %q", role)
		return ""
	}
	return role
}

func (r *reader) roles(n *node, path string) []string {
	var out []string
	r.each(n, path, func(item *node, path string) {
		if role := r.role(item, path); role != "" {
			out = append(out, role)
		}
	})
	return out
}

func (t table) role(key string) string {
	if n := t.get(key); n != nil {
		return t.r.role(n, t.at(key))
	}
	return ""
}

func (t table) needRole(key, what string) string {
	if n := t.need(key, what); n != nil {
		return t.r.role(n, t.at(key))
	}
	return ""
}

// keys are the names in a list of declared things.
func keys[T any](things []T, key func(T) string) []string {
	out := make([]string, len(things))
	for i, t := range things {
		out[i] = key(t)
	}
	return out
}

func (r *reader) questionKeys() []string {
	return keys(r.p.Questions, func(q Question) string { return q.Key })
}

func (r *reader) submissionKeys() []string {
	return keys(r.p.Submissions, func(s Submission) string { return s.Key })
}

func (r *reader) taskKeys() []string {
	return keys(r.p.Tasks, func(t TaskKind) string { return t.Key })
}

func (r *reader) measureKeys() []string {
	return keys(r.p.Measures, func(m Measure) string { return m.Key })
}

func (r *reader) awardKeys() []string {
	return keys(r.p.Awards, func(a Award) string { return a.Key })
}
