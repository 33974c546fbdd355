package vault

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"
)

const (
	blockCacheBytes = 8 << 20
	memTableBytes   = 4 << 20
	bloomBits       = 10
)

// hasStore says whether dir holds a Pebble store. It writes nothing.
func hasStore(dir string) (bool, error) {
	desc, err := pebble.Peek(dir, vfs.Default)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look into %s: %w", dir, err)
	}
	return desc.Exists, nil
}

// openStore opens the store in dir, or makes one if create is set. The lock is
// tried first, to tell it apart from other reasons.
func openStore(dir string, create bool, log *slog.Logger) (*pebble.DB, error) {
	files := privateFS{vfs.Default}
	lock, err := pebble.LockDirectory(dir, files)
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrLocked, dir, err)
	}
	cache := pebble.NewCache(blockCacheBytes)
	defer cache.Unref()
	o := &pebble.Options{
		FS:                 files,
		Lock:               lock,
		Cache:              cache,
		MemTableSize:       memTableBytes,
		FormatMajorVersion: pebble.FormatNewest,
		ErrorIfExists:      create,
		ErrorIfNotExists:   !create,
		Logger:             storeLogger{log},
	}
	for i := range o.Levels {
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(bloomBits)
	}
	db, err := pebble.Open(dir, o)
	// An open store keeps its own hold of the lock.
	if err = errors.Join(err, lock.Close()); err != nil {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	return db, nil
}

// get copies a value, and tells whether there is one.
func get(r pebble.Reader, key []byte) ([]byte, bool, error) {
	b, closer, err := r.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read vault: %w", err)
	}
	value := append([]byte(nil), b...)
	if err := closer.Close(); err != nil {
		return nil, false, fmt.Errorf("read vault: %w", err)
	}
	return value, true, nil
}

// last returns the last row of a prefix; key is without the prefix, and nil if
// there is no row.
func last(r pebble.Reader, prefix []byte) (key, value []byte, err error) {
	it, err := r.NewIter(&pebble.IterOptions{LowerBound: prefix, UpperBound: prefixEnd(prefix)})
	if err != nil {
		return nil, nil, fmt.Errorf("read vault: %w", err)
	}
	if it.Last() {
		key = append([]byte(nil), it.Key()[len(prefix):]...)
		value = append([]byte(nil), it.Value()...)
	}
	if err := errors.Join(it.Error(), it.Close()); err != nil {
		return nil, nil, fmt.Errorf("read vault: %w", err)
	}
	return key, value, nil
}

// each calls f for every row of a prefix, in order; the slices end with the call.
func each(r pebble.Reader, prefix []byte, f func(key, value []byte) error) error {
	it, err := r.NewIter(&pebble.IterOptions{LowerBound: prefix, UpperBound: prefixEnd(prefix)})
	if err != nil {
		return fmt.Errorf("read vault: %w", err)
	}
	for ok := it.First(); ok && err == nil; ok = it.Next() {
		err = f(it.Key()[len(prefix):], it.Value())
	}
	if err := errors.Join(err, it.Error(), it.Close()); err != nil {
		return fmt.Errorf("read vault: %w", err)
	}
	return nil
}

// commit makes a batch durable.
func commit(b *pebble.Batch) error {
	if err := b.Commit(pebble.Sync); err != nil {
		return fmt.Errorf("write vault: %w", err)
	}
	return nil
}

var _ vfs.FS = privateFS{}

// privateFS is the operating system's files, made for this user only.
type privateFS struct{ vfs.FS }

func (p privateFS) Unwrap() vfs.FS { return p.FS }

func (p privateFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return private(name)(p.FS.Create(name, c))
}

func (p privateFS) OpenReadWrite(name string, c vfs.DiskWriteCategory, o ...vfs.OpenOption) (vfs.File, error) {
	return private(name)(p.FS.OpenReadWrite(name, c, o...))
}

func (p privateFS) ReuseForWrite(old, name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return private(name)(p.FS.ReuseForWrite(old, name, c))
}

func (p privateFS) MkdirAll(dir string, _ os.FileMode) error { return p.FS.MkdirAll(dir, 0o700) }

func (p privateFS) Lock(name string) (io.Closer, error) {
	c, err := p.FS.Lock(name)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(name, 0o600); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func private(name string) func(vfs.File, error) (vfs.File, error) {
	return func(f vfs.File, err error) (vfs.File, error) {
		if err != nil {
			return nil, err
		}
		if err := os.Chmod(name, 0o600); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return f, nil
	}
}

// storeLogger passes on what Pebble says about its files.
type storeLogger struct{ log *slog.Logger }

var _ pebble.Logger = storeLogger{}

func (l storeLogger) Infof(format string, args ...any) {
	l.log.Debug("vault store", "message", fmt.Sprintf(format, args...))
}

func (l storeLogger) Errorf(format string, args ...any) {
	l.log.Error("vault store", "message", fmt.Sprintf(format, args...))
}

// Fatalf ends the process: after a failed write to its log, Pebble must not be
// used any further.
func (l storeLogger) Fatalf(format string, args ...any) {
	l.Errorf(format, args...)
	panic("vault: " + fmt.Sprintf(format, args...))
}
