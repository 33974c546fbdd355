package domain

import (
	"cmp"
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// combinedLack joins the distances of children: all of them, the cheapest n, or
// one of several ways with the nearest first.
func (v *view) combinedLack(t programme.Combined, children []Result, met int64) *Lack {
	var short []Result
	for _, c := range children {
		if c.Verdict != Met && c.Verdict != NotApplicable && c.Lacks != nil {
			short = append(short, c)
		}
	}
	switch t.Op {
	case "all-of":
		return joined(v.overlapping(t, short))
	case "any-of":
		out := &Lack{}
		for _, c := range nearestFirst(short) {
			out.OneOf = append(out.OneOf, Option{Path: c.Path, Lack: *c.Lacks})
		}
		return out
	case "at-least-of":
		return joined(v.overlapping(t, nearestFirst(short)[:min(int(t.N-met), len(short))]))
	}
	return &Lack{LiftedBy: []string{"correction"}} // none-of
}

// joined is what all of the children lack together; a fact that several of them
// ask for is asked for once. Where one of them can be met by no fact, no list of
// facts is enough.
func joined(children []Result) *Lack {
	out := &Lack{}
	for _, c := range children {
		needs := c.Lacks.nearest()
		if len(needs) == 0 {
			return &Lack{LiftedBy: c.Lacks.LiftedBy, Closed: c.Lacks.Closed}
		}
		out.Needs = append(out.Needs, notAmong(out.Needs, needs)...)
	}
	return out
}

// notAmong are the needs that others do not ask for already, each of those for
// one. Quantities add up, and time has to pass anew after whatever is not among
// them.
func notAmong(others, needs []Need) []Need {
	others = slices.Clone(others)
	var out []Need
	again := false
	for _, n := range needs {
		i := -1
		if n.Quantity == nil || n.AtOnce || n.Do == wait {
			i = slices.IndexFunc(others, n.equals)
		}
		again = i >= 0 && (again || n.Do != wait || n.From != "")
		if !again {
			out = append(out, n)
			continue
		}
		others = slices.Delete(others, i, i+1)
	}
	return out
}

// nearest is the shortest list of facts that is enough, empty where none is.
func (l *Lack) nearest() []Need {
	if l == nil {
		return nil
	}
	if len(l.OneOf) == 0 {
		return l.Needs
	}
	return l.OneOf[0].nearest()
}

// Nearest is the shortest list of facts whose recording meets the requirement;
// empty where no fact can, and LiftedBy says what can.
func (l *Lack) Nearest() []Need { return l.nearest() }

// nearestFirst orders ways to meet a requirement: fewest facts first, those
// that no fact can meet last, then the programme's order.
func nearestFirst(children []Result) []Result {
	out := make([]Result, 0, len(children))
	for _, c := range children {
		n := weight(c.Lacks)
		i := len(out)
		for i > 0 && weight(out[i-1].Lacks) > n {
			i--
		}
		out = append(out[:i], append([]Result{c}, out[i:]...)...)
	}
	return out
}

const unreachable = 1 << 30

func weight(l *Lack) int {
	if n := len(l.nearest()); n > 0 {
		return n
	}
	return unreachable
}

// share is a total that facts are still to be added to, and the one fact asked for.
type share struct {
	m    *programme.Measure
	at   int // among the children
	need Need
}

// overlapping takes off what a total lacks all that other children ask for and
// that counts in it too: six hours of ethics are six of sixty hours.
func (v *view) overlapping(t programme.Combined, children []Result) []Result {
	var sums []share
	for i, c := range children {
		if m := v.wholeSum(t, c.Path); m != nil && len(c.Lacks.Needs) == 1 && c.Lacks.Needs[0].Do == "record" {
			sums = append(sums, share{m, i, c.Lacks.Needs[0]})
		}
	}
	if len(sums) == 0 {
		return children
	}
	covers := func(a, b share) bool { return v.countsAlso(a, b.need) }
	wider := func(a share) (n int) {
		for _, b := range sums {
			if covers(a, b) {
				n++
			}
		}
		return n
	}
	slices.SortStableFunc(sums, func(a, b share) int { return cmp.Compare(wider(a), wider(b)) })
	out := slices.Clone(children)
	for i, a := range sums {
		left := *a.need.Quantity
		for j, c := range out {
			if k := slices.IndexFunc(sums, func(b share) bool { return b.at == j }); k >= i {
				continue // itself, or taken off that one
			}
			for _, n := range c.Lacks.nearest() {
				if v.countsAlso(a, n) {
					left -= *n.Quantity * max(1, n.Times)
				}
			}
		}
		need := a.need
		need.Quantity = &left
		if out[a.at].Lacks = (&Lack{Needs: []Need{need}}); left <= 0 {
			out[a.at].Lacks = nil
		}
	}
	return slices.DeleteFunc(out, func(c Result) bool { return c.Lacks == nil })
}

// wholeSum is the measure of a child that adds facts up as they are, or nil.
func (v *view) wholeSum(t programme.Combined, path string) *programme.Measure {
	i := slices.IndexFunc(t.Children, func(r programme.Requirement) bool { return r.Path == path })
	s, ok := t.Children[i].Test.(programme.Sum)
	if !ok || s.AtMost != nil {
		return nil
	}
	m := s.Inline
	if s.Measure != "" {
		m = found(v.p.Measure(s.Measure))
	}
	if len(m.Parts) > 0 || m.Credited != nil || m.InOne != "" {
		return nil
	}
	return m
}

// countsAlso reports whether whatever meets a need counts in a total as well.
func (v *view) countsAlso(a share, n Need) bool {
	if n.Do != "record" || n.Quantity == nil || n.Of != a.need.Of || n.Unit != a.need.Unit || n.Currency != a.need.Currency {
		return false
	}
	w, asked := &a.m.Where, a.need
	fact := Fact{
		Kind: n.Of, Category: n.Category, Outcome: n.Outcome, Title: n.Title, Mode: n.Mode, Provider: n.Provider, Module: n.Module,
		Item: n.Item, Track: n.Track, Period: n.Period, AttesterRole: n.Attester, FiledRole: n.By,
	}
	signed := append([]string{n.SignedBy}, n.AlsoSigned...)
	switch {
	case v.other(&fact, w) != "",
		asked.From > n.From, asked.Until != endless && (n.Until == endless || n.Until > asked.Until),
		w.Unrelated && !n.Unrelated, w.Documented && !n.Documented,
		w.Approved != "" && w.Approved != n.Approved, w.Answered != "" && w.Answered != n.Answer, w.Unused != "" && w.Unused != n.Unused,
		w.SignedBy != "" && !slices.Contains(signed, w.SignedBy):
		return false
	}
	return !slices.ContainsFunc(w.AlsoSigned, func(role string) bool { return !slices.Contains(signed, role) }) &&
		!slices.ContainsFunc(asked.Qualified, func(h Holding) bool { return !slices.Contains(n.Qualified, h) })
}
