package domain

import (
	"slices"
)

// ExtendGrant extends how long a level holds, as often as the programme lets
// it.
type ExtendGrant struct {
	Act
	Registration string
	Decision     string
	Award        string
	Track        string
	Reason       string
	Text         string // sealed
}

// AcceptSurrender records that somebody gave back what was granted to them. The
// wish is theirs; their reason is sealed.
type AcceptSurrender struct {
	Act
	Registration string
	Decision     string
	Award        string
	Reason       string
	Text         string // sealed
}

// RecordStatus records the earliest status that time has brought and that is
// not on record yet. It is the clock's command: once all are on record, it
// records nothing.
type RecordStatus struct {
	Act
	Registration string
}

// Subject is the registration's.
func (c ExtendGrant) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c AcceptSurrender) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c RecordStatus) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// giving is the act by which a level of the award is given.
func (d desk) giving() string {
	if d.award.Renews != "" {
		return ActRenew
	}
	return ActGrant
}

// recorded is what a decision records of its asking.
func (d desk) recorded(id, act, level string) *DecisionRecorded {
	return &DecisionRecorded{
		Decision: id, Act: act, Award: d.k.Award, Track: d.k.Track, Period: d.k.Period, Level: level, From: d.day(), Warnings: d.closeness(),
	}
}

// holdsUntil is the last day on which what a decision gives will hold: as the
// level is valid, or to the end of the period that it begins. Empty is without
// end.
func (d desk) holdsUntil(e *DecisionRecorded) Date {
	given := Decision{
		ID: e.Decision, Act: e.Act, Award: e.Award, Track: e.Track, Period: e.Period, Level: e.Level, From: e.From,
		Made: Origin{Sequence: d.s.Sequence + 1, Time: d.At},
	}
	award := d.award.Key
	if d.award.Renews != "" {
		award = d.award.Renews
	} else if n, ok := d.award.Valid[e.Level]; ok {
		given.Until = e.From.plus(n).AddDays(-1)
	}
	if len(d.f.Programme.Periods) == 0 {
		return given.Until
	}
	s := *d.s
	s.Decisions = append(slices.Clone(s.Decisions), given)
	f := d.f
	f.Standing = &s
	return newView(f.Programme, f, d.At).in(Asking{Award: award, Track: d.k.Track}).holdsUntil(award)
}

// Decide extends how long a level holds.
func (c ExtendGrant) Decide(f Facts) ([]Event, error) {
	d, err := c.desk(f, Asking{Award: c.Award, Track: c.Track})
	if err != nil {
		return nil, err
	}
	id := c.id(c.Decision, "decision")
	if err := firstError(checkSlugs(optional("decision", c.Decision)), checkTexts(c.Reason, c.Text)); err != nil {
		return nil, err
	}
	before, granted := d.s.inForce(d.k)
	if !granted {
		return nil, refuse("nothing-granted", "Nothing is granted, so there is nothing to extend.")
	}
	if again, err := d.repeated(id, ActExtend, before.Level); again || err != nil {
		return nil, err
	}
	if err := firstError(d.mayDecide(d.decidersOf(before.Level)), d.barred(before.Level), d.extensible(before)); err != nil {
		return nil, err
	}
	warnings, err := d.conflict(before.Level)
	if err != nil {
		return nil, err
	}
	if c.Reason == "" && c.Text == "" {
		return nil, refuseField("reason", "reason-missing", "An extension needs its reason, as a code or in words.")
	}
	e := d.recorded(id, ActExtend, before.Level)
	e.Warnings, e.Supersedes = warnings, before.ID
	e.Until = before.Until.AddDays(1).plus(d.award.Extensions[before.Level].Each).AddDays(-1)
	e.Reason = e.reason(GroupNarrative, c.Reason)
	e.personal(GroupNarrative, "text", c.Text)
	a, _ := d.assess()
	d.record(e, a)
	return d.events(e)
}

// extensible refuses where the programme lets nothing be extended, or not once
// more, or what was granted holds no longer.
func (d desk) extensible(before Decision) error {
	x, ok := d.award.Extensions[before.Level]
	if !ok || before.Until == "" {
		return refuse("not-extensible", "The programme lets %s be extended by no decision.", titled(before.Level))
	}
	n := int64(0)
	for _, y := range d.s.Decisions {
		if y.Asking() == d.k && y.Act == ActExtend && y.Level == before.Level {
			n++
		}
	}
	if n >= x.AtMost {
		return refuse("extended-already", "The programme lets %s be extended %s, and it has been.", titled(before.Level), oftenWords(x.AtMost))
	}
	if before.Until < d.day() {
		return refuse("expired", "What was granted held until %s; what has ended is not extended.", before.Until)
	}
	return nil
}

func oftenWords(n int64) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return decimal(n) + " times"
}

// Decide records that what was granted is given back.
func (c AcceptSurrender) Decide(f Facts) ([]Event, error) {
	d, err := c.desk(f, Asking{Award: c.Award})
	if err != nil {
		return nil, err
	}
	if err := firstError(d.mayDecide(d.guardians()), checkSlugs(optional("decision", c.Decision)), checkTexts(c.Reason, c.Text)); err != nil {
		return nil, err
	}
	if _, ok := d.s.latest(d.k, ActAcceptSurrender); ok {
		return nil, nil
	}
	before, ok := d.s.inForce(d.k)
	if !ok {
		return nil, refuse("nothing-granted", "Nothing is granted, so there is nothing to give back.")
	}
	id := c.id(c.Decision, "decision")
	if again, err := d.repeated(id, ActAcceptSurrender, before.Level); again || err != nil {
		return nil, err
	}
	e := d.recorded(id, ActAcceptSurrender, before.Level)
	e.Supersedes = before.ID
	e.Reason = e.reason(GroupComplaint, c.Reason)
	e.personal(GroupComplaint, "text", c.Text)
	a, _ := d.assess()
	d.record(e, a)
	return d.events(e)
}

// Decide records the earliest status that is not on record.
func (c RecordStatus) Decide(f Facts) ([]Event, error) {
	s, err := f.registration(c.Act)
	if err != nil {
		return nil, err
	}
	if c.Role != RoleSystem {
		return nil, refuse("not-authorised", "A status that time brings is recorded by the ledger's own clock.")
	}
	if s.State != StateRegistered {
		return nil, nil
	}
	x, ok := StatusToRecord(f.Programme, f, c.At)
	if !ok {
		return nil, nil
	}
	return events(&StatusReached{
		Award: x.Award, Period: x.Period, Status: x.Status, Since: x.Since, Phase: x.Phase, Digest: f.RulesOn(c.day()).Digest,
	})
}

// reached reports whether a phase's status is on record.
func (s *Standing) reached(x PhaseState) bool {
	return slices.ContainsFunc(s.Statuses, func(y Status) bool {
		return y.Award == x.Award && y.Period == x.Period && y.Word == x.Status && y.Since == x.Since
	})
}
