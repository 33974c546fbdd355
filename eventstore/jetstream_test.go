package eventstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
)

// These tests hold what JetStream does and the package relies on, so that an
// upgrade that changes it is noticed.

func TestServerSettings(t *testing.T) {
	l := newLog(t)
	config := l.srv.JetStreamConfig()
	require.True(t, config.SyncAlways, "an acknowledged write is on disk")
	require.Greater(t, config.MaxStore, int64(1<<50), "the disk is the only limit")
	require.Nil(t, l.srv.Addr(), "nobody else can connect")
	require.EqualValues(t, serverPayloadMax, l.nc.MaxPayload())
}

func TestCreatedStreamIsOurs(t *testing.T) {
	l := newLog(t)
	info, err := l.info(context.Background(), false)
	require.NoError(t, err)
	require.NoError(t, compareConfig(info.Config))
	require.Equal(t, streamState{}, info.State)

	// A setting that we do not know counts only where it is set.
	info.Config["invented"] = json.RawMessage(`false`)
	require.NoError(t, compareConfig(info.Config))
	info.Config["invented"] = json.RawMessage(`true`)
	require.EqualError(t, compareConfig(info.Config), (&ConfigError{[]Difference{{"invented", "", "true"}}}).Error())
	delete(info.Config, "invented")
	delete(info.Config, "allow_atomic")
	require.EqualError(t, compareConfig(info.Config), (&ConfigError{[]Difference{{"allow_atomic", "true", ""}}}).Error())
}

// guarded publishes to a subject with headers given in pairs, and returns the
// error code of the answer.
func guarded(t *testing.T, l *Log, subject string, headers ...string) int {
	t.Helper()
	m := nats.NewMsg(subject)
	m.Data = []byte("x")
	for i := 0; i < len(headers); i += 2 {
		m.Header.Set(headers[i], headers[i+1])
	}
	_, err := l.publish(context.Background(), m)
	var api *apiError
	if errors.As(err, &api) {
		return api.ErrCode
	}
	require.NoError(t, err)
	return 0
}

func TestGuardCodes(t *testing.T) {
	l := newLog(t)
	require.Zero(t, guarded(t, l, "ledger.person.a", headerGuard, "0"))
	require.Equal(t, codeWrongLastSequence, guarded(t, l, "ledger.person.a", headerGuard, "0"))
	require.Equal(t, codeWrongLastSequence, guarded(t, l, "ledger.person.b", headerGuard, "1"))
	require.Zero(t, guarded(t, l, "ledger.person.a", headerGuard, "1"))
}

// batchOf sends messages with guards as one batch; "" is no guard.
func batchOf(t *testing.T, l *Log, subject string, guards ...string) int {
	t.Helper()
	id := fmt.Sprintf("test-%d", l.batchCount.Add(1))
	for i, g := range guards {
		h := []string{headerBatchID, id, headerBatchSequence, fmt.Sprint(i + 1)}
		if g != "" {
			h = append(h, headerGuard, g)
		}
		if i == len(guards)-1 {
			return guarded(t, l, subject, append(h, headerBatchCommit, "1")...)
		}
		m := nats.NewMsg(subject)
		m.Data = []byte("x")
		for j := 0; j < len(h); j += 2 {
			m.Header.Set(h[j], h[j+1])
		}
		require.NoError(t, l.nc.PublishMsg(m))
	}
	return 0
}

func TestBatchGuards(t *testing.T) {
	ctx := context.Background()
	l := newLog(t)
	require.Zero(t, batchOf(t, l, "ledger.person.a", "0", "", ""))
	stale := batchOf(t, l, "ledger.person.a", "0", "")
	require.Equal(t, ErrConflict, (&apiError{ErrCode: stale}).kind(), stale)

	// A guard on what the batch itself wrote is a conflict, whatever it says.
	for _, second := range []string{"3", "4"} {
		own := batchOf(t, l, "ledger.person.a", "3", second)
		require.Equal(t, codeWrongLastSequenceConst, own, second)
	}
	head, err := l.Head(ctx)
	require.NoError(t, err)
	require.Equal(t, uint64(3), head, "a refused batch leaves nothing")
}

// A batch without its last message is never stored, nor seen.
func TestBatchWithoutCommit(t *testing.T) {
	ctx := context.Background()
	l := newLog(t)
	m := nats.NewMsg("ledger.person.a")
	m.Data = []byte("x")
	m.Header.Set(headerBatchID, "unfinished")
	m.Header.Set(headerBatchSequence, "1")
	_, err := l.nc.RequestMsgWithContext(ctx, m)
	require.NoError(t, err, "the server has it")
	killed := copyLedger(t, l.cfg.Dir)
	_, ok, err := l.LastOf(ctx, "person/a")
	require.NoError(t, err)
	require.False(t, ok)
	got, err := l.Append(ctx, one("person/a", 0, []byte("y")))
	require.NoError(t, err)
	require.Equal(t, []uint64{1}, got)

	head, err := reopen(t, killed).Head(ctx)
	require.NoError(t, err)
	require.Zero(t, head)
}

func TestStreamRefusesRemoval(t *testing.T) {
	ctx := context.Background()
	l := newLog(t)
	head := fill(t, l, 10)
	stream, err := l.js.Stream(ctx, streamName)
	require.NoError(t, err)
	require.Error(t, stream.DeleteMsg(ctx, 5))
	require.Error(t, stream.SecureDeleteMsg(ctx, 5))
	require.Error(t, stream.Purge(ctx))
	for header, value := range map[string]string{"Nats-Rollup": "all", "Nats-TTL": "1s"} {
		require.NotZero(t, guarded(t, l, "ledger.person.a", header, value), header)
	}
	for _, undo := range []func(*jetstream.StreamConfig){
		func(c *jetstream.StreamConfig) { c.DenyDelete = false },
		func(c *jetstream.StreamConfig) { c.DenyPurge = false },
	} {
		config := streamConfig()
		undo(&config)
		_, err := l.js.UpdateStream(ctx, config)
		require.Error(t, err)
	}
	require.NoError(t, l.Verify(ctx, recordedAt(head)))
}

// The reason for looking at every sequence: the server's own consumer passes
// over a damaged entry and says nothing.
func TestConsumerSkipsDamageInSilence(t *testing.T) {
	ctx := context.Background()
	l := damaged(t, 300, change(150, flipBit))["closed"]
	consumer, err := l.js.OrderedConsumer(ctx, streamName, jetstream.OrderedConsumerConfig{})
	require.NoError(t, err)
	messages, err := consumer.Messages()
	require.NoError(t, err)
	defer messages.Stop()
	for before := uint64(0); before != 151; {
		m, err := messages.Next()
		require.NoError(t, err)
		meta, err := m.Metadata()
		require.NoError(t, err)
		before = meta.Sequence.Stream
		require.NotEqual(t, uint64(150), before)
	}
	info, err := l.info(ctx, true)
	require.NoError(t, err)
	require.Equal(t, streamState{Messages: 300, FirstSeq: 1, LastSeq: 300}, info.State, "it counts the entry as there")
}

// Of a damaged record the server prints the bytes; they must not reach a log.
func TestLogHoldsNoPayload(t *testing.T) {
	var b strings.Builder
	l := &serverLog{log: slog.New(slog.NewTextHandler(&b, nil))}
	l.Warnf("sanity check failed (dlen %d slen %d rl %d buf %d)", 1, 2, 3, []byte("secret"))
	l.Errorf("%s", strings.Repeat("x", 5000))
	l.Fatalf("first")
	l.Fatalf("second")
	l.Noticef("unwanted")
	l.Debugf("unwanted")
	l.Tracef("unwanted")
	require.NotContains(t, b.String(), "115 101 99")
	require.NotContains(t, b.String(), "unwanted")
	require.Contains(t, b.String(), "sanity check failed")
	require.Less(t, b.Len(), 1200)
	require.Equal(t, "first", l.firstFatal())
}
