package domain

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
	Endings        []EarlyEnd       `json:"endings,omitempty"` // of its own assignments
	ReviewOwners   []ReviewOwner    `json:"reviewowners,omitempty"`
	ClosedReviews  []ClosedReview   `json:"closedreviews,omitempty"`
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
