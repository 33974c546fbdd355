package domain

import (
	"slices"
	"strings"

	"github.com/certledger/certledger/domain/programme"
)

// span is a run of days, both included. An empty until has no end.
type span struct{ from, until Date }

const (
	firstDay Date = "0001-01-01"
	endless  Date = ""
)

func (s span) holds(day Date) bool { return day >= s.from && (s.until == endless || day <= s.until) }

// window is the days that a window leaves open: the intersection of its
// moments. Without a window every day is.
func (v *view) window(w *programme.Window) []span {
	out := []span{{firstDay, endless}}
	if w == nil {
		return out
	}
	for _, m := range w.From {
		out = intersect(out, shift(v.moment(m), m))
	}
	for _, m := range w.Until {
		out = intersect(out, ending(shift(v.moment(m), m)))
	}
	return out
}

// ending turns a moment's spans into the days up to its first day.
func ending(spans []span) []span {
	if len(spans) == 0 {
		return []span{{firstDay, endless}} // the moment has not come
	}
	return []span{{firstDay, spans[0].from}}
}

// place says whether the days from…until lie in one span, or why not. An entry
// across an edge counts nothing: it is never divided.
func place(spans []span, from, until Date) string {
	for _, s := range spans {
		if s.holds(from) && s.holds(until) {
			return ""
		}
	}
	for _, s := range spans {
		if s.holds(from) || s.holds(until) {
			return UncountedAcross
		}
	}
	if len(spans) == 0 || until < spans[0].from {
		return UncountedBefore
	}
	return UncountedAfter
}

func (v *view) moment(m programme.Moment) []span {
	switch m.Kind {
	case programme.MomentDate:
		return from(Date(m.Name))
	case programme.MomentFiled:
		var out []span
		for _, x := range v.filings(m.Name) {
			out = union(append(out, span{x.Received, endless}))
		}
		return out
	case programme.MomentMet:
		return v.spansOf(v.requirement(m.Name))
	case programme.MomentStart:
		return from(v.period.from)
	case programme.MomentEnd:
		return from(v.period.until)
	case programme.MomentGranted:
		return from(v.firstGranted(m.Name))
	case programme.MomentExpiry:
		return from(v.holdsUntil(m.Name))
	case programme.MomentEntered:
		return from(v.entered(m.Name))
	case programme.MomentToday:
		return from(v.today)
	}
	panic("domain: unknown moment " + m.Kind)
}

// from is the days from one on; none where the day has not come.
func from(day Date) []span {
	if day == "" {
		return nil
	}
	return []span{{day, endless}}
}

// filings are the submissions of a kind that stand, in the period at hand where
// they are filed for one.
func (v *view) filings(kind string) []*Submission {
	k, _ := v.p.Submission(kind)
	var out []*Submission
	for i := range v.s.Submissions {
		x := &v.s.Submissions[i]
		if x.Kind != kind || !v.knows(x.Made) || x.Withdrawn != nil && v.holds(*x.Withdrawn) {
			continue
		}
		if k.For != "" && v.period != nil && x.Period != v.period.name {
			continue
		}
		out = append(out, x)
	}
	return out
}

// firstGranted is the day of the first decision that gave a level of an award.
func (v *view) firstGranted(award string) Date {
	for i, d := range v.s.Decisions {
		if d.Award == award && d.gives() && v.knows(d.Made) && !v.revokedLater(i) && slices.Index(found(v.p.Award(award)).Levels, d.Level) > 0 {
			return d.From
		}
	}
	return ""
}

func shift(spans []span, m programme.Moment) []span {
	if m.Offset == 0 && m.Yearly == "" {
		return spans
	}
	n := int(m.Offset)
	if m.Before {
		n = -n
	}
	move := func(d Date) Date {
		switch {
		case d == endless || d == firstDay:
			return d
		case m.Yearly != "" && m.Before:
			return d.LastYearly(m.Yearly)
		case m.Yearly != "":
			return d.NextYearly(m.Yearly)
		case m.Unit == programme.UnitMonth:
			return d.AddMonths(n)
		case m.Unit == programme.UnitBusinessDay:
			return d.AddBusinessDays(n)
		}
		return d.AddDays(n)
	}
	out := make([]span, len(spans))
	for i, s := range spans {
		out[i] = span{move(s.from), move(s.until)}
	}
	return out
}

// spansOf is the days on which a requirement stood met: from the day of the
// fact that made it so, until the day on which it was known to be so no longer.
// Work done in good faith in between keeps counting.
func (v *view) spansOf(r *programme.Requirement) []span {
	if v.outer != nil && v.askedOnce(r) {
		return v.outer.spansOf(r)
	}
	out, ok := v.memo.spans[r.Path]
	if !ok {
		out = v.findSpans(r)
		v.memo.spans[r.Path] = out
	}
	return out
}

func (v *view) findSpans(r *programme.Requirement) []span {
	if _, ok := r.Test.(programme.Elapsed); ok {
		return v.elapsedSpans(r)
	}
	if c, ok := r.Test.(programme.Combined); ok && v.applies(r.When) {
		switch c.Op {
		case "any-of":
			var out []span
			for i := range c.Children {
				out = append(out, v.spansOf(&c.Children[i])...)
			}
			return union(out)
		case "all-of":
			out := []span{{firstDay, endless}}
			for i := range c.Children {
				if v.applies(c.Children[i].When) {
					out = intersect(out, v.spansOf(&c.Children[i]))
				}
			}
			return out
		}
	}
	var out []span
	met := false
	for _, at := range v.turns(r.Test) {
		res := v.until(at.sequence).result(r)
		switch {
		case res.Verdict == Met && !met:
			out = append(out, span{from: cmpOr(res.MetOn, at.day)})
			met = true
		case res.Verdict != Met && met:
			out[len(out)-1].until = at.known
			met = false
		}
	}
	return union(out)
}

// askedOnce reports whether a requirement belongs to an award that is asked
// once, and so is the same in every track and period.
func (v *view) askedOnce(r *programme.Requirement) bool {
	top, _, _ := strings.Cut(r.Path, "/")
	return found(v.p.Award(v.requirement(top).For)).Each == ""
}

func cmpOr(a, b Date) Date {
	if a != "" {
		return a
	}
	return b
}

// turn is an entry at which a requirement may have changed.
type turn struct {
	sequence uint64
	day      Date
	known    Date
}

// turns lists the entries that a test looks at, in order.
func (v *view) turns(t programme.Test) []turn {
	var out []turn
	add := func(o Origin) {
		if o.Sequence <= v.cut {
			out = append(out, turn{o.Sequence, o.Day(), o.KnownDay()})
		}
	}
	switch t := t.(type) {
	case programme.Judged:
		v.eachJudgement(t.Question, add)
	case programme.Rated:
		v.eachJudgement(t.Question, add)
	case programme.TasksDone:
		for _, x := range v.s.Tasks {
			if x.Kind == t.Kind {
				x.eachOrigin(add)
			}
		}
	case programme.Submitted:
		for _, x := range v.s.Submissions {
			if x.Kind == t.Kind {
				add(x.Made)
				for _, a := range x.Answers {
					add(a.Made)
				}
				if x.Withdrawn != nil {
					add(*x.Withdrawn)
				}
			}
		}
	default:
		of := onlyKind(t)
		for i := range v.s.Evidence {
			if x := &v.s.Evidence[i]; of == "" || x.everOf(of) {
				x.eachOrigin(add)
			}
		}
		if of != "" {
			break
		}
		for _, j := range v.s.Judgements {
			add(j.Made)
		}
		for _, x := range v.s.Tasks {
			x.eachOrigin(add)
		}
		for _, m := range v.s.Marks {
			add(m.Made)
		}
	}
	slices.SortFunc(out, func(a, b turn) int { return int(int64(a.sequence) - int64(b.sequence)) })
	return slices.CompactFunc(out, func(a, b turn) bool { return a.sequence == b.sequence })
}

// onlyKind is the kind of evidence that a test looks at where it looks at
// nothing else, or empty.
func onlyKind(t programme.Test) string {
	if h, ok := t.(programme.Has); ok && h.Dated == nil && h.Filed == nil && !h.Where.Unrelated {
		return h.Kind
	}
	return ""
}

// everOf reports whether a piece of evidence is of a kind, or was before a correction.
func (x *Evidence) everOf(kind string) bool {
	return x.Kind == kind || slices.ContainsFunc(x.Was, func(w WasFact) bool { return w.Fact.Kind == kind })
}

// eachJudgement calls do for the entries that answer a question.
func (v *view) eachJudgement(question string, do func(Origin)) {
	asked := found(v.p.Question(question)).Stored(v.track)
	for _, j := range v.s.Judgements {
		if j.Question == asked {
			do(j.Made)
		}
	}
}

func (t *Task) eachOrigin(do func(Origin)) {
	do(t.Made)
	for _, x := range t.Extensions {
		do(x.Made)
	}
	if t.Fulfilled != nil {
		do(t.Fulfilled.Made)
	}
	for _, o := range []*Origin{t.Confirmed, t.Cancelled} {
		if o != nil {
			do(*o)
		}
	}
}

func (x *Evidence) eachOrigin(do func(Origin)) {
	do(x.Made)
	for _, w := range x.Was {
		do(w.Until)
	}
	for _, s := range x.Signatures {
		do(s.Made)
	}
	for _, a := range x.Answers {
		do(a.Made)
	}
	for _, d := range x.Disputes {
		do(d.Made)
	}
	if x.Voided != nil {
		do(*x.Voided)
	}
}

// windowNeeds is what is lacking for a window to open: the facts that its
// moments wait for. Where it has closed for good, it says since when.
func (v *view) windowNeeds(w *programme.Window) (*Lack, Date) {
	lack := &Lack{}
	if w == nil {
		return lack, ""
	}
	if spans := v.window(w); len(spans) > 0 {
		if last := spans[len(spans)-1]; last.until != endless && last.until < v.today {
			for _, m := range w.From {
				if m.Kind == "met" && v.result(v.requirement(m.Name)).Verdict != Met {
					return v.momentNeeds(w), ""
				}
			}
			return lack, last.until
		}
		return lack, ""
	}
	if end := v.endsBefore(w); end != "" {
		return lack, end
	}
	return v.momentNeeds(w), ""
}

// endsBefore is the last day of a window that leaves no day open and never will:
// it ended before its beginning came, or lies before that. Empty where the
// beginning may still come.
func (v *view) endsBefore(w *programme.Window) Date {
	ends := v.window(&programme.Window{Until: w.Until})
	begins := v.window(&programme.Window{From: w.From})
	switch until := ends[len(ends)-1].until; {
	case until == endless:
		return ""
	case until < v.today:
		return until
	case len(begins) > 0:
		return v.today
	}
	return ""
}

// momentNeeds adds what the moments of a window wait for. A moment that no
// fact can bring leaves no facts to add.
func (v *view) momentNeeds(w *programme.Window) *Lack {
	var waited []Result
	for _, m := range w.From {
		switch m.Kind {
		case "met":
			if res := v.result(v.requirement(m.Name)); res.Lacks != nil {
				waited = append(waited, res)
				waited = append(waited, waitAfter(m)...)
			}
		case "filed":
			if len(v.moment(m)) == 0 {
				file := v.fileNeed(found(v.p.Submission(m.Name)))
				waited = append(waited, Result{Lacks: &Lack{Needs: []Need{file}}})
				waited = append(waited, waitAfter(m)...)
			}
		}
	}
	return joined(waited)
}

// union sorts spans and joins those that touch.
func union(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int {
		switch {
		case a.from < b.from:
			return -1
		case a.from > b.from:
			return 1
		}
		return 0
	})
	var out []span
	for _, s := range spans {
		if len(out) == 0 {
			out = append(out, s)
			continue
		}
		last := &out[len(out)-1]
		switch {
		case last.until == endless:
		case s.from <= last.until.AddDays(1):
			if s.until == endless || s.until > last.until {
				last.until = s.until
			}
		default:
			out = append(out, s)
		}
	}
	return out
}

func intersect(a, b []span) []span {
	var out []span
	for _, x := range a {
		for _, y := range b {
			s := span{max(x.from, y.from), x.until}
			if x.until == endless || y.until != endless && y.until < x.until {
				s.until = y.until
			}
			if s.until == endless || s.from <= s.until {
				out = append(out, s)
			}
		}
	}
	return union(out)
}

// requirement is the requirement at a path; the programme was checked.
func (v *view) requirement(path string) *programme.Requirement {
	r, _, ok := v.p.Requirement(path)
	return found(r, ok)
}

// found turns a look-up of a name that the programme's check has proven into a
// value; a missing one is our fault.
func found[T any](x T, ok bool) *T {
	if !ok {
		panic("domain: a name that the programme's check let through")
	}
	return &x
}
