package programme

import (
	"slices"
	"strconv"
	"strings"
)

func (t teller) requirements() []Item {
	var out []Item
	for _, q := range t.p.Requirements {
		out = append(out, t.requirement(q, true))
	}
	return out
}

func (t teller) requirement(q Requirement, top bool) Item {
	var l lines
	l.add("when", "Applies", whenWords(q.When))
	item := Item{Key: q.Path, Lead: q.Says, was: q.Was}
	t.test(&l, &item, q)
	if top {
		l.add("otherwise", cappedWhile(q.Test), capWords(q.For, q.Otherwise))
		if q.WhileOpen != q.Otherwise {
			l.add("while-open", "While nobody can say yet", capWords(q.For, q.WhileOpen))
		}
		l.add("raises", "Raises", comma(q.Raises))
		l.add("warn", "Warns", warnWords(q.WarnLeft))
		l.add("may-be-waived", "May be waived", waivableWords(q.Waivable))
	}
	l.add("kindly", "What a participant is told", q.Kindly)
	l.rests(q.Source, q.Assumes)
	l.add("was", "Was called", q.Was)
	item.Lines = l
	return item
}

// cappedWhile says when a requirement caps: an upper bound only once it is exceeded.
func cappedWhile(test Test) string {
	switch t := test.(type) {
	case Missed:
		return "Once more are missed"
	case Sum:
		if t.AtMost != nil && t.AtLeast == nil {
			return "Once it is more"
		}
	case Combined:
		if t.Op == "none-of" {
			return "Once one of them is so"
		}
	}
	return "While it is not met"
}

func capWords(award, level string) string {
	if level == "" {
		return ""
	}
	return spoken(award) + " is at most " + spoken(level)
}

func warnWords(left []int64) string {
	if len(left) == 0 {
		return ""
	}
	out := make([]string, len(left))
	for i, n := range left {
		out[i] = number(n)
	}
	return "when only " + or(out) + " are left"
}

func waivableWords(w string) string {
	switch w {
	case "whole":
		return "as a whole"
	case "per-session":
		return "session by session"
	}
	return w
}

func whenWords(w *When) string {
	if w == nil {
		return ""
	}
	var on []string
	if w.Parameter != "" {
		on = append(on, "the parameter "+w.Parameter+" is true; it is "+strconv.FormatBool(w.Holds))
	}
	if w.Filed != "" {
		on = append(on, "the "+spoken(w.Filed)+" was received")
	}
	if w.Received != nil {
		on = append(on, windowWords(w.Received))
	}
	if w.Has != nil {
		on = append(on, hasWords(*w.Has))
	}
	if w.Track != "" {
		on = append(on, "the track is "+spoken(w.Track))
	}
	if w.Unless {
		return "unless " + strings.Join(on, " ")
	}
	return "only if " + strings.Join(on, " ")
}

// test says what is asked, and the children of a combination.
func (t teller) test(l *lines, item *Item, q Requirement) {
	is := func(says string) { l.add("test", "Asks", sentence(says)) }
	switch v := q.Test.(type) {
	case Missed:
		is(missedWords(v))
	case Sum:
		t.sum(l, v)
	case Reaches:
		is("the total of " + t.totalName(v.Measure, v.Inline) + " supports " + reachWords(v))
		t.counted(l, v.Measure, v.Inline)
	case Has:
		is(hasWords(v))
	case Elapsed:
		is(elapsedWords(v))
	case Rated:
		is(ratedWords(v))
	case Judged:
		is(t.judgedWords(v))
	case TasksDone:
		s := "every " + spoken(v.Kind) + " that was set is done"
		if v.CountAtLeast > 0 {
			s += ", and at least " + number(v.CountAtLeast) + " was set"
		}
		is(s)
	case Submitted:
		if v.Is == "filed" {
			is("the " + spoken(v.Kind) + " is filed")
		} else {
			s, _ := t.p.Submission(v.Kind)
			is("the " + spoken(v.Kind) + " is answered " + spoken(v.Is) + orHigher(s.Answers, v.Is))
		}
	case AtEach:
		t.atEach(l, v)
	case RegistrationIs:
		is("the registration is " + spoken(v.State))
	case Combined:
		is(combinedWords(v))
		for _, c := range v.Children {
			item.Items = append(item.Items, t.requirement(c, false))
		}
	}
}

func combinedWords(c Combined) string {
	least := ""
	if c.N > 0 {
		least = "at least " + number(c.N) + " of "
	}
	switch c.Op {
	case "all-of":
		return least + "all of these:"
	case "any-of":
		return least + "any one of these:"
	case "none-of":
		return least + "none of these:"
	case "at-least-of":
		return least + "these:"
	}
	return least + c.Op + ":"
}

func missedWords(m Missed) string {
	what, among := strings.TrimSuffix(spoken(m.Of), "s"), ""
	if m.Modules != nil {
		among = " of the modules " + and(m.Modules)
		if len(m.Modules) == 0 {
			among = " of no module"
		}
	}
	s := "no " + what + among + " may be missed"
	if m.AtMost > 0 {
		s = "at most " + plural(m.AtMost, spoken(m.Of)) + among + " may be missed"
	}
	if m.Of == "modules" {
		s += "; a module is missed if any of its sessions is"
	}
	return s
}

// totalName is what is summed: a measure by its key, or a kind of fact.
func (t teller) totalName(measure string, inline *Measure) string {
	if measure != "" {
		return measure
	}
	if inline == nil {
		return "nothing"
	}
	return selected(inline.Sum, inline.Where, inline.Dated, inline.Filed)
}

func (t teller) sum(l *lines, s Sum) {
	var bounds []string
	if s.AtLeast != nil {
		bounds = append(bounds, "at least "+quantity(*s.AtLeast, s.Unit, s.Currency))
	}
	if s.AtMost != nil {
		bounds = append(bounds, "at most "+quantity(*s.AtMost, s.Unit, s.Currency))
	}
	bound := and(bounds)
	if bound == "" {
		bound = "what its parts ask for, in " + unitName(s.Unit, s.Currency) + ","
	}
	l.add("test", "Asks", sentence(bound+" of "+t.totalName(s.Measure, s.Inline)))
	l.add("for-each", "The bound is asked", timesWords(s.Times))
	l.add("carry", "Over to the next period", carryWords(s.Carry, s.Unit, s.Currency))
	t.counted(l, s.Measure, s.Inline)
}

// counted says how a total is reckoned: of a measure again, since the reader
// wants it here, and of a sum of its own.
func (t teller) counted(l *lines, measure string, inline *Measure) {
	if measure != "" {
		if m, ok := t.p.Measure(measure); ok {
			l.repeat("counted", "What counts", sentence(selected(m.Sum, m.Where, m.Dated, m.Filed)))
		}
		return
	}
	if inline != nil {
		reckoned(l, *inline)
		l.rests(nil, inline.Assumes)
		l.add("key", "Measure", inline.Key)
	}
}

func unitName(unit, currency string) string {
	switch unit {
	case UnitMinute:
		return "hours and minutes"
	case UnitHundredth:
		return "credits"
	case UnitCent:
		return strings.TrimSpace("money " + currency)
	case UnitCount, "":
		return "whole numbers"
	}
	return strings.TrimSpace(unit + "s " + currency)
}

func timesWords(times *Times) string {
	if times == nil {
		return ""
	}
	var out []string
	if times.Missed != "" {
		out = append(out, "once for each missed period of "+spoken(times.Missed))
	}
	if times.Current {
		out = append(out, "once for the present period")
	}
	if len(times.Since) > 0 {
		out = append(out, "once for each year begun since "+momentsWords(times.Since, true))
	}
	return and(out)
}

func carryWords(c *Carry, unit, currency string) string {
	if c == nil {
		return ""
	}
	var out []string
	if c.Shortfall {
		out = append(out, "what a settled period turns out to lack is added to the bound")
	}
	if c.Excess {
		out = append(out, "what is over the bound counts")
	}
	s := and(out)
	if c.UpTo != nil {
		s += ", up to " + quantity(*c.UpTo, unit, currency)
	}
	return s
}

func reachWords(r Reaches) string {
	out := make([]string, len(r.Steps))
	for i, s := range r.Steps {
		out[i] = spoken(s.Level) + " from " + quantity(s.AtLeast, r.Unit, r.Currency)
	}
	return comma(out)
}

func hasWords(h Has) string {
	s := "there is a record of "
	if h.AtLeast > 1 {
		s = "there are at least " + number(h.AtLeast) + " records of "
	}
	s += selected(h.Kind, h.Where, h.Dated, h.Filed)
	if h.Quantity != nil {
		s += ", each of at least " + valueWords(*h.Quantity)
	}
	if h.Share != nil {
		s += ", scored at least " + quantity(*h.Share, UnitBasisPoint, "")
	}
	if h.Distinct != "" {
		s += ", those of one " + spoken(h.Distinct) + " counting once"
	}
	if h.Person != "" {
		s += "; what such a record means is for " + roleWords(h.Person) + " to answer, and until then somebody has to look"
	}
	return s
}

func elapsedWords(e Elapsed) string {
	if len(e.To) == 0 {
		return lengthWords(e.AtLeast) + " or more have passed since " + momentsWords(e.From, true)
	}
	return lengthWords(e.AtLeast) + " or more lie between " + momentsWords(e.From, true) + " and " + momentsWords(e.To, true)
}

func ratedWords(r Rated) string {
	var asks []string
	if r.EachAtLeast != "" {
		asks = append(asks, "each item is rated "+spoken(r.EachAtLeast)+" or better")
	}
	if r.AtLeast > 0 {
		asks = append(asks, "at least "+plural(r.AtLeast, "items")+" are rated "+spoken(r.Counting)+" or better")
	} else if r.Counting != "" {
		asks = append(asks, "items count from "+spoken(r.Counting))
	}
	in := "in " + spoken(r.Question)
	if r.Last {
		in = "in the last " + spoken(r.Question)
	}
	if r.Section != "" {
		in += ", section " + spoken(r.Section)
	}
	return in + ", " + and(asks) + signedWords(r.SignedBy)
}

func (t teller) judgedWords(j Judged) string {
	which := "the answer to " + spoken(j.Question)
	if j.Last {
		which = "the last answer to " + spoken(j.Question)
	}
	if j.AtLeast == "" {
		return which + " is given, whatever it is" + signedWords(j.SignedBy)
	}
	q, _ := t.p.Question(j.Question)
	return which + " is " + spoken(j.AtLeast) + orHigher(q.Answers, j.AtLeast) + signedWords(j.SignedBy)
}

// orHigher is said of an answer that others lie above.
func orHigher(answers []string, answer string) string {
	if len(answers) > 0 && answers[len(answers)-1] == answer {
		return ""
	}
	return " or higher"
}

func signedWords(by []string) string {
	if len(by) == 0 {
		return ""
	}
	return ", signed by " + rolesWords(by, and)
}

func (t teller) atEach(l *lines, e AtEach) {
	unit, currency := UnitCount, ""
	if m, ok := t.p.Measure(e.Measure); ok {
		unit, currency = m.Unit, m.Currency
	}
	steps := make([]string, len(e.Steps))
	for i, n := range e.Steps {
		steps[i] = quantity(n, unit, currency)
	}
	var each []string
	if e.Has != nil {
		each = append(each, hasWords(*e.Has))
	}
	if e.Judged != nil {
		each = append(each, t.judgedWords(*e.Judged))
	}
	l.add("test", "Asks", sentence("at each of "+comma(steps)+" of "+e.Measure+", "+and(each)))
	if e.Late == nil {
		return
	}
	late := "one that is filed after the next step was complete is late"
	if e.Late.Unless != "" {
		late += ", unless it is answered " + spoken(e.Late.Unless)
	}
	if e.Late.Raises != "" {
		late += "; it raises " + e.Late.Raises
	}
	l.add("late", "Late", sentence(late))
}

func (t teller) measures() []Item {
	var out []Item
	for _, m := range t.p.Measures {
		var l lines
		l.add("sum", "Adds up", selected(m.Sum, m.Where, m.Dated, m.Filed))
		l.add("unit", "In", unitName(m.Unit, m.Currency))
		reckoned(&l, m)
		l.rests(nil, m.Assumes)
		out = append(out, Item{Key: m.Key, Lines: l})
	}
	return out
}

// reckoned says how what is selected becomes a total.
func reckoned(l *lines, m Measure) {
	if m.InOne != "" {
		l.add("in-one", "Only", "the best single "+spoken(m.InOne)+" counts")
	}
	l.add("credited", "Credited", creditedWords(m))
	partLines(l, "", m.Parts, m)
}

func creditedWords(m Measure) string {
	c := m.Credited
	if c == nil {
		return ""
	}
	unit := m.Unit
	if c.Worth != nil {
		unit = c.Worth.Of
	}
	var out []string
	if c.WholeOnly != nil {
		out = append(out, "only whole multiples of "+quantity(*c.WholeOnly, unit, m.Currency)+" count and the rest is lost")
	}
	if c.UpTo != nil {
		out = append(out, "no more than "+quantity(*c.UpTo, unit, m.Currency)+" counts")
	}
	if w := c.Worth; w != nil {
		out = append(out, "every full "+quantity(w.For, unit, m.Currency)+" is worth "+quantity(w.Gives, w.Unit, m.Currency))
	}
	return "in each " + c.Per + ", " + strings.Join(out, "; ")
}

// partLines says each part of a tree; what is asked below a part follows it.
func partLines(l *lines, above string, parts []Part, m Measure) {
	for _, p := range parts {
		path := join(above, p.Key)
		var out []string
		if p.Where != nil {
			out = append(out, comma(whereWords(*p.Where)))
		}
		if p.AtLeast != nil {
			out = append(out, "at least "+quantity(*p.AtLeast, m.Unit, m.Currency))
		}
		if p.CountsUpTo != nil {
			out = append(out, "counts up to "+quantity(*p.CountsUpTo, m.Unit, m.Currency))
		}
		if len(out) == 0 {
			out = append(out, "has parts of its own")
		}
		l.add("parts/"+path, "Part "+path, strings.Join(slices.DeleteFunc(out, func(s string) bool { return s == "" }), "; "))
		partLines(l, path, p.Parts, m)
	}
}
