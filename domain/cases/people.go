package cases

import (
	"slices"
	"strings"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

// findRoles lists the roles that the programme names. Those who sign attest, and so do those
// with the roles below; everybody else acts for the body.
func (s *story) findRoles() {
	s.attesting = []string{domain.RoleTrainer, domain.RoleSupervisor, "referee", "provider", "examiner", "employer"}
	add := func(list *[]string, roles ...string) {
		for _, r := range roles {
			if r != "" && r != domain.RoleParticipant && !slices.Contains(officeRoles, r) && !slices.Contains(*list, r) {
				*list = append(*list, r)
			}
		}
	}
	eachWhere(s.p, func(_ string, w programme.Where) {
		add(&s.roles, append([]string{w.SignedBy, w.Attester}, w.AlsoSigned...)...)
		add(&s.attesting, append([]string{w.SignedBy, w.Attester}, w.AlsoSigned...)...)
	})
	for _, q := range s.p.Questions {
		add(&s.roles, q.AskedOf)
	}
	for _, t := range s.p.Tasks {
		add(&s.roles, t.SetBy, t.ConfirmedBy)
	}
	for _, x := range s.p.Submissions {
		add(&s.roles, x.AnsweredBy)
	}
	for _, a := range s.p.Awards {
		for _, level := range a.Levels {
			add(&s.roles, a.DecidedBy[level]...)
		}
	}
}

// eachWhere calls f for every condition on evidence that the programme computes, with the
// kind of evidence it is about.
func eachWhere(p *programme.Programme, f func(kind string, w programme.Where)) {
	for _, m := range p.Measures {
		f(m.Sum, m.Where)
	}
	p.EachRequirement(func(q programme.Requirement) bool {
		if q.When != nil && q.When.Has != nil {
			f(q.When.Has.Kind, q.When.Has.Where)
		}
		switch t := q.Test.(type) {
		case programme.Sum:
			if t.Inline != nil {
				f(t.Inline.Sum, t.Inline.Where)
			}
		case programme.Reaches:
			if t.Inline != nil {
				f(t.Inline.Sum, t.Inline.Where)
			}
		case programme.Has:
			f(t.Kind, t.Where)
		case programme.AtEach:
			if t.Has != nil {
				f(t.Has.Kind, t.Has.Where)
			}
		}
		return true
	})
}

// signs is the role that signs evidence of a kind.
func (s *story) signs(kind string) string {
	role := domain.RoleSupervisor
	eachWhere(s.p, func(k string, w programme.Where) {
		if k == kind && w.SignedBy != "" {
			role = w.SignedBy
		}
	})
	return role
}

// cast finds who takes part, which cohorts there are and which sessions move.
func (s *story) cast() {
	for i := range s.c.steps {
		st := &s.c.steps[i]
		role, cohort := s.asks(st), s.cohortAt(i)
		for _, name := range s.named(st, role) {
			r := s.roleInName(name)
			if r == "" {
				r = role
			}
			switch {
			case r == domain.RoleTrainer && st.verb == "judge":
				if !slices.Contains(s.trainers[cohort], name) {
					s.trainers[cohort] = append(s.trainers[cohort], name)
				}
			default:
				s.appears(name, r)
			}
		}
		if by := st.text("signed-by"); by != "" {
			s.appears(by, s.roleInName(by))
		}
		switch st.verb {
		case "enrol":
			if _, seen := s.enrolments[st.text("cohort")]; !seen {
				s.enrolments[st.text("cohort")] = i
			}
		case "cancel-session", "reschedule-session":
			for _, id := range s.sessionIDs(st.text("session")) {
				if _, seen := s.movedTo[id]; !seen {
					s.movedTo[id] = i
				}
			}
		}
	}
	for _, role := range append([]string{domain.RoleSupervisor}, s.roles...) {
		if role != domain.RoleTrainer && !slices.ContainsFunc(s.others, func(n named) bool { return n.role == role }) {
			s.appears(role+"-1", role)
		}
	}
}

// named are those who do a step. Who judges alone and is not named is the trainer.
func (s *story) named(st *step, role string) []string {
	names := append(st.list("by"), st.list("signers")...)
	if len(names) == 0 && st.verb == "judge" && role == domain.RoleTrainer && st.args["as"] == nil {
		names = []string{theTrainer}
	}
	return names
}

// trainersOf are the trainers of a cohort: those who judge in it, or else in the case.
func (s *story) trainersOf(cohort string) []string {
	if names := s.trainers[cohort]; len(names) > 0 {
		return names
	}
	var all []string
	for _, c := range sortedKeys(s.trainers) {
		for _, name := range s.trainers[c] {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	if len(all) == 0 {
		all = []string{theTrainer}
	}
	return all
}

// asks is the role that the programme, or the ledger, asks a step of; empty where it is
// nobody who attests.
func (s *story) asks(st *step) string {
	role := ""
	switch st.verb {
	case "judge":
		if q, _ := s.question(st); q.Key != "" {
			role = q.AskedOf
		}
	case "ask", "extend", "cancel":
		if k, ok := s.p.Task(s.taskKind(st)); ok {
			role = k.SetBy
		}
	case "confirm":
		if k, ok := s.p.Task(s.taskKind(st)); ok {
			role = k.ConfirmedBy
		}
	case "attend", "mark", "correct", "live-equivalent":
		if st.args["entry"] == nil {
			role = domain.RoleTrainer
		}
	case "sign":
		role = domain.RoleSupervisor
	case "record":
		return "" // filed by the participant unless the name says otherwise
	}
	if s.attests(role) {
		return role
	}
	return ""
}

// appears notes an attester, once in each role.
func (s *story) appears(name, role string) {
	if n := (named{name, role}); s.attests(role) && !slices.Contains(s.others, n) {
		s.others = append(s.others, n)
	}
}

// officeRoles are those of the body's own people.
var officeRoles = []string{
	domain.RoleRegistrar, domain.RoleCoordinator, domain.RoleCertifier, domain.RoleAppealsPanel, domain.RoleAuthor, domain.RoleAuditor,
	domain.RolePrivacyOfficer, domain.RoleIntegrator, domain.RoleAdministrator, domain.RoleStaff, "review-board",
}

func (s *story) attests(role string) bool { return slices.Contains(s.attesting, role) }

// roleInName is the role that a name like trainer-2 says, or empty.
func (s *story) roleInName(name string) string {
	role := strings.TrimRight(name, "0123456789")
	if role != name {
		role = strings.TrimSuffix(role, "-")
	}
	if slices.Contains(officeRoles, role) || s.attests(role) || slices.Contains(s.roles, role) || role == domain.RoleParticipant {
		return role
	}
	return ""
}

// who is the actor of a name, and the role in which they act. Want is the role that the
// act is asked of; without a name it is whoever has that role.
func (s *story) who(name, want string) (domain.Actor, string) {
	role := want
	if name != "" {
		switch {
		case s.roleInName(name) != "":
			role = s.roleInName(name)
		case s.attests(want) && s.has(name, want):
		default:
			for _, n := range s.everybody() {
				if n.name == name {
					role = n.role
				}
			}
		}
	}
	switch {
	case role == domain.RoleParticipant:
		return domain.PersonActor(s.person), role
	case role == domain.RoleStaff:
		role = domain.RoleCoordinator
		fallthrough
	case !s.attests(role):
		if name == "" || name == domain.RoleStaff {
			name = role + "-1"
		}
		return domain.StaffActor(name), role
	}
	if name == "" || name == role {
		name = s.first(role)
	}
	return domain.AttesterActor(name), role
}

func (s *story) has(name, role string) bool { return slices.Contains(s.everybody(), named{name, role}) }

// everybody is all who attest.
func (s *story) everybody() []named {
	var out []named
	for _, cohort := range sortedKeys(s.trainers) {
		for _, name := range s.trainers[cohort] {
			out = append(out, named{name, domain.RoleTrainer})
		}
	}
	if len(out) == 0 {
		out = append(out, named{theTrainer, domain.RoleTrainer})
	}
	return append(out, s.others...)
}

// first is who has a role first in the case.
func (s *story) first(role string) string {
	if role == domain.RoleTrainer {
		return s.trainersOf(s.cohort())[0]
	}
	for _, n := range s.others {
		if n.role == role {
			return n.name
		}
	}
	return role + "-1"
}

func (s *story) attesters() []string {
	var names []string
	for _, n := range s.everybody() {
		if !slices.Contains(names, n.name) {
			names = append(names, n.name)
		}
	}
	return names
}
