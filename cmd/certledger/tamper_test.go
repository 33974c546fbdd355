package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

// forge rewrites a ledger past every guard, as somebody can who has its files:
// the stream is deleted and made again with other messages. What is derived goes
// too, so that nothing remembers.
func forge(t *testing.T, data string, change func([]*nats.Msg) []*nats.Msg) {
	t.Helper()
	ledger := filepath.Join(data, "ledger")
	r, err := startRaw(ledger)
	require.NoError(t, err)
	stream, err := r.js.Stream(t.Context(), "LEDGER")
	require.NoError(t, err)
	info, err := stream.Info(t.Context())
	require.NoError(t, err)
	var all []*nats.Msg
	for n := uint64(1); n <= info.State.LastSeq; n++ {
		m, err := stream.GetMsg(t.Context(), n)
		require.NoError(t, err)
		all = append(all, &nats.Msg{Subject: m.Subject, Data: m.Data})
	}
	require.NoError(t, r.close())
	require.NoError(t, os.RemoveAll(filepath.Join(ledger, "jetstream")))
	r, err = startRaw(ledger)
	require.NoError(t, err)
	defer func() { require.NoError(t, r.close()) }()
	_, err = r.js.CreateStream(t.Context(), info.Config)
	require.NoError(t, err)
	for _, m := range change(all) {
		_, err := r.js.PublishMsg(t.Context(), m, jetstream.WithExpectStream("LEDGER"))
		require.NoError(t, err)
	}
	require.NoError(t, os.RemoveAll(filepath.Join(data, "projections")))
}

// relink makes each subject's entries follow on each other again, so that only
// what was signed can tell.
func relink(t *testing.T, all []*nats.Msg) {
	previous := map[string]string{}
	link := regexp.MustCompile(`"previous":"sha256:[0-9a-f]{64}"`)
	for _, m := range all {
		if before := previous[m.Subject]; before != "" {
			m.Data = link.ReplaceAll(m.Data, []byte(`"previous":"`+before+`"`))
		}
		previous[m.Subject] = domain.HashOf(m.Data)
	}
	require.NotEmpty(t, previous)
}

// copied is a data directory as somebody else has it.
func copied(t *testing.T, data string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "data")
	out, err := exec.CommandContext(t.Context(), "cp", "-rp", data, to).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return to
}

// fails runs the binary, which must end with 1, and answers with all it printed.
func fails(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary(t), args...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, "%s", out)
	require.Equal(t, 1, exit.ExitCode(), "%s", out)
	return string(out)
}

// refusesWrites starts a server on what was tampered with: it says what is
// wrong, signs and writes nothing, and goes on answering questions.
func refusesWrites(t *testing.T, data, token, says string) {
	t.Helper()
	p := start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	defer p.stop(t)
	ask := func(method, path, body string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), method, p.url+path, strings.NewReader(body))
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		b, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		return res.StatusCode, string(b)
	}
	before, err := os.ReadFile(filepath.Join(data, "published", "checkpoint"))
	require.NoError(t, err)
	status, body := ask(http.MethodGet, "/v1/programmes", "")
	require.Equal(t, http.StatusOK, status, body)
	status, body = ask(http.MethodPost, "/v1/tokens", `{"for":"staff/x","roles":["registrar"]}`)
	require.Equal(t, http.StatusServiceUnavailable, status, body)
	require.Contains(t, body, "ledger-read-only")
	status, body = ask(http.MethodGet, "/readyz", "")
	require.Equal(t, http.StatusServiceUnavailable, status)
	var ready struct {
		Status  string
		Signing bool
	}
	require.NoError(t, json.Unmarshal([]byte(body), &ready))
	require.Equal(t, "read-only", ready.Status)
	require.False(t, ready.Signing)
	require.Eventually(t, func() bool { return strings.Contains(p.logged(), says) }, 10*time.Second, 10*time.Millisecond, says)
	after, err := os.ReadFile(filepath.Join(data, "published", "checkpoint"))
	require.NoError(t, err)
	require.Equal(t, string(before), string(after), "nothing was signed")
}

// A ledger is played, and then altered in every way that files allow.
func TestTampering(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := start(t, "demo", "--data", data, "--listen", "127.0.0.1:0", "--json")
	token := p.tokens(t)["administrator"]
	p.stop(t)
	whole := output(t, "ledger", "check", "--data", data)
	require.Contains(t, whole, "no fault was found")
	entries, err := strconv.Atoi(strings.Fields(whole)[0])
	require.NoError(t, err)
	require.Contains(t, whole, "the last signed checkpoint covers "+strconv.Itoa(entries)+" of them")

	t.Run("an edited entry", func(t *testing.T) {
		data, edited := copied(t, data), 0
		forge(t, data, func(all []*nats.Msg) []*nats.Msg {
			for i, m := range all {
				if bytes.Contains(m.Data, []byte(`"status":"absent"`)) {
					m.Data = bytes.Replace(m.Data, []byte(`"status":"absent"`), []byte(`"status":"present"`), 1)
					edited = i + 1
					break
				}
			}
			relink(t, all)
			return all
		})
		require.Positive(t, edited)
		says := "entry " + strconv.Itoa(edited) + " is not the one that was there"
		require.Contains(t, fails(t, "ledger", "check", "--data", data), "FAULT in entry "+strconv.Itoa(edited)+" (checkpoint)")
		refusesWrites(t, data, token, says)
	})
	t.Run("an edited entry, not linked again", func(t *testing.T) {
		data := copied(t, data)
		forge(t, data, func(all []*nats.Msg) []*nats.Msg {
			for _, m := range all {
				m.Data = bytes.Replace(m.Data, []byte(`"status":"absent"`), []byte(`"status":"present"`), 1)
			}
			return all
		})
		require.NoError(t, os.RemoveAll(filepath.Join(data, "published"))) // nothing signed is left either
		require.Contains(t, fails(t, "serve", "--data", data, "--listen", "127.0.0.1:0"), "there is no place of published checkpoints")
		require.Regexp(t, `FAULT in entry \d+ \(ledger\): it does not follow on entry \d+`, fails(t, "ledger", "check", "--data", data))
	})
	t.Run("the last entry edited, with what is derived left", func(t *testing.T) {
		data := copied(t, data)
		kept := filepath.Join(t.TempDir(), "projections")
		require.NoError(t, os.CopyFS(kept, os.DirFS(filepath.Join(data, "projections"))))
		forge(t, data, func(all []*nats.Msg) []*nats.Msg {
			last := all[len(all)-1]
			last.Data = bytes.Replace(last.Data, []byte(`"nonce":"`), []byte(`"nonce":"0`), 1)
			return all
		})
		require.NoError(t, os.CopyFS(filepath.Join(data, "projections"), os.DirFS(kept)))
		require.NoError(t, os.RemoveAll(filepath.Join(data, "published")))
		require.Contains(t, fails(t, "ledger", "check", "--data", data), "FAULT in entry "+strconv.Itoa(entries)+" (tree)")
		require.Contains(t, fails(t, "serve", "--data", data, "--listen", "127.0.0.1:0"), "is not what it was")
	})
	t.Run("an edited entry, with what is derived left", func(t *testing.T) {
		data, edited := copied(t, data), 0
		kept := filepath.Join(t.TempDir(), "projections")
		require.NoError(t, os.CopyFS(kept, os.DirFS(filepath.Join(data, "projections"))))
		forge(t, data, func(all []*nats.Msg) []*nats.Msg {
			for i, m := range all {
				if edited == 0 && bytes.Contains(m.Data, []byte(`"status":"absent"`)) {
					m.Data = bytes.Replace(m.Data, []byte(`"status":"absent"`), []byte(`"status":"present"`), 1)
					edited = i + 1
				}
			}
			return all
		})
		require.NoError(t, os.CopyFS(filepath.Join(data, "projections"), os.DirFS(kept)))
		refusesWrites(t, data, token, "entry "+strconv.Itoa(edited)+" is not the one that was there")
	})
	t.Run("the checkpoint taken away", func(t *testing.T) {
		data := copied(t, data)
		forge(t, data, func(all []*nats.Msg) []*nats.Msg { return all[:len(all)-5] })
		name := filepath.Join(data, "published", "checkpoint")
		signed, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.Remove(name))
		p := start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
		require.Eventually(t, func() bool { return strings.Contains(p.logged(), "are missing") }, 10*time.Second, 10*time.Millisecond)
		p.stop(t)
		require.NoFileExists(t, name, "nothing was signed instead")
		require.NotEmpty(t, signed)
	})
	t.Run("a lost tail", func(t *testing.T) {
		data := copied(t, data)
		forge(t, data, func(all []*nats.Msg) []*nats.Msg { return all[:len(all)-5] })
		says := "entries " + strconv.Itoa(entries-4) + " to " + strconv.Itoa(entries) + " are missing"
		require.Contains(t, fails(t, "ledger", "check", "--data", data), says)
		refusesWrites(t, data, token, says)
	})
	t.Run("an older copy restored", func(t *testing.T) {
		older, data := copied(t, data), copied(t, data)
		p := start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
		output(t, "token", "create", "--server", p.url, "--token", token, "--role", "registrar")
		p.stop(t)
		for _, part := range []string{"ledger", "projections", "vault"} {
			require.NoError(t, os.RemoveAll(filepath.Join(data, part)))
			require.NoError(t, os.Rename(filepath.Join(older, part), filepath.Join(data, part)))
		}
		says := "entry " + strconv.Itoa(entries+1) + " is missing"
		require.Contains(t, fails(t, "ledger", "check", "--data", data), says)
		refusesWrites(t, data, token, says)
	})
	t.Run("an altered row", func(t *testing.T) {
		data := copied(t, data)
		db, err := pebble.Open(filepath.Join(data, "projections"), &pebble.Options{Logger: silentPebble{}})
		require.NoError(t, err)
		it, err := db.NewIter(&pebble.IterOptions{LowerBound: []byte("o"), UpperBound: []byte("p")})
		require.NoError(t, err)
		require.True(t, it.First(), "somebody is in a roster")
		require.NoError(t, db.Delete(bytes.Clone(it.Key()), pebble.Sync))
		require.NoError(t, errors.Join(it.Close(), db.Close()))
		require.Contains(t, fails(t, "ledger", "check", "--data", data), "FAULT (projections): they are not what a fresh fold gives: the row")
	})
}
