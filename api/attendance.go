package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/certledger/certledger/api/desk"
	"github.com/certledger/certledger/domain"
)

const groupAttendance group = "attendance"

// Attended is what one mark says.
type Attended struct {
	Status  string `json:"status" enum:"present,absent,late,left-early" doc:"Late and left-early need the minutes" example:"late"`
	Minutes *int64 `json:"minutes,omitempty" minimum:"0" maximum:"1440" doc:"Minutes attended" example:"95"`
}

// NewMark is one mark.
type NewMark struct {
	When
	Session string `json:"session" maxLength:"64" doc:"The session of the registration's cohort" example:"8"`
	Attended
	Source string `json:"source,omitempty" enum:"trainer,import,self" doc:"Whose word it is: a trainer's where left out, and a participant's own where a participant sends it" example:"trainer"`
	Batch  string `json:"batch,omitempty" maxLength:"71" doc:"SHA-256 of an imported file" example:"sha256:5b0c3d1f…"`
}

// MarkCorrection supersedes the mark in force.
type MarkCorrection struct {
	When
	Session string `json:"session" maxLength:"64" doc:"The session" example:"8"`
	Attended
	Reason string `json:"reason,omitempty" maxLength:"64" doc:"Reason as a code" example:"data-entry"`
	Text   string `json:"text,omitempty" maxLength:"20000" doc:"Reason in words. Sealed." example:"Was in the breakout room."`
}

// NewLiveEquivalent is a class attended live with another cohort.
type NewLiveEquivalent struct {
	When
	Session     string `json:"session" maxLength:"64" doc:"The session that it stands for" example:"6"`
	Cohort      string `json:"cohort" maxLength:"64" doc:"The cohort in which it was attended" example:"spring-2026-morning"`
	ThatSession string `json:"thatsession,omitempty" maxLength:"64" doc:"The session there; left out, the one that delivers the same module" example:"6"`
}

// AbsenceReason is why somebody was absent. It is sealed and changes no count.
type AbsenceReason struct {
	When
	Session string `json:"session" maxLength:"64" doc:"The session missed" example:"8"`
	Reason  string `json:"reason" maxLength:"64" doc:"Reason as a code. Sealed. A reason of disability opens an accommodation review." example:"illness"`
	Text    string `json:"text,omitempty" maxLength:"20000" doc:"In words. Sealed."`
}

// ClassMarks are the marks of a whole class: all are recorded, or none.
type ClassMarks struct {
	When
	Source string     `json:"source,omitempty" enum:"trainer,import" doc:"Whose word they are; a trainer's where left out" example:"trainer"`
	Batch  string     `json:"batch,omitempty" maxLength:"71" doc:"SHA-256 of an imported file" example:"sha256:5b0c3d1f…"`
	Lines  []ClassRow `json:"lines" minItems:"1" maxItems:"1000" doc:"One line a participant"`
}

// ClassRow is one participant's line.
type ClassRow struct {
	Registration string `json:"registration" pattern:"^[a-z0-9][a-z0-9-]{0,63}$" doc:"Whose mark" example:"9d21c04e6a1b4f0f8d3a5f7b2c1e0d9a"`
	Attended
}

// ClassAnswer is what the marks of a class came to.
type ClassAnswer struct {
	Position uint64      `json:"position" doc:"Sequence of the last entry; pass it as min_position" example:"430"`
	Lines    []ClassLine `json:"lines" doc:"In the order of the request"`
}

// ClassLine is what one line came to.
type ClassLine struct {
	Registration string `json:"registration" doc:"Whose mark"`
	Recorded
}

func (s *server) attendanceRoutes() {
	onRegistration(s, operation{
		id: "mark-attendance", path: "attendance", tag: "attendance", summary: "Mark attendance",
		text:  "One mark for one session. Marks are kept for ever; which counts is by rank of its source, then by order. The answer's warnings say before a limit is crossed.",
		needs: permission{"record", groupAttendance}, example: map[string]any{"session": "8", "status": "late", "minutes": 95},
	}, func(c *call, act domain.Act, b NewMark) (draft, error) {
		source := b.Source
		if source == "" && c.role == domain.RoleParticipant {
			source = domain.SourceSelf
		}
		return draft{command: domain.MarkAttendance{
			Act: act, Registration: c.param("registration"), Session: b.Session, Status: b.Status, Minutes: b.Minutes, Source: source, Batch: b.Batch,
		}}, nil
	})
	onRegistration(s, operation{
		id: "correct-attendance", path: "corrections", tag: "attendance", summary: "Correct a mark",
		text:  "Supersedes the mark in force, which stays readable. After a decision, one that raises a level takes two people: propose it.",
		needs: permission{"correct", groupAttendance}, example: map[string]any{"session": "8", "status": "present", "reason": "data-entry"},
	}, func(c *call, act domain.Act, b MarkCorrection) (draft, error) {
		return draft{command: correction(c, act, b)}, nil
	})
	onRegistration(s, operation{
		id: "approve-live-equivalent", path: "live-equivalents", tag: "attendance", summary: "Approve a class attended elsewhere",
		text:  "A class of the same module attended live with another cohort: it is a live class. After a decision it takes two people: propose it.",
		needs: permission{"correct", groupAttendance}, example: map[string]any{"session": "6", "cohort": "spring-2026-morning"},
	}, func(c *call, act domain.Act, b NewLiveEquivalent) (draft, error) {
		return draft{command: equivalent(c, act, b)}, nil
	})
	onRegistration(s, operation{
		id: "excuse-absence", path: "absences", tag: "attendance", summary: "Record the reason for an absence",
		text:  "Explains and changes no count. The reason is sealed, its code included. A reason of disability opens an accommodation review.",
		needs: permission{"record", groupAccommodations}, example: map[string]any{"session": "8", "reason": "illness"},
	}, func(c *call, act domain.Act, b AbsenceReason) (draft, error) {
		return draft{command: domain.ExcuseAbsence{Act: act, Registration: c.param("registration"), Session: b.Session, Reason: b.Reason, Text: b.Text}}, nil
	})
	s.classRoute()
}

func correction(c *call, act domain.Act, b MarkCorrection) domain.CorrectAttendance {
	return domain.CorrectAttendance{
		Act: act, Registration: c.param("registration"), Session: b.Session, Status: b.Status, Minutes: b.Minutes, Reason: b.Reason, Text: b.Text,
	}
}

func equivalent(c *call, act domain.Act, b NewLiveEquivalent) domain.ApproveLiveEquivalent {
	return domain.ApproveLiveEquivalent{
		Act: act, Registration: c.param("registration"), Session: b.Session, Cohort: b.Cohort, ThatSession: b.ThatSession,
	}
}

type classInput struct {
	Key  string `header:"Idempotency-Key" doc:"Your own name for this request, 1 to 255 visible characters. Please send one." example:"class-8-1"`
	Role string `header:"Certledger-Role" doc:"The role in which to act, where the token has several." example:"trainer"`
	Body ClassMarks
}

type classOutput struct {
	Position uint64 `header:"Ledger-Position" doc:"The ledger's position after this"`
	Body     ClassAnswer
}

// classRoute marks a whole class: all or nothing.
func (s *server) classRoute() {
	o := operation{
		id: "mark-class", method: http.MethodPost, path: "/v1/cohorts/{cohort}/sessions/{session}/attendance", tag: "attendance",
		summary: "Mark a whole class", needs: permission{"record", groupAttendance},
		text: "One line a participant. Where one line cannot be recorded none is, and the problem names each line by its index with its reason.",
		example: map[string]any{"lines": []map[string]any{
			{"registration": "9d21c04e6a1b4f0f8d3a5f7b2c1e0d9a", "status": "present"},
			{"registration": "1c77e0b2d3a44f5e9a6b7c8d9e0f1a2b", "status": "late", "minutes": 95},
		}},
	}
	huma.Register(s.api, s.describe(&o), func(ctx context.Context, in *classInput) (*classOutput, error) {
		out, err := s.markClass(ctx, in)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return out, nil
	})
	optionalBody(s.api, &o)
	s.operations = append(s.operations, &o)
}

func (s *server) markClass(ctx context.Context, in *classInput) (*classOutput, error) {
	c := callOf(ctx)
	if !usableKey(in.Key) {
		return nil, badKey.problem()
	}
	if err := s.concern(ctx, c, in.Body); err != nil {
		return nil, err
	}
	at, err := s.actTime(c, in.Body)
	if err != nil {
		return nil, err
	}
	requests := make([]desk.Request, len(in.Body.Lines))
	problems := make([]error, len(in.Body.Lines))
	seen := map[string]bool{}
	for i, line := range in.Body.Lines {
		if seen[line.Registration] {
			problems[i] = lineTwice.at("body.registration", lineTwice.detail)
			continue
		}
		seen[line.Registration] = true
		requests[i], problems[i] = s.classLine(ctx, c, in, i, line, at)
	}
	if anyError(problems) {
		return nil, linesProblem(problems)
	}
	answers, err := s.cfg.Desk.DoAll(ctx, requests)
	for i := range requests {
		var a desk.Answer
		if err == nil {
			a = answers[i]
		}
		s.metrics.command(requests[i].Command, a, err)
	}
	if err != nil {
		return nil, s.linesRefused(ctx, requests, err)
	}
	out := &classOutput{Body: ClassAnswer{Lines: []ClassLine{}}}
	for i, a := range answers {
		out.Position = max(out.Position, a.Sequence)
		raise(&s.written, a.Sequence)
		line := ClassLine{Registration: in.Body.Lines[i].Registration, Recorded: answerOf(a)}
		s.follow(ctx, a, &line.Recorded)
		out.Body.Lines = append(out.Body.Lines, line)
	}
	out.Body.Position = out.Position
	return out, nil
}

// classLine is one line as a request of its own, whose command id is made from
// the class's key and the line's place.
func (s *server) classLine(ctx context.Context, c *call, in *classInput, i int, line ClassRow, at time.Time) (desk.Request, error) {
	key := in.Key
	if key != "" {
		key += " line " + itoa(i) // a space stands in no key of a caller's
	}
	id := s.cfg.Desk.CommandID(string(c.token.Actor), key)
	f, err := s.cfg.Desk.Facts(ctx, domain.SubjectOf(domain.KindRegistration, line.Registration))
	if err != nil {
		return desk.Request{}, err
	}
	switch {
	case !f.Standing.Exists():
		return desk.Request{}, noSuch("registration")
	case f.Standing.Cohort != c.param("cohort"):
		return desk.Request{}, notInCohort.at("body.registration", notInCohort.detail)
	}
	form, err := canonical(c.op.method, c.path, in.Body)
	if err != nil {
		return desk.Request{}, err
	}
	return desk.Request{
		Command: domain.MarkAttendance{
			Act:          domain.Act{At: at, By: c.token.Actor, Role: c.role, Command: id},
			Registration: line.Registration, Session: c.param("session"), Status: line.Status, Minutes: line.Minutes,
			Source: in.Body.Source, Batch: in.Body.Batch,
		},
		CommandID: id, Body: form, Person: f.Standing.Person, CorrelationID: c.correlation, TraceParent: c.trace,
	}, nil
}

// linesRefused asks for every line why it cannot be recorded, so that all can be
// mended at once.
func (s *server) linesRefused(ctx context.Context, requests []desk.Request, err error) error {
	var first *desk.RequestError
	var refusal *domain.Refusal
	if !errors.As(err, &first) || !errors.As(err, &refusal) {
		return err
	}
	problems := make([]error, len(requests))
	problems[first.Index] = refusal
	for i, r := range requests {
		f, err := s.cfg.Desk.Facts(ctx, r.Command.Subject())
		if err != nil {
			continue
		}
		if _, err := r.Command.Decide(f); err != nil {
			problems[i] = err
		}
	}
	return linesProblem(problems)
}

func anyError(errs []error) bool {
	for _, err := range errs {
		if err != nil {
			return true
		}
	}
	return false
}
