package main

import (
	"fmt"
	"net/http"

	"github.com/certledger/certledger/domain"
	"github.com/spf13/cobra"
)

const rotationsPath = "/v1/signing-keys/rotations"

func (a *app) keyPropose() *cobra.Command {
	var (
		server  serverFlags
		approve string
	)
	cmd := &cobra.Command{
		Use:   "propose",
		Short: "Propose that the prepared key signs, and have another person approve it",
		Long: `Propose that the key that was prepared on the server signs checkpoints. That takes
two people: with --approve-token, the token of another person who may approve, it
is announced at once; without it the proposal waits, and its identifier is printed.`,
		Example: `  certledger key propose --server http://127.0.0.1:8080
  CERTLEDGER_APPROVE_TOKEN=… certledger key propose`,
		Args: takes(0, 0, ""),
	}
	cmd.Flags().StringVar(&approve, "approve-token", "", "access `token` of the person who approves; better set CERTLEDGER_APPROVE_TOKEN")
	server.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := server.client()
		if err != nil {
			return err
		}
		var proposed answer
		if _, err := c.call(cmd.Context(), http.MethodPost, rotationsPath, body{}, &proposed, "Idempotency-Key", "propose-"+randomID()); err != nil {
			return err
		}
		id := proposed.Created["proposal"]
		switch {
		case len(proposed.Entries) == 0:
			a.say("The ledger says so already; nothing was recorded. `certledger key show` tells which keys sign.\n")
			return nil
		case approve == "":
			a.say("%s\n", id)
			a.note("Proposed. Another person approves it: certledger key approve %s\n", id)
			return nil
		}
		if err := approveRotation(cmd, c.as(approve), id); err != nil {
			return fmt.Errorf("proposed (%s) and not approved: %w", id, err)
		}
		a.sayAnnounced()
		return nil
	}
	return cmd
}

func (a *app) keyApprove() *cobra.Command {
	var server serverFlags
	cmd := &cobra.Command{
		Use:   "approve PROPOSAL",
		Short: "Approve, as another person than the proposer, that the new key signs",
		Example: `  certledger key approve 5d0b7c1e9f3a4d2b8c6e7f8091a2b3c4
  certledger key show`,
		Args: takes(1, 1, "the PROPOSAL's identifier"),
	}
	server.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !domain.IsSlug(args[0]) {
			return usage("that is no proposal's identifier; `certledger key propose` prints it")
		}
		c, err := server.client()
		if err != nil {
			return err
		}
		if err := approveRotation(cmd, c, args[0]); err != nil {
			return err
		}
		a.sayAnnounced()
		return nil
	}
	return cmd
}

func (a *app) sayAnnounced() {
	a.say("Announced: the next checkpoint is signed with both keys.\n")
}

func approveRotation(cmd *cobra.Command, c *client, proposal string) error {
	_, err := c.call(cmd.Context(), http.MethodPost, rotationsPath+"/"+proposal+"/approval", body{}, nil, "Idempotency-Key", "approve-"+proposal)
	return err
}

func (a *app) keyDecline() *cobra.Command {
	var (
		server serverFlags
		reason string
	)
	cmd := &cobra.Command{
		Use:     "decline PROPOSAL --reason CODE",
		Short:   "Decline a proposed key, or withdraw one's own proposal",
		Example: `  certledger key decline 5d0b7c1e9f3a4d2b8c6e7f8091a2b3c4 --reason replaced`,
		Args:    takes(1, 1, "the PROPOSAL's identifier"),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, as a `code`: outdated, replaced, other …")
	server.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case !domain.IsSlug(args[0]):
			return usage("that is no proposal's identifier; `certledger key propose` prints it")
		case reason == "":
			return usage("why? give --reason, like outdated or replaced")
		}
		c, err := server.client()
		if err != nil {
			return err
		}
		if _, err := c.call(cmd.Context(), http.MethodPost, rotationsPath+"/"+args[0]+"/decline", body{"reason": reason}, nil, "Idempotency-Key", "decline-"+args[0]); err != nil {
			return err
		}
		a.say("Closed. The prepared key signs nothing.\n")
		return nil
	}
	return cmd
}
