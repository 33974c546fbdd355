package domain

import (
	"slices"
	"strings"
	"time"

	"github.com/certledger/certledger/domain/programme"
)

// Decide moves an undecided registration to a clarification, unless its result
// would be less favourable.
func (c ClarifyRegistration) Decide(f Facts) ([]Event, error) {
	s, err := f.registration(c.Act)
	if err != nil {
		return nil, err
	}
	if !actsForBody(c.Role) {
		return nil, refuse("not-authorised", "A clarification is passed on by the body's own staff; please ask them.")
	}
	if err := f.notConcerned(c.Act); err != nil {
		return nil, err
	}
	p := f.Clarifying
	switch {
	case p == nil || p.ID != s.Pin.Programme || p.Version != c.Version:
		return nil, noSuchVersion()
	case p.Digest == s.Pin.Digest:
		return nil, nil
	case p.Clarifies != s.Pin.Version:
		return nil, refuseField("version", "clarifies-other", "Version %d does not clarify version %d, to which this registration is pinned.", p.Version, s.Pin.Version)
	}
	reach := Clarify(p, f, c.At)
	switch {
	case len(reach.Decided) > 0:
		return nil, refuse("decided-already", "Something is decided here already; a clarification reaches undecided registrations only. The decisions it would touch can be looked at again one by one.")
	case reach.Unfavourable():
		return nil, refuse("less-favourable", "The result would be less favourable under the clarification (%s); this registration keeps its version.", strings.Join(reach.Lowered(), ", "))
	}
	return events(s.pinned(p.Version, p.Digest, c.day(), PinnedForClarification))
}

// ClarificationReach is what a clarification comes to for one registration:
// what it would move, and which decisions in force it would touch. It reaches
// a registration on which nothing is decided and which it does not lower.
type ClarificationReach struct {
	Moves   []Move   `json:"moves,omitempty"`
	Decided []string `json:"decided,omitempty"` // decisions in force
	Touched []string `json:"touched,omitempty"` // those of them whose level the clarification would not support, or would raise
}

// Unfavourable reports whether an award would be lower or gone.
func (r ClarificationReach) Unfavourable() bool { return len(r.Lowered()) > 0 }

// Lowered are the awards that would be lower or gone.
func (r ClarificationReach) Lowered() []string {
	var out []string
	for _, m := range r.Moves {
		if (m.Lower || m.To == "") && !slices.Contains(out, m.Award) {
			out = append(out, m.Award)
		}
	}
	return out
}

// Reaches reports whether the clarification reaches the registration.
func (r ClarificationReach) Reaches() bool { return len(r.Decided) == 0 && !r.Unfavourable() }

// Clarify says what a clarification comes to for a registration, and records
// nothing.
func Clarify(rules *programme.Programme, f Facts, at time.Time) ClarificationReach {
	out := ClarificationReach{Moves: Rehearse(rules, f, at)}
	for _, d := range f.Standing.Decisions {
		if d.Superseded || !d.gives() && d.Act != ActDeny {
			continue
		}
		out.Decided = append(out.Decided, d.ID)
		if slices.ContainsFunc(out.Moves, func(m Move) bool { return m.Award == d.Award }) {
			out.Touched = append(out.Touched, d.ID)
		}
	}
	return out
}

// filedUnder is the version under which something is filed on a registration:
// an application pins an undecided one to the version in force on the day on
// which it was received. The event is nil where nothing changes.
func (f Facts) filedUnder(kind string, received Date) (Pin, *RegistrationPinned, error) {
	s := f.Standing
	if s.Pin.Mode != PinByApplication || kind != applicationKind || f.Line == nil ||
		slices.ContainsFunc(s.Decisions, func(d Decision) bool { return d.gives() && !d.Superseded }) {
		return s.Pin, nil, nil
	}
	in, ok := f.Line.InForce(received)
	switch {
	case !ok:
		return s.Pin, nil, refuseField("received", "not-in-force", "No rules of this programme were in force on the day on which the application was received; please check the day.")
	case in.Digest == s.Pin.Digest:
		return s.Pin, nil, nil
	}
	e := s.pinned(in.Version, in.Digest, received, PinnedForApplication)
	pin := s.Pin
	pin.Version, pin.Digest, pin.On = e.Version, e.Digest, e.On
	return pin, e, nil
}

// pin is what the decision is judged by.
func (d desk) pin() Pin { return d.s.judgedBy(d.f.Programme, d.day()) }

// events are a decision's, after the pin that it comes with, if any.
func (d desk) events(e *DecisionRecorded) ([]Event, error) {
	pin := d.pin()
	if pin.Digest == d.s.Pin.Digest {
		return events(e)
	}
	return events(d.s.pinned(pin.Version, pin.Digest, pin.On, PinnedForDecision), e)
}

// judged puts the rules in force on the day in place of those pinned, where
// each decision or period pins them.
func (a Act) judged(f Facts) (Facts, error) {
	f.Programme = f.RulesOn(a.day())
	if f.Standing.Pin.Mode != PinByPeriod {
		f.Versions = nil
	}
	p := f.Programme
	if !f.Standing.Pin.ByDay() || p.Digest == f.Standing.Pin.Digest {
		return f, nil
	}
	if p.ID != f.Standing.Pin.Programme || !validOn(p, a.day()) {
		return f, refuseField("programme", "not-in-force", "These rules are not in force on the day of the decision.")
	}
	return f, nil
}
