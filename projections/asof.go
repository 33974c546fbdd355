package projections

import (
	"errors"
	"math"
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

// SummaryAt is the summary that a registration had, as known at a sequence.
func (r reads) SummaryAt(registration string, sequence uint64) (*Summary, error) {
	return asOf(r, sequence, time.Time{}, func(p *past) (*Summary, error) { return p.summary(registration) })
}

// CohortAt is a cohort as known at a sequence.
func (r reads) CohortAt(id string, sequence uint64) (*domain.Cohort, error) {
	return asOf(r, sequence, time.Time{}, func(p *past) (*domain.Cohort, error) { return p.cohort(id) })
}

// AttesterAt is an attester as known at a sequence.
func (r reads) AttesterAt(id string, sequence uint64) (*domain.Attester, error) {
	return asOf(r, sequence, time.Time{}, func(p *past) (*domain.Attester, error) { return p.attester(id) })
}

// LineAt is the versions of a programme as known at a sequence.
func (r reads) LineAt(programme string, sequence uint64) (*domain.ProgrammeLine, error) {
	return asOf(r, sequence, time.Time{}, func(p *past) (*domain.ProgrammeLine, error) { return p.line(programme) })
}

// PersonAt is Person as known at a sequence.
func (r reads) PersonAt(id string, sequence uint64) (*domain.Person, error) {
	return asOf(r, sequence, time.Time{}, func(p *past) (*domain.Person, error) { return p.person(id) })
}

// RosterAt is the summaries of who was in a cohort, by id, as known at a sequence
// and effective at a time: who was transferred away later is there. Where the
// time is zero, everything that was known counts, and the summaries are
// SummaryAt's.
func (r reads) RosterAt(cohort string, sequence uint64, at time.Time) ([]*Summary, error) {
	return asOf(r, sequence, at, func(p *past) ([]*Summary, error) {
		ids, err := p.roster(cohort)
		if err != nil {
			return nil, err
		}
		var out []*Summary
		for _, id := range ids {
			s, err := p.summary(id)
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		}
		return out, nil
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
