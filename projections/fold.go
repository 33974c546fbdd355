package projections

import (
	"errors"
	"fmt"
	"time"

	"github.com/certledger/certledger/domain"
)

// folded is the state of one subject as of the entries applied so far. Exactly
// one of the states is set, by the subject's kind.
type folded struct {
	subject domain.Subject

	registration *stateRow[domain.Standing]
	cohort       *stateRow[domain.Cohort]
	line         *stateRow[domain.ProgrammeLine]
	attester     *stateRow[domain.Attester]
	person       *stateRow[domain.Person]
	system       *stateRow[domain.System]
	access       *stateRow[domain.Access]

	touchedBy *batch   // the batch under way, where it has an entry of the subject
	sequences []uint64 // of the subject's entries in that batch

	was     indexed  // what the index rows in Pebble say of a registration
	summary *Summary // as in Pebble, nil where there is none
}

// stateRow is the value of a state row.
type stateRow[T any] struct {
	Recorded time.Time // of the last entry
	State    T
}

// indexed is what a registration's index rows are made of.
type indexed struct{ person, cohort, programme, digest, state string }

func indexedOf(s *domain.Standing) indexed {
	return indexed{s.Person, s.Cohort, s.Pin.Programme, s.Pin.Digest, s.State}
}

func newFolded(subject domain.Subject) *folded {
	f := &folded{subject: subject}
	switch subject.Kind() {
	case domain.KindRegistration:
		f.registration = &stateRow[domain.Standing]{}
	case domain.KindCohort:
		f.cohort = &stateRow[domain.Cohort]{}
	case domain.KindProgramme:
		f.line = &stateRow[domain.ProgrammeLine]{}
	case domain.KindAttester:
		f.attester = &stateRow[domain.Attester]{}
	case domain.KindPerson:
		f.person = &stateRow[domain.Person]{}
	case domain.KindSystem:
		f.system = &stateRow[domain.System]{}
	case domain.KindAccess:
		f.access = &stateRow[domain.Access]{}
	}
	return f
}

// load reads a subject's state as of the last commit; an empty one where there
// is none.
func load(r reader, subject domain.Subject) (*folded, error) {
	f := newFolded(subject)
	row := key(viewState, string(subject))
	var err error
	switch {
	case f.registration != nil:
		var exists bool
		if exists, err = unpackRow(r, row, f.registration); err != nil || !exists {
			return f, err
		}
		f.was = indexedOf(&f.registration.State)
		f.summary, err = r.summaryRow(subject.ID())
	case f.cohort != nil:
		_, err = unpackRow(r, row, f.cohort)
	case f.line != nil:
		_, err = unpackRow(r, row, f.line)
	case f.attester != nil:
		_, err = unpackRow(r, row, f.attester)
	case f.person != nil:
		_, err = unpackRow(r, row, f.person)
	case f.system != nil:
		_, err = unpackRow(r, row, f.system)
	case f.access != nil:
		_, err = unpackRow(r, row, f.access)
	}
	return f, err
}

func (f *folded) head() domain.Head {
	switch {
	case f.registration != nil:
		return f.registration.State.Head
	case f.cohort != nil:
		return f.cohort.State.Head
	case f.line != nil:
		return f.line.State.Head
	case f.attester != nil:
		return f.attester.State.Head
	case f.person != nil:
		return f.person.State.Head
	case f.system != nil:
		return f.system.State.Head
	case f.access != nil:
		return f.access.State.Head
	}
	return domain.Head{}
}

// recorded is when the last entry was recorded.
func (f *folded) recorded() time.Time {
	switch {
	case f.registration != nil:
		return f.registration.Recorded
	case f.cohort != nil:
		return f.cohort.Recorded
	case f.line != nil:
		return f.line.Recorded
	case f.attester != nil:
		return f.attester.Recorded
	case f.person != nil:
		return f.person.Recorded
	case f.system != nil:
		return f.system.Recorded
	case f.access != nil:
		return f.access.Recorded
	}
	return time.Time{}
}

// pack is the value of the state row.
func (f *folded) pack(b []byte) []byte {
	switch {
	case f.registration != nil:
		return pack(b, f.registration)
	case f.cohort != nil:
		return pack(b, f.cohort)
	case f.line != nil:
		return pack(b, f.line)
	case f.attester != nil:
		return pack(b, f.attester)
	case f.person != nil:
		return pack(b, f.person)
	case f.access != nil:
		return pack(b, f.access)
	default:
		return pack(b, f.system)
	}
}

// apply folds an entry that follows on from the subject's head. An error, or a
// panic of the fold, leaves the state useless.
func (f *folded) apply(e *domain.Entry) (err error) {
	head := f.head()
	if e.Version != head.Version+1 || e.Previous != head.Hash {
		return fmt.Errorf("version %d of %s does not follow on version %d", e.Version, e.Subject, head.Version)
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: %w", e.Type, panicError(r))
		}
	}()
	switch {
	case f.registration != nil:
		f.registration.State.Apply(*e)
		f.registration.Recorded = e.Recorded
	case f.cohort != nil:
		f.cohort.State.Apply(*e)
		f.cohort.Recorded = e.Recorded
	case f.line != nil:
		f.line.State.Apply(*e)
		f.line.Recorded = e.Recorded
	case f.attester != nil:
		f.attester.State.Apply(*e)
		f.attester.Recorded = e.Recorded
	case f.person != nil:
		f.person.State.Apply(*e)
		f.person.Recorded = e.Recorded
	case f.system != nil:
		f.system.State.Apply(*e)
		f.system.Recorded = e.Recorded
	case f.access != nil:
		f.access.State.Apply(*e)
		f.access.Recorded = e.Recorded
	default:
		return fmt.Errorf("%s: nothing folds a %s", e.Type, e.Subject.Kind())
	}
	return nil
}

// panicError keeps where a panic's value is an error or a text of ours, and
// drops what could repeat a value.
func panicError(r any) error {
	if err, ok := r.(error); ok {
		return fmt.Errorf("panic: %w", err)
	}
	if text, ok := r.(string); ok {
		return errors.New("panic: " + text)
	}
	return errors.New("panic")
}

// folder holds hot states between batches, and the counters. It belongs to
// whoever holds Store.applying.
type folder struct {
	hot      twoAges[domain.Subject, *folded]
	siblings twoAges[string, []string] // person to registrations, sorted
	counts   map[string]uint64         // count row's key to its value
	owed     map[string]bool           // registrations whose assessment is owed
	edge     edge                      // of the tree
	latest   int64                     // recorded time of all entries, in milliseconds
	rowBytes int                       // room per entry that the last large batch needed
}

func newFolder(s *Store) (*folder, error) {
	f := &folder{
		hot:      newTwoAges[domain.Subject, *folded](s.cfg.HotStates),
		siblings: newTwoAges[string, []string](s.cfg.HotStates),
		counts:   map[string]uint64{},
		owed:     map[string]bool{},
		rowBytes: rowBytes,
	}
	r := reader{s.db, s}
	err := r.scan([]byte{viewCount}, []byte{viewCount + 1}, func(key, value []byte) (bool, error) {
		f.counts[string(key)] = number(value)
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	err = r.scan([]byte{viewOwed}, []byte{viewOwed + 1}, func(key, _ []byte) (bool, error) {
		f.owed[string(key[1:])] = true
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	at := s.Position()
	if f.edge, err = r.edge(at); err != nil {
		return nil, err
	}
	f.latest, err = r.latest(at.Sequence)
	return f, err
}

// twoAges is a bounded map: when the young half is full it becomes the old
// half, and the old one is forgotten. What is used moves to the young half.
type twoAges[K comparable, V any] struct {
	half       int
	young, old map[K]V
}

func newTwoAges[K comparable, V any](size int) twoAges[K, V] {
	return twoAges[K, V]{half: max(size/2, 1), young: map[K]V{}, old: map[K]V{}}
}

func (m *twoAges[K, V]) get(k K) (V, bool) {
	if v, ok := m.young[k]; ok {
		return v, true
	}
	v, ok := m.old[k]
	if ok {
		m.put(k, v)
	}
	return v, ok
}

func (m *twoAges[K, V]) put(k K, v V) {
	if len(m.young) >= m.half {
		m.young, m.old = m.old, m.young
		clear(m.young)
	}
	m.young[k] = v
}
