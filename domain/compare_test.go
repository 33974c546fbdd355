package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCompareAssessments(t *testing.T) {
	w := newWorld(t, peerworks(t))
	w.openAll()
	require.True(t, CompareAssessments(w.assess(), w.assess()).None())
	before := w.assess()
	for i, s := range w.sessions() {
		status := Present
		if i < 3 {
			status = Absent
		}
		w.mark(s, status)
	}
	after := w.assess()
	c := CompareAssessments(before, after)
	require.True(t, c.Levels())
	require.Equal(t, "certification", c.Awards[0].Award)
	require.Equal(t, before.Awards[0].Earned, c.Awards[0].Before.Earned)
	require.Equal(t, "incomplete", c.Awards[0].After.Earned)
	i := -1
	for j, r := range c.Results {
		if r.Path == c.Awards[0].After.Binding[0] {
			i = j
		}
	}
	require.GreaterOrEqual(t, i, 0, "the clause that binds now is among what changed")
	require.NotEqual(t, c.Results[i].Before.Verdict, c.Results[i].After.Verdict)
	require.NotEmpty(t, c.Results[i].Says)

	back := CompareAssessments(after, before)
	require.Len(t, back.Results, len(c.Results))
	require.Equal(t, c.Results[i].Before, back.Results[i].After)
	require.Equal(t, c, CompareAssessments(before, after), "the order is always the same")
}

func TestCompareAssessmentsByTwoProgrammes(t *testing.T) {
	one := Assessment{Status: "registered", Awards: []AwardResult{{Award: "a", Earned: "low"}}, Results: []Result{{Path: "x", Verdict: Met}, {Path: "y", Verdict: Open}}}
	two := Assessment{Status: "withdrawn", Awards: []AwardResult{{Award: "b", Earned: "low"}}, Results: []Result{{Path: "z", Says: "Z.", Verdict: NotMet}, {Path: "x", Verdict: Met}}}
	c := CompareAssessments(one, two)
	require.Equal(t, &StatusChange{"registered", "withdrawn"}, c.Status)
	require.Equal(t, []AwardChange{{"a", &AwardState{Earned: "low"}, nil}, {"b", nil, &AwardState{Earned: "low"}}}, c.Awards)
	require.Equal(t, []ResultChange{{"y", "", &ResultState{Verdict: Open}, nil}, {"z", "Z.", nil, &ResultState{Verdict: NotMet}}}, c.Results)
	require.True(t, c.Levels())
}
