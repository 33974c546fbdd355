package eventstore

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// feedBytesMax bounds the payload bytes that a feed holds, beyond which it
	// stops taking messages, and that one request asks of the server.
	feedBytesMax = 32 << 20

	// feedIdleMax is how long the server keeps a consumer that nobody asks,
	// such as one of a process that was killed.
	feedIdleMax = time.Minute

	// feedStopWait bounds how long stop waits for the server.
	feedStopWait = 2 * time.Second
)

// errStalled: nothing arrived for Config.StallCheck.
var errStalled = errors.New("no entry arrived")

// feed is an ordered consumer whose messages collect in a bounded buffer, so
// that the reader takes all that have arrived at once.
//
// The client's goroutine calls take, the reader next and stop.
type feed struct {
	log      *Log
	consumer jetstream.Consumer
	consume  jetstream.ConsumeContext

	arrived chan struct{} // holds a value when arriving is no longer empty
	taken   chan struct{} // holds a value when arriving was emptied
	stopped chan struct{} // closed by stop

	mu       sync.Mutex // protects the three below
	arriving []Stored
	bytes    int // payload bytes in arriving
	failed   error

	spare []Stored // the batch that next handed out before; the reader's
	timer *time.Timer
}

// newFeed begins with the entry after the given sequence.
func (l *Log) newFeed(ctx context.Context, after uint64) (*feed, error) {
	wait, cancel := context.WithTimeout(ctx, l.cfg.AnswerTimeout)
	defer cancel()
	consumer, err := l.js.OrderedConsumer(wait, streamName, jetstream.OrderedConsumerConfig{
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       after + 1,
		InactiveThreshold: feedIdleMax,
	})
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%w: create consumer: %w", ErrUnavailable, err)
	}
	f := &feed{
		log:      l,
		consumer: consumer,
		arrived:  make(chan struct{}, 1),
		taken:    make(chan struct{}, 1),
		stopped:  make(chan struct{}),
		timer:    time.NewTimer(l.cfg.StallCheck),
	}
	f.consume, err = consumer.Consume(f.take,
		jetstream.PullMaxMessagesWithBytesLimit(l.cfg.ReadBatch, feedBytesMax),
		jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) {
			// The consumer renews itself; checkHead notices where it does not.
			l.cfg.Logger.Warn("ledger consumer", "error", err)
		}))
	if err != nil {
		f.timer.Stop()
		f.remove()
		return nil, fmt.Errorf("%w: start consumer: %w", ErrUnavailable, err)
	}
	return f, nil
}

// take adds a message, waiting while the buffer is full.
func (f *feed) take(m jetstream.Msg) {
	s, err := fromConsumer(m)
	for !f.add(s, err) {
		select {
		case <-f.taken:
		case <-f.stopped:
			return
		}
	}
}

// add reports false where the buffer is full.
func (f *feed) add(s Stored, err error) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed != nil {
		return true // nothing after a failure counts
	}
	if n := len(f.arriving); n > 0 && (n >= f.log.cfg.ReadBatch || f.bytes+len(s.Payload) > feedBytesMax) {
		return false
	}
	if err != nil {
		f.failed = err
	} else {
		f.arriving = append(f.arriving, s)
		f.bytes += len(s.Payload)
	}
	notify(f.arrived)
	return true
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func fromConsumer(m jetstream.Msg) (Stored, error) {
	meta, err := m.Metadata()
	if err != nil {
		return Stored{}, fmt.Errorf("%w: a delivered entry's metadata: %w", ErrUnavailable, err)
	}
	return makeStored(meta.Sequence.Stream, m.Subject(), m.Data(), meta.Timestamp)
}

// next waits for entries and returns all that have arrived, valid until it is
// called again. With an error there may be entries that came before it.
func (f *feed) next(ctx context.Context) ([]Stored, error) {
	f.timer.Reset(f.log.cfg.StallCheck)
	for {
		f.mu.Lock()
		batch, err := f.arriving, f.failed
		f.arriving, f.bytes = f.spare[:0], 0
		f.mu.Unlock()
		f.spare = batch
		if len(batch) > 0 || err != nil {
			notify(f.taken)
			return batch, err
		}
		select {
		case <-f.arrived:
		case <-f.timer.C:
			return nil, errStalled
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-f.log.closing:
			return nil, ErrClosed
		}
	}
}

// stop ends the consumer and its goroutines.
func (f *feed) stop() {
	close(f.stopped)
	f.timer.Stop()
	f.consume.Stop()
	limit := time.NewTimer(feedStopWait)
	defer limit.Stop()
	select {
	case <-f.consume.Closed():
	case <-limit.C:
	}
	f.remove()
}

// remove deletes the consumer on the server; where that fails the server does
// so after feedIdleMax.
func (f *feed) remove() {
	info := f.consumer.CachedInfo()
	if info == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), feedStopWait)
	defer cancel()
	_ = f.log.js.DeleteConsumer(ctx, streamName, info.Name)
}
