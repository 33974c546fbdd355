package cases_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/cases"
)

// TestCasesSupplyMissingValues: a programme with values missing is tested, and
// each case says which values it is told under.
func TestCasesSupplyMissingValues(t *testing.T) {
	src, err := os.ReadFile("../programme/testdata/overlays/harbour.yaml")
	require.NoError(t, err)
	const told = `programme: harbour-guide
cases:
- id: R1
  title: Every value is supplied
  basis: direct
  with: {fee: 25 EUR, time-zone: Asia/Tokyo, valid/from: 2026-02-01}
  history:
    - register
    - record: {kind: payment, quantity: 25.00 EUR}
  expect: {earned: not-yet, met: [dues], not-met: [], open: [trips]}
- id: R2
  title: One is missing
  basis: direct
  with: {fee: 25 EUR, time-zone: Asia/Tokyo}
  history: [register]
  expect: {earned: not-yet}
- id: R3
  title: All are missing
  basis: direct
  history: [register]
  expect: {earned: not-yet}
`
	r, err := cases.Run(cases.Config{Programme: src, Cases: []byte(told), Zone: time.LoadLocation})
	require.NoError(t, err)
	require.Equal(t, `ok  R1  Every value is supplied
FAIL R2  One is missing
    history: 1 value is to be supplied before publishing: valid/from; a case writes them under with:
FAIL R3  All are missing
    history: 3 values are to be supplied before publishing: valid/from, time-zone, parameters/fee; a case writes them under with:
1 passed, 2 failed
`, cases.Text(r))
}
