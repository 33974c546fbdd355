package domain

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/domain/programmes"
)

// keeping is Georgia's programme in both of its versions, and somebody who was
// certified in 2022: years from 2023 on are owed.
func keeping(t *testing.T) *pier {
	t.Helper()
	p := &pier{t: t, line: &ProgrammeLine{ID: "georgia-cps-mh"}}
	for _, name := range []string{"georgia-cps-mh-2024", "georgia-cps-mh"} {
		src, ok := programmes.Get(name)
		require.True(t, ok)
		rules, err := ReadProgramme(src)
		require.NoError(t, err)
		p.versions = append(p.versions, rules)
		p.line.Versions = append(p.line.Versions, Published{Version: rules.Version, Digest: rules.Digest, From: Date(rules.Valid.From), Until: Date(rules.Valid.Until)})
	}
	p.does("2024-05-02", SubmitRegistration{Registration: "r1", Person: strings.Repeat("a", 32), Programme: "georgia-cps-mh"})
	p.does("2024-05-03", fact("exam", "2024-05-03", Fact{Outcome: "passed"}))
	p.does("2024-05-04", Grant{Registration: "r1", Award: "certification", Level: "certified"})
	return p
}

func fact(kind string, on Date, f Fact) RecordEvidence {
	f.Kind, f.From, f.Until = kind, on, on
	return RecordEvidence{Registration: "r1", Fact: f}
}

func amount(n int64, unit string) Fact {
	f := Fact{Quantity: &n, Unit: unit}
	if unit == "USD" {
		f.Unit, f.Currency = programme.UnitCent, unit
	}
	return f
}

// reports are a year's credits, reported on the tenth of February, with the fee.
func (p *pier) reports(year, next string) {
	f := amount(1200, programme.UnitHundredth)
	f.Category, f.Provider = "peer-ethics", "gmhcn"
	p.does(year+"-06-30", fact("credit", Date(year+"-06-30"), f))
	p.does(next+"-02-10", FileSubmission{Registration: "r1", Kind: "year-report", Period: year})
	f = amount(2600, "USD")
	f.Category, f.Period = "late-report", year
	p.does(next+"-02-10", fact("payment", Date(next+"-02-10"), f))
}

func (p *pier) assess(day string) Assessment {
	f := p.facts()
	return Assess(f.Programme, f, onDay(day, RoleStaff, 0).At)
}

func yearOf(t *testing.T, a Assessment, period string) AwardResult {
	t.Helper()
	i := slices.IndexFunc(a.Awards, func(w AwardResult) bool { return w.Period == period })
	require.GreaterOrEqual(t, i, 0, period)
	return a.Awards[i]
}

func resultOf(t *testing.T, a Assessment, path, period string) Result {
	t.Helper()
	i := slices.IndexFunc(a.Results, func(r Result) bool { return r.Path == path && r.Period == period })
	require.GreaterOrEqual(t, i, 0, path)
	return a.Results[i]
}

// TestEachPeriodIsJudgedByItsVersion: what was in time for the year of the older
// version is too late for the year of the later one.
func TestEachPeriodIsJudgedByItsVersion(t *testing.T) {
	p := keeping(t)
	p.reports("2025", "2026")
	a := p.assess("2026-03-01")
	require.Equal(t, 2026, a.Programme.Version)
	year := yearOf(t, a, "2025")
	require.Equal(t, "complete", year.Earned)
	require.Equal(t, 2024, year.Version)
	require.Zero(t, yearOf(t, a, "2026").Version, "the year that runs is judged by today's rules")
	require.Equal(t, StatusActive, a.Status)
	require.Equal(t, []PeriodRules{{Day: "2025-12-31", Version: 2024, Digest: p.versions[0].Digest}}, a.Periods)

	p.reports("2026", "2027")
	a = p.assess("2027-02-11")
	require.Equal(t, "complete", yearOf(t, a, "2025").Earned)
	require.Equal(t, "owed", yearOf(t, a, "2026").Earned)
	require.Equal(t, []string{"reported"}, yearOf(t, a, "2026").Binding)
	require.Equal(t, "inactive", a.Status)
	require.Equal(t, Date("2027-02-01"), a.Phase.Since)
	require.Equal(t, Met, resultOf(t, a, "late-fee", "2025").Verdict)
	require.Equal(t, 2, len(a.Periods))
	for _, w := range a.Measures {
		require.Contains(t, []string{"", "2025", "2026", "2027"}, w.Period)
	}

	said := Explain(p.facts().RulesOn("2027-02-11"), a, p.entries)
	for _, o := range said.Outcomes {
		require.Equal(t, o.Period == "2025", strings.Contains(o.Sentence, "This period is judged by version 2024 of the rules"), o.Period)
	}
}

// TestPhasesAreThoseOfThePeriodsVersion: after a year of the older version there
// is a month more to report.
func TestPhasesAreThoseOfThePeriodsVersion(t *testing.T) {
	p := keeping(t)
	a := p.assess("2026-02-20")
	require.Equal(t, "late", a.Phase.Phase)
	require.Equal(t, Date("2026-02-28"), a.Phase.Until)
	f := p.facts()
	due := DueDays(f.Programme, f, onDay("2026-02-20", RoleStaff, 0).At)
	require.Contains(t, due, DueDay{What: DueCloses, Of: "year-report", Period: "2025", By: RoleParticipant, On: "2026-02-28"})
	require.Equal(t, "inactive", p.assess("2026-03-01").Status)
	require.Equal(t, "inactive", p.assess("2027-02-01").Status, "since the first of the two")
	require.Equal(t, Date("2026-03-01"), p.assess("2027-02-01").Phase.Since)
	require.NotNil(t, Rehearse(p.versions[1], p.facts(), onDay("2026-02-20", RoleStaff, 0).At), "rules that are rehearsed judge every year")
}

// reactivated has missed two years, one of each version, and is active again.
func reactivated(t *testing.T) (p *pier, last int) {
	t.Helper()
	p = keeping(t)
	f := amount(1200, programme.UnitHundredth)
	f.Category, f.Provider = "peer-ethics", "gmhcn"
	p.does("2025-06-30", fact("credit", "2025-06-30", f))
	p.reports("2026", "2027")
	p.does("2027-03-01", FileSubmission{Registration: "r1", Kind: "reactivation", Submission: "back"})
	for _, category := range []string{"reactivation-application", "reactivation-approval"} {
		f = amount(5500, "USD")
		f.Category = category
		p.does("2027-03-02", fact("payment", "2027-03-02", f))
	}
	p.does("2027-03-03", AnswerSubmission{Registration: "r1", Submission: "back", Answer: "approved"})
	f = amount(3600, programme.UnitHundredth)
	f.Category, f.Provider = "peer-ethics", "gmhcn"
	p.does("2027-06-01", fact("credit", "2027-06-01", f))
	events := p.does("2027-06-02", Grant{Registration: "r1", Award: "reactivation", Level: "active-again"})
	require.Equal(t, []string{"registration.pinned.v1", "decision.recorded.v1"}, []string{events[0].Type(), events[1].Type()})
	return p, len(p.entries) - 1
}

func TestADecisionSaysWhichRulesJudgedWhichPeriods(t *testing.T) {
	p, last := reactivated(t)
	record := p.entries[last].Event.(*DecisionRecorded).Record
	require.Equal(t, []PeriodRules{
		{Day: "2025-12-31", Version: 2024, Digest: p.versions[0].Digest}, {Day: "2026-12-31", Version: 2026, Digest: p.versions[1].Digest},
	}, record.Periods)
	require.Equal(t, 2026, record.Programme.Version)
	require.Equal(t, StatusActive, p.assess("2027-06-03").Status)

	f, err := FactsOfCut(record, p)
	require.NoError(t, err)
	require.NoError(t, Rederive(p.entries[last], p.payloads[last], f))

	for name, change := range map[string]func(*Record){
		"a day missing":   func(r *Record) { r.Periods = r.Periods[1:] },
		"no day":          func(r *Record) { r.Periods = nil },
		"out of order":    func(r *Record) { slices.Reverse(r.Periods) },
		"another version": func(r *Record) { r.Periods[0].Version = 2026 },
		"not yet in force": func(r *Record) {
			r.Periods[1] = PeriodRules{Day: "2026-12-31", Version: 2024, Digest: p.versions[0].Digest}
		},
		"unknown rules": func(r *Record) { r.Periods[0].Digest = "sha256:" + strings.Repeat("0", 64) },
	} {
		t.Run(name, func(t *testing.T) {
			forged := *record
			forged.Periods = slices.Clone(record.Periods)
			change(&forged)
			require.ErrorIs(t, p.again(last, &forged), ErrCut)
		})
	}

	// One more day than was asked for, and rules of today that were not those of the day.
	forged := *record
	forged.Periods = slices.Insert(slices.Clone(record.Periods), 0, PeriodRules{Day: "2024-12-31", Version: 2024, Digest: p.versions[0].Digest})
	var difference *Difference
	require.ErrorAs(t, p.again(last, &forged), &difference)
	forged.Periods = []PeriodRules{{Day: "2025-12-31", Version: 2026, Digest: p.versions[1].Digest}, record.Periods[1]}
	require.ErrorAs(t, p.again(last, &forged), &difference)

	// Where periods are not judged by themselves, no record says so.
	q := pierOf(t, PinByRegistration)
	q.does("2026-02-03", pierHours("2026-02-02", 11))
	q.does("2026-02-04", FileSubmission{Registration: "r1", Kind: "application"})
	q.does("2026-02-05", Grant{Registration: "r1", Level: "watch"})
	last = len(q.entries) - 1
	forged = *q.entries[last].Event.(*DecisionRecorded).Record
	require.Empty(t, forged.Periods)
	forged.Periods = []PeriodRules{{Day: "2026-01-31", Version: 1, Digest: q.versions[0].Digest}}
	require.ErrorIs(t, q.again(last, &forged), ErrCut)
}

// again derives a decision again with another record.
func (p *pier) again(at int, r *Record) error {
	e := p.entries[at]
	decision := *e.Event.(*DecisionRecorded)
	was, err := json.Marshal(decision.Record.Periods)
	require.NoError(p.t, err)
	is, err := json.Marshal(r.Periods)
	require.NoError(p.t, err)
	payload := bytes.Replace(p.payloads[at], was, is, 1)
	decision.Record = r
	e.Event = &decision
	f, err := FactsOfCut(r, p)
	if err != nil {
		return err
	}
	return Rederive(e, payload, f)
}
