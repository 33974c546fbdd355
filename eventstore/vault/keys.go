package vault

import (
	"encoding/base64"
	"encoding/binary"
	"math"
)

// Rows. The first byte of a key is its table, numbers are big-endian, people
// are the 16 bytes of their id (a pseudonym), and a name ends with a zero byte.
// The first byte of a binary value is its form, 1. Anything wrapped or sealed
// is a 12-byte nonce, the ciphertext and a 16-byte tag.
//
//	m                                    meta, JSON {"form":1,"ledgerkey":COMMITMENT}
//	e EPOCH4                             epoch of a KEK, JSON {"state":STATE,"commitment":COMMITMENT}
//	s NAME 0 GENERATION4                 the vault's own key: form, epoch4, wrapped key
//	k PERSON16 GROUP 0 GENERATION4 ID24  a person's key: form, epoch4, wrapped key
//	f PERSON16 GROUP 0                   fence: form, generation4, sequence8
//	i GENERATION4 MAC32 PERSON16         blind index: form
//	r PERSON16 GENERATION4 MAC32         what made an index row: form, key generation4, key id24, sealed (kind, 0, value as given)
//
// The state of an epoch is "current", "retiring" (its keys are being wrapped
// again) or "destroyed"; exactly one epoch is current. A row names the epoch it
// is wrapped under, so wrapping again replaces values one by one.
//
// A person may have several keys in one generation: two nodes, or a restored
// backup and what went on after it, may each have made one. New values take
// the last one; all of them open. Merging two vaults is copying rows.
//
// A fence with an empty group is the whole person, for ever; its generation is
// 0. Any other covers its group's generations up to and including its own.
//
// GENERATION4 in i and r is that of the vault's index key. The r row lets an
// epoch rotation give the index a new key without reading the ledger: only then
// are the index rows of an erased person in old tables and backups beyond
// guessing. It also lists what to remove when a person is erased.
const (
	tableMeta    = 'm'
	tableEpoch   = 'e'
	tableOwnKey  = 's'
	tableKey     = 'k'
	tableFence   = 'f'
	tableIndex   = 'i'
	tableReverse = 'r'

	rowForm = 1
)

const (
	epochCurrent   = "current"
	epochRetiring  = "retiring"
	epochDestroyed = "destroyed"
)

const (
	fingerprintGroup = ".fingerprint"
	indexGroup       = ".index"
	indexKeyName     = "index"
	wholePerson      = ""
)

const (
	gcmOverhead = 12 + 16 // nonce and tag
	wrappedSize = keySize + gcmOverhead
	macSize     = 32
)

type metaRow struct {
	Form      int    `json:"form"`
	LedgerKey string `json:"ledgerkey"`
}

type epochRow struct {
	State      string `json:"state"`
	Commitment string `json:"commitment"`
}

var metaKey = []byte{tableMeta}

func epochKey(epoch uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{tableEpoch}, epoch)
}

func ownKeyPrefix(name string) []byte {
	return append(append([]byte{tableOwnKey}, name...), 0)
}

func ownKeyKey(name string, generation uint32) []byte {
	return binary.BigEndian.AppendUint32(ownKeyPrefix(name), generation)
}

// groupPrefix is all keys of a person's group, oldest generation first.
func groupPrefix(p personID, group string) []byte {
	b := make([]byte, 0, 1+len(p)+len(group)+1+4+keyIDSize)
	b = append(append(b, tableKey), p[:]...)
	return append(append(b, group...), 0)
}

func personKeyKey(p personID, group string, generation uint32, id keyID) []byte {
	b := binary.BigEndian.AppendUint32(groupPrefix(p, group), generation)
	return append(b, id[:]...)
}

func fenceKey(p personID, group string) []byte {
	return append(append(append([]byte{tableFence}, p[:]...), group...), 0)
}

func fenceValue(generation uint32, sequence uint64) []byte {
	b := binary.BigEndian.AppendUint32([]byte{rowForm}, generation)
	return binary.BigEndian.AppendUint64(b, sequence)
}

func indexPrefix(generation uint32, mac [macSize]byte) []byte {
	b := binary.BigEndian.AppendUint32([]byte{tableIndex}, generation)
	return append(b, mac[:]...)
}

func indexKey(generation uint32, mac [macSize]byte, p personID) []byte {
	return append(indexPrefix(generation, mac), p[:]...)
}

func reverseKey(p personID, generation uint32, mac [macSize]byte) []byte {
	b := binary.BigEndian.AppendUint32(append([]byte{tableReverse}, p[:]...), generation)
	return append(b, mac[:]...)
}

// keyRowValue is the value of tables s and k.
func keyRowValue(epoch uint32, wrapped []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{rowForm}, epoch), wrapped...)
}

func parseKeyRowValue(b []byte) (epoch uint32, wrapped []byte, err error) {
	if len(b) < 1 {
		return 0, nil, ErrDamaged
	}
	if b[0] != rowForm {
		return 0, nil, ErrFormat
	}
	if len(b) != 1+4+wrappedSize {
		return 0, nil, ErrDamaged
	}
	return binary.BigEndian.Uint32(b[1:]), b[5:], nil
}

// prefixEnd is the least key after all keys that start with prefix.
func prefixEnd(prefix []byte) []byte {
	end := append([]byte(nil), prefix...)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i]++; end[i] != 0 {
			return end[:i+1]
		}
	}
	panic("vault: prefix has no end")
}

// personID is 128 random bits.
type personID [16]byte

func parsePerson(s string) (p personID, err error) {
	if len(s) != 2*len(p) {
		return p, ErrPerson
	}
	for i := range s {
		var digit byte
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			digit = c - '0'
		case 'a' <= c && c <= 'f':
			digit = c - 'a' + 10
		default:
			return p, ErrPerson
		}
		p[i/2] = p[i/2]<<4 | digit
	}
	return p, nil
}

// checkName checks the shape of a caller's group or index kind.
func checkName(s string) error {
	if len(s) < 1 || len(s) > 32 {
		return ErrName
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && c != '-' {
			return ErrName
		}
	}
	return nil
}

const (
	keyIDRandom = 16
	keyIDTag    = 8
	keyIDSize   = keyIDRandom + keyIDTag
	keyIDPrefix = "k-"
)

// keyID is 16 random bytes and 8 bytes of an HMAC under the ledger key, by
// which a vault knows the ids that were made for this person, group and
// generation even where it does not have the key.
type keyID [keyIDSize]byte

func (id keyID) String() string {
	return keyIDPrefix + base64.RawURLEncoding.EncodeToString(id[:])
}

func parseKeyID(s string) (id keyID, err error) {
	if len(s) != len(keyIDPrefix)+base64.RawURLEncoding.EncodedLen(keyIDSize) || s[:len(keyIDPrefix)] != keyIDPrefix {
		return id, ErrForm
	}
	n, err := base64.RawURLEncoding.Strict().Decode(id[:], []byte(s[len(keyIDPrefix):]))
	if err != nil || n != keyIDSize {
		return id, ErrForm
	}
	return id, nil
}

func parseGeneration(g int) (uint32, error) {
	if g < 1 || g > math.MaxUint32 {
		return 0, ErrForm
	}
	return uint32(g), nil
}
