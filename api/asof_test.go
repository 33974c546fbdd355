package api

import (
	"fmt"
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
	o.get("auditor", sam+"/difference?from_known_at=60&to_effective_at="+stamp(spring(3))+"&from_effective_at="+stamp(spring(4))).
		problem(http.StatusUnprocessableEntity, "invalid-request")
	o.get("auditor", sam+"/difference?from_known_at=60&to_effective_at="+stamp(spring(3))+"&from_effective_at="+stamp(spring(3))).want(http.StatusOK)
	o.get("auditor", sam+"/difference?from_known_at=60&to_known_at="+granted).problem(http.StatusUnprocessableEntity, "invalid-request")
}

// The two notations of one instant, which lies on different days.
func notations(at time.Time) (utc, local string) {
	return stamp(at.UTC()), stamp(at.In(time.FixedZone("", -4*3600)))
}

func TestOneInstantHasOneAnswer(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	granted := o.decided("sam").header.Get("Ledger-Position")
	sam := "/v1/registrations/" + o.ids["sam"]
	utc, local := notations(time.Date(2026, 5, 1, 22, 0, 0, 0, toronto))
	require.NotEqual(t, utc[:10], local[:10])
	for _, path := range []string{
		sam + "?", sam + "/explanation?", cohortPath + "/roster?", cohortPath + "/grid?", "/v1/persons/" + o.ids["sam-person"] + "?",
		sam + "/difference?from_known_at=" + granted + "&from_effective_at=" + utc + "&to_", sam + "/difference?from_known_at=" + granted + "&from_",
	} {
		a := o.get("auditor", path+"effective_at="+utc).want(http.StatusOK)
		require.Equal(t, a.raw, o.get("auditor", path+"effective_at="+local).want(http.StatusOK).raw, path)
	}
	require.Equal(t, "2026-05-01T22:00:00-04:00", o.get("auditor", sam+"?effective_at="+utc).at("assessment", "at"))
}

func TestEffectiveBeforeItHappened(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	o.decided("sam")
	decided := o.clock()
	sam, person := "/v1/registrations/"+o.ids["sam"], "/v1/persons/"+o.ids["sam-person"]
	o.at(decided.AddDate(0, 0, 7))
	o.post("registrar", person+"/corrections", map[string]any{"fields": map[string]string{"email": "sam@example.org"}}).want(http.StatusOK)

	before := "?effective_at=" + stamp(decided.Add(-time.Second))
	x := o.get("auditor", sam+"/explanation"+before).want(http.StatusOK)
	require.Empty(t, x.list("decisions"), "not taken yet")
	require.NotContains(t, x.raw, "decision.recorded")
	require.Empty(t, o.get("auditor", sam+before).want(http.StatusOK).list("standing", "decisions"))
	require.Empty(t, o.get("auditor", person+before).want(http.StatusOK).list("corrections"))
	require.Len(t, o.get("auditor", sam+"/explanation?effective_at="+stamp(decided)).want(http.StatusOK).list("decisions"), 1)
	require.Len(t, o.get("auditor", person).want(http.StatusOK).list("corrections"), 1)

	submitted, err := time.Parse(time.RFC3339, o.get("auditor", sam).text("standing", "submitted", "time"))
	require.NoError(t, err)
	earlier := "?effective_at=" + stamp(submitted.Add(-time.Second))
	require.Nil(t, o.rosterRow("sam", earlier))
	require.Empty(t, o.get("auditor", cohortPath+"/grid"+earlier).want(http.StatusOK).list("rows"))
	o.get("auditor", sam+earlier).problem(http.StatusNotFound, "no-such-registration")
	o.get("auditor", sam+"/explanation"+earlier).problem(http.StatusNotFound, "no-such-registration")
	o.get("auditor", person+earlier).problem(http.StatusNotFound, "no-such-person")
	require.NotNil(t, o.rosterRow("sam", "?effective_at="+stamp(submitted)))
}

func TestEffectiveBeforeATransferAndANoShow(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	o.post("registrar", "/v1/cohorts", map[string]any{"cohort": "autumn", "code": "autumn-2026", "programme": peer}).want(http.StatusCreated)
	sam := o.register("sam")
	registered := "?effective_at=" + stamp(o.clock())
	o.at(o.clock().AddDate(0, 0, 7))
	o.post("registrar", sam+"/transfer", map[string]any{"cohort": "autumn", "reason": "work"}).want(http.StatusOK)
	for n := 1; n <= 2; n++ {
		o.post("registrar", "/v1/cohorts/autumn/sessions", map[string]any{
			"session": fmt.Sprint(n), "module": fmt.Sprint(n), "starts": spring(n), "ends": spring(n).Add(2 * time.Hour),
		}).want(http.StatusCreated)
	}
	o.at(spring(2))
	o.post("registrar", sam+"/no-show", map[string]any{}).want(http.StatusOK)

	row := o.rosterRow("sam", registered)
	require.Equal(t, "spring", row["cohort"])
	require.Equal(t, "registered", row["state"])
	require.Equal(t, "registered", row["status"])
	grid := o.get("auditor", cohortPath+"/grid"+registered).want(http.StatusOK).list("rows")
	require.Len(t, grid, 1)
	require.Equal(t, "registered", grid[0].(map[string]any)["state"])
	then := o.get("auditor", sam+registered).want(http.StatusOK)
	require.Equal(t, "spring", then.text("standing", "cohort"))
	require.Equal(t, "registered", then.text("standing", "state"))
	now := o.get("auditor", sam).want(http.StatusOK)
	require.Equal(t, "autumn", now.text("standing", "cohort"))
	require.Equal(t, "no-show", now.text("standing", "state"))
	require.Nil(t, o.rosterRow("sam", ""))
}

// What had not happened by then is not in what is shown of then.
func TestTheStandingOfThenHasNothingOfLater(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	o.decided("sam")
	sam := "/v1/registrations/" + o.ids["sam"]
	o.at(o.clock().AddDate(0, 0, 7))
	o.post("registrar", sam+"/corrections", map[string]any{"session": "2", "status": "absent", "reason": "data-entry"}).want(http.StatusOK)
	then := "?effective_at=" + stamp(spring(3).Add(-time.Hour))
	a := o.get("auditor", sam+then).want(http.StatusOK)
	var told []any
	for i := range a.list("standing", "marks") {
		m := a.row(i, "standing", "marks")
		told = append(told, []any{m.at("session"), m.at("status")})
	}
	require.Equal(t, []any{[]any{"1", "present"}, []any{"2", "present"}, []any{"2", "absent"}}, told, "and a later word on what had been held")
	require.Empty(t, a.list("standing", "judgements"))
	require.NotEmpty(t, o.get("auditor", sam).want(http.StatusOK).list("standing", "judgements"))
	require.Equal(t, o.get("auditor", sam).header.Get("ETag"), a.header.Get("ETag"))

	o.openAutumn()
	grid := o.get("auditor", "/v1/cohorts/autumn/grid?effective_at="+stamp(o.clock().AddDate(0, 0, -1))).want(http.StatusOK)
	require.Equal(t, "2026-09-01T18:00:00-04:00", grid.row(0, "sessions").at("starts"))
	grid = o.get("auditor", "/v1/cohorts/autumn/grid").want(http.StatusOK)
	require.Equal(t, "2026-09-08T18:00:00-04:00", grid.row(0, "sessions").at("starts"))
}

// openAutumn opens a cohort with a class that is moved a day later.
func (o *office) openAutumn() {
	o.t.Helper()
	starts := time.Date(2026, 9, 1, 18, 0, 0, 0, toronto)
	at := func(t time.Time) map[string]any { return map[string]any{"starts": t, "ends": t.Add(2 * time.Hour)} }
	o.post("registrar", "/v1/cohorts", map[string]any{"cohort": "autumn", "code": "autumn-2026", "programme": peer}).want(http.StatusCreated)
	class := at(starts)
	class["session"], class["module"] = "1", "1"
	o.post("registrar", "/v1/cohorts/autumn/sessions", class).want(http.StatusCreated)
	o.at(o.clock().AddDate(0, 0, 2))
	o.post("registrar", "/v1/cohorts/autumn/sessions/1/reschedule", at(starts.AddDate(0, 0, 7))).want(http.StatusOK)
}
