package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore/proof"
	"github.com/certledger/certledger/eventstore/vault"
)

// opening is an office in which sam was decided on, with words of all kinds.
type opening struct {
	*office
	decision, person string // paths of the dossiers
	id               string // of the decision
}

func newOpening(t *testing.T) opening {
	o := newOffice(t)
	o.openSpring()
	o.token("privacy", "staff/privacy", domain.RolePrivacyOfficer)
	o.token("appeals", "staff/appeals", domain.RoleAppealsPanel)
	o.token("both", "staff/both", domain.RoleCertifier, domain.RolePrivacyOfficer)
	sam := o.register("sam")
	o.token("sam", domain.PersonActor(o.ids["sam-person"]), domain.RoleParticipant)
	o.attend(sam)
	o.post("sam", sam+"/absences", map[string]any{"session": "3", "reason": "illness", "text": "Canary absence."})
	o.post("sam", sam+"/accommodations", map[string]any{"what": "Canary request."}).want(http.StatusOK)
	hours := map[string]any{"kind": "hours", "category": "one-to-one", "quantity": 30, "unit": "minute"}
	hours["narrative"] = "Canary story of sam."
	o.post("sam", sam+"/evidence", hours).want(http.StatusOK)
	hours["narrative"] = "Canary story about sam."
	o.post("trainer", sam+"/evidence", hours).want(http.StatusOK)
	o.recommend(sam)
	decided := o.post("certifier", sam+"/decisions", map[string]any{"act": "grant", "level": "level-1r", "reason": "canary-reason", "text": "Canary grounds."}).want(http.StatusCreated)
	o.post("registrar", sam+"/corrections", map[string]any{"session": "5", "status": "absent", "reason": "wrong-person", "text": "Canary afterthought."}).want(http.StatusOK)
	id := decided.text("created", "decision")
	return opening{o, "/v1/decisions/" + id + "/dossier", "/v1/persons/" + o.ids["sam-person"] + "/dossier", id}
}

// opened is what a dossier holds in the clear, and what it leaves closed.
func (o opening) opened(a answer) (out proof.Opening) {
	o.t.Helper()
	files, err := proof.ReadDossierZip(bytes.NewReader([]byte(a.raw)), int64(len(a.raw)))
	require.NoError(o.t, err)
	i := slices.IndexFunc(files, func(f proof.File) bool { return f.Name == "opened.json" })
	require.GreaterOrEqual(o.t, i, 0, "nothing was opened")
	require.NoError(o.t, json.Unmarshal(files[i].Content, &out))
	return out
}

// said is every value of a group that was opened, joined.
func said(o proof.Opening, groups ...domain.Group) string {
	var out []string
	for _, x := range o.Opened {
		if slices.Contains(groups, x.Group) {
			for _, v := range x.Fields {
				out = append(out, v)
			}
		}
	}
	slices.Sort(out)
	return strings.Join(out, "|")
}

// closedFor are the groups closed for a reason.
func closedFor(o proof.Opening, why string) []domain.Group {
	var out []domain.Group
	for _, x := range o.Closed {
		if x.Why == why {
			out = append(out, x.Group)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestADossierIsOpenedByRoleAndPurpose(t *testing.T) {
	o := newOpening(t)
	redacted := o.get("auditor", o.decision).want(http.StatusOK)
	require.Nil(t, o.verified(redacted.raw).Opening)

	audit := o.get("auditor", o.decision+"?purpose=audit").want(http.StatusOK)
	got := o.opened(audit)
	require.Contains(t, said(got, domain.GroupIdentity), "Samcanary")
	require.Contains(t, said(got, domain.GroupNarrative), "Canary grounds.")
	require.Contains(t, said(got, domain.GroupNarrative), "Samcanary listens well.")
	require.NotContains(t, said(got, domain.GroupNarrative), "afterthought", "the decision did not look at it")
	require.Empty(t, said(got, domain.GroupLivedExp, domain.GroupAccommodation))
	require.Subset(t, closedFor(got, proof.ClosedRole), []domain.Group{domain.GroupLivedExp, domain.GroupAccommodation})
	require.Equal(t, []domain.Group{domain.GroupContact, domain.GroupIdentity}, closedFor(got, proof.ClosedOthers), "the trainer's")
	report := o.verified(audit.raw).Opening
	require.Equal(t, "auditor audit", report.Role+" "+report.Purpose)
	require.Equal(t, len(got.Opened), report.Opened)

	panel := o.opened(o.get("appeals", o.decision+"?purpose=appeal").want(http.StatusOK))
	require.Equal(t, "Canary grounds.|Samcanary listens well.|canary-reason", said(panel, domain.GroupNarrative))
	require.Equal(t, "Canary story about sam.|Canary story of sam.", said(panel, domain.GroupPracticum))
	require.Empty(t, said(panel, domain.GroupIdentity, domain.GroupContact, domain.GroupLivedExp, domain.GroupAccommodation))

	own := o.opened(o.get("sam", o.person+"?purpose=data-subject-request").want(http.StatusOK))
	require.Equal(t, "both", said(own, domain.GroupLivedExp))
	require.Equal(t, "Canary story of sam.", said(own, domain.GroupPracticum), "not what others wrote, which may be about others")
	require.Contains(t, said(own, domain.GroupAccommodation), "Canary request.")
	require.Contains(t, said(own, domain.GroupNarrative), "Canary afterthought.")

	all := o.opened(o.get("privacy", o.person+"?purpose=data-subject-request").want(http.StatusOK))
	require.Empty(t, closedFor(all, proof.ClosedRole))
	require.Equal(t, "Canary story about sam.|Canary story of sam.", said(all, domain.GroupPracticum))
	require.NotContains(t, said(all, domain.Groups()...), "Trainer Canary", "somebody else's, whoever asks")
	some := o.opened(o.get("privacy", o.person+"?purpose=correction").want(http.StatusOK))
	require.Contains(t, said(some, domain.GroupContact), "canary@example.org")
	require.Empty(t, said(some, domain.GroupNarrative, domain.GroupLivedExp))
}

func TestWhoMayOpenNothing(t *testing.T) {
	o := newOpening(t)
	o.register("ida")
	before := o.settle()
	o.get("trainer", o.decision+"?purpose=appeal").problem(http.StatusForbidden, "not-allowed")
	o.get("administrator", o.decision).want(http.StatusOK)
	for _, x := range []struct{ as, path, purpose string }{
		{"administrator", o.decision, "audit"},
		{"coordinator", o.decision, "appeal"},
		{"certifier", o.decision, "audit"},
		{"certifier", o.person, "appeal"},
		{"auditor", o.person, "audit"},
		{"privacy", o.decision, "correction"},
		{"sam", o.person, "appeal"},
		{"both", o.person, "data-subject-request"},
	} {
		o.get(x.as, x.path+"?purpose="+x.purpose).problem(http.StatusForbidden, "purpose-not-yours")
	}
	o.get("sam", "/v1/persons/"+o.ids["ida-person"]+"/dossier?purpose=data-subject-request").problem(http.StatusForbidden, "not-yours")
	for _, words := range []string{strings.ToLower(canary), "Audit", "audit%20", ""} {
		a := o.get("auditor", o.decision+"?purpose="+words)
		if words == "" {
			require.Nil(t, o.verified(a.want(http.StatusOK).raw).Opening)
			continue
		}
		a.problem(http.StatusUnprocessableEntity, "invalid-request")
		require.NotContains(t, a.raw, strings.ToLower(canary))
	}
	require.Equal(t, before, o.settle(), "nothing was recorded, because nothing was read")
	// Another of the token's roles may.
	o.get("both", o.person+"?purpose=data-subject-request", "Certledger-Role", domain.RolePrivacyOfficer).want(http.StatusOK)
}

// The entry stands before the values do: it says who reads, why, whose and how
// many, and nothing of what they hold.
func TestAReadingIsRecordedBeforeAnythingIsOpened(t *testing.T) {
	o := newOpening(t)
	got := o.opened(o.get("appeals", o.decision+"?purpose=appeal").want(http.StatusOK))
	require.Equal(t, got.Access, o.settle())
	entry := o.get("auditor", "/v1/entries/"+itoa(int(got.Access))).want(http.StatusOK)
	require.Equal(t, "access.recorded.v1", entry.text("type"))
	require.Equal(t, "staff/appeals", entry.text("actor"))
	require.Equal(t, domain.RoleAppealsPanel, entry.text("actorrole"))
	require.Equal(t, string(domain.AccessSubject("staff/appeals", domain.DateOf(o.clock().UTC()))), entry.text("subject"))
	require.Equal(t, domain.ReadDecisionDossier, entry.text("data", "what"))
	require.Equal(t, o.id, entry.text("data", "id"))
	require.Equal(t, domain.PurposeAppeal, entry.text("data", "purpose"))
	whose := "person/" + o.ids["sam-person"]
	require.Equal(t, []any{
		map[string]any{"whose": whose, "group": "narrative", "count": 2.0},
		map[string]any{"whose": whose, "group": "practicum-narrative", "count": 2.0},
	}, entry.list("data", "values"))
	require.Len(t, got.Opened, 4)
	require.NotContains(t, strings.ToLower(entry.raw), "canary")

	again := o.opened(o.get("appeals", o.decision+"?purpose=appeal").want(http.StatusOK))
	require.Greater(t, again.Access, got.Access, "each reading is one")
}

func TestWhereNothingCanBeRecordedNothingIsOpened(t *testing.T) {
	o := newOpening(t)
	o.get("auditor", o.decision+"?purpose=audit").want(http.StatusOK) // a checkpoint covers the decision
	before := o.settle()
	refused := func(status int, name string) {
		t.Helper()
		a := o.send(http.MethodGet, "auditor", o.decision+"?purpose=audit", "")
		a.problem(status, name)
		require.NotContains(t, strings.ToLower(a.raw), "canary")
	}
	o.at(o.clock().Add(-time.Hour))
	refused(http.StatusServiceUnavailable, "clock-behind")
	o.at(o.clock().Add(time.Hour))
	require.Equal(t, before, o.settle())
	require.NoError(t, o.log.Close())
	a := o.send(http.MethodGet, "auditor", o.decision, "").want(http.StatusOK)
	require.Nil(t, o.verified(a.raw).Opening, "what is sealed is still given")
	a = o.send(http.MethodGet, "auditor", o.decision+"?purpose=audit", "")
	require.GreaterOrEqual(t, a.status, http.StatusInternalServerError)
	require.NotContains(t, strings.ToLower(a.raw), "canary")
}

func TestWhatWasErasedIsCalledSo(t *testing.T) {
	o := newOpening(t)
	person := o.ids["sam-person"]
	fence := vault.Fence{Person: person, Group: string(domain.GroupContact), Generation: 1, Sequence: 1}
	require.NoError(t, o.vault.Fence(fence))
	got := o.opened(o.get("privacy", o.person+"?purpose=data-subject-request").want(http.StatusOK))
	require.Equal(t, []domain.Group{domain.GroupContact}, closedFor(got, proof.ClosedErased))
	require.Contains(t, said(got, domain.GroupIdentity), "Samcanary")

	require.NoError(t, o.vault.Fence(vault.Fence{Person: person, Sequence: 2}))
	a := o.get("privacy", o.person+"?purpose=data-subject-request").want(http.StatusOK)
	got = o.opened(a)
	require.Empty(t, got.Opened)
	require.Contains(t, closedFor(got, proof.ClosedErased), domain.GroupLivedExp)
	entry := o.get("auditor", "/v1/entries/"+itoa(int(got.Access))).want(http.StatusOK)
	require.Nil(t, entry.at("data", "values"), "nothing was there to be opened")
	require.Len(t, o.verified(a.raw).Decisions, 1, "a dossier of an erased person still verifies")
}

func TestNothingOpenedIsLoggedOrCounted(t *testing.T) {
	o := newOpening(t)
	for _, path := range []string{o.person, o.decision} {
		o.get("privacy", path+"?purpose=data-subject-request").want(http.StatusOK)
	}
	require.NoError(t, o.vault.Close())
	a := o.get("privacy", o.person+"?purpose=data-subject-request").problem(http.StatusInternalServerError, "internal")
	metrics := o.send(http.MethodGet, "", "/metrics", "").want(http.StatusOK)
	export := o.get("auditor", "/v1/ledger/export").want(http.StatusOK)
	for where, text := range map[string]string{"the log": o.lines.String(), "the metrics": metrics.raw, "the ledger": export.raw, "a problem": a.raw} {
		require.NotContains(t, strings.ToLower(text), "canary", where)
	}
	require.NotContains(t, o.lines.String(), "data-subject-request", "nor why")
}
