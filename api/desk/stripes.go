package desk

import (
	"context"
	"hash/maphash"
	"slices"
)

// stripesCount is how many locks keys share. Two keys on one lock only wait for
// each other in vain.
const stripesCount = 1024

// stripes makes callers wait who want the same key. A lock holds a value while
// somebody has it.
type stripes struct {
	seed  maphash.Seed
	locks [stripesCount]chan struct{}
}

func newStripes() *stripes {
	s := &stripes{seed: maphash.MakeSeed()}
	for i := range s.locks {
		s.locks[i] = make(chan struct{}, 1)
	}
	return s
}

// lock takes the locks of all keys, in one order for everybody, and answers
// with how to give them back. It waits no longer than ctx.
func (s *stripes) lock(ctx context.Context, keys ...string) (unlock func(), err error) {
	wanted := make([]int, len(keys))
	for i, k := range keys {
		wanted[i] = int(maphash.String(s.seed, k) % stripesCount)
	}
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	for n, i := range wanted {
		select {
		case s.locks[i] <- struct{}{}:
		case <-ctx.Done():
			s.unlock(wanted[:n])
			return nil, ctx.Err()
		}
	}
	return func() { s.unlock(wanted) }, nil
}

func (s *stripes) unlock(taken []int) {
	for _, i := range taken {
		<-s.locks[i]
	}
}
