package eventstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Config says where a ledger is and how patiently it is used.
type Config struct {
	// Dir holds the ledger and nothing else. Required.
	Dir string

	// Logger gets the server's warnings and errors, never a payload. Nil means
	// slog.Default().
	Logger *slog.Logger

	// ReadBatch is how many entries Read and Follow fetch ahead, and the most
	// that Follow hands over at once. Zero means 5000.
	ReadBatch int

	// AppendTimeout bounds how long a write waits for its acknowledgement, if
	// its context allows more; it then ends with ErrUnknownOutcome. Zero means
	// 10 seconds.
	AppendTimeout time.Duration

	// AnswerTimeout bounds how long any other question to the server waits, if
	// its context allows more. Zero means 10 seconds.
	AnswerTimeout time.Duration

	// StallCheck is how long Read and Follow wait for the next entry before
	// they compare their position with the ledger's head. A damaged last entry
	// is noticed after this time; one in the middle at once. Zero means 1
	// second.
	StallCheck time.Duration
}

func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.ReadBatch <= 0 {
		c.ReadBatch = 5000
	}
	if c.AppendTimeout <= 0 {
		c.AppendTimeout = 10 * time.Second
	}
	if c.AnswerTimeout <= 0 {
		c.AnswerTimeout = 10 * time.Second
	}
	if c.StallCheck <= 0 {
		c.StallCheck = time.Second
	}
	return c
}

// Log is an open ledger. Its methods may be called from any goroutine, except
// that Close must not be called from within a callback of Read or Follow.
//
// It owns one goroutine, which watches for changes of the stream and ends with
// Close. Everything above mu is set before the Log is returned and only read
// afterwards.
type Log struct {
	cfg    Config
	lock   *os.File
	srv    *server.Server
	nc     *nats.Conn          // writes and questions
	replay *nats.Conn          // consumers; apart, so that a replay delays no write
	js     jetstream.JetStream // on replay

	batchID    string        // prefix of this Log's batch ids
	batchCount atomic.Uint64 // makes each unique
	batches    chan struct{} // holds one value per batch in flight

	refused atomic.Pointer[refusal] // why writes are refused; nil while they are not

	closing chan struct{}  // closed when Close begins
	watcher sync.WaitGroup // the watching goroutine

	mu     sync.RWMutex   // protects closed, and calls from being added after it is set
	closed bool           // Close was called
	calls  sync.WaitGroup // method calls in progress
}

// Create makes a new, empty ledger in cfg.Dir, which it creates where needed,
// and opens it. It refuses a directory that holds a ledger with ErrExists.
//
// A crash during Create leaves no ledger; Create can then be called again.
func Create(ctx context.Context, cfg Config) (*Log, error) {
	l, err := create(ctx, cfg.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("create ledger in %s: %w", cfg.Dir, err)
	}
	return l, nil
}

func create(ctx context.Context, cfg Config) (*Log, error) {
	if cfg.Dir == "" {
		return nil, fmt.Errorf("%w: no directory given", ErrInvalid)
	}
	if err := refuseMarker(cfg.Dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := lockDir(cfg.Dir)
	if err != nil {
		return nil, err
	}
	if err := refuseMarker(cfg.Dir); err != nil { // another Create may have been faster
		return nil, errors.Join(err, lock.Close())
	}
	return start(ctx, cfg, lock, func(l *Log) error {
		if _, err := l.js.CreateStream(ctx, streamConfig()); err != nil {
			return fmt.Errorf("create stream %s: %w", streamName, err)
		}
		info, err := l.info(ctx, false)
		if err != nil {
			return err
		}
		if info.State.LastSeq > 0 {
			return fmt.Errorf("%w: %s is missing, but the stream holds %d entries; restore the file",
				ErrExists, markerName, info.State.Messages)
		}
		if err := compareConfig(info.Config); err != nil {
			return err
		}
		return writeMarker(cfg.Dir)
	})
}

func refuseMarker(dir string) error {
	_, err := os.Lstat(filepath.Join(dir, markerName))
	switch {
	case err == nil:
		return fmt.Errorf("%w: %s is there", ErrExists, markerName)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	default:
		return err
	}
}

// Open opens the ledger in cfg.Dir. It refuses a directory without one with
// ErrNotLedger, and one that is open elsewhere with ErrInUse. Where it fails it
// has created no ledger.
//
// Opening trusts the files; Verify compares them with what is known. A stream
// whose configuration is not ours opens for reading only, so that it can be
// looked at: CheckConfig says what is wrong.
func Open(ctx context.Context, cfg Config) (*Log, error) {
	l, err := open(ctx, cfg.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("open ledger in %s: %w", cfg.Dir, err)
	}
	return l, nil
}

func open(ctx context.Context, cfg Config) (*Log, error) {
	if cfg.Dir == "" {
		return nil, fmt.Errorf("%w: no directory given", ErrInvalid)
	}
	if err := readMarker(cfg.Dir); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(cfg.Dir, streamDir)); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: there is no %s; restore it from a backup", ErrNoStream, streamDir)
	} else if err != nil {
		return nil, err
	}
	lock, err := lockDir(cfg.Dir)
	if err != nil {
		return nil, err
	}
	return start(ctx, cfg, lock, func(l *Log) error {
		err := l.checkConfig(ctx)
		if isConfigError(err) {
			return nil // read-only from now on
		}
		return err
	})
}

// start runs server and connections, calls prepare, and begins to watch. It
// owns lock, and undoes everything where something fails.
func start(ctx context.Context, cfg Config, lock *os.File, prepare func(*Log) error) (_ *Log, err error) {
	l := &Log{
		cfg:     cfg,
		lock:    lock,
		batchID: rand.Text(),
		batches: make(chan struct{}, batchesInFlightMax),
		closing: make(chan struct{}),
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Close())
		}
	}()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if l.srv, err = startServer(cfg.Dir, cfg.Logger); err != nil {
		return nil, err
	}
	if l.nc, err = connect(l.srv, "append", cfg.Logger); err != nil {
		return nil, err
	}
	if l.replay, err = connect(l.srv, "read", cfg.Logger); err != nil {
		return nil, err
	}
	if l.js, err = jetstream.New(l.replay, jetstream.WithPublishAsyncMaxPending(256)); err != nil {
		return nil, err
	}
	if err = l.watch(); err != nil {
		return nil, err
	}
	if err = prepare(l); err != nil {
		return nil, err
	}
	return l, nil
}

// Close ends reads with ErrClosed, waits for the calls in progress, and stops
// the server. Calling it again does nothing.
func (l *Log) Close() error {
	l.mu.Lock()
	again := l.closed
	l.closed = true
	l.mu.Unlock()
	if again {
		return nil
	}
	close(l.closing)
	l.calls.Wait()
	l.watcher.Wait()
	// Connections first: closed by the server they would log errors.
	if l.replay != nil {
		l.replay.Close()
	}
	if l.nc != nil {
		l.nc.Close()
	}
	if l.srv != nil {
		l.srv.Shutdown()
		l.srv.WaitForShutdown()
	}
	if err := l.lock.Close(); err != nil {
		return fmt.Errorf("close ledger in %s: %w", l.cfg.Dir, err)
	}
	return nil
}

// enter begins a method call that Close waits for.
func (l *Log) enter() error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		return ErrClosed
	}
	l.calls.Add(1)
	return nil
}

func (l *Log) leave() { l.calls.Done() }
