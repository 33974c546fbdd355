package desk

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/certledger/certledger/domain"
)

// clock gives recorded times: the node's, never before the latest in the
// ledger.
type clock struct {
	mu     sync.Mutex // protects the two below
	latest time.Time  // the latest recorded time of the entries up to known
	known  uint64     // 0 until the ledger's last entry was looked at
}

func (c *clock) read() (latest time.Time, known uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.latest, c.known
}

// saw takes note of an entry.
func (c *clock) saw(sequence uint64, recorded time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known = max(c.known, sequence)
	if recorded.After(c.latest) {
		c.latest = recorded
	}
}

// recordedTime is the time to record now, in whole milliseconds.
func (d *Desk) recordedTime(ctx context.Context, m *moment) (time.Time, error) {
	latest, known := d.clock.read()
	if known == 0 || known < m.position {
		if err := d.learnTime(ctx, m, known); err != nil {
			return time.Time{}, fmt.Errorf("read the latest recorded time: %w", err)
		}
		latest, _ = d.clock.read()
	}
	now := d.cfg.Now().UTC().Truncate(time.Millisecond)
	if !now.Before(latest) {
		return now, nil
	}
	if behind := latest.Sub(now); behind > d.cfg.SkewMax {
		return time.Time{}, fmt.Errorf("%w: by %s", ErrClockBehind, behind)
	}
	return latest, nil
}

// learnTime looks at the latest entry that others wrote: the ledger's last one
// at first, later the last one applied.
func (d *Desk) learnTime(ctx context.Context, m *moment, known uint64) error {
	sequence := m.position
	if known == 0 {
		head, err := d.cfg.Log.Head(ctx)
		if err != nil {
			return err
		}
		sequence = max(head, sequence)
	}
	if sequence == 0 {
		return nil
	}
	stored, ok, err := d.cfg.Store.Entry(sequence)
	if err == nil && !ok {
		stored, err = d.cfg.Log.Get(ctx, sequence)
	}
	if err != nil {
		return err
	}
	e, err := domain.Decode(stored.Sequence, stored.Payload)
	if err != nil {
		return err
	}
	d.clock.saw(sequence, e.Recorded)
	return nil
}
