package desk

import (
	"context"
	"errors"
	"fmt"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore"
)

// commanded is a command that this desk recorded.
type commanded struct {
	hash   string
	answer Answer
}

// recall answers a command that was recorded before as it was answered then;
// false where it was not. It looks at the present, which is not before the
// moment: whatever the command changed in the states, it is found.
func (m *moment) recall(ctx context.Context, w *work) (Answer, bool, error) {
	if known, ok := m.desk.memory.command(w.CommandID); ok {
		if known.hash != w.hash || known.answer.Subject != w.subject {
			return Answer{}, false, ErrReused
		}
		a := known.answer
		a.Repeated = true
		return a, true, nil
	}
	if err := m.desk.awaitOwed(ctx, m.position); err != nil {
		return Answer{}, false, err
	}
	known, ok, err := m.desk.cfg.Store.Command(w.CommandID)
	switch {
	case err != nil:
		return Answer{}, false, fmt.Errorf("look a command id up: %w", err)
	case !ok:
		return Answer{}, false, nil
	case known.Hash != w.hash || known.Subject != w.subject:
		return Answer{}, false, ErrReused
	}
	a := Answer{Subject: w.subject, Repeated: true}
	for sequence := known.First; ; sequence++ {
		e, ok, err := m.entryOf(ctx, w.CommandID, sequence)
		if err != nil {
			return Answer{}, false, fmt.Errorf("read what a command recorded: %w", err)
		}
		if !ok {
			return a, true, nil
		}
		a.add(e)
	}
}

// Recall answers a request that was recorded before as it was answered then, and
// false where it was not. It is for requests whose Command costs much to make, or
// could not be made any more: of the Command only the subject is looked at. It
// waits for the projections where they are behind the ledger, so that no request
// of before is overlooked.
func (d *Desk) Recall(ctx context.Context, r Request) (Answer, bool, error) {
	w, err := d.prepare(r)
	if err != nil {
		return Answer{}, false, err
	}
	m := d.moment()
	defer m.close()
	if a, ok, err := m.recall(ctx, w); ok || err != nil {
		return a, ok, err
	}
	head, err := d.cfg.Log.Head(ctx)
	if err != nil || head <= m.position {
		return Answer{}, false, err
	}
	if err := d.wait(ctx, head); err != nil {
		return Answer{}, false, err
	}
	return m.recall(ctx, w)
}

// entryOf is the entry with a sequence, if the command recorded it. The entries
// of a command are stored in one piece, and may be applied in several.
func (m *moment) entryOf(ctx context.Context, command string, sequence uint64) (domain.Entry, bool, error) {
	stored, ok, err := m.desk.cfg.Store.Entry(sequence)
	if err == nil && !ok {
		stored, err = m.desk.cfg.Log.Get(ctx, sequence)
		if errors.Is(err, eventstore.ErrNoEntry) {
			return domain.Entry{}, false, nil
		}
	}
	if err != nil {
		return domain.Entry{}, false, err
	}
	e, err := domain.Decode(sequence, stored.Payload)
	return e, err == nil && e.CommandID == command, err
}

// add puts an entry at the end of an answer.
func (a *Answer) add(e domain.Entry) {
	a.Version, a.Sequence = e.Version, e.Sequence
	a.Entries = append(a.Entries, Recorded{ID: e.ID, Type: e.Type, Sequence: e.Sequence, Version: e.Version})
}
