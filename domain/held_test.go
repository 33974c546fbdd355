package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAttesterHeldLongEnough(t *testing.T) {
	held := func(code string, from, until Date) Qualification {
		return Qualification{Code: code, From: from, Until: until}
	}
	for name, x := range map[string]struct {
		held []Qualification
		fits bool
	}{
		"to the day":         {[]Qualification{held("supervising", "2024-03-10", ""), held("board", "2026-03-10", "2026-03-10")}, true},
		"a day too few":      {[]Qualification{held("supervising", "2024-03-11", ""), held("board", "2026-03-10", "")}, false},
		"one of two":         {[]Qualification{held("supervising", "2020-01-01", "")}, false},
		"until the day":      {[]Qualification{held("supervising", "2020-01-01", "2026-03-09"), held("board", "2020-01-01", "")}, false},
		"without a break":    {[]Qualification{held("supervising", "2025-01-01", "2027-12-31"), held("supervising", "2020-01-01", "2024-12-31"), held("board", "2020-01-01", "")}, true},
		"with a break":       {[]Qualification{held("supervising", "2025-01-02", ""), held("supervising", "2020-01-01", "2024-12-31"), held("board", "2020-01-01", "")}, false},
		"nothing":            {nil, false},
		"not yet on the day": {[]Qualification{held("supervising", "2020-01-01", ""), held("board", "2026-03-11", "")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := tried(t, `
  supervision:
    says: Supervised hours.
    sum: hours
    where: {attested-by: {role: supervisor, qualified: {supervising: 2 years, board: any time}}}
    at-least: 5 h
    otherwise: low
`)
			w.attesters = []*Attester{{ID: "sue", Qualifications: x.held}}
			id := w.fact(Fact{Kind: "hours", Attester: "sue", AttesterRole: RoleSupervisor, From: "2026-03-01", Until: "2026-03-10"}, 5)
			if x.fits {
				require.Equal(t, Met, w.result("supervision").Verdict)
				return
			}
			require.Equal(t, map[string]string{id: UncountedNotQualified}, w.leftOut("supervision"))
			require.Equal(t, "5 h more (hours), attested by a supervisor who has held supervising for 24 months and board", w.lacking("supervision"))
		})
	}
}

func TestProviderApprovedOnTheDays(t *testing.T) {
	for name, x := range map[string]struct {
		from, until Date
		held        Qualification
		fits        bool
	}{
		"before it was":    {"2024-07-15", "2024-07-15", Qualification{Code: "core", Approval: true, From: "2024-08-01"}, false},
		"on its first day": {"2024-08-01", "2024-08-02", Qualification{Code: "core", Approval: true, From: "2024-08-01"}, true},
		"from within":      {"2024-07-31", "2024-08-02", Qualification{Code: "core", Approval: true, From: "2024-08-01"}, false},
		"for another":      {"2024-08-01", "2024-08-02", Qualification{Code: "other", Approval: true, From: "2024-08-01"}, false},
		"not by the body":  {"2024-08-01", "2024-08-02", Qualification{Code: "core", From: "2024-08-01"}, false},
		"after it ran out": {"2024-09-01", "2024-09-01", Qualification{Code: "core", Approval: true, From: "2024-08-01", Until: "2024-08-31"}, false},
		"on the last day":  {"2024-08-31", "2024-08-31", Qualification{Code: "core", Approval: true, From: "2024-08-01", Until: "2024-08-31"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := tried(t, `
  training:
    says: Training by an approved provider.
    sum: training
    where: {provider: {approved: core}}
    at-least: 8 h
    otherwise: low
`)
			w.attesters = []*Attester{{ID: "school", Qualifications: []Qualification{x.held}}}
			id := w.fact(Fact{Kind: "training", Provider: "school", From: x.from, Until: x.until}, 8)
			if x.fits {
				require.Equal(t, Met, w.result("training").Verdict)
				return
			}
			require.Equal(t, map[string]string{id: UncountedNotApproved}, w.leftOut("training"))
			require.Equal(t, "8 h more (training), from a provider approved at the time for core", w.lacking("training"))
		})
	}
}
