package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// aLicence is granted once for a year; five credits are owed in each calendar year
// after the first grant, and who lacks them is struck off in two steps.
const aLicence = `
programme: licence
version: 1
title: A licence
valid: {from: 2026-01-01}
pinned-by: registration
time-zone: UTC
periods:
  year: {lasts: calendar year, first: year after granted licence}
awards:
  licence: {levels: [none, held], valid: {held: 1 year}}
  dues:    {levels: [owed, paid], each: year, settled-by: facts}
  checked: {levels: [open, done]}
submissions:
  request: {answers: [returned, accepted], answered-by: staff}
requirements:
  sworn: {says: The oath is taken., has: oath, otherwise: none}
  shown: {for: checked, says: The papers are shown., has: papers, otherwise: open}
  learnt: {for: dues, says: Five credits in the year., sum: credit, dated: {in: period}, at-least: 5 credits, otherwise: owed}
after:
  dues:
    reminded: {until: 31 March after end of period, status: in-arrears}
    struck:   {status: struck-off}
  checked:
    begins: 10 days after filed request
    late:   {status: papers-late}
statuses:
  papers-late: {says: Papers are owed.}
  in-arrears: {says: Credits are owed.}
  struck-off: {says: Struck off.}
`

// ahead is what time will bring, and the day of the next status.
func (o *office) ahead() (days []string, status Date) {
	_, x := AssessAhead(o.rules[o.standing().Pin.Digest], Facts{Standing: o.standing()}, o.now)
	return o.due(), x.Status
}

// TestAheadIsKnownFromOneEntry: whatever time brings next is among the days ahead
// as of the last entry, so that nobody has to look every day.
func TestAheadIsKnownFromOneEntry(t *testing.T) {
	o := newOffice(t).on("2026-03-02")
	o.publish("licence", aLicence)
	o.must(SubmitRegistration{Act: o.staff(), Registration: "r1", Person: ida, Programme: "licence", Received: "2026-03-02"})
	days, status := o.ahead()
	require.Empty(t, days)
	require.Empty(t, status)
	o.must(o.plain("oath", "", "2026-03-02"), Grant{Act: o.certifier(), Registration: "r1", Level: "held"})
	days, status = o.ahead()
	require.Equal(t, []string{"2027-03-01 end licence", "2027-12-31 end dues", "2028-01-01 phase in-arrears"}, days,
		"the first year of dues has not begun, and is known")
	require.Equal(t, Date("2028-01-01"), status)

	// A year that is settled moves the next status on by a year.
	o.on("2027-06-01").must(o.learn("c1", 500, "2027-05-01"))
	days, status = o.ahead()
	require.Equal(t, []string{"2028-12-31 end dues", "2029-01-01 phase in-arrears"}, days)
	require.Equal(t, Date("2029-01-01"), status)

	// Time alone changes nothing of what comes: the status that has begun is first.
	o.on("2029-05-01")
	days, status = o.ahead()
	require.Equal(t, []string{"2029-12-31 end dues", "2030-12-31 end dues"}, days)
	require.Equal(t, Date("2029-01-01"), status, "not on record yet, however late")
	o.says("status.reached.v1", o.clock())
	_, status = o.ahead()
	require.Equal(t, Date("2029-04-01"), status, "the second step began too")
	o.says("status.reached.v1", o.clock())
	_, status = o.ahead()
	require.Empty(t, status, "struck off, nothing more comes")

	o.must(WithdrawRegistration{Act: o.staff(), Registration: "r1"})
	days, status = o.ahead()
	require.Empty(t, days)
	require.Empty(t, status)
}

// TestPhasesThatBeginAtAMoment are ahead before the moment has come.
func TestPhasesThatBeginAtAMoment(t *testing.T) {
	o := newOffice(t).on("2026-03-02")
	o.publish("licence", aLicence)
	o.must(SubmitRegistration{Act: o.staff(), Registration: "r1", Person: ida, Programme: "licence", Received: "2026-03-02"})
	o.must(FileSubmission{Act: o.staff(), Registration: "r1", Kind: "request", Received: "2026-03-02"})
	days, status := o.ahead()
	require.Equal(t, []string{"2026-03-12 phase papers-late"}, days)
	require.Equal(t, Date("2026-03-12"), status)
	o.on("2026-03-12").says("status.reached.v1", o.clock())
	days, status = o.ahead()
	require.Empty(t, days)
	require.Empty(t, status)
	o.must(o.plain("papers", "", "2026-03-12"))
	require.Equal(t, StateRegistered, o.assess().Status)
}

// TestRenewedEarlyTheNextTermIsAhead: a term that has not begun has its end and
// what follows among the days ahead.
func TestRenewedEarlyTheNextTermIsAhead(t *testing.T) {
	o := lifeOffice(t)
	o.says("refused other-award", Renew{Grant{Act: o.certifier(), Registration: "r1", Award: "card", Level: "held"}})
	o.must(o.plain("oath", "", "2026-03-02"), o.plain("exam", "passed", "2026-03-02"), Grant{Act: o.certifier(), Registration: "r1", Level: "held"})
	o.on("2028-01-10").must(o.learn("c1", 1000, "2027-11-01"))
	o.must(FileSubmission{Act: o.staff(), Registration: "r1", Kind: "renewal-form", Received: "2028-01-10"})
	o.must(Renew{Grant{Act: o.certifier(), Registration: "r1", Level: "renewed"}})
	given := o.last[0].(*DecisionRecorded)
	require.Equal(t, []string{ActRenew, "renewal", "1"}, []string{given.Act, given.Award, given.Period}, "what renews is found")
	days, status := o.ahead()
	require.Equal(t, []string{"2028-01-24 answer renewal-form", "2029-12-31 opens renewal-form", "2030-03-01 end renewal", "2030-03-02 phase grace", "2030-05-30 closes renewal-form"}, days)
	require.Equal(t, Date("2030-03-02"), status)
	o.says("refused unknown-award", Renew{Grant{Act: o.certifier(), Registration: "r1", Award: "licence", Level: "held"}})

	o.publish("licence", aLicence)
	o.must(SubmitRegistration{Act: o.staff(), Registration: "r2", Person: ida, Programme: "licence", Received: "2028-01-10"})
	o.says("refused other-award", Renew{Grant{Act: o.certifier(), Registration: "r2", Level: "held"}})
}

// TestEveryDueDayIsSaidPlainly for whoever reads the list.
func TestEveryDueDayIsSaidPlainly(t *testing.T) {
	for says, d := range map[string]DueDay{
		"Period 2 of renewal ends.":         {What: DueEnd, Of: "renewal", Period: "2"},
		"The last day on which card holds.": {What: DueEnd, Of: "card"},
		"The status becomes grace, unless something is done about renewal of period 2.": {What: DuePhase, Of: "renewal", Period: "2", Status: "grace"},
		"From this day on renewal form of period 2 can be filed.":                       {What: DueOpens, Of: "renewal-form", Period: "2"},
		"The last day to file renewal form of period 2.":                                {What: DueCloses, Of: "renewal-form", Period: "2"},
		"The last day for staff to answer plan plan-1.":                                 {What: DueAnswer, Of: "plan", ID: "plan-1", By: RoleStaff},
		"The last day for the certifier to answer plan.":                                {What: DueAnswer, Of: "plan", By: RoleCertifier},
		"The last day for make up t-2.":                                                 {What: DueTask, Of: "make-up", ID: "t-2"},
	} {
		require.Equal(t, says, d.Says())
	}
}
