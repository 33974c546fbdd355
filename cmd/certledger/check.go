package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/certledger/certledger/api/auditing"
	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore"
	"github.com/certledger/certledger/eventstore/checkpoints"
	"github.com/certledger/certledger/eventstore/proof"
	"github.com/certledger/certledger/projections"
	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/tlog"
)

// findingsMax bounds the faults that are listed; one alone condemns a ledger.
const findingsMax = 100

// finding is one fault. Entry is where, 0 where it is in no one entry.
type finding struct {
	Part  string `json:"part"` // ledger, tree, checkpoint, projections, decision
	Entry uint64 `json:"entry,omitempty"`
	What  string `json:"what"`
}

// checked is what a check of the whole ledger came to.
type checked struct {
	Entries    uint64    `json:"entries"`
	Subjects   int       `json:"subjects"`
	Root       string    `json:"root"`
	Checkpoint uint64    `json:"checkpoint"` // entries that the last signed checkpoint covers
	Decisions  int       `json:"decisions"`
	Identical  int       `json:"identical"`
	Millis     int64     `json:"milliseconds"`
	Findings   []finding `json:"findings"`
}

func (a *app) ledgerCheck() *cobra.Command {
	var data, published string
	cmd := &cobra.Command{
		Use:   "check --data DIR",
		Short: "Read everything, and check that nothing was lost or altered",
		Long: `Read the whole ledger and check it: that the stream is configured as it must be,
that every entry can be read and follows on the one before it of its subject, that
the tree over all entries is the one that checkpoints were signed of and the one
that the projections hold, that the projections are what a fresh fold gives, and
that every decision comes out as recorded when it is derived again.

Each fault is named with its entry. The program ends with 1 where there is one.
The server must be stopped. The ledger is not changed.`,
		Example: `  certledger ledger check --data ledger
  certledger ledger check --data ledger -o json`,
		Args: takes(0, 0, ""),
	}
	cmd.Flags().StringVar(&data, "data", "", "the data `directory` of a stopped server")
	cmd.Flags().StringVar(&published, "published", "", "`directory` of the last signed checkpoint (default DIR/published)")
	form := outputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if data == "" {
			return usage("which ledger? give --data DIR")
		}
		at := place(data)
		if published == "" {
			published = at.published()
		}
		c := &checker{app: a, at: at, published: published, heads: map[domain.Subject]domain.Head{}, tree: &proof.Tree{}}
		begun := time.Now()
		if err := c.run(cmd.Context()); err != nil {
			return err
		}
		c.Millis = time.Since(begun).Milliseconds()
		if *form == formatJSON {
			if err := printJSON(a.out, c.checked); err != nil {
				return err
			}
		} else {
			a.say("%s", c.checked.String())
		}
		if n := len(c.Findings); n > 0 {
			return fmt.Errorf("%d faults were found; nothing was changed", n)
		}
		return nil
	}
	return cmd
}

func (c checked) String() string {
	text := fmt.Sprintf("%d entries on %d subjects, root %s\n", c.Entries, c.Subjects, c.Root)
	if c.Checkpoint > 0 {
		text += fmt.Sprintf("the last signed checkpoint covers %d of them\n", c.Checkpoint)
	} else {
		text += "no checkpoint was signed yet\n"
	}
	text += fmt.Sprintf("%d of %d decisions come out as recorded\n", c.Identical, c.Decisions)
	for _, f := range c.Findings {
		if f.Entry > 0 {
			text += fmt.Sprintf("FAULT in entry %d (%s): %s\n", f.Entry, f.Part, f.What)
		} else {
			text += fmt.Sprintf("FAULT (%s): %s\n", f.Part, f.What)
		}
	}
	if len(c.Findings) == 0 {
		text += "no fault was found\n"
	}
	return text
}

// checker reads a ledger once, and compares everything with it.
type checker struct {
	*app
	checked
	at        place
	published string

	log   *eventstore.Log
	store *projections.Store // as it was found; nil where it cannot be opened
	known uint64             // entries that it holds
	heads map[domain.Subject]domain.Head
	tree  *proof.Tree
	last  time.Time // recorded time
	whole bool      // the ledger could be read to its end
}

func (c *checker) found(part string, entry uint64, format string, args ...any) {
	if len(c.Findings) < findingsMax {
		c.Findings = append(c.Findings, finding{part, entry, fmt.Sprintf(format, args...)})
	}
}

func (c *checker) run(ctx context.Context) (err error) {
	logger := c.quietLogger()
	if c.log, err = openLedger(ctx, c.at, logger); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.log.Close()) }()
	if err := c.log.CheckConfig(ctx); err != nil {
		c.found("ledger", 0, "%v", err)
	}
	if err := c.openStore(); err != nil {
		return err
	}
	defer func() {
		if c.store != nil {
			err = errors.Join(err, c.store.Close())
		}
	}()
	if err := c.readAll(ctx); err != nil {
		return err
	}
	if err := c.compareCheckpoint(ctx); err != nil {
		return err
	}
	if !c.whole {
		return nil // what is derived from a part says nothing
	}
	return c.deriveAll(ctx)
}

// openStore opens the projections as they are.
func (c *checker) openStore() error {
	none, err := isEmpty(c.at.projections())
	if err != nil || none {
		return err
	}
	c.store, err = projections.Open(projections.Config{Dir: c.at.projections(), Logger: c.quietLogger()})
	if err != nil {
		c.found("projections", 0, "they cannot be opened: %v", err)
		return nil
	}
	c.known = c.store.Position().Sequence
	return nil
}

// readAll reads every entry.
func (c *checker) readAll(ctx context.Context) error {
	head, err := c.log.Head(ctx)
	if err != nil {
		return err
	}
	step, finish := c.progress("entries read")
	defer finish()
	leaves := &leafReader{}
	if c.store != nil {
		leaves.from, leaves.until = c.store.Hashes(), c.known
	}
	err = c.log.Read(ctx, 0, head, func(e eventstore.Stored) error {
		c.entry(e, leaves)
		if step != nil && e.Sequence%1000 == 0 {
			step(e.Sequence, head)
		}
		return nil
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		c.found("ledger", c.Entries+1, "%v", err)
	}
	c.whole = err == nil && len(c.Findings) == 0
	c.Subjects = len(c.heads)
	root, err := c.tree.Root(c.tree.Size())
	c.Root = root.String()
	if c.known > c.Entries {
		c.found("ledger", c.Entries+1, "the projections hold entries up to %d, the ledger ends with %d: those after it are lost", c.known, c.Entries)
	}
	return err
}

// entry checks one entry and adds its leaf.
func (c *checker) entry(e eventstore.Stored, leaves *leafReader) {
	c.Entries = e.Sequence
	leaf := proof.LeafHash(e.Sequence, sha256.Sum256(e.Payload))
	c.tree.Append(leaf)
	if was, ok := leaves.at(e.Sequence); ok && was != leaf {
		c.found("tree", e.Sequence, "it is not the entry that the projections were made from")
	}
	d, err := domain.Decode(e.Sequence, e.Payload)
	if err != nil {
		c.found("ledger", e.Sequence, "%v", err)
		return
	}
	if string(d.Subject) != e.Subject {
		c.found("ledger", e.Sequence, "it stands on another subject than it says")
		return
	}
	before := c.heads[d.Subject]
	if d.Version != before.Version+1 || d.Previous != before.Hash {
		c.found("ledger", e.Sequence, "it does not follow on entry %d, the one before it of its subject", before.Sequence)
	}
	if d.Recorded.Before(c.last) {
		c.found("ledger", e.Sequence, "it was recorded before the entry before it")
	}
	c.last = d.Recorded
	c.heads[d.Subject] = domain.Head{Version: d.Version, Sequence: d.Sequence, Hash: d.Hash}
}

// leafReader reads leaves that were kept, some at a time.
type leafReader struct {
	from   tlog.HashReader
	until  uint64
	begin  uint64
	hashes []proof.Hash
}

const leavesAtOnce = 1024

func (l *leafReader) at(sequence uint64) (proof.Hash, bool) {
	if sequence > l.until {
		return proof.Hash{}, false
	}
	if sequence >= l.begin+uint64(len(l.hashes)) || sequence < l.begin {
		indexes := make([]int64, min(leavesAtOnce, l.until-sequence+1))
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(0, proof.LeafIndex(sequence)+int64(i))
		}
		hashes, err := l.from.ReadHashes(indexes)
		if err != nil {
			l.until = 0
			return proof.Hash{}, false
		}
		l.begin, l.hashes = sequence, hashes
	}
	return l.hashes[sequence-l.begin], true
}

// compareCheckpoint compares the tree with the last signed checkpoint.
func (c *checker) compareCheckpoint(ctx context.Context) (err error) {
	if !checkpoints.Exists(c.published) {
		c.found("checkpoint", 0, "there is no place of signed checkpoints in %s; if it was moved, name it with --published", c.published)
		return nil
	}
	keys, err := checkpoints.LoadKeys(c.at.keys())
	if err != nil {
		return err
	}
	p, err := checkpoints.Open(checkpoints.Config{
		Dir: c.published, Keys: keys, Logger: c.quietLogger(),
		Tree: func(_ context.Context, do func(checkpoints.Tree) error) error {
			return do(checkpoints.Tree{Size: c.tree.Size(), Hashes: c.tree})
		},
	})
	if errors.Is(err, checkpoints.ErrForeign) {
		c.found("checkpoint", 0, "%v", err)
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	c.Checkpoint = p.Latest().Size
	var altered *checkpoints.AlteredError
	var rolledBack *checkpoints.RolledBackError
	switch err := p.Check(ctx); {
	case errors.As(err, &altered):
		c.found("checkpoint", altered.Sequence, "%v", err)
	case errors.As(err, &rolledBack):
		c.found("checkpoint", rolledBack.Head+1, "%v", err)
	case err != nil:
		return err
	}
	return nil
}

// deriveAll folds everything anew, compares the projections with that, and
// derives every decision from it.
func (c *checker) deriveAll(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp(string(c.at), "check-")
	if err != nil {
		return errors.New(plain(err))
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	config := projections.Config{Dir: filepath.Join(dir, "projections"), Logger: c.quietLogger()}
	step, finish := c.progress("entries folded")
	err = projections.Rebuild(ctx, config, c.log, step)
	finish()
	if err != nil {
		c.found("ledger", 0, "it cannot be folded: %v", err)
		return ctx.Err()
	}
	fresh, err := projections.Open(config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, fresh.Close()) }()
	if err := c.compareStores(ctx, fresh); err != nil {
		return err
	}
	return c.decisions(ctx, fresh)
}

func (c *checker) compareStores(ctx context.Context, fresh *projections.Store) error {
	if c.store == nil {
		return nil
	}
	n := &node{at: c.at, log: c.log, store: c.store, logger: c.quietLogger()}
	if err := n.with(ctx, n.caughtUp); err != nil {
		c.found("projections", 0, "they cannot be brought up to the ledger: %v", err)
		return ctx.Err()
	}
	row, err := projections.FirstDifference(ctx, c.store, fresh)
	if err != nil || row == "" {
		return err
	}
	c.found("projections", 0, "they are not what a fresh fold gives: %s. Make them anew with `certledger projection rebuild`", row)
	return nil
}

func (c *checker) decisions(ctx context.Context, fresh *projections.Store) (err error) {
	v, err := fresh.View()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	ids, err := auditing.Population(v, c.Entries, "")
	if err != nil {
		return err
	}
	c.Decisions = len(ids)
	step, finish := c.progress("decisions derived")
	defer finish()
	results, err := auditing.Derive(ctx, v, ids, func(done int) {
		if step != nil {
			step(uint64(done), uint64(len(ids)))
		}
	})
	if err != nil {
		return err
	}
	for _, r := range results {
		if r.Result == auditing.Identical {
			c.Identical++
			continue
		}
		c.found("decision", r.Sequence, "decision %s does not come out as recorded: %s", r.Decision, joinWords(r.Where, r.Because))
	}
	return nil
}
