package api

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

func TestTheSameKeyAnswersTheSame(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	body := map[string]any{"cohort": "spring", "fields": form, "accepted": expectations}
	first := o.post("registrar", "/v1/registrations", body, "Idempotency-Key", "form-1").want(http.StatusCreated)
	require.Equal(t, "/v1/registrations/"+first.text("created", "registration"), first.header.Get("Location"))
	before := o.settle()
	o.at(o.clock().Add(time.Hour))
	again := o.post("registrar", "/v1/registrations", body, "Idempotency-Key", "form-1").want(http.StatusCreated)
	require.Equal(t, before, o.settle(), "nothing was added")
	require.Equal(t, first.at("created"), again.at("created"))
	require.Equal(t, first.at("entries"), again.at("entries"))
	require.Equal(t, first.header.Get("Location"), again.header.Get("Location"))
	require.Equal(t, true, again.at("repeated"))

	// Another person's key of the same name is another key.
	o.token("second", "staff/second", domain.RoleRegistrar)
	other := o.post("second", "/v1/registrations", body, "Idempotency-Key", "form-1").want(http.StatusCreated)
	require.NotEqual(t, first.at("created"), other.at("created"))

	// Without a key each request is another command.
	third := o.post("registrar", "/v1/registrations", body).want(http.StatusCreated)
	require.NotEqual(t, first.at("created"), third.at("created"))

	// The same key at another path is refused.
	o.post("registrar", "/v1/registrations/"+first.text("created", "registration")+"/no-show", map[string]any{}, "Idempotency-Key", "form-1").
		problem(http.StatusUnprocessableEntity, "idempotency-key-reused")
}

func TestTheLedgerSaysSoAlready(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	sam := o.register("sam")
	o.at(spring(1).AddDate(0, 0, 1))
	mark := map[string]any{"session": "1", "status": "present"}
	first := o.post("trainer", sam+"/attendance", mark).want(http.StatusOK)
	again := o.post("trainer", sam+"/attendance", mark, "If-Match", first.header.Get("ETag")).want(http.StatusOK)
	require.Empty(t, again.list("entries"))
	require.Equal(t, first.at("version"), again.at("version"))
	require.Equal(t, first.header.Get("ETag"), again.header.Get("ETag"))
}

func TestIfMatch(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	sam := o.register("sam")
	o.at(spring(3).AddDate(0, 0, 1))
	seen := o.get("trainer", sam).want(http.StatusOK).header.Get("ETag")
	require.Equal(t, `"1"`, seen)
	o.post("trainer", sam+"/attendance", map[string]any{"session": "1", "status": "present"}, "If-Match", seen).want(http.StatusOK)
	o.post("trainer", sam+"/attendance", map[string]any{"session": "2", "status": "present"}, "If-Match", seen).problem(http.StatusPreconditionFailed, "stale-version")
	o.post("trainer", sam+"/attendance", map[string]any{"session": "2", "status": "present"}, "If-Match", `"2"`).want(http.StatusOK)
	o.post("trainer", sam+"/attendance", map[string]any{"session": "3", "status": "present"}, "If-Match", `*`).want(http.StatusOK)
}

func TestHappenedFixesTheOffset(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	sam := o.register("sam")
	o.at(time.Date(2026, 4, 25, 2, 30, 0, 0, time.UTC)) // still the 24th in Toronto
	a := o.post("trainer", sam+"/attendance", map[string]any{"session": "1", "status": "present"}).want(http.StatusOK)
	entry := o.get("auditor", fmt.Sprintf("/v1/entries/%v", a.at("position"))).want(http.StatusOK)
	require.Equal(t, "2026-04-24T22:30:00-04:00", entry.text("time"), "now, in the programme's zone")
	a = o.post("trainer", sam+"/attendance", map[string]any{"session": "2", "status": "present", "happened": "2026-04-23T20:05:00-04:00"}).want(http.StatusOK)
	entry = o.get("auditor", fmt.Sprintf("/v1/entries/%v", a.at("position"))).want(http.StatusOK)
	require.Equal(t, "2026-04-23T20:05:00-04:00", entry.text("time"))
	cohort := o.get("registrar", cohortPath).want(http.StatusOK)
	opened := o.get("auditor", "/v1/entries/"+fmt.Sprint(cohort.at("opened", "seq"))).want(http.StatusOK)
	require.True(t, strings.HasSuffix(opened.text("time"), "-05:00"), "a cohort's zone is its programme's")
}

func TestAClassIsMarkedWholeOrNotAtAll(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	var ids []string
	for i := range 5 {
		o.register(fmt.Sprint("p", i))
		ids = append(ids, o.ids[fmt.Sprint("p", i)])
	}
	o.at(spring(1).AddDate(0, 0, 1))
	path := cohortPath + "/sessions/1/attendance"
	line := func(id, status string) map[string]any { return map[string]any{"registration": id, "status": status} }

	before := o.settle()
	wrong := o.post("trainer", path, map[string]any{"lines": []any{
		line(ids[0], "present"), line(ids[1], "late"), line(strings.ToLower(canary), "present"), line(ids[2], "present"), line(ids[3], "left-early"),
	}}).problem(http.StatusUnprocessableEntity, "lines-refused")
	require.Contains(t, wrong.raw, "body.lines[2]")
	require.Contains(t, wrong.raw, "no-such-registration")
	require.NotContains(t, strings.ToLower(wrong.raw), strings.ToLower(canary))
	wrong = o.post("trainer", path, map[string]any{"lines": []any{line(ids[0], "present"), line(ids[1], "late"), line(ids[2], "present"), line(ids[3], "left-early")}}).
		problem(http.StatusUnprocessableEntity, "lines-refused")
	require.Len(t, wrong.list("errors"), 2, "every line that is wrong is named at once: %s", wrong.raw)
	require.Contains(t, wrong.raw, "body.lines[1].minutes")
	require.Contains(t, wrong.raw, "body.lines[3].minutes")
	require.Equal(t, before, o.settle(), "nothing was recorded")

	lines := []any{}
	for _, id := range ids {
		lines = append(lines, line(id, "present"))
	}
	right := o.post("trainer", path, map[string]any{"lines": lines}, "Idempotency-Key", "class-1").want(http.StatusOK)
	require.Len(t, right.list("lines"), 5)
	require.EqualValues(t, before+5, right.at("position"))
	require.Equal(t, fmt.Sprint(before+5), right.header.Get("Ledger-Position"))
	again := o.post("trainer", path, map[string]any{"lines": lines}, "Idempotency-Key", "class-1").want(http.StatusOK)
	require.Equal(t, before+5, o.settle())
	require.Equal(t, right.at("position"), again.at("position"))
	o.post("trainer", path, map[string]any{"lines": lines[:4]}, "Idempotency-Key", "class-1").problem(http.StatusUnprocessableEntity, "idempotency-key-reused")

	// Somebody of another cohort is not marked here, and not by this trainer.
	o.post("registrar", "/v1/cohorts", map[string]any{"cohort": "autumn", "code": "autumn", "programme": peer}).want(http.StatusCreated)
	elsewhere := o.post("registrar", "/v1/registrations", map[string]any{"cohort": "autumn", "fields": form, "accepted": expectations}).want(http.StatusCreated)
	o.post("trainer", path, map[string]any{"lines": []any{line(elsewhere.text("created", "registration"), "present")}}).
		problem(http.StatusUnprocessableEntity, "lines-refused")
	o.post("trainer", path, map[string]any{"lines": []any{}}).problem(http.StatusUnprocessableEntity, "invalid-request")
}

func TestManyAtOnceLoseNothing(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	sam := o.register("sam")
	o.at(spring(17).AddDate(0, 0, 1))
	var wg sync.WaitGroup
	for n := 1; n <= 17; n++ {
		wg.Go(func() {
			a := o.post("trainer", sam+"/attendance", map[string]any{"session": fmt.Sprint(n), "status": "present"}, "Idempotency-Key", fmt.Sprint("m", n))
			if a.status != http.StatusOK && a.status != http.StatusConflict {
				t.Errorf("%d: %s", a.status, a.raw)
			}
			if a.status == http.StatusConflict {
				o.post("trainer", sam+"/attendance", map[string]any{"session": fmt.Sprint(n), "status": "present"}, "Idempotency-Key", fmt.Sprint("m", n))
			}
		})
	}
	wg.Wait()
	require.Len(t, o.get("trainer", sam).list("standing", "marks"), 17)
}

func TestAClosedLedgerRefusesWritesAndServesReads(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	sam := o.register("sam")
	o.at(spring(1).AddDate(0, 0, 1))
	o.settle()
	require.NoError(t, o.log.Close())
	a := o.post("trainer", sam+"/attendance", map[string]any{"session": "1", "status": "present"}).problem(http.StatusServiceUnavailable, "ledger-unavailable")
	require.NotEmpty(t, a.header.Get("Retry-After"))
	require.Contains(t, a.text("detail"), "Idempotency-Key")
	got := o.send(http.MethodGet, "trainer", sam, "").want(http.StatusOK)
	require.Equal(t, "registered", got.at("standing", "state"))
	o.send(http.MethodGet, "trainer", sam+"/explanation", "", "Accept", "text/plain").want(http.StatusOK)
	o.send(http.MethodGet, "auditor", "/v1/ledger/export", "").want(http.StatusOK)
}
