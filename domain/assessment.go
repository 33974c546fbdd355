package domain

import "time"

// Verdict is what a requirement reports; never silence.
type Verdict string

// The verdicts.
const (
	Met           Verdict = "met"
	NotMet        Verdict = "not-met"
	Open          Verdict = "open"
	NotApplicable Verdict = "not-applicable"
)

// Assessment is a programme applied to facts at a time. It is derived, never stored
// as truth, and equal for equal facts.
type Assessment struct {
	Programme   Pin              `json:"programme"`
	At          time.Time        `json:"at"`
	Status      string           `json:"status"`            // registered, withdrawn, no-show, active, suspended, revoked, or a programme's own word
	Phase       *PhaseState      `json:"phase,omitempty"`   // after the end of a period that is not settled
	Periods     []PeriodRules    `json:"periods,omitempty"` // by which rules periods that have ended are judged, where each has its own; by day
	Awards      []AwardResult    `json:"awards"`
	Results     []Result         `json:"results"` // per requirement, in the programme's order
	Measures    []Total          `json:"measures,omitempty"`
	Classes     []ClassResult    `json:"classes,omitempty"`
	Reviews     []Review         `json:"reviews,omitempty"` // decisions in force to be looked at again, in their order
	Flags       []string         `json:"flags,omitempty"`   // sorted
	Warnings    []Warning        `json:"warnings,omitempty"`
	Assumptions []AssumptionUsed `json:"assumptions,omitempty"`
	Consulted   []Consulted      `json:"consulted,omitempty"` // by sequence; ids and hashes are added from entries
}

// Flags that the assessment itself raises; programmes name others.
const (
	FlagWaiver          = "waiver"
	FlagDecisionPending = "decision-pending"
	FlagDenied          = "denied"
	FlagReviewRequired  = "review-required"
	FlagDualRelation    = "dual-relationship"
)

// AwardResult is the answer to one of the programme's questions.
type AwardResult struct {
	Award       string   `json:"award"`
	Track       string   `json:"track,omitempty"`
	Period      string   `json:"period,omitempty"`
	From        Date     `json:"from,omitempty"`    // first day of the period
	Until       Date     `json:"until,omitempty"`   // last day of the period, or on which what is granted holds
	Version     int      `json:"version,omitempty"` // of the rules that judge the period, where they are not those of the assessment
	Earned      string   `json:"earned"`
	Provisional []string `json:"provisional,omitempty"` // why the earned level may still change; codes
	Granted     string   `json:"granted,omitempty"`
	Decision    string   `json:"decision,omitempty"` // the decision in force
	Binding     []string `json:"binding,omitempty"`  // requirements that cap at the earned level
	Next        string   `json:"next,omitempty"`     // the next level up
	Ready       bool     `json:"ready,omitempty"`    // a person can grant more than is granted
}

// Result is what one requirement, or a named child, came to.
type Result struct {
	Path     string   `json:"path"`
	Award    string   `json:"award,omitempty"`
	Track    string   `json:"track,omitempty"`
	Period   string   `json:"period,omitempty"`
	Says     string   `json:"says,omitempty"`
	Source   []string `json:"source,omitempty"`
	Assumes  []string `json:"assumes,omitempty"`
	Test     string   `json:"test"` // operator: at-most, at-least, judged, tasks …
	Left     *Amount  `json:"left,omitempty"`
	Right    *Amount  `json:"right,omitempty"`
	Carried  int64    `json:"carried,omitempty"` // added to the bound from the period before; negative: brought along
	Verdict  Verdict  `json:"verdict"`
	Cap      string   `json:"cap,omitempty"`      // the level it caps at now
	Supports string   `json:"supports,omitempty"` // of thresholds: the highest level whose own is reached
	Short    []Rating `json:"short,omitempty"`    // items that are not rated as is asked for; without an answer: not rated
	MetOn    Date     `json:"meton,omitempty"`    // day of the fact that made it met
	Evidence []uint64 `json:"evidence,omitempty"` // sequences of the entries it rests on, sorted
	Raises   []string `json:"raises,omitempty"`
	Kindly   string   `json:"kindly,omitempty"`
	Lacks    *Lack    `json:"lacks,omitempty"`

	Parts      []PartTotal  `json:"parts,omitempty"`      // that are asked for themselves, in the programme's order
	NotCounted []NotCounted `json:"notcounted,omitempty"` // what was asked for and does not count; of a measure it stands in its total
	Children   []Result     `json:"children,omitempty"`
}

// Amount is one side of a comparison: a number with its unit, or a word.
type Amount struct {
	Number *int64 `json:"number,omitempty"`
	Unit   string `json:"unit,omitempty"`
	Noun   string `json:"noun,omitempty"`
	Word   string `json:"word,omitempty"`
}

// Lack is the distance to meeting a requirement: facts to add. Where nothing
// can be added, LiftedBy says what can lift it. Any of OneOf is enough, the
// nearest first; otherwise all of Needs are wanted.
type Lack struct {
	Needs    []Need   `json:"needs,omitempty"`
	OneOf    []Option `json:"oneof,omitempty"`
	LiftedBy []string `json:"liftedby,omitempty"` // correction, live-equivalent, cancellation, waiver, extension, acceptance
	Closed   Date     `json:"closed,omitempty"`   // no longer possible since
}

// Option is one way to meet a requirement that has several.
type Option struct {
	Path  string `json:"path"`
	Gives string `json:"gives,omitempty"` // the level that it supports, where that is not yet the highest
	Lack
}

// Need is one fact to add, in the vocabulary of facts.
type Need struct {
	Do       string `json:"do"`           // record, sign, judge, ask, confirm, fulfil, extend, file, answer, mark; wait: until From, or for Quantity
	Of       string `json:"of"`           // kind, question, task, submission; session for mark
	ID       string `json:"id,omitempty"` // of the task, evidence or submission concerned
	Category string `json:"category,omitempty"`
	Session  string `json:"session,omitempty"`
	Number   int64  `json:"number,omitempty"`
	Outcome  string `json:"outcome,omitempty"`
	Title    string `json:"title,omitempty"`
	Mode     string `json:"mode,omitempty"`
	Provider string `json:"provider,omitempty"`
	Module   string `json:"module,omitempty"`
	Attester string `json:"attester,omitempty"` // role of the attester
	Answer   string `json:"answer,omitempty"`
	As       string `json:"as,omitempty"` // of a judgement: Consensus, AnyAnswer or CoSignature
	Quantity *int64 `json:"quantity,omitempty"`
	Unit     string `json:"unit,omitempty"`
	Currency string `json:"currency,omitempty"`
	By       string `json:"by,omitempty"`       // role
	SignedBy string `json:"signedby,omitempty"` // role
	From     Date   `json:"from,omitempty"`
	Until    Date   `json:"until,omitempty"`

	// Of evidence: what else it is about, who has to stand behind it, and how
	// the quantity may be spread.
	Item       string    `json:"item,omitempty"`
	Track      string    `json:"track,omitempty"`
	Period     string    `json:"period,omitempty"`
	AlsoSigned []string  `json:"alsosigned,omitempty"` // further roles
	Qualified  []Holding `json:"qualified,omitempty"`  // what the attester has to hold
	Approved   string    `json:"approved,omitempty"`   // approval that the provider has to hold, or "any"
	Documented bool      `json:"documented,omitempty"`
	Unrelated  bool      `json:"unrelated,omitempty"` // attested by no relative
	Unused     string    `json:"unused,omitempty"`    // no other decision rests on it: "here" in this programme, or "anywhere"
	Distinct   string    `json:"distinct,omitempty"`  // another one of these than those that count already
	Share      *int64    `json:"share,omitempty"`     // least score of what could be scored, in basis points
	AtOnce     bool      `json:"atonce,omitempty"`    // the quantity is the least that one piece has to be of
	Per        string    `json:"per,omitempty"`       // day, week or month with nothing else in it, in which the quantity has to end
	Times      int64     `json:"times,omitempty"`     // in each of so many of them; absent: one

	Ratings []Rating `json:"ratings,omitempty"` // items of a judgement and the least rating of each
	Keeps   string   `json:"keeps,omitempty"`   // judgement whose other ratings are repeated
}

// How a judgement that is needed is to be.
const (
	Consensus   = "consensus"  // the joint judgement of all who judge
	AnyAnswer   = "any-answer" // whatever the answer is; Answer is one of them
	CoSignature = "signature"  // under the judgement that counts, which it repeats
)

// Total is a measure's total and what it left out.
type Total struct {
	Measure    string       `json:"measure"`
	Track      string       `json:"track,omitempty"`
	Period     string       `json:"period,omitempty"`
	Amount     int64        `json:"amount"`
	Unit       string       `json:"unit"`
	Evidence   []uint64     `json:"evidence,omitempty"`
	NotCounted []NotCounted `json:"notcounted,omitempty"`
	Parts      []PartTotal  `json:"parts,omitempty"` // sorted by path
}

// PartTotal is what counts in a part of a total, truncated to its bound.
type PartTotal struct {
	Path    string `json:"path"`
	Amount  int64  `json:"amount"`
	AtLeast int64  `json:"atleast,omitempty"` // what is asked of the part itself
}

// NotCounted is a recorded fact that a measure left out, and why. Reason is a
// stable code.
type NotCounted struct {
	Evidence string `json:"evidence"` // evidence id
	Sequence uint64 `json:"sequence"`
	Reason   string `json:"reason"`
}

// ClassResult is what the marks of one session come to.
type ClassResult struct {
	Session string   `json:"session"`
	Module  string   `json:"module"`
	Result  string   `json:"result"`           // attended, missed, open, cancelled, not-held, contradicted
	By      string   `json:"by,omitempty"`     // what settled it: source of the mark, or live-equivalent
	Waived  []string `json:"waived,omitempty"` // requirements it is waived under
	Made    uint64   `json:"made,omitempty"`   // sequence of the mark in force
	Excused bool     `json:"excused,omitempty"`
	MakeUp  bool     `json:"makeup,omitempty"`
}

// Warning says, before a limit is crossed, how little is left. Sentence is kind
// and complete in itself.
type Warning struct {
	Path     string `json:"path"`
	Code     string `json:"code"`
	Left     int64  `json:"left"`
	Sentence string `json:"sentence"`
}
