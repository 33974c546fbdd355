package programme

import (
	"slices"
)

var whereKeys = []string{"category", "outcome", "title", "mode", "provider", "signed-by", "filed-by", "attested-by", "module", "answered"}

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
		Mode: r.choices(t, "mode"), Provider: r.choices(t, "provider"),
		SignedBy: t.role("signed-by"), Filed: t.role("filed-by"), Attester: t.role("attested-by"),
		Answered: t.slug("answered"),
	}
	if n := t.get("module"); n != nil {
		w.Module = r.moduleChoice(n, t.at("module"))
	}
	return w
}

// choices reads words that a fact's attribute may be: a word, a list, or the
// name of a parameter that holds a list of words.
func (r *reader) choices(t table, key string) []string {
	n := t.get(key)
	if n == nil {
		return nil
	}
	if n.kind == wordNode {
		if prm, ok := r.p.Parameter(n.text); ok {
			return r.wordsParameter(n, t.at(key), prm)
		}
		if near := nearest(n.text, r.parametersOf(shapeWords)); near != "" {
			r.fail(n, t.at(key), didYouMean(near), "no parameter is called %q", n.text)
			return nil
		}
	}
	var out []string
	r.each(n, t.at(key), func(item *node, path string) {
		switch {
		case !r.isWord(item, path):
		case key == "title": // a title code is the provider's, not ours
			out = append(out, r.text(item, path))
		case !category.MatchString(item.text):
			r.fail(item, path, "use lower-case letters, digits and hyphens; / between a category and its part", "%q is not a name", item.text)
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
