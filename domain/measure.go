package domain

import (
	"cmp"
	"slices"

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
	UncountedOtherItem     = "other-item"
	UncountedOtherTrack    = "other-track"
	UncountedOtherPeriod   = "other-period"
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

	UncountedNotQualified = "attester-not-qualified" // on the day it happened, or not for long enough by then
	UncountedNotApproved  = "provider-not-approved"  // on the days it happened
	UncountedUndocumented = "not-documented"
	UncountedRelated      = "attester-related"
	UncountedUsed         = "used-elsewhere" // a decision in force rests on it, or on a copy of the same activity
	UncountedCopy         = "same-activity"  // another piece of evidence about the same activity counts
	UncountedBetter       = "other-counts-more"
	UncountedTooLittle    = "too-little" // less than is asked of one, or than earns credit in its day, week or month
	UncountedNoScore      = "no-score"
	UncountedLowScore     = "score-too-low"
	UncountedAlike        = "counted-once"   // one that is alike counts
	UncountedUnnamed      = "unnamed"        // it does not say what tells it from others
	UncountedNothing      = "counts-nothing" // it is in a part of the total that counts up to nothing
)

// total is a measure's total with what stood behind it.
type total struct {
	Total
	tree    tree
	own     []int64 // by node of the tree: what is credited in it and in none of its parts
	counted []counted
	short   []counted // in days, weeks or months that earn no credit
	chosen  string    // the one title, provider … that counts, where one alone does
}

// counted is a piece of evidence that counts, in the order of the ledger.
type counted struct {
	x        *Evidence
	fact     *Fact
	node     int // of the tree
	quantity int64
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
func (v *view) as(x *Evidence) *Fact {
	for i := range x.Was {
		if !v.holds(x.Was[i].Until) {
			return &x.Was[i].Fact
		}
	}
	return &x.Fact
}

// total adds up a measure: select, place in time, choose, credit, truncate by
// part, total.
func (v *view) total(m *programme.Measure) total {
	if m.Key == "" {
		return v.addUp(m)
	}
	key := m.Key
	if m.Unused() {
		key += "@" + v.awardAtHand(m) // what is used elsewhere depends on who asks
	}
	sum, ok := v.memo.totals[key]
	if !ok {
		sum = v.addUp(m)
		v.memo.totals[key] = sum
	}
	return sum
}

func (v *view) addUp(m *programme.Measure) total {
	out := total{Total: Total{Measure: m.Key, Unit: m.Unit}, tree: treeOf(m.Parts)}
	dated, filed := v.window(m.Dated), v.window(m.Filed)
	once := v.copies.once()
	for i := range v.s.Evidence {
		x := &v.s.Evidence[i]
		fact := v.as(x)
		if x.Made.Sequence > v.cut || fact.Kind != m.Sum {
			continue
		}
		why := v.uncounted(x, fact, m, dated, filed)
		if why == "" && once.again(i) {
			why = UncountedCopy
		}
		node := 0
		if why == "" {
			if node = v.node(out.tree, x, fact); out.tree.nothing(node) {
				why = UncountedNothing
			}
		}
		if why != "" {
			out.leave(x, why)
			continue
		}
		out.counted = append(out.counted, counted{x, fact, node, *fact.Quantity})
	}
	v.choose(m, &out)
	out.credit(m.Credited)
	if len(out.counted) > 0 {
		out.Evidence = make([]uint64, len(out.counted))
	}
	for i, c := range out.counted {
		out.Evidence[i] = c.x.Made.Sequence
	}
	totals := out.tree.totals(out.own)
	out.Amount, out.Parts = totals[0], out.tree.shown(totals)
	return out
}

// leave leaves a fact out of the total.
func (t *total) leave(x *Evidence, why string) {
	t.NotCounted = append(t.NotCounted, NotCounted{Evidence: x.ID, Sequence: x.Made.Sequence, Reason: why})
}

// drop takes out those that count no longer, and says why.
func (t *total) drop(why string, leaves func(c *counted) bool) (dropped []counted) {
	var kept []counted
	for i := range t.counted {
		if c := &t.counted[i]; leaves(c) {
			dropped = append(dropped, *c)
			t.leave(c.x, why)
		} else {
			kept = append(kept, *c)
		}
	}
	t.counted = kept
	slices.SortStableFunc(t.NotCounted, func(a, b NotCounted) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return dropped
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
	if m.Credited != nil && m.Credited.Worth != nil {
		out = out / m.Credited.Worth.For * m.Credited.Worth.Gives
	}
	return out
}

// uncounted is why a piece of evidence does not count in a measure, or empty.
func (v *view) uncounted(x *Evidence, fact *Fact, m *programme.Measure, dated, filed []span) string {
	if !v.counts(x) {
		return UncountedVoided
	}
	if why := v.other(fact, &m.Where); why != "" {
		return why
	}
	switch unit := m.Summed(); {
	case fact.Quantity == nil:
		return UncountedNoQuantity
	case unit != "" && fact.Unit != unit, m.Currency != "" && fact.Currency != m.Currency:
		return UncountedOtherUnit
	}
	if why := v.unproven(x, fact, &m.Where); why != "" {
		return why
	}
	return misplaced(fact, dated, filed)
}

// misplaced is why a fact does not count where and when it happened and was
// filed, or empty.
func misplaced(fact *Fact, dated, filed []span) string {
	if why := place(dated, fact.From, fact.Until); why != "" {
		return why
	}
	if place(filed, fact.Received, fact.Received) != "" {
		return UncountedFiledLate
	}
	return ""
}

// choose leaves the best single title, provider, category or mode, where only
// one counts; of two that come to the same, the first by the alphabet.
func (v *view) choose(m *programme.Measure, t *total) {
	if m.InOne == "" {
		return
	}
	var values []string
	for _, c := range t.counted {
		values = append(values, attribute(m.InOne, c.fact))
	}
	slices.Sort(values)
	values = slices.Compact(values)
	best, most := "", int64(-1)
	for _, value := range values {
		alone := total{tree: t.tree}
		for _, c := range t.counted {
			if attribute(m.InOne, c.fact) == value {
				alone.counted = append(alone.counted, c)
			}
		}
		alone.credit(m.Credited)
		if n := alone.tree.totals(alone.own)[0]; n > most {
			best, most = value, n
		}
	}
	t.chosen = best
	t.drop(UncountedBetter, func(c *counted) bool { return attribute(m.InOne, c.fact) != best })
}

// attribute is what a fact says of one of the things by which facts are told
// apart.
func attribute(name string, f *Fact) string {
	switch name {
	case "title":
		return f.Title
	case "provider":
		return f.Provider
	case "category":
		return f.Category
	case "mode":
		return f.Mode
	case "module":
		return f.Module
	case "item":
		return f.Item
	case "session":
		return f.Session
	case "attester":
		return f.Attester
	case "day":
		return string(f.Until)
	}
	panic("domain: unknown attribute " + name)
}

func (v *view) sumResult(t programme.Sum, res *Result) {
	m := t.Inline
	if t.Measure != "" {
		m = found(v.p.Measure(t.Measure))
	}
	sum := v.total(m)
	var bound int64 // a sum with parts alone asks for their minima
	if t.AtLeast != nil {
		bound = *t.AtLeast * v.times(t.Times)
	}
	owed, brought := v.carried(&t, m, bound)
	bound += owed
	got := sum.Amount + brought
	res.Carried = owed - brought
	res.Evidence, res.Left = sum.Evidence, &Amount{Number: &got, Unit: m.Unit, Noun: m.Currency}
	if t.Inline != nil {
		res.NotCounted = wanting(sum.NotCounted)
	}
	if t.AtMost != nil {
		res.MetOn = v.reachedOn(m, sum, t.AtLeast)
		res.Test, res.Right = "at-most", &Amount{Number: t.AtMost, Unit: m.Unit, Noun: m.Currency}
		res.Verdict = Open
		if got > *t.AtMost {
			res.Verdict, res.Lacks = NotMet, &Lack{LiftedBy: []string{"correction"}}
		}
		return
	}
	res.Test, res.Right, res.Parts = "at-least", &Amount{Number: &bound, Unit: m.Unit, Noun: m.Currency}, sum.tree.asked(sum.own)
	needs := v.sumNeeds(m, sum, bound-brought)
	if len(needs) == 0 {
		res.Verdict = Met
		if t.AtLeast != nil || len(m.Parts) > 0 {
			left := bound - brought
			res.MetOn = v.reachedOn(m, sum, &left)
		}
		return
	}
	v.wants(needs, m.Dated, m.Filed, res)
}

// wanting are the facts left out that are what was asked for and yet do not
// count. Others are not worth telling.
func wanting(all []NotCounted) []NotCounted {
	var out []NotCounted
	for _, n := range all {
		if !selectsOther[n.Reason] {
			out = append(out, n)
		}
	}
	return out
}

// selectsOther are the reasons of facts that are simply about something else. Who
// attests or files is no such reason: it is the right fact from the wrong person.
var selectsOther = map[string]bool{
	UncountedOtherCategory: true, UncountedOtherOutcome: true, UncountedOtherTitle: true, UncountedOtherMode: true,
	UncountedOtherProvider: true, UncountedOtherModule: true,
	UncountedOtherItem: true, UncountedOtherTrack: true, UncountedOtherPeriod: true, UncountedVoided: true,
}

// wants says what is lacking: the facts that the windows wait for, then the
// needs, each with the days on which it still counts.
func (v *view) wants(needs []Need, dated, filed *programme.Window, res *Result) {
	res.Verdict, res.MetOn = Open, ""
	lack, closed := v.windowNeeds(dated)
	if closed == "" && len(lack.LiftedBy) == 0 {
		var more *Lack
		if more, closed = v.windowNeeds(filed); more != nil {
			lack = &Lack{Needs: append(slices.Clip(lack.Needs), more.Needs...), LiftedBy: more.LiftedBy}
		}
	}
	if closed != "" {
		res.Verdict, res.Lacks = NotMet, &Lack{Closed: closed, LiftedBy: []string{"correction"}}
		return
	}
	if len(lack.LiftedBy) == 0 {
		v.datedNeeds(needs, dated, filed)
		lack.Needs = append(slices.Clip(lack.Needs), needs...)
	}
	res.Lacks = lack
}

// datedNeeds says of each need from when and until when it counts, where that
// is bounded.
func (v *view) datedNeeds(needs []Need, dated, filed *programme.Window) {
	from, until := v.openDays(dated)
	if _, by := v.openDays(filed); until == endless {
		until = by
	}
	for i := range needs {
		n := &needs[i]
		if n.Do == "record" && n.From == "" && n.Until == "" {
			n.From, n.Until = from, until
		}
	}
}

// openDays are the days left of a window: from when, where that is still to
// come, and until when, where it ends.
func (v *view) openDays(w *programme.Window) (from, until Date) {
	if w == nil {
		return "", endless
	}
	return v.stillOpen(v.window(w))
}

// stillOpen is from when days are open, where that is still to come, and until
// when, where it ends.
func (v *view) stillOpen(spans []span) (from, until Date) {
	for _, s := range spans {
		if s.until != endless && s.until < v.today {
			continue
		}
		if s.from > v.today {
			from = s.from
		}
		return from, s.until
	}
	return "", endless
}

// reachedOn is the day of the fact with which the total reached the bound, and
// each part what it needs.
func (v *view) reachedOn(m *programme.Measure, sum total, bound *int64) Date {
	if bound == nil {
		return ""
	}
	if len(m.Parts) > 0 || m.Credited != nil || m.InOne != "" {
		return sum.reachedOn(m, *bound)
	}
	running := int64(0)
	var last Date
	for _, c := range sum.counted {
		running += c.quantity
		last = max(last, c.fact.Until)
		if running >= *bound {
			return last
		}
	}
	return ""
}

// reachedOn is the first day at whose end what is counted was enough.
func (t *total) reachedOn(m *programme.Measure, bound int64) Date {
	days := make([]Date, len(t.counted))
	for i, c := range t.counted {
		days[i] = c.fact.Until
	}
	slices.Sort(days)
	days = slices.Compact(days)
	i, _ := slices.BinarySearchFunc(days, true, func(day Date, _ bool) int {
		by := total{tree: t.tree}
		for _, c := range t.counted {
			if c.fact.Until <= day {
				by.counted = append(by.counted, c)
			}
		}
		by.credit(m.Credited)
		if by.tree.enough(by.own, bound) {
			return 0
		}
		return -1
	})
	if i == len(days) {
		return ""
	}
	return days[i]
}
