package domain

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/certledger/certledger/domain/programme"
)

// ReportedGroupMin is the least number of registrations in a group that a
// programme's report breaks down, and of days of which it tells the median: of
// fewer, somebody who knows one of them could learn about that person.
const ReportedGroupMin = 5

// What a programme's report goes by.
const (
	ReportByCohort = "cohort"
	ReportByYear   = "year" // of the registration, where there is no cohort
)

// ProgrammeReport says how a programme does, in counts of its registrations,
// group by group: a cohort, or a year's registrations where there are none. It
// names nobody. It is derived, never stored.
type ProgrammeReport struct {
	Programme string        `json:"programme"`
	Version   int           `json:"version"` // of the rules whose words it uses; everybody is assessed by their own
	At        time.Time     `json:"at"`
	Groups    []ReportGroup `json:"groups"`             // by the day on which they began
	Together  *ReportGroup  `json:"together,omitempty"` // all groups that are broken down, where there is one
	Notes     []string      `json:"notes"`              // what it leaves out, in sentences
}

// ReportGroup is what is told of a group. Of one that is small only the number
// of registrations is.
type ReportGroup struct {
	By            string       `json:"by,omitempty"`   // cohort or year; empty for all together
	Name          string       `json:"name,omitempty"` // of the cohort, or the year
	Begins        Date         `json:"begins,omitempty"`
	Registrations int          `json:"registrations"`
	Small         bool         `json:"small,omitempty"` // fewer than ReportedGroupMin: not broken down
	Withdrawn     int          `json:"withdrawn"`
	NoShow        int          `json:"noshow"`
	Statuses      []Counted    `json:"statuses,omitempty"` // by the rules: registered, active, lapsed …
	Attendance    *Attendance  `json:"attendance,omitempty"`
	Awards        []AwardCount `json:"awards,omitempty"`
	Reasons       []HeldBy     `json:"reasons,omitempty"` // the most frequent first within award and level
}

// Counted is a word and how many registrations it is true of.
type Counted struct {
	Word          string `json:"word"`
	Registrations int    `json:"registrations"`
}

// Attendance counts classes. Held are classes of the group; the others are one
// for each registration and class. Open ones are to be marked or confirmed, of
// those who neither withdrew nor never came.
type Attendance struct {
	Held     int `json:"held"`
	Attended int `json:"attended"`
	Missed   int `json:"missed"`
	Open     int `json:"open"`
}

// AwardCount is how many came to which level of an award; of one that is asked
// in periods, in the latest.
type AwardCount struct {
	Award  string       `json:"award"`
	Track  string       `json:"track,omitempty"`
	Levels []LevelCount `json:"levels"` // upwards
}

// LevelCount is how many have earned a level and not the next, and to how many
// it is granted.
type LevelCount struct {
	Level   string `json:"level"`
	Earned  int    `json:"earned"`
	Granted int    `json:"granted"`

	// DaysMedian is the median of the days from registration until the level was
	// first granted, rounded down; nil where fewer than ReportedGroupMin have it.
	DaysMedian *int `json:"daysmedian,omitempty"`
}

// HeldBy is a requirement that keeps registrations from the next level.
type HeldBy struct {
	Award         string `json:"award"`
	Track         string `json:"track,omitempty"`
	Level         string `json:"level"` // that they are held at
	Requirement   string `json:"requirement"`
	Says          string `json:"says,omitempty"`
	Registrations int    `json:"registrations"`
}

// ReportBounds says which groups a report is of. Groups are taken whole, so that
// no two reports differ by one registration.
type ReportBounds struct {
	Cohort      string // only this one
	From, Until Date   // only groups that begin then, both days included
}

// Check refuses days that are none, or in the wrong order.
func (b ReportBounds) Check() error { return checkSpan(b.From, b.Until) }

func (b ReportBounds) holds(g groupKey) bool {
	return (b.Cohort == "" || g.by == ReportByCohort && g.name == b.Cohort) &&
		(b.From == "" || g.begins >= b.From) && (b.Until == "" || g.begins <= b.Until)
}

// groupKey names a group.
type groupKey struct {
	by, name string
	begins   Date
}

// Reported is what a report looks at of one registration.
type Reported struct {
	group      groupKey
	state      string
	status     string
	attendance *Attendance
	awards     []reportedAward
	held       []HeldBy
}

type reportedAward struct {
	award, track, earned, granted string
	days                          int // until granted was first granted; -1 where it is not
}

// ReportOn assesses a registration for a report. The facts hold its rules, and
// the standing exists.
func ReportOn(f Facts, at time.Time) Reported {
	s := f.Standing
	a := Assess(f.Programme, f, at)
	out := Reported{group: groupOf(f), state: s.State, status: cmp.Or(a.Status, s.State), attendance: attendanceIn(f, a.Classes, at)}
	for _, w := range latestAskings(a.Awards) {
		out.awards = append(out.awards, reportedAward{w.Award, w.Track, w.Earned, w.Granted, s.daysUntil(w)})
		for _, path := range w.Binding {
			h := HeldBy{Award: w.Award, Track: w.Track, Level: w.Earned, Requirement: path}
			if r := findResult(a.Results, path); r != nil {
				h.Says = r.Says
			}
			out.held = append(out.held, h)
		}
	}
	return out
}

// groupOf is the cohort that somebody is in or, without one, the year in which
// they registered.
func groupOf(f Facts) groupKey {
	if f.Cohort == nil || f.Standing.Cohort == "" {
		year := string(f.Standing.Submitted.Day()[:4])
		return groupKey{ReportByYear, year, Date(year + "-01-01")}
	}
	begins := f.Cohort.Opened.Day()
	for i, s := range f.Cohort.Sessions {
		if day := DateOf(s.Starts); i == 0 || day < begins {
			begins = day
		}
	}
	return groupKey{ReportByCohort, f.Standing.Cohort, begins}
}

// attendanceIn is nil where there are no classes to attend.
func attendanceIn(f Facts, classes []ClassResult, at time.Time) *Attendance {
	if f.Cohort == nil || len(classes) == 0 {
		return nil
	}
	out := &Attendance{}
	for _, s := range f.Cohort.Sessions {
		if s.Held(at) {
			out.Held++
		}
	}
	for _, c := range classes {
		switch c.Result {
		case ClassAttended:
			out.Attended++
		case ClassMissed:
			out.Missed++
		case ClassOpen, ClassContradicted:
			if f.Standing.State == StateRegistered {
				out.Open++
			}
		}
	}
	return out
}

// latestAskings leaves of an award that is asked in periods the latest.
func latestAskings(awards []AwardResult) []AwardResult {
	var out []AwardResult
	for _, w := range awards {
		i := slices.IndexFunc(out, func(x AwardResult) bool { return x.Award == w.Award && x.Track == w.Track })
		if i < 0 {
			out = append(out, w)
			continue
		}
		out[i] = w
	}
	return out
}

// daysUntil counts the days from registration until a level that is granted was
// first granted; -1 where none is.
func (s *Standing) daysUntil(w AwardResult) int {
	for _, d := range s.Decisions {
		if w.Granted != "" && d.gives() && d.Award == w.Award && d.Track == w.Track && d.Level == w.Granted {
			return max(s.Submitted.Day().DaysUntil(d.Made.Day()), 0)
		}
	}
	return -1
}

// Reporter gathers a report. The order in which registrations are added does not
// matter.
type Reporter struct {
	rules  *programme.Programme
	bounds ReportBounds
	at     time.Time
	groups map[groupKey]*tally
}

// NewReporter begins a report as of a time, in the words and the order of a
// version of the rules.
func NewReporter(rules *programme.Programme, b ReportBounds, at time.Time) *Reporter {
	return &Reporter{rules: rules, bounds: b, at: at, groups: map[groupKey]*tally{}}
}

// Add counts a registration, where it is in a group that the report is of.
func (r *Reporter) Add(x Reported) {
	if !r.bounds.holds(x.group) {
		return
	}
	t, ok := r.groups[x.group]
	if !ok {
		t = newTally()
		r.groups[x.group] = t
	}
	t.add(x)
}

// Report is what has been counted. What is told of all together leaves out the
// small groups: otherwise a sum would tell what their rows do not.
func (r *Reporter) Report() ProgrammeReport {
	out := ProgrammeReport{Programme: r.rules.ID, Version: r.rules.Version, At: r.at, Groups: []ReportGroup{}}
	keys := make([]groupKey, 0, len(r.groups))
	for k := range r.groups { // order-free: sorted below
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b groupKey) int {
		return cmp.Or(cmp.Compare(a.begins, b.begins), cmp.Compare(a.by, b.by), cmp.Compare(a.name, b.name))
	})
	all, small := newTally(), 0
	for _, k := range keys {
		t := r.groups[k]
		g := ReportGroup{Registrations: t.registrations, Small: true}
		if t.registrations < ReportedGroupMin {
			small++
		} else {
			g = t.group(r.rules)
			all.join(t)
		}
		g.By, g.Name, g.Begins = k.by, k.name, k.begins
		out.Groups = append(out.Groups, g)
	}
	if all.registrations > 0 {
		g := all.group(r.rules)
		out.Together = &g
	}
	out.Notes = reportNotes(small)
	return out
}

func reportNotes(small int) []string {
	least := strconv.Itoa(ReportedGroupMin)
	out := []string{
		"It counts registrations and names nobody. Affiliation, lived experience and every other personal detail are sealed, so nothing is broken down by them.",
		"The days until a level was granted are left out where it is granted to fewer than " + least + ".",
	}
	switch small {
	case 0:
		return out
	case 1:
		return append(out, "One group has fewer than "+least+" registrations: it is not broken down, nor counted in what is said of all together.")
	}
	return append(out, strconv.Itoa(small)+" groups have fewer than "+least+" registrations: they are not broken down, nor counted in what is said of all together.")
}
