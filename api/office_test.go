package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/api/clock"
	"github.com/certledger/certledger/api/desk"
	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programmes"
	"github.com/certledger/certledger/eventstore"
	"github.com/certledger/certledger/eventstore/checkpoints"
	"github.com/certledger/certledger/eventstore/vault"
	"github.com/certledger/certledger/projections"
)

// office is a whole node behind HTTP: a real ledger, vault, projections and
// desk, with a clock that the test moves.
type office struct {
	t      testing.TB
	log    *eventstore.Log
	store  *projections.Store
	vault  *vault.Vault
	desk   *desk.Desk
	health *health
	signed *checkpoints.Publisher
	ticks  *clock.Clock
	server *server
	http   *httptest.Server
	lines  *lineBuffer // the server's log

	mu  sync.Mutex
	now time.Time

	tokens map[string]string // by name
	ids    map[string]string
}

// health is the log's, unless the test breaks it.
type health struct {
	*eventstore.Log
	mu  sync.Mutex
	err error
}

func (h *health) Healthy() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err != nil {
		return h.err
	}
	return h.Log.Healthy()
}

type lineBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lineBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lineBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const (
	ledgerID = "5f0c9b1e"
	peer     = "peerworks-core-essentials"
)

var toronto = mustZone("America/Toronto")

func mustZone(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return l
}

func newOffice(t testing.TB) *office {
	dir := t.TempDir()
	ctx := context.Background()
	o := &office{t: t, tokens: map[string]string{}, ids: map[string]string{}, lines: &lineBuffer{}}
	o.now = time.Date(2026, 3, 2, 10, 0, 0, 0, toronto)
	logger := slog.New(slog.NewJSONHandler(o.lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	o.log, err = eventstore.Create(ctx, eventstore.Config{Dir: dir + "/ledger", Logger: logger})
	require.NoError(t, err)
	o.store, err = projections.Open(projections.Config{
		Dir: dir + "/projections", CacheBytes: 4 << 20, MemTableBytes: 1 << 20, WaitMax: 2 * time.Second, Logger: logger,
	})
	require.NoError(t, err)
	o.vault, err = vault.Create(vault.Config{Dir: dir + "/vault", KeysDir: dir + "/keys", Logger: logger})
	require.NoError(t, err)
	o.desk, err = desk.New(desk.Config{Log: o.log, Store: o.store, Vault: o.vault, Ledger: ledgerID, Now: o.clock, Logger: logger})
	require.NoError(t, err)
	following, stop := context.WithCancel(ctx)
	var ended sync.WaitGroup
	ended.Go(func() {
		if err := o.store.Run(following, o.log); err != nil && !errors.Is(err, eventstore.ErrClosed) {
			t.Errorf("projections ended: %v", err)
		}
	})
	o.health = &health{Log: o.log}
	o.signed = o.publisher(dir, logger)
	ended.Go(func() { _ = o.signed.Run(following) })
	o.ticks, err = clock.New(clock.Config{Desk: o.desk, Store: o.store, Ledger: o.health, Now: o.clock, Logger: logger})
	require.NoError(t, err)
	o.server, err = newServer(Config{
		Desk: o.desk, Store: o.store, Ledger: o.health, Checkpoints: o.signed, Clock: o.ticks, LedgerID: ledgerID, Version: "test", Now: o.clock, Logger: logger,
	})
	require.NoError(t, err)
	o.http = httptest.NewServer(o.server.handler())
	t.Cleanup(func() {
		o.http.Close()
		stop()
		ended.Wait()
		require.NoError(t, o.signed.Close())
		require.NoError(t, o.store.Close())
		require.NoError(t, o.log.Close())
		require.NoError(t, o.vault.Close())
	})
	o.begin()
	return o
}

// publisher signs what the projections hold.
func (o *office) publisher(dir string, logger *slog.Logger) *checkpoints.Publisher {
	_, err := checkpoints.CreateKey(dir+"/keys", "certledger/"+ledgerID)
	require.NoError(o.t, err)
	require.NoError(o.t, checkpoints.Create(dir+"/published"))
	keys, err := checkpoints.LoadKeys(dir + "/keys")
	require.NoError(o.t, err)
	p, err := checkpoints.Open(checkpoints.Config{
		Dir: dir + "/published", Keys: keys, Logger: logger, Interval: time.Hour,
		Tree: func(_ context.Context, do func(checkpoints.Tree) error) error {
			v, err := o.store.View()
			if err != nil {
				return err
			}
			at, err := v.Position()
			if err == nil {
				err = do(checkpoints.Tree{Size: at.Sequence, Hashes: v.Hashes()})
			}
			return errors.Join(err, v.Close())
		},
	})
	require.NoError(o.t, err)
	return p
}

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) at(now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = now
}

// tick lets the ledger's clock look once, as it does by itself when time passes.
func (o *office) tick() {
	o.t.Helper()
	o.settle()
	_, err := o.ticks.Round(context.Background())
	require.NoError(o.t, err)
}

// begin creates the ledger and its first token, as the command line does.
func (o *office) begin() {
	ctx := context.Background()
	act := func() domain.Act {
		return domain.Act{At: o.clock(), By: "system/init", Role: domain.RoleSystem, Command: o.desk.CommandID("system/init", "")}
	}
	first := act()
	_, err := o.desk.Do(ctx, desk.Request{Command: domain.CreateLedger{Act: first, Ledger: ledgerID}, CommandID: first.Command, Body: []byte("{}")})
	require.NoError(o.t, err)
	text := NewTokenText()
	second := act()
	_, err = o.desk.Do(ctx, desk.Request{
		Command: domain.CreateToken{
			Act: second, Hash: TokenHash(text), For: "staff/admin", Roles: []string{domain.RoleAdministrator},
		}, CommandID: second.Command, Body: []byte("{}"),
	})
	require.NoError(o.t, err)
	o.tokens["administrator"] = text // valid at once, wherever the views are
}

// token makes a token over HTTP, under a name.
func (o *office) token(name string, actor domain.Actor, roles ...string) {
	a := o.post("administrator", "/v1/tokens", map[string]any{"for": actor, "roles": roles}).want(http.StatusCreated)
	o.tokens[name] = a.text("token")
}

// answer is what came back.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	raw    string
	body   map[string]any
}

func (a answer) want(status int) answer {
	a.t.Helper()
	require.Equal(a.t, status, a.status, a.raw)
	return a
}

// problem checks that the answer is a problem of a kind.
func (a answer) problem(status int, name string) answer {
	a.t.Helper()
	require.Equal(a.t, status, a.status, a.raw)
	require.Equal(a.t, "application/problem+json", a.header.Get("Content-Type"))
	require.Equal(a.t, problemPrefix+name, a.body["type"], a.raw)
	require.NotEmpty(a.t, a.body["detail"])
	require.NotEmpty(a.t, a.body["title"])
	require.EqualValues(a.t, status, a.body["status"])
	return a
}

func (a answer) text(path ...string) string {
	a.t.Helper()
	v, ok := a.at(path...).(string)
	require.True(a.t, ok, "%v in %s", path, a.raw)
	return v
}

func (a answer) at(path ...string) any {
	var v any = a.body
	for _, p := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[p]
	}
	return v
}

func (a answer) list(path ...string) []any {
	v, _ := a.at(path...).([]any)
	return v
}

// send sends a request as the bearer of a token; headers are names and values in turn.
func (o *office) send(method, as, path, body string, headers ...string) answer {
	o.t.Helper()
	r, err := http.NewRequest(method, o.http.URL+path, strings.NewReader(body))
	require.NoError(o.t, err)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if as != "" {
		token, ok := o.tokens[as]
		require.True(o.t, ok, "no token for %s", as)
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(o.t, err)
	raw, err := io.ReadAll(res.Body)
	require.NoError(o.t, err)
	require.NoError(o.t, res.Body.Close())
	a := answer{t: o.t, status: res.StatusCode, header: res.Header, raw: string(raw)}
	if strings.Contains(res.Header.Get("Content-Type"), "json") && !strings.Contains(res.Header.Get("Content-Type"), "ndjson") {
		require.NoError(o.t, json.Unmarshal(raw, &a.body), string(raw))
	}
	require.NotEmpty(o.t, res.Header.Get("Ledger-Position"))
	require.NotEmpty(o.t, res.Header.Get("Correlation-Id"))
	return a
}

func (o *office) post(as, path string, body any, headers ...string) answer {
	o.t.Helper()
	raw, err := json.Marshal(body)
	require.NoError(o.t, err)
	return o.send(http.MethodPost, as, path, string(raw), headers...)
}

// get reads after everything written so far.
func (o *office) get(as, path string, headers ...string) answer {
	o.t.Helper()
	if !strings.Contains(path, "min_position") {
		o.settle()
	}
	return o.send(http.MethodGet, as, path, "", headers...)
}

// settle waits until the views hold the whole ledger, and says its head.
func (o *office) settle() uint64 {
	o.t.Helper()
	head, err := o.log.Head(context.Background())
	require.NoError(o.t, err)
	require.NoError(o.t, o.store.Wait(context.Background(), head))
	return head
}

var form = map[string]string{
	"first-name": "Samcanary", "last-name": "Doecanary", "email": "canary@example.org", "phone": "+1 416 555 0100",
	"address": "1 Canary Street", "city": "Toronto", "province": "ON", "postal-code": "M5V 1A1", "lived-experience": "both",
}

var expectations = []map[string]string{{
	"text": "expectations", "version": "2026-01", "hash": "sha256:" + strings.Repeat("0", 64),
}}

// spring is when class n begins.
func spring(n int) time.Time {
	return time.Date(2026, 4, 20, 18, 0, 0, 0, toronto).AddDate(0, 0, 3*(n-1))
}

const cohortPath = "/v1/cohorts/spring"

// openSpring publishes the programme by two people, opens a cohort with its 17
// classes and a trainer, and makes tokens for everybody.
func (o *office) openSpring() { o.openSpringWith(o.rules(peer+"-1"), o.rules(peer)) }

// rules is a programme that ships with the binary.
func (o *office) rules(file string) string {
	rules, ok := programmes.Get(file)
	require.True(o.t, ok)
	return string(rules)
}

// openSpringWith is openSpring with these versions of the programme.
func (o *office) openSpringWith(versions ...string) {
	o.t.Helper()
	o.token("registrar", "staff/registrar", domain.RoleRegistrar)
	o.token("author", "staff/author", domain.RoleAuthor)
	o.token("certifier", "staff/certifier", domain.RoleCertifier)
	o.token("coordinator", "staff/coordinator", domain.RoleCoordinator)
	o.token("auditor", "staff/auditor", domain.RoleAuditor)
	for _, rules := range versions {
		proposal := o.post("author", "/v1/programmes/"+peer+"/proposals", map[string]any{"rules": rules}).want(http.StatusCreated).text("created", "proposal")
		o.post("certifier", "/v1/programmes/"+peer+"/proposals/"+proposal+"/approval", map[string]any{}).want(http.StatusCreated)
	}
	o.post("registrar", "/v1/cohorts", map[string]any{"cohort": "spring", "code": "spring-2026-evening", "programme": peer}).want(http.StatusCreated)
	for n := 1; n <= 17; n++ {
		o.post("registrar", cohortPath+"/sessions", map[string]any{
			"session": fmt.Sprint(n), "module": fmt.Sprint(n), "starts": spring(n), "ends": spring(n).Add(2 * time.Hour),
		}).want(http.StatusCreated)
	}
	trainer := o.post("registrar", "/v1/attesters", map[string]any{"what": "person", "name": "Trainer Canary", "email": "trainercanary@example.org"}).
		want(http.StatusCreated).text("created", "attester")
	o.ids["trainer"] = trainer
	o.post("registrar", cohortPath+"/attesters", map[string]any{"attester": trainer, "role": "trainer", "from": "2026-03-01"}).want(http.StatusOK)
	o.token("trainer", domain.AttesterActor(trainer), domain.RoleTrainer)
}

// register registers somebody, under a name.
func (o *office) register(name string) string {
	o.t.Helper()
	a := o.post("registrar", "/v1/registrations", map[string]any{"cohort": "spring", "fields": form, "accepted": expectations}).want(http.StatusCreated)
	o.ids[name], o.ids[name+"-person"] = a.text("created", "registration"), a.text("created", "person")
	return "/v1/registrations/" + o.ids[name]
}
