package proof

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

const (
	// CheckpointMax is the longest signed checkpoint, in bytes.
	CheckpointMax = 64 << 10

	// SignaturesMax is the most signature lines of a checkpoint.
	SignaturesMax = 64
)

const (
	signatureBegin = "\n— " // before the key's name in every signature line
	textEnd        = "\n\n" // the last one parts the text from the signatures
)

// openNote reads a signed note in the one form in which writeNote writes it: no
// signature twice, none in another place, no loose base64. What keys know is
// verified; the others are in UnverifiedSigs.
func openNote(signed []byte, part, origin string, limit int, keys note.Verifiers) (*note.Note, error) {
	if len(signed) > limit {
		return nil, fault(ErrForm, part, "it is longer than %d bytes", limit)
	}
	if bytes.Count(signed, []byte(signatureBegin)) > SignaturesMax {
		return nil, fault(ErrForm, part, "it has more than %d signature lines", SignaturesMax)
	}
	n, err := note.Open(signed, keys)
	if err != nil {
		return nil, noteFault(err, part, origin)
	}
	again, err := writeNote(n.Text, part, origin, slices.Concat(n.Sigs, n.UnverifiedSigs))
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, signed) {
		return nil, fault(ErrForm, part, "a signature line stands twice, in another place or in loose base64")
	}
	return n, nil
}

// noteFault is what note.Open says, without repeating what it read.
func noteFault(err error, part, origin string) error {
	var invalid *note.InvalidSignatureError
	var unverified *note.UnverifiedNoteError
	switch {
	case errors.As(err, &invalid):
		return fault(ErrSignature, part, "a signature by a key of the policy does not hold")
	case errors.As(err, &unverified):
		if first, _, _ := strings.Cut(unverified.Note.Text, "\n"); strings.TrimSuffix(first, headsSuffix) != origin {
			return fault(ErrForeign, part, "its first line names another log than the policy")
		}
		return fault(ErrSignature, part, "no key of the policy has signed it")
	}
	return fault(ErrForm, part, "it is not a signed note")
}

// writeNote is a text with its signatures: the log's own first, by the hash of
// the key, and then the others by name and hash.
func writeNote(text, part, origin string, signatures []note.Signature) ([]byte, error) {
	if len(signatures) > SignaturesMax {
		return nil, fault(ErrForm, part, "it has more than %d signature lines", SignaturesMax)
	}
	written := make([]note.Signature, len(signatures))
	for i, s := range signatures {
		raw, err := base64.StdEncoding.DecodeString(s.Base64)
		if err != nil {
			return nil, fault(ErrForm, part, "a signature is not base64")
		}
		s.Base64 = base64.StdEncoding.EncodeToString(raw)
		written[i] = s
	}
	slices.SortFunc(written, func(a, b note.Signature) int { return compareSigners(origin, a, b) })
	for i := 1; i < len(written); i++ {
		if compareSigners(origin, written[i-1], written[i]) == 0 {
			return nil, fault(ErrForm, part, "one key has signed twice")
		}
	}
	signed, err := note.Sign(&note.Note{Text: text, Sigs: written})
	if err != nil {
		return nil, fault(ErrForm, part, "it cannot be written as a signed note")
	}
	return signed, nil
}

func compareSigners(origin string, a, b note.Signature) int {
	own := func(s note.Signature) int {
		if s.Name == origin {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(own(a), own(b)), strings.Compare(a.Name, b.Name), cmp.Compare(a.Hash, b.Hash))
}

// signNote signs a text with keys of the log.
func signNote(text, part, origin string, by []note.Signer) ([]byte, error) {
	if len(by) == 0 {
		return nil, fault(ErrSignature, part, "nobody signs it")
	}
	for _, s := range by {
		if s.Name() != origin {
			return nil, fault(ErrKey, part, "a signing key has another name than the log")
		}
	}
	signatures := make([]note.Signature, len(by))
	for i, s := range by {
		signature, err := s.Sign([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("%s: sign it: %w", part, err)
		}
		raw := append(binary.BigEndian.AppendUint32(nil, s.KeyHash()), signature...)
		signatures[i] = note.Signature{Name: s.Name(), Hash: s.KeyHash(), Base64: base64.StdEncoding.EncodeToString(raw)}
	}
	return writeNote(text, part, origin, signatures)
}

// textOf is the text of a signed note, with its last newline, whoever signed it.
func textOf(signed []byte, part string) (string, error) {
	i := bytes.LastIndex(signed, []byte(textEnd))
	if i < 0 {
		return "", fault(ErrForm, part, "it is not a signed note")
	}
	return string(signed[:i+1]), nil
}
