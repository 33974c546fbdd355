package api

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/domain/programmes"
)

// aGuild counts a credit that no decision of any programme rests on already.
const aGuild = `
programme: guild
version: 1
title: A guild
valid: {from: 2026-01-01}
pinned-by: registration
time-zone: UTC
awards:
  membership: {levels: [guest, member], decided-by: {member: certifier}}
requirements:
  learnt: {says: Twenty credits that serve nothing else., sum: credit, where: {unused: anywhere}, at-least: 20 credits, otherwise: guest}
`

// publishShipped puts every programme that ships with the ledger in force. Where
// values are to be supplied that version is refused, and overlays with invented
// values are published in place of the versions. The answer is the programmes' ids.
func (o *office) publishShipped() []string {
	o.t.Helper()
	type shipped struct {
		file programmes.File
		p    *programme.Programme
	}
	var all []shipped
	for _, file := range programmes.All() {
		p, err := domain.ReadProgramme(file.Bytes)
		require.NoError(o.t, err, file.Name)
		all = append(all, shipped{file, p})
	}
	slices.SortFunc(all, func(a, b shipped) int {
		return cmp.Or(cmp.Compare(a.p.ID, b.p.ID), cmp.Compare(a.p.Version, b.p.Version))
	})
	find := func(id string, version int) []byte {
		i := slices.IndexFunc(all, func(x shipped) bool { return x.p.ID == id && x.p.Version == version })
		return all[i].file.Source
	}
	lacks := map[string]bool{}
	for _, x := range all {
		lacks[x.p.ID] = lacks[x.p.ID] || x.p.StillRequired() != ""
	}
	var ids []string
	for _, x := range all {
		id, rules := x.p.ID, string(x.file.Bytes)
		if x.p.StillRequired() != "" {
			o.post("author", "/v1/programmes/"+id+"/proposals", map[string]any{"rules": rules}).want(http.StatusUnprocessableEntity)
		}
		if lacks[id] {
			id = "supplied-" + id
			complete, err := programme.Complete([]byte(supplying(x.p, id)), find)
			require.NoError(o.t, err, x.file.Name)
			rules = string(complete)
		}
		o.publish(id, rules)
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// supplying is an overlay that gives a version the values that it lacks.
func supplying(p *programme.Programme, id string) string {
	valid, header, set := "from: "+cmp.Or(p.Valid.From, "2026-01-01"), "", "set:\n"
	if p.Valid.Until != "" {
		valid += ", until: " + p.Valid.Until
	}
	if p.Replaces > 0 {
		header = fmt.Sprintf("replaces: %d\n", p.Replaces)
	}
	for _, path := range p.Required {
		key := path[strings.LastIndexByte(path, '/')+1:]
		x, ok := p.Parameter(key)
		switch {
		case path == "time-zone":
			header += "time-zone: America/New_York\n"
		case ok && x.Is.Noun == "items":
			set += "  " + key + ": {is: 1..30, source: test}\n"
		case ok && x.Is.Unit == programme.UnitMinute:
			set += "  " + key + ": {is: 20 h, source: test}\n"
		case ok && x.Is.Unit == programme.UnitMonth:
			set += "  " + key + ": {is: 2 years, source: test}\n"
		default:
			set += "  " + key + ": {is: 20, source: test}\n"
		}
	}
	if set == "set:\n" {
		set = ""
	}
	return fmt.Sprintf("programme: %s\nversion: %d\ntitle: With values supplied\nvalid: {%s}\nbased-on: {programme: %s, version: %d}\n%ssources: {test: Invented for a test}\n%s",
		id, p.Version, valid, p.ID, p.Version, header, set)
}

// enrol registers somebody who is known already in another programme.
func (o *office) enrol(person, programme string) string {
	o.t.Helper()
	a := o.post("registrar", "/v1/registrations", map[string]any{"programme": programme, "person": person}).want(http.StatusCreated)
	require.Equal(o.t, person, a.text("created", "person"))
	return "/v1/registrations/" + a.text("created", "registration")
}

// congress is one activity that several bodies give credit for.
const congress = "congress-2026"

func (o *office) credit(path, category, activity string, hundredths int) answer {
	o.t.Helper()
	body := map[string]any{"kind": "credit", "quantity": hundredths, "unit": "hundredth", "until": "2026-06-02"}
	for name, value := range map[string]string{"category": category, "activity": activity} {
		if value != "" {
			body[name] = value
		}
	}
	return o.post("registrar", path+"/evidence", body).want(http.StatusOK)
}

// awarded is what an award of a registration came to: earned and granted.
func (o *office) awarded(path, award string) []any {
	o.t.Helper()
	got := o.get("auditor", path).want(http.StatusOK)
	for i := range got.list("assessment", "awards") {
		if a := got.row(i, "assessment", "awards"); a.at("award") == award {
			return []any{a.at("earned"), a.at("granted")}
		}
	}
	return nil
}

// TestOneLedgerRunsAllProgrammes publishes every programme that ships and one
// more; somebody is in several of them, with one standing in each, and one
// congress serves as many certificates as each body's rules let it.
func TestOneLedgerRunsAllProgrammes(t *testing.T) {
	o := newOffice(t)
	o.at(day("2026-06-02"))
	o.staff()
	ids := o.publishShipped()
	o.publish("guild", aGuild)
	var listed []string
	items, _ := o.pages("auditor", "/v1/programmes?limit=10")
	for _, item := range items {
		listed = append(listed, item.(map[string]any)["id"].(string))
	}
	require.ElementsMatch(t, append(ids, "guild"), listed)

	pmp := o.post("registrar", "/v1/registrations", map[string]any{"programme": "pmp-ccr"}).want(http.StatusCreated)
	person := pmp.text("created", "person")
	o.token("ida", domain.PersonActor(person), domain.RoleParticipant)
	first := "/v1/registrations/" + pmp.text("created", "registration")
	worker, guild := o.enrol(person, "certified-peer-support-worker"), o.enrol(person, "guild")
	o.certifyWorker(worker)
	o.post("registrar", first+"/evidence", map[string]any{"kind": "exam", "outcome": "passed"}).want(http.StatusOK)
	o.decide(first, "grant", "level", "certified").want(http.StatusCreated)

	// The same congress in three registrations: nothing rests on it yet.
	congressOf := o.credit(first, "education/ways-of-working", congress, 2000)
	o.credit(first, "education/power-skills", "", 2000)
	o.credit(first, "education/business-acumen", "", 2000)
	o.credit(worker, "", congress, 2000)
	o.credit(guild, "", congress, 2000)
	require.Equal(t, []any{"member", nil}, o.awarded(guild, "membership"))

	renewal := o.decide(first, "renew", "level", "renewed").want(http.StatusCreated)
	require.Equal(t, []any{"renewed", "renewed"}, o.awarded(first, "renewal"))
	require.Equal(t, []any{"guest", nil}, o.awarded(guild, "membership"), "where no other decision may rest on it, it is used up")
	o.decide(guild, "grant", "level", "member").problem(http.StatusConflict, "not-earned")
	uncounted := o.get("auditor", guild).want(http.StatusOK)
	require.Equal(t, "used-elsewhere", uncounted.row(0, "assessment", "results").row(0, "notcounted").at("reason"))
	counted := o.get("auditor", worker).want(http.StatusOK)
	require.Equal(t, 2000.0, measureIn(counted, "credits").at("amount"), "another body's rules let it count again")

	o.post("registrar", "/v1/registrations", map[string]any{"programme": "pmp-ccr", "person": person}).problem(http.StatusConflict, "already-registered")

	o.standings(person, map[string]string{first: "pmp-ccr", worker: "certified-peer-support-worker", guild: "guild"})
	o.congressCorrected(first, guild, congressOf, renewal.text("created", "decision"))
}

// measureIn is a measure's total, of the registration's latest period.
func measureIn(a answer, measure string) answer {
	for i := len(a.list("assessment", "measures")) - 1; i >= 0; i-- {
		if m := a.row(i, "assessment", "measures"); m.at("measure") == measure {
			return m
		}
	}
	require.Fail(a.t, "no measure "+measure, a.raw)
	return answer{}
}

// certifyWorker takes somebody to the certificate of a peer support worker.
func (o *office) certifyWorker(path string) {
	o.t.Helper()
	supervisor := o.post("registrar", "/v1/attesters", map[string]any{"what": "person", "name": "S"}).want(http.StatusCreated).text("created", "attester")
	o.token("supervisor", domain.AttesterActor(supervisor), domain.RoleSupervisor)
	o.post("registrar", path+"/attesters", map[string]any{"attester": supervisor, "role": "supervisor", "relation": "none", "from": "2026-01-01"}).want(http.StatusOK)
	o.post("ida", path+"/submissions", map[string]any{"kind": "application"}).want(http.StatusOK)
	hours := o.post("registrar", path+"/evidence", map[string]any{
		"kind": "hours", "category": "work", "quantity": 30000, "unit": "minute", "from": "2026-01-01", "until": "2026-06-01",
	}).want(http.StatusOK).text("created", "evidence")
	o.post("supervisor", path+"/evidence/"+hours+"/signatures", map[string]any{}).want(http.StatusOK)
	o.post("ida", path+"/evidence", map[string]any{"kind": "ethics-code"}).want(http.StatusOK)
	for _, fact := range []map[string]any{
		{"kind": "training", "quantity": 2760, "unit": "minute", "from": "2026-04-01", "until": "2026-05-31"}, {"kind": "exam", "outcome": "passed"}, {"kind": "education", "outcome": "high-school"},
	} {
		o.post("registrar", path+"/evidence", fact).want(http.StatusOK)
	}
	o.decide(path, "grant", "award", "certification", "level", "certified").want(http.StatusCreated)
}

// standings are one a registration, and the highest level of each award.
func (o *office) standings(person string, want map[string]string) {
	o.t.Helper()
	got := o.get("auditor", "/v1/persons/"+person).want(http.StatusOK)
	programmes := map[string]string{}
	for i := range got.list("registrations") {
		r := got.row(i, "registrations")
		programmes["/v1/registrations/"+r.text("registration")] = r.text("programme")
	}
	require.Equal(o.t, want, programmes)
	highest := map[string]any{}
	for i := range got.list("highest") {
		h := got.row(i, "highest")
		highest[h.text("programme")+" "+h.text("award")] = h.at("level")
	}
	require.Equal(o.t, "certified", highest["pmp-ccr certification"])
	require.Equal(o.t, "certified", highest["certified-peer-support-worker certification"])
}

// congressCorrected corrects the congress where a decision rests on it: that
// decision is flagged, those of the other programmes are not.
func (o *office) congressCorrected(first, guild string, recorded answer, decision string) {
	o.t.Helper()
	o.at(day("2026-07-02"))
	corrected := o.post("registrar", first+"/evidence/"+recorded.text("created", "evidence")+"/corrections", map[string]any{
		"kind": "credit", "category": "education/ways-of-working", "activity": congress, "quantity": 500, "unit": "hundredth", "until": "2026-06-02", "reason": "wrong-quantity",
	}).want(http.StatusOK)
	require.Equal(o.t, decision, corrected.row(0, "affects").at("decision"))
	reviews := o.get("certifier", "/v1/reviews").want(http.StatusOK)
	require.Len(o.t, reviews.list("items"), 1)
	require.Equal(o.t, decision, reviews.row(0, "items").at("decision"))
	require.Equal(o.t, []any{"not-yet", "renewed"}, o.awarded(first, "renewal"), "it stands, until somebody decides anew")
	require.Equal(o.t, []any{"guest", nil}, o.awarded(guild, "membership"), "what a decision in force rests on stays used")
}
