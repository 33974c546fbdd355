package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/certledger/certledger/api/desk"
	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/projections"
)

const groupDecisions group = "decisions"

// Acts of a decision as a body names them, where the stored word differs.
const actSurrender = "surrender"

// decideActs are the acts of a decision that one person takes.
var decideActs = []string{
	domain.ActGrant, domain.ActDeny, domain.ActRenew, domain.ActExtend, domain.ActSuspend, domain.ActReinstate, actSurrender,
}

// NewDecision is what a named person decides. Its record of what it rests on is
// made here.
type NewDecision struct {
	When
	Act    string `json:"act" enum:"grant,deny,renew,extend,suspend,reinstate,surrender" doc:"Grant a level that is earned, or deny one; renew: grant on an award that renews another; extend how long a level holds; suspend what was granted, or lift a suspension or revocation; surrender: accept that it is given back. To revoke, propose a revocation." example:"grant"`
	Award  string `json:"award,omitempty" maxLength:"64" doc:"The award; left out, the first, and to renew the first that renews" example:"certification"`
	Track  string `json:"track,omitempty" maxLength:"64" doc:"The track, of an award that is asked in tracks" example:"family"`
	Period string `json:"period,omitempty" maxLength:"64" doc:"The period, of an award that is asked in periods, as the registration names it; left out, the earliest that is not settled" example:"2"`
	Level  string `json:"level,omitempty" maxLength:"64" doc:"The level, to grant, renew or deny one" example:"level-1r"`
	Clause string `json:"clause,omitempty" maxLength:"200" doc:"The clause that it rests on, to deny or to grant less than is earned" example:"staff-decision"`
	Reason string `json:"reason,omitempty" maxLength:"64" doc:"Reason as a code" example:"body-decision"`
	Text   string `json:"text,omitempty" maxLength:"20000" doc:"Reason in words. Sealed. Needed to deny."`
}

// DecisionGiven is what a decision gives.
type DecisionGiven struct {
	Decision string      `json:"decision" doc:"The decision" example:"b0154b10680eb1e12d23c4a8bea162b5"`
	Act      string      `json:"act" doc:"What was decided, as it is stored" example:"renew"`
	Award    string      `json:"award" doc:"The award" example:"renewal"`
	Track    string      `json:"track,omitempty" doc:"The track" example:"family"`
	Period   string      `json:"period,omitempty" doc:"The period" example:"2"`
	Level    string      `json:"level,omitempty" doc:"The level" example:"renewed"`
	From     domain.Date `json:"from,omitempty" doc:"First day on which it holds" example:"2028-02-10"`
	Until    domain.Date `json:"until,omitempty" doc:"Last day on which what is granted holds; left out where that is without end" example:"2030-04-01"`
}

// givenBy is the decision among the entries of an answer, nil where there is none.
func givenBy(st *domain.Standing, a desk.Answer) *DecisionGiven {
	for _, d := range st.Decisions {
		if slices.ContainsFunc(a.Entries, func(e desk.Recorded) bool { return e.Sequence == d.Made.Sequence }) {
			return &DecisionGiven{
				Decision: d.ID, Act: d.Act, Award: d.Award, Track: d.Track, Period: d.Period, Level: d.Level, From: d.From, Until: d.Until,
			}
		}
	}
	return nil
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
		text:  "A recorded act by a named person. Nothing is granted that is not earned; while the result may still change, only the lowest level can be decided. Where it is decided already, nothing is recorded, and the answer names the decision that stands. The answer says for which track and period it is, and until when what it gives holds. The entry holds everything the decision rests on.",
		needs: permission{"decide", groupDecisions}, status: http.StatusCreated, example: map[string]any{"act": "grant", "level": "level-1r"},
	}, func(c *call, act domain.Act, b NewDecision) (draft, error) {
		id := domain.NewID(act.Command, "decision")
		command, err := b.command(act, c.param("registration"), id)
		return draft{command: command, created: map[string]string{"decision": id}, at: "/v1/decisions/" + id, stands: b.stands}, err
	})
	read(s, operation{
		id: "get-decision", path: "/v1/decisions/{decision}", tag: "decisions", summary: "Read a decision",
		text: "The decision, and the entry with the whole record it rested on. Reasons in words are sealed.", needs: permission{"read", groupDecisions},
	}, func(_ context.Context, c *call, v *projections.View, _ *Reading) (found[DecisionRecord], error) {
		return decisionRecord(c.param("decision"), v)
	})
}

// command is what the body asks for, on a registration.
func (b NewDecision) command(act domain.Act, registration, id string) (domain.Command, error) {
	if err := b.fits(); err != nil {
		return nil, err
	}
	grant := domain.Grant{
		Act: act, Registration: registration, Decision: id, Award: b.Award, Track: b.Track, Period: b.Period,
		Level: b.Level, Clause: b.Clause, Reason: b.Reason, Text: b.Text,
	}
	suspend := domain.Suspend{
		Act: act, Registration: registration, Decision: id, Award: b.Award, Track: b.Track, Period: b.Period, Reason: b.Reason, Text: b.Text,
	}
	switch b.Act {
	case domain.ActGrant:
		return grant, nil
	case domain.ActRenew:
		return domain.Renew{Grant: grant}, nil
	case domain.ActDeny:
		return domain.Deny(grant), nil
	case domain.ActExtend:
		return domain.ExtendGrant{Act: act, Registration: registration, Decision: id, Award: b.Award, Track: b.Track, Reason: b.Reason, Text: b.Text}, nil
	case domain.ActSuspend:
		return suspend, nil
	case domain.ActReinstate:
		return domain.Reinstate(suspend), nil
	case actSurrender:
		return domain.AcceptSurrender{Act: act, Registration: registration, Decision: id, Award: b.Award, Reason: b.Reason, Text: b.Text}, nil
	}
	return nil, invalid.at("body.act", "expected one of "+strings.Join(decideActs, ", "))
}

// fits refuses what an act does not take: what would be left out in silence is
// not taken.
func (b NewDecision) fits() error {
	if b.Period != "" && (b.Act == domain.ActExtend || b.Act == actSurrender) {
		return invalid.at("body.period", "leave it out: this act is on what holds now, whichever period it is")
	}
	if b.Track != "" && b.Act == actSurrender {
		return invalid.at("body.track", "leave it out: what is given back is given back in every track")
	}
	return nil
}

// stands is the decision that says already what is asked for.
func (b NewDecision) stands(f domain.Facts) (domain.Decision, bool) {
	if !f.Standing.Exists() || f.Programme == nil {
		return domain.Decision{}, false
	}
	for _, d := range slices.Backward(f.Standing.Decisions) {
		if b.asksFor(d, f.Programme) {
			return d, true
		}
	}
	return domain.Decision{}, false
}

// asksFor reports whether a decision in force is what the body asks for.
func (b NewDecision) asksFor(d domain.Decision, p *programme.Programme) bool {
	award := b.Award
	switch {
	case award == "" && b.Act == domain.ActRenew:
		award = d.Award // only what renews was recorded so
	case award == "":
		award = p.Awards[0].Key
	}
	return slices.Contains(storedActs[b.Act], d.Act) && d.Award == award && !d.Superseded &&
		(b.Level == "" || d.Level == b.Level) && (b.Track == "" || d.Track == b.Track) && (b.Period == "" || d.Period == b.Period)
}

// storedActs are the words under which an act may be recorded: the award says
// whether a grant is a renewal.
var storedActs = map[string][]string{
	domain.ActGrant:     {domain.ActGrant, domain.ActRenew, domain.ActExtend},
	domain.ActRenew:     {domain.ActRenew},
	domain.ActDeny:      {domain.ActDeny},
	domain.ActExtend:    {domain.ActExtend},
	domain.ActSuspend:   {domain.ActSuspend},
	domain.ActReinstate: {domain.ActReinstate},
	actSurrender:        {domain.ActAcceptSurrender},
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
