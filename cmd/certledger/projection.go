package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/certledger/certledger/projections"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

func (a *app) projection() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "projection",
		Short:   "Look after what is derived from the ledger",
		Example: `  certledger projection rebuild --data ledger`,
	}
	cmd.AddCommand(a.projectionRebuild())
	return cmd
}

// rebuilt is what a rebuild came to.
type rebuilt struct {
	Entries     uint64 `json:"entries"`
	Fingerprint string `json:"fingerprint"`       // over all rows
	Before      string `json:"before,omitempty"`  // of the rows that were there
	Equal       *bool  `json:"equal,omitempty"`   // absent where there was nothing to compare with
	Problem     string `json:"problem,omitempty"` // why the rows that were there could not be read
	Millis      int64  `json:"milliseconds"`
}

func (a *app) projectionRebuild() *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "rebuild --data DIR",
		Short: "Derive everything from the ledger anew, and compare",
		Long: `Derive everything from the ledger anew, beside what is there, compare the two, and
put the new in the place of the old. Until then, and after any failure, the old
stays; so it does where the ledger has lost entries that the old still knows.
The server of the ledger must be stopped.`,
		Example: `  certledger projection rebuild --data ledger`,
		Args:    takes(0, 0, ""),
	}
	cmd.Flags().StringVar(&data, "data", "", "the data `directory`")
	form := outputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if data == "" {
			return usage("which ledger? give --data DIR")
		}
		r, err := a.rebuild(cmd.Context(), place(data))
		if err != nil {
			return err
		}
		if *form == formatJSON {
			return printJSON(a.out, r)
		}
		a.say("%s\n", r)
		return nil
	}
	return cmd
}

func (r rebuilt) String() string {
	text := fmt.Sprintf("%d entries in %s, ", r.Entries, (time.Duration(r.Millis) * time.Millisecond).String())
	switch {
	case r.Problem != "":
		text += "in place of what could not be read: " + r.Problem
	case r.Equal == nil:
		text += "where there was nothing before"
	case *r.Equal:
		text += "equal to what was there"
	default:
		text += "different from what was there (" + r.Before + "): please report this, with both versions of certledger"
	}
	return text + "\n" + r.Fingerprint
}

func (a *app) rebuild(ctx context.Context, at place) (r rebuilt, err error) {
	logger := a.quietLogger()
	log, err := openLedger(ctx, at, logger)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	there, err := isEmpty(at.projections())
	if err != nil {
		return r, err
	}
	if !there {
		n := &node{at: at, log: log, logger: logger}
		if r.Before, err = n.fingerprint(ctx); err != nil {
			if errors.Is(err, projections.ErrInUse) || errors.Is(err, errLessThanKnown) || ctx.Err() != nil {
				return r, err
			}
			r.Problem = err.Error()
		}
	}
	begun := time.Now()
	progress, finish := a.progress("entries")
	err = projections.Rebuild(ctx, projections.Config{Dir: at.projections(), Logger: logger}, log, progress)
	finish()
	if err != nil {
		return r, err
	}
	r.Millis = time.Since(begun).Milliseconds()
	n := &node{at: at, log: log, logger: logger}
	if r.Fingerprint, err = n.fingerprint(ctx); err != nil {
		return r, err
	}
	if r.Before != "" {
		equal := r.Before == r.Fingerprint
		r.Equal = &equal
	}
	r.Entries, err = log.Head(ctx)
	return r, err
}

// errLessThanKnown: to put a rebuild in the place of projections that know more
// than the ledger would destroy the only trace, and copy, of what was lost.
var errLessThanKnown = errors.New("the projections stay as they are, for they tell what the ledger lost, and hold a copy of it")

// fingerprint opens the projections, brings them up to the ledger, and answers
// with the hash over their rows.
func (n *node) fingerprint(ctx context.Context) (_ string, err error) {
	if n.store, err = projections.Open(projections.Config{Dir: n.at.projections(), Logger: n.logger}); err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, n.store.Close()) }()
	if err := n.verify(ctx); err != nil {
		return "", fmt.Errorf("%w: %w", errLessThanKnown, err)
	}
	var fingerprint string
	err = n.with(ctx, func(ctx context.Context) (err error) {
		if err = n.caughtUp(ctx); err == nil {
			fingerprint, err = n.store.Fingerprint(ctx)
		}
		return err
	})
	return fingerprint, err
}

// progress shows how far something is, on a terminal only.
func (a *app) progress(what string) (step func(done, total uint64), finish func()) {
	if !isTerminal(a.err) {
		return nil, func() {}
	}
	var bar *progressbar.ProgressBar
	step = func(done, total uint64) {
		if bar == nil {
			bar = newBar(a.err, int64(total), what)
		}
		_ = bar.Set64(int64(done))
	}
	return step, func() {
		if bar != nil {
			_ = bar.Finish()
			a.note("\n")
		}
	}
}

func newBar(w io.Writer, total int64, what string) *progressbar.ProgressBar {
	return progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(w), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
		progressbar.OptionSetItsString(what), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(50*time.Millisecond),
		progressbar.OptionSetPredictTime(true), progressbar.OptionSetRenderBlankState(true))
}
