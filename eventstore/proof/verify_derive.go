package proof

import (
	"cmp"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

// derive takes every decision anew.
func (v *verifier) derive() *Failure {
	var first *Failure
	for _, e := range v.decisions {
		r := reportOf(e)
		r.Failure = guarded(recordFile(r.Decision), func() *Failure { return derived(e, v.stored[e.Sequence], v.past, recordFile(r.Decision)) })
		r.Identical = r.Failure == nil
		first = cmp.Or(first, r.Failure)
		v.report.Decisions = append(v.report.Decisions, r)
	}
	return first
}

// derived takes one decision anew. Nil means identical.
func derived(e domain.Entry, payload []byte, past domain.Past, where string) *Failure {
	d := decisionIn(e)
	if d.Record == nil {
		return failed(CodeNoRecord, where, "it holds no record of what the decision rested on")
	}
	if d.Record.Decided.Registration != e.Subject.ID() || !cutBefore(e, d.Record, past) {
		return failed(CodeCut, where, "its record is about another registration, or leaves out what had been recorded on it")
	}
	facts, err := domain.FactsOfCut(d.Record, past)
	if err == nil {
		err = domain.Rederive(e, payload, facts)
	}
	if err != nil {
		return failedToDerive(err, where)
	}
	return nil
}

// cutBefore reports whether a decision's record considered everything on its
// registration before it: up to the entry before, or before the pin that came with
// the decision.
func cutBefore(e domain.Entry, r *domain.Record, past domain.Past) bool {
	if r.Cut.Version+2 != e.Version {
		return r.Cut.Version+1 == e.Version
	}
	_, entries, err := past.Registration(e.Subject.ID(), e.Version-1)
	if err != nil || len(entries) == 0 {
		return false
	}
	before := entries[len(entries)-1]
	pinned, ok := before.Event.(*domain.RegistrationPinned)
	return ok && before.CommandID == e.CommandID && pinned.Why == domain.PinnedForDecision && pinned.Digest == r.Programme.Digest
}

func reportOf(e domain.Entry) DecisionReport {
	d := decisionIn(e)
	r := DecisionReport{
		Decision: d.Decision, Registration: e.Subject.ID(), Sequence: e.Sequence, Act: d.Act, Award: d.Award, Level: d.Level,
		By: e.Actor, Role: e.ActorRole, Happened: e.Time, Recorded: e.Recorded,
	}
	if d.Record != nil {
		r.Programme = d.Record.Programme
	}
	return r
}

// VerifyEntry checks that the log holds these stored bytes, by a .tlog-proof, and
// answers with their sequence and the checkpoint. Errors are *Failure.
func VerifyEntry(payload, inclusion []byte, policy *Policy) (uint64, Opened, error) {
	parsed, err := ParseInclusion(inclusion)
	if err != nil {
		return 0, Opened{}, failedBy(err, inclusionPart)
	}
	if parsed.Index >= SizeMax {
		return 0, Opened{}, failed(CodeProof, inclusionPart, "it is about a place that no tree has")
	}
	sequence := parsed.Index + 1
	opened, err := policy.VerifyInclusion(inclusion, leafOf(sequence, payload))
	if err != nil {
		return 0, Opened{}, failedBy(err, inclusionPart)
	}
	return sequence, opened, nil
}

func bySequence(a, b domain.Entry) int { return cmp.Compare(a.Sequence, b.Sequence) }

// dossierHistory is the entries of a dossier, to fold.
type dossierHistory struct {
	*contents
	read map[string]*published // by digest
}

// EntriesUpTo are those of a subject from version 1 up to a version.
func (h *dossierHistory) EntriesUpTo(of domain.Subject, version uint64) ([]domain.Entry, error) {
	entries := h.entries[of]
	if version == 0 || version > uint64(len(entries)) {
		return nil, notThere(of, version)
	}
	return entries[:version], nil
}

// Programme is the rules that were published under a digest.
func (h *dossierHistory) Programme(digest string) (*programme.Programme, error) {
	return programmeOf(h, digest)
}

func (h *dossierHistory) rules(digest string) (*published, error) {
	if p := h.read[digest]; p != nil {
		return p, nil
	}
	e, ok := h.publication(digest)
	if !ok {
		return nil, failed(CodeProgramme, shown(digest), "these rules are not here")
	}
	p, failure := readRules(e)
	if failure != nil {
		return nil, failure
	}
	h.read[digest] = p
	return p, nil
}
