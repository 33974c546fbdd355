package projections

import (
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/certledger/certledger/domain"
)

// work is one registration at the end of a batch: its rows to come.
type work struct {
	folded  *folded
	touched bool
	facts   domain.Facts
	cohort  *folded  // nil where there is none
	before  *Summary // as in Pebble

	summary    *Summary
	summaryRow []byte
	stateRow   []byte // nil where the registration has no entry in this batch
	err        error
}

// workAlone is how many registrations one goroutine assesses before another helps.
const workAlone = 16

// finish writes the rows of everything that the batch touched, and of the
// registrations whose assessment rests on it.
func (b *batch) finish() error {
	if err := b.indexRows(); err != nil {
		return err
	}
	todo, err := b.toAssess()
	if err != nil {
		return err
	}
	works, err := b.prepare(todo)
	if err != nil {
		return err
	}
	workers := min(runtime.GOMAXPROCS(0), 1+len(works)/workAlone)
	var wg sync.WaitGroup
	for w := range workers {
		from, until := len(works)*w/workers, len(works)*(w+1)/workers
		wg.Go(func() {
			for i := from; i < until; i++ {
				works[i].do()
			}
		})
	}
	wg.Wait()
	for i := range works {
		if err := works[i].err; err != nil {
			return &PoisonError{Err: err}
		}
		b.summaryRows(&works[i])
	}
	var value []byte
	for _, f := range b.touched {
		if f.registration == nil {
			value = f.pack(value[:0])
			b.set(key(viewState, string(f.subject)), value)
		}
	}
	b.commandRows()
	b.countRows()
	return b.tokenRows()
}

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
			b.counts[stateCount(was)]--
		}
		b.counts[stateCount(is)]++
		f.was = is
	}
	return nil
}

func stateCount(i indexed) string { return countStates + i.programme + "\x00" + i.state }

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
// touched attester assigned to them or to their cohort, and those pinned to a
// programme that came after them. What changed within this batch is itself
// touched, so that the index rows from before the batch complete the list.
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

// prepare gathers the facts, which may need reading, so that the rest can be
// done side by side.
func (b *batch) prepare(todo []string) ([]work, error) {
	works := make([]work, 0, len(todo))
	for _, id := range todo {
		f, err := b.load(domain.SubjectOf(domain.KindRegistration, id))
		if err != nil {
			return nil, err
		}
		facts, err := factsOf(b, id)
		if err != nil {
			return nil, err
		}
		if facts.Standing == nil {
			continue
		}
		works = append(works, work{folded: f, touched: b.isTouched[f], facts: facts, before: f.summary})
		if facts.Cohort != nil {
			c, err := b.load(domain.SubjectOf(domain.KindCohort, facts.Cohort.ID))
			if err != nil {
				return nil, err
			}
			works[len(works)-1].cohort = c
		}
	}
	return works, nil
}

// do assesses and packs. It only reads what others share.
func (w *work) do() {
	defer func() {
		if r := recover(); r != nil {
			w.err = fmt.Errorf("assess registration %s: %w", w.folded.subject.ID(), panicError(r))
		}
	}()
	at := w.folded.registration.Recorded
	if w.cohort != nil && w.cohort.cohort.Recorded.After(at) {
		at = w.cohort.cohort.Recorded
	}
	w.summary = summarise(w.facts, at)
	w.summaryRow = pack(nil, w.summary)
	if w.touched {
		w.stateRow = w.folded.pack(nil)
	}
}

// summaryRows writes a registration's summary and state, and moves it in the
// lists by flag and of those ready.
func (b *batch) summaryRows(w *work) {
	id := w.folded.subject.ID()
	b.set(key(viewSummary, id), w.summaryRow)
	if w.stateRow != nil {
		b.set(key(viewState, string(w.folded.subject)), w.stateRow)
	}
	for _, flag := range w.before.flags() {
		if !slices.Contains(w.summary.Flags, flag) {
			b.delete(key(viewFlag, flag, id))
		}
	}
	for _, flag := range w.summary.Flags {
		if !slices.Contains(w.before.flags(), flag) {
			b.set(key(viewFlag, flag, id), nil)
		}
	}
	switch was, is := w.before.Ready(), w.summary.Ready(); {
	case was && !is:
		b.delete(key(viewReady, id))
	case is && !was:
		b.set(key(viewReady, id), nil)
	}
	w.folded.summary = w.summary
}
