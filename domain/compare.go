package domain

import "slices"

// Changes are what differs between two assessments of one registration: at two
// times, of two states of knowledge, or by two programmes.
type Changes struct {
	Status  *StatusChange  `json:"status,omitempty"`
	Awards  []AwardChange  `json:"awards,omitempty"`  // in the order before, then those that are new
	Results []ResultChange `json:"results,omitempty"` // in the order before, then those that are new
}

// StatusChange is a registration's status before and after.
type StatusChange struct {
	Before string `json:"before"`
	After  string `json:"after"`
}

// AwardChange is an award whose level differs. A side that does not know the
// award has nil.
type AwardChange struct {
	Award  string      `json:"award"`
	Before *AwardState `json:"before"`
	After  *AwardState `json:"after"`
}

// AwardState is what somebody earns and holds of an award.
type AwardState struct {
	Earned      string   `json:"earned"`
	Granted     string   `json:"granted,omitempty"`
	Provisional []string `json:"provisional,omitempty"`
	Binding     []string `json:"binding,omitempty"` // requirements that cap at the earned level
}

// ResultChange is a requirement whose verdict, cap or distance differs. A side
// that does not know the requirement has nil.
type ResultChange struct {
	Path   string       `json:"path"`
	Says   string       `json:"says,omitempty"`
	Before *ResultState `json:"before"`
	After  *ResultState `json:"after"`
}

// ResultState is what a requirement came to.
type ResultState struct {
	Verdict  Verdict  `json:"verdict"`
	Cap      string   `json:"cap,omitempty"`
	Left     *Amount  `json:"left,omitempty"`
	Right    *Amount  `json:"right,omitempty"`
	Lacks    *Lack    `json:"lacks,omitempty"`
	Evidence []uint64 `json:"evidence,omitempty"`
}

// None reports whether nothing differs.
func (c Changes) None() bool { return c.Status == nil && len(c.Awards) == 0 && len(c.Results) == 0 }

// Levels reports whether some award's earned or granted level differs.
func (c Changes) Levels() bool {
	return slices.ContainsFunc(c.Awards, func(a AwardChange) bool {
		return a.Before == nil || a.After == nil || a.Before.Earned != a.After.Earned || a.Before.Granted != a.After.Granted
	})
}

// CompareAssessments lists what differs.
func CompareAssessments(before, after Assessment) Changes {
	var out Changes
	if before.Status != after.Status {
		out.Status = &StatusChange{before.Status, after.Status}
	}
	out.Awards = changes(awardStates(before.Awards), awardStates(after.Awards), func(key string, was, is *AwardState) AwardChange {
		return AwardChange{key, was, is}
	})
	x, y := resultStates(before.Results), resultStates(after.Results)
	out.Results = changes(x, y, func(path string, was, is *ResultState) ResultChange {
		says, ok := x.says[path]
		if !ok {
			says = y.says[path]
		}
		return ResultChange{path, says, was, is}
	})
	return out
}

// states are by name, and in order.
type states[T any] struct {
	names []string
	by    map[string]T
	says  map[string]string
}

func awardStates(list []AwardResult) states[AwardState] {
	out := states[AwardState]{by: map[string]AwardState{}}
	for _, r := range list {
		name := r.Asking().String()
		out.names = append(out.names, name)
		out.by[name] = AwardState{Earned: r.Earned, Granted: r.Granted, Provisional: r.Provisional, Binding: r.Binding}
	}
	return out
}

// resultStates are those of requirements and of their named children.
func resultStates(list []Result) states[ResultState] {
	out := states[ResultState]{by: map[string]ResultState{}, says: map[string]string{}}
	var add func([]Result, string)
	add = func(list []Result, where string) {
		for _, r := range list {
			if in := r.Track + r.Period; in != "" {
				where = "@" + in
			}
			path := r.Path + where
			if _, twice := out.by[path]; !twice {
				out.names = append(out.names, path)
				out.by[path] = ResultState{Verdict: r.Verdict, Cap: r.Cap, Left: r.Left, Right: r.Right, Lacks: r.Lacks, Evidence: r.Evidence}
				out.says[path] = r.Says
			}
			add(r.Children, where)
		}
	}
	add(list, "")
	return out
}

func changes[T, C any](before, after states[T], change func(name string, was, is *T) C) []C {
	var out []C
	for _, name := range before.names {
		was := before.by[name]
		is, ok := after.by[name]
		switch {
		case !ok:
			out = append(out, change(name, &was, nil))
		case !sameJSON(was, is):
			out = append(out, change(name, &was, &is))
		}
	}
	for _, name := range after.names {
		if _, ok := before.by[name]; !ok {
			is := after.by[name]
			out = append(out, change(name, nil, &is))
		}
	}
	return out
}
