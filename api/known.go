package api

import (
	"slices"
	"sync"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

// subjects lists the cohorts and attesters that there are, for which the views
// have no list. It reads the entries once, and later only those that are new.
type subjects struct {
	mu   sync.Mutex // protects the two below
	at   uint64     // sequence of the last entry read
	seen map[domain.Kind][]string
}

func (k *subjects) cohorts(v *projections.View) ([]string, error) {
	return k.list(v, domain.KindCohort)
}

func (k *subjects) attesters(v *projections.View) ([]string, error) {
	return k.list(v, domain.KindAttester)
}

// list is the identifiers of a kind, sorted.
func (k *subjects) list(v *projections.View, kind domain.Kind) ([]string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.seen == nil {
		k.seen = map[domain.Kind][]string{}
	}
	for {
		page, err := v.Entries(k.at, projections.EntriesMax)
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			return slices.Clone(k.seen[kind]), nil
		}
		for _, e := range page {
			subject := domain.Subject(e.Subject)
			of := subject.Kind()
			if of != domain.KindCohort && of != domain.KindAttester {
				continue
			}
			if i, there := slices.BinarySearch(k.seen[of], subject.ID()); !there {
				k.seen[of] = slices.Insert(k.seen[of], i, subject.ID())
			}
		}
		k.at = page[len(page)-1].Sequence
	}
}
