package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
	"github.com/spf13/cobra"
)

func (a *app) explain() *cobra.Command {
	var (
		w  where
		as asOf
	)
	cmd := &cobra.Command{
		Use:   "explain REGISTRATION",
		Short: "Say in plain words why a registration stands where it stands",
		Long: `Say in plain words why a registration stands where it stands: the level earned
and the level granted, the clauses that bind it with their sources, the entries
behind each, and what would change it. With --known-at and --effective-at it says
how that was by what was known then, and by what had happened by then.`,
		Example: `  certledger explain 9d21c04e6a1b4f0f8d3a5f7b2c1e0d9a
  certledger explain 9d21c04e6a1b4f0f8d3a5f7b2c1e0d9a --known-at 412 --effective-at 2026-05-03T12:00:00-04:00
  certledger explain 9d21c04e6a1b4f0f8d3a5f7b2c1e0d9a --data ledger -o json`,
		Args: takes(1, 1, "the REGISTRATION's identifier"),
	}
	form := outputFlag(cmd, formatText, formatJSON, formatTable, formatCSV)
	w.add(cmd)
	as.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		id := args[0]
		if !domain.IsSlug(id) {
			return usage("that is no registration's identifier; one looks like 9d21c04e6a1b4f0f8d3a5f7b2c1e0d9a")
		}
		return a.either(cmd.Context(), &w, func(_ context.Context, n *node) error {
			x, err := n.explain(id, as)
			if err != nil {
				return err
			}
			if *form == formatText {
				_, err = fmt.Fprint(a.out, x.Text())
				return err
			}
			return requirements(x).print(a.out, *form)
		}, func(ctx context.Context, c *client) error {
			accept := "application/json"
			if *form == formatText {
				accept = "text/plain"
			}
			var got []byte
			if _, err := c.call(ctx, http.MethodGet, "/v1/registrations/"+id+"/explanation"+as.query(), nil, &got, "Accept", accept); err != nil {
				return err
			}
			switch *form {
			case formatText:
				_, err := a.out.Write(got)
				return err
			case formatJSON:
				return printJSON(a.out, json.RawMessage(got))
			}
			var x domain.Explanation
			if err := json.Unmarshal(got, &x); err != nil {
				return fmt.Errorf("read the server's answer: %w", err)
			}
			return requirements(x).print(a.out, *form)
		})
	}
	return cmd
}

// explain assesses a registration, in the programme's time zone.
func (n *node) explain(registration string, as asOf) (_ domain.Explanation, err error) {
	v, err := n.store.View()
	if err != nil {
		return domain.Explanation{}, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	point, err := as.point(v)
	if err != nil {
		return domain.Explanation{}, err
	}
	f, err := v.FactsOf(registration, point)
	if err != nil {
		return domain.Explanation{}, err
	}
	if !f.Standing.Exists() {
		return domain.Explanation{}, fmt.Errorf("there is no registration %s in %s%s", registration, n.at, as.then())
	}
	if f.Programme == nil {
		return domain.Explanation{}, fmt.Errorf("the rules of registration %s are not in this ledger", registration)
	}
	at := point.Effective
	if at.IsZero() {
		at = now()
	}
	return v.Explain(f, point, projections.InZone(at, f.Programme))
}

// requirements lists every requirement of an explanation and what it came to,
// children below their parent.
func requirements(x domain.Explanation) list {
	out := list{heading: []string{"requirement", "verdict", "holds at", "clause", "source"}, values: x}
	var add func([]domain.Result)
	add = func(results []domain.Result) {
		for _, r := range results {
			out.rows = append(out.rows, []string{r.Path, string(r.Verdict), r.Cap, r.Says, strings.Join(r.Source, " ")})
			add(r.Children)
		}
	}
	add(x.Assessment.Results)
	return out
}
