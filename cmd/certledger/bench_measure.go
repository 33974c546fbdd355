package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/certledger/certledger/api/desk"
	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

const (
	appendRounds = 40
	appendRound  = 100 * time.Millisecond
	replayRounds = 3
	loadRounds   = 40
	loadRound    = 500 // loads
)

// bench is a ledger to measure.
type bench struct {
	at      place
	tmp     string
	logger  *slog.Logger
	note    func(string)
	entries uint64 // in the ledger, before anything was measured
	trainer string
	people  []string
	cohorts int
	seeder  *seeder // nil until the ledger was begun
	decides bool    // everybody in it is decided on
	mean    int     // bytes of a mark's payload
}

// fill makes the ledger as large as asked for.
func (b *bench) fill(ctx context.Context, entries int, progress func(string) (func(done, total uint64), func())) (err error) {
	b.note(fmt.Sprintf("filling a ledger with %d entries", entries))
	log, err := openLedger(ctx, b.at, b.logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	head, err := log.Head(ctx)
	if err != nil {
		return err
	}
	id, err := ledgerID(ctx, log)
	if err != nil {
		return err
	}
	begin := now().AddDate(0, -8, 0) // classes take four months, so all are over
	if b.seeder == nil {
		b.seeder = &seeder{ledger: id, heads: map[domain.Subject]domain.Head{}, decides: b.decides}
	}
	s := b.seeder
	s.log, s.next = log, head+1
	if s.programme == nil {
		if err := s.begin(ctx, begin); err != nil {
			return err
		}
	}
	step, finish := progress("entries")
	defer finish()
	for s.next <= uint64(entries) {
		b.cohorts++
		if err := s.cohort(ctx, b.cohorts, begin); err != nil {
			return err
		}
		if step != nil {
			step(min(s.next-1, uint64(entries)), uint64(entries))
		}
	}
	b.entries, b.people, b.trainer = s.next-1, s.people, s.trainer.ID
	last, _, err := log.LastOf(ctx, "registration/"+s.people[0])
	b.mean = len(last.Payload)
	return err
}

// replay measures how fast everything is derived anew.
func (b *bench) replay(ctx context.Context) ([]figure, error) {
	b.note("replaying")
	var ours, bare []float64
	for round := range replayRounds {
		rate, err := b.rebuildRate(ctx, round)
		if err != nil {
			return nil, err
		}
		ours = append(ours, rate)
		if rate, err = bareReplayRate(ctx, b.at.ledger(), b.entries); err != nil {
			return nil, err
		}
		bare = append(bare, rate)
	}
	return []figure{compare("replay", "entries/s", "bare ordered consumer", "≥ 0.2", ours, bare)}, nil
}

func (b *bench) rebuildRate(ctx context.Context, round int) (_ float64, err error) {
	log, err := openLedger(ctx, b.at, b.logger)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	dir := filepath.Join(b.tmp, "replay-"+strconv.Itoa(round))
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	begun := time.Now()
	if err := projections.Rebuild(ctx, projections.Config{Dir: dir, Logger: b.logger}, log, nil); err != nil {
		return 0, err
	}
	return float64(b.entries) / time.Since(begun).Seconds(), nil
}

// open opens the ledger, with projections up to its end, while do runs.
func (b *bench) open(ctx context.Context, do func(context.Context, *node) error) (err error) {
	n, err := openNode(ctx, b.at, b.logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.close()) }()
	return n.with(ctx, func(ctx context.Context) error {
		if err := n.caughtUp(ctx); err != nil {
			return err
		}
		return do(ctx, n)
	})
}

// load measures how long one standing takes to load.
func (b *bench) load(ctx context.Context) (out []figure, err error) {
	b.note("loading standings")
	// Folded once before, so that nothing is still being sorted while it is measured.
	if err := b.open(ctx, func(context.Context, *node) error { return nil }); err != nil {
		return nil, err
	}
	err = b.open(ctx, func(ctx context.Context, n *node) error {
		var ours, direct []float64
		for round := range loadRounds + 1 {
			begun := time.Now()
			for range loadRound {
				if s, err := n.store.Standing(b.people[rand.IntN(len(b.people))]); err != nil || s == nil {
					return errors.Join(errors.New("a standing is missing"), err)
				}
			}
			standing := time.Since(begun)
			begun = time.Now()
			for range loadRound {
				if _, err := n.log.Get(ctx, 1+rand.Uint64N(b.entries)); err != nil {
					return err
				}
			}
			if entry := time.Since(begun); round > 0 { // the first one warms caches up
				ours = append(ours, micros(standing)/loadRound)
				direct = append(direct, micros(entry)/loadRound)
			}
		}
		out = []figure{compare("load-standing", "µs", "one entry by direct get", "≤ 100 µs", ours, direct)}
		return nil
	})
	return out, err
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

// append measures commands that mark attendance.
func (b *bench) append(ctx context.Context) (out []figure, err error) {
	raw, err := openRaw(ctx, filepath.Join(b.tmp, "raw"), b.mean)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, raw.close()) }()
	err = b.open(ctx, func(ctx context.Context, n *node) error {
		m := &marker{n: n, b: b}
		for _, callers := range []int{1, 16} {
			b.note(fmt.Sprintf("appending, %d at a time", callers))
			var ours, bare []float64
			for round := range appendRounds + 1 {
				mine, err := rate(ctx, callers, m.mark)
				if err != nil {
					return err
				}
				theirs, err := rate(ctx, callers, raw.publish)
				if err != nil {
					return err
				}
				if round > 0 {
					ours, bare = append(ours, mine), append(bare, theirs)
				}
			}
			goal := ""
			if callers == 1 {
				goal = "≥ 0.6"
			}
			out = append(out, compare("append-"+strconv.Itoa(callers), "commands/s", "guarded publish by nats.go", goal, ours, bare))
		}
		return nil
	})
	return out, err
}

// rate is how often a second some callers together do something, each one after
// the other.
func rate(ctx context.Context, callers int, do func(context.Context) error) (float64, error) {
	var (
		wait  sync.WaitGroup
		count atomic.Int64
		errs  = make([]error, callers)
	)
	begun := time.Now()
	for i := range callers {
		wait.Go(func() {
			for time.Since(begun) < appendRound && errs[i] == nil {
				errs[i] = do(ctx)
				count.Add(1)
			}
		})
	}
	wait.Wait()
	return float64(count.Load()) / time.Since(begun).Seconds(), errors.Join(errs...)
}

// marker marks attendance through the desk, never the same twice.
type marker struct {
	n    *node
	b    *bench
	done atomic.Int64
}

func (m *marker) mark(ctx context.Context) error {
	i := int(m.done.Add(1) - 1)
	people := min(len(m.b.people), rawSubjects) // as many subjects as the baseline has
	minutes := int64(91 + i/people/17%29)
	id := m.n.desk.CommandID("attester/"+m.b.trainer, "bench-"+strconv.Itoa(i))
	a, err := m.n.desk.Do(ctx, desk.Request{
		CommandID: id,
		Body:      []byte(id),
		Command: domain.MarkAttendance{
			Act:          domain.Act{At: now(), By: domain.AttesterActor(m.b.trainer), Role: domain.RoleTrainer, Command: id},
			Registration: m.b.people[i%people], Session: strconv.Itoa(1 + i/people%17), Status: domain.LeftEarly, Minutes: &minutes,
		},
	})
	if err == nil && len(a.Entries) == 0 {
		err = errors.New("a mark was not recorded")
	}
	return err
}
