package projections

import (
	"slices"
	"strconv"
	"time"

	"github.com/certledger/certledger/domain"
)

// Point is a point on both axes of time: what was known when, about when. The
// zero Point is the present.
type Point struct {
	Known     uint64    // last sequence that was known; 0 is the present on both axes
	Effective time.Time // zero: all that was known counts
}

// Present reports whether nothing else than the present was asked for.
func (p Point) Present() bool { return p == Point{} }

// PointError says why a text is no point that can be asked for. It repeats
// nothing of the text.
type PointError struct {
	Effective bool // it was to be a time of what had happened, otherwise a point of what was known
	Malformed bool // it has not the form of one, otherwise it is out of range
	What      string
}

func (e *PointError) Error() string { return e.What }

const notCome = "this time has not come yet"

// effectiveYearMin is the earliest year that anything recorded may have happened in.
const effectiveYearMin = 1900

// knownAt reads a point of what was known, a sequence or a time: the last sequence
// that was known then, which is at least 1 and no later than the position. The
// error is a *PointError, or of the reading.
func (v *View) knownAt(text string, now time.Time) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		t, err := time.Parse(time.RFC3339, text)
		switch {
		case err != nil:
			return 0, &PointError{Malformed: true, What: "expected a position, or a time with its offset like 2026-05-03T12:00:00-04:00"}
		case t.After(now):
			return 0, &PointError{What: notCome}
		}
		if n, err = v.SequenceAt(t); err != nil {
			return 0, err
		}
	}
	at, err := v.Position()
	switch {
	case err != nil:
		return 0, err
	case n == 0:
		return 0, &PointError{What: "nothing was recorded yet at that point; please ask for a later one"}
	case n > at.Sequence:
		return 0, &PointError{What: "the ledger has not come this far; please ask for an earlier point"}
	}
	return n, nil
}

// effectiveAt reads a time of what had happened, which has come. It is in no
// programme's zone yet: see InZone. The error is a *PointError.
func effectiveAt(text string, now time.Time) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	switch {
	case err != nil:
		return at, &PointError{Effective: true, Malformed: true, What: "expected a time with its offset, like 2026-05-03T12:00:00-04:00"}
	case at.After(now):
		return at, &PointError{Effective: true, What: notCome}
	case at.Year() < effectiveYearMin:
		return at, &PointError{Effective: true, What: "nothing here is about so early a time"}
	}
	return at, nil
}

// PointOf reads both axes. Either text may be empty: everything that is known,
// and all of that. The error is a *PointError, or of the reading.
func (v *View) PointOf(known, effective string, now time.Time) (p Point, err error) {
	switch {
	case known != "":
		if p.Known, err = v.knownAt(known, now); err != nil {
			return p, err
		}
	case effective != "":
		at, err := v.Position()
		if err != nil {
			return p, err
		}
		p.Known = at.Sequence
	}
	if effective != "" {
		p.Effective, err = effectiveAt(effective, now)
	}
	return p, err
}

// FactsOf is Facts at a point.
func (v *View) FactsOf(registration string, p Point) (domain.Facts, error) {
	if p.Present() {
		return v.Facts(registration)
	}
	return v.EffectiveFacts(registration, p.Known, p.Effective)
}

// Explain assesses the facts of a point, at a time in the programme's zone, and
// says why they come to that. The programme must be there. What happened after
// the point is not told, unless the assessment rests on it, as on a signature.
func (v *View) Explain(f domain.Facts, p Point, at time.Time) (domain.Explanation, error) {
	entries, err := v.History(domain.SubjectOf(domain.KindRegistration, f.Standing.Registration), p.Known)
	if err != nil {
		return domain.Explanation{}, err
	}
	a := domain.Assess(f.Programme, f, at)
	if !p.Effective.IsZero() {
		entries = slices.DeleteFunc(entries, func(e domain.Entry) bool {
			return e.Time.After(at) && !slices.ContainsFunc(a.Consulted, func(c domain.Consulted) bool {
				return c.Sequence == e.Sequence && c.Role == domain.RoleUsed
			})
		})
	}
	return domain.Explain(f.RulesOn(domain.DateOf(at)), a, entries), nil
}
