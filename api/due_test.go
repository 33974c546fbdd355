package api

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// dueRows are the days of a list, whose they are and what they are about.
func (o *office) dueRows(a answer) []string {
	o.t.Helper()
	names := map[string]string{}
	for name, id := range o.ids {
		names[id] = name
	}
	var out []string
	for i := range a.want(http.StatusOK).list("items") {
		r := a.row(i, "items")
		out = append(out, strings.Join([]string{r.text("on"), names[r.text("registration")], r.text("what"), r.text("of")}, " "))
	}
	return out
}

// TestWhatIsDueIsListedBeforeItIs, in the order of its days, for staff and for the
// participant.
func TestWhatIsDueIsListedBeforeItIs(t *testing.T) {
	o := newOffice(t)
	ida := o.openCard()
	o.held(ida, "2026-03-02")
	sam := o.holder("sam")
	o.held(sam, "2026-03-20")
	o.holder("ann") // holds nothing, so nothing is due

	all := []string{
		"2028-01-01 ida opens renewal-form", "2028-01-19 sam opens renewal-form", "2028-03-01 ida end renewal", "2028-03-02 ida phase renewal",
		"2028-03-19 sam end renewal", "2028-03-20 sam phase renewal", "2028-05-30 ida closes renewal-form", "2028-06-17 sam closes renewal-form",
	}
	require.Equal(t, all, o.dueRows(o.get("registrar", "/v1/due")))
	require.Equal(t, all[2:6], o.dueRows(o.get("certifier", "/v1/due?from=2028-02-01&until=2028-03-31")))
	require.Equal(t, []string{all[6], all[7]}, o.dueRows(o.get("coordinator", "/v1/due?what=closes")))
	require.Equal(t, []string{all[0], all[2], all[3], all[6]}, o.dueRows(o.get("ida", "/v1/due")), "a participant sees their own")
	require.Empty(t, o.dueRows(o.get("ann", "/v1/due")))
	require.Len(t, o.dueRows(o.get("registrar", "/v1/due?programme=card")), len(all))
	require.Empty(t, o.dueRows(o.get("registrar", "/v1/due?programme=other")))
	o.get("author", "/v1/due").problem(http.StatusForbidden, "not-allowed")
	for _, query := range []string{"from=tomorrow", "from=2028-02-30", "until=2028-13-01", "what=everything", "cursor=canary", "cursor=" + cursorOf("2028-02-01/x"), "cursor=" + cursorOf("a/b/c")} {
		a := o.get("registrar", "/v1/due?"+query)
		require.Contains(t, []int{http.StatusUnprocessableEntity, http.StatusBadRequest}, a.status, query)
		require.NotContains(t, a.raw, "canary")
	}
	first := o.get("registrar", "/v1/due?limit=1").want(http.StatusOK).row(0, "items")
	require.Equal(t, []any{"From this day on renewal form of period 1 can be filed.", "1", "participant", "card", o.ids["ida-person"]},
		[]any{first.at("says"), first.at("period"), first.at("by"), first.at("programme"), first.at("person")})
	for _, as := range []string{"registrar", "ida"} {
		for limit := 1; limit <= 3; limit++ {
			require.Equal(t, o.dueRows(o.get(as, "/v1/due")), o.duePages(as, limit), "pages of %d", limit)
		}
	}

	// On the day: what is filed waits for an answer, the next status is ahead, and
	// what was owed is over.
	o.at(day("2028-03-01"))
	o.post("ida", ida+"/submissions", map[string]any{"kind": "renewal-form"}).want(http.StatusOK)
	o.at(day("2028-03-02"))
	o.tick()
	require.Equal(t, []string{"2028-03-15 ida answer renewal-form", "2028-05-31 ida phase renewal"}, o.dueRows(o.get("ida", "/v1/due")))
	require.Equal(t, "grace", o.get("ida", ida).text("assessment", "status"))
	o.at(day("2028-03-19"))
	rows := o.get("registrar", "/v1/due")
	require.Equal(t, []string{
		"2028-03-15 ida answer renewal-form", "2028-03-19 sam end renewal", "2028-03-20 sam phase renewal", "2028-05-31 ida phase renewal",
		"2028-06-17 sam closes renewal-form",
	}, o.dueRows(rows), "nothing was recorded on Sam, and what is over is not listed")
	require.Equal(t, []any{true, nil}, []any{rows.row(0, "items").at("overdue"), rows.row(1, "items").at("overdue")})
}

// duePages reads the list page by page, as Link says.
func (o *office) duePages(as string, limit int) []string {
	o.t.Helper()
	var out []string
	for next := fmt.Sprintf("/v1/due?limit=%d", limit); next != ""; {
		a := o.get(as, next)
		rows := o.dueRows(a)
		require.LessOrEqual(o.t, len(rows), limit)
		out = append(out, rows...)
		link := a.header.Get("Link")
		next, _, _ = strings.Cut(strings.TrimPrefix(link, "<"), ">")
		if link != "" {
			parsed, err := url.Parse(next)
			require.NoError(o.t, err)
			require.Equal(o.t, a.text("next"), parsed.Query().Get("cursor"))
		}
	}
	return out
}
