package auditing

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

// What deriving a decision again came to.
const (
	Identical = "identical" // it was allowed, and every node of its record is the same
	Different = "different" // not so; the Checked says where or why
)

// Checked is one decision derived again.
type Checked struct {
	Decision     string `json:"decision"`
	Registration string `json:"registration"`
	Sequence     uint64 `json:"sequence"`
	Result       string `json:"result"`
	Where        string `json:"where,omitempty"` // the first place that differs, as a path from the event's data
	Because      string `json:"because,omitempty"`
}

// Derive derives decisions again, side by side, and answers in their order. An
// error is of reading; a decision that does not come out alike is none.
func Derive(ctx context.Context, v *projections.View, decisions []string, progress func(done int)) ([]Checked, error) {
	var (
		out  = make([]Checked, len(decisions))
		mu   sync.Mutex // protects done
		done int
	)
	err := projections.SideBySide(ctx, len(decisions), 1, func() func(int) error {
		p := newPast(v)
		return func(i int) (err error) {
			out[i], err = derive(v, p, decisions[i])
			if err == nil && progress != nil {
				mu.Lock()
				defer mu.Unlock()
				done++
				progress(done)
			}
			return err
		}
	})
	return out, err
}

// derive derives one decision again.
func derive(v *projections.View, p *past, id string) (Checked, error) {
	at, ok, err := v.Decision(id)
	if err != nil {
		return Checked{}, err
	}
	if !ok {
		return Checked{}, fmt.Errorf("there is no decision %s", id)
	}
	out := Checked{Decision: id, Registration: at.Registration, Sequence: at.Sequence, Result: Identical}
	stored, ok, err := v.Entry(at.Sequence)
	if err != nil || !ok {
		return out, errors.Join(err, fmt.Errorf("entry %d cannot be read", at.Sequence))
	}
	e, err := domain.Decode(stored.Sequence, stored.Payload)
	if err != nil {
		return out, err
	}
	switch err := again(e, stored.Payload, p); {
	case errors.Is(err, projections.ErrDamaged) || errors.Is(err, projections.ErrClosed):
		return out, err
	case err != nil:
		out.Result, out.Because = Different, err.Error()
		var d *domain.Difference
		if errors.As(err, &d) {
			out.Where, out.Because = d.Path, d.What()
		}
	}
	return out, nil
}

// errImpossible: the rules state what they rely on, and a decision that was written
// past them may break it.
var errImpossible = errors.New("the rules cannot be applied to what the entries say")

func again(e domain.Entry, payload []byte, p *past) (err error) {
	defer func() {
		if recover() != nil { // what a panic says may repeat a value
			err = errImpossible
		}
	}()
	d, ok := e.Event.(*domain.DecisionRecorded)
	if !ok || d.Record == nil {
		return domain.ErrNoRecord
	}
	if d.Record.Decided.Registration != e.Subject.ID() || d.Record.Cut.Version+1 != e.Version {
		return fmt.Errorf("%w: the decision does not follow on what it considered", domain.ErrCut)
	}
	f, err := domain.FactsOfCut(d.Record, p)
	if err != nil {
		return err
	}
	return domain.Rederive(e, payload, f)
}
