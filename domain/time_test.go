package domain

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// at moves the clock to a day.
func (w *world) at(day Date) {
	for DateOf(w.now) < day {
		w.day()
	}
}

// passed records that something was passed today.
func (w *world) passed(kind string) error {
	return w.do(RecordEvidence{
		Act: w.act(PersonActor(worldPerson), RoleParticipant), Registration: worldRegistration, Fact: Fact{Kind: kind, Outcome: "passed"},
	})
}

const waiting = `
awards: {pin: {levels: [none, pin]}}
submissions: {form: {answers: [returned, accepted], answered-by: staff}}
requirements:
  year:   {says: A year has passed since the form., elapsed: {from: filed form}, at-least: 12 months, otherwise: none}
  weeks:  {says: Four weeks lie between the form and the exam., elapsed: {from: filed form, to: met exam}, at-least: 4 weeks, otherwise: none}
  exam:   {says: The exam is passed., has: {kind: exam, outcome: passed}, otherwise: none}
  walk:   {says: A walk follows the year., has: {kind: walk, dated: {from: met year}}, otherwise: none}
`

func TestTimeHasToPass(t *testing.T) {
	w := newWorld(t, rules(t, waiting))
	w.open(nil, nil)
	r := result(t, w, "year")
	require.Equal(t, Open, r.Verdict)
	require.Equal(t, []string{"form filed by the participant", "then 12 months of time"}, Lifts(r.Lacks))
	require.Equal(t, "12 months are asked for, which have not begun", Found(r))

	require.NoError(t, w.supply(Need{Do: "file", Of: "form"}))
	filed := DateOf(w.now)
	due := filed.AddMonths(12)
	w.at(due.AddDays(-1))
	r = result(t, w, "year")
	require.Equal(t, Open, r.Verdict)
	require.Equal(t, []Need{{Do: "wait", Of: "time", From: due}}, r.Lacks.Needs)
	require.Equal(t, []string{"time until " + string(due)}, Lifts(r.Lacks))
	require.Equal(t, "11 months of 12 months have passed", Found(r))
	require.Equal(t, Open, result(t, w, "walk").Verdict)
	require.Equal(t, due, result(t, w, "walk").Lacks.Needs[0].From)

	w.at(due)
	r = result(t, w, "year")
	require.Equal(t, Met, r.Verdict)
	require.Equal(t, due, r.MetOn)
	require.Equal(t, []uint64{w.standing.Submissions[0].Made.Sequence}, r.Evidence)
	require.NoError(t, w.supply(Need{Do: "record", Of: "walk"}))
	require.Equal(t, Met, result(t, w, "walk").Verdict, "the window opens on the day on which the year is over")
}

func TestTheLaterMomentMayComeTooEarly(t *testing.T) {
	w := newWorld(t, rules(t, waiting))
	w.open(nil, nil)
	require.Equal(t, []string{"form filed by the participant", "then 28 days of time", "exam, passed, on record"}, Lifts(result(t, w, "weeks").Lacks))
	require.NoError(t, w.supply(Need{Do: "file", Of: "form"}))
	filed := DateOf(w.now)
	w.at(filed.AddDays(27))
	require.Equal(t, Open, result(t, w, "weeks").Verdict)
	early := *w
	early.standing = w.standing.Clone()
	require.NoError(t, early.passed("exam"))
	r := result(t, &early, "weeks")
	require.Equal(t, NotMet, r.Verdict)
	require.Equal(t, []string{"correction"}, r.Lacks.LiftedBy)
	require.Equal(t, "27 days of 28 days have passed", Found(r))

	w.at(filed.AddDays(28))
	require.Equal(t, []string{"exam, passed, on record"}, Lifts(result(t, w, "weeks").Lacks), "only the exam is missing now")
	require.NoError(t, w.passed("exam"))
	require.Equal(t, Met, result(t, w, "weeks").Verdict)
}

// RS-5: what an application allows is open for twelve months; a day later it
// has expired. That is a window, not a time to pass.
func TestAnApplicationExpires(t *testing.T) {
	for days, want := range map[int]Verdict{0: Met, 1: NotMet} {
		w := newWorld(t, rules(t, `
awards: {pin: {levels: [none, pin]}}
submissions: {application: {answers: [returned, approved], answered-by: staff}}
requirements:
  approved: {says: The application is approved., submission: application, is: approved, otherwise: none}
  exam:
    says: The exam is passed within twelve months of the approval.
    has: {kind: exam, outcome: passed, dated: {from: met approved, until: 12 months after met approved}}
    otherwise: none
`))
		w.open(nil, nil)
		require.NoError(t, w.supply(Need{Do: "file", Of: "application"}))
		require.NoError(t, w.supply(Need{Do: "answer", Of: "application", Answer: "approved"}))
		last := DateOf(w.now).AddMonths(12)
		w.at(last.AddDays(days))
		require.NoError(t, w.passed("exam"))
		r := result(t, w, "exam")
		require.Equal(t, want, r.Verdict, "%d days late", days)
		if want == NotMet {
			require.Equal(t, last, r.Lacks.Closed)
		}
	}
}

// RS-11: ten credits hold for a year, twenty for two, thirty for three.
func TestATermFollowsFromCredits(t *testing.T) {
	p := rules(t, `
awards: {term: {levels: [none, 1-year, 2-years, 3-years]}}
requirements:
  term:
    says: Ten credits for a year, twenty for two, thirty for three.
    sum: credit
    reaches: {1-year: 10 credits, 2-years: 20 credits, 3-years: 30 credits}
`)
	w := newWorld(t, p)
	w.open(nil, nil)
	add := func(credits int64) Result {
		credits *= 100
		require.NoError(t, w.supply(Need{Do: "record", Of: "credit", Quantity: &credits, Unit: UnitHundredth}))
		w.day()
		return result(t, w, "term")
	}
	r := result(t, w, "term")
	require.Equal(t, "none", r.Cap)
	require.Equal(t, Open, r.Verdict)
	require.Len(t, r.Lacks.OneOf, 3)
	require.Equal(t, "0 credits counted, enough for none; 1 year asks for 10 credits", Found(r))

	r = add(24)
	require.Equal(t, Open, r.Verdict)
	require.Equal(t, "2-years", r.Cap)
	require.Equal(t, "2-years", awardOf(w.assess(), "term").Earned)
	require.Equal(t, "24 credits counted, enough for 2 years; 3 years asks for 30 credits", Found(r))
	require.Equal(t, []string{"for 3 years: 6 credits more (credit)"}, Lifts(r.Lacks))
	require.Equal(t, "3-years", r.Lacks.OneOf[0].Gives)

	r = add(6)
	require.Equal(t, Met, r.Verdict)
	require.Empty(t, r.Cap)
	require.Equal(t, "3-years", awardOf(w.assess(), "term").Earned)
	require.Equal(t, w.standing.Evidence[1].Until, r.MetOn)
	require.Equal(t, "30 credits counted, enough for 3 years", Found(r))
}

// RS-2: the same hours give the full level, or fewer of them the provisional
// one; what comes later raises it.
func TestAGradedOutcome(t *testing.T) {
	w := newWorld(t, rules(t, `
awards: {certification: {levels: [none, provisional, full]}}
requirements:
  exam: {says: The exam is passed., has: {kind: exam, outcome: passed}, otherwise: none}
  hours:
    says: Two hundred hours for the full level.
    sum: hours
    at-least: 200 h
    otherwise: provisional
`))
	w.open(nil, nil)
	hours := func(n int64) string {
		n *= 60
		require.NoError(t, w.supply(Need{Do: "record", Of: "hours", Quantity: &n, Unit: UnitMinute}))
		w.day()
		return awardOf(w.assess(), "certification").Earned
	}
	require.Equal(t, "none", hours(180))
	require.NoError(t, w.passed("exam"))
	w.day()
	require.Equal(t, "provisional", awardOf(w.assess(), "certification").Earned)
	require.Equal(t, "full", hours(25))
}

// RS-7: who lived elsewhere needs the second record check, others do not.
func TestAConditionIsAFact(t *testing.T) {
	w := newWorld(t, rules(t, `
awards:
  certification: {levels: [none, certified]}
  track: {levels: [none, ready], each: track}
tracks: {named: [family, youth]}
requirements:
  bci: {says: The state's record is clear., has: {kind: background-check, category: bci}, otherwise: none}
  fbi:
    says: Who lived elsewhere shows the federal record.
    when: {has: {kind: residence, outcome: [elsewhere, abroad]}}
    has: {kind: background-check, category: fbi}
    otherwise: none
  reference:
    says: Who always lived here names a neighbour.
    when: {has: {kind: residence, outcome: [elsewhere, abroad]}, unless: true}
    has: neighbour
    otherwise: none
  letter:
    for: track
    says: Who works with the young has a letter.
    when: {track: youth}
    has: letter
    otherwise: none
  taught: {for: track, says: The track is taught., has: {kind: course, track: this}, otherwise: none}
`))
	w.open(nil, nil)
	require.NoError(t, w.supply(Need{Do: "record", Of: "background-check", Category: "bci"}))
	require.Equal(t, NotApplicable, result(t, w, "fbi").Verdict)
	require.Equal(t, Open, result(t, w, "reference").Verdict)

	require.NoError(t, w.supply(Need{Do: "record", Of: "residence", Outcome: "abroad"}))
	lived := w.standing.Evidence[1].Made.Sequence
	require.Equal(t, NotApplicable, result(t, w, "reference").Verdict)
	r := result(t, w, "fbi")
	require.Equal(t, Open, r.Verdict)
	require.Equal(t, []uint64{lived}, r.Evidence, "the fact that makes it apply is shown")
	require.Equal(t, "none", awardOf(w.assess(), "certification").Earned)
	require.NoError(t, w.supply(Need{Do: "record", Of: "background-check", Category: "fbi"}))
	w.now = w.now.Add(time.Hour)
	require.Equal(t, "certified", awardOf(w.assess(), "certification").Earned)

	require.Equal(t, Open, inTrack(w.assess(), "letter", "youth").Verdict)
	require.Equal(t, NotApplicable, inTrack(w.assess(), "letter", "family").Verdict)
}
