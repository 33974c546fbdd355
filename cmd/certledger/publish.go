package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/spf13/cobra"
)

func (a *app) programmePublish() *cobra.Command {
	var (
		server  serverFlags
		approve string
	)
	cmd := &cobra.Command{
		Use:   "publish FILE",
		Short: "Propose a version of a programme, and have another person approve it",
		Long: `Propose a version of a programme on a server. Publishing takes two people: with
--approve-token, the token of another person who may approve, it is published at
once; without it the proposal waits, and its identifier is printed.`,
		Example: `  certledger programme publish rules.yaml --server http://127.0.0.1:8080
  CERTLEDGER_APPROVE_TOKEN=… certledger programme publish rules.yaml`,
		Args: takes(1, 1, "the programme's FILE"),
	}
	cmd.Flags().StringVar(&approve, "approve-token", "", "access `token` of the person who approves; better set CERTLEDGER_APPROVE_TOKEN")
	server.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		p, src, err := a.readProgramme(args[0])
		if p == nil && src != nil {
			return errTold // its mistakes were printed
		}
		if err != nil {
			return err
		}
		c, err := server.client()
		if err != nil {
			return err
		}
		path := "/v1/programmes/" + p.ID + "/proposals"
		var proposed answer
		if _, err := c.call(cmd.Context(), http.MethodPost, path, body{"rules": string(src)}, &proposed, "Idempotency-Key", "propose-"+randomID()); err != nil {
			return err
		}
		id := proposed.Created["proposal"]
		if id == "" { // the ledger says so already
			if id, err = c.proposedBefore(cmd.Context(), p); err != nil {
				return err
			}
			if id == "" {
				a.say("%s version %d is published already, with the same rules (%s); nothing was recorded.\n", p.ID, p.Version, p.Digest)
				return nil
			}
		}
		if approve == "" {
			a.say("%s version %d is proposed (%s). Another person approves it:\n\n  curl -X POST -H 'Authorization: Bearer TOKEN' '%s%s/%s/approval'\n",
				p.ID, p.Version, id, c.server, path, id)
			return nil
		}
		if _, err := c.as(approve).call(cmd.Context(), http.MethodPost, path+"/"+id+"/approval", body{}, nil, "Idempotency-Key", "approve-"+id); err != nil {
			return fmt.Errorf("%s version %d is proposed (%s) and not approved: %w", p.ID, p.Version, id, err)
		}
		a.say("%s version %d is published (%s).\n", p.ID, p.Version, p.Digest)
		return nil
	}
	return cmd
}

// proposedBefore is the proposal of the same rules that still waits for another
// person; empty where they are published.
func (c *client) proposedBefore(ctx context.Context, p *programme.Programme) (string, error) {
	var line domain.ProgrammeLine
	if _, err := c.call(ctx, http.MethodGet, "/v1/programmes/"+p.ID, nil, &line); err != nil {
		return "", err
	}
	for _, v := range line.Versions {
		if v.Digest == p.Digest {
			return "", nil
		}
	}
	for _, waiting := range line.Proposals {
		var what domain.ProgrammePublished
		if err := json.Unmarshal(waiting.What, &what); err != nil {
			return "", fmt.Errorf("read proposal %s: %w", waiting.ID, err)
		}
		if waiting.Closed == "" && what.Digest == p.Digest {
			return waiting.ID, nil
		}
	}
	return "", fmt.Errorf("the server recorded nothing for %s version %d, and shows neither these rules nor a proposal of them; please try again", p.ID, p.Version)
}
