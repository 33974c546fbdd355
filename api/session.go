package api

import (
	"net/http"
	"time"

	"github.com/certledger/certledger/domain"
)

// NewSession schedules a live class.
type NewSession struct {
	When
	Session string    `json:"session" maxLength:"64" doc:"Identifier within the cohort" example:"8"`
	Module  string    `json:"module" maxLength:"200" doc:"Key or title of the module it delivers" example:"8"`
	Starts  time.Time `json:"starts" doc:"With its offset from UTC" example:"2026-05-13T18:00:00-04:00"`
	Ends    time.Time `json:"ends" doc:"With its offset from UTC" example:"2026-05-13T20:00:00-04:00"`
}

// Reschedule moves a session.
type Reschedule struct {
	When
	Starts time.Time `json:"starts" doc:"With its offset from UTC" example:"2026-05-20T18:00:00-04:00"`
	Ends   time.Time `json:"ends" doc:"With its offset from UTC" example:"2026-05-20T20:00:00-04:00"`
	Reason string    `json:"reason,omitempty" maxLength:"64" doc:"Reason as a code" example:"trainer-unavailable"`
}

func (s *server) sessionRoutes() {
	manage := permission{"manage", groupCohorts}
	write(s, operation{
		id: "schedule-session", method: http.MethodPost, path: "/v1/cohorts/{cohort}/sessions", tag: "cohorts", summary: "Schedule a session",
		text: "Adds a live class and says which module it delivers.", status: http.StatusCreated, needs: manage,
		example: map[string]any{"session": "8", "module": "8", "starts": "2026-05-13T18:00:00-04:00", "ends": "2026-05-13T20:00:00-04:00"},
	}, func(c *call, act domain.Act, b NewSession) (draft, error) {
		return draft{
			command: domain.ScheduleSession{Act: act, Cohort: c.param("cohort"), Session: b.Session, Module: b.Module, Starts: b.Starts, Ends: b.Ends},
			created: map[string]string{"session": b.Session}, at: "/v1/cohorts/" + c.param("cohort"),
		}, nil
	})
	write(s, operation{
		id: "reschedule-session", method: http.MethodPost, path: "/v1/cohorts/{cohort}/sessions/{session}/reschedule", tag: "cohorts",
		summary: "Reschedule a session", text: "Moves a session. One that was cancelled takes place after all.", needs: manage,
		example: map[string]any{"starts": "2026-05-20T18:00:00-04:00", "ends": "2026-05-20T20:00:00-04:00", "reason": "trainer-unavailable"},
	}, func(c *call, act domain.Act, b Reschedule) (draft, error) {
		return draft{command: domain.RescheduleSession{
			Act: act, Cohort: c.param("cohort"), Session: c.param("session"), Starts: b.Starts, Ends: b.Ends, Reason: b.Reason,
		}}, nil
	})
	write(s, operation{
		id: "cancel-session", method: http.MethodPost, path: "/v1/cohorts/{cohort}/sessions/{session}/cancellation", tag: "cohorts",
		summary: "Cancel a session", text: "A cancelled session cannot be missed.", needs: manage, example: map[string]any{"reason": "trainer-unavailable"},
	}, func(c *call, act domain.Act, b WithReason) (draft, error) {
		return draft{command: domain.CancelSession{Act: act, Cohort: c.param("cohort"), Session: c.param("session"), Reason: b.Reason}}, nil
	})
}
