package projections

import (
	"time"

	"github.com/certledger/certledger/domain"
)

// Roster is the registrations of a cohort, sorted by id, withdrawn ones
// included. Transferred ones are in their new cohort.
func (r reads) Roster(cohort string) ([]string, error) {
	return read(r, func(r reader) ([]string, error) { return r.roster(cohort) })
}

func (r reader) roster(cohort string) ([]string, error) { return r.lasts(below(viewRoster, cohort)) }

// OfPerson is a person's registrations, sorted by id.
func (r reads) OfPerson(person string) ([]string, error) {
	return read(r, func(r reader) ([]string, error) { return r.registrationsOf(person) })
}

// Assigned is what an attester was ever assigned to: cohorts and registrations.
func (r reads) Assigned(attester string) ([]domain.Subject, error) {
	return read(r, func(r reader) ([]domain.Subject, error) {
		subjects, err := r.lasts(below(viewAssigned, attester))
		out := make([]domain.Subject, len(subjects))
		for i, s := range subjects {
			out[i] = domain.Subject(s)
		}
		return out, err
	})
}

// Grid is a cohort's attendance: a row per registration, a column per session.
type Grid struct {
	Cohort   string
	Sessions []domain.Session
	Rows     []GridRow // by registration
}

// GridRow is one registration's classes.
type GridRow struct {
	Registration string
	Person       string
	State        string
	Classes      []domain.ClassResult // one per session of the Grid; its Result is empty where the rules say nothing
	Flags        []string
	Warnings     []domain.Warning
}

// Grid assesses everybody in a cohort at a time. Nil where there is no such
// cohort.
func (r reads) Grid(cohort string, at time.Time) (*Grid, error) {
	return read(r, func(r reader) (*Grid, error) { return gridOf(r, cohort, at) })
}

func gridOf(from moment, cohort string, at time.Time) (*Grid, error) {
	c, err := from.cohort(cohort)
	if err != nil || c == nil {
		return nil, err
	}
	out := &Grid{Cohort: cohort, Sessions: c.Sessions}
	ids, err := from.roster(cohort)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		row, err := gridRow(from, id, c, at)
		if err != nil {
			return nil, err
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

func gridRow(from moment, id string, c *domain.Cohort, at time.Time) (GridRow, error) {
	f, err := factsOf(from, id)
	if err != nil {
		return GridRow{}, err
	}
	row := GridRow{Registration: id, Person: f.Standing.Person, State: f.Standing.State}
	results := map[string]domain.ClassResult{}
	if f.Programme != nil {
		a := domain.Assess(f.Programme, f, InZone(at, f.Programme))
		row.Flags, row.Warnings = a.Flags, a.Warnings
		for _, class := range a.Classes {
			results[class.Session] = class
		}
	}
	for _, s := range c.Sessions {
		class, ok := results[s.ID]
		if !ok {
			class = domain.ClassResult{Session: s.ID, Module: s.Module}
		}
		row.Classes = append(row.Classes, class)
	}
	return row, nil
}
