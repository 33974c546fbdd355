package api

import (
	"context"
	"slices"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

// Grid is a cohort's attendance: a row a registration, a column a session.
type Grid struct {
	Cohort   string           `json:"cohort" doc:"The cohort"`
	Sessions []domain.Session `json:"sessions" doc:"The columns"`
	Rows     []GridRow        `json:"rows" doc:"By registration"`
}

// GridRow is one registration's classes.
type GridRow struct {
	Registration string               `json:"registration" doc:"Whose row"`
	Person       string               `json:"person" doc:"By pseudonym"`
	State        string               `json:"state" doc:"registered, withdrawn or no-show"`
	Classes      []domain.ClassResult `json:"classes" doc:"One a column: attended, missed, open, not-held, cancelled or contradicted"`
	Flags        []string             `json:"flags,omitempty" doc:"What asks for attention"`
	Warnings     []domain.Warning     `json:"warnings,omitempty" doc:"Limits that are near, in sentences to pass on"`
}

// rosterRoutes are a cohort's people as trainers and staff look at them.
func (s *server) rosterRoutes() {
	mayRead := permission{"read", groupRosters}
	type list struct {
		Reading
		Paging
		AsOf
	}
	read(s, operation{
		id: "get-roster", path: "/v1/cohorts/{cohort}/roster", tag: "cohorts", summary: "Read the roster", needs: mayRead,
		text: "Who is in the cohort and where each stands, withdrawn ones included. Names are sealed. Either now, or as known and effective at another time.",
	}, func(ctx context.Context, c *call, v *projections.View, in *list) (found[Page[Row]], error) {
		if point, err := s.asOf(v, in.AsOf); err != nil || !point.Present() {
			return rosterAsOf(c, v, in.Paging, point, err)
		}
		if co, err := v.Cohort(c.param("cohort")); err != nil || co == nil {
			return found[Page[Row]]{}, orNoSuch(err, "cohort")
		}
		c.reach = scopeAny // the role reaches the cohort, so everybody in it
		return s.registrations(ctx, c, v, in.Paging, projections.Query{Cohort: c.param("cohort")}, "", "")
	})
	read(s, operation{
		id: "get-grid", path: "/v1/cohorts/{cohort}/grid", tag: "cohorts", summary: "Read the attendance grid", needs: mayRead,
		text: "Every session's result for everybody in the cohort, with who is near a limit. Either now, or as known and effective at another time.",
	}, func(_ context.Context, c *call, v *projections.View, in *struct {
		Reading
		AsOf
	},
	) (found[Grid], error) {
		g, err := s.grid(c.param("cohort"), v, in.AsOf)
		if err != nil || g == nil {
			return found[Grid]{}, orNoSuch(err, "cohort")
		}
		mine, err := stillReached(c, v, c.param("cohort"))
		if err != nil {
			return found[Grid]{}, err
		}
		out := Grid{Cohort: g.Cohort, Sessions: g.Sessions, Rows: []GridRow{}}
		if out.Sessions == nil {
			out.Sessions = []domain.Session{}
		}
		for _, r := range g.Rows {
			if mine(r.Registration) {
				out.Rows = append(out.Rows, GridRow(r))
			}
		}
		return found[Grid]{body: out}, nil
	})
}

// grid is the present one, or that of another point.
func (s *server) grid(cohort string, v *projections.View, as AsOf) (*projections.Grid, error) {
	point, err := s.asOf(v, as)
	if err != nil {
		return nil, err
	}
	at := point.Effective
	if at.IsZero() {
		at = s.nowIn("")
	}
	if !point.Present() {
		return v.GridAt(cohort, point.Known, at)
	}
	return v.Grid(cohort, at)
}

func rosterAsOf(c *call, v *projections.View, p Paging, point projections.Point, err error) (found[Page[Row]], error) {
	cohort := c.param("cohort")
	if err != nil {
		return found[Page[Row]]{}, err
	}
	mine, err := stillReached(c, v, cohort)
	if err != nil {
		return found[Page[Row]]{}, err
	}
	if co, err := v.CohortAt(cohort, point.Known); err != nil || co == nil {
		return found[Page[Row]]{}, orNoSuch(err, "cohort")
	}
	after, err := p.after()
	if err != nil {
		return found[Page[Row]]{}, err
	}
	page, err := v.RosterAt(cohort, point.Known, point.Effective, after, p.limit())
	if err != nil {
		return found[Page[Row]]{}, err
	}
	out := found[Page[Row]]{body: Page[Row]{Items: []Row{}}, last: page.Next}
	for _, sum := range page.Rows {
		if mine(sum.Registration) {
			out.body.Items = append(out.body.Items, rowFrom(sum))
		}
	}
	if page.Next != "" {
		out.body.Next = cursorOf(page.Next)
	}
	return out, nil
}

// stillReached tells whom in a cohort the caller's role reaches today: looking
// back shows nobody of whom the present would show nothing.
func stillReached(c *call, v *projections.View, cohort string) (func(registration string) bool, error) {
	if c.reach == scopeAny {
		return func(string) bool { return true }, nil
	}
	ids, err := v.Roster(cohort)
	return func(id string) bool { return slices.Contains(ids, id) }, err
}
