package domain

import (
	"slices"
	"strings"
	"time"

	"github.com/certledger/certledger/domain/programme"
)

// Explanation is an assessment made readable: the outcome, what binds it with
// its source, the events with who and when, and what would change it. It holds
// pseudonyms and codes only.
type Explanation struct {
	Registration string       `json:"registration"`
	Person       string       `json:"person"`
	Title        string       `json:"title"`          // of the programme
	Life         *Life        `json:"life,omitempty"` // after the certificate
	Outcomes     []Outcome    `json:"outcomes"`
	Decisions    []EventLine  `json:"decisions,omitempty"`
	Reviews      []string     `json:"reviews,omitempty"` // for each decision in doubt a sentence; the assessment has the whole review
	Warnings     []string     `json:"warnings,omitempty"`
	Assessment   Assessment   `json:"assessment"`
	Sources      []SourceLine `json:"sources,omitempty"`
	Events       []EventLine  `json:"events"` // every entry consulted and the part it played
}

// Outcome is the answer to one of the programme's questions, with its reasons.
type Outcome struct {
	Award    string   `json:"award"`
	Track    string   `json:"track,omitempty"`
	Period   string   `json:"period,omitempty"`
	Version  int      `json:"version,omitempty"` // of the rules that judge the period, where they are not those of the assessment
	From     Date     `json:"from,omitempty"`    // first day of the period
	Until    Date     `json:"until,omitempty"`   // last day of the period, or on which what is granted holds
	Earned   string   `json:"earned"`
	Granted  string   `json:"granted,omitempty"`
	Sentence string   `json:"sentence"`
	Because  []Reason `json:"because,omitempty"` // what binds it
	Open     []Reason `json:"open,omitempty"`    // what else is not met or still open

	idle bool // of a track of which nothing is on record, while something is of another
}

// Reason is one clause that holds a level down.
type Reason struct {
	Path    string      `json:"path"`
	Clause  string      `json:"clause"`
	Source  []string    `json:"source,omitempty"`
	Assumes []string    `json:"assumes,omitempty"`
	Verdict Verdict     `json:"verdict"`
	Found   string      `json:"found"`            // what was found against what was asked
	Events  []EventLine `json:"events,omitempty"` // what shows it
	Lift    []string    `json:"lift,omitempty"`   // what would lift it, in words
	Kindly  string      `json:"kindly,omitempty"`
}

// SourceLine names a source that clauses cite.
type SourceLine struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// EventLine is one entry in words: what, who, when, and the part it played.
type EventLine struct {
	Sequence uint64    `json:"sequence"`
	Entry    string    `json:"entry"`
	Type     string    `json:"type"`
	What     string    `json:"what"`
	Actor    Actor     `json:"actor"`
	Role     string    `json:"role"`
	Happened time.Time `json:"happened"`
	Recorded time.Time `json:"recorded"`
	Part     string    `json:"part,omitempty"` // used, superseded, ignored
	Why      string    `json:"why,omitempty"`
}

// Explain tells an assessment. Entries are the registration's, in order.
func Explain(p *programme.Programme, a Assessment, entries []Entry) Explanation {
	x := explainer{p: p, a: a, lines: map[uint64]EventLine{}}
	out := Explanation{Title: p.Title, Assessment: a}
	for i := range entries {
		e := &entries[i]
		line := lineOf(e)
		for _, c := range a.Consulted {
			if c.Sequence == e.Sequence {
				line.Part, line.Why = c.Role, c.Why
			}
		}
		x.lines[e.Sequence] = line
		out.Events = append(out.Events, line)
		out.Registration = e.Subject.ID()
		switch v := e.Event.(type) {
		case *RegistrationSubmitted:
			out.Person = v.Person
		case *DecisionRecorded:
			out.Decisions = append(out.Decisions, line)
		}
	}
	out.Life = x.life()
	for _, w := range a.Awards {
		out.Outcomes = append(out.Outcomes, x.outcome(w))
	}
	idle(out.Outcomes, entries)
	for _, r := range a.Reviews {
		out.Reviews = append(out.Reviews, r.Notice)
	}
	for _, w := range a.Warnings {
		out.Warnings = append(out.Warnings, w.Sentence)
	}
	for _, id := range sortedKeys(p.Sources) {
		out.Sources = append(out.Sources, SourceLine{ID: id, Title: p.Sources[id]})
	}
	return out
}

func lineOf(e *Entry) EventLine {
	return EventLine{
		Sequence: e.Sequence, Entry: e.ID, Type: e.Type, What: Tell(e.Event), Actor: e.Actor, Role: e.ActorRole,
		Happened: e.Time, Recorded: e.Recorded,
	}
}

type explainer struct {
	p     *programme.Programme
	a     Assessment
	lines map[uint64]EventLine
}

func (x *explainer) outcome(w AwardResult) Outcome {
	out := Outcome{
		Award: w.Award, Track: w.Track, Period: w.Period, Version: w.Version, From: w.From, Until: w.Until,
		Earned: w.Earned, Granted: w.Granted, Sentence: x.sentence(w),
	}
	for _, r := range x.a.Results {
		switch {
		case r.Asking() != w.Asking() || r.Verdict == Met || r.Verdict == NotApplicable:
		case slices.Contains(w.Binding, r.Path):
			out.Because = append(out.Because, x.reason(r))
		case r.Cap != "" || r.Lacks != nil:
			out.Open = append(out.Open, x.reason(r))
		}
	}
	return out
}

func (x *explainer) sentence(w AwardResult) string {
	var b strings.Builder
	if x.a.Status == StateWithdrawn {
		return "This registration was withdrawn, so it has no outcome."
	}
	b.WriteString("The facts support " + titled(w.Earned))
	if len(w.Provisional) > 0 {
		b.WriteString(", for now: " + provisionalWords(w.Provisional))
	}
	b.WriteString(x.waitsFor(w) + ". " + x.grantedWords(w) + x.holdsWords(w) + judgedWords(w))
	if len(x.a.Reviews) > 0 {
		b.WriteString(" A decision needs to be looked at again: a fact that it rests on has changed since.")
	}
	return b.String()
}

// judgedWords says by which version a period is judged, where it is another than
// today's.
func judgedWords(w AwardResult) string {
	if w.Version == 0 {
		return ""
	}
	return " This period is judged by version " + decimal(int64(w.Version)) + " of the rules, which was in force on its last day."
}

// waitsFor names the awards that one needs and that are not earned so far.
func (x *explainer) waitsFor(w AwardResult) string {
	out := ""
	for _, n := range found(x.p.Award(w.Award)).Needs {
		other := found(x.p.Award(n.Award))
		wanted, _ := other.Rank(n.Level)
		for _, a := range x.a.Awards {
			if rank, _ := other.Rank(a.Earned); a.Award == n.Award && (a.Track == "" || a.Track == w.Track) && rank < wanted {
				out += ", as " + titled(n.Award) + " is not at " + titled(n.Level)
			}
		}
	}
	return out
}

// grantedWords says what was decided.
func (x *explainer) grantedWords(w AwardResult) string {
	first := w.Award == x.a.Awards[0].Award // the status is of the first award
	switch {
	case first && x.a.Status == StatusRevoked:
		return "What was granted has been revoked."
	case first && x.a.Status == StatusSuspended:
		return titled(w.Granted) + " is granted and suspended at present."
	case w.Granted == "" && slices.Contains(x.a.Flags, FlagDenied):
		return "Nothing is granted; the decisions below say why."
	case w.Granted == "" && w.Ready:
		return "Nothing has been decided yet; a person can decide now."
	case w.Granted == "" && found(x.p.Award(w.Award)).ByFacts:
		return "Nobody decides on it."
	case w.Granted == "":
		return "Nothing has been decided yet."
	case w.Granted == w.Earned:
		return "That is also what was granted."
	case w.Ready:
		return titled(w.Granted) + " is granted so far; a person can now decide on more."
	}
	return titled(w.Granted) + " is granted."
}

func provisionalWords(codes []string) string {
	var out []string
	for _, c := range codes {
		switch c {
		case ProvisionalSessionOpen:
			out = append(out, "a session is not held or not marked yet")
		case ProvisionalJudgedEarly:
			out = append(out, "the trainers judged before the last session")
		case ProvisionalWithdrawn:
			out = append(out, "the registration was withdrawn")
		default:
			out = append(out, spoken(c))
		}
	}
	return strings.Join(out, "; ")
}

func (x *explainer) reason(r Result) Reason {
	out := Reason{
		Path: r.Path, Clause: r.Says, Source: r.Source, Assumes: r.Assumes, Verdict: r.Verdict,
		Found: Found(r), Kindly: r.Kindly, Lift: Lifts(r.Lacks),
	}
	for _, seq := range x.telling(r) {
		if line, ok := x.lines[seq]; ok {
			out.Events = append(out.Events, line)
		}
	}
	for _, n := range x.uncounted(r) {
		if line, ok := x.lines[n.Sequence]; ok {
			line.Part, line.Why = RoleIgnored, n.Reason
			out.Events = append(out.Events, line)
		}
	}
	return out
}

// telling picks the events that show why: for a bound on missed classes the
// marks of missed ones, otherwise what the requirement rests on.
func (x *explainer) telling(r Result) []uint64 {
	t, ok := x.missedTest(r.Path)
	if !ok {
		return r.Evidence
	}
	var out []uint64
	for _, c := range x.a.Classes {
		if c.Result == ClassMissed && (t.Modules == nil || slices.Contains(t.Modules, c.Module)) {
			out = append(out, c.Made)
		}
	}
	slices.Sort(out)
	return out
}

func (x *explainer) missedTest(path string) (programme.Missed, bool) {
	r, _, ok := x.p.Requirement(path)
	if !ok {
		return programme.Missed{}, false
	}
	t, ok := r.Test.(programme.Missed)
	return t, ok
}

// Text is the explanation in plain words, for a terminal or a letter.
func (e Explanation) Text() string {
	var b strings.Builder
	b.WriteString(e.Title + "\nRegistration " + e.Registration + ", as of " + e.Assessment.At.Format("2006-01-02 15:04 -07:00") +
		", by version " + decimal(int64(e.Assessment.Programme.Version)) + " of the rules\n")
	e.writeLife(&b)
	for i, o := range e.Outcomes {
		if o.idle {
			writeIdle(&b, e.Outcomes, i)
			continue
		}
		b.WriteString("\n" + o.heading() + ": " + titled(o.Earned) + "\n" + wrap("  ", o.Sentence))
		writeReasons(&b, "Why not higher", o.Because)
		writeOpen(&b, o.Open)
	}
	if len(e.Assessment.Flags) > 0 {
		b.WriteString("\nFlags: " + strings.Join(e.Assessment.Flags, ", ") + "\n")
	}
	for _, w := range e.Warnings {
		b.WriteString("\n" + wrap("! ", w))
	}
	if len(e.Decisions) > 0 {
		b.WriteString("\nDecisions\n")
		for _, d := range e.Decisions {
			b.WriteString("  " + eventText(d) + "\n")
		}
	}
	e.writeReviews(&b)
	if len(e.Assessment.Assumptions) > 0 {
		b.WriteString("\nReadings of gaps in the sources, until the programme confirms them\n")
		for _, a := range e.Assessment.Assumptions {
			b.WriteString(wrap("  "+a.ID+"  ", a.Says))
		}
	}
	return b.String()
}

func writeReasons(b *strings.Builder, title string, reasons []Reason) {
	if len(reasons) == 0 {
		return
	}
	b.WriteString("\n  " + title + "\n")
	for _, r := range reasons {
		source := ""
		if len(r.Source) > 0 {
			source = " [" + strings.Join(r.Source, ", ") + "]"
		}
		b.WriteString(wrap("  - ", "Asked for: "+r.Clause+source))
		b.WriteString(wrap("      ", "Found: "+r.Found+" ("+r.Path+" is "+spoken(string(r.Verdict))+")"))
		if r.Kindly != "" {
			b.WriteString(wrap("      ", r.Kindly))
		}
		for _, e := range r.Events {
			b.WriteString("      " + eventText(e) + "\n")
			if why := uncountedWords[e.Why]; e.Part == RoleIgnored && why != "" {
				b.WriteString(wrap("        ", "does not count: "+why))
			}
		}
		for _, l := range r.Lift {
			b.WriteString(wrap("      > ", l))
		}
	}
}

// writeOpen lists what stands between here and the levels above, a line each.
func writeOpen(b *strings.Builder, reasons []Reason) {
	if len(reasons) == 0 {
		return
	}
	b.WriteString("\n  Also asked for, on the way to the levels above\n")
	for _, r := range reasons {
		b.WriteString(wrap("  - ", r.Clause+" ("+r.Found+")"))
	}
}

// writeReviews says which decisions are to be looked at again: why, by whom and
// by when.
func (e Explanation) writeReviews(b *strings.Builder) {
	if len(e.Assessment.Reviews) > 0 {
		b.WriteString("\nTo be looked at again\n")
	}
	for _, r := range e.Assessment.Reviews {
		what := r.Level
		if what == "" {
			what = r.Award
		}
		b.WriteString(wrap("  ", titled(what)+". "+r.Notice))
		for _, c := range r.Causes {
			line := EventLine{Sequence: c.Made.Sequence, What: actWords(c.Because), Actor: c.Made.Actor, Role: c.Made.Role, Happened: c.Made.Time}
			if i := slices.IndexFunc(e.Events, func(x EventLine) bool { return x.Sequence == c.Made.Sequence }); i >= 0 {
				line = e.Events[i]
			}
			b.WriteString("    " + eventText(line) + "\n")
		}
		b.WriteString(wrap("    > ", r.asks()))
	}
}

// asks says who is to look at a decision again, and by when.
func (r Review) asks() string {
	who := "To be looked at by " + orList(r.Roles)
	switch {
	case r.Assigned:
		who = "Given to " + shortActor(r.Owner)
	case r.Owner != "":
		who = "To be looked at by " + shortActor(r.Owner) + ", who decided, or by " + orList(r.Roles)
	}
	if r.Overdue {
		return who + "; it was due on " + string(r.Due)
	}
	return who + "; it is due on " + string(r.Due)
}

func eventText(e EventLine) string {
	return "#" + decimal(int64(e.Sequence)) + "  " + e.Happened.Format("2006-01-02 15:04") + "  " + e.What + ", by " + e.Role + " " + shortActor(e.Actor)
}

// shortActor keeps the first digits of a pseudonym; the whole stands in the entry.
func shortActor(a Actor) string {
	kind, id, _ := strings.Cut(string(a), "/")
	if len(id) > 8 {
		id = id[:8]
	}
	return kind + "/" + id
}

const textWidth = 96

// wrap breaks a paragraph at textWidth; the lines after the first are indented
// as far as its lead.
func wrap(lead, text string) string {
	var b strings.Builder
	indent := strings.Repeat(" ", len(lead))
	line := lead
	empty := true
	for _, w := range strings.Fields(text) {
		if !empty && len(line)+1+len(w) > textWidth {
			b.WriteString(line + "\n")
			line, empty = indent, true
		}
		if !empty {
			line += " "
		}
		line, empty = line+w, false
	}
	b.WriteString(strings.TrimRight(line, " ") + "\n")
	return b.String()
}
