package programme

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// reader turns nodes into a Programme. Mistakes are collected, not returned:
// a reading function gives a zero value after reporting one.
type reader struct {
	*source
	p *Programme

	paramUsed   map[string][]string // where a parameter's name stands
	paramAt     map[string]*node
	paramBroken map[string]bool // its value was not understood
	assumed     map[string]bool // assumptions that something rests on
	assumedAt   map[string]*node
	usedKeys    map[string]bool // "question evaluation", "measure hours" …
	requireAt   map[string]*node
	measureUnit map[string]amount // unit and noun a measure is compared in
	measureAt   map[string]*node
	paramRefs   []ref    // where a parameter stands for its value
	metRefs     []metRef // moments `met R`
	filedRefs   []metRef // moments `filed S`
	awardRefs   []metRef // moments `granted A` and `expiry of A`
	statusRefs  []metRef // moments `entered STATUS`
	periodRefs  []metRef // moments of the period at hand
	requireN    int
	kindAt      map[string]*node // evidence kinds that a rule computes
}

// metRef is a moment `met requirement` within a requirement or a measure.
type metRef struct {
	at     *node
	path   string
	owner  string // requirement path, or "measure " and its key
	target string
}

func (r *reader) fail(n *node, path, hint, format string, args ...any) {
	r.errorAt(n.line, n.col, path, fmt.Sprintf(format, args...), hint)
}

// unsupported are the words of the language that this version has no rules for.
var unsupported = []string{"about", "as-of", "quantity-at-least", "relation", "share-at-least", "signatures"}

// table is a node read as a table with a closed set of keys.
type table struct {
	r    *reader
	n    *node
	path string
}

// open reads n as a table that may have the given keys and no others.
func (r *reader) open(n *node, path, what string, keys ...string) (table, bool) {
	t := table{r, n, path}
	if n.kind != tableNode {
		r.fail(n, path, "it can have the keys "+list(keys), "%s must be a table, not %s", what, n.kind)
		return t, false
	}
	for _, pr := range n.pairs {
		if slices.Contains(keys, pr.key.text) || pr.key.text == "was" && mayBeRenamed(path) {
			continue
		}
		r.unknownKey(pr.key, join(path, pr.key.text), what, keys)
	}
	return t, true
}

func (r *reader) unknownKey(key *node, path, what string, keys []string) {
	if near := nearest(key.text, keys); near != "" && !slices.Contains(unsupported, key.text) {
		r.fail(key, path, didYouMean(near), "%s has no key %q", what, key.text)
		return
	}
	if slices.Contains(unsupported, key.text) {
		r.fail(key, path, "", "%q is not supported in this version of certledger", key.text)
		return
	}
	r.fail(key, path, "known here: "+list(keys), "%s has no key %q", what, key.text)
}

// get is the value of a key, or nil if the table does not have it.
func (t table) get(key string) *node {
	for _, pr := range t.n.pairs {
		if pr.key.text == key {
			return pr.value
		}
	}
	return nil
}

// key is the node of a key itself, or nil.
func (t table) key(key string) *node {
	for _, pr := range t.n.pairs {
		if pr.key.text == key {
			return pr.key
		}
	}
	return nil
}

// need is get of a key that must be there.
func (t table) need(key, what string) *node {
	n := t.get(key)
	if n == nil {
		t.r.fail(t.n, t.path, "", "%s needs the key %q", what, key)
	}
	return n
}

func (t table) at(key string) string { return join(t.path, key) }

// The optional readings below give the zero value where the key is absent.

func (t table) text(key string) string {
	if n := t.get(key); n != nil {
		return t.r.text(n, t.at(key))
	}
	return ""
}

func (t table) slug(key string) string {
	if n := t.get(key); n != nil {
		return t.r.slug(n, t.at(key))
	}
	return ""
}

func (t table) oneOf(key string, known ...string) string {
	if n := t.get(key); n != nil {
		return t.r.oneOf(n, t.at(key), known)
	}
	return ""
}

func (t table) truth(key string, otherwise bool) bool {
	n := t.get(key)
	if n == nil {
		return otherwise
	}
	switch {
	case n.kind == wordNode && !n.quoted && n.text == "true":
		return true
	case n.kind == wordNode && !n.quoted && n.text == "false":
		return false
	}
	t.r.fail(n, t.at(key), "", "%s must be true or false", key)
	return otherwise
}

// named calls f for each entry of a table whose keys are names.
func (r *reader) named(n *node, path string, f func(key, value *node, path string)) {
	if n == nil {
		return
	}
	if n.kind != tableNode {
		r.fail(n, path, "", "%s must be a table of names, not %s", path, n.kind)
		return
	}
	for _, pr := range n.pairs {
		at := join(path, pr.key.text)
		if !slug.MatchString(pr.key.text) {
			r.fail(pr.key, path, "use lower-case letters, digits and hyphens, at most 64, beginning with a letter or digit",
				"%q is not a name", pr.key.text)
			continue
		}
		f(pr.key, pr.value, at)
	}
}

func (r *reader) isWord(n *node, path string) bool {
	switch n.kind {
	case wordNode:
		return true
	case emptyNode:
		r.fail(n, path, "write a value, or delete the key", "%s has no value", last(path))
	default:
		r.fail(n, path, "", "%s must be one word, not %s", last(path), n.kind)
	}
	return false
}

// text is a sentence or title.
func (r *reader) text(n *node, path string) string {
	if !r.isWord(n, path) {
		return ""
	}
	if !n.quoted && (startsAsNumber(n.text) && decimal.MatchString(n.text) || n.text == "true" || n.text == "false") {
		r.fail(n, path, fmt.Sprintf("write \"%s\" in quotes", n.text), "%s must be text", last(path))
		return ""
	}
	s := strings.TrimSpace(n.text)
	if s == "" {
		r.fail(n, path, "", "%s is empty", last(path))
	}
	if utf8.RuneCountInString(s) > TextRunesMax {
		r.fail(n, path, "", "%s is longer than %d characters", last(path), TextRunesMax)
	}
	return s
}

// slug is a name: lower case, digits, hyphens.
func (r *reader) slug(n *node, path string) string {
	if !r.isWord(n, path) {
		return ""
	}
	if !slug.MatchString(n.text) || !n.quoted && (n.text == "true" || n.text == "false") {
		r.fail(n, path, "use lower-case letters, digits and hyphens, at most 64, beginning with a letter or digit",
			"%q is not a name", n.text)
		return ""
	}
	return n.text
}

// oneOf is a word of a closed set.
func (r *reader) oneOf(n *node, path string, known []string) string {
	if !r.isWord(n, path) {
		return ""
	}
	if !slices.Contains(known, n.text) {
		r.fail(n, path, orKnown(n.text, known), "%s cannot be %q", last(path), n.text)
		return ""
	}
	return n.text
}

// reference is the name of something declared elsewhere.
func (r *reader) reference(n *node, path, what string, known []string) string {
	if !r.isWord(n, path) {
		return ""
	}
	if len(known) == 0 && len(r.errs) > 0 {
		return "" // what could be named was itself not understood
	}
	if !slices.Contains(known, n.text) {
		r.fail(n, path, orKnown(n.text, known), "no %s is called %q", what, n.text)
		return ""
	}
	return n.text
}

// each calls f for a word, or for every item of a list.
func (r *reader) each(n *node, path string, f func(item *node, path string)) {
	if n == nil {
		return
	}
	if n.kind != listNode {
		f(n, path)
		return
	}
	if len(n.items) == 0 {
		r.fail(n, path, "", "%s is an empty list", last(path))
	}
	seen := map[string]bool{}
	for _, item := range n.items {
		if item.kind == wordNode && seen[item.text] {
			r.fail(item, path, "", "%q is listed twice", item.text)
			continue
		}
		seen[item.text] = true
		f(item, path)
	}
}

// slugs is one name or a list of them.
func (r *reader) slugs(n *node, path string) []string {
	var out []string
	r.each(n, path, func(item *node, path string) {
		if s := r.slug(item, path); s != "" {
			out = append(out, s)
		}
	})
	return out
}

// references is reference for one name or a list of them.
func (r *reader) references(n *node, path, what string, known []string) []string {
	var out []string
	r.each(n, path, func(item *node, path string) {
		if s := r.reference(item, path, what, known); s != "" {
			out = append(out, s)
		}
	})
	return out
}

// assumes reads the assumptions that something rests on.
func (t table) assumes() []string {
	n := t.get("assumes")
	out := t.r.references(n, t.at("assumes"), "assumption", t.r.assumptionIDs())
	for _, id := range out {
		t.r.assumed[id] = true
	}
	return out
}

func (r *reader) assumptionIDs() []string {
	ids := make([]string, len(r.p.Assumptions))
	for i, a := range r.p.Assumptions {
		ids[i] = a.ID
	}
	return ids
}

// cites reads the places in the sources that something rests on: a source's
// id, alone or followed by a hyphen and a place in it.
func (t table) cites() []string {
	var out []string
	t.r.each(t.get("source"), t.at("source"), func(item *node, path string) {
		if !t.r.isWord(item, path) {
			return
		}
		for _, id := range sorted(t.r.p.Sources) {
			if item.text == id || strings.HasPrefix(item.text, id+"-") {
				out = append(out, item.text)
				return
			}
		}
		t.r.fail(item, path, "sources are declared under `sources:`; a place in one is its id, a hyphen and the place",
			"%q is in none of the sources", item.text)
	})
	return out
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "/" + key
}

func last(path string) string {
	return path[strings.LastIndexByte(path, '/')+1:]
}

// sorted are the keys of a table in their order.
func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m { // order-free: sorted below
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
