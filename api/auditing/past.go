package auditing

import (
	"fmt"
	"maps"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/projections"
)

// past finds states as they were after a version of their subject, folded anew
// from the copies of the entries. One goroutine uses it.
type past struct {
	view  *projections.View
	folds map[version]any // what several decisions look at: cohorts and attesters
}

type version struct {
	subject domain.Subject
	version uint64
}

// foldsMax bounds the states that are kept, some kilobytes each.
const foldsMax = 512

var _ domain.Past = (*past)(nil)

func newPast(v *projections.View) *past { return &past{v, map[version]any{}} }

// entries are those of a subject up to a version. They must follow on each
// other without a hole.
func (p *past) entries(subject domain.Subject, until uint64) ([]domain.Entry, error) {
	all, err := p.view.History(subject, 0)
	if err != nil {
		return nil, fmt.Errorf("read the entries of %s: %w", subject, err)
	}
	if until == 0 || uint64(len(all)) < until {
		return nil, fmt.Errorf("%w: %s has %d entries, not %d", domain.ErrCut, subject, len(all), until)
	}
	previous := ""
	for i, e := range all[:until] {
		if e.Version != uint64(i+1) || e.Previous != previous {
			return nil, fmt.Errorf("%w: entry %d does not follow on the one before it of %s", domain.ErrCut, e.Sequence, subject)
		}
		previous = e.Hash
	}
	return all[:until], nil
}

// Registration is a standing with its entries.
func (p *past) Registration(id string, until uint64) (*domain.Standing, []domain.Entry, error) {
	entries, err := p.entries(domain.SubjectOf(domain.KindRegistration, id), until)
	s := &domain.Standing{}
	for _, e := range entries {
		s.Apply(e)
	}
	return s, entries, err
}

// Cohort is a cohort as it was.
func (p *past) Cohort(id string, until uint64) (*domain.Cohort, error) {
	return folded[domain.Cohort](p, domain.SubjectOf(domain.KindCohort, id), until)
}

// Attester is an attester as they were known.
func (p *past) Attester(id string, until uint64) (*domain.Attester, error) {
	return folded[domain.Attester](p, domain.SubjectOf(domain.KindAttester, id), until)
}

// Programme is rules by their digest.
func (p *past) Programme(digest string) (*programme.Programme, error) {
	rules, err := p.view.Programme(digest)
	if err == nil && rules == nil {
		err = fmt.Errorf("%w: the rules are not in the ledger", domain.ErrCut)
	}
	return rules, err
}

func folded[T any, S interface {
	*T
	Apply(domain.Entry)
}](p *past, subject domain.Subject, until uint64) (S, error) {
	at := version{subject, until}
	if known, ok := p.folds[at]; ok {
		return known.(S), nil
	}
	entries, err := p.entries(subject, until)
	if err != nil {
		return nil, err
	}
	s := S(new(T))
	for _, e := range entries {
		s.Apply(e)
	}
	if len(p.folds) >= foldsMax {
		maps.DeleteFunc(p.folds, func(version, any) bool { return true })
	}
	p.folds[at] = s
	return s, nil
}
