package domain

// Waiver is a named exception from one requirement, and that one only, granted
// by two people.
type Waiver struct {
	ID          string  `json:"id"`
	Requirement string  `json:"requirement"`
	Session     string  `json:"session,omitempty"`
	Until       Date    `json:"until,omitempty"`
	ProposedBy  Actor   `json:"proposedby"`
	Proposed    uint64  `json:"proposed"` // sequence of the proposal, which holds the reason sealed
	Made        Origin  `json:"made"`
	Ended       *Origin `json:"ended,omitempty"`
}

// WaiverGranted carries out a proposal. The reason is sealed with the proposal.
type WaiverGranted struct {
	Common
	Waiver      string    `json:"waiver"`
	Requirement string    `json:"requirement"`
	Session     string    `json:"session,omitempty"`
	Digest      string    `json:"digest"` // of the programme
	Until       Date      `json:"until,omitempty"`
	Reason      string    `json:"reason"` // reason code
	Proposed    *Proposed `json:"proposed"`
}

// WaiverEnded ends a waiver.
type WaiverEnded struct {
	Common
	Waiver string `json:"waiver"`
	Reason string `json:"reason,omitempty"`
}

func (*WaiverGranted) Type() string { return "waiver.granted.v1" }
func (*WaiverEnded) Type() string   { return "waiver.ended.v1" }

func (v *WaiverGranted) apply(f fold, e *Entry) {
	if !f.carriedOut(v.Proposed, e, true) {
		return
	}
	f.registration.Waivers = append(f.registration.Waivers, Waiver{
		ID: v.Waiver, Requirement: v.Requirement, Session: v.Session, Until: v.Until, ProposedBy: v.Proposed.By,
		Proposed: v.Proposed.Sequence, Made: originOf(e),
	})
}

func (v *WaiverEnded) apply(f fold, e *Entry) {
	for i := range f.registration.Waivers {
		w := &f.registration.Waivers[i]
		if w.ID == v.Waiver {
			o := originOf(e)
			w.Ended = &o
			f.registration.doubt(e, w.Made.Sequence)
		}
	}
}

// ProposeWaiver proposes an exception; another person approves it with
// ApproveProposal.
type ProposeWaiver struct {
	Act
	Registration string
	Requirement  string
	Session      string
	Until        Date
	Reason       string // reason code
	Text         string // sealed
}

// ApproveProposal carries out a proposal on a registration: a waiver, a
// revocation, a correction or a live equivalent after a decision. It is refused
// to the proposer, after the proposal's time, and for the person concerned.
type ApproveProposal struct {
	Act
	Registration string
	Proposal     string
}

// EndWaiver ends a waiver.
type EndWaiver struct {
	Act
	Registration string
	Waiver       string
	Reason       string
}

// Subject is the registration's.
func (c ProposeWaiver) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c ApproveProposal) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c EndWaiver) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }
