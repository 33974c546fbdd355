package programme

import (
	"slices"
	"strings"
)

// life reads how often an award is asked and what becomes of it after a
// decision.
func (r *reader) life(t table, a *Award) {
	if n := t.get("each"); n != nil {
		a.Each = r.reference(n, t.at("each"), "period", append(r.periodKeys(), EachTrack))
	}
	r.named(t.get("needs"), t.at("needs"), func(key, value *node, path string) {
		if r.isWord(value, path) {
			a.Needs = append(a.Needs, NeedsAward{key.text, value.text})
		}
	})
	a.Renews, a.Settles = t.slug("renews"), t.slug("settles")
	a.When = r.slugs(t.get("asked-in"), t.at("asked-in"))
	a.ByFacts = t.oneOf("settled-by", "decision", "facts") == "facts"
	r.levelTable(t, "valid", a, func(level string, value *node, path string) {
		if a.Valid == nil {
			a.Valid = map[string]Length{}
		}
		a.Valid[level] = r.length(value, path)
	})
	r.levelTable(t, "extensions", a, func(level string, value *node, path string) {
		x, ok := r.open(value, path, "extensions", "at-most", "each")
		if !ok {
			return
		}
		most, each := x.need("at-most", "extensions"), x.need("each", "extensions")
		if most == nil || each == nil {
			return
		}
		out := Extending{Each: r.length(each, x.at("each"))}
		out.AtMost, _ = r.count(most, x.at("at-most"), 1, LevelsMax)
		if a.Extensions == nil {
			a.Extensions = map[string]Extending{}
		}
		if a.Extensions[level] = out; a.Valid[level].Zero() {
			r.fail(value, path, "give the level a length under valid", "the level %s holds without end, so nothing can be extended", level)
		}
	})
}

// awardsKnown checks what awards say of one another, once all are read.
func (r *reader) awardsKnown(n *node) {
	if n == nil || n.kind != tableNode {
		return
	}
	for _, a := range r.p.Awards {
		t := table{r, table{r, n, "awards"}.get(a.Key), "awards/" + a.Key}
		r.needsKnown(t, a)
		for _, x := range []struct{ key, award string }{{"renews", a.Renews}, {"settles", a.Settles}} {
			if x.award == "" {
				continue
			}
			if r.reference(t.get(x.key), t.at(x.key), "award", r.awardKeys()) == "" {
				continue
			}
			other, _ := r.p.Award(x.award)
			switch {
			case other.Key == a.Key:
				r.fail(t.get(x.key), t.at(x.key), "", "an award cannot name itself under %s", x.key)
			case x.key == "settles" && !other.Periodic():
				r.fail(t.get(x.key), t.at(x.key), "name an award with each: and a period", "the award %s has no periods to settle", other.Key)
			case x.key == "renews" && !a.Periodic():
				r.fail(t.get(x.key), t.at(x.key), "give it each: and a period", "the award %s has no periods in which it could be renewed", a.Key)
			}
		}
		if a.ByFacts && !a.Periodic() && !r.needed(a.Key) {
			r.fail(t.get("settled-by"), t.at("settled-by"), "",
				"only an award of periods, or one that another needs, is settled by facts; other levels are granted by a person")
		}
	}
}

// needed tells whether another award needs one.
func (r *reader) needed(award string) bool {
	return slices.ContainsFunc(r.p.Awards, func(a Award) bool {
		return slices.ContainsFunc(a.Needs, func(n NeedsAward) bool { return n.Award == award })
	})
}

func (r *reader) needsKnown(t table, a Award) {
	for _, x := range a.Needs {
		path := t.at("needs") + "/" + x.Award
		at := table{r, t.get("needs"), t.at("needs")}
		other, ok := r.p.Award(x.Award)
		switch {
		case !ok:
			r.fail(at.key(x.Award), path, orKnown(x.Award, r.awardKeys()), "no award is called %q", x.Award)
		case other.Each != "" && other.Each != a.Each:
			r.fail(at.key(x.Award), path, "", "the award %s is asked several times, so it is not clear which is needed", x.Award)
		case r.reference(at.get(x.Award), path, "level of "+x.Award, other.Levels) == "":
		case other.Levels[0] == x.Level:
			r.fail(at.get(x.Award), path, "", "everybody has the lowest level of %s", x.Award)
		}
	}
	if circle := r.needsCircle(a.Key, nil); circle != nil {
		r.fail(t.get("needs"), t.at("needs"), "", "these awards need one another: %s", strings.Join(circle, " → "))
	}
}

// needsCircle is the way from an award back to itself, or nil.
func (r *reader) needsCircle(award string, way []string) []string {
	if slices.Contains(way, award) {
		if way[0] == award {
			return append(way, award)
		}
		return nil
	}
	a, _ := r.p.Award(award)
	for _, x := range a.Needs {
		if circle := r.needsCircle(x.Award, append(slices.Clone(way), award)); circle != nil {
			return circle
		}
	}
	return nil
}
