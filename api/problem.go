package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/certledger/certledger/api/desk"
	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/eventstore"
	"github.com/certledger/certledger/eventstore/proof"
	"github.com/certledger/certledger/projections"
)

// Problem is every answer that is not what was asked for: problem details as
// RFC 9457 has them. It never repeats a value that was sent.
type Problem struct {
	Type       string       `json:"type" doc:"Stable name of the kind of problem; GET /v1/problems lists all" example:"urn:certledger:problem:no-such-session"`
	Title      string       `json:"title" doc:"The kind of problem in words; the same for every problem of the type" example:"No such session"`
	Status     int          `json:"status" doc:"The HTTP status" example:"404"`
	Detail     string       `json:"detail" doc:"What is wrong this time and what to do" example:"The cohort has no such session; its sessions are 1, 2 or 3."`
	Errors     []FieldError `json:"errors,omitempty" doc:"One line a field, line of a list, or place in a programme"`
	RetryAfter int          `json:"-"`
	allow      string
}

// FieldError is one line of a Problem: where, and what is expected there.
type FieldError struct {
	Location string `json:"location,omitempty" doc:"Where in the request, without its value" example:"body.minutes"`
	Type     string `json:"type,omitempty" doc:"The problem of this one line, where a list was sent"`
	Detail   string `json:"detail" doc:"What is expected there" example:"expected integer"`
	Line     int    `json:"line,omitempty" doc:"Line of a programme's text, from 1"`
	Column   int    `json:"column,omitempty" doc:"Column of that line, from 1"`
	Hint     string `json:"hint,omitempty" doc:"What to write instead"`
}

const problemPrefix = "urn:certledger:problem:"

// kind is one kind of problem: its status, and what it says unless a refusal
// says it better.
type kind struct {
	name   string
	status int
	detail string
	retry  int // seconds; 0 where trying again does not help
}

// Kinds of problems that the interface itself answers with. Those of the rules
// are domain.Reasons.
var (
	malformed       = kind{"malformed-json", http.StatusBadRequest, "The body is not readable as JSON.", 0}
	bodyMissing     = kind{"body-missing", http.StatusBadRequest, "This request needs a body in JSON.", 0}
	badCursor       = kind{"unknown-cursor", http.StatusBadRequest, "This cursor is not from this list; please begin at the first page.", 0}
	noToken         = kind{"no-token", http.StatusUnauthorized, "A request needs a token: send the header Authorization: Bearer and the token.", 0}
	badToken        = kind{"token-not-valid", http.StatusUnauthorized, "The token is unknown, has ended or was revoked; please ask for a new one.", 0}
	mayNot          = kind{"not-allowed", http.StatusForbidden, "None of this token's roles may do this; GET /docs says who may.", 0}
	notYours        = kind{"not-yours", http.StatusForbidden, "This role reaches only its own: trainers their cohorts, supervisors those they supervise, participants themselves.", 0}
	roleNotHeld     = kind{"role-not-held", http.StatusForbidden, "The token does not hold the role that the header Certledger-Role names.", 0}
	noPath          = kind{"no-such-path", http.StatusNotFound, "There is nothing at this path; GET /docs lists what there is.", 0}
	noMethod        = kind{"method-not-allowed", http.StatusMethodNotAllowed, "This path does not take this method; the header Allow lists those it takes.", 0}
	bodySlow        = kind{"body-too-slow", http.StatusRequestTimeout, "The body did not arrive in time; nothing was recorded. Please send it again.", 1}
	bodyLarge       = kind{"body-too-large", http.StatusRequestEntityTooLarge, "The body is larger than this request takes; nothing was recorded.", 0}
	notJSON         = kind{"not-json", http.StatusUnsupportedMediaType, "A body is sent as JSON, with the header Content-Type: application/json.", 0}
	invalid         = kind{"invalid-request", http.StatusUnprocessableEntity, "The request does not have the form that is expected; errors says where. Nothing was recorded.", 0}
	lines           = kind{"lines-refused", http.StatusUnprocessableEntity, "At least one line cannot be recorded, so none was; errors says which and why.", 0}
	stale           = kind{"stale-version", http.StatusPreconditionFailed, "Somebody recorded something since the version in If-Match; please read again and decide anew. Nothing was recorded.", 0}
	badVersion      = kind{"if-match-not-a-version", http.StatusBadRequest, `If-Match takes one version as an answer's ETag has it, like "23".`, 0}
	reused          = kind{"idempotency-key-reused", http.StatusUnprocessableEntity, "This Idempotency-Key was used for another request; please take a new one. Nothing was recorded.", 0}
	badKey          = kind{"idempotency-key-not-usable", http.StatusBadRequest, "An Idempotency-Key is 1 to 255 visible ASCII characters.", 0}
	inFuture        = kind{"in-the-future", http.StatusUnprocessableEntity, "The time in happened has not come yet; record it once it has happened.", 0}
	busy            = kind{"busy", http.StatusConflict, "Others are recording on the same subject; nothing was recorded. Please send the same request again.", 1}
	clockBehind     = kind{"clock-behind", http.StatusServiceUnavailable, "This server's clock is behind the ledger, so it records nothing. Please try again later.", 30}
	unavailable     = kind{"ledger-unavailable", http.StatusServiceUnavailable, "The ledger takes no entries at the moment; nothing was recorded. Reading goes on. Please send the same request again later, with the same Idempotency-Key.", 10}
	readOnly        = kind{"ledger-read-only", http.StatusServiceUnavailable, "The ledger has stopped taking entries until its keeper has seen to it; nothing was recorded. Reading goes on. Please send the same request again later, with the same Idempotency-Key.", 60}
	unknown         = kind{"unknown-outcome", http.StatusServiceUnavailable, "This may or may not be recorded. Please send the same request again with the same Idempotency-Key: it is recorded once at most.", 2}
	behind          = kind{"position-not-reached", http.StatusServiceUnavailable, "The position asked for in min_position was not reached in time. Please try again, or read without it.", 1}
	poisoned        = kind{"projection-stopped", http.StatusServiceUnavailable, "The views stopped before the position that this needs. The ledger's keeper has to see to it; older positions can be read.", 60}
	unreadable      = kind{"views-unavailable", http.StatusServiceUnavailable, "What was recorded cannot be read at the moment. Please try again later.", 10}
	tooLarge        = kind{"too-large-for-ledger", http.StatusRequestEntityTooLarge, "This is more than one request can record; please send it in parts. Nothing was recorded.", 0}
	tooLargeDossier = kind{"dossier-too-large", http.StatusUnprocessableEntity, "There is more to this than one dossier holds; please take the dossiers of its decisions, or an export of the ledger.", 0}
	noSuchEntry     = kind{"no-such-entry", http.StatusNotFound, "There is no such entry; please check its number.", 0}
	noSuchPerson    = kind{"no-such-person", http.StatusNotFound, "There is no such person; please check the identifier.", 0}
	noSuchDecide    = kind{"no-such-decision", http.StatusNotFound, "There is no such decision; please check the identifier.", 0}
	noSuchToken     = kind{"no-such-token", http.StatusNotFound, "There is no such token; please check the identifier.", 0}
	noSuchVersion   = kind{"no-such-version", http.StatusNotFound, "There is no such version of the programme; please check the number.", 0}
	notInCohort     = kind{"not-in-cohort", http.StatusUnprocessableEntity, "This registration is not in this cohort; please mark it where it is.", 0}
	lineTwice       = kind{"line-twice", http.StatusUnprocessableEntity, "This registration stands in an earlier line already; please keep the line that is right.", 0}
	erased          = kind{"erased", http.StatusGone, "This person's data was erased; nothing is recorded about them any more.", 0}
	stopped         = kind{"request-ended", http.StatusServiceUnavailable, "The request ended before it was answered.", 1}
	internal        = kind{"internal", http.StatusInternalServerError, "Something is wrong on our side. Please give the value of the header Correlation-Id to the ledger's keeper.", 0}
)

// kinds lists the interface's own kinds of problems.
var kinds = []kind{
	malformed, bodyMissing, badCursor, noToken, badToken, mayNot, notYours, roleNotHeld, noPath, noMethod, bodySlow, bodyLarge,
	notJSON, invalid, lines, stale, badVersion, reused, badKey, inFuture, busy, clockBehind, unavailable, readOnly, unknown, behind,
	poisoned, unreadable, tooLarge, noSuchEntry, noSuchPerson, noSuchDecide, noSuchToken, noSuchVersion, notInCohort, lineTwice, erased, noCheckpoint, noSigning, noSuchTile, noKeyPrepared, nothingToDraw, noSuchAudit, nothingDecided, notForPurpose, tooLargeDossier, outOfRange, tooMany, stopped, internal,
}

// Reasons of refusals that are not 422. Those that begin with no-such- are 404.
var (
	forbidden = []string{
		"conflict-of-interest", "needs-another-person", "needs-second-person", "not-asked-of-you", "not-assigned", "not-authorised",
		"not-your-registration", "person-concerned",
	}
	conflicting = []string{
		"accommodation-open", "already-fulfilled", "already-registered", "attended", "attester-differs", "audit-differs", "cause-not-open",
		"cohort-differs", "decided-already", "decision-differs", "evidence-differs", "evidence-disputed", "evidence-voided", "expired", "extended-already",
		"granted-already", "judgement-differs", "key-not-in-use", "key-used-before", "ledger-exists", "less-favourable", "module-full", "no-ledger",
		"no-show", "not-asked", "not-begun", "not-earned", "not-in-doubt", "not-in-force", "not-suspended", "nothing-granted", "proposal-closed",
		"proposal-expired", "proposal-outdated", "provisional", "replaces-other", "revoked", "session-cancelled", "session-differs", "session-held",
		"session-not-held", "session-not-started", "submission-differs", "submission-withdrawn", "surrendered", "suspended", "task-cancelled",
		"task-differs", "task-done", "token-exists", "version-not-later", "withdrawn",
	}
)

// statusOf is the status of a refusal by the rules.
func statusOf(reason string) int {
	switch {
	case strings.HasPrefix(reason, "no-such-"):
		return http.StatusNotFound
	case slices.Contains(forbidden, reason):
		return http.StatusForbidden
	case slices.Contains(conflicting, reason):
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}

func (k kind) problem() *Problem {
	return &Problem{Type: problemPrefix + k.name, Title: titleOf(k.name), Status: k.status, Detail: k.detail, RetryAfter: k.retry}
}

func (k kind) at(location, detail string) *Problem {
	p := k.problem()
	p.Errors = []FieldError{{Location: location, Detail: detail}}
	return p
}

// titleOf is a kind's name in words.
func titleOf(name string) string {
	title := strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "-", " ")
	return strings.Replace(title, " json", " JSON", 1)
}

// Error is for whoever handles the problem as an error.
func (p *Problem) Error() string { return strings.TrimPrefix(p.Type, problemPrefix) + ": " + p.Detail }

// GetStatus is what huma asks for.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of problem details.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders are the headers that belong to the problem.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", itoa(p.RetryAfter))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="certledger"`)
	}
	if p.allow != "" {
		h.Set("Allow", p.allow)
	}
	return h
}

// problemOf is the one place that says what an error means to the caller. What
// nobody expected is internal; the second answer tells that it should be logged.
func problemOf(err error) (p *Problem, ours bool) {
	var refusal *domain.Refusal
	var poison *projections.PoisonError
	switch {
	case errors.As(err, &p):
		return p, p.Status == http.StatusInternalServerError
	case errors.As(err, &refusal):
		return refusalProblem(refusal), false
	}
	for _, m := range []struct {
		is   error
		kind kind
		ours bool
	}{
		{desk.ErrStale, stale, false},
		{desk.ErrReused, reused, false},
		{desk.ErrBusy, busy, false},
		{desk.ErrClockBehind, clockBehind, true},
		{desk.ErrErased, erased, false},
		{eventstore.ErrUnknownOutcome, unknown, true},
		{eventstore.ErrReadOnly, readOnly, true},
		{eventstore.ErrUnavailable, unavailable, true},
		{eventstore.ErrTooLarge, tooLarge, false},
		{eventstore.ErrNoEntry, noSuchEntry, false},
		{projections.ErrBehind, behind, false},
		{projections.ErrNotYet, behind, false},
		{projections.ErrDamaged, unreadable, true},
		{projections.ErrClosed, unreadable, true},
		{context.Canceled, stopped, false},
		{context.DeadlineExceeded, stopped, true},
	} {
		if errors.Is(err, m.is) {
			return m.kind.problem(), m.ours
		}
	}
	if errors.As(err, &poison) {
		return poisoned.problem(), true
	}
	var failure *proof.Failure
	if errors.As(err, &failure) && failure.Code == proof.CodeTooLarge {
		return tooLargeDossier.problem(), false
	}
	return internal.problem(), true
}

func refusalProblem(r *domain.Refusal) *Problem {
	p := &Problem{Type: problemPrefix + r.Reason, Title: titleOf(r.Reason), Status: statusOf(r.Reason), Detail: r.Detail}
	fields := r.Fields
	if len(fields) == 0 && r.Field != "" {
		fields = []string{r.Field}
	}
	for _, f := range fields {
		p.Errors = append(p.Errors, FieldError{Location: fieldLocation(r.Reason, f), Detail: r.Detail})
	}
	var mistakes programme.Errors
	if errors.As(r.Cause, &mistakes) {
		p.Errors = nil
		for _, m := range mistakes {
			p.Errors = append(p.Errors, FieldError{
				Location: "body.rules", Detail: m.Message, Line: m.Line, Column: m.Column, Hint: m.Hint,
			})
		}
	}
	return p
}

// fieldLocation is where a field that a refusal names stands in a body. Those of
// a form are named by the programme; a name that only the caller gave is left out.
func fieldLocation(reason, field string) string {
	switch {
	case reason == "not-correctable":
		return "body.fields"
	case reason == "implausible-field", reason == "missing-field" && field != "fields" && field != "roles":
		return "body.fields." + field
	}
	return "body." + field
}

// notReady is the status of a node that cannot do all that it is there for.
const notReady = http.StatusServiceUnavailable

// poisonedAt is the entry at which the views stopped.
func poisonedAt(err error) (uint64, bool) {
	var poison *projections.PoisonError
	if errors.As(err, &poison) {
		return poison.Sequence, true
	}
	return 0, false
}

// linesProblem joins the problems of the lines of a list: by index, nil where a
// line was in order.
func linesProblem(errs []error) *Problem {
	p := lines.problem()
	for i, err := range errs {
		if err == nil {
			continue
		}
		line, _ := problemOf(err)
		at := "body.lines[" + itoa(i) + "]"
		if line.Status >= http.StatusInternalServerError {
			return line
		}
		if len(line.Errors) > 0 && line.Errors[0].Location != "" {
			at += strings.TrimPrefix(line.Errors[0].Location, "body")
		}
		p.Errors = append(p.Errors, FieldError{Location: at, Type: line.Type, Detail: line.Detail})
	}
	return p
}
