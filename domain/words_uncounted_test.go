package domain

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestExplanationTellsWhatDoesNotCount: evidence that was asked for and does not
// count is shown with the reason, money with its currency, and each answer with
// the track that it is for.
func TestExplanationTellsWhatDoesNotCount(t *testing.T) {
	w := tried(t, `
  hours: {says: Hours are signed., sum: hours, where: {signed-by: supervisor}, at-least: 20 h, otherwise: low}
  dues:  {says: The dues are paid., sum: payment, at-least: 50.00 CHF, otherwise: low}
`)
	w.fact(Fact{Kind: "hours"}, 10)
	paid := int64(4900)
	w.fact(Fact{Kind: "payment", Quantity: &paid, Unit: UnitCent, Currency: "CHF"}, 0)
	got := Explain(w.p, w.assess(), w.facts().Entries).Text()
	require.Contains(t, got, "10 h (hours) recorded, by registrar staff/s1\n        does not count: it is not signed by everybody who has to\n")
	require.Contains(t, got, "Found: 49.00 CHF of 50.00 CHF counted (dues is open)")
	require.Contains(t, got, "49.00 CHF (payment) recorded")
	require.Contains(t, got, "> 1.00 CHF more (payment)")
}

// TestUncountedWords: whatever may be told of has words.
func TestUncountedWords(t *testing.T) {
	for reason, says := range uncountedWords {
		require.False(t, selectsOther[reason], reason)
		require.False(t, strings.HasSuffix(says, "."), reason)
	}
	for _, reason := range []string{
		UncountedNotSigned, UncountedNotAnswered, UncountedDisputed, UncountedNoQuantity, UncountedOtherUnit, UncountedBefore, UncountedAfter,
		UncountedAcross, UncountedFiledLate, UncountedNotQualified, UncountedNotApproved, UncountedUndocumented, UncountedRelated, UncountedUsed,
		UncountedCopy, UncountedBetter, UncountedTooLittle, UncountedNoScore, UncountedLowScore, UncountedAlike, UncountedUnnamed,
	} {
		require.NotEmpty(t, uncountedWords[reason], reason)
	}
}
