package projections

import (
	"errors"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/certledger/certledger/domain"
)

// reads are the reading methods that Store and View share. Each sees one
// moment: a Store's that of the call, a View's its own.
type reads struct {
	store *Store
	at    *pebble.Snapshot // nil: a snapshot per call
}

// A View is one moment of the projections, for several reads that must agree.
// It keeps disk space from being freed and Close of its Store waiting: close it
// soon. Its methods may be called from any goroutine until then.
type View struct{ reads }

// View keeps the present moment.
func (s *Store) View() (*View, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	return &View{reads{s, s.db.NewSnapshot()}}, nil
}

// Close ends the view. It must be called once.
func (v *View) Close() error {
	defer v.store.calls.Done()
	return v.at.Close()
}

// Position is how far the entries were applied at the view's moment.
func (v *View) Position() (Position, error) { return read(v.reads, reader.position) }

// read runs one reading method at its moment.
func read[T any](r reads, fn func(reader) (T, error)) (T, error) {
	if r.at != nil {
		out, err := fn(reader{r.at, r.store})
		return out, damaged(err)
	}
	var none T
	if err := r.store.enter(); err != nil {
		return none, err
	}
	defer r.store.calls.Done()
	at := r.store.db.NewSnapshot()
	out, err := fn(reader{at, r.store})
	if err := errors.Join(err, at.Close()); err != nil {
		return none, damaged(err)
	}
	return out, nil
}

// reader reads rows at one moment.
type reader struct {
	db    pebble.Reader
	store *Store
}

var _ moment = reader{}

// get is a copy of a row's value; false where there is no such row.
func (r reader) get(key []byte) ([]byte, bool, error) {
	value, closer, err := r.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	out := append([]byte{}, value...)
	return out, true, closer.Close()
}

func (r reader) has(key []byte) (bool, error) {
	_, closer, err := r.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, closer.Close()
}

// unpackRow reads a packed row into v and reports whether there is one.
func unpackRow[T any](r reader, key []byte, v *T) (bool, error) {
	value, closer, err := r.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := errors.Join(unpack(value, v), closer.Close()); err != nil {
		return false, fmt.Errorf("row of view %c: %w", key[0], err)
	}
	return true, nil
}

// rare is an iterator for rows of a view that most often are not there: it asks
// the filters of the lowest level too, which a plain read leaves out and then
// loads a block in vain.
func (r reader) rare(view byte) (*pebble.Iterator, error) {
	return r.db.NewIter(&pebble.IterOptions{LowerBound: []byte{view}, UpperBound: []byte{view + 1}, UseL6Filters: true})
}

// unpackRare is unpackRow with such an iterator.
func unpackRare[T any](it *pebble.Iterator, key []byte, v *T) (bool, error) {
	if !it.SeekPrefixGE(key) {
		return false, it.Error()
	}
	value, err := it.ValueAndErr()
	if err == nil {
		err = unpack(value, v)
	}
	if err != nil {
		return false, fmt.Errorf("row of view %c: %w", key[0], err)
	}
	return true, nil
}

// scan visits the rows from one key up to before another, in order, until each
// reports false. What each gets is valid during its call.
func (r reader) scan(from, until []byte, each func(key, value []byte) (bool, error)) error {
	it, err := r.db.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: until})
	if err != nil {
		return err
	}
	for ok := it.First(); ok; ok = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return errors.Join(err, it.Close())
		}
		more, err := each(it.Key(), value)
		if err != nil {
			return errors.Join(err, it.Close())
		}
		if !more {
			break
		}
	}
	return errors.Join(it.Error(), it.Close())
}

// lasts lists the last parts of the keys that begin with prefix, in order.
func (r reader) lasts(prefix []byte) ([]string, error) {
	var out []string
	err := r.scan(prefix, afterKey(prefix), func(key, _ []byte) (bool, error) {
		out = append(out, string(key[len(prefix):]))
		return true, nil
	})
	return out, err
}

func (r reader) empty() (bool, error) {
	empty := true
	err := r.scan([]byte{0}, []byte{0xff}, func(_, _ []byte) (bool, error) {
		empty = false
		return false, nil
	})
	return empty, err
}

func (r reader) position() (Position, error) {
	value, exists, err := r.get(keyPosition)
	if err != nil || !exists {
		return Position{}, err
	}
	return readPosition(value)
}

// state reads the state row of a subject.
func state[T any](r reader, kind domain.Kind, id string) (*T, error) {
	var row stateRow[T]
	subject := domain.SystemSubject
	if kind != domain.KindSystem {
		subject = domain.SubjectOf(kind, id)
	}
	found, err := unpackRow(r, key(viewState, string(subject)), &row)
	if err != nil || !found {
		return nil, err
	}
	return &row.State, nil
}

// recorded reads the beginning of a state row.
func (r reader) recorded(subject domain.Subject) (time.Time, error) {
	value, closer, err := r.db.Get(key(viewState, string(subject)))
	if errors.Is(err, pebble.ErrNotFound) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	in := &unpacker{rest: value}
	at := in.time()
	if in.bad {
		err = errPacked
	}
	return at, errors.Join(err, closer.Close())
}

func (r reader) standing(id string) (*domain.Standing, error) {
	return state[domain.Standing](r, domain.KindRegistration, id)
}

func (r reader) cohort(id string) (*domain.Cohort, error) {
	return state[domain.Cohort](r, domain.KindCohort, id)
}

func (r reader) attester(id string) (*domain.Attester, error) {
	return state[domain.Attester](r, domain.KindAttester, id)
}

func (r reader) line(id string) (*domain.ProgrammeLine, error) {
	return state[domain.ProgrammeLine](r, domain.KindProgramme, id)
}

func (r reader) person(id string) (*domain.Person, error) {
	return state[domain.Person](r, domain.KindPerson, id)
}

func (r reader) system() (*domain.System, error) {
	return state[domain.System](r, domain.KindSystem, "")
}

// Standing is a registration's, nil where it does not exist.
func (r reads) Standing(registration string) (*domain.Standing, error) {
	return read(r, func(r reader) (*domain.Standing, error) { return r.standing(registration) })
}

// Cohort is nil where it does not exist.
func (r reads) Cohort(id string) (*domain.Cohort, error) {
	return read(r, func(r reader) (*domain.Cohort, error) { return r.cohort(id) })
}

// Attester is nil where it does not exist.
func (r reads) Attester(id string) (*domain.Attester, error) {
	return read(r, func(r reader) (*domain.Attester, error) { return r.attester(id) })
}

// Person is nil where nothing was recorded about the person beyond registrations.
func (r reads) Person(id string) (*domain.Person, error) {
	return read(r, func(r reader) (*domain.Person, error) { return r.person(id) })
}

// Line is the versions of a programme, nil where none was proposed or published.
func (r reads) Line(programme string) (*domain.ProgrammeLine, error) {
	return read(r, func(r reader) (*domain.ProgrammeLine, error) { return r.line(programme) })
}

// System is the ledger's own state, nil while the ledger is empty.
func (r reads) System() (*domain.System, error) {
	return read(r, reader.system)
}

// Access is what an actor has read on a day, nil where they have read nothing:
// id is that of domain.AccessSubject.
func (r reads) Access(id string) (*domain.Access, error) {
	return read(r, func(r reader) (*domain.Access, error) { return state[domain.Access](r, domain.KindAccess, id) })
}

// Lines are all programmes, by id.
func (r reads) Lines() ([]*domain.ProgrammeLine, error) {
	return read(r, func(r reader) ([]*domain.ProgrammeLine, error) {
		ids, err := r.lasts(key(viewState, string(domain.KindProgramme)+"/"))
		if err != nil {
			return nil, err
		}
		out := make([]*domain.ProgrammeLine, 0, len(ids))
		for _, id := range ids {
			l, err := r.line(id)
			if err != nil {
				return nil, err
			}
			out = append(out, l)
		}
		return out, nil
	})
}

// Recorded is what a command recorded. The same command id with another hash
// is another command.
type Recorded struct {
	First   uint64 // sequence of its first entry
	Count   uint64 // entries so far
	Hash    string // fingerprint of the command's body, as its first entry has it
	Subject domain.Subject
}

// Command tells what a command recorded, and false where it recorded nothing up
// to the position.
func (r reads) Command(id string) (Recorded, bool, error) {
	var v Recorded
	exists, err := read(r, func(r reader) (bool, error) {
		it, err := r.rare(viewCommand)
		if err != nil {
			return false, err
		}
		exists, err := unpackRare(it, key(viewCommand, id), &v)
		return exists, errors.Join(err, it.Close())
	})
	return v, exists, err
}

// DecisionAt says where a decision stands.
type DecisionAt struct {
	Registration string
	Sequence     uint64
}

// Decision finds a decision by its id.
func (r reads) Decision(id string) (DecisionAt, bool, error) {
	return found(r, key(viewDecision, id), DecisionAt{})
}

// TokenByHash finds an access token, revoked ones included, by "sha256:" and
// the digest of its text.
func (r reads) TokenByHash(hash string) (domain.Token, bool, error) {
	return found(r, key(viewToken, hash), domain.Token{})
}

// found reads one packed row.
func found[T any](r reads, key []byte, v T) (T, bool, error) {
	exists, err := read(r, func(r reader) (bool, error) { return unpackRow(r, key, &v) })
	return v, exists, err
}
