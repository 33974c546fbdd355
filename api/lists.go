package api

import (
	"context"
	"reflect"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

const groupWorklists group = "worklists"

// Row is where a registration stands, in one line.
type Row struct {
	Registration string       `json:"registration" doc:"The registration"`
	Person       string       `json:"person" doc:"Whose it is, by pseudonym"`
	Programme    string       `json:"programme" doc:"The programme"`
	Cohort       string       `json:"cohort,omitempty" doc:"The cohort"`
	State        string       `json:"state" doc:"registered, withdrawn or no-show"`
	Status       string       `json:"status" doc:"Status by the rules: active, suspended, revoked …"`
	Awards       []RowAward   `json:"awards" doc:"Where each award stands"`
	Flags        []string     `json:"flags,omitempty" doc:"What asks for attention"`
	Warnings     []RowWarning `json:"warnings,omitempty" doc:"Limits that are near"`
}

// RowWarning is a limit that is near.
type RowWarning struct {
	Path string `json:"path" doc:"Path of the requirement"`
	Code string `json:"code" doc:"What is near"`
	Left int64  `json:"left" doc:"How much is left"`
}

// RowAward is where an award stands.
type RowAward struct {
	Award       string   `json:"award" doc:"The award"`
	Earned      string   `json:"earned" doc:"The level that the facts support"`
	Provisional []string `json:"provisional,omitempty" doc:"Why it may still change"`
	Granted     string   `json:"granted,omitempty" doc:"The level of the decision in force"`
	Decision    string   `json:"decision,omitempty" doc:"The decision in force"`
	Binding     []string `json:"binding,omitempty" doc:"Requirements that hold it where it is"`
	Next        string   `json:"next,omitempty" doc:"The next level up"`
	Ready       bool     `json:"ready,omitempty" doc:"Whether more can be granted than is"`
}

type selection struct{ programme, cohort, person, state string }

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// rowOf is a registration's row, with its standing; nil where there is none.
func rowOf(v *projections.View, registration string) (Row, *domain.Standing, error) {
	st, err := v.Standing(registration)
	if err != nil || st == nil {
		return Row{}, nil, err
	}
	sum, err := v.Summary(registration)
	if err != nil || sum == nil {
		return Row{}, nil, err
	}
	return rowFrom(sum), st, nil
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

func (s *server) cohorts(c *call, v *projections.View, p Paging, programme string) (found[Page[*domain.Cohort]], error) {
	return found[Page[*domain.Cohort]]{}, nil
}

func (s *server) registrations(c *call, v *projections.View, p Paging, want selection) (found[Page[Row]], error) {
	return found[Page[Row]]{}, nil
}

func attesters(v *projections.View, p Paging) (found[Page[*domain.Attester]], error) {
	return found[Page[*domain.Attester]]{}, nil
}

func (s *server) worklistRoutes() {
	_ = context.Background
}

type personReader interface{ Position() projections.Position }

func registrationsOf(_ any, person string) ([]string, error) { return nil, nil }
