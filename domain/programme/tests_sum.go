package programme

import "slices"

func (r *reader) countTest(t table, n *node, owner string) Test {
	path := t.at("count")
	if !r.isWord(n, path) {
		return nil
	}
	if n.text == "missed sessions" || n.text == "missed modules" {
		return r.missed(t, n)
	}
	if most := t.get("at-most"); most != nil {
		r.fail(most, t.at("at-most"), "write none-of with a child that counts one more at-least", "a count of evidence has a lower bound only")
		return nil
	}
	h := Has{Kind: r.kind(n, path), AtLeast: 1, Distinct: t.oneOf("distinct", distinctBy...)}
	if w := t.get("where"); w != nil {
		h.Where = r.where(w, t.at("where"))
	}
	h.Dated = r.window(t.get("dated"), t.at("dated"), owner)
	h.Filed = r.window(t.get("filed"), t.at("filed"), owner)
	least := t.need("at-least", "a count")
	if least == nil {
		return nil
	}
	count, ok := r.count(least, t.at("at-least"), 1, NumberMax)
	if !ok {
		return nil
	}
	if h.AtLeast = count; h.Distinct == "module" && count > int64(len(r.modulesOf(h.Where))) {
		r.fail(least, t.at("at-least"), "", "there are only %d such modules", len(r.modulesOf(h.Where)))
	}
	return h
}

// distinctBy are the attributes of facts that may be counted once each.
var distinctBy = []string{"module", "title", "item", "session", "provider", "attester", "day"}

// modulesOf are the modules that a selection leaves open.
func (r *reader) modulesOf(w Where) []string {
	if len(w.Module) > 0 {
		return w.Module
	}
	return r.moduleKeys()
}

func (r *reader) missed(t table, n *node) Test {
	m := Missed{Of: n.text[len("missed "):]}
	if r.p.Classes == nil {
		r.fail(n, t.at("count"), "", "a programme without classes has none to miss")
		return nil
	}
	for _, key := range []string{"dated", "filed", "distinct", "at-least"} {
		if n := t.get(key); n != nil {
			r.fail(n, t.at(key), "missed classes are bounded by at-most", "%q does not go with missed classes", key)
		}
	}
	if w := t.get("where"); w != nil {
		if wt, ok := r.open(w, t.at("where"), "where", "module"); ok {
			if n := wt.need("module", "where"); n != nil {
				m.Modules = r.moduleChoice(n, wt.at("module"))
			}
		}
	}
	most := t.need("at-most", "missed classes")
	if most == nil {
		return nil
	}
	var ok bool
	m.AtMost, ok = r.count(most, t.at("at-most"), 0, ModulesMax*SessionsMax)
	if !ok {
		return nil
	}
	return m
}

// selectionKeys are the keys of a sum that a measure says itself.
var selectionKeys = []string{"where", "dated", "filed", "in-one", "credited", "parts"}

// summed reads what a test sums: a measure by its name, or what stands beside
// it. It gives what is to be told of every bound, and the unit found so far.
func (r *reader) summed(t table, n *node, owner string) (name string, inline *Measure, seen seeing, unit **amount, ok bool) {
	path := t.at("sum")
	if name = r.slug(n, path); name == "" {
		return
	}
	unit = new(*amount)
	if slices.Contains(r.measureKeys(), name) {
		for _, key := range selectionKeys {
			if n := t.get(key); n != nil {
				r.fail(n, t.at(key), "put it in the measure", "the measure %s says itself what it counts", name)
				return
			}
		}
		r.usedKeys["measure "+name] = true
		seen = func(a amount, n *node, path string) {
			r.compared(name, a, n, path)
			*unit = &a
		}
		return name, nil, seen, unit, true
	}
	if near := nearest(name, r.measureKeys()); near != "" && r.kindAt[name] == nil {
		r.fail(n, path, didYouMean(near), "no measure is called %q", name)
		return
	}
	inline = &Measure{Sum: r.kind(n, path)}
	r.selection(t, inline, owner)
	seen = func(a amount, n *node, path string) {
		if *unit != nil && !(*unit).sameUnit(a) {
			r.fail(n, path, "", "the bounds of one sum have one unit")
		}
		*unit = &a
	}
	r.counting(t, inline, seen)
	return "", inline, seen, unit, true
}

func (r *reader) sumTest(t table, n *node, owner string) Test {
	s := Sum{}
	name, inline, seen, unit, ok := r.summed(t, n, owner)
	if !ok {
		return nil
	}
	s.Measure, s.Inline = name, inline
	least, most := t.get("at-least"), t.get("at-most")
	if least != nil && most != nil {
		r.fail(most, t.at("at-most"), "write two requirements", "a sum has at-least or at-most, not both")
		return nil
	}
	s.AtLeast, s.AtMost = r.bound(t, "at-least", seen), r.bound(t, "at-most", seen)
	if s.AtLeast != nil && *s.AtLeast == 0 {
		r.fail(least, t.at("at-least"), "", "at least nothing is no requirement")
	}
	if least == nil && most == nil && (s.Inline == nil || leastOf(s.Inline.Parts) == 0) {
		r.fail(n, t.at("sum"), "give it at-least or at-most", "the sum has no bound")
		return nil
	}
	s.Times, s.Carry = r.times(t, owner), r.carry(t, seen)
	if most != nil && (s.Times != nil || s.Carry != nil) {
		r.fail(most, t.at("at-most"), "", "only what is asked at least is asked several times, or carried")
	}
	if *unit != nil {
		s.Unit, s.Currency = (*unit).unit, (*unit).currency()
		if s.Inline != nil {
			s.Inline.Unit, s.Inline.Currency = s.Unit, s.Currency
		}
	}
	return s
}

// times reads for-each: how often the bound is asked.
func (r *reader) times(t table, owner string) *Times {
	n := t.get("for-each")
	if n == nil {
		return nil
	}
	if t.get("at-least") == nil {
		r.fail(n, t.at("for-each"), "write at-least", "there is no bound that could be asked for each")
	}
	each, ok := r.open(n, t.at("for-each"), "for-each", "missed", "and-current", "year-since")
	if !ok {
		return nil
	}
	missed, since := each.get("missed"), each.get("year-since")
	if (missed == nil) == (since == nil) {
		r.fail(n, t.at("for-each"), "write {missed: AWARD} or {year-since: MOMENT}", "for-each needs the award whose periods were missed, or a day")
		return nil
	}
	if since != nil {
		if n := each.get("and-current"); n != nil {
			r.fail(n, each.at("and-current"), "", "a year that has begun counts already")
		}
		return &Times{Since: r.moments(since, each.at("year-since"), owner)}
	}
	key := r.reference(missed, each.at("missed"), "award", r.awardKeys())
	if a, _ := r.p.Award(key); key != "" && !a.Periodic() {
		r.fail(missed, each.at("missed"), "name an award with each: and a period", "%s is not asked in periods, so none is missed", key)
	}
	return &Times{Missed: key, Current: each.truth("and-current", false)}
}

// carry reads what of a period's total goes over to the next.
func (r *reader) carry(t table, seen seeing) *Carry {
	n := t.get("carry")
	if n == nil {
		return nil
	}
	if t.get("at-least") == nil {
		r.fail(n, t.at("carry"), "write at-least", "nothing is too much or too little where there is no bound")
	}
	over, ok := r.open(n, t.at("carry"), "carry", "shortfall", "excess", "up-to")
	if !ok {
		return nil
	}
	c := &Carry{Shortfall: over.oneOf("shortfall", "next") != "", Excess: over.oneOf("excess", "next") != "", UpTo: r.bound(over, "up-to", seen)}
	if !c.Shortfall && !c.Excess {
		r.fail(n, t.at("carry"), "write shortfall: next, excess: next or both", "carry takes nothing to the next period")
	}
	if n := over.get("up-to"); n != nil && !c.Excess {
		r.fail(n, over.at("up-to"), "write excess: next", "up-to bounds the excess, and none is carried")
	}
	return c
}

// carriedOver: a total is carried only where the award is asked in periods, and
// only one of several ways carries: each would ask what the other lacked.
func (r *reader) carriedOver() {
	for _, top := range r.p.Requirements {
		a, _ := r.p.Award(top.For)
		each([]Requirement{top}, func(q Requirement) bool {
			if c, ok := q.Test.(Combined); ok && c.Op == "any-of" {
				var ways []string
				for _, way := range c.Children {
					if carries(way) {
						ways = append(ways, last(way.Path))
					}
				}
				if len(ways) > 1 {
					r.fail(r.requireAt[q.Path], "requirements/"+q.Path, "let one way carry", "%s both carry something to the next period, so it is not clear what was lacking", and(ways))
				}
			}
			if s, ok := q.Test.(Sum); ok && s.Carry != nil && !a.Periodic() {
				r.fail(r.requireAt[q.Path], "requirements/"+q.Path, "write each: with a period in the award "+a.Key, "carry goes from one period to the next, and %s is not asked in periods", a.Key)
			}
			return true
		})
	}
}

// carries reports whether a requirement or a part of it carries something over.
func carries(q Requirement) bool {
	out := false
	each([]Requirement{q}, func(q Requirement) bool {
		s, ok := q.Test.(Sum)
		out = out || ok && s.Carry != nil
		return true
	})
	return out
}

// has reads a kind of evidence, alone or with what it must be.
func (r *reader) has(n *node, path, owner string) *Has {
	if n.kind != tableNode {
		if kind := r.kind(n, path); kind != "" {
			return &Has{Kind: kind, AtLeast: 1}
		}
		return nil
	}
	t, ok := r.open(n, path, "has", append([]string{"kind", "dated", "filed", "at-least", "share", "needs-person"}, whereKeys...)...)
	if !ok {
		return nil
	}
	kind := t.need("kind", "has")
	if kind == nil {
		return nil
	}
	h := &Has{
		Kind: r.kind(kind, t.at("kind")), AtLeast: 1, Where: r.whereOf(t), Dated: r.window(t.get("dated"), t.at("dated"), owner),
		Filed: r.window(t.get("filed"), t.at("filed"), owner), Person: t.role("needs-person"),
	}
	if n := t.get("needs-person"); n != nil && t.get("answered") == nil {
		r.fail(n, t.at("needs-person"), "write answered: clear, or whatever the answer is", "needs-person waits for an answer, and none is named")
	}
	if n := t.get("at-least"); n != nil {
		h.Quantity = r.leastQuantity(n, t.at("at-least"))
	}
	if n := t.get("share"); n != nil {
		if share, ok := r.percentage(n, t.at("share")); ok {
			h.Share = &share
		}
	}
	return h
}

// leastQuantity is what one fact must come to: a number with its unit.
func (r *reader) leastQuantity(n *node, path string) *Value {
	a, ok := r.quantity(n, path, append([]string{UnitBasisPoint}, totalled...)...)
	switch {
	case !ok:
		return nil
	case a.bare:
		r.fail(n, path, "write its unit, as in 24 months; or count: and at-least: where several are asked for", "%s has no unit", n.text)
		return nil
	case a.number == 0:
		r.fail(n, path, "delete it", "at least nothing is no condition")
	}
	return &Value{Number: a.number, Unit: a.unit, Noun: a.noun}
}
