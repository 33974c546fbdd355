package projections

import (
	"cmp"
	"strings"

	"github.com/certledger/certledger/domain"
)

// DueOn is a day on which something is due for a registration, opens or ends.
type DueOn struct {
	Day          domain.Date
	Registration string
}

// Compare orders by day and registration.
func (d DueOn) Compare(o DueOn) int {
	return cmp.Or(cmp.Compare(d.Day, o.Day), cmp.Compare(d.Registration, o.Registration))
}

// DueDays lists up to limit registrations for which something is due, opens or
// ends, from one day and registration on, in the order of Compare. A limit of 0,
// or above ListMax, means ListMax. Days are those that were ahead at the time of
// the summaries, and those that were overdue then: what is over since is among
// them.
func (r reads) DueDays(from DueOn, limit int) ([]DueOn, error) {
	return read(r, func(r reader) ([]DueOn, error) {
		var out []DueOn
		limit := clamp(limit, ListMax)
		start := []byte{viewDue}
		if from != (DueOn{}) {
			start = key(viewDue, string(from.Day), from.Registration)
		}
		err := r.scan(start, []byte{viewDue + 1}, func(key, _ []byte) (bool, error) {
			day, registration, ok := strings.Cut(string(key[1:]), "\x00")
			if !ok {
				return false, errPacked
			}
			out = append(out, DueOn{domain.Date(day), registration})
			return len(out) < limit, nil
		})
		return out, err
	})
}

// Zones lists the time zones in which time brings a status to somebody, sorted.
func (r reads) Zones() ([]string, error) {
	return read(r, func(r reader) ([]string, error) {
		var out []string
		from := []byte{viewBrings}
		for {
			zone, err := r.zoneFrom(from)
			if err != nil || zone == "" {
				return out, err
			}
			out = append(out, zone)
			from = afterKey(below(viewBrings, zone))
		}
	})
}

// zoneFrom is the first zone in the rows from a key on, or empty.
func (r reader) zoneFrom(from []byte) (zone string, err error) {
	err = r.scan(from, []byte{viewBrings + 1}, func(key, _ []byte) (bool, error) {
		var ok bool
		if zone, _, ok = strings.Cut(string(key[1:]), "\x00"); !ok {
			return false, errPacked
		}
		return false, nil
	})
	return zone, err
}

// Brings lists up to limit registrations of a time zone to which time brings a
// status, in the order of DueOn.Compare, after one; the zero value is before all.
// A limit of 0, or above ListMax, means ListMax.
func (r reads) Brings(zone string, after DueOn, limit int) ([]DueOn, error) {
	return read(r, func(r reader) ([]DueOn, error) {
		var out []DueOn
		limit, prefix := clamp(limit, ListMax), below(viewBrings, zone)
		from := prefix
		if after != (DueOn{}) {
			from = append(key(viewBrings, zone, string(after.Day), after.Registration), 0)
		}
		err := r.scan(from, afterKey(prefix), func(key, _ []byte) (bool, error) {
			day, registration, ok := strings.Cut(string(key[len(prefix):]), "\x00")
			if !ok {
				return false, errPacked
			}
			out = append(out, DueOn{domain.Date(day), registration})
			return len(out) < limit, nil
		})
		return out, err
	})
}
