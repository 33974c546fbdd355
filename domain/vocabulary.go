package domain

import (
	"maps"
	"slices"
)

// Event is something that happened, in the form it is stored in. Every event
// type folds: apply is unexported and required.
type Event interface {
	// Type is the stored name without prefix, like "attendance.marked.v1".
	Type() string
	common() *Common
	apply(into fold, e *Entry)
}

// fold holds the one state that an entry's subject kind has; the others are nil.
type fold struct {
	registration *Standing
	cohort       *Cohort
	programme    *ProgrammeLine
	attester     *Attester
	person       *Person
	system       *System
	access       *Access
}

// Group is a set of personal values sealed together under one key.
type Group string

// The personal groups. Each is sealed under its own key per person.
const (
	GroupIdentity       Group = "identity"            // names
	GroupContact        Group = "contact"             // addresses, phone, e-mail
	GroupLivedExp       Group = "lived-experience"    // never read by a rule
	GroupAccommodation  Group = "accommodation"       // requests, absence reasons
	GroupNarrative      Group = "narrative"           // evaluation narratives and reasons
	GroupPracticum      Group = "practicum-narrative" // describes other people
	GroupComplaint      Group = "complaint"           // complaints and appeals
	GroupClassification Group = "classified"          // substance behind a named person's classification
)

// Groups lists the personal groups in a fixed order.
func Groups() []Group {
	return []Group{
		GroupIdentity, GroupContact, GroupLivedExp, GroupAccommodation,
		GroupNarrative, GroupPracticum, GroupComplaint, GroupClassification,
	}
}

// Sealed is a personal group in stored form. Only the vault can open it.
type Sealed struct {
	Key        string `json:"key"`
	Generation uint32 `json:"generation"`
	Commitment string `json:"commitment"`
	Value      string `json:"value"`
}

// Read is a fact outside its own subject that a command looked at: which
// version of which subject.
type Read struct {
	Subject  Subject `json:"subject"`
	Version  uint64  `json:"version"`
	Sequence uint64  `json:"sequence"`
	Hash     string  `json:"hash"`
}

// Common is part of every event's data.
type Common struct {
	Reads  []Read           `json:"reads,omitempty"`
	Sealed map[Group]Sealed `json:"sealed,omitempty"`

	// Personal holds groups still in the clear, between Decide and sealing.
	// It is never encoded.
	Personal map[Group]map[string]string `json:"-"`
}

func (c *Common) common() *Common { return c }

// CommonOf gives the writer access to an event's reads and personal groups.
func CommonOf(e Event) *Common { return e.common() }

func (c *Common) personal(g Group, field, value string) {
	if value == "" {
		return
	}
	if c.Personal == nil {
		c.Personal = map[Group]map[string]string{}
	}
	if c.Personal[g] == nil {
		c.Personal[g] = map[string]string{}
	}
	c.Personal[g][field] = value
}

type word struct {
	kinds []Kind
	make  func() Event
}

func (w word) on(k Kind) bool { return slices.Contains(w.kinds, k) }

func event[T any, P interface {
	*T
	Event
}](kinds ...Kind) word {
	return word{kinds: kinds, make: func() Event { return P(new(T)) }}
}

// vocabulary is every event type there is, for ever. A new form is a new
// version beside the old one.
var vocabulary = map[string]word{
	"ledger.created.v1": event[LedgerCreated](KindSystem),
	"token.created.v1":  event[TokenCreated](KindSystem),
	"token.revoked.v1":  event[TokenRevoked](KindSystem),

	"signing-key.rotated.v1": event[SigningKeyRotated](KindSystem),
	"audit.sampled.v1":       event[AuditSampled](KindSystem),

	"access.recorded.v1": event[AccessRecorded](KindAccess),

	"proposal.made.v1":            event[ProposalMade](KindProgramme, KindRegistration, KindSystem),
	"proposal.declined.v1":        event[ProposalDeclined](KindProgramme, KindRegistration, KindSystem),
	"programme.published.v1":      event[ProgrammePublished](KindProgramme),
	"programme.withdrawn.v1":      event[ProgrammeWithdrawn](KindProgramme),
	"cohort.opened.v1":            event[CohortOpened](KindCohort),
	"session.scheduled.v1":        event[SessionScheduled](KindCohort),
	"session.rescheduled.v1":      event[SessionRescheduled](KindCohort),
	"session.cancelled.v1":        event[SessionCancelled](KindCohort),
	"materials.released.v1":       event[MaterialsReleased](KindCohort),
	"attester.assigned.v1":        event[AttesterAssigned](KindCohort, KindRegistration),
	"attester.released.v1":        event[AttesterReleased](KindCohort, KindRegistration),
	"attester.registered.v1":      event[AttesterRegistered](KindAttester),
	"attester.qualified.v1":       event[AttesterQualified](KindAttester),
	"attester.approved.v1":        event[AttesterApproved](KindAttester),
	"attester.ended.v1":           event[AttesterEnded](KindAttester),
	"person.corrected.v1":         event[PersonCorrected](KindPerson),
	"registration.submitted.v1":   event[RegistrationSubmitted](KindRegistration),
	"registration.withdrawn.v1":   event[RegistrationWithdrawn](KindRegistration),
	"registration.no-show.v1":     event[RegistrationNoShow](KindRegistration),
	"registration.pinned.v1":      event[RegistrationPinned](KindRegistration),
	"registration.transferred.v1": event[RegistrationTransferred](KindRegistration),
	"consent.accepted.v1":         event[ConsentAccepted](KindRegistration),
	"accommodation.requested.v1":  event[AccommodationRequested](KindRegistration),
	"accommodation.answered.v1":   event[AccommodationAnswered](KindRegistration),
	"attendance.marked.v1":        event[AttendanceMarked](KindRegistration),
	"attendance.corrected.v1":     event[AttendanceCorrected](KindRegistration),
	"absence.excused.v1":          event[AbsenceExcused](KindRegistration),
	"live-equivalent.approved.v1": event[LiveEquivalentApproved](KindRegistration),
	"evidence.recorded.v1":        event[EvidenceRecorded](KindRegistration),
	"evidence.signed.v1":          event[EvidenceSigned](KindRegistration),
	"evidence.disputed.v1":        event[EvidenceDisputed](KindRegistration),
	"evidence.answered.v1":        event[EvidenceAnswered](KindRegistration),
	"evidence.corrected.v1":       event[EvidenceCorrected](KindRegistration),
	"evidence.voided.v1":          event[EvidenceVoided](KindRegistration),
	"judgement.recorded.v1":       event[JudgementRecorded](KindRegistration),
	"task.set.v1":                 event[TaskSet](KindRegistration),
	"task.extended.v1":            event[TaskExtended](KindRegistration),
	"task.fulfilled.v1":           event[TaskFulfilled](KindRegistration),
	"task.confirmed.v1":           event[TaskConfirmed](KindRegistration),
	"task.cancelled.v1":           event[TaskCancelled](KindRegistration),
	"submission.filed.v1":         event[SubmissionFiled](KindRegistration),
	"submission.answered.v1":      event[SubmissionAnswered](KindRegistration),
	"submission.withdrawn.v1":     event[SubmissionWithdrawn](KindRegistration),
	"waiver.granted.v1":           event[WaiverGranted](KindRegistration),
	"waiver.ended.v1":             event[WaiverEnded](KindRegistration),
	"decision.recorded.v1":        event[DecisionRecorded](KindRegistration),
	"review.assigned.v1":          event[ReviewAssigned](KindRegistration),
	"review.closed.v1":            event[ReviewClosed](KindRegistration),
	"status.reached.v1":           event[StatusReached](KindRegistration),
	"notice.given.v1":             event[NoticeGiven](KindRegistration),
}

// EventTypes lists every stored event type, sorted.
func EventTypes() []string { return slices.Sorted(maps.Keys(vocabulary)) }
