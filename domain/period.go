package domain

import (
	"slices"
	"strconv"
	"strings"

	"github.com/certledger/certledger/domain/programme"
)

// PeriodsMax bounds how many periods of one kind a registration can come to.
const PeriodsMax = 200

// period is a span of days in which something is owed. Its name is its number,
// from 1, or the year of a calendar year.
type period struct {
	kind        string // key of its kind
	name        string
	from, until Date
	settled     Date             // the day on which it was settled, or empty
	begins      programme.Length // how long the next one is by the level that settled it; zero: as its kind says
}

// periodsOf are the periods of a kind up to the present one, in order, and the
// next one where it is settled already that it follows.
func (v *view) periodsOf(kind string) []period {
	if v.rules != nil && v.main() != v {
		return v.main().periodsOf(kind) // the days are those of today's rules, whatever a period is judged by
	}
	if v.memo.periods == nil {
		v.memo.periods = map[string][]period{}
	}
	out, ok := v.memo.periods[kind]
	if !ok {
		is, known := v.p.Period(kind)
		if !known && v.rules != nil {
			return nil // of rules that are in force no longer
		}
		k := found(is, known)
		v.memo.periods[kind] = nil // while they are being found, there are none
		switch start := v.firstOf(k); {
		case start == "":
		case k.Calendar:
			out = v.calendarYears(k, start)
		default:
			out = v.lastingPeriods(k, start)
		}
		v.memo.periods[kind] = out
	}
	return out
}

// firstOf is the day on which the first period begins, or empty.
func (v *view) firstOf(k *programme.PeriodKind) Date {
	var start Date
	for _, m := range k.First {
		spans := shift(v.moment(m), m)
		if len(spans) == 0 {
			return ""
		}
		start = max(start, spans[0].from)
	}
	switch k.FirstYear {
	case "of":
		return start[:4] + "-01-01"
	case "after":
		return (start[:4] + "-01-01").AddMonths(12)
	}
	return start
}

func (v *view) calendarYears(k *programme.PeriodKind, start Date) []period {
	var out []period
	for from := start; from <= v.today && len(out) < PeriodsMax; from = from.AddMonths(12) {
		x := period{kind: k.Key, name: string(from[:4]), from: from, until: from[:4] + "-12-31"}
		out = append(out, x)
	}
	return v.settle(k, out)
}

func (v *view) lastingPeriods(k *programme.PeriodKind, start Date) []period {
	var out []period
	from, until := start, v.firstEnd(k, start)
	for len(out) < PeriodsMax {
		x := period{kind: k.Key, name: strconv.Itoa(len(out) + 1), from: from, until: until}
		x = v.settle(k, append(slices.Clone(out), x))[len(out)]
		out = append(out, x)
		if x.settled == "" || x.from > v.today {
			break
		}
		from = x.until.AddDays(1)
		switch k.Next {
		case programme.NextRenewal:
			from = x.settled
		case programme.NextLateRenewal:
			from = max(from, x.settled)
		}
		if until = endOf(k, from); !x.begins.Zero() {
			until = from.plus(x.begins).AddDays(-1)
		}
	}
	return out
}

// endOf is the last day of a period that begins on a day.
func endOf(k *programme.PeriodKind, from Date) Date {
	if k.EndsOn == "" {
		return from.plus(k.Lasts).AddDays(-1)
	}
	before := from.AddDays(-1)
	if !k.Least.Zero() {
		before = from.plus(k.Least).AddDays(-2) // the day before the first that is late enough
	}
	return before.NextYearly(k.EndsOn)
}

// firstEnd is the last day of the first period: as long as the first lasts, or
// as the latest fact states that says so. Where the award that it renews says
// how long a level holds, the latest grant within the period counts.
func (v *view) firstEnd(k *programme.PeriodKind, start Date) Date {
	if !k.FirstLasts.Zero() {
		return start.plus(k.FirstLasts).AddDays(-1)
	}
	if n := v.stated(k.FirstBy); !n.Zero() {
		return start.plus(n).AddDays(-1)
	}
	end := endOf(k, start)
	owed := found(v.p.Owed(k.Key))
	if owed.Renews == "" {
		return end
	}
	a := found(v.p.Award(owed.Renews))
	first := true
	for i, d := range v.s.Decisions {
		n, ok := a.Valid[d.Level]
		if d.Award != a.Key || !d.gives() || !ok || !v.knows(d.Made) || v.revokedLater(i) || !first && d.From > end {
			continue
		}
		end, first = d.From.plus(n).AddDays(-1), false
	}
	return end
}

// stated is the length that the latest fact of several states, or zero.
func (v *view) stated(by *programme.Has) programme.Length {
	var out programme.Length
	if by == nil {
		return out
	}
	fits := v.fitting(by).fits
	for i := range v.s.Evidence {
		x := &v.s.Evidence[i]
		fact := v.as(x)
		isLength := fact.Quantity != nil && *fact.Quantity > 0 && (fact.Unit == programme.UnitMonth || fact.Unit == programme.UnitDay)
		if isLength && slices.ContainsFunc(fits, func(f one) bool { return f.sequence == x.Made.Sequence }) {
			out = programme.Length{Number: *fact.Quantity, Unit: fact.Unit}
		}
	}
	return out
}

// settle finds on which day each period was settled: by a decision on the award
// that is owed in it, by a reinstatement after its end, or by the facts where
// the programme says that they are enough.
func (v *view) settle(k *programme.PeriodKind, list []period) []period {
	owed := found(v.p.Owed(k.Key))
	for i := range list {
		x := &list[i]
		by := v.owedIn(x, owed)
		if by == nil {
			x.settled = x.until.AddDays(1) // its rules ask for nothing
			continue
		}
		if d, ok := v.inForce(Asking{Award: owed.Key, Period: x.name}); ok && slices.Index(by.Levels, d.Level) > 0 {
			x.settled, x.begins = d.From, by.Valid[d.Level]
		}
		if x.settled == "" {
			x.settled, x.begins = v.reinstatedAfter(owed.Key, x.until)
		}
	}
	v.settleByFacts(owed, list)
	return list
}

// reinstatedAfter is the day of the first decision after a day that settles the
// missed periods of an award, or empty, and how long the period that it begins
// is by its level.
func (v *view) reinstatedAfter(award string, day Date) (out Date, begins programme.Length) {
	for _, a := range v.p.Awards {
		if a.Settles != award {
			continue
		}
		for i, d := range v.s.Decisions {
			if d.Award == a.Key && d.gives() && slices.Index(a.Levels, d.Level) > 0 && d.From > day && v.knows(d.Made) && !v.revokedLater(i) && (out == "" || d.From < out) {
				out, begins = d.From, a.Valid[d.Level]
			}
		}
	}
	return out, begins
}

// revokedLater reports whether a later decision revoked what decision i gave.
func (v *view) revokedLater(i int) bool {
	old := v.s.Decisions[i]
	return slices.ContainsFunc(v.s.Decisions[i+1:], func(d Decision) bool {
		return d.Act == ActRevoke && v.knows(d.Made) && d.Asking() == old.Asking() && (len(d.Levels) == 0 || slices.Contains(d.Levels, old.Level))
	})
}

// settleByFacts settles periods in which the highest level is earned: on the
// day of the last fact that it took.
func (v *view) settleByFacts(owed *programme.Award, list []period) {
	for i := range list {
		x := &list[i]
		by := v.owedIn(x, owed)
		if x.settled != "" || !by.ByFacts {
			continue
		}
		b := v.ruledIn(x)
		w := *b
		w.memo, w.outer, w.period = newMemo(), b, x
		if complete, day := w.complete(by); complete {
			x.settled, x.begins = max(x.from, day), by.Valid[by.Highest()]
		}
	}
}

// missedPeriods counts the periods of an award that have ended and are not settled.
func (v *view) missedPeriods(award string) int64 {
	n := int64(0)
	for _, x := range v.base().periodsOf(found(v.p.Award(award)).Each) {
		if x.until < v.today && x.settled == "" {
			n++
		}
	}
	return n
}

// times is how often a bound is asked.
func (v *view) times(t *programme.Times) int64 {
	switch {
	case t == nil:
		return 1
	case t.Missed != "":
		n := v.missedPeriods(t.Missed)
		if t.Current {
			n++
		}
		return n
	}
	var since Date
	for _, m := range t.Since {
		spans := shift(v.moment(m), m)
		if len(spans) == 0 {
			return 1
		}
		since = max(since, spans[0].from)
	}
	n := int64(0)
	for day := since; day <= v.today && n < PeriodsMax; day = since.AddMonths(int(n) * 12) {
		n++
	}
	return max(n, 1)
}

// carried is what the period before leaves to this one: what it lacked, once it
// was settled all the same, and what it had too much. It lacks nothing where the
// requirement did not hang on this total. It is counted by the rules of this one.
func (v *view) carried(t *programme.Sum, m *programme.Measure, bound int64) (owed, brought int64) {
	if t.Carry == nil || v.period == nil {
		return 0, 0
	}
	for _, x := range v.base().periodsOf(v.period.kind) {
		if x.name == v.period.name {
			break
		}
		if x.settled == "" {
			owed, brought = 0, 0
			continue
		}
		w := v.base().within(Asking{Award: v.period.kind, Period: x.name})
		left := w.total(m).Amount + brought - bound - owed
		owed, brought = 0, 0
		switch {
		case left < 0 && t.Carry.Shortfall && !w.metOtherwise(v.path):
			owed = -left
		case left > 0 && t.Carry.Excess:
			brought = left
			if t.Carry.UpTo != nil {
				brought = min(brought, *t.Carry.UpTo)
			}
		}
	}
	return owed, brought
}

// metOtherwise reports whether a requirement asked nothing of the part of it at
// a path: it did not apply, was waived, or was met in another way.
func (v *view) metOtherwise(path string) bool {
	key, _, _ := strings.Cut(path, "/")
	r := v.requirement(key)
	for {
		if _, waived := v.waivedWhole(r); waived || !v.applies(r.When) {
			return true
		}
		c, ok := r.Test.(programme.Combined)
		if !ok || r.Path == path {
			return false
		}
		var down *programme.Requirement
		for i := range c.Children {
			switch x := &c.Children[i]; {
			case within(path, x.Path):
				down = x
			case c.Op == "any-of" && v.result(x).Verdict == Met:
				return true
			}
		}
		if r = down; r == nil {
			return false
		}
	}
}

// holdsUntil is the last day on which what is granted of an award holds, or
// empty where it holds without end: the end of the last period begun by
// renewals, or what the decision in force says.
func (v *view) holdsUntil(award string) Date {
	for _, k := range v.p.Periods {
		if found(v.p.Owed(k.Key)).Renews != award {
			continue
		}
		if list := v.base().periodsOf(k.Key); len(list) > 0 {
			return list[len(list)-1].until
		}
	}
	if d, ok := v.inForce(Asking{Award: award}); ok {
		return d.Until
	}
	return ""
}

// plus moves a day by a length.
func (d Date) plus(l programme.Length) Date {
	switch l.Unit {
	case programme.UnitMonth:
		return d.AddMonths(int(l.Number))
	case programme.UnitBusinessDay:
		return d.AddBusinessDays(int(l.Number))
	}
	return d.AddDays(int(l.Number))
}
