package eventstore

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
)

// Recorded is what someone else, such as a projection or a signed checkpoint,
// remembers of the ledger. The zero value remembers nothing.
type Recorded struct {
	Sequence    uint64
	PayloadHash [32]byte // SHA-256 of the payload at Sequence
}

// Verify checks at start that the ledger is what it was, before anything is
// written: the stream's configuration is ours, entries begin at 1 without
// holes, the head is not before the recorded sequence, and the payload there is
// the recorded one. It takes the same time for a ledger of any size; damage
// inside an entry before the last is found only by reading it.
//
// The error holds all that was found, of *ConfigError, *GapError, *TailError
// and *TamperedError. The caller should not write after any of them.
func (l *Log) Verify(ctx context.Context, recorded Recorded) error {
	if err := l.enter(); err != nil {
		return err
	}
	defer l.leave()
	found := []error{l.checkConfig(ctx)}
	info, err := l.info(ctx, true)
	if err != nil {
		return fmt.Errorf("verify the ledger: %w", errors.Join(append(found, err)...))
	}
	s := info.State
	found = append(found, checkHoles(s))
	switch {
	case recorded.Sequence > s.LastSeq:
		found = append(found, &TailError{Head: s.LastSeq, Known: recorded.Sequence})
	case recorded.Sequence > 0:
		found = append(found, l.checkEntry(ctx, recorded.Sequence, &recorded.PayloadHash))
	}
	if s.LastSeq > 0 && s.LastSeq != recorded.Sequence {
		found = append(found, l.checkEntry(ctx, s.LastSeq, nil))
	}
	if err := errors.Join(found...); err != nil {
		return fmt.Errorf("verify the ledger: %w", err)
	}
	return nil
}

// checkHoles looks for entries that the server itself counts as missing.
func checkHoles(s streamState) error {
	switch {
	case s.LastSeq == 0:
		return nil
	case s.Messages == 0:
		return &GapError{Want: 1}
	case s.FirstSeq != 1:
		return &GapError{Want: 1, Got: s.FirstSeq}
	}
	missing := slices.Clone(s.Deleted)
	if s.Lost != nil {
		missing = append(missing, s.Lost.Msgs...)
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		missing = slices.Compact(missing)
		end := 1
		for end < len(missing) && missing[end] == missing[0]+uint64(end) {
			end++
		}
		next := missing[0] + uint64(end)
		if next > s.LastSeq {
			next = 0
		}
		return &GapError{Want: missing[0], Got: next}
	}
	if s.Messages != s.LastSeq || s.NumDeleted > 0 {
		return fmt.Errorf("the stream counts %d entries, %d of them deleted, up to sequence %d; read the ledger to find those missing",
			s.Messages, s.NumDeleted, s.LastSeq)
	}
	return nil
}

// checkEntry reads an entry and compares its hash where want is given.
func (l *Log) checkEntry(ctx context.Context, sequence uint64, want *[32]byte) error {
	s, err := l.get(ctx, sequence)
	if errors.Is(err, ErrNoEntry) {
		gap, err := l.gapAt(ctx, sequence)
		if gap != nil {
			return gap
		}
		return err
	}
	if err != nil {
		return err
	}
	if got := sha256.Sum256(s.Payload); want != nil && got != *want {
		return &TamperedError{Sequence: sequence, Want: *want, Got: got}
	}
	return nil
}
