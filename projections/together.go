package projections

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
)

// workAlone is how many registrations one goroutine does before another helps.
const workAlone = 16

// SideBySide does n pieces of work, numbered from 0, on as many processors as
// there are; one goroutine does as many as alone before another helps. Each
// goroutine makes its own do, which may keep what only it uses. No more is begun
// after an error, or once ctx has ended; it returns when nothing is under way. A
// panic is an error too: in a goroutine of its own it would end the program.
func SideBySide(ctx context.Context, n, alone int, worker func() (do func(i int) error)) error {
	if n <= 0 {
		return nil
	}
	var (
		workers = min(runtime.GOMAXPROCS(0), 1+n/alone)
		errs    = make([]error, workers)
		next    atomic.Int64
		failed  atomic.Bool
		wait    sync.WaitGroup
	)
	work := func(w int) {
		defer func() {
			if r := recover(); r != nil {
				errs[w] = panicError(r)
				failed.Store(true)
			}
		}()
		do := worker()
		for i := next.Add(1) - 1; i < int64(n) && !failed.Load(); i = next.Add(1) - 1 {
			if errs[w] = ctx.Err(); errs[w] == nil {
				errs[w] = do(int(i))
			}
			if errs[w] != nil {
				failed.Store(true)
			}
		}
	}
	for w := range workers - 1 {
		wait.Go(func() { work(w) })
	}
	work(workers - 1)
	wait.Wait()
	return errors.Join(errs...)
}

// sideBySide is SideBySide for work that cannot fail, and keeps its own panics.
func sideBySide(n, alone int, do func(i int)) {
	err := SideBySide(context.Background(), n, alone, func() func(int) error {
		return func(i int) error {
			do(i)
			return nil
		}
	})
	if err != nil {
		panic(err)
	}
}
