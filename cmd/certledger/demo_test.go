package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/cmd/certledger/demo"
	"github.com/certledger/certledger/domain"
)

// state is what GET /v1/registrations/{registration} answers, as far as the
// tests look at it.
type state struct {
	Standing   domain.Standing   `json:"standing"`
	Assessment domain.Assessment `json:"assessment"`
}

// Every row of the decision table occurs in the demo, and the server says of
// each person what the table says.
func TestDemoShowsEveryRowOfTheDecisionTable(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := start(t, "demo", "--data", data, "--listen", "127.0.0.1:0", "--json")
	tokens := p.tokens(t)
	auditor := newClient(p.url, tokens[domain.RoleAuditor])
	story, err := demo.Read()
	require.NoError(t, err)

	registrations := registrationsInOrder(t, auditor, story.Programme)
	require.Len(t, registrations, len(story.People))
	rows := map[int]bool{}
	for i, person := range story.People {
		t.Run(fmt.Sprintf("%02d %s", person.Row, person.Name), func(t *testing.T) {
			var s state
			_, err := auditor.call(t.Context(), http.MethodGet, "/v1/registrations/"+registrations[i], nil, &s)
			require.NoError(t, err)
			expect(t, person.Expect, s.Assessment)
		})
		rows[person.Row] = true
	}
	for row := 1; row <= demo.RowsMax; row++ {
		require.True(t, rows[row], "row %d", row)
	}

	t.Run("renewals", func(t *testing.T) { renewals(t, auditor) })
	t.Run("printed commands", func(t *testing.T) { printedCommands(t, p, tokens) })
	online := explanations(t, auditor, registrations)
	p.stop(t)
	require.DirExists(t, data, "a directory that was named stays")
	t.Run("explained without a server", func(t *testing.T) { explainedOffline(t, data, registrations, online) })

	again := start(t, "demo", "--data", data, "--listen", "127.0.0.1:0", "--json")
	again.stop(t)
}

// renewals compares where the people of the second programme stand with what the
// demo says that they show.
func renewals(t *testing.T, c *client) {
	holders, err := demo.Renewals()
	require.NoError(t, err)
	ids := registrationsInOrder(t, c, demo.RenewalsProgramme)
	require.Len(t, ids, len(holders))
	statuses := map[string]bool{}
	for i, h := range holders {
		var s state
		_, err := c.call(t.Context(), http.MethodGet, "/v1/registrations/"+ids[i], nil, &s)
		require.NoError(t, err)
		require.Equal(t, h.Status, s.Assessment.Status, h.Name)
		statuses[h.Status] = true
	}
	require.Equal(t, map[string]bool{domain.StatusActive: true, "grace": true, "lapsed": true}, statuses)
}

// registrationsInOrder are the registrations of a programme as they were recorded.
func registrationsInOrder(t *testing.T, c *client, programme string) []string {
	t.Helper()
	var buffer bytes.Buffer
	require.NoError(t, c.export(t.Context(), 0, &buffer))
	var out []string
	sequence := uint64(0)
	for line := range bytes.Lines(buffer.Bytes()) {
		sequence++
		e, err := domain.Decode(sequence, bytes.TrimSuffix(line, []byte("\n")))
		require.NoError(t, err)
		if r, ok := e.Event.(*domain.RegistrationSubmitted); ok && r.Programme == programme {
			out = append(out, e.Subject.ID())
		}
	}
	return out
}

func explanations(t *testing.T, c *client, registrations []string) []domain.Explanation {
	t.Helper()
	out := make([]domain.Explanation, len(registrations))
	for i, id := range registrations {
		_, err := c.call(t.Context(), http.MethodGet, "/v1/registrations/"+id+"/explanation", nil, &out[i])
		require.NoError(t, err)
	}
	return out
}

// explainedOffline compares what a server explains with what the stopped
// server's directory explains.
func explainedOffline(t *testing.T, data string, registrations []string, online []domain.Explanation) {
	a := &app{streams: streams{err: io.Discard}}
	require.NoError(t, a.offline(t.Context(), data, func(_ context.Context, n *node) error {
		for i, id := range registrations {
			x, err := n.explain(id, asOf{})
			require.NoError(t, err)
			raw, err := json.Marshal(x)
			require.NoError(t, err)
			var offline domain.Explanation
			require.NoError(t, json.Unmarshal(raw, &offline))
			offline.Assessment.At = online[i].Assessment.At // each as of now
			require.Equal(t, online[i], offline, id)
		}
		return nil
	}))
}

func expect(t *testing.T, want demo.Expect, got domain.Assessment) {
	t.Helper()
	require.Len(t, got.Awards, 1)
	a := got.Awards[0]
	if want.Earned != "" {
		require.Equal(t, want.Earned, a.Earned, "earned")
	}
	if want.Status != domain.StateWithdrawn {
		require.Equal(t, want.Granted, a.Granted, "granted")
	}
	if want.Status != "" {
		require.Equal(t, want.Status, got.Status, "status")
	}
	require.Subset(t, got.Flags, want.Flags, "flags")
	for _, f := range want.NotFlags {
		require.NotContains(t, got.Flags, f)
	}
	require.Subset(t, a.Binding, want.Binding, "what binds")
	if len(want.Provisional) > 0 {
		require.Equal(t, want.Provisional, a.Provisional)
	} else if want.Status == "" {
		require.Empty(t, a.Provisional)
	}
	if want.Counted != nil {
		i := slices.IndexFunc(got.Measures, func(m domain.Total) bool { return m.Measure == "practicum-hours" })
		require.GreaterOrEqual(t, i, 0, "the practicum is measured")
		require.EqualValues(t, *want.Counted, got.Measures[i].Amount, "minutes counted")
	}
}

// printedCommands runs what the demo prints, in a shell, in the project's folder.
func printedCommands(t *testing.T, p *process, tokens map[string]string) {
	var registration, cohort string
	require.NoError(t, json.Unmarshal(p.ready["registration"], &registration))
	require.NoError(t, json.Unmarshal(p.ready["cohort"], &cohort))
	story, err := demo.Read()
	require.NoError(t, err)
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	t.Chdir(root)
	d := &demonstration{story: story, program: binary(t)}
	require.NoError(t, json.Unmarshal(p.ready["decision"], &d.decision))
	x := &participant{registration: registration, Person: story.People[slices.IndexFunc(story.People, func(x demo.Person) bool { return x.Row == shownRow })]}
	commands := d.commands(p.url, &player{story: story, tokens: tokens, cohort: cohort, people: []*participant{x}})
	wants := []string{"mandatory", `"items"`, `"sessions"`, `"specversion":"1.0"`, " passed, 0 failed", `"lapsed"`, "names nobody"}
	if exists(filepath.Join(filepath.Dir(d.program), "certverify")) {
		wants = append(wants, "identical")
	}
	require.Len(t, commands, len(wants))
	for i, want := range wants {
		shell := exec.CommandContext(context.Background(), "sh", "-c", commands[i].line)
		shell.Env = os.Environ()
		out, err := shell.CombinedOutput()
		if _, missing := exec.LookPath("curl"); missing != nil && bytes.HasPrefix([]byte(commands[i].line), []byte("curl")) {
			t.Logf("curl is not installed, so this is not run: %s", commands[i].says)
			continue
		}
		require.NoError(t, err, "%s\n%s", commands[i].line, out)
		require.Contains(t, string(out), want, commands[i].says)
	}
}
