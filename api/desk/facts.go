package desk

import (
	"context"
	"fmt"
	"slices"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

// asked is what facts are gathered for.
type asked struct {
	subject domain.Subject
	day     domain.Date // of the act
	names   []domain.Subject
	version int  // of the registration's programme, that the command names
	entries bool // decisions: fold the registration again, from its entries
	by      domain.Actor
}

// askedBy is what a command looks at.
func askedBy(c domain.Command) asked {
	act := domain.ActOf(c)
	a := asked{subject: c.Subject(), day: domain.DateOf(act.At), entries: decides(c), by: act.By}
	if n, ok := c.(domain.Naming); ok {
		a.names = n.Names()
	}
	if n, ok := c.(domain.NamingVersion); ok {
		a.version = n.VersionNamed()
	}
	return a
}

// decides reports whether a command may record a decision.
func decides(c domain.Command) bool {
	switch c.(type) {
	case domain.Grant, domain.Renew, domain.Deny, domain.ExtendGrant, domain.Suspend, domain.Reinstate, domain.AcceptSurrender,
		domain.ProposeRevocation, domain.ApproveProposal:
		return true
	}
	return false
}

// gathering is facts on their way.
type gathering struct {
	*moment
	asked
	facts domain.Facts
}

// facts are what a command looks at, and the state that its events follow on.
// Reads lists every other subject looked at, once.
func (m *moment) facts(ctx context.Context, a asked) (domain.Facts, state, error) {
	base, err := m.base(ctx, a.subject)
	if err != nil {
		return domain.Facts{}, nil, err
	}
	g := &gathering{moment: m, asked: a, facts: domain.Facts{EngineHash: m.desk.cfg.EngineHash}}
	switch {
	case headOf(base).Version > 0:
		if base, err = g.subjectFacts(ctx, base); err != nil {
			return domain.Facts{}, nil, err
		}
	case a.subject.Kind() == domain.KindPerson: // known by their registrations
		if err = g.others(ctx, a.subject.ID()); err != nil {
			return domain.Facts{}, nil, err
		}
	}
	for _, name := range a.names {
		if name == a.subject {
			continue
		}
		if err := g.named(ctx, name); err != nil {
			return domain.Facts{}, nil, err
		}
	}
	return g.facts, base, nil
}

// subjectFacts adds what follows from the command's own subject.
func (g *gathering) subjectFacts(ctx context.Context, base state) (state, error) {
	f := &g.facts
	switch s := base.(type) {
	case *domain.Standing:
		if g.entries {
			folded, entries, err := g.history(ctx, s.Registration)
			if err != nil {
				return nil, err
			}
			switch {
			case folded.Version < s.Version:
				return nil, errOutdated
			case folded.Version == s.Version && folded.Hash != s.Hash:
				return nil, fmt.Errorf("the entries of registration %s do not lead to its standing, version %d", s.Registration, s.Version)
			}
			s, f.Entries = folded, entries
		}
		return s, g.registration(ctx, s)
	case *domain.Cohort:
		f.Cohort = s
		if err := g.rulesOf(ctx, s.Programme); err != nil {
			return nil, err
		}
		return s, g.attesters(ctx, s.Attesters)
	case *domain.ProgrammeLine:
		f.Line = s
		return s, g.inForce(ctx, s)
	case *domain.Attester:
		f.Attester = s
	case *domain.Person:
		f.Person = s
		return s, g.others(ctx, s.ID)
	case *domain.System:
		f.System = s
	}
	return base, nil
}

// registration adds a registration, its rules, its cohort, its attesters and
// the person's other registrations.
func (g *gathering) registration(ctx context.Context, s *domain.Standing) error {
	f := &g.facts
	f.Standing = s
	var err error
	if f.Programme, err = g.pinned(ctx, s); err != nil {
		return err
	}
	if f.Programme == nil {
		return fmt.Errorf("the rules that registration %s is pinned to are not in the projections", s.Registration)
	}
	if err = g.versions(ctx, s); err != nil {
		return err
	}
	assigned := s.Attesters
	if s.Cohort != "" {
		if f.Cohort, err = g.cohort(ctx, s.Cohort); err != nil {
			return err
		}
		if f.Cohort != nil {
			g.read(domain.SubjectOf(domain.KindCohort, s.Cohort), f.Cohort.Head)
			assigned = slices.Concat(assigned, f.Cohort.Attesters)
		}
	}
	assigned = slices.Clone(assigned)
	for _, id := range s.Relied() {
		assigned = append(assigned, domain.Assignment{Attester: id})
	}
	if by := domain.Subject(g.by); by.Kind() == domain.KindAttester {
		assigned = append(assigned, domain.Assignment{Attester: by.ID()}) // who they are, assigned or not
	}
	if err := g.attesters(ctx, assigned); err != nil {
		return err
	}
	return g.others(ctx, s.Person)
}

// pinned are the rules that a registration is pinned to: those of its beginning
// or, moved since, of a version that may just have been published.
func (g *gathering) pinned(ctx context.Context, s *domain.Standing) (*programme.Programme, error) {
	p, err := g.rules(ctx, s.Pin.Digest, s.Submitted.Sequence)
	if err != nil || p != nil {
		return p, err
	}
	line, err := g.line(ctx, s.Pin.Programme)
	if err != nil || line == nil {
		return nil, err
	}
	if v, ok := line.Find(s.Pin.Version); ok && v.Digest == s.Pin.Digest {
		return g.rules(ctx, v.Digest, v.Made.Sequence)
	}
	return nil, nil
}

// versions adds the versions of a registration's programme where the day of the
// act, or of a period's end, fixes which one it is judged by, and the one that the command names.
func (g *gathering) versions(ctx context.Context, s *domain.Standing) error {
	named := g.version > 0
	if !named && s.Pin.Mode != domain.PinByApplication && !s.Pin.ByDay() {
		return nil
	}
	line, err := g.line(ctx, s.Pin.Programme)
	if err != nil || line == nil {
		return err
	}
	f := &g.facts
	f.Line = line
	for _, v := range line.Versions {
		if !s.Pin.ByDay() && v.Version != g.version {
			continue
		}
		p, err := g.rules(ctx, v.Digest, v.Made.Sequence)
		if err != nil {
			return err
		}
		if v.Version == g.version {
			f.Clarifying = p
		}
		f.Versions = append(f.Versions, p)
	}
	return nil
}

// named adds a subject that the command names.
func (g *gathering) named(ctx context.Context, subject domain.Subject) error {
	f, id := &g.facts, subject.ID()
	switch subject.Kind() {
	case domain.KindCohort:
		c, err := g.cohort(ctx, id)
		if err != nil || c == nil {
			return err
		}
		g.read(subject, c.Head)
		if f.Standing.Exists() {
			f.Elsewhere = c
			return nil
		}
		f.Cohort = c
		return g.rulesOf(ctx, c.Programme)
	case domain.KindProgramme:
		if f.Programme != nil {
			return nil // the cohort's, or the registration's own
		}
		return g.rulesOf(ctx, id)
	case domain.KindAttester:
		a, err := g.attester(ctx, id)
		if err != nil || a == nil {
			return err
		}
		f.Attester = a
		g.read(subject, a.Head)
		return nil
	case domain.KindPerson:
		p, err := g.person(ctx, id)
		if err != nil {
			return err
		}
		if p != nil {
			f.Person = p
			g.read(subject, p.Head)
		}
		if f.Standing.Exists() {
			return nil
		}
		return g.others(ctx, id)
	}
	return fmt.Errorf("%w: a command names the %s %s", ErrInvalid, subject.Kind(), id)
}

// rulesOf adds a programme and its rules in force on the day of the act.
func (g *gathering) rulesOf(ctx context.Context, id string) error {
	line, err := g.line(ctx, id)
	if err != nil || line == nil {
		return err
	}
	g.facts.Line = line
	g.read(domain.SubjectOf(domain.KindProgramme, id), line.Head)
	return g.inForce(ctx, line)
}

// inForce adds the rules of a programme in force on the day of the act, if
// there are any.
func (g *gathering) inForce(ctx context.Context, line *domain.ProgrammeLine) (err error) {
	if v, ok := line.InForce(g.day); ok {
		g.facts.Programme, err = g.rules(ctx, v.Digest, v.Made.Sequence)
	}
	return err
}

// attesters adds those assigned, sorted by id.
func (g *gathering) attesters(ctx context.Context, assigned []domain.Assignment) error {
	ids := make([]string, 0, len(assigned))
	for _, a := range assigned {
		ids = append(ids, a.Attester)
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		a, err := g.attester(ctx, id)
		if err != nil {
			return err
		}
		if a != nil {
			g.facts.Attesters = append(g.facts.Attesters, a)
			g.read(domain.SubjectOf(domain.KindAttester, id), a.Head)
		}
	}
	return nil
}

// read takes note of what was looked at.
func (g *gathering) read(subject domain.Subject, h domain.Head) {
	same := func(r domain.Read) bool { return r.Subject == subject }
	if subject == g.subject || slices.ContainsFunc(g.facts.Reads, same) {
		return
	}
	g.facts.Reads = append(g.facts.Reads, domain.Read{Subject: subject, Version: h.Version, Sequence: h.Sequence, Hash: h.Hash})
}

// others adds what the person's other registrations come to: a row for every
// award that was decided on, or one without award. Where the command is on the
// person, the rules are those of the registration that they began last.
func (g *gathering) others(ctx context.Context, person string) error {
	ids, err := g.registrationsOf(ctx, person)
	if err != nil {
		return err
	}
	var begun uint64
	for _, id := range ids {
		subject := domain.SubjectOf(domain.KindRegistration, id)
		if subject == g.subject {
			continue
		}
		s, err := g.standing(ctx, id)
		if err != nil {
			return err
		}
		if !s.Exists() {
			continue
		}
		p, err := g.pinned(ctx, s)
		if err != nil {
			return err
		}
		if g.subject.Kind() == domain.KindPerson && s.Submitted.Sequence > begun {
			begun, g.facts.Programme = s.Submitted.Sequence, p
		}
		g.read(subject, s.Head)
		g.facts.Others = append(g.facts.Others, s.AsOthers(p)...)
	}
	return nil
}
