package domain

import (
	"cmp"
	"slices"
)

// Why an entry was not used. Stable codes; those of measures stand in measure.go.
const (
	WhyOutranked    = "outranked"    // a mark of higher rank, or a later one, counts
	WhyContradicted = "contradicted" // marks that rank alike disagree
	WhyCancelled    = "session-cancelled"
	WhyLaterAnswer  = "later-answer"
	WhyExplainsOnly = "explains-only" // an absence reason explains and never removes
	WhyNotAsked     = "not-asked"     // no requirement asks for it
	WhyWithdrawn    = "withdrawn"
	WhyEnded        = "ended"
	WhyConsidered   = "considered" // an accommodation review; nothing more is said of one
)

// played is the part that an entry played.
type played struct{ role, why string }

// consulted lists every entry of the registration that an assessment looked at
// and the part it played. An entry that a requirement rests on is used;
// whatever else is there is superseded or ignored, with the reason.
func (v *view) consulted(a Assessment) []Consulted {
	roles := make(map[uint64]played, len(v.s.Marks)+2*len(v.s.Evidence)+len(v.s.Judgements)+16)
	note := func(o Origin, role, why string) {
		if _, there := roles[o.Sequence]; !there && o.Sequence != 0 && o.Sequence <= v.cut {
			roles[o.Sequence] = played{role, why}
		}
	}
	for _, r := range a.Results {
		for _, s := range r.Evidence {
			roles[s] = played{role: RoleUsed}
		}
	}
	if v.s.Exists() {
		note(v.s.Submitted, RoleUsed, "")
	}
	if v.s.StateSince != nil {
		note(*v.s.StateSince, RoleUsed, "")
	}
	for _, x := range v.s.Accommodations {
		note(x.Made, RoleUsed, WhyConsidered)
		if x.Answered != nil {
			note(*x.Answered, RoleUsed, WhyConsidered)
		}
	}
	for _, x := range v.s.Attesters {
		note(x.Made, RoleUsed, "") // who may sign, and whether a relation is flagged
	}
	v.noteMarks(a.Classes, note)
	v.noteEvidence(a, roles, note)
	for _, j := range v.s.Judgements {
		note(j.Made, RoleSuperseded, WhyLaterAnswer)
	}
	for _, t := range v.s.Tasks {
		why := WhyNotAsked
		if t.Cancelled != nil {
			why = WhyWithdrawn
		}
		t.eachOrigin(func(o Origin) { note(o, RoleIgnored, why) })
	}
	for _, x := range v.s.Submissions {
		note(x.Made, RoleIgnored, WhyNotAsked)
		for _, y := range x.Answers {
			note(y.Made, RoleSuperseded, WhyLaterAnswer)
		}
		if x.Withdrawn != nil {
			note(*x.Withdrawn, RoleUsed, "")
		}
	}
	for _, w := range v.s.Waivers {
		role, why := RoleUsed, ""
		if !v.waiverInForce(w) {
			role, why = RoleIgnored, WhyEnded
		}
		note(w.Made, role, why)
		if w.Ended != nil {
			note(*w.Ended, RoleUsed, "")
		}
	}
	out := make([]Consulted, 0, len(roles))
	for sequence, x := range roles { // order-free: sorted below
		out = append(out, Consulted{Sequence: sequence, Role: x.role, Why: x.why})
	}
	slices.SortFunc(out, func(a, b Consulted) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return out
}

func (v *view) noteMarks(classes []ClassResult, note func(Origin, string, string)) {
	for _, m := range v.s.Marks {
		i := slices.IndexFunc(classes, func(c ClassResult) bool { return c.Session == m.Session })
		switch {
		case i < 0 || classes[i].Result == ClassCancelled:
			note(m.Made, RoleIgnored, WhyCancelled)
		case classes[i].Made == m.Made.Sequence && classes[i].Result != ClassContradicted:
			note(m.Made, RoleUsed, "")
		case classes[i].Result == ClassContradicted:
			note(m.Made, RoleIgnored, WhyContradicted)
		default:
			note(m.Made, RoleSuperseded, WhyOutranked)
		}
	}
	for _, x := range v.s.Absences {
		note(x.Made, RoleIgnored, WhyExplainsOnly)
	}
	for _, x := range v.s.Equivalents {
		note(x.Made, RoleIgnored, WhyOutranked)
	}
}

// EachUncounted calls f for what a result, or a part of it, left out.
func (r *Result) EachUncounted(f func(NotCounted)) {
	for _, n := range r.NotCounted {
		f(n)
	}
	for i := range r.Children {
		r.Children[i].EachUncounted(f)
	}
}

func (v *view) noteEvidence(a Assessment, roles map[uint64]played, note func(Origin, string, string)) {
	why := map[uint64]string{}
	for _, t := range a.Measures {
		for _, n := range t.NotCounted {
			why[n.Sequence] = n.Reason
		}
	}
	for i := range a.Results {
		a.Results[i].EachUncounted(func(n NotCounted) {
			if why[n.Sequence] == "" {
				why[n.Sequence] = n.Reason
			}
		})
	}
	known := v.p.Kinds()
	for i := range v.s.Evidence {
		x := &v.s.Evidence[i]
		if roles[x.Made.Sequence].role == RoleUsed {
			x.eachOrigin(func(o Origin) { note(o, RoleUsed, "") })
			continue
		}
		reason := why[x.Made.Sequence]
		switch {
		case x.Voided != nil && v.holds(*x.Voided):
			reason = UncountedVoided
		case reason != "":
		case slices.Contains(v.p.ShownOnly, x.Kind):
			reason = UncountedShownOnly
		case !slices.Contains(known, x.Kind):
			reason = UncountedUnknownKind
		default:
			reason = WhyNotAsked
		}
		x.eachOrigin(func(o Origin) { note(o, RoleIgnored, reason) })
	}
}
