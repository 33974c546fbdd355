package domain

import (
	"maps"
	"slices"
	"strings"
)

// identityFields are names; every other correctable field is a contact's. A
// programme that the facts hold says it of its own fields.
var identityFields = []string{"first-name", "last-name", "middle-name", "name", "preferred-name", "pronouns"}

func (f Facts) groupOf(field string) Group {
	if f.Programme != nil {
		if x, ok := f.Programme.Field(field); ok {
			return Group(x.Group)
		}
	}
	if slices.Contains(identityFields, field) {
		return GroupIdentity
	}
	return GroupContact
}

// Decide corrects name or contact data of somebody registered.
func (c CorrectPerson) Decide(f Facts) ([]Event, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if !IsPersonID(c.Person) {
		return nil, refuseField("person", "not-a-person-id", "A person is known by a pseudonym of 32 hexadecimal digits.")
	}
	if c.Role == RoleParticipant && c.By != PersonActor(c.Person) {
		return nil, refuse("not-your-registration", "Participants act for themselves only; these are somebody else's details.")
	}
	if len(f.Others) == 0 && (f.Person == nil || f.Person.Version == 0) {
		return nil, refuse("no-such-person", "Nobody with this pseudonym is registered; please check it.")
	}
	if len(c.Fields) == 0 {
		return nil, refuseField("fields", "missing-field", "Please say which details are to be corrected.")
	}
	e := &PersonCorrected{Fields: slices.Sorted(maps.Keys(c.Fields))}
	for _, field := range e.Fields {
		value := strings.TrimSpace(c.Fields[field])
		if !IsSlug(field) {
			return nil, refuseField("fields", "not-a-code", "Details are named by codes, like postal-code.")
		}
		g := f.groupOf(field)
		if g != GroupIdentity && g != GroupContact {
			return nil, refuseField(field, "not-correctable", "Only names and contact details are corrected here.")
		}
		if value == "" || len(value) > FieldBytesMax || checkTexts(value) != nil || !plausible(f.formOf(field), value) {
			return nil, refuseField(field, "implausible-field", "Please look again at %s: the new value is missing or not plausible.", field)
		}
		e.personal(g, field, value)
	}
	if err := checkTexts(c.Reason); err != nil {
		return nil, err
	}
	e.Reason = e.reason(GroupContact, c.Reason)
	return events(e)
}

func (f Facts) formOf(field string) string {
	if f.Programme != nil {
		if x, ok := f.Programme.Field(field); ok {
			return x.Form
		}
	}
	if field == "email" || field == "phone" {
		return field
	}
	return ""
}
