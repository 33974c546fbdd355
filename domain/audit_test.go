package domain

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestSampleDecisions redoes a draw from its description alone.
func TestSampleDecisions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.StringMatching(`[a-z0-9][a-z0-9-]{0,20}`).Draw(t, "seed")
		population := rapid.SliceOfDistinct(rapid.StringMatching(`[a-f0-9]{1,8}`), rapid.ID[string]).Draw(t, "population")
		size := rapid.IntRange(-1, len(population)+2).Draw(t, "size")
		var lines []string
		for _, id := range population {
			sum := sha256.Sum256([]byte(seed + "\x00" + id))
			lines = append(lines, hex.EncodeToString(sum[:])+" "+id)
		}
		slices.Sort(lines)
		want := []string{}
		for _, line := range lines[:max(0, min(size, len(lines)))] {
			_, id, _ := strings.Cut(line, " ")
			want = append(want, id)
		}
		before := slices.Clone(population)
		require.Equal(t, want, append([]string{}, SampleDecisions(seed, population, size)...))
		require.Equal(t, before, population, "the population is left alone")

		other := append(rapid.Permutation(population).Draw(t, "another order"), population...)
		require.Equal(t, want, append([]string{}, SampleDecisions(seed, other, size)...), "nor does a decision listed twice matter")
	})
	// As a shell with sha256sum draws it.
	require.Equal(t, []string{"d5", "d1", "d4"}, SampleDecisions("spring-2026", []string{"d1", "d2", "d3", "d4", "d5"}, 3))
}

func auditStory(t *testing.T) {
	o := newOffice(t)
	population := []string{"d1", "d2", "d3", "d4", "d5"}
	audit := func() RecordAudit {
		return RecordAudit{
			Act: o.staff(), Audit: "a1", Seed: "spring-2026", Population: Population{Until: 412, Decisions: 5},
			Decisions: SampleDecisions("spring-2026", population, 3), Identical: 2, Different: 1, Report: aHash,
		}
	}
	o.says("refused no-ledger", audit())
	o.must(CreateLedger{Act: o.staff(), Ledger: "l1"})
	for reason, change := range map[string]func(*RecordAudit){
		"missing-field seed":       func(c *RecordAudit) { c.Seed = "" },
		"missing-field until":      func(c *RecordAudit) { c.Population.Until = 0 },
		"not-a-code seed":          func(c *RecordAudit) { c.Seed = "CANARY" },
		"not-a-code decisions":     func(c *RecordAudit) { c.Decisions[0] = "CANARY" },
		"not-a-code programme":     func(c *RecordAudit) { c.Population.Programme = "CANARY" },
		"not-a-hash report":        func(c *RecordAudit) { c.Report = "CANARY" },
		"sample-size none":         func(c *RecordAudit) { c.Decisions = nil },
		"sample-size many":         func(c *RecordAudit) { c.Decisions = make([]string, SampleMax+1) },
		"sample-size population":   func(c *RecordAudit) { c.Population.Decisions = 2 },
		"not-drawn order":          func(c *RecordAudit) { slices.Reverse(c.Decisions) },
		"not-drawn other seed":     func(c *RecordAudit) { c.Seed = "spring-2027" },
		"not-drawn twice":          func(c *RecordAudit) { c.Decisions = []string{"d5", "d5", "d1"} },
		"counts-differ sum":        func(c *RecordAudit) { c.Identical = 3 },
		"counts-differ below zero": func(c *RecordAudit) { c.Identical, c.Different = 4, -1 },
	} {
		c := audit()
		change(&c)
		reason, _, _ = strings.Cut(reason, " ")
		o.says("refused "+reason, c)
	}
	o.says("audit.sampled.v1", audit())
	o.says("nothing", audit())
	other := audit()
	other.Report = "sha256:" + strings.Repeat("0", 64)
	o.says("refused audit-differs", other)
	require.Equal(t, []Audit{{
		ID: "a1", Seed: "spring-2026", Population: Population{Until: 412, Decisions: 5}, Sampled: 3, Identical: 2, Different: 1, Report: aHash,
		Made: o.system.Audits[0].Made,
	}}, o.system.Audits)

	// The state lists the latest only.
	for i := range AuditsKept {
		c := audit()
		c.Audit = fmt.Sprintf("b%d", i)
		o.must(c)
	}
	require.Len(t, o.system.Audits, AuditsKept)
	require.Equal(t, "b0", o.system.Audits[0].ID)
}

// The definition of a draw is for ever: a decision's place is the SHA-256 of the
// seed, a zero byte and its identifier.
func TestADrawIsThatOfItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.StringMatching(`[a-z0-9]{1,8}`).Draw(t, "seed")
		population := rapid.SliceOf(rapid.StringMatching(`[a-f0-9]{1,3}`)).Draw(t, "population")
		size := rapid.IntRange(-1, 12).Draw(t, "size")
		all := slices.Compact(slices.Sorted(slices.Values(population)))
		slices.SortFunc(all, func(a, b string) int {
			x, y := sha256.Sum256([]byte(seed+"\x00"+a)), sha256.Sum256([]byte(seed+"\x00"+b))
			return bytes.Compare(x[:], y[:])
		})
		want := all[:max(0, min(size, len(all)))]
		require.Equal(t, append([]string{}, want...), SampleDecisions(seed, population, size))
		d := NewDraw(seed, size)
		for _, id := range population {
			d.Add(id)
			require.LessOrEqual(t, len(d.held), max(0, size))
		}
		require.Equal(t, append([]string{}, want...), d.Drawn())
	})
}
