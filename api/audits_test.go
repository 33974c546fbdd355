package api

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestASampleIsDrawnBySeedAndDerivedAgain(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	o.post("auditor", "/v1/audits", map[string]any{"size": 3}).problem(http.StatusConflict, "nothing-to-draw")
	var ids []string
	for i := range 7 {
		ids = append(ids, o.decided(fmt.Sprintf("p%d", i)).text("created", "decision"))
	}
	o.settle()
	a := o.post("auditor", "/v1/audits", map[string]any{"size": 3, "seed": "dice-4-2"}, "Idempotency-Key", "audit-1").want(http.StatusCreated)
	slices.SortFunc(ids, func(x, y string) int {
		place := func(id string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte("dice-4-2\x00"+id))) }
		return strings.Compare(place(x), place(y))
	})
	drawn := func(a answer, path ...string) []string {
		var out []string
		for _, d := range a.list(append(path, "decisions")...) {
			d := d.(map[string]any)
			require.Equal(t, "identical", d["result"], a.raw)
			out = append(out, d["decision"].(string))
		}
		return out
	}
	require.Equal(t, ids[:3], drawn(a, "report"))
	require.EqualValues(t, 3, a.at("report", "identical"))
	require.EqualValues(t, 7, a.at("report", "population", "decisions"))

	again := o.post("auditor", "/v1/audits", map[string]any{"size": 3, "seed": "dice-4-2"}, "Idempotency-Key", "audit-1").want(http.StatusCreated)
	require.Equal(t, true, again.at("repeated"))
	require.Equal(t, a.at("report"), again.at("report"))
	o.decided("late")
	got := o.get("certifier", "/v1/audits/"+a.text("created", "audit")).want(http.StatusOK)
	require.Equal(t, true, got.at("same"), "what came later changes nothing: "+got.raw)
	require.Equal(t, ids[:3], drawn(got, "report"))
	require.Len(t, o.get("auditor", "/v1/audits").want(http.StatusOK).list("items"), 1)

	whole := o.post("auditor", "/v1/audits", map[string]any{"size": 5000, "programme": peer}).want(http.StatusCreated)
	require.Len(t, drawn(whole, "report"), 8)
	require.NotEmpty(t, whole.text("report", "seed"), "one was drawn")
	o.post("auditor", "/v1/audits", map[string]any{"size": 5, "programme": "another"}).problem(http.StatusConflict, "nothing-to-draw")
	o.post("auditor", "/v1/audits", map[string]any{"size": 5, "until": 100000}).problem(http.StatusUnprocessableEntity, "invalid-request")
	o.post("auditor", "/v1/audits", map[string]any{"size": 0}).problem(http.StatusUnprocessableEntity, "invalid-request")
	o.post("auditor", "/v1/audits", map[string]any{"size": 1, "seed": "Not A Seed"}).problem(http.StatusUnprocessableEntity, "invalid-request")
	o.post("registrar", "/v1/audits", map[string]any{"size": 1}).problem(http.StatusForbidden, "not-allowed")
	o.get("auditor", "/v1/audits/none").problem(http.StatusNotFound, "no-such-audit")
}

func TestADecisionIsDerivedAgain(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	id := o.decided("sam").text("created", "decision")
	a := o.get("auditor", "/v1/decisions/"+id+"/derivation").want(http.StatusOK)
	require.Equal(t, "identical", a.text("result"))
	o.get("auditor", "/v1/decisions/none/derivation").problem(http.StatusNotFound, "no-such-decision")
}
