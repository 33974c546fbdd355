package main

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/certledger/certledger/api"
	"github.com/certledger/certledger/domain"
	"github.com/spf13/cobra"
)

func (a *app) difference() *cobra.Command {
	var (
		server   serverFlags
		from, to asOf
	)
	cmd := &cobra.Command{
		Use:   "difference REGISTRATION --from-known-at POSITION",
		Short: "Say what changed between two points in time, and which entries did it",
		Long: `Compare a registration at two points of what was known and of what had happened:
status, levels and requirements that differ, and the entries in between that
concern it.`,
		Example: `  certledger difference 9d21c04e6a1b4f0f8d3a5f7b2c1e0d9a --from-known-at 412
  certledger difference 9d21c04e6a1b4f0f8d3a5f7b2c1e0d9a --from-known-at 2026-06-12T12:00:00-04:00 --to-known-at 480 -o json`,
		Args: takes(1, 1, "the REGISTRATION's identifier"),
	}
	form := outputFlag(cmd, formatTable, formatJSON, formatCSV)
	server.add(cmd)
	cmd.Flags().StringVar(&from.known, "from-known-at", "", "the earlier point: a `position` of the ledger, or a time like 2026-06-12T12:00:00-04:00")
	cmd.Flags().StringVar(&from.effective, "from-effective-at", "", "the earlier point, as it stood at this `time`; left out, the same as the later")
	cmd.Flags().StringVar(&to.known, "to-known-at", "", "the later point: a `position` or a time; left out, all that is known")
	cmd.Flags().StringVar(&to.effective, "to-effective-at", "", "the later point, as it stood at this `time`; left out, now")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case !domain.IsSlug(args[0]):
			return usage("that is no registration's identifier; one looks like 9d21c04e6a1b4f0f8d3a5f7b2c1e0d9a")
		case from.known == "":
			return usage("since when? give --from-known-at, a position of the ledger or a time")
		}
		c, err := server.client()
		if err != nil {
			return err
		}
		query := queryOf(map[string]string{
			"from_known_at": from.known, "from_effective_at": from.effective, "to_known_at": to.known, "to_effective_at": to.effective,
		})
		var got api.Difference
		if _, err := c.call(cmd.Context(), http.MethodGet, "/v1/registrations/"+args[0]+"/difference"+query, nil, &got); err != nil {
			return err
		}
		return a.printDifference(*form, got)
	}
	return cmd
}

func (a *app) printDifference(form format, d api.Difference) error {
	l := list{heading: []string{"what", "which", "before", "after"}, values: d}
	row := func(cells ...string) { l.rows = append(l.rows, cells) }
	if s := d.Changes.Status; s != nil {
		row("status", "", s.Before, s.After)
	}
	for _, x := range d.Changes.Awards {
		row("award", x.Award, awardText(x.Before), awardText(x.After))
	}
	for _, x := range d.Changes.Results {
		row("requirement", x.Path, resultText(x.Before), resultText(x.After))
	}
	for _, e := range d.Entries {
		row("entry", fmt.Sprint(e.Sequence), "", entryText(e))
	}
	if err := l.print(a.out, form); err != nil || form != formatTable {
		return err
	}
	if d.Changes.None() {
		a.say("nothing changed from entry %d to entry %d\n", d.From.Known, d.To.Known)
	}
	if d.More {
		a.note("there are more entries; ask again with --from-known-at %d\n", d.Entries[len(d.Entries)-1].Sequence)
	}
	return nil
}

// awardText is what somebody earns and holds of an award, in a few words.
func awardText(s *domain.AwardState) string {
	if s == nil {
		return ""
	}
	text := "earned " + s.Earned
	if len(s.Provisional) > 0 {
		text += " for now"
	}
	if s.Granted != "" {
		text += ", granted " + s.Granted
	}
	return text
}

// resultText is what a requirement came to, and the level it holds at.
func resultText(s *domain.ResultState) string {
	if s == nil {
		return ""
	}
	text := string(s.Verdict)
	if s.Cap != "" {
		text += ", holds at " + s.Cap
	}
	return text
}

// entryText is why an entry concerns the registration, and what it says as far
// as the one who asks may read it.
func entryText(e api.DifferenceOf) string {
	if e.Entry == nil {
		return "(" + e.Why + ")"
	}
	return strings.Join([]string{e.Entry.Type, e.Entry.Time, "(" + e.Why + ")"}, " ")
}
