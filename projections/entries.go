package projections

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore"
)

// EntriesMax bounds the entries of one page.
const EntriesMax = 1000

// Entry is the copy of an entry's stored bytes; false where it is not applied
// yet. StoredAt is not kept.
func (r reads) Entry(sequence uint64) (eventstore.Stored, bool, error) {
	var out eventstore.Stored
	exists, err := read(r, func(r reader) (exists bool, err error) {
		out, exists, err = r.entry(sequence)
		return exists, err
	})
	return out, exists, err
}

func (r reader) entry(sequence uint64) (eventstore.Stored, bool, error) {
	value, exists, err := r.get(keyEntry(sequence))
	if err != nil || !exists {
		return eventstore.Stored{}, false, err
	}
	subject, payload, err := readEntry(value)
	return eventstore.Stored{Sequence: sequence, Subject: subject, Payload: payload}, true, err
}

// Entries are the copies of up to limit entries after a sequence, in order: the
// exact stored bytes, for an export or to repair the ledger from. A limit of 0,
// or above EntriesMax, means EntriesMax.
func (r reads) Entries(after uint64, limit int) ([]eventstore.Stored, error) {
	return read(r, func(r reader) ([]eventstore.Stored, error) {
		limit := clamp(limit, EntriesMax)
		var out []eventstore.Stored
		err := r.scan(keyEntry(after+1), []byte{viewEntry + 1}, func(key, value []byte) (bool, error) {
			subject, payload, err := readEntry(value)
			out = append(out, eventstore.Stored{Sequence: number(key[1:]), Subject: subject, Payload: slices.Clone(payload)})
			return len(out) < limit, err
		})
		return out, err
	})
}

// Timeline is the sequences of up to limit entries of a subject after a
// sequence, in order.
func (r reads) Timeline(subject domain.Subject, after uint64, limit int) ([]uint64, error) {
	return read(r, func(r reader) ([]uint64, error) { return r.timeline(subject, after, all, clamp(limit, EntriesMax)) })
}

// all is up to the last entry. No entry has that sequence.
const all = math.MaxUint64

// timeline is what comes after one sequence, up to another. With a limit of 0 it
// has none.
func (r reader) timeline(subject domain.Subject, after, until uint64, limit int) ([]uint64, error) {
	if after >= until {
		return nil, nil
	}
	var out []uint64
	prefix := below(viewTimeline, string(subject))
	end := afterKey(prefix)
	if until != all {
		end = keyTimeline(string(subject), until+1)
	}
	err := r.scan(keyTimeline(string(subject), after+1), end, func(key, _ []byte) (bool, error) {
		out = append(out, number(key[len(prefix):]))
		return len(out) != limit, nil
	})
	return out, err
}

// EntriesOf are the copies of up to limit entries of a subject after a
// sequence, in order.
func (r reads) EntriesOf(subject domain.Subject, after uint64, limit int) ([]eventstore.Stored, error) {
	return read(r, func(r reader) ([]eventstore.Stored, error) {
		return r.entriesOf(subject, after, all, clamp(limit, EntriesMax))
	})
}

// entriesOf are the copies of what timeline lists.
func (r reader) entriesOf(subject domain.Subject, after, until uint64, limit int) ([]eventstore.Stored, error) {
	sequences, err := r.timeline(subject, after, until, limit)
	if err != nil {
		return nil, err
	}
	out := make([]eventstore.Stored, 0, len(sequences))
	for _, sequence := range sequences {
		e, exists, err := r.entry(sequence)
		if err != nil {
			return nil, err
		}
		if !exists {
			return nil, fmt.Errorf("entry %d of %s: %w", sequence, subject, errPacked)
		}
		out = append(out, e)
	}
	return out, nil
}

// History is all entries of a subject up to a sequence, decoded; 0 is up to the
// last. It is what a decision is made of and what an answer as of then is
// folded from.
func (r reads) History(subject domain.Subject, until uint64) ([]domain.Entry, error) {
	if until == 0 {
		until = all
	}
	return read(r, func(r reader) ([]domain.Entry, error) { return r.history(subject, 0, until) })
}

// history is the entries of a subject after one sequence, up to another.
func (r reader) history(subject domain.Subject, after, until uint64) ([]domain.Entry, error) {
	stored, err := r.entriesOf(subject, after, until, 0)
	if err != nil || len(stored) == 0 {
		return nil, err
	}
	out := make([]domain.Entry, len(stored))
	for i, s := range stored {
		if out[i], err = domain.Decode(s.Sequence, s.Payload); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// decoded is one entry, which must be applied.
func (r reader) decoded(sequence uint64) (domain.Entry, error) {
	stored, exists, err := r.entry(sequence)
	if err != nil {
		return domain.Entry{}, err
	}
	if !exists {
		return domain.Entry{}, fmt.Errorf("entry %d: %w", sequence, errPacked)
	}
	return domain.Decode(sequence, stored.Payload)
}

// IDs lists up to limit ids of a kind after one, in order: those of all cohorts,
// attesters and so on that have entries. A limit of 0, or above EntriesMax,
// means EntriesMax.
func (r reads) IDs(kind domain.Kind, after string, limit int) ([]string, error) {
	return read(r, func(r reader) ([]string, error) {
		var out []string
		limit := clamp(limit, EntriesMax)
		prefix := key(viewState, string(kind)+"/")
		from := prefix
		if after != "" {
			from = append(append(slices.Clone(prefix), after...), 0)
		}
		err := r.scan(from, afterKey(prefix), func(key, _ []byte) (bool, error) {
			out = append(out, string(key[len(prefix):]))
			return len(out) < limit, nil
		})
		return out, err
	})
}

// RestsOn lists the decisions that rested on an entry, by id.
func (r reads) RestsOn(sequence uint64) ([]string, error) {
	return read(r, func(r reader) ([]string, error) { return r.lasts(keyEvidence(sequence, "")) })
}

// Fingerprint is a hash over all rows, in the order of their keys. Two
// databases of the same ledger, up to the same position, have the same one.
func (r reads) Fingerprint(ctx context.Context) (string, error) {
	return read(r, func(r reader) (string, error) {
		h := sha256.New()
		err := r.scan([]byte{0}, []byte{0xff}, func(key, value []byte) (bool, error) {
			if err := ctx.Err(); err != nil {
				return false, err
			}
			h.Write(putNumber(uint64(len(key))))
			h.Write(key)
			h.Write(putNumber(uint64(len(value))))
			h.Write(value)
			return true, nil
		})
		return "sha256:" + hex.EncodeToString(h.Sum(nil)), err
	})
}

// clamp is limit, where it is between 1 and most, and otherwise most.
func clamp(limit, most int) int {
	if limit <= 0 || limit > most {
		return most
	}
	return limit
}
