package domain

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func accessStory(t *testing.T) {
	o := newOffice(t)
	whole := func() RecordAccess {
		return RecordAccess{
			Act: o.act("staff/cleo", RoleCertifier), What: ReadDecisionDossier, ID: "d1", Purpose: PurposeAppeal,
			Values: []SealedValues{
				{Whose: "person/" + ida, Group: GroupNarrative, Count: 2},
				{Whose: "person/" + ida, Group: GroupPracticum, Count: 1},
				{Whose: "person/" + ben, Group: GroupIdentity, Count: 1},
			},
		}
	}
	for reason, change := range map[string]func(*RecordAccess){
		"unknown-kind":         func(c *RecordAccess) { c.What = "everything" },
		"unknown-purpose":      func(c *RecordAccess) { c.Purpose = "curiosity" },
		"missing-field":        func(c *RecordAccess) { c.ID = "" },
		"not-a-code":           func(c *RecordAccess) { c.ID = "CANARY" },
		"not-a-person-id":      func(c *RecordAccess) { c.Values[0].Whose = "registration/r1" },
		"not-a-person-id none": func(c *RecordAccess) { c.Values[0].Whose = "person/" },
		"unknown-group":        func(c *RecordAccess) { c.Values[1].Group = "diary" },
		"number-impossible":    func(c *RecordAccess) { c.Values[1].Count = 0 },
		"values-not-sorted":    func(c *RecordAccess) { c.Values[1] = c.Values[0] },
		"too-many-values":      func(c *RecordAccess) { c.Values = make([]SealedValues, SealedValuesMax+1) },
		"act-incomplete":       func(c *RecordAccess) { c.Role = "" },
	} {
		c := whole()
		change(&c)
		reason, _, _ = strings.Cut(reason, " ")
		o.says("refused "+reason, c)
	}

	var day Access
	o.says("access.recorded.v1", whole())
	nothing := whole()
	nothing.Values = nil
	o.says("access.recorded.v1", nothing)
	for _, e := range o.entries {
		require.Equal(t, whole().Subject(), e.Subject)
		day.Apply(e)
	}
	require.Equal(t, 2, day.Readings)
	require.Equal(t, 4, day.Values)
	require.EqualValues(t, 2, day.Version)
}

// TestAccessSubject keeps where readings stand: a subject for each actor and day
// of UTC, whatever the actor is called.
func TestAccessSubject(t *testing.T) {
	long := StaffActor(strings.Repeat("a", IDMax))
	require.True(t, long.Check())
	require.NoError(t, AccessSubject(long, "2026-03-01").Check())
	require.Equal(t, Subject("access/2a7c30aabfd628471bad80565fbc0f0f-2026-03-01"), AccessSubject("staff/cleo", "2026-03-01"))
	require.NotEqual(t, AccessSubject("staff/cleo", "2026-03-01"), AccessSubject("attester/cleo", "2026-03-01"))

	evening := Act{At: day("2026-03-01").Add(9 * 3600e9), By: "staff/cleo"} // 21:00, four hours behind UTC
	require.Equal(t, AccessSubject("staff/cleo", "2026-03-02"), RecordAccess{Act: evening}.Subject())
}
