package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore"
	"github.com/certledger/certledger/eventstore/vault"
	"github.com/certledger/certledger/projections"
)

// RequestsMax is how many requests DoAll takes, and how many entries they may
// come to.
const RequestsMax = eventstore.AppendMax

// Config is what a desk works with.
type Config struct {
	// Log, Store and Vault are the ledger's. Required. Something else keeps the
	// Store following the Log.
	Log   *eventstore.Log
	Store *projections.Store
	Vault *vault.Vault

	// Ledger is the ledger's id, as it stands in every entry. Required.
	Ledger string

	// EngineHash is the SHA-256 of the program that runs, as decisions record
	// it. May be empty.
	EngineHash string

	// Now is the node's clock. Nil means time.Now.
	Now func() time.Time

	// Logger gets what went wrong after an append, never a value. Nil means
	// slog.Default().
	Logger *slog.Logger

	// TriesMax bounds how often a command is decided again because others
	// changed its subject. Zero means 8.
	TriesMax int

	// StatesMax and CommandsMax bound how many states that were written or read
	// last, some kilobytes each, and how many commands that were recorded last
	// are remembered. Zero means 4096 and 16384.
	StatesMax   int
	CommandsMax int

	// SkewMax is how far the node's clock may be behind the latest recorded
	// time, and how far an act may be ahead of the node's clock. Zero means 5
	// seconds.
	SkewMax time.Duration
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.TriesMax <= 0 {
		c.TriesMax = 8
	}
	if c.StatesMax <= 0 {
		c.StatesMax = 4096
	}
	if c.CommandsMax <= 0 {
		c.CommandsMax = 16384
	}
	if c.SkewMax <= 0 {
		c.SkewMax = 5 * time.Second
	}
	return c
}

// Desk takes commands. Its methods may be called from any goroutine. It starts
// none of its own and holds no files.
type Desk struct {
	cfg   Config
	clock clock

	// Taken in this order: whoever tries a command id again waits for the first
	// try, and whoever commands a subject waits for the one before.
	commandLocks *stripes
	subjectLocks *stripes

	memory *memory
}

// New makes a desk.
func New(cfg Config) (*Desk, error) {
	if cfg.Log == nil || cfg.Store == nil || cfg.Vault == nil || !domain.IsSlug(cfg.Ledger) {
		return nil, fmt.Errorf("make desk: %w: Log, Store, Vault and Ledger are required", ErrInvalid)
	}
	cfg = cfg.withDefaults()
	return &Desk{
		cfg: cfg, commandLocks: newStripes(), subjectLocks: newStripes(),
		memory: newMemory(cfg.Store, cfg.StatesMax, cfg.CommandsMax),
	}, nil
}

// Request is a command with what its caller said about it.
type Request struct {
	// Command is what to do. Its Act's Command must be CommandID. Required.
	Command domain.Command

	// CommandID is from Desk.CommandID. Required.
	CommandID string

	// Body is a canonical form of what the caller sent, and of where to: two
	// commands with the same Body on one subject are the same command. Of it
	// only a keyed fingerprint is kept.
	Body []byte

	// Person is whose key the fingerprint of a personal body is made with: 32
	// hexadecimal digits. Empty: the body is not personal, and the ledger's key
	// serves.
	Person string

	// IfMatch is the version of the command's subject that the caller saw, 0
	// for none. Nil: any.
	IfMatch *uint64

	// CorrelationID, CausationID and TraceParent are recorded as they are. Each
	// may be empty.
	CorrelationID, CausationID, TraceParent string
}

// Recorded is one entry that a command made.
type Recorded struct {
	ID       string
	Type     string
	Sequence uint64
	Version  uint64
}

// Answer is what a command came to. Where the ledger said so already, Entries
// is empty and Version and Sequence are where the subject stands.
type Answer struct {
	Subject  domain.Subject
	Version  uint64 // of the subject, after the command
	Sequence uint64 // of the subject's last entry then; 0 where it has none
	Entries  []Recorded
	Repeated bool // the command had been recorded before
}

// CommandID is what entries carry instead of the caller's idempotency key: the
// same for the same two strings for ever. Where key is empty it is a random
// one, and each call another command.
func (d *Desk) CommandID(principal, key string) string {
	if key == "" {
		return "random:" + rand.Text()
	}
	return d.cfg.Vault.CommandID(principal, key)
}

// Do carries out one command. With a nil error what it recorded is on disk.
func (d *Desk) Do(ctx context.Context, r Request) (Answer, error) {
	w, err := d.prepare(r)
	if err != nil {
		return Answer{}, err
	}
	answers, err := d.run(ctx, []*work{w})
	if one, ok := errors.AsType[*RequestError](err); ok {
		err = one.Err
	}
	if err != nil {
		return Answer{}, err
	}
	return answers[0], nil
}

// DoAll carries out several commands, all or none. Each is decided as if those
// before it on the same subject had happened, and as if those on other subjects
// had not. A command that refers to an entry of the same batch, as a decision
// on its registration does, is ErrInvalid.
//
// Where one request cannot be done, none is recorded and the error is a
// *RequestError.
func (d *Desk) DoAll(ctx context.Context, rs []Request) ([]Answer, error) {
	if len(rs) > RequestsMax {
		return nil, fmt.Errorf("%w: %d requests at once, at most %d", eventstore.ErrTooLarge, len(rs), RequestsMax)
	}
	works := make([]*work, len(rs))
	first := make(map[string]int, len(rs))
	for i, r := range rs {
		w, err := d.prepare(r)
		if err == nil {
			if j, twice := first[r.CommandID]; twice {
				err = fmt.Errorf("%w: the command id of request %d", ErrInvalid, j)
			}
		}
		if err != nil {
			return nil, &RequestError{Index: i, Err: err}
		}
		first[r.CommandID], works[i] = i, w
	}
	return d.run(ctx, works)
}

// Facts is what a command on a subject would look at now, own writes included.
// What it holds must not be changed.
func (d *Desk) Facts(ctx context.Context, subject domain.Subject) (domain.Facts, error) {
	if err := subject.Check(); err != nil {
		return domain.Facts{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if newState(subject.Kind()) == nil {
		return domain.Facts{}, fmt.Errorf("%w: no facts are kept of a subject of kind %s", ErrInvalid, subject.Kind())
	}
	m := d.moment()
	defer m.close()
	f, _, err := m.facts(ctx, asked{subject: subject, day: domain.DateOf(d.cfg.Now())})
	return f, err
}
