package api

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore/proof"
)

// verified verifies a dossier as somebody does who has the log's key alone.
func (o *office) verified(raw string) *proof.Report {
	o.t.Helper()
	files, err := proof.ReadDossierZip(bytes.NewReader([]byte(raw)), int64(len(raw)))
	require.NoError(o.t, err)
	policy, err := proof.NewPolicy(proof.Trust{LogKeys: []string{strings.TrimSpace(o.fetch("/log-key", http.StatusOK))}})
	require.NoError(o.t, err)
	report, err := proof.VerifyDossier(files, policy)
	require.NoError(o.t, err)
	return report
}

func TestADossierIsVerifiedWithoutTheServer(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	decision := o.decided("sam").text("created", "decision")
	a := o.get("auditor", "/v1/decisions/"+decision+"/dossier").want(http.StatusOK)
	require.Equal(t, "application/zip", a.header.Get("Content-Type"))
	report := o.verified(a.raw)
	require.Len(t, report.Decisions, 1)
	require.Equal(t, decision, report.Decisions[0].Decision)

	o.token("sam", domain.PersonActor(o.ids["sam-person"]), domain.RoleParticipant)
	person := "/v1/persons/" + o.ids["sam-person"] + "/dossier"
	require.Len(t, o.verified(o.get("sam", person).want(http.StatusOK).raw).Decisions, 1, "their own")
	o.register("ida")
	o.get("sam", "/v1/persons/"+o.ids["ida-person"]+"/dossier").problem(http.StatusForbidden, "not-yours")
	o.get("auditor", "/v1/persons/"+o.ids["ida-person"]+"/dossier").problem(http.StatusConflict, "nothing-decided")
	o.get("auditor", "/v1/persons/0000/dossier").problem(http.StatusNotFound, "no-such-person")
	o.get("auditor", "/v1/decisions/none/dossier").problem(http.StatusNotFound, "no-such-decision")
	o.get("trainer", "/v1/decisions/"+decision+"/dossier").problem(http.StatusForbidden, "not-allowed")
	require.False(t, strings.Contains(strings.ToLower(a.raw), "canary"), "what is personal is sealed")
}
