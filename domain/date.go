package domain

import (
	"fmt"
	"time"
)

// Date is a calendar day, "2006-01-02". Dates compare as strings. A date has
// no zone: the zone was settled at the door, by the offset of the act's time.
type Date string

const dateForm = "2006-01-02"

// DateOf is the day of t in t's own offset.
func DateOf(t time.Time) Date { return Date(t.Format(dateForm)) }

// ParseDate reads "2006-01-02" and refuses anything else.
func ParseDate(s string) (Date, error) {
	t, err := time.ParseInLocation(dateForm, s, time.UTC)
	if err != nil || t.Year() < 1900 {
		return "", fmt.Errorf("not a date: want year-month-day, like 2026-04-20, from 1900 on")
	}
	return Date(t.Format(dateForm)), nil
}

func (d Date) midnight() time.Time {
	t, err := time.ParseInLocation(dateForm, string(d), time.UTC)
	if err != nil {
		panic("domain: malformed date past the door")
	}
	return t
}

// AddDays moves d by n days.
func (d Date) AddDays(n int) Date { return DateOf(d.midnight().AddDate(0, 0, n)) }

// AddMonths moves d by n months, keeping the day of the month or taking the
// month's last one: 31 January and one month is 28 or 29 February.
func (d Date) AddMonths(n int) Date {
	t := d.midnight()
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return DateOf(first.AddDate(0, 0, min(t.Day(), last)-1))
}

// DaysUntil counts the days from d to e; 0 when they are the same day.
func (d Date) DaysUntil(e Date) int {
	return int(e.midnight().Sub(d.midnight()) / (24 * time.Hour))
}

// fixed gives t a nameless zone of its own offset, so that equal instants with
// equal offsets are equal values on every machine.
func fixed(t time.Time) time.Time {
	_, offset := t.Zone()
	if offset == 0 {
		return t.UTC()
	}
	return t.In(time.FixedZone("", offset))
}

// AddBusinessDays moves d by n days from Monday to Friday. Holidays are not
// known here.
func (d Date) AddBusinessDays(n int) Date {
	t, step := d.midnight(), 1
	if n < 0 {
		n, step = -n, -1
	}
	for n > 0 {
		t = t.AddDate(0, 0, step)
		if t.Weekday() != time.Saturday && t.Weekday() != time.Sunday {
			n--
		}
	}
	return DateOf(t)
}

// NextYearly is the first day after d with the given month and day, MM-DD.
func (d Date) NextYearly(monthDay string) Date {
	if this := d[:5] + Date(monthDay); this > d {
		return this
	}
	return (d[:4] + "-01-01").AddMonths(12)[:5] + Date(monthDay)
}

// LastYearly is the last day with the given month and day, MM-DD, that is not
// after d.
func (d Date) LastYearly(monthDay string) Date {
	if this := d[:5] + Date(monthDay); this <= d {
		return this
	}
	return (d[:4] + "-01-01").AddMonths(-12)[:5] + Date(monthDay)
}
