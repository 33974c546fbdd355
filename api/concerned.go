package api

import (
	"iter"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

// concernedBy gives, in order and from one on, the registrations on which a
// decision may have to do with an entry: of the entry's own registration, of the
// decisions that had read its subject or relied on it, and of those pinned to the
// rules that it published.
func concernedBy(v *projections.View, e *domain.Entry, from string) iter.Seq2[string, error] {
	switch e.Subject.Kind() {
	case domain.KindRegistration:
		return with(e.Subject.ID(), from, readers(v, e.Subject, from))
	case domain.KindCohort, domain.KindAttester:
		return readers(v, e.Subject, from)
	case domain.KindProgramme:
		if p, ok := e.Event.(*domain.ProgrammePublished); ok {
			return pinned(v, p.Programme, p.Digest, from)
		}
	}
	return func(func(string, error) bool) {}
}

// with adds one to a list in order, unless it comes before the first.
func with(one, from string, list iter.Seq2[string, error]) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		told := one < from
		for id, err := range list {
			if !told && (err != nil || one <= id) {
				told = true
				if one != id && !yield(one, nil) {
					return
				}
			}
			if !yield(id, err) {
				return
			}
		}
		if !told {
			yield(one, nil)
		}
	}
}

// readers gives the registrations of the decisions that a subject matters to, each
// once, in order and from one on.
func readers(v *projections.View, subject domain.Subject, from string) iter.Seq2[string, error] {
	return each(func(yield func(string) bool) error {
		last := ""
		return v.EachReader(subject, from, func(r projections.Reader) (bool, error) {
			if r.Registration == last {
				return true, nil
			}
			last = r.Registration
			return yield(last), nil
		})
	})
}

// pinned gives the registrations that are pinned to rules, in order and from one
// on.
func pinned(v *projections.View, programme, digest, from string) iter.Seq2[string, error] {
	return each(func(yield func(string) bool) error {
		return v.EachPinned(programme, from, func(registration, of string) (bool, error) {
			return of != digest || yield(registration), nil
		})
	})
}

// each is a list that somebody visits, and whose error comes last.
func each(visit func(yield func(string) bool) error) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		stopped := false
		err := visit(func(id string) bool {
			stopped = stopped || !yield(id, nil)
			return !stopped
		})
		if err != nil && !stopped {
			yield("", err)
		}
	}
}
