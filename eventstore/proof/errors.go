package proof

import (
	"errors"
	"fmt"
)

// The kinds of failure. Every error of this package wraps one of them, or
// ErrLeaf, after a sentence that says which part failed; none repeats what was
// read.
var (
	// ErrForm: not exactly in the published form, so that another text with the
	// same meaning is refused too.
	ErrForm = errors.New("not in its published form")

	// ErrUnknownForm: a version of a form that this program does not know. A
	// newer one may.
	ErrUnknownForm = errors.New("in a form that is not known here")

	// ErrSignature: a signature that is missing, wrong, or by a key that the
	// policy does not know.
	ErrSignature = errors.New("not signed as the policy asks")

	// ErrQuorum: the log's signature holds, and too few witnesses have cosigned.
	ErrQuorum = errors.New("not witnessed as the policy asks")

	// ErrForeign: it belongs to another log.
	ErrForeign = errors.New("of another log")

	// ErrProof: the hashes do not lead from the one thing to the other.
	ErrProof = errors.New("not proven")

	// ErrRolledBack: a tree that is smaller than one known before.
	ErrRolledBack = errors.New("rolled back")

	// ErrForked: two trees of one log and size that differ. Keep both signed
	// checkpoints: together they convict whoever signed them.
	ErrForked = errors.New("forked")

	// ErrRange: a sequence, size or tile that the tree does not have.
	ErrRange = errors.New("outside of the tree")

	// ErrKey: a key, or a name for one, that cannot be used here.
	ErrKey = errors.New("not a key that can be used here")

	// ErrPolicy: a policy that does not say clearly whom to trust.
	ErrPolicy = errors.New("not a policy that can be used")
)

// fault is an error of a kind: the part that failed, and what is wrong with it.
func fault(kind error, part, format string, args ...any) error {
	return fmt.Errorf("%s: %s: %w", part, fmt.Sprintf(format, args...), kind)
}
