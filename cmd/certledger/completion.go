package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
	"github.com/spf13/cobra"
)

const (
	// completionMax is how long a shell is kept waiting for proposals.
	completionMax = 2 * time.Second

	// proposalsMax bounds the identifiers that are proposed, and proposalPages
	// the pages of a server's list that are looked through for them.
	proposalsMax  = 200
	proposalPages = 5
)

// A source is where a shell's proposals come from. Of a server it is a list whose
// items name identifiers; in a directory it lists those that begin with what was
// typed, or is nil where the command asks servers alone.
type source struct {
	path      string
	of        func(item proposed) []string
	directory func(*projections.Store, string) ([]string, error)
}

// proposed is what the items of the server's lists name.
type proposed struct {
	ID           string `json:"id"`
	Registration string `json:"registration"`
	Person       string `json:"person"`
	Decision     string `json:"decision"`
	Awards       []struct {
		Decision string `json:"decision"`
	} `json:"awards"`
}

func ofKind(kind domain.Kind) func(*projections.Store, string) ([]string, error) {
	return func(s *projections.Store, begun string) ([]string, error) { return s.IDs(kind, begun, proposalsMax) }
}

func byID(p proposed) []string { return []string{p.ID} }

var (
	ofRegistrations = source{"/v1/registrations", func(p proposed) []string { return []string{p.Registration} }, ofKind(domain.KindRegistration)}
	ofPersons       = source{"/v1/registrations", func(p proposed) []string { return []string{p.Person} }, ofKind(domain.KindPerson)}
	ofProgrammes    = source{"/v1/programmes", byID, ofKind(domain.KindProgramme)}
	ofCohorts       = source{"/v1/cohorts", byID, ofKind(domain.KindCohort)}
	ofAudits        = source{"/v1/audits", byID, nil}
	ofTokens        = source{"/v1/tokens", byID, nil}
	ofReviews       = source{"/v1/reviews", func(p proposed) []string { return []string{p.Decision} }, nil}
	ofDecisions     = source{"/v1/registrations", func(p proposed) (out []string) {
		for _, a := range p.Awards {
			out = append(out, a.Decision)
		}
		return out
	}, nil}
)

// completeArguments lets a shell propose identifiers, wherever a server or a
// directory was named and can be reached. Otherwise it proposes nothing.
func (a *app) completeArguments(root *cobra.Command) {
	of := map[string]source{
		"explain": ofRegistrations, "difference": ofRegistrations, "dossier": ofDecisions, "review assign": ofReviews, "review close": ofReviews,
		"audit show": ofAudits, "token revoke": ofTokens, "programme report": ofProgrammes,
	}
	for _, cmd := range every(root) {
		if s, ok := of[strings.TrimPrefix(cmd.CommandPath(), root.Name()+" ")]; ok {
			cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
				if len(args) > 0 {
					return nil, cobra.ShellCompDirectiveNoFileComp
				}
				if person := cmd.Flag("person"); person != nil && person.Value.String() == "true" {
					return a.propose(cmd, ofPersons, begun)
				}
				return a.propose(cmd, s, begun)
			}
		}
		for flag, s := range map[string]source{"programme": ofProgrammes, "cohort": ofCohorts} {
			if cmd.Flags().Lookup(flag) != nil {
				_ = cmd.RegisterFlagCompletionFunc(flag, func(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
					return a.propose(cmd, s, begun)
				})
			}
		}
	}
}

// propose lists the identifiers that begin with what was typed; none where they
// cannot be had.
func (a *app) propose(cmd *cobra.Command, s source, begun string) ([]string, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp
	if a.settings(cmd) != nil {
		return nil, directive
	}
	flag := func(name string) string {
		if f := cmd.Flag(name); f != nil {
			return f.Value.String()
		}
		return ""
	}
	w := where{data: flag("data"), serverFlags: serverFlags{server: flag("server"), token: flag("token")}}
	directory, err := a.isDirectory(w.data, w.server)
	if err != nil {
		return nil, directive
	}
	var ids []string
	if directory {
		ids = s.inDirectory(place(w.data), begun)
	} else if c, err := w.client(); err == nil {
		ctx, cancel := context.WithTimeout(cmd.Context(), completionMax)
		defer cancel()
		ids = s.onServer(ctx, c)
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return id == "" || !strings.HasPrefix(id, begun) })
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return ids[:min(len(ids), proposalsMax)], directive
}

// inDirectory only reads, and not where a server has the directory open.
func (s source) inDirectory(at place, begun string) []string {
	if s.directory == nil {
		return nil
	}
	store, err := projections.OpenToCheck(projections.Config{Dir: at.projections(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil
	}
	ids, err := s.directory(store, begun)
	if store.Close() != nil || err != nil {
		return nil
	}
	return ids
}

func (s source) onServer(ctx context.Context, c *client) []string {
	var out []string
	path := s.path + "?limit=200"
	for range proposalPages {
		var page struct {
			Items []proposed `json:"items"`
			Next  string     `json:"next"`
		}
		if _, err := c.call(ctx, http.MethodGet, path, nil, &page); err != nil {
			return out
		}
		for _, item := range page.Items {
			out = append(out, s.of(item)...)
		}
		if page.Next == "" {
			break
		}
		path = s.path + "?limit=200&cursor=" + url.QueryEscape(page.Next)
	}
	return out
}
