package eventstore

import (
	"context"
	"errors"
	"fmt"
)

// restartsMax bounds how often a reader begins anew without having read
// anything in between.
const restartsMax = 5

// errRestart: the consumer stands still or skipped an entry that can be read.
var errRestart = errors.New("the consumer delivered less than the ledger holds")

// Read hands every entry after one sequence up to and including another, in
// order, to each; until 0 means up to the head at the time of the call. It
// stops at the first error of each and returns it as it is.
//
// A missing or damaged entry is a *GapError, after all entries before it were
// handed over. A ledger that ends before after or until is a *TailError.
func (l *Log) Read(ctx context.Context, after, until uint64, each func(Stored) error) error {
	if err := l.enter(); err != nil {
		return err
	}
	defer l.leave()
	head, err := l.head(ctx)
	if err != nil {
		return err
	}
	if until == 0 {
		until = max(head, after)
	}
	if until > head {
		return fmt.Errorf("read entries %d to %d: %w", after+1, until, &TailError{Head: head, Known: until})
	}
	if after >= until {
		return nil
	}
	r := reader{log: l, last: after, until: until, each: func(batch []Stored) error {
		for _, s := range batch {
			if err := each(s); err != nil {
				return err
			}
		}
		return nil
	}}
	return r.run(ctx)
}

// Follow hands every entry after a sequence to each, in order and without
// gaps, those to come included, until ctx ends; it then returns nil. A batch
// holds what had arrived, at most Config.ReadBatch entries; each may keep the
// payloads, not the slice. The next batch is fetched meanwhile.
//
// Follow stops at the first error of each and returns it as it is. A missing or
// damaged entry is a *GapError, and a ledger that ends before after, or has
// become shorter, a *TailError; ErrClosed follows Close. Anything else, such as
// ErrUnavailable, may pass: call it again after the last entry that was handed
// over.
func (l *Log) Follow(ctx context.Context, after uint64, each func([]Stored) error) error {
	if err := l.enter(); err != nil {
		return err
	}
	defer l.leave()
	r := reader{log: l, last: after, each: each}
	err := r.checkHead(ctx)
	if err == nil || errors.Is(err, errRestart) { // at the head, or before it
		err = r.run(ctx)
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

// reader is one Read or Follow under way.
type reader struct {
	log   *Log
	last  uint64 // handed over so far
	until uint64 // 0 for ever
	each  func([]Stored) error
}

func (r *reader) run(ctx context.Context) error {
	restarts := 0
	for {
		before := r.last
		err := r.drain(ctx)
		if !errors.Is(err, errRestart) {
			return err
		}
		if r.last > before {
			restarts = 0
		}
		if restarts++; restarts > restartsMax {
			return fmt.Errorf("read after entry %d: %w: %w", r.last, ErrUnavailable, err)
		}
	}
}

// drain reads from one consumer until the reader is done or the consumer
// fails.
func (r *reader) drain(ctx context.Context) error {
	f, err := r.log.newFeed(ctx, r.last)
	if err != nil {
		return fmt.Errorf("read after entry %d: %w", r.last, err)
	}
	defer f.stop()
	for r.until == 0 || r.last < r.until {
		batch, err := f.next(ctx)
		if len(batch) > 0 {
			if err := r.deliver(ctx, batch); err != nil {
				return err
			}
		}
		switch {
		case err == nil:
		case errors.Is(err, errStalled):
			if err := r.checkHead(ctx); err != nil {
				return err
			}
		default:
			return err
		}
	}
	return nil
}

// deliver hands over what follows on, and looks into what does not.
func (r *reader) deliver(ctx context.Context, batch []Stored) error {
	n := 0
	for n < len(batch) && batch[n].Sequence == r.last+uint64(n)+1 {
		n++
	}
	whole := n == len(batch)
	if r.until != 0 && r.last+uint64(n) > r.until {
		n, whole = int(r.until-r.last), true
	}
	if n > 0 {
		if err := r.each(batch[:n]); err != nil {
			return err
		}
		r.last += uint64(n)
	}
	if whole || r.last == r.until && r.until != 0 {
		return nil
	}
	return r.gap(ctx)
}

// gap returns a *GapError where the next entry cannot be read, or errRestart
// where only this consumer did not deliver it.
func (r *reader) gap(ctx context.Context) error {
	gap, err := r.log.gapAt(ctx, r.last+1)
	if err != nil {
		return err
	}
	if gap != nil {
		return gap
	}
	return errRestart
}

// checkHead compares the position with the ledger's head when nothing arrives:
// a consumer skips damaged entries in silence, also at the very end.
func (r *reader) checkHead(ctx context.Context) error {
	head, err := r.log.head(ctx)
	switch {
	case err != nil:
		return err
	case head < r.last:
		return &TailError{Head: head, Known: r.last}
	case head == r.last:
		return nil
	}
	return r.gap(ctx)
}
