package desk

import (
	"errors"
	"fmt"
)

// Errors of Do and DoAll. After none of them was anything recorded.
//
// Others that are passed on: *domain.Refusal; eventstore's ErrUnavailable,
// ErrReadOnly, ErrTooLarge and ErrUnknownOutcome, after which alone something
// may be recorded; projections' ErrBehind and *PoisonError where a command needs
// rows that are not there yet; the context's.
var (
	// ErrStale: the subject has another version than Request.IfMatch.
	ErrStale = errors.New("the subject has changed since you looked at it")

	// ErrReused: the command id was used before, with another body or for
	// another subject.
	ErrReused = errors.New("this idempotency key was used for another command")

	// ErrBusy: others changed the subject during each of Config.TriesMax tries.
	// The same command may work later.
	ErrBusy = errors.New("the subject is being changed by others")

	// ErrClockBehind: this node's clock is further behind the ledger's latest
	// recorded time than Config.SkewMax.
	ErrClockBehind = errors.New("this node's clock is behind the ledger")

	// ErrErased: the person whom the command concerns was erased.
	ErrErased = errors.New("this person's data was erased")

	// ErrInvalid: the request does not hold together. The caller is wrong.
	ErrInvalid = errors.New("invalid request")
)

// RequestError says which request of DoAll was the first that could not be
// done. Err is what Do would have returned.
type RequestError struct {
	Index int
	Err   error
}

func (e *RequestError) Error() string { return fmt.Sprintf("request %d: %v", e.Index, e.Err) }

func (e *RequestError) Unwrap() error { return e.Err }
