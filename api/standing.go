package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

// RegistrationState is a registration as it stands: its facts, and what the
// rules make of them now.
type RegistrationState struct {
	Standing   *domain.Standing   `json:"standing" doc:"The facts in the order in which they were recorded. As of another time, those of then, with what was learned later about what had happened by then."`
	Assessment *domain.Assessment `json:"assessment,omitempty" doc:"What the rules make of them now"`
}

type explanationOutput struct {
	Type     string `header:"Content-Type"`
	ETag     string `header:"ETag" doc:"Version of the registration"`
	Position uint64 `header:"Ledger-Position" doc:"Position of the ledger that this answer rests on"`
	Body     func(huma.Context)
}

func (s *server) standingRoutes() {
	mayRead := permission{"read", groupRegistrations}
	type list struct {
		Reading
		Paging
		Programme string `query:"programme" doc:"Only those of a programme" example:"peerworks-core-essentials"`
		Cohort    string `query:"cohort" doc:"Only those in a cohort" example:"spring-2026-evening"`
		Person    string `query:"person" doc:"Only those of a person" example:"5f0c9b1e7a2d4c6e8f10a2b3c4d5e6f7"`
		State     string `query:"state" enum:"registered,withdrawn,no-show" doc:"Only those in a state"`
	}
	read(s, operation{
		id: "list-registrations", path: "/v1/registrations", tag: "registrations", summary: "List registrations", filters: true,
		text: "Where each stands, without its facts. Everybody sees those that their role reaches.", needs: mayRead,
	}, func(ctx context.Context, c *call, v *projections.View, in *list) (found[Page[Row]], error) {
		return s.registrations(ctx, c, v, in.Paging, projections.Query{Programme: in.Programme, Cohort: in.Cohort}, in.Person, in.State)
	})
	read(s, operation{
		id: "get-registration", path: "/v1/registrations/{registration}", tag: "registrations", summary: "Read a registration",
		text:  "Its standing: every fact recorded, and what the rules make of them now: the level earned, each requirement's result, what is still open. Either as it is now, or as known and effective at another time.",
		needs: mayRead,
	}, func(_ context.Context, c *call, v *projections.View, in *struct {
		Reading
		AsOf
	},
	) (found[RegistrationState], error) {
		f, point, at, err := s.factsAsOf(c, v, in.AsOf)
		if err != nil {
			return found[RegistrationState]{}, err
		}
		out := RegistrationState{Standing: f.Standing}
		if in.EffectiveAt != "" {
			if out.Standing, err = v.StandingAt(f.Standing.Registration, point.Known, at); err != nil {
				return found[RegistrationState]{}, err
			}
		}
		if f.Programme != nil {
			a := domain.Assess(f.Programme, f, at)
			out.Assessment = &a
		}
		return found[RegistrationState]{body: out, version: f.Standing.Version}, nil
	})
	s.explanationRoute(mayRead)
}

// explanationRoute answers why a registration stands where it stands: as a
// tree, or in plain words where the caller accepts text.
func (s *server) explanationRoute(mayRead permission) {
	schema := s.api.OpenAPI().Components.Schemas.Schema(typeOf[domain.Explanation](), true, "")
	o := operation{
		id: "explain-registration", method: http.MethodGet, path: "/v1/registrations/{registration}/explanation", tag: "registrations",
		summary: "Explain where a registration stands", needs: mayRead,
		text: "Outcome, the clauses that bind it, the entries behind each, and what would change it. With `Accept: text/plain` in plain words.",
		answers: map[string]*huma.Response{"200": {Description: "The explanation", Content: map[string]*huma.MediaType{
			"application/json": {Schema: schema}, "text/plain": {Schema: &huma.Schema{Type: huma.TypeString}},
		}}},
	}
	type input struct {
		Reading
		AsOf
		Accept string `header:"Accept" doc:"text/plain for plain words; otherwise JSON" example:"text/plain"`
	}
	huma.Register(s.api, s.describe(&o), func(ctx context.Context, in *input) (*explanationOutput, error) {
		v, err := s.cfg.Store.View()
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		x, version, err := s.explain(callOf(ctx), v, in.AsOf)
		at, e := v.Position()
		for _, err := range []error{err, e, v.Close()} {
			if err != nil {
				return nil, s.problem(ctx, err)
			}
		}
		out := &explanationOutput{Type: "application/json", ETag: etag(version), Position: at.Sequence}
		if plain := strings.HasPrefix(in.Accept, "text/plain"); plain {
			out.Type = "text/plain; charset=utf-8"
			out.Body = func(c huma.Context) { _, _ = c.BodyWriter().Write([]byte(x.Text())) }
		} else {
			out.Body = func(c huma.Context) { _ = jsonFormat.Marshal(c.BodyWriter(), x) }
		}
		return out, nil
	})
	s.operations = append(s.operations, &o)
}

func (s *server) explain(c *call, v *projections.View, as AsOf) (x domain.Explanation, version uint64, err error) {
	f, point, at, err := s.factsAsOf(c, v, as)
	if err != nil {
		return x, 0, err
	}
	if f.Programme == nil {
		return x, 0, noSuchVersion.problem()
	}
	x, err = v.Explain(f, point, at)
	return x, f.Standing.Version, err
}

// factsAsOf is the facts of the registration that a path names, the point that
// was asked for, and the time to assess them at.
func (s *server) factsAsOf(c *call, v *projections.View, as AsOf) (f domain.Facts, point projections.Point, at time.Time, err error) {
	if point, err = s.asOf(v, as); err != nil {
		return f, point, at, err
	}
	f, err = v.FactsOf(c.param("registration"), point)
	if err != nil || !f.Standing.Exists() {
		return f, point, at, orNoSuch(err, "registration")
	}
	if at = point.Effective; at.IsZero() {
		at = s.nowIn("")
	}
	return f, point, projections.InZone(at, f.Programme), nil
}

// factsOf is the facts of the registration that a path names.
func factsOf(c *call, v *projections.View) (domain.Facts, error) {
	f, err := v.Facts(c.param("registration"))
	if err == nil && !f.Standing.Exists() {
		err = noSuch("registration")
	}
	return f, err
}
