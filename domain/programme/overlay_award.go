package programme

import (
	"cmp"
	"slices"
	"strings"
)

// A ref is a place of the source that names a parameter, noted where it is read.
type ref struct {
	line, col int
	name      string
}

// keepBase keeps the base's first award, with everything that caps it, as an
// award of another name: whoever fails the overlay may still meet the base.
// What the overlay changes of it is kept under a name of its own.
func (m *merger) keepBase(n *node) {
	const path = "base-award"
	if n.kind != wordNode || !slug.MatchString(n.text) {
		m.fail(n, path, "use lower-case letters, digits and hyphens", "base-award must be a name")
		return
	}
	k := &keeper{merger: m, name: n.text, at: n, first: m.below.p.Awards[0].Key, params: map[string]bool{}, measures: map[string]bool{}}
	for _, c := range m.changes {
		switch section, key := cutPath(c.Path); {
		case section == "parameters" && c.Does != DoesAdd:
			if p, ok := m.below.p.Parameter(key); ok && !p.Required {
				k.params[key] = true
			}
		case section == "measures" && c.Does != DoesAdd:
			k.measures[key] = true
		}
	}
	k.keep()
}

type keeper struct {
	*merger
	name     string
	at       *node
	first    string          // the award kept
	params   map[string]bool // parameters of which the base's value is kept
	measures map[string]bool // measures of which the base's own is kept
}

func (k *keeper) keep() {
	root := k.below.root
	k.affectedMeasures(root.child("measures"))
	for _, key := range sorted(k.params) {
		if pr, ok := root.child("parameters").entry(key); ok {
			k.put("parameters", key, k.named(pr))
		}
	}
	for _, key := range sorted(k.measures) {
		if pr, ok := root.child("measures").entry(key); ok && k.asked(key) {
			k.put("measures", key, k.named(pr))
		}
	}
	if pr, ok := root.child("awards").entry(k.first); ok {
		k.put("awards", "", k.named(pr))
		k.changes = append(k.changes, Change{Path: "awards/" + k.name, Does: DoesKeep})
	}
	for _, pr := range root.child("requirements").pairs {
		if k.concerns(pr.key.text) {
			kept := k.named(pr)
			k.forAward(kept.value)
			k.put("requirements", pr.key.text, kept)
		}
	}
}

// entry is a key with its value.
func (n *node) entry(key string) (pair, bool) {
	if n == nil {
		return pair{}, false
	}
	i := slices.IndexFunc(n.pairs, func(pr pair) bool { return pr.key.text == key })
	if i < 0 {
		return pair{}, false
	}
	return n.pairs[i], true
}

// concerns tells whether a requirement of the base caps its first award.
func (k *keeper) concerns(key string) bool {
	q, _, ok := k.below.p.Requirement(key)
	return ok && q.For == k.first
}

func (k *keeper) own(key string) string {
	if key == "" {
		return k.name
	}
	return k.name + "-" + key
}

// put adds what is kept under its own name.
func (k *keeper) put(section, key string, pr pair) {
	own := k.own(key)
	target := k.section(section, tableNode)
	if target.child(own) != nil || len(own) > KeyBytesMax {
		k.fail(k.at, "base-award", "choose another name", "%s of the base cannot be kept as %s: that name is taken or too long", join(section, cmp.Or(key, k.first)), own)
		return
	}
	pr.key.text, pr.key.quoted = own, false
	target.pairs, target.flow = append(target.pairs, pr), false
}

// named copies a tree of the base in which what is kept has its own name.
func (k *keeper) named(pr pair) pair {
	out := k.moved(pr)
	k.rename(out.value, "")
	return out
}

func (k *keeper) forAward(n *node) {
	if at := n.child("for"); at != nil {
		at.text = k.name
		return
	}
	n.pairs = append([]pair{{word("for"), word(k.name)}}, n.pairs...)
}

func (k *keeper) rename(n *node, key string) {
	if n.kind == wordNode {
		n.text = k.renamed(n, key)
	}
	for _, item := range n.items {
		k.rename(item, key)
	}
	for _, pr := range n.pairs {
		k.rename(pr.value, pr.key.text)
	}
}

// renamed is a word of the base in which the names of what is kept are its own.
func (k *keeper) renamed(n *node, key string) string {
	line, text := n.line-k.offset, n.text
	for _, ref := range k.below.paramRefs {
		if ref.line == line && ref.col == n.col && k.params[ref.name] {
			text = withWord(text, ref.name, k.own(ref.name))
		}
	}
	for _, ref := range k.below.metRefs {
		first, _, _ := strings.Cut(ref.target, "/")
		if ref.at.line == line && ref.at.col == n.col && k.concerns(first) {
			text = withWord(text, ref.target, k.own(ref.target))
		}
	}
	if text == n.text && asksMeasure(key) && k.measures[n.text] {
		return k.own(n.text)
	}
	return text
}

// asksMeasure tells the keys under which a requirement names a measure.
func asksMeasure(key string) bool { return key == "sum" || key == "of" }

func withWord(text, old, is string) string {
	words := strings.Split(text, " ")
	for i := range words {
		if words[i] == old {
			words[i] = is
		}
	}
	return strings.Join(words, " ")
}

// affectedMeasures are those that the overlay replaces, or that rest on what it
// changes or on a requirement that is kept.
func (k *keeper) affectedMeasures(n *node) {
	if n == nil {
		return
	}
	for _, pr := range n.pairs {
		c := k.moved(pr)
		before := emit(&node{kind: tableNode, pairs: []pair{c}})
		k.rename(c.value, "")
		if string(emit(&node{kind: tableNode, pairs: []pair{c}})) != string(before) {
			k.measures[pr.key.text] = true
		}
	}
}

// asked tells whether a requirement that is kept asks for a measure.
func (k *keeper) asked(measure string) bool {
	var in func(n *node, key string) bool
	in = func(n *node, key string) bool {
		if n.kind == wordNode {
			return asksMeasure(key) && n.text == measure
		}
		return slices.ContainsFunc(n.items, func(i *node) bool { return in(i, key) }) ||
			slices.ContainsFunc(n.pairs, func(pr pair) bool { return in(pr.value, pr.key.text) })
	}
	return slices.ContainsFunc(k.below.root.child("requirements").pairs, func(pr pair) bool {
		return k.concerns(pr.key.text) && in(pr.value, "")
	})
}
