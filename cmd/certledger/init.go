package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/certledger/certledger/api"
	"github.com/certledger/certledger/api/desk"
	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore"
	"github.com/certledger/certledger/eventstore/checkpoints"
	"github.com/certledger/certledger/eventstore/vault"
	"github.com/certledger/certledger/projections"
	"github.com/spf13/cobra"
)

// created is what init tells, once.
type created struct {
	Data   string `json:"data"`
	Ledger string `json:"ledger"`
	Actor  string `json:"actor"`
	Token  string `json:"token"`
}

func (a *app) init() *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "init --data DIR",
		Short: "Make a new, empty ledger",
		Long: `Make a new, empty ledger and print a token for its administrator, once: only its
hash is kept. The directory must be empty or absent.

DIR/ledger is the truth: back it up. DIR/vault and DIR/keys hold the keys of
personal data, and the one that signs: back them up apart from the ledger and
from each other. DIR/published holds the last signed checkpoint: never restore
an older one; moved to a disk of its own, it is named with serve --published. DIR/projections can be made anew at any time.`,
		Example: `  certledger init --data ledger
  certledger init --data /srv/certledger -o json`,
		Args: takes(0, 0, ""),
	}
	cmd.Flags().StringVar(&data, "data", "", "the data `directory`")
	form := outputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if data == "" {
			return usage("where? give --data DIR")
		}
		c, err := create(cmd.Context(), place(data), a.quietLogger())
		if err != nil {
			return err
		}
		if *form == formatJSON {
			return printJSON(a.out, c)
		}
		a.say(`A new ledger is in %s.

This token is for its administrator, and is shown only now:

  %s

Start the server, and use it:

  certledger serve --data %s
  export CERTLEDGER_SERVER=http://127.0.0.1:8080 CERTLEDGER_TOKEN=%s
  certledger token create --role registrar
`, data, c.Token, data, c.Token)
		return nil
	}
	return cmd
}

// create makes the stores and records the first two entries: the ledger, and a
// token for its administrator.
func create(ctx context.Context, at place, logger *slog.Logger) (_ created, err error) {
	empty, err := isEmpty(string(at))
	if err != nil {
		return created{}, errors.New(plain(err))
	}
	if !empty {
		return created{}, fmt.Errorf("%s is not empty; a new ledger needs an empty or a new directory, and `certledger serve --data %s` opens one that is there", at, at)
	}
	if err := os.MkdirAll(string(at), 0o700); err != nil {
		return created{}, errors.New(plain(err))
	}
	n := &node{at: at, id: randomID(), logger: logger}
	defer func() { err = errors.Join(err, n.close()) }()
	if n.vault, err = vault.Create(at.vaultConfig(logger)); err != nil {
		return created{}, fmt.Errorf("make the keys of personal data: %w", err)
	}
	if _, err := checkpoints.CreateKey(at.keys(), originOf(n.id)); err != nil {
		return created{}, fmt.Errorf("make the key that signs checkpoints: %w", err)
	}
	if err := checkpoints.Create(at.published()); err != nil {
		return created{}, fmt.Errorf("make the place of signed checkpoints: %w", err)
	}
	if n.log, err = eventstore.Create(ctx, eventstore.Config{Dir: at.ledger(), Logger: logger}); err != nil {
		return created{}, fmt.Errorf("make the ledger: %w", err)
	}
	if n.store, err = projections.Open(projections.Config{Dir: at.projections(), Logger: logger}); err != nil {
		return created{}, fmt.Errorf("make the projections: %w", err)
	}
	if err := n.makeDesk(); err != nil {
		return created{}, err
	}
	c := created{Data: string(at), Ledger: n.id, Actor: string(domain.StaffActor(randomID()))}
	err = n.with(ctx, func(ctx context.Context) error {
		if _, err := n.act(ctx, func(act domain.Act) domain.Command {
			return domain.CreateLedger{Act: act, Ledger: n.id}
		}); err != nil {
			return err
		}
		c.Token, _, err = n.newToken(ctx, domain.Actor(c.Actor), []string{domain.RoleAdministrator}, "")
		return err
	})
	return c, err
}

// act carries out a command of this program itself.
func (n *node) act(ctx context.Context, make func(domain.Act) domain.Command) (desk.Answer, error) {
	id := n.desk.CommandID("system/certledger", "")
	return n.desk.Do(ctx, desk.Request{
		Command:   make(domain.Act{At: now(), By: "system/certledger", Role: domain.RoleSystem, Command: id}),
		CommandID: id,
	})
}

// newToken makes a token and records its hash. The text is told once.
func (n *node) newToken(ctx context.Context, whose domain.Actor, roles []string, until domain.Date) (text, id string, err error) {
	text = api.NewTokenText()
	a, err := n.act(ctx, func(act domain.Act) domain.Command {
		id = domain.NewID(act.Command, "token")
		return domain.CreateToken{Act: act, Hash: api.TokenHash(text), For: whose, Roles: roles, Until: until}
	})
	if err == nil && len(a.Entries) == 0 {
		err = errors.New("the token was not recorded")
	}
	return text, id, err
}

// randomID is 128 random bits as identifiers have them.
func randomID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
