package domain

import (
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// needing collects what a total lacks, and keeps count of what it would come to
// once that is there.
type needing struct {
	v      *view
	m      *programme.Measure
	sum    *total
	own    []int64
	filled []bool // by node: the present day, week or month is used up
	needs  []Need
	at     map[int]int // by node: which of the needs is in it
}

// sumNeeds is what a total lacks: each part's own need bottom-up, then the rest
// wherever there is room.
func (v *view) sumNeeds(m *programme.Measure, sum total, bound int64) []Need {
	if sum.tree.enough(sum.own, bound) {
		return nil
	}
	n := needing{v: v, m: m, sum: &sum, own: slices.Clone(sum.own), filled: make([]bool, len(sum.tree)), at: map[int]int{}}
	n.leasts(0)
	n.place(0, bound-n.total(0))
	return n.needs
}

func (n *needing) total(node int) int64 { return n.sum.tree.totals(n.own)[node] }

// leasts places what the parts of a node need, the innermost first.
func (n *needing) leasts(node int) {
	t := n.sum.tree
	for child := node + 1; child < t[node].next; child = t[child].next {
		n.leasts(child)
		if least := t[child].part.AtLeast; least != nil {
			n.place(child, *least-n.total(child))
		}
	}
}

// place puts credit into a node: all of it into the first part without a bound,
// otherwise into its parts as far as they have room, and the rest beside them.
func (n *needing) place(node int, credit int64) {
	if credit <= 0 {
		return
	}
	t := n.sum.tree
	for child := node + 1; child < t[node].next; child = t[child].next {
		if t[child].part.CountsUpTo == nil {
			n.place(child, credit)
			return
		}
	}
	for child := node + 1; child < t[node].next && credit > 0; child = t[child].next {
		if room := *t[child].part.CountsUpTo - n.total(child); room > 0 {
			part := min(room, credit)
			n.place(child, part)
			credit -= part
		}
	}
	if credit > 0 {
		n.add(node, credit)
	}
}

// add asks for facts that come to a credit in a node itself.
func (n *needing) add(node int, credit int64) {
	base := n.need(node)
	if n.m.Credited == nil {
		n.own[node] += credit
		if i, ok := n.at[node]; ok { // what the part needs, and more of the same for the whole
			*n.needs[i].Quantity += credit
			return
		}
		n.at[node] = len(n.needs)
		base.Quantity = &credit
		n.needs = append(n.needs, base)
		return
	}
	n.own[node] += n.credited(node, credit, base)
}

// need is the fact that is in a node, without its quantity.
func (n *needing) need(node int) Need {
	t, w := n.sum.tree, n.m.Where
	out := recordNeed(n.v, n.m.Sum, &w)
	out.Unit, out.Currency = n.m.Summed(), n.m.Currency
	if n.m.InOne != "" && n.sum.chosen != "" {
		out.set(n.m.InOne, n.sum.chosen)
	}
	if category := t.category(node); category != "" {
		out.Category = category
	} else {
		out.Category = t.beside(w.Category)
	}
	for i := node; i > 0; i = t[i].up {
		if p := t[i].part.Where; p != nil {
			out.narrow(recordNeed(n.v, n.m.Sum, p))
		}
	}
	return out
}

// beside is the first of some categories that is in no part of the whole, or
// the first of all where each is.
func (t tree) beside(categories []string) string {
	for _, c := range categories {
		if !slices.ContainsFunc(t[1:], func(n treeNode) bool { return n.up == 0 && n.part.Where == nil && within(c, n.part.Key) }) {
			return c
		}
	}
	return first(categories)
}

// credited asks for as many whole days, weeks or months as a credit takes: first
// what the present one still has room for, then others with nothing in them. It
// is what they come to.
func (n *needing) credited(node int, credit int64, base Need) int64 {
	c, room := n.m.Credited, n.stepsIn()
	step := c.Step()
	each := c.Credit(step)
	steps := ceil(credit, each)
	given := steps * each
	ask := func(need Need, quantity int64) {
		need.Quantity = &quantity
		n.needs = append(n.needs, need)
	}
	if had := n.now(node); had > 0 && !n.filled[node] {
		if now := min(steps, room-capped(had, c)/step); now > 0 {
			need := base
			_, need.Until = spanOf(c.Per, n.v.today)
			need.From = n.v.today
			ask(need, now*step-had%step)
			steps -= now
		}
	}
	n.filled[node] = true
	base.Per = c.Per
	if whole := steps / room; whole > 0 {
		need := base
		if whole > 1 {
			need.Times = whole
		}
		ask(need, room*step)
	}
	if rest := steps % room; rest > 0 {
		ask(base, rest*step)
	}
	return given
}

// now is what is recorded for a node in the present day, week or month, whether
// it earns credit yet or not.
func (n *needing) now(node int) int64 {
	from, until := spanOf(n.m.Credited.Per, n.v.today)
	had := int64(0)
	for _, list := range [][]counted{n.sum.counted, n.sum.short} {
		for _, c := range list {
			if c.node == node && c.fact.Until >= from && c.fact.Until <= until {
				had += c.quantity
			}
		}
	}
	return had
}

// minutesADay is what a distance asks of one day at most; of a week and a month,
// what so many of their days come to.
const minutesADay = 8 * 60

// stepsIn is how many whole steps are asked of one day, week or month.
func (n *needing) stepsIn() int64 {
	c := n.m.Credited
	switch {
	case c.UpTo != nil:
		return *c.UpTo / c.Step()
	case c.WholeOnly != nil:
		return 1
	case n.m.Summed() != UnitMinute:
		return QuantityMax / c.Step()
	}
	days := map[string]int64{programme.SpanDay: 1, programme.SpanWeek: 5, programme.SpanMonth: 20}[c.Per]
	return max(1, days*minutesADay/c.Step())
}

func capped(amount int64, c *programme.Credited) int64 {
	if c.UpTo != nil {
		return min(amount, *c.UpTo)
	}
	return amount
}

func ceil(a, b int64) int64 { return (a + b - 1) / b }
