package domain

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// PeriodRules is the version of the rules that was in force on the last day of a
// period that has ended, and by which that period is judged.
type PeriodRules struct {
	Day     Date   `json:"day"`
	Version int    `json:"version"`
	Digest  string `json:"digest"`
}

func byDayOf(x PeriodRules, day Date) int { return cmp.Compare(x.Day, day) }

// rulesOf is the version of the rules that is on record for a day, or otherwise
// the one in force that day, if it is among Versions; nil where neither is known.
func (f Facts) rulesOf(day Date) *programme.Programme {
	digest := ""
	if i, ok := slices.BinarySearchFunc(f.PeriodRules, day, byDayOf); ok {
		digest = f.PeriodRules[i].Digest
	} else if f.Line != nil {
		in, _ := f.Line.InForce(day)
		digest = in.Digest
	}
	for _, p := range f.Versions {
		if p.Digest == digest {
			return p
		}
	}
	return nil
}

// addPeriodRules adds the rules by which a decision judged periods. It is ErrCut
// where they were not in force on the day that they are on record for.
func (f *Facts) addPeriodRules(r *Record, past Past) error {
	if len(r.Periods) > 0 && f.Standing.Pin.Mode != PinByPeriod {
		return fmt.Errorf("%w: it judges periods by rules of their own, and its registration does not", ErrCut)
	}
	for i, x := range r.Periods {
		if i > 0 && r.Periods[i-1].Day >= x.Day {
			return fmt.Errorf("%w: the days whose rules it asks for are not in order", ErrCut)
		}
		p := f.Programme
		if x.Digest != p.Digest {
			var err error
			if p, err = past.Programme(x.Digest); err != nil {
				return err
			}
			if p.ID != f.Standing.Pin.Programme || !validOn(p, x.Day) {
				return fmt.Errorf("%w: the rules of %s were not in force that day", ErrCut, x.Day)
			}
		}
		if p.Version != x.Version {
			return fmt.Errorf("%w: the rules of %s are another version", ErrCut, x.Day)
		}
		f.Versions = append(f.Versions, p)
	}
	f.PeriodRules = r.Periods
	return nil
}

// validOn reports whether rules say of themselves that they hold on a day.
func validOn(p *programme.Programme, day Date) bool {
	return string(day) >= p.Valid.From && (p.Valid.Until == "" || string(day) <= p.Valid.Until)
}

// unlisted is a day whose rules a decision derived again asks for and the one
// recorded does not name.
func (r *Record) unlisted(derived *Record) error {
	for _, x := range derived.Periods {
		if _, ok := slices.BinarySearchFunc(r.Periods, x.Day, byDayOf); !ok {
			return fmt.Errorf("%w: it does not say which rules judged the period up to %s", ErrCut, x.Day)
		}
	}
	return nil
}

// rulesAsked are the days of periods that have ended whose rules the views of one
// assessment have asked for, in order.
type rulesAsked struct{ days []PeriodRules }

func (a *rulesAsked) note(day Date, p *programme.Programme) {
	if i, there := slices.BinarySearchFunc(a.days, day, byDayOf); !there {
		a.days = slices.Insert(a.days, i, PeriodRules{Day: day, Version: p.Version, Digest: p.Digest})
	}
}

// list is a copy of the days, or nil where each view has the same rules.
func (a *rulesAsked) list() []PeriodRules {
	if a == nil {
		return nil
	}
	return slices.Clone(a.days)
}

// main is the view outside of any track or period by the rules of today.
func (v *view) main() *view {
	if v.home != nil {
		return v.home
	}
	return v.base()
}

// ruledIn is the view outside of any track or period by the rules that a period
// is judged by: those in force on its last day, or on today while it runs.
func (v *view) ruledIn(x *period) *view {
	b := v.main()
	if b.rules == nil || x.until >= b.today {
		return b
	}
	p := b.f.rulesOf(x.until)
	if p == nil {
		p = b.p
	}
	b.rules.note(x.until, p)
	if p.Digest == b.p.Digest {
		return b
	}
	for _, w := range b.memo.ruled {
		if w.p.Digest == p.Digest {
			return w
		}
	}
	w := *b
	w.p, w.home, w.memo = p, b, newMemo()
	b.memo.ruled = append(b.memo.ruled, &w)
	return &w
}

// ruledAt is ruledIn of a kind's period by its name.
func (v *view) ruledAt(kind, name string) *view {
	b := v.main()
	if b.rules == nil {
		return b
	}
	for _, x := range b.periodsOf(kind) {
		if x.name == name {
			return b.ruledIn(&x)
		}
	}
	return b
}

// owedIn is an award of periods as the rules of a period have it, or nil where
// they do not ask for it.
func (v *view) owedIn(x *period, owed *programme.Award) *programme.Award {
	if v.rules == nil {
		return owed
	}
	a, ok := v.ruledIn(x).p.Award(owed.Key)
	if !ok || !a.Periodic() {
		return nil
	}
	return &a
}

// otherRules are the rules by which periods are judged, apart from those of today,
// in the order of the periods.
func (v *view) otherRules() []*programme.Programme {
	if v.rules == nil {
		return nil
	}
	var out []*programme.Programme
	for i := range v.p.Awards {
		for _, k := range v.askings(v.p.Awards[i].Key) {
			if p := v.in(k).p; p != v.p && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// againAtHome starts the view by the rules of today of other facts, for a view by
// those of a period.
func (v *view) againAtHome(was *view) {
	if was.home == nil {
		return
	}
	home := *was.home
	home.cut, home.at, home.today, home.asThen = v.cut, v.at, v.today, v.asThen
	home.memo = newMemo()
	v.home = &home
	ruled := v
	if v.outer != nil {
		v.outer.home = &home
		ruled = v.outer
	}
	home.memo.ruled = []*view{ruled}
}
