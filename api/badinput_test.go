package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programmes"
)

const canary = "Canary7351"

// bad is a request that cannot be carried out.
type bad struct {
	name, as, path string
	body           string
	headers        []string
	status         int
	problem        string
	says           string // stands in the answer
}

func TestBadInputIsAClearProblem(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	sam := o.register("sam")
	gone := o.register("gone")
	o.post("registrar", gone+"/withdrawal", map[string]any{}).want(http.StatusOK)
	o.at(spring(2).Add(3 * time.Hour))
	o.post("trainer", sam+"/attendance", map[string]any{"session": "1", "status": "present"}, "Idempotency-Key", "used").want(http.StatusOK)
	rules, _ := programmes.Get(peer)
	mark := sam + "/attendance"
	samID := strings.TrimPrefix(sam, "/v1/registrations/")

	cases := []bad{
		{
			name: "unknown field", as: "trainer", path: mark, body: `{"session":"2","status":"present","` + canary + `":1}`,
			status: 422, problem: "invalid-request", says: "there is no such field here; the fields are batch, happened",
		},
		{
			name: "misspelt field", as: "trainer", path: mark, body: `{"session":"2","statsu":"` + canary + `"}`,
			status: 422, problem: "invalid-request", says: "did you mean status?",
		},
		{name: "a field in capitals", as: "trainer", path: mark, body: `{"Session":"` + canary + `","status":"present"}`, status: 422, problem: "invalid-request"},
		{
			name: "unknown field below a list", as: "trainer", path: cohortPath + "/sessions/1/attendance",
			body: `{"lines":[{"registration":"r","status":"present","` + canary + `.x[3]":"` + canary + `"}]}`, status: 422, problem: "invalid-request", says: `body.lines[0]"`,
		},
		{name: "missing fields", as: "trainer", path: mark, body: `{}`, status: 422, problem: "invalid-request", says: "session"},
		{
			name: "wrong type", as: "trainer", path: mark, body: `{"session":"2","status":"late","minutes":"` + canary + `"}`,
			status: 422, problem: "invalid-request", says: "body.minutes",
		},
		{name: "a number that is no whole one", as: "trainer", path: mark, body: `{"session":"2","status":"late","minutes":90.5}`, status: 422, problem: "invalid-request"},
		{name: "a list for an object", as: "trainer", path: mark, body: `["` + canary + `"]`, status: 422, problem: "invalid-request"},
		{name: "a field twice", as: "trainer", path: mark, body: `{"session":"2","session":"` + canary + `","status":"present"}`, status: 400, problem: "malformed-json", says: "twice"},
		{name: "no JSON", as: "trainer", path: mark, body: `{"session": ` + canary, status: 400, problem: "malformed-json", says: "byte"},
		{name: "no body", as: "trainer", path: mark, status: 400, problem: "body-missing"},
		{name: "not UTF-8", as: "trainer", path: mark, body: "{\"session\":\"\xff" + canary + "\"}", status: 400, problem: "malformed-json"},
		{name: "another content type", as: "trainer", path: mark, body: canary, headers: []string{"Content-Type", "text/" + canary}, status: 415, problem: "not-json"},
		{name: "oversize body", as: "trainer", path: mark, body: `{"session":"` + strings.Repeat(canary, 200_000) + `"}`, status: 413, problem: "body-too-large"},
		{name: "oversize programme", as: "author", path: "/v1/programmes/" + peer + "/proposals", body: `{"rules":"` + strings.Repeat(canary, 30_000) + `"}`, status: 413, problem: "body-too-large"},
		{name: "unknown query", as: "trainer", path: mark + "?" + canary + "=1", body: `{"session":"2","status":"present"}`, status: 422, problem: "invalid-request", says: "no such parameter"},
		{
			name: "a session that does not exist", as: "trainer", path: mark, body: `{"session":"` + strings.ToLower(canary) + `","status":"present"}`,
			status: 404, problem: "no-such-session", says: "its sessions are 1, 2",
		},
		{
			name: "a participant twice in a class", as: "trainer", path: cohortPath + "/sessions/1/attendance", status: 422, problem: "lines-refused", says: "urn:certledger:problem:line-twice",
			body: `{"lines":[{"registration":"` + samID + `","status":"present"},{"registration":"` + samID + `","status":"absent"}]}`,
		},
		{
			name: "a name for an identifier", as: "registrar", path: sam + "/evidence", status: 422, problem: "invalid-request", says: "body.evidence",
			body: `{"kind":"hours","evidence":"` + strings.ToLower(canary) + `"}`,
		},
		{name: "a session that has not begun", as: "trainer", path: mark, body: `{"session":"9","status":"present"}`, status: 409, problem: "session-not-started"},
		{name: "a withdrawn person", as: "trainer", path: gone + "/attendance", body: `{"session":"2","status":"present"}`, status: 409, problem: "withdrawn"},
		{name: "late without minutes", as: "trainer", path: mark, body: `{"session":"2","status":"late"}`, status: 422, problem: "minutes-missing", says: "body.minutes"},
		{name: "more minutes than the session has", as: "trainer", path: mark, body: `{"session":"2","status":"late","minutes":121}`, status: 422, problem: "minutes-impossible"},
		{
			name: "26 hours in a day", as: "registrar", path: sam + "/evidence", status: 422, problem: "more-than-a-day",
			body: `{"kind":"hours","category":"one-to-one","quantity":1560,"unit":"minute","from":"2026-04-21","until":"2026-04-21","narrative":"` + canary + `"}`,
		},
		{name: "no such day", as: "registrar", path: sam + "/evidence", body: `{"kind":"hours","from":"2026-02-30"}`, status: 422, problem: "not-a-date"},
		{name: "words in the place of a code", as: "registrar", path: sam + "/evidence", body: `{"kind":"` + canary + ` and more"}`, status: 422, problem: "not-a-code"},
		{
			name: "a reused key with another body", as: "trainer", path: mark, body: `{"session":"2","status":"absent"}`, headers: []string{"Idempotency-Key", "used"},
			status: 422, problem: "idempotency-key-reused",
		},
		{
			name: "a key that is none", as: "trainer", path: mark, body: `{"session":"2","status":"absent"}`, headers: []string{"Idempotency-Key", canary + " x"},
			status: 400, problem: "idempotency-key-not-usable",
		},
		{
			name: "a key that is too long", as: "trainer", path: mark, body: `{"session":"2","status":"absent"}`, headers: []string{"Idempotency-Key", strings.Repeat("k", 256)},
			status: 400, problem: "idempotency-key-not-usable",
		},
		{name: "a stale version", as: "trainer", path: mark, body: `{"session":"2","status":"absent"}`, headers: []string{"If-Match", `"1"`}, status: 412, problem: "stale-version"},
		{name: "a version that is none", as: "trainer", path: mark, body: `{"session":"2","status":"absent"}`, headers: []string{"If-Match", canary}, status: 400, problem: "if-match-not-a-version"},
		{name: "a day to come", as: "trainer", path: mark, body: `{"session":"2","status":"absent","happened":"2030-01-01T00:00:00Z"}`, status: 422, problem: "in-the-future"},
		{name: "a time without offset", as: "trainer", path: mark, body: `{"session":"2","status":"absent","happened":"2026-04-23T20:00:00"}`, status: 422, problem: "invalid-request", says: "body.happened"},
		{name: "an unpublished programme", as: "registrar", path: "/v1/cohorts", body: `{"code":"x","programme":"` + strings.ToLower(canary) + `"}`, status: 404, problem: "no-such-programme"},
		{
			name: "a registration that does not exist", as: "registrar", path: "/v1/registrations/" + strings.ToLower(canary) + "/attendance", body: `{"session":"2","status":"present"}`,
			status: 404, problem: "no-such-registration",
		},
		{name: "an identifier that is none", as: "registrar", path: "/v1/registrations/" + canary + "/attendance", body: `{"session":"2","status":"present"}`, status: 404, problem: "no-such-path"},
		{
			name: "an incomplete form", as: "registrar", path: "/v1/registrations", body: `{"cohort":"spring","fields":{"first-name":"` + canary + `","email":"` + canary + `"}}`,
			status: 422, problem: "missing-field", says: "body.fields.postal-code",
		},
		{name: "an implausible form", as: "registrar", path: "/v1/registrations", body: formWith("email", canary), status: 422, problem: "implausible-field", says: "body.fields.email"},
		{name: "a field that the form does not have", as: "registrar", path: "/v1/registrations", body: formWith(canary, canary), status: 422, problem: "unknown-field"},
		{
			name: "a detail that is not corrected", as: "registrar", path: "/v1/persons/" + o.ids["sam-person"] + "/corrections",
			body: `{"fields":{"lived-experience":"` + canary + `"}}`, status: 422, problem: "not-correctable", says: "body.fields",
		},
		{name: "a cohort that does not exist", as: "registrar", path: "/v1/registrations", body: `{"cohort":"` + strings.ToLower(canary) + `"}`, status: 404, problem: "no-such-cohort"},
		{
			name: "a YAML typo", as: "author", path: "/v1/programmes/" + peer + "/proposals", body: asRules(strings.Replace(string(rules), "at-most: max-missed", "at-mots: max-missed", 1)),
			status: 422, problem: "programme-invalid", says: `"line":`,
		},
		{name: "a session too long ago", as: "trainer", path: mark, body: `{"session":"2","status":"present","happened":"1899-01-01T00:00:00Z"}`, status: 422, problem: "act-incomplete"},
		{name: "a method that is not there", as: "trainer", path: sam, body: `{}`, status: 405, problem: "method-not-allowed"},
		{name: "a path that is not there", as: "trainer", path: "/v1/" + canary, body: `{}`, status: 404, problem: "no-such-path"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			before := o.settle()
			headers := append([]string{}, c.headers...)
			a := o.send(http.MethodPost, c.as, c.path, c.body, headers...)
			a.t = t
			a.problem(c.status, c.problem)
			require.Contains(t, a.raw, c.says)
			require.NotContains(t, strings.ToLower(a.raw+fmt.Sprint(a.header)), strings.ToLower(canary))
			require.Equal(t, before, o.settle(), "nothing is recorded")
		})
	}
	require.NotContains(t, strings.ToLower(o.lines.String()), strings.ToLower(canary))
}

func formWith(key, value string) string {
	fields := map[string]string{key: value}
	for k, v := range form {
		if fields[k] == "" {
			fields[k] = v
		}
	}
	raw, err := json.Marshal(map[string]any{"cohort": "spring", "fields": fields, "accepted": expectations})
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func asRules(rules string) string {
	raw, err := json.Marshal(map[string]string{"rules": rules})
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func TestReadsRefuseWhatTheyDoNotKnow(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	sam := o.register("sam")
	for _, c := range []bad{
		{path: "/v1/registrations?cursor=" + canary, status: 400, problem: "unknown-cursor"},
		{path: "/v1/entries?cursor=" + canary, status: 400, problem: "unknown-cursor"},
		{path: "/v1/registrations?limit=0", status: 422, problem: "invalid-request"},
		{path: "/v1/registrations?limit=" + canary, status: 422, problem: "invalid-request"},
		{path: "/v1/registrations?stat=" + canary, status: 422, problem: "invalid-request", says: "did you mean state?"},
		{path: sam + "?min_position=" + canary, status: 422, problem: "invalid-request"},
		{path: sam + "?min_position=0&known_at=" + canary, status: 422, problem: "invalid-request"},
		{path: sam + "?known_at=0", status: 422, problem: "as-of-out-of-range"},
		{path: sam + "?known_at=2001-01-01T00:00:00Z", status: 422, problem: "as-of-out-of-range"},
		{path: sam + "?min_position=0&effective_at=" + canary, status: 422, problem: "invalid-request"},
		{path: "/v1/entries/9999", status: 404, problem: "no-such-entry"},
		{path: "/v1/entries/" + canary, status: 404, problem: "no-such-path"},
		{path: "/v1/decisions/" + strings.ToLower(canary), status: 404, problem: "no-such-decision"},
		{path: "/v1/persons/" + strings.ToLower(canary), status: 404, problem: "no-such-person"},
		{path: "/v1/cohorts/" + strings.ToLower(canary), status: 404, problem: "no-such-cohort"},
		{path: "/v1/cohorts/" + strings.ToLower(canary) + "/grid", status: 404, problem: "no-such-cohort"},
		{path: "/v1/attesters/" + strings.ToLower(canary), status: 404, problem: "no-such-attester"},
		{path: "/v1/programmes/" + strings.ToLower(canary), status: 404, problem: "no-such-programme"},
		{path: "/v1/programmes/" + peer + "/versions/9", status: 404, problem: "no-such-version"},
		{path: "/v1/rules/sha256:" + strings.Repeat("0", 64), status: 404, problem: "no-such-version"},
		{path: "/v1/registrations/" + strings.ToLower(canary), status: 404, problem: "no-such-registration"},
		{path: "/v1/registrations/" + strings.ToLower(canary) + "/timeline", status: 404, problem: "no-such-registration"},
		{path: "/v1/registrations/" + strings.ToLower(canary) + "/explanation", status: 404, problem: "no-such-registration"},
		{path: "//v1/registrations", status: 404, problem: "no-such-path"},
	} {
		t.Run(c.path, func(t *testing.T) {
			a := o.get("administrator", c.path)
			a.t = t
			a.problem(c.status, c.problem)
			require.Contains(t, a.raw, c.says)
			require.NotContains(t, strings.ToLower(a.raw+fmt.Sprint(a.header)), strings.ToLower(canary))
		})
	}
}
