package api

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/certledger/certledger/domain"
)

// Bounds of a request.
const (
	bodyMax          = 1 << 20   // bytes of a body
	programmeBodyMax = 256 << 10 // bytes of a body that holds a programme
	bodyReadMax      = 15 * time.Second
	keyMax           = 255 // characters of an Idempotency-Key
)

// operation is one thing that the interface does.
type operation struct {
	id      string // stable name, in the reference and in metrics
	method  string
	path    string
	tag     string
	summary string
	text    string // description, without who may
	needs   permission
	status  int   // of success; 0 means 200
	bodyMax int64 // 0 means bodyMax
	example any   // of the body
	filters bool  // keeps to what the caller's role reaches by itself
	answers map[string]*huma.Response
}

// pathParams describes every name that stands in a path.
var pathParams = map[string]*huma.Param{
	"registration":  slugParam("Identifier of the registration", "9d21c04e6a1b4f0f8d3a5f7b2c1e0d9a"),
	"cohort":        slugParam("Identifier of the cohort", "spring-2026-evening"),
	"session":       slugParam("Identifier of the session within its cohort", "8"),
	"attester":      slugParam("Identifier of the attester: trainer, supervisor, referee or provider", "77abf3110c9e4a8fb0b1c2d3e4f50617"),
	"person":        slugParam("Pseudonym of the person: 32 hexadecimal digits", "5f0c9b1e7a2d4c6e8f10a2b3c4d5e6f7"),
	"programme":     slugParam("Identifier of the programme", "peerworks-core-essentials"),
	"version":       numberParam("Version of the programme", 1),
	"digest":        textParam("SHA-256 of the programme's bytes", "sha256:5b0c…", `^sha256:[0-9a-f]{64}$`),
	"evidence":      slugParam("Identifier of the piece of evidence", "e-17"),
	"task":          slugParam("Identifier of the task", "t-2"),
	"submission":    slugParam("Identifier of the submission", "plan-1"),
	"proposal":      slugParam("Identifier of the proposal", "c3a9…"),
	"accommodation": slugParam("Identifier of the accommodation review", "a-1"),
	"waiver":        slugParam("Identifier of the waiver", "w-1"),
	"decision":      slugParam("Identifier of the decision", "b1d2…"),
	"audit":         slugParam("Identifier of the audit", "a7f0…"),
	"qualification": slugParam("Code of the qualification or approval", "trainer-core"),
	"role":          slugParam("Role of the assignment", "trainer"),
	"token":         slugParam("Identifier of the token", "e81f…"),
	"sequence":      numberParam("Sequence of the entry in the ledger", 412),
}

func slugParam(says, example string) *huma.Param {
	return textParam(says, example, `^[a-z0-9][a-z0-9-]{0,63}$`)
}

func textParam(says, example, pattern string) *huma.Param {
	return &huma.Param{
		In: "path", Required: true, Description: says, Example: example,
		Schema: &huma.Schema{Type: huma.TypeString, Pattern: pattern},
	}
}

func numberParam(says string, example int) *huma.Param {
	least := 1.0
	return &huma.Param{
		In: "path", Required: true, Description: says, Example: example,
		Schema: &huma.Schema{Type: huma.TypeInteger, Format: "int64", Minimum: &least},
	}
}

var pathNames = regexp.MustCompile(`\{([a-z]+)\}`)

// call is one request, as the handlers see it.
type call struct {
	principal
	op          *operation
	path        string // as sent, without the query
	query       url.Values
	param       func(string) string
	zone        string // of the programme concerned, empty for none
	person      string // concerned, empty for none
	correlation string
	trace       string // a well-formed traceparent, or empty
}

type callKey struct{}

// callOf is the call that a handler's context carries.
func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// describe is the operation as huma registers it.
func (s *server) describe(o *operation) huma.Operation {
	out := huma.Operation{
		OperationID: o.id, Method: o.method, Path: o.path, Tags: []string{o.tag}, Summary: o.summary,
		Description:   strings.TrimSpace(o.text + "\n\n" + o.needs.sentence()),
		DefaultStatus: o.status, MaxBodyBytes: o.bodyMax, BodyReadTimeout: bodyReadMax,
		Security:                     []map[string][]string{{"token": {}}},
		RejectUnknownQueryParameters: true,
		Responses:                    o.answers,
		Extensions:                   map[string]any{"x-access": map[string]string{"data": string(o.needs.group), "action": string(o.needs.action)}},
		Metadata:                     map[string]any{"schemas": s.api.OpenAPI().Components.Schemas},
		Middlewares:                  huma.Middlewares{s.admit(o)},
	}
	if out.MaxBodyBytes == 0 {
		out.MaxBodyBytes = bodyMax
	}
	out.MaxBodyBytes++ // huma refuses a body of exactly its limit
	for _, m := range pathNames.FindAllStringSubmatch(o.path, -1) {
		known, ok := pathParams[m[1]]
		if !ok {
			panic("api: the path " + o.path + " names nothing known")
		}
		p := *known
		p.Name = m[1]
		out.Parameters = append(out.Parameters, &p)
	}
	return out
}

// admit lets a request through that has a token whose role may do this and
// reaches what it is about. Without a token nothing is looked at.
func (s *server) admit(o *operation) func(huma.Context, func(huma.Context)) {
	scoped := pathNames.MatchString(o.path)
	row := o.needs.row()
	if !o.filters {
		for role, reach := range row {
			if reach != scopeNone && reach != scopeAny && !namesObject(o.path) {
				panic("api: " + o.id + " lets " + role + " reach a part only, and its path names none")
			}
		}
	}
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		c := &call{op: o, path: r.URL.Path, query: r.URL.Query(), param: ctx.Param, correlation: correlationOf(r.Context()), trace: traceParent(r)}
		if err := s.letIn(ctx, c, scoped); err != nil {
			s.answerProblem(w, r, err)
			return
		}
		leave, err := s.gates.enter(o.id, c.token.Actor)
		if err != nil {
			s.answerProblem(w, r, err)
			return
		}
		defer leave()
		next(huma.WithValue(ctx, callKey{}, c))
	}
}

func (s *server) letIn(ctx huma.Context, c *call, scoped bool) error {
	t, err := s.authenticate(ctx.Context(), ctx.Header("Authorization"))
	if err != nil {
		return err
	}
	if err := checkPath(c); err != nil {
		return err
	}
	writes := c.op.method != http.MethodGet
	if writes {
		if err := checkContentType(ctx); err != nil {
			return err
		}
	} else if err := s.reach(ctx); err != nil {
		return err
	}
	var of object
	if scoped {
		of = s.objectOf(ctx.Param, t.Actor, writes)
	}
	c.principal, err = s.authorise(ctx.Context(), t, ctx.Header("Certledger-Role"), c.op.needs, of)
	return err
}

func namesObject(path string) bool {
	for _, name := range []string{"registration", "cohort", "decision", "person"} {
		if strings.Contains(path, "{"+name+"}") {
			return true
		}
	}
	return false
}

// checkPath refuses a path whose names are no identifiers: nothing has them.
func checkPath(c *call) error {
	for _, m := range pathNames.FindAllStringSubmatch(c.op.path, -1) {
		v := c.param(m[1])
		switch m[1] {
		case "version", "sequence":
			if _, ok := parseNumber(v); !ok {
				return noPath.problem()
			}
		case "digest":
			if !strings.HasPrefix(v, "sha256:") || !domain.IsSlug(strings.TrimPrefix(v, "sha256:")) {
				return noPath.problem()
			}
		default:
			if !domain.IsSlug(v) {
				return noPath.problem()
			}
		}
	}
	return nil
}

// reach waits until the views have come to min_position. Without one, a read
// sees what this node has written before; where the views stand still, reads go
// on with what they hold.
func (s *server) reach(ctx huma.Context) error {
	text := ctx.Query("min_position")
	if text == "" {
		if ctx.Method() == http.MethodGet {
			_ = s.cfg.Store.Wait(ctx.Context(), s.written.Load())
		}
		return nil
	}
	n, ok := parseNumber(text)
	if !ok {
		return invalid.at("query.min_position", "expected a position as Ledger-Position has it: a whole number")
	}
	return s.cfg.Store.Wait(ctx.Context(), n)
}

func checkContentType(ctx huma.Context) error {
	r, _ := humago.Unwrap(ctx)
	if r.ContentLength == 0 {
		return nil
	}
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "application/json") {
		return notJSON.problem()
	}
	return nil
}

type correlationKey struct{}

func correlationOf(ctx context.Context) string {
	id, _ := ctx.Value(correlationKey{}).(string)
	return id
}

// newName is a random name in lower-case letters and digits.
func newName() string { return strings.ToLower(rand.Text()) }

var traceForm = regexp.MustCompile(`^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$`)

// traceParent is the request's trace context where it is well formed: what is
// recorded for ever is not any text.
func traceParent(r *http.Request) string {
	if t := r.Header.Get("Traceparent"); traceForm.MatchString(t) {
		return t
	}
	return ""
}

// optionalBody makes a body without required fields one that may be left out.
func optionalBody(api huma.API, o *operation) {
	op := api.OpenAPI().Paths[o.path].Post
	schema := op.RequestBody.Content["application/json"].Schema
	if schema.Ref != "" {
		schema = api.OpenAPI().Components.Schemas.SchemaFromRef(schema.Ref)
	}
	if len(schema.Required) == 0 {
		op.RequestBody.Required = false
	}
	if o.example != nil {
		op.RequestBody.Content["application/json"].Example = o.example
	}
}
