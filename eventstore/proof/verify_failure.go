package proof

import (
	"errors"
	"fmt"
	"strings"

	"github.com/certledger/certledger/domain"
)

// Code is the stable name of a way in which a verification fails.
type Code string

// The codes. docs/verifying.md says what each means and what to do.
const (
	CodeFiles      Code = "files"       // a file too many, too few, twice, or under a name or of a kind that no dossier has
	CodeTooLarge   Code = "too-large"   // more than this program reads
	CodeZip        Code = "zip"         // a zip that is not written byte for byte as dossiers are
	CodeForm       Code = "form"        // not exactly in its published form
	CodeUnknown    Code = "unknown"     // of a version, type or kind that this program does not know
	CodeSignature  Code = "signature"   // not signed as the verifier asks
	CodeQuorum     Code = "quorum"      // too few witnesses
	CodeForeign    Code = "foreign"     // of another log, ledger or person
	CodeCheckpoint Code = "checkpoint"  // two parts are about different checkpoints
	CodeLeaf       Code = "leaf"        // a leaf is not that of its entry
	CodeProof      Code = "proof"       // an entry is not in the tree of the checkpoint
	CodeTree       Code = "tree"        // an export's entries do not come to the checkpoint's root
	CodeShort      Code = "short"       // an export ends before its checkpoint, or within an entry
	CodeEntry      Code = "entry"       // an entry does not read as one
	CodeChain      Code = "chain"       // a subject's entries have a hole, or do not follow each other
	CodeTwice      Code = "twice"       // one identifier for two things
	CodeTime       Code = "time"        // recorded before the entry before it
	CodeHeads      Code = "heads"       // not as far as the log's word on its subjects goes
	CodeSubjects   Code = "subjects"    // entries that do not belong, or too few of those that do
	CodeProgramme  Code = "programme"   // rules that were not published, or not these
	CodeOnePerson  Code = "one-person"  // an act of two people that lacks the second
	CodeProposal   Code = "proposal"    // an act of two people that is not the one proposed
	CodeReads      Code = "reads"       // an entry looked at what was not there
	CodeRecord     Code = "record"      // a record file is not what the entry holds
	CodeContents   Code = "contents"    // dossier.json is not what the entries say
	CodeReadme     Code = "readme"      // README.txt is not what the entries say
	CodeOpened     Code = "opened"      // opened.json is not what the log signed, or is about other values than are sealed here
	CodeNoRecord   Code = "no-record"   // a decision without the record that it could be derived from
	CodeCut        Code = "cut"         // a record considered what was not there
	CodeRefused    Code = "refused"     // a decision that the rules do not allow
	CodeDifferent  Code = "different"   // a decision that comes out otherwise
	CodeImpossible Code = "impossible"  // entries that the rules cannot be applied to
	CodeNoDecision Code = "no-decision" // a decision that is not there
)

// Failure is one way in which what was verified does not hold. It is an error.
type Failure struct {
	Code  Code   `json:"code"`
	Where string `json:"where"` // a file of a dossier, or an entry of an export
	What  string `json:"what"`  // a sentence

	cause error
}

func (f *Failure) Error() string { return fmt.Sprintf("%s: %s [%s]", f.Where, f.What, f.Code) }

// Unwrap is what the failure came of, where there was an error before it.
func (f *Failure) Unwrap() error { return f.cause }

func failed(code Code, where, format string, args ...any) *Failure {
	return &Failure{Code: code, Where: where, What: fmt.Sprintf(format, args...)}
}

// failedBy turns an error of this package into a failure of the same kind.
func failedBy(err error, where string) *Failure {
	code := CodeForm
	for _, kind := range []struct {
		of   error
		code Code
	}{
		{ErrUnknownForm, CodeUnknown},
		{ErrSignature, CodeSignature},
		{ErrQuorum, CodeQuorum},
		{ErrForeign, CodeForeign},
		{ErrLeaf, CodeLeaf},
		{ErrProof, CodeProof},
		{ErrRange, CodeProof},
	} {
		if errors.Is(err, kind.of) {
			code = kind.code
			break
		}
	}
	return &Failure{Code: code, Where: where, What: strings.TrimPrefix(err.Error(), where+": "), cause: err}
}

// failedToDerive turns what domain says of a decision into a failure.
func failedToDerive(err error, where string) *Failure {
	var refusal *domain.Refusal
	var difference *domain.Difference
	var already *Failure
	f := &Failure{Code: CodeImpossible, Where: where, What: err.Error(), cause: err}
	switch {
	case errors.As(err, &already):
		return already
	case errors.As(err, &refusal):
		f.Code, f.What = CodeRefused, "the rules do not allow it: "+refusal.Detail
	case errors.As(err, &difference):
		f.Code = CodeDifferent
	case errors.Is(err, domain.ErrCut):
		f.Code = CodeCut
	case errors.Is(err, domain.ErrUnknownEngine):
		f.Code = CodeUnknown
	case errors.Is(err, domain.ErrNoRecord):
		f.Code = CodeNoRecord
	}
	return f
}

// entryAt names an entry in failures.
func entryAt(sequence uint64) string { return fmt.Sprintf("entry %d", sequence) }

// guarded calls what folds or judges entries that others wrote. The rules state
// what they rely on, and whoever writes a ledger can write entries that break it: a
// panic over such entries is a failure of the entries and not of the verifier.
func guarded(where string, f func() *Failure) (failure *Failure) {
	defer func() {
		if broken := recover(); broken != nil {
			failure = failed(CodeImpossible, where, "the rules cannot be applied to what the entries say")
		}
	}()
	return f()
}
