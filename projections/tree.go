package projections

import (
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/certledger/certledger/eventstore/proof"
)

// The Merkle tree over the ledger is kept as C2SP tlog-tiles cuts it: a tile is
// up to 256 hashes side by side, at level 0 the leaf hashes of entries, at each
// level above one hash for every complete tile below. What lies between the
// levels is computed from the tile below it.
//
// A complete tile never changes and is one row. Of the last tile of a level each
// hash has a row of its own, until the tile is complete: so an entry adds a few
// bytes at the head, and a replay writes one row for 256 entries.

const (
	tileHeight = 8 // levels of the tree from one level of tiles to the next

	// TileWidth is how many hashes a complete tile holds.
	TileWidth = 1 << tileHeight
)

// edge is the hashes of each level's last tile, where it is not complete: all
// that is needed to go on.
type edge [][]proof.Hash

// treeRows adds the leaves of entries, and what they complete above.
func (b *batch) treeRows(items []*item) {
	added := make([]proof.Hash, len(items))
	for i, it := range items {
		added[i] = it.leaf
	}
	next := items[0].stored.Sequence - 1
	b.edge = slices.Clone(b.edge)
	for level := 0; len(added) > 0; level++ {
		if level == len(b.edge) {
			b.edge = append(b.edge, nil)
		}
		added = b.levelRows(level, next/TileWidth, added)
		next /= TileWidth
	}
}

// levelRows adds hashes to a level whose last tile is given, and returns what
// they add to the level above: a hash for every tile that they complete.
func (b *batch) levelRows(level int, last uint64, added []proof.Hash) []proof.Hash {
	had := len(b.edge[level])
	all := slices.Concat(b.edge[level], added)
	above := make([]proof.Hash, len(all)/TileWidth)
	if len(above) > 0 {
		sideBySide(len(above), workAlone, func(i int) { above[i] = subtreeRoot(all[i*TileWidth:][:TileWidth]) })
		if had > 0 {
			b.note(b.rows.DeleteRange(append(keyTile(level, last), 0), keyTile(level, last+1), nil))
		}
		for ; len(all) >= TileWidth; all = all[TileWidth:] {
			b.tileRow(level, last, all[:TileWidth])
			last++
		}
		all, had = slices.Clone(all), 0 // so that nothing keeps the rest in memory
	}
	for i := had; i < len(all); i++ {
		b.set(append(keyTile(level, last), byte(i)), all[i][:])
	}
	b.edge[level] = all
	return above
}

func (b *batch) tileRow(level int, tile uint64, hashes []proof.Hash) {
	row := b.rows.SetDeferred(1+1+sequenceLength, len(hashes)*tlog.HashSize)
	copy(row.Key, keyTile(level, tile))
	for i := range hashes {
		copy(row.Value[i*tlog.HashSize:], hashes[i][:])
	}
	b.note(row.Finish())
}

// subtreeRoot is the hash over as many hashes as a power of two.
func subtreeRoot(hashes []proof.Hash) proof.Hash {
	if len(hashes) == 1 {
		return hashes[0]
	}
	half := len(hashes) / 2
	return tlog.NodeHash(subtreeRoot(hashes[:half]), subtreeRoot(hashes[half:]))
}

// edge reads what the last entry left. It is an error where the tree does not
// end with that entry.
func (r reader) edge(at Position) (edge, error) {
	out, err := r.edgeOf(at.Sequence)
	if err != nil || at.Sequence == 0 {
		return out, err
	}
	last, err := r.ReadHashes([]int64{tlog.StoredHashIndex(0, proof.LeafIndex(at.Sequence))})
	if err == nil && last[0] != proof.LeafHash(at.Sequence, at.Hash) {
		err = fmt.Errorf("the tree does not end with entry %d: %w", at.Sequence, errPacked)
	}
	return out, err
}

// edgeOf reads the edge of a tree of some entries.
func (r reader) edgeOf(entries uint64) (edge, error) {
	var out edge
	for count := entries; count > 0; count /= TileWidth {
		hashes, err := r.tile(tlog.Tile{H: tileHeight, L: len(out), N: int64(count / TileWidth), W: int(count % TileWidth)})
		if err != nil {
			return nil, err
		}
		out = append(out, hashes)
	}
	return out, nil
}
