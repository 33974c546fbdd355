package api

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

const (
	groupWorklists group = "worklists"
	groupRosters   group = "rosters"
)

// Row is where a registration stands, in one line.
type Row struct {
	Registration string       `json:"registration" doc:"The registration" example:"9d21c04e6a1b4f0f8d3a5f7b2c1e0d9a"`
	Person       string       `json:"person" doc:"Whose it is, by pseudonym" example:"5f0c9b1e7a2d4c6e8f10a2b3c4d5e6f7"`
	Programme    string       `json:"programme" doc:"The programme" example:"peerworks-core-essentials"`
	Cohort       string       `json:"cohort,omitempty" doc:"The cohort" example:"spring-2026-evening"`
	State        string       `json:"state" doc:"registered, withdrawn or no-show" example:"registered"`
	Status       string       `json:"status" doc:"Status by the rules: active, suspended, revoked …" example:"registered"`
	Awards       []RowAward   `json:"awards" doc:"Where each award stands"`
	Flags        []string     `json:"flags,omitempty" doc:"What asks for attention"`
	Warnings     []RowWarning `json:"warnings,omitempty" doc:"Limits that are near"`
	Reviews      []ReviewItem `json:"reviews,omitempty" doc:"In the list of reviews: the decisions in doubt, why, by whom they are looked at and by when"`
}

// RowWarning is a limit that is near.
type RowWarning struct {
	Path string `json:"path" doc:"Path of the requirement"`
	Code string `json:"code" doc:"What is near"`
	Left int64  `json:"left" doc:"How much is left"`
}

// RowAward is where an award stands.
type RowAward struct {
	Award       string      `json:"award" doc:"The award" example:"certification"`
	Track       string      `json:"track,omitempty" doc:"The track that it is asked in"`
	Period      string      `json:"period,omitempty" doc:"The period that it is asked in"`
	Until       domain.Date `json:"until,omitempty" doc:"Last day of the period, or on which what is granted holds"`
	Earned      string      `json:"earned" doc:"The level that the facts support" example:"level-1"`
	Provisional []string    `json:"provisional,omitempty" doc:"Why it may still change, as codes"`
	Granted     string      `json:"granted,omitempty" doc:"The level of the decision in force"`
	Decision    string      `json:"decision,omitempty" doc:"The decision in force"`
	Binding     []string    `json:"binding,omitempty" doc:"Requirements that hold it where it is"`
	Next        string      `json:"next,omitempty" doc:"The next level up"`
	Ready       bool        `json:"ready,omitempty" doc:"Whether more can be granted than is"`
}

func rowFrom(sum *projections.Summary) Row {
	out := Row{
		Registration: sum.Registration, Person: sum.Person, Programme: sum.Programme, Cohort: sum.Cohort, State: sum.State,
		Status: sum.Status, Awards: []RowAward{}, Flags: sum.Flags,
	}
	for _, a := range sum.Awards {
		out.Awards = append(out.Awards, RowAward(a))
	}
	for _, w := range sum.Warnings {
		out.Warnings = append(out.Warnings, RowWarning(w))
	}
	return out
}

// registrations lists those that match and that the caller's role reaches.
func (s *server) registrations(ctx context.Context, c *call, v *projections.View, p Paging, q projections.Query, person, state string) (found[Page[Row]], error) {
	after, err := p.after()
	if err != nil {
		return found[Page[Row]]{}, err
	}
	if c.reach == scopeAny && person == "" {
		q.After, q.Limit = after, p.limit()
		list, err := v.List(ctx, q)
		if err != nil {
			return found[Page[Row]]{}, err
		}
		out := found[Page[Row]]{body: Page[Row]{Items: []Row{}}, last: list.Next}
		for _, sum := range list.Rows {
			if state == "" || sum.State == state {
				out.body.Items = append(out.body.Items, rowFrom(sum))
			}
		}
		if list.Next != "" {
			out.body.Next = cursorOf(list.Next)
		}
		return out, nil
	}
	ids, err := s.reached(c, v, person)
	if err != nil {
		return found[Page[Row]]{}, err
	}
	var rows []Row
	for _, id := range ids {
		if id <= after {
			continue
		}
		sum, err := v.Summary(id)
		if err != nil {
			return found[Page[Row]]{}, err
		}
		if sum != nil && matches(q, sum) && (state == "" || sum.State == state) {
			if rows = append(rows, rowFrom(sum)); len(rows) > p.limit() {
				break
			}
		}
	}
	return pageOf(p, rows, func(r Row) string { return r.Registration }), nil
}

func matches(q projections.Query, sum *projections.Summary) bool {
	return (q.Programme == "" || sum.Programme == q.Programme) && (q.Cohort == "" || sum.Cohort == q.Cohort) &&
		(q.Flag == "" || slices.Contains(sum.Flags, q.Flag)) && (!q.Ready || sum.Ready())
}

// reached is the registrations of a person, or those that a role reaches which
// does not reach all, sorted.
func (s *server) reached(c *call, v *projections.View, person string) ([]string, error) {
	var ids []string
	var err error
	switch {
	case person != "":
		ids, err = v.OfPerson(person)
	case c.reach == scopeSelf:
		ids, err = v.OfPerson(domain.Subject(c.token.Actor).ID())
	default:
		ids, err = assignedTo(v, domain.Subject(c.token.Actor).ID())
	}
	if err != nil || c.reach == scopeAny {
		return ids, err
	}
	var out []string
	for _, id := range ids {
		f, err := v.Facts(id)
		if err != nil {
			return nil, err
		}
		if reaches(c.reach, c.token.Actor, c.role, f, s.today()) {
			out = append(out, id)
		}
	}
	return out, nil
}

// assignedTo is the registrations that an attester was ever assigned to, or that
// are in cohorts that they were, sorted.
func assignedTo(v *projections.View, attester string) ([]string, error) {
	subjects, err := v.Assigned(attester)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, subject := range subjects {
		switch subject.Kind() {
		case domain.KindRegistration:
			ids = append(ids, subject.ID())
		case domain.KindCohort:
			roster, err := v.Roster(subject.ID())
			if err != nil {
				return nil, err
			}
			ids = append(ids, roster...)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// cohorts lists those of a programme that the caller's role reaches.
func (s *server) cohorts(c *call, v *projections.View, p Paging, programme string) (found[Page[*domain.Cohort]], error) {
	ids, err := s.cohortIDs(c, v)
	if err != nil {
		return found[Page[*domain.Cohort]]{}, err
	}
	var all []*domain.Cohort
	for _, id := range ids {
		co, err := v.Cohort(id)
		if err != nil {
			return found[Page[*domain.Cohort]]{}, err
		}
		if co == nil || programme != "" && co.Programme != programme {
			continue
		}
		if c.reach == scopeCohort && !reaches(scopeCohort, c.token.Actor, c.role, domain.Facts{Cohort: co}, s.today()) {
			continue
		}
		all = append(all, co)
	}
	return pageAfter(p, all, func(co *domain.Cohort) string { return co.ID })
}

func (s *server) cohortIDs(c *call, v *projections.View) ([]string, error) {
	switch c.reach {
	case scopeAny:
		return allIDs(v, domain.KindCohort)
	case scopeSelf:
		ids, err := v.OfPerson(domain.Subject(c.token.Actor).ID())
		var out []string
		for _, id := range ids {
			sum, err := v.Summary(id)
			if err != nil {
				return nil, err
			}
			if sum != nil && sum.Cohort != "" {
				out = append(out, sum.Cohort)
			}
		}
		slices.Sort(out)
		return slices.Compact(out), err
	}
	subjects, err := v.Assigned(domain.Subject(c.token.Actor).ID())
	var out []string
	for _, subject := range subjects {
		if id, ok := strings.CutPrefix(string(subject), string(domain.KindCohort)+"/"); ok {
			out = append(out, id)
		}
	}
	return out, err
}

// allIDs is the identifiers of a kind, sorted.
func allIDs(v *projections.View, kind domain.Kind) ([]string, error) {
	var all []string
	for after := ""; ; after = all[len(all)-1] {
		page, err := v.IDs(kind, after, projections.ListMax)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < projections.ListMax {
			return all, nil
		}
	}
}

func (s *server) attesters(v *projections.View, p Paging) (found[Page[*domain.Attester]], error) {
	ids, err := allIDs(v, domain.KindAttester)
	if err != nil {
		return found[Page[*domain.Attester]]{}, err
	}
	page, err := pageAfter(p, ids, func(id string) string { return id })
	if err != nil {
		return found[Page[*domain.Attester]]{}, err
	}
	out := found[Page[*domain.Attester]]{body: Page[*domain.Attester]{Items: []*domain.Attester{}, Next: page.body.Next}, last: page.last}
	for _, id := range page.body.Items {
		a, err := v.Attester(id)
		if err != nil {
			return out, err
		}
		if a != nil {
			out.body.Items = append(out.body.Items, a)
		}
	}
	return out, nil
}

// worklistRoutes are what staff look at in the morning.
func (s *server) worklistRoutes() {
	type list struct {
		Reading
		Paging
		Programme string `query:"programme" doc:"Only those of a programme" example:"peerworks-core-essentials"`
		Cohort    string `query:"cohort" doc:"Only those in a cohort" example:"spring-2026-evening"`
	}
	mayRead := permission{"read", groupWorklists}
	read(s, operation{
		id: "list-ready", path: "/v1/ready", tag: "worklists", summary: "Who is ready", filters: true, needs: mayRead,
		text: "Registrations for which more can be granted than is. The ledger says who is ready; a person decides.",
	}, func(ctx context.Context, c *call, v *projections.View, in *list) (found[Page[Row]], error) {
		return s.registrations(ctx, c, v, in.Paging, projections.Query{Ready: true, Programme: in.Programme, Cohort: in.Cohort}, "", "")
	})
	read(s, operation{
		id: "list-review-required", path: "/v1/review-required", tag: "worklists", summary: "Whose decision needs a review", filters: true, needs: mayRead,
		text: "A later entry touched a fact that a decision in force rested on; reviews says which. Nothing changes by itself.",
	}, func(ctx context.Context, c *call, v *projections.View, in *list) (found[Page[Row]], error) {
		q := projections.Query{Flag: domain.FlagReviewRequired, Programme: in.Programme, Cohort: in.Cohort}
		page, err := s.registrations(ctx, c, v, in.Paging, q, "", "")
		if err != nil {
			return page, err
		}
		for i := range page.body.Items {
			if page.body.Items[i].Reviews, err = s.reviewsOf(v, page.body.Items[i].Registration); err != nil {
				return page, err
			}
		}
		return page, nil
	})
	s.dueRoutes()
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }
