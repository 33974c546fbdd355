package proof

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"github.com/certledger/certledger/domain"
)

// signAnyText is a note that the key has really signed, whatever it says.
func signAnyText(t rapid.TB, text string, by ...note.Signer) []byte {
	t.Helper()
	signed, err := note.Sign(&note.Note{Text: text}, by...)
	require.NoError(t, err)
	return signed
}

func TestACheckpointOpensAsItWasSigned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		signer, vkey := logSigner(t, 1, testOrigin)
		policy, err := NewPolicy(Trust{LogKeys: []string{vkey}})
		require.NoError(t, err)
		_, tree := aTree(t, 0)
		root, err := tree.Root(tree.Size())
		require.NoError(t, err)
		c := Checkpoint{Origin: testOrigin, Size: tree.Size(), Root: root}
		signed, err := Sign(c, signer)
		require.NoError(t, err)
		opened, err := policy.Open(signed)
		require.NoError(t, err)
		require.Equal(t, Opened{Checkpoint: c, LogKeys: policy.LogKeys()}, opened)
	})
}

// A log can sign nonsense; its signature does not make a checkpoint of it.
func TestSignedNonsenseIsRefused(t *testing.T) {
	signer, vkey := logSigner(t, 1, testOrigin)
	policy, err := NewPolicy(Trust{LogKeys: []string{vkey}})
	require.NoError(t, err)
	c := testCheckpoint(t, testTree(12), 12)
	good := c.text()
	_, err = policy.Open(signAnyText(t, good, signer))
	require.NoError(t, err)

	root, empty := c.Root.String(), Hash{}.String()
	for name, text := range map[string]string{
		"an extension line":          good + "ext 1\n",
		"an empty extension line":    good + "\n",
		"a size with a zero":         strings.Replace(good, "\n12\n", "\n012\n", 1),
		"a size with a sign":         strings.Replace(good, "\n12\n", "\n+12\n", 1),
		"a size with an underscore":  strings.Replace(good, "\n12\n", "\n1_2\n", 1),
		"a size with a space":        strings.Replace(good, "\n12\n", "\n12 \n", 1),
		"a negative size":            strings.Replace(good, "\n12\n", "\n-12\n", 1),
		"no size":                    strings.Replace(good, "\n12\n", "\n\n", 1),
		"hexadecimal":                strings.Replace(good, "\n12\n", "\n0xc\n", 1),
		"size 0 and a root":          strings.Replace(good, "\n12\n", "\n0\n", 1),
		"a size and the empty root":  fmt.Sprintf("%s\n12\n%s\n", testOrigin, mustRoot(t, 0)),
		"a root without padding":     strings.Replace(good, root, strings.TrimRight(root, "="), 1),
		"a root of 31 bytes":         strings.Replace(good, root, empty[:42]+"==", 1),
		"a root of 33 bytes":         strings.Replace(good, root, empty[:43]+"A", 1),
		"a root with loose bits":     strings.Replace(good, root, root[:42]+nextBase64(root[42])+"=", 1),
		"no root":                    testOrigin + "\n12\n",
		"an empty root":              testOrigin + "\n12\n\n",
		"no origin":                  strings.TrimPrefix(good, testOrigin),
		"a heads statement's origin": strings.Replace(good, testOrigin, testOrigin+headsSuffix, 1),
	} {
		_, err := policy.Open(signAnyText(t, text, signer))
		require.ErrorIs(t, err, ErrForm, name)
	}

	_, err = policy.Open(signAnyText(t, strings.Replace(good, testOrigin, "other.example", 1), signer))
	require.ErrorIs(t, err, ErrForeign)
}

// nextBase64 is a digit that differs only in its lowest bit.
func nextBase64(c byte) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	return string(digits[strings.IndexByte(digits, c)^1])
}

func mustRoot(t rapid.TB, size uint64) Hash {
	t.Helper()
	root, err := testTree(size).Root(size)
	require.NoError(t, err)
	return root
}

func TestSignRefuses(t *testing.T) {
	signer, _ := logSigner(t, 1, testOrigin)
	other, _ := logSigner(t, 2, "other.example")
	c := testCheckpoint(t, testTree(3), 3)

	_, err := Sign(c)
	require.ErrorIs(t, err, ErrSignature)
	_, err = Sign(c, other)
	require.ErrorIs(t, err, ErrKey)
	_, err = Sign(c, signer, signer)
	require.ErrorIs(t, err, ErrForm)
	_, err = Sign(Checkpoint{Origin: testOrigin, Size: 3, Root: mustRoot(t, 0)}, signer)
	require.ErrorIs(t, err, ErrForm)
	_, err = Sign(Checkpoint{Origin: testOrigin, Root: c.Root}, signer)
	require.ErrorIs(t, err, ErrForm)
	_, err = Sign(c, failingSigner{signer})
	require.ErrorIs(t, err, errNoToken)
	_, err = Sign(c, slices.Repeat([]note.Signer{signer}, SignaturesMax+1)...)
	require.ErrorIs(t, err, ErrForm)
	for _, origin := range badOrigins {
		_, err := Sign(Checkpoint{Origin: origin, Size: c.Size, Root: c.Root}, signer)
		require.ErrorIs(t, err, ErrForm, "%q", origin)
	}
}

var errNoToken = errors.New("the key's token is not plugged in")

type failingSigner struct{ note.Signer }

func (failingSigner) Sign([]byte) ([]byte, error) { return nil, errNoToken }

var badOrigins = []string{
	"", " ", "two words", "a+b", "a\nb", "a\tb", "zoé.example", "a\x7f", "\u00a0", testOrigin + "/heads", "/heads", strings.Repeat("a", OriginMax+1),
}

func TestKeys(t *testing.T) {
	longest := strings.Repeat("a", OriginMax)
	skey, vkey, err := GenerateKey(bytes.NewReader(make([]byte, 32)), longest)
	require.NoError(t, err)
	require.LessOrEqual(t, len(vkey), domain.VerifierKeyMax, "an event can hold the key")
	signer, err := note.NewSigner(skey)
	require.NoError(t, err)
	verifier, err := note.NewVerifier(vkey)
	require.NoError(t, err)
	sig, err := signer.Sign([]byte("text\n"))
	require.NoError(t, err)
	require.True(t, verifier.Verify([]byte("text\n"), sig))

	for _, origin := range badOrigins {
		_, _, err := GenerateKey(bytes.NewReader(make([]byte, 32)), origin)
		require.ErrorIs(t, err, ErrKey, "%q", origin)
	}
	_, _, err = GenerateKey(bytes.NewReader(nil), testOrigin)
	require.Error(t, err)
}

func TestSizesOfCheckpointsAreLimited(t *testing.T) {
	r := newRotation(t, 4)
	r.policy.AllowUnknown = true
	signed := r.checkpoint(t, 4)
	_, err := r.policy.Open(append(bytes.Clone(signed), strings.Repeat("x", CheckpointMax)...))
	require.ErrorIs(t, err, ErrForm)

	full := strings.TrimSuffix(string(signed), "\n")
	for i := range SignaturesMax - 4 {
		full += fmt.Sprintf("\n— z%02d AAAAAAAA", i)
	}
	opened, err := r.policy.Open([]byte(full + "\n"))
	require.NoError(t, err)
	require.Equal(t, SignaturesMax-4, opened.Unknown)
	_, err = r.policy.Open([]byte(full + "\n— zz AAAAAAAA\n"))
	require.ErrorIs(t, err, ErrForm)
	_, err = r.policy.Merge([]byte(full+"\n"), r.witnesses[0].cosign(t, signed))
	require.NoError(t, err, "nothing to add")
	south := strings.SplitAfter(full, "\n")[7]
	require.Equal(t, string(r.witnesses[1].cosign(t, signed)), south)
	one := strings.Replace(full, south, "", 1) + "\n— zz AAAAAAAA\n"
	_, err = r.policy.Merge([]byte(one), []byte(south))
	require.ErrorIs(t, err, ErrForm, "no room for another")
}

// Keys that nobody knows sign once each too, and stand where they belong.
func TestLinesOfStrangersAreInOrder(t *testing.T) {
	r := newRotation(t, 4)
	r.policy.AllowUnknown = true
	signed := string(r.checkpoint(t, 4))
	for lines, fine := range map[string]bool{
		"— x AAAAAAAA\n":                   true,
		"— x AAAAAAAA\n— x AAAAAQAA\n":     true, // two keys of one name
		"— x AAAAAQAA\n— x AAAAAAAA\n":     false,
		"— x AAAAAAAA\n— x AAAAAAAA\n":     false,
		"— x AAAAAAAA\n— x AAAAAAAB\n":     false, // one key, two signatures
		"— x AAAAAAAA\n— y AAAAAAAA\n":     true,
		"— y AAAAAAAA\n— x AAAAAAAA\n":     false,
		"— a AAAAAAAA\n":                   false, // before the witnesses
		"— x AAAAAAA=\n":                   true,
		"— x AAAAAAB=\n":                   false, // loose bits
		"— " + testOrigin + " AAAAAAAA\n":  false, // before the log's other keys
		"— " + testOrigin + "/ AAAAAAAA\n": false,
	} {
		opened, err := r.policy.Open([]byte(signed + lines))
		if fine {
			require.NoError(t, err, lines)
			require.Equal(t, strings.Count(lines, "\n"), opened.Unknown)
		} else {
			require.ErrorIs(t, err, ErrForm, lines)
		}
	}
}
