package projections

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/certledger/certledger/eventstore"
)

// Source is the ledger as the projections read it. Both calls hand over every
// entry after a sequence, in order and without gaps; payloads may be kept,
// slices may not.
type Source interface {
	// Head is the last sequence.
	Head(ctx context.Context) (uint64, error)
	// Read ends after the entry until; 0 is the head at the time of the call.
	Read(ctx context.Context, after, until uint64, each func(eventstore.Stored) error) error
	// Follow ends with ctx, which is not an error.
	Follow(ctx context.Context, after uint64, each func([]eventstore.Stored) error) error
}

var _ Source = (*eventstore.Log)(nil)

const (
	chunkEntries = 2500    // decoded at once, and handed over
	chunkBytes   = 4 << 20 // payload bytes of the same, unless one entry is larger
	chunksMax    = 64      // decoded and waiting
	batchesAhead = 2       // as many full batches may be decoded and not committed
	owingMin     = 1000    // entries of a batch before the head that leaves assessments to later
	retryPause   = time.Second

	// gatherMax is how long entries at the head wait for others to share their
	// batch. Whoever waits for an entry ends it at once.
	gatherMax = 50 * time.Millisecond
)

// chunk is some decoded entries in order. The last one may be poison.
type chunk struct {
	items []*item
	cost  cost
}

type cost struct{ entries, bytes int }

// Run follows the ledger and applies what it holds until ctx ends, which is not
// an error. It ends with the *PoisonError of an entry that cannot be applied,
// having applied all before it; Err then says so too, and reads go on. A source
// that is unavailable is asked again; other errors of the source end Run.
//
// While it is far behind the head, Run applies large batches, so that states
// are written once for many entries; at the head it applies what is there.
func (s *Store) Run(ctx context.Context, from Source) error {
	for {
		err := s.follow(ctx, from, func(ctx context.Context, each func([]eventstore.Stored) error) error {
			return from.Follow(ctx, s.Position().Sequence, each)
		})
		if ctx.Err() != nil && (err == nil || errors.Is(err, ctx.Err())) {
			return nil
		}
		if !errors.Is(err, eventstore.ErrUnavailable) || errors.Is(err, eventstore.ErrClosed) {
			return err
		}
		s.cfg.Logger.Warn("projections wait for the ledger", "position", s.Position().Sequence, "error", err)
		pause := time.NewTimer(retryPause)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return nil
		}
	}
}

// follow decodes in one goroutine what read hands over, and applies it in
// another.
func (s *Store) follow(ctx context.Context, from Source, read func(context.Context, func([]eventstore.Stored) error) error) error {
	if err := s.Err(); err != nil {
		return err
	}
	head, err := from.Head(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		chunks = make(chan chunk, chunksMax)
		ahead  = newBudget(cost{batchesAhead * s.cfg.BatchEntries, batchesAhead * s.cfg.BatchBytes})
		source = make(chan error, 1)
	)
	go func() {
		defer close(chunks)
		source <- read(ctx, func(batch []eventstore.Stored) error { return s.handOver(ctx, batch, ahead, chunks) })
	}()
	if err = s.apply(nil, false); err == nil {
		err = s.applyAll(chunks, ahead, head)
	}
	cancel()
	for range chunks { // what was decoded in vain
	}
	if sourceErr := <-source; err == nil {
		err = sourceErr
	}
	return err
}

// handOver decodes a batch in chunks, none larger than what is committed at
// once: so there is always room to complete a batch.
func (s *Store) handOver(ctx context.Context, batch []eventstore.Stored, ahead *budget, to chan<- chunk) error {
	most := cost{min(chunkEntries, s.cfg.BatchEntries), min(chunkBytes, s.cfg.BatchBytes)}
	for len(batch) > 0 {
		var size cost
		for size.entries < min(most.entries, len(batch)) {
			bytes := len(batch[size.entries].Payload)
			if size.entries > 0 && size.bytes+bytes > most.bytes {
				break
			}
			size.entries++
			size.bytes += bytes
		}
		c := chunk{cost: cost{size.entries, min(size.bytes, most.bytes)}}
		if err := ahead.take(ctx, c.cost); err != nil {
			return err
		}
		c.items = decode(batch[:size.entries])
		batch = batch[size.entries:]
		select {
		case to <- c:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// applyAll applies chunks until there are no more: before the head in full
// batches, from there on what is there. Assessments that are owed are made at the
// head, some at a time: an entry that comes meanwhile does not wait for the rest.
func (s *Store) applyAll(chunks <-chan chunk, ahead *budget, head uint64) error {
	first, ok := <-chunks
	for ok {
		items, size := s.gather(first, chunks, head)
		last := items[len(items)-1].stored.Sequence
		if err := s.take(items, last <= head && size.entries >= owingMin); err != nil {
			return err
		}
		ahead.give(size)
		if last >= head {
			var err error
			if first, ok, err = s.settleMeanwhile(chunks); err != nil {
				return err
			}
			continue
		}
		first, ok = <-chunks
	}
	return nil
}

// gather puts chunks together into a batch.
func (s *Store) gather(first chunk, chunks <-chan chunk, head uint64) ([]*item, cost) {
	items, size := first.items, first.cost
	var gather *time.Timer
	for size.entries < s.cfg.BatchEntries && size.bytes < s.cfg.BatchBytes && items[len(items)-1].err == nil {
		if gather == nil && items[len(items)-1].stored.Sequence >= head {
			gather = time.NewTimer(gatherMax)
			defer gather.Stop()
		}
		next, ok := s.nextChunk(chunks, gather)
		if !ok {
			break
		}
		items = append(items, next.items...)
		size.entries += next.cost.entries
		size.bytes += next.cost.bytes
	}
	return items, size
}

// settleMeanwhile makes assessments that are owed until the next chunk comes, and
// some of them in any case; all where none comes any more.
func (s *Store) settleMeanwhile(chunks <-chan chunk) (next chunk, ok bool, err error) {
	for {
		left, err := s.settleNext(assessAtOnce)
		if err != nil {
			return chunk{}, false, err
		}
		if !left {
			next, ok = <-chunks
			return next, ok, nil
		}
		select {
		case next, ok = <-chunks:
			if !ok {
				return chunk{}, false, s.settle()
			}
			return next, true, nil
		default:
		}
	}
}

// nextChunk waits for a chunk: before the head without limit, at the head until
// the time to gather is over or somebody waits for what is there.
func (s *Store) nextChunk(chunks <-chan chunk, gather *time.Timer) (c chunk, ok bool) {
	if gather == nil {
		c, ok = <-chunks
		return c, ok
	}
	if s.waiting.Load() > 0 {
		select {
		case c, ok = <-chunks:
		default:
		}
		return c, ok
	}
	select {
	case c, ok = <-chunks:
	case <-gather.C:
	case <-s.hurry:
	}
	return c, ok
}

// budget bounds what is decoded and not committed.
type budget struct {
	mu    sync.Mutex // protects the two below
	left  cost
	given chan struct{} // closed when something is given back
}

func newBudget(most cost) *budget { return &budget{left: most, given: make(chan struct{})} }

func (b *budget) take(ctx context.Context, c cost) error {
	for {
		b.mu.Lock()
		if b.left.entries >= c.entries && b.left.bytes >= c.bytes {
			b.left.entries -= c.entries
			b.left.bytes -= c.bytes
			b.mu.Unlock()
			return nil
		}
		given := b.given
		b.mu.Unlock()
		select {
		case <-given:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (b *budget) give(c cost) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left.entries += c.entries
	b.left.bytes += c.bytes
	close(b.given)
	b.given = make(chan struct{})
}
