package domain

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
)

func overlayed(t *testing.T, name string) string {
	t.Helper()
	src, err := os.ReadFile("programme/testdata/overlays/" + name + ".yaml")
	require.NoError(t, err)
	return string(src)
}

func proposing(programme, rules string, bases ...string) ProposeProgramme {
	return ProposeProgramme{
		Act:       Act{At: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), By: "staff/ann", Role: RoleAuthor, Command: "propose-1"},
		Programme: programme, Rules: rules, Bases: bases,
	}
}

func refusedFor(t *testing.T, err error, reason, detail string) {
	t.Helper()
	var r *Refusal
	require.ErrorAs(t, err, &r)
	require.Equal(t, reason, r.Reason)
	reasonsSeen[r.Reason] = true
	require.Contains(t, r.Detail, detail)
}

// publishingStory is told with the others, for the refusals that it meets.
func publishingStory(t *testing.T) {
	t.Run("overlay", TestAnOverlayIsPublishedResolved)
	t.Run("missing values", TestMissingValuesAreNotPublished)
	t.Run("validity", TestVersionsDoNotOverlap)
}

// TestAnOverlayIsPublishedResolved: what is stored is the whole programme, which
// keeps the overlay's own text.
func TestAnOverlayIsPublishedResolved(t *testing.T) {
	base, over := overlayed(t, "harbour"), overlayed(t, "north")
	events, err := proposing("north-harbour-guide", over, base).Decide(Facts{})
	require.NoError(t, err)
	made := events[0].(*ProposalMade)
	var line ProgrammeLine
	line.Proposals = []Proposal{{
		ID: made.Proposal, Act: made.Act, What: made.What, Until: made.Until, Hash: "h", Made: Origin{Actor: "staff/ann", Time: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)},
	}}
	events, err = PublishProgramme{
		Act:       Act{At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), By: "staff/bea", Role: RoleCertifier, Command: "publish-1"},
		Programme: "north-harbour-guide", Proposal: made.Proposal,
	}.Decide(Facts{Line: &line})
	require.NoError(t, err)
	published := events[0].(*ProgrammePublished)
	p, err := programme.Parse([]byte(published.Rules))
	require.NoError(t, err)
	require.Equal(t, published.Digest, p.Digest)
	require.Equal(t, strings.TrimSpace(over), p.Overlay())
	require.Equal(t, "harbour-guide", p.BasedOn.Programme)

	_, err = proposing("north-harbour-guide", published.Rules, base).Decide(Facts{})
	require.NoError(t, err, "resolved rules may come with their base")
	edited := strings.Replace(published.Rules, "at-least: 1000 words\n    otherwise", "at-least: 10 words\n    otherwise", 1)
	require.NotEqual(t, published.Rules, edited)
	_, err = proposing("north-harbour-guide", edited, base).Decide(Facts{})
	refusedFor(t, err, "programme-invalid", "this is not what its overlay and harbour-guide version 2 come to")

	_, err = proposing("north-harbour-guide", over).Decide(Facts{})
	refusedFor(t, err, "programme-invalid", "harbour-guide version 2 is needed, and is not to be found")
	_, err = proposing("north-harbour-guide", over, base, "no programme: [").Decide(Facts{})
	require.NoError(t, err)
}

// TestMissingValuesAreNotPublished: nobody is judged by a number that no source states.
func TestMissingValuesAreNotPublished(t *testing.T) {
	_, err := proposing("harbour-guide", overlayed(t, "harbour")).Decide(Facts{})
	refusedFor(t, err, "values-missing", "3 values are to be supplied before publishing: valid/from, time-zone, parameters/fee.")
	open := strings.Replace(overlayed(t, "north"), "fee:   {is: 40.00 EUR, source: nc-3}", "", 1)
	_, err = proposing("north-harbour-guide", open, overlayed(t, "harbour")).Decide(Facts{})
	refusedFor(t, err, "values-missing", "1 value is to be supplied before publishing: parameters/fee.")

	p, err := ReadProgramme([]byte(overlayed(t, "harbour")))
	require.NoError(t, err, "it is in order and can be read")
	_, err = SubmitRegistration{
		Act:          Act{At: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), By: "staff/ann", Role: RoleRegistrar, Command: "register-1"},
		Registration: "r1", Person: strings.Repeat("a", 32), Programme: "harbour-guide",
	}.Decide(Facts{Programme: p})
	refusedFor(t, err, "values-missing", "parameters/fee")
}

// TestVersionsDoNotOverlap: on every day one version is in force.
func TestVersionsDoNotOverlap(t *testing.T) {
	src := strings.NewReplacer("valid: {from: {required: true}}", "replaces: 1\nvalid: {from: 2026-06-30}", "{required: true, unit: EUR}", "{is: 4 EUR}",
		"time-zone: {required: true}", "time-zone: UTC").Replace(overlayed(t, "harbour"))
	line := func(v Published) Facts {
		return Facts{Line: &ProgrammeLine{ID: "harbour-guide", Versions: []Published{v}}}
	}

	_, err := proposing("harbour-guide", src).Decide(line(Published{Version: 1, From: "2025-01-01", Until: "2026-06-30"}))
	refusedFor(t, err, "validity-overlaps", "version 1 is valid until 2026-06-30, and this one from 2026-06-30 already")
	for _, before := range []Published{
		{Version: 1, From: "2025-01-01", Until: "2026-06-29"},
		{Version: 1, From: "2025-01-01"},
		{Version: 1, From: "2025-01-01", Until: "2026-12-31", Withdrawn: true},
	} {
		_, err := proposing("harbour-guide", src).Decide(line(before))
		require.NoError(t, err, before)
	}
}
