package projections

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/certledger/certledger/domain"
)

// DifferenceMax bounds the entries of one Difference.
const DifferenceMax = 1000

// Why an entry concerns a registration.
const (
	ConcernsOwn       = "own"       // it is the registration's
	ConcernsCohort    = "cohort"    // of the cohort, while the registration was in it
	ConcernsAttester  = "attester"  // of somebody assigned to either, or on whose word a decision rested, since then
	ConcernsOther     = "other"     // of another registration of the same person
	ConcernsProgramme = "programme" // a version was proposed, published or withdrawn
)

// Difference is what was recorded between two sequences and concerns a
// registration: the entries for which its facts are no longer what they were.
type Difference struct {
	Registration string
	From, To     uint64    // From is not part of it
	Entries      []Concern // in order
	More         bool      // more follow: ask again from the last
}

// Concern is an entry that concerns a registration, and why.
type Concern struct {
	Why   string
	Entry domain.Entry
}

// Difference lists what concerns a registration after one sequence, up to
// another, and at most DifferenceMax. It is nil where the registration did not
// exist by then; ErrRange where the end is before the beginning, ErrNotYet where
// it is beyond the position.
func (r reads) Difference(registration string, from, to uint64) (*Difference, error) {
	if from > to {
		return nil, fmt.Errorf("%w: from %d to %d", ErrRange, from, to)
	}
	return asOf(r, to, time.Time{}, func(p *past) (*Difference, error) {
		s, err := p.standing(registration)
		if err != nil || s == nil {
			return nil, err
		}
		c := concerns{past: p, why: map[uint64]string{}}
		if err := c.gather(s, from); err != nil {
			return nil, err
		}
		out := &Difference{Registration: registration, From: from, To: to}
		sequences := slices.Sorted(maps.Keys(c.why))
		if out.More = len(sequences) > DifferenceMax; out.More {
			sequences = sequences[:DifferenceMax]
		}
		for _, sequence := range sequences {
			e, err := p.rows.decoded(sequence)
			if err != nil {
				return nil, err
			}
			out.Entries = append(out.Entries, Concern{c.why[sequence], e})
		}
		return out, nil
	})
}

// concerns collects sequences and why they concern a registration.
type concerns struct {
	*past
	why map[uint64]string
}

func (c concerns) gather(s *domain.Standing, from uint64) error {
	own := domain.SubjectOf(domain.KindRegistration, s.Registration)
	if err := c.add(ConcernsOwn, own, from, c.until); err != nil {
		return err
	}
	from = max(from, s.Submitted.Sequence) // what was there before is no difference
	if err := c.attesters(s.Attesters, from, c.until); err != nil {
		return err
	}
	var err error
	s.EachNamed(func(id string, since uint64) {
		if err == nil {
			err = c.add(ConcernsAttester, domain.SubjectOf(domain.KindAttester, id), max(from, since), c.until)
		}
	})
	if err != nil {
		return err
	}
	for i := range s.Decisions {
		d := &s.Decisions[i]
		for _, id := range s.ReliedOn(d) {
			if err := c.add(ConcernsAttester, domain.SubjectOf(domain.KindAttester, id), max(from, d.Made.Sequence), c.until); err != nil {
				return err
			}
		}
	}
	for _, stay := range staysOf(s, c.until) {
		if err := c.stay(stay, from); err != nil {
			return err
		}
	}
	if err := c.others(s, from); err != nil {
		return err
	}
	return c.add(ConcernsProgramme, domain.SubjectOf(domain.KindProgramme, s.Pin.Programme), from, c.until)
}

// stay is a time in a cohort, from after one sequence up to another.
type stay struct {
	cohort       string
	after, until uint64
}

// staysOf are a registration's times in cohorts, in order.
func staysOf(s *domain.Standing, until uint64) []stay {
	var out []stay
	after := s.Submitted.Sequence
	for _, x := range s.Stays {
		out = append(out, stay{x.Cohort, after, x.Until.Sequence})
		after = x.Until.Sequence
	}
	return append(out, stay{s.Cohort, after, until})
}

func (c concerns) stay(in stay, from uint64) error {
	if in.cohort == "" || in.until <= from {
		return nil
	}
	from = max(from, in.after)
	if err := c.add(ConcernsCohort, domain.SubjectOf(domain.KindCohort, in.cohort), from, in.until); err != nil {
		return err
	}
	cohort, err := c.cohort(in.cohort)
	if err != nil || cohort == nil {
		return err
	}
	return c.attesters(cohort.Attesters, from, in.until)
}

func (c concerns) attesters(assigned []domain.Assignment, from, until uint64) error {
	for _, a := range assigned {
		if err := c.add(ConcernsAttester, domain.SubjectOf(domain.KindAttester, a.Attester), max(from, a.Made.Sequence), until); err != nil {
			return err
		}
	}
	return nil
}

func (c concerns) others(s *domain.Standing, from uint64) error {
	if s.Person == "" {
		return nil
	}
	ids, err := c.registrationsOf(s.Person)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if id == s.Registration {
			continue
		}
		if err := c.add(ConcernsOther, domain.SubjectOf(domain.KindRegistration, id), from, c.until); err != nil {
			return err
		}
	}
	return nil
}

// add takes a subject's entries after one sequence, up to another.
func (c concerns) add(why string, subject domain.Subject, after, until uint64) error {
	sequences, err := c.rows.timeline(subject, after, until, DifferenceMax+1)
	for _, sequence := range sequences {
		c.why[sequence] = why
	}
	return err
}
