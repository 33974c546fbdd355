package domain

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
)

// rulesOf is a programme with one award of two levels and some requirements,
// each of which caps at the lower one.
func rulesOf(t testing.TB, requirements string) *programme.Programme {
	t.Helper()
	src := `programme: tried
version: 1
title: Tried
valid: {from: 2000-01-01}
pinned-by: registration
time-zone: UTC
awards:
  award: {levels: [low, high], decided-by: {high: certifier}}
submissions:
  application: {answers: [returned, accepted], answered-by: registrar}
requirements:
  applied: {says: The application is filed., submission: application, is: filed, otherwise: low}
` + requirements
	p, err := ReadProgramme([]byte(src))
	require.NoError(t, err)
	return p
}

// tried is a registration under some requirements.
func tried(t testing.TB, requirements string) *world {
	w := newWorld(t, rulesOf(t, requirements))
	w.open(nil, nil)
	return w
}

// fact is evidence in hours, or without a quantity where there are none.
func (w *world) fact(f Fact, hours int64) string {
	if hours > 0 {
		minutes := hours * 60
		f.Quantity, f.Unit = &minutes, UnitMinute
		if f.Until == "" {
			f.Until = DateOf(w.now)
		}
		if f.From == "" {
			f.From = f.Until.AddDays(-int(hours / 8))
		}
	}
	id := fmt.Sprintf("e%d", len(w.standing.Evidence)+1)
	w.must(RecordEvidence{Act: w.act(StaffActor("s1"), RoleRegistrar), Registration: worldRegistration, Evidence: id, Fact: f})
	return id
}

func (w *world) credits(f Fact, n int64) string {
	n *= 100
	f.Quantity, f.Unit = &n, UnitHundredth
	return w.fact(f, 0)
}

// lacking is what a requirement lacks, in the words of facts.
func (w *world) lacking(path string) string { return strings.Join(Lifts(w.result(path).Lacks), "; ") }

func (w *world) result(path string) *Result { return resultAt(w.assess().Results, path) }

// leftOut is why pieces of evidence were not counted.
func (w *world) leftOut(path string) map[string]string {
	out := map[string]string{}
	w.result(path).EachUncounted(func(n NotCounted) { out[n.Evidence] = n.Reason })
	return out
}

func amountOf(r *Result) int64 { return *r.Left.Number }

const domains = `
  education:
    says: Forty-six hours over the four domains.
    sum: training
    at-least: 46 h
    parts:
      advocacy:            {at-least: 10 h}
      mentoring-education: {at-least: 10 h}
      recovery-wellness:   {at-least: 10 h}
      ethics:              {at-least: 16 h}
    otherwise: low
`

func TestMinimaByCategory(t *testing.T) {
	for _, x := range []struct {
		hours   [4]int64
		verdict Verdict
		lacks   string
	}{
		{[4]int64{10, 10, 10, 16}, Met, ""},
		{[4]int64{12, 12, 12, 10}, Open, "6 h more (training, ethics)"},
		{[4]int64{20, 10, 10, 4}, Open, "12 h more (training, ethics)"},
		{[4]int64{0, 0, 0, 0}, Open, "10 h more (training, advocacy); 10 h more (training, mentoring education); 10 h more (training, recovery wellness); 16 h more (training, ethics)"},
	} {
		t.Run(fmt.Sprint(x.hours), func(t *testing.T) {
			w := tried(t, domains)
			for i, c := range []string{"advocacy", "mentoring-education", "recovery-wellness", "ethics"} {
				if x.hours[i] > 0 {
					w.fact(Fact{Kind: "training", Category: c, Until: "2026-01-20", From: "2026-01-01"}, x.hours[i])
				}
			}
			r := w.result("education")
			require.Equal(t, x.verdict, r.Verdict)
			require.Equal(t, x.lacks, w.lacking("education"))
		})
	}
}

const cycle = `
  pdus:
    says: Sixty units.
    sum: credit
    at-least: 60 credits
    parts:
      education:
        at-least: 35 credits
        parts:
          technical:  {at-least: 8 credits}
          leadership: {at-least: 8 credits}
          strategic:  {at-least: 8 credits}
      giving-back:
        counts-up-to: 25 credits
        parts:
          working: {counts-up-to: 8 credits}
    otherwise: low
`

func TestMaximaTruncateAndNest(t *testing.T) {
	for name, x := range map[string]struct {
		credits map[string]int64
		counted int64
		verdict Verdict
		lacks   string
	}{
		"enough":                  {map[string]int64{"education/technical": 8, "education/leadership": 8, "education/strategic": 24, "giving-back": 20}, 60, Met, ""},
		"the rest is cut":         {map[string]int64{"education/technical": 8, "education/leadership": 8, "education/strategic": 19, "giving-back": 30}, 60, Met, ""},
		"one answers both":        {map[string]int64{"education/technical": 8, "education/leadership": 8, "education/strategic": 18, "giving-back": 26}, 59, Open, "1 credits more (credit, education/technical)"},
		"working within giving":   {map[string]int64{"education/technical": 8, "education/leadership": 8, "education/strategic": 29, "giving-back/working": 12}, 53, Open, "7 credits more (credit, education/technical)"},
		"an area is short":        {map[string]int64{"education/technical": 7, "education/leadership": 20, "education/strategic": 20, "giving-back": 25}, 72, Open, "1 credits more (credit, education/technical)"},
		"beside all of its areas": {map[string]int64{"education/technical": 8, "education/leadership": 8, "education/strategic": 8, "education": 11, "giving-back": 25}, 60, Met, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := tried(t, cycle)
			for _, c := range sortedKeys(x.credits) {
				w.credits(Fact{Kind: "credit", Category: c}, x.credits[c])
			}
			r := w.result("pdus")
			require.Equal(t, x.counted*100, amountOf(r))
			require.Equal(t, x.verdict, r.Verdict)
			require.Equal(t, x.lacks, w.lacking("pdus"))
		})
	}
}

func TestPartsThatAskForThemselvesAreShown(t *testing.T) {
	w := tried(t, cycle)
	w.credits(Fact{Kind: "credit", Category: "education/technical"}, 34)
	require.Equal(t, []PartTotal{
		{Path: "education", Amount: 3400, AtLeast: 3500},
		{Path: "education/technical", Amount: 3400, AtLeast: 800},
		{Path: "education/leadership", AtLeast: 800},
		{Path: "education/strategic", AtLeast: 800},
	}, w.result("pdus").Parts)
	require.Equal(t, "34 credits of 60 credits counted; education 34 credits of 35 credits, leadership 0 credits of 8 credits, strategic 0 credits of 8 credits",
		Found(*w.result("pdus")))
}

// The rest goes where there is room, also into parts with a bound.
func TestRestGoesWhereThereIsRoom(t *testing.T) {
	w := tried(t, `
  study:
    says: Twenty hours.
    sum: study
    where: {category: [books, talks]}
    at-least: 20 h
    parts:
      books: {counts-up-to: 15 h}
      talks: {counts-up-to: 10 h}
    otherwise: low
`)
	w.fact(Fact{Kind: "study", Category: "books"}, 12)
	require.Equal(t, "3 h more (study, books); 5 h more (study, talks)", w.lacking("study"))
	w.fact(Fact{Kind: "study", Category: "books", Until: "2026-02-01"}, 9)
	require.Equal(t, int64(15*60), amountOf(w.result("study")))
	require.Equal(t, "5 h more (study, talks)", w.lacking("study"))
}

const vendors = `
  ce:
    says: Twelve credits, at least six from the body itself, at most six from approved vendors.
    sum: credit
    at-least: 12 credits
    parts:
      own:     {where: {provider: gmhcn}, at-least: 6 credits}
      vendors: {where: {provider: {approved: any}}, counts-up-to: 6 credits}
      nobody:  {where: {unrelated: true}, counts-up-to: 0 credits}
    otherwise: low
`

func TestPartsByCondition(t *testing.T) {
	w := tried(t, vendors)
	w.attester("vendor", true, Holding{Code: "courses"})
	w.credits(Fact{Kind: "credit", Provider: "vendor"}, 12)
	w.credits(Fact{Kind: "credit", Provider: "somebody"}, 5)
	r := w.result("ce")
	require.Equal(t, []any{Open, int64(600), "6 credits more (credit, from gmhcn)"}, []any{r.Verdict, amountOf(r), w.lacking("ce")})
	w.credits(Fact{Kind: "credit", Provider: "gmhcn"}, 6)
	require.Equal(t, Met, w.result("ce").Verdict)
}

// TestAPartWithoutABoundKeepsItsFacts: those of the academy count freely, the
// rest not at all.
func TestAPartWithoutABoundKeepsItsFacts(t *testing.T) {
	w := tried(t, `
  ce:
    says: Twelve credits, of the academy.
    sum: credit
    parts:
      academy: {where: {provider: academy}}
      others:  {where: {}, counts-up-to: 0 credits}
    at-least: 12 credits
    otherwise: low
`)
	other := w.credits(Fact{Kind: "credit", Provider: "somebody"}, 50)
	w.credits(Fact{Kind: "credit", Provider: "academy"}, 11)
	left := w.result("ce").NotCounted
	require.Len(t, left, 1)
	require.Equal(t, []string{other, UncountedNothing}, []string{left[0].Evidence, left[0].Reason})
	require.Equal(t, "1 credits more (credit, from academy)", w.lacking("ce"))
	w.credits(Fact{Kind: "credit", Provider: "academy"}, 1)
	require.Equal(t, Met, w.result("ce").Verdict)
}

func TestShareOfAFixedBase(t *testing.T) {
	rules := `
  face-to-face:
    says: At least half of sixty hours are face to face.
    sum: training
    where: {mode: in-person}
    at-least: {share: 50 %, of: 60 h}
    otherwise: low
  third:
    says: A third of a hundred minutes, rounded up.
    sum: training
    where: {mode: other}
    at-least: {share: 33.33 %, of: 100 min}
    otherwise: low
`
	w := tried(t, rules)
	w.fact(Fact{Kind: "training", Mode: "in-person", Until: "2026-01-20", From: "2026-01-01"}, 29)
	w.fact(Fact{Kind: "training", Mode: "online", Until: "2026-02-20", From: "2026-02-01"}, 31)
	require.Equal(t, "1 h more (training, in person)", w.lacking("face-to-face"))
	require.Equal(t, int64(34), *w.result("third").Right.Number)
}

func TestFineQuantities(t *testing.T) {
	w := tried(t, `
  supervision: {says: Twenty-five hours., sum: hours, at-least: 25 h, otherwise: low}
`)
	n := int64(1494) // 24.9 h
	w.fact(Fact{Kind: "hours", Quantity: &n, Unit: UnitMinute, From: "2026-01-01", Until: "2026-02-01"}, 0)
	require.Equal(t, "6 min more (hours)", w.lacking("supervision"))
}

const monthly = `
  work:
    says: Three credits of work, twenty hours of one month each.
    sum: work
    credited: {per: month, whole-only: 20 h, up-to: 40 h, worth: {for: 20 h, gives: 1 credit}}
    at-least: 4 credits
    otherwise: low
`

func TestCreditPerMonth(t *testing.T) {
	w := tried(t, monthly)
	short := w.fact(Fact{Kind: "work", From: "2026-01-05", Until: "2026-01-09"}, 19)
	require.Equal(t, map[string]string{short: UncountedTooLittle}, w.leftOut("work"))
	require.Equal(t, "40 h more in each of 2 more months (work)", w.lacking("work"))
	w.fact(Fact{Kind: "work", From: "2026-01-12", Until: "2026-01-16"}, 12) // 31 h: one credit, the rest is lost
	require.Empty(t, w.leftOut("work"))
	require.Equal(t, int64(100), amountOf(w.result("work")))
	w.fact(Fact{Kind: "work", From: "2026-01-20", Until: "2026-02-10"}, 70) // it ended in February: two credits at most
	require.Equal(t, int64(300), amountOf(w.result("work")))
	require.Equal(t, "20 h more in one more month (work)", w.lacking("work"))
	w.fact(Fact{Kind: "work"}, 7) // in April, the present month
	require.Equal(t, "13 h more (work), from 2026-04-21, on 2026-04-30 at the latest", w.lacking("work"))
	w.fact(Fact{Kind: "work"}, 13)
	require.Equal(t, []any{Met, Date("2026-04-21")}, []any{w.result("work").Verdict, w.result("work").MetOn})
}

func TestCreditPerWeekAndDay(t *testing.T) {
	w := tried(t, `
  weeks: {says: Two weeks., sum: work, credited: {per: week, whole-only: 10 h}, at-least: 20 h, otherwise: low}
  days:  {says: Ten hours., sum: shift, credited: {per: day, up-to: 4 h}, at-least: 10 h, otherwise: low}
`)
	w.fact(Fact{Kind: "work", From: "2026-04-05", Until: "2026-04-05"}, 6) // a Sunday
	w.fact(Fact{Kind: "work", From: "2026-04-06", Until: "2026-04-06"}, 6) // the Monday after
	require.Equal(t, int64(0), amountOf(w.result("weeks")))
	w.fact(Fact{Kind: "work", From: "2026-04-12", Until: "2026-04-12"}, 5) // the same week's Sunday
	require.Equal(t, int64(600), amountOf(w.result("weeks")))
	w.fact(Fact{Kind: "shift", From: "2026-04-06", Until: "2026-04-06"}, 9)
	w.fact(Fact{Kind: "shift", From: "2026-04-07", Until: "2026-04-07"}, 3)
	require.Equal(t, int64(7*60), amountOf(w.result("days")))
	require.Equal(t, "3 h more in one more day (shift)", w.lacking("days"))
}

func TestOnlyTheBestTitleCounts(t *testing.T) {
	w := tried(t, `
  work:
    says: Three years' worth under exactly one title.
    sum: work
    where: {title: [peer-specialist, peer-supporter]}
    in-one: title
    at-least: 60 h
    otherwise: low
`)
	other := w.fact(Fact{Kind: "work", Title: "peer-counselor", Until: "2026-01-20", From: "2026-01-01"}, 90)
	less := w.fact(Fact{Kind: "work", Title: "peer-specialist", Until: "2026-02-20", From: "2026-02-01"}, 30)
	w.fact(Fact{Kind: "work", Title: "peer-supporter", Until: "2026-03-20", From: "2026-03-01"}, 40)
	require.Equal(t, int64(40*60), amountOf(w.result("work")))
	require.Equal(t, map[string]string{less: UncountedBetter}, w.leftOut("work"), "%s is about something else", other)
	require.Equal(t, "20 h more (work, peer supporter)", w.lacking("work"))
}

func TestCopiesOfOneActivityCountOnce(t *testing.T) {
	w := tried(t, `
  ce:    {says: Twelve credits., sum: credit, where: {category: ce}, at-least: 12 credits, otherwise: low}
  talks: {says: Two talks., count: credit, where: {category: ce}, at-least: 2, otherwise: low}
`)
	w.credits(Fact{Kind: "credit", Category: "elsewhere", Activity: "a1"}, 9)
	w.credits(Fact{Kind: "credit", Category: "ce", Activity: "a1"}, 5)
	copied := w.credits(Fact{Kind: "credit", Category: "ce", Activity: "a1"}, 6)
	w.credits(Fact{Kind: "credit", Category: "ce"}, 1)
	require.Equal(t, int64(600), amountOf(w.result("ce")), "the first recorded that counts")
	require.Equal(t, map[string]string{copied: UncountedCopy}, w.leftOut("ce"))
	require.Equal(t, Met, w.result("talks").Verdict)
	w.must(VoidEvidence{Act: w.act(StaffActor("s1"), RoleRegistrar), Registration: worldRegistration, Evidence: "e2", Reason: "mixed-up"})
	require.Equal(t, int64(700), amountOf(w.result("ce")))
}

func TestWindowsBoundTheDistance(t *testing.T) {
	w := tried(t, `
  recent: {says: Recent hours., sum: study, where: {category: ethics}, dated: {from: 6 years before filed application}, at-least: 6 h, otherwise: low}
  by:     {says: By June., sum: study, dated: {until: 2026-06-30}, filed: {until: 2026-07-15}, at-least: 6 h, otherwise: low}
  later:  {says: From May., sum: study, dated: {from: 2026-05-01}, at-least: 1 h, otherwise: low}
  over:   {says: It is over., sum: study, filed: {until: 2026-03-31}, at-least: 1 h, otherwise: low}
`)
	require.NoError(t, w.supply(Need{Do: "file", Of: "application"}))
	old := w.fact(Fact{Kind: "study", Category: "ethics", From: "2019-04-01", Until: "2019-04-01"}, 5)
	w.fact(Fact{Kind: "study", Category: "ethics", From: "2026-04-01", Until: "2026-04-01"}, 4)
	require.Equal(t, map[string]string{old: UncountedBefore}, w.leftOut("recent"))
	require.Equal(t, "2 h more (study, ethics)", w.lacking("recent"))
	require.Equal(t, Met, w.result("by").Verdict)
	require.Equal(t, "1 h more (study), from 2026-05-01", w.lacking("later"))
	require.Equal(t, NotMet, w.result("over").Verdict)
	require.Equal(t, "no longer possible since 2026-03-31; only a correction can change this", w.lacking("over"))
}

func TestFactsAreGivenADay(t *testing.T) {
	w := tried(t, `
  by: {says: By June., sum: study, dated: {until: 2026-06-30}, at-least: 6 h, otherwise: low}
  filed: {says: Filed by June., count: paper, filed: {until: 2026-06-15}, at-least: 2, otherwise: low}
`)
	require.Equal(t, "6 h more (study), on 2026-06-30 at the latest", w.lacking("by"))
	require.Equal(t, "2 times: paper on record, on 2026-06-15 at the latest", w.lacking("filed"))
}
