package proof

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// The exchange with a witness, C2SP tlog-witness: the log posts AddCheckpoint's
// bytes to the witness's URL and add-checkpoint. On 200 the answer goes to Merge,
// on 409 to ParseConflict. 422 means that the witness does not see the tree that
// it knows in this one, which is an alarm.

const (
	answerPart  = "witness's answer"
	conflictMax = 21 // bytes of a size and a newline
)

// AddCheckpoint is the body that asks a witness to cosign a signed checkpoint.
// old is the size that the witness has cosigned last, 0 if it never has, and
// hashes are Consistency from there.
func AddCheckpoint(old uint64, hashes []Hash, checkpoint []byte) ([]byte, error) {
	text, err := textOf(checkpoint, checkpointPart)
	if err != nil {
		return nil, err
	}
	c, err := parseCheckpoint(text)
	if err != nil {
		return nil, err
	}
	if old > c.Size {
		return nil, fault(ErrRolledBack, checkpointPart, "the witness has cosigned %d leaves and this has %d", old, c.Size)
	}
	if nothing := old == 0 || old == c.Size; len(hashes) > HashesMax || nothing && len(hashes) > 0 {
		return nil, fault(ErrProof, consistencyPart, "it has more hashes than it can need")
	}
	return slices.Concat(fmt.Appendf(nil, "old %d\n", old), FormatHashes(hashes), []byte("\n"), checkpoint), nil
}

// Merge adds the cosignatures of a witness's answer to a signed checkpoint of the
// policy's log, which need not have a quorum yet. Lines by keys that are no
// witness of the policy are left out, and so is a second line by a witness that
// had cosigned already. It wraps ErrSignature if a witness's line does not hold
// or there is none.
func (p *Policy) Merge(checkpoint, answer []byte) ([]byte, error) {
	_, held, err := p.openUnwitnessed(checkpoint)
	if err != nil {
		return nil, err
	}
	got, err := p.openAnswer(held.Text, answer)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(held.Sigs, held.UnverifiedSigs)
	for _, s := range got {
		if !slices.ContainsFunc(all, func(have note.Signature) bool { return have.Name == s.Name && have.Hash == s.Hash }) {
			all = append(all, s)
		}
	}
	merged, err := writeNote(held.Text, checkpointPart, p.origin, all)
	if err != nil {
		return nil, err
	}
	if _, _, err := p.openUnwitnessed(merged); err != nil {
		return nil, err
	}
	return merged, nil
}

// openAnswer are the lines of a witness's answer that witnesses of the policy
// have signed over a checkpoint's text.
func (p *Policy) openAnswer(text string, answer []byte) ([]note.Signature, error) {
	if len(answer) > CheckpointMax {
		return nil, fault(ErrForm, answerPart, "it is longer than %d bytes", CheckpointMax)
	}
	if !bytes.HasPrefix(answer, []byte(strings.TrimPrefix(signatureBegin, "\n"))) || bytes.Contains(answer, []byte(textEnd)) {
		return nil, fault(ErrForm, answerPart, "it is not signature lines")
	}
	n, err := note.Open(slices.Concat([]byte(text), []byte("\n"), answer), p.byWitness)
	if err != nil {
		return nil, noteFault(err, answerPart, p.origin)
	}
	return n.Sigs, nil
}

// ParseConflict reads the body of a 409: the size of the tree that the witness
// has cosigned last. Where that is the size that was sent as old, the witness
// holds another root of it, which is an alarm as 422 is.
func ParseConflict(answer []byte) (uint64, error) {
	digits, ended := bytes.CutSuffix(answer, []byte("\n"))
	if !ended || len(answer) > conflictMax {
		return 0, fault(ErrForm, answerPart, "it is not a size in one line")
	}
	size, err := strconv.ParseUint(string(digits), 10, 64)
	if err != nil || strconv.FormatUint(size, 10) != string(digits) {
		return 0, fault(ErrForm, answerPart, "it is not a size in one line")
	}
	if err := checkSize(answerPart, size); err != nil {
		return 0, err
	}
	return size, nil
}
