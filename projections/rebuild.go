package projections

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/certledger/certledger/eventstore"
)

// Directories beside Config.Dir that a rebuild uses.
const (
	rebuildSuffix = ".rebuild" // the new database, until it is complete
	oldSuffix     = ".old"     // the former one, until it is deleted
)

// Rebuild makes the projections anew from the whole ledger, beside those that
// are there, and puts them in their place when they are complete. Until then,
// and after any error or crash, the old ones stay. Nobody may have them open:
// else it is ErrInUse. Progress is told how many entries are done; it may be
// nil.
//
// It folds as Run does, so that the result is equal to what Run would have
// made, row for row.
func Rebuild(ctx context.Context, cfg Config, from Source, progress func(done, total uint64)) error {
	cfg = cfg.withDefaults()
	if cfg.Dir == "" {
		return errors.New("rebuild projections: no directory given")
	}
	if err := rebuild(ctx, cfg, from, progress); err != nil {
		return fmt.Errorf("rebuild projections in %s: %w", cfg.Dir, err)
	}
	return nil
}

func rebuild(ctx context.Context, cfg Config, from Source, progress func(done, total uint64)) (err error) {
	if err := finishSwap(cfg.Dir); err != nil {
		return err
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return err
	}
	lock, err := pebble.LockDirectory(cfg.Dir, vfs.Default)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInUse, err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	fresh := cfg
	fresh.Dir, fresh.bulk = cfg.Dir+rebuildSuffix, true
	if err := os.RemoveAll(fresh.Dir); err != nil {
		return err
	}
	if err := fill(ctx, fresh, from, progress); err != nil {
		return errors.Join(err, os.RemoveAll(fresh.Dir))
	}
	return swap(cfg.Dir)
}

// fill replays the ledger up to its present head into an empty database.
func fill(ctx context.Context, cfg Config, from Source, progress func(done, total uint64)) (err error) {
	s, err := open(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	head, err := from.Head(ctx)
	if err != nil {
		return err
	}
	s.commands = newSeen(head)
	told := make(chan struct{})
	stop := make(chan struct{})
	go func() {
		defer close(told)
		for progress != nil {
			changed := s.Changed()
			progress(s.Position().Sequence, head)
			select {
			case <-changed:
			case <-stop:
				progress(s.Position().Sequence, head)
				return
			}
		}
	}()
	err = s.follow(ctx, from, func(ctx context.Context, each func([]eventstore.Stored) error) error {
		return readChunks(ctx, from, head, each)
	})
	close(stop)
	<-told
	if err != nil {
		return err
	}
	if at := s.Position().Sequence; at != head {
		return fmt.Errorf("%w: the ledger's head is %d, it was read up to %d", ErrOrder, head, at)
	}
	return s.db.Flush()
}

// readChunks reads all entries up to a head.
func readChunks(ctx context.Context, from Source, head uint64, each func([]eventstore.Stored) error) error {
	if head == 0 {
		return nil
	}
	chunk := make([]eventstore.Stored, 0, chunkEntries)
	err := from.Read(ctx, 0, head, func(e eventstore.Stored) error {
		if chunk = append(chunk, e); len(chunk) < chunkEntries {
			return nil
		}
		err := each(chunk)
		chunk = chunk[:0]
		return err
	})
	if err != nil || len(chunk) == 0 {
		return err
	}
	return each(chunk)
}

// swap puts the complete new database in the old one's place. A crash between
// the renames leaves no dir; finishSwap then takes the new one, which is
// complete because the old one was moved away.
func swap(dir string) error {
	if err := os.Rename(dir, dir+oldSuffix); err != nil {
		return err
	}
	return finishSwap(dir)
}

// finishSwap completes a swap, if one was begun.
func finishSwap(dir string) error {
	_, err := os.Lstat(dir + oldSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		err := os.Rename(dir+rebuildSuffix, dir)
		if errors.Is(err, fs.ErrNotExist) { // somebody deleted it
			err = os.Rename(dir+oldSuffix, dir)
		}
		if err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(dir)); err != nil {
		return err
	}
	return os.RemoveAll(dir + oldSuffix)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
