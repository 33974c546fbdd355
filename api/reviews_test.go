package api

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/api/desk"
	"github.com/certledger/certledger/domain"
)

// row is a line of a list.
func (a answer) row(i int, path ...string) answer {
	a.t.Helper()
	items := a.list(path...)
	require.Greater(a.t, len(items), i, a.raw)
	m, ok := items[i].(map[string]any)
	require.True(a.t, ok, a.raw)
	return answer{t: a.t, raw: a.raw, body: m}
}

// number is a whole number of a body.
func (a answer) number(path ...string) uint64 {
	a.t.Helper()
	n, ok := a.at(path...).(float64)
	require.True(a.t, ok, "%v in %s", path, a.raw)
	return uint64(n)
}

// grantedTo takes somebody to Level 1R, decided on 9 June 2026.
func (o *office) grantedTo(name string) (path string, grant answer) {
	o.t.Helper()
	path = o.register(name)
	o.attend(path)
	o.recommend(path)
	return path, o.post("certifier", path+"/decisions", map[string]any{"act": "grant", "level": "level-1r"}).want(http.StatusCreated)
}

// TestACorrectionAfterADecision plays the cases C73 and C74: Level 1R granted,
// and three weeks later module 9 corrected to absent.
func TestACorrectionAfterADecision(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	sam, grant := o.grantedTo("sam")
	decision := grant.text("created", "decision")
	decidedAt := o.clock()
	o.token("sam", domain.PersonActor(o.ids["sam-person"]), domain.RoleParticipant)
	standing := o.get("auditor", sam).want(http.StatusOK)
	mark := standing.row(8, "standing", "marks").number("made", "seq")

	o.at(o.clock().AddDate(0, 0, 21))
	corrected := o.post("registrar", sam+"/corrections", map[string]any{
		"session": "9", "status": "absent", "reason": "wrong-person", "text": "Roster canary mixed up two people.",
	}).want(http.StatusOK)
	correction := corrected.number("position")
	notice := "A mark that this decision rested on was corrected on 2026-06-30. The decision stands until somebody decides anew; please look at it by 2026-07-14."
	flagged := func(r answer) {
		t.Helper()
		require.Equal(t, []any{o.ids["sam"], decision, "level-1r", "2026-06-30", "staff/certifier", "2026-07-14", notice},
			[]any{r.at("registration"), r.at("decision"), r.at("level"), r.at("since"), r.at("owner"), r.at("due"), r.at("notice")})
		require.Nil(t, r.at("overdue"))
		cause := r.row(0, "causes")
		require.Equal(t, []any{"attendance.corrected.v1", float64(mark), float64(correction)}, []any{cause.at("because"), cause.at("fact"), cause.at("made", "seq")})
	}
	flagged(corrected.row(0, "affects"))

	// The decision stands, and is flagged.
	got := o.get("auditor", sam).want(http.StatusOK)
	require.Equal(t, []any{"level-1", "level-1r", decision}, []any{got.award("earned"), got.award("granted"), got.award("decision")})
	require.Contains(t, got.list("assessment", "flags"), domain.FlagReviewRequired)
	require.Nil(t, o.get("auditor", "/v1/decisions/"+decision).want(http.StatusOK).at("decision", "superseded"))
	flagged(o.get("certifier", "/v1/reviews").want(http.StatusOK).row(0, "items"))
	flagged(o.get("certifier", "/v1/review-required").want(http.StatusOK).row(0, "items").row(0, "reviews"))

	// As of the decision, nothing of this was known, whichever day it is asked about.
	for _, effective := range []string{"", "&effective_at=" + decidedAt.UTC().Format(time.RFC3339), "&effective_at=" + o.clock().UTC().Format(time.RFC3339)} {
		then := o.get("auditor", sam+"?known_at="+grant.header.Get("Ledger-Position")+effective).want(http.StatusOK)
		require.Equal(t, []any{"level-1r", "level-1r"}, []any{then.award("earned"), then.award("granted")})
		require.NotContains(t, then.list("assessment", "flags"), domain.FlagReviewRequired)
	}
	now := o.get("auditor", sam+"?effective_at="+decidedAt.UTC().Format(time.RFC3339)).want(http.StatusOK)
	require.Equal(t, "level-1", now.award("earned"), "what is known now of that day")

	// The decisions that rested on the mark, and those that the correction put in doubt.
	rests := o.get("auditor", fmt.Sprintf("/v1/entries/%d/decisions", mark)).want(http.StatusOK).row(0, "items")
	require.Equal(t, []any{decision, "used", true}, []any{rests.at("decision"), rests.at("part"), rests.at("inforce")})
	require.Equal(t, notice, rests.at("review", "notice"))
	doubted := o.get("auditor", fmt.Sprintf("/v1/entries/%d/decisions", correction)).want(http.StatusOK).row(0, "items")
	require.Equal(t, []any{decision, "doubts"}, []any{doubted.at("decision"), doubted.at("part")})

	// The participant reads the same, in words and as a tree.
	require.Contains(t, o.get("sam", sam+"/explanation").want(http.StatusOK).list("reviews"), notice)
	plain := o.get("sam", sam+"/explanation", "Accept", "text/plain").want(http.StatusOK)
	require.Contains(t, plain.raw, "To be looked at by staff/certifie, who decided")
	require.Len(t, o.get("sam", fmt.Sprintf("/v1/entries/%d/decisions", mark)).want(http.StatusOK).list("items"), 1)

	o.closeReview(sam, decision, correction)
	o.decideAnew(sam, decision, mark)
}

// closeReview gives the review to somebody, lets its day pass, and lets the
// decision stand.
func (o *office) closeReview(path, decision string, correction uint64) {
	t, review := o.t, path+"/decisions/"+decision+"/review"
	o.post("certifier", path+"/decisions/none/review/assignment", map[string]any{}).problem(http.StatusNotFound, "no-such-decision")
	o.post("registrar", review+"/assignment", map[string]any{"owner": "person/" + o.ids["sam-person"]}).problem(http.StatusForbidden, "person-concerned")
	o.post("registrar", review+"/assignment", map[string]any{"owner": "attester/" + o.ids["trainer"], "due": "2026-07-10"}).want(http.StatusOK)
	require.Empty(t, o.get("certifier", "/v1/reviews?owner=staff/certifier").want(http.StatusOK).list("items"))
	given := o.get("trainer", "/v1/reviews?owner=attester/"+o.ids["trainer"]).want(http.StatusOK).row(0, "items")
	require.Equal(t, []any{"2026-07-10", true}, []any{given.at("due"), given.at("assigned")})
	require.Empty(t, o.get("certifier", "/v1/reviews?overdue=true").want(http.StatusOK).list("items"))
	o.at(o.clock().AddDate(0, 0, 12))
	require.Len(t, o.get("certifier", "/v1/reviews?overdue=true&cohort=spring&programme="+peer).want(http.StatusOK).list("items"), 1)
	require.Empty(t, o.get("certifier", "/v1/reviews?cohort=autumn").want(http.StatusOK).list("items"))

	closure := func(causes ...uint64) map[string]any {
		return map[string]any{"causes": causes, "reason": "body-decision", "text": "Canary tutorial."}
	}
	o.post("registrar", review+"/closure", closure(correction)).problem(http.StatusForbidden, "not-allowed")
	o.post("certifier", review+"/closure", closure()).problem(http.StatusUnprocessableEntity, "invalid-request")
	o.post("certifier", review+"/closure", closure(correction, 1)).problem(http.StatusConflict, "cause-not-open")
	o.post("certifier", review+"/closure", closure(correction)).want(http.StatusOK)
	require.Empty(t, o.post("certifier", review+"/closure", closure(correction)).want(http.StatusOK).list("entries"), "the ledger says so already")
	require.Empty(t, o.get("certifier", "/v1/reviews").want(http.StatusOK).list("items"))
	require.Empty(t, o.get("certifier", "/v1/review-required").want(http.StatusOK).list("items"))
	o.post("certifier", review+"/assignment", map[string]any{}).problem(http.StatusConflict, "not-in-doubt")
	was := o.get("auditor", fmt.Sprintf("/v1/entries/%d/decisions", correction)).want(http.StatusOK).row(0, "items")
	require.Equal(t, []any{"doubts", nil}, []any{was.at("part"), was.at("review")})
	require.NotContains(t, o.get("auditor", path+"/timeline").raw, "anary")
}

// decideAnew supersedes the decision after another correction; both stay.
func (o *office) decideAnew(path, first string, mark uint64) {
	t := o.t
	again := o.post("registrar", path+"/corrections", map[string]any{"session": "8", "status": "absent", "reason": "wrong-person"}).want(http.StatusOK)
	require.Equal(t, first, again.row(0, "affects").at("decision"), "new causes open it again")
	second := o.post("certifier", path+"/decisions", map[string]any{"act": "grant", "level": "level-1"}).want(http.StatusCreated).text("created", "decision")
	require.Empty(t, o.get("certifier", "/v1/reviews").want(http.StatusOK).list("items"))
	require.Equal(t, true, o.get("auditor", "/v1/decisions/"+first).want(http.StatusOK).at("decision", "superseded"))
	require.Equal(t, first, o.get("auditor", "/v1/decisions/"+second).want(http.StatusOK).at("decision", "supersedes"))
	page := o.get("auditor", fmt.Sprintf("/v1/entries/%d/decisions?limit=1", mark)).want(http.StatusOK)
	next := o.get("auditor", fmt.Sprintf("/v1/entries/%d/decisions?limit=1&cursor=%s", mark, page.text("next"))).want(http.StatusOK)
	parts := map[any]any{}
	for _, a := range []answer{page, next} {
		item := a.row(0, "items")
		parts[item.at("decision")] = []any{item.at("part"), item.at("why"), item.at("inforce")}
	}
	require.Equal(t, map[any]any{first: []any{"used", nil, false}, second: []any{"superseded", "outranked", true}}, parts)
	require.Nil(t, next.at("next"))
}

// TestWhatConcernsACohort ends a trainer's qualification and changes the
// timetable after decisions on two participants.
func TestWhatConcernsACohort(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	attester := "/v1/attesters/" + o.ids["trainer"]
	o.post("registrar", attester+"/qualifications", map[string]any{"code": "core", "from": "2026-01-01"}).want(http.StatusOK)
	o.grantedTo("sam")
	o.register("kim") // on whom nothing is decided
	require.Empty(t, o.get("certifier", "/v1/reviews").want(http.StatusOK).list("items"))

	ended := o.post("registrar", attester+"/qualifications/core/end", map[string]any{"until": "2026-05-01", "reason": "expired"}).want(http.StatusOK)
	require.Len(t, ended.list("affects"), 1, ended.raw)
	cause := ended.row(0, "affects").row(0, "causes")
	require.Equal(t, "attester.ended.v1", cause.at("because"))
	fact := o.get("auditor", fmt.Sprintf("/v1/entries/%d", cause.number("fact"))).want(http.StatusOK)
	require.Equal(t, "2026-05-02", fact.text("time")[:10], "the first mark after the qualification")
	require.Nil(t, ended.at("affectsunknown"))

	released := o.post("registrar", cohortPath+"/attesters/"+o.ids["trainer"]+"/release", map[string]any{"role": "trainer", "until": "2026-05-30"}).want(http.StatusOK)
	require.Equal(t, "attester.released.v1", released.row(0, "affects").row(1, "causes").at("because"))

	// The registrar may see all; whoever reaches nothing sees nothing.
	at := fmt.Sprintf("/v1/entries/%d/decisions", ended.number("position"))
	require.Equal(t, "doubts", o.get("registrar", at).want(http.StatusOK).row(0, "items").at("part"))
	o.token("nobody", domain.AttesterActor(domain.NewID("x", "attester")), domain.RoleTrainer)
	require.Empty(t, o.get("nobody", at).want(http.StatusOK).list("items"))
	require.Empty(t, o.get("nobody", "/v1/reviews").want(http.StatusOK).list("items"))
	o.get("registrar", "/v1/entries/999999/decisions").problem(http.StatusNotFound, "no-such-entry")

	// An entry of the cohort that the decision had read.
	for sequence := uint64(1); ; sequence++ {
		e := o.get("auditor", fmt.Sprintf("/v1/entries/%d", sequence)).want(http.StatusOK)
		if e.at("type") == "session.scheduled.v1" {
			read := o.get("auditor", fmt.Sprintf("/v1/entries/%d/decisions", sequence)).want(http.StatusOK)
			require.Len(t, read.list("items"), 1)
			require.Equal(t, "read", read.row(0, "items").at("part"))
			break
		}
	}
	require.Empty(t, o.get("auditor", "/v1/entries/1/decisions").want(http.StatusOK).list("items"), "of no registration")
}

// TestTheWorkListHasPages lists those due first at the beginning.
func TestTheWorkListHasPages(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	var paths []string
	for _, name := range []string{"sam", "kim", "lou"} {
		paths = append(paths, o.register(name))
	}
	for n := 1; n <= 17; n++ {
		o.at(spring(n).Add(3 * time.Hour))
		lines := []map[string]any{}
		for _, name := range []string{"sam", "kim", "lou"} {
			lines = append(lines, map[string]any{"registration": o.ids[name], "status": "present"})
		}
		o.post("trainer", fmt.Sprintf("%s/sessions/%d/attendance", cohortPath, n), map[string]any{"lines": lines}).want(http.StatusOK)
	}
	for _, path := range paths {
		o.recommend(path)
		o.post("certifier", path+"/decisions", map[string]any{"act": "grant", "level": "level-1r"}).want(http.StatusCreated)
	}
	due := map[string]string{}
	for i, path := range paths {
		o.at(o.clock().AddDate(0, 0, 1))
		a := o.post("registrar", path+"/corrections", map[string]any{"session": "9", "status": "absent", "reason": "wrong-person"}).want(http.StatusOK).row(0, "affects")
		due[a.text("registration")] = a.text("due")
		if i == 0 { // the first takes longest
			o.post("certifier", path+"/decisions/"+a.text("decision")+"/review/assignment", map[string]any{"due": "2026-09-01"}).want(http.StatusOK)
			due[a.text("registration")] = "2026-09-01"
		}
	}
	var seen []string
	for path := "/v1/reviews?limit=1"; ; {
		a := o.get("certifier", path).want(http.StatusOK)
		item := a.row(0, "items")
		require.Equal(t, due[item.text("registration")], item.text("due"))
		seen = append(seen, item.text("due"))
		next, more := a.at("next").(string)
		if !more {
			require.Empty(t, a.header.Get("Link"))
			break
		}
		require.Contains(t, a.header.Get("Link"), "cursor="+next)
		path = "/v1/reviews?limit=1&cursor=" + next
	}
	require.Equal(t, []string{"2026-06-25", "2026-06-26", "2026-09-01"}, seen)
	o.get("certifier", "/v1/reviews?cursor="+cursorOf("not a place")).problem(http.StatusBadRequest, "unknown-cursor")
	o.get("certifier", "/v1/reviews?owner=canary").problem(http.StatusUnprocessableEntity, "invalid-request")
	require.Len(t, o.get("trainer", "/v1/reviews").want(http.StatusOK).list("items"), 3, "those of the own cohort")
}

// TestViewsThatLagAreSaidToLag: what was recorded is recorded, and the answer
// does not pass over what it could not look up.
func TestViewsThatLagAreSaidToLag(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	o.register("sam")
	o.settle()
	late := desk.Answer{
		Subject: domain.SubjectOf(domain.KindCohort, "spring"), Sequence: 1 << 40,
		Entries: []desk.Recorded{{Type: "session.cancelled.v1", Sequence: 1 << 40}},
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out Recorded
	o.server.follow(ctx, late, &out)
	require.True(t, out.AffectsUnknown)
	require.Empty(t, out.Affects)
	out = Recorded{}
	late.Entries = nil
	o.server.follow(ctx, late, &out)
	require.False(t, out.AffectsUnknown, "nothing was recorded")
}
