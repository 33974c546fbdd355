package proof

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/certledger/certledger/domain"
	fastjson "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// contents is a dossier as it is understood: entries that were decoded, of every
// subject as far as the dossier goes. Its other files are made from it.
type contents struct {
	kind       string
	ledger     string
	decisions  []domain.Entry // those that it is about, by sequence
	entries    map[domain.Subject][]domain.Entry
	stored     map[uint64][]byte // by sequence
	heads      Heads
	checkpoint Checkpoint
}

// stated is dossier.json: what a dossier says it is about. Its keys are sorted, as
// canonical JSON has them.
type stated struct {
	Decisions []statedDecision `json:"decisions"`
	Form      int              `json:"form"`
	Kind      string           `json:"kind"`
	Ledger    string           `json:"ledger"`
	Subjects  []statedSubject  `json:"subjects"`
}

type statedDecision struct {
	Decision     string `json:"decision"`
	Registration string `json:"registration"`
	Sequence     uint64 `json:"sequence"`
}

// statedSubject is the last entry of a subject that the dossier holds.
type statedSubject struct {
	Hash     string         `json:"hash"`
	Sequence uint64         `json:"sequence"`
	Subject  domain.Subject `json:"subject"`
	Version  uint64         `json:"version"`
}

// subjects are those of which entries are there, sorted.
func (c *contents) subjects() []domain.Subject { return slices.Sorted(maps.Keys(c.entries)) }

// ordered are all entries, by sequence.
func (c *contents) ordered() []domain.Entry {
	var out []domain.Entry
	for _, of := range c.entries { // sorted below
		out = append(out, of...)
	}
	slices.SortFunc(out, func(a, b domain.Entry) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return out
}

// registrations are those that a dossier is about: all of whose entries it holds.
func (c *contents) registrations() []domain.Subject {
	if c.kind == DossierDecision {
		return []domain.Subject{c.decisions[0].Subject}
	}
	return slices.DeleteFunc(c.subjects(), func(s domain.Subject) bool { return s.Kind() != domain.KindRegistration })
}

// statement is dossier.json.
func (c *contents) statement() ([]byte, error) {
	s := stated{Form: dossierForm, Kind: c.kind, Ledger: c.ledger, Decisions: []statedDecision{}, Subjects: []statedSubject{}}
	for _, e := range c.decisions {
		s.Decisions = append(s.Decisions, statedDecision{Decision: decisionIn(e).Decision, Registration: e.Subject.ID(), Sequence: e.Sequence})
	}
	for _, subject := range c.subjects() {
		entries := c.entries[subject]
		last := entries[len(entries)-1]
		s.Subjects = append(s.Subjects, statedSubject{Hash: last.Hash, Sequence: last.Sequence, Subject: subject, Version: last.Version})
	}
	b, err := fastjson.Marshal(s)
	if err != nil {
		return nil, err
	}
	return canonical(b)
}

// readStatement reads dossier.json, as far as it says what the dossier is about.
// Whether all of it is so is known once it has been made again.
func readStatement(b []byte) (stated, *Failure) {
	var form struct {
		Form int `json:"form"`
	}
	if err := fastjson.Unmarshal(b, &form); err != nil {
		return stated{}, failed(CodeForm, dossierContents, "it is not JSON with a form")
	}
	if form.Form != dossierForm {
		return stated{}, failed(CodeUnknown, dossierContents, "its form is not %d, the one that is known here", dossierForm)
	}
	var s stated
	if err := fastjson.Unmarshal(b, &s, fastjson.RejectUnknownMembers(true)); err != nil {
		return stated{}, failed(CodeForm, dossierContents, "it is not what form %d holds", dossierForm)
	}
	switch {
	case s.Kind != DossierDecision && s.Kind != DossierPerson:
		return stated{}, failed(CodeUnknown, dossierContents, "its kind is neither %s nor %s", DossierDecision, DossierPerson)
	case s.Kind == DossierDecision && len(s.Decisions) != 1:
		return stated{}, failed(CodeForm, dossierContents, "a dossier of the kind %s is about one decision", DossierDecision)
	}
	return s, nil
}

// records are the files of the decisions.
func (c *contents) records() (Files, *Failure) {
	var out Files
	for _, e := range c.decisions {
		name := recordFile(decisionIn(e).Decision)
		if kind, _ := kindOf(name); kind == nil {
			return nil, failed(CodeEntry, entryAt(e.Sequence), "its decision has no identifier of letters, digits and hyphens")
		}
		record, err := recordOf(c.stored[e.Sequence])
		if err != nil {
			return nil, failed(CodeNoRecord, entryAt(e.Sequence), "it holds no record of what the decision rested on")
		}
		out = append(out, File{name, record})
	}
	out.sort()
	for i := range out {
		if i > 0 && out[i].Name == out[i-1].Name {
			return nil, failed(CodeTwice, out[i].Name, "two decisions have this identifier")
		}
	}
	return out, nil
}

// recordOf is the record in a decision's entry as canonical JSON.
func recordOf(payload []byte) ([]byte, error) {
	var envelope struct {
		Data struct {
			Record jsontext.Value `json:"record"`
		} `json:"data"`
	}
	if err := fastjson.Unmarshal(payload, &envelope); err != nil {
		return nil, err
	}
	if envelope.Data.Record == nil {
		return nil, domain.ErrNoRecord
	}
	return canonical(envelope.Data.Record)
}

// canonical is RFC 8785.
func canonical(b []byte) ([]byte, error) {
	v := jsontext.Value(b)
	if err := v.Canonicalize(); err != nil {
		return nil, err
	}
	return v, nil
}

// decisionIn is what an entry says was decided, nil for another entry.
func decisionIn(e domain.Entry) *domain.DecisionRecorded {
	d, _ := e.Event.(*domain.DecisionRecorded)
	return d
}

// decisionsIn are the decisions among entries.
func decisionsIn(entries []domain.Entry) []domain.Entry {
	var out []domain.Entry
	for _, e := range entries {
		if decisionIn(e) != nil {
			out = append(out, e)
		}
	}
	return out
}

// extent is how many entries of each subject a dossier holds: the version of the
// last.
type extent map[domain.Subject]uint64

// reach asks for a subject up to a version.
func (x extent) reach(of domain.Subject, version uint64) { x[of] = max(x[of], version) }

// extentOf is what a dossier has to hold, neither more nor less: every entry of
// the registrations that it is about; of each other subject that its decisions
// looked at, as much as was there; and of each programme that a registration is
// pinned to or judged by in a period, up to its publication. all gives every entry of a subject.
func extentOf(about []domain.Subject, decisions []domain.Entry, all func(domain.Subject) ([]domain.Entry, error)) (extent, error) {
	x := extent{}
	for _, s := range about {
		entries, err := all(s)
		if err != nil {
			return nil, err
		}
		x.reach(s, uint64(len(entries)))
	}
	for _, e := range decisions {
		d := decisionIn(e)
		if d.Record == nil {
			return nil, failed(CodeNoRecord, entryAt(e.Sequence), "it holds no record of what the decision rested on")
		}
		for _, r := range d.Record.Cut.Reads {
			if r.Version == 0 {
				return nil, failed(CodeCut, entryAt(e.Sequence), "its record looked at a version that no subject has")
			}
			x.reach(r.Subject, r.Version)
		}
	}
	return x, x.addProgrammes(all)
}

// addProgrammes asks for the publication of the rules that registrations are
// pinned to, or by which their periods are judged.
func (x extent) addProgrammes(all func(domain.Subject) ([]domain.Entry, error)) error {
	for _, s := range slices.Sorted(maps.Keys(x)) {
		if s.Kind() != domain.KindRegistration {
			continue
		}
		entries, err := all(s)
		if err != nil {
			return err
		}
		var of domain.Subject
		for _, e := range entries[:min(x[s], uint64(len(entries)))] {
			if submitted, ok := e.Event.(*domain.RegistrationSubmitted); ok {
				of = domain.SubjectOf(domain.KindProgramme, submitted.Programme)
			}
			for _, digest := range judgedBy(e) {
				version, err := publication(of, digest, all)
				if err != nil {
					return err
				}
				x.reach(of, version)
			}
		}
	}
	return nil
}

// judgedBy are the digests of the rules that an entry pins its registration to, or
// by which a decision judges periods.
func judgedBy(e domain.Entry) []string {
	switch v := e.Event.(type) {
	case *domain.RegistrationSubmitted:
		return []string{v.Digest}
	case *domain.RegistrationPinned:
		return []string{v.Digest}
	case *domain.DecisionRecorded:
		if v.Record == nil {
			return nil
		}
		var out []string
		for _, x := range v.Record.Periods {
			out = append(out, x.Digest)
		}
		return out
	}
	return nil
}

// publication is the version of a programme's subject at which rules with a digest
// were published.
func publication(of domain.Subject, digest string, all func(domain.Subject) ([]domain.Entry, error)) (uint64, error) {
	entries, err := all(of)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if p, ok := e.Event.(*domain.ProgrammePublished); ok && p.Digest == digest {
			return e.Version, nil
		}
	}
	return 0, failed(CodeProgramme, shown(string(of)), "the rules %s that a registration is pinned to were not published", shown(digest))
}

// digests are those of the rules that the registrations are pinned to, or by which
// their periods are judged, sorted.
func (c *contents) digests() []string {
	var out []string
	for s, entries := range c.entries { // sorted below
		if s.Kind() != domain.KindRegistration {
			continue
		}
		for _, e := range entries {
			out = append(out, judgedBy(e)...)
		}
	}
	slices.SortFunc(out, strings.Compare)
	return slices.Compact(out)
}
