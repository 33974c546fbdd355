package domain_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

const freeHeader = `programme: free
version: 1
title: Free
valid: {from: 2026-01-01}
pinned-by: registration
time-zone: UTC
`

// Each is in order as a text, and would give a level to somebody who did nothing.
func TestNothingIsGivenForNothing(t *testing.T) {
	for name, c := range map[string]struct{ rules, message, line string }{
		"upper bounds only": {`awards: {a: {levels: [low, high]}}
requirements:
  few: {says: Few were late., none-of: {late: {has: lateness}}, otherwise: low}
`, "with no facts at all this award earns high", "awards: {a: {levels: [low, high]}}"},
		"what may not apply": {`awards: {a: {levels: [low, high]}}
submissions: {form: {answers: [no, yes-please], answered-by: staff}}
requirements:
  paper: {says: Whoever filed has a paper., when: {filed: form}, has: paper, otherwise: low}
`, "with no facts at all this award earns high", ""},
		"time that passes by itself": {`awards: {a: {levels: [low, high]}}
requirements:
  wait: {says: A year has passed., elapsed: {from: 2026-01-01}, at-least: 12 months, otherwise: low}
`, "with no facts at all this award earns high", ""},
		"one track only": {`tracks: {named: [sea, river]}
awards: {a: {levels: [low, high], each: track}}
requirements:
  boat: {says: Whoever goes to sea has a boat., when: {track: sea}, has: boat, otherwise: low}
`, "with no facts at all this award earns high in the track river", ""},
		"a period": {`periods: {year: {lasts: calendar year, first: year of met in}}
awards: {a: {levels: [low, high]}, owed: {levels: [owing, done], each: year}}
requirements:
  in: {says: In., has: ticket, otherwise: low}
  few: {for: owed, says: Few were late., none-of: {late: {has: {kind: lateness, dated: {in: period}}}}, otherwise: owing}
`, "with no facts at all this award earns done", ""},
	} {
		t.Run(name, func(t *testing.T) {
			src := []byte(freeHeader + strings.ReplaceAll(c.rules, "no, yes-please", "refused, agreed"))
			_, err := programme.Parse(src)
			require.NoError(t, err, "it has no other mistake")
			_, err = domain.ReadProgramme(src)
			var mistakes programme.Errors
			require.True(t, errors.As(err, &mistakes), "%v", err)
			require.Len(t, mistakes, 1)
			require.Equal(t, c.message, mistakes[0].Message)
			require.Positive(t, mistakes[0].Line)
			if c.line != "" {
				require.Equal(t, c.line, mistakes[0].Excerpt)
			}
		})
	}
}

// A level that is never granted may be where somebody without facts stands.
func TestWhereSomebodyStandsIsNotGiven(t *testing.T) {
	rules := freeHeader + `awards: {a: {levels: [low, waiting, high], never-granted: waiting}}
questions: {q: {answers: [bad, good], asked-of: trainer, several: latest}}
requirements:
  good: {says: Good., judged: q, at-least: good, otherwise: low, while-open: waiting}
`
	_, err := domain.ReadProgramme([]byte(rules))
	require.NoError(t, err)
	_, err = domain.ReadProgramme([]byte(strings.Replace(rules, ", never-granted: waiting", "", 1)))
	require.ErrorContains(t, err, "with no facts at all this award earns waiting")
}
