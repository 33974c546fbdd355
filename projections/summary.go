package projections

import (
	"slices"
	"time"

	"github.com/certledger/certledger/domain"
)

// Summary is what an assessment of a registration came to, without its trace.
// It is a function of the ledger up to the position and nothing else: the time
// assessed at is the later of the recorded times of the registration's last
// entry and of its cohort's.
type Summary struct {
	Registration string
	Person       string
	Programme    string
	Version      int
	Digest       string
	Cohort       string
	State        string // of the registration
	Status       string // of the assessment; the state where the programme is not known
	Awards       []AwardSummary
	Flags        []string // sorted
	Warnings     []WarningSummary
	Reviews      []ReviewDue
	Due          []domain.DueDay // what is due, opens or ends, the earliest first
	Zone         string          // of the programme
	Brings       domain.Date     // first day of a status that time brings and that is not on record; empty where none is in sight
	At           time.Time
	Sequence     uint64 // the later of the last entries of registration and cohort
}

// AwardSummary is where an award stands.
type AwardSummary struct {
	Award       string
	Track       string
	Period      string
	Until       domain.Date // last day of the period, or on which what is granted holds
	Earned      string
	Provisional []string // why the earned level may still change; codes
	Granted     string
	Decision    string // in force
	Binding     []string
	Next        string // the next level up
	Ready       bool   // a person can grant more than is granted
}

// ReviewDue is a decision to be looked at again, and by when.
type ReviewDue struct {
	Decision string
	Due      domain.Date
}

// WarningSummary is a limit that is near, without its sentence.
type WarningSummary struct {
	Path string
	Code string
	Left int64
}

// Ready reports whether some award can be granted.
func (s *Summary) Ready() bool {
	return s != nil && slices.ContainsFunc(s.Awards, func(a AwardSummary) bool { return a.Ready })
}

// Award is where one award stands; of one that is asked in periods, in the
// latest, and of one that is asked in tracks, in the last.
func (s *Summary) Award(key string) (AwardSummary, bool) {
	for _, a := range slices.Backward(s.Awards) {
		if a.Award == key {
			return a, true
		}
	}
	return AwardSummary{}, false
}

// listed are the keys of the rows that list a registration by what is true of it.
func (s *Summary) listed() [][]byte {
	if s == nil {
		return nil
	}
	var out [][]byte
	for _, flag := range s.Flags {
		out = append(out, key(viewFlag, flag, s.Registration))
	}
	if s.Ready() {
		out = append(out, key(viewReady, s.Registration))
	}
	for _, r := range s.Reviews {
		out = append(out, key(viewReview, string(r.Due), s.Registration, r.Decision))
	}
	for i, d := range s.Due {
		if i == 0 || s.Due[i-1].On != d.On {
			out = append(out, key(viewDue, string(d.On), s.Registration))
		}
	}
	if s.Brings != "" {
		out = append(out, key(viewBrings, s.Zone, string(s.Brings), s.Registration))
	}
	return out
}

// summarise assesses facts that have a standing at a time, on its day where the
// programme is.
func summarise(f domain.Facts, at time.Time) *Summary {
	s := f.Standing
	out := &Summary{
		Registration: s.Registration, Person: s.Person, Programme: s.Pin.Programme, Version: s.Pin.Version, Digest: s.Pin.Digest,
		Cohort: s.Cohort, State: s.State, Status: s.State, At: at.UTC(), Sequence: s.Sequence,
	}
	if f.Cohort != nil {
		out.Sequence = max(out.Sequence, f.Cohort.Sequence)
	}
	if f.Programme == nil {
		return out
	}
	a, ahead := domain.AssessAhead(f.Programme, f, InZone(at, f.Programme))
	out.Due, out.Brings, out.Zone = ahead.Days, ahead.Status, f.Programme.TimeZone
	if a.Status != "" {
		out.Status = a.Status
	}
	for _, r := range a.Awards {
		out.Awards = append(out.Awards, AwardSummary{
			Award: r.Award, Track: r.Track, Period: r.Period, Until: r.Until, Earned: r.Earned, Provisional: r.Provisional, Granted: r.Granted, Decision: r.Decision,
			Binding: r.Binding, Next: r.Next, Ready: r.Ready,
		})
	}
	out.Flags = slices.Compact(slices.Sorted(slices.Values(a.Flags)))
	for _, w := range a.Warnings {
		out.Warnings = append(out.Warnings, WarningSummary{Path: w.Path, Code: w.Code, Left: w.Left})
	}
	for _, r := range a.Reviews {
		out.Reviews = append(out.Reviews, ReviewDue{Decision: r.Decision, Due: r.Due})
	}
	return out
}

// summaryRow is what is stored, which may be older than the states; see owed.go.
func (r reader) summaryRow(registration string) (*Summary, error) {
	var s Summary
	found, err := unpackRow(r, key(viewSummary, registration), &s)
	if err != nil || !found {
		return nil, err
	}
	return &s, nil
}

// summary is the row's or, where that is owed, made now.
func (r reader) summary(registration string) (*Summary, error) {
	if owed, err := r.has(key(viewOwed, registration)); err != nil {
		return nil, err
	} else if !owed {
		return r.summaryRow(registration)
	}
	return summaryOf(r, registration, time.Time{})
}

// summaryOf makes a summary from states, assessed at a time or, where that is
// zero, at the time of summaries.
func summaryOf(from states, registration string, at time.Time) (*Summary, error) {
	f, err := factsOf(from, registration)
	if err != nil || f.Standing == nil {
		return nil, err
	}
	if at.IsZero() {
		if at, err = summaryTime(from, f); err != nil {
			return nil, err
		}
	}
	return summarise(f, at), nil
}

// Summary is a registration's, nil where it does not exist.
func (r reads) Summary(registration string) (*Summary, error) {
	return read(r, func(r reader) (*Summary, error) { return r.summary(registration) })
}
