package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/certledger/certledger/api"
	"github.com/certledger/certledger/api/clock"
	"github.com/spf13/cobra"
)

const (
	listenDefault = "127.0.0.1:8080"

	// shutdownMax is how long requests in progress may take after a signal.
	shutdownMax = 10 * time.Second
)

type serveFlags struct {
	data, listen, zone, level string
	signing                   signingFlags
}

func (f *serveFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.data, "data", "", "the data `directory`")
	cmd.Flags().StringVar(&f.listen, "listen", listenDefault, "`address` to listen on; port 0 takes a free one")
	cmd.Flags().StringVar(&f.zone, "zone", "", "IANA time `zone` of acts that concern no programme (default UTC)")
	f.signing.add(cmd)
	cmd.Flags().StringVar(&f.level, "log-level", "info", "least `level` that is logged: debug, info, warn or error")
}

func (a *app) serve() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve --data DIR",
		Short: "Serve a ledger over HTTP",
		Long: `Serve a ledger over HTTP until a signal (SIGINT, SIGTERM) ends it. The log is one
JSON object a line on the standard error. /livez and /readyz tell how it is.`,
		Example: `  certledger serve --data ledger
  certledger serve --data ledger --listen 127.0.0.1:9000`,
		Args: takes(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.data == "" {
				return usage("which ledger? give --data DIR; `certledger init --data DIR` makes one")
			}
			logger, err := a.jsonLogger(f.level)
			if err != nil {
				return err
			}
			return serve(cmd.Context(), f, logger, func(ctx context.Context, url string, _ *node) error {
				logger.Info("serving", "url", url, "data", f.data, "version", version())
				<-ctx.Done()
				return nil
			})
		},
	}
	f.add(cmd)
	return cmd
}

func (a *app) jsonLogger(level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, usage("--log-level can be debug, info, warn or error")
	}
	return slog.New(slog.NewJSONHandler(a.err, &slog.HandlerOptions{Level: l})), nil
}

// serve opens a ledger and serves it while during runs. The order matters: the
// ledger, the projections, the comparison of the two, and then requests and what
// time has brought meanwhile.
func serve(ctx context.Context, f serveFlags, logger *slog.Logger, during func(ctx context.Context, url string, n *node) error) error {
	listener, err := listen(ctx, f.listen)
	if err != nil {
		return err
	}
	return serveOn(ctx, listener, f, logger, during)
}

// serveOn is serve on an address that was taken before. It closes the listener.
func serveOn(ctx context.Context, listener net.Listener, f serveFlags, logger *slog.Logger, during func(ctx context.Context, url string, n *node) error) (err error) {
	defer func() { _ = listener.Close() }() // where serving has not begun
	n, err := openNode(ctx, place(f.data), logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.close()) }()
	if err := n.openCheckpoints(f.signing); err != nil {
		return err
	}
	ticks, err := clock.New(clock.Config{Desk: n.desk, Store: n.store, Ledger: n.log, Logger: logger})
	if err != nil {
		return err
	}
	handler, err := api.New(api.Config{
		Desk: n.desk, Store: n.store, Ledger: n.log, Checkpoints: n.checkpoints, Clock: ticks, LedgerID: n.id, Version: version(), Zone: f.zone,
		Logger: logger,
	})
	if err != nil {
		return err
	}
	return n.with(ctx, func(ctx context.Context) error {
		g := &gate{next: handler, open: make(chan struct{})}
		return serveHTTP(ctx, listener, g, logger, func(ctx context.Context) error {
			behind := n.caughtUp(ctx)
			if behind != nil && ctx.Err() != nil {
				return nil // a signal, while catching up
			} else if behind != nil {
				logger.Error("the projections do not hold all of the ledger", "error", behind)
			}
			return n.signing(ctx, behind, func(ctx context.Context) error {
				close(g.open)
				return alongside(ctx, ticks.Run, func(ctx context.Context) error {
					return during(ctx, "http://"+listener.Addr().String(), n)
				})
			})
		})
	})
}

// alongside runs something while do runs, and waits for both.
func alongside(ctx context.Context, run func(context.Context), do func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wait sync.WaitGroup
	wait.Go(func() { run(ctx) })
	err := do(ctx)
	cancel()
	wait.Wait()
	return err
}

// gateMax is how long a request is held before it is told to come back.
const gateMax = 2 * time.Second

// gate holds requests while the projections catch up with the ledger after a
// start: before, a token that was given out would be unknown. How the server is
// can be asked at any time.
type gate struct {
	next http.Handler
	open chan struct{} // closed when caught up
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/livez", "/readyz", "/metrics":
		g.next.ServeHTTP(w, r)
		return
	}
	wait := time.NewTimer(gateMax)
	defer wait.Stop()
	select {
	case <-g.open:
		g.next.ServeHTTP(w, r)
	case <-r.Context().Done():
	case <-wait.C:
		w.Header().Set("Content-Type", "application/problem+json")
		w.Header().Set("Retry-After", "10")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(`{"type":"urn:certledger:problem:starting","title":"Starting","status":503,` +
			`"detail":"The server has just started and is still reading the ledger; /readyz tells how far it is. Nothing was recorded. Please try again."}` + "\n"))
	}
}

// serveHTTP serves until during returns or ctx ends. Streams end with ctx, other
// requests in progress are answered.
func serveHTTP(ctx context.Context, listener net.Listener, handler http.Handler, logger *slog.Logger, during func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	streams, endStreams := context.WithCancel(context.WithoutCancel(ctx))
	defer endStreams()
	server := api.ServerOf(handler)
	server.BaseContext = func(net.Listener) context.Context { return streams }
	server.ErrorLog = slog.NewLogLogger(logger.Handler(), slog.LevelWarn)
	served := make(chan error, 1)
	go func() {
		err := server.Serve(listener)
		cancel()
		served <- err
	}()
	err := during(ctx)
	stopping, done := context.WithTimeout(context.WithoutCancel(ctx), shutdownMax)
	defer done()
	stopStreams := time.AfterFunc(shutdownMax/4, endStreams) // a stream of events never ends by itself
	defer stopStreams.Stop()
	if stop := server.Shutdown(stopping); stop != nil {
		logger.Warn("requests in progress were broken off", "after", shutdownMax)
		_ = server.Close()
	}
	if serve := <-served; !errors.Is(serve, http.ErrServerClosed) {
		return errors.Join(err, serve)
	}
	return err
}

// listen takes the address, or says how to choose another.
func listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, usage("--listen takes an address and a port, like %s", listenDefault)
	}
	ip := net.ParseIP(host)
	if host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("--listen %s would send tokens and personal data unencrypted over the network; listen on 127.0.0.1, behind a proxy that speaks TLS", address)
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is taken by another program; choose another port with --listen 127.0.0.1:8081, or any free one with --listen 127.0.0.1:0", address)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("you may not listen on %s; ports from 1024 on are open to everybody", address)
	case err != nil:
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return l, nil
}
