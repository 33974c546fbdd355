package programme_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
)

func overlayFile(t *testing.T, name string) []byte {
	t.Helper()
	src, err := os.ReadFile("testdata/overlays/" + name + ".yaml")
	require.NoError(t, err)
	return src
}

// TestResolve holds the whole resolved programme: whoever reads it in ten years
// has nothing but these bytes.
func TestResolve(t *testing.T) {
	base, over := parse(t, overlayFile(t, "harbour")), overlayFile(t, "north")
	out, err := programme.Resolve(over, base)
	require.NoError(t, err)
	golden(t, "testdata/overlays/north.resolved", string(out))

	p := parse(t, out)
	require.NoError(t, programme.Verify(p, base))
	require.Empty(t, p.Required, "the overlay supplies what the base leaves open")
	require.Equal(t, &programme.Base{
		Programme: "harbour-guide", Version: 2, Digest: base.Digest, Award: "harbour-minimum",
		Changes: []programme.Change{
			{Path: "parameters/fee", Does: "set"},
			{Path: "parameters/trips", Does: "set", Because: "The northern harbour is dark half the year."},
			{Path: "requirements/training", Does: "replace", Because: "The club gives one course, and counts no hours.", Loosens: true},
			{Path: "requirements/statement", Does: "add"},
			{Path: "shown-only/photograph", Does: "add"},
			{Path: "awards/harbour-minimum", Does: "keep"},
		},
	}, p.BasedOn)
	require.Equal(t, strings.TrimRight(string(over), "\n"), p.Overlay())

	crlf, err := programme.Resolve([]byte(strings.ReplaceAll(string(over), "\n", "\r\n")+"\r\n\r\n"), base)
	require.NoError(t, err)
	require.Equal(t, string(out), string(crlf), "how lines end is no part of an overlay")
}

// TestOverlayMistakes lays overlays with one mistake each over the harbour and
// compares what an author is told.
func TestOverlayMistakes(t *testing.T) {
	base := parse(t, overlayFile(t, "harbour"))
	const head = `programme: north
version: 1
title: North
valid: {from: 2026-01-01}
based-on: {programme: harbour-guide, version: 2}
time-zone: Europe/Oslo
`
	var told strings.Builder
	for _, c := range []struct{ name, text string }{
		{"another base", strings.Replace(head, "version: 2", "version: 3", 1)},
		{"another text of the base", strings.Replace(head, "version: 2}", "version: 2, digest: 'sha256:00'}", 1)},
		{"over itself", strings.NewReplacer("programme: north", "programme: harbour-guide", "version: 1", "version: 2").Replace(head)},
		{"no base", strings.Replace(head, "based-on: {programme: harbour-guide, version: 2}\n", "", 1)},
		{"a section of its own", head + "requirements: {x: {says: X., has: x, otherwise: not-yet}}"},
		{"an unknown key", head + "repalce: {}"},
		{"a requirement added without its section", head + "add: {statement: {says: X., has: x, otherwise: not-yet}}"},
		{"an unknown key replaced", head + "replace: {requirements: {trainings: {because: X., says: X., has: x, otherwise: not-yet}}}"},
		{"a key that the base has", head + "add: {requirements: {training: {says: X., has: x, otherwise: not-yet}}}"},
		{"a parameter that the base has", head + "add: {parameters: {trips: {is: 4 h}}}"},
		{"replaced without a reason", head + "replace: {requirements: {training: {says: X., has: x, otherwise: not-yet}}}"},
		{"removed in silence", head + "remove: {requirements: {dues: {because: Nobody pays.}}}"},
		{"removed with a test", head + "remove: {requirements: {dues: {because: Nobody pays., loosens: true, says: X.}}}"},
		{"set without a reason", head + "set: {trips: {is: 700 h}}"},
		{"set to nothing", head + "set: {trips: {because: X.}}"},
		{"set is not known", head + "set: {tripps: {is: 700 h, because: X.}}"},
		{"set more than a value", head + "set: {trips: {is: 700 h, stricter: lower, because: X.}}"},
		{"set in another unit", head + "set: {trips: {is: 7 credits, because: X.}}"},
		{"a parameter replaced", head + "replace: {parameters: {trips: {is: 700 h, because: X.}}}"},
		{"a parameter loosened in silence", head + "set: {trips: {is: 400 h, because: X.}}"},
		{"an upper bound loosened in silence", head + "set: {tries: {is: 4, because: X.}}"},
		{"said to loosen and does not", head + "set: {trips: {is: 600 h, because: X., loosens: true}}"},
		{"a bound loosened in silence", head + "replace: {requirements: {trips: {because: X., says: X., sum: hours-at-sea, at-least: 20 h, otherwise: not-yet}}}"},
		{"a part loosened in silence", head + "replace: {requirements: {training: {because: X., says: X., sum: training, at-least: 50 h, otherwise: not-yet}}}"},
		{"an answer loosened in silence", head + "replace: {requirements: {ride-along: {because: X., says: X., judged: ride-along, at-least: safe, otherwise: not-yet}}}"},
		{"made waivable in silence", head + "replace: {requirements: {dues: {because: X., says: X., sum: payment, at-least: fee, otherwise: not-yet, may-be-waived: true}}}"},
		{"a mistake in what is added", head + "add:\n  requirements:\n    statement:\n      says: X.\n      sum: statement\n      at-least: words\n      otherwise: not-yet"},
		{"what the base still needs", head + "remove: {requirements: {ride-along: {because: X., loosens: true}}}"},
		{"a name that is taken", head + "base-award: guide"},
		{"a list of parts", head + "base-award: [guide]"},
		{"no table", head + "add: [statement]"},
	} {
		told.WriteString("== " + c.name + "\n")
		out, err := programme.Resolve([]byte(c.text), base)
		require.Error(t, err, "%s\n%s", c.name, out)
		told.WriteString(err.Error() + "\n\n")
	}
	golden(t, "testdata/overlays/mistakes.txt", told.String())
}
