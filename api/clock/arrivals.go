package clock

import (
	"errors"
	"fmt"
	"time"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

// arrivals are the registrations to which time has brought something by now.
type arrivals struct {
	list []projections.DueOn
	more bool      // there are more than were asked for
	next time.Time // when the next day comes on which time brings something; zero where none is in sight
}

// arrivals finds them, zone by zone.
func (c *Clock) arrivals(now time.Time) (out arrivals, err error) {
	v, err := c.cfg.Store.View()
	if err != nil {
		return out, fmt.Errorf("look what is due: %w", err)
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	zones, err := v.Zones()
	if err != nil {
		return out, fmt.Errorf("look what is due: %w", err)
	}
	for _, name := range zones {
		if err := c.arrivalsIn(v, zoneOf(name), name, now, &out); err != nil {
			return out, fmt.Errorf("look what is due in a time zone: %w", err)
		}
	}
	return out, nil
}

// arrivalsIn adds those of one zone.
func (c *Clock) arrivalsIn(v *projections.View, zone *time.Location, name string, now time.Time, out *arrivals) error {
	today := domain.DateOf(now.In(zone))
	for after := (projections.DueOn{}); ; {
		page, err := v.Brings(name, after, projections.ListMax)
		if err != nil {
			return err
		}
		for _, due := range page {
			after = due
			if due.Day > today {
				out.wakeAt(beginOf(due.Day, zone))
				return nil
			}
			changed, err := c.changed(v, due.Registration, today, now)
			switch {
			case err != nil:
				return err
			case !changed:
			case len(out.list) == c.cfg.RoundMax:
				out.more = true
				return nil
			default:
				out.list = append(out.list, due)
			}
		}
		if len(page) < projections.ListMax {
			return nil
		}
	}
}

// changed reports whether something may have changed since a registration was
// looked at in vain. Views that are behind what was seen then say nothing new.
func (c *Clock) changed(v *projections.View, registration string, today domain.Date, now time.Time) (bool, error) {
	was, ok := c.looked[registration]
	switch {
	case !ok:
		return true, nil
	case was.failed > 0:
		return was.failed < triesMax || was.day != domain.DateOf(now.UTC()), nil
	case was.day != today:
		return true, nil
	}
	s, err := v.Standing(registration)
	return err == nil && s != nil && s.Version > was.version, err
}

// wakeAt takes note of a time at which there is something to do.
func (a *arrivals) wakeAt(at time.Time) {
	if a.next.IsZero() || at.Before(a.next) {
		a.next = at
	}
}

// zoneOf is a time zone by its name. One that is not known here is taken for UTC,
// as its days are everywhere else.
func zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

// beginOf is the first moment of a day in a zone: midnight, or an hour later
// where the clocks are put forward at midnight.
func beginOf(day domain.Date, zone *time.Location) time.Time {
	at, err := time.ParseInLocation(time.DateOnly, string(day), zone)
	if err != nil {
		return time.Time{}
	}
	for domain.DateOf(at) < day {
		at = at.Add(15 * time.Minute)
	}
	return at
}
