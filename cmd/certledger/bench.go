package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// figure is one line of the results: what was measured, and the baseline that
// was measured between the same rounds, so that a noisy machine moves both.
type figure struct {
	Name     string  `json:"name"`
	Value    float64 `json:"value"`
	Unit     string  `json:"unit"`
	Baseline float64 `json:"baseline"`
	Ratio    float64 `json:"ratio"` // value over baseline

	against string
	goal    string
}

func (a *app) bench() *cobra.Command {
	var (
		out, dir      string
		events, large int
	)
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure this binary on this machine",
		Long: `Measure this binary on this machine, each figure against a baseline in the same
run, on the same disk and with the same durability:

  append-1, append-16  commands a second through decide and append, with 1 and 16
                       callers, against guarded publishes by nats.go
  replay               entries a second from zero into all projections, against a
                       bare ordered consumer
  load-standing        time to load one standing in a large ledger, against one
                       entry got directly from JetStream
  tree-leaves          leaves a second into a Merkle tree, against bare hashes
  inclusion-proofs     proofs a second that an entry is in the tree, from the
                       projections, against a tree in memory
  derive               decisions a second and core that are verified and derived
                       again from an export, against decoding it once
  rehearsal            registrations a second that other rules are rehearsed on,
                       against loading their facts
  as-of                time to answer what was known then about another time, in a
                       ledger of --large entries, against the same about the present

Rounds of both sides alternate; the figures are medians.`,
		Example: `  certledger bench --out bench.jsonl
  certledger bench --events 50000`,
		Args: takes(0, 0, ""),
	}
	cmd.Flags().StringVar(&out, "out", "", "also write a line a figure to this `file`")
	cmd.Flags().StringVar(&dir, "dir", "", "measure in a temporary directory in this `directory`; its disk is what is measured (default: the system's)")
	cmd.Flags().IntVar(&events, "events", 200_000, "`size` of the ledger, in entries")
	cmd.Flags().IntVar(&large, "large", 1_000_000, "`size` of the ledger that is asked as of then, in entries")
	form := outputFlag(cmd, formatTable, formatJSON, formatCSV)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if events < 1000 {
			return usage("--events takes at least 1000: a smaller ledger says nothing")
		}
		figures, err := a.measure(cmd.Context(), dir, events, max(events, large))
		if err != nil {
			return err
		}
		if err := printFigures(a.out, *form, figures); err != nil {
			return err
		}
		if *form == formatTable {
			a.say("\n%s\ncertledger %s\n", machine(), commit(cmd.Context()))
		}
		if out == "" {
			return nil
		}
		return writeFile(out, func(w io.Writer) error {
			for _, f := range figures {
				if err := json.NewEncoder(w).Encode(f); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return cmd
}

func printFigures(w io.Writer, form format, figures []figure) error {
	l := list{
		heading: []string{"figure", "value", "unit", "baseline", "against", "ratio", "goal"},
		right:   []string{"value", "baseline", "ratio"},
		values:  figures,
	}
	for _, f := range figures {
		l.rows = append(l.rows, []string{f.Name, digits(f.Value), f.Unit, digits(f.Baseline), f.against, fmt.Sprintf("%.2f", f.Ratio), f.goal})
	}
	return l.print(w, form)
}

func digits(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.1f", v)
}

// measure makes a ledger in a temporary directory and takes all figures.
func (a *app) measure(ctx context.Context, dir string, events, large int) (_ []figure, err error) {
	tmp, err := os.MkdirTemp(dir, "certledger-bench-")
	if err != nil {
		return nil, errors.New(plain(err))
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	logger := a.quietLogger()
	at := place(filepath.Join(tmp, "data"))
	if _, err := create(ctx, at, logger); err != nil {
		return nil, err
	}
	b := &bench{at: at, tmp: tmp, logger: logger, note: func(text string) {
		if isTerminal(a.err) {
			a.note("%s\n", text)
		}
	}}
	if err := b.fill(ctx, events, a.progress); err != nil {
		return nil, fmt.Errorf("fill the ledger: %w", err)
	}
	var figures []figure
	grow := func(ctx context.Context) ([]figure, error) { return nil, b.fill(ctx, large, a.progress) }
	for _, measure := range []func(context.Context) ([]figure, error){
		b.leaves, b.replay, b.load, b.proofs, b.derive, b.rehearse, b.append, grow, b.asOf,
	} {
		f, err := measure(ctx)
		if err != nil {
			return nil, err
		}
		figures = append(figures, f...)
	}
	return figures, nil
}

// machine says what the figures were taken on.
func machine() string {
	text := fmt.Sprintf("%s/%s, %d CPUs", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return text
	}
	for line := range bytes.Lines(info) {
		if name, model, ok := bytes.Cut(line, []byte(":")); ok && string(bytes.TrimSpace(name)) == "model name" {
			return text + ", " + string(bytes.TrimSpace(model))
		}
	}
	return text
}

// commit is what was measured. A binary without a stamp is most likely that of
// the folder it is run in.
func commit(ctx context.Context) string {
	text := version()
	if !strings.HasPrefix(text, "unversioned") {
		return text
	}
	at, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty").Output()
	if err != nil {
		return text
	}
	return text + ", run in a folder at " + strings.TrimSpace(string(at))
}

// median of some values, which it sorts.
func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	if n%2 == 1 {
		return values[n/2]
	}
	return (values[n/2-1] + values[n/2]) / 2
}

// compare makes a figure of rounds of both sides. The ratio is that of the medians.
func compare(name, unit, against, goal string, values, baselines []float64) figure {
	f := figure{Name: name, Value: median(values), Unit: unit, Baseline: median(baselines), against: against, goal: goal}
	f.Ratio = f.Value / f.Baseline
	return f
}
