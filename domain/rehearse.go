package domain

import (
	"slices"
	"time"

	"github.com/certledger/certledger/domain/programme"
)

// Move is what other rules would make of an award: another earned level. A side
// whose rules do not know the award is empty.
type Move struct {
	Award   string      `json:"award"`
	From    string      `json:"from,omitempty"` // earned by the rules that the registration is pinned to
	To      string      `json:"to,omitempty"`   // earned by the rules rehearsed
	Lower   bool        `json:"lower,omitempty"`
	Granted string      `json:"granted,omitempty"` // what is granted now; a rehearsal changes nothing of it
	Beyond  bool        `json:"beyond,omitempty"`  // granted is above what the rules rehearsed would support
	Because []MoveCause `json:"because,omitempty"` // the requirements that make the difference
}

// MoveCause is a requirement that binds by one of the two sets of rules and not
// by the other, with what it came to where it binds.
type MoveCause struct {
	Path      string   `json:"path"`
	Says      string   `json:"says,omitempty"`
	Source    []string `json:"source,omitempty"`
	Rehearsed bool     `json:"rehearsed"` // whether it is the rules rehearsed by which it binds
	Verdict   Verdict  `json:"verdict"`
	Left      *Amount  `json:"left,omitempty"`
	Right     *Amount  `json:"right,omitempty"`
	Evidence  []uint64 `json:"evidence,omitempty"`
}

// Rehearse assesses a registration by the rules that it is pinned to and by
// others, and lists the awards that would be earned at another level. Facts hold
// the rules that it is pinned to.
func Rehearse(rules *programme.Programme, f Facts, at time.Time) []Move {
	if f.Programme == nil || !f.Standing.Exists() {
		return nil
	}
	before := Assess(f.Programme, f, at)
	other := f
	other.Programme, other.Versions = rules, nil
	after := Assess(rules, other, at)
	var out []Move
	for _, was := range before.Awards {
		i := slices.IndexFunc(after.Awards, func(a AwardResult) bool { return a.Award == was.Award })
		if i < 0 {
			out = append(out, Move{Award: was.Award, From: was.Earned, Granted: was.Granted, Because: causes(before, was.Binding, nil, false)})
			continue
		}
		if is := after.Awards[i]; is.Earned != was.Earned {
			out = append(out, move(rules, before, after, was, is))
		}
	}
	for _, is := range after.Awards {
		if !slices.ContainsFunc(before.Awards, func(a AwardResult) bool { return a.Award == is.Award }) {
			out = append(out, Move{Award: is.Award, To: is.Earned, Because: causes(after, is.Binding, nil, true)})
		}
	}
	return out
}

func move(rules *programme.Programme, before, after Assessment, was, is AwardResult) Move {
	m := Move{Award: was.Award, From: was.Earned, To: is.Earned, Granted: was.Granted}
	award, _ := rules.Award(was.Award)
	from, known := award.Rank(was.Earned)
	to, _ := award.Rank(is.Earned)
	m.Lower = known && to < from
	if granted, ok := award.Rank(was.Granted); ok {
		m.Beyond = granted > to
	}
	if m.Lower || !known {
		m.Because = causes(after, is.Binding, was.Binding, true)
	} else {
		m.Because = causes(before, was.Binding, is.Binding, false)
	}
	return m
}

// causes are the requirements that bind by one set of rules, apart from those
// that bind by the other as well; all of them where none is left.
func causes(a Assessment, binding, both []string, rehearsed bool) []MoveCause {
	var out []MoveCause
	for _, path := range binding {
		if slices.Contains(both, path) {
			continue
		}
		if r := findResult(a.Results, path); r != nil {
			out = append(out, MoveCause{
				Path: path, Says: r.Says, Source: r.Source, Rehearsed: rehearsed, Verdict: r.Verdict, Left: r.Left, Right: r.Right, Evidence: r.Evidence,
			})
		}
	}
	if len(out) == 0 && len(both) > 0 {
		return causes(a, binding, nil, rehearsed)
	}
	return out
}

// findResult finds a requirement, or a named child of one.
func findResult(list []Result, path string) *Result {
	for i := range list {
		if list[i].Path == path {
			return &list[i]
		}
		if r := findResult(list[i].Children, path); r != nil {
			return r
		}
	}
	return nil
}
