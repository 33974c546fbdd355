package domain

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Cohort is one delivery of a programme with its scheduled sessions.
type Cohort struct {
	Head
	ID        string       `json:"id"`
	Code      string       `json:"code"` // spring-2026-evening
	Programme string       `json:"programme"`
	Mode      string       `json:"mode,omitempty"`
	Sessions  []Session    `json:"sessions,omitempty"`
	Attesters []Assignment `json:"attesters,omitempty"`
	Endings   []EarlyEnd   `json:"endings,omitempty"` // of assignments, in order
	Materials []Material   `json:"materials,omitempty"`
	Opened    Origin       `json:"opened"`
}

// Session is one scheduled live class, delivering one module.
type Session struct {
	ID        string    `json:"id"`
	Module    string    `json:"module"`
	Starts    time.Time `json:"starts"`
	Ends      time.Time `json:"ends"`
	Cancelled bool      `json:"cancelled,omitempty"`
	Change    string    `json:"change"` // event type of the latest entry about it
	Changed   Origin    `json:"changed"`
}

// Held reports whether the session is over by at and was not cancelled.
func (s Session) Held(at time.Time) bool { return !s.Cancelled && !s.Ends.After(at) }

// Assignment is an attester's part in a cohort or a registration, in a role,
// from a day until a day.
type Assignment struct {
	Attester string `json:"attester"`
	Role     string `json:"role"`
	Relation string `json:"relation,omitempty"` // to the participant: none, relative, employer, friend …
	From     Date   `json:"from"`
	Until    Date   `json:"until,omitempty"`
	Made     Origin `json:"made"`
}

// In reports whether the assignment holds on day.
func (a Assignment) In(day Date) bool {
	return day >= a.From && (a.Until == "" || day <= a.Until)
}

// Material is training material released to a cohort.
type Material struct {
	Code    string `json:"code"`
	Hash    string `json:"hash,omitempty"`
	Session string `json:"session,omitempty"`
	Made    Origin `json:"made"`
}

// CohortOpened begins a cohort.
type CohortOpened struct {
	Common
	Code      string `json:"code"`
	Programme string `json:"programme"`
	Mode      string `json:"mode,omitempty"`
}

// SessionScheduled adds a session and the module it delivers.
type SessionScheduled struct {
	Common
	Session string    `json:"session"`
	Module  string    `json:"module"`
	Starts  time.Time `json:"starts"`
	Ends    time.Time `json:"ends"`
}

// SessionRescheduled moves a session. A cancelled one takes place after all.
type SessionRescheduled struct {
	Common
	Session string    `json:"session"`
	Starts  time.Time `json:"starts"`
	Ends    time.Time `json:"ends"`
	Reason  string    `json:"reason,omitempty"`
}

// SessionCancelled ends a session before it is held. It cannot be missed.
type SessionCancelled struct {
	Common
	Session string `json:"session"`
	Reason  string `json:"reason,omitempty"`
}

// MaterialsReleased records that material was given to the cohort.
type MaterialsReleased struct {
	Common
	Material string `json:"material"`
	Hash     string `json:"hash,omitempty"`
	Session  string `json:"session,omitempty"`
}

// AttesterAssigned gives an attester a role in a cohort, or towards one
// registration. Relation says what else they are to the participant.
type AttesterAssigned struct {
	Common
	Attester string `json:"attester"`
	Role     string `json:"role"`
	Relation string `json:"relation,omitempty"`
	From     Date   `json:"from"`
	Until    Date   `json:"until,omitempty"`
}

// AttesterReleased ends an assignment on a day.
type AttesterReleased struct {
	Common
	Attester string `json:"attester"`
	Role     string `json:"role"`
	Until    Date   `json:"until"`
	Reason   string `json:"reason,omitempty"`
}

func (*CohortOpened) Type() string       { return "cohort.opened.v1" }
func (*SessionScheduled) Type() string   { return "session.scheduled.v1" }
func (*SessionRescheduled) Type() string { return "session.rescheduled.v1" }
func (*SessionCancelled) Type() string   { return "session.cancelled.v1" }
func (*MaterialsReleased) Type() string  { return "materials.released.v1" }
func (*AttesterAssigned) Type() string   { return "attester.assigned.v1" }
func (*AttesterReleased) Type() string   { return "attester.released.v1" }

func (v *CohortOpened) apply(f fold, e *Entry) {
	f.cohort.Code, f.cohort.Programme, f.cohort.Mode, f.cohort.Opened = v.Code, v.Programme, v.Mode, originOf(e)
}

func (v *SessionScheduled) apply(f fold, e *Entry) {
	f.cohort.Sessions = append(f.cohort.Sessions, Session{
		ID: v.Session, Module: v.Module, Starts: fixed(v.Starts), Ends: fixed(v.Ends), Change: e.Type, Changed: originOf(e),
	})
	slices.SortStableFunc(f.cohort.Sessions, func(a, b Session) int { return compareCodes(a.ID, b.ID) })
}

func (v *SessionRescheduled) apply(f fold, e *Entry) {
	if s := f.cohort.session(v.Session); s != nil {
		s.Starts, s.Ends, s.Cancelled = fixed(v.Starts), fixed(v.Ends), false
		s.Change, s.Changed = e.Type, originOf(e)
	}
}

func (v *SessionCancelled) apply(f fold, e *Entry) {
	if s := f.cohort.session(v.Session); s != nil {
		s.Cancelled, s.Change, s.Changed = true, e.Type, originOf(e)
	}
}

func (v *MaterialsReleased) apply(f fold, e *Entry) {
	f.cohort.Materials = append(f.cohort.Materials, Material{Code: v.Material, Hash: v.Hash, Session: v.Session, Made: originOf(e)})
}

func (f fold) assignments() *[]Assignment {
	if f.registration != nil {
		return &f.registration.Attesters
	}
	return &f.cohort.Attesters
}

func (v *AttesterAssigned) apply(f fold, e *Entry) {
	list := f.assignments()
	*list = append(*list, Assignment{
		Attester: v.Attester, Role: v.Role, Relation: v.Relation, From: v.From, Until: v.Until, Made: originOf(e),
	})
}

func (v *AttesterReleased) apply(f fold, e *Entry) {
	list, endings := *f.assignments(), f.endings()
	for i := range list {
		a := &list[i]
		if a.Attester == v.Attester && a.Role == v.Role && (a.Until == "" || a.Until > v.Until) {
			*endings = append(*endings, EarlyEnd{Attester: v.Attester, Code: v.Role, Until: v.Until, Was: a.Until, Made: originOf(e)})
			a.Until = v.Until
		}
	}
}

func (f fold) endings() *[]EarlyEnd {
	if f.registration != nil {
		return &f.registration.Endings
	}
	return &f.cohort.Endings
}

// Apply folds an entry on the cohort's subject.
func (c *Cohort) Apply(e Entry) {
	c.ID = e.Subject.ID()
	e.Event.apply(fold{cohort: c}, &e)
	c.advance(&e)
}

func (c *Cohort) session(id string) *Session {
	for i := range c.Sessions {
		if c.Sessions[i].ID == id {
			return &c.Sessions[i]
		}
	}
	return nil
}

// Session is the session with that id.
func (c *Cohort) Session(id string) (Session, bool) {
	if s := c.session(id); s != nil {
		return *s, true
	}
	return Session{}, false
}

// InRole lists the attesters with a role in the cohort on day, without repeats, in order.
func (c *Cohort) InRole(role string, day Date) []string {
	var out []string
	for _, a := range c.Attesters {
		if a.Role == role && a.In(day) && !slices.Contains(out, a.Attester) {
			out = append(out, a.Attester)
		}
	}
	slices.Sort(out)
	return out
}

// compareCodes orders codes the way people number things: 2 before 10, 6a before 6b.
func compareCodes(a, b string) int {
	na, ra := leadingNumber(a)
	nb, rb := leadingNumber(b)
	return cmp.Or(cmp.Compare(na, nb), strings.Compare(ra, rb))
}

func leadingNumber(s string) (int, string) {
	n, i := 0, 0
	for i < len(s) && i < 9 && s[i] >= '0' && s[i] <= '9' {
		n = n*10 + int(s[i]-'0')
		i++
	}
	if i == 0 {
		return 1 << 30, s
	}
	return n, s[i:]
}

// OpenCohort begins a cohort of a programme. Cohort is chosen by the caller or
// derived from the command.
type OpenCohort struct {
	Act
	Cohort    string
	Code      string
	Programme string
	Mode      string
}

// ScheduleSession adds a session. Module may be given by its title instead of
// its key.
type ScheduleSession struct {
	Act
	Cohort       string
	Session      string
	Module       string
	Starts, Ends time.Time
}

// RescheduleSession moves a session, or brings a cancelled one back.
type RescheduleSession struct {
	Act
	Cohort       string
	Session      string
	Starts, Ends time.Time
	Reason       string
}

// CancelSession calls a session off. It cannot be missed.
type CancelSession struct {
	Act
	Cohort  string
	Session string
	Reason  string
}

// ReleaseMaterials records that training material was given to the cohort.
type ReleaseMaterials struct {
	Act
	Cohort   string
	Material string
	Hash     string
	Session  string
}

// AssignAttester gives an attester a role in a cohort or towards a registration.
type AssignAttester struct {
	Act
	On          Subject // cohort or registration
	Attester    string
	As          string // role
	Relation    string
	From, Until Date
}

// ReleaseAttester ends an assignment.
type ReleaseAttester struct {
	Act
	On       Subject
	Attester string
	As       string
	Until    Date
	Reason   string
}

// Subject is the cohort's.
func (c OpenCohort) Subject() Subject { return SubjectOf(KindCohort, c.Cohort) }

// Subject is the cohort's.
func (c ScheduleSession) Subject() Subject { return SubjectOf(KindCohort, c.Cohort) }

// Subject is the cohort's.
func (c RescheduleSession) Subject() Subject { return SubjectOf(KindCohort, c.Cohort) }

// Subject is the cohort's.
func (c CancelSession) Subject() Subject { return SubjectOf(KindCohort, c.Cohort) }

// Subject is the cohort's.
func (c ReleaseMaterials) Subject() Subject { return SubjectOf(KindCohort, c.Cohort) }

// Subject is what the attester is assigned to.
func (c AssignAttester) Subject() Subject { return c.On }

// Subject is what the attester was assigned to.
func (c ReleaseAttester) Subject() Subject { return c.On }
