package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

// aYearlyCard is renewed every year, with a grace of a year.
const aYearlyCard = `
programme: card
version: 1
title: A card
valid: {from: VALID}
pinned-by: registration
time-zone: UTC
periods:
  term: {lasts: 1 year, first: granted card, next: late renewal}
awards:
  card:    {levels: [none, held], valid: {held: 1 year}}
  renewal: {levels: [owed, renewed], each: term, renews: card}
requirements:
  sworn:  {says: The oath is taken., has: oath, otherwise: none}
  learnt: {for: renewal, says: Ten credits in the term., sum: credit, dated: {in: period}, at-least: 10 credits, otherwise: owed}
after:
  renewal:
    grace:  {until: 1 year after end of period, status: grace, may: [file]}
    lapsed: {status: lapsed, start-again: true}
statuses:
  grace:  {says: Papers may still be filed.}
  lapsed: {says: The title may not be used.}
`

// cardOffice sends requests to a server that holds the yearly card.
type cardOffice struct {
	t      *testing.T
	url    string
	tokens map[string]string
}

func (o *cardOffice) send(as, method, path string, in body) (got answer, raw string) {
	o.t.Helper()
	var out json.RawMessage
	_, err := newClient(o.url, o.tokens[as]).call(o.t.Context(), method, path, in, &out)
	require.NoError(o.t, err, path)
	require.NoError(o.t, json.Unmarshal(out, &got))
	return got, string(out)
}

func (o *cardOffice) token(actor, role string) {
	o.t.Helper()
	_, raw := o.send("administrator", http.MethodPost, "/v1/tokens", body{"for": actor, "roles": []string{role}})
	var made struct{ Token string }
	require.NoError(o.t, json.Unmarshal([]byte(raw), &made))
	o.tokens[role] = made.Token
}

// statuses are those on record at a position or later.
func (o *cardOffice) statuses(registration string, position uint64) []domain.Status {
	o.t.Helper()
	_, raw := o.send(domain.RoleCertifier, http.MethodGet, fmt.Sprintf("/v1/registrations/%s?min_position=%d", registration, position), nil)
	var got struct{ Standing domain.Standing }
	require.NoError(o.t, json.Unmarshal([]byte(raw), &got))
	return got.Standing.Statuses
}

// TestServeRecordsWhatTimeBrings without being asked, and not again after a kill.
func TestServeRecordsWhatTimeBrings(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	var c created
	require.NoError(t, json.Unmarshal([]byte(output(t, "init", "--data", data, "-o", "json")), &c))
	server := start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	o := &cardOffice{t: t, url: server.url, tokens: map[string]string{"administrator": c.Token}}
	for actor, role := range map[string]string{"staff/author": domain.RoleAuthor, "staff/certifier": domain.RoleCertifier, "staff/registrar": domain.RoleRegistrar} {
		o.token(actor, role)
	}
	granted := time.Now().UTC().AddDate(-1, 0, -10).Truncate(time.Second)
	rules := strings.Replace(aYearlyCard, "VALID", granted.AddDate(0, -1, 0).Format(time.DateOnly), 1)
	proposed, _ := o.send(domain.RoleAuthor, http.MethodPost, "/v1/programmes/card/proposals", body{"rules": rules})
	o.send(domain.RoleCertifier, http.MethodPost, "/v1/programmes/card/proposals/"+proposed.Created["proposal"]+"/approval", body{})
	registered, _ := o.send(domain.RoleRegistrar, http.MethodPost, "/v1/registrations", body{"programme": "card", "happened": granted})
	registration := registered.Created["registration"]
	o.send(domain.RoleRegistrar, http.MethodPost, "/v1/registrations/"+registration+"/evidence", body{"kind": "oath", "happened": granted})
	grant, _ := o.send(domain.RoleCertifier, http.MethodPost, "/v1/registrations/"+registration+"/decisions", body{"act": "grant", "level": "held", "happened": granted})

	since := domain.DateOf(granted).AddMonths(12)
	got := o.statuses(registration, grant.Position+1) // waits for what the clock records
	require.Len(t, got, 1)
	require.Equal(t, []any{"grace", since, domain.Actor("system/clock")}, []any{got[0].Word, got[0].Since, got[0].Made.Actor})

	server.kill(t)
	server = start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	o.url = server.url
	marked, _ := o.send(domain.RoleRegistrar, http.MethodPost, "/v1/registrations/"+registration+"/evidence", body{"kind": "oath"})
	require.Len(t, o.statuses(registration, marked.Position), 1)

	due := output(t, "due", "--server", server.url, "--token", o.tokens[domain.RoleRegistrar], "--what", "phase", "-o", "csv")
	lapses := since.AddDays(-1).AddMonths(12).AddDays(1)
	require.Equal(t, "on,what,registration,programme,by,says\n"+string(lapses)+",phase,"+registration+
		",card,,\"The status becomes lapsed, unless something is done about renewal of period 1.\"\n", due)
	require.Empty(t, strings.TrimPrefix(output(t, "due", "--server", server.url, "--token", o.tokens[domain.RoleRegistrar], "--until", "2001-01-01", "-o", "csv"), "on,what,registration,programme,by,says\n"))
	server.stop(t)
}
