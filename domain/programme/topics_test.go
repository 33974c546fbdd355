package programme_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/domain/programmes"
)

// withCompetencies is a small programme that copies the framework as it is.
func withCompetencies(t *testing.T) string {
	t.Helper()
	src, ok := programmes.Framework("competencies")
	require.True(t, ok)
	return `programme: listener
version: 1
title: Listener
valid: {from: 2026-01-01}
pinned-by: registration
time-zone: UTC
modules: {named: {one: Listening, two: In a crisis}}
awards: {listener: {levels: [not-yet, listener]}}
questions: {seen: {asked-of: trainer, rubric: competencies, several: latest}}
requirements:
  listens: {says: The trainer saw people skills grow., rated: seen, section: interpersonal, each-at-least: developing, otherwise: not-yet}
` + string(src)
}

// TestCompetenciesCanBeUsedByAnyProgramme: the framework is whole as the source
// has it, and its topics are shown with the modules that cover them.
func TestCompetenciesCanBeUsedByAnyProgramme(t *testing.T) {
	src := strings.Replace(withCompetencies(t), "    named:\n      listening:", "    covered: {one: [listening, trust], two: [listening, calming]}\n    named:\n      listening:", 1)
	p, err := programme.Parse([]byte(src))
	require.NoError(t, err)

	items := map[string]int{}
	rubric, ok := p.Rubric("competencies")
	require.True(t, ok)
	for _, s := range rubric.Sections {
		items[s.Key] = len(s.Items)
	}
	require.Equal(t, map[string]int{"lived-experience": 4, "interpersonal": 5, "critical-thinking": 5, "teamwork": 6, "ethics": 3}, items)
	topics := map[string]int{}
	for _, x := range p.Topics {
		topics[x.Key] = len(x.Topics)
	}
	require.Equal(t, map[string]int{"roles": 11, "communication": 13, "crisis": 7, "anti-stigma": 6}, topics)

	require.Len(t, p.Topics[1].Uncovered(), 10)
	page := programme.Describe(p).Markdown()
	require.Contains(t, page, "- **Covered:** 3 of 13 topics\n- **Not covered:** conflict, needs-met, goals,")
	require.Contains(t, page, "- `communication/listening`: Active listening, questions and feedback\n  - **Covered by:** one (Listening) and two (In a crisis)\n")
	require.Contains(t, page, "- `communication/goals`: Setting goals\n  - **Covered by:** no module\n")

	// Teaching one more topic is one change, and no result depends on it.
	q, err := programme.Parse([]byte(strings.Replace(src, "trust]", "trust, goals]", 1)))
	require.NoError(t, err)
	d := programme.Diff(p, q)
	require.Len(t, d.Chapters, 1)
	require.Equal(t, "topics", d.Chapters[0].Key)
	require.Equal(t, []programme.DiffedItem{{
		Key: "communication/goals", Does: programme.DiffChanged,
		Lines: []programme.DiffedLine{{Key: "covered", Label: "Covered by", Before: "no module", After: "one (Listening)"}},
	}}, d.Chapters[0].Items)
}

func TestTopicsThatAreNotThere(t *testing.T) {
	src := withCompetencies(t)
	for covered, message := range map[string]string{
		"{three: [listening]}":          `no module is called "three"`,
		"{one: [lisening]}":             `no topic of communication is called "lisening"`,
		"{one: [listening, listening]}": `"listening" is listed twice`,
		"[one]":                         "must be a table of names",
	} {
		_, err := programme.Parse([]byte(strings.Replace(src, "    named:\n      listening:", "    covered: "+covered+"\n    named:\n      listening:", 1)))
		require.ErrorContains(t, err, message)
	}
	_, err := programme.Parse([]byte(strings.Replace(src, "source: 001-01", "source: 002-01", 1)))
	require.ErrorContains(t, err, `"002-01" is in none of the sources`)
}
