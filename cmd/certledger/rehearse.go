package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/certledger/certledger/api"
	"github.com/certledger/certledger/api/rehearsal"
	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/spf13/cobra"
)

// lineMax is the longest line of a rehearsal's answer that is read, in bytes.
const lineMax = 1 << 20

// rehearsed is a whole rehearsal, as JSON has it.
type rehearsed struct {
	Changes []rehearsal.Mover `json:"changes"`
	Counts  rehearsal.Counts  `json:"counts"`
}

func (a *app) rehearse() *cobra.Command {
	var (
		w   where
		ask api.NewRehearsal
	)
	cmd := &cobra.Command{
		Use:   "rehearse [FILE]",
		Short: "Apply rules that are not in force to real history: who would change, and why",
		Long: `Apply rules that are not in force to the real history of their programme, or of
one cohort, and list who would stand elsewhere, from which level to which, and
because of which clause, with counts. Nothing is recorded and nothing changes.

Give the rules as a FILE (- is the standard input), or a published version with
--programme and --version.`,
		Example: `  certledger rehearse stricter.yaml --data ledger
  certledger rehearse --programme peerworks-core-essentials --version 2 --cohort spring-2026-evening
  certledger rehearse stricter.yaml -o json > rehearsal.json`,
		Args: takes(0, 1, "one FILE"),
	}
	form := outputFlag(cmd, formatTable, formatJSON, formatCSV)
	w.add(cmd)
	cmd.Flags().StringVar(&ask.Programme, "programme", "", "rehearse a published version of this `programme`")
	cmd.Flags().IntVar(&ask.Version, "version", 0, "the `number` of the published version")
	cmd.Flags().StringVar(&ask.Cohort, "cohort", "", "only those who are in this `cohort`")
	cmd.Flags().StringVar(&ask.KnownAt, "known-at", "", "by what was known then: a `position` of the ledger (or, of a server, a time)")
	cmd.Flags().StringVar(&ask.EffectiveAt, "effective-at", "", "assessed as of this `time`, like 2026-08-01T12:00:00-04:00")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if (len(args) == 1) == (ask.Programme != "" || ask.Version != 0) {
			return usage("which rules? give a FILE, or --programme and --version")
		}
		if len(args) == 1 {
			_, src, err := a.readProgramme(args[0])
			var mistakes programme.Errors
			if errors.As(err, &mistakes) {
				return errTold
			}
			if err != nil {
				return err
			}
			ask.Rules = string(src)
		}
		out := rehearsed{Changes: []rehearsal.Mover{}}
		step, finish := a.progress("registrations")
		keep := func(line api.RehearsalLine) {
			switch {
			case line.Change != nil:
				out.Changes = append(out.Changes, *line.Change)
			case line.Counts != nil:
				out.Counts = *line.Counts
			case line.Progress != nil && step != nil:
				step(uint64(line.Progress.Done), line.Progress.Total)
			}
		}
		err := a.either(cmd.Context(), &w, func(ctx context.Context, n *node) error {
			return n.rehearse(ctx, ask, keep)
		}, func(ctx context.Context, c *client) error {
			return c.rehearse(ctx, ask, keep)
		})
		finish()
		if err != nil {
			return err
		}
		return a.printRehearsal(*form, out)
	}
	return cmd
}

func (a *app) printRehearsal(form format, r rehearsed) error {
	l := list{heading: []string{"registration", "cohort", "award", "from", "to", "granted", "because"}, values: r}
	for _, row := range r.Changes {
		for _, m := range row.Moves {
			granted := m.Granted
			if m.Beyond {
				granted += " (above)"
			}
			l.rows = append(l.rows, []string{row.Registration, row.Cohort, m.Award, m.From, m.To, granted, reasons(m)})
		}
	}
	if err := l.print(a.out, form); err != nil || form != formatTable {
		return err
	}
	a.say("%d of %d registrations would change\n", r.Counts.Changed, r.Counts.Registrations)
	for _, m := range r.Counts.Moves {
		a.say("  %d from %s to %s (%s)\n", m.Count, m.From, m.To, m.Award)
	}
	return nil
}

// reasons are the clauses that make the difference, in their own words.
func reasons(m domain.Move) string {
	var out []string
	for _, c := range m.Because {
		text := c.Says
		if text == "" {
			text = c.Path
		}
		if !c.Rehearsed {
			text = "no longer: " + text
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

// rehearse asks a server, and reads its answer line by line.
func (c *client) rehearse(ctx context.Context, ask api.NewRehearsal, keep func(api.RehearsalLine)) error {
	res, err := c.send(ctx, http.MethodPost, "/v1/rehearsals", ask)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // it was read
	if res.StatusCode >= 300 {
		body, err := io.ReadAll(io.LimitReader(res.Body, lineMax))
		if err != nil {
			return fmt.Errorf("%s stopped in the middle of its answer", c.server)
		}
		return asProblem(res, body)
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, lineMax)
	ended := false
	for lines.Scan() {
		var line api.RehearsalLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return fmt.Errorf("%s answers in a form that this version does not know: %w", c.server, err)
		}
		ended = ended || line.Counts != nil
		keep(line)
	}
	if lines.Err() != nil || !ended {
		return fmt.Errorf("%s stopped in the middle of its answer", c.server)
	}
	return nil
}

// rehearse does so in a directory that no server has open.
func (n *node) rehearse(ctx context.Context, ask api.NewRehearsal, keep func(api.RehearsalLine)) (err error) {
	v, err := n.store.View()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	q, total, err := api.RehearsalOf(v, ask, nowIn)
	if err != nil {
		return err
	}
	counts, err := rehearsal.Run(ctx, v, q, func(row rehearsal.Mover) error {
		keep(api.RehearsalLine{Change: &row})
		return nil
	}, func(done int) { keep(api.RehearsalLine{Progress: &api.RehearsalProgress{Done: done, Total: total}}) })
	if err == nil {
		keep(api.RehearsalLine{Counts: &counts})
	}
	return err
}
