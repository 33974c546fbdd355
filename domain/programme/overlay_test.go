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

// beside finds programmes by their file's name, whatever their version.
func beside(files map[string]string) programme.Find {
	return func(id string, _ int) []byte { return []byte(files[id]) }
}

func TestCompleteOverOverlays(t *testing.T) {
	files := map[string]string{
		"harbour-guide": string(overlayFile(t, "harbour")), "north-harbour-guide": string(overlayFile(t, "north")),
		"pier": `programme: pier
version: 3
title: The pier
valid: {from: 2026-05-01}
based-on: {programme: north-harbour-guide, version: 1}
set: {fee: {is: 50 EUR, because: Wood became dear.}}
`,
		"one":  "programme: one\nversion: 1\ntitle: One\nvalid: {from: 2026-05-01}\nbased-on: {programme: two, version: 1}\n",
		"two":  "programme: two\nversion: 1\ntitle: Two\nvalid: {from: 2026-05-01}\nbased-on: {programme: one, version: 1}\n",
		"lost": "programme: lost\nversion: 1\ntitle: Lost\nvalid: {from: 2026-05-01}\nbased-on: {programme: nowhere, version: 7}\n",
		"bad":  "programme: bad\nversion: 1\ntitle: Bad\nvalid: {from: 2026-05-01}\nbased-on: {programme: lost, version: 1}\n",
	}
	find := func(id string, version int) []byte {
		if files[id] == "" {
			return nil
		}
		return beside(files)(id, version)
	}
	alone, err := programme.Complete([]byte(files["harbour-guide"]), find)
	require.NoError(t, err)
	require.Equal(t, files["harbour-guide"], string(alone), "what stands alone is what it was")

	out, err := programme.Complete([]byte(files["pier"]), find)
	require.NoError(t, err)
	p := parse(t, out)
	north, err := programme.Complete([]byte(files["north-harbour-guide"]), find)
	require.NoError(t, err)
	require.Equal(t, parse(t, north).Digest, p.BasedOn.Digest)
	require.Equal(t, []programme.Lain{{Programme: "harbour-guide", Version: 2, Digest: parse(t, alone).Digest}}, p.BasedOn.Over)
	fee, _ := p.Parameter("fee")
	require.EqualValues(t, 5000, fee.Is.Number)
	require.NoError(t, programme.Verify(p, parse(t, north)))
	require.ErrorContains(t, programme.Verify(p, parse(t, alone)), "the overlay is laid over north-harbour-guide version 1, and this is harbour-guide version 2")

	again, err := programme.Complete(out, find)
	require.NoError(t, err)
	require.Equal(t, out, again, "what is resolved is complete")

	for name, want := range map[string]string{
		"one": "5:11: in two version 1: 5:11: these lie over one another in a circle: one version 1 → two version 1 → one version 1",
		"lost": `5:11: nowhere version 7 is needed, and is not to be found
  5 | based-on: {programme: nowhere, version: 7}
    |           ^
  in based-on
  hint: put its file beside this one, or publish it first`,
		"bad": "in lost version 1: 5:11: nowhere version 7 is needed",
	} {
		_, err := programme.Complete([]byte(files[name]), find)
		require.ErrorContains(t, err, want, name)
	}

	for i := range 2 * programme.OverlaysMax {
		below := "harbour-guide, version: 2"
		if i > 0 {
			below = "deep-" + string(rune('a'+i-1)) + ", version: 1"
		}
		name := "deep-" + string(rune('a'+i))
		files[name] = "programme: " + name + "\nversion: 1\ntitle: Deep\nvalid: {from: 2026-05-01}\nbased-on: {programme: " + below + "}\n"
		_, err := programme.Complete([]byte(files[name]), find)
		if i < programme.OverlaysMax {
			require.NoError(t, err, name)
		} else {
			require.ErrorContains(t, err, "more than 4 overlays lie over one another", name)
		}
	}
}

// TestResolvedIsNotEdited: what a resolved programme says of its overlay is
// what the overlay says, and what it makes of the base can be done again.
func TestResolvedIsNotEdited(t *testing.T) {
	base := parse(t, overlayFile(t, "harbour"))
	src, err := programme.Resolve(overlayFile(t, "north"), base)
	require.NoError(t, err)
	resolved := string(src)
	for _, c := range []struct{ old, is string }{
		{"changes:\n  parameters/fee: {does: set}\n", "changes:\n"},
		{"counts no hours.', loosens: true}", "counts no hours.'}"},
		{"      training:\n        because: The club", "      training:\n        because: A club"},
		{"based-on: {programme: harbour-guide, version: 2, digest", "based-on: {programme: harbour-guide, version: 1, digest"},
	} {
		require.Contains(t, resolved, c.old)
		_, err := programme.Parse([]byte(strings.Replace(resolved, c.old, c.is, 1)))
		require.ErrorContains(t, err, "based-on and changes are not what the overlay says", c.old)
	}
	edited := parse(t, []byte(strings.Replace(resolved, "at-least: 1000 words\n    otherwise", "at-least: 10 words\n    otherwise", 1)))
	require.ErrorContains(t, programme.Verify(edited, base), "this is not what its overlay and harbour-guide version 2 come to")
	_, err = programme.Parse(overlayFile(t, "north"))
	require.ErrorContains(t, err, "an overlay is not complete without its base")
}

func TestRequiredValuesAreSupplied(t *testing.T) {
	src := overlayFile(t, "harbour")
	p := parse(t, src)
	require.Equal(t, []string{"valid/from", "time-zone", "parameters/fee"}, p.Required)
	require.Equal(t, "3 values are to be supplied before publishing: valid/from, time-zone, parameters/fee", p.StillRequired())

	out, err := programme.Override(src, []byte("{fee: 25, time-zone: Europe/Rome, valid/from: 2026-02-01}"), 0)
	require.NoError(t, err)
	p = parse(t, out)
	require.Empty(t, p.StillRequired())
	require.Equal(t, "Europe/Rome", p.TimeZone)
	require.Equal(t, "2026-02-01", p.Valid.From)
	fee, _ := p.Parameter("fee")
	require.EqualValues(t, 2500, fee.Is.Number)

	for with, want := range map[string]string{
		"{fee: 2 h}":                "2 h is not in EUR",
		"{time-zone: [a]}":          "time-zone must be one word",
		"{valid/until: 2026-01-01}": `no parameter is called "valid/until"`,
	} {
		out, err := programme.Override(src, []byte(with), 0)
		if err == nil {
			_, err = programme.Parse(out)
		}
		require.ErrorContains(t, err, want, with)
	}
}

// FuzzResolve: any text laid over the harbour is a programme or an explanation.
// What is resolved can be resolved again from what it keeps.
func FuzzResolve(f *testing.F) {
	src, err := os.ReadFile("testdata/overlays/harbour.yaml")
	require.NoError(f, err)
	base, err := programme.Parse(src)
	require.NoError(f, err)
	north, err := os.ReadFile("testdata/overlays/north.yaml")
	require.NoError(f, err)
	f.Add(north)
	const head = "programme: n\nversion: 1\ntitle: N\nvalid: {from: 2026-01-01}\nbased-on: {programme: harbour-guide, version: 2}\n"
	for _, odd := range []string{
		"", "a: b", "based-on: x", "[a]", head, head + "add: {registration: {fields: {a: {group: identity}}}}", head + "add: {tracks: {named: [a]}}",
		head + "replace: {registration: {fields: {a: {because: x}}}}", head + "replace: {shown-only: {because: x}}", head + "set: {trips: 3}", head + "assumes: {}",
		head + "remove: {words: {ride: {because: x}}}", head + "base-award: b\nremove: {requirements: {trips: {because: x, loosens: true}}}", head + "add: {classes: {modules: {count: 2}}}",
		head + "\n  # indented\nadd: {requirements: {a: {says: \"a: b\\nc\", has: x, otherwise: not-yet}}}",
	} {
		f.Add([]byte(odd))
	}
	f.Fuzz(func(t *testing.T, overlay []byte) {
		out, err := programme.Resolve(overlay, base)
		if err != nil {
			explained(t, overlay, err)
			return
		}
		p, err := programme.Parse(out)
		require.NoError(t, err)
		require.NoError(t, programme.Verify(p, base))
		require.Equal(t, base.Digest, p.BasedOn.Digest)
	})
}
