package desk

import (
	"context"
	"fmt"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/projections"
)

// moment is what the desk knows at one moment: from its memory, and where that
// has nothing from a view of the projections. One goroutine uses it, and nobody
// changes what it gives.
type moment struct {
	desk     *Desk
	position uint64 // what the memory or the view gives is at least as new
	opened   *projections.View
	batch    map[domain.Subject]state // of DoAll: as after the requests before this one
}

// moment must be closed.
func (d *Desk) moment() *moment {
	return &moment{desk: d, position: d.memory.refresh(), batch: map[domain.Subject]state{}}
}

func (m *moment) close() {
	if m.opened == nil {
		return
	}
	if err := m.opened.Close(); err != nil {
		m.desk.cfg.Logger.Warn("close a view of the projections", "error", err)
	}
}

// view is the projections at one moment, for everything that is read of them.
func (m *moment) view(ctx context.Context) (*projections.View, error) {
	if m.opened != nil {
		return m.opened, nil
	}
	if err := m.desk.awaitOwed(ctx, m.position); err != nil {
		return nil, err
	}
	view, err := m.desk.cfg.Store.View()
	if err != nil {
		return nil, fmt.Errorf("read the projections: %w", err)
	}
	m.opened = view
	return view, nil
}

// awaitOwed waits for the projections where the memory had to forget what they
// do not have.
func (d *Desk) awaitOwed(ctx context.Context, position uint64) error {
	if owed := d.memory.needs(); owed > position {
		return d.wait(ctx, owed)
	}
	return nil
}

// found is a state from the memory, or one that read finds in the view; nil
// where the subject has no entries.
func found[T any, S interface {
	*T
	state
}](ctx context.Context, m *moment, subject domain.Subject, read func(v *projections.View, id string) (S, error)) (S, error) {
	if known, ok := m.desk.memory.state(subject); ok {
		return known.(S), nil
	}
	view, err := m.view(ctx)
	if err != nil {
		return nil, err
	}
	s, err := read(view, subject.ID())
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", subject, err)
	}
	if s != nil {
		m.desk.memory.read(subject, s, m.position)
	}
	return s, nil
}

func (m *moment) standing(ctx context.Context, id string) (*domain.Standing, error) {
	return found(ctx, m, domain.SubjectOf(domain.KindRegistration, id), (*projections.View).Standing)
}

func (m *moment) cohort(ctx context.Context, id string) (*domain.Cohort, error) {
	return found(ctx, m, domain.SubjectOf(domain.KindCohort, id), (*projections.View).Cohort)
}

func (m *moment) line(ctx context.Context, id string) (*domain.ProgrammeLine, error) {
	return found(ctx, m, domain.SubjectOf(domain.KindProgramme, id), (*projections.View).Line)
}

func (m *moment) attester(ctx context.Context, id string) (*domain.Attester, error) {
	return found(ctx, m, domain.SubjectOf(domain.KindAttester, id), (*projections.View).Attester)
}

func (m *moment) person(ctx context.Context, id string) (*domain.Person, error) {
	return found(ctx, m, domain.SubjectOf(domain.KindPerson, id), (*projections.View).Person)
}

func (m *moment) system(ctx context.Context) (*domain.System, error) {
	return found(ctx, m, domain.SystemSubject, func(v *projections.View, _ string) (*domain.System, error) { return v.System() })
}

func (m *moment) access(ctx context.Context, id string) (*domain.Access, error) {
	return found(ctx, m, domain.SubjectOf(domain.KindAccess, id), (*projections.View).Access)
}

// base is the state that a command on a subject starts from; an empty one
// where the subject has no entries.
func (m *moment) base(ctx context.Context, subject domain.Subject) (state, error) {
	if s, ok := m.batch[subject]; ok {
		return s, nil
	}
	switch subject.Kind() {
	case domain.KindRegistration:
		return orNew(m.standing(ctx, subject.ID()))
	case domain.KindCohort:
		return orNew(m.cohort(ctx, subject.ID()))
	case domain.KindProgramme:
		return orNew(m.line(ctx, subject.ID()))
	case domain.KindAttester:
		return orNew(m.attester(ctx, subject.ID()))
	case domain.KindPerson:
		return orNew(m.person(ctx, subject.ID()))
	case domain.KindAccess:
		return orNew(m.access(ctx, subject.ID()))
	}
	return orNew(m.system(ctx))
}

// orNew lets an empty state stand for none.
func orNew[T any, S interface {
	*T
	state
}](s S, err error) (state, error) {
	if err != nil || s != nil {
		return s, err
	}
	return S(new(T)), nil
}

// rules are a version of a programme by its digest, nil where there is none.
// They are the same at every moment; made is where they were published.
func (m *moment) rules(ctx context.Context, digest string, made uint64) (*programme.Programme, error) {
	if p, ok := m.desk.memory.programme(digest); ok {
		return p, nil
	}
	p, err := m.desk.cfg.Store.Programme(digest)
	if err == nil && p == nil && made > m.position { // just published
		if err = m.desk.wait(ctx, made); err == nil {
			p, err = m.desk.cfg.Store.Programme(digest)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read rules: %w", err)
	}
	if p != nil {
		m.desk.memory.parsed(p)
	}
	return p, nil
}

// registrationsOf lists a person's registrations, sorted.
func (m *moment) registrationsOf(ctx context.Context, person string) ([]string, error) {
	ids, err := m.desk.memory.registrations(person, m.position, func(person string) ([]string, error) {
		view, err := m.view(ctx)
		if err != nil {
			return nil, err
		}
		return view.OfPerson(person)
	})
	if err != nil {
		return nil, fmt.Errorf("read a person's registrations: %w", err)
	}
	return ids, nil
}

// history is a registration's entries and the standing that they fold into.
func (m *moment) history(ctx context.Context, registration string) (*domain.Standing, []domain.Entry, error) {
	view, err := m.view(ctx)
	if err != nil {
		return nil, nil, err
	}
	entries, err := view.History(domain.SubjectOf(domain.KindRegistration, registration), 0)
	if err != nil {
		return nil, nil, fmt.Errorf("read the entries of registration %s: %w", registration, err)
	}
	s := &domain.Standing{}
	for _, e := range entries {
		if e.Version != s.Version+1 || e.Previous != s.Hash {
			return nil, nil, fmt.Errorf("entry %d does not follow on version %d of registration %s", e.Sequence, s.Version, registration)
		}
		s.Apply(e)
	}
	return s, entries, nil
}
