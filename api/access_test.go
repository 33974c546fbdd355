package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

func TestTheAccessTable(t *testing.T) {
	t.Log(accessTable)
	require.ElementsMatch(t, domain.TokenRoles(), accessRoles, "every role that a token can give has a column")
	for p, r := range access {
		if p.action != "read" && p.action != "export" {
			audits := p.group == groupAudits
			require.Equal(t, audits, r[domain.RoleAuditor] != scopeNone, "an auditor writes nothing but that a sample was drawn: %v", p)
		}
		require.Equal(t, scopeAny, orAny(r[domain.RoleAdministrator], p), "%v", p)
		for _, role := range []string{domain.RoleTrainer} {
			require.NotContains(t, []scope{scopeSupervisee, scopeSelf}, r[role], "%v", p)
		}
		require.Contains(t, []scope{scopeNone, scopeSelf, scopeAny}, r[domain.RoleParticipant], "%v", p)
		if r[domain.RoleParticipant] == scopeAny {
			require.Contains(t, []permission{{"read", groupProgrammes}, {"read", groupProofs}, {"read", groupSigningKeys}}, p, "participants reach only themselves")
		}
	}
	require.Panics(t, func() { permission{"read", "nothing"}.row() }, "an operation without a row is refused")
	require.Panics(t, func() { readAccess("data action a\nx read any any") })
	require.Panics(t, func() { readAccess("data action a\nx read some") })
	require.Panics(t, func() { readAccess("data action a\nx read any\nx read any") })
}

// orAny leaves out decisions, which administrators do not make.
func orAny(s scope, p permission) scope {
	if p == (permission{"decide", groupDecisions}) && s == scopeNone {
		return scopeAny
	}
	return s
}

// TestEveryRowIsUsed keeps the table free of what nothing asks for.
func TestEveryRowIsUsed(t *testing.T) {
	o := newOffice(t)
	used := map[permission]bool{}
	for _, op := range o.server.operations {
		used[op.needs] = true
	}
	for p := range access {
		require.True(t, used[p], "no operation needs %v", p)
	}
}

// mine says which tokens a role has in the tests: one that reaches the fixture,
// and one that is as good but for the assignment.
func (o *office) mine(role string) (own, other string) {
	own, other = "own-"+role, "other-"+role
	actor := map[string]domain.Actor{
		domain.RoleTrainer: domain.AttesterActor(o.ids["trainer"]), domain.RoleSupervisor: domain.AttesterActor(o.ids["supervisor"]),
		domain.RoleParticipant: domain.PersonActor(o.ids["sam-person"]),
	}[role]
	stranger := domain.AttesterActor(domain.NewID(role, "stranger"))
	switch {
	case role == domain.RoleParticipant:
		stranger = domain.PersonActor(domain.NewID(role, "stranger"))
	case actor == "" && assignable[role]:
		actor = domain.AttesterActor(o.ids[role])
	case actor == "":
		actor = domain.StaffActor("x-" + role)
	}
	o.token(own, actor, role)
	o.token(other, stranger, role)
	return own, other
}

// assignable are the roles that are held towards one registration.
var assignable = map[string]bool{"referee": true, "examiner": true, "provider": true, "employer": true}

func TestEveryRouteKeepsToTheAccessTable(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	sam := o.register("sam")
	for _, role := range []string{"supervisor", "referee", "examiner", "provider", "employer"} {
		o.ids[role] = o.post("registrar", "/v1/attesters", map[string]any{"what": "person", "name": role}).want(http.StatusCreated).text("created", "attester")
		o.post("registrar", sam+"/attesters", map[string]any{"attester": o.ids[role], "role": role}).want(http.StatusOK)
	}
	o.settle()
	own, other := map[string]string{}, map[string]string{}
	for _, role := range accessRoles {
		own[role], other[role] = o.mine(role)
	}
	o.settle()
	names := strings.NewReplacer("{registration}", o.ids["sam"], "{cohort}", "spring", "{session}", "1", "{attester}", o.ids["trainer"],
		"{person}", o.ids["sam-person"], "{programme}", peer, "{version}", "1", "{digest}", "sha256:"+strings.Repeat("0", 64), "{sequence}", "1",
		"{decision}", "none", "{evidence}", "none", "{task}", "none", "{submission}", "none", "{proposal}", "none", "{accommodation}", "none",
		"{waiver}", "none", "{qualification}", "none", "{token}", "none", "{audit}", "none")
	for _, op := range o.server.operations {
		t.Run(op.id, func(t *testing.T) {
			path, body := names.Replace(op.path), ""
			if op.method == http.MethodPost {
				body = `{"` + strings.ToLower(canary) + `":1}` // passes nobody who is let in, and changes nothing
			}
			send := func(as string) answer {
				a := o.send(op.method, as, path, body)
				a.t = t
				return a
			}
			send("").problem(http.StatusUnauthorized, "no-token")
			for _, role := range accessRoles {
				switch reach := op.needs.reach(role); {
				case reach == scopeNone:
					send(own[role]).problem(http.StatusForbidden, "not-allowed")
				case reach == scopeAny || op.filters:
					letIn(t, send(own[role]), role)
					letIn(t, send(other[role]), role)
				case strings.Contains(op.path, "{decision}") && !strings.Contains(op.path, "{registration}"): // there is none
					send(own[role]).problem(http.StatusForbidden, "not-yours")
				case strings.Contains(op.path, "{cohort}") && reach != scopeCohort && op.method == http.MethodPost:
					send(own[role]).problem(http.StatusForbidden, "not-yours") // a class is marked by those who reach all of it
				default:
					letIn(t, send(own[role]), role)
					send(other[role]).problem(http.StatusForbidden, "not-yours")
				}
			}
		})
	}
}

// letIn checks that an answer is not about who asks.
func letIn(t *testing.T, a answer, role string) {
	t.Helper()
	require.NotEqual(t, http.StatusUnauthorized, a.status, role)
	require.NotEqual(t, http.StatusForbidden, a.status, "%s: %s", role, a.raw)
	require.Less(t, a.status, http.StatusInternalServerError, "%s: %s", role, a.raw)
}

func TestListsShowWhatARoleReaches(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	o.register("sam")
	o.register("kim")
	o.post("registrar", "/v1/cohorts", map[string]any{"cohort": "autumn", "code": "autumn", "programme": peer}).want(http.StatusCreated)
	elsewhere := o.post("registrar", "/v1/registrations", map[string]any{"cohort": "autumn", "fields": form, "accepted": expectations}).want(http.StatusCreated)
	o.token("sam", domain.PersonActor(o.ids["sam-person"]), domain.RoleParticipant)
	o.token("nobody", domain.AttesterActor(domain.NewID("x", "attester")), domain.RoleTrainer)
	o.ids["supervisor"] = o.post("registrar", "/v1/attesters", map[string]any{"what": "person", "name": "S"}).want(http.StatusCreated).text("created", "attester")
	o.post("registrar", "/v1/registrations/"+o.ids["kim"]+"/attesters", map[string]any{"attester": o.ids["supervisor"], "role": "supervisor"}).want(http.StatusOK)
	o.token("supervisor", domain.AttesterActor(o.ids["supervisor"]), domain.RoleSupervisor)

	ids := func(as, path string) []string {
		var out []string
		for _, item := range o.get(as, path).want(http.StatusOK).list("items") {
			m := item.(map[string]any)
			if id, ok := m["registration"].(string); ok {
				out = append(out, id)
			} else {
				out = append(out, m["id"].(string))
			}
		}
		return out
	}
	three := []string{o.ids["sam"], o.ids["kim"], elsewhere.text("created", "registration")}
	require.ElementsMatch(t, three, ids("registrar", "/v1/registrations"))
	require.ElementsMatch(t, three[:2], ids("registrar", "/v1/registrations?cohort=spring"))
	require.ElementsMatch(t, three[:2], ids("trainer", "/v1/registrations"))
	require.Empty(t, ids("nobody", "/v1/registrations"))
	require.Equal(t, three[:1], ids("sam", "/v1/registrations"))
	require.Equal(t, three[:1], ids("registrar", "/v1/registrations?person="+o.ids["sam-person"]))
	require.Empty(t, ids("sam", "/v1/registrations?person="+o.ids["kim-person"]), "asking for somebody else shows nobody")
	require.Equal(t, three[1:2], ids("supervisor", "/v1/registrations"))
	require.ElementsMatch(t, []string{"spring", "autumn"}, ids("registrar", "/v1/cohorts"))
	require.Equal(t, []string{"spring"}, ids("trainer", "/v1/cohorts"))
	require.Equal(t, []string{"spring"}, ids("sam", "/v1/cohorts"))
	require.Empty(t, ids("nobody", "/v1/cohorts"))
	require.Len(t, ids("registrar", "/v1/attesters"), 2)
	o.get("sam", cohortPath).want(http.StatusOK)
	o.get("sam", "/v1/cohorts/autumn").problem(http.StatusForbidden, "not-yours")
	o.get("sam", cohortPath+"/roster").problem(http.StatusForbidden, "not-allowed")

	// An assignment that ended reaches nothing any more.
	o.post("registrar", cohortPath+"/attesters/"+o.ids["trainer"]+"/release", map[string]any{"role": "trainer", "until": "2026-03-02"}).want(http.StatusOK)
	o.at(o.clock().AddDate(0, 0, 3))
	require.Empty(t, ids("trainer", "/v1/registrations"))
	o.get("trainer", "/v1/registrations/"+o.ids["sam"]).problem(http.StatusForbidden, "not-yours")
}

func TestTheRoleThatActs(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	sam := o.register("sam")
	o.at(spring(1).AddDate(0, 0, 1))
	o.token("both", domain.AttesterActor(o.ids["trainer"]), domain.RoleTrainer, domain.RoleAuditor)
	a := o.post("both", sam+"/attendance", map[string]any{"session": "1", "status": "present"}).want(http.StatusOK)
	entry := o.get("both", "/v1/entries/"+itoa(int(a.at("position").(float64)))).want(http.StatusOK)
	require.Equal(t, domain.RoleTrainer, entry.text("actorrole"))
	require.Equal(t, "attester/"+o.ids["trainer"], entry.text("actor"))
	o.post("both", sam+"/attendance", map[string]any{"session": "1", "status": "absent"}, "Certledger-Role", "auditor").problem(http.StatusForbidden, "not-allowed")
	o.post("both", sam+"/attendance", map[string]any{"session": "1", "status": "absent"}, "Certledger-Role", "administrator").problem(http.StatusForbidden, "role-not-held")
}

func TestTokens(t *testing.T) {
	o := newOffice(t)
	o.send(http.MethodGet, "", "/v1/programmes", "", "Authorization", "Bearer "+canary).problem(http.StatusUnauthorized, "token-not-valid")
	o.send(http.MethodGet, "", "/v1/programmes", "", "Authorization", "Basic "+canary).problem(http.StatusUnauthorized, "no-token")
	made := o.post("administrator", "/v1/tokens", map[string]any{"for": "staff/x", "roles": []string{"registrar"}, "until": "2026-03-31"}, "Idempotency-Key", "t1").want(http.StatusCreated)
	require.NotEmpty(t, made.text("token"))
	o.tokens["x"] = made.text("token")
	again := o.post("administrator", "/v1/tokens", map[string]any{"for": "staff/x", "roles": []string{"registrar"}, "until": "2026-03-31"}, "Idempotency-Key", "t1")
	require.NotContains(t, again.raw, made.text("token"))
	require.Nil(t, again.at("token"), "the text is shown once")
	o.send(http.MethodGet, "x", "/v1/programmes", "").want(http.StatusOK)
	list := o.get("administrator", "/v1/tokens").want(http.StatusOK)
	require.Contains(t, list.raw, "staff/x")
	require.NotContains(t, list.raw, TokenHash(o.tokens["x"]))
	o.at(o.clock().AddDate(0, 1, 0))
	o.get("x", "/v1/programmes").problem(http.StatusUnauthorized, "token-not-valid")
	o.at(o.clock().AddDate(0, -1, 0))
	o.post("administrator", "/v1/tokens/"+made.text("created", "token")+"/revocation", map[string]any{}).want(http.StatusOK)
	o.get("x", "/v1/programmes").problem(http.StatusUnauthorized, "token-not-valid")
	for text := range o.tokens {
		require.NotContains(t, o.lines.String(), o.tokens[text])
	}
}
