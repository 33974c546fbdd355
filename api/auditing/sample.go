package auditing

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

// ErrNothing says that there is no decision to draw a sample from.
var ErrNothing = errors.New("no decisions to draw a sample from")

// Question says which sample to draw.
type Question struct {
	Seed      string
	Size      int
	Until     uint64 // last sequence considered; 0 for all
	Programme string // id; empty for all
}

// Report is a sample that was drawn and derived again. The same question on the
// same ledger gives the same report for ever.
type Report struct {
	Seed       string            `json:"seed"`
	Population domain.Population `json:"population"`
	Decisions  []Checked         `json:"decisions"` // in the order drawn
	Identical  int               `json:"identical"`
	Different  int               `json:"different"`
}

// Hash is of the canonical JSON (RFC 8785) of the report.
func (r Report) Hash() (string, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return "", err
	}
	canonical := jsontext.Value(b)
	if err := canonical.Canonicalize(); err != nil {
		return "", err
	}
	return domain.HashOf(canonical), nil
}

// Drawn are the decisions' ids, in the order drawn.
func (r Report) Drawn() []string {
	out := make([]string, len(r.Decisions))
	for i, d := range r.Decisions {
		out[i] = d.Decision
	}
	return out
}

// Sample draws a sample and derives each of its decisions again. It is
// ErrNothing where there is nothing to draw from.
func Sample(ctx context.Context, v *projections.View, q Question) (Report, error) {
	at, err := v.Position()
	if err != nil {
		return Report{}, err
	}
	if q.Until == 0 {
		q.Until = at.Sequence
	}
	draw, count := domain.NewDraw(q.Seed, q.Size), 0
	if err := eachDecision(v, q.Until, q.Programme, func(id string) error {
		draw.Add(id)
		count++
		return ctx.Err()
	}); err != nil {
		return Report{}, err
	}
	if count == 0 {
		return Report{}, ErrNothing
	}
	r := Report{Seed: q.Seed, Population: domain.Population{Until: q.Until, Programme: q.Programme, Decisions: count}}
	if r.Decisions, err = Derive(ctx, v, draw.Drawn(), nil); err != nil {
		return Report{}, err
	}
	for _, d := range r.Decisions {
		if d.Result == Identical {
			r.Identical++
		} else {
			r.Different++
		}
	}
	return r, nil
}

// Population lists the decisions recorded up to a sequence, of a programme
// where one is named, in the order of their ids.
func Population(v *projections.View, until uint64, programme string) (out []string, err error) {
	err = eachDecision(v, until, programme, func(id string) error {
		out = append(out, id)
		return nil
	})
	return out, err
}

// eachDecision tells the decisions of Population one at a time, until one is an
// error.
func eachDecision(v *projections.View, until uint64, programme string, each func(id string) error) error {
	return v.EachDecision(func(id string, at projections.DecisionAt) (bool, error) {
		if at.Sequence > until {
			return true, nil
		}
		if programme != "" {
			if of, err := v.IsOf(at.Registration, programme); err != nil || !of {
				return err == nil, err
			}
		}
		return true, each(id)
	})
}
