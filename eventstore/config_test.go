package eventstore

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
)

// Deny-delete and deny-purge do not stop an update of the stream. Each of
// these is noticed, named, and ends writing; reading goes on.
func TestReconfiguredStream(t *testing.T) {
	ctx := context.Background()
	for setting, update := range map[string]func(*jetstream.StreamConfig){
		"max_msgs":             func(c *jetstream.StreamConfig) { c.MaxMsgs = 1000 },
		"max_msgs_per_subject": func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject = 1000 },
		"max_age":              func(c *jetstream.StreamConfig) { c.MaxAge = time.Hour },
		"max_bytes":            func(c *jetstream.StreamConfig) { c.MaxBytes = 1 << 30 },
		"discard":              func(c *jetstream.StreamConfig) { c.Discard = jetstream.DiscardOld },
		"subjects":             func(c *jetstream.StreamConfig) { c.Subjects = append(c.Subjects, "other.>") },
		"allow_direct":         func(c *jetstream.StreamConfig) { c.AllowDirect = false },
		"sealed":               func(c *jetstream.StreamConfig) { c.Sealed = true },
		"description":          func(c *jetstream.StreamConfig) { c.Description = "mine" },
		"metadata":             func(c *jetstream.StreamConfig) { c.Metadata = map[string]string{"owner": "me"} },
		"republish":            func(c *jetstream.StreamConfig) { c.RePublish = &jetstream.RePublish{Destination: "copy.>"} },
	} {
		t.Run(setting, func(t *testing.T) {
			l := newLog(t)
			head := fill(t, l, 10)
			require.NoError(t, l.CheckConfig(ctx))
			config := streamConfig()
			update(&config)
			_, err := l.js.UpdateStream(ctx, config)
			require.NoError(t, err)

			err = l.CheckConfig(ctx)
			var c *ConfigError
			require.ErrorAs(t, err, &c)
			named := false
			for _, d := range c.Differences {
				named = named || d.Setting == setting
				require.NotEqual(t, d.Expected, d.Found)
			}
			require.True(t, named, "%v", c)
			if setting != "sealed" { // which sets others too
				require.Len(t, c.Differences, 1)
			}
			require.ErrorAs(t, l.Verify(ctx, Recorded{}), &c)

			_, err = l.Append(ctx, one(SystemSubject, head, []byte("x")))
			require.ErrorIs(t, err, ErrReadOnly)
			require.ErrorAs(t, err, &c, "it says why")
			_, err = l.AppendAll(ctx, []Write{one(SystemSubject, head, []byte("x")), one("person/a", 0, []byte("x"))})
			require.ErrorIs(t, err, ErrReadOnly)
			require.ErrorIs(t, l.Healthy(), ErrReadOnly)

			got, err := readAll(l, 0, 0)
			require.NoError(t, err, "reads go on")
			require.Equal(t, upTo(1, head), got)

			// It opens for reading only.
			require.NoError(t, l.Close())
			l = reopen(t, l.cfg.Dir)
			require.ErrorIs(t, l.Healthy(), ErrReadOnly)
			got, err = readAll(l, 0, 0)
			require.NoError(t, err)
			require.Equal(t, upTo(1, head), got)
			if setting == "sealed" || setting == "allow_direct" {
				return // the one cannot be undone; for the other nothing more to show
			}
			// Set right, it opens for writing again.
			_, err = l.js.UpdateStream(ctx, streamConfig())
			require.NoError(t, err)
			require.NoError(t, l.CheckConfig(ctx))
			require.ErrorIs(t, l.Healthy(), ErrReadOnly, "only opening forgives")
			require.NoError(t, l.Close())
			l = reopen(t, l.cfg.Dir)
			require.NoError(t, l.Verify(ctx, recordedAt(head)))
			_, err = l.Append(ctx, one(SystemSubject, head, []byte("x")))
			require.NoError(t, err)
		})
	}
}

func TestConfigErrorText(t *testing.T) {
	err := &ConfigError{Differences: []Difference{{"max_age", "", "3600000000000"}, {"max_msgs", "-1", "1000"}}}
	require.ErrorContains(t, err, "max_age is 3600000000000, must be unset; max_msgs is 1000, must be -1;")
}

// The server announces an update, so that nobody has to ask.
func TestReconfiguredStreamIsNoticedUnasked(t *testing.T) {
	ctx := context.Background()
	l := newLog(t)
	head := fill(t, l, 10)
	config := streamConfig()
	config.MaxMsgs = 5
	_, err := l.js.UpdateStream(ctx, config)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return l.Healthy() != nil }, 10*time.Second, time.Millisecond)
	_, err = l.Append(ctx, one(SystemSubject, head, []byte("x")))
	require.ErrorIs(t, err, ErrReadOnly)
}

// A write that the changed stream refuses says why at once.
func TestAppendToFullStream(t *testing.T) {
	ctx := context.Background()
	l := newLog(t)
	head := fill(t, l, 10)
	config := streamConfig()
	config.MaxMsgs = 10
	_, err := l.js.UpdateStream(ctx, config)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return l.refused.Load() != nil }, 10*time.Second, time.Millisecond)
	l.refused.Store(nil) // as if the announcement were still under way
	_, err = l.Append(ctx, one(SystemSubject, head, []byte("x")))
	require.ErrorIs(t, err, ErrReadOnly)
	require.True(t, isConfigError(err))
}

func TestDeletedStreamIsNoticedUnasked(t *testing.T) {
	l := newLog(t)
	require.NoError(t, l.js.DeleteStream(context.Background(), streamName))
	require.Eventually(t, func() bool { return l.refused.Load() != nil }, 10*time.Second, time.Millisecond)
	require.ErrorIs(t, l.Healthy(), ErrNoStream)
}

// A deletion is announced while the stream can still be asked about.
func TestAnnouncedDeletionIsBelieved(t *testing.T) {
	l := newLog(t)
	l.heard(context.Background(), announceUpdated)
	require.NoError(t, l.Healthy())
	l.heard(context.Background(), announceDeleted)
	require.ErrorIs(t, l.Healthy(), ErrNoStream)
}

// The announcement of its own stream, which comes before the stream can be
// asked about, once made some new ledgers read-only.
func TestCreateIsNotMisledByItsOwnAnnouncement(t *testing.T) {
	for range 20 {
		l := newLog(t)
		fill(t, l, 1)
		require.NoError(t, l.Healthy())
		require.NoError(t, l.Close())
	}
}

func TestDeletedStream(t *testing.T) {
	ctx := context.Background()
	l := newLog(t)
	head := fill(t, l, 10)
	require.NoError(t, l.js.DeleteStream(ctx, streamName))
	require.ErrorIs(t, l.CheckConfig(ctx), ErrNoStream)
	_, err := l.Append(ctx, one(SystemSubject, head, []byte("x")))
	require.ErrorIs(t, err, ErrReadOnly)
	require.ErrorIs(t, l.Verify(ctx, Recorded{}), ErrNoStream)
	_, err = readAll(l, 0, 0)
	require.ErrorIs(t, err, ErrNoStream)
	require.NoError(t, l.Close())
	_, err = Open(ctx, testConfig(l.cfg.Dir))
	require.ErrorIs(t, err, ErrNoStream)
	require.NoDirExists(t, l.cfg.Dir+"/"+streamDir, "and opening made none")
}

func TestJetStreamDisabled(t *testing.T) {
	ctx := context.Background()
	l := newLog(t)
	head := fill(t, l, 10)
	require.NoError(t, l.srv.DisableJetStream())
	_, err := l.Append(ctx, one(SystemSubject, head, []byte("x")))
	require.ErrorIs(t, err, ErrUnavailable)
	require.NotErrorIs(t, err, ErrUnknownOutcome)
	_, err = l.Append(ctx, one(SystemSubject, head, []byte("x")))
	require.ErrorIs(t, err, ErrReadOnly)
	require.ErrorIs(t, l.Healthy(), ErrReadOnly)
	_, err = readAll(l, 0, 0)
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorIs(t, l.Follow(ctx, 0, nil), ErrUnavailable)
	_, err = l.Get(ctx, 1)
	require.ErrorIs(t, err, ErrUnavailable)

	require.NoError(t, l.Close())
	require.NoError(t, reopen(t, l.cfg.Dir).Verify(ctx, recordedAt(head)))
}
