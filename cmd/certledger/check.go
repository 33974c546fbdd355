package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore"
	"github.com/certledger/certledger/eventstore/checkpoints"
	"github.com/certledger/certledger/eventstore/proof"
	"github.com/certledger/certledger/projections"
	"github.com/spf13/cobra"
)

// findingsMax bounds the faults that are listed; one alone condemns a ledger.
const findingsMax = 100

// checkDirs is how the directories are named, in that of the data, in which a
// check folds everything anew.
const checkDirs = "check-"

// The parts in which a fault is found.
const (
	partLedger      = "ledger"
	partTree        = "tree"
	partCheckpoint  = "checkpoint"
	partProjections = "projections"
	partDecision    = "decision"
)

// finding is one fault. Entry is where, 0 where it is in no one entry.
type finding struct {
	Part  string `json:"part"`
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
	Derived    uint64    `json:"derived"` // decisions up to this entry were derived again
	Millis     int64     `json:"milliseconds"`
	Remarks    []string  `json:"remarks"` // what is no fault and should be known
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
The server must be stopped. Nothing is changed and nothing is mended; everything
is folded anew in a directory of its own beside the ledger, which is removed.`,
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
		c := newChecker(a, at, published)
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
		return c.verdict()
	}
	return cmd
}

func (c checked) String() string {
	text := fmt.Sprintf("%d entries on %d subjects, root %s\n", c.Entries, c.Subjects, c.Root)
	if c.Checkpoint > 0 {
		text += fmt.Sprintf("the last signed checkpoint covers %d of them\n", min(c.Checkpoint, c.Entries))
	} else {
		text += "there is no signed checkpoint\n"
	}
	text += fmt.Sprintf("%d of %d decisions come out as recorded", c.Identical, c.Decisions)
	if c.Derived < c.Entries {
		text += fmt.Sprintf(", of those up to entry %d", c.Derived)
	}
	text += "\n"
	for _, r := range c.Remarks {
		text += r + "\n"
	}
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

// verdict is an error where there is a fault.
func (c checked) verdict() error {
	switch n := len(c.Findings); n {
	case 0:
		return nil
	case 1:
		return errors.New("1 fault was found; nothing was changed")
	case findingsMax:
		return fmt.Errorf("%d faults were found, and there may be more; nothing was changed", n)
	default:
		return fmt.Errorf("%d faults were found; nothing was changed", n)
	}
}

// checker reads a ledger once, and compares everything with it.
type checker struct {
	*app
	checked
	at        place
	published string

	log   *eventstore.Log
	store *projections.Store // as it was found, only read; nil where there is none
	known uint64             // entries that it holds

	tree      *proof.Tree // of the entries as they are
	heads     map[domain.Subject]domain.Head
	recorded  time.Time              // of the latest entry
	readable  uint64                 // up to here all can be read
	cut       bool                   // it could not be read to its end
	doubtful  []uint64               // entries that are not those of the tree in the projections
	inspected checkpoints.Inspection // what was signed
}

func newChecker(a *app, at place, published string) *checker {
	c := &checker{app: a, at: at, published: published, heads: map[domain.Subject]domain.Head{}, tree: &proof.Tree{}}
	c.Remarks, c.Findings = []string{}, []finding{}
	return c
}

func (c *checker) found(part string, entry uint64, format string, args ...any) {
	if len(c.Findings) < findingsMax {
		c.Findings = append(c.Findings, finding{part, entry, fmt.Sprintf(format, args...)})
	}
}

// accused reports whether a fault of the ledger was found in an entry.
func (c *checker) accused(part string, entry uint64) bool {
	for _, f := range c.Findings {
		if f.Part == part && f.Entry == entry {
			return true
		}
	}
	return false
}

func (c *checker) remark(format string, args ...any) {
	c.Remarks = append(c.Remarks, fmt.Sprintf(format, args...))
}

func (c *checker) run(ctx context.Context) (err error) {
	if c.log, err = openLedger(ctx, c.at, c.quietLogger()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.log.Close()) }()
	if err := c.sweep(); err != nil {
		return err
	}
	if err := c.log.CheckConfig(ctx); err != nil {
		c.found(partLedger, 0, "%v", err)
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
	if err := c.inspect(); err != nil {
		return err
	}
	c.judge()
	return c.derive(ctx)
}

// leftBehind are the names that os.MkdirTemp gives directories of checks.
var leftBehind = regexp.MustCompile("^" + checkDirs + "[0-9]+$")

// sweep removes what a check left that was killed: no other is running, for the
// ledger is open here.
func (c *checker) sweep() error {
	there, err := os.ReadDir(string(c.at))
	if err != nil {
		return errors.New(plain(err))
	}
	for _, d := range there {
		if d.IsDir() && leftBehind.MatchString(d.Name()) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(string(c.at), d.Name())))
		}
	}
	return err
}

// openStore opens the projections as they are.
func (c *checker) openStore() error {
	none, err := isEmpty(c.at.projections())
	if err != nil {
		return errors.New(plain(err))
	}
	if none {
		c.remark("there are no projections; the server makes them when it starts")
		return nil
	}
	c.store, err = projections.OpenToCheck(projections.Config{Dir: c.at.projections(), Logger: c.quietLogger()})
	if err != nil {
		c.found(partProjections, 0, "they cannot be read: %v", err)
		return nil
	}
	c.known = c.store.Position().Sequence
	return nil
}
