package projections

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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

// Every row that is not what a fresh fold gives is named, also where the
// projections could not be opened for use; and looking changes nothing.
func TestDifferentNamesEveryRow(t *testing.T) {
	h := busy(48)
	n := uint64(len(h.entries))
	last := n / TileWidth
	require.NotZero(t, n%TileWidth)
	fresh := applied(t, h)
	set := func(key []byte, value string) func(t *testing.T, s *Store) {
		return func(t *testing.T, s *Store) { require.NoError(t, s.db.Set(key, []byte(value), nil)) }
	}
	for name, x := range map[string]struct {
		spoil func(t *testing.T, s *Store)
		want  []RowDifference
	}{
		"nothing": {func(*testing.T, *Store) {}, nil},
		"two hashes in a complete tile": {func(t *testing.T, s *Store) {
			flipAt(t, s, keyTile(0, 1), 9*tlog.HashSize+5)
			flipAt(t, s, keyTile(0, 1), 255*tlog.HashSize)
		}, []RowDifference{
			{"the tree's hash of entry 266", "has another value", 266, 266}, {"the tree's hash of entry 512", "has another value", 512, 512},
		}},
		"the last leaf": {
			func(t *testing.T, s *Store) { flipAt(t, s, append(keyTile(0, last), byte(n%TileWidth-1)), 1) },
			[]RowDifference{{fmt.Sprintf("the tree's hash of entry %d", n), "has another value", n, n}},
		},
		"a hash above": {
			func(t *testing.T, s *Store) { flipAt(t, s, append(keyTile(1, 0), 2), 0) },
			[]RowDifference{{"the tree's hash over entries 513 to 768", "has another value", 513, 768}},
		},
		"a missing tile": {
			func(t *testing.T, s *Store) { require.NoError(t, s.db.Delete(keyTile(0, 1), nil)) },
			[]RowDifference{{"the tile of the tree over entries 257 to 512", "is missing", 257, 512}},
		},
		"a tile cut short": {
			set(keyTile(0, 1), "short"), []RowDifference{{"the tile of the tree over entries 257 to 512", "has another value", 257, 512}},
		},
		"a copy": {
			func(t *testing.T, s *Store) { flipAt(t, s, keyEntry(412), 200) },
			[]RowDifference{{"the copy of entry 412", "has another value", 412, 412}},
		},
		"rows too many, at both ends": {func(t *testing.T, s *Store) {
			set(key(viewMeta, "a"), "")(t, s)
			set([]byte{0xfe, 1}, "")(t, s)
		}, []RowDifference{{Row: `the row "!a"`, What: "is one too many"}, {Row: `the row "\xfe\x01"`, What: "is one too many"}}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := openIn(t, dir)
			require.NoError(t, s.Apply(context.Background(), h.entries))
			x.spoil(t, s)
			require.NoError(t, s.Close())
			before := filesOf(t, dir)
			s, err := OpenToCheck(Config{Dir: dir, Logger: quiet})
			require.NoError(t, err)
			require.Equal(t, n, s.Position().Sequence)
			got, err := Different(context.Background(), s, fresh, 10)
			require.NoError(t, err)
			require.Equal(t, x.want, got)
			if len(x.want) > 1 {
				got, err = Different(context.Background(), s, fresh, 1)
				require.NoError(t, err)
				require.Equal(t, x.want[:1], got)
			}
			require.NoError(t, s.Close())
			require.Equal(t, before, filesOf(t, dir))
		})
	}
}

// filesOf are the files of a directory and what they hold.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, f := range list {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		require.NoError(t, err)
		out[f.Name()] = string(b)
	}
	return out
}

// Assessments that are owed are no fault: whoever applies the next entry makes
// them.
func TestWhatIsOwedIsNotDifferent(t *testing.T) {
	h := busy(49)
	fresh, s := applied(t, h), openEmpty(t)
	require.NoError(t, s.apply(decode(h.entries), true))
	require.NotEqual(t, fingerprint(t, fresh), fingerprint(t, s), "something is owed")
	got, err := Different(context.Background(), s, fresh, 10)
	require.NoError(t, err)
	require.Empty(t, got)
	flipAt(t, s, keyEntry(9), 100)
	got, err = Different(context.Background(), s, fresh, 10)
	require.NoError(t, err)
	require.Equal(t, []RowDifference{{"the copy of entry 9", "has another value", 9, 9}}, got)
}

func TestOpenToCheckMakesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "projections")
	_, err := OpenToCheck(Config{Dir: dir, Logger: quiet})
	require.Error(t, err)
	require.NoDirExists(t, dir)

	s := openIn(t, dir)
	_, err = OpenToCheck(Config{Dir: dir, Logger: quiet})
	require.ErrorIs(t, err, ErrInUse)
	require.NoError(t, s.db.Set(keyFormat, []byte("another"), nil))
	require.NoError(t, s.Close())
	_, err = OpenToCheck(Config{Dir: dir, Logger: quiet})
	require.ErrorIs(t, err, ErrFormat)
	_, err = OpenToCheck(Config{Dir: dir, Logger: quiet})
	require.ErrorIs(t, err, ErrFormat, "and it was closed again")
}
