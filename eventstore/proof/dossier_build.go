package proof

import (
	"fmt"
	"slices"
	"strings"

	"github.com/certledger/certledger/domain"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Source is a ledger as dossiers are made from it: one moment of it, so that what
// it gives does not change meanwhile.
type Source interface {
	// HashReader is the tree. It holds at least the leaves of the checkpoint.
	tlog.HashReader

	// EntriesOf are the entries of a subject in order, from version 1 up to the
	// last whose sequence is not after until. None where there are none.
	EntriesOf(of domain.Subject, until uint64) ([]Stored, error)
}

// Stored is an entry as it was stored.
type Stored struct {
	Sequence uint64 // in the ledger, from 1
	Payload  []byte
}

// About is what a dossier is about: a decision, or a person where Decision is
// empty.
type About struct {
	// Decision is the decision's id. It stands on the one registration named.
	Decision string

	// Registrations are the ids of the decision's, or of all that the person has.
	Registrations []string
}

// BuildDossier makes the dossier of a decision or a person, as the ledger was at a
// signed checkpoint, which must cover them. The signers are the log's: they sign
// where the subjects stood then.
//
// What cannot be put into a dossier is a *Failure: there is no such decision, the
// checkpoint does not cover it, or it has no record. Other errors are the source's.
// BuildDossier does not verify what it is given; VerifyDossier does.
func BuildDossier(from Source, about About, checkpoint []byte, by ...note.Signer) (Files, error) {
	text, err := textOf(checkpoint, checkpointPart)
	if err != nil {
		return nil, err
	}
	at, err := parseCheckpoint(text)
	if err != nil {
		return nil, err
	}
	b := builder{source: from, checkpoint: at, known: map[domain.Subject][]domain.Entry{}, stored: map[uint64][]byte{}}
	c, err := b.gather(about)
	if err != nil {
		return nil, err
	}
	heads, err := SignHeads(c.heads, by...)
	if err != nil {
		return nil, err
	}
	files, err := c.made()
	if err != nil {
		return nil, err
	}
	readme, err := c.readme()
	if err != nil {
		return nil, err
	}
	files = append(files, File{dossierReadme, readme}, File{dossierCheckpoint, slices.Clone(checkpoint)}, File{dossierHeads, heads})
	for _, e := range c.ordered() {
		inclusion, err := FormatInclusion(from, e.Sequence, checkpoint)
		if err != nil {
			return nil, err
		}
		payload := c.stored[e.Sequence]
		files = append(files, File{entryFile(e.Sequence, entryEnd), payload}, File{entryFile(e.Sequence, inclusionEnd), inclusion},
			File{entryFile(e.Sequence, leafFileEnd), leafOf(e.Sequence, payload)})
	}
	files.sort()
	if failure := files.check(); failure != nil {
		return nil, failure
	}
	return files, nil
}

// builder gathers entries, each subject once.
type builder struct {
	source     Source
	checkpoint Checkpoint
	known      map[domain.Subject][]domain.Entry // up to the checkpoint
	stored     map[uint64][]byte
}

// all are the entries of a subject up to the checkpoint.
func (b *builder) all(of domain.Subject) ([]domain.Entry, error) {
	if entries, ok := b.known[of]; ok {
		return entries, nil
	}
	if of.Check() != nil {
		return nil, failed(CodeSubjects, shown(string(of)), "it is no subject of a ledger")
	}
	stored, err := b.source.EntriesOf(of, b.checkpoint.Size)
	if err != nil {
		return nil, fmt.Errorf("entries of %s: %w", of, err)
	}
	entries := make([]domain.Entry, len(stored))
	for i, s := range stored {
		if entries[i], err = domain.Decode(s.Sequence, s.Payload); err != nil {
			return nil, err
		}
		b.stored[s.Sequence] = s.Payload
	}
	b.known[of] = entries
	return entries, nil
}

// gather finds what the dossier is about, and what it has to hold.
func (b *builder) gather(about About) (*contents, error) {
	c := &contents{kind: DossierPerson, checkpoint: b.checkpoint, stored: b.stored, entries: map[domain.Subject][]domain.Entry{}}
	if about.Decision != "" {
		c.kind = DossierDecision
	}
	registrations, err := b.decisions(about, c)
	if err != nil {
		return nil, err
	}
	need, err := extentOf(registrations, c.decisions, b.all)
	if err != nil {
		return nil, err
	}
	c.heads.Checkpoint = b.checkpoint
	for s, version := range need { // order-free: heads are sorted when they are signed
		entries, err := b.all(s)
		if err != nil {
			return nil, err
		}
		if version > uint64(len(entries)) {
			return nil, failed(CodeCheckpoint, string(s), "the checkpoint does not cover its version %d, which was looked at", version)
		}
		c.entries[s] = entries[:version]
		c.heads.Subjects = append(c.heads.Subjects, headOf(entries[len(entries)-1]))
	}
	slices.SortFunc(c.heads.Subjects, func(x, y Head) int { return strings.Compare(string(x.Subject), string(y.Subject)) })
	if c.kind == DossierPerson {
		c.heads.Person = personOf(c.entries[registrations[0]])
	}
	first := c.ordered()[0]
	c.ledger = ledgerOf(&first, b.stored[first.Sequence])
	return c, nil
}

// decisions adds those that the dossier is about, and names their registrations.
func (b *builder) decisions(about About, c *contents) ([]domain.Subject, error) {
	if c.kind == DossierDecision && len(about.Registrations) != 1 {
		return nil, failed(CodeNoDecision, shown(about.Decision), "a decision stands on one registration")
	}
	var registrations []domain.Subject
	for _, id := range about.Registrations {
		s := domain.SubjectOf(domain.KindRegistration, id)
		entries, err := b.all(s)
		if err != nil {
			return nil, err
		}
		if len(entries) == 0 {
			return nil, failed(CodeNoDecision, shown(string(s)), "the checkpoint covers no entry of it")
		}
		registrations = append(registrations, s)
		for _, e := range decisionsIn(entries) {
			if c.kind == DossierPerson || decisionIn(e).Decision == about.Decision {
				c.decisions = append(c.decisions, e)
			}
		}
	}
	if len(registrations) == 0 {
		return nil, failed(CodeNoDecision, "dossier", "it is about no registration")
	}
	if c.kind == DossierDecision && len(c.decisions) != 1 {
		return nil, failed(CodeNoDecision, shown(about.Decision), "there is no such decision on the registration, or the checkpoint does not cover it yet")
	}
	slices.SortFunc(c.decisions, bySequence)
	return registrations, nil
}

func headOf(e domain.Entry) Head {
	sum, _ := sumOf(e.Hash) // the hash of an entry that was decoded
	return Head{Subject: e.Subject, Version: e.Version, Sequence: e.Sequence, Payload: sum}
}

// made are the files that follow from the rest in one way: what it is about, the
// records, and the rules. The README follows in one of several.
func (c *contents) made() (Files, error) {
	files, failure := c.records()
	if failure != nil {
		return nil, failure
	}
	statement, err := c.statement()
	if err != nil {
		return nil, err
	}
	rules, failure := c.rules()
	if failure != nil {
		return nil, failure
	}
	return append(append(files, rules...), File{dossierContents, statement}), nil
}

// rules are the files of the programmes, out of the entries that published them.
func (c *contents) rules() (Files, *Failure) {
	var out Files
	for _, digest := range c.digests() {
		e, ok := c.publication(digest)
		if !ok {
			return nil, failed(CodeProgramme, shown(digest), "the rules that a registration is pinned to were not published under this digest")
		}
		rules := []byte(e.Event.(*domain.ProgrammePublished).Rules)
		if domain.HashOf(rules) != digest {
			return nil, failed(CodeProgramme, entryAt(e.Sequence), "it publishes rules under a digest that is not theirs")
		}
		out = append(out, File{programmeFile(digest), rules})
	}
	return out, nil
}

// publication is the entry that published rules with a digest, the first if there
// are two.
func (c *contents) publication(digest string) (domain.Entry, bool) {
	var first domain.Entry
	for s, entries := range c.entries { // order-free: the lowest sequence
		if s.Kind() != domain.KindProgramme {
			continue
		}
		i := slices.IndexFunc(entries, func(e domain.Entry) bool {
			p, ok := e.Event.(*domain.ProgrammePublished)
			return ok && p.Digest == digest
		})
		if i >= 0 && (first.Event == nil || entries[i].Sequence < first.Sequence) {
			first = entries[i]
		}
	}
	return first, first.Event != nil
}
