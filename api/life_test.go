package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

// aCard is a certificate that is renewed every two years, may be filed for sixty
// days before the end, and lapses after a grace of ninety days; with two tracks,
// and an interview that two people sign.
const aCard = `
programme: card
version: 1
title: A card
valid: {from: 2026-01-01}
pinned-by: registration
time-zone: America/Toronto
tracks: {named: [family, peer]}
periods:
  term: {lasts: 2 years, first: granted card, next: late renewal}
awards:
  card:
    levels: [none, trial, held]
    decided-by: {none: certifier, trial: certifier, held: certifier}
    valid: {trial: 1 year, held: 2 years}
    extensions: {trial: {at-most: 1, each: 6 months}}
  renewal: {levels: [owed, renewed], each: term, renews: card}
  back:    {levels: [out, in], asked-in: [lapsed], settles: renewal}
  branch:  {levels: [not-yet, known], each: track, needs: {card: held}}
submissions:
  renewal-form: {answers: [returned, accepted], answered-by: staff, for: renewal, opens: 60 days before end of period, answer-within: 14 days}
rubrics:
  talk: {scale: [weak, fair, strong], sections: {talk: {items: 1..2, each: track}}}
questions:
  interview: {asked-of: coordinator, rubric: talk, each: track, several: latest}
requirements:
  sworn:  {says: The oath is taken., has: oath, otherwise: none}
  tested: {says: The test is passed., has: {kind: exam, outcome: passed}, otherwise: trial}
  learnt: {for: renewal, says: Ten credits in the term., sum: credit, dated: {in: period}, at-least: 10 credits, otherwise: owed}
  asked:  {for: renewal, says: The form is filed in time., submission: renewal-form, is: filed, otherwise: owed}
  learnt-anew: {for: back, says: Ten credits after the lapse., sum: credit, dated: {from: entered lapsed}, at-least: 10 credits, otherwise: out}
  spoken: {for: branch, says: Each part of the interview is fair., rated: interview, each-at-least: fair, signed-by: [coordinator, participant], otherwise: not-yet}
after:
  renewal:
    grace:  {until: 90 days after end of period, status: grace, may: [file], fee: 25.00 USD}
    lapsed: {status: lapsed, start-again: true}
statuses:
  grace:  {holds-title: true, says: Papers may still be filed.}
  lapsed: {says: The title may not be used.}
`

// day is noon of a day in the card's zone.
func day(text string) time.Time {
	at, err := time.ParseInLocation("2006-01-02", text, toronto)
	if err != nil {
		panic(err)
	}
	return at.Add(12 * time.Hour)
}

// publish puts rules in force, by two people.
func (o *office) publish(programme, rules string) {
	o.t.Helper()
	proposal := o.post("author", "/v1/programmes/"+programme+"/proposals", map[string]any{"rules": rules}).want(http.StatusCreated).text("created", "proposal")
	o.post("certifier", "/v1/programmes/"+programme+"/proposals/"+proposal+"/approval", map[string]any{}).want(http.StatusCreated)
}

// staff makes tokens for the body's people.
func (o *office) staff() {
	o.t.Helper()
	for _, role := range []string{
		domain.RoleRegistrar, domain.RoleAuthor, domain.RoleCertifier, domain.RoleCoordinator, domain.RoleAuditor,
	} {
		o.token(role, domain.StaffActor("x-"+role), role)
	}
	o.token("second", "staff/x-second", domain.RoleCertifier)
}

// openCard publishes the card and registers Ida.
func (o *office) openCard() string {
	o.t.Helper()
	o.at(day("2026-03-02"))
	o.staff()
	o.publish("card", aCard)
	return o.holder("ida")
}

// holder registers somebody for the card, with a token of their own.
func (o *office) holder(name string) string {
	o.t.Helper()
	a := o.post("registrar", "/v1/registrations", map[string]any{"programme": "card"}).want(http.StatusCreated)
	o.ids[name], o.ids[name+"-person"] = a.text("created", "registration"), a.text("created", "person")
	o.token(name, domain.PersonActor(o.ids[name+"-person"]), domain.RoleParticipant)
	return "/v1/registrations/" + o.ids[name]
}

func (o *office) learn(path, on string) {
	o.t.Helper()
	o.post("registrar", path+"/evidence", map[string]any{"kind": "credit", "quantity": 1000, "unit": "hundredth", "until": on}).want(http.StatusOK)
}

// decide decides on somebody; more is names and values in turn.
func (o *office) decide(path, act string, more ...string) answer {
	o.t.Helper()
	body := map[string]any{"act": act}
	for i := 0; i < len(more); i += 2 {
		body[more[i]] = more[i+1]
	}
	return o.post("certifier", path+"/decisions", body)
}

// held takes somebody to the card, held from a day on.
func (o *office) held(path, from string) {
	o.t.Helper()
	o.at(day(from))
	o.post("registrar", path+"/evidence", map[string]any{"kind": "oath"}).want(http.StatusOK)
	o.post("registrar", path+"/evidence", map[string]any{"kind": "exam", "outcome": "passed"}).want(http.StatusOK)
	o.decide(path, "grant", "level", "held").want(http.StatusCreated)
}

// TestLifeAfterTheCertificateOverHTTP takes a card through a trial, an extension,
// a term, its renewal, a track, a revocation and a surrender.
func TestLifeAfterTheCertificateOverHTTP(t *testing.T) {
	o := newOffice(t)
	ida := o.openCard()
	o.post("registrar", ida+"/evidence", map[string]any{"kind": "oath"}).want(http.StatusOK)
	given := func(a answer) []any {
		t.Helper()
		return []any{a.at("decision", "act"), a.at("decision", "award"), a.at("decision", "track"), a.at("decision", "period"), a.at("decision", "level"), a.at("decision", "until")}
	}
	trial := o.decide(ida, "grant", "level", "trial").want(http.StatusCreated)
	require.Equal(t, []any{"grant", "card", nil, nil, "trial", "2027-03-01"}, given(trial))
	require.Equal(t, trial.text("created", "decision"), trial.text("decision", "decision"))

	// What an act does not take is not left out in silence.
	o.decide(ida, "extend", "reason", "illness", "period", "1").problem(http.StatusUnprocessableEntity, "invalid-request")
	o.decide(ida, "surrender", "track", "peer").problem(http.StatusUnprocessableEntity, "invalid-request")
	o.decide(ida, "lengthen").problem(http.StatusUnprocessableEntity, "invalid-request")
	o.decide(ida, "renew", "award", "card", "level", "held").problem(http.StatusUnprocessableEntity, "other-award")
	o.decide(ida, "grant", "level", "held", "track", "peer").problem(http.StatusUnprocessableEntity, "no-tracks")
	o.decide(ida, "extend").problem(http.StatusUnprocessableEntity, "reason-missing")

	o.at(day("2027-02-20"))
	extended := o.decide(ida, "extend", "reason", "illness").want(http.StatusCreated)
	require.Equal(t, []any{"extend", "card", nil, nil, "trial", "2027-09-01"}, given(extended))
	o.decide(ida, "extend", "reason", "illness").problem(http.StatusConflict, "extended-already")

	o.at(day("2027-04-02"))
	o.post("registrar", ida+"/evidence", map[string]any{"kind": "exam", "outcome": "passed"}).want(http.StatusOK)
	require.Equal(t, []any{"grant", "card", nil, nil, "held", "2029-04-01"}, given(o.decide(ida, "grant", "level", "held").want(http.StatusCreated)))

	// A term, from the filing to the renewal.
	o.at(day("2029-02-10"))
	o.learn(ida, "2028-11-01")
	o.decide(ida, "renew", "level", "renewed", "period", "7").problem(http.StatusUnprocessableEntity, "unknown-period")
	o.decide(ida, "renew", "level", "renewed").problem(http.StatusConflict, "not-earned")
	o.post("ida", ida+"/submissions", map[string]any{"kind": "renewal-form", "period": "1"}).want(http.StatusOK)
	renewed := o.decide(ida, "renew", "level", "renewed").want(http.StatusCreated)
	require.Equal(t, []any{"renew", "renewal", nil, "1", "renewed", "2031-04-01"}, given(renewed))
	decision := renewed.text("created", "decision")
	stored := o.get("auditor", "/v1/decisions/"+decision).want(http.StatusOK)
	require.Equal(t, []any{"renew", "1", "2031-04-01"}, []any{stored.at("decision", "act"), stored.at("decision", "period"), stored.at("decision", "until")})
	for _, again := range []answer{o.decide(ida, "renew", "level", "renewed", "period", "1"), o.decide(ida, "grant", "award", "renewal", "level", "renewed", "period", "1")} {
		require.Empty(t, again.want(http.StatusOK).list("entries"))
		require.Equal(t, decision, again.text("already", "decision"), "whichever word it is asked with")
		require.Nil(t, again.at("decision"))
	}
	awards := o.get("auditor", "/v1/registrations").want(http.StatusOK).row(0, "items")
	require.Equal(t, []any{"renewal", "1", "2029-04-01", "renewed"}, []any{
		awards.row(1, "awards").at("award"), awards.row(1, "awards").at("period"), awards.row(1, "awards").at("until"), awards.row(1, "awards").at("granted"),
	})
	require.Equal(t, "2031-04-01", awards.row(0, "awards").at("until"))

	o.track(ida)
	o.endings(ida)
}

// track judges a track, has it signed, grants and revokes it.
func (o *office) track(path string) {
	t := o.t
	ratings := func(first string) map[string]any {
		return map[string]any{"question": "interview/peer", "ratings": []map[string]string{
			{"item": "talk/peer/1", "answer": first}, {"item": "talk/peer/2", "answer": "fair"},
		}}
	}
	o.post("coordinator", path+"/judgements", ratings("strong")).want(http.StatusOK)
	o.decide(path, "grant", "award", "branch", "level", "known").problem(http.StatusUnprocessableEntity, "track-missing")
	o.decide(path, "grant", "award", "branch", "track", "peer", "level", "known").problem(http.StatusConflict, "not-earned")
	o.post("ida", path+"/judgements", ratings("weak")).problem(http.StatusConflict, "judgement-differs")
	o.holder("sam")
	o.post("sam", path+"/judgements", ratings("strong")).problem(http.StatusForbidden, "not-yours")
	o.post("ida", path+"/judgements", ratings("strong")).want(http.StatusOK)
	known := o.decide(path, "grant", "award", "branch", "track", "peer", "level", "known").want(http.StatusCreated)
	require.Equal(t, "peer", known.text("decision", "track"))
	for i, level := range []any{nil, "known"} {
		at := o.get("ida", path).want(http.StatusOK).row(i+2, "assessment", "awards")
		require.Equal(t, []any{"branch", level}, []any{at.at("award"), at.at("granted")})
	}

	revocation := map[string]any{"award": "branch", "track": "peer", "text": "See the letter."}
	o.post("certifier", path+"/revocations", map[string]any{"award": "branch", "track": "family", "text": "See the letter."}).
		problem(http.StatusConflict, "nothing-granted")
	proposal := o.post("certifier", path+"/revocations", revocation).want(http.StatusOK).text("created", "proposal")
	revoked := o.post("second", path+"/proposals/"+proposal+"/approval", map[string]any{}).want(http.StatusOK)
	require.Equal(t, []any{"revoke", "branch", "peer"}, []any{revoked.at("decision", "act"), revoked.at("decision", "award"), revoked.at("decision", "track")})
	o.decide(path, "grant", "award", "branch", "track", "peer", "level", "known").problem(http.StatusConflict, "revoked")
	o.decide(path, "reinstate", "award", "branch", "track", "peer", "text", "The letter was mistaken.").want(http.StatusCreated)
}

// endings suspends, reinstates and takes the card back.
func (o *office) endings(path string) {
	t := o.t
	o.decide(path, "suspend", "text", "An allegation is looked into.").want(http.StatusCreated)
	o.decide(path, "grant", "award", "branch", "track", "peer", "level", "known").problem(http.StatusConflict, "suspended")
	o.decide(path, "reinstate", "text", "It was unfounded.").want(http.StatusCreated)
	o.post("ida", path+"/decisions", map[string]any{"act": "surrender"}).problem(http.StatusForbidden, "not-allowed")
	surrendered := o.decide(path, "surrender", "reason", "moved-away").want(http.StatusCreated)
	require.Equal(t, "accept-surrender", surrendered.text("decision", "act"))
	again := o.decide(path, "surrender", "reason", "moved-away").want(http.StatusOK)
	require.Equal(t, surrendered.text("created", "decision"), again.text("already", "decision"))
	got := o.get("ida", path).want(http.StatusOK)
	require.Equal(t, domain.StatusSurrendered, got.text("assessment", "status"))
	require.NotContains(t, strings.ToLower(got.raw), "unfounded", "what was said is sealed")
}
