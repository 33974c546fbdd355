package eventstore

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

const (
	// serverPayloadMax bounds payload and headers of a message. It is also the
	// default of a NATS server, so that a ledger fits an external cluster.
	serverPayloadMax = 1 << 20

	// readyWait bounds how long a server that has started may take to accept
	// the in-process connection.
	readyWait = time.Second
)

// startServer runs a JetStream server on dir that syncs every write and that
// nobody else can connect to.
func startServer(dir string, log *slog.Logger) (*server.Server, error) {
	srv, err := server.NewServer(&server.Options{
		ServerName: "certledger",
		DontListen: true,
		NoSigs:     true,
		JetStream:  true,
		StoreDir:   dir,
		SyncAlways: true,
		MaxPayload: serverPayloadMax,
		// By default the server would allow itself three quarters of the free
		// disk, and a nearly full one would keep the ledger from opening. The
		// disk is the only limit. Both must be positive to be taken.
		JetStreamMaxStore:  math.MaxInt64 / 4,
		JetStreamMaxMemory: 256 << 20,
	})
	if err != nil {
		return nil, fmt.Errorf("configure the JetStream server: %w", err)
	}
	l := &serverLog{log: log}
	srv.SetLoggerV2(l, false, false, false)
	// Without a listener Start returns when all streams are recovered, which
	// takes about a second per million entries, and longer after a crash.
	srv.Start()
	ok := srv.ReadyForConnections(readyWait)
	// JetStream reports some failures as fatal and carries on without streams.
	if ok && srv.JetStreamEnabled() {
		return srv, nil
	}
	srv.Shutdown()
	srv.WaitForShutdown()
	if l.firstFatal() != "" {
		return nil, fmt.Errorf("start the JetStream server: %s", l.firstFatal())
	}
	return nil, errors.New("start the JetStream server: it did not become ready")
}

// serverLog hands the server's warnings and errors to slog.
type serverLog struct {
	log *slog.Logger

	mu    sync.Mutex // protects first
	first string     // the first fatal message
}

var _ server.Logger = (*serverLog)(nil)

func (l *serverLog) Noticef(string, ...any) {}
func (l *serverLog) Debugf(string, ...any)  {}
func (l *serverLog) Tracef(string, ...any)  {}

func (l *serverLog) Warnf(format string, v ...any) {
	l.log.Warn("nats server", "message", logLine(format, v))
}

func (l *serverLog) Errorf(format string, v ...any) {
	l.log.Error("nats server", "message", logLine(format, v))
}

func (l *serverLog) Fatalf(format string, v ...any) {
	line := logLine(format, v)
	l.log.Error("nats server", "message", line)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.first == "" {
		l.first = line
	}
}

func (l *serverLog) firstFatal() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.first
}

const logLineMax = 300

// logLine keeps payloads out of logs: of a damaged record the server prints the
// bytes, as "buf [123 34 …".
func logLine(format string, v []any) string {
	s := fmt.Sprintf(format, v...)
	if i := strings.Index(s, "buf ["); i >= 0 {
		s = s[:i] + "…"
	}
	if len(s) > logLineMax {
		s = s[:logLineMax] + "…"
	}
	return s
}

// connect opens an in-process connection. Its name tells them apart in logs.
func connect(srv *server.Server, name string, log *slog.Logger) (*nats.Conn, error) {
	log = log.With("connection", name)
	nc, err := nats.Connect("", nats.InProcessServer(srv), nats.Name(name),
		nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond), nats.ReconnectJitter(0, 0),
		// Without a buffer a write during a reconnect fails at once, instead of
		// being sent at an unknown time.
		nats.ReconnectBufSize(-1),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			log.Warn("nats connection", "error", err)
		}),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("nats connection lost", "error", err)
			}
		}),
	)
	if err != nil {
		return nil, fmt.Errorf("connect to the JetStream server: %w", err)
	}
	return nc, nil
}
