package proof

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

const (
	benchCohorts = 40
	benchPeople  = 25 // in a cohort, each with one decision
)

// season is a ledger of many people: of each some 25 entries, one of them a
// decision.
var season = sync.OnceValue(func() *ledger {
	l := newLedger(&panics{}, "bench")
	l.publishPeers()
	for _, x := range []string{"tom", "tia", "sue"} {
		l.must(domain.RegisterAttester{Act: l.staff(), Attester: x, What: domain.AttesterPerson, Name: "Somebody Someone"})
	}
	begin := noon("2026-01-10")
	for c := range benchCohorts {
		cohort := fmt.Sprintf("c%d", c)
		l.now = begin.AddDate(0, 0, c)
		l.cohort(cohort, domain.DateOf(l.now.AddDate(0, 0, 1)), "tom", "tia")
		for p := range benchPeople {
			l.register(fmt.Sprintf("r%d-%d", c, p), fmt.Sprintf("%032x", c*1000+p), cohort)
		}
	}
	for c := range benchCohorts {
		l.now = begin.AddDate(0, 0, benchCohorts+20+c)
		for p := range benchPeople {
			l.finish(fmt.Sprintf("r%d-%d", c, p))
		}
	}
	return l
})

// finish is a registration's classes, papers, evaluation and decision.
func (l *ledger) finish(id string) {
	l.must(domain.AssignAttester{Act: l.staff(), On: registration(id), Attester: "sue", As: domain.RoleSupervisor, Relation: domain.RelationNone})
	l.attend(id, domain.AttesterActor("tom"), "2")
	for n := range int64(3) {
		l.must(domain.RecordEvidence{Act: l.staff(), Registration: id, Fact: domain.Fact{Kind: "homework", Number: n + 1}})
	}
	l.judge(id, "level-1r")
	l.must(domain.Grant{Act: l.certifier(), Registration: id, Decision: "d-" + id, Level: "level-1r"})
}

// panics stands in for a test where a ledger is made once for several.
type panics struct{ testing.TB }

func (*panics) Helper()                           {}
func (*panics) FailNow()                          { panic("a command failed") }
func (*panics) Errorf(format string, args ...any) { fmt.Printf(format, args...) }

// BenchmarkVerifyExport verifies a whole export, one subject at a time, with the
// collector set as certverify sets it.
func BenchmarkVerifyExport(b *testing.B) {
	before := debug.SetGCPercent(400)
	b.Cleanup(func() { debug.SetGCPercent(before) })
	d, l := newDossiers(b), season()
	name := filepath.Join(b.TempDir(), "export.jsonl")
	require.NoError(b, os.WriteFile(name, l.export(), 0o600))
	f, err := os.Open(name)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, f.Close()) })
	x := d.exportOf(l, l.export(), 0)
	x.Lines, x.Jobs = f, 1
	b.ReportAllocs()
	decisions, begin := 0, time.Now()
	for b.Loop() {
		r, err := VerifyExport(context.Background(), x)
		if err != nil {
			b.Fatal(err)
		}
		decisions += r.Identical
		b.ReportMetric(float64(r.Entries)/float64(r.Decisions), "entries/decision")
		b.ReportMetric(float64(x.Size)/float64(r.Entries), "bytes/entry")
	}
	b.ReportMetric(float64(decisions)/time.Since(begin).Seconds(), "decisions/s")
}
