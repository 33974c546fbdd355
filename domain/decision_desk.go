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
	k     Asking
}

func (a Act) desk(f Facts, k Asking) (desk, error) {
	a.At = wholeSecond(a.At) // as the entry stores it, so that it derives again
	s, err := f.registration(a)
	if err != nil {
		return desk{}, err
	}
	if err := f.notConcerned(a); err != nil {
		return desk{}, err
	}
	if f, err = a.judged(f); err != nil {
		return desk{}, err
	}
	x, ok := f.Programme.Award(k.Award)
	if !ok {
		return desk{}, f.unknownAward()
	}
	k.Award = x.Key
	d := desk{Act: a, f: f, s: s, award: x, k: k}
	err = d.isAsked()
	return d, err
}

// isAsked settles in which track or period the award is decided on, and refuses
// one in which it is not asked.
func (d *desk) isAsked() error {
	switch {
	case d.k.Track != "" && d.award.Each != programme.EachTrack:
		return refuseField("track", "no-tracks", "This award has no tracks.")
	case d.k.Period != "" && !d.award.Periodic():
		return refuseField("period", "no-periods", "This award has no periods.")
	case d.award.Each == "" && len(d.award.When) == 0:
		return nil
	}
	v := newView(d.f.Programme, d.f, d.At)
	askings := v.askings(d.award.Key)
	var names []string
	for _, k := range askings {
		if k == d.k {
			d.award = *v.awardOf(k)
			return nil
		}
		names = append(names, k.Track+k.Period)
	}
	switch {
	case d.decidedOn():
		return nil // what was decided stays open to suspension and revocation
	case len(askings) == 0 && len(d.award.When) > 0:
		return refuseField("award", "not-asked", "This is decided only while the status is %s; at present it is %s.", known(d.award.When), spoken(v.status()))
	case len(askings) == 0:
		return refuseField("award", "not-asked", "No period has begun in which this could be decided.")
	case d.award.Each == programme.EachTrack && d.k.Track == "":
		return refuseField("track", "track-missing", "Please say for which track this is decided: %s.", known(names))
	case d.award.Each == programme.EachTrack:
		return refuseField("track", "unknown-track", "The programme has no such track; it has %s.", known(names))
	case d.k.Period == "":
		d.k.Period = v.firstOwed(d.award)
		d.award = *v.awardOf(d.k)
		return nil
	}
	return refuseField("period", "unknown-period", "No such period has begun; there are %s.", known(names))
}

// decidedOn reports whether a decision on the asking is on record.
func (d *desk) decidedOn() bool {
	return slices.ContainsFunc(d.s.Decisions, func(x Decision) bool { return x.Asking() == d.k })
}

// firstOwed is the earliest period of an award that is not settled, or the
// latest that has begun.
func (v *view) firstOwed(a programme.Award) string {
	name := ""
	for _, x := range v.periodsOf(a.Each) {
		if x.from > v.today {
			break
		}
		if name = x.name; x.settled == "" {
			break
		}
	}
	return name
}

// assess is the assessment of now and its answer for the award.
func (d desk) assess() (Assessment, AwardResult) {
	a := Assess(d.f.Programme, d.f, d.At)
	for _, r := range a.Awards {
		if r.Asking() == d.k {
			return a, r
		}
	}
	return a, AwardResult{Award: d.k.Award, Track: d.k.Track, Period: d.k.Period, Earned: d.award.Levels[0]}
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
	for _, k := range []Asking{d.k, {Award: d.f.Programme.Awards[0].Key}} {
		if _, ok := d.s.latest(k, ActSuspend); ok {
			return refuse("suspended", "What was granted is suspended; please lift the suspension first.")
		}
	}
	if _, ok := d.s.latest(Asking{Award: d.f.Programme.Awards[0].Key}, ActAcceptSurrender); ok {
		return refuse("surrendered", "What was granted has been surrendered; a new registration leads to it again.")
	}
	for _, x := range d.s.Decisions {
		if x.Asking() == d.k && x.Act == ActRevoke && !x.Superseded && (len(x.Levels) == 0 || slices.Contains(x.Levels, level)) {
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
		if x.Act == act && x.Asking() == d.k && x.Level == level {
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
