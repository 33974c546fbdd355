package domain

import "github.com/certledger/certledger/domain/programme"

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
	res.Left = &Amount{Number: &sum.Amount, Unit: m.Unit}
	res.Supports = found(v.p.Award(r.For)).Levels[0]
	var ways []Option
	for _, s := range t.Steps {
		needs := v.sumNeeds(m, sum, s.AtLeast)
		if len(needs) == 0 {
			res.Supports = s.Level
			continue
		}
		if len(ways) == 0 {
			res.Right = &Amount{Number: &s.AtLeast, Unit: m.Unit, Word: s.Level}
		}
		ways = append(ways, Option{Path: r.Path + "/" + s.Level, Gives: s.Level, Lack: Lack{Needs: needs}})
	}
	if len(ways) == 0 {
		last := t.Steps[len(t.Steps)-1]
		res.Verdict, res.Right, res.MetOn = Met, &Amount{Number: &last.AtLeast, Unit: m.Unit, Word: last.Level}, v.reachedOn(m, sum, &last.AtLeast)
		return
	}
	first, closed := v.windowNeeds(m.Dated)
	switch {
	case closed != "":
		res.Verdict, res.Lacks = NotMet, &Lack{Closed: closed, LiftedBy: []string{"correction"}}
	case len(first.LiftedBy) > 0:
		res.Lacks = first
	default:
		for i := range ways {
			ways[i].Needs = append(append([]Need{}, first.Needs...), ways[i].Needs...)
		}
		res.Lacks = &Lack{OneOf: ways}
	}
}
