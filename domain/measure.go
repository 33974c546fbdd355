package domain

import (
	"slices"
	"strings"

	"github.com/certledger/certledger/domain/programme"
)

// Reasons why a recorded fact is not counted. Stable codes.
const (
	UncountedOtherCategory = "other-category"
	UncountedOtherOutcome  = "other-outcome"
	UncountedOtherTitle    = "other-title"
	UncountedOtherMode     = "other-mode"
	UncountedOtherProvider = "other-provider"
	UncountedOtherAttester = "other-attester"
	UncountedOtherFiler    = "other-filer"
	UncountedOtherModule   = "other-module"
	UncountedNotSigned     = "not-signed"
	UncountedNotAnswered   = "not-answered"
	UncountedDisputed      = "disputed"
	UncountedVoided        = "voided"
	UncountedNoQuantity    = "no-quantity"
	UncountedOtherUnit     = "other-unit"
	UncountedBefore        = "before-window"
	UncountedAfter         = "after-window"
	UncountedAcross        = "across-window"
	UncountedFiledLate     = "outside-filing"
	UncountedUnknownKind   = "unknown-kind"
	UncountedShownOnly     = "shown-only"
)

// total is a measure's total with what stood behind each part of it.
type total struct {
	Total
	parts map[string]int64 // category path to amount before truncation
}

// counts reports whether a piece of evidence is there at all for this view.
func (v *view) counts(x *Evidence) bool {
	if x.Made.Sequence > v.cut || x.Until > v.today || v.asThen && x.Made.Time.After(v.at) {
		return false
	}
	return x.Voided == nil || !v.holds(*x.Voided)
}

// as is what a piece of evidence said in this view: before corrections that it
// does not know.
func (v *view) as(x *Evidence) Fact {
	for _, w := range x.Was {
		if !v.holds(w.Until) {
			return w.Fact
		}
	}
	return x.Fact
}

// total adds up a measure: select, place in time, credit, truncate by part, total.
func (v *view) total(m *programme.Measure) total {
	if m.Key == "" {
		return v.addUp(m)
	}
	sum, ok := v.totals[m.Key]
	if !ok {
		sum = v.addUp(m)
		v.totals[m.Key] = sum
	}
	return sum
}

func (v *view) addUp(m *programme.Measure) total {
	out := total{Total: Total{Measure: m.Key, Unit: m.Unit}, parts: map[string]int64{}}
	dated, filed := v.window(m.Dated), v.window(m.Filed)
	for i := range v.s.Evidence {
		x := &v.s.Evidence[i]
		if x.Made.Sequence > v.cut || v.as(x).Kind != m.Sum {
			continue
		}
		if why := v.uncounted(x, m, dated, filed); why != "" {
			out.NotCounted = append(out.NotCounted, NotCounted{Evidence: x.ID, Sequence: x.Made.Sequence, Reason: why})
			continue
		}
		out.Evidence = append(out.Evidence, x.Made.Sequence)
		out.Amount += *v.as(x).Quantity
		out.parts[v.as(x).Category] += *v.as(x).Quantity
	}
	if len(m.Parts) > 0 {
		out.Amount = truncated(m.Parts, out.parts)
	}
	return out
}

// most is what a measure can come to at most: everything of its kind.
func (v *view) most(m *programme.Measure) int64 {
	out := int64(0)
	for i := range v.s.Evidence {
		x := &v.s.Evidence[i]
		if f := v.as(x); f.Kind == m.Sum && f.Quantity != nil && v.counts(x) {
			out += *f.Quantity
		}
	}
	return out
}

// uncounted is why a piece of evidence does not count in a measure, or empty.
func (v *view) uncounted(x *Evidence, m *programme.Measure, dated, filed []span) string {
	fact := v.as(x)
	switch {
	case !v.counts(x):
		return UncountedVoided
	case fact.Quantity == nil:
		return UncountedNoQuantity
	case m.Unit != "" && fact.Unit != m.Unit, m.Currency != "" && fact.Currency != m.Currency:
		return UncountedOtherUnit
	}
	if why := v.unfit(x, m.Where); why != "" {
		return why
	}
	if why := place(dated, fact.From, fact.Until); why != "" {
		return why
	}
	if place(filed, fact.Received, fact.Received) != "" {
		return UncountedFiledLate
	}
	return ""
}

// truncated totals a tree of parts bottom-up: no part counts for more than its
// bound. What is in no part counts freely.
func truncated(parts []programme.Part, amounts map[string]int64) int64 {
	out, inParts := int64(0), int64(0)
	for i := range parts {
		out += partTotal(&parts[i], parts[i].Key, amounts)
		inParts += rawPart(parts[i].Key, amounts)
	}
	all := int64(0)
	for _, n := range amounts { // order-free: a sum
		all += n
	}
	return out + all - inParts
}

func partTotal(p *programme.Part, path string, amounts map[string]int64) int64 {
	out, inParts := int64(0), int64(0)
	for i := range p.Parts {
		below := path + "/" + p.Parts[i].Key
		out += partTotal(&p.Parts[i], below, amounts)
		inParts += rawPart(below, amounts)
	}
	out += rawPart(path, amounts) - inParts
	if p.CountsUpTo != nil {
		out = min(out, *p.CountsUpTo)
	}
	return out
}

func rawPart(path string, amounts map[string]int64) int64 {
	out := int64(0)
	for category, n := range amounts { // order-free: a sum
		if within(category, path) {
			out += n
		}
	}
	return out
}

func (v *view) sumResult(t programme.Sum, res *Result) {
	m := t.Inline
	if t.Measure != "" {
		m = found(v.p.Measure(t.Measure))
	}
	sum := v.total(m)
	var bound int64 // a sum with parts alone asks for their minima
	if t.AtLeast != nil {
		bound = *t.AtLeast
	}
	res.Evidence, res.MetOn = sum.Evidence, v.reachedOn(m, sum, t.AtLeast)
	res.Left = &Amount{Number: &sum.Amount, Unit: m.Unit}
	if t.AtMost != nil {
		res.Test, res.Right = "at-most", &Amount{Number: t.AtMost, Unit: m.Unit}
		res.Verdict = Open
		if sum.Amount > *t.AtMost {
			res.Verdict, res.Lacks = NotMet, &Lack{LiftedBy: []string{"correction"}}
		}
		return
	}
	res.Test, res.Right = "at-least", &Amount{Number: &bound, Unit: m.Unit}
	needs := v.sumNeeds(m, sum, bound)
	if len(needs) == 0 {
		res.Verdict = Met
		return
	}
	res.Verdict, res.MetOn = Open, ""
	lack, closed := v.windowNeeds(m.Dated)
	if closed != "" {
		res.Verdict, res.Lacks = NotMet, &Lack{Closed: closed, LiftedBy: []string{"correction"}}
		return
	}
	if len(lack.LiftedBy) == 0 {
		lack.Needs = append(lack.Needs, needs...)
	}
	res.Lacks = lack
}

// reachedOn is the day of the fact with which the total reached the bound.
func (v *view) reachedOn(m *programme.Measure, sum total, bound *int64) Date {
	if bound == nil || len(m.Parts) > 0 {
		return ""
	}
	running := int64(0)
	var days []Date
	for i := range v.s.Evidence {
		x := &v.s.Evidence[i]
		if !slices.Contains(sum.Evidence, x.Made.Sequence) {
			continue
		}
		running += *v.as(x).Quantity
		days = append(days, v.as(x).Until)
		if running >= *bound {
			return slices.Max(days)
		}
	}
	return ""
}

// sumNeeds is what a total lacks: each part's own need bottom-up, then the rest
// wherever there is room.
func (v *view) sumNeeds(m *programme.Measure, sum total, bound int64) []Need {
	base := needOf(&programme.Has{Kind: m.Sum, Where: m.Where})
	base.Category, base.Unit, base.Currency = "", m.Unit, m.Currency
	if len(m.Where.Category) > 0 {
		base.Category = m.Where.Category[0]
	}
	amounts := map[string]int64{}
	for k, n := range sum.parts { // order-free: a copy
		amounts[k] = n
	}
	var needs []Need
	add := func(category string, n int64) {
		need := base
		if category != "" {
			need.Category = category
		}
		need.Quantity = &n
		needs = append(needs, need)
		amounts[need.Category] += n
	}
	for i := range m.Parts {
		partNeeds(&m.Parts[i], m.Parts[i].Key, amounts, add)
	}
	got := sum.Amount
	if len(m.Parts) > 0 {
		got = truncated(m.Parts, amounts)
	}
	if rest := bound - got; rest > 0 {
		add(roomIn(m.Parts, "", amounts), rest)
	}
	return needs
}

func partNeeds(p *programme.Part, path string, amounts map[string]int64, add func(string, int64)) {
	for i := range p.Parts {
		partNeeds(&p.Parts[i], path+"/"+p.Parts[i].Key, amounts, add)
	}
	if p.AtLeast == nil {
		return
	}
	if short := *p.AtLeast - partTotal(p, path, amounts); short > 0 {
		add(roomIn(p.Parts, path, amounts), short)
	}
}

// roomIn is a category where more still counts: the first part without a bound,
// or the path itself.
func roomIn(parts []programme.Part, path string, amounts map[string]int64) string {
	for i := range parts {
		if parts[i].CountsUpTo == nil {
			return roomIn(parts[i].Parts, strings.TrimPrefix(path+"/"+parts[i].Key, "/"), amounts)
		}
	}
	return path
}

func (v *view) hasResult(t programme.Has, res *Result) {
	res.Test = "has"
	spans := v.window(t.Dated)
	var n int64
	var days []Date
	for i := range v.s.Evidence {
		x := &v.s.Evidence[i]
		fact := v.as(x)
		if fact.Kind != t.Kind || !v.counts(x) || v.unfit(x, t.Where) != "" {
			continue
		}
		if t.Dated != nil && place(spans, fact.From, fact.Until) != "" {
			continue
		}
		n++
		days = append(days, fact.Until)
		res.Evidence = append(res.Evidence, x.Made.Sequence)
	}
	res.Left, res.Right = count(n, t.Kind), count(t.AtLeast, t.Kind)
	if n >= t.AtLeast {
		slices.Sort(days)
		res.Verdict, res.MetOn = Met, days[t.AtLeast-1]
		return
	}
	res.Verdict = Open
	lack, closed := v.windowNeeds(t.Dated)
	if closed != "" {
		res.Verdict, res.Lacks = NotMet, &Lack{Closed: closed, LiftedBy: []string{"correction"}}
		return
	}
	for range t.AtLeast - n {
		if len(lack.LiftedBy) > 0 {
			break
		}
		lack.Needs = append(lack.Needs, needOf(&t))
	}
	res.Lacks = lack
}

func needOf(t *programme.Has) Need {
	return Need{
		Do: "record", Of: t.Kind, Category: first(t.Where.Category), Outcome: first(t.Where.Outcome), Title: first(t.Where.Title),
		Mode: first(t.Where.Mode), Provider: first(t.Where.Provider), Module: first(t.Where.Module),
		SignedBy: t.Where.SignedBy, By: t.Where.Filed, Attester: t.Where.Attester, Answer: t.Where.Answered,
	}
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
