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
	h := Has{Kind: r.kind(n, path), AtLeast: 1}
	if w := t.get("where"); w != nil {
		h.Where = r.where(w, t.at("where"))
	}
	h.Dated = r.window(t.get("dated"), t.at("dated"), owner)
	least := t.need("at-least", "a count")
	if least == nil {
		return nil
	}
	count, ok := r.count(least, t.at("at-least"), 1, NumberMax)
	if !ok {
		return nil
	}
	h.AtLeast = count
	return h
}

func (r *reader) missed(t table, n *node) Test {
	m := Missed{Of: n.text[len("missed "):]}
	if r.p.Classes == nil {
		r.fail(n, t.at("count"), "", "a programme without classes has none to miss")
		return nil
	}
	for _, key := range []string{"dated", "at-least"} {
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

func (r *reader) sumTest(t table, n *node, owner string) Test {
	path := t.at("sum")
	name := r.slug(n, path)
	if name == "" {
		return nil
	}
	s := Sum{}
	inline := t.get("where") != nil || t.get("dated") != nil || t.get("filed") != nil || t.get("parts") != nil
	measured := slices.Contains(r.measureKeys(), name)
	switch {
	case measured && inline:
		r.fail(n, path, "put where, dated, filed and parts in the measure", "the measure %s says itself what it counts", name)
		return nil
	case measured:
		s.Measure = name
		r.usedKeys["measure "+name] = true
	default:
		if near := nearest(name, r.measureKeys()); near != "" {
			r.fail(n, path, didYouMean(near), "no measure is called %q", name)
			return nil
		}
		s.Inline = &Measure{Sum: r.kind(n, path)}
		r.selection(t, s.Inline, owner)
	}
	least, most := t.get("at-least"), t.get("at-most")
	if least != nil && most != nil {
		r.fail(most, t.at("at-most"), "write two requirements", "a sum has at-least or at-most, not both")
		return nil
	}
	var unit *amount
	seen := func(a amount, n *node, path string) {
		switch {
		case measured:
			r.compared(name, a, n, path)
		case unit != nil && !unit.sameUnit(a):
			r.fail(n, path, "", "the bounds of one sum have one unit")
		}
		unit = &a
	}
	bound := func(key string, n *node) *int64 {
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
	s.AtLeast, s.AtMost = bound("at-least", least), bound("at-most", most)
	if s.AtLeast != nil && *s.AtLeast == 0 {
		r.fail(least, t.at("at-least"), "", "at least nothing is no requirement")
	}
	if s.Inline != nil {
		s.Inline.Parts = r.parts(t.get("parts"), t.at("parts"), seen)
		if s.AtMost != nil && leastOf(s.Inline.Parts) > *s.AtMost {
			r.fail(most, t.at("at-most"), "", "the parts need more together than the sum may be")
		}
	}
	if least == nil && most == nil && (s.Inline == nil || leastOf(s.Inline.Parts) == 0) {
		r.fail(n, path, "give it at-least or at-most", "the sum has no bound")
		return nil
	}
	if unit != nil {
		s.Unit, s.Currency = unit.unit, unit.currency()
		if s.Inline != nil {
			s.Inline.Unit, s.Inline.Currency = s.Unit, s.Currency
		}
	}
	return s
}

// has reads a kind of evidence, alone or with what it must be.
func (r *reader) has(n *node, path, owner string) *Has {
	if n.kind != tableNode {
		if kind := r.kind(n, path); kind != "" {
			return &Has{Kind: kind, AtLeast: 1}
		}
		return nil
	}
	t, ok := r.open(n, path, "has", append([]string{"kind", "dated"}, whereKeys...)...)
	if !ok {
		return nil
	}
	kind := t.need("kind", "has")
	if kind == nil {
		return nil
	}
	return &Has{Kind: r.kind(kind, t.at("kind")), AtLeast: 1, Where: r.whereOf(t), Dated: r.window(t.get("dated"), t.at("dated"), owner)}
}
