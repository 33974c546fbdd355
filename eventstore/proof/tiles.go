package proof

import (
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	// TileWidth is how many hashes or entries a full tile has.
	TileWidth = 1 << tileHeight

	// TileLevelMax is the highest level of tiles here; see SizeMax.
	TileLevelMax = 5

	tileHeight  = 8
	tilePathMax = 64 // bytes
	tilePart    = "tile"

	// How C2SP tlog-tiles and the library begin a path.
	tileBegin    = "tile/"
	tileEntries  = "entries/"
	libraryBegin = "tile/8/"
	libraryData  = "data/"
	levelOfData  = -1 // in the library
)

// Tile names one tile of C2SP tlog-tiles: consecutive hashes of a level, or the
// bundle of the entries below a tile of level 0.
type Tile struct {
	Entries bool
	Level   int    // 0 to TileLevelMax; 0 for entries
	N       uint64 // place within its level, from 0
	Width   int    // 1 to TileWidth, which is a full tile
}

// ParseTilePath reads "tile/<L>/<N>[.p/<W>]" and "tile/entries/<N>[.p/<W>]", and
// refuses every other way of writing them.
func ParseTilePath(path string) (Tile, error) {
	rest, ok := strings.CutPrefix(path, tileBegin)
	if !ok || len(path) > tilePathMax {
		return Tile{}, fault(ErrForm, tilePart, "its path is not tile/, a level or entries, and a place")
	}
	if entries, ok := strings.CutPrefix(rest, tileEntries); ok {
		rest = libraryData + entries
	} else if strings.HasPrefix(rest, libraryData) {
		return Tile{}, fault(ErrForm, tilePart, "entries are under tile/entries")
	}
	t, err := tlog.ParseTilePath(libraryBegin + rest)
	if err != nil {
		return Tile{}, fault(ErrForm, tilePart, "its path is not tile/, a level or entries, and a place")
	}
	tile := Tile{Entries: t.L == levelOfData, Level: max(t.L, 0), N: uint64(t.N), Width: t.W}
	return tile, tile.In(SizeMax)
}

// Path is the tile's path below the log's prefix.
func (t Tile) Path() string {
	path, _ := strings.CutPrefix(t.library().Path(), libraryBegin)
	if entries, ok := strings.CutPrefix(path, libraryData); ok {
		path = tileEntries + entries
	}
	return tileBegin + path
}

func (t Tile) library() tlog.Tile {
	level := t.Level
	if t.Entries {
		level = levelOfData
	}
	return tlog.Tile{H: tileHeight, L: level, N: int64(t.N), W: t.Width}
}

// In says whether a tree of that size has the tile, full or cut to its width. A
// tile that was once partial stays in every larger tree. The error wraps
// ErrRange.
func (t Tile) In(size uint64) error {
	if err := checkSize(tilePart, size); err != nil {
		return err
	}
	if t.Level < 0 || t.Level > TileLevelMax || t.Entries && t.Level != 0 || t.Width < 1 || t.Width > TileWidth {
		return fault(ErrRange, tilePart, "tiles have the levels 0 to %d and widths 1 to %d", TileLevelMax, TileWidth)
	}
	have := size >> (tileHeight * t.Level)
	if t.N > have>>tileHeight || t.N<<tileHeight+uint64(t.Width) > have {
		return fault(ErrRange, tilePart, "a tree of size %d does not have it", size)
	}
	return nil
}

// Read gives the bytes of a tile of hashes in a tree of that size. Entries are
// not in the tree; EntryBundle writes those.
func (t Tile) Read(r tlog.HashReader, size uint64) ([]byte, error) {
	if err := t.In(size); err != nil {
		return nil, err
	}
	if t.Entries {
		return nil, fault(ErrRange, tilePart, "a tree has no entries")
	}
	return tlog.ReadTileData(t.library(), r)
}

// NewTiles lists what a tree that grew from one size to another shows in
// addition: level by level, and each tile of level 0 with its bundle of entries
// after it. From 0 it lists every tile of a tree.
func NewTiles(from, to uint64) ([]Tile, error) {
	if err := checkSize(tilePart, to); err != nil {
		return nil, err
	}
	if from > to {
		return nil, fault(ErrRange, tilePart, "a tree does not shrink from %d to %d", from, to)
	}
	var tiles []Tile
	for _, t := range tlog.NewTiles(tileHeight, int64(from), int64(to)) {
		tile := Tile{Level: t.L, N: uint64(t.N), Width: t.W}
		tiles = append(tiles, tile)
		if tile.Level == 0 {
			tile.Entries = true
			tiles = append(tiles, tile)
		}
	}
	return tiles, nil
}
