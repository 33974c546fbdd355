package domain

import (
	"maps"
	"slices"
	"strings"
)

// identityFields and contactFields may be corrected whatever the form asked
// for. A programme that the facts hold says the group of its own fields.
var (
	identityFields = []string{"first-name", "last-name", "middle-name", "name", "preferred-name", "pronouns"}
	contactFields  = []string{"address", "city", "country", "email", "phone", "postal-code", "province"}
)

// groupOf is the group of a field, empty for one that nobody asked for: names
// of fields stand in the clear, so they cannot be words of somebody's own.
func (f Facts) groupOf(field string) Group {
	if f.Programme != nil {
		if x, ok := f.Programme.Field(field); ok {
			return Group(x.Group)
		}
	}
	switch {
	case slices.Contains(identityFields, field):
		return GroupIdentity
	case slices.Contains(contactFields, field):
		return GroupContact
	}
	return ""
}

// correctable lists the fields that may be corrected, sorted.
func (f Facts) correctable() []string {
	out := slices.Concat(identityFields, contactFields)
	if f.Programme != nil {
		out = slices.DeleteFunc(out, func(key string) bool { _, ok := f.Programme.Field(key); return ok })
		for _, x := range f.Programme.Registration.Fields {
			if g := Group(x.Group); g == GroupIdentity || g == GroupContact {
				out = append(out, x.Key)
			}
		}
	}
	slices.Sort(out)
	return out
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
			return nil, refuseField("fields", "not-correctable", "Only names and contact details are corrected here: %s.", known(f.correctable()))
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
