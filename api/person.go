package api

import (
	"context"
	"net/http"

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
	Programme string `json:"programme" doc:"The programme"`
	Award     string `json:"award" doc:"The award"`
	Level     string `json:"level,omitempty" doc:"The level; left out where none is held"`
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
		text: "All registrations of a person, and the highest level held of each award. Name and contact are sealed and not shown.", needs: permission{"read", groupPersons},
	}, func(_ context.Context, c *call, v *projections.View, _ *Reading) (found[PersonState], error) {
		return s.personState(c.param("person"), v)
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

func (s *server) personState(id string, v *projections.View) (found[PersonState], error) {
	out := PersonState{Person: id, Registrations: []Row{}, Highest: []PersonLevel{}}
	ids, err := registrationsOf(v, id)
	if err != nil || len(ids) == 0 {
		return found[PersonState]{}, orElse(err, noSuchPerson)
	}
	person, err := v.Person(id)
	if err != nil {
		return found[PersonState]{}, err
	}
	var version uint64
	if person != nil {
		out.Corrections, version = person.Corrections, person.Version
	}
	byProgramme := map[string][]*domain.Standing{}
	var order []*domain.Standing
	for _, r := range ids {
		row, st, err := rowOf(v, r)
		if err != nil {
			return found[PersonState]{}, err
		}
		if st == nil {
			continue
		}
		out.Registrations = append(out.Registrations, row)
		if byProgramme[st.Pin.Programme] == nil {
			order = append(order, st)
		}
		byProgramme[st.Pin.Programme] = append(byProgramme[st.Pin.Programme], st)
	}
	for _, st := range order {
		p, err := v.Programme(st.Pin.Digest)
		if err != nil {
			return found[PersonState]{}, err
		}
		if p == nil {
			continue
		}
		for _, award := range p.Awards {
			level := domain.PersonStanding(award, byProgramme[p.ID])
			out.Highest = append(out.Highest, PersonLevel{Programme: p.ID, Award: award.Key, Level: level})
		}
	}
	return found[PersonState]{body: out, version: version}, nil
}
