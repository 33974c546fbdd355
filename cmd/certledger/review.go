package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/certledger/certledger/api"
	"github.com/certledger/certledger/domain"
	"github.com/spf13/cobra"
)

func (a *app) review() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "review",
		Short: "Look after decisions that something happened to since",
		Example: `  certledger review list --overdue
  certledger review assign 4cffcd8cdf022da1bdeaba19ee450bf5 --owner staff/cleo --due 2026-07-04`,
	}
	cmd.AddCommand(a.reviewList(), a.reviewAssign(), a.reviewClose())
	return cmd
}

func (a *app) reviewList() *cobra.Command {
	var (
		server                   serverFlags
		programme, cohort, owner string
		overdue                  bool
	)
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the decisions to look at again, the one that is due first before the others",
		Example: `  certledger review list
  certledger review list --programme peerworks-core-essentials --overdue -o csv`,
		Args: takes(0, 0, ""),
	}
	form := outputFlag(cmd, formatTable, formatJSON, formatCSV)
	server.add(cmd)
	cmd.Flags().StringVar(&programme, "programme", "", "only those of this `programme`")
	cmd.Flags().StringVar(&cohort, "cohort", "", "only those in this `cohort`")
	cmd.Flags().StringVar(&owner, "owner", "", "only those of this `owner`, like staff/cleo")
	cmd.Flags().BoolVar(&overdue, "overdue", false, "only those whose day has passed")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := server.client()
		if err != nil {
			return err
		}
		ask := map[string]string{"programme": programme, "cohort": cohort, "owner": owner}
		if overdue {
			ask["overdue"] = "true"
		}
		items, err := pages[api.ReviewItem](cmd.Context(), c, "/v1/reviews"+queryOf(ask))
		if err != nil {
			return err
		}
		return reviewLines(items).print(a.out, *form)
	}
	return cmd
}

func reviewLines(items []api.ReviewItem) list {
	l := list{heading: []string{"due", "decision", "level", "registration", "owner", "causes", "since", "because"}, values: items}
	if items == nil {
		l.values = []api.ReviewItem{}
	}
	for _, r := range items {
		due := string(r.Due)
		if r.Overdue {
			due += " (overdue)"
		}
		var causes, because []string
		for _, cause := range r.Causes {
			causes = append(causes, fmt.Sprint(cause.Made.Sequence))
			because = append(because, cause.Because)
		}
		l.rows = append(l.rows, []string{
			due, r.Decision, r.Level, r.Registration, string(r.Owner), strings.Join(causes, " "), string(r.Since), strings.Join(because, " "),
		})
	}
	return l
}

func (a *app) reviewAssign() *cobra.Command {
	var (
		server     serverFlags
		owner, due string
	)
	cmd := &cobra.Command{
		Use:   "assign DECISION",
		Short: "Take the review of a decision, or give it to somebody",
		Example: `  certledger review assign 4cffcd8cdf022da1bdeaba19ee450bf5
  certledger review assign 4cffcd8cdf022da1bdeaba19ee450bf5 --owner staff/cleo --due 2026-07-04`,
		Args: takes(1, 1, "the DECISION's identifier"),
	}
	server.add(cmd)
	cmd.Flags().StringVar(&owner, "owner", "", "`who` looks at it again, as staff/ID or attester/ID; left out, whoever asks")
	cmd.Flags().StringVar(&due, "due", "", "by which `day`, like 2026-07-04; left out, the one that the programme gives")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ask := body{}
		if owner != "" {
			if !domain.Actor(owner).Check() {
				return usage("--owner takes staff/ID or attester/ID, and no names")
			}
			ask["owner"] = owner
		}
		if due != "" {
			if _, err := domain.ParseDate(due); err != nil {
				return usage("--due takes a day like 2026-07-04")
			}
			ask["due"] = due
		}
		return a.onReview(cmd.Context(), &server, args[0], "assignment", ask, "Assigned.")
	}
	return cmd
}

func (a *app) reviewClose() *cobra.Command {
	var (
		server       serverFlags
		causes       []uint
		reason, text string
	)
	cmd := &cobra.Command{
		Use:   "close DECISION --cause ENTRY",
		Short: "Let a decision stand: its causes were looked at",
		Long: `End the review of a decision for the causes that were looked at: the decision
stands. What is not among them keeps the review open. To decide otherwise, decide:
the new decision supersedes the old one, and both stay readable.`,
		Example: `  certledger review close 4cffcd8cdf022da1bdeaba19ee450bf5 --cause 431 --reason body-decision
  certledger review close 4cffcd8cdf022da1bdeaba19ee450bf5 --cause 431,440 --text-from why.txt`,
		Args: takes(1, 1, "the DECISION's identifier"),
	}
	server.add(cmd)
	cmd.Flags().UintSliceVar(&causes, "cause", nil, "`entry` that was looked at, as review list shows it; may be given several times")
	cmd.Flags().StringVar(&reason, "reason", "", "why the decision stands, as a `code`, like body-decision")
	cmd.Flags().StringVar(&text, "text-from", "", "why, in words, from a `file` (- is the standard input); it is sealed")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(causes) == 0 {
			return usage("which causes were looked at? give --cause; `certledger review list` shows them")
		}
		ask := body{"causes": causes}
		if reason != "" {
			ask["reason"] = reason
		}
		if text != "" {
			words, err := a.readFile(text)
			if err != nil {
				return err
			}
			ask["text"] = strings.TrimSpace(string(words))
		}
		return a.onReview(cmd.Context(), &server, args[0], "closure", ask, "Closed: the decision stands.")
	}
	return cmd
}

// onReview records something about the review of a decision.
func (a *app) onReview(ctx context.Context, server *serverFlags, decision, what string, ask body, done string) error {
	if !domain.IsSlug(decision) {
		return usage("that is no decision's identifier; `certledger review list` shows them")
	}
	c, err := server.client()
	if err != nil {
		return err
	}
	registration, err := c.registrationOf(ctx, decision)
	if err != nil {
		return err
	}
	var got answer
	path := "/v1/registrations/" + registration + "/decisions/" + decision + "/review/" + what
	if _, err := c.call(ctx, http.MethodPost, path, ask, &got, "Idempotency-Key", what+"-"+randomID()); err != nil {
		return err
	}
	if len(got.Entries) == 0 {
		done = "The ledger says so already; nothing was recorded."
	}
	a.say("%s\n", done)
	return nil
}

// registrationOf is the registration that a decision is about.
func (c *client) registrationOf(ctx context.Context, decision string) (string, error) {
	var got struct {
		Entry struct {
			Subject domain.Subject `json:"subject"`
		} `json:"entry"`
	}
	_, err := c.call(ctx, http.MethodGet, "/v1/decisions/"+decision, nil, &got)
	return got.Entry.Subject.ID(), err
}
