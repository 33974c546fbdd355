package domain

import "github.com/certledger/certledger/domain/programme"

// What fixes the version of the rules for a registration; a programme says so
// under pinned-by.
const (
	PinByRegistration = "registration" // the day of registration
	PinByApplication  = "application"  // the day on which the application was received
	PinByDecision     = "decision"     // the day on which the rules are asked
	PinByPeriod       = "period"       // the last day of each period
)

// Why a registration was pinned to another version.
const (
	PinnedForApplication   = "application"
	PinnedForDecision      = "decision"
	PinnedForClarification = "clarification"
)

// applicationKind is the submission that pins a registration to the version in
// force on the day on which it was received.
const applicationKind = "application"

// RegistrationPinned moves a registration to another version of its programme.
// It stands before the filing or the decision that it comes with.
type RegistrationPinned struct {
	Common
	Version int    `json:"programmeversion"`
	Digest  string `json:"digest"`
	Mode    string `json:"mode"`
	On      Date   `json:"on"` // the day whose version it is
	Period  string `json:"period,omitempty"`
	Why     string `json:"why"` // application, decision, clarification
}

// Type is the stored name.
func (*RegistrationPinned) Type() string { return "registration.pinned.v1" }

func (v *RegistrationPinned) apply(f fold, _ *Entry) {
	pin := &f.registration.Pin
	pin.Version, pin.Digest, pin.Mode, pin.On = v.Version, v.Digest, v.Mode, v.On
}

// pinned is the event that moves a registration to another version, which it
// keeps by the mode that it was registered with.
func (s *Standing) pinned(version int, digest string, on Date, why string) *RegistrationPinned {
	return &RegistrationPinned{Version: version, Digest: digest, Mode: s.Pin.Mode, On: on, Why: why}
}

// RulesOn is the version of the rules by which a registration is judged on a
// day: the one it is pinned to, or, where it is pinned by each decision or period,
// the one in force that day, if it is among Versions.
func (f Facts) RulesOn(day Date) *programme.Programme {
	if f.Line == nil || !f.Standing.Exists() || !f.Standing.Pin.ByDay() {
		return f.Programme
	}
	if p := f.rulesOf(day); p != nil {
		return p
	}
	return f.Programme
}

// ByDay reports whether the day on which the rules are asked fixes the version of
// the rules: pinned by each decision, or by each period, of which those that have
// ended are judged by the versions in force on their last days.
func (p Pin) ByDay() bool { return p.Mode == PinByDecision || p.Mode == PinByPeriod }

// judgedBy is the pin of an assessment by rules on a day.
func (s *Standing) judgedBy(p *programme.Programme, day Date) Pin {
	if !s.Pin.ByDay() || p.Digest == s.Pin.Digest {
		return s.Pin
	}
	return Pin{Programme: p.ID, Version: p.Version, Digest: p.Digest, Mode: s.Pin.Mode, On: day}
}

// ClarifyRegistration moves an undecided registration to a version that
// clarifies the one it is pinned to. The body has confirmed the clarification
// by publishing it.
type ClarifyRegistration struct {
	Act
	Registration string
	Version      int // Facts.Clarifying is its rules
}

// Subject is the registration's.
func (c ClarifyRegistration) Subject() Subject {
	return SubjectOf(KindRegistration, c.Registration)
}

// VersionNamed is the version of the registration's programme that the command
// looks at, beside the one pinned.
func (c ClarifyRegistration) VersionNamed() int { return c.Version }

// NamingVersion is a command on a registration that names another version of
// its programme; Facts.Clarifying is that version's rules.
type NamingVersion interface {
	Command
	VersionNamed() int
}

var _ NamingVersion = ClarifyRegistration{}
