package desk

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

const pierRules = `programme: pier-watch
version: 1
title: Pier watch
valid: {from: 2026-01-01}
pinned-by: MODE
time-zone: UTC
parameters:
  hours: {is: 10 h, stricter: higher}
awards:
  watch: {levels: [not-yet, watch]}
submissions:
  application: {answers: [returned, accepted], answered-by: staff}
requirements:
  applied:
    says: The application is filed.
    submission: application
    is: filed
    otherwise: not-yet
  hours:
    says: So many hours on the pier.
    sum: hours
    at-least: hours
    otherwise: not-yet
`

// pierDay is a morning of 2026.
func pierDay(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 9, 0, 0, 0, time.UTC)
}

// watched is an office with the pier's first version and a registration.
func watched(t *testing.T, mode string) *office {
	o := newOffice(t)
	o.setTime(pierDay(2, 1))
	o.do(domain.CreateLedger{Act: o.act("system/clock", domain.RoleAdministrator), Ledger: ledgerID})
	o.publishPier(mode)
	o.do(domain.SubmitRegistration{Act: o.registrar(), Registration: "r1", Person: ada, Programme: "pier-watch"})
	return o
}

func (o *office) publishPier(mode string, changes ...string) {
	o.t.Helper()
	rules := strings.NewReplacer(append(changes, "MODE", mode)...).Replace(pierRules)
	o.do(domain.ProposeProgramme{Act: o.act(domain.StaffActor("author"), domain.RoleAuthor), Programme: "pier-watch", Rules: rules})
	f, err := o.Facts(ctx, domain.SubjectOf(domain.KindProgramme, "pier-watch"))
	require.NoError(o.t, err)
	o.do(domain.PublishProgramme{
		Act: o.act(domain.StaffActor("admin"), domain.RoleAdministrator), Programme: "pier-watch", Proposal: f.Line.Proposals[len(f.Line.Proposals)-1].ID,
	})
}

func (o *office) pierHours(n int64) {
	o.t.Helper()
	minutes, on := n*60, domain.DateOf(o.now())
	o.do(domain.RecordEvidence{Act: o.registrar(), Registration: "r1", Fact: domain.Fact{Kind: "hours", Quantity: &minutes, Unit: "minute", From: on, Until: on}})
}

func (o *office) types(a Answer) []string {
	var out []string
	for _, e := range a.Entries {
		out = append(out, e.Type)
	}
	return out
}

// sameEverywhere is what the desk and the projections make of the registration now.
func (o *office) sameEverywhere() (domain.Facts, string) {
	o.t.Helper()
	f, err := o.Facts(ctx, domain.SubjectOf(domain.KindRegistration, "r1"))
	require.NoError(o.t, err)
	o.catchUp()
	require.NoError(o.t, o.store.Err())
	stored, err := o.store.Facts("r1")
	require.NoError(o.t, err)
	require.Equal(o.t, f.Standing, stored.Standing)
	here, there := domain.Assess(f.Programme, f, o.now()), domain.Assess(stored.Programme, stored, o.now())
	require.Equal(o.t, here.Awards, there.Awards)
	require.Equal(o.t, here.Programme, there.Programme)
	return f, here.Awards[0].Earned
}

var pierSecond = []string{"version: 1", "version: 2\nreplaces: 1", "{from: 2026-01-01}", "{from: 2026-03-01}"}

func TestAnApplicationPinsTheRules(t *testing.T) {
	o := watched(t, domain.PinByApplication)
	o.pierHours(11)
	o.setTime(pierDay(3, 2))
	o.publishPier(domain.PinByApplication, append(pierSecond, "{is: 10 h", "{is: 12 h")...)
	a := o.do(domain.FileSubmission{Act: o.registrar(), Registration: "r1", Kind: "application"})
	require.Equal(t, []string{"registration.pinned.v1", "submission.filed.v1"}, o.types(a))
	f, earned := o.sameEverywhere()
	require.Equal(t, 2, f.Standing.Pin.Version)
	require.Equal(t, 2, f.Programme.Version)
	require.Equal(t, "not-yet", earned)
}

func TestADecisionPinsTheRules(t *testing.T) {
	o := watched(t, domain.PinByDecision)
	o.pierHours(11)
	o.do(domain.FileSubmission{Act: o.registrar(), Registration: "r1", Kind: "application"})
	_, earned := o.sameEverywhere()
	require.Equal(t, "watch", earned)
	o.publishPier(domain.PinByDecision, append(pierSecond, "{is: 10 h", "{is: 12 h")...)
	_, earned = o.sameEverywhere()
	require.Equal(t, "watch", earned, "the second version begins in March")

	o.setTime(pierDay(3, 2))
	_, earned = o.sameEverywhere()
	require.Equal(t, "not-yet", earned)
	grant := func() domain.Grant {
		return domain.Grant{Act: o.act(domain.StaffActor("c1"), domain.RoleCertifier), Registration: "r1", Level: "watch"}
	}
	require.Equal(t, "not-earned", o.refused(grant()))
	o.pierHours(1)
	a := o.do(grant())
	require.Equal(t, []string{"registration.pinned.v1", "decision.recorded.v1"}, o.types(a))
	f, earned := o.sameEverywhere()
	require.Equal(t, 2, f.Standing.Pin.Version)
	require.Equal(t, "watch", earned)
}

func TestAClarificationIsPassedOn(t *testing.T) {
	o := watched(t, domain.PinByRegistration)
	o.pierHours(9)
	o.do(domain.FileSubmission{Act: o.registrar(), Registration: "r1", Kind: "application"})
	o.setTime(pierDay(3, 2))
	o.publishPier(domain.PinByRegistration, "version: 1", "version: 2\nreplaces: 1\nclarifies: 1", "{from: 2026-01-01}", "{from: 2026-03-01}", "{is: 10 h", "{is: 9 h")
	clarify := func(version int) domain.ClarifyRegistration {
		return domain.ClarifyRegistration{Act: o.act(domain.StaffActor("c1"), domain.RoleCertifier), Registration: "r1", Version: version}
	}
	_, earned := o.sameEverywhere()
	require.Equal(t, "not-yet", earned)
	require.Equal(t, "no-such-version", o.refused(clarify(7)))
	require.Equal(t, []string{"registration.pinned.v1"}, o.types(o.do(clarify(2))))
	f, earned := o.sameEverywhere()
	require.Equal(t, 2, f.Programme.Version)
	require.Equal(t, "watch", earned)
}
