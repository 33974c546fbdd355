package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/certledger/certledger/eventstore"
	"github.com/certledger/certledger/eventstore/checkpoints"
	"github.com/certledger/certledger/eventstore/proof"
	"github.com/spf13/cobra"
)

// originOf is the name under which a ledger's checkpoints are signed.
func originOf(ledger string) string { return "certledger/" + ledger }

// signingFlags are how checkpoints are signed.
type signingFlags struct {
	published, witnesses string
	every                uint64
	interval             time.Duration
}

func (f *signingFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.published, "published", "", "`directory` of the last signed checkpoint (default DIR/published); a disk of its own survives a restore")
	cmd.Flags().StringVar(&f.witnesses, "witnesses", "", "policy `file` (C2SP tlog-policy) with the witnesses that cosign, their URLs, and the quorum")
	cmd.Flags().Uint64Var(&f.every, "checkpoint-every", 1000, "sign a checkpoint after so many `entries`; a decision never waits for that")
	cmd.Flags().DurationVar(&f.interval, "checkpoint-interval", time.Minute, "sign a checkpoint after this `time` where there are new entries")
}

// openCheckpoints opens what signs. The projections may still be behind.
func (n *node) openCheckpoints(f signingFlags) error {
	keys, err := checkpoints.LoadKeys(n.at.keys())
	if errors.Is(err, checkpoints.ErrNoKey) {
		return fmt.Errorf("%w; restore it from a backup: checkpoints signed by another key look like another ledger's", err)
	}
	if err != nil {
		return err
	}
	config := checkpoints.Config{
		Dir: f.published, Keys: keys, Rotated: n.rotated, Tree: n.tree, Every: f.every, Interval: f.interval, Logger: n.logger,
	}
	if config.Dir == "" {
		config.Dir = n.at.published()
	}
	if f.witnesses != "" {
		text, err := os.ReadFile(f.witnesses)
		if err != nil {
			return errors.New(plain(err))
		}
		if config.Policy, err = proof.ParsePolicy(text); err != nil {
			return fmt.Errorf("--witnesses %s: %w", f.witnesses, err)
		}
		config.Policy.AllowUnknown = true // the other key, during a rotation
	}
	n.checkpoints, err = checkpoints.Open(config)
	return err
}

// tree is the tree as the projections have it now.
func (n *node) tree(_ context.Context, do func(checkpoints.Tree) error) (err error) {
	v, err := n.store.View()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	at, err := v.Position()
	if err != nil {
		return err
	}
	return do(checkpoints.Tree{Size: at.Sequence, Hashes: v.Hashes()})
}

// rotated reports whether two people have announced a key.
func (n *node) rotated(verifier string) (bool, error) {
	system, err := n.store.System()
	if err != nil || system == nil {
		return false, err
	}
	for _, r := range system.Rotations {
		if r.New == verifier {
			return true, nil
		}
	}
	return false, nil
}

// signing compares the ledger with what was made and signed of it, and signs
// while do runs. Behind is why the projections do not hold all of the ledger, nil
// where they do. A ledger that is not what it was is served for reading only.
func (n *node) signing(ctx context.Context, behind error, do func(context.Context) error) error {
	switch err := n.compare(ctx, behind); {
	case ctx.Err() != nil:
		return nil // a signal
	case err != nil:
		n.checkpoints.Stop(err)
		n.log.Refuse(n.checkpoints.Err())
	}
	ctx, cancel := context.WithCancel(ctx)
	var wait sync.WaitGroup
	wait.Go(func() {
		if err := n.checkpoints.Run(ctx); err != nil {
			n.log.Refuse(err)
		}
	})
	wait.Go(func() {
		for ctx.Err() == nil {
			changed := n.store.Changed()
			n.checkpoints.Grown(n.store.Position().Sequence)
			select {
			case <-changed:
			case <-ctx.Done():
			}
		}
	})
	err := do(ctx)
	cancel()
	wait.Wait()
	n.signLast()
	return err
}

// compare reads the whole ledger once: every entry must be the one that the
// projections were made from, and what was signed a beginning of them.
func (n *node) compare(ctx context.Context, behind error) error {
	if behind != nil {
		return fmt.Errorf("nothing is signed while not every entry can be read: %w", behind)
	}
	leaves := &leafReader{from: n.store.Hashes(), until: n.store.Position().Sequence}
	var altered error
	err := n.log.Read(ctx, 0, leaves.until, func(e eventstore.Stored) error {
		was, ok := leaves.at(e.Sequence)
		if ok && was != proof.LeafHash(e.Sequence, sha256.Sum256(e.Payload)) {
			altered = fmt.Errorf("entry %d is not the one that was there: the projections were made from another. "+
				"`certledger ledger check` says more; restore the entry from a backup or an export", e.Sequence)
			return altered
		}
		return nil
	})
	if altered != nil {
		return altered
	}
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	if err := n.store.CheckTree(ctx, nil); err != nil {
		return fmt.Errorf("the tree in the projections is damaged, make them anew with `certledger projection rebuild`: %w", err)
	}
	return n.checkpoints.Check(ctx)
}

// signLast signs what was recorded since the last checkpoint, before a stop.
func (n *node) signLast() {
	if n.checkpoints.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), shutdownMax)
	defer cancel()
	err := n.caughtUp(ctx)
	if err == nil {
		_, err = n.checkpoints.Publish(ctx)
	}
	if err != nil {
		n.logger.Warn("no checkpoint was signed before the stop", "error", err)
	}
}
