package projections

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
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

// OpenToCheck opens a database for those who only look at it: nothing is written,
// and one whose tree is damaged is opened all the same. No entry may be applied
// to it. Its errors are Open's.
func OpenToCheck(cfg Config) (*Store, error) {
	s, err := openToCheck(cfg.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("open projections in %s: %w", cfg.Dir, err)
	}
	return s, nil
}

func openToCheck(cfg Config) (_ *Store, err error) {
	lock, err := pebble.LockDirectory(cfg.Dir, vfs.Default)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInUse, err)
	}
	cache := pebble.NewCache(cfg.CacheBytes)
	defer cache.Unref()
	o := options(cfg, cache)
	o.Lock, o.ReadOnly = lock, true
	db, err := pebble.Open(cfg.Dir, o)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrDamaged, err), lock.Close())
	}
	s := &Store{
		cfg: cfg, db: db, lock: lock, programmes: newProgrammeCache(), tiles: newTileCache(),
		changed: make(chan struct{}), hurry: make(chan struct{}, 1),
	}
	s.reads.store = s
	if err := s.checkFormat(); err != nil {
		return nil, errors.Join(damaged(err), s.Close())
	}
	return s, nil
}

// RowDifference is a row, or a hash of the tree in one, that is not what it
// should be.
type RowDifference struct {
	Row  string // what it is, for a person
	What string // what is wrong with it

	// First and Last are the entries that a hash of the tree is over, or that a
	// copy is of. They are 0 for other rows.
	First, Last uint64
}

// assessedViews are the rows that are behind while assessments are owed.
const assessedViews = string(viewSummary) + string(viewFlag) + string(viewReady) + string(viewReview) + string(viewOwed)

// Different lists what differs in a database from one that was folded afresh from
// the same entries, in the order of keys, and at most so many differences. While
// the first one owes assessments, what rests on them is left out. Nobody may be
// applying entries.
func Different(ctx context.Context, kept, fresh *Store, most int) ([]RowDifference, error) {
	return read(reads{store: kept}, func(x reader) ([]RowDifference, error) {
		return read(reads{store: fresh}, func(y reader) ([]RowDifference, error) { return different(ctx, x, y, most) })
	})
}

func different(ctx context.Context, x, y reader, most int) (out []RowDifference, err error) {
	owes, err := x.owes()
	if err != nil {
		return nil, err
	}
	kept, err := x.db.NewIter(&pebble.IterOptions{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	fresh, err := y.db.NewIter(&pebble.IterOptions{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, fresh.Close()) }()
	kept.First()
	fresh.First()
	for (kept.Valid() || fresh.Valid()) && len(out) < most {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		view, found := step(kept, fresh)
		if !owes || strings.IndexByte(assessedViews, view) < 0 {
			out = append(out, found...)
		}
	}
	return out[:min(len(out), most)], errors.Join(kept.Error(), fresh.Error())
}

// owes reports whether there are assessments still to be made.
func (r reader) owes() (some bool, err error) {
	err = r.scan([]byte{viewOwed}, []byte{viewOwed + 1}, func(_, _ []byte) (bool, error) {
		some = true
		return false, nil
	})
	return some, err
}

// step compares the next row of both, at least one of which has one, moves beyond
// it, and says of which view it is.
func step(kept, fresh *pebble.Iterator) (view byte, found []RowDifference) {
	order := bytes.Compare(kept.Key(), fresh.Key())
	switch {
	case !fresh.Valid() || kept.Valid() && order < 0:
		view, found = kept.Key()[0], []RowDifference{rowOf(kept.Key(), "is one too many")}
		kept.Next()
	case !kept.Valid() || order > 0:
		view, found = fresh.Key()[0], []RowDifference{rowOf(fresh.Key(), "is missing")}
		fresh.Next()
	default:
		view, found = kept.Key()[0], valueDifferences(kept.Key(), kept.Value(), fresh.Value())
		kept.Next()
		fresh.Next()
	}
	return view, found
}

// valueDifferences are those between two values of a row: each hash of a tile by
// itself.
func valueDifferences(key, is, should []byte) []RowDifference {
	if bytes.Equal(is, should) {
		return nil
	}
	if key[0] != viewTree || len(is) != len(should) {
		return []RowDifference{rowOf(key, "has another value")}
	}
	var out []RowDifference
	for i := 0; i < len(is); i += tlog.HashSize {
		end := min(i+tlog.HashSize, len(is))
		if bytes.Equal(is[i:end], should[i:end]) {
			continue
		}
		place := key
		if len(key) == len(keyTile(0, 0)) {
			place = append(bytes.Clone(key), byte(i/tlog.HashSize))
		}
		out = append(out, rowOf(place, "has another value"))
	}
	return out
}

// rowOf names a row, or a hash in a tile where its place follows on the tile's key.
func rowOf(key []byte, what string) RowDifference {
	tile := len(keyTile(0, 0))
	switch {
	case key[0] == viewEntry && len(key) == 1+sequenceLength:
		n := number(key[1:])
		return RowDifference{fmt.Sprintf("the copy of entry %d", n), what, n, n}
	case key[0] == viewTree && (len(key) == tile || len(key) == tile+1):
		level, first, count := int(key[1]), number(key[2:tile])*TileWidth, uint64(TileWidth)
		if len(key) > tile {
			first, count = first+uint64(key[tile]), 1
		}
		over := uint64(1) << (tileHeight * min(level, 7))
		d := RowDifference{What: what, First: first*over + 1, Last: (first + count) * over}
		d.Row = fmt.Sprintf("the tree's hash over entries %d to %d", d.First, d.Last)
		if d.First == d.Last {
			d.Row = fmt.Sprintf("the tree's hash of entry %d", d.First)
		} else if count > 1 {
			d.Row = fmt.Sprintf("the tile of the tree over entries %d to %d", d.First, d.Last)
		}
		return d
	}
	return RowDifference{Row: fmt.Sprintf("the row %q", key), What: what}
}
