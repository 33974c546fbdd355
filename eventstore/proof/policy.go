package proof

import (
	"slices"
	"time"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// Trust is what a verifier was given, apart from what they verify.
type Trust struct {
	// LogKeys are the verifier keys of one log, all with its origin as name. At
	// least one. Several where the log has changed its key.
	LogKeys []string

	// WitnessKeys are the verifier keys of witnesses. They may be empty.
	WitnessKeys []string

	// Quorum is how many of the witnesses must have cosigned. Zero asks for none.
	Quorum int
}

// Policy decides whether a signature can be trusted. Make one with NewPolicy or
// ParsePolicy, and set its fields before it is used; it is safe for concurrent
// use then. The zero value trusts nobody.
type Policy struct {
	// AllowUnknown accepts signature lines by keys that the policy does not
	// know, as C2SP signed-note has it, and counts them. Otherwise they are
	// refused, so that every byte of a checkpoint is one that was verified.
	AllowUnknown bool

	// AllLogKeys asks for a signature by each of the log's keys and not only by
	// one: what a log asks of itself while it changes its key.
	AllLogKeys bool

	origin    string
	logs      []key
	witnesses []Witness
	quorum    *quorum // nil asks for nobody

	byLog, byWitness, byAny note.Verifiers
}

// Witness is one that a policy knows.
type Witness struct {
	Name string // in the policy
	URL  string // where it takes checkpoints, without add-checkpoint; may be empty
	key  key
}

// Key names the witness's key: its name and hash, as its vkey begins.
func (w Witness) Key() string { return w.key.id() }

// Opened is a checkpoint that a policy accepts.
type Opened struct {
	Checkpoint
	LogKeys      []string      // the log's keys that signed: name+hash, in the policy's order
	Cosignatures []Cosignature // in the policy's order
	Unknown      int           // signature lines by keys that the policy does not know
}

// Cosignature is what a witness says: at that time this was the largest tree of
// the log that it had seen, and it grew out of all it had seen before.
type Cosignature struct {
	Witness string // its name in the policy
	Key     string // name+hash
	Time    time.Time
}

// NewPolicy makes a policy. Errors wrap ErrKey or ErrPolicy and say which key
// they are about by its place.
func NewPolicy(t Trust) (*Policy, error) {
	p := &Policy{}
	for i, vkey := range t.LogKeys {
		if err := p.addLog(vkey); err != nil {
			return nil, inPlace("log key", i, err)
		}
	}
	all := &quorum{needed: t.Quorum}
	for i, vkey := range t.WitnessKeys {
		if err := p.addWitness("", vkey, ""); err != nil {
			return nil, inPlace("witness key", i, err)
		}
		all.of = append(all.of, member{witness: i})
	}
	if t.Quorum < 0 || t.Quorum > len(all.of) {
		return nil, fault(ErrPolicy, policyPart, "a quorum of %d cannot be had from %d witnesses", t.Quorum, len(all.of))
	}
	if t.Quorum > 0 {
		p.quorum = all
	}
	return p.ready()
}

// Origin names the log that the policy is about.
func (p *Policy) Origin() string { return p.origin }

// LogKeys names the log's keys: name+hash, in the policy's order.
func (p *Policy) LogKeys() []string {
	ids := make([]string, len(p.logs))
	for i, k := range p.logs {
		ids[i] = k.id()
	}
	return ids
}

// Quorate reports whether the policy asks for cosignatures at all.
func (p *Policy) Quorate() bool { return p.quorum != nil }

// Witnesses lists who may cosign, in the policy's order.
func (p *Policy) Witnesses() []Witness { return slices.Clone(p.witnesses) }

// Open reads a signed checkpoint and answers only if it is exactly as Sign and
// Merge write it and the policy's log and quorum have signed it. What comes with
// an error means nothing.
func (p *Policy) Open(signed []byte) (Opened, error) {
	o, _, err := p.openUnwitnessed(signed)
	if err != nil {
		return Opened{}, err
	}
	if !p.quorum.metBy(o.Cosignatures, p.witnesses) {
		return Opened{}, fault(ErrQuorum, checkpointPart, "%d of the policy's witnesses have cosigned it, which is no quorum", len(o.Cosignatures))
	}
	return o, nil
}

// openUnwitnessed is Open without the quorum.
func (p *Policy) openUnwitnessed(signed []byte) (Opened, *note.Note, error) {
	n, err := p.openNote(signed, checkpointPart, CheckpointMax, p.byAny)
	if err != nil {
		return Opened{}, nil, err
	}
	o := Opened{Unknown: len(n.UnverifiedSigs)}
	if o.Checkpoint, err = parseCheckpoint(n.Text); err != nil {
		return Opened{}, nil, err
	}
	if o.Origin != p.origin {
		return Opened{}, nil, fault(ErrForeign, checkpointPart, "its first line names another log than the policy")
	}
	if o.LogKeys, err = p.logKeysOf(n, checkpointPart); err != nil {
		return Opened{}, nil, err
	}
	if o.Cosignatures, err = p.cosignaturesOf(n); err != nil {
		return Opened{}, nil, err
	}
	return o, n, nil
}

// openNote opens a note and refuses unknown signers unless they are allowed.
func (p *Policy) openNote(signed []byte, part string, limit int, keys note.Verifiers) (*note.Note, error) {
	n, err := openNote(signed, part, p.origin, limit, keys)
	if err != nil {
		return nil, err
	}
	if len(n.UnverifiedSigs) > 0 && !p.AllowUnknown {
		return nil, fault(ErrSignature, part, "it has a signature line by a key that the policy does not know")
	}
	return n, nil
}

// logKeysOf are the log's keys among those that signed.
func (p *Policy) logKeysOf(n *note.Note, part string) ([]string, error) {
	var ids []string
	for _, k := range p.logs {
		if _, signed := signatureBy(k, n.Sigs); signed {
			ids = append(ids, k.id())
		}
	}
	if len(ids) == 0 {
		return nil, fault(ErrSignature, part, "no key of the log has signed it")
	}
	if p.AllLogKeys && len(ids) < len(p.logs) {
		return nil, fault(ErrSignature, part, "%d of the log's %d keys have signed it, and all must", len(ids), len(p.logs))
	}
	return ids, nil
}

// cosignaturesOf are the witnesses' signatures, which have been verified.
func (p *Policy) cosignaturesOf(n *note.Note) ([]Cosignature, error) {
	var by []Cosignature
	for _, w := range p.witnesses {
		s, signed := signatureBy(w.key, n.Sigs)
		if !signed {
			continue
		}
		at, err := fnote.CoSigV1Timestamp(s)
		if err != nil || at.Unix() < 0 {
			return nil, fault(ErrForm, checkpointPart, "a cosignature's time is none")
		}
		by = append(by, Cosignature{Witness: w.Name, Key: w.Key(), Time: at.UTC()})
	}
	return by, nil
}

func signatureBy(k key, among []note.Signature) (note.Signature, bool) {
	for _, s := range among {
		if s.Name == k.Name() && s.Hash == k.KeyHash() {
			return s, true
		}
	}
	return note.Signature{}, false
}
