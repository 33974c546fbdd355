package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/certledger/certledger/api/desk"
	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore"
	"github.com/certledger/certledger/eventstore/checkpoints"
	"github.com/certledger/certledger/eventstore/vault"
	"github.com/certledger/certledger/projections"
)

// place is a data directory: everything that one node has on disk.
type place string

func (p place) ledger() string      { return filepath.Join(string(p), "ledger") }
func (p place) projections() string { return filepath.Join(string(p), "projections") }
func (p place) vault() string       { return filepath.Join(string(p), "vault") }
func (p place) keys() string        { return filepath.Join(string(p), "keys") }
func (p place) published() string   { return filepath.Join(string(p), "published") }

func (p place) vaultConfig(logger *slog.Logger) vault.Config {
	return vault.Config{Dir: p.vault(), KeysDir: p.keys(), Logger: logger}
}

// node is an open ledger with all that reads and writes it. The fields are set
// by open and only read afterwards.
type node struct {
	at     place
	id     string // of the ledger
	logger *slog.Logger
	log    *eventstore.Log
	store  *projections.Store
	vault  *vault.Vault
	desk   *desk.Desk

	checkpoints *checkpoints.Publisher // nil where nothing is signed: only serving does
}

// openNode opens what create made. A wrong path is an error, never a new ledger.
func openNode(ctx context.Context, at place, logger *slog.Logger) (_ *node, err error) {
	n := &node{at: at, logger: logger}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.close())
		}
	}()
	if n.log, err = openLedger(ctx, at, logger); err != nil {
		return nil, err
	}
	if n.store, err = projections.Open(projections.Config{Dir: at.projections(), Logger: logger}); err != nil {
		return nil, fmt.Errorf("the projections cannot be opened: %w", err)
	}
	if err := n.verify(ctx); err != nil {
		return nil, err
	}
	if n.vault, err = vault.Open(at.vaultConfig(logger)); err != nil {
		return nil, fmt.Errorf("the keys of personal data cannot be opened: %w", err)
	}
	if n.id, err = ledgerID(ctx, n.log); err != nil {
		return nil, err
	}
	return n, n.makeDesk()
}

func (n *node) makeDesk() error {
	engine, err := programHash()
	if err != nil {
		return err
	}
	n.desk, err = desk.New(desk.Config{Log: n.log, Store: n.store, Vault: n.vault, Ledger: n.id, EngineHash: engine, Logger: n.logger})
	return err
}

// programHash is the SHA-256 of the program that runs: decisions record which
// one took them.
func programHash() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the program that runs: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the program that runs: %w", err)
	}
	defer func() { _ = f.Close() }() // it was read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read the program that runs: %w", err)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}

// openLedger opens the log alone, for commands that only read it.
func openLedger(ctx context.Context, at place, logger *slog.Logger) (*eventstore.Log, error) {
	log, err := eventstore.Open(ctx, eventstore.Config{Dir: at.ledger(), Logger: logger})
	switch {
	case errors.Is(err, eventstore.ErrNotLedger):
		return nil, fmt.Errorf("there is no ledger in %s; check the path, or make one with `certledger init --data %s`", at, at)
	case errors.Is(err, eventstore.ErrInUse):
		return nil, fmt.Errorf("another certledger has %s open; stop it, or ask it with --server", at)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%s cannot be read and written by you; a ledger is opened for both", at)
	case err != nil:
		return nil, fmt.Errorf("the ledger in %s cannot be opened: %w", at, err)
	}
	return log, nil
}

// verify compares the ledger with what the projections remember of it: a
// ledger that lost its end, or was altered, is not opened for writing.
func (n *node) verify(ctx context.Context) error {
	known := n.store.Position()
	err := n.log.Verify(ctx, eventstore.Recorded{Sequence: known.Sequence, PayloadHash: known.Hash})
	if err == nil {
		return nil
	}
	return fmt.Errorf("the ledger in %s is not what it was, so it is not opened: %w", n.at, err)
}

// ledgerID reads the ledger's name from its first entry.
func ledgerID(ctx context.Context, log *eventstore.Log) (string, error) {
	first, err := log.Get(ctx, 1)
	if errors.Is(err, eventstore.ErrNoEntry) {
		return "", errors.New("the ledger was begun and not finished; nothing is in it, so delete the directory and run `certledger init` again")
	}
	if err != nil {
		return "", fmt.Errorf("read the first entry: %w", err)
	}
	e, err := domain.Decode(1, first.Payload)
	if err != nil {
		return "", fmt.Errorf("read the first entry: %w", err)
	}
	created, ok := e.Event.(*domain.LedgerCreated)
	if !ok {
		return "", fmt.Errorf("the first entry is %s, not the ledger's creation", e.Type)
	}
	return created.Ledger, nil
}

// close closes what is open, in the order in which it depends.
func (n *node) close() error {
	var errs []error
	if n.checkpoints != nil {
		errs = append(errs, n.checkpoints.Close())
	}
	if n.store != nil {
		errs = append(errs, n.store.Close())
	}
	if n.vault != nil {
		errs = append(errs, n.vault.Close())
	}
	if n.log != nil {
		errs = append(errs, n.log.Close())
	}
	return errors.Join(errs...)
}

// with keeps the projections following the ledger while do runs, also after a
// signal until do has ended, and ends with the first error of either. Where an
// entry cannot be applied, reads go on, and the health page says so.
func (n *node) with(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var follow error
	var wait sync.WaitGroup
	wait.Go(func() {
		err := n.store.Run(run, n.log)
		var poison *projections.PoisonError
		if errors.As(err, &poison) {
			n.logger.Error("an entry cannot be read, so nothing after it is shown", "sequence", poison.Sequence, "error", poison.Err)
			return
		}
		if err != nil {
			follow = fmt.Errorf("the projections stopped: %w", err)
			cancel()
		}
	})
	err := do(ctx)
	stop()
	wait.Wait()
	if follow != nil {
		return follow
	}
	return err
}

// caughtUp waits until the projections have all that is in the ledger.
func (n *node) caughtUp(ctx context.Context) error {
	head, err := n.log.Head(ctx)
	if err != nil {
		return err
	}
	for {
		changed := n.store.Changed()
		if n.store.Position().Sequence >= head {
			return nil
		}
		if err := n.store.Err(); err != nil {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// offline opens a ledger that no server has open, brings the projections up to
// its end, and closes it after do.
func (a *app) offline(ctx context.Context, data string, do func(context.Context, *node) error) (err error) {
	n, err := openNode(ctx, place(data), a.quietLogger())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.close()) }()
	return n.with(ctx, func(ctx context.Context) error {
		if err := n.caughtUp(ctx); err != nil {
			return fmt.Errorf("bring the projections up to the ledger: %w", err)
		}
		return do(ctx, n)
	})
}

// quietLogger is for commands that somebody watches: warnings only, as text.
func (a *app) quietLogger() *slog.Logger {
	return slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelError}))
}

// isEmpty reports whether a directory holds nothing; one that is not there does.
func isEmpty(dir string) (bool, error) {
	names, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return len(names) == 0, err
}

// now is the act's time: whole seconds, as the interface has them.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }
