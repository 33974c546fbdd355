package proof

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

// Where each decision fixes its rules, a correction after one is judged by those
// that the registration is pinned to.
func TestACorrectionWhereDecisionsPinTheRules(t *testing.T) {
	d := newDossiers(t)
	l := tinyOf(t, "l1", strings.Replace(tinyRules, "pinned-by: registration", "pinned-by: decision", 1))
	_, err := VerifyDossier(d.of(l, "r", "d"), d.policy)
	require.NoError(t, err)
	l.must(domain.CorrectAttendance{Act: l.trainer(), Registration: "r", Session: "1", Status: domain.Absent, Reason: "wrong-person"})
	_, err = VerifyDossier(d.of(l, "r", "d"), d.policy)
	require.NoError(t, err)
}
