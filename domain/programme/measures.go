package programme

import (
	"fmt"
	"slices"
	"strings"
)

// seeing is told of every bound of a total, so that all of them are in one unit.
type seeing func(a amount, n *node, path string)

func (r *reader) measures(n *node) {
	r.named(n, "measures", func(key, value *node, path string) {
		t, ok := r.open(value, path, "a measure", "sum", "unit", "where", "dated", "filed", "in-one", "credited", "parts", "assumes")
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
		seen := func(a amount, n *node, path string) { r.compared(m.Key, a, n, path) }
		if n := t.get("unit"); n != nil && r.isWord(n, t.at("unit")) {
			unit, noun, _, bad := readUnit(n.text)
			if bad != nil {
				r.fail(n, t.at("unit"), bad.hint, "%s", bad.message)
			}
			seen(amount{unit: unit, noun: noun}, n, t.at("unit"))
		}
		r.counting(t, &m, seen)
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

// attributes of a fact by which it may be chosen.
var chosenBy = []string{"title", "provider", "category", "mode"}

// counting reads how what is selected adds up: in one, credited, in parts.
func (r *reader) counting(t table, m *Measure, seen seeing) {
	m.InOne = t.oneOf("in-one", chosenBy...)
	m.Credited = r.credited(t.get("credited"), t.at("credited"), seen)
	m.Parts = r.parts(t.get("parts"), t.at("parts"), seen)
	if m.InOne != "" && m.Parts != nil {
		r.fail(t.get("in-one"), t.at("in-one"), "write two requirements", "in-one takes the best total, which says nothing about its parts")
	}
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
var totalled = []string{UnitMinute, UnitHundredth, UnitCent, UnitDay, UnitMonth, UnitWord, UnitCount}

// total reads a bound of a total: a number with its unit, a parameter, or a
// share of one of these, rounded up.
func (r *reader) total(n *node, path string) (amount, bool) {
	if n.kind == tableNode {
		return r.shareOf(n, path)
	}
	a, ok := r.quantity(n, path, totalled...)
	if ok && a.bare {
		r.fail(n, path, fmt.Sprintf("write its unit: %s h, %s credits, or %s and what is counted", n.text, n.text, n.text), "%s has no unit", n.text)
		return amount{}, false
	}
	return a, ok
}

// whole is all of something, in basis points.
const whole = 10_000

// shareOf reads {share: 50 %, of: 60 h}: a part of a fixed base.
func (r *reader) shareOf(n *node, path string) (amount, bool) {
	t, ok := r.open(n, path, "a share", "share", "of")
	if !ok {
		return amount{}, false
	}
	share, of := t.need("share", "a share"), t.need("of", "a share")
	if share == nil || of == nil {
		return amount{}, false
	}
	part, ok := r.percentage(share, t.at("share"))
	base, known := r.total(of, t.at("of"))
	if !ok || !known {
		return amount{}, false
	}
	base.number = (part*base.number + whole - 1) / whole
	return base, true
}

// percentage reads a share in basis points: more than nothing, at most all.
func (r *reader) percentage(n *node, path string) (int64, bool) {
	a, ok := r.quantity(n, path, UnitBasisPoint)
	if !ok {
		return 0, false
	}
	if a.number < 1 || a.number > whole {
		r.fail(n, path, "a share is more than 0 % and at most 100 %", "%s is no share", n.text)
		return 0, false
	}
	return a.number, true
}

// bound is total of a key, passed to seen.
func (r *reader) bound(t table, key string, seen seeing) *int64 {
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

// parts reads a tree of categories. Each bound is passed to seen.
func (r *reader) parts(n *node, path string, seen seeing) []Part {
	if n == nil {
		return nil
	}
	if n.kind == tableNode && len(n.pairs) == 0 {
		r.fail(n, path, "", "parts is empty")
	}
	var out []Part
	var unbounded func() // says so of the part before, unless another follows it
	r.named(n, path, func(key, value *node, path string) {
		unbounded = nil
		t, ok := r.open(value, path, "a part", "where", "at-least", "counts-up-to", "parts")
		if !ok {
			return
		}
		p := Part{Key: key.text, AtLeast: r.bound(t, "at-least", seen), CountsUpTo: r.bound(t, "counts-up-to", seen)}
		if n := t.get("where"); n != nil {
			p.Where = r.partWhere(n, t.at("where"), out)
		}
		p.Parts = r.parts(t.get("parts"), t.at("parts"), seen)
		if p.AtLeast == nil && p.CountsUpTo == nil && p.Parts == nil {
			unbounded = func() {
				r.fail(key, path, "give it at-least, counts-up-to or parts", "the part %s bounds nothing", key.text)
			}
			if p.Where == nil {
				unbounded()
				unbounded = nil
			}
		}
		r.reachable(t, &p)
		out = append(out, p)
	})
	if unbounded != nil {
		unbounded()
	}
	return out
}

// reachable refuses a part that no facts can satisfy.
func (r *reader) reachable(t table, p *Part) {
	if p.AtLeast != nil && p.CountsUpTo != nil && *p.AtLeast > *p.CountsUpTo {
		r.fail(t.get("at-least"), t.at("at-least"), "", "the part %s needs more than can count in it", p.Key)
	}
	if least := leastOf(p.Parts); p.CountsUpTo != nil && least > *p.CountsUpTo {
		r.fail(t.get("counts-up-to"), t.at("counts-up-to"), "", "the parts of %s need more together than can count in it", p.Key)
	}
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

// spanMinutes is the longest day, week and month.
var spanMinutes = map[string]int64{SpanDay: 24 * 60, SpanWeek: 7 * 24 * 60, SpanMonth: 31 * 24 * 60}

// credited reads what is made of what was done in a day, week or month.
func (r *reader) credited(n *node, path string, seen seeing) *Credited {
	if n == nil {
		return nil
	}
	t, ok := r.open(n, path, "credited", "per", "whole-only", "up-to", "worth")
	if !ok {
		return nil
	}
	before := len(r.errs)
	c := &Credited{}
	if t.need("per", "credited") != nil {
		c.Per = t.oneOf("per", SpanDay, SpanWeek, SpanMonth)
	}
	var of *amount // what is summed
	inUnit := func(a amount, n *node, path string) {
		if of != nil && !of.sameUnit(a) {
			r.fail(n, path, "", "what is credited is in one unit")
		}
		of = &a
	}
	summed := inUnit
	if n := t.get("worth"); n != nil {
		c.Worth = r.worth(n, t.at("worth"), seen, inUnit)
	} else {
		summed = func(a amount, n *node, path string) {
			inUnit(a, n, path)
			seen(a, n, path)
		}
	}
	c.WholeOnly, c.UpTo = r.bound(t, "whole-only", summed), r.bound(t, "up-to", summed)
	switch {
	case len(r.errs) > before:
	case c.WholeOnly == nil && c.UpTo == nil && c.Worth == nil:
		r.fail(n, path, "give it whole-only, up-to or worth", "credited changes nothing")
	default:
		r.divides(t, c, of)
	}
	return c
}

// worth reads {for: 20 h, gives: 1 credit}.
func (r *reader) worth(n *node, path string, seen, inUnit seeing) *Worth {
	t, ok := r.open(n, path, "worth", "for", "gives")
	if !ok || t.need("for", "worth") == nil || t.need("gives", "worth") == nil {
		return nil
	}
	w := &Worth{}
	side := func(key string, unit *string, seen seeing) int64 {
		number := r.bound(t, key, func(a amount, n *node, path string) {
			*unit = a.unit
			seen(a, n, path)
		})
		switch {
		case number == nil:
			return 0
		case *unit == UnitCent:
			r.fail(t.get(key), t.at(key), "", "money is not credited")
		case *number < 1 || *number > CreditMax:
			r.fail(t.get(key), t.at(key), fmt.Sprintf("it is from 1 to %d of the smallest unit", CreditMax), "%s is out of range", key)
		}
		return *number
	}
	w.For, w.Gives = side("for", &w.Of, inUnit), side("gives", &w.Unit, seen)
	return w
}

// divides refuses bounds of one day, week or month of which a rest could never
// count, and what no such span has room for.
func (r *reader) divides(t table, c *Credited, of *amount) {
	step, name := int64(1), "one"
	if c.Worth != nil {
		step, name = c.Worth.For, "worth"
	}
	for _, x := range []struct {
		key string
		n   *int64
	}{{"whole-only", c.WholeOnly}, {"up-to", c.UpTo}} {
		switch {
		case x.n == nil:
		case *x.n < 1 || *x.n%step != 0:
			r.fail(t.get(x.key), t.at(x.key), "", "%s is no whole multiple of %s, so a rest of it could never count", x.key, name)
			return
		default:
			step, name = *x.n, x.key
		}
	}
	if of.unit == UnitMinute && c.Step() > spanMinutes[c.Per] {
		r.fail(t.n, t.path, "", "no %s is long enough for it", c.Per)
	}
}

// Step is the smallest amount, in the unit that is summed, that earns credit.
func (c *Credited) Step() int64 {
	switch {
	case c.WholeOnly != nil:
		return *c.WholeOnly
	case c.Worth != nil:
		return c.Worth.For
	}
	return 1
}

// Credit is what an amount of what is summed comes to in one span.
func (c *Credited) Credit(amount int64) int64 {
	if c.WholeOnly != nil {
		amount -= amount % *c.WholeOnly
	}
	if c.UpTo != nil {
		amount = min(amount, *c.UpTo)
	}
	if c.Worth != nil {
		amount = amount / c.Worth.For * c.Worth.Gives
	}
	return amount
}

// Summed is the unit of what is summed, which a rate may turn into another.
func (m *Measure) Summed() string {
	if m.Credited != nil && m.Credited.Worth != nil {
		return m.Credited.Worth.Of
	}
	return m.Unit
}

// Unused reports whether a measure leaves out what other decisions rest on.
func (m *Measure) Unused() bool {
	unused := false
	m.EachWhere(func(w *Where) { unused = unused || w.Unused != "" })
	return unused
}

// EachWhere calls f for every selection of a measure: its own, and its parts'.
func (m *Measure) EachWhere(f func(*Where)) {
	f(&m.Where)
	eachPartWhere(m.Parts, f)
}

func eachPartWhere(parts []Part, f func(*Where)) {
	for i := range parts {
		if parts[i].Where != nil {
			f(parts[i].Where)
		}
		eachPartWhere(parts[i].Parts, f)
	}
}

// leastsFit refuses parts that need more together than the whole is bounded by:
// the bound would say nothing.
func (r *reader) leastsFit() {
	r.p.EachRequirement(func(q Requirement) bool {
		t, ok := q.Test.(Sum)
		if !ok || r.guessed(q) {
			return true
		}
		m := t.Inline
		if t.Measure != "" {
			m = r.measure(t.Measure)
		}
		least := leastOf(m.Parts)
		if most, bounded := mostOf(m.Parts); bounded && t.AtLeast != nil && t.Times == nil && m.allInParts() && most < *t.AtLeast {
			r.fail(r.requireAt[q.Path], "requirements/"+q.Path, "leave a part without counts-up-to, or ask for less", "all that can count in the parts together is less than %s asks for", q.Key)
		}
		switch {
		case t.AtLeast != nil && t.Times == nil && least > *t.AtLeast:
			r.fail(r.requireAt[q.Path], "requirements/"+q.Path, "raise at-least to what the parts need", "the parts need more together than %s asks for", q.Key)
		case t.AtMost != nil && least > *t.AtMost:
			r.fail(r.requireAt[q.Path], "requirements/"+q.Path, "", "the parts need more together than %s may be", q.Key)
		}
		return true
	})
}

// mostOf is what can count in the parts together, where that is bounded.
func mostOf(parts []Part) (total int64, bounded bool) {
	for _, p := range parts {
		if p.CountsUpTo == nil {
			return 0, false
		}
		total += *p.CountsUpTo
	}
	return total, len(parts) > 0
}

// allInParts reports whether everything that is selected is in some part: one
// of them takes the rest, or each category selected is one of theirs.
func (m *Measure) allInParts() bool {
	if slices.ContainsFunc(m.Parts, func(p Part) bool { return p.Where != nil && p.Where.same(Where{}) }) {
		return true
	}
	return len(m.Where.Category) > 0 && !slices.ContainsFunc(m.Where.Category, func(c string) bool {
		return !slices.ContainsFunc(m.Parts, func(p Part) bool { return p.Where == nil && (c == p.Key || strings.HasPrefix(c, p.Key+"/")) })
	})
}

func (r *reader) measure(key string) *Measure {
	return &r.p.Measures[slices.IndexFunc(r.p.Measures, func(m Measure) bool { return m.Key == key })]
}
