package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/api/clock"
	"github.com/certledger/certledger/eventstore"
)

func TestHealthPagesNeedNoToken(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	head := o.settle()
	live := o.send(http.MethodGet, "", "/livez", "").want(http.StatusOK)
	require.Equal(t, "alive", live.text("status"))
	ready := o.send(http.MethodGet, "", "/readyz", "").want(http.StatusOK)
	require.Equal(t, []any{"ready", "running"}, []any{ready.at("status"), ready.at("clock")})
	require.EqualValues(t, head, ready.at("position"))
	require.EqualValues(t, 0, ready.at("behind"))

	o.health.mu.Lock()
	o.health.err = fmt.Errorf("%w: the disk is full", eventstore.ErrReadOnly)
	o.health.mu.Unlock()
	_, err := o.ticks.Round(t.Context())
	require.ErrorIs(t, err, clock.ErrWaits)
	ready = o.send(http.MethodGet, "", "/readyz", "").want(http.StatusServiceUnavailable)
	require.Equal(t, []any{"read-only", "waiting"}, []any{ready.at("status"), ready.at("clock")})
	require.Contains(t, o.send(http.MethodGet, "", "/metrics", "").raw, "certledger_clock_running 0")
	require.Equal(t, true, ready.at("reads"))
	require.Equal(t, false, ready.at("writes"))
	require.NotEmpty(t, ready.header.Get("Retry-After"))
	o.send(http.MethodGet, "", "/livez", "").want(http.StatusOK)
	require.NotContains(t, ready.raw, "disk", "the reason is for the log")
}

func TestMetricsCountAndNameNobody(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	sam := o.register("sam")
	o.at(spring(1).AddDate(0, 0, 1))
	o.post("trainer", sam+"/attendance", map[string]any{"session": "1", "status": "present"}).want(http.StatusOK)
	o.post("trainer", sam+"/attendance", map[string]any{"session": "99", "status": "present"})
	o.get("trainer", "/v1/"+strings.ToLower(canary))
	o.settle()
	a := o.send(http.MethodGet, "", "/metrics", "").want(http.StatusOK)
	require.Contains(t, a.raw, `certledger_http_requests_total{operation="mark-attendance",status="200"} 1`)
	require.Contains(t, a.raw, `certledger_http_requests_total{operation="mark-attendance",status="404"} 1`)
	require.Contains(t, a.raw, `certledger_commands_total{command="MarkAttendance",outcome="recorded"} 1`)
	require.Contains(t, a.raw, `certledger_commands_total{command="MarkAttendance",outcome="refused"} 1`)
	require.Contains(t, a.raw, `certledger_projection_lag_entries 0`)
	require.Contains(t, a.raw, `certledger_ledger_writable 1`)
	require.Contains(t, a.raw, `certledger_clock_statuses_total 0`)
	require.Contains(t, a.raw, `certledger_clock_running 1`)
	require.Contains(t, a.raw, `certledger_http_request_seconds_bucket{operation="mark-attendance"`)
	for _, id := range append([]string{"spring", strings.ToLower(canary), "anary"}, o.ids["sam"], o.ids["sam-person"], o.ids["trainer"]) {
		require.NotContains(t, a.raw, id)
	}
}

func TestLogsHoldRoutesAndNothingPersonal(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	sam := o.register("sam")
	o.at(spring(1).AddDate(0, 0, 1))
	o.post("trainer", sam+"/attendance", map[string]any{"session": "1", "status": "present"}).want(http.StatusOK)
	o.post("trainer", sam+"/absences", map[string]any{"session": "1", "reason": "illness", "text": canary}).want(http.StatusOK)
	o.get("registrar", "/v1/registrations?person="+o.ids["sam-person"]).want(http.StatusOK)
	o.send(canary, "registrar", "/v1/"+canary+"?"+canary+"="+canary, "", "User-Agent", canary, "Traceparent", canary)
	logs := o.lines.String()
	for _, secret := range []string{canary, "anary", o.ids["sam"], o.ids["sam-person"], o.tokens["registrar"], "?person"} {
		require.NotContains(t, logs, secret)
	}
	var found bool
	for line := range strings.Lines(logs) {
		var entry map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &entry))
		if entry["msg"] == "request" && entry["route"] == "/v1/registrations/{registration}/attendance" {
			found = true
			require.Equal(t, "POST", entry["method"])
			require.EqualValues(t, 200, entry["status"])
			require.NotEmpty(t, entry["correlation"])
			require.Contains(t, entry, "ms")
		}
	}
	require.True(t, found)
}

func TestTraceParentIsRecordedWhereItIsOne(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	sam := o.register("sam")
	trace := "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	a := o.post("registrar", sam+"/notices", map[string]any{"notice": "welcome", "about": "start"}, "Traceparent", trace).want(http.StatusOK)
	stored := o.get("auditor", fmt.Sprintf("/v1/entries/%v/stored", a.at("position"))).want(http.StatusOK)
	require.Equal(t, trace, stored.text("stored", "traceparent"))
	require.Equal(t, a.header.Get("Correlation-Id"), stored.text("stored", "correlationid"))
	b := o.post("registrar", sam+"/notices", map[string]any{"notice": "second", "about": "start"}, "Traceparent", canary).want(http.StatusOK)
	stored = o.get("auditor", fmt.Sprintf("/v1/entries/%v/stored", b.at("position"))).want(http.StatusOK)
	require.Nil(t, stored.at("stored", "traceparent"))
}

func TestEveryAnswerHasSafeHeaders(t *testing.T) {
	o := newOffice(t)
	for _, path := range []string{"/livez", "/v1/programmes", "/nothing", "/docs", "/openapi.json"} {
		a := o.send(http.MethodGet, "administrator", path, "")
		require.Equal(t, "nosniff", a.header.Get("X-Content-Type-Options"), path)
		require.Contains(t, a.header.Get("Content-Security-Policy"), "default-src 'none'", path)
		require.Equal(t, "no-referrer", a.header.Get("Referrer-Policy"), path)
	}
	a := o.send(http.MethodDelete, "administrator", "/v1/programmes", "").problem(http.StatusMethodNotAllowed, "method-not-allowed")
	require.Equal(t, "GET", a.header.Get("Allow"))
}

func TestAPanicIsAProblem(t *testing.T) {
	o := newOffice(t)
	o.server.mux.HandleFunc("GET /panics", func(http.ResponseWriter, *http.Request) { panic(errors.New(canary)) })
	o.send(http.MethodGet, "", "/panics", "").problem(http.StatusInternalServerError, "internal")
	require.NotContains(t, o.lines.String(), canary)
}

func TestNewRefusesAnIncompleteConfig(t *testing.T) {
	_, err := New(Config{})
	require.Error(t, err)
	o := newOffice(t)
	cfg := o.server.cfg
	cfg.Zone = "Nowhere/Else"
	_, err = New(cfg)
	require.Error(t, err)
	cfg.Zone, cfg.Now, cfg.Logger, cfg.Version, cfg.BehindMax = "America/Vancouver", nil, nil, "", 0
	h, err := New(cfg)
	require.NoError(t, err)
	require.Equal(t, 5*time.Second, ServerOf(h).ReadHeaderTimeout)
}
