package domain

import (
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// wait is the need for time to pass: until From, or for Quantity once what
// comes before it in the list is there. No fact brings it.
const wait = "wait"

// lengthAfter is the day a length of time after another.
func lengthAfter(day Date, l programme.Length) Date {
	switch l.Unit {
	case programme.UnitMonth:
		return day.AddMonths(int(l.Number))
	case programme.UnitBusinessDay:
		return day.AddBusinessDays(int(l.Number))
	}
	return day.AddDays(int(l.Number))
}

// waitAfter is the time that has to pass once a moment has come, where the day
// that counts is a later one.
func waitAfter(m programme.Moment) []Result {
	if m.Offset == 0 || m.Before {
		return nil
	}
	length := m.Offset
	return []Result{{Lacks: &Lack{Needs: []Need{{Do: wait, Of: "time", Quantity: &length, Unit: m.Unit}}}}}
}

// dayOf is the latest of the days that moments name. It has not come while one
// of them is not there, or is there no longer.
func (v *view) dayOf(moments []programme.Moment) (day Date, ok bool) {
	for _, m := range moments {
		spans := shift(v.moment(m), m)
		if len(spans) == 0 || spans[len(spans)-1].until != endless {
			return "", false
		}
		day = max(day, spans[len(spans)-1].from)
	}
	return day, len(moments) > 0
}

// elapsedResult asks whether enough time lies between two moments, or between
// one and today. It is open until then, and settled as not met only where the
// later moment came too early.
func (v *view) elapsedResult(t programme.Elapsed, res *Result) {
	res.Test, res.Verdict = "elapsed", Open
	want := t.AtLeast.Number
	res.Right = &Amount{Number: &want, Unit: t.AtLeast.Unit}
	res.Evidence = v.momentEvidence(append(slices.Clone(t.From), t.To...))
	began, ok := v.dayOf(t.From)
	if !ok || began > v.today {
		res.Lacks = v.elapsedLack(t, began)
		return
	}
	due := lengthAfter(began, t.AtLeast)
	ended, over := v.today, len(t.To) == 0
	if !over {
		if day, ok := v.dayOf(t.To); ok && day <= v.today {
			ended, over = day, true
		}
	}
	res.Left = elapsedAmount(began, ended, t.AtLeast.Unit)
	switch {
	case over && ended >= due && len(t.To) == 0:
		res.Verdict, res.MetOn = Met, due
	case over && ended >= due:
		res.Verdict, res.MetOn = Met, ended
	case over && len(t.To) > 0:
		res.Verdict, res.Lacks = NotMet, &Lack{LiftedBy: []string{"correction"}}
	default:
		res.Lacks = v.elapsedLack(t, began)
	}
}

// elapsedLack is what has to happen before the time begins, then the time
// itself, and then what ends it.
func (v *view) elapsedLack(t programme.Elapsed, began Date) *Lack {
	out := &Lack{}
	if began == "" {
		out = v.momentNeeds(&programme.Window{From: t.From})
		if len(out.Needs) == 0 {
			return liftedBy(out, "decision")
		}
		length := t.AtLeast.Number
		out.Needs = append(slices.Clone(out.Needs), Need{Do: wait, Of: "time", Quantity: &length, Unit: t.AtLeast.Unit})
	} else if due := lengthAfter(began, t.AtLeast); due > v.today {
		out.Needs = []Need{{Do: wait, Of: "time", From: due}}
	}
	if len(t.To) == 0 {
		return out
	}
	if _, ok := v.dayOf(t.To); ok {
		return out // a day of the calendar or one that follows from others: it comes by itself
	}
	ending := v.momentNeeds(&programme.Window{From: t.To})
	if len(ending.Needs) == 0 {
		return liftedBy(ending, "decision")
	}
	for _, n := range ending.Needs {
		if !slices.ContainsFunc(out.Needs, n.equals) {
			out.Needs = append(out.Needs, n)
		}
	}
	return out
}

func liftedBy(l *Lack, what string) *Lack {
	if len(l.LiftedBy) > 0 {
		return l
	}
	return &Lack{LiftedBy: []string{what}, Closed: l.Closed}
}

// elapsedAmount is the time between two days in whole days or months.
func elapsedAmount(from, until Date, unit string) *Amount {
	n := int64(0)
	switch {
	case until < from:
	case unit == programme.UnitMonth:
		for from.AddMonths(int(n)+1) <= until {
			n++
		}
	default:
		n = int64(from.DaysUntil(until))
	}
	return &Amount{Number: &n, Unit: unit}
}

// elapsedSpans are the days on which the time has passed.
func (v *view) elapsedSpans(r *programme.Requirement) []span {
	if res := v.result(r); res.Verdict == Met {
		return []span{{res.MetOn, endless}}
	}
	return nil
}

// momentEvidence are the entries that brought moments about.
func (v *view) momentEvidence(moments []programme.Moment) []uint64 {
	var out []uint64
	for _, m := range moments {
		switch m.Kind {
		case programme.MomentMet:
			out = append(out, v.result(v.requirement(m.Name)).Evidence...)
		case programme.MomentFiled:
			for _, x := range v.s.Submissions {
				if x.Kind == m.Name && v.knows(x.Made) {
					out = append(out, x.Made.Sequence)
				}
			}
		}
	}
	return out
}
