package domain

import (
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// reachesResult asks which of several thresholds a total reaches. Short of the
// last, it supports the level of the one below it; the way to each higher one
// is told, the nearest first.
func (v *view) reachesResult(r *programme.Requirement, t programme.Reaches, res *Result) {
	m := t.Inline
	if t.Measure != "" {
		m = found(v.p.Measure(t.Measure))
	}
	sum := v.total(m)
	res.Test, res.Verdict, res.Evidence = "reaches", Open, sum.Evidence
	res.Left = &Amount{Number: &sum.Amount, Unit: m.Unit, Noun: m.Currency}
	res.Supports, res.Parts = found(v.p.Award(r.For)).Levels[0], sum.tree.asked(sum.own)
	if t.Inline != nil {
		res.NotCounted = wanting(sum.NotCounted)
	}
	var ways []Option
	for _, s := range t.Steps {
		needs := v.sumNeeds(m, sum, s.AtLeast)
		if len(needs) == 0 {
			res.Supports = s.Level
			continue
		}
		if len(ways) == 0 {
			res.Right = &Amount{Number: &s.AtLeast, Unit: m.Unit, Noun: m.Currency, Word: s.Level}
		}
		var way Result
		if v.wants(needs, m.Dated, m.Filed, &way); len(way.Lacks.Needs) == 0 {
			res.Verdict, res.Lacks = way.Verdict, way.Lacks // the same for every threshold
			return
		}
		if n := len(ways); n > 0 && slices.EqualFunc(ways[n-1].Needs, way.Lacks.Needs, Need.equals) {
			ways = ways[:n-1] // the same facts give more
		}
		ways = append(ways, Option{Path: r.Path + "/" + s.Level, Gives: s.Level, Lack: *way.Lacks})
	}
	if len(ways) > 0 {
		res.Lacks = &Lack{OneOf: ways}
		return
	}
	last := t.Steps[len(t.Steps)-1]
	res.Verdict, res.Right, res.MetOn = Met, &Amount{Number: &last.AtLeast, Unit: m.Unit, Noun: m.Currency, Word: last.Level}, v.reachedOn(m, sum, &last.AtLeast)
}
