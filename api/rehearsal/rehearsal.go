// Package rehearsal applies rules that are not in force to the real history of a
// programme or a cohort, and says who would stand elsewhere, and why. It records
// nothing, and holds no more in memory than some registrations at a time.
package rehearsal

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/projections"
)

// Question says what to rehearse on whom.
type Question struct {
	// Rules are to be rehearsed. Required.
	Rules *programme.Programme

	// Cohort bounds the rehearsal to those who are in a cohort now. Empty: all
	// registrations of the rules' programme.
	Cohort string

	// Until is the last sequence that is known; 0 for all, which only the present
	// may have.
	Until uint64

	// At is when to assess, in the rules' time zone. Required. Effective says that
	// it is not the present: what had not happened by then is left out.
	At        time.Time
	Effective bool
}

// Mover is a registration that would stand elsewhere.
type Mover struct {
	Registration string        `json:"registration"`
	Cohort       string        `json:"cohort,omitempty"`
	State        string        `json:"state"`
	Version      int           `json:"version"` // of the rules that it is pinned to
	Moves        []domain.Move `json:"moves"`
}

// Counts are what a rehearsal came to.
type Counts struct {
	Registrations int     `json:"registrations"` // looked at
	Changed       int     `json:"changed"`
	Moves         []Tally `json:"moves"` // by award, from and to
}

// Tally counts those who would move alike.
type Tally struct {
	Award string `json:"award"`
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
	Count int    `json:"count"`
}

// registrationsAtOnce are assessed side by side and held in memory.
const registrationsAtOnce = 256

// Run calls each with every registration that would stand elsewhere, in the
// order of their ids, and progress with how many were looked at. Progress may be
// nil. An error of each ends it.
func Run(ctx context.Context, v *projections.View, q Question, each func(Mover) error, progress func(done int)) (Counts, error) {
	counts := Counts{Moves: []Tally{}}
	query := projections.Query{Programme: q.Rules.ID, Cohort: q.Cohort, Limit: registrationsAtOnce}
	for {
		page, err := v.List(ctx, query)
		if err != nil {
			return counts, err
		}
		rows, seen, err := assess(ctx, v, q, page.Rows)
		if err != nil {
			return counts, err
		}
		counts.Registrations += seen
		for _, row := range rows {
			counts.add(row)
			if err := each(row); err != nil {
				return counts, err
			}
		}
		if progress != nil {
			progress(counts.Registrations)
		}
		if query.After = page.Next; query.After == "" {
			return counts, nil
		}
	}
}

func (c *Counts) add(r Mover) {
	c.Changed++
	for _, m := range r.Moves {
		key := Tally{Award: m.Award, From: m.From, To: m.To}
		i, ok := slices.BinarySearchFunc(c.Moves, key, compareTallies)
		if !ok {
			c.Moves = slices.Insert(c.Moves, i, key)
		}
		c.Moves[i].Count++
	}
}

func compareTallies(a, b Tally) int {
	return cmp.Or(cmp.Compare(a.Award, b.Award), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
}

// assess rehearses some registrations side by side: those that would move, and
// how many existed.
func assess(ctx context.Context, v *projections.View, q Question, list []*projections.Summary) ([]Mover, int, error) {
	rows, existed := make([]*Mover, len(list)), make([]bool, len(list))
	if err := projections.SideBySide(ctx, len(list), 1, func() func(int) error {
		return func(i int) (err error) {
			rows[i], existed[i], err = rehearse(v, q, list[i].Registration)
			return err
		}
	}); err != nil {
		return nil, 0, err
	}
	var out []Mover
	seen := 0
	for i := range list {
		if existed[i] {
			seen++
		}
		if rows[i] != nil {
			out = append(out, *rows[i])
		}
	}
	return out, seen, nil
}

// rehearse is nil where nothing would move.
func rehearse(v *projections.View, q Question, registration string) (_ *Mover, existed bool, err error) {
	var f domain.Facts
	switch {
	case q.Effective:
		f, err = v.EffectiveFacts(registration, q.Until, q.At)
	case q.Until > 0:
		f, err = v.FactsAt(registration, q.Until)
	default:
		f, err = v.Facts(registration)
	}
	if err != nil || !f.Standing.Exists() {
		return nil, false, err
	}
	if f.Programme == nil {
		return nil, true, fmt.Errorf("the rules of registration %s are not in the ledger", registration)
	}
	moves := domain.Rehearse(q.Rules, f, q.At)
	if len(moves) == 0 {
		return nil, true, nil
	}
	s := f.Standing
	return &Mover{Registration: registration, Cohort: s.Cohort, State: s.State, Version: s.Pin.Version, Moves: moves}, true, nil
}
