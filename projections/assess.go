package projections

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/certledger/certledger/domain"
)

// work is one registration that a batch assesses.
type work struct {
	folded *folded
	facts  domain.Facts
	at     time.Time

	summary *Summary
	row     []byte
	err     error
}

// assess writes the summaries of registrations, and what is listed by them.
func (b *batch) assess(ids []string) error {
	works, err := b.prepare(ids)
	if err != nil {
		return err
	}
	sideBySide(len(works), workAlone, func(i int) { works[i].do() })
	for i := range works {
		if err := works[i].err; err != nil {
			return err
		}
		b.summaryRows(&works[i])
	}
	return nil
}

// prepare gathers the facts, which may need reading, so that the rest can be
// done side by side.
func (b *batch) prepare(ids []string) ([]work, error) {
	works := make([]work, 0, len(ids))
	for _, id := range ids {
		facts, err := factsOf(b, id)
		if err != nil {
			return nil, err
		}
		if facts.Standing == nil {
			continue
		}
		w := work{facts: facts}
		if w.at, err = summaryTime(b, facts); err != nil {
			return nil, err
		}
		if w.folded, err = b.load(domain.SubjectOf(domain.KindRegistration, id)); err != nil {
			return nil, err
		}
		works = append(works, w)
	}
	return works, nil
}

// do assesses and packs. It only reads what others share. A panic of the rules
// is a *PoisonError without sequence: of some entry in the batch.
func (w *work) do() {
	defer func() {
		if r := recover(); r != nil {
			w.err = &PoisonError{Err: fmt.Errorf("assess %s: %w", w.folded.subject, panicError(r))}
		}
	}()
	w.summary = summarise(w.facts, w.at)
	w.row = pack(nil, w.summary)
}

// summaryRows writes a summary, and moves the registration in the lists.
func (b *batch) summaryRows(w *work) {
	b.set(key(viewSummary, w.folded.subject.ID()), w.row)
	was, is := w.folded.summary.listed(), w.summary.listed()
	lists := func(rows [][]byte, row []byte) bool {
		return slices.ContainsFunc(rows, func(other []byte) bool { return bytes.Equal(other, row) })
	}
	for _, row := range was {
		if !lists(is, row) {
			b.delete(row)
		}
	}
	for _, row := range is {
		if !lists(was, row) {
			b.set(row, nil)
		}
	}
	w.folded.summary = w.summary
}
