package programme

// A Programme is one published version of a certifying body's rules, parsed
// and resolved: every parameter a requirement names has been replaced by its
// value, every name checked. It is immutable after Parse.
type Programme struct {
	ID       string // slug, for ever
	Version  int    // 1 or more
	Title    string
	Replaces int // the version before, 0 for the first
	// Clarifies is the version that this one says more clearly; it reaches the
	// undecided registrations of that version. 0 where it changes the rules.
	Clarifies int
	Valid     Validity
	PinnedBy  string // what fixes a registration's version: registration, application, decision, period
	BasedOn   *Base  // the programme that this one is laid over, nil where it stands alone
	overlay   string // the overlay's own text
	TimeZone  string // IANA name; dates of acts are dates in this zone, fixed at the door

	Sources     map[string]string // source id to title
	Assumes     []string          // assumptions the programme as a whole rests on
	Parameters  []Parameter       // in file order
	Assumptions []Assumption      // in file order; shown until the body confirms them

	Registration Registration
	Classes      *Classes     // nil where the programme has no classes
	Curriculum   []Module     // modules without classes, that each takes on their own
	Tracks       []string     // specialisations that somebody may choose, each of them or several
	Periods      []PeriodKind // spans of time in which something is owed again and again
	Awards       []Award      // at least one; the first is the default
	Topics       []TopicList  // what a source says should be taught; no result depends on it
	Rubrics      []Rubric
	Questions    []Question
	Submissions  []Submission
	Tasks        []TaskKind
	Measures     []Measure
	Requirements []Requirement // in file order; the order never matters to a result
	After        []Aftermath   // what becomes of a period that has ended and is not settled
	Statuses     []StatusWord  // the words for standing after issue, and their effects
	ShownOnly    []string      // evidence kinds recorded and shown, never computed
	Words        []Word        // the programme's words for generic acts

	Renamed  []Rename // keys beside the requirements that had another name in the version before
	Required []string // paths of the values that no source states: to be supplied before it is published

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
	Required bool   // no source states it: Is has its unit, and a number that means nothing
	Assumes  []string
	Source   []string

	used []string // where its name stands instead of a value
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

	UnitBusinessDay = "business-day" // Monday to Friday; of lengths and offsets only
	UnitYearDay     = "year-day"     // a day of every year, month times 100 plus day
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

// Base names the version of a programme that an overlay is laid over. Changes
// says, clause by clause, what the overlay does to it.
type Base struct {
	Programme string
	Version   int
	Digest    string   // of the base's exact bytes; empty until it is resolved
	Over      []Lain   // what the base itself is laid over, the nearest first
	Award     string   // the award that keeps the base's own question, or empty
	Changes   []Change // in the order of the overlay
}

// Lain is a programme below an overlay's base.
type Lain struct {
	Programme string
	Version   int
	Digest    string
}

// Rename is a key that had another name before: parameters/supervised-time, parameters/supervision.
type Rename struct{ Path, Was string }

// Change is one thing that an overlay does to its base.
type Change struct {
	Path    string // requirements/education, parameters/late-until
	Does    string // add, replace, set, remove; drop: nothing asks for it any more; keep: the base's own award
	Because string // required where it replaces or sets
	Loosens bool   // said aloud, and only where it is so
}

// Rubric is a list of items that people rate, in sections. An item is stored as
// section/item, and in a section that is each track's own as section/track/item.
type Rubric struct {
	Key      string
	Scale    []string // low to high
	Sections []Section
	Source   []string
	Assumes  []string
}

// Section is a part of a rubric.
type Section struct {
	Key       string
	EachTrack bool     // every track has its own such items
	Items     []string // of a section that is each track's own: in every track
	Titles    map[string]string
}

// Award is a question with ordered answers.
type Award struct {
	Key          string
	Each         string            // period kind that it is asked anew in, EachTrack, or empty
	Needs        []NeedsAward      // other awards that hold this one at its lowest level until they are earned
	Renews       string            // award that a decision on this one continues
	Settles      string            // award with periods, whose missed ones a decision on this one settles
	When         []string          // statuses in which it is asked; empty: always
	ByFacts      bool              // settled once earned, without a decision: no certificate hangs on it
	Valid        map[string]Length // level to how long a decision that gives it holds; absent: without end
	Extensions   map[string]Extending
	Levels       []string            // low to high, two or more
	DecidedBy    map[string][]string // level to roles; a level without entry: any decider role
	NeverGranted []string
	Denials      []Denial
	Documents    map[string]string // level to kind of document
	ConflictOf   string            // highest | all | none: where trainer or supervisor may not decide; default highest
	AppealDays   int64             // days to appeal after a decision; 0 where the programme states none
	ReviewDays   int64             // days to look again at a decision in doubt; 0: on the day it is flagged
}

// EachTrack in Award.Each and Question.Each: asked once for each track.
const EachTrack = "track"

// NeedsAward is a level of another award that has to be earned.
type NeedsAward struct{ Award, Level string }

// Extending is how often, and by how much each time, the validity of a level
// may be extended by a decision.
type Extending struct {
	AtMost int64
	Each   Length
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
	Each     string // EachTrack or a period kind: stored as key/track or key/period
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
	For        string   // award with periods that it is filed for; each period has its own
	Opens      []Moment // first day on which it may be filed; filing earlier is refused
	Closes     []Moment // last day; what is filed later is recorded and does not count
	AnswerIn   Length   // the body's own deadline to answer: a due date, never a cap
	Source     []string
	Assumes    []string
}

// TaskKind is something that staff ask of a participant.
type TaskKind struct {
	Key         string
	SetBy       string
	ConfirmedBy string // empty: fulfilment alone completes it
	LateNeeds   string // "extension": done after the due day needs one; empty: lateness does not matter
	DueIn       Length // days to do it where the one who sets it names no day
	About       string // "session" or empty
	Assumes     []string
	Source      []string
}

// Word is a programme's own name for a generic act or expectation.
type Word struct {
	Name string
	Act  string            // record, answer, judge, ask, extend, confirm, fulfil, file, expect …
	Of   string            // what the act concerns: a kind, question, task, submission, measure
	Args map[string]string // generic argument to the word's own argument or a fixed value; see the case runner
}
