package cases

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

// The acts below build the domain's commands and nothing else. What may happen
// and what it means is for Decide, Apply and Assess.

// standing is the registration that the steps concern. Before there is one it is an
// empty value, so that a command on it is refused and not lost.
func (s *story) standing() *domain.Standing {
	if x := s.ledger.registrations[s.registration]; x != nil {
		return x
	}
	return &domain.Standing{}
}

// refused reports whether the rules said no for a reason.
func refused(err error, reason string) bool {
	var r *domain.Refusal
	return errors.As(err, &r) && r.Reason == reason
}

// inWords is a reason as a case writes it, or a default.
func (st *step) inWords(otherwise string) string {
	if text := st.text("reason"); text != "" {
		return text
	}
	return otherwise
}

// Registration

func (s *story) register(st *step) error {
	if s.p.Classes == nil {
		return s.submit(st, "")
	}
	return s.submit(st, s.home())
}

func (s *story) enrol(st *step) error {
	cohort := st.text("cohort")
	if err := s.open(cohort, s.at); err != nil {
		return err
	}
	return s.submit(st, cohort)
}

func (s *story) submit(st *step, cohort string) error {
	leftOut := st.list("missing")
	id := s.derive("registration")
	c := domain.SubmitRegistration{
		Act: s.act(st.text("by"), domain.RoleParticipant), Registration: id, Person: s.person, Cohort: cohort, Fields: map[string]string{},
	}
	if cohort == "" {
		c.Programme = s.p.ID
	}
	for _, f := range s.p.Registration.Fields {
		if !slices.Contains(leftOut, f.Key) {
			c.Fields[f.Key] = example(f)
		}
	}
	for _, a := range s.p.Registration.Accepts {
		if !slices.Contains(leftOut, a.Key) {
			c.Accepted = append(c.Accepted, domain.Accept{Text: a.Key, Version: "1", Hash: domain.HashOf([]byte(a.Key))})
		}
	}
	if err := s.do(c); err != nil {
		return err
	}
	s.registration = id
	if err := s.assignOthers(); err != nil {
		return err
	}
	if kind := st.text("files"); kind != "" {
		if _, ok := s.p.Submission(kind); ok {
			return s.do(domain.FileSubmission{Act: s.act("", domain.RoleParticipant), Registration: id, Kind: kind})
		}
	}
	return nil
}

// example is a value that a field of the form takes.
func example(f programme.Field) string {
	if len(f.OneOf) > 0 {
		return f.OneOf[0]
	}
	switch f.Form {
	case "email":
		return "someone@example.org"
	case "phone":
		return "416 555 0100"
	case "postal-code-ca":
		return "K1A 0B1"
	}
	return "Example"
}

// assignOthers assigns to the registration those who attest and are not trainers of its
// cohort.
func (s *story) assignOthers() error {
	var cohort []string
	if s.p.Classes != nil {
		cohort = s.trainersOf(s.cohort())
	}
	for _, n := range s.everybody() {
		if n.role == domain.RoleTrainer && slices.Contains(cohort, n.name) || s.takesPartLater(n.name) {
			continue
		}
		if err := s.assign(n.name, n.role, "", ""); err != nil {
			return err
		}
	}
	return nil
}

// takesPartLater reports whether a step of its own brings an attester in.
func (s *story) takesPartLater(name string) bool {
	return slices.ContainsFunc(s.c.steps, func(st step) bool {
		return st.verb == "attester" && st.text("name") == name && st.args["as"] != nil
	})
}

func (s *story) assign(name, role, relation string, from domain.Date) error {
	return s.do(domain.AssignAttester{
		Act: s.act("", domain.RoleRegistrar), On: domain.SubjectOf(domain.KindRegistration, s.registration),
		Attester: name, As: role, Relation: relation, From: from,
	})
}

func (s *story) transfer(st *step) error {
	return s.do(domain.TransferRegistration{Act: s.act(st.text("by"), domain.RoleRegistrar), Registration: s.registration, To: st.text("cohort"), Reason: st.text("reason")})
}

func (s *story) withdraw(st *step) error {
	return s.do(domain.WithdrawRegistration{Act: s.act(st.text("by"), domain.RoleParticipant), Registration: s.registration, Reason: st.text("reason")})
}

func (s *story) noShow(st *step) error {
	return s.do(domain.DeclareNoShow{Act: s.act(st.text("by"), domain.RoleRegistrar), Registration: s.registration})
}

// accommodation asks for one and answers it. An answer without an id is to the latest review
// that is open, such as one that the reason for an absence opened; without one, to a request
// made at once.
func (s *story) accommodation(st *step) error {
	id, known, answer := st.text("id"), false, st.text("answer")
	for _, a := range s.standing().Accommodations {
		if id == a.ID || st.args["id"] == nil && answer != "" && a.Answered == nil {
			id, known = a.ID, true
		}
	}
	if id == "" {
		id = s.derive("accommodation")
	}
	if !known {
		what := st.text("kind")
		if what == "" {
			what = "an accommodation"
		}
		err := s.do(domain.RequestAccommodation{
			Act: s.act("", domain.RoleParticipant), Registration: s.registration, Accommodation: id, Session: st.text("session"), What: what,
		})
		if err != nil {
			return err
		}
	}
	if answer == "" {
		return nil
	}
	return s.do(domain.AnswerAccommodation{Act: s.act(st.text("by"), domain.RoleCoordinator), Registration: s.registration, Accommodation: id, Answer: answer})
}

// Classes

// held are the sessions of the registration's cohort that are over and not cancelled.
func (s *story) held() []domain.Session {
	cohort := s.ledger.cohorts[s.standing().Cohort]
	if cohort == nil {
		return nil
	}
	var out []domain.Session
	for _, x := range cohort.Sessions {
		if x.Held(s.at) {
			out = append(out, x)
		}
	}
	return out
}

// meant are the sessions that names mean, each by its id or its module. A name that means
// none stays, for the rules to refuse.
func (s *story) meant(names []string) []string {
	var out []string
	cohort := s.ledger.cohorts[s.standing().Cohort]
	for _, name := range names {
		found := false
		if cohort != nil {
			for _, x := range cohort.Sessions {
				if x.ID == name || x.Module == name {
					out, found = append(out, x.ID), true
				}
			}
		}
		if !found {
			out = append(out, name)
		}
	}
	return out
}

func (s *story) attend(st *step) error {
	absent := s.meant(append(st.list("except"), st.list("except-parts")...))
	var marked []string
	if st.args["sessions"] != nil {
		marked = s.meant(st.list("sessions"))
	} else {
		for _, x := range s.held() {
			marked = append(marked, x.ID)
		}
	}
	for _, id := range absent {
		if !slices.Contains(marked, id) {
			marked = append(marked, id)
		}
	}
	if len(marked) == 0 {
		marked = []string{"1"} // nothing is held: the rules say why nothing can be marked
	}
	for _, id := range marked {
		status := domain.Present
		if slices.Contains(absent, id) {
			status = domain.Absent
		}
		if err := s.do(s.markOf(st, id, status, "", nil)); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) mark(st *step) error {
	return s.do(s.markOf(st, st.text("session"), st.text("status"), st.text("source"), optional(st, "minutes")))
}

func optional(st *step, arg string) *int64 {
	if n, ok := st.number(arg); ok {
		return &n
	}
	return nil
}

func (s *story) markOf(st *step, session, status, source string, minutes *int64) domain.MarkAttendance {
	role := domain.RoleTrainer
	switch source {
	case domain.SourceImport:
		role = domain.RoleRegistrar
	case domain.SourceSelf:
		role = domain.RoleParticipant
	}
	return domain.MarkAttendance{
		Act: s.act(st.text("by"), role), Registration: s.registration, Session: session, Status: status, Minutes: minutes, Source: source,
	}
}

// inTwo proposes what one person may not do alone, and has another approve it.
func (s *story) inTwo(propose domain.Command, approver string) error {
	events, err := s.ledger.do(propose, s.recorded)
	if err != nil {
		return err
	}
	if approver == "" {
		approver = secondPerson
		if domain.ActOf(propose).By == domain.StaffActor(secondPerson) {
			approver = thirdPerson
		}
	}
	by, role := s.who(approver, domain.RoleCertifier)
	return s.do(domain.ApproveProposal{Act: s.actBy(by, role), Registration: s.registration, Proposal: proposalIn(events)})
}

// reasonCorrected stands for a reason that a case gives in words of its own.
const reasonCorrected = "data-entry"

func (s *story) correct(st *step) error {
	if st.args["entry"] != nil {
		return s.correctEvidence(st)
	}
	if st.args["session"] == nil || st.args["status"] == nil {
		return breaks("correct needs session and status, or entry")
	}
	c := domain.CorrectAttendance{
		Act: s.act(st.text("by"), domain.RoleTrainer), Registration: s.registration, Session: st.text("session"), Status: st.text("status"),
		Minutes: optional(st, "minutes"), Reason: reasonCorrected, Text: st.text("reason"),
	}
	err := s.do(c)
	if !refused(err, "needs-second-person") {
		return err
	}
	c.Act = s.act(st.text("by"), domain.RoleTrainer)
	return s.inTwo(domain.ProposeCorrection{CorrectAttendance: c}, "")
}

func (s *story) excuse(st *step) error {
	reason := st.text("reason")
	code := reason
	if !domain.IsSlug(code) {
		code = domain.ReasonOther
	}
	return s.do(domain.ExcuseAbsence{Act: s.act(st.text("by"), domain.RoleParticipant), Registration: s.registration, Session: st.text("session"), Reason: code, Text: reason})
}

func (s *story) liveEquivalent(st *step) error {
	c := domain.ApproveLiveEquivalent{
		Act: s.act(st.text("by"), domain.RoleTrainer), Registration: s.registration,
		Session: st.text("session"), Cohort: st.text("cohort"), ThatSession: st.text("as"),
	}
	err := s.do(c)
	if !refused(err, "needs-second-person") {
		return err
	}
	c.Act = s.act(st.text("by"), domain.RoleTrainer)
	return s.inTwo(domain.ProposeLiveEquivalent{ApproveLiveEquivalent: c}, "")
}

func (s *story) cancelSession(st *step) error {
	for _, id := range s.orName(st.text("session")) {
		c := domain.CancelSession{Act: s.act(st.text("by"), domain.RoleRegistrar), Cohort: s.cohort(), Session: id, Reason: st.text("reason")}
		if err := s.do(c); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) rescheduleSession(st *step) error {
	for _, id := range s.orName(st.text("session")) {
		starts := s.at.Add(classBegins)
		c := domain.RescheduleSession{
			Act: s.act(st.text("by"), domain.RoleRegistrar), Cohort: s.cohort(), Session: id, Reason: st.text("reason"),
			Starts: starts, Ends: starts.Add(time.Duration(s.minutes()) * time.Minute),
		}
		if err := s.do(c); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) minutes() int64 {
	if s.p.Classes == nil {
		return 1
	}
	return s.p.Classes.SessionMin
}

// orName are the sessions that a name means, or the name itself for the rules to refuse.
func (s *story) orName(name string) []string {
	if ids := s.sessionIDs(name); len(ids) > 0 {
		return ids
	}
	return []string{name}
}

// cohort is the one that a step concerns.
func (s *story) cohort() string {
	if c := s.standing().Cohort; c != "" {
		return c
	}
	return s.cohortAt(s.current)
}

// Submissions and attesters

// file files a submission. With it, a fee that is paid is recorded where the
// programme knows payments, as one whose category is the submission's kind.
func (s *story) file(st *step) error {
	kind := st.text("submission")
	err := s.do(domain.FileSubmission{
		Act: s.act(st.text("by"), domain.RoleParticipant), Registration: s.registration, Submission: st.text("id"), Kind: kind,
		Award: st.text("award"), Period: st.text("period"), Path: st.text("path"), Received: st.day("received", ""),
	})
	const payment = "payment"
	if err != nil || st.text("fee") != "paid" || !slices.Contains(s.p.Kinds(), payment) {
		return err
	}
	day := st.day("received", domain.DateOf(s.at))
	return s.do(domain.RecordEvidence{
		Act: s.act("", domain.RoleRegistrar), Registration: s.registration, Evidence: s.derive(payment),
		Fact: domain.Fact{Kind: payment, Category: kind, Outcome: "paid", From: day, Until: day, Received: day},
	})
}

func (s *story) attester(st *step) error {
	name := st.text("name")
	if s.ledger.attesters[name] == nil {
		if err := s.do(domain.RegisterAttester{Act: s.act(st.text("by"), domain.RoleRegistrar), Attester: name, What: domain.AttesterPerson, Name: name}); err != nil {
			return err
		}
	}
	for _, arg := range []string{"qualified", "approved"} {
		for _, code := range st.list(arg) {
			err := s.do(domain.QualifyAttester{
				Act: s.act(st.text("by"), domain.RoleRegistrar), Attester: name, Code: code, Approval: arg == "approved", From: st.day("from", ""), Until: st.day("until", ""),
			})
			if err != nil {
				return err
			}
		}
	}
	if role := st.text("as"); role != "" {
		return s.assign(name, role, st.text("relation"), st.day("from", ""))
	}
	return nil
}

// explain is the sentence of a refusal, with its reason.
func explain(r *domain.Refusal) string {
	return strings.TrimSuffix(r.Detail, ".") + " (" + r.Reason + ")"
}
