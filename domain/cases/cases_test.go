package cases_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/cases"
)

func run(t *testing.T, programme, file string) cases.Report {
	t.Helper()
	p, err := os.ReadFile(programme)
	require.NoError(t, err)
	c, err := os.ReadFile(file)
	require.NoError(t, err)
	r, err := cases.Run(cases.Config{Programme: p, Name: programme, Cases: c, CasesName: file, Zone: time.LoadLocation})
	require.NoError(t, err)
	return r
}

const peerworks = "../programmes/peerworks-core-essentials.yaml"

func TestPeerWorks(t *testing.T) {
	r := run(t, peerworks, "../testdata/cases/peerworks.yaml")
	require.Zero(t, r.Failed, cases.Text(r))
	require.Equal(t, 57, r.Passed)
}

func TestPeerWorksMore(t *testing.T) {
	files, err := filepath.Glob("../testdata/cases/peerworks-*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		r := run(t, peerworks, file)
		require.Zero(t, r.Failed, cases.Text(r))
		require.NotZero(t, r.Passed, file)
	}
}

// TestOtherProgrammes: no word of the first programme is needed.
func TestOtherProgrammes(t *testing.T) {
	for _, x := range []struct{ programme, file string }{
		{"testdata/worker.yaml", "testdata/worker-cases.yaml"},
		{"../testdata/programmes/harbour-pilot.yaml", "testdata/harbour-cases.yaml"},
	} {
		r := run(t, x.programme, x.file)
		require.Zero(t, r.Failed, cases.Text(r))
	}
}
