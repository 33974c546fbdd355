package api

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

const groupTokens group = "tokens"

// NewToken lets somebody use this interface.
type NewToken struct {
	When
	For   domain.Actor `json:"for" maxLength:"80" doc:"For whom it acts: attester/…, person/…, staff/… or system/… with an identifier, never a name" example:"staff/4f1c"`
	Roles []string     `json:"roles" minItems:"1" maxItems:"20" doc:"Roles that it gives" example:"[\"registrar\"]"`
	Until domain.Date  `json:"until,omitempty" maxLength:"10" doc:"Last day on which it holds; left out, open" example:"2026-12-31"`
}

// TokenAnswer is Recorded with the token's text, which is shown this once.
type TokenAnswer struct {
	Recorded
	Token string `json:"token,omitempty" doc:"The token's text. It is shown this once and kept nowhere; a request that is sent again does not show it again."`
}

// TokenView is a token without what could be used.
type TokenView struct {
	ID      string        `json:"id" doc:"Identifier, to revoke it by"`
	For     domain.Actor  `json:"for" doc:"For whom it acts"`
	Roles   []string      `json:"roles" doc:"Roles that it gives"`
	Until   domain.Date   `json:"until,omitempty" doc:"Last day on which it holds"`
	Revoked bool          `json:"revoked,omitempty" doc:"Whether it was revoked"`
	Made    domain.Origin `json:"made" doc:"Who created it when"`
}

type tokenOutput struct {
	Status   int
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Position uint64 `header:"Ledger-Position"`
	Body     TokenAnswer
}

func (s *server) tokenRoutes() {
	type list struct {
		Reading
		Paging
	}
	read(s, operation{
		id: "list-tokens", path: "/v1/tokens", tag: "tokens", summary: "List tokens", text: "For whom, in which roles, until when. Their texts are kept nowhere.",
		needs: permission{"read", groupTokens},
	}, func(_ context.Context, _ *call, v *projections.View, in *list) (found[Page[TokenView]], error) {
		system, err := v.System()
		if err != nil || system == nil {
			return found[Page[TokenView]]{body: Page[TokenView]{Items: []TokenView{}}}, err
		}
		var all []TokenView
		for _, t := range system.Tokens {
			all = append(all, TokenView{ID: t.ID, For: t.Actor, Roles: t.Roles, Until: t.Until, Revoked: t.Revoked, Made: t.Made})
		}
		return pageAfter(in.Paging, all, func(t TokenView) string { return padded(t.Made.Sequence) })
	})
	s.createTokenRoute()
	write(s, operation{
		id: "revoke-token", method: http.MethodPost, path: "/v1/tokens/{token}/revocation", tag: "tokens", summary: "Revoke a token",
		text: "It ends at once.", needs: permission{"manage", groupTokens},
	}, func(c *call, act domain.Act, _ Moment) (draft, error) {
		return draft{command: domain.RevokeToken{Act: act, Token: c.param("token")}}, nil
	})
}

// createTokenRoute makes a token's text here, records only its hash, and shows
// the text once.
func (s *server) createTokenRoute() {
	o := operation{
		id: "create-token", method: http.MethodPost, path: "/v1/tokens", tag: "tokens", summary: "Create a token", status: http.StatusCreated,
		text:  "The text is in the answer, once. Lost, it is revoked and another is made.",
		needs: permission{"manage", groupTokens}, example: map[string]any{"for": "staff/4f1c", "roles": []string{"registrar"}, "until": "2026-12-31"},
	}
	huma.Register(s.api, s.describe(&o), func(ctx context.Context, in *writeInput[NewToken]) (*tokenOutput, error) {
		text := NewTokenText()
		out, err := s.write(ctx, in.Key, in.IfMatch, in.Body, func(_ *call, act domain.Act) (draft, error) {
			id := domain.NewID(act.Command, "token")
			return draft{
				command: domain.CreateToken{Act: act, Hash: TokenHash(text), For: in.Body.For, Roles: in.Body.Roles, Until: in.Body.Until},
				created: map[string]string{"token": id}, at: "/v1/tokens",
			}, nil
		})
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		answer := TokenAnswer{Recorded: out.Body}
		if !out.Body.Repeated {
			answer.Token = text
		}
		return &tokenOutput{Status: out.Status, ETag: out.ETag, Location: out.Location, Position: out.Position, Body: answer}, nil
	})
	optionalBody(s.api, &o)
	s.operations = append(s.operations, &o)
}

// NewTokenText is the text of a new token: 256 random bits.
func NewTokenText() string {
	var b [32]byte
	rand.Read(b[:]) // never fails
	return "cl_" + base64.RawURLEncoding.EncodeToString(b[:])
}
