package proof

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/gowebpki/jcs"
	"github.com/stretchr/testify/require"
)

// The form is for ever: these bytes and this hash may never change.
func TestLeafForm(t *testing.T) {
	payload := sha256.Sum256([]byte(`{"specversion":"1.0"}`))
	leaf := Leaf(412, payload)
	require.Equal(t, `{"leaf":1,"payload":"sha256:`+hex.EncodeToString(payload[:])+`","sequence":412}`, string(leaf))
	canonical, err := jcs.Transform(leaf)
	require.NoError(t, err)
	require.Equal(t, string(canonical), string(leaf))
	require.Equal(t, Hash(sha256.Sum256(append([]byte{0}, leaf...))), LeafHash(412, payload))
	require.Len(t, Leaf(1<<64-1, payload), LeafMax)

	sequence, got, err := ParseLeaf(leaf)
	require.NoError(t, err)
	require.Equal(t, uint64(412), sequence)
	require.Equal(t, payload, got)
}

func TestParseLeafRefusesEveryOtherForm(t *testing.T) {
	leaf := Leaf(412, sha256.Sum256(nil))
	for i := range leaf {
		for _, flip := range []byte{0x01, 0x20, 0x80} {
			other := bytes.Clone(leaf)
			other[i] ^= flip
			if s, p, err := ParseLeaf(other); err == nil {
				require.Equal(t, string(other), string(Leaf(s, p)), "another value in the same form, and nothing else")
			}
		}
	}
	for _, bad := range []string{
		"", "{}", string(leaf[:len(leaf)-1]), string(leaf) + "\n", " " + string(leaf),
		string(bytes.Replace(leaf, []byte(`:412`), []byte(`:0412`), 1)), string(bytes.Replace(leaf, []byte(`:412`), []byte(`:0`), 1)),
		string(bytes.Replace(leaf, []byte(`:412`), []byte(`:+412`), 1)), string(bytes.Replace(leaf, []byte(`:412`), []byte(`:4.12e2`), 1)),
		string(bytes.Replace(leaf, []byte(`"leaf":1`), []byte(`"leaf":2`), 1)),
		string(bytes.Replace(leaf, []byte(`e3b0`), []byte(`E3B0`), 1)),
	} {
		_, _, err := ParseLeaf([]byte(bad))
		require.ErrorIs(t, err, ErrLeaf, bad)
	}
}
