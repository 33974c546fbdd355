package domain

import "slices"

// Decide grants a level that is earned.
func (c Grant) Decide(f Facts) ([]Event, error) {
	d, err := c.desk(f, c.asking())
	if err != nil {
		return nil, err
	}
	id := c.id(c.Decision, "decision")
	if err := firstError(d.checkLevel(c.Level), checkSlugs(optional("decision", c.Decision)), checkTexts(c.Reason, c.Text)); err != nil {
		return nil, err
	}
	if again, err := d.repeated(id, d.giving(), c.Level); again || err != nil {
		return nil, err
	}
	if err := firstError(d.mayDecide(d.decidersOf(c.Level)), d.barred(c.Level)); err != nil {
		return nil, err
	}
	warnings, err := d.conflict(c.Level)
	if err != nil {
		return nil, err
	}
	a, r := d.assess()
	switch {
	case d.rank(c.Level) > d.rank(r.Earned):
		return nil, d.notEarned(c.Level, r)
	case d.rank(c.Level) > 0 && len(r.Provisional) > 0:
		return nil, d.provisional(r)
	case d.rank(c.Level) == 0 && d.s.reviewing():
		return nil, refuseField("level", "accommodation-open", "A request for an accommodation has not been answered; this level can be decided once it has.")
	}
	e := d.recorded(id, d.giving(), c.Level)
	e.Warnings, e.Until = warnings, d.holdsUntil(e)
	before, granted := d.s.inForce(d.k)
	top := d.earnedTop(r.Earned)
	same := granted && before.Level == c.Level && !a.doubted(before.ID)
	if top == c.Level {
		if same {
			return nil, nil
		}
		e.Reason = e.reason(GroupNarrative, c.Reason)
		e.personal(GroupNarrative, "text", c.Text)
	} else {
		if same && before.Denied != nil && before.Denied.Level == top && (c.Clause == "" || before.Denied.Clause == c.Clause) {
			return nil, nil
		}
		if e.Denied, err = d.denied(&e.Common, top, c.Clause, c.Reason, c.Text); err != nil {
			return nil, err
		}
	}
	if granted {
		if d.rank(before.Level) > d.rank(c.Level) && d.rank(before.Level) <= d.rank(r.Earned) {
			return nil, grantedAlready()
		}
		e.Supersedes = before.ID
	}
	d.record(e, a)
	return d.events(e)
}

func grantedAlready() error {
	return refuseField("level", "granted-already", "A level this high is granted and still earned; taking it back is a revocation, which two people decide.")
}

// Decide refuses an earned level, naming the clause, the reason and the way to
// appeal.
func (c Deny) Decide(f Facts) ([]Event, error) {
	d, err := c.desk(f, c.asking())
	if err != nil {
		return nil, err
	}
	id := c.id(c.Decision, "decision")
	if err := firstError(d.checkLevel(c.Level), checkSlugs(optional("decision", c.Decision)), checkTexts(c.Reason, c.Text)); err != nil {
		return nil, err
	}
	if again, err := d.repeated(id, ActDeny, c.Level); again || err != nil {
		return nil, err
	}
	if err := d.mayDecide(d.decidersOf(c.Level)); err != nil {
		return nil, err
	}
	warnings, err := d.conflict(c.Level)
	if err != nil {
		return nil, err
	}
	a, r := d.assess()
	if d.s.State == StateWithdrawn {
		return nil, d.barred(c.Level)
	}
	if d.rank(c.Level) > d.rank(r.Earned) {
		return nil, d.notEarned(c.Level, r)
	}
	if d.rank(c.Level) > 0 && len(r.Provisional) > 0 {
		return nil, d.provisional(r)
	}
	if before, ok := d.s.inForce(d.k); ok && d.rank(before.Level) >= d.rank(c.Level) {
		return nil, grantedAlready()
	}
	if before, ok := d.s.latest(d.k, ActDeny); ok && before.Level == c.Level && before.Denied != nil && before.Denied.Clause == c.Clause && !a.doubted(before.ID) {
		return nil, nil
	}
	e := d.recorded(id, ActDeny, c.Level)
	e.Warnings = warnings
	if e.Denied, err = d.denied(&e.Common, c.Level, c.Clause, c.Reason, c.Text); err != nil {
		return nil, err
	}
	if before, ok := d.s.latest(d.k, ActDeny); ok {
		e.Supersedes = before.ID
	}
	d.record(e, a)
	return d.events(e)
}

// guardians are those who may suspend and reinstate: whoever decides on the
// award, and the body's certification staff.
func (d desk) guardians() []string {
	return append(d.deciders(), RoleCertifier, RoleAdministrator, RoleAppealsPanel)
}

// Decide suspends what was granted.
func (c Suspend) Decide(f Facts) ([]Event, error) {
	d, err := c.desk(f, c.asking())
	if err != nil {
		return nil, err
	}
	if err := firstError(d.mayDecide(d.guardians()), checkSlugs(optional("decision", c.Decision)), checkTexts(c.Reason, c.Text)); err != nil {
		return nil, err
	}
	if _, ok := d.s.latest(d.k, ActSuspend); ok {
		return nil, nil
	}
	before, ok := d.s.inForce(d.k)
	if !ok {
		return nil, refuse("nothing-granted", "Nothing is granted, so there is nothing to suspend.")
	}
	if c.Reason == "" && c.Text == "" {
		return nil, refuseField("reason", "reason-missing", "The participant is owed a reason; please give it as a code or in words.")
	}
	id := c.id(c.Decision, "decision")
	if again, err := d.repeated(id, ActSuspend, before.Level); again || err != nil {
		return nil, err
	}
	e := d.recorded(id, ActSuspend, before.Level)
	e.Reason = e.reason(GroupComplaint, c.Reason)
	e.personal(GroupComplaint, "text", c.Text)
	a, _ := d.assess()
	d.record(e, a)
	return d.events(e)
}

// Decide lifts a suspension, or the bar that a revocation left.
func (c Reinstate) Decide(f Facts) ([]Event, error) {
	d, err := c.desk(f, c.asking())
	if err != nil {
		return nil, err
	}
	if err := firstError(d.mayDecide(d.guardians()), checkSlugs(optional("decision", c.Decision)), checkTexts(c.Reason, c.Text)); err != nil {
		return nil, err
	}
	id := c.id(c.Decision, "decision")
	for _, x := range d.s.Decisions {
		if x.ID == id && x.Act == ActReinstate && x.Asking() == d.k {
			return nil, nil
		}
	}
	before, ok := d.s.latest(d.k, ActSuspend, ActRevoke)
	if !ok {
		return nil, refuse("not-suspended", "Nothing is suspended or revoked here, so there is nothing to reinstate.")
	}
	if c.Reason == "" && c.Text == "" {
		return nil, refuseField("reason", "reason-missing", "Reinstating needs its reason, as a code or in words.")
	}
	if _, err := d.repeated(id, ActReinstate, before.Level); err != nil {
		return nil, err
	}
	e := d.recorded(id, ActReinstate, before.Level)
	e.Levels, e.Supersedes = slices.Clone(before.Levels), before.ID
	e.Reason = e.reason(GroupComplaint, c.Reason)
	e.personal(GroupComplaint, "text", c.Text)
	a, _ := d.assess()
	d.record(e, a)
	return d.events(e)
}

// Decide records the proposal to revoke levels, with its written allegation.
func (c ProposeRevocation) Decide(f Facts) ([]Event, error) {
	d, err := c.desk(f, c.asking())
	if err != nil {
		return nil, err
	}
	if err := firstError(d.mayDecide(d.guardians()), checkTexts(c.Reason, c.Text)); err != nil {
		return nil, err
	}
	levels := slices.Clone(c.Levels)
	if len(levels) == 0 {
		levels = slices.DeleteFunc(slices.Clone(d.award.Levels), func(l string) bool { return !d.award.Grantable(l) })
	}
	for _, l := range levels {
		if err := d.checkLevel(l); err != nil {
			return nil, err
		}
	}
	levels = d.andAbove(levels)
	if err := d.revocable(levels, c.PersonWide); err != nil {
		return nil, err
	}
	if c.Text == "" && c.Reason == "" {
		return nil, refuseField("text", "reason-missing", "A revocation needs its reason in words; the person concerned gets to read it.")
	}
	e := &DecisionRecorded{
		Decision: NewID(c.Command, "decision"), Act: ActRevoke, Award: d.k.Award, Track: d.k.Track, Period: d.k.Period, Levels: levels, PersonWide: c.PersonWide,
	}
	e.Reason = e.reason(GroupComplaint, c.Reason)
	e.personal(GroupComplaint, "text", c.Text)
	return c.propose(d.s.Proposals, e)
}

// andAbove is every level that may be granted from the lowest of some on:
// nobody keeps a level above one that was revoked.
func (d desk) andAbove(levels []string) []string {
	lowest := len(d.award.Levels)
	for _, l := range levels {
		lowest = min(lowest, d.rank(l))
	}
	return slices.DeleteFunc(slices.Clone(d.award.Levels[lowest:]), func(l string) bool { return !d.award.Grantable(l) })
}

// revocable refuses where nothing is granted that could be revoked. Levels of
// a person's other registrations are reached person-wide.
func (d desk) revocable(levels []string, personWide bool) error {
	if x, ok := d.s.inForce(d.k); ok && slices.Contains(levels, x.Level) {
		return nil
	}
	if personWide && slices.ContainsFunc(d.f.Others, func(o Other) bool {
		return o.Programme == d.s.Pin.Programme && slices.Contains(levels, o.Granted)
	}) {
		return nil
	}
	return refuse("nothing-granted", "None of these levels is granted, so there is nothing to revoke.")
}

// approveDecision completes a proposed revocation with what is known now.
func (c ApproveProposal) approveDecision(f Facts, e *DecisionRecorded) ([]Event, error) {
	d, err := c.desk(f, Asking{e.Award, e.Track, e.Period})
	if err != nil {
		return nil, err
	}
	if err := firstError(d.mayDecide(d.guardians()), d.revocable(e.Levels, e.PersonWide)); err != nil {
		return nil, err
	}
	if x, ok := d.s.inForce(d.k); ok {
		e.Supersedes = x.ID
	}
	e.From, e.Warnings = d.day(), d.closeness()
	a, _ := d.assess()
	d.record(e, a)
	return d.events(e)
}
