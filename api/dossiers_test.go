package api

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore/checkpoints"
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

// meanwhile is checkpoints before one of which something else is recorded.
type meanwhile struct {
	Checkpoints
	do func() uint64
}

func (m *meanwhile) Cover(ctx context.Context, sequence uint64) (checkpoints.Published, error) {
	if do := m.do; do != nil {
		m.do = nil
		sequence = do()
	}
	return m.Checkpoints.Cover(ctx, sequence)
}

// The log signs that these are all registrations of a person at the checkpoint, so
// they are, also where one came while the checkpoint was waited for.
func TestAPersonsDossierHasAllThatThereWasAtItsCheckpoint(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	o.openAutumn()
	o.decided("sam")
	person := o.ids["sam-person"]
	var later string
	o.server.cfg.Checkpoints = &meanwhile{o.server.cfg.Checkpoints, func() uint64 {
		later = o.post("registrar", "/v1/registrations", map[string]any{
			"person": person, "cohort": "autumn", "fields": form, "accepted": expectations,
		}).want(http.StatusCreated).text("created", "registration")
		return o.settle()
	}}
	report := o.get("auditor", "/v1/persons/"+person+"/dossier").want(http.StatusOK)
	o.verified(report.raw)
	files, err := proof.ReadDossierZip(strings.NewReader(report.raw), int64(len(report.raw)))
	require.NoError(t, err)
	i := slices.IndexFunc(files, func(f proof.File) bool { return f.Name == "dossier.json" })
	require.Contains(t, string(files[i].Content), `"subject":"registration/`+later+`"`)
}
