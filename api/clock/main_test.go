package clock

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/certledger/certledger/api/desk"
	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore"
	"github.com/certledger/certledger/eventstore/vault"
	"github.com/certledger/certledger/projections"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	ctx   = context.Background()
	quiet = slog.New(slog.NewTextHandler(io.Discard, nil))
)

// aCard is renewed every year and lapses after a grace of thirty days.
const aCard = `
programme: PLACE
version: 1
title: A card
valid: {from: 2026-01-01}
pinned-by: registration
time-zone: ZONE
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
    grace:  {until: 30 days after end of period, status: grace, may: [file]}
    lapsed: {status: lapsed, start-again: true}
statuses:
  grace:  {says: Papers may still be filed.}
  lapsed: {says: The title may not be used.}
`

const ledger = "5f0c"

// office is a ledger with a desk, in one directory, and a node's clock that the
// test moves.
type office struct {
	t     *testing.T
	dir   string
	log   *eventstore.Log
	store *projections.Store
	vault *vault.Vault
	desk  *desk.Desk
	stop  func()

	mu   sync.Mutex // protects those below
	time time.Time
	keys int
	ill  error // why the ledger takes no entries
}

// zone is a time zone that there is.
func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	require.NoError(t, err)
	return z
}

func newOffice(t *testing.T, at time.Time) *office {
	t.Helper()
	o := &office{t: t, dir: t.TempDir(), time: at}
	var err error
	o.log, err = eventstore.Create(ctx, eventstore.Config{Dir: filepath.Join(o.dir, "ledger"), Logger: quiet})
	require.NoError(t, err)
	o.vault, err = vault.Create(o.vaultConfig())
	require.NoError(t, err)
	o.start()
	t.Cleanup(func() { o.close() })
	o.do(domain.CreateLedger{Act: o.act("system/init", domain.RoleSystem), Ledger: ledger})
	return o
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
	o.desk = o.newDesk()
	run, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- o.store.Run(run, o.log) }()
	o.stop = func() {
		cancel()
		require.NoError(o.t, <-done)
	}
}

func (o *office) newDesk() *desk.Desk {
	d, err := desk.New(desk.Config{Log: o.log, Store: o.store, Vault: o.vault, Ledger: ledger, Now: o.now, Logger: quiet})
	require.NoError(o.t, err)
	return d
}

func (o *office) close() {
	o.stop()
	require.NoError(o.t, o.store.Close())
	require.NoError(o.t, o.log.Close())
	require.NoError(o.t, o.vault.Close())
}

// restart closes everything and opens it again at another time.
func (o *office) restart(at time.Time) {
	o.t.Helper()
	o.close()
	o.at(at)
	var err error
	o.log, err = eventstore.Open(ctx, eventstore.Config{Dir: filepath.Join(o.dir, "ledger"), Logger: quiet})
	require.NoError(o.t, err)
	o.vault, err = vault.Open(o.vaultConfig())
	require.NoError(o.t, err)
	o.start()
	o.settle()
}

// Healthy is the log's, unless the test makes it ill.
func (o *office) Healthy() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ill != nil {
		return o.ill
	}
	return o.log.Healthy()
}

func (o *office) be(ill error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ill = ill
}

func (o *office) now() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.time
}

func (o *office) at(now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.time = now
}

func (o *office) act(by domain.Actor, role string) domain.Act {
	o.mu.Lock()
	o.keys++
	key := fmt.Sprintf("key-%d", o.keys)
	o.mu.Unlock()
	return domain.Act{At: o.now(), By: by, Role: role, Command: o.desk.CommandID(string(by), key)}
}

func (o *office) registrar() domain.Act { return o.act("staff/s1", domain.RoleRegistrar) }
func (o *office) certifier() domain.Act { return o.act("staff/c1", domain.RoleCertifier) }

func (o *office) do(c domain.Command) desk.Answer {
	o.t.Helper()
	a, err := o.desk.Do(ctx, desk.Request{Command: c, CommandID: domain.ActOf(c).Command, Body: fmt.Appendf(nil, "%T", c)})
	require.NoError(o.t, err, "%T", c)
	o.settle()
	return a
}

// settle waits until the views hold everything.
func (o *office) settle() {
	o.t.Helper()
	head, err := o.log.Head(ctx)
	require.NoError(o.t, err)
	require.NoError(o.t, o.store.Wait(ctx, head))
}

// publish makes the card of a place available.
func (o *office) publish(place, zone string) {
	o.t.Helper()
	rules := strings.NewReplacer("PLACE", place, "ZONE", zone).Replace(aCard)
	o.do(domain.ProposeProgramme{Act: o.act("staff/author", domain.RoleAuthor), Programme: place, Rules: rules})
	f, err := o.desk.Facts(ctx, domain.SubjectOf(domain.KindProgramme, place))
	require.NoError(o.t, err)
	o.do(domain.PublishProgramme{Act: o.act("staff/admin", domain.RoleAdministrator), Programme: place, Proposal: f.Line.Proposals[0].ID})
}

// holder registers somebody who holds the card of a place from today on.
func (o *office) holder(registration, place string) {
	o.t.Helper()
	o.heldSince(registration, place, o.now())
}

// heldSince is holder, recorded now, from another time on.
func (o *office) heldSince(registration, place string, since time.Time) {
	o.t.Helper()
	then := func(act domain.Act) domain.Act {
		act.At = since
		return act
	}
	o.do(domain.SubmitRegistration{
		Act: then(o.registrar()), Registration: registration, Person: domain.NewID(registration, "person"), Programme: place,
	})
	o.do(domain.RecordEvidence{Act: then(o.registrar()), Registration: registration, Evidence: "oath-1", Fact: domain.Fact{Kind: "oath"}})
	o.do(domain.Grant{Act: then(o.certifier()), Registration: registration, Level: "held"})
}

// statuses are those on record, with the day on which they began and that on
// which they were recorded.
func (o *office) statuses(registration string) []string {
	o.t.Helper()
	o.settle()
	s, err := o.store.Standing(registration)
	require.NoError(o.t, err)
	var out []string
	for _, x := range s.Statuses {
		require.Equal(o.t, Actor, x.Made.Actor)
		out = append(out, fmt.Sprintf("%s %s, on %s", x.Word, x.Since, x.Made.Time.Format("2006-01-02 15:04 -07")))
	}
	return out
}

// clock is one on the office's ledger; with changes its configuration.
func (o *office) clock(with ...func(*Config)) *Clock {
	o.t.Helper()
	cfg := Config{Desk: o.desk, Store: o.store, Ledger: o, Now: o.now, Logger: quiet}
	for _, change := range with {
		change(&cfg)
	}
	c, err := New(cfg)
	require.NoError(o.t, err)
	return c
}

// round has a clock look once.
func (o *office) round(c *Clock) State {
	o.t.Helper()
	o.settle()
	more, err := c.Round(ctx)
	require.NoError(o.t, err)
	require.False(o.t, more)
	return c.State()
}
