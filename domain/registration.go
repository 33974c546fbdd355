package domain

// Stay is a time spent in a cohort that was left by transfer.
type Stay struct {
	Cohort string `json:"cohort"`
	Until  Origin `json:"until"`
}

// Consent is a text accepted.
type Consent struct {
	Text    string `json:"text"` // code, like expectations
	Version string `json:"version"`
	Hash    string `json:"hash"`
	Made    Origin `json:"made"`
}

// Status is a status after issue that was reached because time passed.
type Status struct {
	Award  string `json:"award"`
	Period string `json:"period,omitempty"`
	Word   string `json:"word"`
	Since  Date   `json:"since"`
	Made   Origin `json:"made"`
}

// Notice records that somebody was told something, never what was said.
type Notice struct {
	Notice  string `json:"notice"`
	About   string `json:"about"` // decision id, warning code
	Channel string `json:"channel,omitempty"`
	Made    Origin `json:"made"`
}

// RegistrationSubmitted begins a registration. The values given are sealed;
// Given names the fields.
type RegistrationSubmitted struct {
	Common
	Person    string   `json:"person"`
	Programme string   `json:"programme"`
	Version   int      `json:"programmeversion"`
	Digest    string   `json:"digest"`
	PinMode   string   `json:"pinmode"`
	PinnedOn  Date     `json:"pinnedon"`
	Cohort    string   `json:"cohort,omitempty"`
	Received  Date     `json:"received"`
	Given     []string `json:"given"`
	Accepted  []Accept `json:"accepted,omitempty"`
}

// Accept is a text accepted together with the registration.
type Accept struct {
	Text    string `json:"text"`
	Version string `json:"version"`
	Hash    string `json:"hash"` // sha256: of the text's bytes
}

// RegistrationWithdrawn ends a registration at the participant's wish. Their
// reason is sealed.
type RegistrationWithdrawn struct {
	Common
}

// RegistrationNoShow records that a participant came to no session and did not withdraw.
type RegistrationNoShow struct {
	Common
}

// RegistrationTransferred moves a registration to another cohort of the same programme.
type RegistrationTransferred struct {
	Common
	From   string `json:"from"`
	To     string `json:"to"`
	Reason string `json:"reason,omitempty"` // reason code
}

// ConsentAccepted records a text accepted after registration.
type ConsentAccepted struct {
	Common
	Accept
}

// StatusReached is written once by the clock when a moment has passed.
type StatusReached struct {
	Common
	Award  string `json:"award"`
	Period string `json:"period,omitempty"`
	Status string `json:"status"`
	Since  Date   `json:"since"`
	Phase  string `json:"phase,omitempty"`
	Digest string `json:"digest"`
}

// NoticeGiven records that a person was told of something.
type NoticeGiven struct {
	Common
	Notice  string `json:"notice"`
	About   string `json:"about"`
	Channel string `json:"channel,omitempty"`
}

func (*RegistrationSubmitted) Type() string   { return "registration.submitted.v1" }
func (*RegistrationWithdrawn) Type() string   { return "registration.withdrawn.v1" }
func (*RegistrationNoShow) Type() string      { return "registration.no-show.v1" }
func (*RegistrationTransferred) Type() string { return "registration.transferred.v1" }
func (*ConsentAccepted) Type() string         { return "consent.accepted.v1" }
func (*StatusReached) Type() string           { return "status.reached.v1" }
func (*NoticeGiven) Type() string             { return "notice.given.v1" }

func (v *RegistrationSubmitted) apply(f fold, e *Entry) {
	s := f.registration
	s.Person, s.Cohort, s.State, s.Submitted, s.Given = v.Person, v.Cohort, StateRegistered, originOf(e), v.Given
	s.Pin = Pin{Programme: v.Programme, Version: v.Version, Digest: v.Digest, Mode: v.PinMode, On: v.PinnedOn}
	for _, a := range v.Accepted {
		s.Consents = append(s.Consents, Consent{Text: a.Text, Version: a.Version, Hash: a.Hash, Made: originOf(e)})
	}
}

func (v *RegistrationWithdrawn) apply(f fold, e *Entry) { f.registration.enter(StateWithdrawn, e) }
func (v *RegistrationNoShow) apply(f fold, e *Entry)    { f.registration.enter(StateNoShow, e) }

func (s *Standing) enter(state string, e *Entry) {
	o := originOf(e)
	s.State, s.StateSince = state, &o
}

func (v *RegistrationTransferred) apply(f fold, e *Entry) {
	s := f.registration
	s.doubtSeen(e, SubjectOf(KindCohort, s.Cohort))
	s.Stays = append(s.Stays, Stay{Cohort: s.Cohort, Until: originOf(e)})
	s.Cohort = v.To
}

func (v *ConsentAccepted) apply(f fold, e *Entry) {
	f.registration.Consents = append(f.registration.Consents, Consent{Text: v.Text, Version: v.Version, Hash: v.Hash, Made: originOf(e)})
}

func (v *StatusReached) apply(f fold, e *Entry) {
	f.registration.Statuses = append(f.registration.Statuses, Status{
		Award: v.Award, Period: v.Period, Word: v.Status, Since: v.Since, Made: originOf(e),
	})
}

func (v *NoticeGiven) apply(f fold, e *Entry) {
	f.registration.Notices = append(f.registration.Notices, Notice{Notice: v.Notice, About: v.About, Channel: v.Channel, Made: originOf(e)})
}

// SubmitRegistration registers a person. The programme's version is the one in
// Facts.Programme; Fields are the form's, by field key, and are sealed.
type SubmitRegistration struct {
	Act
	Registration string
	Person       string
	Programme    string // may be empty where the cohort is given
	Cohort       string // empty where the programme has no classes
	Received     Date
	Fields       map[string]string
	Accepted     []Accept
}

// WithdrawRegistration ends a registration at the participant's wish.
type WithdrawRegistration struct {
	Act
	Registration string
	Reason       string // sealed
}

// DeclareNoShow records that a participant never came.
type DeclareNoShow struct {
	Act
	Registration string
}

// TransferRegistration moves a registration to another cohort, Facts.Elsewhere.
type TransferRegistration struct {
	Act
	Registration string
	To           string
	Reason       string
}

// AcceptText records a text accepted after registration.
type AcceptText struct {
	Act
	Registration string
	Accept
}

// GiveNotice records that the participant was told of a decision or warning.
type GiveNotice struct {
	Act
	Registration string
	Notice       string
	About        string
	Channel      string
}

// Subject is the registration's.
func (c SubmitRegistration) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c WithdrawRegistration) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c DeclareNoShow) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c TransferRegistration) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c AcceptText) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c GiveNotice) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }
