package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/certledger/certledger/api/desk"
	"github.com/certledger/certledger/domain"
)

// When is part of every body that records something.
type When struct {
	Happened *time.Time `json:"happened,omitempty" doc:"When it happened, with its offset from UTC. Left out, it is now, in the programme's time zone." example:"2026-04-20T20:05:00-04:00"`
}

func (h When) when() *time.Time { return h.Happened }

// body is what a request that records something brings.
type body interface{ when() *time.Time }

type writeInput[B any] struct {
	Key     string `header:"Idempotency-Key" doc:"Your own name for this request, 1 to 255 visible characters. Sent again with the same name it is recorded once and answered as the first time, for ever. Please send one." example:"mark-8-9d21-1"`
	IfMatch string `header:"If-Match" doc:"The version you have seen, as ETag has it: refused with 412 if the subject has changed since." example:"\"23\""`
	Role    string `header:"Certledger-Role" doc:"The role in which to act, where the token has several. Left out, it is the first that may." example:"trainer"`
	Body    B
}

type writeOutput struct {
	Status   int
	ETag     string `header:"ETag" doc:"The subject's version, for If-Match"`
	Location string `header:"Location" doc:"Where what was created can be read"`
	Position uint64 `header:"Ledger-Position" doc:"The ledger's position after this; pass it as min_position to read what you wrote"`
	Body     Recorded
}

// Recorded is what a request that records something came to.
type Recorded struct {
	Subject  domain.Subject    `json:"subject" doc:"What the entries are about" example:"registration/9d21c04e6a1b4f0f8d3a5f7b2c1e0d9a"`
	Version  uint64            `json:"version" doc:"The subject's version now; also in ETag" example:"23"`
	Position uint64            `json:"position" doc:"Sequence of the subject's last entry; pass it as min_position" example:"412"`
	Entries  []EntryRef        `json:"entries" doc:"What was recorded; empty where the ledger said so already"`
	Created  map[string]string `json:"created,omitempty" doc:"Identifiers of what this created, by kind" example:"{\"evidence\":\"5d0b…\"}"`
	Already  map[string]string `json:"already,omitempty" doc:"Of a decision that recorded nothing because the ledger said so already: the one that it has" example:"{\"decision\":\"b015…\"}"`
	Repeated bool              `json:"repeated,omitempty" doc:"This request had been recorded before; nothing was added"`
	Decision *DecisionGiven    `json:"decision,omitempty" doc:"Of a decision that was recorded: what it gives, for which track or period, and until when"`
	Proof    *DecisionProof    `json:"proof,omitempty" doc:"Of a decision: that it is in the ledger, for whoever does not want to trust this server"`
	Warnings []domain.Warning  `json:"warnings,omitempty" doc:"For a registration: limits that are near, in sentences to pass on"`
	Affects  []ReviewItem      `json:"affects,omitempty" doc:"Decisions that this put in doubt: they stand, and somebody is to look at them again"`

	AffectsMore    bool `json:"affectsmore,omitempty" doc:"There may be more decisions in doubt than this answer looked for; GET /v1/reviews lists them"`
	AffectsUnknown bool `json:"affectsunknown,omitempty" doc:"The views have not come this far, so it is not known yet what this put in doubt; GET /v1/reviews will list it"`
}

// EntryRef names an entry.
type EntryRef struct {
	ID       string `json:"id" doc:"Identifier of the event" example:"0c2f3a9e-1b5d-8c11-9f0e-6f0a2b3c4d5e"`
	Type     string `json:"type" doc:"Stored name of the event" example:"attendance.marked.v1"`
	Sequence uint64 `json:"sequence" doc:"Place in the ledger" example:"412"`
}

// draft is a command as a handler makes it, and what the answer says besides.
type draft struct {
	command domain.Command
	created map[string]string
	at      string // where what was created can be read, empty for none
	person  string // whose key the fingerprint of a personal body is made with

	// complete makes the command where that takes looking at what changes, or much
	// work: only for a request that was not recorded before. Until then command
	// says what it will be, and on which subject. Nil: command is all there is.
	complete func() (domain.Command, error)

	// stands finds the decision that says already what the command would, for an
	// answer that recorded nothing. Nil: nothing is looked for.
	stands func(domain.Facts) (domain.Decision, bool)
}

// write registers an operation that records something: the handler makes the
// command, everything else is the same for all.
func write[B body](s *server, o operation, command func(*call, domain.Act, B) (draft, error)) {
	describe := s.describe(&o)
	huma.Register(s.api, describe, func(ctx context.Context, in *writeInput[B]) (*writeOutput, error) {
		out, err := s.write(ctx, in.Key, in.IfMatch, in.Body, func(c *call, act domain.Act) (draft, error) {
			return command(c, act, in.Body)
		})
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return out, nil
	})
	optionalBody(s.api, &o)
	s.operations = append(s.operations, &o)
}

func (s *server) write(ctx context.Context, key, ifMatch string, b body, command func(*call, domain.Act) (draft, error)) (*writeOutput, error) {
	c := callOf(ctx)
	r, d, err := s.request(ctx, c, key, ifMatch, b, command)
	if err != nil {
		return nil, err
	}
	a, err := s.carryOut(ctx, r, d.complete)
	s.metrics.command(r.Command, a, err)
	if err != nil {
		return nil, err
	}
	raise(&s.written, a.Sequence)
	if a.Subject == domain.SystemSubject {
		raise(&s.tokens, a.Sequence)
	}
	out := &writeOutput{Status: http.StatusOK, ETag: etag(a.Version), Position: a.Sequence, Body: answerOf(a)}
	if len(a.Entries) > 0 {
		out.Body.Created, out.Location = d.created, d.at
		out.Status = max(out.Status, c.op.status)
	}
	if out.Body.Proof = s.proofOf(ctx, a); len(a.Entries) == 0 && d.stands != nil {
		s.sayWhatStands(ctx, a, d, out)
	}
	s.follow(ctx, a, &out.Body)
	return out, nil
}

// sayWhatStands adds to the answer of a command that recorded nothing the decision
// that the ledger has already, and its proof.
func (s *server) sayWhatStands(ctx context.Context, a desk.Answer, d draft, out *writeOutput) {
	f, err := s.cfg.Desk.Facts(ctx, a.Subject)
	if err != nil {
		s.log(ctx).Error("what the ledger has already", "error", err)
		return
	}
	if x, ok := d.stands(f); ok {
		out.Body.Already, out.Location = map[string]string{"decision": x.ID}, "/v1/decisions/"+x.ID
		out.Body.Proof = s.proofAt(ctx, x.Made.Sequence)
	}
}

// carryOut makes the command, where that was left to do, and carries it out. A
// request that was recorded before is answered as it was then, whatever would
// become of its command now.
func (s *server) carryOut(ctx context.Context, r desk.Request, complete func() (domain.Command, error)) (desk.Answer, error) {
	if complete != nil {
		a, known, err := s.cfg.Desk.Recall(ctx, r)
		if err != nil || known {
			return a, err
		}
		if r.Command, err = complete(); err != nil {
			return desk.Answer{}, err
		}
	}
	return s.cfg.Desk.Do(ctx, r)
}

// request is a command with what its caller said about it.
func (s *server) request(ctx context.Context, c *call, key, ifMatch string, b body, command func(*call, domain.Act) (draft, error)) (desk.Request, draft, error) {
	if !usableKey(key) {
		return desk.Request{}, draft{}, badKey.problem()
	}
	version, err := parseETag(ifMatch)
	if err != nil {
		return desk.Request{}, draft{}, err
	}
	if err := s.concern(ctx, c, b); err != nil {
		return desk.Request{}, draft{}, err
	}
	at, err := s.actTime(c, b)
	if err != nil {
		return desk.Request{}, draft{}, err
	}
	id := s.cfg.Desk.CommandID(string(c.token.Actor), key)
	d, err := command(c, domain.Act{At: at, By: c.token.Actor, Role: c.role, Command: id})
	if err != nil {
		return desk.Request{}, draft{}, err
	}
	form, err := canonical(c.op.method, c.path, b)
	if err != nil {
		return desk.Request{}, draft{}, err
	}
	return desk.Request{
		Command: d.command, CommandID: id, Body: form, Person: d.person, IfMatch: version,
		CorrelationID: c.correlation, TraceParent: c.trace,
	}, d, nil
}

// canonical is the one form of a request, of which a fingerprint is kept.
func canonical(method, path string, b any) ([]byte, error) {
	form, err := json.Marshal(struct {
		Method string `json:"method"`
		Path   string `json:"path"`
		Body   any    `json:"body"`
	}{method, path, b})
	if err != nil {
		return nil, err
	}
	out := jsontext.Value(form)
	return out, out.Canonicalize()
}

func usableKey(key string) bool {
	return len(key) <= keyMax && !strings.ContainsFunc(key, func(r rune) bool { return r < '!' || r > '~' })
}

// etag is a version as a header carries it.
func etag(version uint64) string { return `"` + strconv.FormatUint(version, 10) + `"` }

func parseETag(text string) (*uint64, error) {
	if text == "" || text == "*" {
		return nil, nil
	}
	n, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimPrefix(text, `"`), `"`), 10, 64)
	if err != nil || text != etag(n) {
		return nil, badVersion.problem()
	}
	return &n, nil
}

func answerOf(a desk.Answer) Recorded {
	out := Recorded{Subject: a.Subject, Version: a.Version, Position: a.Sequence, Entries: []EntryRef{}, Repeated: a.Repeated}
	for _, e := range a.Entries {
		out.Entries = append(out.Entries, EntryRef{ID: e.ID, Type: e.Type, Sequence: e.Sequence})
	}
	return out
}

// raise makes a position at least as high as another.
func raise(position *atomic.Uint64, to uint64) {
	for {
		was := position.Load()
		if to <= was || position.CompareAndSwap(was, to) {
			return
		}
	}
}
