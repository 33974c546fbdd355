package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/certledger/certledger/api"
	"github.com/certledger/certledger/api/auditing"
	"github.com/spf13/cobra"
)

func (a *app) audit() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "audit",
		Short:   "Draw samples of decisions and derive each again",
		Example: `  certledger audit sample --size 25 --seed dice-4-2-6-6-1`,
	}
	cmd.AddCommand(a.auditSample(), a.auditShow())
	return cmd
}

func (a *app) auditSample() *cobra.Command {
	var (
		server serverFlags
		ask    api.NewAudit
	)
	cmd := &cobra.Command{
		Use:   "sample",
		Short: "Draw a sample by a seed, derive each decision again, and record what it came to",
		Long: `Draw a sample of decisions by a seed, derive each of them again from the entries
that it rested on, and record the seed, the sample and what it came to.

The same seed draws the same decisions from the same ledger, whoever draws: agree
on it before anybody looks, as by throwing dice. Without --seed one is drawn.
The program ends with 1 where a decision does not come out as it was recorded.`,
		Example: `  certledger audit sample --size 25 --seed dice-4-2-6-6-1
  certledger audit sample --size 100 --programme peerworks-core-essentials -o csv`,
		Args: takes(0, 0, ""),
	}
	form := outputFlag(cmd, formatTable, formatJSON, formatCSV)
	server.add(cmd)
	cmd.Flags().IntVar(&ask.Size, "size", 25, "how many `decisions` to draw")
	cmd.Flags().StringVar(&ask.Seed, "seed", "", "what to draw with: lower-case letters, digits and hyphens")
	cmd.Flags().Uint64Var(&ask.Until, "until", 0, "only decisions recorded up to this `position`")
	cmd.Flags().StringVar(&ask.Programme, "programme", "", "only decisions of this `programme`")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := server.client()
		if err != nil {
			return err
		}
		var got api.AuditAnswer
		if _, err := c.call(cmd.Context(), http.MethodPost, "/v1/audits", ask, &got); err != nil {
			return err
		}
		if *form == formatTable {
			a.note("audit %s, seed %s: %d of %d decisions up to entry %d\n",
				got.Created["audit"], got.Report.Seed, len(got.Report.Decisions), got.Report.Population.Decisions, got.Report.Population.Until)
		}
		return a.printReport(*form, got.Report)
	}
	return cmd
}

func (a *app) auditShow() *cobra.Command {
	var server serverFlags
	cmd := &cobra.Command{
		Use:     "show AUDIT",
		Short:   "Derive the sample of an audit once more",
		Example: `  certledger audit show fce12d45341f653ee052af31ef779b8c`,
		Args:    takes(1, 1, "the AUDIT's identifier"),
	}
	form := outputFlag(cmd, formatTable, formatJSON, formatCSV)
	server.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := server.client()
		if err != nil {
			return err
		}
		got, err := auditOf(cmd.Context(), c, args[0])
		if err != nil {
			return err
		}
		if !got.Same {
			a.note("the report is not the one that was recorded then, which has the hash %s\n", got.Audit.Report)
		}
		return a.printReport(*form, got.Report)
	}
	return cmd
}

func auditOf(ctx context.Context, c *client, id string) (got api.AuditReport, err error) {
	_, err = c.call(ctx, http.MethodGet, "/v1/audits/"+id, nil, &got)
	return got, err
}

// errDifferent ends the program with 1 after everything was printed.
func errDifferent(n int) error {
	return fmt.Errorf("%d of the decisions did not come out as recorded", n)
}

func (a *app) printReport(form format, r auditing.Report) error {
	l := list{heading: []string{"decision", "registration", "entry", "result", "first difference"}, values: r}
	for _, d := range r.Decisions {
		l.rows = append(l.rows, []string{d.Decision, d.Registration, fmt.Sprint(d.Sequence), d.Result, joinWords(d.Where, d.Because)})
	}
	if err := l.print(a.out, form); err != nil {
		return err
	}
	if form == formatTable {
		a.say("%d identical, %d different\n", r.Identical, r.Different)
	}
	if r.Different > 0 {
		return errDifferent(r.Different)
	}
	return nil
}

func joinWords(where, because string) string {
	if where == "" || because == "" {
		return where + because
	}
	return where + ": " + because
}
