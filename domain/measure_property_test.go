package domain

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/certledger/certledger/domain/programme"
)

func seedKeeper(t testing.TB) *programme.Programme {
	src, err := os.ReadFile(filepath.Join("testdata", "programmes", "seed-keeper.yaml"))
	require.NoError(t, err)
	p, err := ReadProgramme(src)
	require.NoError(t, err)
	return p
}

// scattered is a registration with a random lot of evidence.
func scattered(t *rapid.T, p *programme.Programme, most int) *world {
	w := newWorld(t, p)
	w.openAll()
	for range rapid.IntRange(0, most).Draw(t, "pieces") {
		w.evidenceAtRandom(t)
		if rapid.Bool().Draw(t, "next day") {
			w.day()
		}
	}
	return w
}

// lowerBounds are the paths of requirements that a fact can only help.
func lowerBounds(p *programme.Programme) []string {
	var out []string
	for _, q := range p.Requirements {
		if s, ok := q.Test.(programme.Sum); ok && s.AtMost == nil {
			out = append(out, q.Path)
		}
		if _, ok := q.Test.(programme.Has); ok {
			out = append(out, q.Path)
		}
	}
	return out
}

func TestAFactNeverLowersALowerBound(t *testing.T) {
	p := seedKeeper(t)
	rapid.Check(t, func(t *rapid.T) {
		w := scattered(t, p, 25)
		before := w.assess()
		w.evidenceAtRandom(t)
		after := w.assess()
		for _, path := range lowerBounds(p) {
			was, is := resultAt(before.Results, path), resultAt(after.Results, path)
			require.GreaterOrEqual(t, amountOf(is), amountOf(was), path)
			require.False(t, was.Verdict == Met && is.Verdict != Met, "%s was met", path)
		}
	})
}

func TestOrderOfFactsNeverMatters(t *testing.T) {
	p := seedKeeper(t)
	rapid.Check(t, func(t *rapid.T) {
		w := scattered(t, p, 25)
		for i := range w.standing.Evidence {
			w.standing.Evidence[i].Activity = "" // of copies the first recorded counts
		}
		a := w.assess()
		mixed := w.standing.Clone()
		order := rapid.Permutation(mixed.Evidence).Draw(t, "order")
		for i := range order {
			order[i].Made.Sequence = mixed.Evidence[i].Made.Sequence
		}
		mixed.Evidence = order
		f := w.facts()
		f.Standing = mixed
		b := Assess(p, f, w.now)
		require.Equal(t, a.Awards, b.Awards)
		lifts := func(r Result) any {
			if len(r.Lacks.Nearest()) > 0 && r.Lacks.Nearest()[0].Do == "answer" {
				return weight(r.Lacks) // of several that wait, any may be answered first
			}
			return Lifts(r.Lacks)
		}
		for i := range a.Results {
			x, y := a.Results[i], b.Results[i]
			if plainSum(&p.Requirements[i]) {
				y.MetOn = x.MetOn // the day of the piece of evidence with which it was reached, as they were recorded
			}
			require.Equal(t, []any{x.Verdict, x.Left, x.Right, lifts(x), x.Parts, x.MetOn}, []any{y.Verdict, y.Left, y.Right, lifts(y), y.Parts, y.MetOn}, x.Path)
		}
	})
}

// plainSum reports whether a requirement, or a part of it, sums facts as they are.
func plainSum(q *programme.Requirement) bool {
	if c, ok := q.Test.(programme.Combined); ok {
		return slices.ContainsFunc(c.Children, func(q programme.Requirement) bool { return plainSum(&q) })
	}
	s, ok := q.Test.(programme.Sum)
	return ok && s.Inline != nil && s.Inline.Parts == nil && s.Inline.Credited == nil && s.Inline.InOne == ""
}

// Leaving one fact of a distance out leaves the requirement short.
func TestNoFactOfADistanceIsTooMuch(t *testing.T) {
	p := seedKeeper(t)
	rapid.Check(t, func(t *rapid.T) {
		w := scattered(t, p, 20)
		path := rapid.SampledFrom(lowerBounds(p)).Draw(t, "requirement")
		r := w.result(path)
		needs := r.Lacks.Nearest()
		if len(needs) == 0 {
			return
		}
		left := rapid.IntRange(0, len(needs)-1).Draw(t, "left out")
		if needs[left].Do == "answer" || left+1 < len(needs) && needs[left+1].Do == "answer" {
			return // the answer to what is not there
		}
		for i, n := range needs {
			if i != left {
				require.NoError(t, w.supply(n))
			}
		}
		require.NotEqual(t, Met, w.result(path).Verdict, "%s without %v", path, Lifts(&Lack{Needs: needs[left : left+1]}))
	})
}

// A slow and obvious reckoning of the parts of a total comes to the same.
func TestPartsAreReckonedAsOneWouldByHand(t *testing.T) {
	names := []string{"a", "b", "c"}
	rapid.Check(t, func(t *rapid.T) {
		var grow func(depth int) []programme.Part
		grow = func(depth int) []programme.Part {
			var out []programme.Part
			for _, name := range names[:rapid.IntRange(0, 3).Draw(t, "parts")] {
				p := programme.Part{Key: name}
				if rapid.Bool().Draw(t, "bounded") {
					most := rapid.Int64Range(0, 50).Draw(t, "most")
					p.CountsUpTo = &most
				}
				if depth < 2 {
					p.Parts = grow(depth + 1)
				}
				out = append(out, p)
			}
			return out
		}
		m := &programme.Measure{Sum: "x", Unit: UnitMinute, Parts: grow(0)}
		s := &Standing{}
		amounts := map[string]int64{}
		for i := range rapid.IntRange(0, 12).Draw(t, "facts") {
			var category string
			for range rapid.IntRange(0, 3).Draw(t, "depth") {
				if category != "" {
					category += "/"
				}
				category += rapid.SampledFrom(append(slices.Clone(names), "d")).Draw(t, "name")
			}
			n := rapid.Int64Range(1, 40).Draw(t, "amount")
			amounts[category] += n
			s.Evidence = append(s.Evidence, Evidence{ID: string(rune('a' + i)), Fact: Fact{Kind: "x", Category: category, Quantity: &n, Unit: UnitMinute, From: "2026-01-01", Until: "2026-01-01", Received: "2026-01-01"}})
		}
		v := newView(&programme.Programme{Awards: []programme.Award{{Key: "w"}}}, Facts{Standing: s}, worldStart)
		require.Equal(t, byHand(m.Parts, "", amounts), v.total(m).Amount)
	})
}

// byHand adds what is in each part, recursively, and what is in none.
func byHand(parts []programme.Part, path string, amounts map[string]int64) int64 {
	total := int64(0)
	for category, n := range amounts { // order-free: a sum
		if path == "" || within(category, path) {
			total += n
		}
	}
	for _, p := range parts {
		below := p.Key
		if path != "" {
			below = path + "/" + p.Key
		}
		all := int64(0)
		for category, n := range amounts { // order-free: a sum
			if within(category, below) {
				all += n
			}
		}
		total -= all
		counted := byHand(p.Parts, below, amounts)
		if p.CountsUpTo != nil {
			counted = min(counted, *p.CountsUpTo)
		}
		total += counted
	}
	return total
}

// BenchmarkAssessMeasures reviews a registration with 200 pieces of evidence
// under a programme of many measures.
func BenchmarkAssessMeasures(b *testing.B) {
	w := newWorld(b, seedKeeper(b))
	w.openAll()
	asks := w.asks()
	for i := range 200 {
		x := asks[i%len(asks)]
		n := recordNeed(&view{p: w.p}, x.kind, x.where)
		if x.unit != "" {
			amount := int64(30 + i%7*10)
			n.Quantity, n.Unit, n.Currency, n.AtOnce = &amount, x.unit, x.coin, true
		}
		if len(x.parts) > 0 {
			n.Category = x.parts[i%len(x.parts)]
		}
		w.must2(w.supply(n))
	}
	f := w.facts()
	b.ReportMetric(float64(len(w.entries)), "entries")
	for b.Loop() {
		Assess(w.p, f, w.now)
	}
}
