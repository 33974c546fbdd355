package domain

import "slices"

// Attester is whoever attests: trainer, supervisor, referee or provider.
type Attester struct {
	Head
	ID             string          `json:"id"`
	What           string          `json:"what"`             // person or organisation
	Person         string          `json:"person,omitempty"` // the pseudonym they also have as a participant
	Qualifications []Qualification `json:"qualifications,omitempty"`
	Endings        []EarlyEnd      `json:"endings,omitempty"` // of qualifications and approvals, in order
	Made           Origin          `json:"made"`
}

// Qualification is a qualification or an approval that an attester holds for a
// time.
type Qualification struct {
	Code     string `json:"code"`
	Approval bool   `json:"approval,omitempty"` // granted by the certifying body, for a course or a role
	From     Date   `json:"from"`
	Until    Date   `json:"until,omitempty"`
	Made     Origin `json:"made"`
}

// AttesterRegistered makes an attester known. Names and contact are sealed.
type AttesterRegistered struct {
	Common
	What   string `json:"what"`
	Person string `json:"person,omitempty"`
}

// AttesterQualified records a qualification held from a day.
type AttesterQualified struct {
	Common
	Qualification string `json:"qualification"`
	From          Date   `json:"from"`
	Until         Date   `json:"until,omitempty"`
}

// AttesterApproved records an approval by the certifying body from a day.
type AttesterApproved struct {
	Common
	Approval string `json:"approval"`
	From     Date   `json:"from"`
	Until    Date   `json:"until,omitempty"`
}

// AttesterEnded ends a qualification or approval.
type AttesterEnded struct {
	Common
	Code   string `json:"code"`
	Until  Date   `json:"until"` // last day it held
	Reason string `json:"reason,omitempty"`
}

func (*AttesterRegistered) Type() string { return "attester.registered.v1" }
func (*AttesterQualified) Type() string  { return "attester.qualified.v1" }
func (*AttesterApproved) Type() string   { return "attester.approved.v1" }
func (*AttesterEnded) Type() string      { return "attester.ended.v1" }

func (v *AttesterRegistered) apply(f fold, e *Entry) {
	f.attester.What, f.attester.Person, f.attester.Made = v.What, v.Person, originOf(e)
}

func (v *AttesterQualified) apply(f fold, e *Entry) {
	f.attester.hold(Qualification{Code: v.Qualification, From: v.From, Until: v.Until, Made: originOf(e)})
}

func (v *AttesterApproved) apply(f fold, e *Entry) {
	f.attester.hold(Qualification{Code: v.Approval, Approval: true, From: v.From, Until: v.Until, Made: originOf(e)})
}

func (a *Attester) hold(q Qualification) { a.Qualifications = append(a.Qualifications, q) }

func (v *AttesterEnded) apply(f fold, e *Entry) {
	a := f.attester
	for i := range a.Qualifications {
		q := &a.Qualifications[i]
		if q.Code == v.Code && (q.Until == "" || q.Until > v.Until) {
			a.Endings = append(a.Endings, EarlyEnd{Attester: a.ID, Code: v.Code, Until: v.Until, Was: q.Until, Made: originOf(e)})
			q.Until = v.Until
		}
	}
}

// holds reports whether the attester has a qualification or approval on a day.
func (a *Attester) holds(code string, day Date) bool {
	return slices.ContainsFunc(a.Qualifications, func(q Qualification) bool {
		return q.Code == code && day >= q.From && (q.Until == "" || day <= q.Until)
	})
}

// Apply folds an entry on the attester's subject.
func (a *Attester) Apply(e Entry) {
	a.ID = e.Subject.ID()
	e.Event.apply(fold{attester: a}, &e)
	a.advance(&e)
}

// RegisterAttester makes an attester known.
type RegisterAttester struct {
	Act
	Attester string
	What     string // person or organisation
	Person   string
	Name     string // sealed
	Email    string // sealed
	Phone    string // sealed
}

// QualifyAttester records a qualification, or with Approval an approval.
type QualifyAttester struct {
	Act
	Attester    string
	Code        string
	Approval    bool
	From, Until Date
}

// EndQualification ends a qualification or approval on a day.
type EndQualification struct {
	Act
	Attester string
	Code     string
	Until    Date
	Reason   string
}

// Subject is the attester's.
func (c RegisterAttester) Subject() Subject { return SubjectOf(KindAttester, c.Attester) }

// Subject is the attester's.
func (c QualifyAttester) Subject() Subject { return SubjectOf(KindAttester, c.Attester) }

// Subject is the attester's.
func (c EndQualification) Subject() Subject { return SubjectOf(KindAttester, c.Attester) }
