package projections

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// FirstDifference names the first row in which two databases differ, in the
// order of their keys; empty where they are equal. Each is read at its own
// moment: nobody should be applying entries.
func FirstDifference(ctx context.Context, a, b *Store) (string, error) {
	return read(reads{store: a}, func(x reader) (string, error) {
		return read(reads{store: b}, func(y reader) (string, error) { return firstDifference(ctx, x, y) })
	})
}

func firstDifference(ctx context.Context, x, y reader) (row string, err error) {
	one, err := x.db.NewIter(&pebble.IterOptions{})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, one.Close()) }()
	other, err := y.db.NewIter(&pebble.IterOptions{})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, other.Close()) }()
	ok, more := one.First(), other.First()
	for ok && more && bytes.Equal(one.Key(), other.Key()) && bytes.Equal(one.Value(), other.Value()) {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		ok, more = one.Next(), other.Next()
	}
	if err := errors.Join(one.Error(), other.Error()); err != nil || !ok && !more {
		return "", err
	}
	switch {
	case ok && more && bytes.Equal(one.Key(), other.Key()):
		return fmt.Sprintf("the row %q has another value", one.Key()), nil
	case ok && (!more || bytes.Compare(one.Key(), other.Key()) < 0):
		return fmt.Sprintf("the row %q is one too many", one.Key()), nil
	}
	return fmt.Sprintf("the row %q is missing", other.Key()), nil
}
