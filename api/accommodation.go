package api

import (
	"github.com/certledger/certledger/domain"
)

const groupAccommodations group = "accommodations"

// AccommodationRequest opens a review. What is asked for is sealed.
type AccommodationRequest struct {
	When
	Session string `json:"session,omitempty" maxLength:"64" doc:"For one session only" example:"8"`
	What    string `json:"what,omitempty" maxLength:"20000" doc:"What is asked for, in words. Sealed." example:"Captions, please."`
}

// AccommodationAnswer closes a review.
type AccommodationAnswer struct {
	When
	Answer string `json:"answer" enum:"granted,declined,withdrawn" doc:"What became of it" example:"granted"`
	Text   string `json:"text,omitempty" maxLength:"20000" doc:"In words. Sealed."`
}

func (s *server) accommodationRoutes() {
	onRegistration(s, operation{
		id: "request-accommodation", path: "accommodations", tag: "accommodations", summary: "Request an accommodation",
		text:  "Opens a review. What is asked for is sealed. While a review of an absence is open, incomplete cannot be decided.",
		needs: permission{"record", groupAccommodations}, example: map[string]any{"what": "Captions, please."},
	}, func(c *call, act domain.Act, b AccommodationRequest) (draft, error) {
		return draft{
			command: domain.RequestAccommodation{Act: act, Registration: c.param("registration"), Session: b.Session, What: b.What},
			created: map[string]string{"accommodation": domain.NewID(act.Command, "accommodation")},
		}, nil
	})
	onRegistration(s, operation{
		id: "answer-accommodation", path: "accommodations/{accommodation}/answer", tag: "accommodations", summary: "Answer a request",
		text: "Closes the review. In the clear stands only that it was considered.", needs: permission{"answer", groupAccommodations},
		example: map[string]any{"answer": "granted"},
	}, func(c *call, act domain.Act, b AccommodationAnswer) (draft, error) {
		return draft{command: domain.AnswerAccommodation{
			Act: act, Registration: c.param("registration"), Accommodation: c.param("accommodation"), Answer: b.Answer, Text: b.Text,
		}}, nil
	})
}
