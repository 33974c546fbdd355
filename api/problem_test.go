package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/api/desk"
	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore"
	"github.com/certledger/certledger/projections"
)

func TestWhatAnErrorMeans(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		name   string
		ours   bool
	}{
		{desk.ErrStale, 412, "stale-version", false},
		{desk.ErrReused, 422, "idempotency-key-reused", false},
		{desk.ErrBusy, 409, "busy", false},
		{desk.ErrClockBehind, 503, "clock-behind", true},
		{desk.ErrErased, 410, "erased", false},
		{desk.ErrInvalid, 500, "internal", true},
		{&desk.RequestError{Index: 1, Err: desk.ErrStale}, 412, "stale-version", false},
		{eventstore.ErrUnavailable, 503, "ledger-unavailable", true},
		{eventstore.ErrClosed, 503, "ledger-unavailable", true},
		{eventstore.ErrReadOnly, 503, "ledger-read-only", true},
		{fmt.Errorf("%w: %w", eventstore.ErrReadOnly, eventstore.ErrUnavailable), 503, "ledger-read-only", true},
		{eventstore.ErrUnknownOutcome, 503, "unknown-outcome", true},
		{eventstore.ErrTooLarge, 413, "too-large-for-ledger", false},
		{projections.ErrBehind, 503, "position-not-reached", false},
		{&projections.PoisonError{Sequence: 7, Err: errors.New("x")}, 503, "projection-stopped", true},
		{projections.ErrClosed, 503, "views-unavailable", true},
		{projections.ErrDamaged, 503, "views-unavailable", true},
		{context.Canceled, 503, "request-ended", false},
		{&domain.Refusal{Reason: "no-such-session", Detail: "x"}, 404, "no-such-session", false},
		{&domain.Refusal{Reason: "not-assigned", Detail: "x"}, 403, "not-assigned", false},
		{&domain.Refusal{Reason: "withdrawn", Detail: "x"}, 409, "withdrawn", false},
		{&domain.Refusal{Reason: "minutes-missing", Detail: "x", Field: "minutes"}, 422, "minutes-missing", false},
		{errors.New("anything with " + canary), 500, "internal", true},
	} {
		p, ours := problemOf(fmt.Errorf("do this: %w", c.err))
		require.Equal(t, c.status, p.Status, "%v", c.err)
		require.Equal(t, problemPrefix+c.name, p.Type)
		require.Equal(t, c.ours, ours, "%v", c.err)
		require.NotEmpty(t, p.Title)
		require.NotEmpty(t, p.Detail)
		require.NotContains(t, p.Detail, canary)
		if p.Status == http.StatusServiceUnavailable {
			require.NotEmpty(t, p.GetHeaders().Get("Retry-After"), c.name)
		}
	}
}

func TestEveryProblemIsListedOnce(t *testing.T) {
	all := Problems()
	seen := map[string]bool{}
	for _, p := range all {
		require.False(t, seen[p.Type], p.Type)
		seen[p.Type] = true
		require.True(t, domain.IsSlug(strings.TrimPrefix(p.Type, problemPrefix)), p.Type)
		require.NotEmpty(t, p.Title)
		require.GreaterOrEqual(t, p.Status, 400)
	}
	for _, r := range domain.Reasons() {
		require.True(t, seen[problemPrefix+r], r)
	}
	reasons := domain.Reasons()
	for _, r := range slices.Concat(forbidden, conflicting) {
		require.Contains(t, reasons, r, "a status for a reason that there is not")
	}
	require.True(t, slices.IsSorted(forbidden))
	require.True(t, slices.IsSorted(conflicting))

	o := newOffice(t)
	list := o.get("administrator", "/v1/problems").want(http.StatusOK)
	require.Len(t, list.list("items"), len(all))
}

func TestTitlesAreWords(t *testing.T) {
	require.Equal(t, "No such session", titleOf("no-such-session"))
	require.Equal(t, "Malformed JSON", titleOf("malformed-json"))
}

func TestDistance(t *testing.T) {
	require.Equal(t, 0, distance("status", "status"))
	require.Equal(t, 2, distance("statsu", "status"))
	require.Equal(t, 6, distance("", "status"))
	require.Equal(t, "status", nearest("STATUS", []string{"session", "status"}))
	require.Empty(t, nearest("something", []string{"session", "status"}))
}
