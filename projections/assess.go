package projections

import (
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

// summaryRows writes a summary, and moves the registration in the lists by flag,
// of reviews and of those ready.
func (b *batch) summaryRows(w *work) {
	id, before := w.folded.subject.ID(), w.folded.summary
	b.set(key(viewSummary, id), w.row)
	for _, flag := range before.flags() {
		if !slices.Contains(w.summary.Flags, flag) {
			b.delete(key(viewFlag, flag, id))
		}
	}
	for _, flag := range w.summary.Flags {
		if !slices.Contains(before.flags(), flag) {
			b.set(key(viewFlag, flag, id), nil)
		}
	}
	for _, r := range before.reviews() {
		if !slices.Contains(w.summary.Reviews, r) {
			b.delete(key(viewReview, string(r.Due), id, r.Decision))
		}
	}
	for _, r := range w.summary.Reviews {
		if !slices.Contains(before.reviews(), r) {
			b.set(key(viewReview, string(r.Due), id, r.Decision), nil)
		}
	}
	switch was, is := before.Ready(), w.summary.Ready(); {
	case was && !is:
		b.delete(key(viewReady, id))
	case is && !was:
		b.set(key(viewReady, id), nil)
	}
	w.folded.summary = w.summary
}
