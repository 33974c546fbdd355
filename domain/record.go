package domain

import (
	"cmp"
	"slices"
)

// recordForm is the version of the form of records.
const recordForm = 1

// appeals says how a decision on the award can be appealed and, where the
// programme sets a time, until when.
func (d desk) appeals() (route string, until Date) {
	if d.award.AppealDays > 0 {
		until = d.day().AddDays(int(d.award.AppealDays))
	}
	return RoleAppealsPanel, until
}

// record puts into a decision what it rests on: the assessment with every entry
// that it consulted, and how much of the ledger was considered. Facts without
// entries give a record without their ids and hashes.
func (d desk) record(e *DecisionRecorded, a Assessment) {
	s := d.s
	r := &Record{
		Form: recordForm, Decided: d.decided(e), Engine: EngineVersion, EngineHash: d.f.EngineHash, Programme: d.pin(), Periods: a.Periods,
		Cut:      Cut{Sequence: s.Sequence, Version: s.Version, Hash: s.Hash, Time: d.At, Reads: slices.Clone(d.f.Reads)},
		Evidence: consultedEntries(d.f.Entries, a.Consulted), Awards: a.Awards, Trace: a.Results, Measures: a.Measures,
		Classes: a.Classes, Assumptions: a.Assumptions,
	}
	used := map[uint64]bool{}
	for _, c := range r.Evidence {
		used[c.Sequence] = used[c.Sequence] || c.Role == RoleUsed
	}
	for _, j := range s.Judgements {
		if used[j.Made.Sequence] {
			r.Judgements = append(r.Judgements, JudgementUsed{
				Judgement: j.ID, Sequence: j.Made.Sequence, Question: j.Question, Number: j.Number, Answer: j.Answer,
				By: j.Made.Actor, Role: j.Made.Role, On: j.Made.Day(), Consensus: j.Consensus, Signers: j.Signers,
				Rubric: j.Rubric, Ratings: j.Ratings, Text: d.f.sealedIn(j.Made.Sequence, GroupNarrative),
			})
		}
	}
	for _, w := range s.Waivers {
		if w.Ended == nil && !w.Made.Time.After(d.At) && (w.Until == "" || d.day() <= w.Until) {
			r.Waivers = append(r.Waivers, WaiverUsed{
				Waiver: w.ID, Sequence: w.Made.Sequence, Requirement: w.Requirement, Session: w.Session, Until: w.Until,
				ProposedBy: w.ProposedBy, ApprovedBy: w.Made.Actor, Text: d.f.sealedIn(w.Proposed, GroupAccommodation),
			})
		}
	}
	if n := len(s.Decisions); n > 0 {
		if before, ok := d.f.entry(s.Decisions[n-1].Made.Sequence); ok {
			r.Previous = before.Hash
		}
	}
	if !d.f.undigested {
		r.Digest = r.digest()
	}
	e.Record = r
}

func (d desk) decided(e *DecisionRecorded) Decided {
	out := Decided{
		Decision: e.Decision, Act: e.Act, Registration: d.s.Registration, Person: d.s.Person, Award: e.Award, Track: e.Track,
		Period: e.Period, Level: e.Level, Levels: e.Levels, PersonWide: e.PersonWide, Effective: e.From, Until: e.Until,
		Denied: e.Denied, Supersedes: e.Supersedes, By: d.By, Role: d.Role, Conflict: d.closeness(),
	}
	if out.Conflict == nil {
		out.Conflict = []string{}
	}
	out.Appeal, out.AppealUntil = d.appeals()
	return out
}

// entry is an entry of the registration, by its place in the ledger.
func (f Facts) entry(sequence uint64) (Entry, bool) {
	i, ok := slices.BinarySearchFunc(f.Entries, sequence, func(e Entry, s uint64) int { return cmp.Compare(e.Sequence, s) })
	if !ok {
		return Entry{}, false
	}
	return f.Entries[i], true
}

// sealedIn refers to a group sealed in an entry, where it holds one.
func (f Facts) sealedIn(sequence uint64, g Group) *Reference {
	e, ok := f.entry(sequence)
	if !ok {
		return nil
	}
	if _, ok := e.Event.common().Sealed[g]; !ok {
		return nil
	}
	return &Reference{Entry: e.ID, Sequence: sequence, Group: g}
}

// consultedEntries adds to each entry consulted what identifies it.
func consultedEntries(entries []Entry, consulted []Consulted) []Consulted {
	out := slices.Clone(consulted)
	for i := range out {
		if e, ok := (Facts{Entries: entries}).entry(out[i].Sequence); ok {
			out[i].Entry, out[i].Hash, out[i].Type = e.ID, e.Hash, e.Type
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
	return digestOf(b)
}

// digestOf is the digest of an encoded record that has none; empty for what is
// not JSON.
func digestOf(record []byte) string {
	canonical, err := canonicalJSON(record)
	if err != nil {
		return ""
	}
	return HashOf(canonical)
}

// VerifyRecordDigest reports whether a record is unchanged since its digest
// was taken.
func VerifyRecordDigest(r *Record) bool {
	return r != nil && r.Digest == r.digest()
}
