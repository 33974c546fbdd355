package vault

import (
	"crypto/cipher"
	"encoding/binary"

	"github.com/cockroachdb/pebble/v2"
)

// groupKey is the key of a person's group, ready for use.
type groupKey struct {
	id         string
	generation uint32
	commitment string
	aead       cipher.AEAD
	raw        keyBytes // of a fingerprint key; zero otherwise
}

func newGroupKey(group string, generation uint32, id keyID, raw *keyBytes) groupKey {
	k := groupKey{id: id.String(), generation: generation, aead: newAEAD(raw)}
	k.commitment = keyCommitment(raw, k.id)
	if group == fingerprintGroup {
		k.raw = *raw
	}
	clear(raw[:])
	return k
}

func personKeyData(p personID, group string, generation, epoch uint32, id keyID) []byte {
	b := appendPart(make([]byte, 0, 192), labelWrapped)
	b = appendPart(b, p[:])
	b = appendPart(b, group)
	b = appendNumber(appendNumber(b, generation), epoch)
	return appendPart(b, id[:])
}

// livingKey returns the key that new values of a person's group are sealed
// under, and makes it, durably, if there is none.
func (v *Vault) livingKey(p personID, group string) (groupKey, error) {
	if k, ok := v.cache.get(cacheKey{p, group, newestKey}); ok {
		return k, nil
	}
	keys, err := v.livingKeys(p, []string{group})
	if err != nil {
		return groupKey{}, err
	}
	return keys[0], nil
}

// livingKeys is livingKey for several groups and at most one sync.
func (v *Vault) livingKeys(p personID, groups []string) ([]groupKey, error) {
	mu := v.stripe(p)
	mu.Lock()
	defer mu.Unlock()
	b := v.db.NewBatch()
	defer b.Close()
	keys, err := v.findOrMakeAll(b, p, groups)
	if err != nil {
		return nil, err
	}
	if err := v.commitKeys(b, p, groups, keys); err != nil {
		return nil, err
	}
	return keys, nil
}

// findOrMakeAll writes new keys to b: they may be used once commitKeys has
// returned. The caller holds the person's stripe all the while.
func (v *Vault) findOrMakeAll(b *pebble.Batch, p personID, groups []string) ([]groupKey, error) {
	keys := make([]groupKey, len(groups))
	for i, group := range groups {
		var ok bool
		if keys[i], ok = v.cache.get(cacheKey{p, group, newestKey}); ok {
			continue
		}
		var err error
		if keys[i], err = v.findOrMake(b, p, group); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// commitKeys makes b durable if it holds anything.
func (v *Vault) commitKeys(b *pebble.Batch, p personID, groups []string, keys []groupKey) error {
	if !b.Empty() {
		if err := commit(b); err != nil {
			return err
		}
	}
	for i, group := range groups {
		v.cache.put(cacheKey{p, group, newestKey}, keys[i])
	}
	return nil
}

func (v *Vault) findOrMake(b *pebble.Batch, p personID, group string) (groupKey, error) {
	key, value, err := last(v.db, groupPrefix(p, group))
	if err != nil {
		return groupKey{}, err
	}
	fenced, err := v.fencedUpTo(p, group)
	if err != nil {
		return groupKey{}, err
	}
	if key == nil {
		if fenced > 0 {
			return groupKey{}, ErrErased
		}
		return v.makeKey(b, p, group, firstGeneration)
	}
	if len(key) != 4+keyIDSize {
		return groupKey{}, ErrDamaged
	}
	generation := binary.BigEndian.Uint32(key)
	if generation <= fenced {
		return groupKey{}, ErrErased
	}
	return v.parseKey(p, group, generation, keyID(key[4:]), value)
}

func (v *Vault) makeKey(b *pebble.Batch, p personID, group string, generation uint32) (groupKey, error) {
	id, raw := v.newKeyID(p, group, generation), newKeyBytes()
	defer clear(raw[:])
	wrapped := v.keks[v.epoch].Seal(nil, nil, raw[:], personKeyData(p, group, generation, v.epoch, id))
	if err := b.Set(personKeyKey(p, group, generation, id), keyRowValue(v.epoch, wrapped), nil); err != nil {
		return groupKey{}, err
	}
	return newGroupKey(group, generation, id, &raw), nil
}

func (v *Vault) parseKey(p personID, group string, generation uint32, id keyID, value []byte) (groupKey, error) {
	epoch, wrapped, err := parseKeyRowValue(value)
	if err != nil {
		return groupKey{}, err
	}
	raw, err := v.unwrap(epoch, wrapped, personKeyData(p, group, generation, epoch, id))
	if err != nil {
		return groupKey{}, err
	}
	return newGroupKey(group, generation, id, &raw), nil
}

// namedKey returns the key that a stored value names, or why there is none.
func (v *Vault) namedKey(p personID, group string, generation uint32, id keyID, name string) (groupKey, error) {
	ck := cacheKey{p, group, name}
	if k, ok := v.cache.get(ck); ok && k.generation == generation {
		return k, nil
	}
	if !v.made(id, p, group, generation) {
		return groupKey{}, ErrNever
	}
	mu := v.stripe(p)
	mu.Lock()
	defer mu.Unlock()
	fenced, err := v.fencedUpTo(p, group)
	if err != nil {
		return groupKey{}, err
	}
	if generation <= fenced {
		return groupKey{}, ErrErased
	}
	value, ok, err := get(v.db, personKeyKey(p, group, generation, id))
	if err != nil {
		return groupKey{}, err
	}
	if !ok {
		return groupKey{}, ErrNotYet
	}
	k, err := v.parseKey(p, group, generation, id, value)
	if err != nil {
		return groupKey{}, err
	}
	v.cache.put(cacheKey{p, group, k.id}, k)
	return k, nil
}
