package domain

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	aVerifierKey       = "ledger.example.org+1a2b3c4d+AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAh"
	anotherVerifierKey = "ledger.example.org+5e6f7a8b+ASEgHx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMC"
	aThirdVerifierKey  = "ledger.example.org+9c0d1e2f+AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
)

// keyStory rotates the signing key by two people, twice.
func keyStory(t *testing.T) {
	o := newOffice(t)
	admin := func() Act { return o.act("staff/ada", RoleAdministrator) }
	other := func() Act { return o.act("staff/bo", RoleAdministrator) }
	propose := func(from, to string) ProposeKeyRotation { return ProposeKeyRotation{Act: admin(), Old: from, New: to} }
	decline := func(a Act, id, reason string) DeclineProposal {
		return DeclineProposal{Act: a, On: SystemSubject, Proposal: id, Reason: reason}
	}
	o.says("refused no-ledger", propose(aVerifierKey, anotherVerifierKey))
	o.says("refused no-such-proposal", decline(admin(), "canary", ""))
	o.must(CreateLedger{Act: admin(), Ledger: "l1"})

	for _, bad := range []string{
		"", "CANARY", "name+1a2b3c4d", "+1a2b3c4d+AQID", "name+1A2B3C4D+AQID", "name+1a2b3c4+AQID", "name+1a2b3c4d+", "name+1a2b3c4d+A-_D",
		"na me+1a2b3c4d+AQID", "name+1a2b3c4d+AQID\n", "näme+1a2b3c4d+AQID", strings.Repeat("n", VerifierKeyMax) + "+1a2b3c4d+AQID",
	} {
		o.says("refused not-a-verifier-key", propose(bad, anotherVerifierKey))
		o.says("refused not-a-verifier-key", propose(aVerifierKey, bad))
	}
	o.says("refused key-used-before", propose(aVerifierKey, aVerifierKey))

	o.says("proposal.made.v1", propose(aVerifierKey, anotherVerifierKey))
	first := o.last[0].(*ProposalMade).Proposal
	o.says("nothing", propose(aVerifierKey, anotherVerifierKey))
	o.says("refused needs-another-person", RotateSigningKey{Act: admin(), Proposal: first})
	o.says("refused no-such-proposal", RotateSigningKey{Act: other(), Proposal: "canary"})
	o.says("refused unknown-reason", decline(other(), first, "because I say so"))
	o.says("proposal.declined.v1", decline(other(), first, "outdated"))
	require.Equal(t, "declined", o.last[0].(*ProposalDeclined).Word)
	o.says("nothing", decline(other(), first, "outdated"))
	o.says("refused proposal-closed", RotateSigningKey{Act: other(), Proposal: first})
	require.Empty(t, o.system.Rotations)

	o.must(propose(aVerifierKey, anotherVerifierKey))
	second := o.last[0].(*ProposalMade).Proposal
	o.must(propose(aVerifierKey, aThirdVerifierKey))
	late := o.last[0].(*ProposalMade).Proposal
	o.says("signing-key.rotated.v1", RotateSigningKey{Act: other(), Proposal: second})
	o.says("nothing", RotateSigningKey{Act: other(), Proposal: second})
	o.says("refused proposal-closed", decline(other(), second, "outdated"))
	require.Len(t, o.system.Rotations, 1)
	r := o.system.Rotations[0]
	require.Equal(t, [2]string{aVerifierKey, anotherVerifierKey}, [2]string{r.Old, r.New})
	require.Equal(t, [2]Actor{"staff/ada", "staff/bo"}, [2]Actor{r.ProposedBy, r.Made.Actor})

	o.says("refused proposal-outdated", RotateSigningKey{Act: other(), Proposal: late})
	o.says("nothing", propose(aVerifierKey, anotherVerifierKey))
	o.says("refused key-not-in-use", propose(aVerifierKey, aThirdVerifierKey))
	o.says("refused key-used-before", propose(anotherVerifierKey, aVerifierKey))
	o.must(propose(anotherVerifierKey, aThirdVerifierKey))
	o.must(RotateSigningKey{Act: other(), Proposal: o.last[0].(*ProposalMade).Proposal})
	require.Len(t, o.system.Rotations, 2)
	require.Empty(t, o.system.Unapproved)
}

// TestAnotherProposalRotatesNoKey holds that only a proposed rotation is one.
func TestAnotherProposalRotatesNoKey(t *testing.T) {
	o := newOffice(t)
	o.must(CreateLedger{Act: o.staff(), Ledger: "l1"})
	c := ProposeKeyRotation{Act: o.staff(), Old: aVerifierKey, New: anotherVerifierKey}
	events, err := c.propose(nil, &TokenRevoked{Token: "t"})
	require.NoError(t, err)
	o.store(c, 0, events[0])
	o.says("refused no-such-proposal", RotateSigningKey{Act: o.certifier(), Proposal: events[0].(*ProposalMade).Proposal})
}

// TestTheFoldWantsTwoPeopleForAKey writes past the commands.
func TestTheFoldWantsTwoPeopleForAKey(t *testing.T) {
	for name, change := range map[string]func(*SigningKeyRotated){
		"none":        func(e *SigningKeyRotated) { e.Proposed = nil },
		"other hash":  func(e *SigningKeyRotated) { e.Proposed.Hash = aHash },
		"other place": func(e *SigningKeyRotated) { e.Proposed.Sequence++ },
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.must(CreateLedger{Act: o.staff(), Ledger: "l1"}, ProposeKeyRotation{Act: o.staff(), Old: aVerifierKey, New: anotherVerifierKey})
			c := RotateSigningKey{Act: o.certifier(), Proposal: o.last[0].(*ProposalMade).Proposal}
			events, err := c.Decide(o.facts(c))
			require.NoError(t, err)
			e := events[0].(*SigningKeyRotated)
			change(e)
			o.store(c, 0, e)
			require.Empty(t, o.system.Rotations)
			require.Len(t, o.system.Unapproved, 1)
		})
	}
}
