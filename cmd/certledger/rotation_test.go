package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/eventstore/proof"
)

// fetched is what a server answers without a token.
func fetched(t *testing.T, url string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusOK, res.StatusCode, string(b))
	return string(b)
}

// remarks are what a command that ends well says on the standard error.
func remarks(t *testing.T, args ...string) string {
	t.Helper()
	var errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), binary(t), args...)
	cmd.Stderr = &errs
	require.NoError(t, cmd.Run(), "%s", &errs)
	return errs.String()
}

// A new key is prepared, announced by two people, signs beside the old one, and
// then alone. Whoever has the old key alone is told so.
func TestTheSigningKeyIsRotated(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := start(t, "demo", "--data", data, "--listen", "127.0.0.1:0", "--json")
	tokens := p.tokens(t)
	first := newClient(p.url, tokens["administrator"])
	_, err := first.call(t.Context(), http.MethodPost, "/v1/signing-keys/rotations", struct{}{}, nil)
	require.ErrorContains(t, err, "no-key-prepared")
	p.stop(t)
	old := strings.TrimSpace(output(t, "key", "show", "--data", data))
	fresh := strings.TrimSpace(output(t, "key", "prepare", "--data", data))
	require.NotEqual(t, old, fresh)
	require.Contains(t, fails(t, "key", "prepare", "--data", data), "there is a key already")
	require.Contains(t, fails(t, "key", "finish", "--data", data), "has not been announced by two people")
	require.Equal(t, "prepared, and not announced yet: "+fresh+"\n", remarks(t, "key", "show", "--data", data))

	p = start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	require.Equal(t, old+"\n", fetched(t, p.url+"/log-key"))
	require.Contains(t, remarks(t, "key", "show", "--data", data), "not announced yet as far as can be told from here")
	admin := []string{"--server", p.url, "--token", tokens["administrator"]}
	officer := []string{"--server", p.url, "--token", tokens["privacy-officer"]}
	declined := strings.TrimSpace(output(t, append([]string{"key", "propose"}, admin...)...))
	require.Contains(t, fails(t, append([]string{"key", "approve", declined}, admin...)...), "needs-another-person")
	output(t, append([]string{"key", "decline", declined, "--reason", "replaced"}, officer...)...)
	require.Contains(t, fails(t, append([]string{"key", "approve", declined}, officer...)...), "proposal-closed")
	proposal := strings.TrimSpace(output(t, append([]string{"key", "propose"}, admin...)...))
	require.NotEqual(t, declined, proposal)
	require.Contains(t, remarks(t, append([]string{"key", "show"}, admin...)...), "prepared, and not announced yet: "+fresh)
	require.Contains(t, output(t, append([]string{"key", "approve", proposal}, officer...)...), "Announced")
	require.Contains(t, output(t, append([]string{"key", "propose"}, admin...)...), "The ledger says so already")
	p.stop(t) // which signs
	require.Equal(t, fresh+"\n"+old+"\n", output(t, "key", "show", "--data", data), "announced")
	require.NotContains(t, remarks(t, "key", "show", "--data", data), "not announced")

	p = start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	require.Equal(t, fresh+"\n"+old+"\n", fetched(t, p.url+"/log-key"))
	require.Equal(t, fresh+"\n"+old+"\n", output(t, "key", "show", "--data", data), "the last checkpoint tells, while a server has it open")
	both := fetched(t, p.url+"/checkpoint")
	opened := func(signed string, keys ...string) error {
		policy, err := proof.NewPolicy(proof.Trust{LogKeys: keys})
		require.NoError(t, err)
		policy.AllLogKeys = true
		_, err = policy.Open([]byte(signed))
		return err
	}
	require.NoError(t, opened(both, old, fresh))
	require.ErrorIs(t, opened(both, old), proof.ErrSignature, "it has a line that was not checked")
	p.stop(t)

	require.Equal(t, fresh, strings.TrimSpace(output(t, "key", "finish", "--data", data)))
	p = start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	output(t, "token", "create", "--server", p.url, "--token", tokens["administrator"], "--role", "registrar")
	require.Equal(t, fresh+"\n"+old+"\n", fetched(t, p.url+"/log-key"), "older checkpoints are verified with the old key")
	require.Equal(t, fresh+"\n"+old+"\n", output(t, "key", "show", "--data", data), "while a server has it open")
	require.NoError(t, opened(both, strings.Split(strings.TrimSpace(fetched(t, p.url+"/log-key")), "\n")...))
	p.stop(t)
	told := remarks(t, "key", "show", "--data", data)
	require.Regexp(t, `(?m)^certledger/\S+ signs, announced by entry \d+ of \d{4}-\d\d-\d\d$`, told)
	require.Regexp(t, `(?m)^certledger/\S+ signed, followed by another with entry \d+ of \d{4}-\d\d-\d\d$`, told)
	var shown shownKeys
	require.NoError(t, json.Unmarshal([]byte(output(t, "key", "show", "--data", data, "-o", "json")), &shown))
	require.Equal(t, []string{fresh}, shown.Keys)
	require.Len(t, shown.History, 2)
	require.Equal(t, old, shown.History[1].Key)
	require.False(t, shown.History[1].Signs)
	alone, err := os.ReadFile(filepath.Join(data, "published", "checkpoint"))
	require.NoError(t, err)
	require.NoError(t, opened(string(alone), fresh))
	require.Contains(t, output(t, "ledger", "check", "--data", data), "no fault was found")

	require.NoError(t, os.Remove(filepath.Join(data, "keys", "log.key")))
	require.Contains(t, fails(t, "serve", "--data", data, "--listen", "127.0.0.1:0"), "restore it from a backup")
}
