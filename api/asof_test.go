package api

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func stamp(t time.Time) string { return url.QueryEscape(t.Format(time.RFC3339)) }

// rosterRow is what a roster says of somebody; nil where they are not in it.
func (o *office) rosterRow(name, query string) map[string]any {
	o.t.Helper()
	for _, r := range o.get("auditor", cohortPath+"/roster"+query).want(http.StatusOK).list("items") {
		if row := r.(map[string]any); row["registration"] == o.ids[name] {
			return row
		}
	}
	return nil
}

func earned(row map[string]any) any { return row["awards"].([]any)[0].(map[string]any)["earned"] }

func TestAsOfOnTwoAxes(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	empty := o.get("auditor", "/v1/programmes").header.Get("Ledger-Position")
	granted := o.decided("sam").header.Get("Ledger-Position")
	late := o.clock().AddDate(0, 0, 7)
	o.at(late)
	sam := "/v1/registrations/" + o.ids["sam"]
	person := "/v1/persons/" + o.ids["sam-person"]
	corrected := o.post("registrar", sam+"/corrections", map[string]any{"session": "8", "status": "absent", "reason": "data-entry"}).want(http.StatusOK).header.Get("Ledger-Position")

	require.Nil(t, o.rosterRow("sam", "?known_at="+empty), "nobody was registered then")
	require.Equal(t, "level-1r", earned(o.rosterRow("sam", "?known_at="+granted)))
	require.Equal(t, "level-1", earned(o.rosterRow("sam", "?known_at="+corrected)))
	require.Equal(t, "level-1", earned(o.rosterRow("sam", "")))
	require.Equal(t, "in-progress", earned(o.rosterRow("sam", "?effective_at="+stamp(spring(3)))), "what is known now, about then")
	grid := o.get("auditor", cohortPath+"/grid?known_at="+granted).want(http.StatusOK).list("rows")[0].(map[string]any)
	require.Equal(t, "attended", grid["classes"].([]any)[7].(map[string]any)["result"])
	grid = o.get("auditor", cohortPath+"/grid").want(http.StatusOK).list("rows")[0].(map[string]any)
	require.Equal(t, "missed", grid["classes"].([]any)[7].(map[string]any)["result"])

	held := func(query string) any {
		return o.get("auditor", person+query).want(http.StatusOK).list("highest")[0].(map[string]any)["level"]
	}
	require.Equal(t, "level-1r", held(""), "the decision stands until somebody decides anew")
	require.Equal(t, "level-1r", held("?known_at="+granted))
	require.Empty(t, o.get("auditor", person+"?effective_at="+stamp(spring(3))).want(http.StatusOK).list("highest"), "nothing was decided yet")
	o.get("auditor", person+"?known_at="+empty).problem(http.StatusNotFound, "no-such-person")

	for _, path := range []string{sam, sam + "/explanation", cohortPath + "/roster", cohortPath + "/grid", person} {
		for _, query := range []string{
			"?known_at=0", "?known_at=99999", "?known_at=2001-01-01T00:00:00Z", "?known_at=" + stamp(late.AddDate(1, 0, 0)),
			"?effective_at=" + stamp(late.AddDate(1, 0, 0)), "?effective_at=0001-01-01T00:00:00Z",
		} {
			o.get("auditor", path+query).problem(http.StatusUnprocessableEntity, "as-of-out-of-range")
		}
		o.get("auditor", path+"?effective_at=soon").problem(http.StatusUnprocessableEntity, "invalid-request")
	}
	o.get("auditor", cohortPath+"/roster?known_at=3").problem(http.StatusNotFound, "no-such-cohort")
}

func TestTheDifferenceBetweenTwoPoints(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	granted := o.decided("sam").header.Get("Ledger-Position")
	o.at(o.clock().AddDate(0, 0, 7))
	sam := "/v1/registrations/" + o.ids["sam"]
	none := o.get("auditor", sam+"/difference?from_known_at="+granted).want(http.StatusOK)
	require.Empty(t, none.list("entries"))
	require.Nil(t, none.at("changes", "awards"))

	o.decided("ida") // somebody else
	o.post("registrar", sam+"/corrections", map[string]any{"session": "8", "status": "absent", "reason": "data-entry"}).want(http.StatusOK)
	a := o.get("auditor", sam+"/difference?from_known_at="+granted).want(http.StatusOK)
	require.Len(t, a.list("entries"), 1, "what concerns others is left out")
	entry := a.list("entries")[0].(map[string]any)
	require.Equal(t, "own", entry["why"])
	require.Equal(t, "attendance.corrected.v1", entry["entry"].(map[string]any)["type"])
	award := a.list("changes", "awards")[0].(map[string]any)
	require.Equal(t, "level-1r", award["before"].(map[string]any)["earned"])
	require.Equal(t, "level-1", award["after"].(map[string]any)["earned"])
	require.NotEmpty(t, a.list("changes", "results"))

	begun := o.get("auditor", sam+"/difference?from_known_at=2&to_known_at="+granted).want(http.StatusOK)
	require.Nil(t, begun.list("changes", "awards")[0].(map[string]any)["before"], "it did not exist")
	o.get("auditor", sam+"/difference").problem(http.StatusUnprocessableEntity, "invalid-request")
	o.get("auditor", sam+"/difference?from_known_at="+granted+"&to_known_at=10").problem(http.StatusNotFound, "no-such-registration")
	o.get("auditor", sam+"/difference?from_known_at=99999").problem(http.StatusUnprocessableEntity, "as-of-out-of-range")
	o.get("auditor", sam+"/difference?from_known_at=60&to_known_at="+granted).problem(http.StatusUnprocessableEntity, "invalid-request")
}
