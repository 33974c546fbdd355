package programme_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
)

func typeName(v any) string { return fmt.Sprintf("%T", v) }

func TestRequirementByPath(t *testing.T) {
	p := parse(t, sources(t)["harbour-pilot"])
	for path, want := range map[string]string{
		"accepted":                           "programme.Submitted",
		"two-of-three":                       "programme.Combined",
		"two-of-three/swim":                  "programme.Has",
		"two-of-three/old-hand/drills":       "programme.TasksDone",
		"teaches-well/after-study/studied":   "programme.Sum",
		"reports/3":                          "programme.AtEach 3",
		"reports/4":                          "",
		"reports/03":                         "",
		"reports/1/2":                        "",
		"reports/one":                        "",
		"accepted/1":                         "",
		"accepted/":                          "",
		"two-of-three/sail":                  "",
		"two-of-three/old-hand/drills/lines": "",
		"":                                   "",
	} {
		q, step, ok := p.Requirement(path)
		got := ""
		if ok {
			got = typeName(q.Test)
			if step > 0 {
				got += fmt.Sprintf(" %d", step)
			} else {
				require.Equal(t, path, q.Path)
			}
		}
		require.Equal(t, want, got, path)
	}
}

func TestEachRequirementVisitsEveryPath(t *testing.T) {
	p := parse(t, sources(t)["harbour-pilot"])
	n := 0
	p.EachRequirement(func(q programme.Requirement) bool {
		found, _, ok := p.Requirement(q.Path)
		require.True(t, ok)
		require.Equal(t, q, found)
		n++
		return true
	})
	require.Equal(t, 30, n)
	n = 0
	p.EachRequirement(func(programme.Requirement) bool { n++; return n < 8 })
	require.Equal(t, 8, n)
}

func TestLookups(t *testing.T) {
	p := parse(t, sources(t)["harbour-pilot"])
	first, ok := p.Award("")
	require.True(t, ok)
	require.Equal(t, "licence", first.Key)
	require.Equal(t, "none", first.Lowest())
	require.Equal(t, "free", first.Highest())
	rank, ok := first.Rank("escorted")
	require.True(t, ok)
	require.Equal(t, 2, rank)
	_, ok = first.Rank("captain")
	require.False(t, ok)
	_, ok = p.Award("captaincy")
	require.False(t, ok)

	instructor, _ := p.Award("instructor")
	require.False(t, instructor.Grantable("under-review"))
	require.True(t, instructor.Grantable("ready"))
	require.False(t, instructor.Grantable("captain"))
	require.Len(t, p.RequirementsFor("instructor"), 3)

	_, ok = first.Denial("eyesight", "escorted")
	require.False(t, ok)
	_, ok = first.Denial("eyesight", "free")
	require.True(t, ok)
	_, ok = first.Denial("conduct", "escorted")
	require.True(t, ok)

	m, ok := p.ModuleOfTitle(" rules of the road ")
	require.True(t, ok)
	require.Equal(t, programme.Module{Key: "rules-of-the-road", Title: "Rules of the Road", Sessions: 2}, m)
	_, ok = p.ModuleOfTitle("")
	require.False(t, ok)
	_, ok = (&programme.Programme{}).Module("6")
	require.False(t, ok)

	require.Equal(t, []string{
		"course", "incident", "mooring", "passage-report", "payment", "radio-certificate", "service", "study", "swimming-test",
		"unrested", "watch", "weather-diary",
	}, p.Kinds())

	fee, ok := p.Parameter("licence-fee")
	require.True(t, ok)
	require.Equal(t, programme.Value{Number: 26050, Unit: programme.UnitCent, Noun: "EUR"}, fee.Is)
	s, _ := p.Submission("teaching-plan")
	require.Equal(t, "agreed", s.Favourable())
	w, ok := p.Word("excuse-report")
	require.True(t, ok)
	require.Equal(t, programme.Word{Name: "excuse-report", Act: "answer", Of: "passage-report", Args: map[string]string{"with": "excused"}}, w)
}
