package api

import (
	"github.com/certledger/certledger/domain"
)

const groupSubmissions group = "submissions"

// NewSubmission files something.
type NewSubmission struct {
	When
	Submission string      `json:"submission,omitempty" maxLength:"64" pattern:"^([a-z]{1,16}-)?[0-9a-f-]*[0-9][0-9a-f-]*$" doc:"Identifier of your choice: a word and a number, or a UUID, and never a name, for it is stored in the clear; left out, one is made" example:"plan-1"`
	Kind       string      `json:"kind" maxLength:"64" doc:"Kind, as the programme names it" example:"plan"`
	Award      string      `json:"award,omitempty" maxLength:"64" doc:"The award concerned"`
	Period     string      `json:"period,omitempty" maxLength:"64" doc:"The period concerned"`
	Path       string      `json:"path,omitempty" maxLength:"200" doc:"The way chosen, where there are several"`
	Received   domain.Date `json:"received,omitempty" maxLength:"10" doc:"Day on which the body received it; left out, the day of the act" example:"2026-06-20"`
	Documents  []string    `json:"documents,omitempty" maxItems:"100" doc:"SHA-256 of documents"`
	Text       string      `json:"text,omitempty" maxLength:"20000" doc:"In words. Sealed."`
}

func (s *server) submissionRoutes() {
	onRegistration(s, operation{
		id: "file-submission", path: "submissions", tag: "submissions", summary: "File something",
		text: "A practicum plan, an application. Its text is sealed.", needs: permission{"file", groupSubmissions}, example: map[string]any{"kind": "plan"},
	}, func(c *call, act domain.Act, b NewSubmission) (draft, error) {
		id := b.Submission
		if id == "" {
			id = domain.NewID(act.Command, "submission")
		}
		return draft{
			command: domain.FileSubmission{
				Act: act, Registration: c.param("registration"), Submission: id, Kind: b.Kind, Award: b.Award, Period: b.Period, Path: b.Path,
				Received: b.Received, Documents: b.Documents, Text: b.Text,
			},
			created: map[string]string{"submission": id},
		}, nil
	})
	onRegistration(s, operation{
		id: "answer-submission", path: "submissions/{submission}/answers", tag: "submissions", summary: "Answer a submission",
		text: "The body's answer, effective from a day. A day before the act needs a reason.", needs: permission{"answer", groupSubmissions},
		example: map[string]any{"answer": "approved", "from": "2026-06-22"},
	}, func(c *call, act domain.Act, b BodyAnswer) (draft, error) {
		return draft{command: domain.AnswerSubmission{
			Act: act, Registration: c.param("registration"), Submission: c.param("submission"), Answer: b.Answer, Reasons: b.Reasons,
			From: b.From, Text: b.Text,
		}}, nil
	})
	onRegistration(s, operation{
		id: "withdraw-submission", path: "submissions/{submission}/withdrawal", tag: "submissions", summary: "Take a submission back",
		text: "It is not considered any more; it stays readable.", needs: permission{"withdraw", groupSubmissions}, example: map[string]any{"reason": "replaced"},
	}, func(c *call, act domain.Act, b WithReason) (draft, error) {
		return draft{command: domain.WithdrawSubmission{Act: act, Registration: c.param("registration"), Submission: c.param("submission"), Reason: b.Reason}}, nil
	})
}
