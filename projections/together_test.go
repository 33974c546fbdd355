package projections

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSideBySideDoesEachOnce(t *testing.T) {
	for _, n := range []int{-1, 0, 1, 2, 7, 1000} {
		for _, alone := range []int{1, 10, 5000} {
			done, makers := make([]atomic.Int64, max(n, 0)), atomic.Int64{}
			require.NoError(t, SideBySide(context.Background(), n, alone, func() func(int) error {
				makers.Add(1)
				return func(i int) error {
					done[i].Add(1)
					return nil
				}
			}))
			for i := range done {
				require.EqualValues(t, 1, done[i].Load())
			}
			require.LessOrEqual(t, makers.Load(), int64(max(0, 1+n/alone)))
		}
	}
}

func TestSideBySideEndsWithAnError(t *testing.T) {
	broken := errors.New("broken")
	var begun atomic.Int64
	err := SideBySide(context.Background(), 1_000_000, 1, func() func(int) error {
		return func(i int) error {
			begun.Add(1)
			return broken
		}
	})
	require.ErrorIs(t, err, broken)
	require.Less(t, begun.Load(), int64(1000), "each goroutine at most once")

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = SideBySide(ctx, 10, 1, func() func(int) error {
		return func(int) error { t.Error("begun after the end"); return nil }
	})
	require.ErrorIs(t, err, context.Canceled)
}

// Work may meet what others wrote against the rules: it must not end the program.
func TestSideBySideEndsWithAPanic(t *testing.T) {
	for n := range 3 {
		err := SideBySide(context.Background(), 64*n+1, 1, func() func(int) error {
			return func(i int) error {
				if i == 0 {
					panic("domain: result without requirement")
				}
				return nil
			}
		})
		require.ErrorContains(t, err, "panic")
	}
	require.Panics(t, func() { sideBySide(10, 1, func(int) { panic("never") }) })
}
