package domain

import (
	"cmp"
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// tally counts a group of registrations.
type tally struct {
	registrations, withdrawn, noShow int

	statuses   map[string]int
	attendance *Attendance
	levels     map[levelKey]*levelTally
	held       map[HeldBy]int // by what it says, its own count being 0
}

type levelKey struct{ award, track, level string }

type levelTally struct {
	earned, granted int
	days            []int
}

func newTally() *tally {
	return &tally{statuses: map[string]int{}, levels: map[levelKey]*levelTally{}, held: map[HeldBy]int{}}
}

func (t *tally) add(x Reported) {
	t.registrations++
	switch x.state {
	case StateWithdrawn:
		t.withdrawn++
	case StateNoShow:
		t.noShow++
	}
	t.statuses[x.status]++
	if a := x.attendance; a != nil {
		if t.attendance == nil {
			t.attendance = &Attendance{Held: a.Held}
		}
		t.attendance.plus(*a)
	}
	for _, w := range x.awards {
		t.level(levelKey{w.award, w.track, w.earned}).earned++
		if w.granted == "" {
			continue
		}
		l := t.level(levelKey{w.award, w.track, w.granted})
		l.granted++
		if w.days >= 0 {
			l.days = append(l.days, w.days)
		}
	}
	for _, h := range x.held {
		t.held[h]++
	}
}

// plus adds what is counted for each registration.
func (a *Attendance) plus(b Attendance) {
	a.Attended, a.Missed, a.Open = a.Attended+b.Attended, a.Missed+b.Missed, a.Open+b.Open
}

func (t *tally) level(k levelKey) *levelTally {
	l, ok := t.levels[k]
	if !ok {
		l = &levelTally{}
		t.levels[k] = l
	}
	return l
}

// join adds another group.
func (t *tally) join(o *tally) {
	t.registrations, t.withdrawn, t.noShow = t.registrations+o.registrations, t.withdrawn+o.withdrawn, t.noShow+o.noShow
	for word, n := range o.statuses { // order-free: sums
		t.statuses[word] += n
	}
	if o.attendance != nil {
		if t.attendance == nil {
			t.attendance = &Attendance{}
		}
		t.attendance.Held += o.attendance.Held
		t.attendance.plus(*o.attendance)
	}
	for k, from := range o.levels { // order-free: sums, and days that are sorted before use
		l := t.level(k)
		l.earned, l.granted, l.days = l.earned+from.earned, l.granted+from.granted, append(l.days, from.days...)
	}
	for h, n := range o.held { // order-free: sums
		t.held[h] += n
	}
}

// group is what was counted, in the order of the rules.
func (t *tally) group(rules *programme.Programme) ReportGroup {
	out := ReportGroup{Registrations: t.registrations, Withdrawn: t.withdrawn, NoShow: t.noShow, Attendance: t.attendance}
	for _, word := range sortedKeys(t.statuses) {
		out.Statuses = append(out.Statuses, Counted{word, t.statuses[word]})
	}
	out.Awards = t.awards(rules)
	out.Reasons = t.reasons(rules)
	return out
}

// awards lists those of the rules with all their levels, also the ones that
// nobody has, and then what only earlier versions know.
func (t *tally) awards(rules *programme.Programme) []AwardCount {
	type asked struct{ award, track string }
	seen := map[asked]bool{}
	keys := make([]levelKey, 0, len(t.levels))
	for k := range t.levels { // order-free: sorted below
		keys = append(keys, k)
		if a := (asked{k.award, k.track}); !seen[a] {
			seen[a] = true
			if award, ok := rules.Award(k.award); ok {
				for _, level := range award.Levels {
					keys = append(keys, levelKey{k.award, k.track, level})
				}
			}
		}
	}
	place := placeIn(rules)
	slices.SortFunc(keys, func(a, b levelKey) int {
		x, y := place(a.award, a.level), place(b.award, b.level)
		return cmp.Or(cmp.Compare(x.award, y.award), cmp.Compare(a.award, b.award), cmp.Compare(a.track, b.track), cmp.Compare(x.level, y.level), cmp.Compare(a.level, b.level))
	})
	var out []AwardCount
	for _, k := range slices.Compact(keys) {
		if n := len(out); n == 0 || out[n-1].Award != k.award || out[n-1].Track != k.track {
			out = append(out, AwardCount{Award: k.award, Track: k.track})
		}
		last := &out[len(out)-1]
		last.Levels = append(last.Levels, t.count(k))
	}
	return out
}

func (t *tally) count(k levelKey) LevelCount {
	out := LevelCount{Level: k.level}
	if l, ok := t.levels[k]; ok {
		out.Earned, out.Granted, out.DaysMedian = l.earned, l.granted, medianDays(l.days)
	}
	return out
}

// medianDays is the middle one, or the mean of the two in the middle rounded
// down; nil where there are few.
func medianDays(days []int) *int {
	n := len(days)
	if n < ReportedGroupMin {
		return nil
	}
	sorted := slices.Sorted(slices.Values(days))
	m := (sorted[(n-1)/2] + sorted[n/2]) / 2
	return &m
}

// reasons are in the order of the rules' awards and levels, the most frequent
// first. Where versions say the same requirement in other words, each is a line.
func (t *tally) reasons(rules *programme.Programme) []HeldBy {
	out := make([]HeldBy, 0, len(t.held))
	for h, n := range t.held { // order-free: sorted below
		h.Registrations = n
		out = append(out, h)
	}
	place := placeIn(rules)
	slices.SortFunc(out, func(a, b HeldBy) int {
		x, y := place(a.Award, a.Level), place(b.Award, b.Level)
		return cmp.Or(cmp.Compare(x.award, y.award), cmp.Compare(a.Award, b.Award), cmp.Compare(a.Track, b.Track), cmp.Compare(x.level, y.level), cmp.Compare(a.Level, b.Level),
			cmp.Compare(b.Registrations, a.Registrations), cmp.Compare(a.Requirement, b.Requirement), cmp.Compare(a.Says, b.Says))
	})
	return out
}

// placed is where an award and a level stand in the rules; what they do not know
// comes last.
type placed struct{ award, level int }

func placeIn(rules *programme.Programme) func(award, level string) placed {
	return func(award, level string) placed {
		i := slices.IndexFunc(rules.Awards, func(a programme.Award) bool { return a.Key == award })
		if i < 0 {
			return placed{len(rules.Awards), 0}
		}
		rank, known := rules.Awards[i].Rank(level)
		if !known {
			rank = len(rules.Awards[i].Levels)
		}
		return placed{i, rank}
	}
}
