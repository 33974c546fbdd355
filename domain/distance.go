package domain

import "github.com/certledger/certledger/domain/programme"

// combinedLack joins the distances of children: all of them, the cheapest n, or
// one of several ways with the nearest first.
func combinedLack(t programme.Combined, children []Result, met int64) *Lack {
	var short []Result
	for _, c := range children {
		if c.Verdict != Met && c.Verdict != NotApplicable && c.Lacks != nil {
			short = append(short, c)
		}
	}
	switch t.Op {
	case "all-of":
		return joined(short)
	case "any-of":
		out := &Lack{}
		for _, c := range nearestFirst(short) {
			out.OneOf = append(out.OneOf, Option{Path: c.Path, Lack: *c.Lacks})
		}
		return out
	case "at-least-of":
		return joined(nearestFirst(short)[:min(int(t.N-met), len(short))])
	}
	return &Lack{LiftedBy: []string{"correction"}} // none-of
}

// joined is what all of the children lack together. Where one of them can be
// met by no fact, no list of facts is enough.
func joined(children []Result) *Lack {
	out := &Lack{}
	for _, c := range children {
		needs := c.Lacks.nearest()
		if len(needs) == 0 {
			return &Lack{LiftedBy: c.Lacks.LiftedBy, Closed: c.Lacks.Closed}
		}
		out.Needs = append(out.Needs, needs...)
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
