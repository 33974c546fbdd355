package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/cmd/certledger/demo"
	"github.com/certledger/certledger/domain"
)

var (
	killRounds = flag.Int("kill-rounds", 30, "how often the server is killed")
	killSeed   = flag.Uint64("kill-seed", 0, "seed of the kill test; 0 takes a random one")
)

const (
	killWriters = 8
	killPeople  = 12 // fewer than marks in flight, so that writers meet
	killWithin  = 400 * time.Millisecond

	killStarting = 150 * time.Millisecond
)

// The server is killed at a random moment while writers mark attendance, and
// started again. What was acknowledged must then be there exactly once, what
// was not may be sent again, and nothing may be there twice.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("the kill test takes a second a round; run it without -short, or with `make kill`")
	}
	seed := *killSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d; run again with -kill-seed=%d", seed, seed)
	random := rand.New(rand.NewPCG(seed, 0))
	data := filepath.Join(t.TempDir(), "data")
	var c created
	require.NoError(t, json.Unmarshal([]byte(output(t, "init", "--data", data, "-o", "json")), &c))

	k := &killing{t: t, seed: seed, acked: map[string]answer{}}
	server := start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	k.prepare(server.url, c.Token)
	for round := range *killRounds {
		ctx, cancel := context.WithCancel(t.Context())
		var writers sync.WaitGroup
		for w := range killWriters {
			writers.Go(func() { k.write(ctx, server.url, round, w) })
		}
		// The timers here are the point: the moment of the kill.
		<-time.After(time.Duration(random.Int64N(int64(killWithin))))
		server.kill(t)
		cancel()
		writers.Wait()
		if round%3 == 0 { // and once more, while it starts
			dying := launch(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
			<-time.After(time.Duration(random.Int64N(int64(killStarting))))
			dying.kill(t)
		}
		server = start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
		k.retry(server.url)
	}
	k.repeat(server.url)
	server.stop(t)

	t.Logf("%d kills, %d commands acknowledged, %d sent again after a kill, of which %d had been recorded before",
		*killRounds, len(k.acked), k.retried, k.wasThere)
	if *killRounds > 0 {
		require.NotEmpty(t, k.acked, "a test that records nothing shows nothing")
	}
	k.verify(output(t, "ledger", "export", "--data", data))
	var r rebuilt
	require.NoError(t, json.Unmarshal([]byte(output(t, "projection", "rebuild", "--data", data, "-o", "json")), &r))
	require.NotNil(t, r.Equal, r.Problem)
	require.True(t, *r.Equal, "the projections differ from a rebuild")
}

// killing is what the writers know.
type killing struct {
	t    *testing.T
	seed uint64

	token         string // of the trainer
	registrations []string

	mu       sync.Mutex        // protects what is below
	acked    map[string]answer // by idempotency key
	unknown  []attempt         // sent and not answered
	sent     map[string]attempt
	retried  int
	wasThere int
}

// attempt is one request to mark attendance.
type attempt struct {
	key, path string
	body      body
}

// prepare publishes the programme and registers some people, by the same
// requests as the demo.
func (k *killing) prepare(url, admin string) {
	story, err := demo.Read()
	require.NoError(k.t, err)
	story.People = story.People[:killPeople]
	for i := range story.People {
		story.People[i] = demo.Person{Name: story.People[i].Name, Shows: "Nothing yet."}
	}
	p := &player{server: newClient(url, ""), story: story, admin: admin}
	require.NoError(k.t, p.begin(k.t.Context()))
	k.token, k.sent = p.tokens[domain.RoleTrainer], map[string]attempt{}
	for _, x := range p.people {
		k.registrations = append(k.registrations, x.registration)
	}
}

// write sends marks one after the other until the server dies.
func (k *killing) write(ctx context.Context, url string, round, writer int) {
	random := rand.New(rand.NewPCG(k.seed, uint64(1+round*killWriters+writer)))
	c := newClient(url, k.token)
	for n := 0; ctx.Err() == nil; n++ {
		a := attempt{
			key:  fmt.Sprintf("kill-%d-%d-%d", round, writer, n),
			path: "/v1/registrations/" + k.registrations[random.IntN(len(k.registrations))] + "/attendance",
			body: body{"session": strconv.Itoa(1 + random.IntN(17)), "status": domain.LeftEarly, "minutes": random.IntN(121)},
		}
		if !k.send(ctx, c, a, false) {
			return
		}
	}
}

// send answers with whether the server still does.
func (k *killing) send(ctx context.Context, c *client, a attempt, again bool) bool {
	var got answer
	_, err := c.call(ctx, http.MethodPost, a.path, a.body, &got, "Idempotency-Key", a.key)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sent[a.key] = a
	var p *problem
	switch {
	case err == nil:
		k.acked[a.key] = got
		if again {
			k.retried++
			if got.Repeated {
				k.wasThere++
			}
		}
		return true
	case errors.As(err, &p) && (p.Status == http.StatusConflict || p.Status == http.StatusServiceUnavailable):
		// Nothing was recorded, or nobody knows: the same request once more, later.
		k.unknown = append(k.unknown, a)
		return true
	case errors.As(err, &p):
		k.t.Errorf("%s: %v", a.key, err)
	}
	k.unknown = append(k.unknown, a)
	return false
}

// retry sends again what was not answered. Each is answered now.
func (k *killing) retry(url string) {
	c := newClient(url, k.token)
	for range 20 {
		again := k.unknown
		k.unknown = nil
		for _, a := range again {
			k.send(k.t.Context(), c, a, true)
		}
		if len(k.unknown) == 0 {
			return
		}
	}
	require.Empty(k.t, k.unknown, "requests that are never answered")
}

// repeat sends some of what was recorded again: the answer is that of the first
// time. (What recorded nothing, since the ledger said so already, is simply
// tried again by design.)
func (k *killing) repeat(url string) {
	c := newClient(url, k.token)
	n := 0
	for key, first := range k.acked {
		if len(first.Entries) == 0 {
			continue
		}
		if n++; n > 200 {
			return
		}
		var got answer
		a := k.sent[key]
		_, err := c.call(k.t.Context(), http.MethodPost, a.path, a.body, &got, "Idempotency-Key", key)
		require.NoError(k.t, err, key)
		require.Equal(k.t, first.Entries, got.Entries, "%s is answered otherwise the second time", key)
	}
}

// verify reads the ledger as it was stored.
func (k *killing) verify(export string) {
	t := k.t
	type stored struct {
		domain.Entry
		payload string
	}
	entries := map[uint64]stored{}
	commands := map[string]uint64{}
	heads := map[domain.Subject]domain.Entry{}
	for i, line := range strings.Split(strings.TrimSuffix(export, "\n"), "\n") {
		sequence := uint64(i + 1) // a line an entry: a gap would show in the versions
		e, err := domain.Decode(sequence, []byte(line))
		require.NoError(t, err)
		before := heads[e.Subject]
		require.Equal(t, before.Version+1, e.Version, "the versions of %s do not follow on at entry %d", e.Subject, sequence)
		require.Equal(t, before.Hash, e.Previous, "entry %d does not follow the one before it on %s", sequence, e.Subject)
		heads[e.Subject] = e
		if first, twice := commands[e.CommandID]; twice {
			require.Fail(t, "a command is there twice", "entries %d and %d are of the same command", first, sequence)
		}
		commands[e.CommandID] = sequence
		entries[sequence] = stored{e, line}
	}
	marks := 0
	for _, e := range entries {
		if _, ok := e.Event.(*domain.AttendanceMarked); ok {
			marks++
		}
	}
	recorded := map[uint64]string{}
	for key, a := range k.acked {
		for _, ref := range a.Entries {
			e, ok := entries[ref.Sequence]
			require.True(t, ok, "%s was acknowledged as entry %d, which is not there", key, ref.Sequence)
			require.Equal(t, ref.ID, e.ID, "%s was acknowledged as entry %d, and another is there", key, ref.Sequence)
			mark, ok := e.Event.(*domain.AttendanceMarked)
			require.True(t, ok, "%s", e.Type)
			sent := k.sent[key]
			require.Equal(t, sent.body["session"], mark.Session, key)
			require.EqualValues(t, sent.body["minutes"], *mark.Minutes, key)
			require.Contains(t, sent.path, e.Subject.ID(), key)
			require.Empty(t, recorded[ref.Sequence], "two commands were acknowledged as entry %d", ref.Sequence)
			recorded[ref.Sequence] = key
		}
	}
	require.Len(t, recorded, marks, "every mark there was acknowledged, at the latest when it was sent again")
}
