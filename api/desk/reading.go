package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore/vault"
)

// Reading is sealed values that somebody is about to be shown. Whether they may
// see them is for the caller to know.
type Reading struct {
	// Act is who reads, in which role and when. Its Command is from CommandID.
	Act domain.Act

	// What and ID are what is read, Purpose is why, as domain.RecordAccess has
	// them.
	What, ID, Purpose string

	// Values are to be opened. There may be none.
	Values []SealedValue

	// CorrelationID and TraceParent are recorded as they are. Each may be empty.
	CorrelationID, TraceParent string
}

// SealedValue is a group that is sealed in an entry.
type SealedValue struct {
	Whose domain.Subject // the person or the attester under whose keys it is
	Entry domain.Entry
	Group domain.Group
}

// The reasons why a value cannot be opened although somebody may see it.
var (
	ErrErasedValue  = errors.New("its key was destroyed")
	ErrNeverKey     = errors.New("no such key was ever made")
	ErrKeyNotHere   = errors.New("its key has not reached this node")
	ErrAlteredValue = errors.New("it does not open with its key")
)

// OpenValue is a value that was opened, or why it was not.
type OpenValue struct {
	Fields map[string]string // what was sealed, by the names of its fields
	Err    error             // nil, ErrErasedValue, ErrNeverKey, ErrKeyNotHere or ErrAlteredValue
}

// Read records that somebody reads sealed values, and then opens them: in the order
// of r.Values, each with its own outcome. The first answer is the sequence of the
// entry that says so. With an error nothing was opened.
//
// This is the only way to what is sealed: no caller can forget to record.
func (d *Desk) Read(ctx context.Context, r Reading) (uint64, []OpenValue, error) {
	out := make([]OpenValue, len(r.Values))
	counts := map[domain.SealedValues]int{}
	for i, v := range r.Values {
		sealed := sealedOf(v)
		out[i].Err = d.cfg.Vault.HasKey(v.Whose.ID(), string(v.Group), sealed)
		if why, err := whyClosed(out[i].Err); err != nil {
			return 0, nil, fmt.Errorf("look for the key of a value in entry %d: %w", v.Entry.Sequence, err)
		} else if out[i].Err = why; why == nil {
			counts[domain.SealedValues{Whose: v.Whose, Group: v.Group}]++
		}
	}
	answer, err := d.Do(ctx, Request{
		Command:   domain.RecordAccess{Act: r.Act, What: r.What, ID: r.ID, Purpose: r.Purpose, Values: counted(counts)},
		CommandID: r.Act.Command, Body: []byte(r.What + "/" + r.ID + "/" + r.Purpose),
		CorrelationID: r.CorrelationID, TraceParent: r.TraceParent,
	})
	if err != nil {
		return 0, nil, fmt.Errorf("record a reading: %w", err)
	}
	for i, v := range r.Values {
		if out[i].Err != nil {
			continue
		}
		if out[i], err = d.open(v); err != nil {
			return 0, nil, fmt.Errorf("open a value in entry %d: %w", v.Entry.Sequence, err)
		}
	}
	return answer.Sequence, out, nil
}

// open opens one value.
func (d *Desk) open(v SealedValue) (OpenValue, error) {
	at := vault.Context{Subject: string(v.Entry.Subject), EventType: v.Entry.Type, EventID: v.Entry.ID}
	plain, err := d.cfg.Vault.Unseal(v.Whose.ID(), string(v.Group), at, sealedOf(v))
	defer clear(plain)
	why, err := whyClosed(err)
	if err != nil || why != nil {
		return OpenValue{Err: why}, err
	}
	var o OpenValue
	if json.Unmarshal(plain, &o.Fields) != nil || len(o.Fields) == 0 {
		return OpenValue{Err: ErrAlteredValue}, nil // what it holds is not told
	}
	return o, nil
}

func sealedOf(v SealedValue) vault.Sealed {
	s := domain.CommonOf(v.Entry.Event).Sealed[v.Group]
	return vault.Sealed{Key: s.Key, Generation: int(s.Generation), Commitment: s.Commitment, Value: s.Value}
}

// whyClosed tells a value that cannot be opened from a vault that cannot be read.
func whyClosed(err error) (why, fault error) {
	switch {
	case err == nil:
		return nil, nil
	case errors.Is(err, vault.ErrErased):
		return ErrErasedValue, nil
	case errors.Is(err, vault.ErrNever):
		return ErrNeverKey, nil
	case errors.Is(err, vault.ErrNotYet):
		return ErrKeyNotHere, nil
	case errors.Is(err, vault.ErrForm), errors.Is(err, vault.ErrCommitment), errors.Is(err, vault.ErrTampered):
		return ErrAlteredValue, nil
	}
	return nil, err
}

// counted are counts as a reading's entry lists them.
func counted(counts map[domain.SealedValues]int) []domain.SealedValues {
	out := make([]domain.SealedValues, 0, len(counts))
	for line, n := range counts {
		line.Count = n
		out = append(out, line)
	}
	slices.SortFunc(out, func(a, b domain.SealedValues) int {
		return cmp.Or(strings.Compare(string(a.Whose), string(b.Whose)), strings.Compare(string(a.Group), string(b.Group)))
	})
	return out
}
