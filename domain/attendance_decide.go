package domain

import (
	"slices"
	"time"
)

// marksFor are the marks of one session, in the order they were recorded.
func (s *Standing) marksFor(session string) []Mark {
	var out []Mark
	for _, m := range s.Marks {
		if m.Session == session {
			out = append(out, m)
		}
	}
	return out
}

func (f Facts) markInForce(session string) (m Mark, contradicted, ok bool) {
	c := f.Programme.Classes
	return inForce(c.MarkRanks, f.Standing.marksFor(session), func(m Mark) bool { return attended(c, m) })
}

func sameInt(a, b *int64) bool { return a == b || a != nil && b != nil && *a == *b }

// checkMark refuses what cannot be said of a session.
func checkMark(session Session, status string, minutes *int64) error {
	statuses := []string{Present, Absent, Late, LeftEarly}
	if !slices.Contains(statuses, status) {
		return refuseField("status", "unknown-status", "Attendance is one of %s.", known(statuses))
	}
	if minutes == nil {
		if status == Late || status == LeftEarly {
			return refuseField("minutes", "minutes-missing", "Coming late or leaving early needs the minutes attended.")
		}
		return nil
	}
	length := int64(session.Ends.Sub(session.Starts) / time.Minute)
	if *minutes < 0 || *minutes > length {
		return refuseField("minutes", "minutes-impossible", "The minutes attended lie between 0 and the session's %d.", length)
	}
	if status == Absent && *minutes > 0 {
		return refuseField("minutes", "minutes-impossible", "Somebody absent attended no minutes; say late or left-early where they came for a part.")
	}
	return nil
}

// Decide records a mark. The same mark from the same source, while nothing
// else was said in its rank, is nothing.
func (c MarkAttendance) Decide(f Facts) ([]Event, error) {
	s, err := f.active(c.Act)
	if err != nil {
		return nil, err
	}
	session, err := f.openSession(c.Session)
	if err != nil {
		return nil, err
	}
	if c.At.Before(session.Starts) {
		return nil, refuseField("session", "session-not-started", "This session has not begun yet; marks can be given once it has.")
	}
	if err := checkMark(session, c.Status, c.Minutes); err != nil {
		return nil, err
	}
	source := c.Source
	if source == "" {
		source = SourceTrainer
	}
	if err := c.mayMark(f, source, session); err != nil {
		return nil, err
	}
	if c.Batch != "" {
		if err := checkHash("batch", c.Batch); err != nil {
			return nil, err
		}
	}
	marks := s.marksFor(c.Session)
	if last, ok := lastOfRank(f.Programme.Classes.MarkRanks, marks, source); ok &&
		last.Source == source && last.Status == c.Status && sameInt(last.Minutes, c.Minutes) {
		return nil, nil
	}
	return events(&AttendanceMarked{Session: c.Session, Status: c.Status, Minutes: c.Minutes, Source: source, Batch: c.Batch})
}

// lastOfRank is the latest mark of the sources that rank like source.
func lastOfRank(ranks [][]string, marks []Mark, source string) (m Mark, ok bool) {
	rank := []string{source}
	for _, r := range ranks {
		if slices.Contains(r, source) {
			rank = r
		}
	}
	for _, x := range marks {
		if slices.Contains(rank, x.Source) {
			m, ok = x, true
		}
	}
	return m, ok
}

func (c MarkAttendance) mayMark(f Facts, source string, session Session) error {
	desk := actsForBody(c.Role) || c.Role == RoleIntegrator || c.Role == RoleSystem
	switch source {
	case SourceSelf:
		if c.Role != RoleParticipant && !desk {
			return refuse("not-authorised", "Checking oneself in is for participants; please give the mark as a trainer.")
		}
		return nil
	case SourceTrainer, SourceImport:
		if f.concerned(c.By) {
			return refuse("person-concerned", "Nobody marks themselves as a trainer does; please check yourself in.")
		}
		if c.Role == RoleTrainer {
			return f.holdsRole(c.Act, DateOf(session.Starts), c.day())
		}
		if !desk {
			return refuse("not-authorised", "Marks are given by the trainers of the cohort, or by staff for them.")
		}
		return nil
	}
	return refuseField("source", "unknown-source", "A mark comes from %s; a correction is an act of its own.", known([]string{SourceTrainer, SourceImport, SourceSelf}))
}

// corrected is the correction as it would be recorded, or nil where the mark
// in force says so already.
func (c CorrectAttendance) corrected(f Facts) (*AttendanceCorrected, error) {
	if _, err := f.registration(c.Act); err != nil {
		return nil, err
	}
	session, err := f.openSession(c.Session)
	if err != nil {
		return nil, err
	}
	if err := firstError(f.notConcerned(c.Act), checkMark(session, c.Status, c.Minutes), checkTexts(c.Reason, c.Text)); err != nil {
		return nil, err
	}
	if c.Role == RoleTrainer {
		if err := f.holdsRole(c.Act, DateOf(session.Starts), c.day()); err != nil {
			return nil, err
		}
	} else if !actsForBody(c.Role) {
		return nil, refuse("not-authorised", "Marks are corrected by the trainers of the cohort or by staff.")
	}
	m, contradicted, ok := f.markInForce(c.Session)
	if !ok {
		return nil, refuseField("session", "nothing-to-correct", "This session has no mark yet; please give one instead of a correction.")
	}
	if !contradicted && m.Status == c.Status && sameInt(m.Minutes, c.Minutes) {
		return nil, nil
	}
	if c.Reason == "" && c.Text == "" {
		return nil, refuseField("reason", "reason-missing", "A correction needs its reason, as a code or in words.")
	}
	e := &AttendanceCorrected{Session: c.Session, Status: c.Status, Minutes: c.Minutes, Supersedes: m.Made.Sequence}
	if e.Reason = e.reason(GroupNarrative, c.Reason); e.Reason == "" {
		e.Reason = ReasonOther
	}
	e.personal(GroupNarrative, "text", c.Text)
	return e, nil
}

// Decide supersedes the mark in force. After a decision, one that raises a
// level takes two people.
func (c CorrectAttendance) Decide(f Facts) ([]Event, error) {
	e, err := c.corrected(f)
	if err != nil || e == nil {
		return nil, err
	}
	if f.Standing.decided() && f.raises(c.Act, e) {
		return nil, needsSecondPerson()
	}
	return events(e)
}

// Decide records the proposal; nothing changes until another person approves.
func (c ProposeCorrection) Decide(f Facts) ([]Event, error) {
	e, err := c.corrected(f)
	if err != nil || e == nil {
		return nil, err
	}
	return c.propose(f.Standing.Proposals, e)
}

// disabilityReason is the absence reason that opens an accommodation review (A5).
const disabilityReason = "disability"

// Decide records that a reason was given; the reason is sealed.
func (c ExcuseAbsence) Decide(f Facts) ([]Event, error) {
	s, err := f.active(c.Act)
	if err != nil {
		return nil, err
	}
	if _, err := f.openSession(c.Session); err != nil {
		return nil, err
	}
	if err := firstError(checkSlugs(needed("reason", c.Reason)), checkTexts(c.Text)); err != nil {
		return nil, err
	}
	if c.Role == RoleTrainer || c.Role == RoleSupervisor {
		if err := f.holdsRole(c.Act); err != nil {
			return nil, err
		}
	} else if c.Role != RoleParticipant && !actsForBody(c.Role) {
		return nil, refuse("not-authorised", "Reasons for an absence come from the participant, a trainer or staff.")
	}
	e := &AbsenceExcused{Session: c.Session}
	e.personal(GroupAccommodation, "reason", c.Reason)
	e.personal(GroupAccommodation, "text", c.Text)
	if c.Reason != disabilityReason {
		return events(e)
	}
	for _, a := range s.Absences {
		if r := s.accommodation(a.Accommodation); a.Session == c.Session && r != nil && r.Answered == nil {
			e.Accommodation = r.ID // the review is open already
			return events(e)
		}
	}
	e.Accommodation = NewID(c.Command, "accommodation")
	return events(e, &AccommodationRequested{Accommodation: e.Accommodation, Session: c.Session})
}

// Names is the other cohort.
func (c ApproveLiveEquivalent) Names() []Subject { return []Subject{SubjectOf(KindCohort, c.Cohort)} }

// approved is the live equivalent as it would be recorded, or nil where the
// ledger says so already.
func (c ApproveLiveEquivalent) approved(f Facts) (*LiveEquivalentApproved, error) {
	s, err := f.active(c.Act)
	if err != nil {
		return nil, err
	}
	own, err := f.openSession(c.Session)
	if err != nil {
		return nil, err
	}
	if err := f.notConcerned(c.Act); err != nil {
		return nil, err
	}
	if c.Role == RoleTrainer {
		if err := f.holdsRole(c.Act, DateOf(own.Starts), c.day()); err != nil {
			return nil, err
		}
	} else if !actsForBody(c.Role) {
		return nil, refuse("not-authorised", "A class attended elsewhere is approved by a trainer of the cohort or by staff.")
	}
	there, err := f.elsewhere(c.Cohort, own, c.ThatSession)
	if err != nil {
		return nil, err
	}
	if !there.Held(c.At) {
		return nil, refuseField("thatsession", "session-not-held", "That session has not been held; this can be approved once it has.")
	}
	for _, x := range s.Equivalents {
		if x.Session == c.Session && x.Cohort == c.Cohort && x.ThatSession == there.ID {
			return nil, nil
		}
	}
	return &LiveEquivalentApproved{Session: c.Session, Cohort: c.Cohort, ThatSession: there.ID}, nil
}

// elsewhere is the session of another cohort that delivers the same module.
func (f Facts) elsewhere(cohort string, own Session, id string) (Session, error) {
	switch {
	case cohort == f.Cohort.ID:
		return Session{}, refuseField("cohort", "same-cohort", "This is the participant's own cohort; please name the cohort in which the class was attended.")
	case f.Elsewhere == nil || f.Elsewhere.Version == 0 || f.Elsewhere.ID != cohort:
		return Session{}, refuseField("cohort", "no-such-cohort", "There is no such cohort; please check the identifier.")
	case f.Elsewhere.Programme != f.Cohort.Programme:
		return Session{}, refuseField("cohort", "other-programme", "That cohort belongs to another programme; only a class of the same programme can stand for this one.")
	}
	if id == "" {
		var same []string
		for _, x := range f.Elsewhere.Sessions {
			if x.Module == own.Module && !x.Cancelled {
				same = append(same, x.ID)
			}
		}
		switch {
		case slices.Contains(same, own.ID):
			id = own.ID
		case len(same) == 1:
			id = same[0]
		case len(same) > 1:
			return Session{}, refuseField("thatsession", "session-has-parts", "In that cohort the sessions %s deliver this module; please name one of them.", known(same))
		default:
			return Session{}, refuseField("thatsession", "no-such-session", "No session of that cohort delivers this module.")
		}
	}
	there, ok := f.Elsewhere.Session(id)
	if !ok {
		return Session{}, refuseField("thatsession", "no-such-session", "That cohort has no such session.")
	}
	if there.Module != own.Module {
		return Session{}, refuseField("thatsession", "other-module", "That session delivers another module; a class stands only for the same module.")
	}
	if there.Cancelled {
		return Session{}, refuseField("thatsession", "session-cancelled", "That session was cancelled, so nobody attended it.")
	}
	return there, nil
}

// Decide records a live equivalent; after a decision it takes two people (A3b).
func (c ApproveLiveEquivalent) Decide(f Facts) ([]Event, error) {
	e, err := c.approved(f)
	if err != nil || e == nil {
		return nil, err
	}
	if f.Standing.decided() {
		return nil, needsSecondPerson()
	}
	return events(e)
}

// Decide records the proposal; nothing changes until another person approves.
func (c ProposeLiveEquivalent) Decide(f Facts) ([]Event, error) {
	e, err := c.approved(f)
	if err != nil || e == nil {
		return nil, err
	}
	return c.propose(f.Standing.Proposals, e)
}
