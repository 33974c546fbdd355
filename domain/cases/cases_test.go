package cases_test

import (
	"os"
	"path/filepath"
	"strings"
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

// TestShippedProgrammes runs the cases of every programme that ships with the
// ledger: those in the folder of its name. A programme and its cases are added
// without touching this test.
func TestShippedProgrammes(t *testing.T) {
	files, err := filepath.Glob("../programmes/*.yaml")
	require.NoError(t, err)
	for _, programme := range files {
		name := strings.TrimSuffix(filepath.Base(programme), ".yaml")
		if strings.HasPrefix(name, "peerworks-") {
			continue // its cases are told above
		}
		t.Run(name, func(t *testing.T) {
			told, err := filepath.Glob(filepath.Join("../testdata/cases", name, "*.yaml"))
			require.NoError(t, err)
			require.NotEmpty(t, told, "a programme ships with cases, in testdata/cases/%s", name)
			for _, file := range told {
				r := run(t, programme, file)
				require.Zero(t, r.Failed, cases.Text(r))
				require.NotZero(t, r.Passed, file)
			}
		})
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
