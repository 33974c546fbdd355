package desk

import (
	"bytes"
	"slices"
	"sync"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

// Bounds of what is looked at to keep the memory true. Beyond them it forgets
// everything, which costs reads and nothing else.
const (
	aheadMax  = 1 << 16 // entries that the projections have moved on by, or are behind by
	othersMax = 64      // of the former, those that others wrote
)

// memory holds the states that the desk wrote or read last, so that the next
// command on them needs no row of the projections. What it holds of a subject
// is at least as new as the projections' row at the position seen: whenever the
// projections have moved on, the subjects that others wrote to are forgotten.
// An entry of others that is not projected yet makes it stale like the rows;
// the append's guard finds out.
type memory struct {
	store *projections.Store

	mu       sync.Mutex      // protects all below
	seen     uint64          // the entries up to it are taken into account
	own      map[uint64]bool // entries after seen that the desk wrote
	states   *recent[domain.Subject, state]
	people   *recent[string, registrations]
	commands *recent[string, commanded]
}

// registrations are a person's. If not all, they are those begun here.
type registrations struct {
	ids []string
	all bool
}

func newMemory(store *projections.Store, statesMax, commandsMax int) *memory {
	return &memory{
		store: store, seen: store.Position().Sequence, own: map[uint64]bool{},
		states:   newRecent[domain.Subject, state](statesMax),
		people:   newRecent[string, registrations](statesMax),
		commands: newRecent[string, commanded](commandsMax),
	}
}

// refresh forgets what others have changed, and answers with the position up to
// which that is certain.
func (m *memory) refresh() uint64 {
	position := m.store.Position().Sequence
	m.mu.Lock()
	defer m.mu.Unlock()
	if position <= m.seen {
		return m.seen
	}
	ok := position-m.seen <= aheadMax
	others := 0
	for s := m.seen + 1; ok && s <= position; s++ {
		if m.own[s] {
			delete(m.own, s)
			continue
		}
		others++
		ok = others <= othersMax && m.forgetOther(s)
	}
	if !ok {
		m.forgetAll()
	}
	m.seen = position
	return position
}

func (m *memory) forgetAll() {
	m.states.clear()
	m.people.clear()
	clear(m.own)
}

var submitted = []byte(`"certledger.` + (*domain.RegistrationSubmitted)(nil).Type() + `"`)

// forgetOther forgets the subject of an entry that others wrote.
func (m *memory) forgetOther(sequence uint64) bool {
	e, ok, err := m.store.Entry(sequence)
	if err != nil || !ok {
		return false
	}
	m.states.drop(domain.Subject(e.Subject))
	if bytes.Contains(e.Payload, submitted) {
		m.people.clear()
	}
	return true
}

func (m *memory) state(subject domain.Subject) (state, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.states.get(subject)
}

func (m *memory) forget(subject domain.Subject) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.states.drop(subject)
}

// read takes note of a state in the projections at a position.
func (m *memory) read(subject domain.Subject, s state, position uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if position < m.seen {
		return
	}
	if was, ok := m.states.get(subject); !ok || headOf(was).Sequence < headOf(s).Sequence {
		m.put(subject, s)
	}
}

// wrote takes note of entries that this desk appended to a subject, and of the
// state that they lead to.
func (m *memory) wrote(subject domain.Subject, s state, sequences []uint64, begun bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if sequences[0] <= m.seen { // they counted as others' already
		m.states.drop(subject)
		m.people.clear()
		return
	}
	if len(m.own) > aheadMax {
		m.forgetAll()
	}
	for _, n := range sequences {
		m.own[n] = true
	}
	m.put(subject, s)
	if r, ok := s.(*domain.Standing); ok && begun {
		known, _ := m.people.get(r.Person)
		known.ids = append(slices.Clip(known.ids), r.Registration)
		slices.Sort(known.ids)
		m.people.put(r.Person, known)
	}
}

// put counts the entries of a state that has to go as others', so that nothing
// older takes its place for good.
func (m *memory) put(subject domain.Subject, s state) {
	if gone, ok := m.states.put(subject, s); ok {
		delete(m.own, headOf(gone).Sequence)
	}
}

// registrations answers with those of a person, sorted. Read reads them from
// the projections, at the position or later.
func (m *memory) registrations(person string, position uint64, read func(person string) ([]string, error)) ([]string, error) {
	m.mu.Lock()
	known, _ := m.people.get(person)
	m.mu.Unlock()
	if known.all {
		return known.ids, nil
	}
	ids, err := read(person)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	known, _ = m.people.get(person)
	ids = slices.Concat(ids, known.ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if position >= m.seen {
		m.people.put(person, registrations{ids, true})
	}
	return ids, nil
}

// command is what a command of this desk came to.
func (m *memory) command(id string) (commanded, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.commands.get(id)
}

func (m *memory) recorded(id string, c commanded) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.commands.put(id, c)
}
