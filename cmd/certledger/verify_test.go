package main

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/api"
)

// verifier builds certverify, which is another program.
func verifier(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "certverify")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", out, "../certverify")
	text, err := build.CombinedOutput()
	require.NoError(t, err, "%s", text)
	return out
}

// unplugged runs a program in a place without a network, where the system lets
// us make one.
func unplugged(t *testing.T, args ...string) (string, error) {
	t.Helper()
	if exec.CommandContext(t.Context(), "unshare", "-rn", "true").Run() == nil {
		args = append([]string{"unshare", "-rn"}, args...)
	} else {
		t.Log("a place without a network cannot be made here")
	}
	out, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput()
	return string(out), err
}

// Everything decided in the demo is taken again by a program that has neither
// server nor network; so is the whole export.
func TestEveryDecisionOfTheDemoIsVerifiedElsewhere(t *testing.T) {
	certverify, dir := verifier(t), t.TempDir()
	data := filepath.Join(dir, "data")
	p := start(t, "demo", "--data", data, "--listen", "127.0.0.1:0", "--json")
	token := p.tokens(t)["auditor"]
	c := newClient(p.url, token)
	var report api.AuditAnswer
	_, err := c.call(t.Context(), http.MethodPost, "/v1/audits", api.NewAudit{Size: 5000, Seed: "all"}, &report)
	require.NoError(t, err)
	decisions := report.Report.Drawn()
	require.Greater(t, len(decisions), 15)
	ask := []string{"--server", p.url, "--token", token}
	for _, id := range decisions {
		output(t, append([]string{"dossier", id, "--out", filepath.Join(dir, id)}, ask...)...)
	}
	zip := filepath.Join(dir, "person.zip")
	var person struct {
		Entry struct {
			Data struct {
				Record struct{ Decided struct{ Person string } }
			}
		}
	}
	_, err = c.call(t.Context(), http.MethodGet, "/v1/decisions/"+decisions[0], nil, &person)
	require.NoError(t, err)
	output(t, append([]string{"dossier", person.Entry.Data.Record.Decided.Person, "--person", "--out", zip}, ask...)...)
	sampled := output(t, append([]string{"audit", "sample", "--size", "4", "--seed", "dice", "-o", "csv"}, ask...)...)
	rows, err := csv.NewReader(strings.NewReader(sampled)).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 5)
	p.stop(t)

	key := filepath.Join(dir, "ledger.vkey")
	require.NoError(t, os.WriteFile(key, []byte(output(t, "key", "show", "--data", data)), 0o600))
	for _, id := range decisions {
		out, err := unplugged(t, certverify, filepath.Join(dir, id), "--log-key", key)
		require.NoError(t, err, out)
		require.Contains(t, out, "identical")
	}
	out, err := unplugged(t, certverify, zip, "--log-key", key)
	require.NoError(t, err, out)

	export := filepath.Join(dir, "export.jsonl")
	output(t, "ledger", "export", "--data", data, "--out", export)
	checkpoint := filepath.Join(data, "published", "checkpoint")
	out, err = unplugged(t, certverify, "export", export, "--checkpoint", checkpoint, "--log-key", key)
	require.NoError(t, err, out)

	stored := filepath.Join(dir, decisions[0], "checkpoint")
	b, err := os.ReadFile(stored)
	require.NoError(t, err)
	b[bytes.IndexByte(b, '\n')+1]++ // how many entries it covers
	require.NoError(t, os.WriteFile(stored, b, 0o600))
	out, err = unplugged(t, certverify, filepath.Join(dir, decisions[0]), "--log-key", key)
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, out)
	require.Equal(t, 1, exit.ExitCode(), out)
}
