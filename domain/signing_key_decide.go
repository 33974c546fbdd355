package domain

import (
	"encoding/base64"
	"strings"
)

// VerifierKeyMax is the longest verifier key, in bytes.
const VerifierKeyMax = 256

// checkVerifierKey refuses what does not have the form of a verifier key:
// name+hash+key, in one printable line, with a hash of eight hexadecimal digits
// and a key in base64. Whether the key is good is for those who sign with it.
func checkVerifierKey(field, key string) error {
	name, rest, _ := strings.Cut(key, "+")
	hash, encoded, ok := strings.Cut(rest, "+")
	bytes, err := base64.StdEncoding.DecodeString(encoded)
	unprintable := strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' })
	if !ok || err != nil || len(bytes) == 0 || name == "" || len(hash) != 8 || strings.Trim(hash, "0123456789abcdef") != "" ||
		unprintable || len(key) > VerifierKeyMax {
		return refuseField(field, "not-a-verifier-key", "A verifier key is one line of at most %d bytes: a name, a hash of 8 hexadecimal digits and the key in base64, with + between them.", VerifierKeyMax)
	}
	return nil
}

// rotatable refuses a rotation that does not follow on those before it: it
// begins at the key in use, and no key comes back.
func (s *System) rotatable(from, to string) error {
	used := map[string]bool{from: true}
	for _, r := range s.Rotations {
		used[r.Old], used[r.New] = true, true
	}
	if n := len(s.Rotations); n > 0 && s.Rotations[n-1].New != from {
		return refuseField("old", "key-not-in-use", "Another key has been in use since the latest rotation; please begin at that one.")
	}
	if used[to] {
		return refuseField("new", "key-used-before", "This key has signed before; please make a new one.")
	}
	return nil
}

// Decide proposes that another key signs checkpoints.
func (c ProposeKeyRotation) Decide(f Facts) ([]Event, error) {
	s, err := f.ledger(c.Act)
	if err != nil {
		return nil, err
	}
	if err := firstError(checkVerifierKey("old", c.Old), checkVerifierKey("new", c.New)); err != nil {
		return nil, err
	}
	if n := len(s.Rotations); n > 0 && s.Rotations[n-1].Old == c.Old && s.Rotations[n-1].New == c.New {
		return nil, nil
	}
	if err := s.rotatable(c.Old, c.New); err != nil {
		return nil, err
	}
	return c.propose(s.Proposals, &SigningKeyRotated{Old: c.Old, New: c.New})
}

// Decide carries out a proposed rotation.
func (c RotateSigningKey) Decide(f Facts) ([]Event, error) {
	s, err := f.ledger(c.Act)
	if err != nil {
		return nil, err
	}
	consequence, by, err := c.approve(s.Proposals, c.Proposal)
	if err != nil || consequence == nil {
		return nil, err
	}
	e, ok := consequence.(*SigningKeyRotated)
	if !ok {
		return nil, refuseField("proposal", "no-such-proposal", "There is no proposal of a key under this identifier.")
	}
	if s.rotatable(e.Old, e.New) != nil {
		return nil, outdated()
	}
	e.Proposed = by
	return events(e)
}
