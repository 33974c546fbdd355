package programme

import (
	"slices"
)

// testKeys name the tests, one of which a requirement has.
var testKeys = []string{
	"count", "sum", "has", "elapsed", "judged", "rated", "tasks", "submission", "at-each", "all-of", "any-of", "at-least-of", "none-of", "registration",
}

// besides are the keys that go with a test.
func besides(test string) []string {
	switch test {
	case "count":
		return []string{"where", "dated", "filed", "distinct", "at-least", "at-most"}
	case "sum":
		return []string{"where", "dated", "filed", "in-one", "credited", "parts", "at-least", "at-most", "for-each", "carry", "reaches"}
	case "elapsed":
		return []string{"at-least"}
	case "judged":
		return []string{"at-least", "number", "signed-by"}
	case "rated":
		return []string{"section", "each-at-least", "at-least", "counting", "number", "signed-by"}
	case "tasks":
		return []string{"are", "count-at-least"}
	case "submission":
		return []string{"is"}
	case "at-each":
		return []string{"has", "judged", "at-least", "late"}
	}
	return nil
}

var (
	childKeys = []string{"says", "kindly", "source", "assumes", "when"}
	topKeys   = []string{"for", "was", "says", "kindly", "source", "assumes", "otherwise", "while-open", "raises", "may-be-waived", "warn", "when"}
)

func (r *reader) requirements(n *node) {
	r.named(n, "requirements", func(key, value *node, path string) {
		r.requireAt[key.text] = key
		t, test, ok := r.openRequirement(value, path, topKeys)
		if !ok {
			return
		}
		q := r.common(t, key, key.text)
		r.consequence(t, &q)
		q.Test = r.test(t, test, &q)
		r.upperOnly(t, &q)
		q.Was = t.slug("was")
		r.p.Requirements = append(r.p.Requirements, q)
	})
	if n != nil && n.kind == tableNode && len(n.pairs) == 0 {
		r.fail(n, "requirements", "", "a programme needs a requirement")
	}
}

// openRequirement finds the one test of a requirement and checks its keys.
func (r *reader) openRequirement(n *node, path string, common []string) (table, string, bool) {
	if r.requireN++; r.requireN > RequirementsMax {
		if r.requireN == RequirementsMax+1 {
			r.fail(n, path, "", "more than %d requirements", RequirementsMax)
		}
		return table{}, "", false
	}
	if n.kind != tableNode {
		r.fail(n, path, "", "a requirement must be a table, not %s", n.kind)
		return table{}, "", false
	}
	t := table{r, n, path}
	test := ""
	if t.get("at-each") != nil {
		test = "at-each"
	}
	for _, pr := range n.pairs {
		k := pr.key.text
		if !slices.Contains(testKeys, k) || k == test || test == "at-each" && slices.Contains(besides(test), k) {
			continue
		}
		if test != "" {
			r.fail(pr.key, path, "name both under all-of or any-of, or write two requirements", "a requirement has one test; this one has %s and %s", test, k)
			return t, "", false
		}
		test = k
	}
	known := append(slices.Clone(common), besides(test)...)
	for _, pr := range n.pairs {
		k := pr.key.text
		switch {
		case k == test || slices.Contains(known, k):
		case slices.Contains(topKeys, k):
			r.fail(pr.key, join(path, k), "it stands beside the test of the whole requirement", "%q cannot stand in a part of a requirement", k)
		case test != "" && r.elsewhere(k):
			r.fail(pr.key, join(path, k), "", "%q does not go with %s", k, test)
		default:
			r.unknownKey(pr.key, join(path, k), "a requirement", append(slices.Clone(known), testKeys...))
		}
	}
	if test == "" {
		r.fail(n, path, "tests are "+list(testKeys), "the requirement has no test")
		return t, "", false
	}
	return t, test, true
}

// elsewhere tells whether a key goes with some test.
func (r *reader) elsewhere(key string) bool {
	return slices.ContainsFunc(testKeys, func(test string) bool { return slices.Contains(besides(test), key) })
}

// common reads what requirements and their children share, but the test.
func (r *reader) common(t table, key *node, path string) Requirement {
	return Requirement{
		Key: key.text, Path: path, Says: t.text("says"), Kindly: t.text("kindly"),
		Source: t.cites(), Assumes: t.assumes(), When: r.when(t.get("when"), t.at("when"), path),
	}
}

// consequence reads what only a whole requirement has.
func (r *reader) consequence(t table, q *Requirement) {
	if q.Says == "" && t.get("says") == nil {
		r.fail(r.requireAt[q.Key], t.path, "say in one sentence what the participant must have done", "the requirement has no clause: says")
	}
	if len(r.p.Awards) == 0 {
		return
	}
	award := r.p.Awards[0]
	if n := t.get("for"); n != nil {
		key := r.reference(n, t.at("for"), "award", r.awardKeys())
		if key == "" {
			return
		}
		award, _ = r.p.Award(key)
	}
	q.For = award.Key
	if !r.caps(t, q, award) {
		return
	}
	q.Raises = r.slugs(t.get("raises"), t.at("raises"))
	if n := t.get("may-be-waived"); n != nil && r.isWord(n, t.at("may-be-waived")) {
		switch n.text {
		case "true":
			q.Waivable = "whole"
		case "per session":
			q.Waivable = "per-session"
		case "false":
		default:
			r.fail(n, t.at("may-be-waived"), "write true, false or per session", "may-be-waived cannot be %q", n.text)
		}
	}
	if n := t.get("warn"); n != nil {
		if w, ok := r.open(n, t.at("warn"), "warn", "left"); ok {
			r.each(w.need("left", "warn"), w.at("left"), func(item *node, path string) {
				if left, ok := r.count(item, path, 0, NumberMax); ok {
					q.WarnLeft = append(q.WarnLeft, left)
				}
			})
		}
	}
}

// caps reads the levels at which a requirement holds an award.
func (r *reader) caps(t table, q *Requirement, award Award) bool {
	if t.get("reaches") != nil {
		for _, key := range []string{"otherwise", "while-open"} {
			if n := t.get(key); n != nil {
				r.fail(n, t.at(key), "delete it", "the thresholds say which level is supported, so %s is not written beside them", key)
			}
		}
		q.Otherwise, q.WhileOpen = award.Lowest(), award.Lowest()
		return true
	}
	n := t.need("otherwise", "a requirement")
	if n == nil {
		return false
	}
	q.Otherwise = r.reference(n, t.at("otherwise"), "level of "+award.Key, award.Levels)
	q.WhileOpen = q.Otherwise
	top := len(award.Levels) - 1
	if rank, ok := award.Rank(q.Otherwise); ok && rank == top {
		r.fail(n, t.at("otherwise"), "name the highest level that is possible without it", "%s is the highest level, so the requirement would cap nothing", q.Otherwise)
	}
	if n := t.get("while-open"); n != nil {
		if open := r.reference(n, t.at("while-open"), "level of "+award.Key, award.Levels); open != "" {
			q.WhileOpen = open
			low, _ := award.Rank(q.Otherwise)
			if rank, _ := award.Rank(open); rank < low {
				r.fail(n, t.at("while-open"), "name a level that is not lower than otherwise", "settling %s as not met would raise the level", q.Key)
			}
		}
	}
	return true
}

// upperOnly checks the keys that make sense for some tests only.
func (r *reader) upperOnly(t table, q *Requirement) {
	_, isMissed := q.Test.(Missed)
	sum, isSum := q.Test.(Sum)
	none, isNone := q.Test.(Combined)
	upper := isMissed || isSum && sum.AtMost != nil || isNone && none.Op == "none-of"
	if n := t.get("warn"); n != nil && !(isMissed || isSum && sum.AtMost != nil) && q.Test != nil {
		r.fail(n, t.at("warn"), "", "only an upper bound can warn of what is left")
	}
	if n := t.get("while-open"); n != nil && upper {
		r.fail(n, t.at("while-open"), "delete it", "an upper bound caps nothing while it is open")
	}
	if q.Waivable == "per-session" {
		switch {
		case !isMissed && q.Test != nil:
			r.fail(t.get("may-be-waived"), t.at("may-be-waived"), "write true to let the whole requirement be waived", "only missed classes are waived per session")
		case isMissed && r.p.Classes != nil && !r.p.Classes.Waivable:
			r.fail(t.get("may-be-waived"), t.at("may-be-waived"), "list waived under classes: missed-unless", "a waived session would still be missed")
		}
	}
}

// daysInOrder refuses a window of two days of the calendar that holds none.
func (r *reader) daysInOrder(t table, w *Window) {
	for _, from := range w.From {
		for _, until := range w.Until {
			if from.Kind == MomentDate && until.Kind == MomentDate && from.Offset == 0 && until.Offset == 0 && until.Name < from.Name {
				r.fail(t.get("until"), t.at("until"), "", "the last day %s is before the first, %s", until.Name, from.Name)
			}
		}
	}
}
