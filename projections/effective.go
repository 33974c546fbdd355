package projections

import (
	"slices"
	"time"

	"github.com/certledger/certledger/domain"
)

// effective is a known standing as of a time.
type effective struct {
	// assessed has the rules, the cohort, the state and the decisions of the time.
	// The other facts are as they are known: the assessment leaves out what had not
	// happened, and a later word on what had counts. Assignments bear their days.
	assessed *domain.Standing

	// then is what had been recorded of it as having happened by the time.
	then *domain.Standing
}

// inEffect is a registration at the past's time; nothing before it was submitted.
func (p *past) inEffect(id string) (e effective, err error) {
	known, err := stateOf(p, domain.KindRegistration, id, func(f *folded) *domain.Standing { return &f.registration.State })
	if err != nil || known == nil || p.at.IsZero() {
		return effective{known, known}, err
	}
	if e, ok := p.effect[id]; ok {
		return e, nil
	}
	defer func() { p.effect[id] = e }()
	entries, err := p.rows.history(domain.SubjectOf(domain.KindRegistration, id), 0, p.until)
	if err != nil {
		return e, err
	}
	then := &domain.Standing{}
	for _, x := range entries {
		if !x.Time.After(p.at) {
			then.Apply(x)
		}
	}
	if then.Submitted.Sequence == 0 {
		return e, nil
	}
	s := *known
	s.Pin, s.Cohort, s.Stays = then.Pin, then.Cohort, then.Stays
	s.State, s.StateSince, s.Statuses, s.Decisions = then.State, then.StateSince, then.Statuses, then.Decisions
	return effective{&s, then}, nil
}

// planned is a known cohort with the timetable and the material of the time: as
// they had been announced by then, and with classes that had begun by then and
// were put down later. Its assignments bear their days.
func (p *past) planned(known *domain.Cohort) (*domain.Cohort, error) {
	entries, err := p.rows.history(domain.SubjectOf(domain.KindCohort, known.ID), 0, p.until)
	if err != nil {
		return nil, err
	}
	then := &domain.Cohort{}
	for _, e := range entries {
		if v, ok := e.Event.(*domain.SessionScheduled); !e.Time.After(p.at) || ok && !v.Starts.After(p.at) {
			then.Apply(e)
		}
	}
	c := *known
	c.Sessions, c.Materials = then.Sessions, then.Materials
	return &c, nil
}

// shown is a standing as of a time for people to read: what had been recorded by
// then, and what was recorded later about what had happened by then, which is what
// its assessment rests on. Nothing else that came later is in it.
func shown(e effective, c *domain.Cohort, at time.Time) *domain.Standing {
	s, day := *e.then, domain.DateOf(at)
	s.Head = e.assessed.Head
	by := func(o domain.Origin) bool { return !o.Time.After(at) }
	held := func(session string) bool {
		if c == nil {
			return false
		}
		x, ok := c.Session(session)
		return ok && x.Held(at)
	}
	s.Marks = only(e.assessed.Marks, func(m domain.Mark) bool { return by(m.Made) || held(m.Session) })
	s.Absences = only(e.assessed.Absences, func(x domain.Absence) bool { return by(x.Made) || held(x.Session) })
	s.Evidence = only(e.assessed.Evidence, func(x domain.Evidence) bool { return by(x.Made) || x.Until <= day })
	s.Accommodations = only(e.assessed.Accommodations, func(x domain.Accommodation) bool { return by(x.Made) })
	s.Tasks = only(e.assessed.Tasks, func(x domain.Task) bool { return by(x.Made) })
	for i := range s.Tasks {
		t := &s.Tasks[i]
		if t.Fulfilled != nil && !by(t.Fulfilled.Made) {
			t.Fulfilled = nil
		}
		if t.Confirmed != nil && !by(*t.Confirmed) {
			t.Confirmed = nil
		}
	}
	s.Submissions = only(e.assessed.Submissions, func(x domain.Submission) bool { return by(x.Made) })
	s.Waivers = only(e.assessed.Waivers, func(x domain.Waiver) bool { return by(x.Made) })
	decided := func(id string) bool {
		return slices.ContainsFunc(s.Decisions, func(d domain.Decision) bool { return d.ID == id })
	}
	s.Doubts = only(e.assessed.Doubts, func(x domain.Doubt) bool { return decided(x.Decision) })
	s.ReviewOwners = only(e.assessed.ReviewOwners, func(x domain.ReviewOwner) bool { return decided(x.Decision) })
	s.ClosedReviews = only(e.assessed.ClosedReviews, func(x domain.ClosedReview) bool { return decided(x.Decision) })
	return &s
}

// only are the members of a list that are wanted, nil for none.
func only[T any](list []T, wanted func(T) bool) []T {
	var out []T
	for _, x := range list {
		if wanted(x) {
			out = append(out, x)
		}
	}
	return out
}

// StandingAt is a registration's standing as known at a sequence and effective at
// a time, for people to read; nil before it was submitted. It is what
// EffectiveFacts are assessed to, without what came later. Where the time is
// zero, everything that was known is in it.
func (r reads) StandingAt(registration string, sequence uint64, at time.Time) (*domain.Standing, error) {
	return asOf(r, sequence, at, func(p *past) (*domain.Standing, error) {
		e, err := p.inEffect(registration)
		if err != nil || e.then == nil || at.IsZero() {
			return e.then, err
		}
		var c *domain.Cohort
		if e.then.Cohort != "" {
			if c, err = p.cohort(e.then.Cohort); err != nil {
				return nil, err
			}
		}
		rules, err := p.programme(e.then.Pin.Digest)
		return shown(e, c, InZone(at, rules)), err
	})
}
