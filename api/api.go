// Package api is the HTTP interface. Resources are under /v1, described by
// /openapi.json and the page at /docs; every answer that is not what was asked
// for is a Problem.
//
// problem.go is the only place that knows what an error means to a caller, and
// access.go the only one that knows who may do what. An operation makes a
// command and gives it to the desk, or reads the projections; it decides
// nothing itself. What is sealed is opened for dossiers alone, by the table of
// opening_table.go, and after the reading was recorded.
//
// Nothing that a caller sends is repeated in an answer's problem, a log line or
// a metric.
package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/certledger/certledger/api/clock"
	"github.com/certledger/certledger/api/desk"
	"github.com/certledger/certledger/projections"
)

// Ledger is what the interface asks the log directly, for health.
// *eventstore.Log is one.
type Ledger interface {
	// Healthy returns nil while entries can be appended.
	Healthy() error

	// Head is the sequence of the last entry.
	Head(ctx context.Context) (uint64, error)
}

// Clock is what the interface asks of the ledger's clock, for health.
// *clock.Clock is one.
type Clock interface{ State() clock.State }

// Config is what the interface works with.
type Config struct {
	// Desk carries out commands, Store answers questions, Ledger tells whether
	// entries can be appended. Required.
	Desk   *desk.Desk
	Store  *projections.Store
	Ledger Ledger

	// Checkpoints are what was signed. Nil means that nothing is.
	Checkpoints Checkpoints

	// Clock records what time brings. Nil means that nobody does.
	Clock Clock

	// LedgerID is the ledger's id, as it stands in every entry. Required.
	LedgerID string

	// Version is what this binary calls itself. Empty means "dev".
	Version string

	// Zone is the IANA time zone of acts that concern no programme. Empty
	// means UTC.
	Zone string

	// BehindMax is how many entries the views may be behind the ledger before
	// /readyz says so. Zero means 10000.
	BehindMax uint64

	// Now is the node's clock. Nil means time.Now.
	Now func() time.Time

	// Logger gets a line a request: method, route, status and time, never what
	// was sent. Nil means slog.Default().
	Logger *slog.Logger
}

// server is the interface. Everything above written is set by New and only read
// afterwards.
type server struct {
	cfg        Config
	zone       *time.Location
	mux        *http.ServeMux
	api        huma.API
	operations []*operation
	metrics    *metrics
	gates      gates
	document   []byte // OpenAPI, as served

	written atomic.Uint64 // highest position that this node answered a write with
	tokens  atomic.Uint64 // the same of a token created or revoked
}

// New makes the interface.
func New(cfg Config) (http.Handler, error) {
	s, err := newServer(cfg)
	if err != nil {
		return nil, err
	}
	return s.handler(), nil
}

func newServer(cfg Config) (*server, error) {
	if cfg.Desk == nil || cfg.Store == nil || cfg.Ledger == nil || cfg.LedgerID == "" {
		return nil, errors.New("make the interface: Desk, Store, Ledger and LedgerID are required")
	}
	if cfg.Version == "" {
		cfg.Version = "dev"
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.BehindMax == 0 {
		cfg.BehindMax = 10_000
	}
	zone, err := time.LoadLocation(cfg.Zone)
	if err != nil {
		return nil, errors.New("make the interface: Zone is no time zone that is known here")
	}
	shapeErrors()
	s := &server{cfg: cfg, zone: zone, mux: http.NewServeMux(), gates: newGates()}
	s.metrics = newMetrics(cfg)
	s.api = humago.New(s.mux, s.humaConfig())
	for _, routes := range []func(){
		s.programmeRoutes, s.programmeReportRoutes, s.cohortRoutes, s.rosterRoutes, s.sessionRoutes, s.attesterRoutes, s.registrationRoutes, s.standingRoutes, s.asOfRoutes,
		s.attendanceRoutes, s.accommodationRoutes, s.evidenceRoutes, s.judgementRoutes, s.taskRoutes, s.submissionRoutes,
		s.proposalRoutes, s.decisionRoutes, s.reviewRoutes, s.personRoutes, s.worklistRoutes, s.entryRoutes, s.proofRoutes, s.signingKeyRoutes, s.auditRoutes, s.rehearsalRoutes, s.dossierRoutes, s.tokenRoutes, s.problemRoutes, s.logRoutes,
	} {
		routes()
	}
	if err := s.openRoutes(); err != nil {
		return nil, err
	}
	return s, nil
}

// humaConfig is huma without what would reach out or leak: no page from a CDN,
// no links to schemas, no value repeated.
func (s *server) humaConfig() huma.Config {
	c := huma.DefaultConfig("certledger", s.cfg.Version)
	c.Info.Description = apiText
	c.DocsPath, c.SchemasPath, c.OpenAPIPath = "", "", ""
	c.CreateHooks = nil
	c.Formats = map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat} // the second is how huma finds problem+json
	c.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", Description: "An access token; an administrator creates it with POST /v1/tokens."},
	}
	c.Tags = tags
	return c
}

// shapeErrors makes huma's own errors problems without values. They are
// huma's globals, the same for every server of this process.
var shapeErrors = sync.OnceFunc(func() {
	huma.ValidateStrictCasing = true
	huma.DefaultArrayNullable = false
	huma.NewError = func(int, string, ...error) huma.StatusError { return internal.problem() }
	huma.NewErrorWithContext = func(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
		return requestProblem(ctx, status, errs)
	}
})

// problem maps an error, and logs the ones that are ours to see to.
func (s *server) problem(ctx context.Context, err error) *Problem {
	p, ours := problemOf(err)
	if ours {
		s.log(ctx).Error("request not answered", "error", err.Error(), "type", p.Type)
	}
	return p
}

func (s *server) log(ctx context.Context) *slog.Logger {
	return s.cfg.Logger.With("correlation", correlationOf(ctx))
}

// ServerOf is a handler with the time-outs that a public server needs. A body
// has its own, shorter one.
func ServerOf(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      10 * time.Minute, // an export of the whole ledger
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
}

// Problems lists the stable names of all problems, sorted.
func Problems() []ProblemKind {
	known := map[string]bool{}
	var out []ProblemKind
	for _, k := range kinds {
		known[k.name] = true
		out = append(out, ProblemKind{Type: problemPrefix + k.name, Title: titleOf(k.name), Status: k.status, Detail: k.detail})
	}
	for _, r := range reasonsOfRules() {
		if !known[r] {
			out = append(out, ProblemKind{Type: problemPrefix + r, Title: titleOf(r), Status: statusOf(r)})
		}
	}
	slices.SortFunc(out, func(a, b ProblemKind) int { return compareText(a.Type, b.Type) })
	return out
}
