package projections

import (
	"sort"
	"time"

	"github.com/certledger/certledger/domain"
)

// past is the states as they were at a sequence, folded from the entry copies.
type past struct {
	reader
	until uint64
}

var _ states = past{}

func (p past) fold(kind domain.Kind, id string) (*folded, error) {
	subject := domain.SubjectOf(kind, id)
	f := newFolded(subject)
	entries, err := p.history(subject, p.until)
	for i := range entries {
		if err = f.apply(&entries[i]); err != nil {
			break
		}
	}
	return f, err
}

func (p past) standing(id string) (*domain.Standing, error) {
	f, err := p.fold(domain.KindRegistration, id)
	if err != nil || f.head().Version == 0 {
		return nil, err
	}
	return &f.registration.State, nil
}

func (p past) cohort(id string) (*domain.Cohort, error) {
	f, err := p.fold(domain.KindCohort, id)
	if err != nil || f.head().Version == 0 {
		return nil, err
	}
	return &f.cohort.State, nil
}

func (p past) attester(id string) (*domain.Attester, error) {
	f, err := p.fold(domain.KindAttester, id)
	if err != nil || f.head().Version == 0 {
		return nil, err
	}
	return &f.attester.State, nil
}

func (p past) recorded(subject domain.Subject) (time.Time, error) {
	f, err := p.fold(subject.Kind(), subject.ID())
	return f.recorded(), err
}

// FactsAt is what was known of a registration when a sequence was the
// ledger's last, folded from the entries up to it. The Standing is nil where
// the registration did not exist yet.
func (r reads) FactsAt(registration string, sequence uint64) (domain.Facts, error) {
	return read(r, func(r reader) (domain.Facts, error) { return factsOf(past{r, sequence}, registration) })
}

// SummaryAt is the summary that a registration had when a sequence was the
// ledger's last, nil where it did not exist yet.
func (r reads) SummaryAt(registration string, sequence uint64) (*Summary, error) {
	return read(r, func(r reader) (*Summary, error) { return summaryOf(past{r, sequence}, registration) })
}

// SequenceAt is the last sequence that was recorded at a time or before; 0
// where none was. It rests on recorded times that never go back, as the
// ledger's writers keep them.
func (r reads) SequenceAt(at time.Time) (uint64, error) {
	return read(r, func(r reader) (uint64, error) {
		head, err := r.position()
		if err != nil {
			return 0, err
		}
		var failed error
		later := func(i int) bool {
			e, err := r.decoded(uint64(i) + 1)
			if err != nil {
				failed = err
				return true
			}
			return e.Recorded.After(at)
		}
		n := sort.Search(int(head.Sequence), later)
		return uint64(n), failed
	})
}

// decoded is one entry, which must be applied.
func (r reader) decoded(sequence uint64) (domain.Entry, error) {
	stored, exists, err := r.entry(sequence)
	if err != nil {
		return domain.Entry{}, err
	}
	if !exists {
		return domain.Entry{}, errPacked
	}
	return domain.Decode(sequence, stored.Payload)
}
