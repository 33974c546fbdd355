package api

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

const groupDue group = "due"

// DueItem is a day on which something is due for a registration, opens or ends.
type DueItem struct {
	Registration string `json:"registration" doc:"The registration" example:"9d21c04e6a1b4f0f8d3a5f7b2c1e0d9a"`
	Person       string `json:"person" doc:"Whose it is, by pseudonym" example:"5f0c9b1e7a2d4c6e8f10a2b3c4d5e6f7"`
	Programme    string `json:"programme" doc:"The programme" example:"certified-peer-support-worker"`
	Cohort       string `json:"cohort,omitempty" doc:"The cohort"`
	domain.DueDay
	Says    string `json:"says" doc:"The same in words" example:"The last day to file renewal form."`
	Overdue bool   `json:"overdue,omitempty" doc:"Whether the day has passed"`
}

// wantedDue says what a page shows. What is empty does not matter.
type wantedDue struct {
	programme, what string
	from, until     domain.Date
}

// dueKey is where an item stands in the list: n counts what is due for the
// registration on the day.
type dueKey struct {
	projections.DueOn
	n int
}

func (k dueKey) compare(o dueKey) int { return cmp.Or(k.Compare(o.DueOn), cmp.Compare(k.n, o.n)) }

func (k dueKey) cursor() string {
	return string(k.Day) + "/" + k.Registration + "/" + strconv.Itoa(k.n)
}

func (s *server) dueRoutes() {
	type list struct {
		Reading
		Paging
		From      domain.Date `query:"from" maxLength:"10" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"Only days from this one on; left out, what is overdue comes first" example:"2028-02-01"`
		Until     domain.Date `query:"until" maxLength:"10" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"Only days up to this one" example:"2028-03-31"`
		Programme string      `query:"programme" maxLength:"64" doc:"Only those of a programme" example:"certified-peer-support-worker"`
		What      string      `query:"what" enum:"end,phase,opens,closes,answer,task" doc:"Only one kind. end: the last day of a period, or on which what is granted holds. phase: the first day of a status that comes unless something is done. opens, closes: the first and the last day on which something may be filed. answer: the last day for the body's own answer. task: the last day for a task." example:"closes"`
	}
	read(s, operation{
		id: "list-due", path: "/v1/due", tag: "worklists", summary: "What is due", filters: true, needs: permission{"read", groupDue},
		text: "The days ahead, for reminders well before: ends of periods, statuses that time will bring, what may be filed and until when, the body's own answers, and tasks. The earliest comes first, what is overdue before it; a page may be short and yet not the last. A status is recorded by the ledger's own clock on its day.",
	}, func(ctx context.Context, c *call, v *projections.View, in *list) (found[Page[DueItem]], error) {
		return s.duePage(ctx, c, v, in.Paging, wantedDue{in.Programme, in.What, in.From, in.Until})
	})
}

func (s *server) duePage(ctx context.Context, c *call, v *projections.View, p Paging, wanted wantedDue) (found[Page[DueItem]], error) {
	if err := wanted.check(); err != nil {
		return found[Page[DueItem]]{}, err
	}
	at, err := p.afterDue()
	if err != nil {
		return found[Page[DueItem]]{}, err
	}
	if begin := (dueKey{projections.DueOn{Day: wanted.from}, -1}); at.compare(begin) < 0 {
		at = begin
	}
	list, err := s.dueKeys(c, v)
	if err != nil {
		return found[Page[DueItem]]{}, err
	}
	look := dueLook{s: s, v: v, seen: map[string]dueNow{}}
	return workList[dueKey, DueItem]{
		list:   list,
		item:   func(k dueKey) (DueItem, bool, error) { return look.at(k, wanted) },
		ends:   func(k dueKey) bool { return wanted.until != "" && k.Day > wanted.until },
		cursor: dueKey.cursor,
	}.page(ctx, p, at)
}

// check refuses days that there are not.
func (w wantedDue) check() error {
	for _, day := range []struct {
		name string
		day  domain.Date
	}{{"from", w.from}, {"until", w.until}} {
		if day.day == "" {
			continue
		}
		if _, err := domain.ParseDate(string(day.day)); err != nil {
			return invalid.at("query."+day.name, "expected a day like 2028-02-01")
		}
	}
	return nil
}

// afterDue is the last key that the page before looked at.
func (p Paging) afterDue() (dueKey, error) {
	text, err := p.afterPath()
	if err != nil || text == "" {
		return dueKey{n: -1}, err
	}
	parts := strings.Split(text, "/")
	if len(parts) != 3 {
		return dueKey{}, badCursor.problem()
	}
	n, err := strconv.Atoi(parts[2])
	if err != nil {
		return dueKey{}, badCursor.problem()
	}
	return dueKey{projections.DueOn{Day: domain.Date(parts[0]), Registration: parts[1]}, n}, nil
}

// dueKeys lists the keys of everybody, or of those that the caller's role reaches.
func (s *server) dueKeys(c *call, v *projections.View) (func(dueKey, int) ([]dueKey, error), error) {
	if c.reach == scopeAny {
		return func(after dueKey, limit int) ([]dueKey, error) { return dueKeysOfAll(v, after, limit) }, nil
	}
	ids, err := s.reached(c, v, "")
	if err != nil {
		return nil, err
	}
	var all []dueKey
	for _, id := range ids {
		sum, err := v.Summary(id)
		if err != nil {
			return nil, err
		}
		all = append(all, dueKeysOf(sum, "")...)
	}
	slices.SortFunc(all, dueKey.compare)
	return func(after dueKey, limit int) ([]dueKey, error) {
		from, same := slices.BinarySearchFunc(all, after, dueKey.compare)
		if same {
			from++
		}
		return all[from:min(from+limit, len(all))], nil
	}, nil
}

// dueKeysOfAll reads a row more than is asked for: what was listed before may be
// all that stands in the first.
func dueKeysOfAll(v *projections.View, after dueKey, limit int) ([]dueKey, error) {
	rows, err := v.DueDays(after.DueOn, limit+1)
	if err != nil {
		return nil, err
	}
	var out []dueKey
	for _, row := range rows {
		sum, err := v.Summary(row.Registration)
		if err != nil {
			return nil, err
		}
		for _, k := range dueKeysOf(sum, row.Day) {
			if k.compare(after) > 0 {
				out = append(out, k)
			}
		}
	}
	return out[:min(limit, len(out))], nil
}

// dueKeysOf are the keys of a registration, of one day or of all.
func dueKeysOf(sum *projections.Summary, day domain.Date) []dueKey {
	if sum == nil {
		return nil
	}
	var out []dueKey
	n := 0
	for i, d := range sum.Due {
		if n++; i == 0 || sum.Due[i-1].On != d.On {
			n = 0
		}
		if day == "" || day == d.On {
			out = append(out, dueKey{projections.DueOn{Day: d.On, Registration: sum.Registration}, n})
		}
	}
	return out
}

// dueLook looks at what is due now, at each registration once.
type dueLook struct {
	s    *server
	v    *projections.View
	seen map[string]dueNow
}

// dueNow is what is ahead of a registration on the day that it is there.
type dueNow struct {
	today domain.Date
	ahead []domain.DueDay
}

// at is the item of a key, where it is wanted and still ahead, or overdue.
func (l dueLook) at(k dueKey, wanted wantedDue) (DueItem, bool, error) {
	sum, err := l.v.Summary(k.Registration)
	if err != nil || sum == nil || wanted.programme != "" && sum.Programme != wanted.programme {
		return DueItem{}, false, err
	}
	i := slices.IndexFunc(sum.Due, func(d domain.DueDay) bool { return d.On == k.Day })
	if i < 0 || i+k.n >= len(sum.Due) {
		return DueItem{}, false, nil
	}
	d := sum.Due[i+k.n]
	if wanted.what != "" && d.What != wanted.what {
		return DueItem{}, false, nil
	}
	now, err := l.now(k.Registration)
	if err != nil || !slices.Contains(now.ahead, d) {
		return DueItem{}, false, err
	}
	return DueItem{
		Registration: sum.Registration, Person: sum.Person, Programme: sum.Programme, Cohort: sum.Cohort, DueDay: d, Says: d.Says(), Overdue: d.On < now.today,
	}, true, nil
}

func (l dueLook) now(registration string) (dueNow, error) {
	if known, ok := l.seen[registration]; ok {
		return known, nil
	}
	f, err := l.v.Facts(registration)
	if err != nil || f.Programme == nil || !f.Standing.Exists() {
		return dueNow{}, err
	}
	at := l.s.nowIn(f.Programme.TimeZone)
	out := dueNow{domain.DateOf(at), domain.DueDays(f.Programme, f, at)}
	l.seen[registration] = out
	return out, nil
}
