package checkpoints

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/certledger/certledger/eventstore/proof"
)

const (
	markName       = "place"
	checkpointName = "checkpoint"
	leavesName     = "leaves"
	lockName       = "LOCK"
	hashBytes      = len(proof.Hash{})
)

// Errors of the place of the last checkpoint.
var (
	// ErrInUse: another process has the place open.
	ErrInUse = errors.New("the place of published checkpoints is in use by another process")

	// ErrNoPlace: there is no place of published checkpoints where one should be.
	// It is never made by opening: what was signed before must not be forgotten.
	ErrNoPlace = errors.New("there is no place of published checkpoints")

	// ErrSwapped: somebody else has published meanwhile.
	ErrSwapped = errors.New("the published checkpoint was replaced by somebody else")
)

// place is the durable place of the last published checkpoint. One Publisher
// has it open, whose calls are one at a time.
type place struct {
	dir    string
	lock   *os.File // nil where a place is only read that nobody ever opened
	leaves *os.File // nil where it is only read and has none
}

// Create makes a place of published checkpoints, for a ledger of which none was
// ever published. One that is there stays, and is an error.
func Create(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, markName), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString("Checkpoints that were signed are remembered here. Never restore an older copy.\n")
	return errors.Join(err, f.Sync(), f.Close(), syncDir(dir))
}

// Exists reports whether a directory is a place of published checkpoints.
func Exists(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, markName))
	return err == nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func openPlace(dir string) (*place, error) {
	return openPlaceAs(dir, os.O_CREATE|os.O_RDWR, syscall.LOCK_EX)
}

// openPlaceToRead opens a place for those who change nothing in it, as long as
// no Publisher has it open.
func openPlaceToRead(dir string) (*place, error) {
	return openPlaceAs(dir, os.O_RDONLY, syscall.LOCK_SH)
}

func openPlaceAs(dir string, flags, lock int) (_ *place, err error) {
	if !Exists(dir) {
		return nil, fmt.Errorf("%w in %s: is its disk there? A place that was lost is restored, with the last checkpoint that anybody has", ErrNoPlace, dir)
	}
	p := &place{dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	if p.lock, err = openWhere(dir, lockName, flags); err != nil {
		return nil, err
	}
	if p.lock != nil && syscall.Flock(int(p.lock.Fd()), lock|syscall.LOCK_NB) != nil {
		return nil, fmt.Errorf("%w: %s", ErrInUse, dir)
	}
	p.leaves, err = openWhere(dir, leavesName, flags)
	return p, err
}

// openWhere opens a file; nil is one that is not there and is not to be made.
func openWhere(dir, name string, flags int) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, name), flags, 0o600)
	if errors.Is(err, fs.ErrNotExist) && flags&os.O_CREATE == 0 {
		return nil, nil
	}
	return f, err
}

func (p *place) close() error {
	var errs []error
	for _, f := range []*os.File{p.leaves, p.lock} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}

// load is the last published checkpoint, nil where none was.
func (p *place) load() ([]byte, error) { return readCheckpoint(p.dir) }

func readCheckpoint(dir string) ([]byte, error) {
	f, err := os.Open(filepath.Join(dir, checkpointName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, proof.CheckpointMax+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if len(b) == 0 || len(b) > proof.CheckpointMax {
		return nil, fmt.Errorf("the file %s in %s is no checkpoint; restore it from wherever checkpoints were sent", checkpointName, dir)
	}
	return b, nil
}

// swap replaces the checkpoint old, nil for none, durably: a crash leaves one
// of the two, whole.
func (p *place) swap(old, fresh []byte) error {
	now, err := p.load()
	if err != nil {
		return err
	}
	if !bytes.Equal(now, old) {
		return ErrSwapped
	}
	name := filepath.Join(p.dir, checkpointName)
	f, err := os.OpenFile(name+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(fresh)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(name+".new", name); err != nil {
		return err
	}
	return syncDir(p.dir)
}

// keepLeaves makes the leaf hashes from one index on durable, before the
// checkpoint that covers them. What stood there was never published.
func (p *place) keepLeaves(from uint64, hashes []proof.Hash) error {
	b := make([]byte, 0, len(hashes)*hashBytes)
	for _, h := range hashes {
		b = append(b, h[:]...)
	}
	_, err := p.leaves.WriteAt(b, int64(from)*int64(hashBytes))
	return err
}

// leavesKept is how many leaf hashes there are.
func (p *place) leavesKept() (uint64, error) {
	if p.leaves == nil {
		return 0, nil
	}
	info, err := p.leaves.Stat()
	if err != nil {
		return 0, err
	}
	return uint64(info.Size()) / uint64(hashBytes), nil
}

// readLeaves fills hashes from an index on.
func (p *place) readLeaves(from uint64, hashes []proof.Hash) error {
	b := make([]byte, len(hashes)*hashBytes)
	if _, err := p.leaves.ReadAt(b, int64(from)*int64(hashBytes)); err != nil {
		return err
	}
	for i := range hashes {
		copy(hashes[i][:], b[i*hashBytes:])
	}
	return nil
}
