package proof

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programmes"
)

const georgia = "georgia-cps-mh"

// years is a ledger in which somebody missed two years, each under another version
// of Georgia's rules, and is active again. A third version came since.
func years(t *testing.T) *ledger {
	t.Helper()
	l := newLedgerOn(t, "l1", "2024-05-01")
	var rules []string
	for _, name := range []string{georgia + "-2024", georgia} {
		src, ok := programmes.Get(name)
		require.True(t, ok)
		rules = append(rules, string(src))
	}
	record := func(kind string, n int64, f domain.Fact) {
		f.Kind, f.From, f.Until = kind, domain.DateOf(l.now), domain.DateOf(l.now)
		if n > 0 {
			f.Quantity = &n
		}
		l.must(domain.RecordEvidence{Act: l.staff(), Registration: "r1", Fact: f})
	}
	credits := domain.Fact{Category: "peer-ethics", Provider: "gmhcn", Unit: "hundredth"}
	paid := func(category string, cents int64) {
		record("payment", cents, domain.Fact{Category: category, Unit: "cent", Currency: "USD"})
	}
	l.on("2024-05-02").publish(georgia, rules[0])
	l.must(domain.SubmitRegistration{Act: l.staff(), Registration: "r1", Person: ida, Programme: georgia})
	record("exam", 0, domain.Fact{Outcome: "passed"})
	l.must(domain.Grant{Act: l.certifier(), Registration: "r1", Decision: "g1", Award: "certification", Level: "certified"})
	l.on("2025-06-30")
	record("credit", 1200, credits)
	l.on("2025-12-01").publish(georgia, rules[1])
	l.on("2027-03-01").must(domain.FileSubmission{Act: l.staff(), Registration: "r1", Kind: "reactivation", Submission: "back"})
	paid("reactivation-application", 5000)
	l.must(domain.AnswerSubmission{Act: l.certifier(), Registration: "r1", Submission: "back", Answer: "approved"})
	paid("reactivation-approval", 5500)
	l.on("2027-06-01")
	record("credit", 3600, credits)
	l.must(domain.Grant{Act: l.certifier(), Registration: "r1", Decision: "a1", Award: "reactivation", Level: "active-again"})
	later := strings.NewReplacer("version: 2026", "version: 2028", "replaces: 2024", "replaces: 2026", "2026-01-01", "2028-01-01").Replace(rules[1])
	return l.on("2027-12-01").publish(georgia, later)
}

// recordOf is what a decision rested on.
func (l *ledger) recordOf(decision string) *domain.Record {
	for _, e := range decisionsIn(l.entries) {
		if d := decisionIn(e); d.Decision == decision {
			return d.Record
		}
	}
	return nil
}

// TestADossierHoldsTheRulesOfEachPeriod: both versions that judged a missed year
// are in it, no other, and what follows from them is identical.
func TestADossierHoldsTheRulesOfEachPeriod(t *testing.T) {
	l, d := years(t), newDossiers(t)
	periods := l.recordOf("a1").Periods
	require.Len(t, periods, 2)
	require.Equal(t, []int{2024, 2026}, []int{periods[0].Version, periods[1].Version})
	require.Empty(t, l.recordOf("g1").Periods, "no year had ended")

	files := d.of(l, "r1", "a1")
	for _, x := range periods {
		_, ok := files.named(programmeFile(x.Digest))
		require.True(t, ok)
	}
	count := 0
	for _, f := range files {
		if strings.HasPrefix(f.Name, programmesFolder+"/") {
			count++
		}
	}
	require.Equal(t, 2, count)
	report, err := VerifyDossier(files, d.policy)
	require.NoError(t, err)
	require.True(t, report.Decisions[0].Identical)
	require.Equal(t, 2026, report.Decisions[0].Programme.Version)

	report, err = VerifyDossier(d.at(l, 0, About{Registrations: []string{"r1"}}), d.policy)
	require.NoError(t, err)
	require.Len(t, report.Decisions, 2)

	r, err := VerifyExport(context.Background(), d.exportOf(l, l.export(), 0))
	require.NoError(t, err)
	require.Equal(t, []int{2, 2, 0}, []int{r.Decisions, r.Identical, r.Different})
}

// TestADossierNeedsTheRulesOfEachPeriod: one without them is not whole.
func TestADossierNeedsTheRulesOfEachPeriod(t *testing.T) {
	l, d := years(t), newDossiers(t)
	files := d.of(l, "r1", "a1")
	for _, x := range l.recordOf("a1").Periods {
		_, err := VerifyDossier(files.without(programmeFile(x.Digest)), d.policy)
		var failure *Failure
		require.ErrorAs(t, err, &failure)
	}
}
