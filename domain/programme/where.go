package programme

import (
	"fmt"
	"slices"
)

var whereKeys = []string{
	"category", "outcome", "title", "mode", "provider", "signed-by", "filed-by", "attested-by", "module", "item", "answered",
	"documented", "unrelated", "track", "period", "unused",
}

func (r *reader) where(n *node, path string) Where {
	t, ok := r.open(n, path, "where", whereKeys...)
	if !ok {
		return Where{}
	}
	return r.whereOf(t)
}

// whereOf reads the selecting keys of a table that may have others.
func (r *reader) whereOf(t table) Where {
	w := Where{
		Category: r.choices(t, "category"), Outcome: r.choices(t, "outcome"), Title: r.choices(t, "title"),
		Mode: r.choices(t, "mode"), Item: r.choices(t, "item"), Filed: t.role("filed-by"), Answered: t.slug("answered"),
		Documented: r.onlyTrue(t, "documented"), Unrelated: r.onlyTrue(t, "unrelated"),
		Unused: t.oneOf("unused", UnusedHere, UnusedAnywhere),
	}
	w.SignedBy, w.AlsoSigned = r.allSigned(t)
	r.attested(t, &w)
	r.provided(t, &w)
	if n := t.get("module"); n != nil {
		w.Module = r.moduleChoice(n, t.at("module"))
	}
	if n := t.get("track"); n != nil {
		w.Track = r.reference(n, t.at("track"), "track", append([]string{ThisOne}, r.p.Tracks...))
	}
	w.Period = t.slug("period")
	return w
}

// onlyTrue is a condition that is there or not: written as true.
func (r *reader) onlyTrue(t table, key string) bool {
	n := t.get(key)
	if n == nil {
		return false
	}
	if !t.truth(key, true) {
		r.fail(n, t.at(key), "delete it", "%s: false selects nothing", key)
	}
	return true
}

// allSigned reads the roles that must have signed: one, or a list of which all.
func (r *reader) allSigned(t table) (one string, also []string) {
	n := t.get("signed-by")
	if n == nil {
		return "", nil
	}
	all := r.roles(n, t.at("signed-by"))
	if len(all) == 0 {
		return "", nil
	}
	return all[0], all[1:len(all):len(all)]
}

// attested reads who attests: a role, or a role with what its holder must hold.
func (r *reader) attested(t table, w *Where) {
	n := t.get("attested-by")
	if n == nil {
		return
	}
	if n.kind != tableNode {
		w.Attester = r.role(n, t.at("attested-by"))
		return
	}
	by, ok := r.open(n, t.at("attested-by"), "attested-by", "role", "qualified")
	if !ok || by.need("role", "attested-by") == nil || by.need("qualified", "attested-by") == nil {
		return
	}
	w.Attester = by.role("role")
	r.named(by.get("qualified"), by.at("qualified"), func(key, value *node, path string) {
		if !r.isWord(value, path) {
			return
		}
		held := Held{Code: key.text}
		if value.text != "any time" {
			held.For = r.length(value, path)
		}
		w.Qualified = append(w.Qualified, held)
	})
	if q := by.get("qualified"); len(w.Qualified) == 0 && q.kind == tableNode && len(q.pairs) == 0 {
		r.fail(q, by.at("qualified"), "write what must be held, and since when: {supervising-peers: 2 years, board-approved: any time}", "qualified names nothing")
	}
}

// provided reads the provider: words, or an approval that it must hold.
func (r *reader) provided(t table, w *Where) {
	n := t.get("provider")
	if n == nil || n.kind != tableNode {
		w.Provider = r.choices(t, "provider")
		return
	}
	by, ok := r.open(n, t.at("provider"), "provider", "approved")
	if !ok {
		return
	}
	if by.need("approved", "provider") != nil {
		w.Approved = by.slug("approved")
	}
}

// choices reads words that a fact's attribute may be: a word, a list, or the
// name of a parameter that holds a list of words. Other parameters may have the
// names of categories.
func (r *reader) choices(t table, key string) []string {
	n := t.get(key)
	if n == nil {
		return nil
	}
	if n.kind == wordNode {
		prm, ok := r.p.Parameter(n.text)
		switch {
		case ok && prm.Is.shape() == shapeWords:
			return r.wordsParameter(n, t.at(key), prm)
		case ok: // a number of the same name means nothing here
			return []string{n.text}
		}
		if near := nearest(n.text, r.parametersOf(shapeWords)); near != "" {
			r.fail(n, t.at(key), didYouMean(near), "no parameter is called %q", n.text)
			return nil
		}
	}
	form, hint := slug, "use lower-case letters, digits and hyphens; so does whoever records it"
	if key == "category" {
		form, hint = category, "use lower-case letters, digits and hyphens; / between a category and its part"
	}
	var out []string
	r.each(n, t.at(key), func(item *node, path string) {
		switch {
		case !r.isWord(item, path):
		case !form.MatchString(item.text):
			r.fail(item, path, hint, "%q is not a name", item.text)
		default:
			out = append(out, item.text)
		}
	})
	return out
}

func (r *reader) wordsParameter(n *node, path string, prm Parameter) []string {
	v, ok := r.parameter(n, path, shapeWords)
	if ok && len(v.Words) == 0 {
		r.fail(n, path, "", "the parameter %s lists no words, so nothing could be selected", prm.Key)
	}
	return slices.Clone(v.Words)
}

// moduleChoice is a list of modules, which may be empty where it is a parameter.
func (r *reader) moduleChoice(n *node, path string) []string {
	if n.kind == wordNode && n.text == "any" && len(r.moduleKeys()) > 0 {
		return r.moduleKeys()
	}
	if n.kind == wordNode {
		if _, ok := r.p.Parameter(n.text); ok {
			v, _ := r.parameter(n, path, shapeWords)
			if v.Noun != "modules" && v.Words != nil {
				r.fail(n, path, "write of: modules beside its words", "the parameter %s does not list modules", n.text)
			}
			return append([]string{}, v.Words...)
		}
	}
	return r.references(n, path, "module or parameter", append(r.moduleKeys(), r.parametersOf(shapeWords)...))
}

// partWhere reads what is in a part. A fact is in the first part that it fits,
// so a later part with the same conditions would stay empty.
func (r *reader) partWhere(n *node, path string, before []Part) *Where {
	errs := len(r.errs)
	w := r.where(n, path)
	if len(r.errs) > errs {
		return &w
	}
	rest := w.same(Where{})
	if rest && len(before) == 0 {
		r.fail(n, path, "say what belongs in the part; only the last of several may take the rest", "where selects everything")
	}
	for _, p := range before {
		if p.Where != nil && p.Where.same(Where{}) && !rest {
			r.fail(n, path, "write the part that takes the rest last", "whatever fits here is in the part %s already, so nothing can be in this one", p.Key)
			continue
		}
		if p.Where != nil && p.Where.same(w) {
			r.fail(n, path, "", "whatever fits here is in the part %s already, so nothing can be in this one", p.Key)
		}
	}
	return &w
}

// same reports whether two selections have the same conditions.
func (w Where) same(o Where) bool { return fmt.Sprintf("%#v", w) == fmt.Sprintf("%#v", o) }

// EachWhere calls f for every selection of facts in a test, but its children's,
// with the kind of evidence that it selects from. Of a measure by name these
// are the measure's.
func (p *Programme) EachWhere(t Test, f func(kind string, w *Where)) {
	measured := func(key string, inline *Measure) {
		m := inline
		if i := slices.IndexFunc(p.Measures, func(m Measure) bool { return m.Key == key }); i >= 0 {
			m = &p.Measures[i]
		}
		if m != nil {
			m.EachWhere(func(w *Where) { f(m.Sum, w) })
		}
	}
	switch t := t.(type) {
	case Sum:
		measured(t.Measure, t.Inline)
	case Reaches:
		measured(t.Measure, t.Inline)
	case Has:
		f(t.Kind, &t.Where)
	case AtEach:
		measured(t.Measure, nil)
		if t.Has != nil {
			f(t.Has.Kind, &t.Has.Where)
		}
	}
}

// thisAtHand: facts of this track or period are selected only where the award
// is asked in one.
func (r *reader) thisAtHand() {
	for _, top := range r.p.Requirements {
		a, _ := r.p.Award(top.For)
		each([]Requirement{top}, func(q Requirement) bool {
			r.p.EachWhere(q.Test, func(_ string, w *Where) {
				at, path := r.requireAt[q.Path], "requirements/"+q.Path
				if w.Track == ThisOne && a.Each != EachTrack {
					r.fail(at, path, "write each: track in the award "+a.Key, "it selects facts of this track, and %s is not asked for a track", a.Key)
				}
				if w.Period == ThisOne && !a.Periodic() {
					r.fail(at, path, "write each: with a period in the award "+a.Key, "it selects facts of this period, and %s is not asked in periods", a.Key)
				}
			})
			return true
		})
	}
}
