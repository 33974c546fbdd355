package domain

import (
	"fmt"
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// atEachResult evaluates a test that is repeated at the steps of a measure.
func (v *view) atEachResult(r *programme.Requirement, t programme.AtEach, res *Result) {
	res.Test = "at-each"
	lack := &Lack{}
	var met int64
	anyNotMet := false
	for i := range t.Steps {
		child := Result{Path: fmt.Sprintf("%s/%d", r.Path, i+1)}
		if t.Judged != nil {
			v.judgedNumber(found(v.p.Question(t.Judged.Question)), int64(i+1), *t.Judged, &child)
		} else {
			v.reportResult(t, i, &child)
		}
		slices.Sort(child.Evidence)
		switch child.Verdict {
		case Met:
			met++
			child.Lacks = nil
			res.MetOn = max(res.MetOn, child.MetOn)
		case NotMet:
			anyNotMet = true
		}
		if child.Lacks != nil {
			lack.Needs = append(lack.Needs, child.Lacks.Needs...)
		}
		res.Raises = append(res.Raises, child.Raises...)
		res.Evidence = append(res.Evidence, child.Evidence...)
		res.Children = append(res.Children, child)
	}
	res.Left, res.Right = count(met, "steps"), count(int64(len(t.Steps)), "steps")
	switch {
	case met == int64(len(t.Steps)):
		res.Verdict = Met
	case anyNotMet:
		res.Verdict, res.MetOn = NotMet, ""
	default:
		res.Verdict, res.MetOn = Open, ""
	}
	res.Lacks = lack
}

// reportResult judges step i of an AtEach over evidence. One is late when it is
// filed after the total of the next step, as then counted, was complete; the
// last step's never is.
func (v *view) reportResult(t programme.AtEach, i int, res *Result) {
	res.Test, res.Verdict = "has", Open
	number := int64(i + 1)
	dated, filed := v.window(t.Has.Dated), v.window(t.Has.Filed)
	var late *Evidence
	for k := range v.s.Evidence {
		x := &v.s.Evidence[k]
		if x.Kind != t.Has.Kind || x.Number != number || !v.counts(x) || v.unfit(x, &t.Has.Where) != "" || short(t.Has, v.as(x), dated, filed) != "" {
			continue
		}
		res.Evidence = append(res.Evidence, x.Made.Sequence)
		if t.Late == nil || !v.late(t, i, x) || v.answered(x, t.Late.Unless) {
			res.Verdict, res.MetOn = Met, x.Received
			return
		}
		if late == nil {
			late = x
		}
	}
	switch {
	case late != nil:
		res.Verdict, res.Raises = NotMet, []string{t.Late.Raises}
		res.Lacks = &Lack{
			Needs:    []Need{{Do: "answer", Of: t.Has.Kind, ID: late.ID, Number: number, Answer: t.Late.Unless, By: RoleStaff}},
			LiftedBy: []string{"acceptance"},
		}
	default:
		need := v.needOf(t.Has)
		need.Number = number
		needs := []Need{need}
		if t.Late != nil && i+1 < len(t.Steps) && v.total(found(v.p.Measure(t.Measure))).Amount >= t.Steps[i+1] {
			needs = append(needs, Need{Do: "answer", Of: t.Has.Kind, Number: number, Answer: t.Late.Unless, By: RoleStaff})
		}
		res.Lacks = &Lack{Needs: needs}
	}
}

func (v *view) late(t programme.AtEach, i int, x *Evidence) bool {
	if i+1 >= len(t.Steps) {
		return false
	}
	m, then := found(v.p.Measure(t.Measure)), v.then(x.Made)
	return then.most(m) >= t.Steps[i+1] && then.total(m).Amount >= t.Steps[i+1]
}

func (v *view) answered(x *Evidence, word string) bool {
	a, ok := v.answerInForce(x.Answers)
	return ok && a.Word == word
}
