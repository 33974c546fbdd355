package domain

import (
	"cmp"
	"slices"
	"time"

	"github.com/certledger/certledger/domain/programme"
)

// credit fills in what each node comes to: what is in it, or what that earns in
// each day, week or month. What is in such a span and earns nothing counts no
// longer.
func (t *total) credit(c *programme.Credited) {
	t.own = make([]int64, len(t.tree))
	if c == nil {
		for _, x := range t.counted {
			t.own[x.node] += x.quantity
		}
		return
	}
	type in struct {
		node int
		span Date // its first day
		at   int  // in counted
	}
	all := make([]in, len(t.counted))
	for i, x := range t.counted {
		from, _ := spanOf(c.Per, x.fact.Until)
		all[i] = in{x.node, from, i}
	}
	order := func(a, b in) int { return cmp.Or(cmp.Compare(a.node, b.node), cmp.Compare(a.span, b.span)) }
	slices.SortStableFunc(all, order)
	var nothing []int
	for i := 0; i < len(all); {
		j, sum := i, int64(0)
		for ; j < len(all) && order(all[i], all[j]) == 0; j++ {
			sum += t.counted[all[j].at].quantity
		}
		earned := c.Credit(sum)
		t.own[all[i].node] += earned
		for ; i < j; i++ {
			if earned == 0 {
				nothing = append(nothing, all[i].at)
			}
		}
	}
	if len(nothing) == 0 {
		return
	}
	slices.Sort(nothing)
	at := -1
	t.short = t.drop(UncountedTooLittle, func(*counted) bool {
		at++
		_, found := slices.BinarySearch(nothing, at)
		return found
	})
}

// spanOf is the day, the week from Monday, or the month that a day is in.
func spanOf(per string, day Date) (from, until Date) {
	switch per {
	case programme.SpanWeek:
		sinceMonday := (int(day.midnight().Weekday()) - int(time.Monday) + 7) % 7
		from = day.AddDays(-sinceMonday)
		return from, from.AddDays(6)
	case programme.SpanMonth:
		from = day[:len("2006-01-")] + "01"
		return from, from.AddMonths(1).AddDays(-1)
	}
	return day, day
}
