package programme

import (
	"slices"
	"strconv"
	"strings"
)

// The lookups below find what has a key in a programme. They copy what they
// find; the lists inside are shared and must not be changed.

func find[T any](things []T, key string, of func(T) string) (T, bool) {
	if i := slices.IndexFunc(things, func(t T) bool { return of(t) == key }); i >= 0 {
		return things[i], true
	}
	var none T
	return none, false
}

// Award finds an award; an empty key is the first one.
func (p *Programme) Award(key string) (Award, bool) {
	if key == "" && len(p.Awards) > 0 {
		return p.Awards[0], true
	}
	return find(p.Awards, key, func(a Award) string { return a.Key })
}

// Parameter finds a parameter.
func (p *Programme) Parameter(key string) (Parameter, bool) {
	return find(p.Parameters, key, func(x Parameter) string { return x.Key })
}

// Assumption finds an assumption by its id.
func (p *Programme) Assumption(id string) (Assumption, bool) {
	return find(p.Assumptions, id, func(a Assumption) string { return a.ID })
}

// Question finds a question.
func (p *Programme) Question(key string) (Question, bool) {
	return find(p.Questions, key, func(q Question) string { return q.Key })
}

// Submission finds a submission.
func (p *Programme) Submission(key string) (Submission, bool) {
	return find(p.Submissions, key, func(s Submission) string { return s.Key })
}

// Task finds a kind of task.
func (p *Programme) Task(key string) (TaskKind, bool) {
	return find(p.Tasks, key, func(t TaskKind) string { return t.Key })
}

// Measure finds a measure.
func (p *Programme) Measure(key string) (Measure, bool) {
	return find(p.Measures, key, func(m Measure) string { return m.Key })
}

// Word finds a word of the programme for a generic act.
func (p *Programme) Word(name string) (Word, bool) {
	return find(p.Words, name, func(w Word) string { return w.Name })
}

// Field finds a field of the registration form.
func (p *Programme) Field(key string) (Field, bool) {
	return find(p.Registration.Fields, key, func(f Field) string { return f.Key })
}

// Acceptance finds a text that a registrant accepts.
func (p *Programme) Acceptance(key string) (Acceptance, bool) {
	return find(p.Registration.Accepts, key, func(a Acceptance) string { return a.Key })
}

// Modules are the modules of the classes, or of the curriculum where there are
// none.
func (p *Programme) Modules() []Module {
	if p.Classes == nil {
		return p.Curriculum
	}
	return p.Classes.Modules
}

// Module finds a module.
func (p *Programme) Module(key string) (Module, bool) {
	return find(p.Modules(), key, func(m Module) string { return m.Key })
}

// ModuleOfTitle finds a module by its title, letter case apart.
func (p *Programme) ModuleOfTitle(title string) (Module, bool) {
	if p.Classes == nil {
		return Module{}, false
	}
	title = strings.TrimSpace(title)
	i := slices.IndexFunc(p.Classes.Modules, func(m Module) bool { return m.Title != "" && strings.EqualFold(m.Title, title) })
	if i < 0 {
		return Module{}, false
	}
	return p.Classes.Modules[i], true
}

// Requirement finds a requirement or a child by its path. A path that ends in
// a step of an at-each, as interval-reports/3, gives the requirement and the
// step, counted from 1; otherwise the step is 0.
func (p *Programme) Requirement(path string) (q Requirement, step int, ok bool) {
	first, rest, more := strings.Cut(path, "/")
	if q, ok = find(p.Requirements, first, func(q Requirement) string { return q.Key }); !ok {
		return Requirement{}, 0, false
	}
	for more {
		var name string
		name, rest, more = strings.Cut(rest, "/")
		switch test := q.Test.(type) {
		case Combined:
			if q, ok = find(test.Children, name, func(q Requirement) string { return q.Key }); !ok {
				return Requirement{}, 0, false
			}
		case AtEach:
			n, err := strconv.Atoi(name)
			if err != nil || more || n < 1 || n > len(test.Steps) || strconv.Itoa(n) != name {
				return Requirement{}, 0, false
			}
			return q, n, true
		default:
			return Requirement{}, 0, false
		}
	}
	return q, 0, true
}

// EachRequirement calls f for every requirement and then its children, in the
// order of the file, until f returns false.
func (p *Programme) EachRequirement(f func(q Requirement) bool) { each(p.Requirements, f) }

func each(qs []Requirement, f func(q Requirement) bool) bool {
	for _, q := range qs {
		if !f(q) {
			return false
		}
		if c, ok := q.Test.(Combined); ok && !each(c.Children, f) {
			return false
		}
	}
	return true
}

// RequirementsFor are the requirements that cap an award, in file order.
func (p *Programme) RequirementsFor(award string) []Requirement {
	var out []Requirement
	for _, q := range p.Requirements {
		if q.For == award {
			out = append(out, q)
		}
	}
	return out
}

// Kinds are the kinds of evidence that the programme knows, sorted: those that
// a rule computes and those that are shown only.
func (p *Programme) Kinds() []string {
	kinds := slices.Clone(p.ShownOnly)
	for _, m := range p.Measures {
		kinds = append(kinds, m.Sum)
	}
	for _, k := range p.Periods {
		if k.FirstBy != nil {
			kinds = append(kinds, k.FirstBy.Kind)
		}
	}
	p.EachRequirement(func(q Requirement) bool {
		if q.When != nil && q.When.Has != nil {
			kinds = append(kinds, q.When.Has.Kind)
		}
		switch t := q.Test.(type) {
		case Has:
			kinds = append(kinds, t.Kind)
		case Sum:
			if t.Inline != nil {
				kinds = append(kinds, t.Inline.Sum)
			}
		case Reaches:
			if t.Inline != nil {
				kinds = append(kinds, t.Inline.Sum)
			}
		case AtEach:
			if t.Has != nil {
				kinds = append(kinds, t.Has.Kind)
			}
		}
		return true
	})
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// Rank is the position of a level, 0 being the lowest.
func (a Award) Rank(level string) (int, bool) {
	i := slices.Index(a.Levels, level)
	return i, i >= 0
}

// Lowest is the lowest level.
func (a Award) Lowest() string { return a.Levels[0] }

// Highest is the highest level.
func (a Award) Highest() string { return a.Levels[len(a.Levels)-1] }

// Grantable tells whether a decision may grant the level.
func (a Award) Grantable(level string) bool {
	return slices.Contains(a.Levels, level) && !slices.Contains(a.NeverGranted, level)
}

// Denial finds the ground on which a level may be denied.
func (a Award) Denial(key, level string) (Denial, bool) {
	d, ok := find(a.Denials, key, func(d Denial) string { return d.Key })
	if !ok || len(d.Levels) > 0 && !slices.Contains(d.Levels, level) {
		return Denial{}, false
	}
	return d, true
}

// Rank is the position of an answer, 0 being the lowest.
func (q Question) Rank(answer string) (int, bool) {
	i := slices.Index(q.Answers, answer)
	return i, i >= 0
}

// Favourable is the answer a submission hopes for.
func (s Submission) Favourable() string { return s.Answers[len(s.Answers)-1] }

// Sums reports whether the requirement, or a part of it, totals a measure.
func (q *Requirement) Sums(measure string) bool { return usesMeasure(*q, measure) }
