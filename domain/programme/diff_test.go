package programme_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/domain/programmes"
)

// changed is the harbour's programme as its next version, each text replaced once.
func changed(t testing.TB, replace ...string) *programme.Programme {
	t.Helper()
	src := string(parsed(t, "../testdata/programmes/harbour-pilot.yaml").Bytes)
	for i := 0; i < len(replace); i += 2 {
		require.Equal(t, 1, strings.Count(src, replace[i]), replace[i])
		src = strings.Replace(src, replace[i], replace[i+1], 1)
	}
	p, err := programme.Parse([]byte(src))
	require.NoError(t, err)
	return p
}

func TestTwoVersionsCompared(t *testing.T) {
	src, ok := programmes.Get("peerworks-core-essentials-1")
	require.True(t, ok)
	first, err := programme.Parse(src)
	require.NoError(t, err)
	src, ok = programmes.Get("peerworks-core-essentials")
	require.True(t, ok)
	second, err := programme.Parse(src)
	require.NoError(t, err)
	golden(t, "testdata/diff/peerworks-core-essentials.md", programme.Diff(first, second).Markdown())

	was := parsed(t, "../testdata/programmes/harbour-pilot.yaml")
	is := changed(t,
		"version: 4", "version: 5",
		"replaces: 3", "replaces: 4",
		"{is: 400 h, range: 100 h..2000 h,", "{is: 500 h, range: 100 h..2000 h,",
		"{is: 3, unit: evenings,", "{is: 4, unit: evenings,",
		"{is: [100 h, 200 h, 400 h], source", "{is: [100 h, 250 h, 400 h], stricter: higher, source",
		"  two-of-three:\n", "  seamanship:\n    was: two-of-three\n",
		"outcome: passed, dated: {from: 1 year", "outcome: passed, dated: {from: 2 years",
		"    otherwise: none\n    may-be-waived: true", "    otherwise: trainee",
		"appeal: 6 weeks", "appeal: 30 days",
		"  near-misses:           A near miss", "  near-misses:           A narrow miss",
		"until: 2028-12-31}\n", "until: 2029-06-30}\n",
	)
	d := programme.Diff(was, is)
	golden(t, "testdata/diff/harbour-pilot.txt", d.Text())

	strict := map[string]string{}
	for _, c := range d.Chapters {
		for _, i := range c.Items {
			for _, l := range i.Lines {
				if c.Key == "parameters" && l.Key == "is" {
					strict[i.Key] = l.Note
				}
			}
		}
	}
	require.Equal(t, map[string]string{"watches": "stricter", "missed-evenings": "less strict", "milestones": ""}, strict)

	// What is new one way is gone the other way, and renaming is told one way only.
	back := programme.Diff(is, was)
	require.Equal(t, programme.DiffRemoved, doesOf(back, "requirements", "seamanship"))
	require.Equal(t, programme.DiffAdded, doesOf(back, "requirements", "two-of-three"))
	require.Equal(t, programme.DiffRenamed, doesOf(d, "requirements", "seamanship"))
	require.Equal(t, programme.DiffRenamed, doesOf(d, "requirements", "seamanship/swim"))
	require.Empty(t, doesOf(d, "requirements", "seamanship/rescue"))
}

func doesOf(d *programme.Difference, chapter, key string) string {
	for _, c := range d.Chapters {
		for _, i := range c.Items {
			if c.Key == chapter && i.Key == key {
				return i.Does
			}
		}
	}
	return ""
}

func TestNothingChanges(t *testing.T) {
	was := parsed(t, "../testdata/programmes/harbour-pilot.yaml")
	d := programme.Diff(was, was)
	require.True(t, d.None())
	require.Contains(t, d.Text(), "Nothing: it is the same text.")

	// Comments, the order of requirements and other words for the same numbers
	// change nothing.
	is := changed(t, "version: 4\n", "version: 4 # the fourth\n", "session: 3 h", "session: 180 min",
		"  extra-duty:\n    says: Extra duty for a missed evening is done.\n    tasks: extra-duty\n    are: all done\n    otherwise: trainee\n", "",
		"requirements:\n", "requirements:\n  extra-duty:\n    says: Extra duty for a missed evening is done.\n    tasks: extra-duty\n    are: all done\n    otherwise: trainee\n")
	d = programme.Diff(was, is)
	require.True(t, d.None(), d.Text())
	require.Contains(t, d.Markdown(), "Nothing: the texts differ in comments, order or layout only.")
}

// TestANameIsNotTakenTwice: was names what is no more.
func TestANameIsNotTakenTwice(t *testing.T) {
	src := string(parsed(t, "../testdata/programmes/harbour-pilot.yaml").Bytes)
	for _, was := range []string{"fee", "plan"} {
		_, err := programme.Parse([]byte(strings.Replace(src, "  two-of-three:\n", "  two-of-three:\n    was: "+was+"\n", 1)))
		require.ErrorContains(t, err, "two-of-three cannot have been called "+was)
	}
	_, err := programme.Parse([]byte(strings.Replace(strings.Replace(src, "  fee:\n", "  fee:\n    was: toll\n", 1), "  plan:\n", "  plan:\n    was: toll\n", 1)))
	require.ErrorContains(t, err, "plan cannot have been called toll")
}
