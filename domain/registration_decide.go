package domain

import (
	"maps"
	"slices"
	"strings"
)

// FieldBytesMax is the longest value of one field of a form, in bytes.
const FieldBytesMax = 1000

// Names is the cohort and the programme registered for, and the person, whose
// other registrations count.
func (c SubmitRegistration) Names() []Subject {
	var out []Subject
	if c.Cohort != "" {
		out = append(out, SubjectOf(KindCohort, c.Cohort))
	}
	if c.Programme != "" {
		out = append(out, SubjectOf(KindProgramme, c.Programme))
	}
	return append(out, SubjectOf(KindPerson, c.Person))
}

// Decide registers a person, pinned to the rules in force on the act's day.
func (c SubmitRegistration) Decide(f Facts) ([]Event, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if !IsPersonID(c.Person) {
		return nil, refuseField("person", "not-a-person-id", "A person is known by a pseudonym of 32 hexadecimal digits.")
	}
	if c.Role == RoleParticipant && c.By != PersonActor(c.Person) {
		return nil, refuse("not-your-registration", "Participants register themselves only; please ask staff to register somebody else.")
	}
	if f.Standing.Exists() {
		return nil, refuse("already-registered", "This registration exists already; a change to it is an act of its own.")
	}
	if err := c.checkPlace(f); err != nil {
		return nil, err
	}
	received := c.Received
	if received == "" {
		received = c.day()
	}
	if err := c.checkDay("received", received); err != nil {
		return nil, err
	}
	for _, o := range f.Others {
		if o.Registration != c.Registration && o.Programme == f.Programme.ID && o.Cohort == c.Cohort && o.State != StateWithdrawn {
			return nil, refuse("already-registered", "This person is registered here already; their registration goes on.")
		}
	}
	e := &RegistrationSubmitted{
		Person: c.Person, Programme: f.Programme.ID, Version: f.Programme.Version, Digest: f.Programme.Digest,
		PinMode: f.Programme.PinnedBy, PinnedOn: c.day(), Cohort: c.Cohort, Received: received, Given: []string{},
	}
	if err := c.form(f, e); err != nil {
		return nil, err
	}
	return events(e)
}

// checkPlace refuses where the programme or the cohort cannot take the registration.
func (c SubmitRegistration) checkPlace(f Facts) error {
	p := f.Programme
	switch {
	case c.Cohort != "" && (f.Cohort == nil || f.Cohort.Version == 0 || f.Cohort.ID != c.Cohort):
		return refuseField("cohort", "no-such-cohort", "There is no such cohort; please check the identifier.")
	case p == nil || c.Programme != "" && c.Cohort == "" && p.ID != c.Programme:
		return refuseField("programme", "no-such-programme", "No rules of this programme are in force on that day; they are published first.")
	case c.Cohort != "" && f.Cohort.Programme != p.ID, c.Programme != "" && c.Programme != p.ID:
		return refuseField("cohort", "other-programme", "This cohort belongs to another programme; please choose one of the programme wanted.")
	case p.StillRequired() != "":
		return refuseField("programme", "values-missing", "Nobody registers under these rules yet; %s.", p.StillRequired())
	case c.Cohort == "" && p.Classes != nil:
		return refuseField("cohort", "cohort-missing", "This programme has classes; please choose a cohort.")
	case c.Cohort != "" && p.Classes == nil:
		return refuseField("cohort", "no-classes", "This programme has no classes, so nobody registers for a cohort of it.")
	case string(c.day()) < p.Valid.From, p.Valid.Until != "" && string(c.day()) > p.Valid.Until:
		return refuseField("programme", "not-in-force", "These rules are not in force on that day; please check the time of the registration.")
	}
	return nil
}

// form checks the fields and texts against the programme's form and puts the
// values into their personal groups.
func (c SubmitRegistration) form(f Facts, e *RegistrationSubmitted) error {
	form := f.Programme.Registration
	var unknown, missing, wrong []string
	for _, key := range slices.Sorted(maps.Keys(c.Fields)) {
		if _, ok := f.Programme.Field(key); !ok {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) > 0 {
		var keys []string
		for _, field := range form.Fields {
			keys = append(keys, field.Key)
		}
		return refuse("unknown-field", "The form has fields that this programme does not ask for; it asks for %s.", known(keys))
	}
	for _, field := range form.Fields {
		value := strings.TrimSpace(c.Fields[field.Key])
		if value == "" {
			if field.Required {
				missing = append(missing, field.Key)
			}
			continue
		}
		if len(value) > FieldBytesMax || checkTexts(value) != nil {
			wrong = append(wrong, field.Key)
			continue
		}
		if len(field.OneOf) > 0 && !slices.Contains(field.OneOf, value) || !plausible(field.Form, value) {
			wrong = append(wrong, field.Key)
			continue
		}
		e.Given = append(e.Given, field.Key)
		e.personal(Group(field.Group), field.Key, value)
	}
	for _, a := range form.Accepts {
		if a.Required && !slices.ContainsFunc(c.Accepted, func(x Accept) bool { return x.Text == a.Key }) {
			missing = append(missing, a.Key)
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return refuseFields(missing, "missing-field", "The registration is not complete yet: please add %s.", strings.Join(missing, ", "))
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return refuseFields(wrong, "implausible-field", "Please look again at %s: %s", strings.Join(wrong, ", "), c.hint(f, wrong))
	}
	seen := map[string]bool{}
	for _, a := range c.Accepted {
		if err := f.checkAccept(a); err != nil {
			return err
		}
		if seen[a.Text] {
			return refuseField(a.Text, "accepted-twice", "Each text is accepted once, in one version.")
		}
		seen[a.Text] = true
	}
	slices.Sort(e.Given)
	e.Accepted = slices.Clone(c.Accepted)
	slices.SortFunc(e.Accepted, func(a, b Accept) int { return strings.Compare(a.Text, b.Text) })
	return nil
}

// hint says what the first field that is not plausible takes.
func (c SubmitRegistration) hint(f Facts, wrong []string) string {
	field, _ := f.Programme.Field(wrong[0])
	switch {
	case len(field.OneOf) > 0:
		return "choose " + known(field.OneOf) + "."
	case field.Form == "email":
		return "an e-mail address has one @ and a domain with a dot."
	case field.Form == "phone":
		return "a telephone number has at least 7 digits."
	case field.Form == "postal-code-ca":
		return "a postal code is a letter, a digit and so on, like K1A 0B1."
	}
	return "a shorter, readable text is wanted."
}

// plausible is a check for slips of the hand, never of truth.
func plausible(form, value string) bool {
	switch form {
	case "email":
		local, domain, ok := strings.Cut(value, "@")
		return ok && local != "" && !strings.ContainsAny(value, " \t<>,;") && !strings.Contains(domain, "@") &&
			strings.Contains(strings.Trim(domain, "."), ".") && !strings.HasPrefix(domain, ".") && !strings.HasSuffix(domain, ".") && len(value) <= 254
	case "phone":
		digits := 0
		for _, r := range value {
			switch {
			case r >= '0' && r <= '9':
				digits++
			case !strings.ContainsRune("+-.() /x", r):
				return false
			}
		}
		return digits >= 7 && digits <= 21
	case "postal-code-ca":
		return canadianPostalCode(value)
	}
	return true
}

// canadianPostalCode reports whether letters and digits alternate as they do in
// Canada; blanks, hyphens and letter case do not matter.
func canadianPostalCode(value string) bool {
	code := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(value))
	if len(code) != 6 {
		return false
	}
	for i := range len(code) {
		if letter := code[i] >= 'A' && code[i] <= 'Z'; i%2 == 0 && !letter {
			return false
		}
		if digit := code[i] >= '0' && code[i] <= '9'; i%2 == 1 && !digit {
			return false
		}
	}
	return true
}

// checkAccept refuses a text that the programme does not ask to accept, or
// whose version or hash is missing: what was accepted must be known for ever.
func (f Facts) checkAccept(a Accept) error {
	if _, ok := f.Programme.Acceptance(a.Text); !ok {
		var keys []string
		for _, x := range f.Programme.Registration.Accepts {
			keys = append(keys, x.Key)
		}
		return refuseField("text", "unknown-text", "This programme does not ask to accept that text; it asks for %s.", known(keys))
	}
	if !IsSlug(strings.ReplaceAll(a.Version, ".", "-")) {
		return refuseField("version", "version-missing", "It must be known which version of the text was accepted, like 2026-01.")
	}
	return checkHash("hash", a.Hash)
}

// Decide ends a registration at the participant's wish. Withdrawing twice is nothing.
func (c WithdrawRegistration) Decide(f Facts) ([]Event, error) {
	s, err := f.registration(c.Act)
	if err != nil {
		return nil, err
	}
	if s.State == StateWithdrawn {
		return nil, nil
	}
	if s.State == StateNoShow {
		return nil, refuse("no-show", "This registration was closed because nobody came, so there is nothing left to withdraw from.")
	}
	if err := checkTexts(c.Reason); err != nil {
		return nil, err
	}
	e := &RegistrationWithdrawn{}
	e.personal(GroupNarrative, "reason", c.Reason)
	return events(e)
}

// Decide records that a participant came to no session and did not withdraw (A6).
func (c DeclareNoShow) Decide(f Facts) ([]Event, error) {
	s, err := f.registration(c.Act)
	if err != nil {
		return nil, err
	}
	switch {
	case s.State == StateNoShow:
		return nil, nil
	case s.State == StateWithdrawn:
		return nil, refuse("withdrawn", "This person withdrew, which is not the same as staying away; nothing is to be declared.")
	case f.Programme.Classes == nil || f.Cohort == nil:
		return nil, refuse("no-classes", "This registration has no classes, so nobody can have stayed away from them.")
	}
	if err := f.notConcerned(c.Act); err != nil {
		return nil, err
	}
	begun := false
	for _, x := range f.Cohort.Sessions {
		begun = begun || !x.Cancelled && !x.Starts.After(c.At)
		m, contradicted, ok := f.markInForce(x.ID)
		if ok && (contradicted || attended(f.Programme.Classes, m)) {
			return nil, refuse("attended", "This person attended at least one class, so this is no no-show; a withdrawal may be what is meant.")
		}
	}
	if len(s.Equivalents) > 0 {
		return nil, refuse("attended", "This person attended at least one class with another cohort, so this is no no-show.")
	}
	if !begun {
		return nil, refuse("not-begun", "No class has begun yet; whether somebody stays away shows once one has.")
	}
	return events(&RegistrationNoShow{})
}

// Names is the other cohort.
func (c TransferRegistration) Names() []Subject { return []Subject{SubjectOf(KindCohort, c.To)} }

// Decide moves a registration to another cohort of the same programme.
func (c TransferRegistration) Decide(f Facts) ([]Event, error) {
	s, err := f.active(c.Act)
	if err != nil {
		return nil, err
	}
	switch {
	case s.State == StateWithdrawn:
		return nil, refuse("withdrawn", "This person has withdrawn; only a registration that goes on can be moved.")
	case s.State == StateNoShow:
		return nil, refuse("no-show", "This registration was closed because nobody came; only one that goes on can be moved.")
	case s.Cohort == "":
		return nil, refuse("no-classes", "This registration has no cohort, so it cannot be moved to another.")
	case s.Cohort == c.To:
		return nil, nil
	case f.Elsewhere == nil || f.Elsewhere.Version == 0 || f.Elsewhere.ID != c.To:
		return nil, refuseField("to", "no-such-cohort", "There is no such cohort; please check the identifier.")
	case f.Elsewhere.Programme != s.Pin.Programme:
		return nil, refuseField("to", "other-programme", "That cohort belongs to another programme; that takes a new registration.")
	}
	for _, o := range f.Others {
		if o.Registration != s.Registration && o.Programme == s.Pin.Programme && o.Cohort == c.To && o.State != StateWithdrawn {
			return nil, refuseField("to", "already-registered", "This person is registered in that cohort already.")
		}
	}
	if err := checkTexts(c.Reason); err != nil {
		return nil, err
	}
	e := &RegistrationTransferred{From: s.Cohort, To: c.To}
	e.Reason = e.reason(GroupNarrative, c.Reason)
	return events(e)
}

// Decide records a text accepted after registration.
func (c AcceptText) Decide(f Facts) ([]Event, error) {
	s, err := f.active(c.Act)
	if err != nil {
		return nil, err
	}
	if c.Role != RoleParticipant && !actsForBody(c.Role) {
		return nil, refuse("not-authorised", "Texts are accepted by the participant, or recorded by staff for them.")
	}
	if err := f.checkAccept(c.Accept); err != nil {
		return nil, err
	}
	for i := len(s.Consents) - 1; i >= 0; i-- {
		if x := s.Consents[i]; x.Text == c.Text {
			if x.Version == c.Version && x.Hash == c.Hash {
				return nil, nil
			}
			break
		}
	}
	return events(&ConsentAccepted{Accept: c.Accept})
}

// Decide records that a person was told, once for each way of telling.
func (c GiveNotice) Decide(f Facts) ([]Event, error) {
	s, err := f.registration(c.Act)
	if err != nil {
		return nil, err
	}
	if err := checkSlugs(needed("notice", c.Notice), needed("about", c.About), optional("channel", c.Channel)); err != nil {
		return nil, err
	}
	for _, n := range s.Notices {
		if n.Notice == c.Notice && n.About == c.About && n.Channel == c.Channel {
			return nil, nil
		}
	}
	return events(&NoticeGiven{Notice: c.Notice, About: c.About, Channel: c.Channel})
}
