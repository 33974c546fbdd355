package projections

import (
	"crypto/sha256"
	"fmt"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/certledger/certledger/eventstore/proof"
)

// tilesMax bounds the tiles kept in memory, of 16 KiB each.
const tilesMax = 1024

// Hashes reads the tree for the functions of tlog: proofs of inclusion and of
// consistency, and roots. It reaches as far as the position, a View's or that
// of each call, and answers ErrNotYet beyond it.
func (r reads) Hashes() tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		return read(r, func(r reader) ([]tlog.Hash, error) { return r.ReadHashes(indexes) })
	})
}

// Root is the tree's hash over the first size entries; ErrNotYet where there are
// not that many.
func (r reads) Root(size uint64) (proof.Hash, error) {
	return read(r, func(r reader) (proof.Hash, error) {
		if at, err := r.position(); err != nil {
			return proof.Hash{}, err
		} else if size > at.Sequence {
			return proof.Hash{}, notYet(size, at)
		}
		return tlog.TreeHash(int64(size), r)
	})
}

// Tile is the data of a tile of the C2SP tlog-tiles layout: the first width of
// its hashes, one after the other. Level and index count from 0; width is 1 to
// TileWidth; others are ErrTile. A tile that the tree does not reach is
// ErrNotYet.
func (r reads) Tile(level int, index uint64, width int) ([]byte, error) {
	return read(r, func(r reader) ([]byte, error) {
		if err := r.checkTile(level, index, width); err != nil {
			return nil, err
		}
		hashes, err := r.tile(tlog.Tile{H: tileHeight, L: level, N: int64(index), W: width})
		out := make([]byte, 0, len(hashes)*tlog.HashSize)
		for _, h := range hashes {
			out = append(out, h[:]...)
		}
		return out, err
	})
}

// Leaves are the leaves under the first width hashes of a tile of level 0: the
// content of an entry bundle. They are made from the copies of the entries; a
// copy that is not the one in the tree is a *TreeError. Other errors are Tile's.
func (r reads) Leaves(index uint64, width int) ([][]byte, error) {
	return read(r, func(r reader) ([][]byte, error) {
		if err := r.checkTile(0, index, width); err != nil {
			return nil, err
		}
		out := make([][]byte, 0, width)
		_, err := r.checkLeaves(index, width, func(sequence uint64, payload [sha256.Size]byte) {
			out = append(out, proof.Leaf(sequence, payload))
		})
		return out, err
	})
}

// checkTile refuses tiles that are no tiles, and those that are not there yet.
func (r reader) checkTile(level int, index uint64, width int) error {
	if level < 0 || width < 1 || width > TileWidth {
		return fmt.Errorf("%w: level %d, width %d", ErrTile, level, width)
	}
	at, err := r.position()
	if err != nil {
		return err
	}
	count := at.Sequence >> (tileHeight * level) // 0 for a level far above
	if index > count/TileWidth || index*TileWidth+uint64(width) > count {
		return fmt.Errorf("%w: the tree holds %d entries", ErrNotYet, at.Sequence)
	}
	return nil
}

// tile reads the first hashes of a tile that is there.
func (r reader) tile(t tlog.Tile) ([]proof.Hash, error) {
	out := make([]proof.Hash, 0, t.W)
	begin := keyTile(t.L, uint64(t.N))
	err := r.scan(begin, afterKey(begin), func(_, value []byte) (bool, error) {
		for ; len(value) >= tlog.HashSize && len(out) < t.W; value = value[tlog.HashSize:] {
			out = append(out, proof.Hash(value))
		}
		return len(out) < t.W, nil
	})
	if err == nil && len(out) < t.W {
		err = fmt.Errorf("tile %d of level %d of the tree: %w", t.N, t.L, errPacked)
	}
	return out, err
}

var _ tlog.HashReader = reader{}

// ReadHashes reads any hashes of the tree at the reader's moment.
func (r reader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	at, err := r.position()
	if err != nil {
		return nil, err
	}
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 {
			return nil, fmt.Errorf("%w: the hash of index %d", ErrTile, index)
		}
		level, n := tlog.SplitStoredHashIndex(index)
		if uint64(n) >= at.Sequence>>level {
			return nil, notYet(uint64(n+1)<<level, at)
		}
		if out[i], err = r.node(level, uint64(n), at.Sequence); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// node is a hash of a tree of some size, which reaches that far.
func (r reader) node(level int, n, size uint64) (proof.Hash, error) {
	within := level % tileHeight
	t := tlog.Tile{H: tileHeight, L: level / tileHeight, N: int64(n << within / TileWidth)}
	t.W = int(min(TileWidth, size>>(tileHeight*t.L)-uint64(t.N)*TileWidth))
	nodes, ok := r.store.tiles.get(t)
	if !ok {
		hashes, err := r.tile(t)
		if err != nil {
			return proof.Hash{}, err
		}
		nodes = subtrees(hashes)
		r.store.tiles.put(t, nodes)
	}
	return nodes[within][n%(TileWidth>>within)], nil
}

// tileNodes is what a tile holds, and above it, by level, the hashes over pairs
// of those below.
type tileNodes [tileHeight][]proof.Hash

func subtrees(hashes []proof.Hash) *tileNodes {
	out := &tileNodes{hashes}
	for level := 1; level < tileHeight; level++ {
		below := out[level-1]
		out[level] = make([]proof.Hash, 0, len(below)/2)
		for i := 0; i+1 < len(below); i += 2 {
			out[level] = append(out[level], tlog.NodeHash(below[i], below[i+1]))
		}
	}
	return out
}

// tileCache keeps tiles. One of a given width never changes, so that nothing in
// it is ever stale.
type tileCache struct {
	mu   sync.Mutex // protects kept
	kept twoAges[tlog.Tile, *tileNodes]
}

func newTileCache() *tileCache {
	return &tileCache{kept: newTwoAges[tlog.Tile, *tileNodes](tilesMax)}
}

func (c *tileCache) get(t tlog.Tile) (*tileNodes, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept.get(t)
}

func (c *tileCache) put(t tlog.Tile, n *tileNodes) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept.put(t, n)
}

func notYet(sequence uint64, at Position) error {
	return fmt.Errorf("%w: entry %d was asked for, %d are there", ErrNotYet, sequence, at.Sequence)
}
