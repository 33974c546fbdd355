package projections

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/certledger/certledger/eventstore/proof"
)

// TreeError says where the tree and the copies of the entries it was made from
// differ. Which of the two was altered, the ledger tells. It is an ErrDamaged.
type TreeError struct {
	Sequence uint64 // the first entry concerned
	Entries  uint64 // how many, from there on, the hash that differs is over
}

func (e *TreeError) Error() string {
	if e.Entries == 1 {
		return fmt.Sprintf("entry %d and the tree differ: %v", e.Sequence, ErrDamaged)
	}
	return fmt.Sprintf("entries %d to %d and the tree differ: %v", e.Sequence, e.Sequence+e.Entries-1, ErrDamaged)
}

func (e *TreeError) Unwrap() error { return ErrDamaged }

// CheckTree computes every leaf again from the copies of the entries, and the
// levels above from those below, and compares them with what is stored: a
// *TreeError is the first difference, leaves before what is above them. Progress
// is told how many entries are done; it may be nil.
func (r reads) CheckTree(ctx context.Context, progress func(done, total uint64)) error {
	_, err := read(r, func(r reader) (struct{}, error) { return struct{}{}, r.checkTree(ctx, progress) })
	return err
}

func (r reader) checkTree(ctx context.Context, progress func(done, total uint64)) error {
	at, err := r.position()
	if err != nil {
		return err
	}
	above := treeCheck{reader: r}
	var last [sha256.Size]byte
	for done := uint64(0); done < at.Sequence; {
		if err := ctx.Err(); err != nil {
			return err
		}
		width := min(TileWidth, at.Sequence-done)
		leaves, err := r.checkLeaves(done/TileWidth, int(width), func(_ uint64, payload [sha256.Size]byte) { last = payload })
		if err != nil {
			return err
		}
		if width == TileWidth {
			if err := above.add(1, subtreeRoot(leaves)); err != nil {
				return err
			}
		}
		if done += width; progress != nil {
			progress(done, at.Sequence)
		}
	}
	if last != at.Hash {
		return &TreeError{at.Sequence, 1}
	}
	return above.end()
}

// checkLeaves computes the hashes of a tile of leaves and compares them with
// the tree's. Each is told the entries, in order.
func (r reader) checkLeaves(tile uint64, width int, each func(sequence uint64, payload [sha256.Size]byte)) ([]proof.Hash, error) {
	first := tile*TileWidth + 1
	hashes := make([]proof.Hash, 0, width)
	err := r.scan(keyEntry(first), keyEntry(first+uint64(width)), func(key, value []byte) (bool, error) {
		sequence := first + uint64(len(hashes))
		_, payload, err := readEntry(value)
		if err != nil || number(key[1:]) != sequence {
			return false, errors.Join(err, &TreeError{sequence, 1})
		}
		sum := sha256.Sum256(payload)
		hashes = append(hashes, proof.LeafHash(sequence, sum))
		each(sequence, sum)
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	if len(hashes) < width {
		return nil, &TreeError{first + uint64(len(hashes)), 1}
	}
	return hashes, r.compareTile(0, tile, hashes)
}

// compareTile compares hashes with those of a tile that begins with them.
func (r reader) compareTile(level int, tile uint64, hashes []proof.Hash) error {
	stored, err := r.tile(tlog.Tile{H: tileHeight, L: level, N: int64(tile), W: len(hashes)})
	if err != nil && !errors.Is(err, errPacked) {
		return err
	}
	over := uint64(1) << (tileHeight * level)
	for i, h := range hashes {
		if i == len(stored) || stored[i] != h {
			return &TreeError{(tile*TileWidth+uint64(i))*over + 1, over}
		}
	}
	return nil
}

// treeCheck is the hashes above the leaves that are computed and not compared
// yet.
type treeCheck struct {
	reader
	levels []levelCheck // from level 1 on
}

type levelCheck struct {
	tile   uint64
	hashes []proof.Hash
}

// add takes the hash over a complete tile of the level below.
func (c *treeCheck) add(level int, h proof.Hash) error {
	if level > len(c.levels) {
		c.levels = append(c.levels, levelCheck{})
	}
	l := &c.levels[level-1]
	l.hashes = append(l.hashes, h)
	if len(l.hashes) < TileWidth {
		return nil
	}
	if err := c.compareTile(level, l.tile, l.hashes); err != nil {
		return err
	}
	root := subtreeRoot(l.hashes)
	l.tile, l.hashes = l.tile+1, l.hashes[:0]
	return c.add(level+1, root)
}

// end compares the tiles that are not complete.
func (c *treeCheck) end() error {
	for i, l := range c.levels {
		if err := c.compareTile(i+1, l.tile, l.hashes); err != nil {
			return err
		}
	}
	return nil
}
