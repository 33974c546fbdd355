package programme

// A Programme is one published version of a certifying body's rules, parsed
// and resolved: every parameter a requirement names has been replaced by its
// value, every name checked. It is immutable after Parse.
type Programme struct {
	ID       string // slug, for ever
	Version  int    // 1 or more
	Title    string
	Replaces int // the version before, 0 for the first
	Valid    Validity
	PinnedBy string // what fixes a registration's version: registration, application, decision, period
	TimeZone string // IANA name; dates of acts are dates in this zone, fixed at the door

	Sources     map[string]string // source id to title
	Assumes     []string          // assumptions the programme as a whole rests on
	Parameters  []Parameter       // in file order
	Assumptions []Assumption      // in file order; shown until the body confirms them

	Registration Registration
	Classes      *Classes // nil where the programme has no classes
	Awards       []Award  // at least one; the first is the default
	Questions    []Question
	Submissions  []Submission
	Tasks        []TaskKind
	Measures     []Measure
	Requirements []Requirement // in file order; the order never matters to a result
	ShownOnly    []string      // evidence kinds recorded and shown, never computed
	Words        []Word        // the programme's words for generic acts

	Bytes  []byte // the exact bytes that were parsed
	Digest string // "sha256:" and 64 hex digits over Bytes
}

// Validity is the days on which a version may be pinned, both included; an
// empty Until has no end.
type Validity struct{ From, Until string }

// Assumption is a reading of a gap in the sources, in force until the body confirms it.
type Assumption struct{ ID, Says string }

// A Parameter is a named value of the programme that a case may override.
type Parameter struct {
	Key      string
	Is       Value
	Min, Max *int64 // inclusive range of a number, in Is.Unit; nil is unbounded
	Stricter string // "higher", "lower" or empty
	Assumes  []string
	Source   []string
}

// Units of a Value. Numbers are whole numbers of the smallest unit.
const (
	UnitMinute     = "minute"
	UnitHundredth  = "hundredth" // of a credit
	UnitBasisPoint = "basis-point"
	UnitCent       = "cent"
	UnitDay        = "day"
	UnitMonth      = "month"
	UnitWord       = "word"
	UnitCount      = "count" // a number of things; Noun says of what
)

// Value is a number with its unit, a list of numbers, a list of words, a
// truth, or a table from module to number. Exactly one shape is used.
type Value struct {
	Number  int64
	Unit    string
	Noun    string // for UnitCount and UnitWord: classes, modules … as the file says; for UnitCent: the currency
	Numbers []int64
	Words   []string
	Truth   *bool
	Table   map[string]int64 // e.g. sessions per module
	Default int64            // for Table: the number for a key not in it
}

// Registration says what a complete registration holds.
type Registration struct {
	Fields  []Field
	Accepts []Acceptance
}

// Field is one field of the registration form. Its value is always sealed in
// its personal group; the ledger records in the clear only that it was given.
type Field struct {
	Key      string   // e.g. postal-code
	Group    string   // personal group: identity, contact, lived-experience, accommodation
	Required bool     // a registration without it is refused
	OneOf    []string // the choices, where the field is a choice
	Form     string   // email, phone, postal-code-ca or empty: a plausibility check at the door
	Label    string
	Source   []string
	Assumes  []string
}

// Acceptance is a text that a registrant must accept, by code; the ledger
// records version and hash of the text accepted.
type Acceptance struct {
	Key      string
	Required bool
	Source   []string
	Assumes  []string
}

// Classes describes scheduled live classes.
type Classes struct {
	Modules       []Module // in order
	SessionMin    int64    // scheduled length of one session, minutes
	AttendedMin   int64    // minutes that make an attendance
	MarkRanks     [][]string
	LiveElsewhere bool // a live equivalent in another cohort un-misses
	Waivable      bool // "waived" is listed in missed-unless
	MissedSource  []string
	Assumes       []string
}

// Module is one unit of content. Sessions is how many sessions deliver it.
type Module struct {
	Key      string // "6"
	Title    string // may be empty
	Sessions int64  // 1 or more
}

// Award is a question with ordered answers.
type Award struct {
	Key          string
	Levels       []string            // low to high, two or more
	DecidedBy    map[string][]string // level to roles; a level without entry: any decider role
	NeverGranted []string
	Denials      []Denial
	Documents    map[string]string // level to kind of document
	ConflictOf   string            // highest | all | none: where trainer or supervisor may not decide; default highest
	AppealDays   int64             // days to appeal after a decision; 0 where the programme states none
	ReviewDays   int64             // days to look again at a decision in doubt; 0: on the day it is flagged
}

// Denial is a clause that an earned level may be denied for.
type Denial struct {
	Key    string
	Says   string
	Source []string
	Levels []string // empty: any
}

// Question is something people judge.
type Question struct {
	Key      string
	Answers  []string // low to high
	AskedOf  string   // role
	Numbered string   // key of the step list (a parameter) whose steps number the answers, or empty
	Steps    int64    // number of steps where Numbered
	Several  string   // lowest, highest, latest
	Rubric   string
	// ShownOnly questions are asked and shown; no requirement computes them.
	ShownOnly bool
	Assumes   []string
	Source    []string
}

// Submission is something filed and answered.
type Submission struct {
	Key        string
	Answers    []string // low to high; the last is the favourable one
	AnsweredBy string   // role
	Source     []string
	Assumes    []string
}

// TaskKind is something that staff ask of a participant.
type TaskKind struct {
	Key         string
	SetBy       string
	ConfirmedBy string // empty: fulfilment alone completes it
	LateNeeds   string // "extension": done after the due day needs one; empty: lateness does not matter
	About       string // "session" or empty
	Assumes     []string
	Source      []string
}

// Measure is a total of facts: select, place in time, credit, truncate by part, total.
type Measure struct {
	Key      string
	Sum      string // evidence kind
	Unit     string // unit of the total
	Currency string // where Unit is UnitCent: EUR …
	Where    Where
	Dated    *Window
	Filed    *Window
	Parts    []Part
	Assumes  []string
}

// Part is a node of a tree of categories below a measure or a sum.
type Part struct {
	Key        string // category, relative to its parent
	AtLeast    *int64
	CountsUpTo *int64
	Parts      []Part
}

// Where selects facts. Every condition given must hold; a list is any-of.
type Where struct {
	Category []string // exact path, or a prefix of it
	Outcome  []string
	Title    []string
	Mode     []string
	Provider []string
	SignedBy string // role that must have signed; "" none needed
	Filed    string // role that filed it
	Attester string // role of the attester
	Module   []string
	Answered string // an answer word that must be in force
}

// Window is a span of days. Of several moments in From the latest counts, of
// several in Until the earliest.
type Window struct{ From, Until []Moment }

// Moment is a named day, moved by an offset.
type Moment struct {
	Offset int64  // 0 or more
	Unit   string // day, month; years are twelve months
	Before bool
	Kind   string // met, filed, date
	Name   string // requirement path, submission key, or the date
}

// Requirement is one test and one consequence, or a named child of one.
type Requirement struct {
	Key       string
	Path      string // key, or parent's path / key
	For       string // award; only at the top
	Says      string // the clause in our own words
	Kindly    string // a kinder sentence for the participant while it is not met
	Source    []string
	Assumes   []string
	Otherwise string // cap while not met; empty in children
	WhileOpen string // cap while open; always set at the top (defaults to Otherwise)
	Raises    []string
	Waivable  string // "", "whole" or "per-session"
	WarnLeft  []int64
	When      *When
	Test      Test
}

// When makes a requirement not applicable unless it holds.
type When struct {
	Parameter string // a truth
	Holds     bool   // the parameter's value, resolved
	Filed     string // submission
	From      string // filed on or after
	Until     string // filed on or before
}

// Test is one of the closed set of tests below.
type Test interface{ test() }

type (
	// Missed bounds the classes missed from above. Of says what is counted:
	// "sessions", or "modules" where a module counts once, however many of its
	// sessions were missed. Modules limits it to some; nil is all.
	Missed struct {
		Of      string
		Modules []string
		AtMost  int64
	}
	// Sum bounds a total. Measure names one, or is empty and Inline holds it.
	Sum struct {
		Measure  string
		Inline   *Measure
		AtLeast  *int64
		AtMost   *int64
		Unit     string
		Currency string // where Unit is UnitCent
	}
	// Has asks for at least AtLeast facts of one kind.
	Has struct {
		Kind    string
		Where   Where
		Dated   *Window
		AtLeast int64 // 1 or more
	}
	// Judged asks for an answer at least AtLeast; an empty AtLeast asks for any answer.
	Judged struct {
		Question string
		AtLeast  string
		Last     bool // the last number
	}
	// TasksDone asks that all tasks of a kind are done, and at least CountAtLeast exist.
	TasksDone struct {
		Kind         string
		CountAtLeast int64
	}
	// Submitted asks that a submission stands answered with Is, or is filed ("filed").
	Submitted struct {
		Kind string
		Is   string
	}
	// AtEach repeats Has or Judged at the steps of a measure.
	AtEach struct {
		Steps   []int64 // totals of the measure, ascending, in its unit
		Measure string
		Has     *Has
		Judged  *Judged
		Late    *Late
	}
	// Combined joins named children. Op: all-of, any-of, at-least-of, none-of.
	Combined struct {
		Op       string
		N        int64 // for at-least-of
		Children []Requirement
	}
	// RegistrationIs holds when the registration is in a state: no-show, withdrawn.
	RegistrationIs struct{ State string }
)

// Late says when a numbered fact of AtEach is late: filed after the total of
// the next step, as then counted, was complete. The last step's never is.
type Late struct {
	Unless string // the answer that accepts a late one
	Raises string // flag while one is late and not accepted
}

func (Missed) test()         {}
func (Sum) test()            {}
func (Has) test()            {}
func (Judged) test()         {}
func (TasksDone) test()      {}
func (Submitted) test()      {}
func (AtEach) test()         {}
func (Combined) test()       {}
func (RegistrationIs) test() {}

// Word is a programme's own name for a generic act or expectation.
type Word struct {
	Name string
	Act  string            // record, answer, judge, ask, extend, confirm, fulfil, file, expect …
	Of   string            // what the act concerns: a kind, question, task, submission, measure
	Args map[string]string // generic argument to the word's own argument or a fixed value; see the case runner
}
