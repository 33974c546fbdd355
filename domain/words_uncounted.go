package domain

import (
	"cmp"
	"slices"
)

// uncountedWords say why a fact that was asked for does not count. Facts that
// are about something else are not told of, so they need no words.
var uncountedWords = map[string]string{
	UncountedOtherAttester: "somebody else attests it than is asked for",
	UncountedOtherFiler:    "it was filed by somebody else than is asked for",
	UncountedNotSigned:     "it is not signed by everybody who has to",
	UncountedNotAnswered:   "it is not answered in the way that is asked for",
	UncountedDisputed:      "it is disputed",
	UncountedNoQuantity:    "it says no amount",
	UncountedOtherUnit:     "its amount is in another unit",
	UncountedBefore:        "it happened before the days that count",
	UncountedAfter:         "it happened after the days that count",
	UncountedAcross:        "it reaches over the edge of the days that count",
	UncountedFiledLate:     "it was not received on the days on which it could be",
	UncountedNotQualified:  "whoever attests it did not hold what is asked of them",
	UncountedNotApproved:   "the provider was not approved at the time",
	UncountedUndocumented:  "it has no document",
	UncountedRelated:       "whoever attests it is a relative",
	UncountedUsed:          "another decision rests on it already",
	UncountedCopy:          "the same activity counts already",
	UncountedBetter:        "one of several counts, and another comes to more",
	UncountedTooLittle:     "it is less than can count",
	UncountedNoScore:       "it has no score",
	UncountedLowScore:      "its score is too low",
	UncountedAlike:         "one like it counts already",
	UncountedUnnamed:       "it does not say what tells it from others",
	UncountedNothing:       "it is among what is left out here",
}

// uncounted are the facts that a requirement asked for and left out, in the
// order of the ledger, each once.
func (x *explainer) uncounted(r Result) []NotCounted {
	var out []NotCounted
	add := func(n NotCounted) {
		if !slices.ContainsFunc(out, func(o NotCounted) bool { return o.Sequence == n.Sequence }) {
			out = append(out, n)
		}
	}
	r.EachUncounted(add)
	for _, t := range x.a.Measures {
		if t.Track != r.Track || t.Period != r.Period {
			continue
		}
		if q, _, ok := x.p.Requirement(r.Path); ok && q.Sums(t.Measure) {
			for _, n := range wanting(t.NotCounted) {
				add(n)
			}
		}
	}
	slices.SortFunc(out, func(a, b NotCounted) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return out
}
