package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/certledger/certledger/api/rehearsal"
	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/projections"
)

const groupRehearsals group = "rehearsals"

// NewRehearsal says which rules to rehearse on whom. Either rules, or programme
// and version.
type NewRehearsal struct {
	Rules       string `json:"rules,omitempty" maxLength:"250000" doc:"The rules to rehearse, as YAML; they need not be published" example:"programme: peerworks-core-essentials\nversion: 3\ntitle: PeerWorks Core Essentials\n"`
	Programme   string `json:"programme,omitempty" maxLength:"64" doc:"A programme, to rehearse a published version of it" example:"peerworks-core-essentials"`
	Version     int    `json:"version,omitempty" minimum:"1" doc:"The version to rehearse" example:"2"`
	Cohort      string `json:"cohort,omitempty" maxLength:"64" doc:"Only those who are in a cohort" example:"spring-2026-evening"`
	KnownAt     string `json:"known_at,omitempty" maxLength:"64" doc:"By what was known then: a position of the ledger, or a time. Left out, everything recorded." example:"412"`
	EffectiveAt string `json:"effective_at,omitempty" maxLength:"64" doc:"Assessed as of then: a time with its offset. Left out, now." example:"2026-08-01T12:00:00-04:00"`
}

// RehearsalLine is one line of a rehearsal's answer: one of the three.
type RehearsalLine struct {
	Progress *RehearsalProgress `json:"progress,omitempty" doc:"How far it is"`
	Change   *rehearsal.Mover   `json:"change,omitempty" doc:"A registration that would stand elsewhere, and why"`
	Counts   *rehearsal.Counts  `json:"counts,omitempty" doc:"What it came to; the last line. Without it the rehearsal did not end."`
}

// RehearsalProgress is how far a rehearsal is.
type RehearsalProgress struct {
	Done  int    `json:"done" doc:"Registrations looked at"`
	Total uint64 `json:"total" doc:"About how many there are"`
}

type rehearsalOutput struct {
	Type     string `header:"Content-Type"`
	Position uint64 `header:"Ledger-Position" doc:"Position of the ledger that the rehearsal rests on"`
	Body     func(huma.Context)
}

func (s *server) rehearsalRoutes() {
	schema := s.api.OpenAPI().Components.Schemas.Schema(typeOf[RehearsalLine](), true, "")
	o := operation{
		id: "rehearse", method: http.MethodPost, path: "/v1/rehearsals", tag: "programmes", summary: "Rehearse rules that are not in force",
		text: "Applies the rules to the real history of their programme, or of one cohort, and answers with one JSON object a line: who would stand elsewhere, " +
			"from which level to which, and because of which requirements; how far it is; and in the end the counts. Who may not read registrations gets the counts. Nothing is recorded, and nothing changes.",
		needs: permission{"read", groupRehearsals}, bodyMax: programmeBodyMax,
		example: map[string]any{"programme": "peerworks-core-essentials", "version": 2, "cohort": "spring-2026-evening"},
		answers: map[string]*huma.Response{"200": {
			Description: "One object a line", Content: map[string]*huma.MediaType{"application/x-ndjson": {Schema: schema}},
		}},
	}
	huma.Register(s.api, s.describe(&o), func(ctx context.Context, in *struct {
		Role string `header:"Certledger-Role" doc:"The role in which to ask, where the token has several" example:"author"`
		Body NewRehearsal
	},
	) (*rehearsalOutput, error) {
		v, err := s.cfg.Store.View()
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		q, total, err := RehearsalOf(v, in.Body, s.nowIn)
		at, positionErr := v.Position()
		if err := errors.Join(err, positionErr); err != nil {
			return nil, s.problem(ctx, errors.Join(err, v.Close()))
		}
		return &rehearsalOutput{Type: "application/x-ndjson", Position: at.Sequence, Body: func(c huma.Context) {
			s.rehearse(ctx, c, v, q, total)
		}}, nil
	})
	optionalBody(s.api, &o)
	s.operations = append(s.operations, &o)
}

// rehearse writes the answer's lines, and closes the view.
func (s *server) rehearse(ctx context.Context, c huma.Context, v *projections.View, q rehearsal.Question, total uint64) {
	write := func(line RehearsalLine) error {
		b, err := json.Marshal(line)
		if err == nil {
			_, err = c.BodyWriter().Write(append(b, '\n'))
		}
		return err
	}
	flush := func() {
		if f, ok := c.BodyWriter().(http.Flusher); ok {
			f.Flush()
		}
	}
	named := permission{"read", groupRegistrations}.reach(callOf(ctx).role) == scopeAny
	counts, err := rehearsal.Run(ctx, v, q, func(row rehearsal.Mover) error {
		if !named {
			return nil // the counts are for everybody who writes rules
		}
		return write(RehearsalLine{Change: &row})
	}, func(done int) {
		_ = write(RehearsalLine{Progress: &RehearsalProgress{done, max(total, uint64(done))}}) // the next change tells that the caller has left
		flush()
	})
	if err == nil {
		err = write(RehearsalLine{Counts: &counts})
	}
	if err = errors.Join(err, v.Close()); err != nil {
		// The answer has begun: only its end, too early, can say so.
		s.log(ctx).Error("rehearsal ended early", "error", err.Error())
		panic(http.ErrAbortHandler)
	}
}

// RehearsalOf reads a question, and says about how many it concerns. NowIn is
// the present time in a time zone.
func RehearsalOf(v *projections.View, ask NewRehearsal, nowIn func(zone string) time.Time) (q rehearsal.Question, total uint64, err error) {
	if q.Rules, err = rulesToRehearse(v, ask); err != nil {
		return q, 0, err
	}
	now := nowIn(q.Rules.TimeZone)
	point, err := v.PointOf(ask.KnownAt, ask.EffectiveAt, now)
	if err != nil {
		return q, 0, notAPoint(err, "body.known_at", "body.effective_at")
	}
	if q.Until, q.At = point.Known, now; !point.Effective.IsZero() {
		q.At, q.Effective = projections.InZone(point.Effective, q.Rules), true
	}
	if q.Cohort = ask.Cohort; q.Cohort != "" {
		c, err := v.Cohort(q.Cohort)
		if err == nil && (c == nil || c.Programme != q.Rules.ID) {
			err = noSuch("cohort")
		}
		if err != nil {
			return q, 0, err
		}
		ids, err := v.Roster(q.Cohort)
		return q, uint64(len(ids)), err
	}
	statistics, err := v.Statistics()
	for _, n := range statistics.Registrations[q.Rules.ID] {
		total += n
	}
	return q, total, err
}

// rulesToRehearse are the rules sent, or a version that is published.
func rulesToRehearse(v *projections.View, ask NewRehearsal) (*programme.Programme, error) {
	if ask.Rules != "" {
		if ask.Programme != "" || ask.Version != 0 {
			return nil, invalid.at("body.rules", "expected either rules, or programme and version")
		}
		p, err := domain.ReadProgramme([]byte(ask.Rules))
		if err != nil {
			return nil, &domain.Refusal{Reason: "programme-invalid", Field: "rules", Detail: "The rules hold mistakes; each is listed with its place.", Cause: err}
		}
		return p, nil
	}
	if ask.Programme == "" || ask.Version == 0 {
		return nil, invalid.at("body", "expected the rules to rehearse: either rules, as YAML, or a programme and its version")
	}
	line, err := v.Line(ask.Programme)
	if err != nil || line == nil {
		return nil, orElse(err, noSuchVersion)
	}
	version, ok := line.Find(ask.Version)
	if !ok {
		return nil, noSuchVersion.problem()
	}
	p, err := v.Programme(version.Digest)
	if err != nil || p == nil {
		return nil, orElse(err, noSuchVersion)
	}
	return p, nil
}
