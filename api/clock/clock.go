// Package clock records what time brings: the statuses that a programme says
// follow after the end of a period.
//
// What holds:
//   - A status is recorded once, with the first day on which it was so, however
//     late: after a stop of a year as after a second.
//   - Whatever else is recorded meanwhile, and however many nodes run a clock on
//     one ledger, none is recorded twice: the command's id is made of what it
//     records.
//   - Nothing is recorded before the day has come where the programme is.
//   - The clock decides nothing. domain.RecordStatus says what has been reached,
//     and suspends, revokes and grants nothing.
package clock

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/certledger/certledger/api/desk"
	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

// Actor is who the clock acts as, in the role domain.RoleSystem.
const Actor domain.Actor = "system/clock"

// Bounds of what the clock does.
const (
	// sleepMax bounds how long the clock sleeps although nothing is due: a
	// machine's own clock may be set meanwhile.
	sleepMax = time.Hour

	// retryPause is how long the clock waits after something went wrong.
	retryPause = 30 * time.Second

	// lookedMax bounds how many registrations are remembered in vain.
	lookedMax = 10_000

	// triesMax bounds how often a registration that cannot be seen to keeps the
	// others waiting on one day.
	triesMax = 3
)

// ErrWaits says that the ledger takes no entries, so that nothing is recorded
// until it does.
var ErrWaits = errors.New("the ledger takes no entries")

// Config is what a clock works with.
type Config struct {
	// Desk records, and Store says whom time brings something. Required.
	Desk  *desk.Desk
	Store *projections.Store

	// Ledger tells whether entries can be appended. Required.
	Ledger interface{ Healthy() error }

	// Now is the node's clock. Nil means time.Now.
	Now func() time.Time

	// Alarm rings once a time has come; stop ends it, also after it has rung.
	// Nil means a timer.
	Alarm func(at time.Time) (rings <-chan time.Time, stop func())

	// RoundMax bounds how many registrations are looked at before the clock
	// looks around. Zero means 500.
	RoundMax int

	// Logger gets what went wrong, never a value. Nil means slog.Default().
	Logger *slog.Logger
}

// State is what a clock has come to.
type State struct {
	Recorded uint64    // statuses since the start
	Next     time.Time // when it looks again, unless something is recorded before
	Err      error     // why the last round was broken off, nil where it was not
}

// Clock records statuses. Run is called once; the others may be called from any
// goroutine.
type Clock struct {
	cfg Config

	round  sync.Mutex // held during a round; protects looked
	looked map[string]looked

	mu    sync.Mutex // protects state
	state State
}

// looked is what a registration was at when there was nothing to record on it,
// although its row says so: it is not looked at again before something changes.
type looked struct {
	version uint64
	day     domain.Date
	failed  int // how often it could not be seen to, that day
}

// New makes a clock, which does nothing until Run.
func New(cfg Config) (*Clock, error) {
	if cfg.Desk == nil || cfg.Store == nil || cfg.Ledger == nil {
		return nil, errors.New("make the clock: Desk, Store and Ledger are required")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Alarm == nil {
		cfg.Alarm = alarm
	}
	if cfg.RoundMax <= 0 {
		cfg.RoundMax = 500
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	return &Clock{cfg: cfg, looked: map[string]looked{}}, nil
}

// alarm is a timer.
func alarm(at time.Time) (<-chan time.Time, func()) {
	t := time.NewTimer(time.Until(at))
	return t.C, func() { t.Stop() }
}

// State is what the clock has come to.
func (c *Clock) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Run records what has come until ctx ends: at once, after whatever is recorded,
// and when the next day comes on which time brings something. It waits while the
// ledger takes no entries.
func (c *Clock) Run(ctx context.Context) {
	for ctx.Err() == nil {
		changed := c.cfg.Store.Changed()
		more, err := c.Round(ctx)
		if more && err == nil {
			continue
		}
		rings, stop := c.cfg.Alarm(c.State().Next)
		select {
		case <-changed:
		case <-rings:
		case <-ctx.Done():
		}
		stop()
	}
}

// Round records what has come, for no more than Config.RoundMax registrations,
// and reports whether there may be more.
func (c *Clock) Round(ctx context.Context) (more bool, err error) {
	c.round.Lock()
	defer c.round.Unlock()
	now := c.cfg.Now()
	recorded := 0
	next := now.Add(sleepMax)
	if err = c.writable(); err == nil {
		var come arrivals
		if come, err = c.arrivals(now); err == nil {
			more = come.more
			if !come.next.IsZero() && come.next.Before(next) {
				next = come.next
			}
			recorded, err = c.recordAll(ctx, now, come.list)
		}
	}
	if err != nil {
		next = now.Add(retryPause)
	}
	c.note(ctx, recorded, next, err)
	return more, err
}

func (c *Clock) writable() error {
	if err := c.cfg.Ledger.Healthy(); err != nil {
		return fmt.Errorf("%w: %w", ErrWaits, err)
	}
	return nil
}

// note keeps what a round came to, and logs what went wrong where that is new.
func (c *Clock) note(ctx context.Context, recorded int, next time.Time, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := c.state.Err
	c.state = State{Recorded: c.state.Recorded + uint64(recorded), Next: next, Err: err}
	switch {
	case ctx.Err() != nil:
		c.state.Err = was // it was told to stop
	case err != nil && (was == nil || was.Error() != err.Error()):
		c.cfg.Logger.Warn("what time has brought is not recorded yet", "error", err)
	case err == nil && was != nil:
		c.cfg.Logger.Info("the clock records again")
	}
}

// recordAll records what has come for registrations.
func (c *Clock) recordAll(ctx context.Context, now time.Time, list []projections.DueOn) (recorded int, err error) {
	for _, due := range list {
		if err := ctx.Err(); err != nil {
			return recorded, err
		}
		n, err := c.record(ctx, now, due.Registration)
		recorded += n
		if err != nil {
			c.failed(ctx, due.Registration, now, err)
			return recorded, fmt.Errorf("registration %s: %w", due.Registration, err)
		}
	}
	return recorded, nil
}

// record records what has come for one registration, the earliest first.
func (c *Clock) record(ctx context.Context, now time.Time, registration string) (recorded int, err error) {
	subject := domain.SubjectOf(domain.KindRegistration, registration)
	for range domain.PeriodsMax {
		if err := c.writable(); err != nil {
			return recorded, err
		}
		f, err := c.cfg.Desk.Facts(ctx, subject)
		if err != nil {
			return recorded, err
		}
		at := projections.InZone(now.Truncate(time.Second), f.Programme)
		x, ok := domain.StatusToRecord(f.Programme, f, at)
		if !ok {
			c.remember(registration, looked{version: f.Standing.Version, day: domain.DateOf(at)})
			return recorded, nil
		}
		request := c.request(registration, x, at)
		answer, err := c.cfg.Desk.Do(ctx, request)
		if err != nil {
			return recorded, err
		}
		if len(answer.Entries) == 0 || answer.Repeated {
			return recorded, nil // somebody else was faster, and the views will say so
		}
		recorded++
	}
	return recorded, nil
}

// request is the command that records a status. Its id is the same wherever and
// however often it is made.
func (c *Clock) request(registration string, x domain.PhaseState, at time.Time) desk.Request {
	what := "status/" + registration + "/" + x.Award + "/" + x.Period + "/" + x.Phase + "/" + string(x.Since)
	id := c.cfg.Desk.CommandID(string(Actor), what)
	return desk.Request{
		Command: domain.RecordStatus{
			Act: domain.Act{At: at, By: Actor, Role: domain.RoleSystem, Command: id}, Registration: registration,
		},
		CommandID: id, Body: []byte(what),
	}
}

// failed counts that a registration could not be seen to.
func (c *Clock) failed(ctx context.Context, registration string, now time.Time, err error) {
	if ctx.Err() != nil || errors.Is(err, ErrWaits) {
		return
	}
	day := domain.DateOf(now.UTC())
	was := c.looked[registration]
	if was.day != day {
		was = looked{day: day}
	}
	was.failed++
	c.remember(registration, was)
	if was.failed == triesMax {
		c.cfg.Logger.Error("left for a day, so that others do not wait for it", "registration", registration, "error", err)
	}
}

func (c *Clock) remember(registration string, at looked) {
	if len(c.looked) >= lookedMax {
		clear(c.looked)
	}
	c.looked[registration] = at
}
