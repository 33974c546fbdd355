package api

import (
	"context"
)

// workLooked bounds what is looked at for one page of a work list.
const workLooked = 1000

// workList is a list in the order of its keys, of which a part is shown: each item
// is looked at as it is now, and passed over where it is not wanted or done since.
type workList[K, T any] struct {
	// list answers with the keys after one, at most as many as are asked for, and
	// fewer only at the end.
	list func(after K, limit int) ([]K, error)

	// item is what a key stands for, false where it is passed over.
	item func(K) (T, bool, error)

	// ends reports whether a key and all after it are not wanted. Nil: never.
	ends func(K) bool

	// cursor is a key as a path, for the next page.
	cursor func(K) string
}

// page is one page after a key. It may be short and yet not the last.
func (l workList[K, T]) page(ctx context.Context, p Paging, at K) (found[Page[T]], error) {
	out := found[Page[T]]{body: Page[T]{Items: []T{}}}
	for looked := 0; ; {
		chunk, err := l.list(at, pageLimitMax)
		if err != nil {
			return out, err
		}
		for _, key := range chunk {
			if l.ends != nil && l.ends(key) {
				return out, nil
			}
			if len(out.body.Items) == p.limit() || looked == workLooked {
				out.last = l.cursor(at)
				out.body.Next = cursorOf(out.last)
				return out, nil
			}
			if err := ctx.Err(); err != nil {
				return out, err
			}
			item, ok, err := l.item(key)
			if err != nil {
				return out, err
			}
			if ok {
				out.body.Items = append(out.body.Items, item)
			}
			at = key
			looked++
		}
		if len(chunk) < pageLimitMax {
			return out, nil
		}
	}
}
