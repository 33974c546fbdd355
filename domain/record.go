package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/gowebpki/jcs"
)

// recordForm is the version of the form of records.
const recordForm = 1

// NewRecord is what a decision at a time rests on: the assessment with every
// entry that it consulted, and how much of the ledger was considered. Facts
// without entries give a record without their ids and hashes.
func NewRecord(f Facts, a Assessment, at time.Time) *Record {
	s := f.Standing
	at = wholeSecond(at)
	r := &Record{
		Form: recordForm, Engine: EngineVersion, Programme: s.Pin,
		Cut:      Cut{Sequence: s.Sequence, Version: s.Version, Hash: s.Hash, Time: at, Reads: slices.Clone(f.Reads)},
		Evidence: consultedEntries(f.Entries, a.Consulted), Awards: a.Awards, Trace: a.Results, Measures: a.Measures,
		Classes: a.Classes, Assumptions: a.Assumptions,
	}
	used := map[uint64]bool{}
	for _, c := range r.Evidence {
		used[c.Sequence] = used[c.Sequence] || c.Role == RoleUsed
	}
	for _, j := range s.Judgements {
		if used[j.Made.Sequence] {
			r.Judgements = append(r.Judgements, j.Made.Sequence)
		}
	}
	for _, w := range s.Waivers {
		if w.Ended == nil && !w.Made.Time.After(at) && (w.Until == "" || DateOf(at) <= w.Until) {
			r.Waivers = append(r.Waivers, WaiverUsed{Waiver: w.ID, Sequence: w.Made.Sequence})
		}
	}
	if n := len(s.Decisions); n > 0 {
		for _, e := range f.Entries {
			if e.Sequence == s.Decisions[n-1].Made.Sequence {
				r.Previous = e.Hash
			}
		}
	}
	r.Digest = r.digest()
	return r
}

// consultedEntries adds to each entry consulted what identifies it.
func consultedEntries(entries []Entry, consulted []Consulted) []Consulted {
	out := slices.Clone(consulted)
	for i := range out {
		for _, e := range entries {
			if e.Sequence == out[i].Sequence {
				out[i].Entry, out[i].Hash, out[i].Type = e.ID, e.Hash, e.Type
			}
		}
	}
	if out == nil {
		out = []Consulted{}
	}
	return out
}

// digest is over the canonical JSON (RFC 8785) of the record without its digest.
func (r *Record) digest() string {
	bare := *r
	bare.Digest = ""
	b, err := encodeJSON(bare)
	if err != nil {
		panic("domain: a record does not encode")
	}
	canonical, err := jcs.Transform(b)
	if err != nil {
		panic("domain: a record has no canonical form")
	}
	sum := sha256.Sum256(canonical)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// VerifyRecordDigest reports whether a record is unchanged since its digest
// was taken.
func VerifyRecordDigest(r *Record) bool {
	return r != nil && r.Digest == r.digest()
}
