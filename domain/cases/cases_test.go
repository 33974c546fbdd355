package cases_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/cases"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/domain/programmes"
)

func run(t *testing.T, programme, file string) cases.Report {
	t.Helper()
	p, err := os.ReadFile(programme)
	require.NoError(t, err)
	return runWhole(t, p, programme, file)
}

// shipped is the source of a version that ships with the ledger.
func shipped(id string, version int) []byte {
	for _, f := range programmes.All() {
		if of, ok := programme.NameOf(f.Source); ok && of.Programme == id && of.Version == version {
			return f.Source
		}
	}
	return nil
}

// runWhole runs the cases of a file for a programme that is whole: an overlay is
// laid over its base already.
func runWhole(t *testing.T, p []byte, name, file string) cases.Report {
	t.Helper()
	c, err := os.ReadFile(file)
	require.NoError(t, err)
	r, err := cases.Run(cases.Config{Programme: p, Name: name, Cases: c, CasesName: file, Zone: time.LoadLocation, Find: shipped})
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
	for _, programme := range programmes.All() {
		if programme.Name == "peerworks-core-essentials" {
			continue // its cases are told above
		}
		t.Run(programme.Name, func(t *testing.T) {
			told, err := filepath.Glob(filepath.Join("../testdata/cases", programme.Name, "*.yaml"))
			require.NoError(t, err)
			require.NotEmpty(t, told, "a programme ships with cases, in testdata/cases/%s", programme.Name)
			for _, file := range told {
				r := runWhole(t, programme.Bytes, programme.Name, file)
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

// TestALaterVersionIsFound: a case that names one that is not later, or not to be
// had, is told so.
func TestALaterVersionIsFound(t *testing.T) {
	src, ok := programmes.Get("georgia-cps-mh-2024")
	require.True(t, ok)
	for version, says := range map[string]string{
		"2024": `"2024" is no later version of georgia-cps-mh`,
		"soon": `"soon" is no later version of georgia-cps-mh`,
		"2031": "version 2031 of georgia-cps-mh: it is not to be found",
	} {
		told := "programme: georgia-cps-mh\ncases:\n- id: X1\n  title: T\n  later-version: " + version + "\n  history:\n    - register: {}\n  expect: {status: registered}\n"
		_, err := cases.Run(cases.Config{Programme: src, Cases: []byte(told), Zone: time.LoadLocation, Find: shipped})
		require.ErrorContains(t, err, says)
	}
}
