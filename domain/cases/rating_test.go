package cases_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/cases"
)

// A section stands for all of its items, beside those that are named; somebody
// signs what another judged; a question is asked for a track.
func TestCasesRate(t *testing.T) {
	r := run(t, "testdata/bench.yaml", "testdata/bench-cases.yaml")
	require.Zero(t, r.Failed, cases.Text(r))
	require.Equal(t, 5, r.Passed)
}
