package vault

import (
	"container/list"
	"sync"
)

// keysCachedMax bounds the unwrapped keys in memory, about 1 KiB each.
const keysCachedMax = 16384

// newestKey stands in a cacheKey for the key that new values are sealed under.
const newestKey = ""

type cacheKey struct {
	person personID
	group  string
	id     string
}

type cacheEntry struct {
	key   cacheKey
	value groupKey
}

// keyCache holds the keys used last. Entries are put in by whoever holds the
// person's stripe, so that none can outlive a fence.
type keyCache struct {
	max int

	mu      sync.Mutex // guards what follows
	entries map[cacheKey]*list.Element
	recent  list.List // of *cacheEntry, last used first
}

func newKeyCache(entriesMax int) *keyCache {
	return &keyCache{max: entriesMax, entries: map[cacheKey]*list.Element{}}
}

func (c *keyCache) get(k cacheKey) (groupKey, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[k]
	if !ok {
		return groupKey{}, false
	}
	c.recent.MoveToFront(e)
	return e.Value.(*cacheEntry).value, true
}

func (c *keyCache) put(k cacheKey, value groupKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.entries[k]; ok {
		e.Value.(*cacheEntry).value = value
		c.recent.MoveToFront(e)
		return
	}
	c.entries[k] = c.recent.PushFront(&cacheEntry{k, value})
	for c.recent.Len() > c.max {
		c.remove(c.recent.Back())
	}
}

// drop removes all keys of people.
func (c *keyCache) drop(people map[personID]bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, e := range c.entries {
		if people[k.person] {
			c.remove(e)
		}
	}
}

func (c *keyCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.entries {
		c.remove(e)
	}
}

// remove zeroes what can be zeroed: the key schedule inside a cipher.AEAD is
// out of reach and goes with the garbage collector. The caller holds mu.
func (c *keyCache) remove(e *list.Element) {
	entry := c.recent.Remove(e).(*cacheEntry)
	delete(c.entries, entry.key)
	clear(entry.value.raw[:])
	entry.value = groupKey{}
}
