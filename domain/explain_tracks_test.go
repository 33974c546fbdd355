package domain

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
)

// TestExplanationNamesTheTrack: an award that is asked for each track is told
// once for each, and of one that the facts settle no decision is awaited.
func TestExplanationNamesTheTrack(t *testing.T) {
	src, err := os.ReadFile("testdata/programmes/cave-warden.yaml")
	require.NoError(t, err)
	p, err := programme.Parse([]byte(strings.Replace(string(src), "levels: [none, ready]\n", "levels: [none, ready]\n    settled-by: facts\n", 1)))
	require.NoError(t, err)
	w := newWorld(t, p)
	w.open(nil, nil)
	got := Explain(p, w.assess(), w.facts().Entries).Text()
	require.Contains(t, got, "\nZone, dry: None\n")
	require.Contains(t, got, "\nZone, wet: None\n  The facts support None, as Warden is not at Ready. Nothing has been decided yet.\n")
	require.Contains(t, got, "\nWarden: None\n  The facts support None. Nobody decides on it.\n")
}

// TestExplanationLeavesIdleTracks: once something is on record for one track,
// the others are told in one line; and what an award waits for is named.
func TestExplanationLeavesIdleTracks(t *testing.T) {
	src, err := os.ReadFile("testdata/programmes/cave-warden.yaml")
	require.NoError(t, err)
	p, err := programme.Parse([]byte(strings.Replace(string(src), "is: [dry, wet]", "is: [dry, wet, deep, high]", 1)))
	require.NoError(t, err)
	w := newWorld(t, p)
	w.open(nil, nil)
	w.fact(Fact{Kind: "suit", Track: "wet"}, 0)
	got := Explain(p, w.assess(), w.facts().Entries).Text()
	require.Contains(t, got, "\nZone, wet: None\n  The facts support None, as Warden is not at Ready. Nothing has been decided yet.\n")
	require.Contains(t, got, "\nZone, dry, deep, high: None\n  Nothing is on record for this yet.\n")
	require.Equal(t, 2, strings.Count(got, "\nZone, "))

	require.Equal(t, "cut", trackRated("own/cut/2"))
	require.Empty(t, trackRated("hands/2"))
}
