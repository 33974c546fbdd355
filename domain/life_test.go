package domain

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// aCard is a programme of a certificate that is renewed every two years, may be
// filed for sixty days before the end, and lapses after a grace of ninety days.
const aCard = `
programme: card
version: 1
title: A card
valid: {from: 2026-01-01}
pinned-by: registration
time-zone: UTC
tracks: {named: [family, peer]}
periods:
  term: {lasts: 2 years, first: granted card, next: late renewal}
awards:
  card:
    levels: [none, trial, held]
    decided-by: {none: certifier, trial: certifier, held: certifier}
    valid: {trial: 1 year, held: 2 years}
    extensions: {trial: {at-most: 1, each: 6 months}}
  renewal: {levels: [owed, renewed], each: term, renews: card}
  back:    {levels: [out, in], asked-in: [lapsed], settles: renewal}
  branch:  {levels: [not-yet, known], each: track, needs: {card: held}}
submissions:
  renewal-form: {answers: [returned, accepted], answered-by: staff, for: renewal, opens: 60 days before end of period, closes: 90 days after end of period, answer-within: 14 days}
requirements:
  sworn:
    says: The oath is taken.
    has: oath
    otherwise: none
  tested:
    says: The test is passed.
    has: {kind: exam, outcome: passed}
    otherwise: trial
  learnt:
    for: renewal
    says: Ten credits in the term.
    sum: credit
    dated: {in: period}
    at-least: 10 credits
    otherwise: owed
  asked:
    for: renewal
    says: The form is filed in time.
    submission: renewal-form
    is: filed
    otherwise: owed
  learnt-anew:
    for: back
    says: Ten credits after the lapse.
    sum: credit
    dated: {from: entered lapsed}
    at-least: 10 credits
    otherwise: out
  essay:
    for: branch
    says: An essay on the branch.
    has: essay
    otherwise: not-yet
after:
  renewal:
    grace:  {until: 90 days after end of period, status: grace, may: [file]}
    lapsed: {status: lapsed, start-again: true, fee: 25.00 USD}
statuses:
  grace:  {holds-title: true, says: Papers may still be filed.}
  lapsed: {says: The title may not be used.}
`

func lifeOffice(t *testing.T) *office {
	o := newOffice(t).on("2026-03-02")
	o.publish("card", aCard)
	o.must(SubmitRegistration{Act: o.staff(), Registration: "r1", Person: ida, Programme: "card", Received: "2026-03-02"})
	return o
}

func (o *office) learn(id string, hundredths int64, on Date) RecordEvidence {
	return RecordEvidence{
		Act: o.staff(), Registration: "r1", Evidence: id,
		Fact: Fact{Kind: "credit", Quantity: &hundredths, Unit: UnitHundredth, From: on, Until: on, Received: on},
	}
}

func (o *office) plain(kind, outcome string, on Date) RecordEvidence {
	return RecordEvidence{
		Act: o.staff(), Registration: "r1", Evidence: kind + "-1", Fact: Fact{Kind: kind, Outcome: outcome, From: on, Until: on, Received: on},
	}
}

func lifeStory(t *testing.T) {
	o := lifeOffice(t)
	grant := func(award, level string) Grant {
		return Grant{Act: o.certifier(), Registration: "r1", Award: award, Level: level}
	}
	require.Equal(t, []string{"card", "branch@family", "branch@peer"}, o.asked(), "no term has begun, and nothing lapsed")
	o.says("refused not-asked", grant("renewal", "renewed"))
	o.says("refused not-asked", grant("back", "in"))
	o.says("refused no-periods", Grant{Act: o.certifier(), Registration: "r1", Award: "card", Period: "1", Level: "held"})
	o.says("refused no-tracks", Grant{Act: o.certifier(), Registration: "r1", Award: "card", Track: "peer", Level: "held"})
	extend := func() ExtendGrant {
		return ExtendGrant{Act: o.certifier(), Registration: "r1", Award: "card", Reason: "illness"}
	}
	o.says("refused nothing-granted", extend())

	o.must(o.plain("oath", "", "2026-03-02"))
	o.must(grant("card", "trial"))
	given := o.last[0].(*DecisionRecorded)
	require.Equal(t, Date("2027-03-01"), given.Until, "a level holds as long as it is valid")
	require.Equal(t, given.Until, given.Record.Decided.Until)

	o.on("2026-04-02").must(o.plain("exam", "passed", "2026-04-01"))
	o.must(grant("card", "held"))
	require.Equal(t, Date("2028-04-01"), o.last[0].(*DecisionRecorded).Until, "a higher level holds for a time of its own")
	o.says("refused not-extensible", extend())
	require.Equal(t, StatusActive, o.assess().Status)

	o.says("refused track-missing", grant("branch", "known"))
	o.says("refused unknown-track", Grant{Act: o.certifier(), Registration: "r1", Award: "branch", Track: "canary", Level: "known"})
	o.must(o.plain("essay", "", "2026-04-02"))
	o.must(Grant{Act: o.certifier(), Registration: "r1", Award: "branch", Track: "peer", Level: "known"})
	peer := o.result("branch@peer")
	require.Equal(t, "known", peer.Granted)
	require.Empty(t, o.result("branch@family").Granted, "a decision on one track says nothing of another")

	file := func(received Date) FileSubmission {
		return FileSubmission{Act: o.staff(), Registration: "r1", Kind: "renewal-form", Received: received}
	}
	o.on("2027-12-01").says("refused filing-not-open", file("2027-12-01"))
	other := file("2027-12-01")
	other.Award = "card"
	o.says("refused other-award", other)
	other.Award, other.Period = "", "9"
	o.says("refused unknown-period", other)
	o.says("refused not-earned", grant("renewal", "renewed"))
	o.says("refused unknown-period", Grant{Act: o.certifier(), Registration: "r1", Award: "renewal", Period: "7", Level: "renewed"})
	o.must(o.learn("c1", 1000, "2027-11-01"))
	require.Equal(t, []string{"2028-02-01 opens renewal-form", "2028-04-01 end renewal", "2028-04-02 phase grace", "2028-06-30 closes renewal-form"}, o.due())
	o.on("2028-02-10").must(file("2028-02-10"))
	require.Equal(t, "1", o.last[0].(*SubmissionFiled).Period)
	require.Contains(t, o.due(), "2028-02-24 answer renewal-form")
	o.must(grant("renewal", "renewed"))
	renewed := o.last[0].(*DecisionRecorded)
	require.Equal(t, ActRenew, renewed.Act)
	require.Equal(t, "1", renewed.Period)
	require.Equal(t, Date("2030-04-01"), renewed.Until, "the next term begins after the old end")
	require.Equal(t, Date("2030-04-01"), o.result("card").Until)
	o.says("nothing", o.clock())

	o.on("2030-04-02").says("status.reached.v1", o.clock())
	reached := o.last[0].(*StatusReached)
	require.Equal(t, "renewal 2 grace 2030-04-02 grace", strings.Join([]string{reached.Award, reached.Period, reached.Status, string(reached.Since), reached.Phase}, " "))
	o.says("nothing", o.clock())
	require.Equal(t, "grace", o.assess().Status)
	require.Equal(t, Date("2030-06-30"), o.assess().Phase.Until)
	o.on("2030-04-10").must(o.learn("c2", 1000, "2030-04-10"))
	require.Equal(t, "owed", o.result("renewal@2").Earned, "papers may be filed in the grace, credits not earned")

	o.on("2031-07-01").says("status.reached.v1", o.clock())
	require.Equal(t, Date("2030-07-01"), o.last[0].(*StatusReached).Since, "since the day it was so, however late it is recorded")
	require.Equal(t, "lapsed", o.assess().Status)
	require.Equal(t, int64(2500), *o.assess().Phase.Fee.Number)
	o.must(o.learn("c3", 1000, "2031-06-01"))
	o.must(grant("back", "in"))
	require.Equal(t, StatusActive, o.assess().Status, "a reinstatement settles what was missed")
	require.Equal(t, Date("2033-06-30"), o.result("card").Until, "renewed late, the next term begins on that day")
	was := o.standing().Clone()
	require.Equal(t, "lapsed", Assess(o.facts(o.clock()).Programme, Facts{Standing: was, Programme: o.facts(o.clock()).Programme}, day("2031-06-30")).Status, "the gap stays visible")

	o.says("refused unknown-period", Grant{Act: o.certifier(), Registration: "r1", Award: "renewal", Period: "9", Level: "renewed"})
	surrender := AcceptSurrender{Act: o.certifier(), Registration: "r1", Reason: "moved-away"}
	o.must(surrender)
	o.says("nothing", surrender)
	require.Equal(t, StatusSurrendered, o.assess().Status)
	require.Empty(t, o.result("card").Granted)
	o.says("refused surrendered", grant("card", "held"))
	notClock := o.clock()
	notClock.Act = o.staff()
	o.says("refused not-authorised", notClock)
}

// extensionStory: what holds for a time may be extended as often as the
// programme says, while it holds.
func extensionStory(t *testing.T) {
	o := lifeOffice(t)
	o.must(o.plain("oath", "", "2026-03-02"), Grant{Act: o.certifier(), Registration: "r1", Level: "trial"})
	extend := func(reason string) ExtendGrant {
		return ExtendGrant{Act: o.certifier(), Registration: "r1", Reason: reason}
	}
	o.says("refused reason-missing", extend(""))
	o.on("2027-03-02").says("refused expired", extend("illness"))
	o.on("2027-03-01").must(extend("illness"))
	given := o.last[0].(*DecisionRecorded)
	require.Equal(t, "trial", given.Level)
	require.Equal(t, Date("2027-09-01"), given.Until)
	o.says("refused extended-already", extend("illness"))
}

func (o *office) clock() RecordStatus {
	return RecordStatus{Act: o.act("system/clock", RoleSystem), Registration: "r1"}
}

func (o *office) standing() *Standing { return o.registrations["r1"] }

// due are the days ahead, as text.
func (o *office) due() []string {
	var out []string
	for _, x := range DueDays(o.rules[o.standing().Pin.Digest], Facts{Standing: o.standing()}, o.now) {
		what := x.Of
		if x.What == DuePhase {
			what = x.Status
		}
		out = append(out, string(x.On)+" "+x.What+" "+what)
	}
	return out
}

// asked names what is asked now.
func (o *office) asked() []string {
	var out []string
	for _, a := range o.assess().Awards {
		out = append(out, a.Asking().String())
	}
	return out
}

func (o *office) result(asking string) AwardResult {
	for _, a := range o.assess().Awards {
		if a.Asking().String() == asking {
			return a
		}
	}
	o.t.Fatalf("%s is not asked", asking)
	return AwardResult{}
}
