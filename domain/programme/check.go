package programme

import (
	"fmt"
	"slices"
	"strings"
)

// check looks at the programme as a whole, once every section has been read
// without mistake.
func (r *reader) check() {
	r.unitsOfMeasures()
	r.nothingUnused()
	for _, a := range r.p.Awards {
		r.levelsReachable(a)
	}
	r.contradictions()
	r.renamed()
	r.waiversMatter()
	r.numberedAnswers()
	r.applicationPins()
	r.leastsFit()
	r.thisAtHand()
	r.carriedOver()
	r.reachesPossible()
	r.rubricsAsked()
	r.tracksAtHand()
	r.namesOfMoments()
	r.periodsAtHand()
	r.statusesReached()
	if r.momentsExist() {
		r.momentsFormNoCircle()
	}
}

func (r *reader) unitsOfMeasures() {
	for i, m := range r.p.Measures {
		unit, ok := r.measureUnit[m.Key]
		if !ok {
			r.fail(r.measureAt[m.Key], "measures/"+m.Key, "write unit: hours, or credits, or what is summed", "nothing says in which unit %s is summed", m.Key)
			continue
		}
		r.p.Measures[i].Unit, r.p.Measures[i].Currency = unit.unit, unit.currency()
	}
}

// nothingUnused refuses what is declared and touches no result: most often it
// is a name misspelt elsewhere.
func (r *reader) nothingUnused() {
	for _, u := range r.unused() {
		r.fail(u.at, u.section+"/"+u.key, u.hint, "%s", u.message)
	}
	for _, kind := range r.p.ShownOnly {
		if at := r.kindAt[kind]; at != nil {
			r.fail(at, "", "delete it there, or do not compute it", "%s is listed under shown-only, yet computed here", kind)
		}
	}
}

// unused is something declared that touches no result.
type unused struct {
	section, key  string
	at            *node
	message, hint string
}

func (r *reader) unused() []unused {
	var out []unused
	for _, a := range r.p.Assumptions {
		if !r.assumed[a.ID] {
			out = append(out, unused{
				"assumptions", a.ID, r.assumedAt[a.ID],
				"nothing rests on the assumption " + a.ID, "name it under assumes: of what rests on it, or of the programme",
			})
		}
	}
	for _, prm := range r.p.Parameters {
		if len(r.paramUsed[prm.Key]) == 0 {
			out = append(out, unused{
				"parameters", prm.Key, r.paramAt[prm.Key],
				fmt.Sprintf("the parameter %s is not used", prm.Key), "name it where its value belongs, or delete it",
			})
		}
	}
	asked := func(section, what, key string) {
		if !r.usedKeys[what+" "+key] {
			out = append(out, unused{section, key, r.keyIn(section, key), fmt.Sprintf("no requirement asks for the %s %s", what, key), ""})
		}
	}
	for _, q := range r.p.Questions {
		if !q.ShownOnly {
			asked("questions", "question", q.Key)
		}
	}
	for _, s := range r.p.Submissions {
		asked("submissions", "submission", s.Key)
	}
	for _, t := range r.p.Tasks {
		asked("tasks", "task", t.Key)
	}
	for _, m := range r.p.Measures {
		asked("measures", "measure", m.Key)
	}
	return out
}

// keyIn is the node of a key in a top-level section.
func (r *reader) keyIn(section, key string) *node {
	t := table{r, r.root, ""}
	if n := t.get(section); n != nil {
		if k := (table{r, n, section}).key(key); k != nil {
			return k
		}
		return n
	}
	return r.root
}

// levelsReachable: the earned level is the lowest cap, so every level but the
// highest must be some requirement's cap, and the highest must be capped.
func (r *reader) levelsReachable(a Award) {
	at := r.keyIn("awards", a.Key)
	var caps []string
	for _, q := range r.p.Requirements {
		if q.For == a.Key {
			caps = append(caps, q.Otherwise, q.WhileOpen)
			if t, ok := q.Test.(Reaches); ok {
				caps = append(caps, keys(t.Steps, func(s Reach) string { return s.Level })...)
			}
		}
	}
	if len(caps) == 0 {
		r.fail(at, "awards/"+a.Key, "write requirements with for: "+a.Key, "no requirement caps %s, so everyone would earn %s", a.Key, a.Highest())
		return
	}
	for _, level := range a.Levels[:len(a.Levels)-1] {
		if !slices.Contains(caps, level) {
			r.fail(at, "awards/"+a.Key+"/levels", "name it as otherwise or while-open of a requirement, or delete it", "no history can earn the level %s of %s", level, a.Key)
		}
	}
}

func (r *reader) waiversMatter() {
	if r.p.Classes == nil || !r.p.Classes.Waivable {
		return
	}
	for _, q := range r.p.Requirements {
		if q.Waivable == "per-session" {
			return
		}
	}
	at := table{r, table{r, r.root, ""}.get("classes"), "classes"}.get("missed-unless")
	r.fail(at, "classes/missed-unless", "write may-be-waived: per session in one, or delete waived", "no requirement lets a missed session be waived")
}

// numberedAnswers: a question with numbered answers is asked at each step or of
// the last one.
func (r *reader) numberedAnswers() {
	r.p.EachRequirement(func(q Requirement) bool {
		asked, hint := "", "write at-each, or number: last"
		switch t := q.Test.(type) {
		case Judged:
			if !t.Last {
				asked = t.Question
			}
		case Rated:
			if !t.Last {
				asked, hint = t.Question, "write number: last"
			}
		}
		if question, _ := r.p.Question(asked); asked != "" && question.Numbered != "" {
			r.fail(r.requireAt[q.Path], "requirements/"+q.Path, hint, "the answers to %s are numbered, and the requirement does not say which it asks for", asked)
		}
		return true
	})
}

// applicationPins: what fixes the version must be something that can be filed.
func (r *reader) applicationPins() {
	if _, ok := r.p.Submission("application"); r.p.PinnedBy == "application" && !ok {
		r.fail(r.keyIn("pinned-by", ""), "pinned-by", "declare it under submissions", "the version is fixed by the submission application, and there is none")
	}
}

func (r *reader) momentsExist() bool {
	ok := true
	for _, ref := range r.metRefs {
		q, step, found := r.p.Requirement(ref.target)
		switch {
		case !found:
			var paths []string
			r.p.EachRequirement(func(q Requirement) bool { paths = append(paths, q.Path); return true })
			r.fail(ref.at, ref.path, orKnown(ref.target, paths), "no requirement is called %q", ref.target)
		case strings.HasPrefix(ref.owner, "period ") && r.inPeriods(q):
			r.fail(ref.at, ref.path, "name a requirement of an award that is asked once", "%s is itself asked in each period", ref.target)
		case step > 0:
			r.fail(ref.at, ref.path, "name the requirement", "the day of a single step is not supported in this version of certledger")
		case dayless(q):
			r.fail(ref.at, ref.path, "only what can be reached has a day: a lower bound, a judgement, a submission, a task", "there is no day on which %s is met", ref.target)
		default:
			continue
		}
		ok = false
	}
	return ok
}

// dayless tells whether no single fact makes a requirement met: upper bounds
// and states are met by what does not happen.
func dayless(q Requirement) bool {
	switch t := q.Test.(type) {
	case Missed, RegistrationIs:
		return true
	case Sum:
		return t.AtMost != nil
	case Combined:
		return t.Op == "none-of" || slices.ContainsFunc(t.Children, dayless)
	}
	return false
}

// momentsFormNoCircle follows what the day of each requirement depends on.
func (r *reader) momentsFormNoCircle() {
	needs := map[string][]string{}
	r.p.EachRequirement(func(q Requirement) bool {
		switch t := q.Test.(type) {
		case Sum:
			if t.Measure != "" {
				needs[q.Path] = append(needs[q.Path], "measure "+t.Measure)
			}
		case Reaches:
			if t.Measure != "" {
				needs[q.Path] = append(needs[q.Path], "measure "+t.Measure)
			}
		case AtEach:
			needs[q.Path] = append(needs[q.Path], "measure "+t.Measure)
		case Combined:
			for _, c := range t.Children {
				needs[q.Path] = append(needs[q.Path], c.Path)
			}
		}
		return true
	})
	for _, ref := range r.metRefs {
		needs[ref.owner] = append(needs[ref.owner], ref.target)
	}
	for _, ref := range r.periodRefs {
		for _, a := range r.awardsAsking(ref.owner) {
			needs[ref.owner] = append(needs[ref.owner], "period "+a.Each)
		}
	}
	state := map[string]int{} // 1 on the way, 2 done
	var way []string
	var visit func(name string) bool
	visit = func(name string) bool {
		switch state[name] {
		case 1:
			circle := append(slices.Clone(way[slices.Index(way, name):]), name)
			r.circle(circle)
			return false
		case 2:
			return true
		}
		state[name], way = 1, append(way, name)
		for _, next := range needs[name] {
			if !visit(next) {
				return false
			}
		}
		state[name], way = 2, way[:len(way)-1]
		return true
	}
	for _, ref := range r.metRefs {
		if !visit(ref.owner) {
			return
		}
	}
}

// circle reports the first moment that closes a circle.
func (r *reader) circle(names []string) {
	for _, ref := range r.metRefs {
		for i := range names[:len(names)-1] {
			if ref.owner == names[i] && ref.target == names[i+1] {
				r.fail(ref.at, ref.path, "", "this day depends on itself: %s", strings.Join(names, " → "))
				return
			}
		}
	}
}
