package desk

import (
	"bytes"
	"slices"
	"sync"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/projections"
)

// Bounds of what is looked at to keep the memory true. Beyond them it forgets
// everything, which costs reads and nothing else.
const (
	aheadMax  = 1 << 16 // entries that the projections have moved on by, or are behind by
	othersMax = 64      // of the former, those that others wrote
)

// programmesMax bounds the rules that are remembered.
const programmesMax = 64

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
	owed     uint64          // the last own entry that was forgotten before it was projected
	own      map[uint64]bool // entries after seen that the desk wrote
	states   *recent[domain.Subject, state]
	people   *recent[string, registrations]
	commands *recent[string, commanded]
	rules    *recent[string, *programme.Programme] // by digest; never stale
}

// registrations are a person's. If not all, they are those begun here.
type registrations struct {
	ids   []string
	all   bool
	begun uint64 // where the last one begun here began
}

func newMemory(store *projections.Store, statesMax, commandsMax int) *memory {
	return &memory{
		store: store, seen: store.Position().Sequence, own: map[uint64]bool{},
		states:   newRecent[domain.Subject, state](statesMax),
		people:   newRecent[string, registrations](statesMax),
		commands: newRecent[string, commanded](commandsMax),
		rules:    newRecent[string, *programme.Programme](programmesMax),
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
	for s := range m.own {
		m.owed = max(m.owed, s)
	}
	m.states.clear()
	m.forgetPeople()
	clear(m.own)
}

func (m *memory) forgetPeople() {
	for _, e := range m.people.at {
		m.owed = max(m.owed, e.Value.(pair[string, registrations]).value.begun)
	}
	m.people.clear()
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
		m.forgetPeople()
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
		m.forgetPeople()
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
		known.begun = r.Sequence
		m.putPerson(r.Person, known)
	}
}

// put counts the entries of a state that has to go as others', so that nothing
// older takes its place for good.
func (m *memory) put(subject domain.Subject, s state) {
	if gone, ok := m.states.put(subject, s); ok {
		delete(m.own, headOf(gone).Sequence)
		m.owed = max(m.owed, headOf(gone).Sequence)
	}
}

func (m *memory) putPerson(person string, r registrations) {
	if gone, ok := m.people.put(person, r); ok {
		m.owed = max(m.owed, gone.begun)
	}
}

// needs is how far the projections must be before what the memory lacks is read
// from them: own writes that had to be forgotten are seen too.
func (m *memory) needs() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.owed
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
		m.putPerson(person, registrations{ids: ids, all: true, begun: known.begun})
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
	if gone, ok := m.commands.put(id, c); ok {
		m.owed = max(m.owed, gone.answer.Sequence)
	}
}

// programme is the rules with a digest.
func (m *memory) programme(digest string) (*programme.Programme, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rules.get(digest)
}

func (m *memory) parsed(p *programme.Programme) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rules.put(p.Digest, p)
}
