package desk

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programmes"
	"github.com/certledger/certledger/eventstore"
	"github.com/certledger/certledger/eventstore/vault"
	"github.com/certledger/certledger/projections"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	ctx    = context.Background()
	quiet  = slog.New(slog.NewTextHandler(io.Discard, nil))
	spring = time.Date(2026, 4, 20, 18, 0, 0, 0, time.FixedZone("", -4*3600))
)

const (
	ledgerID = "5f0c"
	core     = "peerworks-core-essentials"
	trainer  = "77ab77ab77ab77ab77ab77ab77ab77ab"
	ada      = "0123456789abcdef0123456789abcdef"
	grace    = "fedcba9876543210fedcba9876543210"
)

// office is a ledger with everything that a desk needs, in one directory.
type office struct {
	t     testing.TB
	dir   string
	log   *eventstore.Log
	store *projections.Store
	vault *vault.Vault
	*Desk

	mu   sync.Mutex // protects time and keys
	time time.Time
	keys int

	stop func() // ends following; nil while nothing follows
}

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{t: t, dir: t.TempDir(), time: spring}
	var err error
	o.log, err = eventstore.Create(ctx, o.logConfig())
	require.NoError(t, err)
	o.vault, err = vault.Create(o.vaultConfig())
	require.NoError(t, err)
	o.start()
	return o
}

// openOffice opens what is in a directory.
func openOffice(t testing.TB, dir string, now time.Time) *office {
	t.Helper()
	o := &office{t: t, dir: dir, time: now}
	var err error
	o.log, err = eventstore.Open(ctx, o.logConfig())
	require.NoError(t, err)
	o.vault, err = vault.Open(o.vaultConfig())
	require.NoError(t, err)
	o.start()
	return o
}

func (o *office) logConfig() eventstore.Config {
	return eventstore.Config{Dir: filepath.Join(o.dir, "ledger"), Logger: quiet, StallCheck: 100 * time.Millisecond}
}

func (o *office) vaultConfig() vault.Config {
	return vault.Config{Dir: filepath.Join(o.dir, "vault"), KeysDir: filepath.Join(o.dir, "keys")}
}

func (o *office) start() {
	var err error
	o.store, err = projections.Open(projections.Config{
		Dir: filepath.Join(o.dir, "projections"), Logger: quiet, CacheBytes: 8 << 20, MemTableBytes: 4 << 20,
	})
	require.NoError(o.t, err)
	o.Desk = o.newDesk()
	o.follow()
	o.t.Cleanup(func() {
		o.pause()
		require.NoError(o.t, o.store.Close())
		require.NoError(o.t, o.log.Close())
		require.NoError(o.t, o.vault.Close())
	})
}

func (o *office) newDesk() *Desk {
	d, err := New(Config{Log: o.log, Store: o.store, Vault: o.vault, Ledger: ledgerID, Now: o.now, Logger: quiet})
	require.NoError(o.t, err)
	return d
}

// follow lets the projections follow the ledger.
func (o *office) follow() {
	run, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- o.store.Run(run, o.log) }()
	o.stop = func() {
		cancel()
		require.NoError(o.t, <-done)
	}
}

// pause keeps the projections where they are.
func (o *office) pause() {
	if o.stop != nil {
		o.stop()
		o.stop = nil
	}
}

// catchUp waits until the projections have everything.
func (o *office) catchUp() {
	o.t.Helper()
	head, err := o.log.Head(ctx)
	require.NoError(o.t, err)
	require.NoError(o.t, o.store.Wait(ctx, head))
}

func (o *office) now() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.time
}

func (o *office) setTime(at time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.time = at
}

// act is an act of now under an idempotency key of its own.
func (o *office) act(by domain.Actor, role string) domain.Act {
	o.mu.Lock()
	o.keys++
	key := fmt.Sprintf("key-%d", o.keys)
	o.mu.Unlock()
	return o.actWith(by, role, key)
}

func (o *office) actWith(by domain.Actor, role, key string) domain.Act {
	return domain.Act{At: o.now(), By: by, Role: role, Command: o.CommandID(string(by), key)}
}

func (o *office) registrar() domain.Act { return o.act(domain.StaffActor("s1"), domain.RoleRegistrar) }

// request is a command whose body is its kind.
func request(c domain.Command) Request {
	return Request{Command: c, CommandID: domain.ActOf(c).Command, Body: fmt.Appendf(nil, "%T", c)}
}

func (o *office) do(c domain.Command) Answer {
	o.t.Helper()
	a, err := o.Do(ctx, request(c))
	require.NoError(o.t, err, "%T", c)
	return a
}

func (o *office) refused(c domain.Command) string {
	o.t.Helper()
	_, err := o.Do(ctx, request(c))
	var r *domain.Refusal
	require.ErrorAs(o.t, err, &r, "%T", c)
	return r.Reason
}

// publish makes a shipped programme available, by two people.
func (o *office) publish(name string) {
	o.t.Helper()
	rules, ok := programmes.Get(name)
	require.True(o.t, ok)
	o.do(domain.ProposeProgramme{Act: o.act(domain.StaffActor("author"), domain.RoleAuthor), Programme: core, Rules: string(rules)})
	f, err := o.Facts(ctx, domain.SubjectOf(domain.KindProgramme, core))
	require.NoError(o.t, err)
	proposal := f.Line.Proposals[len(f.Line.Proposals)-1].ID
	o.do(domain.PublishProgramme{Act: o.act(domain.StaffActor("admin"), domain.RoleAdministrator), Programme: core, Proposal: proposal})
}

const classes = 17

// open begins the ledger with the core programme and a cohort, a class a day
// from spring on.
func (o *office) open(cohort string) {
	o.t.Helper()
	o.do(domain.CreateLedger{Act: o.act("system/clock", domain.RoleAdministrator), Ledger: ledgerID})
	o.publish(core)
	o.do(domain.OpenCohort{Act: o.registrar(), Cohort: cohort, Code: "spring-evening", Programme: core})
	for i := range classes {
		starts := spring.AddDate(0, 0, i)
		n := fmt.Sprint(i + 1)
		o.do(domain.ScheduleSession{Act: o.registrar(), Cohort: cohort, Session: n, Module: n, Starts: starts, Ends: starts.Add(2 * time.Hour)})
	}
	o.do(domain.RegisterAttester{
		Act: o.registrar(), Attester: trainer, What: domain.AttesterPerson,
		Name: "Canary Trainer", Email: "canary-trainer@example.org", Phone: "+1 555 0100 777",
	})
	o.do(domain.AssignAttester{Act: o.registrar(), On: domain.SubjectOf(domain.KindCohort, cohort), Attester: trainer, As: domain.RoleTrainer})
}

var form = map[string]string{
	"first-name": "Canaryfirst", "last-name": "Canarylast", "email": "canary.person@example.org",
	"phone": "+1 555 0100 888", "address": "88 Canary Street", "city": "Canaryville", "province": "Canario",
	"postal-code": "K1A 0B1", "lived-experience": "both", "accessibility-request": "A canary in large print",
}

func (o *office) submit(registration, person, cohort string) domain.SubmitRegistration {
	return domain.SubmitRegistration{
		Act: o.registrar(), Registration: registration, Person: person, Cohort: cohort, Fields: form,
		Accepted: []domain.Accept{{Text: "expectations", Version: "2026-01", Hash: domain.HashOf([]byte("expectations"))}},
	}
}

func (o *office) register(registration, person, cohort string) Answer {
	o.t.Helper()
	return o.do(o.submit(registration, person, cohort))
}

func (o *office) mark(registration, session, status string) domain.MarkAttendance {
	return domain.MarkAttendance{
		Act: o.act(domain.AttesterActor(trainer), domain.RoleTrainer), Registration: registration, Session: session, Status: status,
	}
}

// copyFiles copies the files as a crash would leave them.
func (o *office) copyFiles() string {
	o.t.Helper()
	to := filepath.Join(o.t.TempDir(), "copy")
	out, err := exec.Command("cp", "-rp", o.dir, to).CombinedOutput()
	require.NoError(o.t, err, string(out))
	return to
}
