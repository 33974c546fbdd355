package programme

import (
	"slices"
	"strings"
)

// awardsAsking are the awards in whose asking something is looked at: of a
// requirement its own, of a measure those of every requirement that sums it.
func (r *reader) awardsAsking(owner string) []Award {
	kind, name, _ := strings.Cut(owner, " ")
	var keys []string
	switch kind {
	case "measure":
		for _, q := range r.p.Requirements {
			if usesMeasure(q, name) {
				keys = append(keys, q.For)
			}
		}
	case "submission":
		s, _ := r.p.Submission(name)
		keys = []string{s.For}
	case "after":
		keys = []string{name}
	case "period":
	default:
		top, _, _ := strings.Cut(owner, "/")
		q, _, _ := r.p.Requirement(top)
		keys = []string{q.For}
	}
	var out []Award
	for _, k := range keys {
		if a, ok := r.p.Award(k); k != "" && ok && !slices.ContainsFunc(out, func(x Award) bool { return x.Key == k }) {
			out = append(out, a)
		}
	}
	return out
}

func usesMeasure(q Requirement, measure string) bool {
	switch t := q.Test.(type) {
	case Sum:
		return t.Measure == measure
	case Reaches:
		return t.Measure == measure
	case AtEach:
		return t.Measure == measure
	case Combined:
		return slices.ContainsFunc(t.Children, func(c Requirement) bool { return usesMeasure(c, measure) })
	}
	return false
}

func (r *reader) inPeriods(q Requirement) bool {
	a, ok := r.p.Award(q.For)
	return q.For != "" && ok && a.Each != ""
}

// periodsAtHand: the start and end of a period mean something only where an
// award is asked in periods.
func (r *reader) periodsAtHand() {
	for _, ref := range r.periodRefs {
		asking := r.awardsAsking(ref.owner)
		if len(asking) > 0 && !slices.ContainsFunc(asking, func(a Award) bool { return !a.Periodic() }) {
			continue
		}
		r.fail(ref.at, ref.path, "give the award each: and a period, or name another moment", "there is no period at hand here")
	}
	for _, p := range r.p.Periods {
		if _, ok := r.p.Owed(p.Key); !ok {
			r.fail(r.keyIn("periods", p.Key), "periods/"+p.Key, "write each: "+p.Key+" in an award", "no award is asked in the period %s", p.Key)
		}
	}
}

// statusesReached: every status is reached by some phase, and what is asked in
// a status or looks at its first day is not what brings it about.
func (r *reader) statusesReached() {
	var reached []string
	for _, x := range r.p.After {
		for _, ph := range x.Phases {
			reached = append(reached, ph.Status)
		}
	}
	for _, s := range r.p.Statuses {
		if !slices.Contains(reached, s.Key) && s.Key != "active" && s.Key != "suspended" {
			r.fail(r.keyIn("statuses", s.Key), "statuses/"+s.Key, "name it in a phase under after", "nobody can come to the status %s", s.Key)
		}
	}
	known := append(r.statusKeys(), decidedStatuses...)
	known = append(known, "active", "suspended")
	awards := table{r, table{r, r.root, ""}.get("awards"), "awards"}
	for _, a := range r.p.Awards {
		at := table{r, awards.get(a.Key), "awards/" + a.Key}
		for _, w := range a.When {
			if !slices.Contains(known, w) {
				r.fail(at.get("asked-in"), at.at("asked-in"), orKnown(w, known), "no status is called %q", w)
			}
		}
		if _, owed := r.p.Aftermath(a.Key); owed && len(a.When) > 0 {
			r.fail(at.get("asked-in"), at.at("asked-in"), "", "what is owed in each period cannot wait for a status")
		}
	}
	for _, ref := range r.statusRefs {
		if strings.HasPrefix(ref.owner, "after ") {
			continue // a phase may hang on the first day of one before it
		}
		for _, a := range r.awardsAsking(ref.owner) {
			if _, owed := r.p.Aftermath(a.Key); owed {
				r.fail(ref.at, ref.path, "name another moment", "the status depends on whether %s is settled, and that would depend on the status", a.Key)
			}
		}
	}
}
