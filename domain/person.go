package domain

// Person is what the ledger knows of a person beyond their registrations:
// corrections of name and contact. The values are sealed.
type Person struct {
	Head
	ID          string       `json:"id"`
	Corrections []Correction `json:"corrections,omitempty"`
}

// Correction is one correction of sealed personal data: which fields, never what.
type Correction struct {
	Fields []string `json:"fields"`
	Reason string   `json:"reason,omitempty"`
	Made   Origin   `json:"made"`
}

// PersonCorrected replaces personal values. The earlier ones stay sealed in
// their own entries.
type PersonCorrected struct {
	Common
	Fields []string `json:"fields"`
	Reason string   `json:"reason,omitempty"` // reason code
}

// Type is the stored name.
func (*PersonCorrected) Type() string { return "person.corrected.v1" }

func (v *PersonCorrected) apply(f fold, e *Entry) {
	f.person.Corrections = append(f.person.Corrections, Correction{Fields: v.Fields, Reason: v.Reason, Made: originOf(e)})
}

// Apply folds an entry on the person's subject.
func (p *Person) Apply(e Entry) {
	p.ID = e.Subject.ID()
	e.Event.apply(fold{person: p}, &e)
	p.advance(&e)
}

// CorrectPerson corrects name or contact data of somebody registered.
type CorrectPerson struct {
	Act
	Person string
	Fields map[string]string // field key to new value; identity and contact only
	Reason string            // reason code
}

// Subject is the person's.
func (c CorrectPerson) Subject() Subject { return SubjectOf(KindPerson, c.Person) }
