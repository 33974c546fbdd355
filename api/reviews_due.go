package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

// wantedReviews says which reviews a page shows. What is empty does not matter.
type wantedReviews struct {
	programme, cohort, owner string
	overdue                  bool
}

// dueReviews lists reviews after one, in the order of their days; at most as many
// as are asked for, and fewer only at the end.
type dueReviews func(after projections.DueReview, limit int) ([]projections.DueReview, error)

// reviewPage assesses no more registrations than it shows, or passes over.
func (s *server) reviewPage(ctx context.Context, c *call, v *projections.View, p Paging, wanted wantedReviews) (found[Page[ReviewItem]], error) {
	at, err := p.afterReview()
	if err != nil {
		return found[Page[ReviewItem]]{}, err
	}
	list, err := s.dueReviews(c, v)
	if err != nil {
		return found[Page[ReviewItem]]{}, err
	}
	return workList[projections.DueReview, ReviewItem]{
		list: list,
		item: func(due projections.DueReview) (ReviewItem, bool, error) { return s.reviewAt(v, due, wanted) },
		ends: func(due projections.DueReview) bool { return wanted.overdue && due.Due >= s.latestDay() },
		cursor: func(due projections.DueReview) string {
			return string(due.Due) + "/" + due.Registration + "/" + due.Decision
		},
	}.page(ctx, p, at)
}

// latestDay is the latest day that it is anywhere.
func (s *server) latestDay() domain.Date {
	return domain.DateOf(s.cfg.Now().UTC().Add(14 * time.Hour))
}

// dueReviews are those of everybody, or those that the caller's role reaches.
func (s *server) dueReviews(c *call, v *projections.View) (dueReviews, error) {
	if c.reach == scopeAny {
		return v.DueReviews, nil
	}
	ids, err := s.reached(c, v, "")
	if err != nil {
		return nil, err
	}
	var all []projections.DueReview
	for _, id := range ids {
		sum, err := v.Summary(id)
		if err != nil {
			return nil, err
		}
		if sum == nil {
			continue
		}
		for _, r := range sum.Reviews {
			all = append(all, projections.DueReview{Due: r.Due, Registration: id, Decision: r.Decision})
		}
	}
	slices.SortFunc(all, projections.DueReview.Compare)
	return func(after projections.DueReview, limit int) ([]projections.DueReview, error) {
		from, same := slices.BinarySearchFunc(all, after, projections.DueReview.Compare)
		if same {
			from++
		}
		return all[from:min(from+limit, len(all))], nil
	}, nil
}

// reviewAt is a review as it is now, where it is wanted and still open.
func (s *server) reviewAt(v *projections.View, due projections.DueReview, wanted wantedReviews) (ReviewItem, bool, error) {
	if wanted.programme != "" || wanted.cohort != "" {
		sum, err := v.Summary(due.Registration)
		if err != nil || sum == nil || !matches(projections.Query{Programme: wanted.programme, Cohort: wanted.cohort}, sum) {
			return ReviewItem{}, false, err
		}
	}
	items, err := s.reviewsOf(v, due.Registration)
	i := slices.IndexFunc(items, func(r ReviewItem) bool { return r.Decision == due.Decision })
	if err != nil || i < 0 || wanted.owner != "" && string(items[i].Owner) != wanted.owner || wanted.overdue && !items[i].Overdue {
		return ReviewItem{}, false, err
	}
	return items[i], true, nil
}

// afterReview is the last review that the page before looked at.
func (p Paging) afterReview() (projections.DueReview, error) {
	text, err := p.afterPath()
	if err != nil || text == "" {
		return projections.DueReview{}, err
	}
	parts := strings.Split(text, "/")
	if len(parts) != 3 {
		return projections.DueReview{}, badCursor.problem()
	}
	return projections.DueReview{Due: domain.Date(parts[0]), Registration: parts[1], Decision: parts[2]}, nil
}
