package api

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// first is the sequence of the first entry of a type.
func (o *office) first(eventType string) uint64 {
	o.t.Helper()
	for sequence := uint64(1); ; sequence++ {
		if o.get("auditor", fmt.Sprintf("/v1/entries/%d", sequence)).want(http.StatusOK).text("type") == eventType {
			return sequence
		}
	}
}

// partsIn are the decisions on which an entry has a part, page by page.
func (o *office) partsIn(sequence uint64) map[string]string {
	o.t.Helper()
	parts, last := map[string]string{}, ""
	path := fmt.Sprintf("/v1/entries/%d/decisions?limit=1", sequence)
	for next := ""; ; {
		a := o.get("auditor", path+next).want(http.StatusOK)
		for i := range a.list("items") {
			item := a.row(i, "items")
			key := item.text("registration") + "/" + item.text("decision")
			require.Less(o.t, last, key, "in order, each once")
			last, parts[item.text("decision")] = key, item.text("part")
		}
		cursor, more := a.at("next").(string)
		if !more {
			return parts
		}
		next = "&cursor=" + cursor
	}
}

// An entry lists every decision that rested on it, whatever became of the decision
// since: superseded ones, and those of people who have left the cohort.
func TestEveryDecisionThatRestedOnAnEntryIsListed(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	kim := o.decided("kim").text("created", "decision")
	first := o.decided("sam").text("created", "decision")
	sam := "/v1/registrations/" + o.ids["sam"]
	attester := "/v1/attesters/" + o.ids["trainer"]
	scheduled, assigned := o.first("session.scheduled.v1"), o.first("attester.assigned.v1")
	require.Equal(t, map[string]string{kim: "read", first: "read"}, o.partsIn(scheduled))

	o.at(o.clock().AddDate(0, 0, 1))
	release := o.post("registrar", cohortPath+"/attesters/"+o.ids["trainer"]+"/release", map[string]any{"role": "trainer", "until": "2026-05-30"}).want(http.StatusOK)
	require.Len(t, release.list("affects"), 2)
	require.Nil(t, release.at("affectsmore"))
	released := release.number("position")
	known := o.post("registrar", attester+"/qualifications", map[string]any{"code": "core", "from": "2026-01-01"}).want(http.StatusOK).number("position")
	second := o.post("certifier", sam+"/decisions", map[string]any{"act": "grant", "level": "level-1r"}).want(http.StatusCreated).text("created", "decision")
	o.at(o.clock().AddDate(0, 0, 1))
	ended := o.post("registrar", attester+"/qualifications/core/end", map[string]any{"until": "2026-03-01", "reason": "expired"}).want(http.StatusOK)
	require.Len(t, ended.list("affects"), 2)

	require.Equal(t, map[string]string{kim: "read", first: "read", second: "read"}, o.partsIn(scheduled), "superseded or not")
	require.Equal(t, map[string]string{kim: "read", first: "read", second: "read"}, o.partsIn(assigned))
	require.Equal(t, map[string]string{kim: "doubts", first: "doubts", second: "read"}, o.partsIn(released), "the second knew it")
	require.Equal(t, map[string]string{second: "read"}, o.partsIn(known), "a qualification puts nothing in doubt")
	require.Equal(t, map[string]string{kim: "doubts", second: "doubts"}, o.partsIn(ended.number("position")), "the first was superseded by then")

	o.openAutumn()
	o.post("registrar", "/v1/registrations/"+o.ids["kim"]+"/transfer", map[string]any{"cohort": "autumn", "reason": "work"}).want(http.StatusOK)
	require.Equal(t, map[string]string{kim: "read", first: "read", second: "read"}, o.partsIn(scheduled), "also of who has left")

	published := o.first("programme.published.v1")
	require.Empty(t, o.partsIn(published), "the version before")
	for sequence := published + 1; ; sequence++ {
		if o.get("auditor", fmt.Sprintf("/v1/entries/%d", sequence)).text("type") == "programme.published.v1" {
			require.Equal(t, map[string]string{kim: "rules", first: "rules", second: "rules"}, o.partsIn(sequence))
			break
		}
	}
	o.get("auditor", fmt.Sprintf("/v1/entries/%d/decisions?cursor=%s", scheduled, cursorOf("no such place"))).problem(http.StatusBadRequest, "unknown-cursor")
}

// A decision on one registration of a person may rest on another of theirs.
func TestAnotherRegistrationOfThePersonIsRead(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	o.register("sam")
	submitted := o.first("registration.submitted.v1")
	o.openAutumn()
	other := o.post("registrar", "/v1/registrations", map[string]any{
		"person": o.ids["sam-person"], "cohort": "autumn", "fields": form, "accepted": expectations,
	}).want(http.StatusCreated).text("created", "registration")
	decided := o.post("certifier", "/v1/registrations/"+other+"/decisions", map[string]any{"act": "grant", "level": "incomplete"}).
		want(http.StatusCreated).text("created", "decision")
	require.Equal(t, map[string]string{decided: "read"}, o.partsIn(submitted))
	own := o.post("certifier", "/v1/registrations/"+o.ids["sam"]+"/decisions", map[string]any{"act": "grant", "level": "incomplete"}).
		want(http.StatusCreated).text("created", "decision")
	require.Equal(t, map[string]string{decided: "read", own: "used"}, o.partsIn(submitted), "on both registrations")
}

// What concerns very many is answered for some, and the list of reviews has them all.
func TestAnAnswerLooksForSomeOfVeryMany(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	const many = affectsMax + 3
	for i := range many {
		path := o.register(fmt.Sprint(i))
		o.post("certifier", path+"/decisions", map[string]any{"act": "grant", "level": "incomplete"}).want(http.StatusCreated)
	}
	a := o.post("registrar", cohortPath+"/sessions/17/cancellation", map[string]any{}).want(http.StatusOK)
	require.Len(t, a.list("affects"), affectsMax)
	require.Equal(t, true, a.at("affectsmore"))
	seen, last := map[string]bool{}, ""
	for path := "/v1/reviews?limit=100"; ; {
		page := o.get("certifier", path).want(http.StatusOK)
		for i := range page.list("items") {
			item := page.row(i, "items")
			key := item.text("due") + item.text("registration")
			require.Less(t, last, key)
			last, seen[key] = key, true
		}
		next, more := page.at("next").(string)
		if !more {
			break
		}
		path = "/v1/reviews?limit=100&cursor=" + next
	}
	require.Len(t, seen, many)
	require.Empty(t, o.get("certifier", "/v1/reviews?overdue=true").want(http.StatusOK).list("items"))
	require.Empty(t, o.get("certifier", "/v1/reviews?cohort=autumn").want(http.StatusOK).list("items"))
}
