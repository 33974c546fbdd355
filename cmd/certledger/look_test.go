package main

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/api"
	"github.com/certledger/certledger/domain"
)

// proposals are what a shell would propose, with an environment of its own.
func proposals(t *testing.T, environment []string, args ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary(t), append([]string{"__complete"}, args...)...)
	cmd.Env = append(os.Environ(), environment...)
	out, err := cmd.Output()
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	require.Equal(t, ":4", lines[len(lines)-1], "no file names")
	return lines[:len(lines)-1]
}

// granted is a registration of the demo that holds a decision which nobody doubts,
// and whose module 8 was attended: the decision, its entry, and the mark.
func granted(t *testing.T, c *client) (registration, decision string, entry uint64, mark domain.Mark) {
	t.Helper()
	rows, err := pages[api.Row](t.Context(), c, "/v1/registrations")
	require.NoError(t, err)
	for _, r := range rows {
		if held := r.Awards[0]; held.Granted != "level-1r" || held.Earned != "level-1r" || slices.Contains(r.Flags, domain.FlagReviewRequired) {
			continue
		}
		var s state
		_, err := c.call(t.Context(), http.MethodGet, "/v1/registrations/"+r.Registration, nil, &s)
		require.NoError(t, err)
		i := slices.IndexFunc(s.Standing.Marks, func(m domain.Mark) bool { return m.Session == "8" && m.Status == "present" })
		if i < 0 {
			continue
		}
		var got api.DecisionRecord
		_, err = c.call(t.Context(), http.MethodGet, "/v1/decisions/"+r.Awards[0].Decision, nil, &got)
		require.NoError(t, err)
		return r.Registration, r.Awards[0].Decision, got.Entry.Sequence, s.Standing.Marks[i]
	}
	require.Fail(t, "nobody was granted Level 1R after module 8")
	return "", "", 0, domain.Mark{}
}

// What the server can tell of the past, of differences and of reviews, the
// command line can, and a directory the same where it is asked.
func TestLookingBackAndReviewing(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := start(t, "demo", "--data", data, "--listen", "127.0.0.1:0", "--json")
	given := p.tokens(t)
	c := newClient(p.url, given[domain.RoleAuditor])
	registration, decision, entry, mark := granted(t, c)
	ask := func(role string, args ...string) []string {
		return append(args, "--server", p.url, "--token", given[role])
	}
	before := strconv.FormatUint(entry-1, 10)
	// A mark that it rested on is corrected.
	_, err := c.as(given[domain.RoleRegistrar]).call(t.Context(), http.MethodPost, "/v1/registrations/"+registration+"/corrections",
		body{"session": mark.Session, "status": "absent", "reason": "wrong-person", "text": "Two people were mixed up."}, nil)
	require.NoError(t, err)

	points := map[string][]string{
		"known":     {"--known-at", before},
		"effective": {"--effective-at", mark.Made.Time.Format(time.RFC3339)},
		"both":      {"--known-at", before, "--effective-at", mark.Made.Time.Format(time.RFC3339)},
	}
	online := map[string]string{}
	for name, flags := range points {
		online[name] = output(t, ask(domain.RoleAuditor, append([]string{"explain", registration, "-o", "csv"}, flags...)...)...)
	}
	online["now"] = output(t, ask(domain.RoleAuditor, "explain", registration, "-o", "csv")...)
	require.NotEqual(t, online["now"], online["known"])
	require.NotEqual(t, online["known"], online["both"])

	changed := output(t, ask(domain.RoleAuditor, "difference", registration, "--from-known-at", strconv.FormatUint(entry, 10))...)
	require.Regexp(t, `award .* earned level-1r, granted level-1r .* earned (level-1|incomplete), granted level-1r`, changed)
	require.Regexp(t, `entry .* attendance\.corrected\.v1 .* \(own\)`, changed)
	var d api.Difference
	require.NoError(t, json.Unmarshal([]byte(output(t, ask(domain.RoleAuditor, "difference", registration, "--from-known-at", strconv.FormatUint(entry, 10), "-o", "json")...)), &d))
	last := d.Entries[len(d.Entries)-1]
	require.Equal(t, "attendance.corrected.v1", last.Entry.Type)
	correction := strconv.FormatUint(last.Sequence, 10)
	require.Contains(t, output(t, ask(domain.RoleAuditor, "difference", registration, "--from-known-at", before, "--to-known-at", before)...), "nothing changed from entry "+before)

	listed := output(t, ask(domain.RoleCertifier, "review", "list", "-o", "csv")...)
	require.Regexp(t, `(?m)^\S+,`+decision+`,level-1r,`+registration+`,staff/[^,]+,`+correction+`,\S+,attendance\.corrected\.v1$`, listed)
	require.NotContains(t, output(t, ask(domain.RoleCertifier, "review", "list", "--programme", "another", "-o", "csv")...), decision)
	require.Equal(t, []string{decision}, proposals(t, nil, append(ask(domain.RoleCertifier, "review", "close"), decision[:12])...))
	due := string(domain.DateOf(now().AddDate(0, 0, 100)))
	require.Contains(t, fails(t, ask(domain.RoleCertifier, "review", "assign", decision, "--due", "2099-12-31")...), "due-too-late")
	require.Contains(t, output(t, ask(domain.RoleCertifier, "review", "assign", decision, "--due", due)...), "Assigned.")
	require.Contains(t, output(t, ask(domain.RoleCertifier, "review", "list")...), due)
	why := filepath.Join(t.TempDir(), "why.txt")
	require.NoError(t, os.WriteFile(why, []byte("One class is tolerated.\n"), 0o600))
	require.Contains(t, fails(t, ask(domain.RoleCertifier, "review", "close", decision, "--cause", correction)...), "reason-missing")
	require.Contains(t, output(t, ask(domain.RoleCertifier, "review", "close", decision, "--cause", correction, "--reason", "body-decision", "--text-from", why)...), "Closed: the decision stands.")
	require.NotContains(t, output(t, ask(domain.RoleCertifier, "review", "list", "-o", "csv")...), decision)

	t.Run("completion of a server's", func(t *testing.T) { completesOnline(t, p.url, given, registration, decision) })
	p.stop(t)

	for name, flags := range points {
		require.Equal(t, online[name], output(t, append([]string{"explain", registration, "--data", data, "-o", "csv"}, flags...)...), name)
	}
	recorded := mark.Made.Recorded
	require.NotEmpty(t, output(t, "explain", registration, "--data", data, "--known-at", recorded.Format(time.RFC3339Nano)))
	for _, x := range [][2]string{
		{"--known-at=0", "nothing was recorded yet"},
		{"--known-at=99999999", "the ledger has not come this far"},
		{"--known-at=2099-01-01T00:00:00Z", "has not come yet"},
		{"--known-at=1999-01-01T00:00:00Z", "nothing was recorded yet"},
		{"--effective-at=2099-01-01T00:00:00Z", "has not come yet"},
		{"--effective-at=1899-12-31T00:00:00Z", "nothing here is about so early a time"},
		{"--known-at=1", "there is no registration " + registration + " in " + data + " at that point"},
	} {
		require.Contains(t, fails(t, "explain", registration, "--data", data, x[0]), x[1])
	}
	t.Run("completion of a directory's", func(t *testing.T) { completesInDirectory(t, data, registration) })
}

func completesOnline(t *testing.T, url string, given map[string]string, registration, decision string) {
	environment := []string{"CERTLEDGER_SERVER=" + url, "CERTLEDGER_TOKEN=" + given[domain.RoleAuditor]}
	all := proposals(t, environment, "explain", "")
	require.Contains(t, all, registration)
	require.Greater(t, len(all), 10)
	require.Equal(t, []string{registration}, proposals(t, environment, "explain", registration[:12]))
	require.Contains(t, proposals(t, environment, "difference", ""), registration)
	require.Contains(t, proposals(t, environment, "dossier", decision[:4]), decision)
	require.Empty(t, proposals(t, environment, "dossier", "--person", decision))
	require.Contains(t, proposals(t, environment, "rehearse", "--programme", ""), "peerworks-core-essentials")
	require.NotEmpty(t, proposals(t, environment, "review", "list", "--cohort", ""))
	require.Empty(t, proposals(t, environment, "explain", registration, ""), "one is enough")

	for name, environment := range map[string][]string{
		"no server":         {"CERTLEDGER_SERVER=", "CERTLEDGER_TOKEN="},
		"one that is not":   {"CERTLEDGER_SERVER=http://127.0.0.1:1", "CERTLEDGER_TOKEN=t"},
		"a token that none": {"CERTLEDGER_SERVER=" + url, "CERTLEDGER_TOKEN=none"},
		"no directory":      {"CERTLEDGER_SERVER=", "CERTLEDGER_DATA=" + filepath.Join(t.TempDir(), "none")},
	} {
		require.Empty(t, proposals(t, environment, "explain", ""), name)
	}
}

func completesInDirectory(t *testing.T, data, registration string) {
	before := kept(t, data)
	require.Contains(t, proposals(t, nil, "explain", "--data", data, ""), registration)
	require.Equal(t, []string{registration}, proposals(t, nil, "explain", "--data", data, registration[:12]))
	require.Contains(t, proposals(t, nil, "rehearse", "--data", data, "--programme", "peer"), "peerworks-core-essentials")
	require.Equal(t, before, kept(t, data))
}
