package projections

import (
	"context"
	"slices"

	"github.com/certledger/certledger/domain"
)

// Bounds of a list.
const (
	// ListMax bounds the rows of one page.
	ListMax = 500

	// ListLooked bounds the registrations looked at for one page. A page that
	// found few may be short and yet not the last.
	ListLooked = 10_000
)

// Query says which registrations to list. Conditions that are given must all
// hold; without any, all registrations are listed.
type Query struct {
	Programme string // id
	Cohort    string
	Flag      string // as the assessment raises it, such as domain.FlagReviewRequired
	Ready     bool   // some award can be granted
	Status    string

	After string // the cursor: the Next of the page before, empty for the first
	Limit int    // 0, or above ListMax, means ListMax
}

// Page is some rows in the order of registrations' ids.
type Page struct {
	Rows []*Summary
	Next string // the After of the next page; empty where this is the last
}

// List finds registrations by what is true of them. Pages read at different
// moments agree on the order and miss nobody who matched all the time.
func (r reads) List(ctx context.Context, q Query) (Page, error) {
	return read(r, func(r reader) (Page, error) { return r.list(ctx, q) })
}

// source is the view with the fewest rows to look at, and the prefix of its
// keys; a registration's id follows.
func (q Query) source() []byte {
	switch {
	case q.Ready:
		return []byte{viewReady}
	case q.Flag != "":
		return below(viewFlag, q.Flag)
	case q.Cohort != "":
		return below(viewRoster, q.Cohort)
	case q.Programme != "":
		return below(viewOfProgram, q.Programme)
	default:
		return key(viewState, string(domain.KindRegistration)+"/")
	}
}

func (q Query) matches(s *Summary) bool {
	return (q.Programme == "" || s.Programme == q.Programme) &&
		(q.Cohort == "" || s.Cohort == q.Cohort) &&
		(q.Flag == "" || slices.Contains(s.Flags, q.Flag)) &&
		(!q.Ready || s.Ready()) &&
		(q.Status == "" || s.Status == q.Status)
}

func (r reader) list(ctx context.Context, q Query) (Page, error) {
	var page Page
	limit, looked := clamp(q.Limit, ListMax), 0
	prefix := q.source()
	from := prefix
	if q.After != "" {
		from = append(append(slices.Clone(prefix), q.After...), 0)
	}
	last := ""
	err := r.scan(from, afterKey(prefix), func(key, _ []byte) (bool, error) {
		if len(page.Rows) == limit || looked == ListLooked {
			page.Next = last
			return false, nil
		}
		if err := ctx.Err(); err != nil {
			return false, err
		}
		looked++
		last = string(key[len(prefix):])
		s, err := r.summary(last)
		if err != nil {
			return false, err
		}
		if s != nil && q.matches(s) {
			page.Rows = append(page.Rows, s)
		}
		return true, nil
	})
	return page, err
}
