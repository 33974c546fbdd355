package api

import (
	"context"
	"net/http"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

const groupAttesters group = "attesters"

// NewAttester makes an attester known. Name and contact are sealed.
type NewAttester struct {
	When
	What   string `json:"what" enum:"person,organisation" doc:"A person or an organisation" example:"person"`
	Person string `json:"person,omitempty" pattern:"^[0-9a-f]{32}$" doc:"The pseudonym they have as a participant, if they are one too"`
	Name   string `json:"name,omitempty" maxLength:"1000" doc:"Sealed" example:"R. Okafor"`
	Email  string `json:"email,omitempty" maxLength:"1000" doc:"Sealed" example:"trainer@example.org"`
	Phone  string `json:"phone,omitempty" maxLength:"1000" doc:"Sealed" example:"+1 604 555 0100"`
}

// NewQualification is a qualification or an approval.
type NewQualification struct {
	When
	Code     string      `json:"code" maxLength:"64" doc:"Code of the qualification or approval" example:"trainer-core"`
	Approval bool        `json:"approval,omitempty" doc:"Whether the certifying body granted it, for a course or a role"`
	From     domain.Date `json:"from,omitempty" maxLength:"10" doc:"First day; left out, the day of the act" example:"2026-01-01"`
	Until    domain.Date `json:"until,omitempty" maxLength:"10" doc:"Last day; left out, open" example:"2028-12-31"`
}

// Ending ends something on a day.
type Ending struct {
	When
	Until  domain.Date `json:"until,omitempty" maxLength:"10" doc:"Last day; left out, the day of the act" example:"2026-12-31"`
	Reason string      `json:"reason,omitempty" maxLength:"64" doc:"Reason as a code" example:"expired"`
}

func (s *server) attesterRoutes() {
	manage := permission{"manage", groupAttesters}
	type list struct {
		Reading
		Paging
	}
	read(s, operation{
		id: "list-attesters", path: "/v1/attesters", tag: "attesters", summary: "List attesters",
		text: "By id, with what they are qualified and approved for. Names are sealed.", needs: permission{"read", groupAttesters},
	}, func(_ context.Context, _ *call, v *projections.View, in *list) (found[Page[*domain.Attester]], error) {
		return s.attesters(v, in.Paging)
	})
	read(s, operation{
		id: "get-attester", path: "/v1/attesters/{attester}", tag: "attesters", summary: "Read an attester",
		text: "Qualifications and approvals with the days on which they hold. The name is sealed.", needs: permission{"read", groupAttesters},
	}, func(_ context.Context, c *call, v *projections.View, _ *Reading) (found[*domain.Attester], error) {
		a, err := v.Attester(c.param("attester"))
		if err != nil || a == nil {
			return found[*domain.Attester]{}, orNoSuch(err, "attester")
		}
		return found[*domain.Attester]{body: a, version: a.Version}, nil
	})
	write(s, operation{
		id: "register-attester", method: http.MethodPost, path: "/v1/attesters", tag: "attesters", summary: "Make an attester known",
		text:   "A trainer, supervisor, referee or provider. The identifier is made here, so that no name stands in it.",
		status: http.StatusCreated, needs: manage, example: map[string]any{"what": "person", "name": "R. Okafor", "email": "trainer@example.org"},
	}, func(_ *call, act domain.Act, b NewAttester) (draft, error) {
		id := domain.NewID(act.Command, "attester")
		return draft{
			command: domain.RegisterAttester{Act: act, Attester: id, What: b.What, Person: b.Person, Name: b.Name, Email: b.Email, Phone: b.Phone},
			created: map[string]string{"attester": id}, at: "/v1/attesters/" + id,
			person: id, // whose key seals the names
		}, nil
	})
	write(s, operation{
		id: "qualify-attester", method: http.MethodPost, path: "/v1/attesters/{attester}/qualifications", tag: "attesters",
		summary: "Record a qualification or approval", text: "Held from a day on. An approval is the certifying body's own.", needs: manage,
		example: map[string]any{"code": "trainer-core", "from": "2026-01-01"},
	}, func(c *call, act domain.Act, b NewQualification) (draft, error) {
		return draft{command: domain.QualifyAttester{
			Act: act, Attester: c.param("attester"), Code: b.Code, Approval: b.Approval, From: dayOr(b.From, act), Until: b.Until,
		}}, nil
	})
	write(s, operation{
		id: "end-qualification", method: http.MethodPost, path: "/v1/attesters/{attester}/qualifications/{qualification}/end", tag: "attesters",
		summary: "End a qualification or approval", text: "It held until a day; what was attested before stands.", needs: manage,
		example: map[string]any{"until": "2026-12-31", "reason": "expired"},
	}, func(c *call, act domain.Act, b Ending) (draft, error) {
		return draft{command: domain.EndQualification{
			Act: act, Attester: c.param("attester"), Code: c.param("qualification"), Until: dayOr(b.Until, act), Reason: b.Reason,
		}}, nil
	})
}
