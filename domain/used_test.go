package domain

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
)

const reuse = `programme: PROGRAMME
version: 1
title: Used once
valid: {from: 2000-01-01}
pinned-by: registration
time-zone: UTC
awards:
  first:  {levels: [nothing, provisional], decided-by: {provisional: certifier}}
  second: {levels: [nothing, full], decided-by: {full: certifier}}
  third:  {levels: [nothing, free], decided-by: {free: certifier}}
requirements:
  core:      {says: Ten credits., sum: credit, at-least: 10 credits, otherwise: nothing}
  electives: {for: second, says: Ten others of this programme., sum: credit, where: {unused: here}, at-least: 10 credits, otherwise: nothing}
  fresh:     {for: third, says: Two that nothing rests on., count: credit, where: {unused: anywhere}, at-least: 2, otherwise: nothing}
`

func reusing(t *testing.T, name string) *world {
	p, err := ReadProgramme([]byte(replaceOnce(reuse, "PROGRAMME", name)))
	require.NoError(t, err)
	w := newWorld(t, p)
	w.open(nil, nil)
	return w
}

func replaceOnce(s, old, with string) string {
	b := []byte(s)
	i := slices.Index(b, old[0])
	for string(b[i:i+len(old)]) != old {
		i++
	}
	return s[:i] + with + s[i+len(old):]
}

func (w *world) grant(award, level string) {
	w.must(Grant{Act: w.act(StaffActor("s9"), "certifier"), Registration: worldRegistration, Award: award, Level: level})
	w.day()
}

func TestCreditsUsedByAnotherDecision(t *testing.T) {
	w := reusing(t, "once")
	one := w.credits(Fact{Kind: "credit", Activity: "a1"}, 6)
	two := w.credits(Fact{Kind: "credit"}, 4)
	require.Equal(t, Met, w.result("electives").Verdict, "nothing was decided yet")
	w.grant("first", "provisional")
	require.Equal(t, map[string]string{one: UncountedUsed, two: UncountedUsed}, w.leftOut("electives"))
	require.Equal(t, "10 credits more (credit), that no other decision of this programme rests on", w.lacking("electives"))
	require.Equal(t, Met, w.result("core").Verdict, "what a decision rests on counts for itself")
	require.Equal(t, []uint64{w.standing.Evidence[0].Made.Sequence, w.standing.Evidence[1].Made.Sequence}, w.standing.Decisions[0].Used)

	w.credits(Fact{Kind: "credit"}, 10)
	require.Equal(t, Met, w.result("electives").Verdict)
	w.grant("second", "full")
	require.Equal(t, Met, w.result("electives").Verdict, "a decision does not use up its own credits")
	require.Equal(t, Open, w.result("fresh").Verdict)
}

func TestRevokedDecisionUsesNothing(t *testing.T) {
	w := reusing(t, "once")
	w.credits(Fact{Kind: "credit"}, 10)
	w.grant("first", "provisional")
	require.Equal(t, Open, w.result("electives").Verdict)
	w.must(ProposeRevocation{Act: w.act(StaffActor("s9"), "certifier"), Registration: worldRegistration, Award: "first", Reason: "mixed-up", Text: "mixed up"})
	w.must(ApproveProposal{Act: w.act(StaffActor("s8"), "certifier"), Registration: worldRegistration, Proposal: w.standing.Proposals[0].ID})
	require.Equal(t, Met, w.result("electives").Verdict)
	require.Empty(t, w.standing.AsOthers(w.p)[0].Uses)
}

func TestCreditsUsedByAnotherRegistration(t *testing.T) {
	for name, x := range map[string]struct {
		elsewhere   string
		here, fresh Verdict
	}{
		"in the same programme": {"once", Open, Open},
		"in another programme":  {"twice", Met, Open},
	} {
		t.Run(name, func(t *testing.T) {
			other := reusing(t, x.elsewhere)
			other.credits(Fact{Kind: "credit", Activity: "a1"}, 6)
			other.credits(Fact{Kind: "credit", Activity: "a2"}, 6)
			other.credits(Fact{Kind: "credit"}, 6)
			other.grant("first", "provisional")
			rows := other.standing.AsOthers(other.p)
			require.Equal(t, []string{"a1", "a2"}, rows[0].Uses)

			w := reusing(t, "once")
			w.credits(Fact{Kind: "credit", Activity: "a1"}, 6)
			w.credits(Fact{Kind: "credit", Activity: "a2"}, 6)
			f := w.facts()
			f.Others = rows
			got := Assess(w.p, f, w.now)
			require.Equal(t, x.here, resultAt(got.Results, "electives").Verdict)
			require.Equal(t, x.fresh, resultAt(got.Results, "fresh").Verdict)
			require.Equal(t, Met, resultAt(got.Results, "core").Verdict, "it may be shared")

			told, err := json.Marshal(resultAt(got.Results, "fresh").NotCounted)
			require.NoError(t, err)
			require.NotContains(t, string(told), x.elsewhere, "where it is used is nobody's business")
		})
	}
}

func TestLowestLevelUsesNothing(t *testing.T) {
	w := reusing(t, "once")
	w.credits(Fact{Kind: "credit"}, 9)
	d := Decision{Act: ActGrant, Award: "first", Level: "nothing"}
	first, _ := w.p.Award("first")
	require.False(t, d.uses(first))
	d.Level = "provisional"
	require.True(t, d.uses(first))
	d.Act = ActSuspend
	require.False(t, d.uses(first))
}

func TestWithoutActivityNobodyElseKnows(t *testing.T) {
	other := reusing(t, "twice")
	other.credits(Fact{Kind: "credit"}, 10)
	other.grant("first", "provisional")
	w := reusing(t, "once")
	w.credits(Fact{Kind: "credit"}, 10)
	w.credits(Fact{Kind: "credit"}, 10)
	f := w.facts()
	f.Others = other.standing.AsOthers(other.p)
	require.Equal(t, Met, resultAt(Assess(w.p, f, w.now).Results, "fresh").Verdict)
}

func TestUnusedIsAskedOfTheMeasureByName(t *testing.T) {
	p := &programme.Measure{Parts: []programme.Part{{Where: &programme.Where{Unused: programme.UnusedHere}}}}
	require.True(t, p.Unused())
	require.False(t, (&programme.Measure{}).Unused())
}
