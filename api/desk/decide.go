package desk

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore/vault"
)

// decide is what one work comes to at a moment. Its entries are numbered from a
// provisional sequence on.
func (m *moment) decide(ctx context.Context, w *work, first uint64) (*draft, error) {
	d := m.desk
	asked := askedBy(w.Command)
	_, again := m.batch[w.subject]
	afterOthers := again && asked.entries
	asked.entries = asked.entries && !again
	facts, base, factsErr := m.facts(ctx, asked)
	if a, ok, err := m.recall(ctx, w); err != nil || ok {
		return &draft{work: w, answer: a}, err
	}
	if factsErr != nil {
		return nil, factsErr
	}
	act := domain.ActOf(w.Command)
	if ahead := act.At.Sub(d.cfg.Now()); ahead > d.cfg.SkewMax {
		return nil, &domain.Refusal{
			Reason: "in-the-future", Field: "at",
			Detail: "This act is dated after the present time; record it once it has happened.",
		}
	}
	if afterOthers {
		return nil, fmt.Errorf("%w: a decision cannot follow other requests on its registration in one batch", ErrInvalid)
	}
	head := headOf(base)
	if w.IfMatch != nil && *w.IfMatch != head.Version {
		return nil, m.stale(ctx, w, head)
	}
	events, err := w.Command.Decide(facts)
	if err != nil {
		return nil, err
	}
	dr := &draft{work: w, answer: Answer{Subject: w.subject, Version: head.Version, Sequence: head.Sequence}}
	if len(events) == 0 {
		return dr, nil
	}
	return dr, m.write(ctx, dr, facts, base, events, first)
}

// stale is the error for an If-Match that does not match: errOutdated where the
// ledger has entries of the subject that were not looked at.
func (m *moment) stale(ctx context.Context, w *work, head domain.Head) error {
	if *w.IfMatch > head.Version {
		last, _, err := m.desk.cfg.Log.LastOf(ctx, string(w.subject))
		if err != nil {
			return err
		}
		if last.Sequence > head.Sequence {
			return errOutdated
		}
	}
	return ErrStale
}

// write seals and encodes events, and folds them for trial: what cannot be read
// back or folded is never appended.
func (m *moment) write(ctx context.Context, dr *draft, facts domain.Facts, base state, events []domain.Event, first uint64) error {
	d, w := m.desk, dr.work
	recorded, err := d.recordedTime(ctx, m)
	if err != nil {
		return err
	}
	act, head := domain.ActOf(w.Command), headOf(base)
	next := copyOf(base)
	dr.base = base
	for i, event := range events {
		common := domain.CommonOf(event)
		if common.Reads == nil {
			common.Reads = facts.Reads
		}
		if len(common.Personal) > 0 {
			holder, err := keyholderOf(w.subject, base, events)
			if err != nil {
				return err
			}
			at := vault.Context{Subject: string(w.subject), EventType: event.Type(), EventID: domain.EventID(w.CommandID, i)}
			if err := d.seal(holder, at, common); err != nil {
				return err
			}
		}
		payload, err := domain.Encode(event, domain.Header{
			Ledger: d.cfg.Ledger, Subject: w.subject, Time: act.At, Recorded: recorded,
			Version: head.Version + 1, Previous: head.Hash, Nonce: nonce(),
			Actor: act.By, ActorRole: act.Role, CommandID: w.CommandID, CommandHash: w.hash, Index: i,
			CorrelationID: w.CorrelationID, CausationID: w.CausationID, TraceParent: w.TraceParent,
		})
		if err != nil {
			return err
		}
		if bytes.Contains(payload, provisionalDigits) {
			return fmt.Errorf("%w: a request cannot refer to what one before it in the batch records", ErrInvalid)
		}
		entry, err := domain.Decode(first+uint64(i), payload)
		if err != nil {
			return fmt.Errorf("read %s back: %w", event.Type(), err)
		}
		next.Apply(entry)
		head = headOf(next)
		dr.payloads = append(dr.payloads, payload)
		dr.entries = append(dr.entries, entry)
	}
	m.batch[w.subject] = next
	return nil
}

func nonce() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
