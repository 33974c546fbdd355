package checkpoints

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/certledger/certledger/eventstore/proof"
)

const (
	// leavesAtOnce is how many leaf hashes are read and kept at a time.
	leavesAtOnce = 4096

	// publishMax bounds one attempt, witnesses included.
	publishMax = 30 * time.Second
)

// Tree is the ledger's tree at one moment.
type Tree struct {
	Size   uint64
	Hashes tlog.HashReader
}

// Config is what a Publisher works with.
type Config struct {
	// Dir is the durable place of the last checkpoint. It cannot be made anew
	// from anything else; keep it apart from what backups restore. Required.
	Dir string

	// Keys sign. Next signs too while Rotated says so. Current is required.
	Keys Keys

	// Rotated reports whether the ledger holds the act of two people by which
	// the next key was announced. Nil means never.
	Rotated func(verifier string) (bool, error)

	// Tree runs a function on the tree as it is now. Required.
	Tree func(ctx context.Context, do func(Tree) error) error

	// Every and Interval are when a checkpoint is published without anybody
	// waiting for one: after so many entries, or after so long where there are
	// new ones. Zero means 1000 entries, and a minute.
	Every    uint64
	Interval time.Duration

	// Policy names the witnesses who are asked to cosign, with their URLs, and
	// how many must: without its quorum nothing is published. It trusts this
	// log's key. Nil asks nobody.
	Policy *proof.Policy

	// HTTP asks the witnesses. Nil means a client with a time-out.
	HTTP *http.Client

	// Logger is told what goes wrong. Nil means slog.Default().
	Logger *slog.Logger
}

// Published is a checkpoint as it was published.
type Published struct {
	proof.Checkpoint
	Signed []byte // exactly as it may be shown
}

// Publisher publishes checkpoints. Its methods may be called from any
// goroutine. It starts none of its own.
type Publisher struct {
	cfg   Config
	place *place

	publishing chan struct{} // holds one value while a checkpoint is being made
	wake       chan struct{} // somebody waits for a checkpoint
	witnesses  []*witness    // used by whoever is publishing

	mu      sync.Mutex // protects the three below
	last    Published
	stopped error
	changed chan struct{} // closed when one of the two above changes
}

// Open opens the place of published checkpoints. It compares nothing with the
// tree yet; Check does.
func Open(cfg Config) (*Publisher, error) {
	if cfg.Dir == "" || cfg.Keys.Current == nil || cfg.Tree == nil {
		return nil, errors.New("open the publisher of checkpoints: Dir, Keys and Tree are required")
	}
	if cfg.Every == 0 {
		cfg.Every = 1000
	}
	if cfg.Interval <= 0 {
		cfg.Interval = time.Minute
	}
	if cfg.HTTP == nil {
		cfg.HTTP = &http.Client{Timeout: witnessMax}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	p := &Publisher{cfg: cfg, publishing: make(chan struct{}, 1), wake: make(chan struct{}, 1), changed: make(chan struct{})}
	if cfg.Policy != nil {
		if cfg.Policy.Origin() != p.Origin() {
			return nil, errors.New("open the publisher of checkpoints: the policy of witnesses is for another log")
		}
		p.witnesses = witnessesOf(cfg.Policy)
	}
	var err error
	if p.place, err = openPlace(cfg.Dir); err != nil {
		return nil, fmt.Errorf("open the published checkpoints: %w", err)
	}
	if p.last, err = lastOf(p.place, cfg.Keys); err != nil {
		return nil, errors.Join(fmt.Errorf("open the published checkpoints: %w", err), p.Close())
	}
	return p, nil
}

// Close gives the place up. Nobody may be publishing.
func (p *Publisher) Close() error { return p.place.close() }

// Origin is the name of the log, as its checkpoints begin with.
func (p *Publisher) Origin() string { return p.cfg.Keys.Current.Signer.Name() }

// Latest is the last published checkpoint; its Signed is nil where there is none.
func (p *Publisher) Latest() Published {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// Err is why nothing is signed any more, nil while all is well.
func (p *Publisher) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stopped
}

// Verifiers are the keys that checkpoints are signed with now, the current one
// first.
func (p *Publisher) Verifiers() ([]string, error) {
	keys, err := p.signing()
	var out []string
	for _, k := range keys {
		out = append(out, k.Verifier)
	}
	return out, err
}

// Prepared are the key that signs, and the one that was made to come after it;
// empty where there is none.
func (p *Publisher) Prepared() (current, next string) {
	if p.cfg.Keys.Next != nil {
		next = p.cfg.Keys.Next.Verifier
	}
	return p.cfg.Keys.Current.Verifier, next
}

// signing are the keys that sign now, the current one first.
func (p *Publisher) signing() ([]*Key, error) {
	keys := p.cfg.Keys
	if keys.Next == nil || p.cfg.Rotated == nil {
		return []*Key{keys.Current}, nil
	}
	rotated, err := p.cfg.Rotated(keys.Next.Verifier)
	if err != nil || !rotated {
		return []*Key{keys.Current}, err
	}
	return keys.all(), nil
}

// signedByAll reports whether a checkpoint carries the signatures of those who
// sign now, and no others of ours.
func (p *Publisher) signedByAll(c Published) bool {
	now, err := p.Verifiers()
	if err != nil {
		return true // it is looked at again with the next entry
	}
	policy, err := proof.NewPolicy(proof.Trust{LogKeys: now})
	if err != nil {
		return true
	}
	policy.AllLogKeys, policy.AllowUnknown = true, true
	opened, err := policy.Open(c.Signed)
	return err == nil && (opened.Unknown == 0 || len(p.witnesses) > 0)
}

func signersOf(keys []*Key) []note.Signer {
	out := make([]note.Signer, len(keys))
	for i, k := range keys {
		out[i] = k.Signer
	}
	return out
}

// lastOf reads the last published checkpoint, which must be signed by the key
// that signs now, or by the one before it.
func lastOf(p *place, keys Keys) (Published, error) {
	signed, err := p.load()
	if err != nil || signed == nil {
		return Published{}, err
	}
	checkpoint, err := openOwn(signed, keys)
	if err != nil {
		return Published{}, fmt.Errorf("%w: the published checkpoint: %w", ErrForeign, err)
	}
	return Published{checkpoint, signed}, nil
}

// openOwn reads a checkpoint that one of our own keys has signed.
func openOwn(signed []byte, keys Keys) (proof.Checkpoint, error) {
	var verifiers []string
	for _, k := range keys.all() {
		verifiers = append(verifiers, k.Verifier)
	}
	policy, err := proof.NewPolicy(proof.Trust{LogKeys: verifiers})
	if err != nil {
		return proof.Checkpoint{}, err
	}
	policy.AllowUnknown = true // witnesses, and a key that was replaced
	opened, err := policy.Open(signed)
	return opened.Checkpoint, err
}

// Run publishes until ctx ends, or until nothing may be signed any more, which
// is the error of Err. A failure that may pass, as of a witness, is logged.
func (p *Publisher) Run(ctx context.Context) error {
	tick := time.NewTicker(p.cfg.Interval)
	defer tick.Stop()
	p.wakeUp()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-p.wake:
		}
		if _, err := p.Publish(ctx); err != nil && ctx.Err() == nil {
			if stopped := p.Err(); stopped != nil {
				return stopped
			}
			p.cfg.Logger.Warn("no checkpoint was published", "error", err)
		}
	}
}

// Grown tells the Publisher how large the tree is now, so that it publishes
// after so many entries. It waits for nothing.
func (p *Publisher) Grown(size uint64) {
	if last := p.Latest().Size; size >= last+p.cfg.Every {
		p.wakeUp()
	}
}

func (p *Publisher) wakeUp() {
	select {
	case p.wake <- struct{}{}:
	default: // it is awake
	}
}

// Cover waits for a checkpoint that covers an entry. Somebody must be running
// Run. The tree must hold the entry already.
func (p *Publisher) Cover(ctx context.Context, sequence uint64) (Published, error) {
	for {
		p.mu.Lock()
		last, stopped, changed := p.last, p.stopped, p.changed
		p.mu.Unlock()
		switch {
		case last.Size >= sequence:
			return last, nil
		case stopped != nil:
			return Published{}, stopped
		}
		p.wakeUp()
		select {
		case <-changed:
		case <-ctx.Done():
			return Published{}, fmt.Errorf("no checkpoint covers entry %d yet: %w", sequence, ctx.Err())
		}
	}
}

// Publish publishes a checkpoint of the tree as it is, unless the last one
// covers it, and returns the last.
func (p *Publisher) Publish(ctx context.Context) (Published, error) {
	ctx, cancel := context.WithTimeout(ctx, publishMax)
	defer cancel()
	select {
	case p.publishing <- struct{}{}:
		defer func() { <-p.publishing }()
	case <-ctx.Done():
		return Published{}, ctx.Err()
	}
	if err := p.Err(); err != nil {
		return Published{}, err
	}
	err := p.cfg.Tree(ctx, func(t Tree) error { return p.publish(ctx, t) })
	if err != nil {
		return Published{}, fmt.Errorf("publish a checkpoint: %w", err)
	}
	return p.Latest(), nil
}

func (p *Publisher) publish(ctx context.Context, t Tree) error {
	last := p.Latest()
	if t.Size < last.Size || t.Size == 0 || t.Size == last.Size && p.signedByAll(last) {
		return nil // nothing is new, or the tree is still being made
	}
	root, err := proof.RootOf(t.Hashes, t.Size)
	if err != nil {
		return err
	}
	fresh := proof.Checkpoint{Origin: p.Origin(), Size: t.Size, Root: root}
	if err := p.consistent(t, last, fresh); err != nil {
		return err
	}
	keys, err := p.signing()
	if err != nil {
		return err
	}
	signed, err := proof.Sign(fresh, signersOf(keys)...)
	if err != nil {
		return err
	}
	if signed, err = p.cosign(ctx, t, fresh.Size, signed); err != nil {
		return err
	}
	if err := p.keepLeaves(t, last.Size); err != nil {
		return fmt.Errorf("keep the leaves: %w", err)
	}
	if err := p.place.swap(last.Signed, signed); err != nil {
		if errors.Is(err, ErrSwapped) {
			p.Stop(err)
		}
		return err
	}
	p.set(Published{fresh, signed})
	return nil
}

// consistent proves that the last published checkpoint is a beginning of the
// tree, and stops the Publisher where it is not.
func (p *Publisher) consistent(t Tree, last Published, fresh proof.Checkpoint) error {
	if last.Size == 0 {
		return nil
	}
	between, err := proof.Consistency(t.Hashes, last.Size, fresh.Size)
	if err != nil {
		return err
	}
	if proof.VerifyConsistency(last.Checkpoint, fresh, between) == nil {
		return nil
	}
	found, err := inspect(p.place, last, t)
	if err != nil {
		return err
	}
	if found.Fault == nil { // the tree contradicts itself
		found.Fault = &AlteredError{Published: last.Size}
	}
	p.Stop(found.Fault)
	return found.Fault
}

// keepLeaves keeps the leaf hashes from one index on.
func (p *Publisher) keepLeaves(t Tree, from uint64) error {
	for from < t.Size {
		hashes, err := leavesOf(t, from, min(leavesAtOnce, t.Size-from))
		if err != nil {
			return err
		}
		if err := p.place.keepLeaves(from, hashes); err != nil {
			return err
		}
		from += uint64(len(hashes))
	}
	return p.place.leaves.Sync()
}

func leavesOf(t Tree, from, n uint64) ([]proof.Hash, error) {
	indexes := make([]int64, n)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, int64(from)+int64(i))
	}
	return t.Hashes.ReadHashes(indexes)
}

func (p *Publisher) set(last Published) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = last
	p.tellAll()
}

// Stop ends signing for good; the first reason stays.
func (p *Publisher) Stop(why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped != nil {
		return
	}
	p.stopped = why
	p.tellAll()
	p.cfg.Logger.Error("nothing is signed any more", "error", why)
}

// tellAll wakes whoever waits for a change. The caller holds mu.
func (p *Publisher) tellAll() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// Dossier makes a dossier as the ledger was at a checkpoint that was published.
func (p *Publisher) Dossier(from proof.Source, about proof.About, at Published) (proof.Files, error) {
	if err := p.Err(); err != nil {
		return nil, err
	}
	return proof.BuildDossier(from, about, at.Signed, p.whoSigned(at)...)
}

// Opening adds to a dossier that was made at a checkpoint what of its sealed
// values is given in the clear.
func (p *Publisher) Opening(files proof.Files, what proof.Opening, at Published) (proof.Files, error) {
	if err := p.Err(); err != nil {
		return nil, err
	}
	return proof.AddOpening(files, what, p.whoSigned(at)...)
}

// whoSigned are the keys that signed a checkpoint: one set verifies all that is
// made at it.
func (p *Publisher) whoSigned(at Published) []note.Signer {
	return signersOf(slices.DeleteFunc(p.cfg.Keys.all(), func(k *Key) bool {
		_, err := openOwn(at.Signed, Keys{Current: k})
		return err != nil
	}))
}
