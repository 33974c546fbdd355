package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// rawStream is JetStream used directly, with the settings of a ledger: what a
// ledger costs on top of it is what is measured.
type rawStream struct {
	server *server.Server
	conn   *nats.Conn
	js     jetstream.JetStream

	payload []byte
	next    atomic.Int64
	last    []rawSubject
}

type rawSubject struct {
	mu       sync.Mutex // protects sequence
	name     string
	sequence uint64 // of the subject's last message
}

const rawSubjects = 2000

// startRaw runs a server on a directory as a ledger does.
func startRaw(dir string) (*rawStream, error) {
	srv, err := server.NewServer(&server.Options{
		ServerName: "bench", DontListen: true, NoSigs: true, NoLog: true, JetStream: true, StoreDir: dir, SyncAlways: true,
		MaxPayload: 1 << 20, JetStreamMaxStore: math.MaxInt64 / 4, JetStreamMaxMemory: 256 << 20,
	})
	if err != nil {
		return nil, fmt.Errorf("configure JetStream: %w", err)
	}
	srv.Start()
	r := &rawStream{server: srv}
	if !srv.ReadyForConnections(10 * time.Second) {
		return nil, errors.Join(errors.New("JetStream did not become ready"), r.close())
	}
	quiet := func(*nats.Conn, error) {}
	r.conn, err = nats.Connect("", nats.InProcessServer(srv), nats.DisconnectErrHandler(quiet),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	if err == nil {
		r.js, err = jetstream.New(r.conn)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("connect to JetStream: %w", err), r.close())
	}
	return r, nil
}

func (r *rawStream) close() error {
	if r.conn != nil {
		r.conn.Close()
	}
	r.server.Shutdown()
	r.server.WaitForShutdown()
	return nil
}

// openRaw makes a stream to publish to.
func openRaw(ctx context.Context, dir string, payload int) (*rawStream, error) {
	r, err := startRaw(dir)
	if err != nil {
		return nil, err
	}
	_, err = r.js.CreateStream(ctx, jetstream.StreamConfig{
		Name: "RAW", Subjects: []string{"raw.>"}, Storage: jetstream.FileStorage, Discard: jetstream.DiscardNew,
		DenyDelete: true, DenyPurge: true, AllowDirect: true, AllowAtomicPublish: true,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make the stream: %w", err), r.close())
	}
	r.payload = randomBytes(payload)
	r.last = make([]rawSubject, rawSubjects)
	for i := range r.last {
		r.last[i].name = "raw.registration." + strconv.Itoa(i)
	}
	return r, nil
}

// publish stores one message, guarded by the last sequence of its subject.
func (r *rawStream) publish(ctx context.Context) error {
	s := &r.last[r.next.Add(1)%rawSubjects]
	s.mu.Lock()
	defer s.mu.Unlock()
	ack, err := r.js.Publish(ctx, s.name, r.payload, jetstream.WithExpectLastSequencePerSubject(s.sequence))
	if err == nil {
		s.sequence = ack.Sequence
	}
	return err
}

// bareReplayRate is how many entries a second an ordered consumer hands over.
func bareReplayRate(ctx context.Context, ledger string, entries uint64) (_ float64, err error) {
	r, err := startRaw(ledger) // the server appends jetstream by itself
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	begun := time.Now()
	consumer, err := r.js.OrderedConsumer(ctx, "LEDGER", jetstream.OrderedConsumerConfig{})
	if err != nil {
		return 0, fmt.Errorf("read the stream: %w", err)
	}
	messages, err := consumer.Messages(jetstream.PullMaxMessages(5000))
	if err != nil {
		return 0, fmt.Errorf("read the stream: %w", err)
	}
	defer messages.Stop()
	bytes := 0
	for range entries {
		m, err := messages.Next()
		if err != nil {
			return 0, fmt.Errorf("read the stream: %w", err)
		}
		bytes += len(m.Data())
	}
	return float64(entries) / time.Since(begun).Seconds(), nil
}
