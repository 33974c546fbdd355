package cases

import (
	"slices"
	"strconv"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

func (s *story) judge(st *step) error {
	want := domain.RoleTrainer
	q, question := s.question(st)
	if q.Key != "" {
		want = q.AskedOf
	}
	name := st.text("by")
	if name == "" && want == domain.RoleTrainer && st.args["as"] == nil {
		name = theTrainer
	}
	c := domain.RecordJudgement{
		Act: s.act(name, want), Registration: s.registration, Question: question, Answer: st.text("answer"),
		Ratings: s.ratings(st, q),
	}
	c.Number, _ = st.number("number")
	switch as := st.text("as"); as {
	case "":
	case domain.CoSignature:
		c.Answer = s.signed(question, c.Number)
	case "consensus":
		c.Consensus = true
	default:
		return breaks("a judgement is recorded alone, as: consensus or as: signature, not as %q", as)
	}
	for _, name := range st.list("signers") {
		by, _ := s.who(name, want)
		c.Signers = append(c.Signers, by)
	}
	return s.do(c)
}

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
	if st.args["award"] != nil {
		award := s.award(st)
		by, role := s.decider(st, award)
		return s.do(domain.ExtendGrant{Act: s.actBy(by, role), Registration: s.registration, Award: award.Key, Text: st.inWords("more time is needed")})
	}
	if st.args["due-days"] == nil {
		return breaks("extend needs due-days, or award")
	}
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
		Act: s.actBy(by, role), Registration: s.registration, Award: award.Key, Track: st.text("track"), Period: st.text("period"),
		Level: st.text("level"), Clause: st.text("clause"), Text: st.text("reason"),
	}
	if above := s.earnedAbove(award, c); above != "" {
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
func (s *story) earnedAbove(award programme.Award, c domain.Grant) string {
	x := s.standing()
	if !x.Exists() {
		return ""
	}
	f := s.ledger.of(x)
	for _, a := range domain.Assess(f.Programme, f, s.at).Awards {
		if a.Award != award.Key || c.Track != "" && a.Track != c.Track || c.Period != "" && a.Period != c.Period {
			continue
		}
		earned, _ := award.Rank(a.Earned)
		if asked, ok := award.Rank(c.Level); ok && earned > asked {
			return a.Earned
		}
	}
	return ""
}

// renew decides on the award that renews another: the level given, or the
// highest that is earned.
func (s *story) renew(st *step) error {
	award := s.award(st)
	if st.text("award") == "" {
		for _, a := range s.p.Awards {
			if a.Renews != "" {
				award = a
				break
			}
		}
	}
	if award.Renews == "" && len(award.Levels) > 0 {
		return breaks("the programme has no award that renews another, so there is nothing to renew; decide a level instead")
	}
	if st.text("level") == "" && len(award.Levels) > 1 {
		st.args["level"] = &node{kind: wordNode, text: s.highestEarned(award)}
	}
	st.args["award"] = &node{kind: wordNode, text: award.Key}
	return s.decide(st)
}

// highestEarned is the level earned in the earliest period that earns more than
// the lowest, or else the level above the lowest, for the rules to refuse.
func (s *story) highestEarned(award programme.Award) string {
	if x := s.standing(); x.Exists() {
		f := s.ledger.of(x)
		for _, a := range domain.Assess(f.Programme, f, s.at).Awards {
			if a.Award == award.Key && a.Granted == "" && a.Earned != award.Lowest() {
				return a.Earned
			}
		}
	}
	return award.Levels[1]
}

func (s *story) surrender(st *step) error {
	return s.do(domain.AcceptSurrender{
		Act: s.act(st.text("by"), domain.RoleCertifier), Registration: s.registration, Award: st.text("award"), Text: st.inWords("the holder wishes it"),
	})
}

// clock records what time has brought, one status after the other.
func (s *story) clock(*step) error {
	for range domain.PeriodsMax {
		before := s.ledger.length()
		s.command++
		err := s.do(domain.RecordStatus{
			Act:          domain.Act{At: s.at, By: "system/clock", Role: domain.RoleSystem, Command: s.derive("clock", strconv.Itoa(s.command))},
			Registration: s.registration,
		})
		if err != nil || s.ledger.length() == before {
			return ignoreMissing(err)
		}
	}
	return nil
}

// ignoreMissing lets time pass before anybody is registered.
func ignoreMissing(err error) error {
	if refused(err, "no-such-registration") {
		return nil
	}
	return err
}

func (s *story) deny(st *step) error {
	award := s.award(st)
	by, role := s.decider(st, award)
	return s.do(domain.Deny{
		Act: s.actBy(by, role), Registration: s.registration, Award: award.Key, Track: st.text("track"), Period: st.text("period"),
		Level: st.text("level"), Clause: st.text("clause"), Text: st.text("reason"),
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
