package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

const groupPersons group = "persons"

// PersonState is where a person stands over all their registrations.
type PersonState struct {
	Person        string              `json:"person" doc:"The pseudonym" example:"5f0c9b1e7a2d4c6e8f10a2b3c4d5e6f7"`
	Registrations []Row               `json:"registrations" doc:"Where each registration stands"`
	Highest       []PersonLevel       `json:"highest" doc:"By programme and award, the highest level granted and not revoked"`
	Corrections   []domain.Correction `json:"corrections,omitempty" doc:"Which details were corrected when; what they are is sealed"`
}

// PersonLevel is the highest level that a person holds of an award.
type PersonLevel struct {
	Programme    string   `json:"programme" doc:"The programme"`
	Award        string   `json:"award" doc:"The award"`
	Level        string   `json:"level,omitempty" doc:"The level; left out where none is held"`
	Registration string   `json:"registration,omitempty" doc:"The registration in which it was granted"`
	Decision     string   `json:"decision,omitempty" doc:"The decision that granted it"`
	Suspended    bool     `json:"suspended,omitempty" doc:"Whether it is suspended"`
	RevokedWide  []string `json:"revoked,omitempty" doc:"Levels revoked for the whole person"`
}

// PersonCorrection corrects name or contact data. The values are sealed.
type PersonCorrection struct {
	When
	Fields map[string]string `json:"fields" minProperties:"1" doc:"New values by field key: name and contact only. Sealed." example:"{\"email\":\"sam.doe@example.org\"}"`
	Reason string            `json:"reason,omitempty" maxLength:"64" doc:"Reason as a code" example:"contact-changed"`
}

func (s *server) personRoutes() {
	read(s, operation{
		id: "get-person", path: "/v1/persons/{person}", tag: "persons", summary: "Read where a person stands",
		text: "All registrations of a person, and the highest level held of each award. Name and contact are sealed and not shown. Either now, or as known and effective at another time.", needs: permission{"read", groupPersons},
	}, func(_ context.Context, c *call, v *projections.View, in *struct {
		Reading
		AsOf
	},
	) (found[PersonState], error) {
		return s.personState(c.param("person"), v, in.AsOf)
	})
	write(s, operation{
		id: "correct-person", method: http.MethodPost, path: "/v1/persons/{person}/corrections", tag: "persons", summary: "Correct name or contact",
		text: "The new values are sealed as they arrive. Earlier ones stay sealed in their own entries.", needs: permission{"correct", groupPersons},
		example: map[string]any{"fields": map[string]string{"email": "sam.doe@example.org"}, "reason": "contact-changed"},
	}, func(c *call, act domain.Act, b PersonCorrection) (draft, error) {
		return draft{
			command: domain.CorrectPerson{Act: act, Person: c.param("person"), Fields: b.Fields, Reason: b.Reason}, person: c.param("person"),
		}, nil
	})
}

func (s *server) personState(id string, v *projections.View, as AsOf) (found[PersonState], error) {
	standing, person, err := s.personAsOf(id, v, as)
	if err != nil || standing == nil {
		return found[PersonState]{}, orElse(err, noSuchPerson)
	}
	out := PersonState{Person: id, Registrations: []Row{}, Highest: []PersonLevel{}}
	var version uint64
	if person != nil {
		out.Corrections, version = person.Corrections, person.Version
	}
	for _, sum := range standing.Registrations {
		out.Registrations = append(out.Registrations, rowFrom(sum))
	}
	for _, h := range standing.Holds {
		out.Highest = append(out.Highest, PersonLevel(h))
	}
	return found[PersonState]{body: out, version: version}, nil
}

// personAsOf is a person as they stand now, or at another point.
func (s *server) personAsOf(id string, v *projections.View, as AsOf) (*projections.PersonStanding, *domain.Person, error) {
	point, err := s.asOf(v, as)
	if err != nil {
		return nil, nil, err
	}
	if !point.Present() {
		standing, err := v.PersonStandingAt(id, point.Known, point.Effective)
		if err != nil || standing == nil {
			return nil, nil, err
		}
		person, err := v.PersonAt(id, point.Known)
		return standing, correctedBy(person, point.Effective), err
	}
	standing, err := v.PersonStanding(id)
	if err != nil || standing == nil {
		return nil, nil, err
	}
	person, err := v.Person(id)
	return standing, person, err
}

// correctedBy is a person with the corrections that had been made at a time;
// with all where it is zero.
func correctedBy(p *domain.Person, at time.Time) *domain.Person {
	if p == nil || at.IsZero() {
		return p
	}
	then := *p
	then.Corrections = slices.DeleteFunc(slices.Clone(p.Corrections), func(c domain.Correction) bool { return c.Made.Time.After(at) })
	return &then
}
