package programme

import (
	"fmt"
	"slices"
	"strings"
)

func (r *reader) measures(n *node) {
	r.named(n, "measures", func(key, value *node, path string) {
		t, ok := r.open(value, path, "a measure", "sum", "unit", "where", "dated", "filed", "parts", "assumes")
		if !ok {
			return
		}
		m := Measure{Key: key.text, Assumes: t.assumes()}
		sum := t.need("sum", "a measure")
		if sum == nil {
			return
		}
		m.Sum = r.kind(sum, t.at("sum"))
		r.measureAt[m.Key] = key
		r.selection(t, &m, "measure "+m.Key)
		if n := t.get("unit"); n != nil && r.isWord(n, t.at("unit")) {
			unit, noun, _, bad := readUnit(n.text)
			if bad != nil {
				r.fail(n, t.at("unit"), bad.hint, "%s", bad.message)
			}
			r.compared(m.Key, amount{unit: unit, noun: noun}, n, t.at("unit"))
		}
		m.Parts = r.parts(t.get("parts"), t.at("parts"), func(a amount, n *node, path string) { r.compared(m.Key, a, n, path) })
		r.p.Measures = append(r.p.Measures, m)
	})
}

// selection reads what a measure or an inline sum selects.
func (r *reader) selection(t table, m *Measure, owner string) {
	if n := t.get("where"); n != nil {
		m.Where = r.where(n, t.at("where"))
	}
	m.Dated = r.window(t.get("dated"), t.at("dated"), owner)
	m.Filed = r.window(t.get("filed"), t.at("filed"), owner)
}

// kind is a kind of evidence that a rule computes.
func (r *reader) kind(n *node, path string) string {
	kind := r.slug(n, path)
	if kind != "" && r.kindAt[kind] == nil {
		r.kindAt[kind] = n
	}
	return kind
}

// compared notes in which unit a measure is bounded: always the same one.
func (r *reader) compared(measure string, a amount, n *node, path string) {
	was, ok := r.measureUnit[measure]
	if !ok {
		r.measureUnit[measure] = a
		return
	}
	if !was.sameUnit(a) {
		r.fail(n, path, "", "%s is compared in another unit elsewhere", measure)
	}
}

// totalled are the units of totals.
var totalled = []string{UnitMinute, UnitHundredth, UnitCent, UnitDay, UnitMonth, UnitCount}

// total reads a bound of a total: a number with its unit, or a parameter.
func (r *reader) total(n *node, path string) (amount, bool) {
	a, ok := r.quantity(n, path, totalled...)
	if ok && a.bare {
		r.fail(n, path, fmt.Sprintf("write its unit: %s h, %s credits, or %s and what is counted", n.text, n.text, n.text), "%s has no unit", n.text)
		return amount{}, false
	}
	return a, ok
}

// parts reads a tree of categories. Each bound is passed to seen.
func (r *reader) parts(n *node, path string, seen func(amount, *node, string)) []Part {
	if n == nil {
		return nil
	}
	if n.kind == tableNode && len(n.pairs) == 0 {
		r.fail(n, path, "", "parts is empty")
	}
	var out []Part
	r.named(n, path, func(key, value *node, path string) {
		t, ok := r.open(value, path, "a part", "at-least", "counts-up-to", "parts")
		if !ok {
			return
		}
		p := Part{Key: key.text}
		bound := func(key string) *int64 {
			n := t.get(key)
			if n == nil {
				return nil
			}
			a, ok := r.total(n, t.at(key))
			if !ok {
				return nil
			}
			seen(a, n, t.at(key))
			return &a.number
		}
		p.AtLeast, p.CountsUpTo = bound("at-least"), bound("counts-up-to")
		p.Parts = r.parts(t.get("parts"), t.at("parts"), seen)
		if p.AtLeast == nil && p.CountsUpTo == nil && p.Parts == nil {
			r.fail(key, path, "give it at-least, counts-up-to or parts", "the part %s bounds nothing", key.text)
		}
		if p.AtLeast != nil && p.CountsUpTo != nil && *p.AtLeast > *p.CountsUpTo {
			r.fail(t.get("at-least"), t.at("at-least"), "", "the part %s needs more than can count in it", key.text)
		}
		if least := leastOf(p.Parts); p.CountsUpTo != nil && least > *p.CountsUpTo {
			r.fail(t.get("counts-up-to"), t.at("counts-up-to"), "", "the parts of %s need more together than can count in it", key.text)
		}
		out = append(out, p)
	})
	return out
}

// leastOf is what the parts need together.
func leastOf(parts []Part) int64 {
	total := int64(0)
	for _, p := range parts {
		own := leastOf(p.Parts)
		if p.AtLeast != nil {
			own = max(own, *p.AtLeast)
		}
		total += own
	}
	return total
}

var whereKeys = []string{"category", "outcome", "title", "mode", "provider", "signed-by", "filed-by", "attested-by", "module", "answered"}

func (r *reader) where(n *node, path string) Where {
	t, ok := r.open(n, path, "where", whereKeys...)
	if !ok {
		return Where{}
	}
	return r.whereOf(t)
}

// whereOf reads the selecting keys of a table that may have others.
func (r *reader) whereOf(t table) Where {
	w := Where{
		Category: r.choices(t, "category"), Outcome: r.choices(t, "outcome"), Title: r.choices(t, "title"),
		Mode: r.choices(t, "mode"), Provider: r.choices(t, "provider"),
		SignedBy: t.role("signed-by"), Filed: t.role("filed-by"), Attester: t.role("attested-by"),
		Answered: t.slug("answered"),
	}
	if n := t.get("module"); n != nil {
		w.Module = r.moduleChoice(n, t.at("module"))
	}
	return w
}

// choices reads words that a fact's attribute may be: a word, a list, or the
// name of a parameter that holds a list of words.
func (r *reader) choices(t table, key string) []string {
	n := t.get(key)
	if n == nil {
		return nil
	}
	if n.kind == wordNode {
		if prm, ok := r.p.Parameter(n.text); ok {
			return r.wordsParameter(n, t.at(key), prm)
		}
		if near := nearest(n.text, r.parametersOf(shapeWords)); near != "" {
			r.fail(n, t.at(key), didYouMean(near), "no parameter is called %q", n.text)
			return nil
		}
	}
	var out []string
	r.each(n, t.at(key), func(item *node, path string) {
		switch {
		case !r.isWord(item, path):
		case key == "title": // a title code is the provider's, not ours
			out = append(out, r.text(item, path))
		case !category.MatchString(item.text):
			r.fail(item, path, "use lower-case letters, digits and hyphens; / between a category and its part", "%q is not a name", item.text)
		default:
			out = append(out, item.text)
		}
	})
	return out
}

func (r *reader) wordsParameter(n *node, path string, prm Parameter) []string {
	v, ok := r.parameter(n, path, shapeWords)
	if ok && len(v.Words) == 0 {
		r.fail(n, path, "", "the parameter %s lists no words, so nothing could be selected", prm.Key)
	}
	return slices.Clone(v.Words)
}

// moduleChoice is a list of modules, which may be empty where it is a parameter.
func (r *reader) moduleChoice(n *node, path string) []string {
	if n.kind == wordNode {
		if _, ok := r.p.Parameter(n.text); ok {
			v, _ := r.parameter(n, path, shapeWords)
			if v.Noun != "modules" && v.Words != nil {
				r.fail(n, path, "write of: modules beside its words", "the parameter %s does not list modules", n.text)
			}
			return append([]string{}, v.Words...)
		}
	}
	return r.references(n, path, "module or parameter", append(r.moduleKeys(), r.parametersOf(shapeWords)...))
}

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
