package cases

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

// story tells one case to a ledger of its own.
type story struct {
	c      *testCase
	p      *programme.Programme // as the case overrides it
	zone   *time.Location
	ledger *ledger
	begins time.Time // of the first step

	roles      []string            // that the programme names, in order
	attesting  []string            // roles of those who attest
	trainers   map[string][]string // cohort -> who judges in it what is asked of trainers
	others     []named             // everybody who attests in another role, or without judging, in order of appearance
	cohorts    map[string]bool     // opened already
	movedTo    map[string]int      // session -> index of the first step that moves it, where one does
	enrolments map[string]int      // cohort -> index of the step that first enrols in it

	registration string // that later steps concern
	person       string
	current      int       // index of the step at hand
	at, recorded time.Time // of the step at hand
	command      int       // of the step at hand, to derive ids from

	told []told // in the order of recording

	on    *ledger     // that has begun and holds nothing of the case
	known []time.Time // times of the first steps, as far as they have been found
}

// named is an attester and the role they have.
type named struct{ name, role string }

// told is a step that was tried.
type told struct {
	index    int
	recorded time.Time
	until    int // entries in the ledger after it
	refused  *domain.Refusal
}

// broken is a mistake in a case that shows only while it is told.
type broken struct{ message string }

func (b *broken) Error() string { return b.message }

func breaks(format string, args ...any) error { return &broken{fmt.Sprintf(format, args...)} }

// lastDay is the latest on which a step may happen or be recorded.
const lastDay domain.Date = "8999-12-31"

const (
	classBegins = 1 * time.Hour  // after a step: the first class of a cohort
	sameDay     = 14 * time.Hour // all classes on one day, where they fit
	classDay    = 24 * time.Hour
)

// The people of a case who are not named in it.
const (
	theTrainer   = "trainer-1"
	secondPerson = "certifier-2" // where an act takes two
	thirdPerson  = "certifier-1" // where the second is the first
)

func newStory(c *testCase, p *programme.Programme, zone *time.Location) *story {
	s := &story{
		c: c, p: p, zone: zone, current: -1,
		person: derived("person", c.id), trainers: map[string][]string{}, cohorts: map[string]bool{}, movedTo: map[string]int{}, enrolments: map[string]int{},
	}
	s.findRoles()
	return s
}

// begun is a ledger in which a programme is published and nothing else has happened. It
// is the same for every case.
func begun(p *programme.Programme, zone *time.Location) (*ledger, error) {
	s := newStory(&testCase{id: "the stage"}, p, zone)
	s.ledger = newLedger(derived("ledger"))
	first := s.morning(domain.Date(p.Valid.From))
	if err := s.publish(p, first.AddDate(0, 0, -2)); err != nil {
		return nil, fmt.Errorf("publish the programme: %w", err)
	}
	return s.ledger, nil
}

// tell plays the history on a ledger that has begun: first the stage, then each step in the
// order in which they are recorded.
func (s *story) tell(on *ledger) error {
	s.on = on
	times, err := s.times()
	if err != nil {
		return err
	}
	s.begins = times[0]
	if s.ledger, err = on.until(on.length()); err != nil {
		return err
	}
	s.cast()
	if err := s.stage(); err != nil {
		return err
	}
	order := make([]int, len(s.c.steps))
	for i := range order {
		order[i] = i
	}
	recorded := func(i int) time.Time { return times[i].AddDate(0, 0, int(s.c.steps[i].recordedAfter)) }
	slices.SortStableFunc(order, func(a, b int) int { return recorded(a).Compare(recorded(b)) })
	for n, i := range order {
		s.current, s.at, s.recorded, s.command = i, times[i], recorded(i), 0
		if err := s.try(&s.c.steps[i]); err != nil {
			return fmt.Errorf("step %d, %s (line %d): %w", i+1, s.c.steps[i].word, s.c.steps[i].line, err)
		}
		if n == 0 && s.c.later != nil {
			s.at, s.recorded = s.at.Add(time.Minute), s.recorded.Add(time.Minute)
			if err := s.publish(s.c.later, s.at); err != nil {
				return fmt.Errorf("later-version: %w", err)
			}
		}
	}
	return nil
}

// times are when the steps happen.
func (s *story) times() ([]time.Time, error) {
	first := domain.Date(s.p.Valid.From)
	for i := len(s.known); i < len(s.c.steps); i++ {
		st, out := &s.c.steps[i], s.known
		day := first
		if i > 0 {
			day = domain.DateOf(out[i-1])
			switch {
			case st.on != "" && st.on < day:
				return nil, breaks("step %d, %s (line %d): %s is before the step before it, %s; what is recorded afterwards is told where it happened, with recorded-after-days",
					i+1, st.word, st.line, st.on, day)
			case st.on != "":
				day = st.on
			case st.at != nil:
				at, err := s.dayOf(i)
				if err != nil {
					return nil, err
				}
				if at < day {
					return nil, breaks("step %d, %s (line %d): its moment, %s, is before the step before it, %s", i+1, st.word, st.line, at, day)
				}
				day = at
			case st.afterDays != nil:
				day = day.AddDays(int(*st.afterDays))
			default:
				day = day.AddDays(1)
			}
		} else {
			switch {
			case st.on != "" && st.on < first:
				return nil, breaks("step 1, %s (line %d): %s is before the programme's first day, %s", st.word, st.line, st.on, first)
			case st.on != "":
				day = st.on
			case st.at != nil:
				return nil, breaks("step 1, %s (line %d): nothing has happened that its moment could hang on", st.word, st.line)
			case st.afterDays != nil:
				day = day.AddDays(int(*st.afterDays))
			}
		}
		if day > lastDay || day.AddDays(int(st.recordedAfter)) > lastDay {
			return nil, breaks("step %d, %s (line %d) would happen or be recorded after %s", i+1, st.word, st.line, lastDay)
		}
		s.known = append(out, s.morning(day))
	}
	return s.known, nil
}

// morning is nine o'clock of a day in the programme's zone, with the offset fixed.
func (s *story) morning(day domain.Date) time.Time {
	t, _ := time.ParseInLocation("2006-01-02", string(day), s.zone)
	t = time.Date(t.Year(), t.Month(), t.Day(), 9, 0, 0, 0, s.zone)
	name, offset := t.Zone()
	if offset == 0 && name == "UTC" {
		return t.UTC()
	}
	return t.In(time.FixedZone("", offset))
}

// act is the act of the step at hand, by a name or by whoever it is asked of.
func (s *story) act(name, want string) domain.Act {
	by, role := s.who(name, want)
	return s.actBy(by, role)
}

func (s *story) actBy(by domain.Actor, role string) domain.Act {
	s.command++
	return domain.Act{At: s.at, By: by, Role: role, Command: s.derive("command", strconv.Itoa(s.command))}
}

// derive is an id that follows from the case, the step at hand and the parts.
func (s *story) derive(parts ...string) string {
	return derived(append([]string{s.c.id, strconv.Itoa(s.current)}, parts...)...)
}

func (s *story) do(c domain.Command) error {
	_, err := s.ledger.do(c, s.recorded)
	return err
}

// try does one step. What it did before it was refused is taken back: a refused step
// records nothing.
func (s *story) try(st *step) error {
	v := verbs()[st.verb]
	before, registration, person := s.ledger.length(), s.registration, s.person
	err := s.each(st, v)
	t := told{index: s.current, recorded: s.recorded}
	if errors.As(err, &t.refused) {
		was, err := s.ledger.until(before)
		if err != nil {
			return err
		}
		s.ledger, s.registration, s.person = was, registration, person
	} else if err != nil {
		return err
	}
	t.until = s.ledger.length()
	s.told = append(s.told, t)
	return nil
}

// each does a step, once for each item where it has a list of them.
func (s *story) each(st *step, v verb) error {
	if st.each == "" {
		return v.does(s, st)
	}
	items := st.args[st.each]
	for _, text := range items.words() {
		one := *st
		one.args = map[string]*node{}
		for _, k := range sortedKeys(st.args) {
			one.args[k] = st.args[k]
		}
		one.args[st.each] = &node{kind: wordNode, text: text, line: items.line, col: items.col}
		if err := v.does(s, &one); err != nil {
			return err
		}
	}
	return nil
}

// stage prepares what the first step needs: the people who attest, and the cohort.
func (s *story) stage() error {
	s.current, s.command = -1, 0
	s.at = s.begins.Add(-time.Hour)
	s.recorded = s.at
	for _, name := range s.attesters() {
		err := s.do(domain.RegisterAttester{Act: s.act("", domain.RoleRegistrar), Attester: name, What: "person", Name: name})
		if err != nil {
			return fmt.Errorf("register %s: %w", name, err)
		}
	}
	if s.p.Classes == nil {
		return nil // whoever registers gets the trainers assigned
	}
	for _, st := range s.c.steps {
		other := st.text("cohort")
		if st.verb != "live-equivalent" && st.verb != "transfer" || s.cohorts[other] {
			continue
		}
		if i, enrolled := s.enrolments[other]; enrolled && i > 0 {
			continue
		}
		if err := s.open(other, s.begins); err != nil {
			return err
		}
	}
	if i, ok := s.firstEnrolment(); ok && i == 0 {
		return nil // it opens its own
	}
	return s.open(s.home(), s.begins)
}

// firstEnrolment is the index of the first step that enrols in a cohort by name.
func (s *story) firstEnrolment() (int, bool) {
	i := slices.IndexFunc(s.c.steps, func(st step) bool { return st.verb == "enrol" })
	return i, i >= 0
}

// home is the cohort of whoever registers without naming one.
func (s *story) home() string { return "cohort" }

// publish proposes a version and has another person publish it.
func (s *story) publish(p *programme.Programme, at time.Time) error {
	s.ledger.programmes[p.Digest] = p
	keep, kept := s.at, s.recorded
	s.at, s.recorded = at, at
	defer func() { s.at, s.recorded = keep, kept }()
	author, _ := s.who("author-1", domain.RoleAuthor)
	events, err := s.ledger.do(domain.ProposeProgramme{Act: s.actBy(author, domain.RoleAuthor), Programme: p.ID, Rules: string(p.Bytes)}, s.recorded)
	if err != nil {
		return err
	}
	second, role := s.who(secondPerson, domain.RoleCertifier)
	return s.do(domain.PublishProgramme{Act: s.actBy(second, role), Programme: p.ID, Proposal: proposalIn(events)})
}

func proposalIn(events []domain.Event) string {
	for _, e := range events {
		if p, ok := e.(*domain.ProposalMade); ok {
			return p.Proposal
		}
	}
	return ""
}

// open begins a cohort whose classes are held in the 24 hours after from.
func (s *story) open(cohort string, from time.Time) error {
	if s.cohorts[cohort] {
		return nil
	}
	if !domain.IsSlug(cohort) {
		return breaks("a cohort cannot be called %q: use lower-case letters, digits and hyphens", cohort)
	}
	s.cohorts[cohort] = true
	keep, kept := s.at, s.recorded
	s.at = from.Add(-30 * time.Minute)
	s.recorded = s.at
	defer func() { s.at, s.recorded = keep, kept }()
	err := s.do(domain.OpenCohort{Act: s.act("", domain.RoleRegistrar), Cohort: cohort, Code: cohort, Programme: s.p.ID})
	if err != nil {
		return fmt.Errorf("open the cohort %s: %w", cohort, err)
	}
	for _, name := range s.trainersOf(cohort) {
		err := s.do(domain.AssignAttester{
			Act: s.act("", domain.RoleRegistrar), On: domain.SubjectOf(domain.KindCohort, cohort), Attester: name, As: domain.RoleTrainer, From: domain.DateOf(s.at),
		})
		if err != nil {
			return fmt.Errorf("assign %s: %w", name, err)
		}
	}
	for _, x := range s.timetable(cohort, from) {
		err := s.do(domain.ScheduleSession{
			Act: s.act("", domain.RoleRegistrar), Cohort: cohort, Session: x.ID, Module: x.Module, Starts: x.Starts, Ends: x.Ends,
		})
		if err != nil {
			return fmt.Errorf("schedule session %s: %w", x.ID, err)
		}
	}
	return nil
}

// timetable spreads the sessions of all modules over the 24 hours after from, each as long as
// the programme says. A session that the history cancels or moves is still to come
// at that step, so it is planned for the hours after it.
func (s *story) timetable(cohort string, from time.Time) []domain.Session {
	length := time.Duration(s.p.Classes.SessionMin) * time.Minute
	var out []domain.Session
	for _, m := range s.p.Classes.Modules {
		for i := range m.Sessions {
			id := m.Key
			if m.Sessions > 1 {
				id = part(m.Key, i)
			}
			out = append(out, domain.Session{ID: id, Module: m.Key})
		}
	}
	span := classDay
	if classBegins+length <= sameDay {
		span = sameDay
	}
	begins := min(classBegins, max(span-length, time.Minute))
	apart := max((span-begins-length)/time.Duration(len(out)), 0).Truncate(time.Minute)
	for i := range out {
		start := from.Add(begins + time.Duration(i)*apart)
		if step, moves := s.movedTo[out[i].ID]; moves && cohort == s.cohortAt(step) {
			if times, err := s.times(); err == nil {
				start = times[step].Add(begins + time.Duration(i)*apart)
			}
		}
		out[i].Starts, out[i].Ends = start, start.Add(length)
	}
	return out
}

// cohortAt is the cohort that a step concerns: the one enrolled in last, or the home.
func (s *story) cohortAt(step int) string {
	if s.p.Classes == nil {
		return ""
	}
	for i := min(step, len(s.c.steps)-1); i >= 0; i-- {
		switch st := &s.c.steps[i]; st.verb {
		case "enrol", "transfer":
			return st.text("cohort")
		}
	}
	return s.home()
}

// part names the sessions of a module that has several: 6a, 6b … 6z, 6-27 …
func part(module string, i int64) string {
	if i >= 26 {
		return module + "-" + strconv.FormatInt(i+1, 10)
	}
	letter := string(rune('a' + i))
	if last := module[len(module)-1]; last < '0' || last > '9' {
		return module + "-" + letter
	}
	return module + letter
}

// sessionIDs are the sessions that a name means: one session, or all of a module.
func (s *story) sessionIDs(name string) []string {
	if s.p.Classes == nil {
		return nil
	}
	var out []string
	for _, m := range s.p.Classes.Modules {
		for i := range m.Sessions {
			id := m.Key
			if m.Sessions > 1 {
				id = part(m.Key, i)
			}
			if id == name || m.Key == name {
				out = append(out, id)
			}
		}
	}
	return out
}
