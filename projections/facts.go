package projections

import (
	"slices"
	"time"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

// states is where facts come from: rows at a moment, or a batch that is being
// applied. Both go through factsOf, so that a read and a summary rest on the
// same facts.
type states interface {
	standing(registration string) (*domain.Standing, error)
	cohort(id string) (*domain.Cohort, error)
	attester(id string) (*domain.Attester, error)
	programme(digest string) (*programme.Programme, error)
	line(programme string) (*domain.ProgrammeLine, error)
	registrationsOf(person string) ([]string, error)    // sorted
	recorded(subject domain.Subject) (time.Time, error) // of its last entry; zero where it has none
}

// moment is all states at one: as the rows have them, or as they were.
type moment interface {
	states
	person(id string) (*domain.Person, error)
	roster(cohort string) ([]string, error) // sorted
	summary(registration string) (*Summary, error)
}

// factsOf gathers what an assessment of a registration looks at.
func factsOf(from states, registration string) (domain.Facts, error) {
	var f domain.Facts
	s, err := from.standing(registration)
	if err != nil || !s.Exists() {
		return f, err
	}
	f.Standing = s
	if f.Programme, err = from.programme(s.Pin.Digest); err != nil {
		return f, err
	}
	if s.Pin.ByDay() {
		if err := addVersions(from, &f); err != nil {
			return f, err
		}
	}
	assigned := s.Attesters
	if s.Cohort != "" {
		if f.Cohort, err = from.cohort(s.Cohort); err != nil {
			return f, err
		}
		if f.Cohort != nil {
			f.Reads = append(f.Reads, readOf(domain.SubjectOf(domain.KindCohort, s.Cohort), f.Cohort.Head))
			assigned = slices.Concat(assigned, f.Cohort.Attesters)
		}
	}
	if err := addAttesters(from, &f, assigned, s.Relied()...); err != nil {
		return f, err
	}
	f.Others, err = othersOf(from, s)
	return f, err
}

// addVersions adds every version of the registration's programme: the one that
// it is judged by depends on the day on which the rules are asked, or on which a
// period ends.
func addVersions(from states, f *domain.Facts) (err error) {
	if f.Line, err = from.line(f.Standing.Pin.Programme); err != nil || f.Line == nil {
		return err
	}
	for _, v := range f.Line.Versions {
		p, err := from.programme(v.Digest)
		if err != nil {
			return err
		}
		f.Versions = append(f.Versions, p)
	}
	return nil
}

// summaryTime is when a summary of the facts is assessed: the later of the
// recorded times of the registration's last entry and of its cohort's.
func summaryTime(from states, f domain.Facts) (time.Time, error) {
	at, err := from.recorded(domain.SubjectOf(domain.KindRegistration, f.Standing.Registration))
	if err != nil || f.Cohort == nil {
		return at, err
	}
	cohort, err := from.recorded(domain.SubjectOf(domain.KindCohort, f.Cohort.ID))
	if cohort.After(at) {
		at = cohort
	}
	return at, err
}

// addAttesters adds those assigned, and others by their ids, sorted by id, with
// what was read of them.
func addAttesters(from states, f *domain.Facts, assigned []domain.Assignment, others ...string) error {
	ids := append(make([]string, 0, len(assigned)+len(others)), others...)
	for _, a := range assigned {
		ids = append(ids, a.Attester)
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		a, err := from.attester(id)
		if err != nil {
			return err
		}
		if a == nil {
			continue
		}
		f.Attesters = append(f.Attesters, a)
		f.Reads = append(f.Reads, readOf(domain.SubjectOf(domain.KindAttester, id), a.Head))
	}
	return nil
}

func readOf(subject domain.Subject, h domain.Head) domain.Read {
	return domain.Read{Subject: subject, Version: h.Version, Sequence: h.Sequence, Hash: h.Hash}
}

// othersOf is what the person's other registrations come to: a row for every
// award that was decided on, or one without award.
func othersOf(from states, s *domain.Standing) ([]domain.Other, error) {
	if s.Person == "" {
		return nil, nil
	}
	ids, err := from.registrationsOf(s.Person)
	if err != nil {
		return nil, err
	}
	var out []domain.Other
	for _, id := range ids {
		if id == s.Registration {
			continue
		}
		o, err := from.standing(id)
		if err != nil {
			return nil, err
		}
		if !o.Exists() {
			continue
		}
		p, err := from.programme(o.Pin.Digest)
		if err != nil {
			return nil, err
		}
		out = append(out, o.AsOthers(p)...)
	}
	return out, nil
}

// levelsOf are an award's levels, low to high; none where the programme is not
// known or has no such award.
func levelsOf(p *programme.Programme, award string) []string {
	if p == nil {
		return nil
	}
	for _, a := range p.Awards {
		if a.Key == award {
			return a.Levels
		}
	}
	return nil
}

func (r reader) registrationsOf(person string) ([]string, error) {
	return r.lasts(below(viewPerson, person))
}

// Facts is everything that a command on a registration, or its assessment, may
// look at; the entries are left to History. Where the registration does not
// exist, the Standing is nil.
func (r reads) Facts(registration string) (domain.Facts, error) {
	return read(r, func(r reader) (domain.Facts, error) { return allFactsOf(r, registration) })
}

// allFactsOf are those of factsOf, and what commands look at beyond.
func allFactsOf(from moment, registration string) (domain.Facts, error) {
	f, err := factsOf(from, registration)
	if err != nil || f.Standing == nil {
		return f, err
	}
	if f.Line, err = from.line(f.Standing.Pin.Programme); err != nil {
		return f, err
	}
	f.Person, err = from.person(f.Standing.Person)
	return f, err
}

// CohortFacts is what a command on a cohort may look at. Programme is the
// version in force on a day, nil where none is.
func (r reads) CohortFacts(cohort string, on domain.Date) (domain.Facts, error) {
	return read(r, func(r reader) (domain.Facts, error) {
		c, err := r.cohort(cohort)
		if err != nil || c == nil {
			return domain.Facts{}, err
		}
		f, err := r.programmeFacts(c.Programme, on)
		if err != nil {
			return f, err
		}
		f.Cohort = c
		err = addAttesters(r, &f, c.Attesters)
		return f, err
	})
}

// ProgrammeFacts is what a command on a programme, or one that begins a cohort
// or a registration without one, may look at. Programme is the version in force
// on a day, nil where none is.
func (r reads) ProgrammeFacts(programme string, on domain.Date) (domain.Facts, error) {
	return read(r, func(r reader) (domain.Facts, error) { return r.programmeFacts(programme, on) })
}

func (r reader) programmeFacts(id string, on domain.Date) (domain.Facts, error) {
	var f domain.Facts
	var err error
	if f.Line, err = r.line(id); err != nil || f.Line == nil {
		return f, err
	}
	if v, ok := f.Line.InForce(on); ok {
		f.Programme, err = r.programme(v.Digest)
	}
	return f, err
}
