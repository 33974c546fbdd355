package domain

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheFoldWantsWhatWasProposed writes past the commands: who carries out a
// proposal does what was proposed, to the letter.
func TestTheFoldWantsWhatWasProposed(t *testing.T) {
	for name, change := range map[string]func(*WaiverGranted){
		"":                    func(*WaiverGranted) {},
		"another waiver":      func(e *WaiverGranted) { e.Waiver = "w9" },
		"another requirement": func(e *WaiverGranted) { e.Requirement = "report-1" },
		"another session":     func(e *WaiverGranted) { e.Session = "3" },
		"every session":       func(e *WaiverGranted) { e.Session = "" },
		"longer":              func(e *WaiverGranted) { e.Until = "2027-12-31" },
		"another reason":      func(e *WaiverGranted) { e.Reason = "illness" },
	} {
		t.Run(name, func(t *testing.T) {
			o := trained(t, "2", "3", "4")
			o.must(ProposeWaiver{
				Act: o.certifier(), Registration: "r1", Requirement: "missed-sessions", Session: "2", Until: "2026-12-31", Text: "A flood.",
			})
			c := ApproveProposal{Act: o.coordinator(), Registration: "r1", Proposal: o.last[0].(*ProposalMade).Proposal}
			events, err := c.Decide(o.facts(c))
			require.NoError(t, err)
			e := events[0].(*WaiverGranted)
			change(e)
			o.store(c, 0, e)
			s := o.registrations["r1"]
			if name == "" {
				require.Len(t, s.Waivers, 1)
				require.Empty(t, s.Unapproved)
				return
			}
			require.Empty(t, s.Waivers)
			require.Len(t, s.Unapproved, 1)
			require.Empty(t, s.Proposals[0].Closed, "it can still be carried out")
		})
	}
}

// TestTheFoldWantsTheRevocationProposed: what only the decision knows is its own.
func TestTheFoldWantsTheRevocationProposed(t *testing.T) {
	for name, change := range map[string]func(*DecisionRecorded){
		"":            func(e *DecisionRecorded) { e.From, e.Warnings = "2026-01-01", nil },
		"more levels": func(e *DecisionRecorded) { e.Levels = []string{"level-1", "level-1r", "certified"} },
		"person-wide": func(e *DecisionRecorded) { e.PersonWide = true },
		"the reason":  func(e *DecisionRecorded) { e.Reason = "illness" },
		"another act": func(e *DecisionRecorded) { e.Act = ActGrant },
	} {
		t.Run(name, func(t *testing.T) {
			o := graduated(t)
			o.must(ProposeRevocation{Act: o.certifier(), Registration: "r1", Levels: []string{"level-1r"}, Text: "See the letter."})
			c := ApproveProposal{Act: o.coordinator(), Registration: "r1", Proposal: o.last[0].(*ProposalMade).Proposal}
			c.Role = RoleCertifier
			events, err := c.Decide(o.facts(c))
			require.NoError(t, err)
			e := events[0].(*DecisionRecorded)
			change(e)
			o.store(c, 0, e)
			_, granted := o.registrations["r1"].InForce(e.Award)
			require.Equal(t, name != "", granted)
		})
	}
}

// TestRulesAreInForceByTwoPeople: rules that one person published bind nobody.
func TestRulesAreInForceByTwoPeople(t *testing.T) {
	for name, change := range map[string]func(*ProgrammePublished){
		"":            func(*ProgrammePublished) {},
		"no proposal": func(e *ProgrammePublished) { e.Proposed = nil },
		"other rules": func(e *ProgrammePublished) { e.Rules = strings.Replace(e.Rules, "PeerWorks", "Peerworks", 1) },
		"earlier":     func(e *ProgrammePublished) { e.From = "2001-01-01" },
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.must(ProposeProgramme{Act: o.staff(), Programme: aPeers, Rules: o.rulesOf(t)})
			c := PublishProgramme{Act: o.certifier(), Programme: aPeers, Proposal: o.last[0].(*ProposalMade).Proposal}
			events, err := c.Decide(o.facts(c))
			require.NoError(t, err)
			e := events[0].(*ProgrammePublished)
			change(e)
			o.store(c, 0, e)
			line := o.lines[aPeers]
			if name == "" {
				require.Len(t, line.Versions, 1)
				return
			}
			require.Empty(t, line.Versions)
		})
	}
}

// TestWhatIsProposedIsComparedByItsMeaning: how the JSON is written says nothing.
func TestWhatIsProposedIsComparedByItsMeaning(t *testing.T) {
	does := &WaiverGranted{Waiver: "w", Requirement: "r<2>", Digest: "d", Reason: "other", Proposed: &Proposed{Proposal: "p"}}
	require.True(t, proposes([]byte(`{ "reason":"other", "waiver":"w","requirement":"r\u003c2>","digest":"d" }`), does))
	for _, what := range []string{``, `null`, `[]`, `{`, `{"waiver":"w"}`, `{"reason":"other","waiver":"w","requirement":"r<2>","digest":"d","more":1}`} {
		require.False(t, proposes([]byte(what), does), what)
	}
}
