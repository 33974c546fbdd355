package domain

import (
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// Attendance statuses. Late and left early need minutes.
const (
	Present   = "present"
	Absent    = "absent"
	Late      = "late"
	LeftEarly = "left-early"
)

// Sources of a mark. Which outranks which is the programme's.
const (
	SourceTrainer    = "trainer"
	SourceImport     = "import"
	SourceSelf       = "self"
	SourceCorrection = "correction"
)

// Mark is one attendance mark or correction. All are kept; which counts is
// decided by rank, then by order.
type Mark struct {
	Session string `json:"session"`
	Status  string `json:"status"`
	Minutes *int64 `json:"minutes,omitempty"`
	Source  string `json:"source"`
	Reason  string `json:"reason,omitempty"`
	Made    Origin `json:"made"`
}

// Absence is that somebody gave a reason for an absence. The reason itself is
// sealed, the code included, since it may speak of health. It explains and
// never removes.
type Absence struct {
	Session       string `json:"session"`
	Accommodation string `json:"accommodation,omitempty"` // the review it opened
	Made          Origin `json:"made"`
}

// attended reports whether a mark, alone, counts as having attended. A trainer
// or a correction that says present is believed whatever the minutes (A4);
// everybody else's present counts by the minutes where there are any.
func attended(c *programme.Classes, m Mark) bool {
	switch m.Status {
	case Present:
		return m.Source == SourceTrainer || m.Source == SourceCorrection || m.Minutes == nil || *m.Minutes >= c.AttendedMin
	case Late, LeftEarly:
		return m.Minutes != nil && *m.Minutes >= c.AttendedMin
	}
	return false
}

// inForce picks, of one session's marks in the order they were recorded, the
// one that counts: of the highest rank that has any, the last. Two sources of
// that rank contradict each other where the last mark of one counts as attended
// and that of the other does not; a mark of a higher rank settles it (A34).
func inForce(ranks [][]string, marks []Mark, attended func(Mark) bool) (m Mark, contradicted, ok bool) {
	for _, rank := range ranks {
		last := map[string]Mark{}
		for _, x := range marks {
			if slices.Contains(rank, x.Source) {
				last[x.Source], m, ok = x, x, true
			}
		}
		if !ok {
			continue
		}
		for _, source := range rank {
			x, marked := last[source]
			contradicted = contradicted || marked && attended(x) != attended(m)
		}
		return m, contradicted, true
	}
	return Mark{}, false, false
}

// LiveEquivalent is a class attended live with another cohort.
type LiveEquivalent struct {
	Session     string `json:"session"`
	Cohort      string `json:"cohort"` // the other cohort
	ThatSession string `json:"thatsession,omitempty"`
	Made        Origin `json:"made"`
}

// AttendanceMarked is one mark from a trainer, an import or the participant.
type AttendanceMarked struct {
	Common
	Session string `json:"session"`
	Status  string `json:"status"`
	Minutes *int64 `json:"minutes,omitempty"`
	Source  string `json:"source"`
	Batch   string `json:"batch,omitempty"` // sha256: of the imported file
}

// AttendanceCorrected supersedes the mark in force.
type AttendanceCorrected struct {
	Common
	Session    string    `json:"session"`
	Status     string    `json:"status"`
	Minutes    *int64    `json:"minutes,omitempty"`
	Supersedes uint64    `json:"supersedes,omitempty"` // sequence of the mark
	Reason     string    `json:"reason"`               // reason code
	Proposed   *Proposed `json:"proposed,omitempty"`
}

// AbsenceExcused records that a reason was given for an absence. The reason is
// sealed with the accommodation group; in the clear stands only whether it
// opened an accommodation review.
type AbsenceExcused struct {
	Common
	Session       string `json:"session"`
	Accommodation string `json:"accommodation,omitempty"` // id of the review
}

// LiveEquivalentApproved records that the class was attended live elsewhere.
type LiveEquivalentApproved struct {
	Common
	Session     string    `json:"session"`
	Cohort      string    `json:"cohort"`
	ThatSession string    `json:"thatsession,omitempty"`
	Proposed    *Proposed `json:"proposed,omitempty"`
}

func (*AttendanceMarked) Type() string       { return "attendance.marked.v1" }
func (*AttendanceCorrected) Type() string    { return "attendance.corrected.v1" }
func (*AbsenceExcused) Type() string         { return "absence.excused.v1" }
func (*LiveEquivalentApproved) Type() string { return "live-equivalent.approved.v1" }

func (v *AttendanceMarked) apply(f fold, e *Entry) {
	s := f.registration
	if earlier := s.marksOf(v.Session); len(earlier) > 0 {
		s.doubt(e, earlier...)
	} else {
		s.doubtLate(e, DateOf(e.Time))
	}
	s.Marks = append(s.Marks, Mark{Session: v.Session, Status: v.Status, Minutes: v.Minutes, Source: v.Source, Made: originOf(e)})
}

func (v *AttendanceCorrected) apply(f fold, e *Entry) {
	if !f.carriedOut(v.Proposed, e, false) {
		return
	}
	s := f.registration
	s.doubt(e, s.marksOf(v.Session)...)
	s.Marks = append(s.Marks, Mark{
		Session: v.Session, Status: v.Status, Minutes: v.Minutes, Source: SourceCorrection, Reason: v.Reason, Made: originOf(e),
	})
}

func (s *Standing) marksOf(session string) []uint64 {
	var out []uint64
	for _, m := range s.Marks {
		if m.Session == session {
			out = append(out, m.Made.Sequence)
		}
	}
	return out
}

func (v *AbsenceExcused) apply(f fold, e *Entry) {
	f.registration.Absences = append(f.registration.Absences, Absence{Session: v.Session, Accommodation: v.Accommodation, Made: originOf(e)})
}

func (v *LiveEquivalentApproved) apply(f fold, e *Entry) {
	if !f.carriedOut(v.Proposed, e, false) {
		return
	}
	s := f.registration
	s.doubt(e, s.marksOf(v.Session)...)
	s.Equivalents = append(s.Equivalents, LiveEquivalent{
		Session: v.Session, Cohort: v.Cohort, ThatSession: v.ThatSession, Made: originOf(e),
	})
}

// MarkAttendance records one mark.
type MarkAttendance struct {
	Act
	Registration string
	Session      string
	Status       string
	Minutes      *int64 // required for late and left early
	Source       string // trainer where empty
	Batch        string // hash of an imported file
}

// CorrectAttendance supersedes the mark in force.
type CorrectAttendance struct {
	Act
	Registration string
	Session      string
	Status       string
	Minutes      *int64
	Reason       string // reason code
	Text         string // in words, sealed
}

// ExcuseAbsence records the reason for an absence. It changes no count. A
// reason of disability opens an accommodation review.
type ExcuseAbsence struct {
	Act
	Registration string
	Session      string
	Reason       string // code, a slug; sealed
	Text         string // in words, sealed
}

// ApproveLiveEquivalent records a class attended live with another cohort.
type ApproveLiveEquivalent struct {
	Act
	Registration string
	Session      string
	Cohort       string
	ThatSession  string // the session there; the same id where empty
}

// Subject is the registration's.
func (c MarkAttendance) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c CorrectAttendance) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c ExcuseAbsence) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c ApproveLiveEquivalent) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }
