package domain

// Units that a quantity may have: whole numbers of the smallest unit.
const (
	UnitMinute     = "minute"
	UnitHundredth  = "hundredth" // of a credit
	UnitCent       = "cent"
	UnitBasisPoint = "basis-point"
	UnitDay        = "day"
	UnitMonth      = "month"
	UnitWord       = "word"
	UnitCount      = "count"
)

// Fact is what a piece of evidence says, in words that no programme owns; the
// programme's are values. A quantity may be absent and is never zero for
// unknown.
type Fact struct {
	Activity     string   `json:"activity,omitempty"` // shared by copies of one real activity
	Kind         string   `json:"kind"`
	Category     string   `json:"category,omitempty"` // path
	Title        string   `json:"title,omitempty"`    // code
	Number       int64    `json:"number,omitempty"`   // interval, attempt: from 1
	Session      string   `json:"session,omitempty"`
	Module       string   `json:"module,omitempty"`
	Item         string   `json:"item,omitempty"`
	Period       string   `json:"period,omitempty"`
	Track        string   `json:"track,omitempty"`
	Quantity     *int64   `json:"quantity,omitempty"`
	Unit         string   `json:"unit,omitempty"`
	Currency     string   `json:"currency,omitempty"`
	Outcome      string   `json:"outcome,omitempty"`
	Score        *int64   `json:"score,omitempty"`
	OutOf        *int64   `json:"outof,omitempty"`
	From         Date     `json:"from"`     // first day it happened
	Until        Date     `json:"until"`    // last day it happened
	Received     Date     `json:"received"` // when the body received it
	FiledBy      Actor    `json:"filedby,omitempty"`
	FiledRole    string   `json:"filedrole,omitempty"`
	Attester     string   `json:"attester,omitempty"`
	AttesterRole string   `json:"attesterrole,omitempty"`
	Relation     string   `json:"relation,omitempty"`
	Provider     string   `json:"provider,omitempty"`
	Mode         string   `json:"mode,omitempty"`
	Documents    []string `json:"documents,omitempty"` // hashes
	Fulfils      string   `json:"fulfils,omitempty"`   // task id
}

// Evidence is a recorded piece of evidence and what became of it.
type Evidence struct {
	ID string `json:"id"`
	Fact
	Made       Origin      `json:"made"`
	Was        []WasFact   `json:"was,omitempty"` // before corrections
	Signatures []Signature `json:"signatures,omitempty"`
	Answers    []Answer    `json:"answers,omitempty"`
	Disputes   []Answer    `json:"disputes,omitempty"`
	Voided     *Origin     `json:"voided,omitempty"`
}

// WasFact is what a piece of evidence said until it was corrected.
type WasFact struct {
	Fact
	Until Origin `json:"until"`
}

// Signature attests a piece of evidence. A correction of the evidence needs it anew.
type Signature struct {
	Attester string `json:"attester,omitempty"`
	Role     string `json:"as"`
	For      string `json:"for,omitempty"` // role that could not sign, where staff attest in its place
	Made     Origin `json:"made"`
}

// Answer is an answer to evidence or a submission, effective from a day.
type Answer struct {
	Word    string   `json:"word"`
	Reasons []string `json:"reasons,omitempty"`
	From    Date     `json:"from"`
	Made    Origin   `json:"made"`
}

// EvidenceRecorded records a piece of evidence.
type EvidenceRecorded struct {
	Common
	Evidence string `json:"evidence"`
	Fact
}

// EvidenceSigned attests a piece of evidence. In place of a supervisor who
// cannot sign, staff attest with a reason.
type EvidenceSigned struct {
	Common
	Evidence string `json:"evidence"`
	Attester string `json:"attester,omitempty"`
	Role     string `json:"role"`
	For      string `json:"for,omitempty"`
	Reason   string `json:"reason,omitempty"`
}

// EvidenceDisputed records that somebody entitled to contests a piece of
// evidence. It does not count until the dispute is answered.
type EvidenceDisputed struct {
	Common
	Evidence string `json:"evidence"`
	Role     string `json:"role"`
	Reason   string `json:"reason"`
}

// EvidenceAnswered is the body's answer to evidence: accepted, refused, clear …
type EvidenceAnswered struct {
	Common
	Evidence string   `json:"evidence"`
	Answer   string   `json:"answer"`
	Role     string   `json:"role"`
	Reasons  []string `json:"reasons,omitempty"`
	From     Date     `json:"from"`
}

// EvidenceCorrected replaces what a piece of evidence says.
type EvidenceCorrected struct {
	Common
	Evidence string `json:"evidence"`
	Reason   string `json:"reason"`
	Fact
	Proposed *Proposed `json:"proposed,omitempty"`
}

// EvidenceVoided takes a piece of evidence out: it never was so.
type EvidenceVoided struct {
	Common
	Evidence string    `json:"evidence"`
	Reason   string    `json:"reason"`
	Proposed *Proposed `json:"proposed,omitempty"`
}

func (*EvidenceRecorded) Type() string  { return "evidence.recorded.v1" }
func (*EvidenceSigned) Type() string    { return "evidence.signed.v1" }
func (*EvidenceDisputed) Type() string  { return "evidence.disputed.v1" }
func (*EvidenceAnswered) Type() string  { return "evidence.answered.v1" }
func (*EvidenceCorrected) Type() string { return "evidence.corrected.v1" }
func (*EvidenceVoided) Type() string    { return "evidence.voided.v1" }

func (v *EvidenceRecorded) apply(f fold, e *Entry) {
	s := f.registration
	s.Evidence = append(s.Evidence, Evidence{ID: v.Evidence, Fact: v.Fact, Made: originOf(e)})
	s.doubtLate(e, v.Until)
	s.fulfil(v.Fulfils, v.Until, e)
}

func (s *Standing) evidence(id string) *Evidence {
	for i := range s.Evidence {
		if s.Evidence[i].ID == id {
			return &s.Evidence[i]
		}
	}
	return nil
}

func (v *EvidenceSigned) apply(f fold, e *Entry) {
	if x := f.registration.evidence(v.Evidence); x != nil {
		x.Signatures = append(x.Signatures, Signature{Attester: v.Attester, Role: v.Role, For: v.For, Made: originOf(e)})
	}
}

func (v *EvidenceDisputed) apply(f fold, e *Entry) {
	if x := f.registration.evidence(v.Evidence); x != nil {
		x.Disputes = append(x.Disputes, Answer{Word: v.Role, Reasons: []string{v.Reason}, From: DateOf(e.Time), Made: originOf(e)})
		f.registration.doubt(e, x.Made.Sequence)
	}
}

func (v *EvidenceAnswered) apply(f fold, e *Entry) {
	if x := f.registration.evidence(v.Evidence); x != nil {
		x.Answers = append(x.Answers, Answer{Word: v.Answer, Reasons: v.Reasons, From: v.From, Made: originOf(e)})
	}
}

func (v *EvidenceCorrected) apply(f fold, e *Entry) {
	if !f.carriedOut(v.Proposed, e, false) {
		return
	}
	if x := f.registration.evidence(v.Evidence); x != nil {
		x.Was = append(x.Was, WasFact{Fact: x.Fact, Until: originOf(e)})
		x.Fact = v.Fact
		f.registration.doubt(e, x.Made.Sequence)
	}
}

func (v *EvidenceVoided) apply(f fold, e *Entry) {
	if !f.carriedOut(v.Proposed, e, false) {
		return
	}
	if x := f.registration.evidence(v.Evidence); x != nil {
		o := originOf(e)
		x.Voided = &o
		f.registration.doubt(e, x.Made.Sequence)
	}
}

// RecordEvidence records a piece of evidence. The same id with the same content
// is one piece; with other content it is refused.
type RecordEvidence struct {
	Act
	Registration string
	Evidence     string // id; derived from the command where empty
	Fact
	Narrative string // sealed
}

// SignEvidence attests a piece of evidence.
type SignEvidence struct {
	Act
	Registration string
	Evidence     string
	For          string // role in whose place staff attest
	Reason       string // reason code; with For, this or Text is required
	Text         string // sealed
}

// DisputeEvidence contests a piece of evidence.
type DisputeEvidence struct {
	Act
	Registration string
	Evidence     string
	Reason       string
	Text         string // sealed
}

// AnswerEvidence is the body's answer to pieces of evidence, or, where none is
// named, to every piece of a kind that has no answer yet.
type AnswerEvidence struct {
	Act
	Registration string
	Evidence     []string
	Kind         string // instead of Evidence
	Answer       string
	Reasons      []string
	From         Date
	Text         string // sealed
}

// CorrectEvidence replaces what a piece of evidence says. It needs signing anew.
type CorrectEvidence struct {
	Act
	Registration string
	Evidence     string
	Reason       string
	Fact
	Text string // sealed
}

// VoidEvidence takes a piece of evidence out.
type VoidEvidence struct {
	Act
	Registration string
	Evidence     string
	Reason       string
	Text         string // sealed
}

// ProposeEvidenceCorrection proposes a correction of evidence that raises a
// level after a decision; another person approves it.
type ProposeEvidenceCorrection struct {
	CorrectEvidence
}

// ProposeVoid proposes to take out evidence where that raises a level after a
// decision; another person approves it.
type ProposeVoid struct {
	VoidEvidence
}

// Subject is the registration's.
func (c RecordEvidence) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c SignEvidence) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c DisputeEvidence) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c AnswerEvidence) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c CorrectEvidence) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c VoidEvidence) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }
