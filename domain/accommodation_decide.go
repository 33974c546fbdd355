package domain

import "slices"

func (s *Standing) accommodation(id string) *Accommodation {
	for i := range s.Accommodations {
		if s.Accommodations[i].ID == id {
			return &s.Accommodations[i]
		}
	}
	return nil
}

// reviewing reports whether an accommodation review is open.
func (s *Standing) reviewing() bool {
	return slices.ContainsFunc(s.Accommodations, func(a Accommodation) bool { return a.Answered == nil })
}

// Decide opens an accommodation review.
func (c RequestAccommodation) Decide(f Facts) ([]Event, error) {
	s, err := f.active(c.Act)
	if err != nil {
		return nil, err
	}
	if err := firstError(checkSlugs(optional("accommodation", c.Accommodation)), checkTexts(c.What)); err != nil {
		return nil, err
	}
	if c.Role == RoleTrainer || c.Role == RoleSupervisor {
		if err := f.holdsRole(c.Act); err != nil {
			return nil, err
		}
	}
	if c.Session != "" {
		if _, err := f.session(c.Session); err != nil {
			return nil, err
		}
	}
	e := &AccommodationRequested{Accommodation: c.id(c.Accommodation, "accommodation"), Session: c.Session}
	if s.accommodation(e.Accommodation) != nil {
		return nil, nil
	}
	if c.What == "" {
		return nil, refuseField("what", "missing-field", "Please say what would help; it is kept sealed.")
	}
	e.personal(GroupAccommodation, "what", c.What)
	return events(e)
}

// Decide closes a review. A participant may withdraw their own request.
func (c AnswerAccommodation) Decide(f Facts) ([]Event, error) {
	s, err := f.registration(c.Act)
	if err != nil {
		return nil, err
	}
	const withdrawn = "withdrawn"
	answers := []string{"granted", "declined", withdrawn}
	if !slices.Contains(answers, c.Answer) {
		return nil, refuseField("answer", "unknown-answer", "The answers to this are %s.", known(answers))
	}
	if err := checkTexts(c.Text); err != nil {
		return nil, err
	}
	a := s.accommodation(c.Accommodation)
	switch {
	case a == nil:
		return nil, refuseField("accommodation", "no-such-accommodation", "No such request was made here; please check the identifier.")
	case c.Role == RoleParticipant && c.Answer == withdrawn:
	case f.concerned(c.By):
		return nil, refuse("person-concerned", "Nobody answers their own request; please ask another person.")
	case !actsForBody(c.Role):
		return nil, refuse("not-authorised", "Requests for an accommodation are answered by staff.")
	}
	if a.Answer == c.Answer {
		return nil, nil
	}
	e := &AccommodationAnswered{Accommodation: c.Accommodation, Answer: c.Answer}
	e.personal(GroupAccommodation, "text", c.Text)
	return events(e)
}
