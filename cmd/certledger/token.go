package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/certledger/certledger/domain"
	"github.com/spf13/cobra"
)

func (a *app) token() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Give out, list and revoke access tokens",
		Long: `Give out, list and revoke access tokens: of a running server with --server and an
administrator's --token, or with --data of one that is stopped.`,
		Example: `  certledger token create --role registrar
  certledger token list --data ledger
  certledger token revoke 5d0b7c…`,
	}
	cmd.AddCommand(a.tokenCreate(), a.tokenList(), a.tokenRevoke())
	return cmd
}

// where is where a ledger is asked: a server, or a directory.
type where struct {
	data string
	serverFlags
}

func (w *where) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&w.data, "data", "", "the data `directory` of a stopped server")
	w.serverFlags.add(cmd)
}

// either asks the directory or the server, whichever was named.
func (a *app) either(ctx context.Context, w *where, offline func(context.Context, *node) error, online func(context.Context, *client) error) error {
	if directory, err := a.isDirectory(w.data, w.server); err != nil {
		return err
	} else if directory {
		return a.offline(ctx, w.data, offline)
	}
	c, err := w.client()
	if err != nil {
		return err
	}
	return online(ctx, c)
}

// isDirectory reports whether a ledger is asked by its directory. What stands on
// the command line comes before what is set elsewhere.
func (a *app) isDirectory(data, server string) (bool, error) {
	switch {
	case data == "" && server == "":
		return false, usage("which ledger? give --server URL (or set CERTLEDGER_SERVER), or --data DIR of one that no server has open")
	case data == "" || server == "":
		return data != "", nil
	case a.given["data"] == a.given["server"]:
		return false, usage("either a server (--server) or a directory (--data), not both")
	}
	return a.given["data"], nil
}

// newToken is what is told of a token once.
type newToken struct {
	ID    string   `json:"id"`
	For   string   `json:"for"`
	Roles []string `json:"roles"`
	Until string   `json:"until,omitempty"`
	Token string   `json:"token"`
}

func (a *app) tokenCreate() *cobra.Command {
	var (
		w          where
		roles      []string
		whose, end string
	)
	cmd := &cobra.Command{
		Use:   "create --role ROLE",
		Short: "Give out a token",
		Long: `Give out a token for a role, or several. It is printed once: only its hash is kept.

Without --for it is for somebody new on the staff. Trainers and supervisors are
attesters, participants are persons.

Roles: ` + strings.Join(domain.TokenRoles(), ", ") + ".",
		Example: `  certledger token create --role registrar
  certledger token create --role trainer --for attester/77abf3110c9e4a8fb0b1c2d3e4f50617 --until 2026-12-31`,
		Args: takes(0, 0, ""),
	}
	cmd.Flags().StringSliceVar(&roles, "role", nil, "`role` that it gives; may be given several times")
	cmd.Flags().StringVar(&whose, "for", "", "`whose` it is: staff/ID, attester/ID or person/ID")
	cmd.Flags().StringVar(&end, "until", "", "last `day` on which it holds, like 2026-12-31")
	form := outputFlag(cmd, formatText, formatJSON)
	w.add(cmd)
	_ = cmd.RegisterFlagCompletionFunc("role", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return domain.TokenRoles(), cobra.ShellCompDirectiveNoFileComp
	})
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		t, err := tokenAsked(roles, whose, end)
		if err != nil {
			return err
		}
		err = a.either(cmd.Context(), &w, func(ctx context.Context, n *node) (err error) {
			t.Token, t.ID, err = n.newToken(ctx, domain.Actor(t.For), t.Roles, domain.Date(t.Until))
			return err
		}, func(ctx context.Context, c *client) error {
			b := body{"for": t.For, "roles": t.Roles}
			if t.Until != "" {
				b["until"] = t.Until
			}
			var got answer
			_, err := c.call(ctx, http.MethodPost, "/v1/tokens", b, &got, "Idempotency-Key", "token-"+randomID())
			t.Token, t.ID = got.Token, got.Created["token"]
			return err
		})
		if err != nil {
			return err
		}
		if *form == formatJSON {
			return printJSON(a.out, t)
		}
		a.say("%s\n", t.Token)
		a.note("Token %s for %s as %s. It is shown only now.\n", t.ID, t.For, strings.Join(t.Roles, ", "))
		return nil
	}
	return cmd
}

func tokenAsked(roles []string, whose, end string) (newToken, error) {
	if len(roles) == 0 {
		return newToken{}, usage("for which role? give --role; there are %s", strings.Join(domain.TokenRoles(), ", "))
	}
	for _, r := range roles {
		if !slices.Contains(domain.TokenRoles(), r) {
			return newToken{}, usage("there is no role %q; there are %s", r, strings.Join(domain.TokenRoles(), ", "))
		}
	}
	if end != "" {
		if _, err := domain.ParseDate(end); err != nil {
			return newToken{}, usage("--until takes a day like 2026-12-31")
		}
	}
	if whose == "" {
		for role, kind := range map[string]string{
			domain.RoleTrainer: "attester", domain.RoleSupervisor: "attester", domain.RoleParticipant: "person",
		} {
			if slices.Contains(roles, role) {
				return newToken{}, usage("a %s's token is for somebody whom the ledger knows: give --for %s/ID", role, kind)
			}
		}
		whose = string(domain.StaffActor(randomID()))
	}
	if !domain.Actor(whose).Check() {
		return newToken{}, usage("--for takes staff/ID, attester/ID or person/ID, and no names")
	}
	return newToken{For: whose, Roles: roles, Until: end}, nil
}

// tokenRow is one token as it is listed.
type tokenRow struct {
	ID      string   `json:"id"`
	For     string   `json:"for"`
	Roles   []string `json:"roles"`
	Until   string   `json:"until,omitempty"`
	Revoked bool     `json:"revoked,omitempty"`
	Made    struct {
		Recorded string `json:"rec"`
	} `json:"made"`
}

func (a *app) tokenList() *cobra.Command {
	var (
		w   where
		all bool
	)
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the tokens that hold",
		Example: `  certledger token list
  certledger token list --all -o csv`,
		Args: takes(0, 0, ""),
	}
	cmd.Flags().BoolVar(&all, "all", false, "also those that were revoked or have ended")
	form := outputFlag(cmd, formatTable, formatJSON, formatCSV)
	w.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var rows []tokenRow
		err := a.either(cmd.Context(), &w, func(_ context.Context, n *node) error {
			s, err := n.store.System()
			if err != nil || s == nil {
				return err
			}
			for _, t := range s.Tokens {
				r := tokenRow{ID: t.ID, For: string(t.Actor), Roles: t.Roles, Until: string(t.Until), Revoked: t.Revoked}
				r.Made.Recorded = t.Made.Recorded.Format("2006-01-02T15:04:05Z07:00")
				rows = append(rows, r)
			}
			return nil
		}, func(ctx context.Context, c *client) (err error) {
			rows, err = pages[tokenRow](ctx, c, "/v1/tokens")
			return err
		})
		if err != nil {
			return err
		}
		today := string(domain.DateOf(now()))
		shown := []tokenRow{}
		l := list{heading: []string{"id", "for", "roles", "until", "state", "recorded"}}
		for _, r := range rows {
			state := "holds"
			if r.Revoked {
				state = "revoked"
			} else if r.Until != "" && r.Until < today {
				state = "ended"
			}
			if state != "holds" && !all {
				continue
			}
			shown = append(shown, r)
			l.rows = append(l.rows, []string{r.ID, r.For, strings.Join(r.Roles, " "), r.Until, state, r.Made.Recorded})
		}
		l.values = shown
		return l.print(a.out, *form)
	}
	return cmd
}

func (a *app) tokenRevoke() *cobra.Command {
	var w where
	cmd := &cobra.Command{
		Use:     "revoke ID",
		Short:   "End a token at once",
		Example: `  certledger token revoke 5d0b7c1e9f3a4d2b8c6e7f8091a2b3c4`,
		Args:    takes(1, 1, "the token's ID, as `certledger token list` shows it"),
	}
	w.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !domain.IsSlug(args[0]) {
			return usage("that is no token's ID; `certledger token list` shows them (never give the token itself)")
		}
		err := a.either(cmd.Context(), &w, func(ctx context.Context, n *node) error {
			_, err := n.act(ctx, func(act domain.Act) domain.Command { return domain.RevokeToken{Act: act, Token: args[0]} })
			return err
		}, func(ctx context.Context, c *client) error {
			_, err := c.call(ctx, http.MethodPost, "/v1/tokens/"+args[0]+"/revocation", body{}, nil, "Idempotency-Key", "revoke-"+randomID())
			return err
		})
		var refusal *domain.Refusal
		if errors.As(err, &refusal) {
			return errors.New(refusal.Detail + " (" + refusal.Reason + ")")
		}
		if err == nil {
			a.say("Revoked.\n")
		}
		return err
	}
	return cmd
}

// pages reads all pages of a list.
func pages[T any](ctx context.Context, c *client, path string) ([]T, error) {
	var all []T
	cursor := ""
	for {
		var page struct {
			Items []T    `json:"items"`
			Next  string `json:"next"`
		}
		separator := "?"
		if strings.Contains(path, "?") {
			separator = "&"
		}
		if _, err := c.call(ctx, http.MethodGet, path+separator+"limit=200&cursor="+url.QueryEscape(cursor), nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.Next == "" {
			return all, nil
		}
		cursor = page.Next
	}
}
