package projections

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// Errors of opening and using a Store.
var (
	// ErrFormat: the database was written by another version of certledger.
	ErrFormat = errors.New("the projections have another format; run `certledger projection rebuild`")

	// ErrDamaged: the database cannot be read. The ledger is not concerned.
	ErrDamaged = errors.New("the projections are damaged; run `certledger projection rebuild`")

	// ErrInUse: another process, or another Store of this one, has the database open.
	ErrInUse = errors.New("the projections are open elsewhere")

	// ErrClosed: the Store was closed.
	ErrClosed = errors.New("the projections are closed")

	// ErrOrder: the entries given do not begin right after the position, or
	// have gaps.
	ErrOrder = errors.New("entries do not follow on")

	// ErrNotYet: what was asked for lies beyond the position.
	ErrNotYet = errors.New("the ledger is not known that far yet")

	// ErrRange: a range ends before it begins.
	ErrRange = errors.New("the range ends before it begins")

	// ErrTile: no tree has such a tile.
	ErrTile = errors.New("not a tile of a tree: levels count from 0, widths are 1 to 256")

	// ErrBehind: the position waited for was not reached in time.
	ErrBehind = errors.New("the projections are behind")
)

// PoisonError says that an entry cannot be applied. Nothing after it is applied
// either, until a version of certledger that can read it is started.
type PoisonError struct {
	Sequence uint64
	Err      error
}

func (e *PoisonError) Error() string {
	return fmt.Sprintf("the projections stopped before entry %d: %v", e.Sequence, e.Err)
}

func (e *PoisonError) Unwrap() error { return e.Err }

// damaged marks errors that say the database itself is broken.
func damaged(err error) error {
	if err != nil && (pebble.IsCorruptionError(err) || errors.Is(err, errPacked)) {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}
