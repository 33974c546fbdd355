package programme

// Measure is a total of facts: select, place in time, credit, truncate by part, total.
type Measure struct {
	Key      string
	Sum      string // evidence kind
	Unit     string // unit of the total
	Currency string // where Unit is UnitCent: EUR …
	Where    Where
	Dated    *Window
	Filed    *Window
	InOne    string    // attribute whose best single value alone counts: title, provider …
	Credited *Credited // nil: facts count as they are
	Parts    []Part
	Assumes  []string
}

// Credited turns what was done in a day, week or month into credit: all or
// nothing, up to a bound, at a rate. It comes before parts.
type Credited struct {
	Per       string // SpanDay, SpanWeek or SpanMonth in which it ended
	WholeOnly *int64 // in the unit that is summed: less than this in one span counts nothing, and so does the rest over it
	UpTo      *int64 // no more than this counts in one span; in the unit that is summed
	Worth     *Worth // nil: the credit is the quantity itself
}

// Spans of days that are credited.
const (
	SpanDay   = "day"
	SpanWeek  = "week" // from Monday
	SpanMonth = "month"
)

// Worth is a rate: For of what is summed is worth Gives of Unit, and less than
// For is worth nothing.
type Worth struct {
	For   int64
	Of    string // the unit that is summed
	Gives int64
	Unit  string // of the credit
}

// Part is a node of a tree of categories below a measure or a sum. Where it has
// a Where, the facts that meet it are in the part, whatever their category; a
// fact is in the first part that it fits.
type Part struct {
	Key        string // category, relative to its parent
	Where      *Where
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

	AlsoSigned []string // further roles that must have signed
	Qualified  []Held   // what the attester must have held on the day it happened: all of them
	Approved   string   // approval that the provider must have held on the day it happened; AnyApproval for whichever
	Documented bool     // with a document
	Unrelated  bool     // by an attester who is no relative
	Track      string   // a track, or ThisOne
	Period     string   // a period's name, or ThisOne
	Item       []string
	Unused     string // UnusedHere or UnusedAnywhere: no earlier decision rests on it
}

// Values of Where that stand for more than themselves.
const (
	ThisOne        = "this" // the track or period that the award is asked in
	AnyApproval    = "any"
	UnusedHere     = "here"     // in this programme
	UnusedAnywhere = "anywhere" // in any programme
)

// Held is a qualification that an attester must have, since at least a time.
type Held struct {
	Code string
	For  Length // zero: on the day is enough
}

// Window is a span of days. Of several moments in From the latest counts, of
// several in Until the earliest.
type Window struct{ From, Until []Moment }

// Moment is a named day, moved by an offset or to a day of the year.
type Moment struct {
	Offset int64  // 0 or more
	Unit   string // day, month, business-day; years are twelve months
	Before bool
	Yearly string // MM-DD: the first such day after the named one, or the last before it
	Kind   string // one of the kinds below
	Name   string // requirement path, submission, award or status key, or the date
}

// Kinds of a Moment.
const (
	MomentMet     = "met"     // a requirement was met
	MomentFiled   = "filed"   // a submission was received
	MomentDate    = "date"    // a day of the calendar
	MomentStart   = "start"   // first day of the period at hand
	MomentEnd     = "end"     // last day of the period at hand
	MomentGranted = "granted" // an award was first granted; Name is the award
	MomentExpiry  = "expiry"  // last day on which what is granted holds; Name is the award
	MomentEntered = "entered" // first day of the present status; Name is the status
	MomentToday   = "today"   // the day on which the rules are asked
)
