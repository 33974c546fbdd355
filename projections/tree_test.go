package projections

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore/proof"
)

// storedHashes is the tree over a history, as tlog itself makes it: its stored
// hashes, from entries alone.
func storedHashes(t testing.TB, h *history) []tlog.Hash {
	t.Helper()
	leaves := make([]tlog.Hash, len(h.entries))
	for i, e := range h.entries {
		leaves[i] = tlog.RecordHash(proof.Leaf(e.Sequence, sha256.Sum256(e.Payload)))
	}
	return storedOf(t, leaves)
}

func storedOf(t testing.TB, leaves []tlog.Hash) []tlog.Hash {
	t.Helper()
	var all []tlog.Hash
	for n, leaf := range leaves {
		more, err := tlog.StoredHashesForRecordHash(int64(n), leaf, inMemory(all))
		require.NoError(t, err)
		all = append(all, more...)
	}
	return all
}

func inMemory(all []tlog.Hash) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			out[i] = all[index]
		}
		return out, nil
	})
}

func everyIndex(stored []tlog.Hash) []int64 {
	out := make([]int64, len(stored))
	for i := range out {
		out[i] = int64(i)
	}
	return out
}

func TestTheTreeIsThatOfTlog(t *testing.T) {
	h := busy(40)
	want := storedHashes(t, h)
	s := openEmpty(t)
	r := rand.New(rand.NewPCG(40, 40))
	for from := 0; from < len(h.entries); {
		until := min(from+1+r.IntN(300), len(h.entries))
		require.NoError(t, s.apply(decode(h.entries[from:until]), r.IntN(2) == 0))
		from = until
		size := uint64(from)
		got, err := s.Root(size)
		require.NoError(t, err)
		root, err := tlog.TreeHash(int64(size), inMemory(want))
		require.NoError(t, err)
		require.Equal(t, root, got, "of %d entries", size)
	}
	got, err := s.Hashes().ReadHashes(everyIndex(want))
	require.NoError(t, err)
	require.Equal(t, want, got)
	got, err = copyDir(t, s).Hashes().ReadHashes(everyIndex(want))
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// grow adds leaves alone: enough of them for a third level of tiles.
func grow(t testing.TB, s *Store, leaves []tlog.Hash, from int) {
	t.Helper()
	items := make([]*item, len(leaves))
	for i, leaf := range leaves {
		items[i] = &item{leaf: leaf}
		items[i].stored.Sequence = uint64(from + i + 1)
	}
	b := newBatch(s, nil)
	defer b.close()
	b.treeRows(items)
	s.position.Sequence = uint64(from + len(leaves))
	b.set(keyPosition, valuePosition(s.position))
	require.NoError(t, b.err)
	require.NoError(t, b.rows.Commit(pebble.NoSync))
	b.keep()
}

func TestALargeTree(t *testing.T) {
	const size = TileWidth*TileWidth + 3*TileWidth + 77
	leaves := make([]tlog.Hash, size)
	for i := range leaves {
		leaves[i] = sha256.Sum256([]byte(fmt.Sprint(i)))
	}
	want := storedOf(t, leaves)
	once, often := openEmpty(t), openEmpty(t)
	grow(t, once, leaves, 0)
	r := rand.New(rand.NewPCG(41, 41))
	for from := 0; from < size; {
		until := min(from+1+r.IntN(2000), size)
		grow(t, often, leaves[from:until], from)
		from = until
	}
	require.Equal(t, fingerprint(t, once), fingerprint(t, often))
	for _, s := range []*Store{once, often} {
		got, err := s.Hashes().ReadHashes(everyIndex(want))
		require.NoError(t, err)
		require.Equal(t, want, got)
		edge, err := reader{s.db, s}.edgeOf(size)
		require.NoError(t, err)
		require.Equal(t, s.folder.edge, edge, "what a start reads is what a run kept")
	}
	for _, tile := range tlog.NewTiles(tileHeight, 0, size) {
		want, err := tlog.ReadTileData(tile, inMemory(want))
		require.NoError(t, err)
		got, err := often.Tile(tile.L, uint64(tile.N), tile.W)
		require.NoError(t, err)
		require.Equal(t, want, got, tile.Path())
		half, err := often.Tile(tile.L, uint64(tile.N), (tile.W+1)/2)
		require.NoError(t, err)
		require.Equal(t, want[:len(half)], half)
	}
}

func TestProofsFromTheTree(t *testing.T) {
	h := busy(42)
	s := applied(t, h)
	sizes := []int64{1, 2, 255, 256, 257, 511, 512, 1000, int64(len(h.entries))}
	for _, size := range sizes {
		root, err := s.Root(uint64(size))
		require.NoError(t, err)
		for _, n := range []int64{0, 1, 77, 254, 255, 256, 300, size - 1} {
			if n >= size {
				continue
			}
			p, err := tlog.ProveRecord(size, n, s.Hashes())
			require.NoError(t, err)
			e := h.entries[n]
			leaf := proof.LeafHash(e.Sequence, sha256.Sum256(e.Payload))
			require.NoError(t, tlog.CheckRecord(p, size, root, n, leaf))
			require.Error(t, tlog.CheckRecord(p, size, root, n, proof.LeafHash(e.Sequence, sha256.Sum256(nil))))
		}
		for _, older := range sizes {
			if older > size {
				continue
			}
			was, err := s.Root(uint64(older))
			require.NoError(t, err)
			p, err := tlog.ProveTree(size, older, s.Hashes())
			require.NoError(t, err)
			require.NoError(t, tlog.CheckTree(p, size, root, older, was))
		}
	}
	none, err := s.Root(0)
	require.NoError(t, err)
	require.Equal(t, tlog.Hash(sha256.Sum256(nil)), none)
}

func TestWhatTheTreeDoesNotHold(t *testing.T) {
	h := busy(43)
	s := openEmpty(t)
	require.NoError(t, s.Apply(context.Background(), h.entries[:300]))
	v, err := s.View()
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	require.NoError(t, s.Apply(context.Background(), h.entries[300:]))

	_, err = v.Root(300)
	require.NoError(t, err)
	_, err = v.Root(301)
	require.ErrorIs(t, err, ErrNotYet)
	_, err = s.Root(301)
	require.NoError(t, err)
	_, err = s.Root(uint64(len(h.entries)) + 1)
	require.ErrorIs(t, err, ErrNotYet)
	_, err = s.Root(1 << 63)
	require.ErrorIs(t, err, ErrNotYet)
	_, err = v.Hashes().ReadHashes([]int64{tlog.StoredHashIndex(0, 299)})
	require.NoError(t, err)
	_, err = v.Hashes().ReadHashes([]int64{tlog.StoredHashIndex(0, 300)})
	require.ErrorIs(t, err, ErrNotYet)
	_, err = v.Hashes().ReadHashes([]int64{tlog.StoredHashIndex(8, 1)})
	require.ErrorIs(t, err, ErrNotYet, "300 entries complete one tile only")
	_, err = v.Hashes().ReadHashes([]int64{-1})
	require.ErrorIs(t, err, ErrTile)

	for _, x := range []struct {
		level int
		index uint64
		width int
		want  error
	}{
		{0, 0, 256, nil},
		{0, 1, 44, nil},
		{0, 1, 45, ErrNotYet},
		{0, 2, 1, ErrNotYet},
		{1, 0, 1, nil},
		{1, 0, 2, ErrNotYet},
		{2, 0, 1, ErrNotYet},
		{63, 0, 1, ErrNotYet},
		{1 << 40, 0, 1, ErrNotYet},
		{0, 1<<64 - 1, 256, ErrNotYet},
		{0, 1 << 56, 256, ErrNotYet},
		{-1, 0, 1, ErrTile},
		{0, 0, 0, ErrTile},
		{0, 0, 257, ErrTile},
	} {
		data, err := v.Tile(x.level, x.index, x.width)
		if x.want != nil {
			require.ErrorIs(t, err, x.want, "%+v", x)
			continue
		}
		require.NoError(t, err, "%+v", x)
		require.Len(t, data, x.width*tlog.HashSize)
	}
	_, err = v.Leaves(1, 45)
	require.ErrorIs(t, err, ErrNotYet)
	_, err = v.Leaves(0, 257)
	require.ErrorIs(t, err, ErrTile)
}

func TestLeavesHashToTheirTile(t *testing.T) {
	h := busy(44)
	s := applied(t, h)
	for _, x := range []struct {
		index uint64
		width int
	}{{0, 256}, {1, 256}, {2, 17}, {uint64(len(h.entries) / 256), len(h.entries) % 256}} {
		leaves, err := s.Leaves(x.index, x.width)
		require.NoError(t, err)
		require.Len(t, leaves, x.width)
		tile, err := s.Tile(0, x.index, x.width)
		require.NoError(t, err)
		for i, leaf := range leaves {
			require.Equal(t, tlog.RecordHash(leaf), tlog.Hash(tile[i*tlog.HashSize:]))
			sequence, payload, err := proof.ParseLeaf(leaf)
			require.NoError(t, err)
			require.Equal(t, x.index*TileWidth+uint64(i)+1, sequence)
			require.Equal(t, domain.HashOf(h.entries[sequence-1].Payload), fmt.Sprintf("sha256:%x", payload))
		}
	}
}
