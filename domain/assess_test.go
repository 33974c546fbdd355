package domain

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/domain/programmes"
)

func peerworks(t testing.TB) *programme.Programme {
	src, ok := programmes.Get("peerworks-core-essentials")
	require.True(t, ok)
	p, err := programme.Parse(src)
	require.NoError(t, err)
	return p
}

func TestNothingForFree(t *testing.T) {
	for _, p := range testProgrammes(t) {
		w := newWorld(t, p)
		a := Assess(p, w.facts(), w.now)
		for i, award := range p.Awards {
			rank, _ := award.Rank(a.Awards[i].Earned)
			require.True(t, rank == 0 || !award.Grantable(a.Awards[i].Earned), "%s gives %s for nothing", p.ID, a.Awards[i].Earned)
		}
	}
}

func TestBarredByAMissedMandatoryModule(t *testing.T) {
	w := newWorld(t, peerworks(t))
	w.open(map[string][]string{RoleTrainer: {"t1"}}, nil)
	for _, s := range w.sessions() {
		status := Present
		if s == "9" {
			status = Absent
		}
		w.mark(s, status)
	}
	w.must(RecordJudgement{Act: w.act(AttesterActor("t1"), RoleTrainer), Registration: worldRegistration, Question: "evaluation", Answer: "level-1r"})
	a := w.assess()
	got := awardOf(a, "certification")
	require.Equal(t, "level-1", got.Earned)
	require.Equal(t, []string{"mandatory-modules"}, got.Binding)
	require.Empty(t, got.Provisional)
	require.True(t, got.Ready)
	require.Equal(t, []string{"correction", "live-equivalent", "waiver"}, resultAt(a.Results, "mandatory-modules").Lacks.LiftedBy)
	t.Log(Explain(w.p, a, w.facts().Entries).Text())
}
