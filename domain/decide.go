package domain

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Naming is a command that looks at subjects which follow neither from its own
// subject nor from that one's programme, cohort and attesters: a cohort or an
// attester that it names. A loader puts their states into the Facts.
type Naming interface {
	Names() []Subject
}

// TextBytesMax is the longest sealed text of one field, in bytes.
const TextBytesMax = 20_000

// Check refuses an act that does not say who does what when.
func (a Act) Check() error {
	switch {
	case !a.By.Check():
		return refuseField("by", "act-incomplete", "It must be known who acts: an attester, a person, a member of staff or the system, with an identifier.")
	case !IsSlug(a.Role):
		return refuseField("role", "act-incomplete", "It must be known in which role somebody acts.")
	case a.At.IsZero() || a.At.Year() < yearMin || a.At.Year() > yearMax:
		return refuseField("at", "act-incomplete", "It must be known when this happened, from the year 1900 on.")
	case a.Command == "":
		return refuseField("command", "act-incomplete", "A command needs an id, so that trying it again changes nothing.")
	}
	return nil
}

const (
	yearMin = 1900
	yearMax = 9998
)

// day is the act's own day, in the offset fixed at the door.
func (a Act) day() Date { return DateOf(a.At) }

// id is the identifier given, or one derived from the command.
func (a Act) id(given, kind string) string {
	if given != "" {
		return given
	}
	return NewID(a.Command, kind)
}

// same reports whether two actors are one person: equal, or the same
// identifier in two capacities.
func (a Actor) same(b Actor) bool {
	_, x, _ := strings.Cut(string(a), "/")
	_, y, _ := strings.Cut(string(b), "/")
	return a == b || x != "" && x == y
}

// attester is the id of an attester acting, or empty.
func (a Actor) attester() string {
	id, ok := strings.CutPrefix(string(a), "attester/")
	if !ok {
		return ""
	}
	return id
}

// staff reports whether a member of the body's staff acts.
func (a Actor) staff() bool { return strings.HasPrefix(string(a), "staff/") }

// bodyRoles are the roles that act for the certifying body.
var bodyRoles = append(slices.Clone(staffRoles), RoleStaff, RoleAppealsPanel, "review-board")

func actsForBody(role string) bool { return slices.Contains(bodyRoles, role) }

// ReasonOther stands in an event where the reason given is not one of
// ReasonCodes: it is sealed instead.
const ReasonOther = "other"

var reasonCodes = []string{
	"body-decision", "contact-changed", "data-entry", "documents-incomplete", "duplicate", "end-of-assignment", "expired",
	"late-information", ReasonOther, "outdated", "provider-unavailable", "replaced", "schedule-change", "supervisor-unavailable",
	"technical-problem", "trainer-confirmed", "trainer-unavailable", "venue", "wrong-dates", "wrong-person", "wrong-quantity", "wrong-session",
}

// ReasonCodes lists the reasons that may stand in the clear, sorted. They are
// the body's own and administrative: none says anything about a person's
// health, conduct or wishes. Any other reason is sealed and recorded as other.
func ReasonCodes() []string { return slices.Clone(reasonCodes) }

// reason answers with the code to record in the clear, and seals the reason
// given where it is none.
func (c *Common) reason(g Group, given string) string {
	if given == "" || slices.Contains(reasonCodes, given) {
		return given
	}
	c.personal(g, "reason", given)
	return ReasonOther
}

// reasons is reason for several.
func (c *Common) reasons(g Group, given []string) []string {
	var out, sealed []string
	for _, r := range given {
		if r == "" {
			continue
		}
		if !slices.Contains(reasonCodes, r) {
			sealed, r = append(sealed, r), ReasonOther
		}
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	c.personal(g, "reason", strings.Join(sealed, "\n"))
	return out
}

// checkReasonCode refuses a reason that is no code, where there is nobody for
// whom words could be sealed: on a cohort or a programme.
func checkReasonCode(given string) error {
	if given != "" && !slices.Contains(reasonCodes, given) {
		return refuseField("reason", "unknown-reason", "The reason is recorded in the clear, so it is one of %s.", known(reasonCodes))
	}
	return nil
}

// checkTexts refuses what cannot be kept as text, for texts that are sealed.
func checkTexts(texts ...string) error {
	for _, s := range texts {
		if len(s) > TextBytesMax {
			return refuse("text-too-long", "A text may have up to %d bytes; please shorten it or attach a document.", TextBytesMax)
		}
		if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' }) {
			return refuse("unreadable-text", "A text holds characters that cannot be shown; please type it anew.")
		}
	}
	return nil
}

type slugField struct {
	name, value string
	needed      bool
}

func needed(name, value string) slugField   { return slugField{name, value, true} }
func optional(name, value string) slugField { return slugField{name, value, false} }

// checkSlugs refuses a code that is missing or is not a slug: codes stand in
// the clear, so they cannot be words of somebody's own.
func checkSlugs(fields ...slugField) error {
	for _, f := range fields {
		if f.value == "" && f.needed {
			return refuseField(f.name, "missing-field", "The field %s is needed.", f.name)
		}
		if f.value != "" && !IsSlug(f.value) {
			return refuseField(f.name, "not-a-code", "The field %s takes a code: up to %d letters a-z, digits and hyphens. Words of your own go into the text.", f.name, IDMax)
		}
	}
	return nil
}

// checkDay refuses what is no day, or lies after the act.
func (a Act) checkDay(name string, d Date) error {
	if err := checkDate(name, d); err != nil {
		return err
	}
	if d > a.day() {
		return refuseField(name, "in-the-future", "The day in %s is after the day of this act; record it once it has happened.", name)
	}
	return nil
}

// checkDate refuses what is no day of the calendar; empty passes.
func checkDate(name string, d Date) error {
	if d == "" {
		return nil
	}
	if _, err := ParseDate(string(d)); err != nil {
		return refuseField(name, "not-a-date", "The field %s takes a day like 2026-04-20, from 1900 on.", name)
	}
	return nil
}

// checkSpan refuses a span that is no span.
func checkSpan(from, until Date) error {
	if err := checkDate("from", from); err != nil {
		return err
	}
	if err := checkDate("until", until); err != nil {
		return err
	}
	if until != "" && until < from {
		return refuseField("until", "ends-before-it-begins", "The last day is before the first; please check the two.")
	}
	return nil
}

func checkHash(name, hash string) error {
	hexes, ok := strings.CutPrefix(hash, "sha256:")
	if !ok || len(hexes) != 64 || strings.Trim(hexes, "0123456789abcdef") != "" {
		return refuseField(name, "not-a-hash", "The field %s takes a hash: sha256: and 64 hexadecimal digits.", name)
	}
	return nil
}

func checkHashes(name string, hashes []string) error {
	for _, h := range hashes {
		if err := checkHash(name, h); err != nil {
			return err
		}
	}
	return nil
}

// firstError is the first of the errors that is one. All are looked at, so a
// check that needs another to have passed stands apart.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// registration is the standing that a command acts on.
func (f Facts) registration(a Act) (*Standing, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	if !f.Standing.Exists() {
		return nil, refuse("no-such-registration", "There is no such registration; please check the identifier.")
	}
	if f.Programme == nil {
		panic("domain: a registration's facts without its programme")
	}
	if a.Role == RoleParticipant && a.By != PersonActor(f.Standing.Person) {
		return nil, refuse("not-your-registration", "Participants act for themselves only; this is somebody else's registration.")
	}
	return f.Standing, nil
}

// active is registration, for new facts: they are refused where the
// registration had ended by the time of the act.
func (f Facts) active(a Act) (*Standing, error) {
	s, err := f.registration(a)
	if err != nil {
		return nil, err
	}
	if s.StateSince == nil || a.At.Before(s.StateSince.Time) {
		return s, nil
	}
	switch s.State {
	case StateWithdrawn:
		return nil, refuse("withdrawn", "This person has withdrawn; nothing new is added. What was recorded before can still be corrected.")
	case StateNoShow:
		return nil, refuse("no-show", "This registration was closed because nobody came; nothing new is added. A person who wishes to take part registers again.")
	}
	return s, nil
}

// session is a session of the registration's cohort.
func (f Facts) session(id string) (Session, error) {
	if f.Programme.Classes == nil || f.Cohort == nil {
		return Session{}, refuseField("session", "no-classes", "This registration has no classes, so it has no sessions.")
	}
	if s, ok := f.Cohort.Session(id); ok {
		return s, nil
	}
	var parts, all []string
	for _, s := range f.Cohort.Sessions {
		all = append(all, s.ID)
		if s.Module == id {
			parts = append(parts, s.ID)
		}
	}
	if len(parts) > 0 {
		return Session{}, refuseField("session", "session-has-parts", "This module is delivered by the sessions %s; please name one of them.", known(parts))
	}
	return Session{}, refuseField("session", "no-such-session", "The cohort has no such session; its sessions are %s.", known(all))
}

// openSession is a session that was not called off.
func (f Facts) openSession(id string) (Session, error) {
	s, err := f.session(id)
	if err == nil && s.Cancelled {
		return s, refuseField("session", "session-cancelled", "This session was cancelled; it cannot be missed and needs nothing.")
	}
	return s, err
}

// assigned reports whether an attester has a role towards the registration or
// its cohort on one of the days.
func (f Facts) assigned(attester, role string, days ...Date) bool {
	var lists []Assignment
	if f.Standing != nil {
		lists = append(lists, f.Standing.Attesters...)
	}
	if f.Cohort != nil {
		lists = append(lists, f.Cohort.Attesters...)
	}
	for _, a := range lists {
		if a.Attester == attester && a.Role == role && slices.ContainsFunc(days, a.In) {
			return true
		}
	}
	return false
}

// inRole lists who has a role towards the registration or its cohort on a day, sorted.
func (f Facts) inRole(role string, day Date) []string {
	var out []string
	add := func(list []Assignment) {
		for _, a := range list {
			if a.Role == role && a.In(day) && !slices.Contains(out, a.Attester) {
				out = append(out, a.Attester)
			}
		}
	}
	if f.Standing != nil {
		add(f.Standing.Attesters)
	}
	if f.Cohort != nil {
		add(f.Cohort.Attesters)
	}
	slices.Sort(out)
	return out
}

// concerned reports whether an actor is the person whose registration it is.
func (f Facts) concerned(by Actor) bool {
	if f.Standing == nil {
		return false
	}
	if by.same(PersonActor(f.Standing.Person)) {
		return true
	}
	for _, a := range f.Attesters {
		if a != nil && a.ID == by.attester() && a.Person == f.Standing.Person && a.Person != "" {
			return true
		}
	}
	return false
}

// notConcerned refuses an act that nobody may do for themselves.
func (f Facts) notConcerned(a Act) error {
	if a.Role == RoleParticipant || f.concerned(a.By) {
		return refuse("person-concerned", "Nobody does this for themselves; please ask another person.")
	}
	return nil
}

// attesterRoles are held through an assignment and in no other way.
var attesterRoles = []string{RoleTrainer, RoleSupervisor}

// plays refuses an act that the programme asks of another role, or of
// attesters who are not assigned on the day.
func (f Facts) plays(a Act, want string, days ...Date) error {
	if !playsRole(a.Role, want) {
		return refuse("not-asked-of-you", "The programme asks this of the role %s; please pass it on to them.", want)
	}
	return f.holdsRole(a, days...)
}

// holdsRole refuses a trainer or a supervisor without an assignment.
func (f Facts) holdsRole(a Act, days ...Date) error {
	attester := a.By.attester()
	if attester == "" && !slices.Contains(attesterRoles, a.Role) {
		return nil
	}
	if len(days) == 0 {
		days = []Date{a.day()}
	}
	if attester == "" || !f.assigned(attester, a.Role, days...) {
		return refuse("not-assigned", "This is for those who are assigned as %s here on that day; please have the assignment recorded first.", a.Role)
	}
	return nil
}

// with is the facts as they would be after an event on the registration.
func (f Facts) with(a Act, e Event) Facts {
	s := f.Standing.Clone()
	at := wholeSecond(a.At)
	s.Apply(Entry{
		Sequence: s.Sequence + 1, Version: s.Version + 1, Type: e.Type(), Subject: SubjectOf(KindRegistration, s.Registration),
		Time: at, Recorded: at, Actor: a.By, ActorRole: a.Role, Event: e,
	})
	f.Standing = s
	return f
}

// wholeSecond is a time as entries store it.
func wholeSecond(t time.Time) time.Time { return fixed(t.Truncate(time.Second)) }

// decided reports whether a decision is in force on the registration.
func (s *Standing) decided() bool {
	return slices.ContainsFunc(s.Decisions, func(d Decision) bool { return !d.Superseded })
}

// raises reports whether an event would raise a level that is earned.
func (f Facts) raises(a Act, e Event) bool {
	at := wholeSecond(a.At)
	before, after := Assess(f.Programme, f, at), Assess(f.Programme, f.with(a, e), at)
	for _, b := range before.Awards {
		award, ok := f.Programme.Award(b.Award)
		if !ok {
			continue
		}
		was, _ := award.Rank(b.Earned)
		for _, x := range after.Awards {
			if is, _ := award.Rank(x.Earned); x.Award == b.Award && is > was {
				return true
			}
		}
	}
	return false
}

func needsSecondPerson() error {
	return refuse("needs-second-person", "A decision stands on this registration, and this would raise a level after it: please propose it, and another person approves.")
}

// events is the answer of a command that recorded something.
func events(e ...Event) ([]Event, error) { return e, nil }
