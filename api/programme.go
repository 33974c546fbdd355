package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

const groupProgrammes group = "programmes"

// ProgrammeProposal puts a version of the rules forward.
type ProgrammeProposal struct {
	When
	Rules string `json:"rules" minLength:"1" maxLength:"262144" doc:"The programme as YAML, byte for byte. Its id must be the one in the path." example:"programme: peerworks-core-essentials\nversion: 1\n…"`
}

// WithReason is the body of acts that need no more than a reason.
type WithReason struct {
	When
	Reason string `json:"reason,omitempty" maxLength:"64" doc:"Reason as a code. Codes that are not administrative are sealed." example:"data-entry"`
}

// Moment is the body of acts that need nothing.
type Moment struct{ When }

type rulesOutput struct {
	Type string `header:"Content-Type"`
	Body []byte
}

func (s *server) programmeRoutes() {
	type list struct {
		Reading
		Paging
	}
	read(s, operation{
		id: "list-programmes", path: "/v1/programmes", tag: "programmes", summary: "List programmes",
		text:  "Every programme with its published versions and open proposals, by id.",
		needs: permission{"read", groupProgrammes},
	}, func(_ context.Context, _ *call, v *projections.View, in *list) (found[Page[*domain.ProgrammeLine]], error) {
		all, err := v.Lines()
		if err != nil {
			return found[Page[*domain.ProgrammeLine]]{}, err
		}
		return pageAfter(in.Paging, all, func(l *domain.ProgrammeLine) string { return l.ID })
	})
	read(s, operation{
		id: "get-programme", path: "/v1/programmes/{programme}", tag: "programmes", summary: "Read a programme",
		text:  "Its versions with digest and days in force, and proposals that wait for a second person.",
		needs: permission{"read", groupProgrammes},
	}, func(_ context.Context, c *call, v *projections.View, _ *Reading) (found[*domain.ProgrammeLine], error) {
		l, err := lineOf(c, v)
		if err != nil {
			return found[*domain.ProgrammeLine]{}, err
		}
		return found[*domain.ProgrammeLine]{body: l, version: l.Version}, nil
	})
	read(s, operation{
		id: "get-programme-version", path: "/v1/programmes/{programme}/versions/{version}", tag: "programmes",
		summary: "Read a version of a programme", text: "When it is in force, its digest, and who published it. The rules themselves are at /v1/rules/{digest}.",
		needs: permission{"read", groupProgrammes},
	}, func(_ context.Context, c *call, v *projections.View, _ *Reading) (found[domain.Published], error) {
		l, err := lineOf(c, v)
		if err != nil {
			return found[domain.Published]{}, err
		}
		n, _ := parseNumber(c.param("version"))
		version, ok := l.Find(int(n))
		if !ok {
			return found[domain.Published]{}, noSuchVersion.problem()
		}
		return found[domain.Published]{body: version}, nil
	})
	s.rulesRoute()

	write(s, operation{
		id: "propose-programme", method: http.MethodPost, path: "/v1/programmes/{programme}/proposals", tag: "programmes",
		summary: "Propose a version", status: http.StatusCreated, bodyMax: programmeBodyMax,
		text:    "Checks the rules and records them as a proposal. Mistakes are answered with line, column and what to write instead; nothing is recorded then. Another person publishes.",
		needs:   permission{"propose", groupProgrammes},
		example: map[string]any{"rules": "programme: peerworks-core-essentials\nversion: 1\ntitle: PeerWorks Core Essentials\n"},
	}, func(c *call, act domain.Act, b ProgrammeProposal) (draft, error) {
		proposal := domain.NewID(act.Command, "proposal")
		return draft{
			command: domain.ProposeProgramme{Act: act, Programme: c.param("programme"), Rules: b.Rules},
			created: map[string]string{"proposal": proposal}, at: "/v1/programmes/" + c.param("programme"),
		}, nil
	})
	write(s, operation{
		id: "publish-programme", method: http.MethodPost, path: "/v1/programmes/{programme}/proposals/{proposal}/approval", tag: "programmes",
		summary: "Approve and publish a version", status: http.StatusCreated,
		text:  "Publishes what was proposed: done by another person than the proposer, while the proposal is open.",
		needs: permission{"approve", groupProgrammes},
	}, func(c *call, act domain.Act, _ Moment) (draft, error) {
		return draft{
			command: domain.PublishProgramme{Act: act, Programme: c.param("programme"), Proposal: c.param("proposal")},
			at:      "/v1/programmes/" + c.param("programme"),
		}, nil
	})
	write(s, operation{
		id: "decline-programme", method: http.MethodPost, path: "/v1/programmes/{programme}/proposals/{proposal}/decline", tag: "programmes",
		summary: "Decline or withdraw a proposed version", text: "Closes the proposal. Its proposer withdraws it, anybody else declines it.",
		needs: permission{"approve", groupProgrammes}, example: map[string]any{"reason": "replaced"},
	}, func(c *call, act domain.Act, b WithReason) (draft, error) {
		return draft{command: domain.DeclineProposal{
			Act: act, On: domain.SubjectOf(domain.KindProgramme, c.param("programme")), Proposal: c.param("proposal"), Reason: b.Reason,
		}}, nil
	})
	write(s, operation{
		id: "withdraw-programme-version", method: http.MethodPost, path: "/v1/programmes/{programme}/versions/{version}/withdrawal", tag: "programmes",
		summary: "Withdraw a version", text: "No new registration is pinned to it. Those pinned already keep it.",
		needs: permission{"withdraw", groupProgrammes}, example: map[string]any{"reason": "replaced"},
	}, func(c *call, act domain.Act, b WithReason) (draft, error) {
		n, _ := parseNumber(c.param("version"))
		return draft{command: domain.WithdrawProgramme{Act: act, Programme: c.param("programme"), Version: int(n), Reason: b.Reason}}, nil
	})
}

// rulesRoute answers with the exact bytes of a published version.
func (s *server) rulesRoute() {
	o := operation{
		id: "get-rules", method: http.MethodGet, path: "/v1/rules/{digest}", tag: "programmes", summary: "Read rules by digest",
		text:  "The programme's YAML, byte for byte as it was published. Its SHA-256 is the digest.",
		needs: permission{"read", groupProgrammes},
		answers: map[string]*huma.Response{"200": {
			Description: "The rules", Content: map[string]*huma.MediaType{"application/yaml": {Schema: &huma.Schema{Type: huma.TypeString}}},
		}},
	}
	huma.Register(s.api, s.describe(&o), func(ctx context.Context, _ *Reading) (*rulesOutput, error) {
		p, err := s.cfg.Store.Programme(callOf(ctx).param("digest"))
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		if p == nil {
			return nil, noSuchVersion.problem()
		}
		return &rulesOutput{Type: "application/yaml", Body: p.Bytes}, nil
	})
	s.operations = append(s.operations, &o)
}

func lineOf(c *call, v *projections.View) (*domain.ProgrammeLine, error) {
	l, err := v.Line(c.param("programme"))
	if err == nil && l == nil {
		err = noSuch("programme")
	}
	return l, err
}

// noSuch refuses what does not exist, in the words of the rules.
func noSuch(what string) error {
	return &domain.Refusal{Reason: "no-such-" + what, Detail: "There is no such " + what + "; please check the identifier."}
}
