package proof

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/certledger/certledger/domain"
	fastjson "github.com/go-json-experiment/json"
)

// Report is what the verification of a dossier found. It holds what was read until
// the first failure.
type Report struct {
	Kind       string           `json:"kind"`    // DossierDecision or DossierPerson
	Ledger     string           `json:"ledger"`  // id
	Checkpoint Opened           `json:"-"`       // that every entry was found under
	Entries    int              `json:"entries"` // verified
	Subjects   int              `json:"subjects"`
	From       time.Time        `json:"from"`  // recorded time of the first entry
	Until      time.Time        `json:"until"` // and of the last
	Decisions  []DecisionReport `json:"decisions"`
	Opening    *OpeningReport   `json:"opening,omitempty"` // nil where nothing was opened
}

// DecisionReport is what came of deriving a decision anew.
type DecisionReport struct {
	Decision     string       `json:"decision"`
	Registration string       `json:"registration"`
	Sequence     uint64       `json:"sequence"`
	Act          string       `json:"act"`
	Award        string       `json:"award"`
	Level        string       `json:"level,omitempty"`
	By           domain.Actor `json:"by"`
	Role         string       `json:"role"`
	Happened     time.Time    `json:"happened"`
	Recorded     time.Time    `json:"recorded"`
	Programme    domain.Pin   `json:"programme"`
	Identical    bool         `json:"identical"`
	Failure      *Failure     `json:"failure,omitempty"` // why it is not
}

// VerifyDossier checks a dossier from its bytes on: who signed it, that every entry
// is in the log's tree, that no entry of the subjects is missing, that every act of
// two people was one, and that the rules, applied to the entries, lead to every
// node of each decision's record again.
//
// Nil means that all of it holds and every decision is identical. Otherwise the
// error is the first *Failure. The report is never nil.
func VerifyDossier(files Files, policy *Policy) (*Report, error) {
	v := verifier{
		files: files, policy: policy, report: &Report{},
		contents: contents{entries: map[domain.Subject][]domain.Entry{}, stored: map[uint64][]byte{}},
	}
	for _, step := range []func() *Failure{
		files.check, v.readStated, v.signed, v.leaves, v.proofs, v.rulesFiles, v.decode, v.chains, v.headsReached, v.about, v.sufficient, v.reads,
		v.madeAgain, v.wordedAgain, v.opening, v.folds, v.derive,
	} {
		if failure := guarded("dossier", step); failure != nil {
			return v.report, failure
		}
	}
	return v.report, nil
}

// verifier is a dossier as far as it has been understood.
type verifier struct {
	files  Files
	policy *Policy
	report *Report

	contents
	stated    stated
	signedAt  []byte // the checkpoint's bytes
	opened    Opened
	sequences []uint64 // of the entries, in order
	decoded   []domain.Entry
	past      *Past
}

// readStated reads what the dossier says it is about.
func (v *verifier) readStated() *Failure {
	for _, name := range []string{dossierContents, dossierReadme, dossierCheckpoint, dossierHeads} {
		if _, ok := v.files.named(name); !ok {
			return failed(CodeFiles, name, "it is missing")
		}
	}
	b, _ := v.files.named(dossierContents)
	var failure *Failure
	v.stated, failure = readStatement(b)
	v.kind, v.report.Kind = v.stated.Kind, v.stated.Kind
	return failure
}

// signed opens the two statements of the log.
func (v *verifier) signed() *Failure {
	var err error
	v.signedAt, _ = v.files.named(dossierCheckpoint)
	if v.opened, err = v.policy.Open(v.signedAt); err != nil {
		return failedBy(err, dossierCheckpoint)
	}
	v.checkpoint, v.report.Checkpoint = v.opened.Checkpoint, v.opened
	b, _ := v.files.named(dossierHeads)
	if v.heads, err = v.policy.OpenHeads(b); err != nil {
		return failedBy(err, dossierHeads)
	}
	if v.heads.Checkpoint != v.checkpoint {
		return failed(CodeCheckpoint, dossierHeads, "it is about another size or root than the checkpoint")
	}
	return nil
}

// leaves holds that each entry is there with its leaf and its proof, and that each
// leaf is its entry's.
func (v *verifier) leaves() *Failure {
	parts := map[string]int{}
	for _, f := range v.files {
		switch kind, key := kindOf(f.Name); kind {
		case anEntry:
			sequence, err := strconv.ParseUint(key, 10, 64)
			if err != nil {
				return noSuchFile(f.Name)
			}
			v.sequences, v.stored[sequence] = append(v.sequences, sequence), f.Content
			parts[key]++
		case aLeaf, anInclusion:
			parts[key]++
		}
	}
	slices.Sort(v.sequences)
	for _, key := range slices.Sorted(maps.Keys(parts)) {
		if parts[key] != 3 {
			return failed(CodeFiles, entriesFolder+"/"+key, "it has not all of %s, %s and %s", entryEnd, leafFileEnd, inclusionEnd)
		}
	}
	if len(v.sequences) == 0 {
		return failed(CodeFiles, entriesFolder, "there is no entry")
	}
	for _, s := range v.sequences {
		name := entryFile(s, leafFileEnd)
		leaf, _ := v.files.named(name)
		if !bytes.Equal(leaf, leafOf(s, v.stored[s])) {
			return failed(CodeLeaf, name, "it is not the leaf of that entry")
		}
	}
	return nil
}

// leafOf is the leaf of an entry.
func leafOf(sequence uint64, payload []byte) []byte { return Leaf(sequence, sha256.Sum256(payload)) }

// proofs holds that each leaf is under the checkpoint.
func (v *verifier) proofs() *Failure {
	for _, s := range v.sequences {
		name := entryFile(s, inclusionEnd)
		text, _ := v.files.named(name)
		inclusion, err := ParseInclusion(text)
		if err != nil {
			return failedBy(err, name)
		}
		if !bytes.Equal(inclusion.Checkpoint, v.signedAt) {
			return failed(CodeCheckpoint, name, "it leads to another checkpoint than the dossier's")
		}
		leaf, _ := v.files.named(entryFile(s, leafFileEnd))
		if err := inclusion.Verify(leaf, v.checkpoint); err != nil {
			return failedBy(err, name)
		}
	}
	return nil
}

// rulesFiles holds that each file of rules has the digest that it is named by.
func (v *verifier) rulesFiles() *Failure {
	for _, f := range v.files {
		kind, _ := kindOf(f.Name)
		if kind == rulesOf && programmeFile(domain.HashOf(f.Content)) != f.Name {
			return failed(CodeProgramme, f.Name, "its bytes have another digest")
		}
	}
	return nil
}

// decode reads the entries: each of a type that is known, of one ledger, with an
// identifier of its own, and recorded no earlier than the one before it.
func (v *verifier) decode() *Failure {
	ids := map[string]bool{}
	for i, s := range v.sequences {
		name := entryFile(s, entryEnd)
		e, failure := decodeEntry(s, v.stored[s])
		if failure != nil {
			failure.Where = name
			return failure
		}
		ledger := ledgerOf(&e, v.stored[s])
		switch {
		case ledger == "" || i > 0 && ledger != v.ledger:
			return failed(CodeForeign, name, "it is of another ledger")
		case ids[e.ID]:
			return failed(CodeTwice, name, "another entry has its identifier")
		case i > 0 && e.Recorded.Before(v.decoded[i-1].Recorded):
			return failed(CodeTime, name, "it was recorded before the entry that stands before it")
		}
		v.ledger, v.report.Ledger = ledger, ledger
		ids[e.ID] = true
		v.decoded = append(v.decoded, e)
	}
	v.report.From, v.report.Until = v.decoded[0].Recorded, v.decoded[len(v.decoded)-1].Recorded
	return nil
}

// decodeEntry reads an entry, and says whether it is damaged or only newer.
func decodeEntry(sequence uint64, payload []byte) (domain.Entry, *Failure) {
	if len(payload) > EntryMax {
		return domain.Entry{}, failed(CodeTooLarge, entryAt(sequence), "an entry has at most %d bytes", EntryMax)
	}
	e, err := domain.Decode(sequence, payload)
	if err == nil {
		return e, nil
	}
	code := CodeEntry
	if isOfUnknownType(payload) {
		code = CodeUnknown
	}
	return domain.Entry{}, &Failure{Code: code, Where: entryAt(sequence), What: err.Error(), cause: err}
}

// isOfUnknownType tells an entry that a newer program may read from a damaged one.
func isOfUnknownType(payload []byte) bool {
	var envelope struct {
		SpecVersion string `json:"specversion"`
		Type        string `json:"type"`
	}
	if err := fastjson.Unmarshal(payload, &envelope); err != nil || envelope.Type == "" {
		return false
	}
	name, ok := strings.CutPrefix(envelope.Type, typePrefix)
	return !ok || envelope.SpecVersion != specVersion || !slices.Contains(domain.EventTypes(), name)
}

// chains follows each subject's entries from the first.
func (v *verifier) chains() *Failure {
	chains := map[domain.Subject]*chain{}
	for _, e := range v.decoded {
		c := chains[e.Subject]
		if c == nil {
			c = &chain{subject: e.Subject}
			chains[e.Subject] = c
		}
		if failure := c.follow(&e); failure != nil {
			return failure
		}
		v.entries[e.Subject] = append(v.entries[e.Subject], e)
	}
	v.report.Entries, v.report.Subjects = len(v.decoded), len(v.entries)
	return nil
}

// headsReached compares how far the entries go with the log's word on it.
func (v *verifier) headsReached() *Failure {
	stated := map[domain.Subject]Head{}
	for _, h := range v.heads.Subjects {
		stated[h.Subject] = h
		if v.entries[h.Subject] == nil {
			return failed(CodeHeads, dossierHeads, "it speaks of %s, of which there is no entry here", h.Subject)
		}
	}
	for _, s := range v.subjects() {
		entries := v.entries[s]
		last, h := headOf(entries[len(entries)-1]), stated[s]
		switch {
		case h.Subject == "":
			return failed(CodeHeads, dossierHeads, "it does not say where %s stood", s)
		case last.Version > h.Version:
			return failed(CodeHeads, string(s), "there are %d entries here and %d by the log's word", last.Version, h.Version)
		case last.Version == h.Version && last != h:
			return failed(CodeHeads, string(s), "its last entry is another one than by the log's word")
		case last.Version < h.Version && last.Sequence >= h.Sequence:
			return failed(CodeHeads, string(s), "the entries that are missing at its end would stand before those that are here")
		}
	}
	return nil
}

// about finds the decisions that the dossier is about, and holds that nothing on
// their registrations is left out.
func (v *verifier) about() *Failure {
	for n, d := range v.stated.Decisions {
		if n > 0 && d.Sequence <= v.stated.Decisions[n-1].Sequence {
			return failed(CodeContents, dossierContents, "its decisions are not in the order in which they were recorded")
		}
		i, ok := slices.BinarySearchFunc(v.decoded, d.Sequence, func(e domain.Entry, s uint64) int { return cmp.Compare(e.Sequence, s) })
		if !ok || decisionIn(v.decoded[i]) == nil {
			return failed(CodeNoDecision, dossierContents, "entry %d, which it calls a decision, is none that is here", d.Sequence)
		}
		v.decisions = append(v.decisions, v.decoded[i])
	}
	ids := map[string]bool{}
	for _, e := range decisionsIn(v.decoded) {
		if id := decisionIn(e).Decision; ids[id] {
			return failed(CodeTwice, entryFile(e.Sequence, entryEnd), "another decision has its identifier")
		} else {
			ids[id] = true
		}
	}
	person := ""
	for _, s := range v.registrations() {
		whose := personOf(v.entries[s])
		if person != "" && whose != person {
			return failed(CodeForeign, string(s), "it is of another person")
		}
		person = whose
		i := slices.IndexFunc(v.heads.Subjects, func(h Head) bool { return h.Subject == s })
		if v.heads.Subjects[i].Version != uint64(len(v.entries[s])) {
			return failed(CodeHeads, string(s), "it has %d entries by the log's word, and %d are here: later ones are left out", v.heads.Subjects[i].Version, len(v.entries[s]))
		}
		if v.kind == DossierPerson && len(decisionsIn(v.entries[s])) != v.statedOn(s) {
			return failed(CodeContents, dossierContents, "it does not name every decision on %s", s)
		}
	}
	if v.kind == DossierDecision {
		person = ""
	}
	if v.heads.Person != person {
		return failed(CodeHeads, dossierHeads, "it is not the log's word on a dossier of this kind: that these are all registrations of the person is said in those of persons, and there alone")
	}
	return nil
}

// statedOn counts the decisions that dossier.json names on a registration.
func (v *verifier) statedOn(s domain.Subject) int {
	n := 0
	for _, e := range v.decisions {
		if e.Subject == s {
			n++
		}
	}
	return n
}

// sufficient holds that the entries are those that the decisions need, neither
// more nor less.
func (v *verifier) sufficient() *Failure {
	need, err := extentOf(v.registrations(), v.decisions, func(s domain.Subject) ([]domain.Entry, error) { return v.entries[s], nil })
	if err != nil {
		return failedToDerive(err, "dossier")
	}
	for _, s := range slices.Sorted(maps.Keys(need)) {
		if have := uint64(len(v.entries[s])); have < need[s] {
			return failed(CodeSubjects, shown(string(s)), "%d of its entries are here, and %d were looked at", have, need[s])
		}
	}
	for _, s := range v.subjects() {
		if have := uint64(len(v.entries[s])); have > need[s] {
			return failed(CodeSubjects, string(s), "%d of its entries are here, and a dossier like this holds %d", have, need[s])
		}
	}
	return nil
}

// reads holds that what entries say they looked at was so, as far as it is here.
func (v *verifier) reads() *Failure {
	for _, e := range v.decoded {
		if failure := looksOnce(&e); failure != nil {
			failure.Where = entryFile(e.Sequence, entryEnd)
			return failure
		}
		for _, r := range domain.CommonOf(e.Event).Reads {
			entries := v.entries[r.Subject]
			switch {
			case r.Sequence >= e.Sequence || r.Version == 0:
				return failed(CodeReads, entryFile(e.Sequence, entryEnd), "it looked at an entry that came after it")
			case r.Version > uint64(len(entries)):
				continue // not in this dossier
			}
			if x := entries[r.Version-1]; x.Sequence != r.Sequence || x.Hash != r.Hash {
				return failed(CodeReads, entryFile(e.Sequence, entryEnd), "it looked at another version %d of %s than is here", r.Version, r.Subject)
			}
		}
	}
	return nil
}

// madeAgain makes the files that follow from the others, and compares.
func (v *verifier) madeAgain() *Failure {
	made, err := v.made()
	if err != nil {
		return failedToDerive(err, "dossier")
	}
	for _, f := range made {
		switch is, ok := v.files.named(f.Name); {
		case !ok:
			return failed(CodeFiles, f.Name, "it is missing")
		case !bytes.Equal(is, f.Content):
			return failed(codeOf(f.Name), f.Name, "it is not, byte for byte, what the entries lead to")
		}
	}
	made.sort()
	for _, f := range v.files {
		if _, ok := made.named(f.Name); !ok && codeOf(f.Name) != "" {
			return failed(CodeFiles, f.Name, "it does not belong to this dossier")
		}
	}
	return nil
}

// wordedAgain makes the README, in each wording until it is the one that is here.
// One that does not tell of opened values goes with none.
func (v *verifier) wordedAgain() *Failure {
	is, _ := v.files.named(dossierReadme)
	_, opened := v.files.named(dossierOpening)
	facts := v.readmeFacts()
	for _, w := range readmeWordings {
		made, err := w.fill(facts)
		switch {
		case err != nil:
			return failedToDerive(err, dossierReadme)
		case bytes.Equal(is, made) && (w.opened || !opened):
			return nil
		}
	}
	return failed(CodeReadme, dossierReadme, "it is not, byte for byte, what the entries lead to, in any wording that is known here")
}

// codeOf is how a file fails that is made of the others; empty for one that is not.
func codeOf(name string) Code {
	kind, _ := kindOf(name)
	switch {
	case name == dossierContents:
		return CodeContents
	case kind == aRecord:
		return CodeRecord
	case kind == rulesOf:
		return CodeProgramme
	}
	return ""
}

// folds applies the entries of each subject, and holds that acts of two people
// had both.
func (v *verifier) folds() *Failure {
	h := &dossierHistory{contents: &v.contents, read: map[string]*published{}}
	v.past = NewPast(h)
	for _, s := range v.subjects() {
		w := walkOf(s, v.past, h)
		for i := range v.entries[s] {
			e := &v.entries[s][i]
			w.partial = e.Sequence > v.lastDecisionOn(s)
			where := entryFile(e.Sequence, entryEnd)
			if failure := guarded(where, func() *Failure { return w.take(e, v.stored[e.Sequence]) }); failure != nil {
				failure.Where = where
				return failure
			}
		}
	}
	return nil
}

// lastDecisionOn is the sequence of the last decision on a registration that the
// dossier is about. What entries looked at until then is in it.
func (v *verifier) lastDecisionOn(s domain.Subject) uint64 {
	last := uint64(0)
	for _, e := range v.decisions {
		if e.Subject == s {
			last = e.Sequence
		}
	}
	return last
}
