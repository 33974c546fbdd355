package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/api/rehearsal"
)

// rehearse reads a whole rehearsal.
func (o *office) rehearse(as string, ask map[string]any) (rows []rehearsal.Mover, counts rehearsal.Counts) {
	o.t.Helper()
	o.settle()
	a := o.post(as, "/v1/rehearsals", ask).want(http.StatusOK)
	require.Equal(o.t, "application/x-ndjson", a.header.Get("Content-Type"))
	ended := false
	for line := range strings.Lines(a.raw) {
		require.False(o.t, ended, "the counts are last")
		var l RehearsalLine
		require.NoError(o.t, json.Unmarshal([]byte(line), &l))
		if l.Change != nil {
			rows = append(rows, *l.Change)
		}
		if l.Counts != nil {
			counts, ended = *l.Counts, true
		}
	}
	require.True(o.t, ended)
	return rows, counts
}

// The earlier wording has no cap on missed classes: by the later one exactly
// those who missed three or more would stand elsewhere.
func TestRehearsingTheAttendanceCap(t *testing.T) {
	o := newOffice(t)
	earlier := strings.Replace(o.rules(peer+"-1"), ", until: 2025-12-31", "", 1)
	o.openSpringWith(earlier)
	missed := map[string][]int{"none": nil, "two": {3, 11}, "three": {3, 11, 14}, "five": {1, 2, 3, 11, 14}}
	paths := map[string]string{}
	for _, name := range []string{"none", "two", "three", "five"} {
		paths[name] = o.register(name)
	}
	for n := 1; n <= 17; n++ {
		o.at(spring(n).Add(3 * 3600 * 1e9))
		for _, name := range []string{"none", "two", "three", "five"} {
			status := "present"
			if slices.Contains(missed[name], n) {
				status = "absent"
			}
			o.post("trainer", paths[name]+"/attendance", map[string]any{"session": fmt.Sprint(n), "status": status}).want(http.StatusOK)
		}
	}
	for _, name := range []string{"none", "two", "three", "five"} {
		o.recommend(paths[name])
	}
	o.post("certifier", paths["three"]+"/decisions", map[string]any{"act": "grant", "level": "level-1r"}).want(http.StatusCreated)
	head := o.settle()
	rules := o.rules(peer)

	none, counts := o.rehearse("author", map[string]any{"rules": rules})
	require.Empty(t, none, "an author reads no registrations")
	require.Equal(t, 2, counts.Changed)
	rows, counts := o.rehearse("coordinator", map[string]any{"rules": rules})
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.Registration)
		require.Equal(t, 1, r.Version)
		require.Len(t, r.Moves, 1)
		m := r.Moves[0]
		require.Equal(t, []string{"certification", "level-1r", "incomplete"}, []string{m.Award, m.From, m.To})
		require.True(t, m.Lower)
		require.Len(t, m.Because, 1)
		require.True(t, m.Because[0].Rehearsed)
		require.NotEmpty(t, m.Because[0].Says)
		require.NotEmpty(t, m.Because[0].Evidence)
		require.Equal(t, r.Registration == o.ids["three"], m.Beyond, "granted, and above what the rules would support")
	}
	require.True(t, slices.IsSorted(ids))
	require.ElementsMatch(t, []string{o.ids["three"], o.ids["five"]}, ids)
	require.Equal(t, rehearsal.Counts{
		Registrations: 4, Changed: 2, Moves: []rehearsal.Tally{{Award: "certification", From: "level-1r", To: "incomplete", Count: 2}},
	}, counts)
	require.Equal(t, head, o.settle(), "nothing was recorded")

	rows, counts = o.rehearse("auditor", map[string]any{"rules": earlier})
	require.Empty(t, rows)
	require.Equal(t, 4, counts.Registrations)
	rows, _ = o.rehearse("certifier", map[string]any{"programme": peer, "version": 1, "cohort": "spring"})
	require.Empty(t, rows)
	rows, _ = o.rehearse("certifier", map[string]any{"rules": rules, "effective_at": spring(12).Format("2006-01-02T15:04:05Z07:00")})
	require.Len(t, rows, 1, "then only one had missed three")
	_, counts = o.rehearse("author", map[string]any{"rules": rules, "known_at": "5"})
	require.Zero(t, counts.Registrations, "nobody was registered yet")

	o.post("author", "/v1/rehearsals", map[string]any{"rules": "programme: x\n"}).problem(http.StatusUnprocessableEntity, "programme-invalid")
	for _, short := range []map[string]any{{}, {"programme": peer}, {"version": 1}, {"cohort": "spring"}} {
		asked := o.post("author", "/v1/rehearsals", short).problem(http.StatusUnprocessableEntity, "invalid-request")
		require.Contains(t, asked.raw, "either rules, as YAML, or a programme and its version")
	}
	o.post("author", "/v1/rehearsals", map[string]any{"programme": peer, "version": 9}).problem(http.StatusNotFound, "no-such-version")
	o.post("author", "/v1/rehearsals", map[string]any{"programme": peer, "version": 1, "rules": "x"}).problem(http.StatusUnprocessableEntity, "invalid-request")
	o.post("author", "/v1/rehearsals", map[string]any{"rules": rules, "cohort": "autumn"}).problem(http.StatusNotFound, "no-such-cohort")
	o.post("author", "/v1/rehearsals", map[string]any{"rules": rules, "effective_at": "soon"}).problem(http.StatusUnprocessableEntity, "invalid-request")
	o.post("trainer", "/v1/rehearsals", map[string]any{"rules": rules}).problem(http.StatusForbidden, "not-allowed")
}
