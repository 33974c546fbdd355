package eventstore

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
)

func TestAppendOneAndSeveral(t *testing.T) {
	ctx := context.Background()
	l := newLog(t)

	first, err := l.Append(ctx, one("registration/9d21", 0, []byte("a")))
	require.NoError(t, err)
	require.Equal(t, []uint64{1}, first)

	several, err := l.Append(ctx, Write{Subject: "registration/9d21", After: 1, Payloads: [][]byte{[]byte("b"), []byte("c")}})
	require.NoError(t, err)
	require.Equal(t, []uint64{2, 3}, several)

	system, err := l.Append(ctx, one(SystemSubject, 0, []byte("d")))
	require.NoError(t, err)
	require.Equal(t, []uint64{4}, system)

	s, err := l.Get(ctx, 3)
	require.NoError(t, err)
	require.Equal(t, uint64(3), s.Sequence)
	require.Equal(t, "registration/9d21", s.Subject)
	require.Equal(t, []byte("c"), s.Payload)
	require.False(t, s.StoredAt.IsZero())

	last, ok, err := l.LastOf(ctx, "registration/9d21")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, s, last)

	_, ok, err = l.LastOf(ctx, "registration/other")
	require.NoError(t, err)
	require.False(t, ok)

	for _, sequence := range []uint64{0, 5} {
		_, err = l.Get(ctx, sequence)
		require.ErrorIs(t, err, ErrNoEntry)
	}
	head, err := l.Head(ctx)
	require.NoError(t, err)
	require.Equal(t, uint64(4), head)
}

func TestAppendConflict(t *testing.T) {
	ctx := context.Background()
	l := newLog(t)
	_, err := l.Append(ctx, one("person/a", 0, []byte("1")))
	require.NoError(t, err)
	_, err = l.Append(ctx, one("person/b", 0, []byte("2")))
	require.NoError(t, err)

	for name, w := range map[string]Write{
		"a retry":              one("person/a", 0, []byte("1")),
		"a later sequence":     one("person/a", 2, []byte("x")),
		"several, stale":       {Subject: "person/a", After: 0, Payloads: [][]byte{[]byte("x"), []byte("y")}},
		"a subject without":    one("person/c", 1, []byte("x")),
		"another's last entry": one("person/b", 1, []byte("x")),
	} {
		_, err := l.Append(ctx, w)
		require.ErrorIs(t, err, ErrConflict, name)
		require.NotErrorIs(t, err, ErrUnknownOutcome, name)
	}
	head, err := l.Head(ctx)
	require.NoError(t, err)
	require.Equal(t, uint64(2), head)
	require.NoError(t, l.Healthy())
}

func TestAppendAll(t *testing.T) {
	ctx := context.Background()
	l := newLog(t)
	sequences, err := l.AppendAll(ctx, []Write{
		{Subject: "cohort/a", Payloads: [][]byte{[]byte("1"), []byte("2")}},
		{Subject: "cohort/b", Payloads: [][]byte{[]byte("3")}},
		{Subject: "cohort/c", Payloads: [][]byte{[]byte("4"), []byte("5"), []byte("6")}},
	})
	require.NoError(t, err)
	require.Equal(t, [][]uint64{{1, 2}, {3}, {4, 5, 6}}, sequences)

	sequences, err = l.AppendAll(ctx, []Write{one("cohort/a", 2, []byte("7"))})
	require.NoError(t, err)
	require.Equal(t, [][]uint64{{7}}, sequences)

	// One stale guard among many, first, in the middle or last: nothing stays.
	for _, stale := range []int{0, 1, 2} {
		after := []uint64{7, 3, 6}
		after[stale]--
		_, err = l.AppendAll(ctx, []Write{
			one("cohort/a", after[0], []byte("x")), one("cohort/b", after[1], []byte("x")), one("cohort/c", after[2], []byte("x")),
		})
		require.ErrorIs(t, err, ErrConflict)
	}
	head, err := l.Head(ctx)
	require.NoError(t, err)
	require.Equal(t, uint64(7), head)
	got, err := readAll(l, 0, 0)
	require.NoError(t, err)
	require.Equal(t, upTo(1, 7), got)
}

func TestAppendAllAtItsBound(t *testing.T) {
	ctx := context.Background()
	l := newLog(t)
	var writes []Write
	for i := range AppendMax {
		writes = append(writes, one("registration/"+strconv.Itoa(i), 0, payload(i)))
	}
	sequences, err := l.AppendAll(ctx, writes)
	require.NoError(t, err)
	require.Len(t, sequences, AppendMax)
	require.Equal(t, []uint64{AppendMax}, sequences[AppendMax-1])

	_, err = l.AppendAll(ctx, append(writes, one("registration/more", 0, payload(1))))
	require.ErrorIs(t, err, ErrTooLarge)
}

func TestAppendRefusesBeforeSending(t *testing.T) {
	ctx := context.Background()
	l := newLog(t)
	secret := []byte("secret")
	big := bytes.Repeat(secret, PayloadMax/len(secret)+1)

	for _, subject := range []string{
		"", "system/x", "registration", "registration/", "registration/A", "registration/a b", "registration/a/b", "registration/a.b",
		"registration/*", "registration/>", "*/a", ">", "registration.a", "exam/a", "registration/\n", "registration/é",
		"registration/" + string(bytes.Repeat([]byte("a"), idLengthMax+1)),
	} {
		require.ErrorIs(t, CheckSubject(subject), ErrInvalid, subject)
		_, err := l.Append(ctx, one(subject, 0, secret))
		require.ErrorIs(t, err, ErrInvalid, subject)
		_, err = l.AppendAll(ctx, []Write{one("person/a", 0, secret), one(subject, 0, secret)})
		require.ErrorIs(t, err, ErrInvalid, subject)
		_, _, err = l.LastOf(ctx, subject)
		require.ErrorIs(t, err, ErrInvalid, subject)
	}
	for _, p := range []struct {
		payloads [][]byte
		err      error
	}{
		{nil, ErrInvalid},
		{[][]byte{{}}, ErrInvalid},
		{[][]byte{secret, nil}, ErrInvalid},
		{[][]byte{big}, ErrTooLarge},
		{[][]byte{secret, big}, ErrTooLarge},
		{repeat(big[:PayloadMax], AppendBytesMax/PayloadMax+1), ErrTooLarge},
		{repeat(secret, AppendMax+1), ErrTooLarge},
	} {
		_, err := l.Append(ctx, Write{Subject: "person/a", Payloads: p.payloads})
		require.ErrorIs(t, err, p.err)
		require.NotContains(t, err.Error(), "secret")
	}
	_, err := l.AppendAll(ctx, nil)
	require.ErrorIs(t, err, ErrInvalid)
	_, err = l.AppendAll(ctx, []Write{one("person/a", 0, secret), one("person/a", 0, secret)})
	require.ErrorIs(t, err, ErrInvalid)

	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err = l.Append(ended, one("person/a", 0, secret))
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, ErrUnknownOutcome, "nothing was sent")

	head, err := l.Head(ctx)
	require.NoError(t, err)
	require.Zero(t, head)
}

func repeat(p []byte, n int) [][]byte {
	all := make([][]byte, n)
	for i := range all {
		all[i] = p
	}
	return all
}

func TestAppendLargestPayloads(t *testing.T) {
	ctx := context.Background()
	l := newLog(t)
	big := bytes.Repeat([]byte("x"), PayloadMax)
	subject := "registration/" + string(bytes.Repeat([]byte("a"), idLengthMax))
	_, err := l.Append(ctx, one(subject, 0, big))
	require.NoError(t, err)
	_, err = l.Append(ctx, Write{Subject: subject, After: 1, Payloads: repeat(big, AppendBytesMax/PayloadMax)})
	require.NoError(t, err)
	n := 0
	require.NoError(t, l.Read(ctx, 0, 0, func(s Stored) error {
		n++
		require.Len(t, s.Payload, PayloadMax)
		return nil
	}))
	require.Equal(t, 1+AppendBytesMax/PayloadMax, n)
}

// Of several writers that saw the same last entry exactly one wins, whether
// they write one entry, several, or to several subjects.
func TestConcurrentAppendersOneWinsPerGuard(t *testing.T) {
	ctx := context.Background()
	l := newLog(t)
	const writers, rounds = 8, 20
	var after [2]uint64
	for round := range rounds {
		var won atomic.Int32
		var mu sync.Mutex
		var next [2]uint64
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				a := one("cohort/a", after[0], fmt.Appendf(nil, "%d by %d", round, w))
				b := one("cohort/b", after[1], fmt.Appendf(nil, "%d by %d", round, w))
				if w%2 == 0 {
					a.Payloads = append(a.Payloads, []byte("again"))
				}
				got, err := l.AppendAll(ctx, []Write{a, b})
				if err != nil {
					require.ErrorIs(t, err, ErrConflict)
					return
				}
				won.Add(1)
				mu.Lock()
				defer mu.Unlock()
				next = [2]uint64{got[0][len(got[0])-1], got[1][0]}
			})
		}
		wg.Wait()
		require.Equal(t, int32(1), won.Load(), "round %d", round)
		after = next
	}
	var singles atomic.Int32
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			if _, err := l.Append(ctx, one("cohort/a", after[0], []byte("single"))); err == nil {
				singles.Add(1)
			} else {
				require.ErrorIs(t, err, ErrConflict)
			}
		})
	}
	wg.Wait()
	require.Equal(t, int32(1), singles.Load())
}

func TestErrorKinds(t *testing.T) {
	for _, code := range []int{10071, 10164, 10158} {
		require.Equal(t, ErrConflict, (&apiError{ErrCode: code}).kind(), code)
	}
	for _, code := range []int{10023, 10039, 10076, 10077, 10109, 10167, 10176, 10199, 10210, 0} {
		require.Equal(t, ErrUnavailable, (&apiError{ErrCode: code}).kind(), code)
	}
	for _, err := range []error{nats.ErrNoResponders, nats.ErrReconnectBufExceeded} {
		require.ErrorIs(t, sendError(err), ErrUnavailable)
	}
	for _, err := range []error{context.DeadlineExceeded, context.Canceled, nats.ErrConnectionClosed, nats.ErrDisconnected} {
		require.ErrorIs(t, sendError(err), ErrUnknownOutcome)
		require.NotErrorIs(t, sendError(err), ErrUnavailable)
		require.ErrorIs(t, sendError(err), err)
	}
}

// A write that was sent and not answered is not reported as refused, and one
// that nobody received is not reported as unknown.
func TestUnknownOutcome(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	l := newLog(t)
	silent := make(chan *nats.Msg, 2)
	sub, err := l.nc.ChanSubscribe("silence", silent)
	require.NoError(t, err)
	l.cfg.AppendTimeout = 20 * time.Millisecond

	_, err = l.publish(ctx, &nats.Msg{Subject: "silence", Data: []byte("x")})
	require.ErrorIs(t, err, ErrUnknownOutcome)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	<-silent

	_, err = l.publish(ctx, &nats.Msg{Subject: "nobody", Data: []byte("x")})
	require.ErrorIs(t, err, ErrUnavailable)
	require.NotErrorIs(t, err, ErrUnknownOutcome)

	l.cfg.AppendTimeout = time.Minute
	go func() {
		<-silent
		cancel()
	}()
	_, err = l.publish(ctx, &nats.Msg{Subject: "silence", Data: []byte("x")})
	require.ErrorIs(t, err, ErrUnknownOutcome)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, sub.Unsubscribe())
	require.NoError(t, l.Healthy())
}

func TestClosed(t *testing.T) {
	ctx := context.Background()
	l := newLog(t)
	fill(t, l, 1)
	require.NoError(t, l.Close())
	require.NoError(t, l.Close())
	_, err := l.Append(ctx, one("person/a", 0, []byte("x")))
	require.ErrorIs(t, err, ErrClosed)
	require.ErrorIs(t, err, ErrUnavailable)
	_, err = l.AppendAll(ctx, []Write{one("person/a", 0, []byte("x"))})
	require.ErrorIs(t, err, ErrClosed)
	_, err = l.Get(ctx, 1)
	require.ErrorIs(t, err, ErrClosed)
	_, _, err = l.LastOf(ctx, SystemSubject)
	require.ErrorIs(t, err, ErrClosed)
	_, err = l.Head(ctx)
	require.ErrorIs(t, err, ErrClosed)
	require.ErrorIs(t, l.Read(ctx, 0, 0, nil), ErrClosed)
	require.ErrorIs(t, l.Follow(ctx, 0, nil), ErrClosed)
	require.ErrorIs(t, l.Verify(ctx, Recorded{}), ErrClosed)
	require.ErrorIs(t, l.CheckConfig(ctx), ErrClosed)
	require.ErrorIs(t, l.Healthy(), ErrClosed)
}
