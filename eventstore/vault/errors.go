package vault

import "errors"

// Errors of Create and Open. All name a path and what to do, never a key.
var (
	// ErrExists means Create found a vault, or a key that one may rest on.
	ErrExists = errors.New("vault: already exists")
	// ErrMissing means Open found no vault in the directory.
	ErrMissing = errors.New("vault: no vault here")
	// ErrIncomplete means that Create was interrupted. Nothing was sealed yet.
	ErrIncomplete = errors.New("vault: creation was interrupted")
	// ErrLocked means that another process, or this one, has the vault open.
	ErrLocked = errors.New("vault: already open")
	// ErrMode means that others may read or write a file or directory.
	ErrMode = errors.New("vault: open to other users")
	// ErrKeyMissing means that a key file is not there.
	ErrKeyMissing = errors.New("vault: key file is missing")
	// ErrKeyFile means that a key file cannot be read as one.
	ErrKeyFile = errors.New("vault: key file is malformed")
	// ErrKeyWrong means that a key file holds another key than this vault's.
	ErrKeyWrong = errors.New("vault: key file belongs to another vault")
	// ErrFormat means that a newer version wrote the vault.
	ErrFormat = errors.New("vault: stored form is unknown")
	// ErrClosed means that the vault was closed.
	ErrClosed = errors.New("vault: closed")
)

// Errors of use. None carries what was passed in, which may be personal.
var (
	// ErrPerson means that a person id is not 32 lower-case hex digits.
	ErrPerson = errors.New("vault: person id is not 32 lower-case hex digits")
	// ErrName means that a group or an index kind is not 1 to 32 of a-z and -.
	ErrName = errors.New("vault: group or kind is not 1 to 32 of a-z and -")
	// ErrContext means that a field of a Context is empty.
	ErrContext = errors.New("vault: context is incomplete")
	// ErrValue means that a value cannot be indexed: not UTF-8, or blank.
	ErrValue = errors.New("vault: value to index is blank or not UTF-8")

	// ErrFence means that a fence of a group has no generation, or one of a
	// whole person has.
	ErrFence = errors.New("vault: fence and generation do not fit")

	// ErrForm means that a Sealed was not written by any vault.
	ErrForm = errors.New("vault: sealed value is malformed")
	// ErrCommitment means that the value is not bound to the key it names.
	ErrCommitment = errors.New("vault: key commitment does not match")
	// ErrTampered means that the value was altered, or sealed for another
	// event than the Context says.
	ErrTampered = errors.New("vault: sealed value was altered or moved")
	// ErrDamaged means that a stored row is altered: restore from a backup.
	ErrDamaged = errors.New("vault: stored row is damaged")

	// ErrNever means that no vault of this ledger made such a key for that
	// person, group and generation. Waiting does not help.
	ErrNever = errors.New("vault: no such key was ever made")
	// ErrErased means that the person, or that group of theirs, was erased.
	ErrErased = errors.New("vault: erased")
	// ErrNotYet means that a vault of this ledger made the key, it was not
	// erased, and it is not here: this vault was restored from a backup older
	// than the ledger, or lags behind the one that made the key.
	ErrNotYet = errors.New("vault: key has not reached this vault")
)
