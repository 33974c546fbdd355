package clock

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAStatusIsRecordedOnce: not before its day, once on it, and not again by the
// same clock, after a restart, or by another node.
func TestAStatusIsRecordedOnce(t *testing.T) {
	vancouver := zone(t, "America/Vancouver")
	o := newOffice(t, time.Date(2026, 3, 2, 10, 0, 0, 0, vancouver))
	o.publish("vancouver", "America/Vancouver")
	o.holder("r1", "vancouver")
	c := o.clock()
	require.Zero(t, o.round(c).Recorded)

	o.at(time.Date(2027, 3, 1, 23, 59, 59, 0, vancouver))
	before := o.round(c)
	require.Zero(t, before.Recorded)
	require.True(t, before.Next.Equal(time.Date(2027, 3, 2, 0, 0, 0, 0, vancouver)), "it looks again at midnight there")
	o.at(before.Next)
	after := o.round(c)
	require.Equal(t, uint64(1), after.Recorded)
	grace := []string{"grace 2027-03-02, on 2027-03-02 00:00 -08"}
	require.Equal(t, grace, o.statuses("r1"))
	require.True(t, o.round(c).Next.Equal(before.Next.Add(sleepMax)), "nothing is due soon, and it looks all the same")

	o.at(time.Date(2027, 3, 20, 12, 0, 0, 0, vancouver))
	require.Equal(t, uint64(1), o.round(c).Recorded)
	o.restart(time.Date(2027, 3, 21, 12, 0, 0, 0, vancouver))
	require.Zero(t, o.round(o.clock()).Recorded)
	require.Equal(t, grace, o.statuses("r1"))
	require.Zero(t, o.round(o.clock(func(c *Config) { c.Desk = o.newDesk() })).Recorded)
}

// TestTwoNodesRecordOnce: clocks with desks of their own look at the same time.
func TestTwoNodesRecordOnce(t *testing.T) {
	o := newOffice(t, time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC))
	o.publish("card", "UTC")
	ids := []string{"r1", "r2", "r3", "r4"}
	for _, id := range ids {
		o.holder(id, "card")
	}
	o.at(time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC))
	var nodes []*Clock
	for range 3 {
		nodes = append(nodes, o.clock(func(c *Config) { c.Desk = o.newDesk() }))
	}
	var wait sync.WaitGroup
	for _, node := range nodes {
		wait.Go(func() {
			_, err := node.Round(ctx)
			require.NoError(t, err)
		})
	}
	wait.Wait()
	total := uint64(0)
	for _, node := range nodes {
		total += o.round(node).Recorded
	}
	require.Equal(t, uint64(2*len(ids)), total)
	for _, id := range ids {
		require.Equal(t, []string{"grace 2027-03-02, on 2029-01-01 00:00 +00", "lapsed 2027-04-01, on 2029-01-01 00:00 +00"}, o.statuses(id))
	}
}

// TestWhatPassedWhileDownIsRecordedWithItsDay, and all of it.
func TestWhatPassedWhileDownIsRecordedWithItsDay(t *testing.T) {
	vancouver := zone(t, "America/Vancouver")
	o := newOffice(t, time.Date(2026, 3, 2, 10, 0, 0, 0, vancouver))
	o.publish("vancouver", "America/Vancouver")
	o.holder("r1", "vancouver")
	o.restart(time.Date(2030, 7, 1, 9, 30, 0, 0, vancouver))
	require.Equal(t, uint64(2), o.round(o.clock()).Recorded)
	require.Equal(t, []string{"grace 2027-03-02, on 2030-07-01 09:30 -07", "lapsed 2027-04-01, on 2030-07-01 09:30 -07"}, o.statuses("r1"))
	s, err := o.store.Summary("r1")
	require.NoError(t, err)
	require.Equal(t, "lapsed", s.Status)
	require.Empty(t, s.Brings)
}

// TestEachZoneHasItsDay: in Tokyo a day begins seventeen hours before Vancouver's.
func TestEachZoneHasItsDay(t *testing.T) {
	tokyo, vancouver := zone(t, "Asia/Tokyo"), zone(t, "America/Vancouver")
	o := newOffice(t, time.Date(2026, 3, 2, 12, 0, 0, 0, tokyo))
	o.publish("tokyo", "Asia/Tokyo")
	o.publish("vancouver", "America/Vancouver")
	o.holder("east", "tokyo")
	o.at(time.Date(2026, 3, 2, 12, 0, 0, 0, vancouver))
	o.holder("west", "vancouver")
	c := o.clock()

	o.at(time.Date(2027, 3, 2, 0, 0, 0, 0, tokyo))
	require.Equal(t, uint64(1), o.round(c).Recorded)
	require.Equal(t, []string{"grace 2027-03-02, on 2027-03-02 00:00 +09"}, o.statuses("east"))
	require.Empty(t, o.statuses("west"))
	o.at(time.Date(2027, 3, 2, 16, 59, 0, 0, tokyo))
	state := o.round(c)
	require.Equal(t, uint64(1), state.Recorded)
	require.True(t, state.Next.Equal(o.now().Add(time.Minute)), "midnight in Vancouver")
	o.at(state.Next)
	require.Equal(t, uint64(2), o.round(c).Recorded)
	require.Equal(t, []string{"grace 2027-03-02, on 2027-03-02 00:00 -08"}, o.statuses("west"))
}

// TestNothingWhileTheLedgerTakesNoEntries, and everything once it does.
func TestNothingWhileTheLedgerTakesNoEntries(t *testing.T) {
	o := newOffice(t, time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC))
	o.publish("card", "UTC")
	o.holder("r1", "card")
	o.at(time.Date(2027, 3, 5, 0, 0, 0, 0, time.UTC))
	c := o.clock()
	o.be(errors.New("the disk is full"))
	head, err := o.log.Head(ctx)
	require.NoError(t, err)
	_, err = c.Round(ctx)
	require.ErrorIs(t, err, ErrWaits)
	require.ErrorIs(t, c.State().Err, ErrWaits)
	require.Equal(t, o.now().Add(retryPause), c.State().Next)
	same, err := o.log.Head(ctx)
	require.NoError(t, err)
	require.Equal(t, head, same)
	o.be(nil)
	require.Equal(t, uint64(1), o.round(c).Recorded)
	require.NoError(t, c.State().Err)

	// A ledger that is read only for good is not written to either.
	o.at(time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC))
	o.log.Refuse(errors.New("it is not what was signed"))
	_, err = c.Round(ctx)
	require.ErrorIs(t, err, ErrWaits)
	require.Len(t, o.statuses("r1"), 1)
}

// TestARoundIsBounded: the clock looks around between some and more.
func TestARoundIsBounded(t *testing.T) {
	o := newOffice(t, time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC))
	o.publish("card", "UTC")
	for i := range 5 {
		o.holder(fmt.Sprintf("r%d", i), "card")
	}
	o.at(time.Date(2027, 3, 5, 0, 0, 0, 0, time.UTC))
	c := o.clock(func(c *Config) { c.RoundMax = 2 })
	for _, want := range []struct {
		recorded uint64
		more     bool
	}{{2, true}, {4, true}, {5, false}} {
		more, err := c.Round(ctx)
		require.NoError(t, err)
		require.Equal(t, want.more, more)
		require.Equal(t, want.recorded, c.State().Recorded)
	}
}

// TestOneThatCannotBeSeenToKeepsNobodyWaiting for longer than some tries.
func TestOneThatCannotBeSeenToKeepsNobodyWaiting(t *testing.T) {
	o := newOffice(t, time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC))
	o.publish("card", "UTC")
	o.holder("r1", "card")
	o.at(time.Date(2026, 3, 3, 10, 0, 0, 0, time.UTC))
	o.holder("r2", "card")
	c := o.clock()
	o.at(time.Date(2027, 3, 5, 0, 0, 0, 0, time.UTC))
	wrong := errors.New("wrong")
	for range triesMax {
		c.failed(ctx, "r1", o.now(), wrong)
	}
	require.Equal(t, uint64(1), o.round(c).Recorded)
	require.Empty(t, o.statuses("r1"))
	require.Len(t, o.statuses("r2"), 1)
	o.at(o.now().AddDate(0, 0, 1))
	require.Equal(t, uint64(2), o.round(c).Recorded)
	require.Len(t, o.statuses("r1"), 1, "tried again on another day")
}

// TestRunWakes at the start, after what is recorded, and when it was told to; and
// ends with its context.
func TestRunWakes(t *testing.T) {
	o := newOffice(t, time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC))
	o.publish("card", "UTC")
	o.holder("r1", "card")
	o.at(time.Date(2027, 3, 2, 0, 0, 0, 0, time.UTC))

	asleep, ring := make(chan time.Time), make(chan time.Time)
	c := o.clock(func(c *Config) {
		c.Alarm = func(at time.Time) (<-chan time.Time, func()) {
			asleep <- at
			return ring, func() {}
		}
	})
	running, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		c.Run(running)
		close(ended)
	}()
	// until waits until the clock has recorded so many.
	until := func(recorded uint64) {
		for c.State().Recorded < recorded {
			<-asleep
		}
	}
	until(1)
	require.Len(t, o.statuses("r1"), 1)

	// What is recorded a year late makes something due at once.
	o.at(time.Date(2027, 3, 5, 12, 0, 0, 0, time.UTC))
	recorded := make(chan struct{})
	go func() {
		defer close(recorded)
		o.heldSince("r2", "card", time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC))
	}()
	for done := false; !done; {
		select {
		case <-asleep:
		case <-recorded:
			done = true
		}
	}
	until(2)
	require.Equal(t, []string{"grace 2027-03-03, on 2027-03-05 12:00 +00"}, o.statuses("r2"))

	// The alarm: the clock sleeps, time passes, and it rings.
	o.at(time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC))
	for c.State().Recorded < 3 {
		select {
		case <-asleep:
		case ring <- o.now():
		}
	}
	until(3)
	require.Len(t, o.statuses("r1"), 2)
	cancel()
	for {
		select {
		case <-asleep:
			continue
		case <-ended:
		}
		break
	}
}

// TestTheBeginOfADay is midnight, or later where the clocks skip it.
func TestTheBeginOfADay(t *testing.T) {
	beirut := zone(t, "Asia/Beirut")
	require.Equal(t, "2022-03-27 01:00", beginOf("2022-03-27", beirut).Format("2006-01-02 15:04"), "midnight was skipped")
	require.Equal(t, "2022-03-28 00:00", beginOf("2022-03-28", beirut).Format("2006-01-02 15:04"))
	require.Equal(t, time.UTC, zoneOf("No/Where"))
}

func TestAClockNeedsItsParts(t *testing.T) {
	_, err := New(Config{})
	require.ErrorContains(t, err, "required")
}
