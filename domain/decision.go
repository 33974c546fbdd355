package domain

import (
	"slices"
	"time"
)

// Acts of a decision.
const (
	ActGrant           = "grant"
	ActDeny            = "deny"
	ActExtend          = "extend"
	ActRenew           = "renew"
	ActSuspend         = "suspend"
	ActReinstate       = "reinstate"
	ActRevoke          = "revoke"
	ActAcceptSurrender = "accept-surrender"
)

// Decision is what the standing keeps of a recorded decision. The whole record
// stands in the entry.
type Decision struct {
	ID         string   `json:"id"`
	Act        string   `json:"act"`
	Award      string   `json:"award"`
	Track      string   `json:"track,omitempty"`
	Period     string   `json:"period,omitempty"`
	Level      string   `json:"level,omitempty"`
	Levels     []string `json:"levels,omitempty"` // revoked
	PersonWide bool     `json:"personwide,omitempty"`
	From       Date     `json:"from,omitempty"`
	Until      Date     `json:"until,omitempty"`
	Denied     *Denied  `json:"denied,omitempty"`
	Supersedes string   `json:"supersedes,omitempty"`
	Superseded bool     `json:"superseded,omitempty"` // by a later grant, a revocation, or a lifted suspension
	Rests      []uint64 `json:"rests,omitempty"`      // sequences of the entries it rested on, sorted
	Used       []uint64 `json:"used,omitempty"`       // sequences of the evidence that its own award's results rested on, sorted
	Seen       []Seen   `json:"seen,omitempty"`       // how far other subjects were read
	Warnings   []string `json:"warnings,omitempty"`
	Made       Origin   `json:"made"`
}

func (d Decision) restsOn(sequence uint64) bool {
	_, found := slices.BinarySearch(d.Rests, sequence)
	return found
}

// Denied is why a level was not granted: always a clause, a reason (sealed, or
// a code), a way to appeal and until when, if the programme sets a time.
type Denied struct {
	Level       string `json:"level"`
	Clause      string `json:"clause"`
	Reason      string `json:"reason,omitempty"` // reason code
	Appeal      string `json:"appeal"`           // route, a code: appeals-panel
	AppealUntil Date   `json:"appealuntil,omitempty"`
}

// DecisionRecorded is a recorded act by a named person, with everything it
// rested on. Reasons in words are sealed.
type DecisionRecorded struct {
	Common
	Decision   string    `json:"decision"`
	Act        string    `json:"act"`
	Award      string    `json:"award"`
	Track      string    `json:"track,omitempty"`
	Period     string    `json:"period,omitempty"`
	Level      string    `json:"level,omitempty"`
	Levels     []string  `json:"levels,omitempty"`
	PersonWide bool      `json:"personwide,omitempty"`
	From       Date      `json:"from,omitempty"`
	Until      Date      `json:"until,omitempty"`
	Denied     *Denied   `json:"denied,omitempty"`
	Reason     string    `json:"reason,omitempty"` // reason code
	Supersedes string    `json:"supersedes,omitempty"`
	Warnings   []string  `json:"warnings,omitempty"` // e.g. decided-by-trainer
	Proposed   *Proposed `json:"proposed,omitempty"`
	Record     *Record   `json:"record,omitempty"`
}

// Record is what a decision rested on, enough to derive it again: the rules,
// the cut, every entry consulted and how it was used, the trace, and what bound
// the result.
type Record struct {
	Form        int              `json:"form"` // version of this record's form, 1
	Decided     Decided          `json:"decided"`
	Engine      string           `json:"engine"`
	EngineHash  string           `json:"enginehash,omitempty"` // sha256: of the program that decided, where known
	Programme   Pin              `json:"programme"`
	Periods     []PeriodRules    `json:"periods,omitempty"` // rules by which periods that have ended are judged, by day
	Cut         Cut              `json:"cut"`
	Evidence    []Consulted      `json:"evidence"`
	Awards      []AwardResult    `json:"awards"`
	Trace       []Result         `json:"trace"`
	Measures    []Total          `json:"measures,omitempty"`
	Classes     []ClassResult    `json:"classes,omitempty"`
	Judgements  []JudgementUsed  `json:"judgements,omitempty"` // the human judgements in force
	Waivers     []WaiverUsed     `json:"waivers,omitempty"`
	Assumptions []AssumptionUsed `json:"assumptions,omitempty"`
	Previous    string           `json:"previous,omitempty"` // hash of the entry of the decision before
	Digest      string           `json:"digest"`             // sha256: of the canonical JSON of all the above
}

// Decided repeats in the record what is decided, on whom and by whom, so that
// the record's digest binds it to its reasons. Conflict is what the check for a
// conflict of interest found: nothing, where the decider is neither trainer nor
// supervisor of the person.
type Decided struct {
	Decision     string   `json:"decision"`
	Act          string   `json:"act"`
	Registration string   `json:"registration"`
	Person       string   `json:"person"`
	Award        string   `json:"award"`
	Track        string   `json:"track,omitempty"`
	Period       string   `json:"period,omitempty"`
	Level        string   `json:"level,omitempty"`
	Levels       []string `json:"levels,omitempty"`
	PersonWide   bool     `json:"personwide,omitempty"`
	Effective    Date     `json:"effective"`
	Until        Date     `json:"until,omitempty"`
	Denied       *Denied  `json:"denied,omitempty"`
	Supersedes   string   `json:"supersedes,omitempty"`
	By           Actor    `json:"by"`
	Role         string   `json:"role"`
	Conflict     []string `json:"conflict"` // warning codes
	Appeal       string   `json:"appeal"`   // route, a code: appeals-panel
	AppealUntil  Date     `json:"appealuntil,omitempty"`
}

// Cut is how much of the ledger a decision considered: everything up to the
// sequences, as at the time.
type Cut struct {
	Sequence uint64    `json:"sequence"` // last entry of the registration
	Version  uint64    `json:"version"`
	Hash     string    `json:"hash"`
	Time     time.Time `json:"time"`
	Reads    []Read    `json:"reads,omitempty"`
}

// Consulted is one entry looked at and the part it played: used, superseded,
// ignored, with the reason for the last two.
type Consulted struct {
	Entry    string `json:"entry,omitempty"` // event id
	Sequence uint64 `json:"sequence"`
	Hash     string `json:"hash,omitempty"`
	Type     string `json:"type,omitempty"`
	Role     string `json:"role"`
	Why      string `json:"why,omitempty"` // code
}

// JudgementUsed is a human judgement in force at a decision. Its words are
// sealed; Text says where.
type JudgementUsed struct {
	Judgement string     `json:"judgement"`
	Sequence  uint64     `json:"sequence"`
	Question  string     `json:"question"`
	Number    int64      `json:"number,omitempty"`
	Answer    string     `json:"answer"`
	By        Actor      `json:"by"`
	Role      string     `json:"role"`
	On        Date       `json:"on"`
	Consensus bool       `json:"consensus,omitempty"`
	Signers   []Actor    `json:"signers,omitempty"`
	Rubric    string     `json:"rubric,omitempty"`
	Ratings   []Rating   `json:"ratings,omitempty"`
	Text      *Reference `json:"text,omitempty"`
}

// WaiverUsed is a waiver in force at a decision, and the two who gave it. The
// reason in words is sealed with the proposal; Text says where.
type WaiverUsed struct {
	Waiver      string     `json:"waiver"`
	Sequence    uint64     `json:"sequence"`
	Requirement string     `json:"requirement"`
	Session     string     `json:"session,omitempty"`
	Until       Date       `json:"until,omitempty"`
	ProposedBy  Actor      `json:"proposedby"`
	ApprovedBy  Actor      `json:"approvedby"`
	Text        *Reference `json:"text,omitempty"`
}

// Reference points to a personal value without holding it: an entry and the
// group sealed in it.
type Reference struct {
	Entry    string `json:"entry"`
	Sequence uint64 `json:"sequence"`
	Group    Group  `json:"group"`
}

// AssumptionUsed is a reading of a gap in the sources that the result rests on.
type AssumptionUsed struct {
	ID   string `json:"id"`
	Says string `json:"says"`
}

// Type is the stored name.
func (*DecisionRecorded) Type() string { return "decision.recorded.v1" }

func (v *DecisionRecorded) apply(f fold, e *Entry) {
	if !f.carriedOut(v.Proposed, e, v.Act == ActRevoke) {
		return
	}
	s := f.registration
	d := Decision{
		ID: v.Decision, Act: v.Act, Award: v.Award, Track: v.Track, Period: v.Period, Level: v.Level, Levels: v.Levels,
		PersonWide: v.PersonWide, From: v.From, Until: v.Until, Denied: v.Denied, Supersedes: v.Supersedes,
		Warnings: v.Warnings, Made: originOf(e),
	}
	if v.Record != nil {
		for _, c := range v.Record.Evidence {
			if c.Role == RoleUsed {
				d.Rests = append(d.Rests, c.Sequence)
			}
		}
		slices.Sort(d.Rests)
		d.use(s, v.Record)
		for _, r := range v.Record.Cut.Reads {
			d.Seen = append(d.Seen, Seen{Subject: r.Subject, Sequence: r.Sequence})
		}
	}
	for i := range s.Decisions {
		if d.replaces(s.Decisions[i]) {
			s.Decisions[i].Superseded = true
		}
	}
	s.Decisions = append(s.Decisions, d)
	if x, ok := s.inForce(d.Asking()); ok && d.Act == ActRevoke {
		for i := range s.Decisions {
			s.Decisions[i].Superseded = s.Decisions[i].Superseded && s.Decisions[i].ID != x.ID
		}
	}
}

// Roles of a consulted entry.
const (
	RoleUsed       = "used"
	RoleSuperseded = "superseded"
	RoleIgnored    = "ignored"
)

// replaces reports whether d takes an earlier decision of the same award out of force.
func (d Decision) replaces(old Decision) bool {
	if old.Superseded || old.Asking() != d.Asking() {
		return false
	}
	switch d.Act {
	case ActGrant, ActRenew, ActExtend:
		return old.Act == ActGrant || old.Act == ActRenew || old.Act == ActExtend || old.Act == ActDeny
	case ActDeny:
		return old.Act == ActDeny
	case ActReinstate:
		return old.Act == ActSuspend || old.Act == ActRevoke
	case ActRevoke:
		return len(d.Levels) == 0 || slices.Contains(d.Levels, old.Level) || old.Act == ActSuspend
	case ActSuspend, ActAcceptSurrender:
		return old.Act == ActSuspend
	}
	return false
}

// gives reports whether a decision gives a level.
func (d Decision) gives() bool {
	return d.Act == ActGrant || d.Act == ActRenew || d.Act == ActExtend
}

// InForce is the latest decision of an award that gives a level and was not
// revoked. Where a revocation names the highest levels only, the level granted
// before them stands again (A31). The award is one that is asked once.
func (s *Standing) InForce(award string) (Decision, bool) { return s.InForceApart(award, nil) }

// InForceApart is InForce apart from levels that were revoked for the whole
// person in another registration.
func (s *Standing) InForceApart(award string, revoked []string) (Decision, bool) {
	return givenAmong(s.Decisions, Asking{Award: award}, func(Decision) bool { return true }, revoked)
}

// inForce is InForce of an award as it was asked.
func (s *Standing) inForce(k Asking) (Decision, bool) {
	return givenAmong(s.Decisions, k, func(Decision) bool { return true }, nil)
}

// givenAmong is InForce among the decisions that somebody knows, apart from
// levels that were revoked elsewhere. A reinstatement gives nothing back: it
// lets somebody be granted again.
func givenAmong(all []Decision, k Asking, known func(Decision) bool, elsewhere []string) (Decision, bool) {
	var revoked []string
	for _, d := range slices.Backward(all) {
		switch {
		case d.Asking() != k || !known(d):
		case d.Act == ActRevoke && len(d.Levels) == 0, d.Act == ActAcceptSurrender:
			return Decision{}, false
		case d.Act == ActRevoke:
			revoked = append(revoked, d.Levels...)
		case d.gives() && !slices.Contains(revoked, d.Level) && !slices.Contains(elsewhere, d.Level):
			return d, true
		}
	}
	return Decision{}, false
}

// latest is the latest decision on an asking with one of the acts, not superseded.
func (s *Standing) latest(k Asking, acts ...string) (Decision, bool) {
	for i := len(s.Decisions) - 1; i >= 0; i-- {
		d := s.Decisions[i]
		if d.Asking() == k && !d.Superseded && slices.Contains(acts, d.Act) {
			return d, true
		}
	}
	return Decision{}, false
}
