package proof

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

// exportFails holds that an export is refused, and says how.
func (d dossiers) exportFails(l *ledger, code Code, where string) {
	d.t.Helper()
	_, err := VerifyExport(d.t.Context(), d.exportOf(l, l.export(), 0))
	var failure *Failure
	require.ErrorAs(d.t, err, &failure)
	require.Equal(d.t, string(code)+" "+where, string(failure.Code)+" "+failure.Where, failure.What)
}

// lastEntry is the name of the file of the last entry.
func (l *ledger) lastEntry() string { return entryFile(l.tree.Size(), entryEnd) }

// Whoever was handed a dossier of a person can put its decisions into another order,
// and make the README that follows from it. That is another text, so it is refused.
func TestDecisionsStandInTheirOrder(t *testing.T) {
	l, d := story(t), newDossiers(t)
	files := d.at(l, 0, About{Registrations: []string{"r1", "r0"}})
	var s stated
	b, _ := files.named(dossierContents)
	require.NoError(t, json.Unmarshal(b, &s))
	slices.Reverse(s.Decisions)
	b, err := json.Marshal(s)
	require.NoError(t, err)
	b, err = canonical(b)
	require.NoError(t, err)
	d.fails(files.with(dossierContents, b), CodeContents, dossierContents)
}

// A dossier of a decision cannot be made into one of the person: it would hide what
// else they are registered for.
func TestADossierOfADecisionIsNoneOfThePerson(t *testing.T) {
	l, d := story(t), newDossiers(t)
	for _, x := range []struct {
		about About
		kind  string
	}{
		{About{Decision: "d0", Registrations: []string{"r0"}}, DossierPerson},
		{About{Registrations: []string{"r0"}}, DossierDecision},
	} {
		files := d.at(l, 0, x.about)
		v := verifier{files: files, policy: d.policy, report: &Report{}, contents: contents{entries: map[domain.Subject][]domain.Entry{}, stored: map[uint64][]byte{}}}
		for _, step := range []func() *Failure{v.readStated, v.signed, v.leaves, v.decode, v.chains, v.headsReached, v.about} {
			require.Nil(t, step())
		}
		v.kind = x.kind
		made, err := v.made()
		require.NoError(t, err)
		for _, f := range made {
			files = files.with(f.Name, f.Content)
		}
		d.fails(files, CodeHeads, dossierHeads)
	}
}

func TestAnIdentifierNamesOneDecision(t *testing.T) {
	l, d := tiny(t), newDossiers(t)
	l.take("s", ben, "d")
	d.exportFails(l, CodeTwice, entryAt(l.tree.Size()))

	l = story(t)
	i := slices.IndexFunc(l.entries, func(e domain.Entry) bool { return decisionIn(e) != nil && decisionIn(e).Decision == "d1" })
	forged := l.forged(uint64(i+1), func(_, data map[string]any) { data["decision"] = "d0" })
	d.fails(d.of(forged, "r1", "d0"), CodeTwice, entryFile(uint64(i+1), entryEnd))
}

// A subject begins once: what makes it could otherwise give a registration to
// somebody else, or put it under other rules.
func TestASubjectBeginsOnce(t *testing.T) {
	d := newDossiers(t)
	l := tiny(t)
	submitted := *l.entries[tinySubmitted-1].Event.(*domain.RegistrationSubmitted)
	submitted.Person = ben
	l.record(registration("r"), l.staff(), 0, &submitted)
	d.fails(d.of(l, "r", "d"), CodeTwice, l.lastEntry())
	d.exportFails(l, CodeTwice, entryAt(l.tree.Size()))

	for subject, event := range map[domain.Subject]domain.Event{
		"cohort/c":     &domain.CohortOpened{Code: "c", Programme: "tiny"},
		"attester/tom": &domain.AttesterRegistered{What: domain.AttesterPerson},
		"system":       &domain.LedgerCreated{Ledger: "l1"},
	} {
		l := tiny(t)
		l.record(subject, l.staff(), 0, event)
		d.exportFails(l, CodeTwice, entryAt(l.tree.Size()))
	}
	for subject, event := range map[domain.Subject]domain.Event{
		"registration/x": &domain.RegistrationWithdrawn{},
		"cohort/x":       &domain.SessionScheduled{Session: "1"},
		"attester/x":     &domain.AttesterQualified{Qualification: "q"},
	} {
		l := tiny(t)
		l.record(subject, l.staff(), 0, event)
		d.exportFails(l, CodeChain, entryAt(l.tree.Size()))
	}
}

// publishing is the act of publishing rules, and what is proposed for it.
func (l *ledger) publishing(rules string) (*domain.ProgrammePublished, *domain.ProposalMade) {
	p := &domain.ProgrammePublished{Programme: "tiny", Version: 1, Digest: domain.HashOf([]byte(rules)), From: "2026-01-01", Rules: rules}
	what, err := json.Marshal(p)
	require.NoError(l.t, err)
	return p, &domain.ProposalMade{Proposal: "p", Act: p.Type(), What: what, Until: l.now.AddDate(0, 0, 9)}
}

// carryOut publishes as the certifier, on the proposal that stands last.
func (l *ledger) carryOut(p *domain.ProgrammePublished) *ledger {
	last := l.entries[len(l.entries)-1]
	p.Proposed = &domain.Proposed{Proposal: "p", Sequence: last.Sequence, Hash: last.Hash, By: last.Actor}
	l.record("programme/tiny", l.certifier(), 0, p)
	return l
}

// The number of a version names one text for ever, also for two people together.
func TestAVersionOfRulesIsPublishedOnce(t *testing.T) {
	d, l := newDossiers(t), tiny(t)
	p, proposal := l.publishing(strings.Replace(tinyRules, "at-most: 0", "at-most: 1", 1))
	l.record("programme/tiny", l.act("staff/ann", domain.RoleAuthor), 0, proposal)
	l.carryOut(p)
	d.exportFails(l, CodeProgramme, entryAt(l.tree.Size()))
}

// Two proposals under one name, one by whoever approves and one by somebody else,
// do not make two people agree on either.
func TestWhatIsCarriedOutIsTheProposalOfTheOther(t *testing.T) {
	d := newDossiers(t)
	for _, own := range []bool{false, true} {
		l := newLedger(t, "l1")
		p, proposal := l.publishing(tinyRules)
		if own {
			l.record("programme/tiny", l.certifier(), 0, proposal)
			_, proposal = l.publishing("other rules")
		}
		l.record("programme/tiny", l.act("staff/ann", domain.RoleAuthor), 0, proposal)
		l.carryOut(p)
		if own {
			d.exportFails(l, CodeProposal, entryAt(l.tree.Size()))
			continue
		}
		_, err := VerifyExport(t.Context(), d.exportOf(l, l.export(), 0))
		require.NoError(t, err, "this is how rules are published")
	}
}

// What was looked at twice would count twice, and so would the registration itself
// as one of the person's others.
func TestNothingIsLookedAtTwice(t *testing.T) {
	d, l := newDossiers(t), tiny(t)
	marked := l.entries[tinyDecided-2]
	for name, more := range map[string]func(first map[string]any) any{
		"the cohort": func(first map[string]any) any { return first },
		"the registration itself": func(map[string]any) any {
			return domain.Read{Subject: marked.Subject, Version: marked.Version, Sequence: marked.Sequence, Hash: marked.Hash}
		},
	} {
		t.Run(name, func(t *testing.T) {
			forged := l.forged(tinyDecided, func(_, data map[string]any) {
				cut := in(data, "record", "cut")
				reads := append(cut["reads"].([]any), more(in(cut, "reads", 0)))
				cut["reads"], data["reads"] = reads, reads
			})
			d.fails(d.of(forged, "r", "d"), CodeReads, forged.lastEntry())
			d.exportFails(forged, CodeReads, entryAt(tinyDecided))
		})
	}
}

// An export of short lines is no ledger, and does not fill the memory.
func TestAnExportOfNothingEnds(t *testing.T) {
	d, l := newDossiers(t), tiny(t)
	lines := append(l.export(), bytes.Repeat([]byte("\n"), 3*ExportUnreadableMax)...)
	report, err := VerifyExport(t.Context(), d.exportOf(l, lines, 0))
	require.ErrorAs(t, err, new(*Failure))
	require.Equal(t, ExportUnreadableMax+2, report.Failed)
}
