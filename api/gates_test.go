package api

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// What takes long is bounded, each kind by itself, and a place that is left is
// free again.
func TestSoManyAtOnceAndNoMore(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	decision := o.decided("sam").text("created", "decision")
	audit := o.post("auditor", "/v1/audits", map[string]any{"size": 1}).want(http.StatusCreated).text("created", "audit")
	calls := map[string]struct {
		most int
		call func() answer
		ok   int
	}{
		"rehearse": {rehearsalsAtOnce, func() answer {
			return o.post("certifier", "/v1/rehearsals", map[string]any{"programme": peer, "version": 1})
		}, http.StatusOK},
		"report-programme":     {reportsAtOnce, func() answer { return o.get("auditor", "/v1/programmes/"+peer+"/report") }, http.StatusOK},
		"draw-audit":           {auditsAtOnce, func() answer { return o.post("auditor", "/v1/audits", map[string]any{"size": 1}) }, http.StatusCreated},
		"get-audit":            {auditsAtOnce, func() answer { return o.get("auditor", "/v1/audits/"+audit) }, http.StatusOK},
		"get-decision-dossier": {dossiersAtOnce, func() answer { return o.get("auditor", "/v1/decisions/"+decision+"/dossier") }, http.StatusOK},
		"get-person-dossier":   {dossiersAtOnce, func() answer { return o.get("auditor", "/v1/persons/"+o.ids["sam-person"]+"/dossier") }, http.StatusOK},
		"export-ledger":        {exportsAtOnce, func() answer { return o.get("auditor", "/v1/ledger/export") }, http.StatusOK},
	}
	ids := map[string]bool{}
	for _, op := range o.server.operations {
		ids[op.id] = true
	}
	require.Len(t, calls, len(o.server.gates))
	for id, x := range calls {
		t.Run(id, func(t *testing.T) {
			require.True(t, ids[id], "an operation that there is")
			var leave []func()
			for range x.most {
				left, err := o.server.gates.enter(id)
				require.NoError(t, err)
				leave = append(leave, left)
			}
			full := x.call().problem(http.StatusServiceUnavailable, "too-many-at-once")
			require.Equal(t, "5", full.header.Get("Retry-After"))
			require.Empty(t, o.get("certifier", "/v1/reviews").want(http.StatusOK).list("items"), "the rest goes on")
			leave[0]()
			for range x.most + 1 { // each leaves its place again
				x.call().want(x.ok)
			}
			for _, left := range leave[1:] {
				left()
			}
		})
	}
	o.post("registrar", "/v1/rehearsals", map[string]any{}).problem(http.StatusForbidden, "not-allowed")
}
