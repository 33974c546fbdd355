package domain

import (
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// copies numbers, by their place among a registration's evidence, the pieces
// that tell of one activity; 0 is for those without another. Nil where there
// are none.
type copies []int32

func copiesIn(all []Evidence) copies {
	named := 0
	for i := range all {
		if all[i].Activity != "" {
			named++
		}
	}
	if named < 2 {
		return nil
	}
	firsts := make(map[string]int, named)
	var out copies
	count := int32(0)
	for i := range all {
		activity := all[i].Activity
		if activity == "" {
			continue
		}
		at, there := firsts[activity]
		if !there {
			firsts[activity] = i
			continue
		}
		if out == nil {
			out = make(copies, len(all))
		}
		if out[at] == 0 {
			count++
			out[at] = count
		}
		out[i] = out[at]
	}
	return out
}

// once lets one of several copies pass.
type once struct {
	numbers copies
	passed  []bool
}

func (c copies) once() *once { return &once{numbers: c} }

// again reports whether a copy of the activity of the piece at a place has
// passed already, and lets this one pass otherwise.
func (o *once) again(at int) bool {
	if o.numbers == nil || o.numbers[at] == 0 {
		return false
	}
	if o.passed == nil {
		o.passed = make([]bool, len(o.numbers)+1)
	}
	n := o.numbers[at]
	was := o.passed[n]
	o.passed[n] = true
	return was
}

// usage is what decisions in force rest on, apart from those that answer what is
// being asked; all sorted.
type usage struct {
	evidence   []uint64 // of this registration, by sequence
	activities []string
	anywhere   []string // activities of other programmes
}

// usedElsewhere reports whether another decision in force rests on a piece of
// evidence, or on a copy of the same activity.
func (v *view) usedElsewhere(x *Evidence, fact *Fact, where string) bool {
	u := v.usageApartFrom(v.asking(v.awardAtHand(nil)))
	if _, used := slices.BinarySearch(u.evidence, x.Made.Sequence); used {
		return true
	}
	if fact.Activity == "" {
		return false // nobody else can know that it is the same
	}
	if _, used := slices.BinarySearch(u.activities, fact.Activity); used {
		return true
	}
	_, used := slices.BinarySearch(u.anywhere, fact.Activity)
	return used && where == programme.UnusedAnywhere
}

func (v *view) usageApartFrom(k Asking) *usage {
	if u, ok := v.memo.used[k]; ok {
		return u
	}
	u := &usage{}
	for i := range v.s.Decisions {
		d := &v.s.Decisions[i]
		award, known := v.p.Award(d.Award)
		if known && d.Asking() != k && d.uses(award) && v.knows(d.Made) && !v.replaced(i) {
			u.evidence = append(u.evidence, d.Used...)
			u.activities = append(u.activities, v.s.activities(d)...)
		}
	}
	for _, o := range v.f.Others {
		if o.Programme == v.p.ID {
			u.activities = append(u.activities, o.Uses...)
		} else {
			u.anywhere = append(u.anywhere, o.Uses...)
		}
	}
	slices.Sort(u.evidence)
	slices.Sort(u.activities)
	slices.Sort(u.anywhere)
	if v.memo.used == nil {
		v.memo.used = map[Asking]*usage{}
	}
	v.memo.used[k] = u
	return u
}

// uses reports whether a decision takes up what it rests on: it gives more than
// the lowest level of its award.
func (d *Decision) uses(award programme.Award) bool { return d.gives() && d.Level != award.Lowest() }

// activities are those of the evidence that a decision used.
func (s *Standing) activities(d *Decision) []string {
	var out []string
	for i := range s.Evidence {
		x := &s.Evidence[i]
		if _, used := slices.BinarySearch(d.Used, x.Made.Sequence); used && x.Activity != "" {
			out = append(out, x.Activity)
		}
	}
	return out
}

// usesOf are the activities that decisions in force on an award rest on, sorted.
func (s *Standing) usesOf(award programme.Award) []string {
	var out []string
	for i := range s.Decisions {
		if d := &s.Decisions[i]; d.Award == award.Key && !d.Superseded && d.uses(award) {
			out = append(out, s.activities(d)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// use keeps of a decision which evidence the results of its own award rested on.
func (d *Decision) use(s *Standing, r *Record) {
	if !d.gives() {
		return
	}
	var rested []uint64
	for i := range r.Trace {
		if res := &r.Trace[i]; res.Asking() == d.Asking() {
			res.eachEvidence(func(sequence uint64) { rested = append(rested, sequence) })
		}
	}
	slices.Sort(rested)
	for i := range s.Evidence {
		if _, ok := slices.BinarySearch(rested, s.Evidence[i].Made.Sequence); ok {
			d.Used = append(d.Used, s.Evidence[i].Made.Sequence)
		}
	}
}

// awardAtHand is the award that is being looked at, or, outside of any
// requirement, the one of the first that asks for a measure.
func (v *view) awardAtHand(m *programme.Measure) string {
	for i := range v.p.Requirements {
		r := &v.p.Requirements[i]
		switch {
		case v.path == "" && m != nil && r.Sums(m.Key), v.path != "" && within(v.path, r.Path):
			return r.For
		}
	}
	return v.p.Awards[0].Key
}
