package programme

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var digestForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// unresolved refuses an overlay that is not laid over its base yet.
func (r *reader) unresolved() bool {
	if r.root.child("overlay") != nil {
		return false
	}
	for _, key := range []string{"based-on", "set", "replace", "remove", "add", "base-award"} {
		on, ok := r.root.entry(key)
		if !ok {
			continue
		}
		b := baseNamed(on.value)
		if b.Programme == "" || key != "based-on" {
			r.fail(on.key, key, "write based-on: {programme: …, version: …}", "an overlay says which programme and version it is laid over")
			return true
		}
		r.fail(on.key, key, fmt.Sprintf("resolve it first, over %s", versionName(b.Programme, b.Version)), "an overlay is not complete without its base")
		return true
	}
	return false
}

// basedOn reads what a resolved programme keeps of its overlay.
func (r *reader) basedOn(t table) {
	n := t.get("based-on")
	if n == nil {
		return
	}
	r.p.BasedOn = r.base(n, "based-on")
	r.p.BasedOn.Award = t.slug("base-award")
	for _, key := range []string{"changes", "overlay"} {
		if t.need(key, "a resolved programme") == nil {
			return
		}
	}
	r.changes(t.get("changes"))
	text := t.get("overlay")
	if !r.isWord(text, "overlay") {
		return
	}
	r.p.overlay = text.text
	if !r.keepsOverlay() {
		r.fail(text, "overlay", "lay the overlay over its base again; a resolved programme is not edited", "based-on and changes are not what the overlay says")
	}
}

func (r *reader) base(n *node, path string) *Base {
	b := &Base{}
	t, ok := r.open(n, path, "based-on", "programme", "version", "digest", "based-on")
	if !ok {
		return b
	}
	if n := t.need("programme", "based-on"); n != nil {
		b.Programme = r.slug(n, t.at("programme"))
	}
	if n := t.need("version", "based-on"); n != nil {
		b.Version = r.versionNumber(n, t.at("version"))
	}
	if n := t.need("digest", "based-on"); n != nil && r.isWord(n, t.at("digest")) {
		if b.Digest = n.text; !digestForm.MatchString(n.text) {
			r.fail(n, t.at("digest"), "write sha256: and 64 digits", "%q is not a digest", n.text)
		}
	}
	if n := t.get("based-on"); n != nil {
		below := r.base(n, t.at("based-on"))
		b.Over = append([]Lain{{below.Programme, below.Version, below.Digest}}, below.Over...)
	}
	return b
}

func (r *reader) changes(n *node) {
	if n.kind != tableNode {
		if n.kind != emptyNode {
			r.fail(n, "changes", "", "changes must be a table, not %s", n.kind)
		}
		return
	}
	for _, pr := range n.pairs {
		path := join("changes", pr.key.text)
		t, ok := r.open(pr.value, path, "a change", "does", "because", "loosens")
		if !ok {
			continue
		}
		c := Change{Path: pr.key.text, Because: t.text("because"), Loosens: t.truth("loosens", false)}
		if does := t.need("does", "a change"); does != nil {
			c.Does = r.oneOf(does, t.at("does"), []string{DoesAdd, DoesReplace, DoesSet, DoesRemove, DoesDrop, DoesKeep})
		}
		r.p.BasedOn.Changes = append(r.p.BasedOn.Changes, c)
	}
}

// keepsOverlay holds that a resolved programme says of its overlay what the
// overlay says itself. What it makes of the base is for Verify, which has it.
func (r *reader) keepsOverlay() bool {
	over := read([]byte(r.p.overlay))
	if len(over.errs) > 0 || over.root == nil || over.root.child("based-on") == nil {
		return false
	}
	named := baseNamed(over.root.child("based-on"))
	if named.Programme != r.p.BasedOn.Programme || named.Version != r.p.BasedOn.Version || named.Digest != "" && named.Digest != r.p.BasedOn.Digest {
		return false
	}
	said := slices.DeleteFunc(slices.Clone(r.p.BasedOn.Changes), func(c Change) bool { return c.Does == DoesDrop || c.Does == DoesKeep })
	return slices.Equal(said, changesSaid(over.root))
}

// changesSaid is what an overlay that is in order says it does.
func changesSaid(root *node) []Change {
	var out []Change
	for _, pr := range root.pairs {
		switch pr.key.text {
		case DoesSet:
			for _, own := range pr.value.pairs {
				out = append(out, changeSaid(DoesSet, "parameters/"+own.key.text, own.value))
			}
		case DoesReplace, DoesRemove, DoesAdd:
			for _, own := range pr.value.pairs {
				out = append(out, below(pr.key.text, own.key.text, own.value, depthOf(own.key.text))...)
			}
		}
	}
	return out
}

// below are the changes so many keys below a place.
func below(does, path string, n *node, depth int) []Change {
	if does == DoesAdd && (path == "shown-only" || path == "tracks") {
		if path == "tracks" {
			n = n.child("named")
		}
		var out []Change
		if n != nil {
			for _, item := range n.items {
				out = append(out, Change{Path: join(path, item.text), Does: does})
			}
		}
		return out
	}
	if depth == 0 {
		return []Change{changeSaid(does, path, n)}
	}
	var out []Change
	for _, pr := range n.pairs {
		out = append(out, below(does, join(path, pr.key.text), pr.value, depth-1)...)
	}
	return out
}

func changeSaid(does, path string, n *node) Change {
	c := Change{Path: path, Does: does}
	if does == DoesAdd {
		return c
	}
	if because := n.child("because"); because != nil {
		c.Because = strings.Join(strings.Fields(because.text), " ")
	}
	loosens := n.child("loosens")
	c.Loosens = loosens != nil && loosens.text == "true"
	return c
}
