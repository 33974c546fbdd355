package eventstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// refusal is why writes are refused.
type refusal struct{ err error }

// refuse makes the ledger read-only; the first reason stays.
func (l *Log) refuse(why error) {
	r := &refusal{fmt.Errorf("%w: %w", ErrReadOnly, why)}
	if l.refused.CompareAndSwap(nil, r) {
		l.cfg.Logger.Error("the ledger refuses writes from now on", "error", why)
	}
}

// Refuse makes the ledger read-only until it is opened again, for a reason that
// was found elsewhere, as that it is not what a signed checkpoint says. The first
// reason stays.
func (l *Log) Refuse(why error) { l.refuse(why) }

// Healthy returns nil while the ledger accepts writes, as far as is known
// without writing. It is quick and waits for nothing.
func (l *Log) Healthy() error {
	if err := l.enter(); err != nil {
		return err
	}
	defer l.leave()
	l.examine()
	if r := l.refused.Load(); r != nil {
		return r.err
	}
	if !l.nc.IsConnected() || !l.replay.IsConnected() {
		return fmt.Errorf("%w: the connection to the server is lost", ErrUnavailable)
	}
	return nil
}

// examine asks the server whether it has stopped the stream, which it does for
// good after a failed write.
func (l *Log) examine() {
	if l.refused.Load() != nil {
		return
	}
	h := l.srv.Healthz(&server.HealthzOptions{Account: "$G", Stream: streamName, Details: true})
	if why := stopped(h); why != "" {
		l.refuse(fmt.Errorf("the server has stopped the stream: %s; see to the disk, then open the ledger again", why))
	}
}

// stopped is why the server no longer takes entries, or empty. That it did not
// answer within the millisecond that it gives itself to be ready says nothing of
// the stream: on a busy machine it happens, and passes.
func stopped(h *server.HealthStatus) string {
	for _, e := range h.Errors {
		if e.Type != server.HealthzErrorConn {
			return e.Error
		}
	}
	return ""
}

// CheckConfig compares the stream's configuration with ours: a *ConfigError
// names each setting that differs, ErrNoStream says that the stream is gone.
// Either makes the ledger read-only until it is opened again. It is one
// question to the server, cheap enough to ask every few seconds; changes made
// through the server are noticed without it.
func (l *Log) CheckConfig(ctx context.Context) error {
	if err := l.enter(); err != nil {
		return err
	}
	defer l.leave()
	return l.checkConfig(ctx)
}

func (l *Log) checkConfig(ctx context.Context) error {
	info, err := l.info(ctx, false)
	if err == nil {
		err = compareConfig(info.Config)
	}
	if isConfigError(err) || errors.Is(err, ErrNoStream) {
		l.refuse(err)
	}
	if err != nil {
		return fmt.Errorf("check the stream's configuration: %w", err)
	}
	return nil
}

func isConfigError(err error) bool {
	var c *ConfigError
	return errors.As(err, &c)
}

// Announcements of the server about the stream. One about its creation comes
// before the stream can be asked about, so nobody listens to it.
const (
	announceUpdated = "$JS.EVENT.ADVISORY.STREAM.UPDATED." + streamName
	announceDeleted = "$JS.EVENT.ADVISORY.STREAM.DELETED." + streamName
)

// watch listens to the server's announcements until Close.
func (l *Log) watch() error {
	announced := make(chan *nats.Msg, 64)
	for _, subject := range []string{announceUpdated, announceDeleted} {
		if _, err := l.nc.ChanSubscribe(subject, announced); err != nil {
			return fmt.Errorf("subscribe to stream advisories: %w", err)
		}
	}
	l.watcher.Go(func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		for {
			select {
			case <-l.closing:
				return
			case m := <-announced:
				l.heard(ctx, m.Subject)
			}
		}
	})
	return nil
}

// heard acts on an announcement. A deletion is announced before it is done, so
// the stream is not asked about it.
func (l *Log) heard(ctx context.Context, subject string) {
	if subject == announceDeleted {
		l.refuse(fmt.Errorf("%w: it was deleted", ErrNoStream))
		return
	}
	if err := l.checkConfig(ctx); err != nil && l.refused.Load() == nil {
		l.cfg.Logger.Warn("the stream changed and could not be checked", "error", err)
	}
}
