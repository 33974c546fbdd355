package programme

import "fmt"

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
