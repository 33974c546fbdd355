package vault

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Kinds of values that people are found by. Others may be added; a kind means
// the same for ever.
const (
	IndexEmail = "email"
	IndexName  = "full-name"
)

// AddToIndex makes a person found by a value, durably. The value is normalised
// (see Lookup); adding it again does nothing. Rows hold an HMAC of the value,
// and the value itself sealed under a key of the person's.
func (v *Vault) AddToIndex(person, kind, value string) error {
	p, sum, err := v.indexEntry(person, kind, value)
	if err != nil {
		return err
	}
	defer v.leave()
	mu := v.stripe(p)
	mu.Lock()
	defer mu.Unlock()
	b := v.db.NewBatch()
	defer b.Close()
	groups := []string{indexGroup}
	keys, err := v.findOrMakeAll(b, p, groups)
	if err != nil {
		return err
	}
	row := indexKey(v.indexGeneration, sum, p)
	if _, ok, err := get(v.db, row); err != nil || ok {
		return err
	}
	reverse, err := v.reverseValue(keys[0], p, kind, value, sum)
	if err != nil {
		return err
	}
	if err := b.Set(row, []byte{rowForm}, nil); err != nil {
		return err
	}
	if err := b.Set(reverseKey(p, v.indexGeneration, sum), reverse, nil); err != nil {
		return err
	}
	return v.commitKeys(b, p, groups, keys)
}

// RemoveFromIndex undoes AddToIndex, durably; removing what is not there does
// nothing. Old tables and backups keep the row, which tells something only to
// who has the index key and guesses the value, until an epoch rotation gives
// the index another key.
func (v *Vault) RemoveFromIndex(person, kind, value string) error {
	p, sum, err := v.indexEntry(person, kind, value)
	if err != nil {
		return err
	}
	defer v.leave()
	mu := v.stripe(p)
	mu.Lock()
	defer mu.Unlock()
	row := indexKey(v.indexGeneration, sum, p)
	if _, ok, err := get(v.db, row); err != nil || !ok {
		return err
	}
	b := v.db.NewBatch()
	defer b.Close()
	if err := b.Delete(row, nil); err != nil {
		return err
	}
	if err := b.Delete(reverseKey(p, v.indexGeneration, sum), nil); err != nil {
		return err
	}
	return commit(b)
}

// Lookup returns the people that were added with this value, in order of their
// ids; none is a normal answer, several too. Compared are values in Unicode
// compatibility form, without case, without invisible characters, and with
// every run of spaces as one: accents count. The caller records who asked.
func (v *Vault) Lookup(kind, value string) ([]string, error) {
	if err := checkName(kind); err != nil {
		return nil, err
	}
	normal, err := normalise(value)
	if err != nil {
		return nil, err
	}
	if err := v.enter(); err != nil {
		return nil, err
	}
	defer v.leave()
	var people []string
	prefix := indexPrefix(v.indexGeneration, v.indexMAC(kind, normal))
	err = each(v.db, prefix, func(key, _ []byte) error {
		if len(key) != len(personID{}) {
			return ErrDamaged
		}
		p := personID(key)
		whole, err := v.fencedWhole(p)
		if err == nil && !whole {
			people = append(people, hex.EncodeToString(p[:]))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return people, nil
}

// indexEntry checks its arguments and enters the vault; if it returns no error,
// the caller leaves.
func (v *Vault) indexEntry(person, kind, value string) (p personID, sum [macSize]byte, err error) {
	if p, err = parsePerson(person); err != nil {
		return p, sum, err
	}
	if err = checkName(kind); err != nil {
		return p, sum, err
	}
	normal, err := normalise(value)
	if err != nil {
		return p, sum, err
	}
	if err = v.enter(); err != nil {
		return p, sum, err
	}
	return p, v.indexMAC(kind, normal), nil
}

func (v *Vault) indexMAC(kind, normal string) [macSize]byte {
	m := appendPart(make([]byte, 0, 256), labelIndex)
	m = appendPart(m, kind)
	m = appendPart(m, normal)
	defer clear(m)
	return hmacSHA256(v.indexKey[:], m)
}

// reverseValue seals the value as it was given, so that a later normal form can
// start from it.
func (v *Vault) reverseValue(k groupKey, p personID, kind, value string, sum [macSize]byte) ([]byte, error) {
	id, err := parseKeyID(k.id)
	if err != nil {
		return nil, err
	}
	plaintext := append(append([]byte(kind), 0), value...)
	defer clear(plaintext)
	b := binary.BigEndian.AppendUint32([]byte{rowForm}, k.generation)
	b = append(b, id[:]...)
	return k.aead.Seal(b, nil, plaintext, reverseData(p, v.indexGeneration, sum, k)), nil
}

func reverseData(p personID, indexGeneration uint32, sum [macSize]byte, k groupKey) []byte {
	d := appendPart(make([]byte, 0, 256), labelIndexValue)
	d = appendPart(d, p[:])
	d = appendNumber(d, indexGeneration)
	d = appendPart(d, sum[:])
	d = appendPart(d, k.id)
	return appendNumber(d, k.generation)
}

// normalise is Unicode's compatibility caseless form (The Unicode Standard,
// D146), composed, without characters that show nothing, trimmed, with single
// spaces. Unicode keeps it stable for characters once assigned. A dotless i is
// an i, as it becomes one in capitals.
func normalise(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", ErrValue
	}
	s = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) {
			return -1
		}
		return r
	}, s)
	fold := cases.Fold()
	s = fold.String(norm.NFD.String(s))
	s = strings.Map(caseless, fold.String(norm.NFKD.String(s)))
	s = strings.Join(strings.Fields(norm.NFKC.String(s)), " ")
	if s == "" {
		return "", ErrValue
	}
	return s, nil
}

// caseless also joins the pairs that cases.Fold leaves apart: Cherokee.
func caseless(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }
