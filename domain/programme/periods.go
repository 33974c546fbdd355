package programme

import (
	"slices"
	"strings"
)

// periods reads spans of time in which something is owed again and again.
func (r *reader) periods(n *node) {
	r.named(n, "periods", func(key, value *node, path string) {
		t, ok := r.open(value, path, "a period", "lasts", "first", "first-lasts", "next", "source", "assumes")
		if !ok {
			return
		}
		p := PeriodKind{Key: key.text, Next: NextOldEnd, Source: t.cites(), Assumes: t.assumes()}
		if n := t.need("lasts", "a period"); n != nil {
			r.lasts(n, t.at("lasts"), &p)
		}
		if n := t.need("first", "a period"); n != nil {
			r.firstPeriod(n, t.at("first"), &p)
		}
		if n := t.get("first-lasts"); n != nil {
			r.firstLasts(n, t.at("first-lasts"), &p)
		}
		if n := t.get("next"); n != nil {
			words := map[string]string{"old end": NextOldEnd, "renewal": NextRenewal, "late renewal": NextLateRenewal}
			p.Next = words[r.oneOf(n, t.at("next"), []string{"old end", "renewal", "late renewal"})]
			if p.Calendar {
				r.fail(n, t.at("next"), "", "a calendar year follows another whatever happens")
			}
		}
		r.p.Periods = append(r.p.Periods, p)
	})
}

// lasts reads how long a period is: a length, a calendar year, or until a day of
// the year.
func (r *reader) lasts(n *node, path string, p *PeriodKind) {
	if n.kind != tableNode {
		if r.isWord(n, path) {
			if p.Calendar = n.text == "calendar year"; !p.Calendar {
				p.Lasts = r.length(n, path)
			}
		}
		return
	}
	t, ok := r.open(n, path, "lasts", "until", "at-least")
	if !ok {
		return
	}
	if until := t.need("until", "lasts"); until != nil {
		if a, ok := r.quantity(until, t.at("until"), UnitYearDay); ok {
			p.EndsOn = yearlyDay(a.number)
		}
	}
	if least := t.get("at-least"); least != nil {
		p.Least = r.length(least, t.at("at-least"))
	}
}

// firstLasts reads how long the first period is: a length, or a fact that
// states one.
func (r *reader) firstLasts(n *node, path string, p *PeriodKind) {
	switch {
	case p.Calendar:
		r.fail(n, path, "", "a calendar year lasts a year")
	case p.EndsOn != "":
		r.fail(n, path, "", "the first ends on that day of the year like the others")
	case n.kind == tableNode:
		if p.FirstBy = r.has(n, path, "period "+p.Key); p.FirstBy == nil {
			return
		}
		if q := p.FirstBy.Quantity; q != nil && q.Unit != UnitMonth && q.Unit != UnitDay {
			r.fail(n, path, "write months or days", "a period is no such quantity long")
		}
	default:
		p.FirstLasts = r.length(n, path)
	}
}

// firstPeriod reads when the first period begins: a moment, or of calendar
// years the year of it or the one after.
func (r *reader) firstPeriod(n *node, path string, p *PeriodKind) {
	if !p.Calendar {
		p.First = r.moments(n, path, "period "+p.Key)
		return
	}
	if !r.isWord(n, path) {
		return
	}
	for _, x := range []struct{ phrase, year string }{{"year after ", "after"}, {"year of ", "of"}} {
		if rest, ok := strings.CutPrefix(n.text, x.phrase); ok {
			p.FirstYear = x.year
			p.First = r.moments(&node{kind: wordNode, text: rest, line: n.line, col: n.col}, path, "period "+p.Key)
			return
		}
	}
	r.fail(n, path, "write year of MOMENT or year after MOMENT", "%q does not say which calendar year is the first", n.text)
}

func (r *reader) periodKeys() []string {
	return keys(r.p.Periods, func(p PeriodKind) string { return p.Key })
}

// statuses reads the words for standing after issue.
func (r *reader) statuses(n *node) {
	r.named(n, "statuses", func(key, value *node, path string) {
		if slices.Contains(decidedStatuses, key.text) {
			r.fail(key, path, "a person's decision gives it; choose another word", "%q is not a status that time brings", key.text)
		}
		t, ok := r.open(value, path, "a status", "holds-title", "says", "source")
		if !ok {
			return
		}
		r.p.Statuses = append(r.p.Statuses, StatusWord{Key: key.text, HoldsTitle: t.truth("holds-title", false), Says: t.text("says"), Source: t.cites()})
	})
}

// decidedStatuses are statuses that only a person's decision or the
// participant's own act brings.
var decidedStatuses = []string{"registered", "withdrawn", "no-show", "revoked", "surrendered"}

func (r *reader) statusKeys() []string {
	return keys(r.p.Statuses, func(s StatusWord) string { return s.Key })
}

// after reads what becomes of a period that has ended and is not settled.
func (r *reader) after(n *node) {
	r.named(n, "after", func(key, value *node, path string) {
		award := r.reference(key, path, "award", r.awardKeys())
		if award == "" {
			return
		}
		begins := value.child("begins")
		if a, _ := r.p.Award(award); a.Each == EachTrack || a.Each == "" && begins == nil {
			r.fail(key, path, "give the award each: and a period", "the award %s has no periods that could end", award)
			return
		}
		out := Aftermath{Award: award, Begins: r.moments(begins, path+"/begins", "after "+award)}
		r.named(value, path, func(key, value *node, path string) {
			if key.text == "begins" {
				return
			}
			if x, ok := r.phase(key, value, path, "after "+award); ok {
				out.Phases = append(out.Phases, x)
			}
		})
		for i, x := range out.Phases {
			if (len(x.Until) == 0) != (i == len(out.Phases)-1) {
				r.fail(key, path+"/"+x.Key, "every phase but the last has until, and the last has none", "the phases do not say what holds when")
			}
		}
		r.p.After = append(r.p.After, out)
	})
}

func (r *reader) phase(key, value *node, path, owner string) (Phase, bool) {
	t, ok := r.open(value, path, "a phase", "until", "status", "may", "fee", "start-again", "says", "source", "assumes")
	if !ok {
		return Phase{}, false
	}
	x := Phase{Key: key.text, StartAgain: t.truth("start-again", false), Says: t.text("says"), Source: t.cites(), Assumes: t.assumes()}
	x.Until = r.moments(t.get("until"), t.at("until"), owner)
	if n := t.need("status", "a phase"); n != nil {
		x.Status = r.reference(n, t.at("status"), "status", append(r.statusKeys(), "active"))
	}
	r.each(t.get("may"), t.at("may"), func(item *node, path string) {
		if w := r.oneOf(item, path, []string{"earn", "file"}); w != "" {
			x.May = append(x.May, w)
		}
	})
	if n := t.get("fee"); n != nil {
		if a, ok := r.quantity(n, t.at("fee"), UnitCent); ok {
			x.Fee = &Value{Number: a.number, Unit: a.unit, Noun: a.noun}
		}
	}
	return x, true
}

// Period finds a kind of period.
func (p *Programme) Period(key string) (PeriodKind, bool) {
	return find(p.Periods, key, func(x PeriodKind) string { return x.Key })
}

// Status finds a word for standing after issue.
func (p *Programme) Status(key string) (StatusWord, bool) {
	return find(p.Statuses, key, func(x StatusWord) string { return x.Key })
}

// Aftermath finds what becomes of an award's periods.
func (p *Programme) Aftermath(award string) (Aftermath, bool) {
	return find(p.After, award, func(x Aftermath) string { return x.Award })
}

// Owed is the award that is asked in a kind of period: the first with it.
func (p *Programme) Owed(period string) (Award, bool) {
	return find(p.Awards, period, func(a Award) string { return a.Each })
}

// Periodic reports whether an award is asked anew in each period.
func (a Award) Periodic() bool { return a.Each != "" && a.Each != EachTrack }
