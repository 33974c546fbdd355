package vault

import (
	"crypto/hmac"
	"encoding/base64"
	"slices"
)

// Context is the place of a sealed value: it opens nowhere else.
type Context struct {
	// Subject is the entry's subject, such as registration/9d21….
	Subject string

	// EventType is the stored name, with its version.
	EventType string

	// EventID is the event's id.
	EventID string
}

func (c Context) check() error {
	if c.Subject == "" || c.EventType == "" || c.EventID == "" {
		return ErrContext
	}
	return nil
}

// additionalData is what a sealed value is bound to.
func (c Context) additionalData(group, key string, generation uint32) []byte {
	b := appendPart(make([]byte, 0, 384), labelSealed)
	b = appendPart(b, c.Subject)
	b = appendPart(b, c.EventType)
	b = appendPart(b, c.EventID)
	b = appendPart(b, group)
	b = appendPart(b, key)
	return appendNumber(b, generation)
}

// Sealed is a sealed group as an event stores it. Its JSON is for ever. It
// tells the length of what it hides.
type Sealed struct {
	// Key is the key's id. It says nothing about the person.
	Key string `json:"key"`

	// Generation of the key, from 1.
	Generation int `json:"generation"`

	// Commitment binds the value to one key, which GCM alone does not.
	Commitment string `json:"commitment"`

	// Value is base64 (RFC 4648 §4) of nonce, ciphertext and tag.
	Value string `json:"value"`
}

func (k groupKey) seal(group string, c Context, plaintext []byte) Sealed {
	value := k.aead.Seal(nil, nil, plaintext, c.additionalData(group, k.id, k.generation))
	return Sealed{
		Key:        k.id,
		Generation: int(k.generation),
		Commitment: k.commitment,
		Value:      base64.StdEncoding.EncodeToString(value),
	}
}

// Seal seals one group of an event. If the person has no key for it, one is
// made, and is on disk when Seal returns. It answers ErrErased if the person or
// the group is fenced.
func (v *Vault) Seal(person, group string, c Context, plaintext []byte) (Sealed, error) {
	p, err := parsePerson(person)
	if err != nil {
		return Sealed{}, err
	}
	if err := checkName(group); err != nil {
		return Sealed{}, err
	}
	if err := c.check(); err != nil {
		return Sealed{}, err
	}
	if err := v.enter(); err != nil {
		return Sealed{}, err
	}
	defer v.leave()
	k, err := v.livingKey(p, group)
	if err != nil {
		return Sealed{}, err
	}
	return k.seal(group, c, plaintext), nil
}

// SealAll seals all groups of an event, or none: new keys cost one sync
// together.
func (v *Vault) SealAll(person string, c Context, plaintexts map[string][]byte) (map[string]Sealed, error) {
	p, err := parsePerson(person)
	if err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	groups := make([]string, 0, len(plaintexts))
	for group := range plaintexts {
		if err := checkName(group); err != nil {
			return nil, err
		}
		groups = append(groups, group)
	}
	slices.Sort(groups)
	if err := v.enter(); err != nil {
		return nil, err
	}
	defer v.leave()
	keys, err := v.livingKeys(p, groups)
	if err != nil {
		return nil, err
	}
	sealed := make(map[string]Sealed, len(groups))
	for i, group := range groups {
		sealed[group] = keys[i].seal(group, c, plaintexts[group])
	}
	return sealed, nil
}

// HasKey tells, without opening anything, whether the key of a value that was
// sealed for this person and group is here: nil, or one of the refusals of Unseal
// up to ErrCommitment. Ask it for what to record before values are opened.
func (v *Vault) HasKey(person, group string, s Sealed) error {
	return v.withKey(person, group, s, func(groupKey, []byte) error { return nil })
}

// Unseal opens a value that was sealed for this person, group and context. Its
// refusals: ErrForm, then ErrNever, ErrErased or ErrNotYet, then ErrCommitment,
// then ErrTampered; ErrDamaged if the vault itself is. Record who asks, and why,
// before calling it. Clear the result when done with it.
func (v *Vault) Unseal(person, group string, c Context, s Sealed) (plaintext []byte, err error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	err = v.withKey(person, group, s, func(k groupKey, value []byte) error {
		if plaintext, err = k.aead.Open(nil, nil, value, c.additionalData(group, k.id, k.generation)); err != nil {
			return ErrTampered
		}
		return nil
	})
	return plaintext, err
}

// withKey calls do with the key that a value names, and with the value.
func (v *Vault) withKey(person, group string, s Sealed, do func(groupKey, []byte) error) error {
	p, err := parsePerson(person)
	if err != nil {
		return err
	}
	if err := checkName(group); err != nil {
		return err
	}
	generation, err := parseGeneration(s.Generation)
	if err != nil {
		return err
	}
	id, err := parseKeyID(s.Key)
	if err != nil {
		return err
	}
	value, err := decodeValue(s.Value)
	if err != nil {
		return err
	}
	if err := v.enter(); err != nil {
		return err
	}
	defer v.leave()
	k, err := v.namedKey(p, group, generation, id, s.Key)
	if err != nil {
		return err
	}
	if !hmac.Equal([]byte(k.commitment), []byte(s.Commitment)) {
		return ErrCommitment
	}
	return do(k, value)
}

// decodeValue accepts one encoding of each value only: no line breaks, no stray
// bits.
func decodeValue(s string) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) < gcmOverhead || base64.StdEncoding.EncodedLen(len(b)) != len(s) {
		return nil, ErrForm
	}
	return b, nil
}
