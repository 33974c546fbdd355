package projections

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// Config says where the projections are and what they may use.
type Config struct {
	// Dir holds the database and nothing else. Required. It is created where
	// it is missing; a rebuild uses Dir with .rebuild and .old added.
	Dir string

	// CacheBytes is Pebble's block cache. Zero means 128 MiB.
	CacheBytes int64

	// MemTableBytes is how much is written before it is sorted into a file.
	// Zero means 64 MiB.
	MemTableBytes int

	// HotStates is how many folded states stay in memory beside Pebble, some
	// kilobytes each. Zero means 32768.
	HotStates int

	// BatchEntries and BatchBytes bound how many entries, and how many bytes
	// of payload, Run commits at once while it catches up. Zero means 50000
	// and 48 MiB.
	BatchEntries int
	BatchBytes   int

	// WaitMax bounds how long Wait waits. Zero means 2 seconds.
	WaitMax time.Duration

	// Logger gets Pebble's warnings and errors, never a row. Nil means
	// slog.Default().
	Logger *slog.Logger

	// bulk is for filling an empty database that nobody reads before it is
	// complete and flushed: no log to recover from, and no compaction until it
	// is opened for use.
	bulk bool
}

func (c Config) withDefaults() Config {
	if c.CacheBytes <= 0 {
		c.CacheBytes = 128 << 20
	}
	if c.MemTableBytes <= 0 {
		c.MemTableBytes = 64 << 20
	}
	if c.HotStates <= 0 {
		c.HotStates = 32768
	}
	if c.BatchEntries <= 0 {
		c.BatchEntries = 50000
	}
	if c.BatchBytes <= 0 {
		c.BatchBytes = 48 << 20
	}
	if c.WaitMax <= 0 {
		c.WaitMax = 2 * time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// Position is how far the projections have read. The zero value is before the
// first entry.
type Position struct {
	Sequence uint64
	Hash     [32]byte // SHA-256 of the payload at Sequence
}

// Store is the open database. Its methods may be called from any goroutine.
// Everything above applying is set by Open and only read afterwards.
type Store struct {
	reads
	cfg        Config
	db         *pebble.DB
	lock       *pebble.Lock
	programmes *programmeCache
	tiles      *tileCache

	applying sync.Mutex // held while entries are applied; protects the two below
	folder   *folder
	commands *seen // ids of commands applied; nil unless the database was empty before

	mu       sync.Mutex    // protects the four below
	position Position      // committed
	changed  chan struct{} // closed when position, poison or closed changes
	poison   *PoisonError
	closed   bool

	waiting atomic.Int64  // calls of Wait that are not answered yet
	hurry   chan struct{} // tells Run that one has begun

	calls sync.WaitGroup // reads, views and applies in progress; none is added once closed
}

// Open opens the database in cfg.Dir, making an empty one where there is none.
//
// A database of another version is refused with ErrFormat, a broken one with
// ErrDamaged; Rebuild mends both. One that is open elsewhere is ErrInUse.
func Open(cfg Config) (*Store, error) {
	cfg = cfg.withDefaults()
	if cfg.Dir == "" {
		return nil, errors.New("open projections: no directory given")
	}
	if err := finishSwap(cfg.Dir); err != nil {
		return nil, fmt.Errorf("open projections in %s: %w", cfg.Dir, err)
	}
	s, err := open(cfg)
	if err != nil {
		return nil, fmt.Errorf("open projections in %s: %w", cfg.Dir, err)
	}
	return s, nil
}

func open(cfg Config) (_ *Store, err error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := pebble.LockDirectory(cfg.Dir, vfs.Default)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInUse, err)
	}
	cache := pebble.NewCache(cfg.CacheBytes)
	defer cache.Unref()
	options := options(cfg, cache)
	options.Lock = lock
	db, err := pebble.Open(cfg.Dir, options)
	if err != nil {
		// Whatever Pebble does not accept in its own directory is mended by a rebuild.
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrDamaged, err), lock.Close())
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close(), lock.Close())
		}
	}()
	s := &Store{
		cfg: cfg, db: db, programmes: newProgrammeCache(), tiles: newTileCache(),
		changed: make(chan struct{}), hurry: make(chan struct{}, 1),
	}
	s.reads.store = s
	if err := s.checkFormat(); err != nil {
		return nil, damaged(err)
	}
	if s.folder, err = newFolder(s); err != nil {
		return nil, damaged(err)
	}
	s.lock = lock
	return s, nil
}

// bulkTablesMax is how many overlapping tables a rebuild may leave behind; one
// of 10 million entries leaves some hundred.
const bulkTablesMax = 1 << 20

func options(cfg Config, cache *pebble.Cache) *pebble.Options {
	log := cfg.Logger.With("dir", filepath.Base(cfg.Dir))
	o := &pebble.Options{
		Cache:                       cache,
		FS:                          vfs.Default, // the default adds a watchdog whose goroutine outlives a failed Open
		FormatMajorVersion:          pebble.FormatNewest,
		MemTableSize:                uint64(cfg.MemTableBytes),
		MemTableStopWritesThreshold: 4,
		L0CompactionThreshold:       16, // twice the depth at which it compacts
		L0StopWritesThreshold:       48,
		LBaseMaxBytes:               256 << 20,
		CompactionConcurrencyRange:  func() (int, int) { return 1, 2 },
		Logger:                      pebbleLogger{log},
		EventListener: &pebble.EventListener{
			// Pebble would end the process. Here the read that met the damage
			// answers ErrDamaged.
			DataCorruption: func(info pebble.DataCorruptionInfo) {
				log.Error("pebble: damaged file; run `certledger projection rebuild`", "file", info.Path, "error", info.Details)
			},
		},
	}
	if cfg.bulk {
		o.DisableWAL, o.DisableAutomaticCompactions = true, true
		o.L0CompactionThreshold, o.L0StopWritesThreshold = bulkTablesMax, bulkTablesMax
	}
	for i := range o.Levels {
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	return o
}

// checkFormat writes the format row into an empty database and refuses any
// other than ours.
func (s *Store) checkFormat() error {
	r := reader{s.db, s}
	found, exists, err := r.get(keyFormat)
	if err != nil {
		return err
	}
	if !exists {
		empty, err := r.empty()
		if err != nil {
			return err
		}
		if !empty {
			return ErrFormat
		}
		durable := pebble.Sync
		if s.cfg.bulk {
			durable = pebble.NoSync // the flush at the end makes it so
		}
		return s.db.Set(keyFormat, []byte(format), durable)
	}
	if string(found) != format {
		return ErrFormat
	}
	at, exists, err := r.get(keyPosition)
	if err != nil || !exists {
		return err
	}
	s.position, err = readPosition(at)
	return err
}

// Close waits for the calls in progress, views included, and closes the
// database. Calling it again does nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	s.mu.Unlock()
	if again {
		return nil
	}
	s.tellAll()
	s.calls.Wait()
	if err := errors.Join(s.db.Close(), s.lock.Close()); err != nil {
		return fmt.Errorf("close projections in %s: %w", s.cfg.Dir, err)
	}
	return nil
}

// enter begins a call that Close waits for.
func (s *Store) enter() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	s.calls.Add(1)
	return nil
}

// Position is how far the entries were applied. Given to eventstore's Verify as
// what is known of the ledger, it shows a ledger that lost its end.
func (s *Store) Position() Position {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.position
}

// Err is the *PoisonError that stopped the projections, or nil. Reads go on.
func (s *Store) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.poison == nil {
		return nil
	}
	return s.poison
}

// Changed is closed when the position moves on, when the lists that were behind it
// are complete, when the projections stop, or when the Store closes. Take it before
// reading.
func (s *Store) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// tellAll wakes everybody who waits.
func (s *Store) tellAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
}

// Wait returns once the entry was applied. It ends with ErrBehind after
// Config.WaitMax, with the poison error where the projections stopped before
// it, or with ctx.
func (s *Store) Wait(ctx context.Context, sequence uint64) error {
	limit := time.NewTimer(s.cfg.WaitMax)
	defer limit.Stop()
	waits := false
	for {
		s.mu.Lock()
		at, poison, closed, changed := s.position.Sequence, s.poison, s.closed, s.changed
		s.mu.Unlock()
		switch {
		case at >= sequence:
			return nil
		case poison != nil:
			return poison
		case closed:
			return ErrClosed
		}
		if !waits {
			waits = true
			s.waiting.Add(1)
			defer s.waiting.Add(-1)
			select {
			case s.hurry <- struct{}{}:
			default: // Run is told already
			}
		}
		select {
		case <-changed:
		case <-limit.C:
			return fmt.Errorf("%w: entry %d was asked for, %d is applied", ErrBehind, sequence, at)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// pebbleLogger passes on what Pebble says of files and levels. It holds no keys
// or values.
type pebbleLogger struct{ log *slog.Logger }

func (l pebbleLogger) Infof(f string, args ...any) { l.log.Debug("pebble: " + fmt.Sprintf(f, args...)) }

func (l pebbleLogger) Errorf(f string, args ...any) {
	l.log.Error("pebble: " + fmt.Sprintf(f, args...))
}

// Fatalf ends the process, as Pebble demands: it could not write, and what it
// holds in memory is no longer what is on disk. The next start reads on from
// the position on disk.
func (l pebbleLogger) Fatalf(f string, args ...any) {
	l.log.Error("pebble: " + fmt.Sprintf(f, args...))
	panic("projections: pebble cannot go on: " + fmt.Sprintf(f, args...))
}
