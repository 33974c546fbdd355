package api

import (
	"context"
	"net/http"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

const groupCohorts group = "cohorts"

// NewCohort begins a delivery of a programme.
type NewCohort struct {
	When
	Cohort    string `json:"cohort,omitempty" pattern:"^[a-z0-9][a-z0-9-]{0,63}$" doc:"Identifier of your choice; left out, one is made" example:"spring-2026-evening"`
	Code      string `json:"code" maxLength:"64" doc:"What people call it, as a code" example:"spring-2026-evening"`
	Programme string `json:"programme" maxLength:"64" doc:"The programme that it delivers" example:"peerworks-core-essentials"`
	Mode      string `json:"mode,omitempty" maxLength:"64" doc:"How it is delivered, as a code" example:"online"`
}

func (b NewCohort) programmeOrCohort() (string, string) { return b.Programme, "" }

// NewAssignment gives an attester a part.
type NewAssignment struct {
	When
	Attester string      `json:"attester" maxLength:"64" doc:"Who" example:"77abf3110c9e4a8fb0b1c2d3e4f50617"`
	Role     string      `json:"role" maxLength:"64" doc:"In which role" example:"trainer"`
	Relation string      `json:"relation,omitempty" maxLength:"64" doc:"What else they are to the participant; for registrations only" example:"none"`
	From     domain.Date `json:"from,omitempty" maxLength:"10" doc:"First day; left out, the day of the act" example:"2026-04-20"`
	Until    domain.Date `json:"until,omitempty" maxLength:"10" doc:"Last day; left out, open" example:"2026-06-17"`
}

// Release ends an assignment.
type Release struct {
	When
	Role   string      `json:"role" maxLength:"64" doc:"In which role" example:"trainer"`
	Until  domain.Date `json:"until,omitempty" maxLength:"10" doc:"Last day; left out, the day of the act" example:"2026-06-17"`
	Reason string      `json:"reason,omitempty" maxLength:"64" doc:"Reason as a code" example:"end-of-assignment"`
}

// Materials are given to a cohort.
type Materials struct {
	When
	Material string `json:"material" maxLength:"64" doc:"Code of the material" example:"workbook"`
	Hash     string `json:"hash,omitempty" maxLength:"71" doc:"SHA-256 of the file" example:"sha256:5b0c3d1f…"`
	Session  string `json:"session,omitempty" maxLength:"64" doc:"For one session only" example:"1"`
}

func (s *server) cohortRoutes() {
	type list struct {
		Reading
		Paging
		Programme string `query:"programme" doc:"Only those of a programme" example:"peerworks-core-essentials"`
	}
	read(s, operation{
		id: "list-cohorts", path: "/v1/cohorts", tag: "cohorts", summary: "List cohorts", filters: true,
		text: "By id. Trainers see those in which they are assigned, participants their own.", needs: permission{"read", groupCohorts},
	}, func(_ context.Context, c *call, v *projections.View, in *list) (found[Page[*domain.Cohort]], error) {
		return s.cohorts(c, v, in.Paging, in.Programme)
	})
	read(s, operation{
		id: "get-cohort", path: "/v1/cohorts/{cohort}", tag: "cohorts", summary: "Read a cohort",
		text: "Sessions in order, who is assigned in which role from when until when, materials released.", needs: permission{"read", groupCohorts},
	}, func(_ context.Context, c *call, v *projections.View, _ *Reading) (found[*domain.Cohort], error) {
		co, err := v.Cohort(c.param("cohort"))
		if err != nil || co == nil {
			return found[*domain.Cohort]{}, orNoSuch(err, "cohort")
		}
		return found[*domain.Cohort]{body: co, version: co.Version}, nil
	})
	write(s, operation{
		id: "open-cohort", method: http.MethodPost, path: "/v1/cohorts", tag: "cohorts", summary: "Open a cohort", status: http.StatusCreated,
		text:  "Begins a delivery of a programme that has a version in force. Sessions and trainers are added next.",
		needs: permission{"manage", groupCohorts}, example: map[string]any{"code": "spring-2026-evening", "programme": "peerworks-core-essentials", "mode": "online"},
	}, func(_ *call, act domain.Act, b NewCohort) (draft, error) {
		id := b.Cohort
		if id == "" {
			id = domain.NewID(act.Command, "cohort")
		}
		return draft{
			command: domain.OpenCohort{Act: act, Cohort: id, Code: b.Code, Programme: b.Programme, Mode: b.Mode},
			created: map[string]string{"cohort": id}, at: "/v1/cohorts/" + id,
		}, nil
	})
	write(s, operation{
		id: "assign-to-cohort", method: http.MethodPost, path: "/v1/cohorts/{cohort}/attesters", tag: "cohorts", summary: "Assign an attester to a cohort",
		text: "Gives somebody a role in the cohort, most often trainer.", needs: permission{"manage", groupCohorts},
		example: map[string]any{"attester": "77abf3110c9e4a8fb0b1c2d3e4f50617", "role": "trainer", "from": "2026-04-20"},
	}, func(c *call, act domain.Act, b NewAssignment) (draft, error) {
		return draft{command: assignment(act, domain.SubjectOf(domain.KindCohort, c.param("cohort")), b)}, nil
	})
	write(s, operation{
		id: "release-from-cohort", method: http.MethodPost, path: "/v1/cohorts/{cohort}/attesters/{attester}/release", tag: "cohorts",
		summary: "End an assignment to a cohort", text: "The attester's part ends on a day; what they did before stands.", needs: permission{"manage", groupCohorts},
		example: map[string]any{"role": "trainer", "until": "2026-06-17", "reason": "end-of-assignment"},
	}, func(c *call, act domain.Act, b Release) (draft, error) {
		return draft{command: release(c, act, domain.SubjectOf(domain.KindCohort, c.param("cohort")), b)}, nil
	})
	write(s, operation{
		id: "release-materials", method: http.MethodPost, path: "/v1/cohorts/{cohort}/materials", tag: "cohorts", summary: "Release materials",
		text: "Records that training material was given to the cohort.", needs: permission{"release", groupCohorts},
		example: map[string]any{"material": "workbook", "session": "1"},
	}, func(c *call, act domain.Act, b Materials) (draft, error) {
		return draft{command: domain.ReleaseMaterials{
			Act: act, Cohort: c.param("cohort"), Material: b.Material, Hash: b.Hash, Session: b.Session,
		}}, nil
	})
}

func assignment(act domain.Act, on domain.Subject, b NewAssignment) domain.AssignAttester {
	return domain.AssignAttester{
		Act: act, On: on, Attester: b.Attester, As: b.Role, Relation: b.Relation, From: dayOr(b.From, act), Until: b.Until,
	}
}

func release(c *call, act domain.Act, on domain.Subject, b Release) domain.ReleaseAttester {
	return domain.ReleaseAttester{
		Act: act, On: on, Attester: c.param("attester"), As: b.Role, Until: dayOr(b.Until, act), Reason: b.Reason,
	}
}

// dayOr is the day given, or the day of the act.
func dayOr(d domain.Date, act domain.Act) domain.Date {
	if d == "" {
		return domain.DateOf(act.At)
	}
	return d
}

// orNoSuch is an error, or that something does not exist.
func orNoSuch(err error, what string) error {
	if err != nil {
		return err
	}
	return noSuch(what)
}
