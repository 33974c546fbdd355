package domain

import (
	"cmp"
	"slices"
)

// Standing is what a registration's entries add up to: its facts in the order
// they were recorded, and nothing judged. It is a plain value that encodes to
// the same JSON for the same history.
type Standing struct {
	Head
	Registration string  `json:"registration"`
	Person       string  `json:"person"`
	Pin          Pin     `json:"pin"`
	Cohort       string  `json:"cohort,omitempty"`
	State        string  `json:"state"` // registered, withdrawn, no-show
	Submitted    Origin  `json:"submitted"`
	StateSince   *Origin `json:"since,omitempty"`

	Given          []string         `json:"given,omitempty"` // fields given at registration, sorted
	Stays          []Stay           `json:"stays,omitempty"` // cohorts before the present one
	Consents       []Consent        `json:"consents,omitempty"`
	Attesters      []Assignment     `json:"attesters,omitempty"`
	Accommodations []Accommodation  `json:"accommodations,omitempty"`
	Marks          []Mark           `json:"marks,omitempty"`
	Absences       []Absence        `json:"absences,omitempty"`
	Equivalents    []LiveEquivalent `json:"equivalents,omitempty"`
	Evidence       []Evidence       `json:"evidence,omitempty"`
	Judgements     []Judgement      `json:"judgements,omitempty"`
	Tasks          []Task           `json:"tasks,omitempty"`
	Submissions    []Submission     `json:"submissions,omitempty"`
	Waivers        []Waiver         `json:"waivers,omitempty"`
	Proposals      []Proposal       `json:"proposals,omitempty"`
	Unapproved     []Origin         `json:"unapproved,omitempty"` // acts of two people that lack the second: without effect
	Decisions      []Decision       `json:"decisions,omitempty"`
	Doubts         []Doubt          `json:"doubts,omitempty"`
	Statuses       []Status         `json:"statuses,omitempty"`
	Notices        []Notice         `json:"notices,omitempty"`
	Last           Origin           `json:"last"` // of the latest entry
}

// States of a registration.
const (
	StateRegistered = "registered"
	StateWithdrawn  = "withdrawn"
	StateNoShow     = "no-show"
)

// Pin fixes the rules that a registration is judged by.
type Pin struct {
	Programme string `json:"programme"`
	Version   int    `json:"version"`
	Digest    string `json:"digest"`
	Mode      string `json:"mode"` // registration, application, decision, period
	On        Date   `json:"on"`
}

// Apply folds an entry on the registration's subject.
func (s *Standing) Apply(e Entry) {
	s.Registration = e.Subject.ID()
	e.Event.apply(fold{registration: s}, &e)
	s.Last = originOf(&e)
	s.advance(&e)
}

// Exists reports whether anything was recorded.
func (s *Standing) Exists() bool { return s != nil && s.Version > 0 }

// Doubt is a reason to review a decision: a later entry touched a fact that it
// rested on. Nothing changes by itself.
type Doubt struct {
	Decision string `json:"decision"`
	Because  string `json:"because"`        // event type of the later entry
	Fact     uint64 `json:"fact,omitempty"` // sequence of the fact touched; 0 for one that came late
	Made     Origin `json:"made"`
}

// doubt flags the decisions in force that rested on a fact, which the entry
// corrected, voided or contradicted.
func (s *Standing) doubt(e *Entry, facts ...uint64) {
	for _, d := range s.Decisions {
		if d.Superseded || d.Act == ActRevoke {
			continue
		}
		for _, fact := range facts {
			if d.restsOn(fact) {
				s.Doubts = append(s.Doubts, Doubt{Decision: d.ID, Because: e.Type, Fact: fact, Made: originOf(e)})
				break
			}
		}
	}
}

// doubtLate flags the decisions in force whose time considered is not before
// the day on which the newly recorded fact happened.
func (s *Standing) doubtLate(e *Entry, day Date) {
	for _, d := range s.Decisions {
		if !d.Superseded && d.Act != ActRevoke && day <= d.Made.Day() && e.Time.Before(d.Made.Time) {
			s.Doubts = append(s.Doubts, Doubt{Decision: d.ID, Because: e.Type, Made: originOf(e)})
		}
	}
}

// ReviewCauses lists what happened since to the facts that decisions in force
// rested on, in the order in which it was recorded: a later entry about a fact
// of the registration, or a change of a session of its cohort (whose type is
// left out). The classes are those of its assessment: a later mark of lower rank
// touches nothing.
func ReviewCauses(f Facts, classes []ClassResult) []Doubt {
	if f.Standing == nil {
		return nil
	}
	var out []Doubt
	v := &view{s: f.Standing, f: f}
	for _, d := range f.Standing.Decisions {
		if d.Superseded || d.Act == ActRevoke {
			continue
		}
		for _, x := range f.Standing.Doubts {
			if x.Decision == d.ID && !v.stillInForce(x, classes) {
				out = append(out, x)
			}
		}
		if f.Cohort == nil || d.CohortAt == 0 {
			continue
		}
		for _, s := range f.Cohort.Sessions {
			if s.Changed.Sequence > d.CohortAt {
				out = append(out, Doubt{Decision: d.ID, Made: s.Changed})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Doubt) int { return cmp.Compare(a.Made.Sequence, b.Made.Sequence) })
	return out
}
