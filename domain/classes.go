package domain

import (
	"fmt"
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// Results of one session for one registration.
const (
	ClassAttended     = "attended"
	ClassMissed       = "missed"
	ClassOpen         = "open"         // held, not marked
	ClassContradicted = "contradicted" // marks that rank alike disagree
	ClassNotHeld      = "not-held"     // not over, or not scheduled
	ClassCancelled    = "cancelled"    // cannot be missed
)

// classResults says what each session came to, and lists a module that lacks a
// scheduled session as not held.
func (v *view) classResults() []ClassResult {
	c := v.p.Classes
	if c == nil {
		return nil
	}
	var out []ClassResult
	scheduled := map[string]int64{}
	if v.f.Cohort != nil {
		for _, s := range v.f.Cohort.Sessions {
			scheduled[s.Module]++
			out = append(out, v.classResult(c, s))
		}
	}
	for _, m := range c.Modules {
		for range m.Sessions - scheduled[m.Key] {
			out = append(out, ClassResult{Module: m.Key, Result: ClassNotHeld})
		}
	}
	slices.SortStableFunc(out, func(a, b ClassResult) int { return compareCodes(a.Module, b.Module) })
	return out
}

func (v *view) classResult(c *programme.Classes, s Session) ClassResult {
	out := ClassResult{Session: s.ID, Module: s.Module}
	for _, x := range v.s.Absences {
		out.Excused = out.Excused || x.Session == s.ID && v.holds(x.Made)
	}
	for _, w := range v.s.Waivers {
		if w.Session == s.ID && v.waiverInForce(w) {
			out.Waived = append(out.Waived, w.Requirement)
		}
	}
	if s.Cancelled {
		out.Result = ClassCancelled
		return out
	}
	for _, x := range v.s.Equivalents {
		if c.LiveElsewhere && x.Session == s.ID && v.knows(x.Made) {
			out.Result, out.By, out.Made = ClassAttended, "live-equivalent", x.Made.Sequence
			return out
		}
	}
	known := v.holds // a mark given later still tells of a session held by now
	if !s.Held(v.at) {
		known = v.knows
	}
	var marks []Mark
	for _, m := range v.s.Marks {
		if m.Session == s.ID && known(m.Made) {
			marks = append(marks, m)
		}
	}
	was := func(m Mark) bool { return attended(c, m) }
	m, contradicted, ok := inForce(c.MarkRanks, marks, was)
	switch {
	case !ok && s.Held(v.at):
		out.Result = ClassOpen
	case !ok:
		out.Result = ClassNotHeld
	case contradicted:
		out.Result, out.Made = ClassContradicted, m.Made.Sequence
	case was(m):
		out.Result, out.By, out.Made = ClassAttended, m.Source, m.Made.Sequence
	default:
		out.Result, out.By, out.Made = ClassMissed, m.Source, m.Made.Sequence
	}
	return out
}

// missedCount is what a bound on missed classes looks at.
type missedCount struct {
	missed   int64
	open     int64
	evidence []uint64
	upcoming []string // modules not yet held
}

func (v *view) missed(r *programme.Requirement, t programme.Missed) missedCount {
	var out missedCount
	missedModules, openModules := map[string]bool{}, map[string]bool{}
	for _, c := range v.classes {
		if t.Modules != nil && !slices.Contains(t.Modules, c.Module) {
			continue
		}
		if c.Made != 0 {
			out.evidence = append(out.evidence, c.Made)
		}
		switch c.Result {
		case ClassMissed:
			if w, ok := v.waived(r.Path, c.Session); ok {
				out.evidence = append(out.evidence, w.Made.Sequence)
				continue
			}
			out.missed++
			missedModules[c.Module] = true
		case ClassOpen, ClassContradicted, ClassNotHeld:
			out.open++
			openModules[c.Module] = true
			if c.Result == ClassNotHeld {
				out.upcoming = append(out.upcoming, c.Module)
			}
		}
	}
	if t.Of == "modules" {
		out.missed = int64(len(missedModules))
		for m := range missedModules { // order-free: only deletes
			delete(openModules, m)
		}
		out.open = int64(len(openModules))
	}
	return out
}

func (v *view) missedResult(r *programme.Requirement, t programme.Missed, res *Result) {
	m := v.missed(r, t)
	res.Test, res.Left, res.Right = "at-most", count(m.missed, "missed-"+t.Of), count(t.AtMost, t.Of)
	res.Evidence = m.evidence
	switch {
	case m.missed > t.AtMost:
		res.Verdict = NotMet
		res.Lacks = &Lack{LiftedBy: v.liftsMissed(r)}
	case m.open == 0:
		res.Verdict = Met
	default:
		res.Verdict = Open
		lack := &Lack{}
		for _, c := range v.classes {
			inScope := t.Modules == nil || slices.Contains(t.Modules, c.Module)
			if inScope && (c.Result == ClassOpen || c.Result == ClassContradicted) {
				lack.Needs = append(lack.Needs, Need{Do: "mark", Of: "session", Session: c.Session, By: RoleTrainer})
			}
		}
		if len(lack.Needs) > 0 {
			res.Lacks = lack
		}
	}
}

// liftsMissed lists what can un-miss a class: never an excuse, never a make-up.
func (v *view) liftsMissed(r *programme.Requirement) []string {
	out := []string{"correction"}
	if v.p.Classes != nil && v.p.Classes.LiveElsewhere {
		out = append(out, "live-equivalent")
	}
	if r.Waivable != "" {
		out = append(out, "waiver")
	}
	return out
}

// warnings speak before a limit is crossed, never after.
func (v *view) warnings() []Warning {
	var out []Warning
	if v.state() != StateRegistered {
		return nil
	}
	for i := range v.p.Requirements {
		r := &v.p.Requirements[i]
		t, ok := r.Test.(programme.Missed)
		if !ok || len(r.WarnLeft) == 0 {
			continue
		}
		m := v.missed(r, t)
		left := t.AtMost - m.missed
		if left < 0 || len(m.upcoming) == 0 || !slices.Contains(r.WarnLeft, left) {
			continue
		}
		if t.Modules == nil && m.missed == 0 {
			continue
		}
		if t.Modules != nil && !slices.Contains(t.Modules, v.nextModule()) {
			continue
		}
		out = append(out, Warning{Path: r.Path, Code: "limit-near", Left: left, Sentence: v.warningSentence(r, t, m.missed, left)})
	}
	return out
}

// nextModule is the module of the next session to be held.
func (v *view) nextModule() string {
	if v.f.Cohort == nil {
		return ""
	}
	var next *Session
	for i := range v.f.Cohort.Sessions {
		s := &v.f.Cohort.Sessions[i]
		if !s.Cancelled && s.Ends.After(v.at) && (next == nil || s.Starts.Before(next.Starts)) {
			next = s
		}
	}
	if next == nil {
		return ""
	}
	return next.Module
}

func (v *view) warningSentence(r *programme.Requirement, t programme.Missed, missed, left int64) string {
	instead := "unless it is " + known(v.waysToUnmiss(r))
	outcome := titled(r.Otherwise)
	if t.Modules != nil {
		m := found(v.p.Module(v.nextModule()))
		name := "module " + m.Key
		if m.Title != "" {
			name += " (" + m.Title + ")"
		}
		return fmt.Sprintf("The next class is %s. Missing it would hold the result at %s, %s. If something is in the way, please talk to us.",
			name, outcome, instead)
	}
	if left == 0 {
		return fmt.Sprintf("%s so far. One more missed class would make the result %s, %s. Please talk to us.",
			classesMissed(missed), outcome, instead)
	}
	return fmt.Sprintf("%s so far; %d more can still be missed. If something is in the way, please talk to us.", classesMissed(missed), left)
}

// waysToUnmiss are what else can become of a missed class, in words.
func (v *view) waysToUnmiss(r *programme.Requirement) []string {
	words := map[string]string{"live-equivalent": "attended live with another cohort", "waiver": "waived"}
	var out []string
	for _, way := range v.liftsMissed(r) {
		if w, ok := words[way]; ok {
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		return []string{"corrected"}
	}
	return out
}

func classesMissed(n int64) string {
	if n == 1 {
		return "One class has been missed"
	}
	return fmt.Sprintf("%d classes have been missed", n)
}

func count(n int64, noun string) *Amount { return &Amount{Number: &n, Unit: UnitCount, Noun: noun} }
