package proof

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a node of the tree: SHA-256 as in RFC 6962.
type Hash = tlog.Hash

// LeafMax is the longest leaf, in bytes.
const LeafMax = len(leafBegin) + 2*sha256.Size + len(leafMiddle) + maxDigits + len(leafEnd)

// The parts of a leaf around its two values: canonical JSON (RFC 8785), whose
// keys are sorted. The 1 is the version of the form. Another form would be
// another version beside it: a leaf once in the tree is there for ever.
const (
	leafBegin  = `{"leaf":1,"payload":"sha256:`
	leafMiddle = `","sequence":`
	leafEnd    = `}`
	maxDigits  = 20
)

// ErrLeaf is what bytes are not: a leaf in exactly the form of Leaf.
var ErrLeaf = errors.New("not a leaf in a form that is known here")

// Leaf is what the tree holds of an entry: the version of the leaf's form, the
// entry's sequence, and the SHA-256 of its payload as it was stored. A payload
// holds a random nonce, so a leaf tells nobody who did what.
func Leaf(sequence uint64, payload [sha256.Size]byte) []byte {
	return AppendLeaf(make([]byte, 0, LeafMax), sequence, payload)
}

// AppendLeaf is Leaf into a buffer of the caller's.
func AppendLeaf(b []byte, sequence uint64, payload [sha256.Size]byte) []byte {
	b = append(b, leafBegin...)
	b = hex.AppendEncode(b, payload[:])
	b = append(b, leafMiddle...)
	b = strconv.AppendUint(b, sequence, 10)
	return append(b, leafEnd...)
}

// ParseLeaf reads a leaf, and refuses whatever Leaf would not have written.
func ParseLeaf(b []byte) (sequence uint64, payload [sha256.Size]byte, err error) {
	rest, ok := bytes.CutPrefix(b, []byte(leafBegin))
	if !ok || len(b) > LeafMax || len(rest) < 2*sha256.Size {
		return 0, payload, ErrLeaf
	}
	if _, err := hex.Decode(payload[:], rest[:2*sha256.Size]); err != nil {
		return 0, payload, ErrLeaf
	}
	digits, begun := bytes.CutPrefix(rest[2*sha256.Size:], []byte(leafMiddle))
	digits, ended := bytes.CutSuffix(digits, []byte(leafEnd))
	sequence, err = strconv.ParseUint(string(digits), 10, 64)
	if err != nil || !begun || !ended || sequence == 0 || !bytes.Equal(b, Leaf(sequence, payload)) {
		return 0, payload, ErrLeaf
	}
	return sequence, payload, nil
}

// LeafHash is the tree's hash of an entry's leaf.
func LeafHash(sequence uint64, payload [sha256.Size]byte) Hash {
	var room [LeafMax]byte
	return tlog.RecordHash(AppendLeaf(room[:0], sequence, payload))
}

// LeafIndex is where in the tree the leaf of an entry stands. Entries count from
// 1, leaves from 0.
func LeafIndex(sequence uint64) int64 { return int64(sequence) - 1 }
