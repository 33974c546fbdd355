package domain

import (
	"slices"
	"strings"
)

// What is read, as entries of readings name it. A word once recorded keeps its
// meaning.
const (
	ReadDecisionDossier = "decision-dossier" // a decision's dossier, by the decision's id
	ReadPersonDossier   = "person-dossier"   // a person's dossier, by the pseudonym
)

var readables = []string{ReadDecisionDossier, ReadPersonDossier}

// Why somebody reads what is sealed. Codes, since words of one's own could
// themselves be personal. A word once recorded keeps its meaning.
const (
	PurposeAppeal         = "appeal"               // an appeal against a decision is heard
	PurposeAudit          = "audit"                // a sample is looked into
	PurposeComplaint      = "complaint"            // a complaint is looked into
	PurposeCorrection     = "correction"           // personal details are to be put right
	PurposeSubjectRequest = "data-subject-request" // the person concerned asks for what is kept of them
	PurposeLegal          = "legal"                // the law or a court asks for it
	PurposeReview         = "review"               // a decision in doubt is looked at again
)

var purposes = []string{
	PurposeAppeal, PurposeAudit, PurposeComplaint, PurposeCorrection, PurposeSubjectRequest, PurposeLegal, PurposeReview,
}

// Purposes lists why sealed values may be read, sorted.
func Purposes() []string { return slices.Clone(purposes) }

// SealedValuesMax is how many lines one reading lists at most.
const SealedValuesMax = 1000

// SealedValues are values of one person in one group.
type SealedValues struct {
	Whose Subject `json:"whose"` // whose they are: person/… or attester/…
	Group Group   `json:"group"`
	Count int     `json:"count"` // entries in which the group is opened, from 1
}

// Access is what one actor has read of sealed values on one day.
type Access struct {
	Head
	Readings int `json:"readings"`
	Values   int `json:"values"` // sealed groups opened, in all
}

// AccessRecorded says that somebody reads sealed values. It is recorded before
// any is opened, so that nothing is ever read without it: who and in which role
// is in the envelope. Values lists what is about to be opened and nothing of what
// it says, sorted by whose and group; it is empty where there was nothing to open.
type AccessRecorded struct {
	Common
	What    string         `json:"what"`
	ID      string         `json:"id"` // of what is read
	Purpose string         `json:"purpose"`
	Values  []SealedValues `json:"values,omitempty"`
}

// Type is the stored name.
func (*AccessRecorded) Type() string { return "access.recorded.v1" }

func (v *AccessRecorded) apply(f fold, _ *Entry) {
	f.access.Readings++
	for _, x := range v.Values {
		f.access.Values += x.Count
	}
}

// Apply folds an entry on an access subject.
func (a *Access) Apply(e Entry) {
	e.Event.apply(fold{access: a}, &e)
	a.advance(&e)
}

// AccessSubject is where an actor's readings of a day stand: the actor's name is
// no part of it, because it may be longer than an identifier.
func AccessSubject(by Actor, day Date) Subject {
	return SubjectOf(KindAccess, NewID(string(by), "access")+"-"+string(day))
}

// RecordAccess records a reading before it happens.
type RecordAccess struct {
	Act
	What    string
	ID      string
	Purpose string
	Values  []SealedValues
}

// Subject is the actor's of that day, by UTC.
func (c RecordAccess) Subject() Subject { return AccessSubject(c.By, DateOf(c.At.UTC())) }

// Decide records a reading. Whether the role may read it is not asked here.
func (c RecordAccess) Decide(Facts) ([]Event, error) {
	if err := firstError(c.Check(), checkSlugs(needed("id", c.ID)), c.checkWhat(), c.checkValues()); err != nil {
		return nil, err
	}
	return events(&AccessRecorded{What: c.What, ID: c.ID, Purpose: c.Purpose, Values: slices.Clone(c.Values)})
}

func (c RecordAccess) checkWhat() error {
	switch {
	case !slices.Contains(readables, c.What):
		return refuseField("what", "unknown-kind", "It must be known what is read: %s.", known(readables))
	case !slices.Contains(purposes, c.Purpose):
		return refuseField("purpose", "unknown-purpose", "Sealed values are opened for a purpose, which is one of %s.", known(purposes))
	}
	return nil
}

func (c RecordAccess) checkValues() error {
	if len(c.Values) > SealedValuesMax {
		return refuseField("values", "too-many-values", "One reading lists up to %d groups of values; please read in parts.", SealedValuesMax)
	}
	for i, x := range c.Values {
		switch {
		case x.Whose.Check() != nil || x.Whose.Kind() != KindPerson && x.Whose.Kind() != KindAttester:
			return refuseField("values", "not-a-person-id", "Values are those of a person or an attester, who is named by a pseudonym.")
		case !slices.Contains(Groups(), x.Group):
			return refuseField("values", "unknown-group", "Values are sealed in one of the groups that the ledger knows.")
		case x.Count < 1:
			return refuseField("values", "number-impossible", "A line of values counts at least one.")
		case i > 0 && x.compare(c.Values[i-1]) <= 0:
			return refuseField("values", "values-not-sorted", "Values are listed by whose they are and by group, each once.")
		}
	}
	return nil
}

func (v SealedValues) compare(other SealedValues) int {
	if c := strings.Compare(string(v.Whose), string(other.Whose)); c != 0 {
		return c
	}
	return strings.Compare(string(v.Group), string(other.Group))
}
