package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/certledger/certledger/eventstore/checkpoints"
	"github.com/spf13/cobra"
)

func (a *app) key() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Show and change the key that signs checkpoints",
		Example: `  certledger key show --data ledger
  certledger key prepare --data ledger`,
	}
	cmd.AddCommand(a.keyShow(), a.keyPrepare(), a.keyFinish())
	return cmd
}

// shownKeys is what key show tells.
type shownKeys struct {
	Keys     []string `json:"keys"`
	Prepared string   `json:"prepared,omitempty"`
}

func (a *app) keyShow() *cobra.Command {
	var w where
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print the key that verifiers are given",
		Long: `Print the verifier key of the ledger's checkpoints, one line: its name, a hash and
the public key. Give it to auditors by a way of its own, not together with what
they verify: trust comes from having got it elsewhere.`,
		Example: `  certledger key show --data ledger > ledger.vkey
  certledger key show --server http://127.0.0.1:8080`,
		Args: takes(0, 0, ""),
	}
	form := outputFlag(cmd, formatText, formatJSON)
	w.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		directory, err := a.isDirectory(w.data, w.server)
		if err != nil {
			return err
		}
		var keys shownKeys
		if directory {
			keys, err = keysIn(place(w.data))
		} else {
			keys, err = w.keysOf(cmd.Context())
		}
		switch {
		case err != nil:
			return err
		case *form == formatJSON:
			return printJSON(a.out, keys)
		}
		a.say("%s\n", strings.Join(keys.Keys, "\n"))
		if keys.Prepared != "" {
			a.note("prepared, and not announced yet: %s\n", keys.Prepared)
		}
		return nil
	}
	return cmd
}

// keysIn reads a directory, which a server may have open.
func keysIn(at place) (shownKeys, error) {
	keys, err := checkpoints.LoadKeys(at.keys())
	if errors.Is(err, checkpoints.ErrNoKey) {
		return shownKeys{}, fmt.Errorf("there is no signing key in %s; check the path", at)
	}
	if err != nil {
		return shownKeys{}, err
	}
	out := shownKeys{Keys: []string{keys.Current.Verifier}}
	if keys.Next != nil {
		out.Prepared = keys.Next.Verifier
	}
	return out, nil
}

func (w *where) keysOf(ctx context.Context) (shownKeys, error) {
	c, err := w.client()
	if err != nil {
		return shownKeys{}, err
	}
	var out shownKeys
	_, err = c.call(ctx, http.MethodGet, "/v1/signing-keys", nil, &out)
	return out, err
}

func (a *app) keyPrepare() *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "prepare --data DIR",
		Short: "Make a new key, for two people to announce",
		Long: `Make a new signing key beside the one in use. It signs nothing yet. Then:

  1. start the server again, so that it knows the key;
  2. somebody proposes the rotation (POST /v1/signing-keys/rotations);
  3. somebody else approves it: from then on checkpoints carry both signatures;
  4. give the new key to whoever verifies;
  5. stop the server and take the old key away: certledger key finish.`,
		Example: `  certledger key prepare --data ledger`,
		Args:    takes(0, 0, ""),
	}
	cmd.Flags().StringVar(&data, "data", "", "the data `directory`")
	cmd.RunE = func(_ *cobra.Command, _ []string) error {
		if data == "" {
			return usage("which ledger? give --data DIR")
		}
		k, err := checkpoints.CreateNextKey(place(data).keys())
		if err != nil {
			return err
		}
		a.say("%s\n", k.Verifier)
		return nil
	}
	return cmd
}

func (a *app) keyFinish() *cobra.Command {
	var data, published string
	cmd := &cobra.Command{
		Use:   "finish --data DIR",
		Short: "Let the new key sign alone",
		Long: `Take the old key away, so that the new one signs alone. Two people must have
announced it, and the server must be stopped.`,
		Example: `  certledger key finish --data ledger`,
		Args:    takes(0, 0, ""),
	}
	cmd.Flags().StringVar(&data, "data", "", "the data `directory` of a stopped server")
	cmd.Flags().StringVar(&published, "published", "", "`directory` of the last signed checkpoint (default DIR/published)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if data == "" {
			return usage("which ledger? give --data DIR")
		}
		if published == "" {
			published = place(data).published()
		}
		return a.offline(cmd.Context(), data, func(_ context.Context, n *node) error {
			keys, err := checkpoints.LoadKeys(n.at.keys())
			if err != nil {
				return err
			}
			if keys.Next == nil {
				return errors.New("there is no new key; begin with `certledger key prepare`")
			}
			announced, err := n.rotated(keys.Next.Verifier)
			if err != nil {
				return err
			}
			if !announced {
				return errors.New("the new key has not been announced by two people, so the old one stays")
			}
			k, err := checkpoints.FinishRotation(n.at.keys(), published)
			if errors.Is(err, checkpoints.ErrNotSigned) {
				return fmt.Errorf("%w; start the server and stop it again, which signs with both", err)
			}
			if err != nil {
				return err
			}
			a.say("%s\n", k.Verifier)
			return nil
		})
	}
	return cmd
}
