package domain

import "slices"

// Doubt is a reason to review a decision: a later entry touched a fact that it
// rested on. Nothing changes by itself.
type Doubt struct {
	Decision string `json:"decision"`
	Because  string `json:"because"`        // event type of the later entry
	Fact     uint64 `json:"fact,omitempty"` // sequence of the fact touched; 0 for one that came late
	Made     Origin `json:"made"`
}

// Seen is how far a decision had read another subject: its cohort, those who
// attest, the person's other registrations.
type Seen struct {
	Subject  Subject `json:"subject"`
	Sequence uint64  `json:"sequence"`
}

// EarlyEnd is that a qualification, an approval or an assignment held less long
// than was known before.
type EarlyEnd struct {
	Attester string `json:"attester"`
	Code     string `json:"code"`          // qualification, approval, or role of the assignment
	Until    Date   `json:"until"`         // last day it held
	Was      Date   `json:"was,omitempty"` // last day it was to hold; empty: open
	Made     Origin `json:"made"`
}

// ReviewOwner is who was given the review of a decision. The latest counts.
type ReviewOwner struct {
	Decision string `json:"decision"`
	Owner    Actor  `json:"owner"`
	Due      Date   `json:"due"`
	Made     Origin `json:"made"`
}

// ClosedReview is that somebody looked at what put a decision in doubt, and let
// it stand.
type ClosedReview struct {
	Decision string   `json:"decision"`
	Causes   []uint64 `json:"causes"`
	Word     string   `json:"word"`
	Reason   string   `json:"reason"`
	Made     Origin   `json:"made"`
}

// ReviewStands is the only word that closes a review: the decision stands. One
// that does not is superseded by another.
const ReviewStands = "stands"

// ReviewAssigned records that somebody took the review of a decision, or was
// given it.
type ReviewAssigned struct {
	Common
	Decision string `json:"decision"`
	Owner    Actor  `json:"owner"`
	Due      Date   `json:"due"`
}

// ReviewClosed records that a decision stands although something happened to
// what it rested on. Words are sealed. Causes that came up later, or are not
// among these, keep the review open.
type ReviewClosed struct {
	Common
	Decision string   `json:"decision"`
	Causes   []uint64 `json:"causes"` // sequences of the entries considered, sorted
	Word     string   `json:"word"`
	Reason   string   `json:"reason"` // reason code
}

func (*ReviewAssigned) Type() string { return "review.assigned.v1" }
func (*ReviewClosed) Type() string   { return "review.closed.v1" }

func (v *ReviewAssigned) apply(f fold, e *Entry) {
	f.registration.ReviewOwners = append(f.registration.ReviewOwners, ReviewOwner{
		Decision: v.Decision, Owner: v.Owner, Due: v.Due, Made: originOf(e),
	})
}

func (v *ReviewClosed) apply(f fold, e *Entry) {
	f.registration.ClosedReviews = append(f.registration.ClosedReviews, ClosedReview{
		Decision: v.Decision, Causes: slices.Clone(v.Causes), Word: v.Word, Reason: v.Reason, Made: originOf(e),
	})
}

// doubt flags the decisions in force that rested on a fact, which the entry
// corrected, voided or contradicted.
func (s *Standing) doubt(e *Entry, facts ...uint64) {
	for i := range s.Decisions {
		if fact := slices.IndexFunc(facts, s.Decisions[i].restsOn); fact >= 0 {
			s.flag(e, &s.Decisions[i], facts[fact])
		}
	}
}

// doubtLate flags the decisions in force whose time considered is not before
// the day on which the newly recorded fact happened.
func (s *Standing) doubtLate(e *Entry, day Date) {
	for i := range s.Decisions {
		if d := &s.Decisions[i]; day <= d.Made.Day() && e.Time.Before(d.Made.Time) {
			s.flag(e, d, 0)
		}
	}
}

// doubtSeen flags the decisions in force that looked at another subject.
func (s *Standing) doubtSeen(e *Entry, subject Subject) {
	for i := range s.Decisions {
		if _, looked := s.Decisions[i].seen(subject); looked {
			s.flag(e, &s.Decisions[i], 0)
		}
	}
}

func (s *Standing) flag(e *Entry, d *Decision, fact uint64) {
	if !d.Superseded && d.Act != ActRevoke {
		s.Doubts = append(s.Doubts, Doubt{Decision: d.ID, Because: e.Type, Fact: fact, Made: originOf(e)})
	}
}

// seen is how far a decision had read a subject, and whether it did at all.
func (d *Decision) seen(subject Subject) (sequence uint64, looked bool) {
	for _, x := range d.Seen {
		if x.Subject == subject {
			return x.Sequence, true
		}
	}
	return 0, false
}

// AssignReview gives the review of a decision to somebody, or takes it.
type AssignReview struct {
	Act
	Registration string
	Decision     string
	Owner        Actor // who acts where empty
	Due          Date  // the day that the programme gives where empty
}

// CloseReview lets a decision stand after looking at what put it in doubt.
type CloseReview struct {
	Act
	Registration string
	Decision     string
	Causes       []uint64 // sequences of the causes considered; one at least
	Reason       string   // reason code
	Text         string   // sealed
}

// Subject is the registration's.
func (c AssignReview) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c CloseReview) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }
