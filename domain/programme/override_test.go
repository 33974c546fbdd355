package programme_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/domain/programmes"
)

func peerworks(t *testing.T) []byte {
	t.Helper()
	src, ok := programmes.Get("peerworks-core-essentials")
	require.True(t, ok)
	return src
}

func parse(t *testing.T, src []byte) *programme.Programme {
	t.Helper()
	p, err := programme.Parse(src)
	require.NoError(t, err)
	return p
}

func TestOverrideMakesANewVersion(t *testing.T) {
	src := peerworks(t)
	out, err := programme.Override(src, []byte("{max-missed: 1, practicum-time: 40, intervals: [20, 40 h], sessions-per-module: {6: 2}}"), 3)
	require.NoError(t, err)

	before, after := parse(t, src), parse(t, out)
	require.Equal(t, 3, after.Version)
	require.Equal(t, 2, after.Replaces)
	require.NotEqual(t, before.Digest, after.Digest)
	q, _, ok := after.Requirement("missed-sessions")
	require.True(t, ok)
	require.EqualValues(t, 1, q.Test.(programme.Missed).AtMost)
	q, _, _ = after.Requirement("interval-reports")
	require.Equal(t, []int64{1200, 2400}, q.Test.(programme.AtEach).Steps)
	m, _ := after.Module("6")
	require.EqualValues(t, 2, m.Sessions)
	question, _ := after.Question("interval-evaluation")
	require.EqualValues(t, 2, question.Steps)

	var changed []string
	was := strings.Split(string(src), "\n")
	for i, line := range strings.Split(string(out), "\n") {
		if line != was[i] {
			changed = append(changed, strings.Join(strings.Fields(line), " "))
		}
	}
	require.Equal(t, []string{
		"version: 3",
		"replaces: 2 # the wording without the attendance policy",
		"max-missed: {is: 1, unit: classes, range: 0..17, stricter: lower, assumes: A2, source: 000-09}",
		"sessions-per-module: {is: {6: 2}, of: modules, otherwise: 1, range: 1..4, assumes: A1, source: 000-02} # {6: 2} makes 6a and 6b",
		"practicum-time: {is: 40 h, range: 1 h..500 h, stricter: higher, source: 000-15}",
		"intervals: {is: [20 h, 40 h], assumes: A15, source: 000-23}",
	}, changed)
}

func TestOverrideOfNothingChangesNothing(t *testing.T) {
	src := peerworks(t)
	for _, with := range []string{"", "{}", "\n"} {
		out, err := programme.Override(src, []byte(with), 0)
		require.NoError(t, err)
		require.Equal(t, string(src), string(out))
	}
}

func TestOverrideAddsWhatItReplaces(t *testing.T) {
	src, ok := programmes.Get("peerworks-core-essentials-1")
	require.True(t, ok)
	out, err := programme.Override(src, nil, 2)
	require.NoError(t, err)
	p := parse(t, out)
	require.Equal(t, 2, p.Version)
	require.Equal(t, 1, p.Replaces)
}

// TestOverrideOfEveryShape replaces values as programmes write them: in
// brackets, over several lines, in quotes, beside comments.
func TestOverrideOfEveryShape(t *testing.T) {
	const src = `programme: p
version: 1   # the first
parameters:
  a:
    is:
      - 6
      - 8
    of: modules
  b:
    is:
      6: 2
    otherwise: 1
  c: {is: "it's # [here]", of: words}
  d: {is: [1 h,   # one
           'x]'], of: words}
  e:
    is: true   # for now
  f: {is: 51 %}
  g: {is: 7   
    , unit: é}
last: é
`
	const want = `programme: p
version: 4   # the first
replaces: 1
parameters:
  a:
    is:
      [7]
    of: modules
  b:
    is:
      {6: 3}
    otherwise: 1
  c: {is: word, of: words}
  d: {is: ['a, b'], of: words}
  e:
    is: false   # for now
  f: {is: 60 %}
  g: {is: 8   
    , unit: é}
last: é
`
	out, err := programme.Override([]byte(src), []byte("a: [7]\nb: {6: 3}\nc: word\nd: ['a, b']\ne: false\nf: 60\ng: 8\n"), 4)
	require.NoError(t, err)
	require.Equal(t, want, string(out))
}

func TestOverrideRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		with    string
		version int
		want    string
	}{
		"unknown": {"max-mised: 1", 0, `1:1: no parameter is called "max-mised"
  1 | max-mised: 1
    | ^
  in max-mised
  hint: did you mean max-missed? known parameters: valid/from, max-missed, mandatory-modules, sessions-per-module, attended-minutes, person-to-person, practicum-time, review-time, intervals`},
		"no value": {"max-missed:", 0, `1:1: the new value of max-missed cannot be read
  1 | max-missed:
    | ^
  in max-missed
  hint: write a number, a word, a list or a table`},
		"not a table": {"[1]", 0, `1:1: new values must be a table from parameter to value
  1 | [1]
    | ^
  hint: write max-missed: 1`},
		"older version": {"", 2, `9:10: version 2 cannot follow version 2
  9 | version: 2
    |          ^
  in version
  hint: a new version has a higher number`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := programme.Override(peerworks(t), []byte(c.with), c.version)
			require.EqualError(t, err, c.want)
		})
	}
}

func TestOverriddenValuesAreChecked(t *testing.T) {
	for with, want := range map[string]string{
		"max-missed: 18":           "max-missed is out of range",
		"max-missed: 1.5":          "1.5 classes is finer than its smallest unit",
		"max-missed: [1]":          "the parameter max-missed is a list of numbers, and this must be a number",
		"practicum-time: 0.333":    "0.333 h is finer than its smallest unit",
		"mandatory-modules: [99]":  `no module is called "99"`,
		"person-to-person: []":     "the parameter person-to-person lists no words, so nothing could be selected",
		"attended-minutes: 3 days": "3 days is not in minutes",
		"intervals: [20 h, 10 h]":  "the numbers of intervals do not ascend",
	} {
		t.Run(with, func(t *testing.T) {
			out, err := programme.Override(peerworks(t), []byte(with), 0)
			require.NoError(t, err)
			_, err = programme.Parse(out)
			require.ErrorContains(t, err, want)
		})
	}
}
