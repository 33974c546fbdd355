package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/certledger/certledger/api/auditing"
	"github.com/certledger/certledger/eventstore"
	"github.com/certledger/certledger/projections"
)

const rebuildThem = "Make them anew with `certledger projection rebuild`"

// beginning is a ledger that ends with an entry.
type beginning struct {
	*eventstore.Log
	head uint64
}

func (b beginning) Head(context.Context) (uint64, error) { return b.head, nil }

// derive folds everything anew, compares the projections with that where they
// end, and derives every decision from the whole. Entries after one that cannot
// be read or folded are left out.
func (c *checker) derive(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp(string(c.at), checkDirs)
	if err != nil {
		return errors.New(plain(err))
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	config := projections.Config{Dir: filepath.Join(dir, "projections"), Logger: c.quietLogger()}
	fresh, err := c.fold(ctx, config)
	if fresh == nil {
		return err
	}
	defer func() { err = errors.Join(err, fresh.Close()) }()
	if err := c.compareRows(ctx, fresh); err != nil {
		return err
	}
	if err := c.foldRest(ctx, fresh); err != nil {
		return err
	}
	c.Derived = fresh.Position().Sequence
	return c.decisions(ctx, fresh)
}

// fold makes projections anew up to where those that are there end, or to the
// end of what can be folded. It is nil where that cannot be done.
func (c *checker) fold(ctx context.Context, config projections.Config) (*projections.Store, error) {
	until := c.readable
	if c.store != nil {
		until = min(until, c.known)
	}
	for range 2 { // what comes before an entry that cannot be folded can be
		step, finish := c.progress("entries folded")
		err := projections.Rebuild(ctx, config, beginning{c.log, until}, step)
		finish()
		var poison *projections.PoisonError
		switch {
		case err == nil:
			return projections.Open(config)
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case !errors.As(err, &poison) || poison.Sequence > until:
			c.found(partLedger, 0, "it cannot be folded: %v", err)
			return nil, nil
		}
		c.unfoldable(poison)
		until = poison.Sequence - 1
	}
	return nil, nil
}

// unfoldable keeps an entry that cannot be folded, and what comes after it, out.
func (c *checker) unfoldable(poison *projections.PoisonError) {
	c.readable = min(c.readable, poison.Sequence-1)
	if !c.accused(partLedger, poison.Sequence) {
		c.found(partLedger, poison.Sequence, "it cannot be folded: %v", poison.Err)
	}
}

// foldRest folds what the projections that are there do not hold.
func (c *checker) foldRest(ctx context.Context, fresh *projections.Store) error {
	after := fresh.Position().Sequence
	if after >= c.readable {
		return nil
	}
	var some []eventstore.Stored
	apply := func() error {
		err := fresh.Apply(ctx, some)
		some = some[:0]
		return err
	}
	err := c.log.Read(ctx, after, c.readable, func(e eventstore.Stored) error {
		if some = append(some, e); len(some) < leavesAtOnce {
			return nil
		}
		return apply()
	})
	if err == nil {
		err = apply()
	}
	var poison *projections.PoisonError
	if errors.As(err, &poison) {
		c.unfoldable(poison)
		return nil
	}
	return err
}

// compareRows compares the projections that are there, row by row.
func (c *checker) compareRows(ctx context.Context, fresh *projections.Store) error {
	if c.store == nil {
		return nil
	}
	if at := fresh.Position().Sequence; at != c.known {
		c.remark("the projections were not compared with a fresh fold: they hold entries up to %d, and only %d can be folded", c.known, at)
		return nil
	}
	rows, err := projections.Different(ctx, c.store, fresh, findingsMax)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		c.found(partProjections, 0, "they cannot be read: %v", err)
		return nil
	}
	altered := c.altered()
	for _, row := range rows {
		switch {
		case row.First == 0 && altered, c.named(row):
			continue // it follows from what was found already
		case row.First == row.Last && row.First > 0:
			c.found(partProjections, row.First, "they are not what a fresh fold gives: %s %s. %s", row.Row, row.What, rebuildThem)
		default:
			c.found(partProjections, 0, "they are not what a fresh fold gives: %s %s. %s", row.Row, row.What, rebuildThem)
		}
	}
	return nil
}

// altered reports whether an entry is not the one that the projections were made
// from: all that rests on it differs then.
func (c *checker) altered() bool {
	for _, f := range c.Findings {
		if f.Entry > 0 && f.Entry <= c.known && (f.Part == partTree || f.Part == partCheckpoint && c.inspected.Fault != nil) {
			return true
		}
	}
	return false
}

// named reports whether a hash of the tree, or a copy, is of an entry that was
// named already.
func (c *checker) named(row projections.RowDifference) bool {
	for _, entry := range c.doubtful {
		if row.First <= entry && entry <= row.Last {
			return true
		}
	}
	return false
}

func (c *checker) decisions(ctx context.Context, fresh *projections.Store) (err error) {
	v, err := fresh.View()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	ids, err := auditing.Population(v, c.Derived, "")
	if err != nil {
		return err
	}
	c.Decisions = len(ids)
	step, finish := c.progress("decisions derived")
	defer finish()
	results, err := auditing.Derive(ctx, v, ids, func(done int) {
		if step != nil {
			step(uint64(done), uint64(len(ids)))
		}
	})
	if err != nil {
		return err
	}
	for _, r := range results {
		if r.Result == auditing.Identical {
			c.Identical++
			continue
		}
		c.found(partDecision, r.Sequence, "decision %s does not come out as recorded: %s", r.Decision, joinWords(r.Where, r.Because))
	}
	return nil
}
