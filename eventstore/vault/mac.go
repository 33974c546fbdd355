package vault

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
)

const (
	labelSealed      = "certledger sealed value v1"
	labelCommitment  = "certledger key commitment v1"
	labelFingerprint = "certledger fingerprint v1"
	labelCommandID   = "certledger command id v1"
	labelKeyID       = "certledger key id v1"
	labelIndex       = "certledger blind index v1"
	labelWrapped     = "certledger wrapped key v1"
	labelOwnWrapped  = "certledger wrapped vault key v1"
	labelIndexValue  = "certledger index value v1"

	macPrefix = "hmac:"
)

// appendPart appends a length of 8 bytes, big-endian, and the bytes, so that no
// two lists of parts give the same string.
func appendPart[T string | []byte](b []byte, part T) []byte {
	return append(binary.BigEndian.AppendUint64(b, uint64(len(part))), part...)
}

func appendNumber(b []byte, n uint32) []byte {
	return appendPart(b, binary.BigEndian.AppendUint32(nil, n))
}

func hmacSHA256(key, message []byte) (sum [macSize]byte) {
	h := hmac.New(sha256.New, key)
	h.Write(message)
	h.Sum(sum[:0])
	return sum
}

func macString(sum [macSize]byte) string {
	return macPrefix + base64.RawURLEncoding.EncodeToString(sum[:])
}

// keyCommitment commits to a key in public without telling anything about it.
func keyCommitment(key *keyBytes, name string) string {
	m := appendPart(nil, labelCommitment)
	return macString(hmacSHA256(key[:], appendPart(m, name)))
}

// CommandID is what an entry carries instead of the caller's idempotency key:
// the same for the same two strings for ever, and telling nothing about them.
// It needs no disk, and also answers after Close.
func (v *Vault) CommandID(principal, idempotencyKey string) string {
	m := appendPart(make([]byte, 0, 256), labelCommandID)
	m = appendPart(m, principal)
	m = appendPart(m, idempotencyKey)
	return macString(hmacSHA256(v.ledgerKey[:], m))
}

// Fingerprint tells whether two bodies of a command are the same, for commands
// whose body is personal. It makes the person's fingerprint key, durably, if
// there is none. Once the person is fenced it answers ErrErased, so that a
// retried command can be told so.
func (v *Vault) Fingerprint(person string, body []byte) (string, error) {
	p, err := parsePerson(person)
	if err != nil {
		return "", err
	}
	if err := v.enter(); err != nil {
		return "", err
	}
	defer v.leave()
	k, err := v.livingKey(p, fingerprintGroup)
	if err != nil {
		return "", err
	}
	defer clear(k.raw[:])
	m := appendPart(make([]byte, 0, 64+len(body)), labelFingerprint)
	m = appendPart(m, body)
	sum := hmacSHA256(k.raw[:], m)
	clear(m)
	return macString(sum), nil
}

func (v *Vault) keyIDTag(random []byte, p personID, group string, generation uint32) (tag [keyIDTag]byte) {
	m := appendPart(make([]byte, 0, 160), labelKeyID)
	m = appendPart(m, random)
	m = appendPart(m, p[:])
	m = appendPart(m, group)
	m = appendNumber(m, generation)
	sum := hmacSHA256(v.ledgerKey[:], m)
	copy(tag[:], sum[:])
	return tag
}

func (v *Vault) newKeyID(p personID, group string, generation uint32) (id keyID) {
	rand.Read(id[:keyIDRandom])
	tag := v.keyIDTag(id[:keyIDRandom], p, group, generation)
	copy(id[keyIDRandom:], tag[:])
	return id
}

// made says whether a vault of this ledger made the id for just these.
func (v *Vault) made(id keyID, p personID, group string, generation uint32) bool {
	tag := v.keyIDTag(id[:keyIDRandom], p, group, generation)
	return hmac.Equal(tag[:], id[keyIDRandom:])
}
