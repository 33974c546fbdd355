package api

import (
	"github.com/certledger/certledger/domain"
)

const groupJudgements group = "judgements"

// NewJudgement is somebody's answer to a question of the programme.
type NewJudgement struct {
	When
	Question  string         `json:"question" maxLength:"129" doc:"The question, as the programme names it; one that is asked for each track, with the track behind a slash" example:"evaluation"`
	Number    int64          `json:"number,omitempty" minimum:"0" maximum:"10000" doc:"Which of several, from 1" example:"3"`
	Answer    string         `json:"answer,omitempty" maxLength:"64" doc:"The answer, as the programme names it; may be left out where the question asks for ratings alone" example:"level-1r"`
	Rubric    string         `json:"rubric,omitempty" maxLength:"64" doc:"The rubric that the ratings are of"`
	Ratings   []NewRating    `json:"ratings,omitempty" maxItems:"200" doc:"Ratings of a rubric's items; whether and how they count, the programme says"`
	Consensus bool           `json:"consensus,omitempty" doc:"Whether it is the joint answer of all who judge"`
	Signers   []domain.Actor `json:"signers,omitempty" maxItems:"50" doc:"Who agreed, for a consensus" example:"[\"attester/77abf3110c9e4a8fb0b1c2d3e4f50617\"]"`
	Narrative string         `json:"narrative,omitempty" maxLength:"20000" doc:"In words. Sealed."`
}

// NewRating is one item of a rubric.
type NewRating struct {
	Item   string `json:"item" maxLength:"194" doc:"The item; behind its section and, where each track has its own, its track, joined by slashes" example:"practicum/3"`
	Answer string `json:"answer" maxLength:"64" doc:"How it was seen" example:"strong"`
}

func (s *server) judgementRoutes() {
	onRegistration(s, operation{
		id: "record-judgement", path: "judgements", tag: "judgements", summary: "Record a judgement",
		text: "A person's answer to a question of the programme, such as a trainer's evaluation. Where the programme wants it signed, a signer records the same judgement once more as their own act. The narrative is sealed.", needs: permission{"record", groupJudgements},
		example: map[string]any{
			"question": "evaluation", "answer": "level-1r", "ratings": []map[string]string{{"item": "active-listening", "answer": "strong"}},
		},
	}, func(c *call, act domain.Act, b NewJudgement) (draft, error) {
		var ratings []domain.Rating
		for _, r := range b.Ratings {
			ratings = append(ratings, domain.Rating(r))
		}
		return draft{
			command: domain.RecordJudgement{
				Act: act, Registration: c.param("registration"), Question: b.Question, Number: b.Number, Answer: b.Answer, Rubric: b.Rubric,
				Ratings: ratings, Consensus: b.Consensus, Signers: b.Signers, Narrative: b.Narrative,
			},
			created: map[string]string{"judgement": domain.NewID(act.Command, "judgement")},
		}, nil
	})
}
