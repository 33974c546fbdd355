package domain

import (
	"slices"
	"strings"
	"time"
)

// A slow and obvious evaluator of programmes, written from the reference of the
// language. It knows nothing of how the rules are evaluated otherwise: it has
// its own form of a programme, and looks at recorded facts only.

// ref is a programme as the reference evaluator knows it.
type ref struct {
	levels   []string
	measures map[string]refMeasure
	rules    []refRule
}

// refRule is a requirement, or a child of one.
type refRule struct {
	key, award, otherwise, whileOpen string
	test                             string // sum, has, submission, judged, elapsed, or a combinator
	measure                          string // of sum, where it has a name
	inline                           refMeasure
	atLeast, atMost                  int64 // -1: none; of has the number of facts
	share, quantity                  int64 // of has, 0: none
	distinct                         string
	answer                           string
	months                           int
	when                             *refRule
	unless                           bool
	children                         []refRule
}

// refMeasure selects and adds facts.
type refMeasure struct {
	kind         string
	where        refWhere
	dated, filed refWindow
	inOne        string
	per          string
	wholeOnly    int64
	upTo         int64
	parts        []refPart
}

type refWhere struct {
	category, title, outcome []string
	signed, documented       bool
	answered                 string
	thisTrack                bool
}

type refPart struct {
	key           string
	atLeast, most int64 // -1: none
	parts         []refPart
	where         *refWhere
}

// refMoment is a day with a name: of the calendar, "filed", "met" a rule, "today",
// moved by days or months.
type refMoment struct {
	name         string
	days, months int
}

type refWindow struct {
	inPeriod    bool
	from, until []refMoment
}

// refWorld is where rules are asked.
type refWorld struct {
	p     *ref
	facts *Standing
	today string
	track string
	year  string // of the period
}

func refDay(day string, years, months, days int) string {
	t, _ := time.Parse(time.DateOnly, day)
	if n := years*12 + months; n != 0 {
		first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
		last := first.AddDate(0, 1, -1).Day()
		t = first.AddDate(0, 0, min(t.Day(), last)-1)
	}
	return t.AddDate(0, 0, days).Format(time.DateOnly)
}

// day is the day of a moment, empty where it has not come.
func (w refWorld) day(m refMoment) string {
	day := m.name
	switch {
	case m.name == "today":
		day = w.today
	case m.name == "filed form":
		day = ""
		for _, s := range w.facts.Submissions {
			if s.Kind == "form" && (day == "" || string(s.Received) < day) {
				day = string(s.Received)
			}
		}
	case strings.HasPrefix(m.name, "met "):
		for _, r := range w.p.rules {
			if r.key == m.name[len("met "):] {
				day = w.metOn(r)
			}
		}
	}
	if day == "" {
		return ""
	}
	return refDay(day, 0, m.months, m.days)
}

// metOn is the day of the one fact that a rule asks for: of the first recorded.
func (w refWorld) metOn(r refRule) string {
	for i := range w.facts.Evidence {
		if x := &w.facts.Evidence[i]; w.selected(x, r.inline) == "yes" {
			return string(x.Until)
		}
	}
	return ""
}

// open are the first and last day of a window; come tells whether it has begun
// to be known.
func (w refWorld) open(x refWindow) (from, until string, come bool) {
	from, until = "0000", "9999"
	if x.inPeriod {
		from, until = w.year+"-01-01", w.year+"-12-31"
	}
	come = true
	for _, m := range x.from {
		day := w.day(m)
		come = come && day != ""
		from = max(from, day)
	}
	for _, m := range x.until {
		if day := w.day(m); day != "" {
			until = min(until, day)
		}
	}
	return from, until, come
}

func (w refWorld) inside(x refWindow, first, last Date) bool {
	from, until, come := w.open(x)
	return come && string(first) >= from && string(last) <= until
}

// closed tells whether nothing new can be in a window any more.
func (w refWorld) closed(x refWindow) bool {
	from, until, come := w.open(x)
	return until < w.today || come && from > until
}

func refAny(list []string, got string) bool { return len(list) == 0 || slices.Contains(list, got) }

func (w refWorld) fits(x *Evidence, c refWhere) bool {
	under := len(c.category) == 0
	for _, path := range c.category {
		under = under || x.Category == path || strings.HasPrefix(x.Category, path+"/")
	}
	signed, answer := false, ""
	for _, s := range x.Signatures {
		signed = signed || s.Role == "supervisor"
	}
	for _, a := range x.Answers {
		answer = a.Word
	}
	switch {
	case !under, !refAny(c.title, x.Title), !refAny(c.outcome, x.Outcome), c.signed && !signed, c.documented && len(x.Documents) == 0,
		c.answered != "" && c.answered != answer, c.thisTrack && x.Track != w.track:
		return false
	}
	return true
}

// selected tells whether a fact is asked for and in time.
func (w refWorld) selected(x *Evidence, m refMeasure) string {
	if x.Kind == m.kind && x.Voided == nil && w.fits(x, m.where) && w.inside(m.dated, x.From, x.Until) && w.inside(m.filed, x.Received, x.Received) {
		return "yes"
	}
	return ""
}

// chosen are the facts of a measure, copies of one activity once.
func (w refWorld) chosen(m refMeasure, more func(x *Evidence) bool) []*Evidence {
	var out []*Evidence
	seen := map[string]bool{}
	for i := range w.facts.Evidence {
		x := &w.facts.Evidence[i]
		if w.selected(x, m) == "" || !more(x) || x.Activity != "" && seen[x.Activity] {
			continue
		}
		seen[x.Activity] = true
		out = append(out, x)
	}
	return out
}

// sum is the total of a measure, and whether each part has what it needs.
func (w refWorld) sum(m refMeasure) (int64, bool) {
	facts := w.chosen(m, func(x *Evidence) bool { return x.Quantity != nil && x.Unit == UnitMinute })
	if m.inOne == "" {
		return w.parts(m, m.parts, facts, 0)
	}
	best := int64(0)
	for _, one := range facts {
		var alike []*Evidence
		for _, x := range facts {
			if x.Title == one.Title {
				alike = append(alike, x)
			}
		}
		n, _ := w.parts(m, nil, alike, 0)
		best = max(best, n)
	}
	return best, true
}

// parts adds up what is in the parts and what is in none. depth is how many
// steps of a category's path are spent.
func (w refWorld) parts(m refMeasure, parts []refPart, facts []*Evidence, depth int) (total int64, enough bool) {
	enough = true
	var rest []*Evidence
	in := make([][]*Evidence, len(parts))
next:
	for _, x := range facts {
		for i, p := range parts {
			steps := strings.Split(x.Category, "/")
			if p.where != nil && w.fits(x, *p.where) || p.where == nil && len(steps) > depth && steps[depth] == p.key {
				in[i] = append(in[i], x)
				continue next
			}
		}
		rest = append(rest, x)
	}
	for i, p := range parts {
		below := depth + 1
		if p.where != nil {
			below = depth
		}
		n, ok := w.parts(m, p.parts, in[i], below)
		if p.most >= 0 {
			n = min(n, p.most)
		}
		enough = enough && ok && n >= p.atLeast
		total += n
	}
	return total + credit(m, rest), enough
}

// credit is what facts earn: their quantities, or what each span of days earns.
func credit(m refMeasure, facts []*Evidence) int64 {
	spans := map[string]int64{}
	for _, x := range facts {
		span := "all"
		end, _ := time.Parse(time.DateOnly, string(x.Until))
		switch m.per {
		case "day":
			span = string(x.Until)
		case "week":
			for end.Weekday() != time.Monday {
				end = end.AddDate(0, 0, -1)
			}
			span = end.Format(time.DateOnly)
		case "month":
			span = string(x.Until)[:7]
		}
		spans[span] += *x.Quantity
	}
	total := int64(0)
	for _, n := range spans { // order-free: a sum
		if m.wholeOnly > 0 {
			n -= n % m.wholeOnly
		}
		if m.upTo > 0 {
			n = min(n, m.upTo)
		}
		total += n
	}
	return total
}

// verdict is what a rule comes to, with the number it found.
func (w refWorld) verdict(r refRule) (Verdict, int64) {
	if r.when != nil {
		if v, _ := w.verdict(*r.when); (v == Met) == r.unless {
			return NotApplicable, -1
		}
	}
	switch r.test {
	case "sum":
		return w.sumVerdict(r)
	case "has":
		return w.hasVerdict(r)
	case "submission":
		return w.filedVerdict(r), -1
	case "judged":
		v := Open
		for _, j := range w.facts.Judgements {
			if v = NotMet; j.Answer == "good" || j.Answer == r.answer {
				v = Met
			}
		}
		return v, -1
	case "elapsed":
		if day := w.day(refMoment{name: "filed form"}); day != "" && refDay(day, 0, r.months, 0) <= w.today {
			return Met, -1
		}
		return Open, -1
	}
	return w.combined(r), -1
}

func (w refWorld) sumVerdict(r refRule) (Verdict, int64) {
	m := r.inline
	if r.measure != "" {
		m = w.p.measures[r.measure]
	}
	n, enough := w.sum(m)
	switch {
	case r.atMost >= 0 && n > r.atMost:
		return NotMet, n
	case r.atMost >= 0:
		return Open, n
	case n >= r.atLeast && enough:
		return Met, n
	case w.closed(m.dated), w.closed(m.filed):
		return NotMet, n
	}
	return Open, n
}

func (w refWorld) hasVerdict(r refRule) (Verdict, int64) {
	facts := w.chosen(r.inline, func(x *Evidence) bool {
		switch {
		case r.quantity > 0 && (x.Quantity == nil || x.Unit != UnitMinute || *x.Quantity < r.quantity),
			r.share > 0 && (x.Score == nil || *x.Score*10000 < r.share**x.OutOf),
			r.distinct == "title" && x.Title == "":
			return false
		}
		return true
	})
	n, seen := int64(0), map[string]bool{}
	for _, x := range facts {
		if r.distinct == "" || !seen[refAttribute(x, r.distinct)] {
			n++
		}
		seen[refAttribute(x, r.distinct)] = true
	}
	switch {
	case n >= r.atLeast:
		return Met, n
	case w.closed(r.inline.dated), w.closed(r.inline.filed):
		return NotMet, n
	}
	return Open, n
}

func refAttribute(x *Evidence, name string) string {
	if name == "day" {
		return string(x.Until)
	}
	return x.Title
}

func (w refWorld) filedVerdict(r refRule) Verdict {
	for _, s := range w.facts.Submissions {
		answer := ""
		for _, a := range s.Answers {
			answer = a.Word
		}
		if r.answer == "filed" || answer == r.answer || answer == "accepted" {
			return Met
		}
	}
	return Open
}

func (w refWorld) combined(r refRule) Verdict {
	var all, met, not int64
	for _, c := range r.children {
		v, _ := w.verdict(c)
		switch v {
		case NotApplicable:
			continue
		case Met:
			met++
		case NotMet:
			not++
		}
		all++
	}
	switch {
	case r.test == "none-of" && met > 0:
		return NotMet
	case r.test == "none-of" && not == all:
		return Met
	case r.test == "none-of":
		return Open
	case r.test == "all-of" && all == 0:
		return NotApplicable
	}
	need := map[string]int64{"all-of": all, "any-of": 1, "at-least-of": r.atLeast}[r.test]
	switch {
	case met >= need:
		return Met
	case all-not < need:
		return NotMet
	}
	return Open
}

// cap is the level at which a rule holds its award, or empty.
func (r refRule) cap(v Verdict) string {
	switch {
	case v == NotMet:
		return r.otherwise
	case v == Open && r.atMost < 0 && r.test != "none-of" && r.whileOpen != "":
		return r.whileOpen
	case v == Open && r.atMost < 0 && r.test != "none-of":
		return r.otherwise
	}
	return ""
}
