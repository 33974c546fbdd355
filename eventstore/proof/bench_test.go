package proof

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const benchSize = 1_000_000

var benchTree = func() func() *Tree {
	var tree *Tree
	return func() *Tree {
		if tree == nil {
			tree = testTree(benchSize)
		}
		return tree
	}
}()

func BenchmarkAppend(b *testing.B) {
	leaf, tree := LeafHash(1, testPayload(1)), &Tree{}
	for b.Loop() {
		tree.Append(leaf)
	}
}

func BenchmarkLeafHash(b *testing.B) {
	payload := testPayload(1)
	for b.Loop() {
		LeafHash(benchSize, payload)
	}
}

// A proof out of a tree of a million leaves, as it is written for somebody.
func BenchmarkFormatInclusion(b *testing.B) {
	tree := benchTree()
	signer, _ := logSigner(b, 1, testOrigin)
	signed, err := Sign(testCheckpoint(b, tree, benchSize), signer)
	require.NoError(b, err)
	sequence := uint64(0)
	for b.Loop() {
		sequence = sequence%benchSize + 1
		if _, err := FormatInclusion(tree, sequence, signed); err != nil {
			b.Fatal(err)
		}
	}
}

// With the signature, as for a single file.
func BenchmarkVerifyInclusion(b *testing.B) {
	tree := benchTree()
	signer, vkey := logSigner(b, 1, testOrigin)
	policy, err := NewPolicy(Trust{LogKeys: []string{vkey}})
	require.NoError(b, err)
	signed, err := Sign(testCheckpoint(b, tree, benchSize), signer)
	require.NoError(b, err)
	text, err := FormatInclusion(tree, 421, signed)
	require.NoError(b, err)
	leaf := testLeaf(421)
	for b.Loop() {
		if _, err := policy.VerifyInclusion(text, leaf); err != nil {
			b.Fatal(err)
		}
	}
}

// Without it, as for one of many files with the same checkpoint.
func BenchmarkParseAndVerify(b *testing.B) {
	tree := benchTree()
	signer, _ := logSigner(b, 1, testOrigin)
	c := testCheckpoint(b, tree, benchSize)
	signed, err := Sign(c, signer)
	require.NoError(b, err)
	text, err := FormatInclusion(tree, 421, signed)
	require.NoError(b, err)
	leaf := testLeaf(421)
	for b.Loop() {
		i, err := ParseInclusion(text)
		if err != nil {
			b.Fatal(err)
		}
		if err := i.Verify(leaf, c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenCheckpoint(b *testing.B) {
	r := newRotation(b, 100)
	signed := r.checkpoint(b, 100)
	for b.Loop() {
		if _, err := r.policy.Open(signed); err != nil {
			b.Fatal(err)
		}
	}
}
