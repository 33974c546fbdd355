package domain

// KeyRotation is that the ledger's checkpoints are signed with another key from
// an entry on. Both keys are verifier keys: everybody may read them.
type KeyRotation struct {
	Old        string `json:"old"`
	New        string `json:"new"`
	ProposedBy Actor  `json:"proposedby"`
	Made       Origin `json:"made"`
}

// SigningKeyRotated carries out a proposal. Old and New are verifier keys as
// signed notes have them: name, hash and key with plus signs between them.
type SigningKeyRotated struct {
	Common
	Old      string    `json:"old"`
	New      string    `json:"new"`
	Proposed *Proposed `json:"proposed"`
}

// Type is the stored name.
func (*SigningKeyRotated) Type() string { return "signing-key.rotated.v1" }

func (v *SigningKeyRotated) apply(f fold, e *Entry) {
	if !f.carriedOut(v.Proposed, e, true) {
		return
	}
	f.system.Rotations = append(f.system.Rotations, KeyRotation{Old: v.Old, New: v.New, ProposedBy: v.Proposed.By, Made: originOf(e)})
}

// ProposeKeyRotation proposes that another key signs the ledger's checkpoints;
// another person approves it with RotateSigningKey.
type ProposeKeyRotation struct {
	Act
	Old string // verifier key in use
	New string // verifier key to come
}

// RotateSigningKey approves a proposed rotation: another person than its
// proposer.
type RotateSigningKey struct {
	Act
	Proposal string
}

// Subject is the system's.
func (ProposeKeyRotation) Subject() Subject { return SystemSubject }

// Subject is the system's.
func (RotateSigningKey) Subject() Subject { return SystemSubject }
