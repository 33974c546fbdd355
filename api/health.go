package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/certledger/certledger/api/clock"
)

// Readiness is what /readyz answers.
type Readiness struct {
	Status   string `json:"status" doc:"ready, read-only or not-ready" enum:"ready,read-only,not-ready"`
	Writes   bool   `json:"writes" doc:"Whether entries can be recorded"`
	Signing  bool   `json:"signing" doc:"Whether checkpoints are signed; false after entries were found missing or altered"`
	Reads    bool   `json:"reads" doc:"Whether the views can be read and are up to date"`
	Position uint64 `json:"position" doc:"Sequence of the last entry that the views hold"`
	Behind   uint64 `json:"behind" doc:"Entries that the views are behind the ledger"`
	Clock    string `json:"clock,omitempty" doc:"Whether what time brings is recorded: running; waiting, while no entries can be recorded; failing, where something else is in its way" enum:"running,waiting,failing"`
	Poisoned uint64 `json:"poisoned,omitempty" doc:"Sequence of the entry at which the views stopped"`
}

// openRoutes are those without a token: nothing personal, nothing of anybody's.
func (s *server) openRoutes() error {
	s.mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		answerJSON(w, map[string]string{"status": "alive", "version": s.cfg.Version, "ledger": s.cfg.LedgerID})
	})
	s.mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		state := s.readiness(r.Context())
		w.Header().Set("Content-Type", "application/json")
		if state.Status != "ready" {
			w.Header().Set("Retry-After", "10")
			w.WriteHeader(notReady)
		}
		answerJSON(w, state)
	})
	s.mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	return s.referenceRoutes()
}

func answerJSON(w http.ResponseWriter, v any) {
	_ = jsonFormat.Marshal(w, v) // the connection is gone; nobody is there to be told
}

// readiness is what this node can do now.
func (s *server) readiness(ctx context.Context) Readiness {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	out := Readiness{Status: "ready", Writes: s.cfg.Ledger.Healthy() == nil, Reads: true, Position: s.cfg.Store.Position().Sequence}
	if head, err := s.cfg.Ledger.Head(ctx); err == nil && head > out.Position {
		out.Behind = head - out.Position
	}
	if at, ok := poisonedAt(s.cfg.Store.Err()); ok {
		out.Poisoned, out.Reads = at, false
	}
	out.Signing = s.cfg.Checkpoints != nil && s.cfg.Checkpoints.Err() == nil
	out.Clock = s.clockState()
	out.Reads = out.Reads && out.Behind <= s.cfg.BehindMax
	switch {
	case !out.Reads:
		out.Status = "not-ready"
	case !out.Writes:
		out.Status = "read-only"
	}
	return out
}

// clockState is how the ledger's clock is, empty where there is none.
func (s *server) clockState() string {
	if s.cfg.Clock == nil {
		return ""
	}
	switch err := s.cfg.Clock.State().Err; {
	case err == nil:
		return "running"
	case errors.Is(err, clock.ErrWaits):
		return "waiting"
	default:
		return "failing"
	}
}

// tags are the parts of the interface, in the order of the reference.
var tags = []*huma.Tag{
	{Name: "programmes", Description: "The rules, published by two people, by version and digest."},
	{Name: "cohorts", Description: "Deliveries of a programme with their sessions, trainers, materials, roster and attendance grid."},
	{Name: "attesters", Description: "Trainers, supervisors, referees and providers, with their qualifications over time."},
	{Name: "registrations", Description: "One person in one programme: standing, explanation, timeline, and what happens to the registration."},
	{Name: "attendance", Description: "Marks, corrections, absence reasons and classes attended elsewhere."},
	{Name: "accommodations", Description: "Requests for an accommodation and their answers."},
	{Name: "evidence", Description: "Hours, reports, references, payments: recorded, signed, disputed, answered, corrected, voided."},
	{Name: "judgements", Description: "What people judge: evaluations with ratings."},
	{Name: "tasks", Description: "What staff ask of a participant: conditions, assigned make-ups."},
	{Name: "submissions", Description: "What a participant files: plans, applications."},
	{Name: "proposals", Description: "Acts that take two people: waivers, late corrections and equivalents, revocations."},
	{Name: "decisions", Description: "What a named person decided, with the whole record it rested on."},
	{Name: "persons", Description: "Standing across registrations, and corrections of name and contact."},
	{Name: "worklists", Description: "Who is ready to be decided, and whose decision needs a review."},
	{Name: "ledger", Description: "The entries themselves."},
	{Name: "proofs", Description: "What shows that an entry is in the ledger, and that nothing was lost or altered. GET /checkpoint, /tile/… and /log-key (C2SP tlog-tiles) take no token."},
	{Name: "audits", Description: "Samples of decisions, drawn with a seed that is recorded, and derived again."},
	{Name: "tokens", Description: "Who may use this interface."},
	{Name: "problems", Description: "The stable names of everything that can go wrong."},
}

// apiText introduces the reference.
const apiText = `certledger records how people become certified, and can prove it.

Every request except for this page, /openapi.json, /livez, /readyz, /metrics, /checkpoint, /tile/… and /log-key needs a token: ` + "`Authorization: Bearer …`" + `.

**Writing.** A request that records something answers with the entries it made. Send an ` + "`Idempotency-Key`" + ` and the request
can be sent again after any trouble: it is recorded once, and answered the same for ever. With ` + "`If-Match`" + ` it is refused
if somebody recorded something on the subject since you looked. A 2xx answer means that it is on disk.

**Reading.** Every answer carries ` + "`Ledger-Position`" + `. Pass it as ` + "`min_position`" + ` to a read, and the answer includes what you wrote.
Lists come in pages: follow the header ` + "`Link`" + ` with rel="next".

**Problems.** Whatever is not answered is a problem (RFC 9457) with a stable ` + "`type`" + ` and a sentence that helps. Nothing was recorded
unless it says so, and nothing that was sent is repeated.

**Personal data.** Names, contact, reasons and texts are sealed as they arrive. No request here opens them: answers carry
pseudonyms, codes and facts, and the word "sealed" where something is.`
