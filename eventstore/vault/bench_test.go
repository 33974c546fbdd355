package vault

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

const benchBytes = 512

// BenchmarkGCM is what Seal cannot be faster than.
func BenchmarkGCM(b *testing.B) {
	key := newKeyBytes()
	aead, plaintext := newAEAD(&key), make([]byte, benchBytes)
	b.ReportAllocs()
	for b.Loop() {
		aead.Seal(nil, nil, plaintext, nil)
	}
}

func BenchmarkSeal(b *testing.B) {
	v, _ := create(b)
	plaintext := make([]byte, benchBytes)
	b.ReportAllocs()
	for b.Loop() {
		_, err := v.Seal(ana, "identity", ctx, plaintext)
		require.NoError(b, err)
	}
}

func BenchmarkUnseal(b *testing.B) {
	v, _ := create(b)
	s, err := v.Seal(ana, "identity", ctx, make([]byte, benchBytes))
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		_, err := v.Unseal(ana, "identity", ctx, s)
		require.NoError(b, err)
	}
}

// BenchmarkSealCold reads and unwraps the key each time.
func BenchmarkSealCold(b *testing.B) {
	v, _ := create(b)
	plaintext := make([]byte, benchBytes)
	for b.Loop() {
		v.cache.clear()
		_, err := v.Seal(ana, "identity", ctx, plaintext)
		require.NoError(b, err)
	}
}

// BenchmarkSealNew makes a key each time, and waits for the disk.
func BenchmarkSealNew(b *testing.B) {
	v, _ := create(b)
	plaintext := make([]byte, benchBytes)
	n := 0
	for b.Loop() {
		_, err := v.Seal(fmt.Sprintf("%032x", n), "identity", ctx, plaintext)
		require.NoError(b, err)
		n++
	}
}

func BenchmarkCommandID(b *testing.B) {
	v, _ := create(b)
	for b.Loop() {
		v.CommandID("user/7", "0199c2d4-retry-1")
	}
}
