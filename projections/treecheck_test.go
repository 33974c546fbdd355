package projections

import (
	"context"
	"errors"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"
)

// flipAt changes one byte of a row's value.
func flipAt(t *testing.T, s *Store, key []byte, at int) {
	t.Helper()
	value, exists, err := reader{s.db, s}.get(key)
	require.NoError(t, err)
	require.True(t, exists)
	value[at] ^= 1
	require.NoError(t, s.db.Set(key, value, pebble.NoSync))
}

func TestCheckTreeNamesWhatDiffers(t *testing.T) {
	h := busy(45)
	n := len(h.entries)
	last := uint64(n / TileWidth)
	require.NotZero(t, n%TileWidth)
	for name, x := range map[string]struct {
		spoil func(t *testing.T, s *Store)
		want  TreeError
	}{
		"an altered copy": {func(t *testing.T, s *Store) { flipAt(t, s, keyEntry(412), 200) }, TreeError{412, 1}},
		"the copy of the last": {
			func(t *testing.T, s *Store) { flipAt(t, s, keyEntry(uint64(n)), 200) }, TreeError{uint64(n), 1},
		},
		"a missing copy": {
			func(t *testing.T, s *Store) { require.NoError(t, s.db.Delete(keyEntry(413), nil)) }, TreeError{413, 1},
		},
		"a last copy that is missing": {
			func(t *testing.T, s *Store) { require.NoError(t, s.db.Delete(keyEntry(uint64(n)), nil)) }, TreeError{uint64(n), 1},
		},
		"copies in each other's place": {func(t *testing.T, s *Store) {
			one, _, err := reader{s.db, s}.get(keyEntry(20))
			require.NoError(t, err)
			other, _, err := reader{s.db, s}.get(keyEntry(21))
			require.NoError(t, err)
			require.NoError(t, s.db.Set(keyEntry(20), other, nil))
			require.NoError(t, s.db.Set(keyEntry(21), one, nil))
		}, TreeError{20, 1}},
		"an unreadable copy": {
			func(t *testing.T, s *Store) { require.NoError(t, s.db.Set(keyEntry(300), []byte{0xff}, nil)) }, TreeError{300, 1},
		},
		"a hash in a complete tile": {
			func(t *testing.T, s *Store) { flipAt(t, s, keyTile(0, 1), 9*tlog.HashSize+5) }, TreeError{TileWidth + 10, 1},
		},
		"a hash in the last tile": {
			func(t *testing.T, s *Store) { flipAt(t, s, append(keyTile(0, last), 3), 0) }, TreeError{last*TileWidth + 4, 1},
		},
		"a missing hash": {
			func(t *testing.T, s *Store) { require.NoError(t, s.db.Delete(append(keyTile(0, last), 3), nil)) },
			TreeError{last*TileWidth + 4, 1},
		},
		"a missing tile": {
			func(t *testing.T, s *Store) { require.NoError(t, s.db.Delete(keyTile(0, 2), nil)) }, TreeError{2*TileWidth + 1, 1},
		},
		"a hash above": {
			func(t *testing.T, s *Store) { flipAt(t, s, append(keyTile(1, 0), 2), 0) }, TreeError{2*TileWidth + 1, TileWidth},
		},
		"the position": {func(t *testing.T, s *Store) { flipAt(t, s, keyPosition, sequenceLength) }, TreeError{uint64(n), 1}},
	} {
		t.Run(name, func(t *testing.T) {
			s := applied(t, h)
			require.NoError(t, s.CheckTree(context.Background(), nil))
			x.spoil(t, s)
			err := s.CheckTree(context.Background(), nil)
			found, ok := errors.AsType[*TreeError](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, x.want, *found)
			require.ErrorIs(t, err, ErrDamaged)
		})
	}
}

func TestCheckTreeTellsProgressAndCanBeEnded(t *testing.T) {
	h := busy(46)
	s := applied(t, h)
	var done []uint64
	require.NoError(t, s.CheckTree(context.Background(), func(n, total uint64) {
		require.Equal(t, uint64(len(h.entries)), total)
		done = append(done, n)
	}))
	require.Len(t, done, len(h.entries)/TileWidth+1)
	require.IsIncreasing(t, done)
	require.Equal(t, uint64(len(h.entries)), done[len(done)-1])

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, s.CheckTree(ctx, nil), context.Canceled)
	require.NoError(t, openEmpty(t).CheckTree(context.Background(), nil))
}

func TestCheckTreeOfThreeLevels(t *testing.T) {
	s := openEmpty(t)
	c := treeCheck{reader: reader{s.db, s}}
	leaves := make([]tlog.Hash, TileWidth*TileWidth+TileWidth)
	for i := range leaves {
		leaves[i][i%tlog.HashSize] = byte(i >> 8)
	}
	grow(t, s, leaves, 0)
	check := func() error {
		c.levels = nil
		for i := 0; i < len(leaves); i += TileWidth {
			if err := c.add(1, subtreeRoot(leaves[i:][:TileWidth])); err != nil {
				return err
			}
		}
		return c.end()
	}
	require.NoError(t, check())
	flipAt(t, s, append(keyTile(2, 0), 0), 7)
	require.Equal(t, &TreeError{1, TileWidth * TileWidth}, check())
	flipAt(t, s, append(keyTile(1, 1), 0), 7)
	flipAt(t, s, append(keyTile(2, 0), 0), 7)
	require.Equal(t, &TreeError{TileWidth*TileWidth + 1, TileWidth}, check())
}

// An opened database whose tree does not end where its position says is not used.
func TestOpenRefusesATreeThatIsNotThePositions(t *testing.T) {
	h := busy(47)
	last := keyTile(0, uint64(len(h.entries)/TileWidth))
	for name, spoil := range map[string]func(t *testing.T, s *Store){
		"a missing row": func(t *testing.T, s *Store) { require.NoError(t, s.db.Delete(append(last, 0), nil)) },
		"the last leaf": func(t *testing.T, s *Store) {
			flipAt(t, s, append(last, byte(len(h.entries)%TileWidth-1)), 1)
		},
		"the position": func(t *testing.T, s *Store) { flipAt(t, s, keyPosition, sequenceLength+3) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := openIn(t, dir)
			require.NoError(t, s.Apply(context.Background(), h.entries))
			spoil(t, s)
			require.NoError(t, s.Close())
			_, err := Open(Config{Dir: dir, Logger: quiet})
			require.ErrorIs(t, err, ErrDamaged)
		})
	}
}
