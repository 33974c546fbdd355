package projections

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"
)

// BenchmarkInclusionProof proves random entries of the whole ledger.
func BenchmarkInclusionProof(b *testing.B) {
	s, _ := benchStore(b)
	size := int64(s.Position().Sequence)
	v, err := s.View()
	require.NoError(b, err)
	defer func() { require.NoError(b, v.Close()) }()
	r := rand.New(rand.NewPCG(2, 2))
	for b.Loop() {
		if _, err := tlog.ProveRecord(size, r.Int64N(size), v.Hashes()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "proofs/s")
}

// BenchmarkTreeRows adds leaves to the tree as a replay does, and nothing else.
func BenchmarkTreeRows(b *testing.B) {
	const atOnce = 50_000
	s := openEmpty(b)
	leaves := make([]tlog.Hash, atOnce)
	for b.Loop() {
		grow(b, s, leaves, int(s.Position().Sequence))
	}
	b.ReportMetric(float64(b.N)*atOnce/b.Elapsed().Seconds(), "leaves/s")
}

// BenchmarkCheckTree computes the tree again from the entries.
func BenchmarkCheckTree(b *testing.B) {
	s, _ := benchStore(b)
	for b.Loop() {
		require.NoError(b, s.CheckTree(context.Background(), nil))
	}
	b.ReportMetric(float64(s.Position().Sequence)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}
