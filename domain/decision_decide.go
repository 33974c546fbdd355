package domain

import (
	"maps"
	"slices"
	"strings"

	"github.com/certledger/certledger/domain/programme"
)

// Warnings recorded with a decision whose decider stands close to the person.
const (
	WarnDecidedByTrainer    = "decided-by-trainer"
	WarnDecidedBySupervisor = "decided-by-supervisor"
)

// closeRoles are the roles that stand close to a person, and what is recorded
// when such a one decides.
var closeRoles = map[string]string{RoleTrainer: WarnDecidedByTrainer, RoleSupervisor: WarnDecidedBySupervisor}

func (f Facts) unknownAward() error {
	var keys []string
	for _, a := range f.Programme.Awards {
		keys = append(keys, a.Key)
	}
	return refuseField("award", "unknown-award", "The programme has no such award; it has %s.", known(keys))
}

// desk is where a decision on one award is taken.
type desk struct {
	Act
	f     Facts
	s     *Standing
	award programme.Award
}

func (a Act) desk(f Facts, award string) (desk, error) {
	a.At = wholeSecond(a.At) // as the entry stores it, so that it derives again
	s, err := f.registration(a)
	if err != nil {
		return desk{}, err
	}
	if err := f.notConcerned(a); err != nil {
		return desk{}, err
	}
	x, ok := f.Programme.Award(award)
	if !ok {
		return desk{}, f.unknownAward()
	}
	return desk{Act: a, f: f, s: s, award: x}, nil
}

// assess is the assessment of now and its answer for the award.
func (d desk) assess() (Assessment, AwardResult) {
	a := Assess(d.f.Programme, d.f, d.At)
	for _, r := range a.Awards {
		if r.Award == d.award.Key {
			return a, r
		}
	}
	return a, AwardResult{Award: d.award.Key, Earned: d.award.Levels[0]}
}

func (d desk) rank(level string) int { return slices.Index(d.award.Levels, level) }

// checkLevel refuses a level that the award does not have or never grants.
func (d desk) checkLevel(level string) error {
	if d.rank(level) < 0 {
		return refuseField("level", "unknown-level", "The award has no such level; its levels are %s.", known(d.award.Levels))
	}
	if !d.award.Grantable(level) {
		return refuseField("level", "never-granted", "This level shows where somebody stands on the way; nobody is granted it.")
	}
	return nil
}

// deciders are the roles that decide on some level of the award, sorted.
func (d desk) deciders() []string {
	var out []string
	for _, level := range slices.Sorted(maps.Keys(d.award.DecidedBy)) {
		out = append(out, d.award.DecidedBy[level]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// mayDecide refuses those whom the programme does not ask to decide.
func (d desk) mayDecide(roles []string) error {
	if len(roles) == 0 {
		roles = bodyRoles // the programme leaves it to the body
	}
	if !slices.ContainsFunc(roles, func(want string) bool { return playsRole(d.Role, want) }) {
		return refuse("not-asked-of-you", "The programme asks this decision of the role %s; please pass it on to them.", known(roles))
	}
	if d.By.attester() != "" {
		return d.f.holdsRole(d.Act)
	}
	return nil
}

func (d desk) decidersOf(level string) []string {
	if roles := d.award.DecidedBy[level]; len(roles) > 0 {
		return roles
	}
	return d.deciders()
}

// closeness is how the decider stands to the person: their trainer, their
// supervisor, ever.
func (d desk) closeness() []string {
	var lists []Assignment
	lists = append(lists, d.s.Attesters...)
	if d.f.Cohort != nil {
		lists = append(lists, d.f.Cohort.Attesters...)
	}
	var out []string
	for _, a := range lists {
		if w := closeRoles[a.Role]; w != "" && d.By.same(AttesterActor(a.Attester)) && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return out
}

// conflict refuses a decider who is the person's trainer or supervisor where
// the programme says so, and otherwise answers with the warnings to record.
func (d desk) conflict(level string) ([]string, error) {
	close := d.closeness()
	if len(close) == 0 {
		return nil, nil
	}
	if d.award.ConflictOf == "all" || d.award.ConflictOf != "none" && level == d.award.Highest() {
		return nil, refuse("conflict-of-interest", "This level is decided by somebody who was neither trainer nor supervisor of the person; please pass it on.")
	}
	return close, nil
}

// barred refuses a decision on a level that is barred by a
// withdrawal, a suspension or a revocation.
func (d desk) barred(level string) error {
	if d.s.State == StateWithdrawn {
		return refuse("withdrawn", "This person has withdrawn, so there is nothing to decide on.")
	}
	if _, ok := d.s.latest(d.award.Key, ActSuspend); ok {
		return refuse("suspended", "What was granted is suspended; please lift the suspension first.")
	}
	for _, x := range d.s.Decisions {
		if x.Award == d.award.Key && x.Act == ActRevoke && !x.Superseded && (len(x.Levels) == 0 || slices.Contains(x.Levels, level)) {
			return refuseField("level", "revoked", "This level was revoked; granting it again takes a decision to reinstate first.")
		}
	}
	for _, o := range d.f.Others {
		if o.Registration != d.s.Registration && o.Programme == d.s.Pin.Programme && (o.Award == "" || o.Award == d.award.Key) && slices.Contains(o.RevokedWide, level) {
			return refuseField("level", "revoked", "This level was revoked for the person in another registration; granting it again takes a decision to reinstate there first.")
		}
	}
	return nil
}

// earnedTop is the highest level that may be granted for what is earned.
func (d desk) earnedTop(earned string) string {
	for i := d.rank(earned); i >= 0; i-- {
		if d.award.Grantable(d.award.Levels[i]) {
			return d.award.Levels[i]
		}
	}
	return ""
}

// denied is the record of why a level that is earned is not granted.
func (d desk) denied(c *Common, level, clause, reason, text string) (*Denied, error) {
	if clause == "" {
		return nil, refuseField("clause", "clause-required", "Not granting %s, which is earned, needs the clause that this rests on: %s.", titled(level), known(d.clauses(level)))
	}
	if _, ok := d.award.Denial(clause, level); !ok {
		return nil, refuseField("clause", "unknown-clause", "The programme has no such ground for not granting %s; it has %s.", titled(level), known(d.clauses(level)))
	}
	if reason == "" && text == "" {
		return nil, refuseField("reason", "reason-missing", "The participant is owed a reason; please give it as a code or in words.")
	}
	out := &Denied{Level: level, Clause: clause}
	out.Appeal, out.AppealUntil = d.appeals()
	out.Reason = c.reason(GroupNarrative, reason)
	c.personal(GroupNarrative, "text", text)
	return out, nil
}

func (d desk) clauses(level string) []string {
	var out []string
	for _, x := range d.award.Denials {
		if _, ok := d.award.Denial(x.Key, level); ok {
			out = append(out, x.Key)
		}
	}
	return out
}

// notEarned says what holds the earned level where it is.
func (d desk) notEarned(level string, r AwardResult) error {
	var says []string
	for _, path := range r.Binding {
		if q, _, ok := d.f.Programme.Requirement(path); ok && q.Says != "" {
			says = append(says, q.Says)
		}
	}
	if len(says) == 0 {
		return refuseField("level", "not-earned", "The facts do not support %s yet; so far they support %s.", titled(level), titled(r.Earned))
	}
	return refuseField("level", "not-earned", "The facts do not support %s yet; so far they support %s. Still asked for: %s", titled(level), titled(r.Earned), strings.Join(says, " "))
}

func (d desk) provisional(r AwardResult) error {
	return refuseField("level", "provisional", "The result may still change, so only the lowest level can be decided now: %s.", provisionalWords(r.Provisional))
}

// repeated refuses a decision's identifier that stands for another decision, and
// reports one that says the same.
func (d desk) repeated(id, act, level string) (bool, error) {
	for _, x := range d.s.Decisions {
		if x.ID != id {
			continue
		}
		if x.Act == act && x.Award == d.award.Key && x.Level == level {
			return true, nil
		}
		return false, refuseField("decision", "decision-differs", "Another decision has this identifier; please choose another.")
	}
	return false, nil
}

// doubted reports whether a decision waits for a review.
func (a Assessment) doubted(decision string) bool {
	return slices.ContainsFunc(a.Reviews, func(r Review) bool { return r.Decision == decision })
}

// Decide grants a level that is earned.
func (c Grant) Decide(f Facts) ([]Event, error) {
	d, err := c.desk(f, c.Award)
	if err != nil {
		return nil, err
	}
	id := c.id(c.Decision, "decision")
	if err := firstError(d.checkLevel(c.Level), checkSlugs(optional("decision", c.Decision)), checkTexts(c.Reason, c.Text)); err != nil {
		return nil, err
	}
	if again, err := d.repeated(id, ActGrant, c.Level); again || err != nil {
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
	e := &DecisionRecorded{Decision: id, Act: ActGrant, Award: d.award.Key, Level: c.Level, From: d.day(), Warnings: warnings}
	before, granted := d.s.InForce(d.award.Key)
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
	return events(e)
}

func grantedAlready() error {
	return refuseField("level", "granted-already", "A level this high is granted and still earned; taking it back is a revocation, which two people decide.")
}

// Decide refuses an earned level, naming the clause, the reason and the way to
// appeal.
func (c Deny) Decide(f Facts) ([]Event, error) {
	d, err := c.desk(f, c.Award)
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
	if before, ok := d.s.InForce(d.award.Key); ok && d.rank(before.Level) >= d.rank(c.Level) {
		return nil, grantedAlready()
	}
	if before, ok := d.s.latest(d.award.Key, ActDeny); ok && before.Level == c.Level && before.Denied != nil && before.Denied.Clause == c.Clause && !a.doubted(before.ID) {
		return nil, nil
	}
	e := &DecisionRecorded{Decision: id, Act: ActDeny, Award: d.award.Key, Level: c.Level, From: d.day(), Warnings: warnings}
	if e.Denied, err = d.denied(&e.Common, c.Level, c.Clause, c.Reason, c.Text); err != nil {
		return nil, err
	}
	if before, ok := d.s.latest(d.award.Key, ActDeny); ok {
		e.Supersedes = before.ID
	}
	d.record(e, a)
	return events(e)
}

// guardians are those who may suspend and reinstate: whoever decides on the
// award, and the body's certification staff.
func (d desk) guardians() []string {
	return append(d.deciders(), RoleCertifier, RoleAdministrator, RoleAppealsPanel)
}

// Decide suspends what was granted.
func (c Suspend) Decide(f Facts) ([]Event, error) {
	d, err := c.desk(f, c.Award)
	if err != nil {
		return nil, err
	}
	if err := firstError(d.mayDecide(d.guardians()), checkSlugs(optional("decision", c.Decision)), checkTexts(c.Reason, c.Text)); err != nil {
		return nil, err
	}
	if _, ok := d.s.latest(d.award.Key, ActSuspend); ok {
		return nil, nil
	}
	before, ok := d.s.InForce(d.award.Key)
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
	e := &DecisionRecorded{Decision: id, Act: ActSuspend, Award: d.award.Key, Level: before.Level, From: d.day(), Warnings: d.closeness()}
	e.Reason = e.reason(GroupComplaint, c.Reason)
	e.personal(GroupComplaint, "text", c.Text)
	a, _ := d.assess()
	d.record(e, a)
	return events(e)
}

// Decide lifts a suspension, or the bar that a revocation left.
func (c Reinstate) Decide(f Facts) ([]Event, error) {
	d, err := c.desk(f, c.Award)
	if err != nil {
		return nil, err
	}
	if err := firstError(d.mayDecide(d.guardians()), checkSlugs(optional("decision", c.Decision)), checkTexts(c.Reason, c.Text)); err != nil {
		return nil, err
	}
	id := c.id(c.Decision, "decision")
	for _, x := range d.s.Decisions {
		if x.ID == id && x.Act == ActReinstate && x.Award == d.award.Key {
			return nil, nil
		}
	}
	before, ok := d.s.latest(d.award.Key, ActSuspend, ActRevoke)
	if !ok {
		return nil, refuse("not-suspended", "Nothing is suspended or revoked here, so there is nothing to reinstate.")
	}
	if c.Reason == "" && c.Text == "" {
		return nil, refuseField("reason", "reason-missing", "Reinstating needs its reason, as a code or in words.")
	}
	if _, err := d.repeated(id, ActReinstate, before.Level); err != nil {
		return nil, err
	}
	e := &DecisionRecorded{
		Decision: id, Act: ActReinstate, Award: d.award.Key, Level: before.Level, Levels: slices.Clone(before.Levels),
		From: d.day(), Supersedes: before.ID, Warnings: d.closeness(),
	}
	e.Reason = e.reason(GroupComplaint, c.Reason)
	e.personal(GroupComplaint, "text", c.Text)
	a, _ := d.assess()
	d.record(e, a)
	return events(e)
}

// Decide records the proposal to revoke levels, with its written allegation.
func (c ProposeRevocation) Decide(f Facts) ([]Event, error) {
	d, err := c.desk(f, c.Award)
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
		Decision: NewID(c.Command, "decision"), Act: ActRevoke, Award: d.award.Key, Levels: levels, PersonWide: c.PersonWide,
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
	if x, ok := d.s.InForce(d.award.Key); ok && slices.Contains(levels, x.Level) {
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
func (c ApproveProposal) approveDecision(f Facts, e *DecisionRecorded) error {
	d, err := c.desk(f, e.Award)
	if err != nil {
		return err
	}
	if err := firstError(d.mayDecide(d.guardians()), d.revocable(e.Levels, e.PersonWide)); err != nil {
		return err
	}
	if x, ok := d.s.InForce(d.award.Key); ok {
		e.Supersedes = x.ID
	}
	e.From, e.Warnings = d.day(), d.closeness()
	a, _ := d.assess()
	d.record(e, a)
	return nil
}
