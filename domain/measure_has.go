package domain

import (
	"cmp"
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// fitting is what a Has finds.
type fitting struct {
	fits    []one
	waiting []*Evidence // that a person has to answer first
	left    []NotCounted
}

// one is a fact that fits.
type one struct {
	alike    string // what it says where alike ones count once
	day      Date
	sequence uint64
}

func (v *view) hasResult(t programme.Has, res *Result) {
	res.Test, res.NotCounted = "has", nil
	f := v.fitting(&t)
	n := int64(len(f.fits))
	for _, x := range f.fits {
		res.Evidence = append(res.Evidence, x.sequence)
	}
	res.Left, res.Right, res.NotCounted = count(n, t.Kind), count(t.AtLeast, t.Kind), wanting(f.left)
	if len(f.waiting) > 0 {
		res.Raises = append(res.Raises, FlagReviewRequired)
	}
	if n >= t.AtLeast {
		slices.SortFunc(f.fits, func(a, b one) int { return cmp.Compare(a.day, b.day) })
		res.Verdict, res.MetOn = Met, f.fits[t.AtLeast-1].day
		return
	}
	v.wants(v.hasNeeds(&t, &f, t.AtLeast-n), t.Dated, t.Filed, res)
}

// fitting looks for the facts that a Has asks for. Of those that are alike the
// one of the earliest day counts.
func (v *view) fitting(t *programme.Has) fitting {
	var out fitting
	where := &t.Where
	if t.Person != "" { // whose answer is asked for below
		apart := t.Where
		apart.Answered = ""
		where = &apart
	}
	dated, filed := v.window(t.Dated), v.window(t.Filed)
	once := v.copies.once()
	for i := range v.s.Evidence {
		x := &v.s.Evidence[i]
		fact := v.as(x)
		if fact.Kind != t.Kind || !v.counts(x) {
			continue
		}
		why := v.unfit(x, where)
		if why == "" {
			why = short(t, fact, dated, filed)
		}
		if why == "" && t.Person != "" {
			switch word, answered := v.answerOf(x, t.Person); {
			case !answered:
				out.waiting = append(out.waiting, x)
				continue
			case word != t.Where.Answered:
				why = UncountedNotAnswered
			}
		}
		if why == "" && once.again(i) {
			why = UncountedCopy
		}
		if why != "" {
			out.leave(x, why)
			continue
		}
		found := one{day: fact.Until, sequence: x.Made.Sequence}
		if t.Distinct != "" {
			found.alike = attribute(t.Distinct, fact)
		}
		out.fits = append(out.fits, found)
	}
	if t.Distinct != "" {
		out.different(v.s.Evidence)
	}
	return out
}

func (f *fitting) leave(x *Evidence, why string) {
	f.left = append(f.left, NotCounted{Evidence: x.ID, Sequence: x.Made.Sequence, Reason: why})
}

// different leaves one of those that are alike.
func (f *fitting) different(all []Evidence) {
	slices.SortFunc(f.fits, func(a, b one) int {
		return cmp.Or(cmp.Compare(a.alike, b.alike), cmp.Compare(a.day, b.day), cmp.Compare(a.sequence, b.sequence))
	})
	kept := f.fits[:0]
	for i, x := range f.fits {
		if i == 0 || x.alike != f.fits[i-1].alike {
			kept = append(kept, x)
			continue
		}
		at, _ := slices.BinarySearchFunc(all, x.sequence, func(e Evidence, s uint64) int { return cmp.Compare(e.Made.Sequence, s) })
		f.leave(&all[at], UncountedAlike)
	}
	f.fits = kept
	slices.SortFunc(f.left, func(a, b NotCounted) int { return cmp.Compare(a.Sequence, b.Sequence) })
}

// short is in what a fact that is selected falls short of what is asked, or
// empty.
func short(t *programme.Has, fact *Fact, dated, filed []span) string {
	if q := t.Quantity; q != nil {
		switch {
		case fact.Quantity == nil:
			return UncountedNoQuantity
		case fact.Unit != q.Unit || q.Unit == UnitCent && fact.Currency != q.Noun:
			return UncountedOtherUnit
		case *fact.Quantity < q.Number:
			return UncountedTooLittle
		}
	}
	if t.Share != nil {
		switch {
		case fact.Score == nil || fact.OutOf == nil:
			return UncountedNoScore
		case *fact.Score*whole < *t.Share**fact.OutOf:
			return UncountedLowScore
		}
	}
	if t.Distinct != "" && attribute(t.Distinct, fact) == "" {
		return UncountedUnnamed
	}
	return misplaced(fact, dated, filed)
}

// whole is all of something, in basis points.
const whole = 10_000

// answerOf is the answer of a role that is in force, if there is one.
func (v *view) answerOf(x *Evidence, role string) (word string, ok bool) {
	for _, a := range slices.Backward(x.Answers) {
		if v.holds(a.Made) && a.From <= v.today && playsRole(a.Made.Role, role) {
			return a.Word, true
		}
	}
	return "", false
}

// hasNeeds are the facts that a Has lacks: first answers to those that wait for
// one, then new ones.
func (v *view) hasNeeds(t *programme.Has, f *fitting, lacking int64) []Need {
	var needs []Need
	answer := Need{Do: "answer", Of: t.Kind, Answer: t.Where.Answered, By: t.Person}
	for _, x := range f.waiting {
		if lacking == 0 {
			break
		}
		need := answer
		need.ID, need.Number = x.ID, v.as(x).Number
		needs = append(needs, need)
		lacking--
	}
	fresh := v.freshModules(t, f)
	for range lacking {
		need := v.needOf(t)
		if t.Person != "" {
			need.Answer = ""
		}
		if len(fresh) > 0 {
			need.Module, fresh = fresh[0], fresh[1:]
		}
		needs = append(needs, need)
		if t.Person != "" {
			needs = append(needs, answer)
		}
	}
	return needs
}

// freshModules are the modules that nothing counted is about yet, where each
// counts once.
func (v *view) freshModules(t *programme.Has, f *fitting) []string {
	if t.Distinct != "module" {
		return nil
	}
	all := t.Where.Module
	if len(all) == 0 && v.p.Classes != nil {
		for _, m := range v.p.Classes.Modules {
			all = append(all, m.Key)
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(key string) bool {
		return slices.ContainsFunc(f.fits, func(x one) bool { return x.alike == key })
	})
}

// needOf is the fact that a Has asks for.
func (v *view) needOf(t *programme.Has) Need {
	out := recordNeed(v, t.Kind, &t.Where)
	out.Share, out.Distinct = t.Share, t.Distinct
	if q := t.Quantity; q != nil {
		least := q.Number
		out.Quantity, out.Unit, out.AtOnce = &least, q.Unit, true
		if q.Unit == UnitCent {
			out.Currency = q.Noun
		}
	}
	return out
}
