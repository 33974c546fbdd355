package proof

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

func TestTilePaths(t *testing.T) {
	for path, tile := range map[string]Tile{
		"tile/0/000":                         {Width: 256},
		"tile/0/000.p/1":                     {Width: 1},
		"tile/0/999.p/255":                   {N: 999, Width: 255},
		"tile/0/x001/000":                    {N: 1000, Width: 256},
		"tile/0/x001/x234/067":               {N: 1234067, Width: 256},
		"tile/0/x001/x234/067.p/8":           {N: 1234067, Width: 8},
		"tile/1/x001/x234/067.p/8":           {Level: 1, N: 1234067, Width: 8},
		"tile/5/000.p/255":                   {Level: 5, Width: 255},
		"tile/entries/000":                   {Entries: true, Width: 256},
		"tile/entries/x123/456":              {Entries: true, N: 123456, Width: 256},
		"tile/entries/x123/456.p/9":          {Entries: true, N: 123456, Width: 9},
		"tile/0/x001/x099/x511/x627/774":     {N: 1<<40 - 2, Width: 256},
		"tile/0/x001/x099/x511/x627/775.p/9": {N: 1<<40 - 1, Width: 9},
	} {
		got, err := ParseTilePath(path)
		require.NoError(t, err, path)
		require.Equal(t, tile, got, path)
		require.Equal(t, path, tile.Path())
	}
}

func TestTilePathsThatAreRefused(t *testing.T) {
	for _, path := range []string{
		"", "/", "tile", "tile/", "tile/0", "tile/0/", "tile//000", "tile/0//000", "tile/000", "/tile/0/000", "tile/0/000/", "tile/0/000 ",
		"Tile/0/000", "tiles/0/000", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/1", "tile/0/01a", "tile/0/-01", "tile/0/+01", "tile/0/ 01",
		"tile/0/x000/001", "tile/0/001/001", "tile/0/x001", "tile/0/x001/", "tile/0/x1/001", "tile/0/x0001/001", "tile/0/X001/001", "tile/0/x001/x001",
		"tile/0/1e3", "tile/0/٠٠٠", "tile/00/000", "tile/01/000", "tile/+1/000", "tile/-1/000", "tile/x/000", "tile/6/000", "tile/63/000", "tile/64/000", "tile/99999999999999999999/000",
		"tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/00", "tile/0/000.p/01", "tile/0/000.p/256", "tile/0/000.p/257", "tile/0/000.p/-1",
		"tile/0/000.p/+1", "tile/0/000.p/1/", "tile/0/000.p/1.p/1", "tile/0/000.P/1", "tile/0/000.p/99999999999999999999", "tile/0/000.p/0x1",
		"tile/data/000", "tile/entries", "tile/entries/", "tile/entries/0", "tile/entries/000.p/256", "tile/entries/0/000", "tile/Entries/000", "tile/entries/data/000", "tile/entries/entries/000",
		"tile/8/0/000", "tile/0/000?x", "tile/0/000%20", "tile/0/../0/000", "tile/0/./000", "checkpoint", "tile/0/000\n", "tile/0/000\x00",
		"tile/0/x001/x099/x511/x627/775", "tile/0/x001/x099/x511/x627/776", "tile/5/000", "tile/5/001", "tile/4/x001/000", // no tree is so large
		"tile/0/x999/x999/x999/x999/x999/x999/999", "tile/0/x009/x223/x372/x036/x854/x775/808", "tile/0/x018/x446/x744/x073/x709/x551/616",
		"tile/0/" + strings.Repeat("x001/", 30) + "001",
	} {
		_, err := ParseTilePath(path)
		require.Error(t, err, path)
		requireFault(t, err, nil)
	}
}

// The example of the document, tree by tree, and its rule for partial tiles.
func TestWhichTilesATreeHas(t *testing.T) {
	tiles, err := NewTiles(0, 70_000)
	require.NoError(t, err)
	count := map[string]int{}
	for _, tile := range tiles {
		require.NoError(t, tile.In(70_000))
		kind := fmt.Sprintf("%d", tile.Level)
		if tile.Entries {
			kind = "entries"
		}
		if tile.Width < TileWidth {
			kind += fmt.Sprintf(" of %d", tile.Width)
		}
		count[kind]++
	}
	require.Equal(t, map[string]int{"0": 273, "0 of 112": 1, "entries": 273, "entries of 112": 1, "1": 1, "1 of 17": 1, "2 of 1": 1}, count)

	small, err := NewTiles(0, 256)
	require.NoError(t, err)
	require.Equal(t, []string{"tile/0/000", "tile/entries/000", "tile/1/000.p/1"}, paths(small))
	none, err := NewTiles(0, 0)
	require.NoError(t, err)
	require.Empty(t, none)
	more, err := NewTiles(255, 258)
	require.NoError(t, err)
	require.Equal(t, []string{"tile/0/000", "tile/entries/000", "tile/0/001.p/2", "tile/entries/001.p/2", "tile/1/000.p/1"}, paths(more))
	_, err = NewTiles(258, 255)
	require.ErrorIs(t, err, ErrRange)
}

func paths(tiles []Tile) []string {
	var out []string
	for _, tile := range tiles {
		out = append(out, tile.Path())
	}
	return out
}

func TestTilesAreInTheTreesThatHaveThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Uint64Range(0, 1<<rapid.IntRange(0, 47).Draw(t, "bits")).Draw(t, "size")
		tile := Tile{Level: rapid.IntRange(0, TileLevelMax).Draw(t, "level"), Width: rapid.IntRange(1, TileWidth).Draw(t, "width")}
		nodes := size
		for range tile.Level {
			nodes /= TileWidth
		}
		tile.N = rapid.Uint64Range(0, nodes/TileWidth+1).Draw(t, "n")
		tile.Entries = tile.Level == 0 && rapid.Bool().Draw(t, "entries")
		last := tile.N*TileWidth + uint64(tile.Width)
		require.Equal(t, last <= nodes, tile.In(size) == nil)
		if last > nodes {
			require.ErrorIs(t, tile.In(size), ErrRange)
			return
		}
		again, err := ParseTilePath(tile.Path())
		require.NoError(t, err)
		require.Equal(t, tile, again)
	})
	for _, bad := range []Tile{{}, {Width: -1}, {Width: 257}, {Level: -1, Width: 1}, {Level: 6, Width: 1}, {Level: 1, Entries: true, Width: 1}} {
		require.ErrorIs(t, bad.In(SizeMax), ErrRange)
	}
}

// A stranger rebuilds the root and every proof from tiles alone.
func TestTilesCarryTheTree(t *testing.T) {
	const size = 256*3 + 70
	tree := testTree(size)
	tiles, err := NewTiles(0, size)
	require.NoError(t, err)
	site := site{}
	for _, tile := range tiles {
		if !tile.Entries {
			site[tile.Path()], err = tile.Read(tree, size)
			require.NoError(t, err)
			require.Len(t, site[tile.Path()], tile.Width*tlog.HashSize)
			continue
		}
		var leaves [][]byte
		for i := range uint64(tile.Width) {
			leaves = append(leaves, testLeaf(tile.N*TileWidth+i+1))
		}
		site[tile.Path()], err = EntryBundle(leaves)
		require.NoError(t, err)
		hashes, ok := strings.CutPrefix(tile.Path(), "tile/entries/")
		require.True(t, ok)
		back, err := ParseEntryBundle(site[tile.Path()], tile.Width)
		require.NoError(t, err)
		for i, leaf := range back {
			h := tlog.RecordHash(leaf)
			require.Equal(t, h[:], site["tile/0/"+hashes][i*tlog.HashSize:][:tlog.HashSize])
		}
	}
	root, err := tree.Root(size)
	require.NoError(t, err)
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, site)
	for _, sequence := range []uint64{1, 2, 256, 257, 512, 768, 769, size} {
		hashes, err := tlog.ProveRecord(size, LeafIndex(sequence), reader)
		require.NoError(t, err)
		require.NoError(t, tlog.CheckRecord(hashes, size, root, LeafIndex(sequence), tlog.RecordHash(testLeaf(sequence))))
	}

	_, err = Tile{Width: 71, N: 3}.Read(tree, size)
	require.ErrorIs(t, err, ErrRange)
	_, err = Tile{Width: 70, N: 3, Entries: true}.Read(tree, size)
	require.ErrorIs(t, err, ErrRange)
	_, err = Tile{Width: 70, N: 3}.Read(testTree(size-1), size)
	require.ErrorIs(t, err, ErrRange, "the reader has less than it says")
}

// site is what a web server has, by path.
type site map[string][]byte

func (site) Height() int                     { return 8 }
func (site) SaveTiles([]tlog.Tile, [][]byte) {}
func (s site) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		if data[i] = s[path]; data[i] == nil {
			return nil, fmt.Errorf("no %s", path)
		}
	}
	return data, nil
}

func TestEntryBundles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		leaves := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 300), 1, TileWidth).Draw(t, "leaves")
		bundle, err := EntryBundle(leaves)
		require.NoError(t, err)
		back, err := ParseEntryBundle(bundle, len(leaves))
		require.NoError(t, err)
		require.True(t, slices.EqualFunc(leaves, back, bytes.Equal))

		_, err = ParseEntryBundle(append(bundle, 0), len(leaves))
		require.ErrorIs(t, err, ErrForm)
		_, err = ParseEntryBundle(bundle[:rapid.IntRange(0, len(bundle)-1).Draw(t, "cut")], len(leaves))
		require.ErrorIs(t, err, ErrForm)
		if len(leaves) > 1 {
			_, err = ParseEntryBundle(bundle, len(leaves)-1)
			require.ErrorIs(t, err, ErrForm)
		}
	})
	longest := make([]byte, 1<<16-1)
	bundle, err := EntryBundle([][]byte{longest, longest})
	require.NoError(t, err)
	require.Equal(t, uint16(1<<16-1), binary.BigEndian.Uint16(bundle))
	back, err := ParseEntryBundle(bundle, 2)
	require.NoError(t, err)
	require.Equal(t, [][]byte{longest, longest}, back)
	back[0] = append(back[0], 1)
	require.Equal(t, byte(0xff), bundle[2+len(longest)], "an entry does not grow into the next")

	_, err = EntryBundle([][]byte{make([]byte, 1<<16)})
	require.ErrorIs(t, err, ErrRange)
	for _, width := range []int{-1, 0, TileWidth + 1} {
		_, err = ParseEntryBundle(bundle, width)
		require.ErrorIs(t, err, ErrRange)
	}
	_, err = EntryBundle(nil)
	require.ErrorIs(t, err, ErrRange)
	_, err = EntryBundle(make([][]byte, TileWidth+1))
	require.ErrorIs(t, err, ErrRange)
}
