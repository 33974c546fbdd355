package projections

import (
	"slices"
	"strings"

	"github.com/certledger/certledger/domain"
)

// finish writes the rows of everything that the batch touched. The
// registrations whose assessment rests on it are assessed, or noted as owed.
//
// The larger views are written in the order of their keys, which spares Pebble
// most of the sorting of a large batch.
func (b *batch) finish(items []*item, owing bool) error {
	slices.SortFunc(b.touched, func(x, y *folded) int { return strings.Compare(string(x.subject), string(y.subject)) })
	if err := b.indexRows(); err != nil {
		return err
	}
	todo, err := b.toAssess()
	if err != nil {
		return err
	}
	now, later := b.urgent(todo)
	if owing {
		now, later = nil, todo
	}
	if err := b.assess(now); err != nil {
		return err
	}
	b.commandRows()
	b.entryRows(items)
	b.treeRows(items)
	b.countRows()
	if err := b.tokenRows(); err != nil {
		return err
	}
	b.stateRows()
	b.timelineRows()
	b.owe(later)
	return nil
}

// assessAtOnce bounds the registrations that a batch assesses before it is
// committed: whoever waits for an entry does not wait for everybody whom a trainer
// has ever taught. The others are settled right after.
const assessAtOnce = 256

// urgent parts those to assess at once from those that can wait. Those with
// entries of their own come first.
func (b *batch) urgent(todo []string) (now, later []string) {
	if len(todo) <= assessAtOnce {
		return todo, nil
	}
	for _, id := range todo {
		if f, ok := b.loaded[domain.SubjectOf(domain.KindRegistration, id)]; ok && f.touchedBy == b {
			now = append(now, id)
		} else {
			later = append(later, id)
		}
	}
	more := min(max(0, assessAtOnce-len(now)), len(later))
	return append(now, later[:more]...), later[more:]
}

// stateRows packs side by side and writes in order.
func (b *batch) stateRows() {
	packed := make([][]byte, min(len(b.touched), stateRowsAtOnce))
	for from := 0; from < len(b.touched); from += stateRowsAtOnce {
		some := b.touched[from:min(from+stateRowsAtOnce, len(b.touched))]
		sideBySide(len(some), workAlone, func(i int) { packed[i] = some[i].pack(packed[i][:0]) })
		for i, f := range some {
			b.set(key(viewState, string(f.subject)), packed[i])
		}
	}
}

// stateRowsAtOnce bounds the packed states held beside the batch.
const stateRowsAtOnce = 1024

// indexRows moves touched registrations in the indexes to where their states
// say.
func (b *batch) indexRows() error {
	for _, f := range b.touched {
		if f.registration == nil {
			continue
		}
		id, was, is := f.subject.ID(), f.was, indexedOf(&f.registration.State)
		if was == is {
			continue
		}
		if was.person != is.person {
			if err := b.join(is.person, id); err != nil {
				return err
			}
		}
		b.move(viewPerson, was.person, is.person, id, nil)
		b.move(viewRoster, was.cohort, is.cohort, id, nil)
		if was.digest != is.digest {
			b.move(viewOfProgram, was.programme, is.programme, id, []byte(is.digest))
		}
		if was.state != "" {
			b.states[indexed{programme: was.programme, state: was.state}]--
		}
		b.states[indexed{programme: is.programme, state: is.state}]++
		f.was = is
	}
	return nil
}

// move replaces an index row by another; an empty name has none.
func (b *batch) move(view byte, was, is, id string, value []byte) {
	if was == is && value == nil {
		return
	}
	if was != "" && was != is {
		b.delete(key(view, was, id))
	}
	if is != "" {
		b.set(key(view, is, id), value)
	}
}

// toAssess lists the registrations whose summaries may have changed: those
// touched, their persons' others, those in a touched cohort, those with a
// touched attester assigned to them or to their cohort, named by their evidence, or
// on whose word a decision of theirs rested, those pinned to a programme that came
// after them, and where the day says which version judges, those of a touched
// programme. What changed within this batch is itself touched, so that the index
// rows from before the batch complete the list.
func (b *batch) toAssess() ([]string, error) {
	todo := map[string]bool{}
	add := func(ids []string, err error) error {
		for _, id := range ids {
			todo[id] = true
		}
		return damaged(err)
	}
	roster := func(cohort string) error { return add(b.before.lasts(below(viewRoster, cohort))) }
	for _, f := range b.touched {
		var err error
		switch id := f.subject.ID(); {
		case f.registration != nil:
			todo[id] = true
			if person := f.registration.State.Person; person != "" {
				err = add(b.registrationsOf(person))
			}
		case f.cohort != nil:
			err = roster(id)
		case f.attester != nil:
			var subjects []string
			subjects, err = b.before.lasts(below(viewAssigned, id))
			for _, s := range subjects {
				switch subject := domain.Subject(s); {
				case err != nil:
				case subject.Kind() == domain.KindCohort:
					err = roster(subject.ID())
				default:
					todo[subject.ID()] = true
				}
			}
			if err == nil {
				err = add(b.before.readersOf(f.subject))
			}
			if err == nil {
				err = add(b.before.lasts(below(viewNamed, id)))
			}
		case f.line != nil && b.judgesByDay(&f.line.State):
			err = add(b.before.lasts(below(viewOfProgram, id)))
		}
		if err != nil {
			return nil, damaged(err)
		}
	}
	for digest, p := range b.published {
		prefix := below(viewOfProgram, p.ID)
		err := b.before.scan(prefix, afterKey(prefix), func(key, value []byte) (bool, error) {
			if string(value) == digest {
				todo[string(key[len(prefix):])] = true
			}
			return true, nil
		})
		if err != nil {
			return nil, damaged(err)
		}
	}
	ids := make([]string, 0, len(todo))
	for id := range todo {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids, nil
}

// judgesByDay reports whether the day says which version judges a registration of
// a programme: another version may then change what every one of them comes to.
func (b *batch) judgesByDay(line *domain.ProgrammeLine) bool {
	return slices.ContainsFunc(line.Versions, func(v domain.Published) bool {
		p, err := b.programme(v.Digest)
		return err != nil || p != nil && domain.Pin{Mode: p.PinnedBy}.ByDay()
	})
}
