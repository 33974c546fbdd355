package desk

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

func TestEveryStateIsCopiedWhole(t *testing.T) {
	origin := domain.Origin{Sequence: 1, Time: spring}
	s := &domain.Standing{
		StateSince: &origin,
		Marks:      []domain.Mark{{Session: "1"}},
		Evidence:   []domain.Evidence{{ID: "e1", Signatures: []domain.Signature{{}}}},
		Decisions:  []domain.Decision{{ID: "d1", Rests: []uint64{1, 2}, Denied: &domain.Denied{Level: "x"}}},
		Proposals:  []domain.Proposal{{ID: "p1", What: json.RawMessage(`{}`)}},
	}
	c := copyOf(s).(*domain.Standing)
	require.Equal(t, s, c)
	c.StateSince.Sequence, c.Marks[0].Session, c.Evidence[0].ID = 9, "9", "e9"
	c.Evidence[0].Signatures[0] = domain.Signature{Role: "x"}
	c.Decisions[0].Rests[0], c.Decisions[0].Denied.Level, c.Proposals[0].What[0] = 9, "9", '['
	require.Equal(t, uint64(1), s.StateSince.Sequence)
	require.Equal(t, "1", s.Marks[0].Session)
	require.Equal(t, "e1", s.Evidence[0].ID)
	require.Equal(t, domain.Signature{}, s.Evidence[0].Signatures[0])
	require.Equal(t, uint64(1), s.Decisions[0].Rests[0])
	require.Equal(t, "x", s.Decisions[0].Denied.Level)
	require.Equal(t, "{}", string(s.Proposals[0].What))

	for _, kind := range []domain.Kind{
		domain.KindRegistration, domain.KindCohort, domain.KindProgramme, domain.KindAttester, domain.KindPerson, domain.KindSystem, domain.KindAccess,
	} {
		empty := newState(kind)
		require.Equal(t, empty, copyOf(empty))
		require.Zero(t, headOf(empty))
	}
	require.Nil(t, newState("meeting"))
}

func TestRecentForgetsWhatWasPutLongestAgo(t *testing.T) {
	r := newRecent[string, int](2)
	r.put("a", 1)
	r.put("b", 2)
	r.put("a", 3)
	forgotten, ok := r.put("c", 4)
	require.True(t, ok)
	require.Equal(t, 2, forgotten)
	_, ok = r.get("b")
	require.False(t, ok)
	a, ok := r.get("a")
	require.True(t, ok)
	require.Equal(t, 3, a)
	r.drop("a")
	r.drop("a")
	_, ok = r.get("a")
	require.False(t, ok)
	r.clear()
	_, ok = r.get("c")
	require.False(t, ok)
}

func TestALockIsWaitedForNoLongerThanTheCallerWaits(t *testing.T) {
	s := newStripes()
	unlock, err := s.lock(ctx, "a", "b", "a")
	require.NoError(t, err)
	gone, leave := context.WithCancel(ctx)
	leave()
	_, err = s.lock(gone, "c", "a")
	require.ErrorIs(t, err, gone.Err())
	unlock()
	unlock, err = s.lock(ctx, "a", "b", "c")
	require.NoError(t, err)
	unlock()
}
