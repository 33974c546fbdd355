package eventstore

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRead(t *testing.T) {
	ctx := context.Background()
	l := newLog(t)
	got, err := readAll(l, 0, 0)
	require.NoError(t, err)
	require.Empty(t, got, "an empty ledger")

	head := fill(t, l, 12000)
	for _, r := range [][2]uint64{{0, 0}, {0, 1}, {0, head}, {head - 1, 0}, {5000, 5001}, {4999, 10001}, {head - 1, head}} {
		until := r[1]
		if until == 0 {
			until = head
		}
		got, err := readAll(l, r[0], r[1])
		require.NoError(t, err)
		require.Equal(t, upTo(r[0]+1, until), got)
	}
	for _, r := range [][2]uint64{{head, 0}, {head, head}, {7, 7}, {7, 3}} {
		got, err := readAll(l, r[0], r[1])
		require.NoError(t, err)
		require.Empty(t, got)
	}
	// More than there is: the ledger has lost entries that someone knows.
	for _, r := range [][2]uint64{{head + 1, 0}, {0, head + 1}, {head, head + 1}} {
		_, err := readAll(l, r[0], r[1])
		var tail *TailError
		require.ErrorAs(t, err, &tail)
		require.Equal(t, TailError{Head: head, Known: head + 1}, *tail)
	}
	require.NoError(t, l.Read(ctx, 0, 100, func(s Stored) error {
		require.Equal(t, SystemSubject, s.Subject)
		require.Equal(t, payload(int(s.Sequence)), s.Payload)
		return nil
	}))
}

func TestReadStops(t *testing.T) {
	l := newLog(t)
	fill(t, l, 1000)
	enough := errors.New("enough")
	n := 0
	err := l.Read(context.Background(), 0, 0, func(Stored) error {
		if n++; n == 10 {
			return enough
		}
		return nil
	})
	require.Equal(t, enough, err)
	require.Equal(t, 10, n)

	ctx, cancel := context.WithCancel(context.Background())
	err = l.Read(ctx, 0, 1000, func(s Stored) error {
		cancel()
		return nil
	})
	if err != nil { // all entries may have arrived in one batch
		require.ErrorIs(t, err, context.Canceled)
	}
	require.ErrorIs(t, l.Read(ctx, 0, 0, nil), context.Canceled)
}

// followTo follows until the given sequence and returns what came.
func followTo(t *testing.T, l *Log, after, until uint64) []uint64 {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var got []uint64
	err := l.Follow(ctx, after, func(batch []Stored) error {
		require.NotEmpty(t, batch)
		require.LessOrEqual(t, len(batch), l.cfg.ReadBatch)
		for _, s := range batch {
			got = append(got, s.Sequence)
		}
		if got[len(got)-1] >= until {
			cancel()
		}
		return nil
	})
	require.NoError(t, err, "it ends cleanly")
	return got
}

func TestFollowUnderConcurrentWriters(t *testing.T) {
	ctx := context.Background()
	l := newLog(t)
	l.cfg.ReadBatch = 50
	const writers, each = 4, 100
	head := fill(t, l, 600)
	until := head + writers*each*3
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			var after uint64
			for range each {
				got, err := l.Append(ctx, one("registration/"+strconv.Itoa(w), after, payload(w)))
				require.NoError(t, err)
				got, err = l.Append(ctx, Write{Subject: "registration/" + strconv.Itoa(w), After: got[0], Payloads: repeat(payload(w), 2)})
				require.NoError(t, err)
				after = got[1]
			}
		})
	}
	for _, after := range []uint64{0, 77, head} {
		wg.Go(func() { require.Equal(t, upTo(after+1, until), followTo(t, l, after, until)) })
	}
	wg.Wait()
}

// An entry reaches an idle follower at once, not at the next check.
func TestFollowIdle(t *testing.T) {
	l := newLog(t)
	ctx, cancel := context.WithCancel(context.Background())
	came := make(chan uint64)
	done := make(chan error, 1)
	go func() {
		done <- l.Follow(ctx, 0, func(batch []Stored) error {
			for _, s := range batch {
				came <- s.Sequence
			}
			return nil
		})
	}()
	var after uint64
	for range 20 {
		got, err := l.Append(context.Background(), one("person/a", after, []byte("x")))
		require.NoError(t, err)
		after = got[0]
		require.Equal(t, after, <-came)
	}
	cancel()
	require.NoError(t, <-done)
}

func TestFollowStops(t *testing.T) {
	l := newLog(t)
	head := fill(t, l, 100)
	enough := errors.New("enough")
	require.Equal(t, enough, l.Follow(context.Background(), 0, func([]Stored) error { return enough }))

	ended, cancel := context.WithCancel(context.Background())
	cancel()
	require.NoError(t, l.Follow(ended, 0, nil))

	var tail *TailError
	require.ErrorAs(t, l.Follow(context.Background(), head+3, nil), &tail)
	require.Equal(t, TailError{Head: head, Known: head + 3}, *tail)

	// Close ends it, and waits for it.
	done := make(chan error, 1)
	reading := make(chan struct{}, 1)
	go func() {
		done <- l.Follow(context.Background(), head-1, func([]Stored) error {
			reading <- struct{}{}
			return nil
		})
	}()
	<-reading
	require.NoError(t, l.Close())
	require.ErrorIs(t, <-done, ErrClosed)
}

// Losing its consumer, or its connection, is not the follower's business.
func TestFollowSurvivesLossOfItsConsumer(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	l := newLog(t)
	var got []uint64
	came := make(chan struct{}, 100)
	done := make(chan error, 1)
	go func() {
		done <- l.Follow(ctx, 0, func(batch []Stored) error {
			for _, s := range batch {
				got = append(got, s.Sequence)
				came <- struct{}{}
			}
			return nil
		})
	}()
	var after uint64
	add := func() {
		s, err := l.Append(context.Background(), one("person/a", after, []byte("x")))
		require.NoError(t, err)
		after = s[0]
		<-came
	}
	add()
	for range 3 {
		stream, err := l.js.Stream(ctx, streamName)
		require.NoError(t, err)
		for name := range stream.ConsumerNames(ctx).Name() {
			require.NoError(t, stream.DeleteConsumer(ctx, name))
		}
		add()
	}
	require.NoError(t, l.replay.ForceReconnect())
	add()
	add()
	cancel()
	require.NoError(t, <-done)
	require.Equal(t, upTo(1, 6), got)
}

// A follower leaves no consumer behind.
func TestFollowLeavesNothing(t *testing.T) {
	l := newLog(t)
	head := fill(t, l, 10)
	followTo(t, l, 0, head)
	_, err := readAll(l, 0, 0)
	require.NoError(t, err)
	stream, err := l.js.Stream(context.Background(), streamName)
	require.NoError(t, err)
	info, err := stream.Info(context.Background())
	require.NoError(t, err)
	require.Zero(t, info.State.Consumers)
}
