package programme_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
)

// harbourVersion is the harbour's programme in another version, changed.
func harbourVersion(t *testing.T, changes ...string) *programme.Programme {
	t.Helper()
	src := strings.NewReplacer("{from: {required: true}}", "{from: 2026-01-01}", "time-zone: {required: true}", "time-zone: UTC").Replace(string(overlayFile(t, "harbour")))
	for i := 0; i < len(changes); i += 2 {
		require.Contains(t, src, changes[i])
		src = strings.Replace(src, changes[i], changes[i+1], 1)
	}
	return parse(t, []byte(src))
}

func TestFollows(t *testing.T) {
	next := func(valid string) *programme.Programme {
		return harbourVersion(t, "version: 2", "version: 3\nreplaces: 2", "{from: 2026-01-01}", valid)
	}
	ended := harbourVersion(t, "{from: 2026-01-01}", "{from: 2026-01-01, until: 2026-06-30}")
	require.NoError(t, next("{from: 2026-07-01}").Follows(ended))
	require.NoError(t, next("{from: 2026-03-01}").Follows(harbourVersion(t)), "a version without a last day ends where the next begins")
	require.NoError(t, ended.Follows(ended))

	err := next("{from: 2026-06-30}").Follows(ended)
	require.EqualError(t, err, `6:15: the days overlap: version 2 is valid until 2026-06-30 and version 3 from 2026-06-30
  6 | valid: {from: 2026-06-30}
    |               ^
  in valid/from
  hint: begin on the day after 2026-06-30`)
	require.ErrorContains(t, next("{from: 2025-12-31}").Follows(ended), "version 2 is valid from 2026-01-01 already, which is later")
	require.ErrorContains(t, ended.Follows(next("{from: 2026-07-01}")), "version 2 comes before version 3")
	require.ErrorContains(t, ended.Follows(harbourVersion(t)), "version 2 is there already, with other rules")
}

func TestAgainst(t *testing.T) {
	old := harbourVersion(t)
	require.NoError(t, old.Against(old))
	require.NoError(t, harbourVersion(t, "at-least: 6 h", "at-least: 8 h", "trips:      {is: 500 h", "trips:      {is: 700 h").Against(old))
	require.NoError(t, harbourVersion(t, "  trips:\n    says", "  sea-time:\n    was: trips\n    says",
		"trips:      {is", "sea-time: {was: trips, is", "at-least: trips", "at-least: sea-time").Against(old), "a key that was only renamed")

	for _, c := range []struct {
		want    string
		changes []string
	}{
		{`in requirements/dues`, []string{"sum: payment\n    at-least: fee", "has: payment", "  fee:        {required: true, unit: EUR}\n", ""}},
		{"dues is another kind of test than in version 2", []string{"sum: payment\n    at-least: fee", "has: payment", "  fee:        {required: true, unit: EUR}\n", ""}},
		{"dues caps renewal, and guide in version 2", []string{"  dues:\n", "  dues:\n    for: renewal\n"}},
		{"the parameter fee has another kind of value than in version 2", []string{"unit: EUR", "unit: USD"}},
		{"money caps renewal, and guide in version 2", []string{"  dues:\n", "  money:\n    was: dues\n    for: renewal\n"}},
		{"version 2 has no requirements/duties", []string{"  dues:\n", "  money:\n    was: duties\n"}},
		{"version 2 has no parameters/price", []string{"{required: true, unit: EUR}", "{was: price, required: true, unit: EUR}"}},
	} {
		require.ErrorContains(t, harbourVersion(t, c.changes...).Against(old), c.want)
	}
	_, err := programme.Parse([]byte(strings.Replace(string(old.Bytes), "{required: true, unit: EUR}", "{was: trips, required: true, unit: EUR}", 1)))
	require.ErrorContains(t, err, `"trips" is still a key of parameters`)

	// What an overlay replaces is among its changes.
	src, err := programme.Resolve([]byte(strings.Replace(string(overlayFile(t, "north")), "programme: north-harbour-guide\nversion: 1", "programme: harbour-guide\nversion: 3", 1)),
		parse(t, overlayFile(t, "harbour")))
	require.NoError(t, err)
	require.NoError(t, parse(t, src).Against(parse(t, overlayFile(t, "harbour"))))
}
