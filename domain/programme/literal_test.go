package programme

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAmounts(t *testing.T) {
	for text, want := range map[string]amount{
		"50 h":             {number: 3000, unit: UnitMinute},
		"24.9 h":           {number: 1494, unit: UnitMinute},
		"1.50 hours":       {number: 90, unit: UnitMinute},
		"90 min":           {number: 90, unit: UnitMinute},
		"0 min":            {number: 0, unit: UnitMinute},
		"12 credits":       {number: 1200, unit: UnitHundredth},
		"0.25 credits":     {number: 25, unit: UnitHundredth},
		"51 %":             {number: 5100, unit: UnitBasisPoint},
		"1000 words":       {number: 1000, unit: UnitWord},
		"33.33 percent":    {number: 3333, unit: UnitBasisPoint},
		"26.00 USD":        {number: 2600, unit: UnitCent, noun: "USD"},
		"2 years":          {number: 24, unit: UnitMonth},
		"0.5 years":        {number: 6, unit: UnitMonth},
		"3 weeks":          {number: 21, unit: UnitDay},
		"2 classes":        {number: 2, unit: UnitCount, noun: "classes"},
		"7":                {number: 7, unit: UnitCount, bare: true},
		"7.0":              {number: 7, unit: UnitCount, bare: true},
		"1000000000000":    {number: 1_000_000_000_000, unit: UnitCount, bare: true},
		"16666666666.6 h":  {number: 999_999_999_996, unit: UnitMinute},
		"10000000000.00 %": {number: 1_000_000_000_000, unit: UnitBasisPoint},
	} {
		a, bad := parseAmount(text)
		require.Nil(t, bad, text)
		require.Equal(t, want, a, text)
	}
	for text, want := range map[string]string{
		"0.333 credits":        "0.333 credits is finer than its smallest unit",
		"24.99 h":              "24.99 h is finer than its smallest unit",
		"0.1 years":            "0.1 years is finer than its smallest unit",
		"1.5":                  "1.5 is finer than its smallest unit",
		"0.00001 %":            "0.00001 % is finer than its smallest unit",
		"26.005 USD":           "26.005 USD is finer than its smallest unit",
		"-1 h":                 "-1 h is negative",
		"+1 h":                 "+1 h is not a number",
		"1,000 h":              "1,000 h is not a number",
		"1. h":                 "1. h is not a number",
		".5 h":                 ".5 h is not a number",
		"01 h":                 "01 h begins with a zero",
		"50h":                  "50h has no space before its unit",
		"51%":                  "51% has no space before its unit",
		"5 huors":              `"huors" is not a unit`,
		"5  h":                 `" h" is not a unit`,
		"5 h ":                 `"h " is not a unit`,
		"1000000000001":        "1000000000001 is too large",
		"99999999999999 h":     "99999999999999 h is too large",
		"9999999999999 years":  "9999999999999 years is too large",
		"99999999999999999999": "99999999999999999999 is too large",
		"":                     " is not a number",
	} {
		_, bad := parseAmount(text)
		require.NotNil(t, bad, text)
		require.Equal(t, want, bad.message, text)
	}
}

func TestDates(t *testing.T) {
	for _, good := range []string{"2026-01-31", "2024-02-29", "2000-02-29", "2026-12-01"} {
		require.True(t, isDate(good), good)
	}
	for _, bad := range []string{"2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-1-1", "26-01-01", "0000-01-01", "2026-01-00", ""} {
		require.False(t, isDate(bad), bad)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"otherwise", "while-open", "says", "A1"}
	require.Equal(t, "otherwise", nearest("otehrwise", known))
	require.Equal(t, "while-open", nearest("whileopen", known))
	require.Equal(t, "says", nearest("say", known))
	require.Empty(t, nearest("sum", known))
	require.Empty(t, nearest("A2", known), "two letters are two names")
}
