package main

import (
	"io"
	"net/http"
	"os"
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

	p = start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	admin, officer := newClient(p.url, tokens["administrator"]), newClient(p.url, tokens["privacy-officer"])
	require.Equal(t, old+"\n", fetched(t, p.url+"/log-key"))
	var proposed struct{ Created map[string]string }
	_, err = admin.call(t.Context(), http.MethodPost, "/v1/signing-keys/rotations", struct{}{}, &proposed)
	require.NoError(t, err)
	approval := "/v1/signing-keys/rotations/" + proposed.Created["proposal"] + "/approval"
	_, err = admin.call(t.Context(), http.MethodPost, approval, struct{}{}, nil)
	require.ErrorContains(t, err, "needs-another-person")
	_, err = officer.call(t.Context(), http.MethodPost, approval, struct{}{}, nil)
	require.NoError(t, err)
	p.stop(t) // which signs

	p = start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	require.Equal(t, old+"\n"+fresh+"\n", fetched(t, p.url+"/log-key"))
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
	p.stop(t)
	alone, err := os.ReadFile(filepath.Join(data, "published", "checkpoint"))
	require.NoError(t, err)
	require.NoError(t, opened(string(alone), fresh))
	require.Contains(t, output(t, "ledger", "check", "--data", data), "no fault was found")

	require.NoError(t, os.Remove(filepath.Join(data, "keys", "log.key")))
	require.Contains(t, fails(t, "serve", "--data", data, "--listen", "127.0.0.1:0"), "restore it from a backup")
}
