package projections

import (
	"errors"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/certledger/certledger/domain"
)

// An answer as of then has two axes. Known at a sequence means that only entries
// up to it are looked at: the answer is that of a ledger that ends there. It is
// ErrNotYet beyond the position, and what nobody had recorded yet is nil.
// Effective at a time means what had happened by then, of all that was known: who
// was registered, in which cohort and state, on which timetable, and what was
// decided. What was learned later about what had happened counts.

// FactsAt is Facts as known at a sequence.
func (r reads) FactsAt(registration string, sequence uint64) (domain.Facts, error) {
	return asOf(r, sequence, time.Time{}, func(p *past) (domain.Facts, error) { return allFactsOf(p, registration) })
}

// EffectiveFacts is Facts as known at a sequence and effective at a time. Before
// the registration was submitted, the Standing is nil. Where the time is zero,
// everything that was known counts.
func (r reads) EffectiveFacts(registration string, sequence uint64, at time.Time) (domain.Facts, error) {
	return asOf(r, sequence, at, func(p *past) (domain.Facts, error) { return allFactsOf(p, registration) })
}

// CohortAt is a cohort as known at a sequence.
func (r reads) CohortAt(id string, sequence uint64) (*domain.Cohort, error) {
	return asOf(r, sequence, time.Time{}, func(p *past) (*domain.Cohort, error) { return p.cohort(id) })
}

// PersonAt is Person as known at a sequence.
func (r reads) PersonAt(id string, sequence uint64) (*domain.Person, error) {
	return asOf(r, sequence, time.Time{}, func(p *past) (*domain.Person, error) { return p.person(id) })
}

// RosterAt is the summaries of who was in a cohort, by id, as known at a sequence
// and effective at a time: who was transferred away later is there. Where the
// time is zero, everything that was known counts, and the summaries are those
// of a ledger that ends there. It gives up to limit of them after an id; a limit
// of 0, or above ListMax, means ListMax. No more are folded than are looked at.
func (r reads) RosterAt(cohort string, sequence uint64, at time.Time, after string, limit int) (Page, error) {
	return asOf(r, sequence, at, func(p *past) (Page, error) {
		var page Page
		ids, err := p.rows.lasts(below(viewMember, cohort))
		if err != nil {
			return page, err
		}
		from, found := slices.BinarySearch(ids, after)
		if found {
			from++
		}
		last := after
		for n, id := range ids[from:] {
			if len(page.Rows) == clamp(limit, ListMax) || n == ListLooked {
				page.Next = last
				return page, nil
			}
			last = id
			s, err := p.standing(id)
			if err != nil {
				return page, err
			}
			if !s.Exists() || s.Cohort != cohort {
				continue
			}
			sum, err := p.summary(id)
			if err != nil {
				return page, err
			}
			page.Rows = append(page.Rows, sum)
		}
		return page, nil
	})
}

// GridAt is Grid as known at a sequence and effective at a time: everybody who
// was in the cohort then.
func (r reads) GridAt(cohort string, sequence uint64, at time.Time) (*Grid, error) {
	return asOf(r, sequence, at, func(p *past) (*Grid, error) { return gridOf(p, cohort, at) })
}

// PersonStandingAt is PersonStanding as known at a sequence and effective at a
// time: what was submitted or decided later does not count, and who had not
// registered yet is nil. Where the time is zero, everything that was known counts.
func (r reads) PersonStandingAt(person string, sequence uint64, at time.Time) (*PersonStanding, error) {
	return asOf(r, sequence, at, func(p *past) (*PersonStanding, error) { return personStandingOf(p, person) })
}

// SequenceAt is what was known at a time: the last sequence of the longest
// beginning of the ledger of which nothing was recorded after that time. It is 0
// where the first entry was. Clocks of several writers may differ, so that a
// later entry may bear an earlier time; it was known only after those before it.
func (r reads) SequenceAt(at time.Time) (uint64, error) {
	return read(r, func(r reader) (uint64, error) {
		head, err := r.position()
		if err != nil {
			return 0, err
		}
		var failed error
		n := sort.Search(int(head.Sequence), func(i int) bool {
			latest, err := r.latest(uint64(i) + 1)
			failed = errors.Join(failed, err)
			return time.UnixMilli(latest).After(at)
		})
		return uint64(n), failed
	})
}

// latest is the latest recorded time, in milliseconds, of all entries up to one,
// which must be applied.
func (r reader) latest(sequence uint64) (int64, error) {
	if sequence == 0 {
		return math.MinInt64, nil
	}
	value, closer, err := r.db.Get(keyEntry(sequence))
	if errors.Is(err, pebble.ErrNotFound) {
		return 0, errPacked
	}
	if err != nil {
		return 0, err
	}
	latest, err := readLatest(value)
	return latest, errors.Join(err, closer.Close())
}
