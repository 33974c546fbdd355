package desk

import (
	"container/list"
	"sync"
)

// recent remembers what was put last, up to a number of keys. Values are shared
// by everybody who gets them and must not be changed.
type recent[K comparable, V any] struct {
	max int

	mu    sync.Mutex // protects the two below
	order list.List  // of pair[K, V], put longest ago first
	at    map[K]*list.Element
}

type pair[K comparable, V any] struct {
	key   K
	value V
}

func newRecent[K comparable, V any](most int) *recent[K, V] {
	return &recent[K, V]{max: most, at: map[K]*list.Element{}}
}

func (r *recent[K, V]) get(key K) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.at[key]; ok {
		return e.Value.(pair[K, V]).value, true
	}
	var none V
	return none, false
}

// put lets value take the place of what the key has; it is given what that was.
func (r *recent[K, V]) put(key K, value func(was V) V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.at[key]; ok {
		e.Value = pair[K, V]{key, value(e.Value.(pair[K, V]).value)}
		r.order.MoveToBack(e)
		return
	}
	var none V
	r.at[key] = r.order.PushBack(pair[K, V]{key, value(none)})
	for len(r.at) > r.max {
		oldest := r.order.Front()
		delete(r.at, oldest.Value.(pair[K, V]).key)
		r.order.Remove(oldest)
	}
}
