package proof

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"
)

const (
	testOrigin = "ledger.example/peerworks"
	testTime   = 1_780_000_000 // when witnesses cosign, Unix seconds
)

// logSigner is a key of a log, the same for the same seed.
func logSigner(t rapid.TB, seed byte, origin string) (note.Signer, string) {
	t.Helper()
	skey, vkey, err := GenerateKey(bytes.NewReader(bytes.Repeat([]byte{seed}, ed25519.SeedSize)), origin)
	require.NoError(t, err)
	signer, err := note.NewSigner(skey)
	require.NoError(t, err)
	return signer, vkey
}

// testWitness cosigns as C2SP tlog-cosignature has it, written out from the
// document and at a time of the test's.
type testWitness struct {
	name string
	key  ed25519.PrivateKey
	at   uint64
}

func newWitness(seed byte, name string) testWitness {
	return testWitness{name: name, key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize)), at: testTime}
}

func (w testWitness) public() []byte { return append([]byte{4}, w.key.Public().(ed25519.PublicKey)...) }

func (w testWitness) hash() []byte {
	sum := sha256.Sum256(append([]byte(w.name+"\n"), w.public()...))
	return sum[:4]
}

func (w testWitness) vkey() string {
	return fmt.Sprintf("%s+%x+%s", w.name, w.hash(), base64.StdEncoding.EncodeToString(w.public()))
}

// cosign is the line with which the witness answers.
func (w testWitness) cosign(t rapid.TB, signed []byte) []byte {
	t.Helper()
	text, _, ok := strings.Cut(string(signed), "\n\n")
	require.True(t, ok)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s\n", w.at, text)
	raw := binary.BigEndian.AppendUint64(w.hash(), w.at)
	raw = append(raw, ed25519.Sign(w.key, []byte(message))...)
	return fmt.Appendf(nil, "— %s %s\n", w.name, base64.StdEncoding.EncodeToString(raw))
}

// testPayload is the stored bytes of an entry, as far as a tree can tell.
func testPayload(sequence uint64) [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "payload %d", sequence))
}

func testLeaf(sequence uint64) []byte { return Leaf(sequence, testPayload(sequence)) }

func testTree(size uint64) *Tree {
	var tree Tree
	for s := uint64(1); s <= size; s++ {
		tree.Append(LeafHash(s, testPayload(s)))
	}
	return &tree
}

func testCheckpoint(t rapid.TB, tree *Tree, size uint64) Checkpoint {
	t.Helper()
	root, err := tree.Root(size)
	require.NoError(t, err)
	return Checkpoint{Origin: testOrigin, Size: size, Root: root}
}

// rotation is a log while it changes its key, with two witnesses, and a verifier
// who asks for all four signatures.
type rotation struct {
	tree      *Tree
	signers   []note.Signer
	logKeys   []string
	witnesses []testWitness
	policy    *Policy
}

func newRotation(t rapid.TB, size uint64) rotation {
	t.Helper()
	r := rotation{tree: testTree(size), witnesses: []testWitness{newWitness(3, "witness.example/north"), newWitness(4, "witness.example/south")}}
	for seed := byte(1); seed <= 2; seed++ {
		signer, vkey := logSigner(t, seed, testOrigin)
		r.signers, r.logKeys = append(r.signers, signer), append(r.logKeys, vkey)
	}
	r.policy = r.policyOf(t, 2)
	r.policy.AllLogKeys = true
	return r
}

func (r rotation) policyOf(t rapid.TB, quorum int) *Policy {
	t.Helper()
	trust := Trust{LogKeys: r.logKeys, Quorum: quorum}
	for _, w := range r.witnesses {
		trust.WitnessKeys = append(trust.WitnessKeys, w.vkey())
	}
	p, err := NewPolicy(trust)
	require.NoError(t, err)
	return p
}

// checkpoint is signed by both keys of the log and cosigned by both witnesses.
func (r rotation) checkpoint(t rapid.TB, size uint64) []byte {
	t.Helper()
	signed, err := Sign(testCheckpoint(t, r.tree, size), r.signers...)
	require.NoError(t, err)
	for _, w := range r.witnesses {
		signed, err = r.policy.Merge(signed, w.cosign(t, signed))
		require.NoError(t, err)
	}
	return signed
}

func (r rotation) heads(t rapid.TB, size uint64) Heads {
	t.Helper()
	return Heads{Checkpoint: testCheckpoint(t, r.tree, size), Subjects: []Head{
		{Subject: "cohort/fall-2026", Version: 2, Sequence: 5, Payload: testPayload(5)},
		{Subject: "registration/9d21", Version: 3, Sequence: 7, Payload: testPayload(7)},
		{Subject: "system", Version: 1, Sequence: 1, Payload: testPayload(1)},
	}}
}
