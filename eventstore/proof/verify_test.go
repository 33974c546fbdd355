package proof

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

func TestADossierOfEveryDecisionIsIdentical(t *testing.T) {
	l, d := story(t), newDossiers(t)
	var all []string
	for _, e := range decisionsIn(l.entries) {
		id := decisionIn(e).Decision
		files := d.of(l, e.Subject.ID(), id)
		report, err := VerifyDossier(files, d.policy)
		require.NoError(t, err, id)
		require.Equal(t, DossierDecision, report.Kind)
		require.Len(t, report.Decisions, 1)
		got := report.Decisions[0]
		require.True(t, got.Identical)
		require.Equal(t, []any{id, e.Subject.ID(), e.Sequence, decisionIn(e).Act}, []any{got.Decision, got.Registration, got.Sequence, got.Act})
		require.Equal(t, uint64(len(l.entries)), report.Checkpoint.Size)
		require.Equal(t, "l1", report.Ledger)

		readme, _ := files.named(dossierReadme)
		require.Contains(t, string(readme), "DECISION "+id+"\n")
		require.NotContains(t, string(readme), "<no value>")
		all = append(all, id)
	}
	require.Subset(t, all, []string{"d0", "d1", "d2", "d3", "d5"})
	require.Len(t, all, 6, "the revocation has an id of its own")
}

func TestADossierHoldsWhatTheDecisionLookedAtAndNoMore(t *testing.T) {
	l, d := story(t), newDossiers(t)
	var s stated
	b, _ := d.of(l, "r1", "d1").named(dossierContents)
	require.NoError(t, json.Unmarshal(b, &s))
	versions := map[domain.Subject]uint64{}
	for _, x := range s.Subjects {
		versions[x.Subject] = x.Version
	}
	require.Equal(t, map[domain.Subject]uint64{
		"registration/r1": l.head("registration/r1").Version, // all, also what came after the decision
		"registration/r0": l.head("registration/r0").Version,
		"cohort/c1":       l.head("cohort/c1").Version,
		"attester/tom":    1, "attester/tia": 1, "attester/sue": 1,
		"programme/peerworks-core-essentials": 4,
	}, versions)

	// r0 was decided on before r1 began, under the second version of the rules.
	b, _ = d.of(l, "r0", "d0").named(dossierContents)
	require.NotContains(t, string(b), "r1")
}

func TestADossierOfAPerson(t *testing.T) {
	l, d := story(t), newDossiers(t)
	files := d.at(l, 0, About{Registrations: []string{"r1", "r0"}})
	report, err := VerifyDossier(files, d.policy)
	require.NoError(t, err)
	require.Equal(t, DossierPerson, report.Kind)
	require.Len(t, report.Decisions, 5)
	readme, _ := files.named(dossierReadme)
	require.Contains(t, string(readme), "Registrations      r0, r1\n")

	// The log has signed which registrations there are: one cannot be left out.
	fewer := d.at(l, 0, About{Registrations: []string{"r0"}})
	heads, _ := files.named(dossierHeads)
	d.fails(fewer.with(dossierHeads, heads), CodeHeads, dossierHeads)

	// Two persons' registrations make no dossier.
	d.fails(d.at(l, 0, About{Registrations: []string{"r1", "r2", "r0"}}), CodeForeign, "registration/r2")

	// Somebody on whom nothing was decided yet has one, too.
	l.register("r3", "cccccccccccccccccccccccccccccccc", "c2")
	files = d.at(l, 0, About{Registrations: []string{"r3"}})
	report, err = VerifyDossier(files, d.policy)
	require.NoError(t, err)
	require.Empty(t, report.Decisions)
}

func TestWhatCannotBePutIntoADossier(t *testing.T) {
	l, d := tiny(t), newDossiers(t)
	for name, x := range map[string]struct {
		size  uint64
		about About
		code  Code
	}{
		"an unknown decision":             {0, About{"x", []string{"r"}}, CodeNoDecision},
		"an unknown registration":         {0, About{"d", []string{"x"}}, CodeNoDecision},
		"a registration that cannot be":   {0, About{"d", []string{"../x"}}, CodeSubjects},
		"a decision on two registrations": {0, About{"d", []string{"r", "x"}}, CodeNoDecision},
		"a person without registrations":  {0, About{}, CodeNoDecision},
		"a decision not yet covered":      {10, About{"d", []string{"r"}}, CodeNoDecision},
		"a registration not yet covered":  {7, About{"d", []string{"r"}}, CodeNoDecision},
	} {
		_, err := BuildDossier(l, x.about, l.signed(x.size, d.signer), d.signer)
		var failure *Failure
		require.ErrorAs(t, err, &failure, name)
		require.Equal(t, x.code, failure.Code, "%s: %s", name, failure)
	}
	_, err := BuildDossier(l, About{"d", []string{"r"}}, []byte("no checkpoint"), d.signer)
	require.ErrorIs(t, err, ErrForm)
	_, err = BuildDossier(l, About{"d", []string{"r"}}, tinyOf(t, "l2", tinyRules).signed(0, d.signer), d.signer)
	require.ErrorIs(t, err, ErrProof, "a tree of another ledger")
}

// A dossier made of two, each of which holds, does not.
func TestDossiersCannotBeMixed(t *testing.T) {
	d, l := newDossiers(t), tiny(t)
	early := d.of(l, "r", "d")
	l.now = l.now.AddDate(0, 0, 7)
	l.take("s", ben, "e")
	late, other := d.of(l, "r", "d"), d.of(l, "s", "e")
	foreign := d.of(tinyOf(t, "l1", strings.Replace(tinyRules, "Tiny", "Other", 1)), "r", "d")
	for _, pair := range [][2]Files{{late, early}, {early, late}, {late, other}, {other, late}, {late, foreign}} {
		_, err := VerifyDossier(pair[0], d.policy)
		require.NoError(t, err)
		for _, f := range pair[1] {
			mixed := pair[0].with(f.Name, f.Content)
			if was, ok := pair[0].named(f.Name); ok && bytes.Equal(was, f.Content) {
				continue
			}
			_, err := VerifyDossier(mixed, d.policy)
			require.True(t, isNamed(err), "%s: %v", f.Name, err)
		}
		// All that the log has signed, and the proofs: another moment, or another ledger.
		mixed := pair[0]
		for _, f := range pair[1] {
			if kind, _ := kindOf(f.Name); kind == anInclusion || f.Name == dossierCheckpoint || f.Name == dossierHeads {
				mixed = mixed.with(f.Name, f.Content)
			}
		}
		_, err = VerifyDossier(mixed, d.policy)
		require.True(t, isNamed(err), "%v", err)
	}
}

func TestTrustComesFromTheVerifier(t *testing.T) {
	d, l := newDossiers(t), tiny(t)
	files := d.of(l, "r", "d")

	_, vkey := logSigner(t, 2, dossierOrigin)
	policy, err := NewPolicy(Trust{LogKeys: []string{vkey}})
	require.NoError(t, err)
	stranger := d
	stranger.policy = policy
	stranger.fails(files, CodeSignature, dossierCheckpoint)

	_, vkey = logSigner(t, 1, "ledger.example/other")
	stranger.policy, err = NewPolicy(Trust{LogKeys: []string{vkey}})
	require.NoError(t, err)
	stranger.fails(files, CodeForeign, dossierCheckpoint)

	witness := newWitness(7, "witness.example")
	stranger.policy, err = NewPolicy(Trust{LogKeys: []string{d.vkey}, WitnessKeys: []string{witness.vkey()}, Quorum: 1})
	require.NoError(t, err)
	stranger.fails(files, CodeQuorum, dossierCheckpoint)

	// Two keys of the log, while it changes from one to the other.
	other, vkey2 := logSigner(t, 3, dossierOrigin)
	both, err := NewPolicy(Trust{LogKeys: []string{d.vkey, vkey2}})
	require.NoError(t, err)
	files, err = BuildDossier(l, About{"d", []string{"r"}}, l.signed(0, d.signer, other), d.signer, other)
	require.NoError(t, err)
	report, err := VerifyDossier(files, both)
	require.NoError(t, err)
	require.Len(t, report.Checkpoint.LogKeys, 2)
	d.fails(files, CodeSignature, dossierCheckpoint)
	d.policy.AllowUnknown = true
	report, err = VerifyDossier(files, d.policy)
	require.NoError(t, err)
	require.Equal(t, 1, report.Checkpoint.Unknown)
}

// Whoever has the log's key can sign anything about the ledger. What they sign is
// compared with what is there.
func TestTheLogIsHeldToItsWord(t *testing.T) {
	d, l := newDossiers(t), tiny(t)
	files := d.of(l, "r", "d")
	b, _ := files.named(dossierHeads)
	heads, err := d.policy.OpenHeads(b)
	require.NoError(t, err)
	at := func(subject domain.Subject) int {
		for i, h := range heads.Subjects {
			if h.Subject == subject {
				return i
			}
		}
		t.Fatal("no such subject")
		return 0
	}
	for name, x := range map[string]struct {
		change func(h *Heads)
		where  string
		code   Code
	}{
		"a later entry is hidden": {func(h *Heads) { h.Subjects[at("registration/r")].Version++ }, "registration/r", CodeHeads},
		"fewer entries":           {func(h *Heads) { h.Subjects[at("cohort/c")].Version-- }, "cohort/c", CodeHeads},
		"another last entry":      {func(h *Heads) { h.Subjects[at("cohort/c")].Payload[0]++ }, "cohort/c", CodeHeads},
		"a subject less":          {func(h *Heads) { h.Subjects = h.Subjects[1:] }, dossierHeads, CodeHeads},
		"a subject more": {func(h *Heads) {
			h.Subjects = append(h.Subjects, Head{Subject: "system", Version: 1, Sequence: 1})
		}, dossierHeads, CodeHeads},
		"another size": {func(h *Heads) { h.Size += 10 }, dossierHeads, CodeCheckpoint},
		"another root": {func(h *Heads) { h.Root[0]++ }, dossierHeads, CodeCheckpoint},
	} {
		t.Run(name, func(t *testing.T) {
			changed := heads
			changed.Subjects = append([]Head(nil), heads.Subjects...)
			x.change(&changed)
			signed, err := SignHeads(changed, d.signer)
			require.NoError(t, err)
			d.fails(files.with(dossierHeads, signed), x.code, x.where)
		})
	}
}
