package api

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programmes"
)

func TestReadYourWrites(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	for i := range 5 {
		sam := o.register(fmt.Sprint("p", i))
		position := o.post("registrar", sam+"/notices", map[string]any{"notice": "welcome", "about": "start"}).want(http.StatusOK).header.Get("Ledger-Position")
		got := o.send(http.MethodGet, "registrar", sam+"?min_position="+position, "").want(http.StatusOK)
		require.EqualValues(t, 2, got.at("standing", "version"))
		at, err := strconv.Atoi(got.header.Get("Ledger-Position"))
		require.NoError(t, err)
		want, err := strconv.Atoi(position)
		require.NoError(t, err)
		require.GreaterOrEqual(t, at, want)
	}
}

func TestAPositionThatDoesNotCome(t *testing.T) {
	o := newOffice(t)
	a := o.send(http.MethodGet, "administrator", "/v1/programmes?min_position=999999", "").problem(http.StatusServiceUnavailable, "position-not-reached")
	require.NotEmpty(t, a.header.Get("Retry-After"))
}

var nextRel = regexp.MustCompile(`^<([^>]+)>; rel="next"$`)

// pages follows Link to the end.
func (o *office) pages(as, path string) (items []any, pages int) {
	o.t.Helper()
	for {
		a := o.get(as, path).want(http.StatusOK)
		pages++
		items = append(items, a.list("items")...)
		link := a.header.Get("Link")
		if link == "" {
			require.Nil(o.t, a.at("next"))
			return items, pages
		}
		m := nextRel.FindStringSubmatch(link)
		require.NotNil(o.t, m, link)
		require.Contains(o.t, m[1], "cursor="+a.text("next"))
		path = m[1]
	}
}

func TestPages(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	for i := range 7 {
		o.register(fmt.Sprint("p", i))
	}
	for _, c := range []struct {
		as, path string
		items    int
	}{
		{"registrar", "/v1/registrations?limit=3", 7},
		{"registrar", "/v1/registrations?limit=3&cohort=spring&state=registered", 7},
		{"registrar", "/v1/registrations?limit=7", 7},
		{"trainer", "/v1/registrations?limit=3", 7},
		{"trainer", cohortPath + "/roster?limit=2", 7},
		{"registrar", "/v1/cohorts?limit=1", 1},
		{"registrar", "/v1/attesters?limit=1", 1},
		{"registrar", "/v1/programmes?limit=1", 1},
		{"administrator", "/v1/tokens?limit=2", 7},
		{"auditor", "/v1/registrations/" + o.ids["p1"] + "/timeline?limit=1", 1},
	} {
		items, pages := o.pages(c.as, c.path)
		require.Len(t, items, c.items, c.path)
		seen := map[string]bool{}
		for _, item := range items {
			raw, err := json.Marshal(item)
			require.NoError(t, err)
			require.False(t, seen[string(raw)], "twice in %s", c.path)
			seen[string(raw)] = true
		}
		require.GreaterOrEqual(t, pages, 1)
	}
	head := o.settle()
	items, _ := o.pages("auditor", "/v1/entries?limit=7")
	require.Len(t, items, int(head))
	items, _ = o.pages("auditor", fmt.Sprintf("/v1/entries?limit=7&after=%d", head-10))
	require.Len(t, items, 10)
}

func TestTheExportIsTheStoredBytes(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	o.register("sam")
	head := o.settle()
	a := o.get("auditor", "/v1/ledger/export").want(http.StatusOK)
	require.Equal(t, "application/x-ndjson", a.header.Get("Content-Type"))
	lines := bufio.NewScanner(strings.NewReader(a.raw))
	lines.Buffer(nil, 4<<20)
	var n uint64
	for lines.Scan() {
		n++
		var line struct {
			Sequence uint64          `json:"sequence"`
			Hash     string          `json:"hash"`
			Stored   json.RawMessage `json:"stored"`
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &line))
		stored, err := o.log.Get(context.Background(), n)
		require.NoError(t, err)
		require.Equal(t, n, line.Sequence)
		require.Equal(t, string(stored.Payload), string(line.Stored))
		require.Equal(t, domain.HashOf(stored.Payload), line.Hash)
	}
	require.Equal(t, head, n)
	part := o.get("auditor", "/v1/ledger/export?after=3&until=5").want(http.StatusOK)
	require.Equal(t, 2, strings.Count(part.raw, "\n"))
	one := o.get("auditor", "/v1/entries/3/stored").want(http.StatusOK)
	stored, err := o.log.Get(context.Background(), 3)
	require.NoError(t, err)
	require.Contains(t, one.raw, string(stored.Payload), "byte for byte")
	require.NotContains(t, a.raw, "anary", "what is sealed stays sealed")
}

func TestRulesAreServedByteForByte(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	line := o.get("registrar", "/v1/programmes/"+peer).want(http.StatusOK)
	last := line.list("versions")[1].(map[string]any)
	a := o.get("registrar", "/v1/rules/"+last["digest"].(string)).want(http.StatusOK)
	require.Equal(t, "application/yaml", a.header.Get("Content-Type"))
	rules, _ := programmes.Get(peer)
	require.Equal(t, string(rules), a.raw)
	one := o.get("registrar", "/v1/programmes/"+peer+"/versions/2").want(http.StatusOK)
	require.Equal(t, last["digest"], one.at("digest"))
	o.post("author", "/v1/programmes/"+peer+"/versions/1/withdrawal", map[string]any{"reason": "replaced"}).want(http.StatusOK)
}

func TestAsKnownAndAsEffective(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	sam := o.register("sam")
	o.at(spring(1).AddDate(0, 0, 1))
	first := o.post("trainer", sam+"/attendance", map[string]any{"session": "1", "status": "absent"}).want(http.StatusOK)
	known := o.clock()
	o.at(known.AddDate(0, 0, 10))
	o.post("trainer", sam+"/corrections", map[string]any{"session": "1", "status": "present", "reason": "data-entry"}).want(http.StatusOK)
	marks := func(query string) int {
		return len(o.get("auditor", sam+query).want(http.StatusOK).list("standing", "marks"))
	}
	require.Equal(t, 2, marks(""))
	require.Equal(t, 1, marks("?known_at="+first.header.Get("Ledger-Position")))
	require.Equal(t, 1, marks("?known_at="+known.Add(time.Minute).UTC().Format(time.RFC3339)))
	o.get("auditor", sam+"?known_at=1").problem(http.StatusNotFound, "no-such-registration")
	early := o.get("auditor", sam+"?effective_at="+spring(1).Add(-time.Hour).UTC().Format(time.RFC3339)).want(http.StatusOK)
	require.NotContains(t, fmt.Sprint(early.list("assessment", "classes")), "missed")
	x := o.get("auditor", sam+"/explanation?known_at="+first.header.Get("Ledger-Position"), "Accept", "text/plain").want(http.StatusOK)
	require.NotContains(t, x.raw, "data-entry")
}
