package eventstore

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"
)

// Errors of opening a ledger.
var (
	// ErrExists: Create was given a directory that holds a ledger.
	ErrExists = errors.New("there is a ledger already")

	// ErrNotLedger: Open was given a directory without a ledger. Nothing was
	// created there.
	ErrNotLedger = errors.New("not a ledger")

	// ErrFormat: the ledger was written by a version whose format this one does
	// not know.
	ErrFormat = errors.New("unknown ledger format")

	// ErrInUse: another process, or another Log of this one, has the ledger
	// open.
	ErrInUse = errors.New("the ledger is open elsewhere")

	// ErrNoStream: the directory is a ledger's, but its stream is gone.
	ErrNoStream = errors.New("the ledger's stream is missing")
)

// Errors of using an open ledger.
var (
	// ErrConflict: the subject has a newer entry than the writer had seen.
	// Nothing was written. A retry of a write that was stored answers this too.
	ErrConflict = errors.New("the subject has changed since it was read")

	// ErrUnavailable: the write was refused or could not be sent, or a read was
	// not answered. Nothing was written; the same call may work later.
	ErrUnavailable = errors.New("the ledger is unavailable")

	// ErrClosed is the ErrUnavailable of a ledger that was closed.
	ErrClosed = fmt.Errorf("%w: it is closed", ErrUnavailable)

	// ErrUnknownOutcome: the write was sent and not answered. It may be stored,
	// now or a little later. Send the same write again: ErrConflict then means
	// that this one, or another, was stored.
	ErrUnknownOutcome = errors.New("the write may or may not be stored")

	// ErrReadOnly: the ledger stopped accepting writes because its stream is
	// not what it must be; the error also wraps why. Nothing was written. It
	// lasts until the ledger is opened again.
	ErrReadOnly = errors.New("the ledger is read-only")

	// ErrTooLarge: a payload above PayloadMax, or a write above AppendMax
	// entries or AppendBytesMax. Nothing was sent.
	ErrTooLarge = errors.New("too large for the ledger")

	// ErrInvalid: a malformed subject or write. Nothing was sent.
	ErrInvalid = errors.New("invalid")

	// ErrNoEntry: there is no readable entry with this sequence.
	ErrNoEntry = errors.New("no such entry")
)

// GapError says that entries are missing or unreadable: those from Want up to
// the one before Got or, where Got is 0, all from Want on.
type GapError struct {
	Want uint64 // the sequence that should have come next
	Got  uint64 // the next sequence that can be read; 0 if none
}

func (e *GapError) Error() string {
	const todo = "stop writing, keep the files, and restore the missing entries from a backup or a mirror"
	switch e.Got {
	case 0:
		return fmt.Sprintf("the ledger cannot be read from entry %d on: %s", e.Want, todo)
	case e.Want + 1:
		return fmt.Sprintf("the ledger's entry %d is missing or damaged: %s", e.Want, todo)
	default:
		return fmt.Sprintf("the ledger's entries %d to %d are missing or damaged: %s", e.Want, e.Got-1, todo)
	}
}

// TailError says that the ledger ends before an entry that is known to have
// been stored. The next append would use its sequence again.
type TailError struct {
	Head  uint64 // the last sequence in the ledger
	Known uint64 // a sequence that was stored
}

func (e *TailError) Error() string {
	return fmt.Sprintf("the ledger ends at entry %d, but entry %d was stored: entries %d to %d are lost;"+
		" stop writing, keep the files, and restore them from a backup or a mirror", e.Head, e.Known, e.Head+1, e.Known)
}

// TamperedError says that an entry's bytes are not those that were recorded.
type TamperedError struct {
	Sequence uint64
	Want     [32]byte // SHA-256 of the payload that was stored
	Got      [32]byte // SHA-256 of the payload found
}

func (e *TamperedError) Error() string {
	return fmt.Sprintf("the ledger's entry %d is not the one that was stored: its payload's SHA-256 is %x, recorded was %x;"+
		" stop writing, keep the files, and compare with a backup or a mirror", e.Sequence, e.Got, e.Want)
}

// Difference is one setting of the stream that is not ours. A value is empty
// where the setting is unset.
type Difference struct {
	Setting  string // its name in JetStream's API, such as max_msgs
	Expected string
	Found    string
}

// ConfigError lists every setting of the stream that is not what Create set.
type ConfigError struct{ Differences []Difference }

func (e *ConfigError) Error() string {
	var b strings.Builder
	b.WriteString("stream " + streamName + " was reconfigured:")
	for i, d := range e.Differences {
		if i > 0 {
			b.WriteByte(';')
		}
		fmt.Fprintf(&b, " %s is %s, must be %s", d.Setting, orUnset(d.Found), orUnset(d.Expected))
	}
	b.WriteString("; entries may have been dropped: verify the ledger, then set the stream right and open it again")
	return b.String()
}

func orUnset(s string) string {
	if s == "" {
		return "unset"
	}
	return s
}

// apiError is an error in an answer of JetStream's API.
type apiError struct {
	Code        int    `json:"code"`
	ErrCode     int    `json:"err_code"`
	Description string `json:"description"`
}

// Error codes of JetStream that mean something to us.
const (
	codeWrongLastSequence      = 10071 // the guard of a single write, or of a batch
	codeWrongLastSequenceConst = 10164 // the same on clustered and batch paths
	codeDuplicateInProcess     = 10158 // the same write is being stored right now
	codeStreamNotFound         = 10059
)

// Error says what the server said. Its descriptions hold no payload.
func (e *apiError) Error() string {
	return fmt.Sprintf("%s (JetStream error %d)", e.Description, e.ErrCode)
}

// kind is the one place that says what a refusal by JetStream means to the
// writer. A refused write is never stored.
func (e *apiError) kind() error {
	switch e.ErrCode {
	case codeWrongLastSequence, codeWrongLastSequenceConst, codeDuplicateInProcess:
		return ErrConflict
	default:
		return ErrUnavailable
	}
}

// sendError says what an error of the connection means to the writer: these
// are known to come before anything was sent, all others leave the outcome
// unknown.
func sendError(err error) error {
	for _, before := range []error{
		nats.ErrNoResponders, nats.ErrMaxPayload, nats.ErrReconnectBufExceeded,
		nats.ErrBadSubject, nats.ErrHeadersNotSupported, nats.ErrConnectionDraining, nats.ErrInvalidConnection,
	} {
		if errors.Is(err, before) {
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	}
	return fmt.Errorf("%w: %w", ErrUnknownOutcome, err)
}
