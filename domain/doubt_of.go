package domain

import "slices"

// CausesOf is, by decision, everything that put it in doubt while it was in force,
// considered or not, in the order of the ledger: also of decisions that another
// has superseded since. The assessment is of the facts.
func CausesOf(f Facts, a Assessment) map[string][]Cause {
	out := map[string][]Cause{}
	if f.Programme == nil || !f.Standing.Exists() {
		return out
	}
	v := newView(judging(f.Programme, f, a.At), f, a.At)
	for i := range v.s.Decisions {
		d := &v.s.Decisions[i]
		if _, known := v.p.Award(d.Award); !known || d.Act == ActRevoke || !v.knows(d.Made) {
			continue
		}
		causes := v.causes(d, a)
		if at := v.replacedAt(i); at > 0 {
			causes = slices.DeleteFunc(causes, func(c Cause) bool { return c.Made.Sequence > at })
		}
		out[d.ID] = causes
	}
	return out
}

// replacedAt is the sequence of the decision that took decision i out of force; 0
// where none did.
func (v *view) replacedAt(i int) uint64 {
	if !v.replaced(i) {
		return 0
	}
	old := v.s.Decisions[i]
	old.Superseded = false
	for _, d := range v.s.Decisions[i+1:] {
		if v.knows(d.Made) && d.replaces(old) {
			return d.Made.Sequence
		}
	}
	return 0
}
