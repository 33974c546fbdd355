package domain

// Decide records the proposal of an exception. It is in force once another
// person has approved it.
func (c ProposeWaiver) Decide(f Facts) ([]Event, error) {
	s, err := f.active(c.Act)
	if err != nil {
		return nil, err
	}
	if err := firstError(f.notConcerned(c.Act), checkDate("until", c.Until), checkTexts(c.Reason, c.Text)); err != nil {
		return nil, err
	}
	q, _, ok := f.Programme.Requirement(c.Requirement)
	switch {
	case !ok:
		return nil, refuseField("requirement", "unknown-requirement", "The programme has no such requirement; please check its path.")
	case q.Waivable == "":
		return nil, refuseField("requirement", "not-waivable", "The programme allows no exception from this requirement.")
	case q.Waivable == "whole" && c.Session != "":
		return nil, refuseField("session", "session-not-asked", "This requirement is waived as a whole; please leave the session out.")
	case q.Waivable == "per-session" && c.Session == "":
		return nil, refuseField("session", "missing-field", "This requirement is waived for one session at a time; please name it.")
	}
	if c.Session != "" {
		if _, err := f.openSession(c.Session); err != nil {
			return nil, err
		}
	}
	if c.Until != "" && c.Until < c.day() {
		return nil, refuseField("until", "ends-before-it-begins", "The waiver would have ended already; please check the day.")
	}
	for _, w := range s.Waivers {
		if w.Requirement == c.Requirement && w.Session == c.Session && w.Ended == nil && w.Until == c.Until {
			return nil, nil
		}
	}
	if c.Reason == "" && c.Text == "" {
		return nil, refuseField("reason", "reason-missing", "An exception needs its reason, as a code or in words; it is kept sealed.")
	}
	e := &WaiverGranted{
		Waiver: NewID(c.Command, "waiver"), Requirement: c.Requirement, Session: c.Session, Digest: s.Pin.Digest, Until: c.Until,
	}
	// A waiver's reason may speak of health: it is sealed with the proposal.
	if e.Reason = e.reason(GroupAccommodation, c.Reason); e.Reason == "" {
		e.Reason = ReasonOther
	}
	e.personal(GroupAccommodation, "text", c.Text)
	return c.propose(s.Proposals, e)
}

// Decide ends a waiver.
func (c EndWaiver) Decide(f Facts) ([]Event, error) {
	s, err := f.registration(c.Act)
	if err != nil {
		return nil, err
	}
	if err := firstError(f.notConcerned(c.Act), checkTexts(c.Reason)); err != nil {
		return nil, err
	}
	for _, w := range s.Waivers {
		if w.ID != c.Waiver {
			continue
		}
		if w.Ended != nil {
			return nil, nil
		}
		e := &WaiverEnded{Waiver: c.Waiver}
		e.Reason = e.reason(GroupNarrative, c.Reason)
		return events(e)
	}
	return nil, refuseField("waiver", "no-such-waiver", "No such waiver was granted here; please check the identifier.")
}
