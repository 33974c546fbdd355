package programme

// Length is a span of time: a number of days or of calendar months.
type Length struct {
	Number int64
	Unit   string // UnitDay, UnitMonth or UnitBusinessDay
}

// Zero reports whether there is no length.
func (l Length) Zero() bool { return l.Number == 0 }

// PeriodKind is a span of time in which something is owed again and again: a
// term, a cycle, a calendar year. Periods are numbered from 1; those of the
// calendar are called by their year.
type PeriodKind struct {
	Key        string
	Calendar   bool     // a calendar year
	Lasts      Length   // where it is none and has no EndsOn; a level's own validity comes before it
	EndsOn     string   // MM-DD: it ends on this day of the year, whenever it began
	Least      Length   // with EndsOn: it lasts at least so long, or a year more
	First      []Moment // when the first begins; of several the latest
	FirstYear  string   // of a calendar year: "of", the year of that moment, or "after", the next
	FirstLasts Length   // of the first, where it has its own length
	FirstBy    *Has     // of the first: the quantity of such a fact, or Lasts until there is one
	Next       string   // where the next begins: NextOldEnd, NextRenewal or NextLateRenewal
	Source     []string
	Assumes    []string
}

// Where the next period begins once the one before is settled.
const (
	NextOldEnd      = "old-end"      // the day after the old end, however late it was settled
	NextRenewal     = "renewal"      // the day on which it was settled
	NextLateRenewal = "late-renewal" // the day after the old end, or the day of settling where that is later
)

// Aftermath is what becomes of an award's period that has ended and is not
// settled: phases in order of time. Where it says when it begins, the phases run
// from that day instead, for as long as the award's highest level is not earned.
type Aftermath struct {
	Award  string
	Begins []Moment // of several the latest; none: the day after the end
	Phases []Phase
}

// Phase is a span of time after the end of a period: the status that somebody
// then has, and what they may still do.
type Phase struct {
	Key        string
	Until      []Moment // the last day of the phase; none for the last phase
	Status     string
	May        []string // earn, file
	Fee        *Value   // what filing costs in it
	StartAgain bool     // nothing but a new registration leads back
	Says       string
	Source     []string
	Assumes    []string
}

// StatusWord is a word for standing after issue, and its effects.
type StatusWord struct {
	Key        string
	HoldsTitle bool
	Says       string
	Source     []string
}
