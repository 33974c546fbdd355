package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

func (o *office) report(as, query string) (out domain.ProgrammeReport) {
	o.t.Helper()
	a := o.get(as, "/v1/programmes/"+peer+"/report"+query).want(http.StatusOK)
	require.NoError(o.t, json.Unmarshal([]byte(a.raw), &out))
	return out
}

func TestTheReportOfAProgramme(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	require.Empty(t, o.report("author", "").Groups, "nobody is registered yet")
	var paths []string
	for n := range domain.ReportedGroupMin {
		paths = append(paths, o.register(fmt.Sprint("p", n)))
	}
	for n := 1; n <= 17; n++ {
		o.at(spring(n).Add(3 * time.Hour))
		status := domain.Present
		if n == 3 || n == 11 || n == 14 {
			status = domain.Absent
		}
		o.post("trainer", cohortPath+"/sessions/"+fmt.Sprint(n)+"/attendance", map[string]any{"lines": []map[string]any{
			{"registration": o.ids["p0"], "status": domain.Present}, {"registration": o.ids["p1"], "status": status},
		}}).want(http.StatusOK)
	}
	o.post("registrar", paths[2]+"/withdrawal", map[string]any{"reason": "moved-away"}).want(http.StatusOK)
	o.recommend(paths[0])
	o.post("certifier", paths[0]+"/decisions", map[string]any{"act": "grant", "level": "level-1r"}).want(http.StatusCreated)
	head := o.settle()

	report := o.report("auditor", "")
	require.Equal(t, peer, report.Programme)
	require.Equal(t, 2, report.Version)
	require.Len(t, report.Groups, 1)
	g := report.Groups[0]
	require.Equal(t, []any{"spring", 5, 1, 0}, []any{g.Name, g.Registrations, g.Withdrawn, g.NoShow})
	require.Equal(t, domain.Attendance{Held: 17, Attended: 31, Missed: 3, Open: 34}, *g.Attendance, "two were not marked, and one withdrew")
	levels := map[string]domain.LevelCount{}
	for _, l := range g.Awards[0].Levels {
		levels[l.Level] = l
	}
	require.Equal(t, 1, levels["level-1r"].Granted)
	require.Nil(t, levels["level-1r"].DaysMedian, "one person's days are that person's")
	var missed domain.HeldBy
	for _, r := range g.Reasons {
		if r.Requirement == "missed-sessions" {
			missed = r
		}
	}
	require.Equal(t, 1, missed.Registrations)
	require.NotEmpty(t, missed.Says)
	require.Equal(t, head, o.settle(), "nothing is recorded")

	o.post("registrar", "/v1/cohorts", map[string]any{"cohort": "empty", "code": "empty", "programme": peer}).want(http.StatusCreated)
	require.Empty(t, o.report("certifier", "?cohort=empty").Groups)
	require.Len(t, o.report("administrator", "?cohort=spring&from=2026-04-20&until=2026-04-20").Groups, 1)
	require.Empty(t, o.report("administrator", "?from=2026-04-21").Groups)

	raw := o.get("author", "/v1/programmes/"+peer+"/report").want(http.StatusOK).raw
	for name, id := range o.ids {
		require.NotContains(t, raw, id, name)
	}
	require.NotContains(t, strings.ToLower(raw), "canary")
}

func TestReportsThatCannotBeMade(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	path := "/v1/programmes/" + peer + "/report"
	for query, field := range map[string]string{"?from=soon": "query.from", "?until=2026-02-30": "query.until", "?from=2026-02-01&until=2026-01-01": "query.until"} {
		a := o.get("author", path+query).problem(http.StatusUnprocessableEntity, "invalid-request")
		require.Contains(t, a.raw, `"`+field+`"`)
		require.NotContains(t, a.raw, "soon")
	}
	o.get("author", path+"?cohort=nowhere").problem(http.StatusNotFound, "no-such-cohort")
	o.get("author", "/v1/programmes/nothing/report").problem(http.StatusNotFound, "no-such-programme")
	o.get("trainer", path).problem(http.StatusForbidden, "not-allowed")
}
