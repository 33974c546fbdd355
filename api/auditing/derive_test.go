package auditing

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/eventstore/proof"
)

// broken is a history to which the rules cannot be applied.
type broken struct{}

func (broken) EntriesUpTo(domain.Subject, uint64) ([]domain.Entry, error) {
	panic("domain: result without requirement")
}

func (broken) Programme(string) (*programme.Programme, error) { return nil, domain.ErrCut }

// A decision that was written past the rules is told of, and ends nothing.
func TestADecisionThatCannotBeDerivedIsNamed(t *testing.T) {
	e := domain.Entry{
		Subject: "registration/r1", Version: 3,
		Event: &domain.DecisionRecorded{Record: &domain.Record{Decided: domain.Decided{Registration: "r1"}, Cut: domain.Cut{Version: 2}}},
	}
	require.ErrorIs(t, again(e, nil, proof.NewPast(broken{})), errImpossible)
	e.Version = 4
	require.ErrorIs(t, again(e, nil, proof.NewPast(broken{})), domain.ErrCut)
	e.Event = &domain.DecisionRecorded{}
	require.ErrorIs(t, again(e, nil, proof.NewPast(broken{})), domain.ErrNoRecord)
}
