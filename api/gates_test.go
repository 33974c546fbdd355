package api

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
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
			for n := range x.most {
				left, err := o.server.gates.enter(id, domain.Actor("staff/other-"+itoa(n)))
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

// Who reads slowly, again and again, keeps only half of the places from others.
func TestNobodyHoldsAllPlaces(t *testing.T) {
	g := newGates()
	const id = "get-person-dossier"
	var leave []func()
	for range dossiersAtOnce / 2 {
		left, err := g.enter(id, "person/slow")
		require.NoError(t, err)
		leave = append(leave, left)
	}
	_, err := g.enter("get-decision-dossier", "person/slow")
	require.Error(t, err, "the same places")
	_, err = g.enter("rehearse", "person/slow")
	require.NoError(t, err, "other places")
	for n := range dossiersAtOnce / 2 {
		_, err := g.enter(id, domain.Actor("staff/other-"+itoa(n)))
		require.NoError(t, err)
	}
	_, err = g.enter(id, "staff/late")
	require.Error(t, err, "all are taken")
	leave[0]()
	_, err = g.enter(id, "staff/late")
	require.NoError(t, err)
	for _, left := range leave[1:] {
		left()
	}
	_, err = g.enter(id, "person/slow")
	require.NoError(t, err)
}
