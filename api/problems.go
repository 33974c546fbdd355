package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/certledger/certledger/domain"
)

// ProblemKind is one stable name of a problem.
type ProblemKind struct {
	Type   string `json:"type" doc:"The stable name" example:"urn:certledger:problem:no-such-session"`
	Title  string `json:"title" doc:"In words" example:"No such session"`
	Status int    `json:"status" doc:"The HTTP status that it comes with" example:"404"`
	Detail string `json:"detail,omitempty" doc:"What it usually says"`
}

// ProblemList is all of them.
type ProblemList struct {
	Items []ProblemKind `json:"items" doc:"By type"`
}

func reasonsOfRules() []string { return domain.Reasons() }

// problemRoutes lists the problems: to everybody with a token.
func (s *server) problemRoutes() {
	type output struct{ Body ProblemList }
	o := operation{
		id: "list-problems", method: http.MethodGet, path: "/v1/problems", tag: "problems", summary: "List problems", needs: permission{"read", groupProgrammes},
		text: "Every kind of problem there is, by its stable type. A type once published keeps its meaning.",
	}
	huma.Register(s.api, s.describe(&o), func(context.Context, *Reading) (*output, error) {
		return &output{ProblemList{Problems()}}, nil
	})
	s.operations = append(s.operations, &o)
}
