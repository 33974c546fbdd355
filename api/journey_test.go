package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

func TestRegisterMarkAndReadTheStanding(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	sam := o.register("sam")
	o.at(spring(1).Add(3 * time.Hour))
	a := o.post("trainer", sam+"/attendance", map[string]any{"session": "1", "status": "late", "minutes": 95}).want(http.StatusOK)
	require.Equal(t, `"2"`, a.header.Get("ETag"))
	require.Equal(t, "attendance.marked.v1", a.list("entries")[0].(map[string]any)["type"])

	got := o.get("trainer", sam+"?min_position="+a.header.Get("Ledger-Position")).want(http.StatusOK)
	require.EqualValues(t, 2, got.at("standing", "version"))
	require.Len(t, got.list("standing", "marks"), 1)
	require.Equal(t, "in-progress", got.award("earned"))
}

// award is a field of the first award of an assessment.
func (a answer) award(field string) any {
	a.t.Helper()
	awards := a.list("assessment", "awards")
	require.NotEmpty(a.t, awards, a.raw)
	return awards[0].(map[string]any)[field]
}

// attend marks somebody in all classes, missing some.
func (o *office) attend(path string, missed ...int) {
	o.t.Helper()
	for n := 1; n <= 17; n++ {
		status := domain.Present
		for _, m := range missed {
			if m == n {
				status = domain.Absent
			}
		}
		o.at(spring(n).Add(3 * time.Hour))
		o.post("trainer", path+"/attendance", map[string]any{"session": fmt.Sprint(n), "status": status}).want(http.StatusOK)
	}
}

// recommend lets the trainers recommend a practicum.
func (o *office) recommend(path string) {
	o.t.Helper()
	o.at(spring(17).AddDate(0, 0, 2))
	o.post("trainer", path+"/judgements", map[string]any{
		"question": "evaluation", "answer": "level-1r", "narrative": "Samcanary listens well.",
		"ratings": []map[string]string{{"item": "listening", "answer": "strong"}},
	}).want(http.StatusOK)
}

func TestFromRegistrationToCertified(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	sam := o.register("sam")
	o.post("registrar", sam+"/evidence", map[string]any{"kind": "payment", "quantity": 45000, "unit": "cent", "currency": "CAD"}).want(http.StatusOK)
	o.attend(sam, 3, 12)
	got := o.get("trainer", sam).want(http.StatusOK)
	require.Equal(t, "in-progress", got.award("earned"))

	// Nothing is granted that is not earned.
	o.post("certifier", sam+"/decisions", map[string]any{"act": "grant", "level": "level-1r"}).problem(http.StatusConflict, "not-earned")
	o.recommend(sam)
	decided := o.post("certifier", sam+"/decisions", map[string]any{"act": "grant", "level": "level-1r"}).want(http.StatusCreated)
	require.Equal(t, "/v1/decisions/"+decided.text("created", "decision"), decided.header.Get("Location"))
	record := o.get("auditor", "/v1/decisions/"+decided.text("created", "decision")).want(http.StatusOK)
	require.Equal(t, "level-1r", record.at("decision", "level"))
	require.NotEmpty(t, record.at("entry", "data", "record", "trace"))
	o.post("registrar", sam+"/evidence", map[string]any{"kind": "internship-webinar", "outcome": "invited"}).want(http.StatusOK)

	o.practicum(sam)
	ready := o.get("certifier", "/v1/ready").want(http.StatusOK)
	require.Len(t, ready.list("items"), 1, ready.raw)
	o.post("certifier", sam+"/decisions", map[string]any{"act": "grant", "level": "certified"}).want(http.StatusCreated)
	got = o.get("auditor", sam).want(http.StatusOK)
	require.Equal(t, "certified", got.award("granted"))
	require.Empty(t, o.get("certifier", "/v1/ready").list("items"))
	person := o.get("registrar", "/v1/persons/"+o.ids["sam-person"]).want(http.StatusOK)
	require.Equal(t, "certified", person.list("highest")[0].(map[string]any)["level"])

	plain := o.get("auditor", sam+"/explanation", "Accept", "text/plain").want(http.StatusOK)
	require.Equal(t, "text/plain; charset=utf-8", plain.header.Get("Content-Type"))
	require.Contains(t, plain.raw, "PeerWorks Peer Support Core Essentials")
	require.Contains(t, strings.ToLower(plain.raw), "certified")
	tree := o.get("auditor", sam+"/explanation").want(http.StatusOK)
	require.NotEmpty(t, tree.list("outcomes"))

	// A correction changes no decision, and says that it needs a review.
	corrected := o.post("registrar", sam+"/corrections", map[string]any{"session": "5", "status": "absent", "reason": "wrong-person"}).want(http.StatusOK)
	review := o.get("certifier", "/v1/review-required").want(http.StatusOK)
	require.Len(t, review.list("items"), 1)
	causes := review.row(0, "items").row(0, "reviews").list("causes")
	require.NotEmpty(t, causes)
	for _, c := range causes {
		cause := c.(map[string]any)
		require.Equal(t, "attendance.corrected.v1", cause["because"])
		require.Equal(t, corrected.header.Get("Ledger-Position"), fmt.Sprint(cause["made"].(map[string]any)["seq"]))
		mark := o.get("auditor", fmt.Sprintf("/v1/entries/%v", cause["fact"])).want(http.StatusOK)
		require.Equal(t, "5", mark.text("data", "session"))
	}
	require.Equal(t, "certified", o.get("auditor", sam).award("granted"))

	// What was known before it is what the decision rested on.
	before := o.get("auditor", sam+"?known_at="+decided.header.Get("Ledger-Position")).want(http.StatusOK)
	require.Equal(t, "level-1r", before.award("granted"))
	o.revoke(sam)
}

// practicum takes somebody from a recommendation through fifty hours.
func (o *office) practicum(path string) {
	o.t.Helper()
	o.at(spring(17).AddDate(0, 0, 4))
	supervisor := o.post("registrar", "/v1/attesters", map[string]any{"what": "person", "name": "Supervisor Canary"}).want(http.StatusCreated).text("created", "attester")
	o.token("supervisor", domain.AttesterActor(supervisor), domain.RoleSupervisor)
	o.token("sam", domain.PersonActor(o.ids["sam-person"]), domain.RoleParticipant)
	o.post("coordinator", path+"/attesters", map[string]any{"attester": supervisor, "role": "supervisor", "relation": "none"}).want(http.StatusOK)
	plan := o.post("sam", path+"/submissions", map[string]any{"kind": "practicum-plan", "text": "Samcanary at the clinic."}).want(http.StatusOK).text("created", "submission")
	o.post("coordinator", path+"/submissions/"+plan+"/answers", map[string]any{"answer": "approved"}).want(http.StatusOK)
	for i := range 10 {
		o.at(spring(17).AddDate(0, 0, 5+i))
		hours := o.post("sam", path+"/evidence", map[string]any{
			"kind": "hours", "category": "one-to-one", "quantity": 300, "unit": "minute", "narrative": "A long talk with Jocanary.",
		}).want(http.StatusOK).text("created", "evidence")
		o.post("supervisor", path+"/evidence/"+hours+"/signatures", map[string]any{}).want(http.StatusOK)
		if i%2 == 1 {
			o.post("sam", path+"/evidence", map[string]any{"kind": "report", "number": i/2 + 1}).want(http.StatusOK)
			o.post("supervisor", path+"/judgements", map[string]any{"question": "interval-evaluation", "number": i/2 + 1, "answer": "satisfactory"}).want(http.StatusOK)
		}
	}
	o.at(spring(17).AddDate(0, 0, 20))
}

// revoke takes the certificate back by two people.
func (o *office) revoke(path string) {
	o.t.Helper()
	o.at(spring(17).AddDate(0, 0, 30))
	proposal := o.post("certifier", path+"/revocations", map[string]any{"levels": []string{"certified"}, "personwide": true, "text": "Canary allegation."}).
		want(http.StatusOK).text("created", "proposal")
	o.post("certifier", path+"/proposals/"+proposal+"/approval", map[string]any{}).problem(http.StatusForbidden, "needs-another-person")
	o.token("second", "staff/second", domain.RoleCertifier)
	o.post("second", path+"/proposals/"+proposal+"/approval", map[string]any{}).want(http.StatusOK)
	person := o.get("registrar", "/v1/persons/"+o.ids["sam-person"]).want(http.StatusOK)
	require.NotEqual(o.t, "certified", person.list("highest")[0].(map[string]any)["level"])
}

func TestATrainerIsWarnedBeforeTheLimit(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	sam := o.register("sam")
	var last answer
	for _, n := range []int{1, 2} {
		o.at(spring(n).Add(3 * time.Hour))
		last = o.post("trainer", sam+"/attendance", map[string]any{"session": fmt.Sprint(n), "status": "absent"}).want(http.StatusOK)
	}
	warning := last.list("warnings")[0].(map[string]any)
	require.Equal(t, "missed-sessions", warning["path"])
	require.EqualValues(t, 0, warning["left"])
	require.NotEmpty(t, warning["sentence"])
	grid := o.get("trainer", cohortPath+"/grid").want(http.StatusOK)
	require.Equal(t, warning["sentence"], grid.list("rows")[0].(map[string]any)["warnings"].([]any)[0].(map[string]any)["sentence"])
	require.Len(t, grid.list("sessions"), 17)
	require.Len(t, grid.list("rows"), 1)
	roster := o.get("trainer", cohortPath+"/roster").want(http.StatusOK)
	require.Len(t, roster.list("items"), 1)

	// A class attended elsewhere, a waiver by two people, a reason that explains.
	o.post("trainer", sam+"/absences", map[string]any{"session": "2", "reason": "disability", "text": "Canary illness"}).want(http.StatusOK)
	got := o.get("registrar", sam).want(http.StatusOK)
	review := got.list("standing", "accommodations")[0].(map[string]any)["id"].(string)
	o.post("coordinator", sam+"/accommodations/"+review+"/answer", map[string]any{"answer": "granted", "text": "Canary captions"}).want(http.StatusOK)
	waiver := o.post("coordinator", sam+"/waivers", map[string]any{"requirement": "missed-sessions", "session": "2", "reason": "body-decision"}).
		want(http.StatusOK).text("created", "proposal")
	o.post("certifier", sam+"/proposals/"+waiver+"/approval", map[string]any{}).want(http.StatusOK)
	got = o.get("registrar", sam).want(http.StatusOK)
	require.Len(t, got.list("standing", "waivers"), 1)

	task := o.post("trainer", sam+"/tasks", map[string]any{"kind": "make-up", "session": "1", "due": "2026-05-30", "text": "Canary essay"}).want(http.StatusOK).text("created", "task")
	o.post("trainer", sam+"/tasks/"+task+"/extensions", map[string]any{"due": "2026-06-10"}).want(http.StatusOK)
	o.post("trainer", sam+"/tasks/"+task+"/fulfilment", map[string]any{"how": "essay"}).want(http.StatusOK)
	o.post("registrar", sam+"/notices", map[string]any{"notice": "warning", "about": "before-limit", "channel": "email"}).want(http.StatusOK)
	o.post("registrar", cohortPath+"/sessions/17/cancellation", map[string]any{"reason": "venue"}).want(http.StatusOK)
	o.post("registrar", cohortPath+"/sessions/17/reschedule", map[string]any{
		"starts": spring(17), "ends": spring(17).Add(2 * time.Hour), "reason": "venue",
	}).want(http.StatusOK)
	o.post("trainer", cohortPath+"/materials", map[string]any{"material": "workbook"}).want(http.StatusOK)
	o.post("registrar", "/v1/persons/"+o.ids["sam-person"]+"/corrections", map[string]any{"fields": map[string]string{"email": "canary2@example.org"}}).want(http.StatusOK)

	timeline := o.get("auditor", sam+"/timeline").want(http.StatusOK)
	require.NotContains(t, timeline.raw, "anary")
	require.Contains(t, timeline.raw, `"sealed":{`)
	require.Contains(t, timeline.raw, `"contact":"sealed"`)
	o.post("registrar", sam+"/withdrawal", map[string]any{"reason": "schedule-change"}).want(http.StatusOK)
	require.Equal(t, "withdrawn", o.get("registrar", sam).at("standing", "state"))
}
