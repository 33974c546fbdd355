package domain

import (
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
)

// tester is a test, or a property check inside one.
type tester interface {
	require.TestingT
	Helper()
}

// world is a ledger in memory for tests: commands are decided, encoded,
// decoded and folded as the server does it.
type world struct {
	t        tester
	p        *programme.Programme
	entries  []Entry
	cohort   *Cohort
	standing *Standing
	// attesters are those known, by id; entries do not record them.
	attesters []*Attester
	activity  string // of what is recorded next
	now       time.Time
	commands  int
}

const (
	worldCohort       = "c1"
	worldRegistration = "r1"
	worldPerson       = "0123456789abcdef0123456789abcdef"
)

var worldStart = time.Date(2026, 4, 20, 9, 0, 0, 0, time.FixedZone("", -4*3600))

func newWorld(t tester, p *programme.Programme) *world {
	return &world{t: t, p: p, cohort: &Cohort{}, standing: &Standing{}, now: worldStart}
}

func (w *world) act(by Actor, role string) Act {
	w.commands++
	return Act{At: w.now, By: by, Role: role, Command: fmt.Sprintf("hmac:test-%d", w.commands)}
}

func (w *world) facts() Facts {
	f := Facts{Standing: w.standing, Programme: w.p, Cohort: w.cohort, Attesters: w.attesters}
	for _, e := range w.entries {
		if e.Subject.Kind() == KindRegistration {
			f.Entries = append(f.Entries, e)
		}
	}
	return f
}

// record puts an event on its subject, through its stored form.
func (w *world) record(on Subject, a Act, e Event) {
	head := w.standing.Head
	if on.Kind() == KindCohort {
		head = w.cohort.Head
	}
	CommonOf(e).Personal = nil
	payload, err := Encode(e, Header{
		Ledger: "test", Subject: on, Time: a.At, Recorded: w.now, Version: head.Version + 1, Previous: head.Hash,
		Nonce: "00000000000000000000000000000000", Actor: a.By, ActorRole: a.Role, CommandID: a.Command, CommandHash: "hmac:x",
		Index: len(w.entries),
	})
	require.NoError(w.t, err)
	entry, err := Decode(uint64(len(w.entries)+1), payload)
	require.NoError(w.t, err)
	w.entries = append(w.entries, entry)
	if on.Kind() == KindCohort {
		w.cohort.Apply(entry)
	} else {
		w.standing.Apply(entry)
	}
}

// do decides a command and records what it answers.
func (w *world) do(c Command) error {
	events, err := c.Decide(w.facts())
	if err != nil {
		return err
	}
	for _, e := range events {
		w.record(c.Subject(), ActOf(c), e)
	}
	return nil
}

func (w *world) must(c Command) {
	w.t.Helper()
	require.NoError(w.t, w.do(c), "%T", c)
}

func (w *world) assess() Assessment { return Assess(w.p, w.facts(), w.now) }

func (w *world) day() { w.now = w.now.AddDate(0, 0, 1) }

// open begins a cohort with all its sessions, its attesters, and a registration.
func (w *world) open(cohortRoles, ownRoles map[string][]string) {
	on := SubjectOf(KindCohort, worldCohort)
	staff := w.act(StaffActor("s1"), RoleRegistrar)
	w.record(on, staff, &CohortOpened{Code: worldCohort, Programme: w.p.ID})
	if w.p.Classes != nil {
		for i, m := range w.p.Classes.Modules {
			for k := range m.Sessions {
				id := m.Key
				if m.Sessions > 1 {
					id += string(rune('a' + k))
				}
				start := w.now.Add(time.Duration(i) * time.Minute)
				w.record(on, staff, &SessionScheduled{Session: id, Module: m.Key, Starts: start, Ends: start.Add(time.Hour)})
			}
		}
	}
	for _, role := range sortedKeys(cohortRoles) {
		for _, id := range cohortRoles[role] {
			w.record(on, staff, &AttesterAssigned{Attester: id, Role: role, From: DateOf(w.now)})
		}
	}
	reg := SubjectOf(KindRegistration, worldRegistration)
	w.record(reg, staff, &RegistrationSubmitted{
		Person: worldPerson, Programme: w.p.ID, Version: w.p.Version, Digest: w.p.Digest, PinMode: w.p.PinnedBy,
		PinnedOn: DateOf(w.now), Cohort: worldCohort, Received: DateOf(w.now),
	})
	for _, role := range sortedKeys(ownRoles) {
		for _, id := range ownRoles[role] {
			w.record(reg, staff, &AttesterAssigned{Attester: id, Role: role, Relation: RelationNone, From: DateOf(w.now)})
		}
	}
	w.day()
}

func (w *world) sessions() []string {
	var out []string
	for _, s := range w.cohort.Sessions {
		out = append(out, s.ID)
	}
	return out
}

func (w *world) mark(session, status string) {
	w.record(SubjectOf(KindRegistration, worldRegistration), w.act(AttesterActor("t1"), RoleTrainer),
		&AttendanceMarked{Session: session, Status: status, Source: SourceTrainer})
}

func resultAt(results []Result, path string) *Result {
	for i := range results {
		if results[i].Path == path {
			return &results[i]
		}
		if found := resultAt(results[i].Children, path); found != nil {
			return found
		}
	}
	return nil
}

func awardOf(a Assessment, key string) AwardResult {
	i := slices.IndexFunc(a.Awards, func(w AwardResult) bool { return w.Award == key })
	return a.Awards[i]
}
