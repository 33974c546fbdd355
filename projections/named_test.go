package projections

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

const approvedOnly = `programme: approved-only
version: 1
title: Approved only
valid: {from: 2020-01-01}
pinned-by: registration
time-zone: UTC
awards:
  award: {levels: [low, high]}
requirements:
  course:
    says: A course by an approved provider.
    has: {kind: course, provider: {approved: any}}
    otherwise: low
`

// An approval that is recorded after the evidence raises what is earned, though
// the provider is assigned to nothing and nobody has decided yet.
func TestWhatIsHeldByWhomEvidenceNames(t *testing.T) {
	p, err := programme.Parse([]byte(approvedOnly))
	require.NoError(t, err)
	h := newHistory()
	h.ledger()
	h.publish(p)
	h.add(attester("prov"), &domain.AttesterRegistered{What: "organisation"})
	h.add(registration("r"), &domain.RegistrationSubmitted{
		Person: personID(1), Programme: p.ID, Version: p.Version, Digest: p.Digest, PinMode: p.PinnedBy, PinnedOn: domain.DateOf(h.now), Received: domain.DateOf(h.now),
	})
	h.add(registration("r"), &domain.EvidenceRecorded{Evidence: "e", Fact: domain.Fact{
		Kind: "course", From: "2026-04-01", Until: "2026-04-01", Received: "2026-04-01", Provider: "prov",
	}})
	before := uint64(len(h.entries))
	h.add(attester("prov"), &domain.AttesterApproved{Approval: "course", From: "2026-01-01"})
	for _, size := range []int{1, 1000} {
		s := openEmpty(t)
		for part := range slices.Chunk(h.entries, size) {
			require.NoError(t, s.Apply(context.Background(), part))
		}
		sum, err := s.Summary("r")
		require.NoError(t, err)
		require.Equal(t, "high", sum.Awards[0].Earned)
		d, err := s.Difference("r", before, before+1)
		require.NoError(t, err)
		require.Len(t, d.Entries, 1)
		require.Equal(t, ConcernsAttester, d.Entries[0].Why)
	}
}
