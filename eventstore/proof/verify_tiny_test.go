package proof

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"github.com/certledger/certledger/domain"
)

const dossierOrigin = "ledger.example/school"

// tinyRules are a programme of one class, to make dossiers small.
const tinyRules = `programme: tiny
version: 1
title: Tiny
valid: {from: 2026-01-01}
pinned-by: registration
time-zone: UTC
classes:
  modules: {count: 1}
  session: 60 min
  attended: {at-least: 60 min}
  missed-unless: [attended]
  marks: [correction, trainer, [self, import]]
awards: {a: {levels: [low, high]}}
requirements:
  r:
    says: The class was attended.
    count: missed modules
    at-most: 0
    otherwise: low
  taken:
    says: A paper was written.
    has: paper
    otherwise: low
`

// tiny is a ledger of as few entries as one decision can rest on, with a cohort and
// an attester.
func tiny(t rapid.TB) *ledger { return tinyOf(t, "l1", tinyRules) }

func tinyOf(t rapid.TB, id, rules string) *ledger {
	l := newLedger(t, id).publish("tiny", rules)
	of := domain.SubjectOf(domain.KindCohort, "c")
	starts := l.now.Add(-time.Hour)
	l.must(
		domain.RegisterAttester{Act: l.staff(), Attester: "tom", What: domain.AttesterPerson, Name: "Somebody Someone"},
		domain.OpenCohort{Act: l.staff(), Cohort: "c", Code: "c", Programme: "tiny"},
		domain.AssignAttester{Act: l.staff(), On: of, Attester: "tom", As: domain.RoleTrainer},
		domain.ScheduleSession{Act: l.staff(), Cohort: "c", Session: "1", Module: "1", Starts: starts, Ends: starts.Add(time.Hour)},
	)
	return l.take("r", ida, "d")
}

// take registers somebody, who attends the class, and grants what they reach.
func (l *ledger) take(id, person, decision string) *ledger {
	l.must(domain.SubmitRegistration{Act: l.staff(), Registration: id, Person: person, Cohort: "c"})
	l.must(domain.MarkAttendance{Act: l.trainer(), Registration: id, Session: "1", Status: domain.Present})
	l.must(domain.RecordEvidence{Act: l.staff(), Registration: id, Fact: domain.Fact{Kind: "paper"}})
	return l.must(domain.Grant{Act: l.certifier(), Registration: id, Decision: decision, Level: "high"})
}

// dossiers are made and verified with one key.
type dossiers struct {
	t      testing.TB
	signer note.Signer
	vkey   string
	policy *Policy
}

func newDossiers(t testing.TB) dossiers {
	signer, vkey := logSigner(t, 1, dossierOrigin)
	policy, err := NewPolicy(Trust{LogKeys: []string{vkey}})
	require.NoError(t, err)
	return dossiers{t, signer, vkey, policy}
}

// of is the dossier of a decision, as at the end of the ledger.
func (d dossiers) of(l *ledger, registration, decision string) Files {
	d.t.Helper()
	return d.at(l, 0, About{Decision: decision, Registrations: []string{registration}})
}

func (d dossiers) at(l *ledger, size uint64, about About) Files {
	d.t.Helper()
	files, err := BuildDossier(l, about, l.signed(size, d.signer), d.signer)
	require.NoError(d.t, err)
	return files
}

// fails holds that a dossier is refused, and says how.
func (d dossiers) fails(files Files, code Code, where string) {
	d.t.Helper()
	report, err := VerifyDossier(files, d.policy)
	require.NotNil(d.t, report)
	var failure *Failure
	require.ErrorAs(d.t, err, &failure)
	require.Equal(d.t, fmt.Sprint(code, " ", where), fmt.Sprint(failure.Code, " ", failure.Where), failure.What)
	require.NotEmpty(d.t, failure.What)
}

// without is a dossier that lacks a file.
func (f Files) without(name string) Files {
	var out Files
	for _, x := range f {
		if x.Name != name {
			out = append(out, x)
		}
	}
	return out
}

// with is a dossier in which a file has other content, or one more.
func (f Files) with(name string, content []byte) Files {
	out := append(f.without(name), File{name, content})
	out.sort()
	return out
}

func BenchmarkVerifyDossier(b *testing.B) {
	d := newDossiers(b)
	files := d.of(tiny(b), "r", "d")
	for b.Loop() {
		if _, err := VerifyDossier(files, d.policy); err != nil {
			b.Fatal(err)
		}
	}
}
