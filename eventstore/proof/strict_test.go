package proof

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// strictForm is a file that somebody may have changed on its way, and how it is
// opened.
type strictForm struct {
	name string
	file []byte
	open func([]byte) error
}

func strictForms(t *testing.T) []strictForm {
	r := newRotation(t, 11)
	checkpoint := r.checkpoint(t, 11)
	inclusion, err := FormatInclusion(r.tree, 7, checkpoint)
	require.NoError(t, err)
	heads, err := SignHeads(r.heads(t, 11), r.signers...)
	require.NoError(t, err)
	hashes, err := Consistency(r.tree, 3, 11)
	require.NoError(t, err)
	older, newer := testCheckpoint(t, r.tree, 3), testCheckpoint(t, r.tree, 11)
	return []strictForm{
		{"checkpoint", checkpoint, func(b []byte) error { _, err := r.policy.Open(b); return err }},
		{"inclusion proof", inclusion, func(b []byte) error { _, err := r.policy.VerifyInclusion(b, testLeaf(7)); return err }},
		{"leaf of an inclusion proof", testLeaf(7), func(b []byte) error { _, err := r.policy.VerifyInclusion(inclusion, b); return err }},
		{"heads", heads, func(b []byte) error { _, err := r.policy.OpenHeads(b); return err }},
		{"consistency proof", FormatHashes(hashes), func(b []byte) error {
			hashes, err := ParseHashes(b)
			if err != nil {
				return err
			}
			return VerifyConsistency(older, newer, hashes)
		}},
	}
}

// Every error is one of these, and says nothing of what was read.
var kinds = []error{
	ErrForm, ErrUnknownForm, ErrSignature, ErrQuorum, ErrForeign, ErrProof, ErrRolledBack, ErrForked, ErrRange, ErrKey, ErrPolicy, ErrLeaf,
}

func requireFault(t *testing.T, err error, changed func() string) {
	t.Helper()
	if err == nil {
		t.Fatalf("accepted although %s", changed())
	}
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			return
		}
	}
	t.Fatalf("%v is of no kind", err)
}

// No bit of a file is without meaning: base64 has some that are, which is where
// lenient readers fail.
func TestEveryFlippedBitIsRefused(t *testing.T) {
	for _, form := range strictForms(t) {
		t.Run(form.name, func(t *testing.T) {
			require.NoError(t, form.open(form.file))
			for i := range form.file {
				for bit := range 8 {
					changed := bytes.Clone(form.file)
					changed[i] ^= 1 << bit
					requireFault(t, form.open(changed), func() string { return fmt.Sprintf("bit %d of byte %d is flipped", bit, i) })
				}
			}
		})
	}
}

func TestEveryTruncationAndAdditionIsRefused(t *testing.T) {
	for _, form := range strictForms(t) {
		t.Run(form.name, func(t *testing.T) {
			for i := range form.file {
				requireFault(t, form.open(form.file[:i]), func() string { return fmt.Sprintf("it ends after %d bytes", i) })
				requireFault(t, form.open(form.file[len(form.file)-i:]), func() string { return fmt.Sprintf("only %d bytes at the end are left", i) })
				requireFault(t, form.open(slices.Delete(bytes.Clone(form.file), i, i+1)), func() string { return fmt.Sprintf("byte %d is gone", i) })
				for _, more := range []string{"\n", " ", "\r", "\x00", "=", "A", "0"} {
					changed := slices.Insert(bytes.Clone(form.file), i, []byte(more)...)
					if !bytes.Equal(changed, form.file) {
						requireFault(t, form.open(changed), func() string { return fmt.Sprintf("%q stands before byte %d", more, i) })
					}
				}
			}
			for _, more := range []string{"\n", " ", "\r\n", "\x00", "A", "\n\n", "— x AAAAAAAA\n", string(form.file)} {
				requireFault(t, form.open([]byte(string(form.file)+more)), func() string { return fmt.Sprintf("%q follows it", more) })
			}
			requireFault(t, form.open(bytes.ReplaceAll(form.file, []byte("\n"), []byte("\r\n"))[1:]), func() string { return "its lines end otherwise" })
		})
	}
}

func TestEveryLineTwiceGoneOrElsewhereIsRefused(t *testing.T) {
	for _, form := range strictForms(t) {
		lines := strings.SplitAfter(string(form.file), "\n")
		if last := len(lines) - 1; lines[last] == "" {
			lines = lines[:last]
		}
		t.Run(form.name, func(t *testing.T) {
			for i := range lines {
				for at := 0; at <= len(lines); at++ {
					changed := strings.Join(slices.Insert(slices.Clone(lines), at, lines[i]), "")
					requireFault(t, form.open([]byte(changed)), func() string { return fmt.Sprintf("line %d stands again before line %d", i+1, at+1) })
				}
				changed := strings.Join(slices.Delete(slices.Clone(lines), i, i+1), "")
				requireFault(t, form.open([]byte(changed)), func() string { return fmt.Sprintf("line %d is gone", i+1) })
				for j := range i {
					if lines[i] == lines[j] {
						continue
					}
					swapped := slices.Clone(lines)
					swapped[i], swapped[j] = swapped[j], swapped[i]
					requireFault(t, form.open([]byte(strings.Join(swapped, ""))), func() string { return fmt.Sprintf("lines %d and %d are swapped", j+1, i+1) })
				}
			}
		})
	}
}

// One kind of file is never taken for another.
func TestEveryOtherFileIsRefused(t *testing.T) {
	forms := strictForms(t)
	for _, form := range forms {
		for _, other := range forms {
			if form.name != other.name {
				requireFault(t, form.open(other.file), func() string { return other.name + " was read as " + form.name })
			}
		}
	}
}
