package desk

import (
	"context"
	"errors"
	"fmt"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore"
)

// provisional is above every sequence that a ledger can have. Entries have such
// ones between the decision and the append.
const provisional uint64 = 1 << 62

// provisionalDigits begin each of the RequestsMax numbers from provisional on.
var provisionalDigits = []byte("461168601842738")

// work is a request on its way.
type work struct {
	Request
	subject domain.Subject
	hash    string // of the body
}

// draft is what a request comes to before it is recorded.
type draft struct {
	work   *work
	answer Answer // what there is to say if nothing is to be recorded

	base     state // that the entries follow on
	payloads [][]byte
	entries  []domain.Entry // read back from payloads; sequences are provisional
}

// errOutdated: the subject has entries that the state decided on lacks.
var errOutdated = errors.New("the subject has newer entries")

// prepare checks what can be checked without looking at the ledger.
func (d *Desk) prepare(r Request) (*work, error) {
	switch {
	case r.Command == nil:
		return nil, fmt.Errorf("%w: no command", ErrInvalid)
	case r.CommandID == "" || domain.ActOf(r.Command).Command != r.CommandID:
		return nil, fmt.Errorf("%w: the act's Command is not the CommandID", ErrInvalid)
	}
	w := &work{Request: r, subject: r.Command.Subject()}
	if err := w.subject.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if newState(w.subject.Kind()) == nil {
		return nil, fmt.Errorf("%w: no commands are on a subject of kind %s", ErrInvalid, w.subject.Kind())
	}
	var err error
	w.hash, err = d.fingerprint(r.Person, r.Body)
	return w, err
}

// run carries out all of the works or none, again where others were faster.
func (d *Desk) run(ctx context.Context, works []*work) ([]Answer, error) {
	ids, subjects := make([]string, len(works)), make([]string, len(works))
	for i, w := range works {
		ids[i], subjects[i] = w.CommandID, string(w.subject)
	}
	unlock, err := d.commandLocks.lock(ctx, ids...)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if unlock, err = d.subjectLocks.lock(ctx, subjects...); err != nil {
		return nil, err
	}
	defer unlock()
	refused := false
	for try := 1; ; try++ {
		seen := d.cfg.Store.Position().Sequence
		answers, err := d.try(ctx, works)
		if !refused && d.refusedBehind(ctx, seen, err) {
			refused = true // once more, with all that the ledger holds by now
			continue
		}
		if !errors.Is(err, eventstore.ErrConflict) && !errors.Is(err, errOutdated) {
			return answers, err
		}
		if try == d.cfg.TriesMax {
			return nil, fmt.Errorf("%w: %d tries", ErrBusy, try)
		}
		if err := d.catchUp(ctx, works); err != nil {
			return nil, err
		}
	}
}

// refusedBehind reports whether a refusal may have rested on projections that
// were behind the ledger, at a position seen, and have caught up now: what was
// missing may be there.
func (d *Desk) refusedBehind(ctx context.Context, seen uint64, err error) bool {
	var refusal *domain.Refusal
	if !errors.As(err, &refusal) {
		return false
	}
	head, err := d.cfg.Log.Head(ctx)
	if err != nil || head <= seen {
		return false
	}
	return d.wait(ctx, head) == nil
}

// catchUp waits until the projections have what the ledger holds of the
// subjects.
func (d *Desk) catchUp(ctx context.Context, works []*work) error {
	var until uint64
	for _, w := range works {
		d.memory.forget(w.subject)
		last, _, err := d.cfg.Log.LastOf(ctx, string(w.subject))
		if err != nil {
			return err
		}
		until = max(until, last.Sequence)
	}
	return d.wait(ctx, until)
}

func (d *Desk) wait(ctx context.Context, sequence uint64) error {
	if err := d.cfg.Store.Wait(ctx, sequence); err != nil {
		return fmt.Errorf("wait for the projections: %w", err)
	}
	return nil
}

// try decides on all works, and appends what they come to.
func (d *Desk) try(ctx context.Context, works []*work) ([]Answer, error) {
	if err := d.awaitEntries(ctx, works); err != nil {
		return nil, err
	}
	drafts, err := d.decideAll(ctx, works)
	if err != nil {
		return nil, err
	}
	answers := make([]Answer, len(drafts))
	for i, dr := range drafts {
		answers[i] = dr.answer
	}
	if err := d.append(ctx, drafts, answers); err != nil {
		return nil, err
	}
	for i, w := range works {
		if len(answers[i].Entries) > 0 {
			d.index(w.Command)
		}
	}
	return answers, nil
}

// awaitEntries waits for the projections where a work needs entries that the
// desk has just written.
func (d *Desk) awaitEntries(ctx context.Context, works []*work) error {
	for _, w := range works {
		if !decides(w.Command) {
			continue
		}
		if s, ok := d.memory.state(w.subject); ok {
			if err := d.wait(ctx, headOf(s).Sequence); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *Desk) decideAll(ctx context.Context, works []*work) ([]*draft, error) {
	m := d.moment()
	defer m.close()
	drafts := make([]*draft, len(works))
	total := 0
	for i, w := range works {
		dr, err := m.decide(ctx, w, provisional+uint64(total))
		if err != nil {
			return nil, &RequestError{Index: i, Err: err}
		}
		drafts[i] = dr
		if total += len(drafts[i].payloads); total > RequestsMax {
			return nil, &RequestError{Index: i, Err: fmt.Errorf("%w: more than %d entries at once", eventstore.ErrTooLarge, RequestsMax)}
		}
	}
	return drafts, nil
}

// append makes the drafts durable, all or none, and puts what was recorded into
// answers. A caller that leaves meanwhile does not leave the outcome unknown.
func (d *Desk) append(ctx context.Context, drafts []*draft, answers []Answer) error {
	var writes []eventstore.Write
	var of [][]int // the drafts that each write is made of
	at := map[domain.Subject]int{}
	for i, dr := range drafts {
		if len(dr.payloads) == 0 {
			continue
		}
		n, ok := at[dr.work.subject]
		if !ok {
			n = len(writes)
			at[dr.work.subject] = n
			writes = append(writes, eventstore.Write{Subject: string(dr.work.subject), After: headOf(dr.base).Sequence})
			of = append(of, nil)
		}
		writes[n].Payloads = append(writes[n].Payloads, dr.payloads...)
		of[n] = append(of[n], i)
	}
	if len(writes) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	sequences, err := d.cfg.Log.AppendAll(context.WithoutCancel(ctx), writes)
	if err != nil {
		return err
	}
	for n, members := range of {
		first := drafts[members[0]]
		s, next := copyOf(first.base), sequences[n]
		for _, i := range members {
			dr := drafts[i]
			answers[i] = Answer{Subject: dr.work.subject}
			for j := range dr.entries {
				e := &dr.entries[j]
				e.Sequence, next = next[0], next[1:]
				s.Apply(*e)
				answers[i].add(*e)
				d.clock.saw(e.Sequence, e.Recorded)
			}
			d.memory.recorded(dr.work.CommandID, commanded{dr.work.hash, answers[i]})
		}
		d.memory.wrote(first.work.subject, s, sequences[n], headOf(first.base).Version == 0)
	}
	return nil
}
