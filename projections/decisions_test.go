package projections

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

func TestReviewsAreListedByTheirDays(t *testing.T) {
	h := busy(70)
	s := applied(t, h)
	var want []DueReview
	for i := range 40 {
		id := fmt.Sprintf("r%02d", i)
		sum, err := s.Summary(id)
		require.NoError(t, err)
		require.Equal(t, slices.Contains(sum.Flags, domain.FlagReviewRequired), len(sum.Reviews) > 0)
		for _, r := range sum.Reviews {
			want = append(want, DueReview{r.Due, id, r.Decision})
		}
	}
	slices.SortFunc(want, DueReview.Compare)
	require.Greater(t, len(want), 5)
	all, err := s.DueReviews(DueReview{}, 0)
	require.NoError(t, err)
	require.Equal(t, want, all)
	var paged []DueReview
	for after := (DueReview{}); ; after = paged[len(paged)-1] {
		page, err := s.DueReviews(after, 3)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page), 3)
		if paged = append(paged, page...); len(page) < 3 {
			break
		}
	}
	require.Equal(t, want, paged)
}

// provided is a history in which a decision rested on the word of a provider who
// is assigned to nothing, and had read its cohort and another registration.
func provided() *history {
	h := newHistory()
	h.ledger()
	h.publish(peerworks)
	h.open("c")
	h.add(attester("prov"), &domain.AttesterRegistered{What: "organisation"}, &domain.AttesterApproved{Approval: "course", From: "2026-01-01"})
	h.qualify("other")
	h.register("r", personID(1), "c")
	h.register("s", personID(1), "c")
	minutes := int64(60)
	h.add(registration("r"), &domain.EvidenceRecorded{Evidence: "e", Fact: domain.Fact{
		Kind: "hours", Quantity: &minutes, Unit: domain.UnitMinute, From: "2026-04-01", Until: "2026-04-01", Received: "2026-04-01", Provider: "prov",
	}})
	evidence := h.heads[registration("r")].Sequence
	seen := func(on domain.Subject) domain.Read {
		head := h.heads[on]
		return domain.Read{Subject: on, Version: head.Version, Sequence: head.Sequence, Hash: head.Hash}
	}
	h.decide("r", domain.DecisionRecorded{
		Decision: "d1", Act: domain.ActGrant, Award: peerworks.Awards[0].Key, Level: "level-1r",
		Record: &domain.Record{
			Form: 1, Evidence: []domain.Consulted{{Sequence: evidence, Role: domain.RoleUsed}},
			Cut: domain.Cut{Reads: []domain.Read{seen(cohort("c")), seen(registration("s"))}},
		},
	})
	return h
}

func TestWhatADecisionHadReadIsFound(t *testing.T) {
	s := applied(t, provided())
	readers := func(on domain.Subject, from string) []Reader {
		var out []Reader
		require.NoError(t, s.EachReader(on, from, func(r Reader) (bool, error) {
			out = append(out, r)
			return true, nil
		}))
		return out
	}
	for _, on := range []domain.Subject{cohort("c"), attester("prov"), registration("s")} {
		require.Equal(t, []Reader{{"r", "d1"}}, readers(on, ""), on)
		require.Equal(t, []Reader{{"r", "d1"}}, readers(on, "r"), on)
		require.Empty(t, readers(on, "s"))
	}
	for _, on := range []domain.Subject{attester("other"), registration("r"), cohort("d")} {
		require.Empty(t, readers(on, ""), on)
	}
	var pinned []string
	require.NoError(t, s.EachPinned(peerworks.ID, "r0", func(registration, digest string) (bool, error) {
		require.Equal(t, peerworks.Digest, digest)
		pinned = append(pinned, registration)
		return true, nil
	}))
	require.Equal(t, []string{"s"}, pinned)
	of, err := s.IsOf("r", peerworks.ID)
	require.NoError(t, err)
	require.True(t, of)
	of, err = s.IsOf("r", "another")
	require.NoError(t, err)
	require.False(t, of)
}

// Whoever loses an approval puts the decisions in doubt that rested on their word,
// assigned or not.
func TestAProviderWhoIsAssignedNowhereIsLookedAt(t *testing.T) {
	h := provided()
	before := uint64(len(h.entries))
	h.now = h.now.AddDate(0, 1, 0)
	h.add(attester("prov"), &domain.AttesterEnded{Code: "course", Until: "2026-03-01"})
	var prints []string
	for _, size := range []int{1, 1000} {
		s := openEmpty(t)
		for part := range slices.Chunk(h.entries, size) {
			require.NoError(t, s.Apply(context.Background(), part))
		}
		sum, err := s.Summary("r")
		require.NoError(t, err)
		require.Contains(t, sum.Flags, domain.FlagReviewRequired)
		require.Len(t, sum.Reviews, 1)
		f, err := s.Facts("r")
		require.NoError(t, err)
		require.Equal(t, "prov", f.Attesters[0].ID)
		d, err := s.Difference("r", before, before+1)
		require.NoError(t, err)
		require.Len(t, d.Entries, 1)
		require.Equal(t, ConcernsAttester, d.Entries[0].Why)
		prints = append(prints, fingerprint(t, s))
	}
	require.Equal(t, prints[0], prints[1])
}

// An entry that concerns very many is told before all of them are assessed; the
// rows are the same in the end.
func TestNobodyWaitsForEverybodyToBeAssessed(t *testing.T) {
	const many = assessAtOnce + 50
	h := newHistory()
	h.ledger()
	h.publish(peerworks)
	h.open("c")
	h.qualify("t")
	h.assign(cohort("c"), "t", domain.RoleTrainer)
	for i := range many {
		h.register(fmt.Sprintf("r%03d", i), personID(i), "c")
	}
	s := applied(t, h)
	h.add(attester("t"), &domain.AttesterQualified{Qualification: "more", From: "2026-01-01"})
	h.mark("r305", "1", domain.Present) // among the last
	n := len(h.entries)
	s.applying.Lock()
	err := s.commit(decode(h.entries[n-2:]), false)
	s.applying.Unlock()
	require.NoError(t, err)
	require.Equal(t, uint64(n), s.Position().Sequence)
	require.Len(t, s.folder.owed, 50)
	require.NotContains(t, s.folder.owed, "r305", "it has an entry of its own")
	require.NoError(t, s.apply(nil, false))
	require.Empty(t, s.folder.owed)
	require.Equal(t, fingerprint(t, applied(t, h)), fingerprint(t, s))

	h.add(attester("t"), &domain.AttesterQualified{Qualification: "again", From: "2026-01-01"})
	require.NoError(t, s.Apply(context.Background(), h.entries[n:]))
	require.Empty(t, s.folder.owed, "settled right after")
}
