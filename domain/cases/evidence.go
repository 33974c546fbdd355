package cases

import (
	"slices"
	"strconv"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

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
		{&c.Category, "category"},
		{&c.Outcome, "outcome"},
		{&c.Title, "title"},
		{&c.Mode, "mode"},
		{&c.Provider, "provider"},
		{&c.Module, "module"},
		{&c.Session, "session"},
		{&c.Item, "item"},
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
