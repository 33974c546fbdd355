package api

import (
	"github.com/certledger/certledger/domain"
)

const groupTasks group = "tasks"

// NewTask asks something of a participant.
type NewTask struct {
	When
	Task    string      `json:"task,omitempty" maxLength:"64" pattern:"^([a-z]{1,16}-)?[0-9a-f-]*[0-9][0-9a-f-]*$" doc:"Identifier of your choice: a word and a number, or a UUID, and never a name, for it is stored in the clear; left out, one is made" example:"t-2"`
	Kind    string      `json:"kind" maxLength:"64" doc:"Kind, as the programme names it" example:"condition"`
	Session string      `json:"session,omitempty" maxLength:"64" doc:"The session concerned"`
	For     string      `json:"for,omitempty" maxLength:"200" doc:"The requirement concerned"`
	Due     domain.Date `json:"due,omitempty" maxLength:"10" doc:"Day by which it is to be done" example:"2026-07-15"`
	Text    string      `json:"text,omitempty" maxLength:"20000" doc:"What is asked, in words. Sealed."`
}

// NewExtension gives a later due day.
type NewExtension struct {
	When
	Due    domain.Date `json:"due" maxLength:"10" doc:"The new due day" example:"2026-08-15"`
	Reason string      `json:"reason,omitempty" maxLength:"64" doc:"Reason as a code" example:"late-information"`
}

// Fulfilment says that the participant did it.
type Fulfilment struct {
	When
	On  domain.Date `json:"on,omitempty" maxLength:"10" doc:"Day on which it was done; left out, the day of the act" example:"2026-07-10"`
	How string      `json:"how,omitempty" maxLength:"64" doc:"How, as a code" example:"essay"`
}

func (s *server) taskRoutes() {
	onRegistration(s, operation{
		id: "set-task", path: "tasks", tag: "tasks", summary: "Ask something of a participant",
		text: "A condition, an assigned make-up. What is asked stands in words that are sealed.", needs: permission{"set", groupTasks},
		example: map[string]any{"kind": "condition", "due": "2026-07-15"},
	}, func(c *call, act domain.Act, b NewTask) (draft, error) {
		id := b.Task
		if id == "" {
			id = domain.NewID(act.Command, "task")
		}
		return draft{
			command: domain.SetTask{
				Act: act, Registration: c.param("registration"), Task: id, Kind: b.Kind, Session: b.Session, For: b.For, Due: b.Due, Text: b.Text,
			},
			created: map[string]string{"task": id},
		}, nil
	})
	onRegistration(s, operation{
		id: "extend-task", path: "tasks/{task}/extensions", tag: "tasks", summary: "Extend a task", text: "A later due day. It may be recorded afterwards.",
		needs: permission{"set", groupTasks}, example: map[string]any{"due": "2026-08-15"},
	}, func(c *call, act domain.Act, b NewExtension) (draft, error) {
		return draft{command: domain.ExtendTask{Act: act, Registration: c.param("registration"), Task: c.param("task"), Due: b.Due, Reason: b.Reason}}, nil
	})
	onRegistration(s, operation{
		id: "fulfil-task", path: "tasks/{task}/fulfilment", tag: "tasks", summary: "Record that a task was done", text: "The participant did it, on a day.",
		needs: permission{"fulfil", groupTasks}, example: map[string]any{"on": "2026-07-10", "how": "essay"},
	}, func(c *call, act domain.Act, b Fulfilment) (draft, error) {
		return draft{command: domain.FulfilTask{
			Act: act, Registration: c.param("registration"), Task: c.param("task"), On: dayOr(b.On, act), How: b.How,
		}}, nil
	})
	onRegistration(s, operation{
		id: "confirm-task", path: "tasks/{task}/confirmation", tag: "tasks", summary: "Confirm that a task is done", text: "A named person's word that it is done.",
		needs: permission{"confirm", groupTasks},
	}, func(c *call, act domain.Act, _ Moment) (draft, error) {
		return draft{command: domain.ConfirmTask{Act: act, Registration: c.param("registration"), Task: c.param("task")}}, nil
	})
	onRegistration(s, operation{
		id: "cancel-task", path: "tasks/{task}/cancellation", tag: "tasks", summary: "Take a task back", text: "It is not asked any more.",
		needs: permission{"set", groupTasks}, example: map[string]any{"reason": "outdated"},
	}, func(c *call, act domain.Act, b WithReason) (draft, error) {
		return draft{command: domain.CancelTask{Act: act, Registration: c.param("registration"), Task: c.param("task"), Reason: b.Reason}}, nil
	})
}
