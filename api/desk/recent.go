package desk

import "container/list"

// recent remembers what was put last, up to a number of keys. It is not for
// several goroutines at once.
type recent[K comparable, V any] struct {
	max   int
	order list.List // of pair[K, V], put longest ago first
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
	if e, ok := r.at[key]; ok {
		return e.Value.(pair[K, V]).value, true
	}
	var none V
	return none, false
}

// put answers with the value that it had to forget, if any.
func (r *recent[K, V]) put(key K, value V) (forgotten V, any bool) {
	if e, ok := r.at[key]; ok {
		e.Value = pair[K, V]{key, value}
		r.order.MoveToBack(e)
		return forgotten, false
	}
	r.at[key] = r.order.PushBack(pair[K, V]{key, value})
	if len(r.at) <= r.max {
		return forgotten, false
	}
	oldest := r.order.Front().Value.(pair[K, V])
	r.drop(oldest.key)
	return oldest.value, true
}

func (r *recent[K, V]) drop(key K) {
	if e, ok := r.at[key]; ok {
		delete(r.at, key)
		r.order.Remove(e)
	}
}

func (r *recent[K, V]) clear() {
	clear(r.at)
	r.order.Init()
}
