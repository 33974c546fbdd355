package cases

import (
	"slices"

	"github.com/certledger/certledger/domain"
)

// phase compares where somebody stands after the end of a period.
func (x *seen) phase(e expectation) {
	got := ""
	if ph := x.assessment.Phase; ph != nil {
		got = ph.Phase
		if e.key == "fee" {
			got = ""
			if ph.Fee != nil {
				want, unit, _ := readAmount(e.value.text)
				if unit == ph.Fee.Unit && want == *ph.Fee.Number {
					return
				}
				got = inUnits(*ph.Fee.Number, ph.Fee.Unit)
			}
		}
	}
	if none(got) != e.value.text {
		x.differ(e.written, e.value.text, none(got))
	}
}

// due compares the days ahead: by award, submission or task, or by the status
// that comes on the day.
func (x *seen) due(e expectation) {
	at := x.told[len(x.told)-1].recorded
	all := domain.DueDays(x.rules, x.ledger.of(x.standing), at)
	for _, p := range e.value.pairs {
		var got []string
		for _, d := range all {
			if d.Of == p.key.text && d.What != domain.DuePhase || d.Status == p.key.text {
				got = append(got, string(d.On))
			}
		}
		if !slices.Contains(got, p.value.text) {
			first := ""
			if len(got) > 0 {
				first = got[0]
			}
			x.differ(e.written+" "+p.key.text, p.value.text, none(first))
		}
	}
}

// carried compares what the period before leaves to a requirement's bound.
func (x *seen) carried(e expectation) {
	for _, p := range e.value.pairs {
		r, ok := result(x.assessment.Results, p.key.text)
		if !ok {
			x.differ(e.written+" "+p.key.text, p.value.text, "no such requirement; "+hintFor(p.key.text, paths(x.assessment.Results)))
			continue
		}
		if want, _, _ := readAmount(p.value.text); r.Carried != want {
			unit := ""
			if r.Right != nil {
				unit = r.Right.Unit
			}
			x.differ(e.written+" "+p.key.text, p.value.text, inUnits(r.Carried, unit))
		}
	}
}
