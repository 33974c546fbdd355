package cases

import (
	"errors"
	"slices"
	"strconv"
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
	case "postal-code":
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

// Evidence

func (s *story) record(st *step) error {
	fact, err := s.fact(st)
	if err != nil {
		return err
	}
	id := st.text("id")
	if id == "" {
		id = s.derive("evidence", strconv.Itoa(s.command))
	}
	// An entry told of twice is one entry: it happened when it was first told of.
	for _, x := range s.standing().Evidence {
		if x.ID == id && st.args["dated"] == nil {
			fact.From, fact.Until = x.Until.AddDays(-fact.From.DaysUntil(fact.Until)), x.Until
			if st.args["received"] == nil {
				fact.Received = x.Received
			}
		}
	}
	by, role := s.who(st.text("by"), domain.RoleParticipant)
	if fact.Attester != "" {
		fact.AttesterRole = role
	}
	err = s.do(domain.RecordEvidence{Act: s.actBy(by, role), Registration: s.registration, Evidence: id, Fact: fact})
	if err != nil || !st.truth("signed") {
		return err
	}
	return s.do(domain.SignEvidence{Act: s.act(st.text("signed-by"), s.signs(fact.Kind)), Registration: s.registration, Evidence: id})
}

// fact is what a step says about a piece of evidence. It happened on the days up to the
// step's own.
func (s *story) fact(st *step) (domain.Fact, error) {
	day := domain.DateOf(s.at)
	until := st.day("dated", day)
	days := int64(1)
	if n, ok := st.number("days"); ok {
		days = n
	}
	f := domain.Fact{
		Kind: st.text("kind"), Category: st.text("category"), Title: st.text("title"), Session: st.text("session"), Module: st.text("module"),
		Item: st.text("item"), Period: st.text("period"), Track: st.text("track"), Outcome: st.text("outcome"), Relation: st.text("relation"),
		Provider: st.text("provider"), Mode: st.text("mode"), Activity: st.text("activity"), Score: optional(st, "score"), OutOf: optional(st, "out-of"),
		Received: st.day("received", day), Attester: st.text("attester"),
	}
	f.Number, _ = st.number("number")
	if n := st.args["quantity"]; n != nil {
		quantity, unit, _ := readAmount(n.text)
		given := st.text("unit")
		if u, ok := units[given]; ok {
			given = u.unit
			if unit == "" {
				quantity *= u.each
			}
		}
		if unit != "" && given != "" && unit != given {
			return f, breaks("%s is not in the unit %s", n.text, given)
		}
		if f.Unit = unit; unit == "" {
			f.Unit = given
		}
		f.Quantity, f.Currency = &quantity, currencyIn(n.text)
		if most := st.args["a-day"]; most != nil && st.args["days"] == nil {
			if per, _, _ := readAmount(most.text); per > 0 {
				days = max((quantity+per-1)/per, 1)
			}
		}
	}
	if days < 1 || days > 36_600 {
		return f, breaks("%d days is no span of time", days)
	}
	if about := st.text("about"); about != "" {
		_, isModule := s.p.Module(about)
		switch ids := s.sessionIDs(about); {
		case slices.Contains(ids, about):
			f.Session = about
		case isModule:
			f.Module = about
		default:
			f.Item = about
		}
	}
	if st.truth("documented") {
		f.Documents = []string{domain.HashOf([]byte("a document"))}
	}
	f.From, f.Until = until.AddDays(1-int(days)), until
	return f, nil
}

// missing stands for what a step is about where there is nothing: the rules refuse it.
const missing = "missing"

// entryID is the entry that a step names, or the latest one.
func (s *story) entryID(st *step) string {
	if id := st.text("entry"); id != "" {
		return id
	}
	if all := s.standing().Evidence; len(all) > 0 {
		return all[len(all)-1].ID
	}
	return missing
}

func (s *story) sign(st *step) error {
	id := s.entryID(st)
	want := domain.RoleSupervisor
	for _, x := range s.standing().Evidence {
		if x.ID == id {
			want = s.signs(x.Kind)
		}
	}
	if st.args["for"] != nil {
		want = domain.RoleCoordinator
	}
	return s.do(domain.SignEvidence{
		Act: s.act(st.text("by"), want), Registration: s.registration, Evidence: id, For: st.text("for"), Text: st.text("reason"),
	})
}

func (s *story) dispute(st *step) error {
	id := s.entryID(st)
	return s.do(domain.DisputeEvidence{Act: s.act(st.text("by"), domain.RoleSupervisor), Registration: s.registration, Evidence: id, Reason: st.inWords("contested")})
}

func (s *story) void(st *step) error {
	id := s.entryID(st)
	c := domain.VoidEvidence{Act: s.act(st.text("by"), domain.RoleCoordinator), Registration: s.registration, Evidence: id, Reason: reasonCorrected, Text: st.text("reason")}
	err := s.do(c)
	if !refused(err, "needs-second-person") {
		return err
	}
	c.Act = s.act(st.text("by"), domain.RoleCoordinator)
	return s.inTwo(domain.ProposeVoid{VoidEvidence: c}, "")
}

// correctEvidence says an entry anew: what the step does not name stays.
func (s *story) correctEvidence(st *step) error {
	id := st.text("entry")
	c := domain.CorrectEvidence{Act: s.act(st.text("by"), domain.RoleCoordinator), Registration: s.registration, Evidence: id, Reason: reasonCorrected, Text: st.text("reason")}
	says, err := s.fact(st)
	if err != nil {
		return err
	}
	for _, x := range s.standing().Evidence {
		if x.ID == id {
			c.Fact = x.Fact
		}
	}
	if st.args["quantity"] != nil {
		c.Quantity = says.Quantity
		if says.Unit != "" {
			c.Unit, c.Currency = says.Unit, says.Currency
		}
	}
	if st.args["dated"] != nil || st.args["days"] != nil {
		c.From, c.Until = says.From, says.Until
	}
	for _, x := range []struct {
		to  *string
		arg string
	}{
		{&c.Category, "category"}, {&c.Outcome, "outcome"}, {&c.Title, "title"}, {&c.Mode, "mode"}, {&c.Provider, "provider"},
		{&c.Module, "module"}, {&c.Session, "session"}, {&c.Item, "item"},
	} {
		if st.args[x.arg] != nil {
			*x.to = st.text(x.arg)
		}
	}
	if st.args["number"] != nil {
		c.Number = says.Number
	}
	err = s.do(c)
	if !refused(err, "needs-second-person") {
		return err
	}
	c.Act = s.act(st.text("by"), domain.RoleCoordinator)
	return s.inTwo(domain.ProposeEvidenceCorrection{CorrectEvidence: c}, "")
}

// answer answers a submission, one entry, or every open entry of a kind.
func (s *story) answer(st *step) error {
	of := st.text("of")
	for _, arg := range []string{"submission", "kind"} {
		if st.args[arg] != nil {
			of = st.text(arg)
		}
	}
	kind, isSubmission := s.p.Submission(of)
	var reasons []string
	if st.args["reason"] != nil {
		reasons = []string{st.text("reason")}
	}
	if isSubmission && st.args["entry"] == nil {
		return s.answerSubmission(st, kind, reasons)
	}
	c := domain.AnswerEvidence{
		Act: s.act(st.text("by"), domain.RoleCoordinator), Registration: s.registration, Answer: st.text("with"), Reasons: reasons,
	}
	switch {
	case st.args["entry"] != nil:
		c.Evidence = []string{st.text("entry")}
	case of == "":
		return breaks("answer needs a submission, an entry, or a kind of entries")
	default:
		c.Kind = of
	}
	from, err := s.effective(st, "")
	c.From = from
	if err != nil {
		return err
	}
	return s.do(c)
}

func (s *story) answerSubmission(st *step, kind programme.Submission, reasons []string) error {
	id, filed := st.text("id"), domain.Date("")
	for _, x := range s.standing().Submissions {
		if x.Kind == kind.Key && (st.args["id"] == nil || x.ID == id) {
			id, filed = x.ID, x.Received
		}
	}
	if id == "" {
		id, filed = missing, domain.DateOf(s.at)
	}
	from, err := s.effective(st, filed)
	if err != nil {
		return err
	}
	if from != "" && len(reasons) == 0 {
		reasons = []string{"late-information"}
	}
	return s.do(domain.AnswerSubmission{
		Act: s.act(st.text("by"), kind.AnsweredBy), Registration: s.registration, Submission: id, Answer: st.text("with"), Reasons: reasons, From: from,
	})
}

// effective is the day from which an answer takes effect: a day, `filed`, or empty for the
// step's own.
func (s *story) effective(st *step, filed domain.Date) (domain.Date, error) {
	switch text := st.text("effective"); {
	case text == "" || isDay(text):
		return domain.Date(text), nil
	case text == "filed" && filed != "":
		return filed, nil
	default:
		return "", breaks("effective takes a day or, for something filed, the word filed; not %q", text)
	}
}

// Judgements

func (s *story) judge(st *step) error {
	want := domain.RoleTrainer
	if q, ok := s.p.Question(st.text("question")); ok {
		want = q.AskedOf
	}
	name := st.text("by")
	if name == "" && want == domain.RoleTrainer && st.args["as"] == nil {
		name = theTrainer
	}
	c := domain.RecordJudgement{
		Act: s.act(name, want), Registration: s.registration, Question: st.text("question"), Answer: st.text("answer"),
	}
	c.Number, _ = st.number("number")
	switch as := st.text("as"); as {
	case "":
	case "consensus":
		c.Consensus = true
	default:
		return breaks("a judgement is recorded alone or as: consensus, not as %q", as)
	}
	for _, name := range st.list("signers") {
		by, _ := s.who(name, want)
		c.Signers = append(c.Signers, by)
	}
	if t := st.args["ratings"]; t != nil {
		for _, p := range t.pairs {
			c.Ratings = append(c.Ratings, domain.Rating{Item: p.key.text, Answer: p.value.text})
		}
	}
	return s.do(c)
}

// Tasks

// taskKind is the kind of task that a step is about: the one it says, or that of the
// task it names.
func (s *story) taskKind(st *step) string {
	if kind := st.text("task"); kind != "" {
		return kind
	}
	for _, x := range s.standing().Tasks {
		if x.ID == st.text("id") {
			return x.Kind
		}
	}
	return ""
}

// task finds the task that a step is about: by its id, or the latest of its kind and session
// that is not done.
func (s *story) task(st *step) (domain.Task, bool) {
	var found domain.Task
	ok := false
	session := st.text("session") + st.text("about")
	for _, x := range s.standing().Tasks {
		switch {
		case st.args["id"] != nil:
			if x.ID == st.text("id") {
				return x, true
			}
		case st.args["task"] != nil && x.Kind != st.text("task"), session != "" && x.Session != session, x.Cancelled != nil:
		case x.Confirmed == nil && (x.Fulfilled == nil || st.verb != "fulfil"):
			found, ok = x, true
		}
	}
	return found, ok
}

// mustFind is task for acts that make no sense without one. One that is not known is left to
// the rules.
func (s *story) mustFind(st *step) domain.Task {
	t, ok := s.task(st)
	if !ok {
		t.ID, t.Kind = missing, st.text("task")
		if id := st.text("id"); id != "" {
			t.ID = id
		}
	}
	return t
}

func (s *story) ask(st *step) error {
	c := domain.SetTask{
		Registration: s.registration, Task: st.text("id"), Kind: st.text("task"), Session: st.text("session") + st.text("about"), For: st.text("for"),
	}
	kind, _ := s.p.Task(c.Kind)
	c.Act = s.act(st.text("by"), kind.SetBy)
	if days, ok := st.number("due-days"); ok {
		c.Due = domain.DateOf(s.at).AddDays(int(days))
	}
	return s.do(c)
}

func (s *story) extend(st *step) error {
	t := s.mustFind(st)
	kind, _ := s.p.Task(t.Kind)
	days, _ := st.number("due-days")
	due := domain.DateOf(s.at)
	if t.Made.Sequence > 0 {
		due = t.Made.Day()
	}
	return s.do(domain.ExtendTask{
		Act: s.act(st.text("by"), orRole(kind.SetBy)), Registration: s.registration, Task: t.ID, Due: due.AddDays(int(days)), Reason: st.text("reason"),
	})
}

func orRole(role string) string {
	if role == "" {
		return domain.RoleTrainer
	}
	return role
}

// fulfil does a task; without one, it is recorded as evidence of that kind.
func (s *story) fulfil(st *step) error {
	if t, ok := s.task(st); ok || st.args["id"] != nil {
		if !ok {
			t.ID = st.text("id")
		}
		return s.do(domain.FulfilTask{Act: s.act(st.text("by"), domain.RoleParticipant), Registration: s.registration, Task: t.ID, How: st.text("how")})
	}
	day := domain.DateOf(s.at)
	return s.do(domain.RecordEvidence{
		Act: s.act(st.text("by"), domain.RoleParticipant), Registration: s.registration, Evidence: s.derive("evidence"),
		Fact: domain.Fact{
			Kind: st.text("task"), Session: st.text("session") + st.text("about"), Mode: st.text("how"), From: day, Until: day, Received: day,
		},
	})
}

func (s *story) confirm(st *step) error {
	t := s.mustFind(st)
	kind, _ := s.p.Task(t.Kind)
	want := kind.ConfirmedBy
	if want == "" {
		want = kind.SetBy
	}
	return s.do(domain.ConfirmTask{Act: s.act(st.text("by"), orRole(want)), Registration: s.registration, Task: t.ID})
}

func (s *story) cancel(st *step) error {
	t := s.mustFind(st)
	kind, _ := s.p.Task(t.Kind)
	return s.do(domain.CancelTask{Act: s.act(st.text("by"), orRole(kind.SetBy)), Registration: s.registration, Task: t.ID, Reason: st.text("reason")})
}

// Submissions and attesters

func (s *story) file(st *step) error {
	return s.do(domain.FileSubmission{
		Act: s.act(st.text("by"), domain.RoleParticipant), Registration: s.registration, Submission: st.text("id"), Kind: st.text("submission"),
		Award: st.text("award"), Period: st.text("period"), Path: st.text("path"), Received: st.day("received", ""),
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

// Waivers and decisions

func (s *story) waive(st *step) error {
	return s.inTwo(domain.ProposeWaiver{
		Act: s.act(st.text("by"), domain.RoleCoordinator), Registration: s.registration, Requirement: st.text("requirement"), Session: st.text("session"),
		Until: st.day("until", ""), Reason: domain.ReasonOther, Text: st.inWords("a named exception"),
	}, st.text("approved-by"))
}

// decider is who decides a level: a named person, or somebody in a role that may, the
// body's own people before those who taught.
func (s *story) decider(st *step, award programme.Award) (domain.Actor, string) {
	roles := award.DecidedBy[st.text("level")]
	for _, level := range award.Levels {
		if len(award.DecidedBy[st.text("level")]) == 0 {
			roles = append(roles, award.DecidedBy[level]...)
		}
	}
	if len(roles) == 0 {
		roles = []string{domain.RoleCertifier}
	}
	want := roles[0]
	for _, r := range slices.Backward(roles) {
		if !s.attests(r) {
			want = r
		}
	}
	if want == domain.RoleStaff {
		want = domain.RoleCertifier
	}
	return s.who(st.text("by"), want)
}

func (s *story) award(st *step) programme.Award {
	a, ok := s.p.Award(st.text("award"))
	if !ok {
		a.Key = st.text("award") // for the rules to refuse
	}
	return a
}

func (s *story) decide(st *step) error {
	award := s.award(st)
	by, role := s.decider(st, award)
	c := domain.Grant{
		Act: s.actBy(by, role), Registration: s.registration, Award: award.Key, Level: st.text("level"),
		Clause: st.text("clause"), Text: st.text("reason"),
	}
	if above := s.earnedAbove(award, c.Level); above != "" {
		for _, d := range award.Denials {
			if c.Clause == "" && (len(d.Levels) == 0 || slices.Contains(d.Levels, above)) {
				c.Clause = d.Key
			}
		}
		if c.Text == "" {
			c.Text = "granted less than is earned"
		}
	}
	return s.do(c)
}

// earnedAbove is the level earned, where that is more than the one to be granted.
func (s *story) earnedAbove(award programme.Award, level string) string {
	x := s.standing()
	if !x.Exists() {
		return ""
	}
	for _, a := range domain.Assess(s.ledger.programmes[x.Pin.Digest], s.ledger.of(x), s.at).Awards {
		if earned, _ := award.Rank(a.Earned); a.Award == award.Key {
			if asked, ok := award.Rank(level); ok && earned > asked {
				return a.Earned
			}
		}
	}
	return ""
}

func (s *story) deny(st *step) error {
	award := s.award(st)
	by, role := s.decider(st, award)
	return s.do(domain.Deny{
		Act: s.actBy(by, role), Registration: s.registration, Award: award.Key, Level: st.text("level"), Clause: st.text("clause"), Text: st.text("reason"),
	})
}

func (s *story) revoke(st *step) error {
	return s.inTwo(domain.ProposeRevocation{
		Act: s.act(st.text("by"), domain.RoleCertifier), Registration: s.registration, Award: st.text("award"), Levels: st.list("levels"),
		PersonWide: st.truth("person-wide"), Text: st.inWords("a breach of the rules"),
	}, st.text("approved-by"))
}

func (s *story) suspend(st *step) error {
	return s.do(domain.Suspend{Act: s.act(st.text("by"), domain.RoleCertifier), Registration: s.registration, Award: st.text("award"), Text: st.inWords("an allegation under review")})
}

func (s *story) reinstate(st *step) error {
	return s.do(domain.Reinstate{Act: s.act(st.text("by"), domain.RoleCertifier), Registration: s.registration, Award: st.text("award"), Text: st.inWords("the review is closed")})
}

// explain is the sentence of a refusal, with its reason.
func explain(r *domain.Refusal) string {
	return strings.TrimSuffix(r.Detail, ".") + " (" + r.Reason + ")"
}
