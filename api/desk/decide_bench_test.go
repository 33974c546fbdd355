package desk

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

// BenchmarkDecide is everything that a mark costs before its append.
func BenchmarkDecide(b *testing.B) {
	o := newOffice(b)
	o.open("c1")
	var rs []Request
	for i := range benchRegistrations {
		rs = append(rs, request(o.submit(fmt.Sprintf("r%d", i), domain.NewID(fmt.Sprint(i), "person"), "c1")))
	}
	_, err := o.DoAll(ctx, rs)
	require.NoError(b, err)
	o.setTime(spring.AddDate(0, 0, classes))
	for s := range 8 {
		rs = rs[:0]
		for i := range benchRegistrations {
			rs = append(rs, request(o.mark(fmt.Sprintf("r%d", i), fmt.Sprint(s+1), domain.Present)))
		}
		_, err := o.DoAll(ctx, rs)
		require.NoError(b, err)
	}
	o.catchUp()
	o.pause()
	for i := range rs {
		rs[i] = request(o.mark(fmt.Sprintf("r%d", i), "9", domain.Present))
	}
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		w, err := o.prepare(rs[n%len(rs)])
		require.NoError(b, err)
		drafts, err := o.decideAll(ctx, []*work{w})
		require.NoError(b, err)
		require.Len(b, drafts[0].payloads, 1)
		n++
	}
}
