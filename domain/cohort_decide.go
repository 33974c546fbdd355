package domain

import (
	"slices"
	"time"
)

// Names is the programme that the cohort is of.
func (c OpenCohort) Names() []Subject { return []Subject{SubjectOf(KindProgramme, c.Programme)} }

// Decide begins a cohort of a programme that has classes.
func (c OpenCohort) Decide(f Facts) ([]Event, error) {
	if err := firstError(c.Check(), checkSlugs(needed("code", c.Code), needed("programme", c.Programme), optional("mode", c.Mode))); err != nil {
		return nil, err
	}
	if f.Cohort != nil && f.Cohort.Version > 0 {
		if f.Cohort.Code == c.Code && f.Cohort.Programme == c.Programme && f.Cohort.Mode == c.Mode {
			return nil, nil
		}
		return nil, refuse("cohort-differs", "This cohort was opened with other details; please choose another identifier for a new one.")
	}
	if f.Programme == nil || f.Programme.ID != c.Programme {
		return nil, refuseField("programme", "no-such-programme", "No rules of this programme are in force on that day; they are published first.")
	}
	if f.Programme.Classes == nil {
		return nil, refuseField("programme", "no-classes", "This programme has no classes, so it needs no cohort.")
	}
	return events(&CohortOpened{Code: c.Code, Programme: c.Programme, Mode: c.Mode})
}

// cohort is the cohort that a command acts on.
func (f Facts) cohort(a Act) (*Cohort, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	if f.Cohort == nil || f.Cohort.Version == 0 {
		return nil, refuse("no-such-cohort", "There is no such cohort; please check the identifier.")
	}
	return f.Cohort, nil
}

func (f Facts) cohortSession(id string) (Session, error) {
	if s, ok := f.Cohort.Session(id); ok {
		return s, nil
	}
	var all []string
	for _, s := range f.Cohort.Sessions {
		all = append(all, s.ID)
	}
	return Session{}, refuseField("session", "no-such-session", "The cohort has no such session; its sessions are %s.", known(all))
}

// sessionHoursMax is the longest session: one that goes over a day is a slip.
const sessionHoursMax = 24

func checkTimes(starts, ends time.Time) error {
	switch {
	case starts.IsZero() || ends.IsZero() || starts.Year() < yearMin || ends.Year() > yearMax:
		return refuseField("starts", "missing-field", "A session needs the times at which it begins and ends.")
	case !ends.After(starts):
		return refuseField("ends", "ends-before-it-begins", "The session ends before it begins; please check the two times.")
	case ends.Sub(starts) > sessionHoursMax*time.Hour:
		return refuseField("ends", "session-too-long", "A session lasts %d hours at most; please check the two times.", sessionHoursMax)
	}
	return nil
}

// room refuses one more session of a module that has all its sessions already.
func (f Facts) room(module string, without string) error {
	m, _ := f.Programme.Module(module)
	var n int64
	for _, s := range f.Cohort.Sessions {
		if s.Module == module && !s.Cancelled && s.ID != without {
			n++
		}
	}
	if n >= m.Sessions {
		return refuseField("module", "module-full", "This module has all its sessions (%d) already; cancel one before another takes its place.", m.Sessions)
	}
	return nil
}

// Decide adds a session. The module is named by its key or its title.
func (c ScheduleSession) Decide(f Facts) ([]Event, error) {
	cohort, err := f.cohort(c.Act)
	if err != nil {
		return nil, err
	}
	if err := firstError(checkSlugs(needed("session", c.Session)), checkTimes(c.Starts, c.Ends)); err != nil {
		return nil, err
	}
	if f.Programme == nil || f.Programme.Classes == nil {
		return nil, refuse("no-classes", "The programme of this cohort has no classes.")
	}
	m, ok := f.Programme.Module(c.Module)
	if !ok {
		m, ok = f.Programme.ModuleOfTitle(c.Module)
	}
	if !ok {
		var keys []string
		for _, m := range f.Programme.Classes.Modules {
			keys = append(keys, m.Key)
		}
		return nil, refuseField("module", "no-such-module", "The programme has no such module; its modules are %s.", known(keys))
	}
	if s, ok := cohort.Session(c.Session); ok {
		if s.Module == m.Key && s.Starts.Equal(c.Starts) && s.Ends.Equal(c.Ends) && !s.Cancelled {
			return nil, nil
		}
		return nil, refuseField("session", "session-differs", "This session is scheduled already; reschedule it, or choose another code for a new one.")
	}
	if err := f.room(m.Key, ""); err != nil {
		return nil, err
	}
	return events(&SessionScheduled{Session: c.Session, Module: m.Key, Starts: fixed(c.Starts), Ends: fixed(c.Ends)})
}

// Decide moves a session that is not over yet, or brings a cancelled one back.
func (c RescheduleSession) Decide(f Facts) ([]Event, error) {
	if _, err := f.cohort(c.Act); err != nil {
		return nil, err
	}
	s, err := f.cohortSession(c.Session)
	if err != nil {
		return nil, err
	}
	if err := firstError(checkTimes(c.Starts, c.Ends), checkReasonCode(c.Reason)); err != nil {
		return nil, err
	}
	if !s.Cancelled && s.Starts.Equal(c.Starts) && s.Ends.Equal(c.Ends) {
		return nil, nil
	}
	if !s.Cancelled && c.At.After(s.Ends) {
		return nil, sessionHeld()
	}
	if s.Cancelled && f.Programme != nil {
		if err := f.room(s.Module, s.ID); err != nil {
			return nil, err
		}
	}
	return events(&SessionRescheduled{Session: c.Session, Starts: fixed(c.Starts), Ends: fixed(c.Ends), Reason: c.Reason})
}

func sessionHeld() error {
	return refuseField("session", "session-held", "The time of this session is over. If it did not take place, please record when it was called off.")
}

// Decide calls a session off. It was called off before its end, however late
// that is recorded: what was held can be missed.
func (c CancelSession) Decide(f Facts) ([]Event, error) {
	if _, err := f.cohort(c.Act); err != nil {
		return nil, err
	}
	s, err := f.cohortSession(c.Session)
	if err != nil {
		return nil, err
	}
	if s.Cancelled {
		return nil, nil
	}
	if err := checkReasonCode(c.Reason); err != nil {
		return nil, err
	}
	if c.At.After(s.Ends) {
		return nil, sessionHeld()
	}
	return events(&SessionCancelled{Session: c.Session, Reason: c.Reason})
}

// Decide records that material was given to the cohort.
func (c ReleaseMaterials) Decide(f Facts) ([]Event, error) {
	cohort, err := f.cohort(c.Act)
	if err != nil {
		return nil, err
	}
	if err := checkSlugs(needed("material", c.Material)); err != nil {
		return nil, err
	}
	if c.Hash != "" {
		if err := checkHash("hash", c.Hash); err != nil {
			return nil, err
		}
	}
	if c.Session != "" {
		if _, err := f.cohortSession(c.Session); err != nil {
			return nil, err
		}
	}
	for _, m := range cohort.Materials {
		if m.Code == c.Material && m.Hash == c.Hash && m.Session == c.Session {
			return nil, nil
		}
	}
	return events(&MaterialsReleased{Material: c.Material, Hash: c.Hash, Session: c.Session})
}

// Relations of an attester to a participant. Anything but none is recorded and
// flagged as a dual relationship.
const (
	RelationNone      = "none"
	RelationRelative  = "relative"
	RelationFriend    = "friend"
	RelationEmployer  = "employer"
	RelationColleague = "colleague"
	RelationOther     = "other"
)

var relations = []string{RelationNone, RelationRelative, RelationFriend, RelationEmployer, RelationColleague, RelationOther}

// place checks a command that acts on a cohort or a registration and answers
// with the assignments there.
func (f Facts) place(a Act, on Subject) ([]Assignment, error) {
	switch on.Kind() {
	case KindCohort:
		c, err := f.cohort(a)
		if err != nil {
			return nil, err
		}
		return c.Attesters, nil
	case KindRegistration:
		s, err := f.registration(a)
		if err != nil {
			return nil, err
		}
		return s.Attesters, nil
	}
	return nil, refuseField("on", "not-here", "Attesters are assigned to a cohort or to a registration.")
}

// Names is the attester.
func (c AssignAttester) Names() []Subject { return []Subject{SubjectOf(KindAttester, c.Attester)} }

// Decide gives an attester a role.
func (c AssignAttester) Decide(f Facts) ([]Event, error) {
	list, err := f.place(c.Act, c.On)
	if err != nil {
		return nil, err
	}
	from := c.From
	if from == "" {
		from = c.day()
	}
	if err := firstError(checkSlugs(needed("attester", c.Attester), needed("as", c.As)), checkSpan(from, c.Until)); err != nil {
		return nil, err
	}
	if f.Attester == nil || f.Attester.Version == 0 || f.Attester.ID != c.Attester {
		return nil, refuseField("attester", "no-such-attester", "This attester is not known yet; please register them first.")
	}
	if c.On.Kind() == KindRegistration {
		if f.Attester.Person != "" && f.Attester.Person == f.Standing.Person {
			return nil, refuseField("attester", "person-concerned", "Nobody attests for themselves; please assign another person.")
		}
		if c.Relation != "" && !slices.Contains(relations, c.Relation) {
			return nil, refuseField("relation", "unknown-relation", "The relation to the participant is one of %s.", known(relations))
		}
		if err := f.notConcerned(c.Act); err != nil {
			return nil, err
		}
	} else if c.Relation != "" {
		return nil, refuseField("relation", "relation-to-nobody", "A relation is to one participant; please record it on their registration.")
	}
	for _, a := range list {
		if a.Attester == c.Attester && a.Role == c.As && a.In(from) && a.Until == c.Until && a.Relation == c.Relation {
			return nil, nil
		}
	}
	return events(&AttesterAssigned{Attester: c.Attester, Role: c.As, Relation: c.Relation, From: from, Until: c.Until})
}

// Decide ends an assignment on a day.
func (c ReleaseAttester) Decide(f Facts) ([]Event, error) {
	list, err := f.place(c.Act, c.On)
	if err != nil {
		return nil, err
	}
	until := c.Until
	if until == "" {
		until = c.day()
	}
	if err := firstError(checkSlugs(needed("attester", c.Attester), needed("as", c.As)), checkDate("until", until), checkTexts(c.Reason)); err != nil {
		return nil, err
	}
	if c.On.Kind() == KindCohort {
		if err := checkReasonCode(c.Reason); err != nil {
			return nil, err
		}
	}
	found := false
	for _, a := range list {
		if a.Attester != c.Attester || a.Role != c.As {
			continue
		}
		found = true
		if a.Until != "" && a.Until <= until {
			continue
		}
		if until < a.From {
			return nil, refuseField("until", "ends-before-it-begins", "The assignment began after that day; please check the day.")
		}
		e := &AttesterReleased{Attester: c.Attester, Role: c.As, Until: until}
		e.Reason = e.reason(GroupNarrative, c.Reason)
		return events(e)
	}
	if !found {
		return nil, refuseField("attester", "not-assigned", "This attester is not assigned here in that role.")
	}
	return nil, nil
}
