package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

// aPier asks for ten hours in its first version, and for twenty in the second,
// which is in force from July on.
const aPier = `
programme: pier
version: 1
title: Pier watch
valid: {from: 2026-01-01, until: 2026-06-30}
pinned-by: MODE
time-zone: America/Toronto
parameters:
  hours: {is: 10 h, stricter: higher}
periods:
  year: {lasts: calendar year, first: year of granted watch}
awards:
  watch: {levels: [not-yet, watch]}
  dues:  {levels: [owed, paid], each: year, settled-by: facts}
submissions:
  application: {answers: [returned, accepted], answered-by: staff}
requirements:
  applied: {says: The application is filed., submission: application, is: filed, otherwise: not-yet}
  hours:   {says: So many hours on the pier., sum: hours, at-least: hours, otherwise: not-yet}
  fee:     {for: dues, says: So many hours in the year., sum: hours, dated: {in: period}, at-least: hours, otherwise: owed}
`

// pier publishes both versions of the pier and registers Ida in March.
func (o *office) pier(mode string) string {
	o.t.Helper()
	o.at(day("2026-03-02"))
	o.staff()
	first := strings.Replace(aPier, "MODE", mode, 1)
	o.publish("pier", first)
	o.publish("pier", strings.NewReplacer(
		"version: 1\n", "version: 2\nreplaces: 1\n", "{from: 2026-01-01, until: 2026-06-30}", "{from: 2026-07-01}", "is: 10 h", "is: 20 h",
	).Replace(first))
	a := o.post("registrar", "/v1/registrations", map[string]any{"programme": "pier"}).want(http.StatusCreated)
	return "/v1/registrations/" + a.text("created", "registration")
}

func (o *office) hours(path string, hours int) {
	o.t.Helper()
	o.post("registrar", path+"/evidence", map[string]any{"kind": "hours", "quantity": hours * 60, "unit": "minute"}).want(http.StatusOK)
}

func (o *office) apply(path string) answer {
	o.t.Helper()
	return o.post("registrar", path+"/submissions", map[string]any{"kind": "application"}).want(http.StatusOK)
}

// judged is which version judges, and what is earned by it.
func (o *office) judged(path string) []any {
	o.t.Helper()
	a := o.get("auditor", path).want(http.StatusOK)
	listed := o.get("auditor", "/v1/registrations").want(http.StatusOK).row(0, "items").row(0, "awards")
	require.Equal(o.t, "watch", listed.at("award"))
	return []any{a.number("assessment", "programme", "version"), a.award("earned")}
}

// types are the types of the entries that an answer recorded.
func (a answer) types() []string {
	var out []string
	for i := range a.list("entries") {
		out = append(out, a.row(i, "entries").text("type"))
	}
	return out
}

func TestTheRegistrationPinsTheVersion(t *testing.T) {
	o := newOffice(t)
	ida := o.pier(domain.PinByRegistration)
	o.at(day("2026-08-03"))
	require.Equal(t, []string{"submission.filed.v1"}, o.apply(ida).types())
	o.hours(ida, 10)
	require.Equal(t, []any{uint64(1), "watch"}, o.judged(ida))
	o.decide(ida, "grant", "level", "watch").want(http.StatusCreated)
}

func TestTheApplicationPinsTheVersion(t *testing.T) {
	o := newOffice(t)
	ida := o.pier(domain.PinByApplication)
	o.hours(ida, 10)
	require.Equal(t, []any{uint64(1), "not-yet"}, o.judged(ida))
	o.at(day("2026-08-03"))
	require.Equal(t, []string{"registration.pinned.v1", "submission.filed.v1"}, o.apply(ida).types())
	require.Equal(t, []any{uint64(2), "not-yet"}, o.judged(ida))
	o.decide(ida, "grant", "level", "watch").problem(http.StatusConflict, "not-earned")
	o.hours(ida, 10)
	o.decide(ida, "grant", "level", "watch").want(http.StatusCreated)
}

func TestEachDecisionPinsTheVersion(t *testing.T) {
	o := newOffice(t)
	ida := o.pier(domain.PinByDecision)
	o.apply(ida)
	o.hours(ida, 10)
	require.Equal(t, []any{uint64(1), "watch"}, o.judged(ida))
	o.at(day("2026-08-03"))
	require.Equal(t, []any{uint64(2), "not-yet"}, o.judged(ida), "asked in August, the version of August judges")
	o.decide(ida, "grant", "level", "watch").problem(http.StatusConflict, "not-earned")
	o.hours(ida, 10)
	granted := o.decide(ida, "grant", "level", "watch").want(http.StatusCreated)
	require.Equal(t, []string{"registration.pinned.v1", "decision.recorded.v1"}, granted.types())
	require.Equal(t, "watch", granted.text("decision", "level"))
	require.NotEmpty(t, granted.at("proof"), "the proof is of the decision, whatever comes before it")
	require.EqualValues(t, 2, o.get("auditor", ida).number("standing", "pin", "version"))
	record := o.get("auditor", "/v1/decisions/"+granted.text("created", "decision")).want(http.StatusOK)
	require.EqualValues(t, 2, record.number("entry", "data", "record", "programme", "version"))
	o.get("auditor", "/v1/decisions/"+granted.text("created", "decision")+"/dossier").want(http.StatusOK)
	again := o.decide(ida, "grant", "level", "watch").want(http.StatusOK)
	require.Equal(t, granted.text("created", "decision"), again.text("already", "decision"))
}

func TestEachPeriodHasItsVersion(t *testing.T) {
	o := newOffice(t)
	ida := o.pier(domain.PinByPeriod)
	o.apply(ida)
	o.hours(ida, 10)
	o.decide(ida, "grant", "level", "watch").want(http.StatusCreated)
	require.Equal(t, []any{uint64(1), "watch"}, o.judged(ida))
	dues := func() []any {
		t.Helper()
		year := o.get("auditor", ida).want(http.StatusOK).row(1, "assessment", "awards")
		return []any{year.at("award"), year.at("period"), year.at("earned"), year.at("version")}
	}
	require.Equal(t, []any{"dues", "2026", "paid", nil}, dues())
	o.at(day("2026-08-03"))
	require.Equal(t, []any{"dues", "2026", "owed", nil}, dues(), "on its last day the second version will be in force")
	o.hours(ida, 10)
	require.Equal(t, []any{"dues", "2026", "paid", nil}, dues())

	// A third version from 2027 on asks for more, and leaves 2026 as it was.
	o.publish("pier", strings.NewReplacer(
		"version: 1\n", "version: 3\nreplaces: 2\n", "MODE", domain.PinByPeriod, "{from: 2026-01-01, until: 2026-06-30}", "{from: 2027-01-01}", "is: 10 h", "is: 30 h",
	).Replace(aPier))
	o.at(day("2027-02-01"))
	require.Equal(t, []any{"dues", "2026", "paid", float64(2)}, dues())
	plain := o.get("auditor", ida+"/explanation", "Accept", "text/plain").want(http.StatusOK).raw
	require.Contains(t, strings.Join(strings.Fields(plain), " "), "This period is judged by version 2 of the rules")
}

// TestAClarificationReachesTheUndecided, and no others.
func TestAClarificationReachesTheUndecided(t *testing.T) {
	o := newOffice(t)
	o.at(day("2026-03-02"))
	o.staff()
	first := strings.NewReplacer("MODE", "registration", ", until: 2026-06-30", "").Replace(aPier)
	o.publish("pier", first)
	path := func() string {
		return "/v1/registrations/" + o.post("registrar", "/v1/registrations", map[string]any{"programme": "pier"}).want(http.StatusCreated).text("created", "registration")
	}
	ida, ann := path(), path()
	o.apply(ida)
	o.hours(ida, 8)
	o.apply(ann)
	o.hours(ann, 10)
	o.decide(ann, "grant", "level", "watch").want(http.StatusCreated)
	clarify := func(path string, version int) answer {
		return o.post("registrar", path+"/clarification", map[string]any{"version": version})
	}
	clarify(ida, 2).problem(http.StatusNotFound, "no-such-version")
	o.publish("pier", strings.NewReplacer("version: 1\n", "version: 2\nreplaces: 1\nclarifies: 1\n", "{from: 2026-01-01}", "{from: 2026-02-01}", "is: 10 h", "is: 8 h").Replace(first))
	require.Equal(t, []string{"registration.pinned.v1"}, clarify(ida, 2).want(http.StatusOK).types())
	require.Empty(t, clarify(ida, 2).want(http.StatusOK).list("entries"))
	clarify(ann, 2).problem(http.StatusConflict, "decided-already")
	a := o.get("auditor", ida).want(http.StatusOK)
	require.Equal(t, []any{uint64(2), "watch"}, []any{a.number("assessment", "programme", "version"), a.award("earned")})
}
