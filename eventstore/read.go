package eventstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
)

// Stored is an entry as the ledger holds it.
type Stored struct {
	Sequence uint64
	Subject  string // "<kind>/<id>" or "system"
	Payload  []byte // the bytes that were appended; the caller may keep them
	StoredAt time.Time
}

// Get returns one entry, or ErrNoEntry where there is none or it is damaged.
func (l *Log) Get(ctx context.Context, sequence uint64) (Stored, error) {
	if err := l.enter(); err != nil {
		return Stored{}, err
	}
	defer l.leave()
	return l.get(ctx, sequence)
}

func (l *Log) get(ctx context.Context, sequence uint64) (Stored, error) {
	if sequence == 0 {
		return Stored{}, fmt.Errorf("read entry 0: %w", ErrNoEntry)
	}
	s, err := l.direct(ctx, directGet{Sequence: sequence})
	if err != nil {
		return Stored{}, fmt.Errorf("read entry %d: %w", sequence, err)
	}
	return s, nil
}

// LastOf returns the last entry of a subject; false where it has none. Its
// sequence is what the next Write's After must be.
func (l *Log) LastOf(ctx context.Context, subject string) (Stored, bool, error) {
	if err := l.enter(); err != nil {
		return Stored{}, false, err
	}
	defer l.leave()
	literal, err := toNATS(subject)
	if err != nil {
		return Stored{}, false, fmt.Errorf("read a last entry: %w", err)
	}
	s, err := l.direct(ctx, directGet{LastOf: literal})
	switch {
	case err == nil:
		return s, true, nil
	case errors.Is(err, ErrNoEntry):
		return Stored{}, false, nil
	default:
		return Stored{}, false, fmt.Errorf("read the last entry of %s: %w", subject, err)
	}
}

// nextFrom returns the first readable entry at or after sequence, or
// ErrNoEntry.
func (l *Log) nextFrom(ctx context.Context, sequence uint64) (Stored, error) {
	s, err := l.direct(ctx, directGet{Sequence: sequence, NextOf: subjectAll})
	if err != nil && !errors.Is(err, ErrNoEntry) {
		return Stored{}, fmt.Errorf("look for entry %d: %w", sequence, err)
	}
	return s, err
}

// gapAt describes the gap that begins at sequence, which could not be read, or
// returns nil where it can be read after all.
func (l *Log) gapAt(ctx context.Context, sequence uint64) (*GapError, error) {
	s, err := l.nextFrom(ctx, sequence)
	switch {
	case errors.Is(err, ErrNoEntry):
		return &GapError{Want: sequence}, nil
	case err != nil:
		return nil, err
	case s.Sequence == sequence:
		return nil, nil
	default:
		return &GapError{Want: sequence, Got: s.Sequence}, nil
	}
}

// directGet is a request for one message, by sequence, as the last of a
// literal subject, or as the next one from a sequence.
type directGet struct {
	Sequence uint64 `json:"seq,omitempty"`
	LastOf   string `json:"last_by_subj,omitempty"`
	NextOf   string `json:"next_by_subj,omitempty"`
}

// direct asks for one message; ErrNoEntry where there is none.
func (l *Log) direct(ctx context.Context, get directGet) (Stored, error) {
	body, err := json.Marshal(get)
	if err != nil {
		panic("eventstore: direct get: " + err.Error())
	}
	m, err := l.request(ctx, "$JS.API.DIRECT.GET."+streamName, body)
	if err != nil {
		return Stored{}, err
	}
	switch status := m.Header.Get("Status"); status {
	case "":
	case "404":
		return Stored{}, ErrNoEntry
	default:
		return Stored{}, fmt.Errorf("%w: status %s", ErrUnavailable, status)
	}
	return fromDirect(m)
}

func fromDirect(m *nats.Msg) (Stored, error) {
	sequence, err := strconv.ParseUint(m.Header.Get("Nats-Sequence"), 10, 64)
	if err != nil {
		return Stored{}, fmt.Errorf("%w: the answer's sequence: %w", ErrUnavailable, err)
	}
	at, err := time.Parse(time.RFC3339Nano, m.Header.Get("Nats-Time-Stamp"))
	if err != nil {
		return Stored{}, fmt.Errorf("%w: the answer's time: %w", ErrUnavailable, err)
	}
	return makeStored(sequence, m.Header.Get("Nats-Subject"), m.Data, at)
}

func makeStored(sequence uint64, literal string, payload []byte, at time.Time) (Stored, error) {
	subject, ok := fromNATS(literal)
	if !ok {
		return Stored{}, fmt.Errorf("entry %d has a subject that no writer of this ledger can have used", sequence)
	}
	return Stored{Sequence: sequence, Subject: subject, Payload: payload, StoredAt: at.UTC()}, nil
}
