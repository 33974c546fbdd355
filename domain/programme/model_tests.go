package programme

// Requirement is one test and one consequence, or a named child of one.
type Requirement struct {
	Key       string
	Path      string // key, or parent's path / key
	Was       string // key in the version before, where it has another name now; only at the top
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

// When makes a requirement not applicable unless it holds. It has one of
// Parameter, Filed, Has and Track.
type When struct {
	Parameter string // a truth
	Holds     bool   // the parameter's value, resolved
	Filed     string // submission
	Received  *Window
	Has       *Has   // such a fact is recorded
	Track     string // the award is asked in this track
	Unless    bool   // turned round: it must not hold
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
		Times    *Times // the bound is asked so many times
		Carry    *Carry // of a period to the next
	}
	// Has asks for at least AtLeast facts of one kind, each of at least the
	// quantity and share; Distinct counts those alike in an attribute once.
	Has struct {
		Kind     string
		Where    Where
		Dated    *Window
		Filed    *Window
		AtLeast  int64 // 1 or more
		Quantity *Value
		Share    *int64 // score of what could be scored, in basis points
		Distinct string // module, title, item, session, provider, attester, day; empty: each fact is one
		Person   string // role that must answer what its meaning is; empty: none
	}
	// Elapsed asks that a time has passed between two moments.
	Elapsed struct {
		From, To []Moment // of several the latest; To is today where it has none
		AtLeast  Length
	}
	// Reaches bounds a total by several thresholds, each with its level.
	Reaches struct {
		Measure  string
		Inline   *Measure
		Unit     string
		Currency string
		Steps    []Reach // ascending; the levels too
	}
	// Rated asks about the items of a rubric's section in the judgements of a
	// question: each of at least a rating, or so many of at least one.
	Rated struct {
		Question    string
		Section     string
		EachAtLeast string
		AtLeast     int64
		Counting    string   // the rating from which an item counts towards AtLeast
		Last        bool     // the last number
		SignedBy    []string // roles that must have signed the judgement that counts
	}
	// Judged asks for an answer at least AtLeast; an empty AtLeast asks for any answer.
	Judged struct {
		Question string
		AtLeast  string
		Last     bool     // the last number
		SignedBy []string // roles that must have signed the judgement that counts
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

// Reach is a threshold and the level that reaching it supports.
type Reach struct {
	Level   string
	AtLeast int64
}

// Times says how often a bound is asked: for each missed period of an award,
// for the present one as well, or for each year begun since a moment.
type Times struct {
	Missed  string // award with periods
	Current bool
	Since   []Moment
}

// Carry says what of a period's total goes over to the next.
type Carry struct {
	Shortfall bool   // what a settled period turns out to lack is added to the next one's bound
	Excess    bool   // what is over the bound counts in the next one
	UpTo      *int64 // at most so much of it
}

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
func (Elapsed) test()        {}
func (Reaches) test()        {}
func (Rated) test()          {}
