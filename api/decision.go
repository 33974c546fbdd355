package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

const groupDecisions group = "decisions"

// NewDecision is what a named person decides. Its record of what it rests on is
// made here.
type NewDecision struct {
	When
	Act    string `json:"act" enum:"grant,deny,suspend,reinstate" doc:"Grant a level that is earned, deny one, suspend what was granted, or lift a suspension or revocation. To revoke, propose a revocation." example:"grant"`
	Award  string `json:"award,omitempty" maxLength:"64" doc:"The award; the first where left out" example:"certification"`
	Level  string `json:"level,omitempty" maxLength:"64" doc:"The level, to grant or deny one" example:"level-1r"`
	Clause string `json:"clause,omitempty" maxLength:"200" doc:"The clause that it rests on, to deny or to grant less than is earned" example:"staff-decision"`
	Reason string `json:"reason,omitempty" maxLength:"64" doc:"Reason as a code" example:"body-decision"`
	Text   string `json:"text,omitempty" maxLength:"20000" doc:"Reason in words. Sealed. Needed to deny."`
}

// DecisionRecord is a decision with the entry that holds its whole record.
type DecisionRecord struct {
	Registration string           `json:"registration" doc:"Whose decision it is"`
	Decision     *domain.Decision `json:"decision" doc:"The decision as its registration keeps it: whether it is in force, what it rested on"`
	Entry        EntryView        `json:"entry" doc:"The entry, with the record: rules, cut, evidence, trace, binding clauses"`
}

func (s *server) decisionRoutes() {
	onRegistration(s, operation{
		id: "decide", path: "decisions", tag: "decisions", summary: "Decide",
		text:  "A recorded act by a named person. Nothing is granted that is not earned; while the result may still change, only the lowest level can be decided. Where it is decided already, nothing is recorded, and the answer names the decision that stands. The entry holds everything the decision rests on.",
		needs: permission{"decide", groupDecisions}, status: http.StatusCreated, example: map[string]any{"act": "grant", "level": "level-1r"},
	}, func(c *call, act domain.Act, b NewDecision) (draft, error) {
		id := domain.NewID(act.Command, "decision")
		out := draft{created: map[string]string{"decision": id}, at: "/v1/decisions/" + id, stands: b.stands}
		r := c.param("registration")
		switch b.Act {
		case domain.ActGrant:
			out.command = domain.Grant{Act: act, Registration: r, Decision: id, Award: b.Award, Level: b.Level, Clause: b.Clause, Reason: b.Reason, Text: b.Text}
		case domain.ActDeny:
			out.command = domain.Deny{Act: act, Registration: r, Decision: id, Award: b.Award, Level: b.Level, Clause: b.Clause, Reason: b.Reason, Text: b.Text}
		case domain.ActSuspend:
			out.command = domain.Suspend{Act: act, Registration: r, Decision: id, Award: b.Award, Reason: b.Reason, Text: b.Text}
		case domain.ActReinstate:
			out.command = domain.Reinstate{Act: act, Registration: r, Decision: id, Award: b.Award, Reason: b.Reason, Text: b.Text}
		default:
			return draft{}, invalid.at("body.act", "expected one of grant, deny, suspend, reinstate")
		}
		return out, nil
	})
	read(s, operation{
		id: "get-decision", path: "/v1/decisions/{decision}", tag: "decisions", summary: "Read a decision",
		text: "The decision, and the entry with the whole record it rested on. Reasons in words are sealed.", needs: permission{"read", groupDecisions},
	}, func(_ context.Context, c *call, v *projections.View, _ *Reading) (found[DecisionRecord], error) {
		return decisionRecord(c.param("decision"), v)
	})
}

// stands is the decision that says already what is asked for.
func (b NewDecision) stands(f domain.Facts) (domain.Decision, bool) {
	if !f.Standing.Exists() || f.Programme == nil {
		return domain.Decision{}, false
	}
	award := b.Award
	if award == "" {
		award = f.Programme.Awards[0].Key
	}
	for _, d := range slices.Backward(f.Standing.Decisions) {
		if d.Act == b.Act && d.Award == award && (b.Level == "" || d.Level == b.Level) && !d.Superseded {
			return d, true
		}
	}
	return domain.Decision{}, false
}

func decisionRecord(id string, v *projections.View) (found[DecisionRecord], error) {
	at, ok, err := v.Decision(id)
	if err != nil || !ok {
		return found[DecisionRecord]{}, orElse(err, noSuchDecide)
	}
	st, err := v.Standing(at.Registration)
	if err != nil {
		return found[DecisionRecord]{}, err
	}
	e, ok, err := v.Entry(at.Sequence)
	if err != nil || !ok {
		return found[DecisionRecord]{}, orElse(err, noSuchEntry)
	}
	out := DecisionRecord{Registration: at.Registration}
	if out.Entry, err = viewOf(e); err != nil {
		return found[DecisionRecord]{}, err
	}
	for _, d := range st.Decisions {
		if d.ID == id {
			out.Decision = &d
		}
	}
	return found[DecisionRecord]{body: out}, nil
}

// orElse is an error, or a kind of problem.
func orElse(err error, k kind) error {
	if err != nil {
		return err
	}
	return k.problem()
}
