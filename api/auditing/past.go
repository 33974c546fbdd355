package auditing

import (
	"fmt"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/eventstore/proof"
	"github.com/certledger/certledger/projections"
)

// past finds states as they were after a version of their subject, as a verifier of
// dossiers does.
type past = proof.Past

func newPast(v *projections.View) *past { return proof.NewPast(history{v}) }

// history is the copies of the entries in the projections.
type history struct{ view *projections.View }

// EntriesUpTo are those of a subject up to a version. They must follow on each other
// without a hole.
func (h history) EntriesUpTo(subject domain.Subject, until uint64) ([]domain.Entry, error) {
	all, err := h.view.History(subject, 0)
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

// Programme is rules by their digest.
func (h history) Programme(digest string) (*programme.Programme, error) {
	rules, err := h.view.Programme(digest)
	if err == nil && rules == nil {
		err = fmt.Errorf("%w: the rules are not in the ledger", domain.ErrCut)
	}
	return rules, err
}
