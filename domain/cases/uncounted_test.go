package cases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/cases"
)

// TestReasonsOfSeveralMeasures: an entry that two measures leave out, each for
// its own reason, is expected not counted for either, and for no other.
func TestReasonsOfSeveralMeasures(t *testing.T) {
	const rules = `programme: two-ways
version: 1
title: Two measures of one kind
valid: {from: 2026-01-01}
pinned-by: registration
time-zone: UTC
awards:
  guide: {levels: [not-yet, guide], decided-by: {guide: certifier}}
measures:
  seen: {sum: hours, where: {signed-by: supervisor}}
  land: {sum: hours, where: {category: land}}
requirements:
  seen: {says: An hour is signed., sum: seen, at-least: 1 h, otherwise: not-yet}
  land: {says: An hour on land., sum: land, at-least: 1 h, otherwise: not-yet}
`
	const told = `programme: two-ways
cases:
- id: U1
  title: For the first measure's reason
  basis: direct
  history: [register, {record: {kind: hours, category: sea, quantity: 1 h, id: trip}}]
  expect: {not-counted: {trip: not-signed}}
- id: U2
  title: For the second's
  basis: direct
  history: [register, {record: {kind: hours, category: sea, quantity: 1 h, id: trip}}]
  expect: {not-counted: {trip: other-category}}
- id: U3
  title: For neither's
  basis: direct
  history: [register, {record: {kind: hours, category: sea, quantity: 1 h, id: trip}}]
  expect: {not-counted: {trip: voided}}
`
	r, err := cases.Run(cases.Config{Programme: []byte(rules), Cases: []byte(told), Zone: time.LoadLocation})
	require.NoError(t, err)
	require.Equal(t, `ok  U1  For the first measure's reason
ok  U2  For the second's
FAIL U3  For neither's
    not-counted trip: wanted voided, got not-signed, other-category
2 passed, 1 failed
`, cases.Text(r))
}
