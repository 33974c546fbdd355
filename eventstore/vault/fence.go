package vault

import (
	"encoding/binary"
	"math"

	"github.com/cockroachdb/pebble/v2"
)

// Fence is what an erasure's entry says: keys that must never serve again.
type Fence struct {
	// Person is the erased person.
	Person string

	// Group is the erased group; empty means the whole person, for ever,
	// fingerprints and index included.
	Group string

	// Generation is the last one erased of Group, from 1; for a whole person 0.
	Generation int

	// Sequence is that of the fence's entry in the ledger.
	Sequence uint64
}

// Fence records fences durably, in one piece. When it returns, Seal,
// Fingerprint and AddToIndex for what is fenced answer ErrErased, Unseal
// likewise, and Lookup no longer finds a wholly fenced person. It deletes no
// key. A fence is never lifted, and recording it again does nothing: at every
// start, and after every restore, call it with all fences of the ledger. It
// answers ErrPerson, ErrName or ErrFence before it records anything.
func (v *Vault) Fence(fences ...Fence) error {
	if err := v.enter(); err != nil {
		return err
	}
	defer v.leave()
	for i := range v.making { // always in this order
		v.making[i].Lock()
		defer v.making[i].Unlock()
	}
	b := v.db.NewIndexedBatch()
	defer b.Close()
	people := map[personID]bool{}
	for _, f := range fences {
		p, err := parsePerson(f.Person)
		if err != nil {
			return err
		}
		var generation uint32
		if f.Group != wholePerson {
			if err := checkName(f.Group); err != nil {
				return err
			}
			if generation, err = parseGeneration(f.Generation); err != nil {
				return ErrFence
			}
		} else if f.Generation != 0 {
			return ErrFence
		}
		key := fenceKey(p, f.Group)
		old, ok, err := readFence(b, key)
		if err != nil {
			return err
		}
		people[p] = true
		if ok && old >= generation {
			continue
		}
		if err := b.Set(key, fenceValue(generation, f.Sequence), nil); err != nil {
			return err
		}
	}
	if !b.Empty() {
		if err := commit(b); err != nil {
			return err
		}
	}
	v.cache.drop(people)
	return nil
}

// fencedUpTo is the last generation that a fence covers, 0 if none. A fence of
// the whole person covers them all.
func (v *Vault) fencedUpTo(p personID, group string) (uint32, error) {
	whole, err := v.fencedWhole(p)
	if err != nil {
		return 0, err
	}
	if whole {
		return math.MaxUint32, nil
	}
	generation, _, err := readFence(v.db, fenceKey(p, group))
	return generation, err
}

func (v *Vault) fencedWhole(p personID) (bool, error) {
	_, ok, err := readFence(v.db, fenceKey(p, wholePerson))
	return ok, err
}

func readFence(r pebble.Reader, key []byte) (generation uint32, ok bool, err error) {
	b, ok, err := get(r, key)
	if err != nil || !ok {
		return 0, false, err
	}
	if len(b) < 1 || b[0] != rowForm {
		return 0, false, ErrFormat
	}
	if len(b) != len(fenceValue(0, 0)) {
		return 0, false, ErrDamaged
	}
	return binary.BigEndian.Uint32(b[1:]), true, nil
}
