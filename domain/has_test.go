package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnePieceOfAtLeast(t *testing.T) {
	w := tried(t, `
  recovery: {says: Two years., has: {kind: attestation, category: in-recovery, at-least: 24 months}, otherwise: low}
`)
	months := func(n int64) Fact {
		return Fact{Kind: "attestation", Category: "in-recovery", Quantity: &n, Unit: UnitMonth}
	}
	days := int64(900)
	short := w.fact(months(12), 0)
	again := w.fact(months(12), 0)
	other := w.fact(Fact{Kind: "attestation", Category: "in-recovery", Quantity: &days, Unit: UnitDay}, 0)
	bare := w.fact(Fact{Kind: "attestation", Category: "in-recovery"}, 0)
	require.Equal(t, map[string]string{short: UncountedTooLittle, again: UncountedTooLittle, other: UncountedOtherUnit, bare: UncountedNoQuantity}, w.leftOut("recovery"))
	require.Equal(t, "attestation, in recovery of 24 months or more", w.lacking("recovery"))
	w.fact(months(24), 0)
	require.Equal(t, Met, w.result("recovery").Verdict)
}

func TestScoresAreComparedExactly(t *testing.T) {
	for name, x := range map[string]struct {
		score, of int64
		fits      bool
	}{
		"half":           {1, 2, false},
		"just":           {51, 100, true},
		"a hair below":   {50_999_999, 100_000_000, false},
		"of three":       {2, 3, true},
		"nothing at all": {0, 7, false},
		"all":            {7, 7, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := tried(t, `
  residency: {says: More than half of the time., has: {kind: residency, share: 51 %}, otherwise: low}
`)
			none := w.fact(Fact{Kind: "residency"}, 0)
			require.Equal(t, map[string]string{none: UncountedNoScore}, w.leftOut("residency"))
			id := w.fact(Fact{Kind: "residency", Score: &x.score, OutOf: &x.of}, 0)
			if x.fits {
				require.Equal(t, Met, w.result("residency").Verdict)
				return
			}
			require.Equal(t, map[string]string{none: UncountedNoScore, id: UncountedLowScore}, w.leftOut("residency"))
			require.Equal(t, "residency, scored 51 % or higher, on record", w.lacking("residency"))
		})
	}
}

func TestAFactThatWaitsForSomebody(t *testing.T) {
	w := tried(t, `
  background: {says: Nothing speaks against it., has: {kind: background-check, answered: clear, needs-person: certifier}, otherwise: low}
`)
	flags := func() []string { return w.assess().Flags }
	answer := func(id, role, word string) {
		w.must(AnswerEvidence{Act: w.act(StaffActor("s-"+role), role), Registration: worldRegistration, Evidence: []string{id}, Answer: word})
	}
	require.Equal(t, []any{Open, "background check on record; background check answered by the certifier: clear"}, []any{w.result("background").Verdict, w.lacking("background")})
	require.NotContains(t, flags(), FlagReviewRequired)

	first := w.fact(Fact{Kind: "background-check"}, 0)
	require.Equal(t, []any{Open, "background check answered by the certifier: clear"}, []any{w.result("background").Verdict, w.lacking("background")})
	require.Contains(t, flags(), FlagReviewRequired)
	answer(first, RoleRegistrar, "clear")
	require.Equal(t, Open, w.result("background").Verdict, "it is the certifier who is asked")
	answer(first, "certifier", "barred")
	require.Equal(t, Open, w.result("background").Verdict)
	require.Equal(t, map[string]string{first: UncountedNotAnswered}, w.leftOut("background"))
	require.NotContains(t, flags(), FlagReviewRequired)

	second := w.fact(Fact{Kind: "background-check"}, 0)
	answer(second, "certifier", "clear")
	require.Equal(t, Met, w.result("background").Verdict)
	w.fact(Fact{Kind: "background-check"}, 0)
	require.Equal(t, Met, w.result("background").Verdict, "a fact under a lower bound never lowers it")
	require.Contains(t, flags(), FlagReviewRequired, "and yet somebody has to look at it")
}

func TestAWaitingFactWithinAPart(t *testing.T) {
	w := tried(t, `
  clear:
    says: Both checks are clear.
    all-of:
      state:   {has: {kind: state-check, answered: clear, needs-person: certifier}}
      federal: {has: federal-check}
    otherwise: low
`)
	w.fact(Fact{Kind: "state-check"}, 0)
	require.Contains(t, w.assess().Flags, FlagReviewRequired)
}

func TestAlikeCountOnce(t *testing.T) {
	w := tried(t, `
  letters: {says: Three letters from three referees., count: letter, where: {filed-by: referee}, distinct: attester, at-least: 3, otherwise: low}
`)
	own := w.fact(Fact{Kind: "letter", Attester: "own", FiledRole: RoleParticipant, FiledBy: PersonActor(worldPerson)}, 0)
	letter := func(from Date, attester string) string {
		return w.fact(Fact{Kind: "letter", Attester: attester, FiledRole: "referee", FiledBy: AttesterActor("r"), From: from, Until: from}, 0)
	}
	later := letter("2026-03-09", "anna")
	letter("2026-03-02", "anna")
	unnamed := letter("2026-03-03", "")
	letter("2026-03-08", "ben")
	require.Equal(t, int64(2), amountOf(w.result("letters")))
	require.Equal(t, map[string]string{later: UncountedAlike, unnamed: UncountedUnnamed, own: UncountedOtherFiler}, w.leftOut("letters"))
	require.Equal(t, "letter, of another attester than those that count already, on record by the referee", w.lacking("letters"))
	letter("2026-03-05", "cleo")
	require.Equal(t, []any{Met, Date("2026-03-08")}, []any{w.result("letters").Verdict, w.result("letters").MetOn})
}

func TestSelectedByWhoAndWhat(t *testing.T) {
	yes := func(f Fact) Fact {
		f.Kind, f.Item, f.Attester, f.AttesterRole = "proof", "walk", "ann", "referee"
		f.Documents = []string{HashOf([]byte("x"))}
		return f
	}
	for name, x := range map[string]struct {
		change func(*Fact)
		why    string
	}{
		"as asked":    {func(*Fact) {}, ""},
		"other item":  {func(f *Fact) { f.Item = "talk" }, ""},
		"no document": {func(f *Fact) { f.Documents = nil }, UncountedUndocumented},
		"by a sister": {func(f *Fact) { f.Relation = RelationRelative }, UncountedRelated},
		"by a friend": {func(f *Fact) { f.Relation = RelationFriend }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := tried(t, `
  proof: {says: A proof., has: {kind: proof, item: [walk, ride], documented: true, unrelated: true}, otherwise: low}
`)
			f := yes(Fact{})
			x.change(&f)
			id := w.fact(f, 0)
			met := x.why == "" && f.Item == "walk"
			require.Equal(t, met, w.result("proof").Verdict == Met)
			if x.why != "" {
				require.Equal(t, map[string]string{id: x.why}, w.leftOut("proof"))
			}
		})
	}
}

func TestAllWhoAreAskedSign(t *testing.T) {
	w := newWorld(t, rulesOf(t, `
  code: {says: Both sign., has: {kind: code, signed-by: [supervisor, participant]}, otherwise: low}
`))
	w.open(nil, map[string][]string{RoleSupervisor: {"sue"}})
	id := w.fact(Fact{Kind: "code"}, 0)
	sign := func(by Actor, role string) {
		w.must(SignEvidence{Act: w.act(by, role), Registration: worldRegistration, Evidence: id})
	}
	require.Equal(t, "code, signed by the supervisor and the participant, on record", w.lacking("code"))
	sign(PersonActor(worldPerson), RoleParticipant)
	require.Equal(t, map[string]string{id: UncountedNotSigned}, w.leftOut("code"))
	sign(AttesterActor("sue"), RoleSupervisor)
	require.Equal(t, Met, w.result("code").Verdict)

	other := w.fact(Fact{Kind: "unasked"}, 0)
	require.Error(t, w.do(SignEvidence{Act: w.act(PersonActor(worldPerson), RoleParticipant), Registration: worldRegistration, Evidence: other}),
		"participants sign where the programme asks them to")
}

// TestWrongPersonIsTold: what is asked for, and comes from somebody else, is told
// of; what is about something else is not, whoever it comes from.
func TestWrongPersonIsTold(t *testing.T) {
	w := tried(t, `
  recovery: {says: A supervisor attests to the recovery., has: {kind: recovery, category: own, attested-by: supervisor}, otherwise: low}
`)
	own := w.fact(Fact{Kind: "recovery", Category: "own"}, 0)
	w.fact(Fact{Kind: "recovery", Category: "family"}, 0)
	require.Equal(t, map[string]string{own: UncountedOtherAttester}, w.leftOut("recovery"))
	require.Equal(t, "recovery, own, attested by the supervisor, on record", w.lacking("recovery"))
	for _, reason := range []string{UncountedOtherAttester, UncountedOtherFiler} {
		require.NotEmpty(t, uncountedWords[reason], reason)
	}
}

// TestOnlyWay: where one way is left, it is said without a choice.
func TestOnlyWay(t *testing.T) {
	w := tried(t, `
  way:
    says: One of two ways.
    any-of:
      letter: {has: letter}
      old: {when: {has: {kind: old-hand}}, has: exam}
    otherwise: low
`)
	require.Equal(t, "letter on record", w.lacking("way"))
	w.fact(Fact{Kind: "old-hand"}, 0)
	require.Equal(t, "either letter on record; or exam on record", w.lacking("way"))
}
