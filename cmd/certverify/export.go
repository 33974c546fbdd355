package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/certledger/certledger/eventstore/proof"
)

// exporting is what export was asked for.
type exporting struct {
	checkpoint string
	seed       string
	sample     int
	jobs       int
}

func (a *app) exportCommand() *cobra.Command {
	var x exporting
	cmd := &cobra.Command{
		Use:   "export FILE --checkpoint FILE --log-key KEY",
		Short: "Verifies a whole exported ledger",
		Long: `export checks every entry of a ledger that was exported as lines: its hash, that
none is missing, that all of them come to the root of a checkpoint that the log has
signed, and every decision, by the rules, from the entries.

With --sample it derives only so many decisions anew, drawn with --seed: the same
for everybody who has the same checkpoint. All else is verified whole.`,
		Example: `  certverify export ledger.jsonl --checkpoint checkpoint --log-key log.vkey
  certverify export ledger.jsonl --checkpoint checkpoint --log-key log.vkey --seed 2026-spring --sample 50`,
		Args: takes(1, "one exported ledger"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.export(cmd, args[0], x) },
	}
	f := cmd.Flags()
	f.StringVar(&x.checkpoint, "checkpoint", "", "`file` with the checkpoint that the log has signed, from a place that is not the export (required)")
	f.StringVar(&x.seed, "seed", "", "`text` that draws the sample")
	f.IntVar(&x.sample, "sample", 0, "derive so many decisions only; 0 is all")
	f.IntVar(&x.jobs, "jobs", runtime.GOMAXPROCS(0), "how many registrations to look at at once")
	return cmd
}

func (x exporting) check() error {
	switch {
	case x.checkpoint == "":
		return usage("please give the checkpoint to verify the export against: --checkpoint FILE")
	case x.sample < 0:
		return usage("--sample is a number of decisions, 0 for all")
	case (x.sample > 0) != (x.seed != ""):
		return usage("--sample and --seed belong together")
	case x.jobs < 1 || x.jobs > proof.ExportJobsMax:
		return usage("--jobs is a number from 1 to %d", proof.ExportJobsMax)
	}
	return nil
}

func (a *app) export(cmd *cobra.Command, name string, x exporting) (err error) {
	if err := x.check(); err != nil {
		return err
	}
	policy, err := a.trust()
	if err != nil {
		return err
	}
	checkpoint, err := readSmall(x.checkpoint, proof.CheckpointMax)
	if err != nil {
		return usage("--checkpoint: %s", err)
	}
	f, size, err := openFile(name)
	if err != nil {
		return usage("%s", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	a.verifying = true
	ctx, stop := interruptible(cmd.Context())
	defer stop()
	report, err := proof.VerifyExport(ctx, proof.Export{
		Lines: f, Size: size, Checkpoint: checkpoint, Policy: policy, Jobs: x.jobs, Seed: x.seed, Sample: x.sample, Progress: a.progress(),
	})
	switch failure := asFailure(err); {
	case errors.Is(err, context.Canceled):
		return errors.New("interrupted: nothing was verified")
	case err != nil && failure == nil:
		return err
	}
	return a.tellExport(report, asFailure(err))
}

// interruptible is a context that a first signal ends; a second one ends the process
// at once, as the first does where nothing takes long.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

func (a *app) tellExport(r *proof.ExportReport, failure *proof.Failure) error {
	if a.output == asJSON {
		return a.tell(answer{Checkpoint: asSigned(r.Checkpoint), Report: r}, failure)
	}
	if r.Derived > 0 || failure == nil {
		a.say("identical  %d of %d decisions", r.Identical, r.Derived)
		if r.Seed != "" {
			a.say(", drawn from %d with the seed %s", r.Population, printable(r.Seed))
		}
		a.say("\n")
	}
	if failure != nil {
		err := a.tell(answer{}, r.Failures...)
		if more := r.Failed - len(r.Failures); more > 0 {
			a.say("failed     %d times more\n", more)
		}
		return err
	}
	a.say("verified   %d entries of %d subjects of ledger %s, recorded from %s to %s\n",
		r.Entries, r.Subjects, r.Ledger, r.From.Format(recordedForm), r.Until.Format(recordedForm))
	a.tellCheckpoint(r.Checkpoint)
	if after := r.Entries - r.Covered; after > 0 {
		a.say("after it   %d entries, which nobody has signed yet\n", after)
	}
	return nil
}

// progress tells one who watches how far it is, in one line that is written over.
func (a *app) progress() func(stage string, done, total uint64) {
	f, ok := a.remarks.(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	shown := ""
	return func(stage string, done, total uint64) {
		now := fmt.Sprintf("%s %d %%", stage, done*100/max(total, 1))
		if now == shown {
			return
		}
		a.note("\r%-20s", now)
		if shown = now; stage == proof.ExportDeriving && done == total {
			a.note("\r%-20s\r", "")
		}
	}
}
