package domain

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// aCycle is a programme in which ten hours are owed in each period; cycle and
// the requirement on the hours are the test's own.
const aCycle = `
programme: cycle
version: 1
title: A cycle
valid: {from: 2020-01-01}
pinned-by: registration
time-zone: UTC
periods:
  cycle: CYCLE
awards:
  card:    {levels: [none, held], decided-by: {held: certifier}}
  renewal: {levels: [owed, renewed], each: cycle, renews: card, decided-by: {renewed: certifier}}
  back:    {levels: [out, short, long], asked-in: [lapsed], settles: renewal, valid: {short: 1 year, long: 3 years}, decided-by: {long: certifier}}
requirements:
  sworn:
    says: The oath is taken.
    has: oath
    otherwise: none
  learnt:
    for: renewal
    says: Ten hours, or a diploma.
    LEARNT
    otherwise: owed
  asked:
    for: back
    says: Somebody who lapsed asks.
    has: plea
    otherwise: out
  vowed:
    for: back
    says: Somebody who lapsed promises to stay.
    has: vow
    otherwise: short
after:
  renewal: {lapsed: {status: lapsed, may: [earn, file]}}
statuses:
  lapsed: {says: Out of the guild.}
`

const (
	twoYears = "{lasts: 2 years, first: granted card, next: late renewal}"
	inHours  = "any-of: {diploma: {has: {kind: diploma, dated: {in: period}}}, hours: {sum: course, dated: {in: period}, at-least: 10 h, carry: {shortfall: next}}}"
)

// cycleOffice has somebody whose card was granted on a day.
func cycleOffice(t *testing.T, cycle, learnt string, granted Date) *office {
	o := newOffice(t).on(granted)
	o.publish("cycle", strings.NewReplacer("CYCLE", cycle, "LEARNT", learnt).Replace(aCycle))
	o.must(
		SubmitRegistration{Act: o.staff(), Registration: "r1", Person: ida, Programme: "cycle", Received: granted},
		o.plain("oath", "", granted), o.grant("card", "held"),
	)
	return o
}

func (o *office) grant(award, level string) Grant {
	return Grant{Act: o.certifier(), Registration: "r1", Award: award, Level: level}
}

// states records a fact with a quantity, as the registrar or as the participant.
func (o *office) states(act Act, kind, id string, quantity int64, unit string) RecordEvidence {
	day := DateOf(o.now)
	return RecordEvidence{
		Act: act, Registration: "r1", Evidence: id, Fact: Fact{Kind: kind, Quantity: &quantity, Unit: unit, From: day, Until: day, Received: day},
	}
}

// TestTheFirstPeriodIsAsLongAsItWasSet: whoever may say so states the length;
// until then it is as long as any other.
func TestTheFirstPeriodIsAsLongAsItWasSet(t *testing.T) {
	o := cycleOffice(t, "{lasts: 2 years, first: granted card, first-lasts: {kind: first-term, filed-by: registrar, at-least: 6 months}}", inHours, "2026-03-02")
	require.Equal(t, Date("2028-03-01"), o.result("card").Until)
	o.must(o.states(o.act(PersonActor(ida), RoleParticipant), "first-term", "mine", 60, "month"))
	require.Equal(t, Date("2028-03-01"), o.result("card").Until, "nobody sets their own term")
	o.must(o.states(o.staff(), "first-term", "five", 5, "month"))
	require.Equal(t, Date("2028-03-01"), o.result("card").Until, "five months are not long enough")
	o.must(o.states(o.staff(), "first-term", "nineteen", 19, "month"))
	require.Equal(t, Date("2027-10-01"), o.result("card").Until)
	o.must(o.states(o.staff(), "course", "c1", 600, "minute"), o.grant("renewal", "renewed"))
	require.Equal(t, Date("2029-10-01"), o.result("card").Until, "the second is as long as any other")
}

// TestAPeriodEndsOnADayOfTheYear: and lasts at least as long as it has to.
func TestAPeriodEndsOnADayOfTheYear(t *testing.T) {
	const december = "{lasts: {until: 31 December, at-least: 6 months}, first: granted card, next: late renewal}"
	for granted, until := range map[Date]Date{
		"2026-02-28": "2026-12-31", "2026-07-01": "2026-12-31", "2026-07-02": "2027-12-31", "2026-12-31": "2027-12-31", "2026-01-01": "2026-12-31",
	} {
		require.Equal(t, until, cycleOffice(t, december, inHours, granted).result("card").Until, granted)
	}
	for granted, until := range map[Date]Date{"2026-12-31": "2026-12-31", "2027-01-01": "2027-12-31"} {
		o := cycleOffice(t, "{lasts: {until: 31 December}, first: granted card}", inHours, granted)
		require.Equal(t, until, o.result("card").Until, granted)
	}
	for renewed, until := range map[Date]Date{"2026-12-01": "2027-12-31", "2027-02-28": "2027-12-31", "2027-08-01": "2028-12-31"} {
		o := cycleOffice(t, december, inHours, "2026-02-28")
		o.must(o.states(o.staff(), "course", "c1", 600, "minute"))
		o.on(renewed).must(o.grant("renewal", "renewed"))
		require.Equal(t, until, o.result("card").Until, renewed)
	}
}

// TestAReinstatementBeginsAPeriodOfItsOwn: as long as its level holds.
func TestAReinstatementBeginsAPeriodOfItsOwn(t *testing.T) {
	for level, until := range map[string]Date{"short": "2029-05-31", "long": "2031-05-31"} {
		o := cycleOffice(t, twoYears, inHours, "2026-03-02")
		o.on("2028-06-01").must(o.plain("plea", "", "2028-06-01"))
		if level == "long" {
			o.must(o.plain("vow", "", "2028-06-01"))
		}
		require.Equal(t, "lapsed", o.assess().Status)
		o.must(o.grant("back", level))
		require.Equal(t, StatusActive, o.assess().Status)
		require.Equal(t, until, o.result("card").Until)
	}
}

// TestWhatWasMetOtherwiseLacksNothing: a debt is left only by the way that was
// gone.
func TestWhatWasMetOtherwiseLacksNothing(t *testing.T) {
	owed := func(o *office) int64 {
		for _, r := range o.assess().Results {
			if r.Path == "learnt" && r.Period == "2" {
				return r.Children[1].Carried
			}
		}
		t.Fatal("the second period has not begun")
		return 0
	}
	o := cycleOffice(t, twoYears, inHours, "2026-03-02")
	o.must(o.states(o.staff(), "course", "c1", 600, "minute"), o.grant("renewal", "renewed"))
	o.on("2028-03-02")
	require.Zero(t, owed(o))
	o.must(CorrectEvidence{
		Act: o.staff(), Registration: "r1", Evidence: "c1", Reason: "entered-wrongly",
		Fact: func() Fact { f := o.standing().Evidence[1].Fact; n := int64(360); f.Quantity = &n; return f }(),
	})
	require.Equal(t, int64(240), owed(o), "what turns out to lack is owed in the next")

	o = cycleOffice(t, twoYears, inHours, "2026-03-02")
	o.must(o.plain("diploma", "", "2026-03-02"), o.states(o.staff(), "course", "c1", 360, "minute"), o.grant("renewal", "renewed"))
	o.on("2028-03-02")
	require.Zero(t, owed(o), "the diploma was enough")
}

// anAudit adds to the cycle an audit, from whose finding the phases run.
const anAudit = `
programme: audited
version: 1
title: An audited cycle
valid: {from: 2020-01-01}
pinned-by: registration
time-zone: UTC
periods:
  cycle: {lasts: 2 years, first: granted card}
awards:
  card:    {levels: [none, held], decided-by: {held: certifier}}
  renewal: {levels: [owed, renewed], each: cycle, renews: card, decided-by: {renewed: certifier}}
  audit:   {levels: [short, in-order], never-granted: in-order, each: cycle, settled-by: facts}
requirements:
  sworn:    {says: The oath is taken., has: oath, otherwise: none}
  learnt:   {for: renewal, says: Ten hours., sum: course, dated: {in: period}, at-least: 10 h, otherwise: owed}
  made-good:
    for: audit
    says: What an audit finds missing is made up.
    when: {has: {kind: audit, outcome: short, period: this}}
    all-of:
      found: {has: {kind: audit, outcome: short, period: this}}
      hours: {sum: course, where: {category: make-up}, dated: {from: met made-good/found, until: 1 year after met made-good/found}, at-least: 3 h}
    otherwise: short
after:
  audit:
    begins: met made-good/found
    probation: {until: 6 months after met made-good/found, status: probation, may: [earn]}
    paused:    {until: 1 year after met made-good/found, status: paused, may: [earn]}
    last:      {status: revocation-due}
statuses:
  probation:      {holds-title: true, says: Hours are made up.}
  paused:         {says: The title rests.}
  revocation-due: {says: Somebody decides.}
`

// TestPhasesBeginWhereTheySay: at the audit's finding, not at the end of the
// period, and for as long as it is not made good.
func TestPhasesBeginWhereTheySay(t *testing.T) {
	audited := func() *office {
		o := newOffice(t).on("2026-03-02")
		o.publish("audited", anAudit)
		o.must(
			SubmitRegistration{Act: o.staff(), Registration: "r1", Person: ida, Programme: "audited", Received: "2026-03-02"},
			o.plain("oath", "", "2026-03-02"), o.grant("card", "held"),
			o.states(o.staff(), "course", "c1", 600, "minute"), o.grant("renewal", "renewed"),
		)
		require.Equal(t, StatusActive, o.on("2028-05-05").assess().Status, "the cycle is over, and nothing was found")
		found := o.plain("audit", "short", "2028-05-05")
		found.Period = "1"
		o.must(found)
		return o
	}
	for day, status := range map[Date]string{
		"2028-05-05": "probation", "2028-11-05": "probation", "2028-11-06": "paused", "2029-05-05": "paused", "2029-05-06": "revocation-due",
	} {
		o := audited().on(day)
		require.Equal(t, status, o.assess().Status, day)
		require.Equal(t, "short", o.result("audit@1").Earned)
		require.Equal(t, "in-order", o.result("audit@2").Earned, "the other cycle is not looked at")
	}
	o := audited()
	require.Contains(t, o.due(), "2028-11-06 phase paused")
	o.says("status.reached.v1", o.clock())
	require.Equal(t, Date("2028-05-05"), o.last[0].(*StatusReached).Since)
	o.says("nothing", o.clock())
	for day, status := range map[Date]string{"2028-12-01": StatusActive, "2029-05-06": "revocation-due"} {
		o := audited().on(day)
		hours := o.states(o.staff(), "course", "m1", 180, "minute")
		hours.Category = "make-up"
		o.must(hours)
		require.Equal(t, status, o.assess().Status, "made up on %s", day)
	}
}

// TestWhatWasFiledLateIsCalledSo: and not something that waits for an answer.
func TestWhatWasFiledLateIsCalledSo(t *testing.T) {
	filed := Result{Test: "submission", Verdict: NotMet, Evidence: []uint64{7}}
	require.Equal(t, "filed, not answered yet", Found(filed))
	filed.Lacks = &Lack{Closed: "2026-04-30"}
	require.Equal(t, "filed after the last day", Found(filed))
}

// TestAnAnswerThatTakesHoursAwayIsTheCause: and not the decision that had
// counted them.
func TestAnAnswerThatTakesHoursAwayIsTheCause(t *testing.T) {
	const verified = "sum: course\n    dated: {in: period}\n    parts: {unverified: {where: {answered: unverified}, counts-up-to: 0 h}}\n    at-least: 10 h"
	o := cycleOffice(t, twoYears, verified, "2026-03-02")
	o.must(o.states(o.staff(), "course", "c1", 600, "minute"), o.grant("renewal", "renewed"))
	require.Empty(t, o.assess().Reviews)
	o.on("2027-05-03").must(AnswerEvidence{Act: o.staff(), Registration: "r1", Evidence: []string{"c1"}, Answer: "unverified"})
	reviews := o.assess().Reviews
	require.Len(t, reviews, 1)
	require.Contains(t, reviews[0].Notice, "Evidence was answered on 2027-05-03, and the facts now support less than was granted.")
	require.Equal(t, Date("2027-05-03"), reviews[0].Due)
}
