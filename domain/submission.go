package domain

// Submission is something filed and answered: a plan, an application.
type Submission struct {
	ID        string   `json:"id"`
	Kind      string   `json:"kind"`
	Award     string   `json:"award,omitempty"`
	Period    string   `json:"period,omitempty"`
	Path      string   `json:"path,omitempty"`
	Received  Date     `json:"received"`
	Made      Origin   `json:"made"`
	Answers   []Answer `json:"answers,omitempty"`
	Withdrawn *Origin  `json:"withdrawn,omitempty"`
}

// SubmissionFiled files something. Its text is sealed.
type SubmissionFiled struct {
	Common
	Submission string   `json:"submission"`
	Kind       string   `json:"kind"`
	Award      string   `json:"award,omitempty"`
	Period     string   `json:"period,omitempty"`
	Path       string   `json:"path,omitempty"`
	Received   Date     `json:"received"`
	Digest     string   `json:"digest"` // of the programme pinned
	Documents  []string `json:"documents,omitempty"`
}

// SubmissionAnswered is the body's answer, effective from a day.
type SubmissionAnswered struct {
	Common
	Submission string   `json:"submission"`
	Answer     string   `json:"answer"`
	Reasons    []string `json:"reasons,omitempty"`
	From       Date     `json:"from"`
}

// SubmissionWithdrawn takes a submission back. The reason is sealed.
type SubmissionWithdrawn struct {
	Common
	Submission string `json:"submission"`
}

func (*SubmissionFiled) Type() string     { return "submission.filed.v1" }
func (*SubmissionAnswered) Type() string  { return "submission.answered.v1" }
func (*SubmissionWithdrawn) Type() string { return "submission.withdrawn.v1" }

func (v *SubmissionFiled) apply(f fold, e *Entry) {
	f.registration.Submissions = append(f.registration.Submissions, Submission{
		ID: v.Submission, Kind: v.Kind, Award: v.Award, Period: v.Period, Path: v.Path, Received: v.Received, Made: originOf(e),
	})
}

func (s *Standing) submission(id string) *Submission {
	for i := range s.Submissions {
		if s.Submissions[i].ID == id {
			return &s.Submissions[i]
		}
	}
	return nil
}

// apply adds the answer beside the earlier ones. A plan approved once changes
// were made corrects nothing: where an answer takes a level away, the
// assessment says so.
func (v *SubmissionAnswered) apply(f fold, e *Entry) {
	if x := f.registration.submission(v.Submission); x != nil {
		x.Answers = append(x.Answers, Answer{Word: v.Answer, Reasons: v.Reasons, From: v.From, Made: originOf(e)})
	}
}

func (v *SubmissionWithdrawn) apply(f fold, e *Entry) {
	if x := f.registration.submission(v.Submission); x != nil {
		o := originOf(e)
		x.Withdrawn = &o
		f.registration.doubt(e, x.Made.Sequence)
	}
}

// FileSubmission files something.
type FileSubmission struct {
	Act
	Registration string
	Submission   string // id; derived from the command where empty
	Kind         string
	Award        string
	Period       string
	Path         string
	Received     Date
	Documents    []string
	Text         string // sealed
}

// AnswerSubmission is the body's answer. From earlier than the act's day needs a reason.
type AnswerSubmission struct {
	Act
	Registration string
	Submission   string
	Answer       string
	Reasons      []string
	From         Date   // the act's day where empty
	Text         string // sealed
}

// WithdrawSubmission takes a submission back.
type WithdrawSubmission struct {
	Act
	Registration string
	Submission   string
	Reason       string // sealed
}

// Subject is the registration's.
func (c FileSubmission) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c AnswerSubmission) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c WithdrawSubmission) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }
