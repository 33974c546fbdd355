package programme

// reaches reads a total of which each threshold supports its level.
func (r *reader) reaches(t table, n, thresholds *node, q *Requirement) Test {
	for _, key := range []string{"at-least", "at-most", "for-each", "carry"} {
		if n := t.get(key); n != nil {
			r.fail(n, t.at(key), "the thresholds stand under reaches", "%q does not go with reaches", key)
		}
	}
	award, ok := r.p.Award(q.For)
	if q.For == "" || !ok {
		if q.Path != q.Key {
			r.fail(thresholds, t.at("reaches"), "write it as a requirement of its own", "reaches cannot stand in a part of a requirement")
		}
		return nil
	}
	out := Reaches{}
	name, inline, seen, unit, ok := r.summed(t, n, q.Path)
	if !ok {
		return nil
	}
	out.Measure, out.Inline = name, inline
	out.Steps = r.thresholds(thresholds, t.at("reaches"), award, seen)
	if *unit == nil || len(out.Steps) == 0 {
		return nil
	}
	out.Unit, out.Currency = (*unit).unit, (*unit).currency()
	if out.Inline != nil {
		out.Inline.Unit, out.Inline.Currency = out.Unit, out.Currency
	}
	return out
}

// thresholds reads level to total: both ascend, and the last level is the
// award's highest, since who reaches it is held back no longer.
func (r *reader) thresholds(n *node, path string, award Award, seen seeing) []Reach {
	var out []Reach
	below := 0 // the lowest level needs nothing
	if n.kind == tableNode && len(n.pairs) == 0 {
		r.fail(n, path, "write level and total, as in {1-year: 10 credits, 2-years: 20 credits}", "reaches names no level")
	}
	r.named(n, path, func(key, value *node, path string) {
		level := r.reference(key, path, "level of "+award.Key, award.Levels)
		a, ok := r.total(value, path)
		if level == "" || !ok {
			return
		}
		rank, _ := award.Rank(level)
		switch {
		case rank == 0:
			r.fail(key, path, "name the levels above it", "everybody has the lowest level of %s", award.Key)
		case rank <= below:
			r.fail(key, path, "write the levels low to high", "the level %s is not above the one before", level)
		case len(out) > 0 && a.number <= out[len(out)-1].AtLeast, a.number == 0:
			r.fail(value, path, "a higher level needs a higher total", "the total for %s is not above the one before", level)
		}
		seen(a, value, path)
		below = max(below, rank)
		out = append(out, Reach{Level: level, AtLeast: a.number})
	})
	if len(out) > 0 && out[len(out)-1].Level != award.Highest() {
		r.fail(n, path, "name it with its total", "nothing says what total reaches %s, the highest level of %s", award.Highest(), award.Key)
	}
	return out
}

// reachesPossible refuses a threshold above an upper bound of the same measure.
func (r *reader) reachesPossible() {
	for _, q := range r.p.Requirements {
		low, ok := q.Test.(Reaches)
		if !ok || low.Measure == "" {
			continue
		}
		for _, other := range r.p.Requirements {
			high, ok := other.Test.(Sum)
			if !ok || other.For != q.For || other.When != nil || high.Measure != low.Measure || high.AtMost == nil {
				continue
			}
			for _, s := range low.Steps {
				if s.AtLeast > *high.AtMost {
					r.fail(r.requireAt[q.Path], "requirements/"+q.Path, "", "no history can reach %s: %s allows less than it asks for", s.Level, other.Key)
				}
			}
		}
	}
}
