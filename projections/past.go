package projections

import (
	"time"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

// past is the states as they were when a sequence was the ledger's last. Each is
// folded once, from the copies of the entries, by the code that folds them when
// they come; index rows only say where to look.
type past struct {
	rows   reader
	until  uint64
	at     time.Time // effective; zero for whatever had been recorded
	folded map[domain.Subject]*folded
	effect map[string]effective      // by registration, where at is not zero
	plans  map[string]*domain.Cohort // by cohort, where at is not zero
}

var _ moment = (*past)(nil)

// asOf reads what was known at a sequence; ErrNotYet beyond the position.
func asOf[T any](r reads, sequence uint64, at time.Time, fn func(*past) (T, error)) (T, error) {
	return read(r, func(r reader) (out T, err error) {
		head, err := r.position()
		if err != nil {
			return out, err
		}
		if sequence > head.Sequence {
			return out, notYet(sequence, head)
		}
		return fn(&past{
			rows: r, until: sequence, at: at,
			folded: map[domain.Subject]*folded{}, effect: map[string]effective{}, plans: map[string]*domain.Cohort{},
		})
	})
}

// fold gives a state that later calls get too.
func (p *past) fold(subject domain.Subject) (*folded, error) {
	if f, ok := p.folded[subject]; ok {
		return f, nil
	}
	f := newFolded(subject)
	entries, err := p.rows.history(subject, 0, p.until)
	if err != nil {
		return nil, err
	}
	for i := range entries {
		if err := f.apply(&entries[i]); err != nil {
			return nil, err
		}
	}
	p.folded[subject] = f
	return f, nil
}

// stateOf is a part of a folded state, nil where it had no entries.
func stateOf[T any](p *past, kind domain.Kind, id string, part func(*folded) *T) (*T, error) {
	f, err := p.fold(domain.SubjectOf(kind, id))
	if err != nil || f.head().Version == 0 {
		return nil, err
	}
	return part(f), nil
}

// standing is what was known or, at a time, what of it was in effect then; nil
// before the registration was submitted.
func (p *past) standing(id string) (*domain.Standing, error) {
	e, err := p.inEffect(id)
	return e.assessed, err
}

func (p *past) cohort(id string) (*domain.Cohort, error) {
	known, err := stateOf(p, domain.KindCohort, id, func(f *folded) *domain.Cohort { return &f.cohort.State })
	if err != nil || known == nil || p.at.IsZero() {
		return known, err
	}
	if c, ok := p.plans[id]; ok {
		return c, nil
	}
	c, err := p.planned(known)
	p.plans[id] = c
	return c, err
}

func (p *past) attester(id string) (*domain.Attester, error) {
	return stateOf(p, domain.KindAttester, id, func(f *folded) *domain.Attester { return &f.attester.State })
}

func (p *past) line(id string) (*domain.ProgrammeLine, error) {
	return stateOf(p, domain.KindProgramme, id, func(f *folded) *domain.ProgrammeLine { return &f.line.State })
}

func (p *past) person(id string) (*domain.Person, error) {
	return stateOf(p, domain.KindPerson, id, func(f *folded) *domain.Person { return &f.person.State })
}

func (p *past) recorded(subject domain.Subject) (time.Time, error) {
	f, err := p.fold(subject)
	if err != nil {
		return time.Time{}, err
	}
	return f.recorded(), nil
}

func (p *past) programme(digest string) (*programme.Programme, error) {
	at, exists, err := p.rows.publishedAt(digest)
	if err != nil || !exists || at > p.until {
		return nil, err
	}
	return p.rows.programme(digest)
}

func (p *past) registrationsOf(person string) ([]string, error) {
	ids, err := p.rows.registrationsOf(person)
	return p.those(ids, err, func(s *domain.Standing) bool { return s.Person == person })
}

// roster is whoever was in the cohort in effect: those transferred later, and
// none transferred here later.
func (p *past) roster(cohort string) ([]string, error) {
	ids, err := p.rows.lasts(below(viewMember, cohort))
	return p.those(ids, err, func(s *domain.Standing) bool { return s.Cohort == cohort })
}

// those are the registrations whose standing was there and is as wanted.
func (p *past) those(ids []string, err error, wanted func(*domain.Standing) bool) ([]string, error) {
	var out []string
	for _, id := range ids {
		s, err := p.standing(id)
		if err != nil {
			return nil, err
		}
		if s.Exists() && wanted(s) {
			out = append(out, id)
		}
	}
	return out, err
}

func (p *past) summary(registration string) (*Summary, error) {
	return summaryOf(p, registration, p.at)
}
