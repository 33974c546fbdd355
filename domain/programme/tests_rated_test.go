package programme_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
)

const glassblower = `programme: glassblower
version: 1
title: Glassblower
valid: {from: 2026-01-01}
pinned-by: registration
time-zone: Europe/Prague
parameters:
  years: {is: 12 months}
tracks: {named: [cut, blown]}
awards:
  core: {levels: [none, ready]}
  glass: {levels: [none, able], each: track}
  term: {levels: [none, short, long]}
rubrics:
  bench:
    scale: [poor, fair, good]
    sections:
      hands: {items: 1..8}
      own:   {items: {heat: Keeps the heat, turn: Turns it}, each: track}
questions:
  bench:   {asked-of: trainer, rubric: bench, several: latest}
  council: {asked-of: council, answers: [nay, aye], several: latest, each: track}
submissions:
  letter: {answers: [nay, aye], answered-by: staff}
measures:
  melted: {sum: melt, unit: h}
requirements:
  hands: {says: Hands., rated: bench, section: hands, each-at-least: fair, signed-by: [trainer, participant], otherwise: none}
  waited: {says: Time., elapsed: {from: filed letter}, at-least: years, otherwise: none}
  fit: {says: Fit., when: {has: {kind: burn}, unless: true}, has: fitness, otherwise: none}
  own: {says: Own., for: glass, rated: bench, section: own, at-least: 2, counting: good, otherwise: none}
  board: {says: Board., for: glass, when: {track: cut}, judged: council, at-least: aye, otherwise: none}
  held: {says: Held., for: term, sum: melted, reaches: {short: 10 h, long: 20 h}}
`

// TestMistakesInRatingsTracksAndTime changes one thing and reads what the
// author is told: the place, the mistake, and what to do.
func TestMistakesInRatingsTracksAndTime(t *testing.T) {
	p, err := programme.Parse([]byte(glassblower))
	if err != nil {
		t.Fatal(err.(programme.Errors).Format("glassblower.yaml"))
	}
	require.Equal(t, []string{"rated"}, p.Questions[0].Answers)
	require.Equal(t, []string{"burn", "fitness", "melt"}, p.Kinds())
	require.Equal(t, []string{"bench", "council/cut", "council/blown"}, p.AskedWords())

	for _, x := range []struct{ was, is, path, message, hint string }{
		{"section: hands", "section: feet", "requirements/hands/section", `no section of bench is called "feet"`, "hands or own"},
		{"section: hands, ", "", "requirements/hands/rated", "the rubric bench has several sections", "write section: hands or own"},
		{"each-at-least: fair", "each-at-least: fine", "requirements/hands/each-at-least", `no rating of bench is called "fine"`, "poor, fair or good"},
		{"each-at-least: fair", "each-at-least: poor", "requirements/hands/each-at-least", "every rating is at least poor", "name a higher one"},
		{"each-at-least: fair, ", "", "requirements/hands", "a rating test says how every item, or how many, must be rated", "with counting"},
		{"each-at-least: fair", "each-at-least: fair, counting: good", "requirements/hands/counting", "does not go with each-at-least", "at-least"},
		{"at-least: 2, counting: good", "at-least: 2", "requirements/own", `a number of items needs the key "counting"`, ""},
		{"at-least: 2, counting", "at-least: 3, counting", "requirements/own/at-least", "3 items can never be rated so: the section own has 2", ""},
		{"signed-by: [trainer, participant]", "signed-by: trainer", "requirements/hands/signed-by", "the trainer signs by judging", "name who else signs"},
		{"rubric: bench, several: latest", "rubric: bench, several: lowest", "requirements/hands/signed-by", "it is not clear which is signed", "several: latest"},
		{"rubric: bench, several", "rubric: bank, several", "questions/bench/rubric", `no rubric is called "bank"`, "bench"},
		{"core: {levels: [none, ready]}", "core: {levels: [none, ready], settled-by: facts}", "awards/core/settled-by", "only an award of periods, or one that another needs, is settled by facts", ""},
		{"rubrics:\n", "rubrics:\n  spare: {scale: [low, high], sections: {all: {items: [one]}}}\n", "rubrics/spare", "no question rates the rubric spare", "write rubric: spare"},
		{"rated: bench, section: hands", "rated: council", "requirements/hands/rated", "the question council has no rubric", "write rubric:"},
		{"items: 1..8", "items: 8..1", "rubrics/bench/sections/hands/items", `"8..1" is no run of numbers`, "write items: 1..8"},
		{"items: 1..8", "items: 1..999", "rubrics/bench/sections/hands/items", "at most 200 of them", ""},
		{"own: {says: Own., for: glass", "own: {says: Own., for: core", "requirements/own", "the section own is rated for each track, and core is not asked for a track", "each: track"},
		{"board: {says: Board., for: glass, when: {track: cut}", "board: {says: Board., for: core", "requirements/board", "the question council is asked for each track", "each: track"},
		{"for: glass, when: {track: cut}, judged: council, at-least: aye", "for: core, when: {track: cut}, judged: bench", "requirements/board", "when asks for a track, and core is not asked for a track", "each: track"},
		{"when: {track: cut}", "when: {track: cast}", "requirements/board/when/track", `no track is called "cast"`, "cut or blown"},
		{"tracks: {named: [cut, blown]}\n", "", "requirements/board/when/track", `no track is called "cut"`, ""},
		{"[none, able], each: track", "[none, able]", "requirements/own", "is rated for each track", "each: track"},
		{"named: [cut, blown]", "named: [cut, this]", "tracks/named", `no track can be called "this"`, "the track at hand"},
		{"when: {has: {kind: burn}, unless: true}", "when: {has: {kind: burn}, filed: letter}", "requirements/fit/when/has", "when has one condition", "two requirements"},
		{"when: {has: {kind: burn}, unless: true}", "when: {unless: true}", "requirements/fit/when", "when has no condition", "{track: name}"},
		{"when: {has: {kind: burn}, unless: true}", "when: {has: {kind: burn}, until: 2026-01-01}", "requirements/fit/when/until", `"until" does not go with has`, "dated"},
		{"elapsed: {from: filed letter}, at-least: years", "elapsed: {from: filed letter}", "requirements/waited", `elapsed time needs the key "at-least"`, ""},
		{"elapsed: {from: filed letter}", "elapsed: {to: filed letter}", "requirements/waited/elapsed", `elapsed needs the key "from"`, ""},
		{"elapsed: {from: filed letter}", "elapsed: {from: met waited}", "requirements/waited/elapsed/from", "this day depends on itself: waited → waited", ""},
		{"elapsed: {from: filed letter}, at-least: years", "elapsed: {from: filed letter}, at-least: 3 h", "requirements/waited/at-least", "3 h is in another unit", "days"},
		{"{short: 10 h, long: 20 h}", "{short: 20 h, long: 10 h}", "requirements/held/reaches/long", "the total for long is not above the one before", "higher total"},
		{"{short: 10 h, long: 20 h}", "{long: 10 h, short: 20 h}", "requirements/held/reaches/short", "the level short is not above the one before", "low to high"},
		{"{short: 10 h, long: 20 h}", "{none: 1 h, short: 10 h, long: 20 h}", "requirements/held/reaches/none", "everybody has the lowest level of term", "above it"},
		{"{short: 10 h, long: 20 h}", "{short: 10 h}", "requirements/held/reaches", "nothing says what total reaches long", "its total"},
		{"{short: 10 h, long: 20 h}", "{short: 10 h, longer: 20 h}", "requirements/held/reaches/longer", `no level of term is called "longer"`, "long"},
		{"{short: 10 h, long: 20 h}", "{long: 20 h}", "awards/term/levels", "no history can earn the level short of term", ""},
		{"reaches: {short: 10 h, long: 20 h}", "reaches: {short: 10 h, long: 20 h}, otherwise: none", "requirements/held/otherwise", "the thresholds say which level is supported", "delete it"},
		{"reaches: {short: 10 h, long: 20 h}", "at-least: 5 h, reaches: {short: 10 h, long: 20 h}", "requirements/held/at-least", `"at-least" does not go with reaches`, "under reaches"},
		{"reaches: {short: 10 h, long: 20 h}}", "reaches: {short: 10 h, long: 20 h}}\n  most: {says: Most., for: term, sum: melted, at-most: 15 h, otherwise: none}", "requirements/held", "no history can reach long: most allows less than it asks for", ""},
		{"has: fitness, otherwise: none", "all-of: {a: {sum: melted, reaches: {ready: 1 h}}}, otherwise: none", "requirements/fit/all-of/a/reaches", "reaches cannot stand in a part of a requirement", "requirement of its own"},
	} {
		t.Run(x.path, func(t *testing.T) {
			require.Contains(t, glassblower, x.was)
			_, err := programme.Parse([]byte(strings.Replace(glassblower, x.was, x.is, 1)))
			var all programme.Errors
			require.True(t, errors.As(err, &all), "%s", x.is)
			told := all.Format("glassblower.yaml")
			found := false
			for _, e := range all {
				if e.Path == x.path && strings.Contains(e.Message, x.message) && strings.Contains(e.Hint, x.hint) {
					found = true
					require.Positive(t, e.Line)
					require.NotEmpty(t, e.Excerpt)
				}
			}
			require.True(t, found, "%s at %s:\n%s", x.message, x.path, told)
		})
	}
}

// TestItemsOfAParameter: the items of a section may be a parameter, a run of
// numbers too, and one that is still to be supplied; and an award that another
// needs may do without a decision.
func TestItemsOfAParameter(t *testing.T) {
	items := func(is string) (*programme.Programme, error) {
		src := strings.Replace(glassblower, "  years:", "  own-items: {"+is+", of: items}\n  years:", 1)
		src = strings.Replace(src, "items: {heat: Keeps the heat, turn: Turns it}", "items: own-items", 1)
		src = strings.Replace(src, "core: {levels: [none, ready]}", "core: {levels: [none, ready], settled-by: facts}", 1)
		src = strings.Replace(src, "[none, able], each: track", "[none, able], each: track, needs: {core: ready}", 1)
		return programme.Parse([]byte(src))
	}
	p, err := items("is: 1..3")
	require.NoError(t, err)
	require.Equal(t, []string{"1", "2", "3"}, p.Rubrics[0].Sections[1].Items)
	require.True(t, p.Awards[0].ByFacts)

	p, err = items("required: true") // two of them are asked for, and nobody knows yet how many there are
	require.NoError(t, err)
	require.Equal(t, []string{"parameters/own-items"}, p.Required)
	src, err := programme.Override(p.Bytes, []byte("own-items: 1..2\n"), 0)
	require.NoError(t, err)
	p, err = programme.Parse(src)
	require.NoError(t, err)
	require.Empty(t, p.Required)
	require.Equal(t, []string{"1", "2"}, p.Rubrics[0].Sections[1].Items)

	for is, told := range map[string]string{
		"is: 1..1": "2 items can never be rated so: the section own has 1",
		"is: 2..1": `"2..1" is no run of numbers`,
	} {
		_, err = items(is)
		require.ErrorContains(t, err, told)
	}
}
