package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/certledger/certledger/api"
	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore/checkpoints"
	"github.com/certledger/certledger/projections"
	"github.com/spf13/cobra"
)

func (a *app) key() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Show and change the key that signs checkpoints",
		Example: `  certledger key show --data ledger
  certledger key prepare --data ledger`,
	}
	cmd.AddCommand(a.keyShow(), a.keyPrepare(), a.keyPropose(), a.keyApprove(), a.keyDecline(), a.keyFinish())
	return cmd
}

// shownKeys is what key show tells.
type shownKeys struct {
	Keys     []string         `json:"keys"` // that sign now
	Prepared string           `json:"prepared,omitempty"`
	History  []api.SigningKey `json:"history"` // every one that ever signed, the newest first

	hint string // what else is to be said of the prepared key
}

func (a *app) keyShow() *cobra.Command {
	var w where
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print the keys that verifiers are given",
		Long: `Print the verifier keys of the ledger's checkpoints, one a line: a name, a hash and
the public key. The newest comes first; those before it verify older checkpoints.
Give them to auditors by a way of its own, not together with what they verify:
trust comes from having got them elsewhere.`,
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
			keys, err = a.keysIn(place(w.data))
		} else {
			keys, err = w.keysOf(cmd.Context())
		}
		switch {
		case err != nil:
			return err
		case *form == formatJSON:
			return printJSON(a.out, keys)
		}
		a.tellKeys(keys)
		return nil
	}
	return cmd
}

// tellKeys prints the keys, and remarks on how long each has signed.
func (a *app) tellKeys(keys shownKeys) {
	for _, k := range keys.History {
		a.say("%s\n", k.Key)
	}
	for _, k := range keys.History {
		if len(keys.History) > 1 {
			a.note("%s %s\n", shortKey(k.Key), reign(k))
		}
	}
	if keys.Prepared != "" {
		a.note("prepared, and not announced yet%s: %s\n", keys.hint, keys.Prepared)
	}
}

// shortKey is the name of a key and its hash.
func shortKey(key string) string {
	if i := strings.LastIndexByte(key, '+'); i > 0 {
		return key[:i]
	}
	return key
}

// reign says when a key signs.
func reign(k api.SigningKey) string {
	text := "signed"
	if k.Signs {
		text = "signs"
	}
	if k.From != nil {
		text += fmt.Sprintf(", announced by entry %d of %s", k.From.Sequence, k.From.Time.Format(time.DateOnly))
	}
	if k.Replaced != nil {
		text += fmt.Sprintf(", followed by another with entry %d of %s", k.Replaced.Sequence, k.Replaced.Time.Format(time.DateOnly))
	}
	return text
}

// keysIn reads a directory and changes nothing in it. A server may have it open:
// then what the ledger says of the keys is not read.
func (a *app) keysIn(at place) (shownKeys, error) {
	keys, err := checkpoints.LoadKeys(at.keys())
	if errors.Is(err, checkpoints.ErrNoKey) {
		return shownKeys{}, fmt.Errorf("there is no signing key in %s; check the path", at)
	}
	if err != nil {
		return shownKeys{}, err
	}
	former, err := checkpoints.FormerVerifiers(at.keys())
	if err != nil {
		return shownKeys{}, err
	}
	rotations, read := a.rotationsIn(at)
	out := shownKeys{Keys: []string{keys.Current.Verifier}}
	if keys.Next != nil {
		signed, err := checkpoints.SignedLast(at.published(), keys.Next)
		announced := err == nil && signed || slices.ContainsFunc(rotations, func(r domain.KeyRotation) bool { return r.New == keys.Next.Verifier })
		switch {
		case announced:
			out.Keys = append(out.Keys, keys.Next.Verifier)
		case !read:
			out.hint = " as far as can be told from here (ask the server with --server)"
			fallthrough
		default:
			out.Prepared = keys.Next.Verifier
		}
	}
	out.History = api.KeyHistory(rotations, out.Keys)
	for _, key := range former { // where the ledger was not read
		if !slices.ContainsFunc(out.History, func(k api.SigningKey) bool { return k.Key == key }) {
			out.History = append(out.History, api.SigningKey{Key: key})
		}
	}
	return out, nil
}

// rotationsIn are the rotations that a directory's projections know of; false
// where they cannot be read, as while a server has them open.
func (a *app) rotationsIn(at place) ([]domain.KeyRotation, bool) {
	store, err := projections.OpenToCheck(projections.Config{Dir: at.projections(), Logger: a.quietLogger()})
	if err != nil {
		return nil, false
	}
	system, err := store.System()
	if errors.Join(err, store.Close()) != nil || system == nil {
		return nil, false
	}
	return system.Rotations, true
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
  2. somebody proposes the rotation: certledger key propose;
  3. somebody else approves it: certledger key approve. From then on checkpoints
     carry both signatures;
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
