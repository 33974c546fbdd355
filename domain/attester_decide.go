package domain

// What an attester is.
const (
	AttesterPerson       = "person"
	AttesterOrganisation = "organisation"
)

// Decide makes an attester known, once.
func (c RegisterAttester) Decide(f Facts) ([]Event, error) {
	if err := firstError(c.Check(), checkSlugs(needed("attester", c.Attester)), checkTexts(c.Name, c.Email, c.Phone)); err != nil {
		return nil, err
	}
	what := c.What
	if what == "" {
		what = AttesterPerson
	}
	switch {
	case what != AttesterPerson && what != AttesterOrganisation:
		return nil, refuseField("what", "unknown-kind", "An attester is a person or an organisation.")
	case c.Person != "" && !IsPersonID(c.Person):
		return nil, refuseField("person", "not-a-person-id", "A person is known by a pseudonym of 32 hexadecimal digits.")
	case c.Person != "" && what == AttesterOrganisation:
		return nil, refuseField("person", "unknown-kind", "An organisation has no pseudonym of a participant.")
	case c.Email != "" && !plausible("email", c.Email):
		return nil, refuseField("email", "implausible-field", "An e-mail address has one @ and a domain with a dot.")
	case c.Phone != "" && !plausible("phone", c.Phone):
		return nil, refuseField("phone", "implausible-field", "A telephone number has at least 7 digits.")
	}
	if a := f.Attester; a != nil && a.Version > 0 {
		if a.What == what && a.Person == c.Person {
			return nil, nil
		}
		return nil, refuse("attester-differs", "This attester is registered with other details; please choose another identifier for somebody new.")
	}
	if c.Name == "" {
		return nil, refuseField("name", "missing-field", "The name of the attester is needed; it is kept sealed.")
	}
	e := &AttesterRegistered{What: what, Person: c.Person}
	e.personal(GroupIdentity, "name", c.Name)
	e.personal(GroupContact, "email", c.Email)
	e.personal(GroupContact, "phone", c.Phone)
	return events(e)
}

func (f Facts) attester(a Act) (*Attester, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	if f.Attester == nil || f.Attester.Version == 0 {
		return nil, refuse("no-such-attester", "This attester is not known yet; please register them first.")
	}
	return f.Attester, nil
}

// Decide records a qualification, or an approval by the certifying body.
func (c QualifyAttester) Decide(f Facts) ([]Event, error) {
	a, err := f.attester(c.Act)
	if err != nil {
		return nil, err
	}
	from := c.From
	if from == "" {
		from = c.day()
	}
	if err := firstError(checkSlugs(needed("code", c.Code)), checkSpan(from, c.Until)); err != nil {
		return nil, err
	}
	if c.By.same(AttesterActor(a.ID)) {
		return nil, refuse("person-concerned", "Nobody records their own qualification; please ask another person.")
	}
	for _, q := range a.Qualifications {
		if q.Code == c.Code && q.Approval == c.Approval && q.From <= from && q.Until == c.Until {
			return nil, nil
		}
	}
	if c.Approval {
		return events(&AttesterApproved{Approval: c.Code, From: from, Until: c.Until})
	}
	return events(&AttesterQualified{Qualification: c.Code, From: from, Until: c.Until})
}

// Decide ends a qualification or approval on a day.
func (c EndQualification) Decide(f Facts) ([]Event, error) {
	a, err := f.attester(c.Act)
	if err != nil {
		return nil, err
	}
	until := c.Until
	if until == "" {
		until = c.day()
	}
	if err := firstError(checkSlugs(needed("code", c.Code)), checkDate("until", until), checkTexts(c.Reason)); err != nil {
		return nil, err
	}
	found := false
	for _, q := range a.Qualifications {
		if q.Code != c.Code {
			continue
		}
		found = true
		if q.Until != "" && q.Until <= until {
			continue
		}
		if until < q.From {
			return nil, refuseField("until", "ends-before-it-begins", "It began after that day; please check the day.")
		}
		e := &AttesterEnded{Code: c.Code, Until: until}
		e.Reason = e.reason(GroupNarrative, c.Reason)
		return events(e)
	}
	if !found {
		return nil, refuseField("code", "no-such-qualification", "The attester does not hold this; there is nothing to end.")
	}
	return nil, nil
}
