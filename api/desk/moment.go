package desk

import (
	"context"
	"fmt"
	"slices"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/projections"
)

// moment is what the projections hold at one moment, with the desk's own later
// writes over it. One goroutine uses it, and nobody changes what it gives.
type moment struct {
	desk     *Desk
	view     *projections.View
	position uint64
	batch    map[domain.Subject]state // of DoAll: as after the requests before this one
}

// moment must be closed.
func (d *Desk) moment() (*moment, error) {
	view, err := d.cfg.Store.View()
	if err != nil {
		return nil, fmt.Errorf("read the projections: %w", err)
	}
	m := &moment{desk: d, view: view, batch: map[domain.Subject]state{}}
	position, err := view.Position()
	if err != nil {
		m.close()
		return nil, fmt.Errorf("read the projections: %w", err)
	}
	m.position = position.Sequence
	return m, nil
}

func (m *moment) close() {
	if err := m.view.Close(); err != nil {
		m.desk.cfg.Logger.Warn("close a view of the projections", "error", err)
	}
}

// own is what the desk itself wrote of a subject, where the projections do not
// have it yet; nil where they do.
func (m *moment) own(subject domain.Subject) state {
	if s, ok := m.desk.states.get(subject); ok && headOf(s).Sequence > m.position {
		return s
	}
	return nil
}

// found is one of the desk's own states, or one that read finds; nil where the
// subject has no entries.
func found[T any](m *moment, kind domain.Kind, id string, read func(id string) (*T, error)) (*T, error) {
	if own := m.own(domain.SubjectOf(kind, id)); own != nil {
		return any(own).(*T), nil
	}
	s, err := read(id)
	if err != nil {
		return nil, fmt.Errorf("read %s %s: %w", kind, id, err)
	}
	return s, nil
}

func (m *moment) standing(id string) (*domain.Standing, error) {
	return found(m, domain.KindRegistration, id, m.view.Standing)
}

func (m *moment) cohort(id string) (*domain.Cohort, error) {
	return found(m, domain.KindCohort, id, m.view.Cohort)
}

func (m *moment) line(id string) (*domain.ProgrammeLine, error) {
	return found(m, domain.KindProgramme, id, m.view.Line)
}

func (m *moment) attester(id string) (*domain.Attester, error) {
	return found(m, domain.KindAttester, id, m.view.Attester)
}

func (m *moment) person(id string) (*domain.Person, error) {
	return found(m, domain.KindPerson, id, m.view.Person)
}

// base is the state that a command on a subject starts from; an empty one
// where the subject has no entries.
func (m *moment) base(subject domain.Subject) (state, error) {
	if s, ok := m.batch[subject]; ok {
		return s, nil
	}
	switch subject.Kind() {
	case domain.KindRegistration:
		return orNew(m.standing(subject.ID()))
	case domain.KindCohort:
		return orNew(m.cohort(subject.ID()))
	case domain.KindProgramme:
		return orNew(m.line(subject.ID()))
	case domain.KindAttester:
		return orNew(m.attester(subject.ID()))
	case domain.KindPerson:
		return orNew(m.person(subject.ID()))
	}
	if own := m.own(subject); own != nil {
		return own, nil
	}
	return orNew(m.view.System())
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

// inForce is the rules of a programme in force on a day, nil where there are
// none.
func (m *moment) inForce(ctx context.Context, line *domain.ProgrammeLine, day domain.Date) (*programme.Programme, error) {
	version, ok := line.InForce(day)
	if !ok {
		return nil, nil
	}
	p, err := m.view.Programme(version.Digest)
	if err == nil && p == nil && version.Made.Sequence > m.position {
		// Just published: its bytes are not in this view, and rules are the
		// same at every moment.
		if err = m.desk.cfg.Store.Wait(ctx, version.Made.Sequence); err == nil {
			p, err = m.desk.cfg.Store.Programme(version.Digest)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read the rules of programme %s, version %d: %w", line.ID, version.Version, err)
	}
	return p, nil
}

// registrationsOf lists a person's registrations, sorted.
func (m *moment) registrationsOf(person string) ([]string, error) {
	// TODO(desk): those in the projections, once a View lists them by person.
	var ids []string
	if own, ok := m.desk.people.get(person); ok {
		ids = slices.Concat(ids, own)
		slices.Sort(ids)
		ids = slices.Compact(ids)
	}
	return ids, nil
}

// history is a registration's entries and the standing that they fold into.
func (m *moment) history(registration string) (*domain.Standing, []domain.Entry, error) {
	entries, err := m.view.History(domain.SubjectOf(domain.KindRegistration, registration), 0)
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
