package programme

import (
	"fmt"
	"slices"
	"strings"
)

func (r *reader) window(n *node, path, owner string) *Window {
	if n == nil {
		return nil
	}
	t, ok := r.open(n, path, last(path), "from", "until")
	if !ok {
		return nil
	}
	w := &Window{From: r.moments(t.get("from"), t.at("from"), owner), Until: r.moments(t.get("until"), t.at("until"), owner)}
	if t.get("from") == nil && t.get("until") == nil {
		r.fail(n, path, "give it from, until or both", "%s bounds nothing", last(path))
	}
	return w
}

func (r *reader) moments(n *node, path, owner string) []Moment {
	var out []Moment
	r.each(n, path, func(item *node, path string) {
		if m, ok := r.moment(item, path, owner); ok {
			out = append(out, m)
		}
	})
	return out
}

const momentHint = "write met REQUIREMENT, filed SUBMISSION or a day, with 6 months before or 2 years after in front if it is moved"

// moment reads `[N days|months|years before|after] met R | filed S | 2026-01-01`.
func (r *reader) moment(n *node, path, owner string) (Moment, bool) {
	if !r.isWord(n, path) {
		return Moment{}, false
	}
	m := Moment{Unit: UnitDay}
	words := strings.Fields(n.text)
	if len(words) >= 4 && startsAsNumber(words[0]) {
		a, bad := parseAmount(words[0] + " " + words[1])
		switch {
		case bad != nil:
			r.fail(n, path, bad.hint, "%s", bad.message)
			return m, false
		case a.unit != UnitDay && a.unit != UnitMonth, words[2] != "before" && words[2] != "after":
			r.fail(n, path, momentHint, "%q is not a moment", n.text)
			return m, false
		}
		m.Offset, m.Unit, m.Before = a.number, a.unit, words[2] == "before"
		words = words[3:]
	}
	switch {
	case len(words) == 1 && isDate(words[0]):
		m.Kind, m.Name = "date", words[0]
	case len(words) == 2 && words[0] == "met":
		m.Kind, m.Name = "met", words[1]
		r.metRefs = append(r.metRefs, metRef{n, path, owner, words[1]})
	case len(words) == 2 && words[0] == "filed":
		if !slices.Contains(r.submissionKeys(), words[1]) {
			r.fail(n, path, orKnown(words[1], r.submissionKeys()), "no submission is called %q", words[1])
			return m, false
		}
		r.usedKeys["submission "+words[1]] = true
		m.Kind, m.Name = "filed", words[1]
	case len(words) > 0 && slices.Contains([]string{"end", "start", "granted", "expiry", "decision"}, words[0]):
		r.fail(n, path, momentHint, "%q is not supported in this version of certledger", fmt.Sprintf("the moment %s", strings.Join(words, " ")))
		return m, false
	default:
		r.fail(n, path, momentHint, "%q is not a moment", n.text)
		return m, false
	}
	return m, true
}
