package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/cockroachdb/pebble/v2"
	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/cmd/certledger/demo"
	"github.com/certledger/certledger/domain"
)

// A cohort is played with unique strings in every personal field, and everything
// that can be asked is asked, wrongly too. None of the strings is then found in
// the clear: not in a file, not behind a store's own reader, not in the log, not
// in an answer.
func TestNothingPersonalInTheClear(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	var c created
	require.NoError(t, json.Unmarshal([]byte(output(t, "init", "--data", data, "-o", "json")), &c))
	server := start(t, "serve", "--data", data, "--listen", "127.0.0.1:0", "--log-level", "debug")

	story, err := demo.Read()
	require.NoError(t, err)
	n := &canaries{random: rand.New(rand.NewPCG(rand.Uint64(), 0)), fields: map[string]string{}}
	seen := &transcript{next: http.DefaultTransport}
	asked := newClient(server.url, "")
	asked.http = &http.Client{Transport: seen}
	p := &player{server: asked, story: story, admin: c.Token, text: n.make}
	require.NoError(t, p.play(t.Context(), nil))
	playTheRest(t, p, n)
	askWrongly(t, p, n)
	readEverything(t, p)
	server.stop(t)

	require.Greater(t, len(n.fields), 300, "every personal field of the cohort")
	require.NotZero(t, seen.problems, "some requests were refused")
	for _, hay := range []struct {
		where string
		bytes []byte
	}{
		{"the log", []byte(server.logged())},
		{"the answers", seen.bodies.Bytes()},
		{"an export", []byte(output(t, "ledger", "export", "--data", data))},
		{"an explanation", []byte(output(t, "explain", p.shown().registration, "--data", data))},
		{"what is derived, by its own reader", pebbleRows(t, filepath.Join(data, "projections"))},
		{"the vault, by its own reader", pebbleRows(t, filepath.Join(data, "vault"))},
	} {
		require.NotEmpty(t, hay.bytes, hay.where)
		n.findNone(t, hay.where, hay.bytes)
	}
	files := 0
	require.NoError(t, filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		files++
		n.findNone(t, "file "+d.Name(), content)
		n.findNone(t, "the name of a file", []byte(path))
		return nil
	}))
	require.Greater(t, files, 10)
	livedExperienceIsSealed(t, output(t, "ledger", "export", "--data", data))
}

// A search that finds nothing shows something only if it would find it.
func TestCanariesAreFound(t *testing.T) {
	n := &canaries{random: rand.New(rand.NewPCG(1, 2)), fields: map[string]string{}}
	s := n.make("city", "Treeville")
	for _, form := range [][]byte{
		[]byte("x" + s + "y"), []byte(strings.ToUpper(s)), []byte(hex.EncodeToString([]byte(s))), utf16Of(s),
		[]byte(base64.StdEncoding.EncodeToString([]byte(s))), []byte(base64.StdEncoding.EncodeToString([]byte("." + s))),
		[]byte(base64.URLEncoding.EncodeToString([]byte(".." + s))),
	} {
		require.Equal(t, "city", n.find(form), "%q", form)
	}
	require.Empty(t, n.find([]byte("Treeville")))
}

// canaries are unique strings, by themselves to the field that they stand in.
type canaries struct {
	random  *rand.Rand
	fields  map[string]string
	needles map[string][][]byte // canary to the forms in which it may appear
}

// make is a value for a field that looks enough like one to be taken.
func (n *canaries) make(field, invented string) string {
	letters := func(count int) string {
		b := make([]byte, count)
		for i := range b {
			b[i] = "bcdfghjklmnpqrstvwxz"[n.random.IntN(20)]
		}
		return string(b)
	}
	value := canary + letters(14)
	switch {
	case strings.HasSuffix(field, "email"):
		value += "@" + letters(12) + ".example"
	case strings.HasSuffix(field, "phone"):
		value = fmt.Sprintf("%019d", n.random.Uint64N(1e18)+1)
	case field == "postal-code":
		return invented // six characters occur by chance; its neighbours are sealed with it
	case field == "text", field == "narrative":
		value += " " + letters(9) + " " + letters(9)
	}
	n.fields[value] = field
	return value
}

// canary begins every canary but those that must be digits.
const canary = "canary"

func utf16Of(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

// forms are the ways in which a string may stand somewhere: as it is, in hex, in
// UTF-16, and in base64 at each of the three offsets.
func forms(s string) [][]byte {
	out := [][]byte{[]byte(s), []byte(hex.EncodeToString([]byte(s))), utf16Of(s)}
	for offset := range 3 {
		padded := append(make([]byte, offset), s...)
		whole := padded[:len(padded)/3*3]
		text := base64.StdEncoding.EncodeToString(whole)
		skip := (offset*8 + 5) / 6
		out = append(out, []byte(text[skip:]), []byte(base64.URLEncoding.EncodeToString(whole)[skip:]))
	}
	return out
}

// find is the field of some canary in the hay, or empty.
func (n *canaries) find(hay []byte) string {
	if len(n.needles) != len(n.fields) {
		n.needles = map[string][][]byte{}
		for s := range n.fields {
			n.needles[s] = forms(s)
		}
	}
	small := bytes.ToLower(hay)
	some := holds(hay, small, canary, forms(canary)) // quicker than to look for each
	for _, s := range slices.Sorted(maps.Keys(n.fields)) {
		if strings.HasPrefix(s, canary) && !some {
			continue
		}
		if holds(hay, small, s, n.needles[s]) {
			return n.fields[s]
		}
	}
	return ""
}

func holds(hay, small []byte, s string, forms [][]byte) bool {
	return bytes.Contains(small, []byte(s)) ||
		slices.ContainsFunc(forms, func(form []byte) bool { return bytes.Contains(hay, form) })
}

func (n *canaries) findNone(t *testing.T, where string, hay []byte) {
	t.Helper()
	if field := n.find(hay); field != "" {
		t.Errorf("%s holds what was written into the field %q, in the clear", where, field)
	}
}

// transcript keeps the body of every answer.
type transcript struct {
	next     http.RoundTripper
	bodies   bytes.Buffer
	problems int
}

func (s *transcript) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := s.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	s.bodies.Write(body)
	for name, values := range res.Header {
		s.bodies.WriteString(name + ": " + strings.Join(values, ", ") + "\n")
	}
	if res.StatusCode >= http.StatusBadRequest {
		s.problems++
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, err
}

// playTheRest fills the personal fields that the demo's story leaves out.
func playTheRest(t *testing.T, p *player, n *canaries) {
	at := time.Now().Add(-time.Hour).In(p.zone)
	byName := map[string]*participant{}
	for _, x := range p.people {
		byName[x.Name] = x
	}
	olive, oak, alder, yew := byName["Olive Nelson"], byName["Oak Ottawa"], byName["Alder Athabasca"], byName["Yew Exploits"]
	text := func(field string) string { return n.make(field, "") }
	code := func() string { return text("reason-code") }
	var waiver, revocation, accommodation answer
	for _, step := range []struct {
		role, path string
		body       body
		answer     *answer
	}{
		{domain.RoleSupervisor, olive.path("/evidence/hours-5/disputes"), body{"reason": code(), "text": text("text")}, nil},
		{domain.RoleCoordinator, olive.path("/evidence/hours-5/answers"), body{"answer": "accepted", "text": text("text")}, nil},
		{olive.actor(), olive.path("/evidence"), body{
			"evidence": "extra-1", "kind": "hours", "category": "one-to-one", "quantity": 10, "unit": "minute", "narrative": text("narrative"),
		}, nil},
		{domain.RoleCoordinator, olive.path("/evidence/extra-1/corrections"), body{
			"kind": "hours", "category": "one-to-one", "quantity": 20, "unit": "minute", "reason": code(), "text": text("text"),
		}, nil},
		{domain.RoleCoordinator, olive.path("/evidence/extra-1/void"), body{"reason": code(), "text": text("text")}, nil},
		{alder.actor(), alder.path("/accommodations"), body{"what": text("text")}, &accommodation},
		{alder.actor(), alder.path("/submissions"), body{"submission": "plan-2", "kind": "practicum-plan", "text": text("text")}, nil},
		{alder.actor(), alder.path("/submissions/plan-2/withdrawal"), body{"reason": code()}, nil},
		{domain.RoleRegistrar, "/v1/persons/" + alder.person + "/corrections", body{
			"fields": body{"first-name": text("first-name"), "email": text("email"), "city": text("city")}, "reason": "contact-changed",
		}, nil},
		{domain.RoleRegistrar, yew.path("/waivers"), body{
			"requirement": "missed-sessions", "session": "2", "reason": code(), "text": text("text"),
		}, &waiver},
		{domain.RoleCertifier, oak.path("/revocations"), body{"levels": []string{"certified"}, "reason": code(), "text": text("text")}, &revocation},
		{domain.RoleCertifier, oak.path("/decisions"), body{"act": "suspend", "reason": code(), "text": text("text")}, nil},
	} {
		a, err := p.post(t.Context(), step.role, step.path, at, step.body)
		require.NoError(t, err, step.path)
		require.NotEmpty(t, a.Entries, step.path)
		if step.answer != nil {
			*step.answer = a
		}
	}
	_, err := p.post(t.Context(), domain.RoleCoordinator, alder.path("/accommodations/"+accommodation.Created["accommodation"]+"/answer"), at,
		body{"answer": "granted", "text": text("text")})
	require.NoError(t, err)
	_, err = p.post(t.Context(), domain.RoleCertifier, yew.path("/proposals/"+waiver.Created["proposal"]+"/decline"), at, body{"reason": code()})
	require.NoError(t, err)
	_, err = p.post(t.Context(), domain.RoleAppealsPanel, oak.path("/proposals/"+revocation.Created["proposal"]+"/approval"), at, nil)
	require.NoError(t, err)
}

// askWrongly sends personal values where they do not belong: what is refused
// must not be repeated.
func askWrongly(t *testing.T, p *player, n *canaries) {
	x := p.shown()
	text := func() string { return n.make("text", "") }
	ctx := t.Context()
	for _, b := range []body{
		{"cohort": p.cohort, "fields": body{"first-name": text(), "email": text(), "phone": text(), "postal-code": text()}},
		{"cohort": p.cohort, "fields": body{"first-name": text(), text(): text()}},
		{"cohort": text(), "fields": body{"first-name": text()}},
		{"cohort": p.cohort, "fields": text()},
		{"cohort": p.cohort, text(): text()},
		{"person": text(), "received": text(), "cohort": p.cohort},
	} {
		_, err := p.post(ctx, domain.RoleRegistrar, "/v1/registrations", time.Time{}, b)
		require.Error(t, err)
	}
	for path, b := range map[string]body{
		"/attendance":  {"session": text(), "status": text()},
		"/judgements":  {"question": text(), "answer": text(), "narrative": text()},
		"/decisions":   {"act": "grant", "level": text(), "text": text()},
		"/evidence":    {"kind": text(), "quantity": text(), "narrative": text()},
		"/absences":    {"session": text(), "reason": text() + " " + text()},
		"/withdrawal":  {"reason": strings.Repeat(text(), 10)},
		"/" + text():   {"text": text()},
		"/submissions": {"kind": text(), "text": text(), "documents": []string{text()}},
	} {
		_, err := p.post(ctx, domain.RoleRegistrar, x.path(path), time.Time{}, b)
		require.Error(t, err, path)
	}
	for _, path := range []string{"/v1/registrations/" + text(), "/v1/registrations?state=" + text(), "/v1/registrations?" + text() + "=1", "/v1/persons/" + text()} {
		_, err := p.server.as(p.tokens[domain.RoleAuditor]).call(ctx, http.MethodGet, path, nil, nil, "Certledger-Role", text())
		require.Error(t, err, path)
	}
	_, err := p.server.as(text()).call(ctx, http.MethodGet, "/v1/cohorts", nil, nil)
	require.Error(t, err)
	_, err = p.server.as(p.tokens[domain.RoleRegistrar]).call(ctx, http.MethodPost, x.path("/no-show"), body{}, nil, "Idempotency-Key", text()+" "+text(), "If-Match", text())
	require.Error(t, err)
}

// readEverything asks for all that an auditor may read.
func readEverything(t *testing.T, p *player) {
	c := p.server.as(p.tokens[domain.RoleAuditor])
	paths := []string{
		"/v1/registrations", "/v1/ready", "/v1/review-required", "/v1/cohorts", "/v1/attesters", "/v1/programmes", "/v1/tokens", "/v1/entries",
		"/v1/ledger/export", "/v1/cohorts/" + p.cohort + "/roster", "/v1/cohorts/" + p.cohort + "/grid", "/metrics", "/readyz", "/openapi.json",
	}
	for _, x := range p.people {
		paths = append(paths, x.path(""), x.path("/explanation"), x.path("/timeline"), "/v1/persons/"+x.person)
	}
	for _, path := range paths {
		var body []byte
		_, err := c.call(t.Context(), http.MethodGet, path, nil, &body)
		require.NoError(t, err, path)
		require.NotEmpty(t, body, path)
	}
}

// pebbleRows is every key and value of a database, as its own reader has them.
func pebbleRows(t *testing.T, dir string) []byte {
	t.Helper()
	db, err := pebble.Open(dir, &pebble.Options{ReadOnly: true, Logger: silentPebble{}})
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	rows, err := db.NewIter(nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	var all []byte
	for rows.First(); rows.Valid(); rows.Next() {
		all = append(append(append(all, rows.Key()...), '\n'), rows.Value()...)
		all = append(all, '\n')
	}
	require.NoError(t, rows.Error())
	return all
}

type silentPebble struct{}

func (silentPebble) Infof(string, ...any)  {}
func (silentPebble) Errorf(string, ...any) {}
func (silentPebble) Fatalf(f string, v ...any) {
	panic(fmt.Sprintf(f, v...))
}

// livedExperienceIsSealed looks at the one field whose values are known words.
func livedExperienceIsSealed(t *testing.T, export string) {
	sealed := 0
	for line := range strings.Lines(export) {
		if !strings.Contains(line, `"type":"certledger.registration.submitted.v1"`) {
			continue
		}
		for _, word := range []string{`"mental-illness"`, `"addiction"`, `"both"`} {
			require.NotContains(t, line, word)
		}
		require.Contains(t, line, `"lived-experience":{"key":"k-`)
		sealed++
	}
	require.Positive(t, sealed)
}
