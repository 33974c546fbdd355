package domain

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/certledger/certledger/domain/programme"
)

// asked is a kind of evidence with what some rule asks of it.
type asked struct {
	kind  string
	unit  string
	coin  string
	where *programme.Where
	parts []string // categories of parts
}

// asks lists what the programme's rules ask of evidence.
func (w *world) asks() []asked {
	var out []asked
	measure := func(m *programme.Measure) {
		t := treeOf(m.Parts)
		x := asked{kind: m.Sum, unit: m.Summed(), coin: m.Currency}
		for i := range t {
			if c := t.category(i); c != "" {
				x.parts = append(x.parts, c)
			}
		}
		m.EachWhere(func(where *programme.Where) {
			x.where = where
			out = append(out, x)
		})
	}
	for i := range w.p.Measures {
		measure(&w.p.Measures[i])
	}
	w.p.EachRequirement(func(q programme.Requirement) bool {
		switch t := q.Test.(type) {
		case programme.Sum:
			if t.Inline != nil {
				measure(t.Inline)
			}
		case programme.Reaches:
			if t.Inline != nil {
				measure(t.Inline)
			}
		case programme.Has:
			x := asked{kind: t.Kind, where: &t.Where}
			if t.Quantity != nil {
				x.unit = t.Quantity.Unit
			}
			out = append(out, x)
		case programme.AtEach:
			if t.Has != nil {
				out = append(out, asked{kind: t.Has.Kind, where: &t.Has.Where})
			}
		}
		return true
	})
	return out
}

// signers are the roles whose signatures some rule asks for, but the
// participant's, sorted.
func (w *world) signers() []string {
	var out []string
	for _, x := range w.asks() {
		out = append(out, x.where.SignedBy)
		out = append(out, x.where.AlsoSigned...)
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(role string) bool { return role == "" || role == RoleParticipant })
}

// evidenceAtRandom records evidence that some rule asks for, or that is a
// little beside it.
func (w *world) evidenceAtRandom(t *rapid.T) {
	all := append(w.asks(), asked{kind: "a-kind-of-nobody", unit: UnitMinute, where: &programme.Where{}})
	x := rapid.SampledFrom(all).Draw(t, "asked")
	v := &view{p: w.p, track: w.track(t)}
	n := recordNeed(v, x.kind, x.where)
	if x.where.Track == programme.ThisOne {
		n.Track = v.track
	}
	if x.unit != "" {
		amount := rapid.Int64Range(1, 600).Draw(t, "quantity")
		if rapid.Bool().Draw(t, "round") {
			amount *= 60
		}
		n.Quantity, n.Unit, n.Currency, n.AtOnce = &amount, x.unit, x.coin, x.unit != UnitMinute
	}
	n.Number = rapid.Int64Range(0, 5).Draw(t, "evidence number")
	if len(x.where.Category) > 0 {
		n.Category = rapid.SampledFrom(append(slices.Clone(x.where.Category), "elsewhere")).Draw(t, "category")
	} else if len(x.parts) > 0 {
		n.Category = rapid.SampledFrom(append(slices.Clone(x.parts), "elsewhere")).Draw(t, "part")
	}
	if len(x.where.Title) > 0 {
		n.Title = rapid.SampledFrom(x.where.Title).Draw(t, "title")
	}
	if len(x.where.Mode) > 0 {
		n.Mode = rapid.SampledFrom(x.where.Mode).Draw(t, "mode")
	}
	if len(x.where.Module) > 0 {
		n.Module = rapid.SampledFrom(x.where.Module).Draw(t, "module")
	}
	w.beside(t, &n)
	_ = w.supply(n)
	w.activity = ""
}

// beside makes a piece of evidence lack something, most often nothing.
func (w *world) beside(t *rapid.T, n *Need) {
	switch rapid.IntRange(0, 11).Draw(t, "beside") {
	case 0, 1:
		n.SignedBy, n.AlsoSigned = "", nil
	case 2:
		n.Answer = ""
	case 3:
		n.Qualified = nil
	case 4:
		n.Approved = ""
	case 5:
		n.Documented = false
	case 6:
		w.activity = fmt.Sprintf("activity-%d", rapid.IntRange(1, 3).Draw(t, "activity"))
	}
}
