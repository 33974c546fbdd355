package projections

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRowsDoNotDependOnTheSizeOfBatches(t *testing.T) {
	const seed = 1
	t.Logf("seed %d", seed)
	h := busy(seed)
	want := fingerprint(t, applied(t, h))
	for _, size := range []int{1, 7, 1000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			s := openEmpty(t)
			for from := 0; from < len(h.entries); from += size {
				require.NoError(t, s.Apply(context.Background(), h.entries[from:min(from+size, len(h.entries))]))
			}
			require.Equal(t, want, fingerprint(t, s))
		})
	}
}
