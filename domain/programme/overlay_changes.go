package programme

import (
	"fmt"
	"slices"
	"strings"
)

// sectionKeys are the sections of a programme below its header, in the order
// in which one is begun that the base does not have.
var sectionKeys = []string{
	"sources", "assumes", "assumptions", "parameters", "registration", "classes", "modules", "topics", "tracks", "periods", "awards", "rubrics", "questions", "submissions",
	"tasks", "measures", "requirements", "after", "statuses", "shown-only", "words",
}

// depthOf is how many keys below its section name what an overlay adds,
// replaces or removes; the others have one.
func depthOf(section string) int {
	switch section {
	case "classes", "modules", "tracks", "shown-only":
		return 0
	case "registration":
		return 2
	}
	return 1
}

// What an overlay does to its base.
const (
	DoesAdd     = "add"
	DoesReplace = "replace"
	DoesSet     = "set"
	DoesRemove  = "remove"
	DoesDrop    = "drop" // by itself: nothing asks for it any more
	DoesKeep    = "keep" // the base's own award
)

// set gives parameters of the base other values.
func (m *merger) set(n *node) {
	if !m.isTable(n, "set", "set: {PARAMETER: {is: …, because: …}}") {
		return
	}
	params := m.section("parameters", tableNode)
	for _, pr := range n.pairs {
		path := join("set", pr.key.text)
		at := params.child(pr.key.text)
		if at == nil {
			known := keys(m.below.p.Parameters, func(p Parameter) string { return p.Key })
			m.fail(pr.key, path, orKnown(pr.key.text, known), "the base has no parameter %q", pr.key.text)
			continue
		}
		if !m.isTable(pr.value, path, pr.key.text+": {is: …, because: …}") {
			continue
		}
		m.setOne(pr, at, path)
	}
}

func (m *merger) setOne(pr pair, at *node, path string) {
	required := at.child("required") != nil
	change, rest := m.change(pr, DoesSet, "parameters/"+pr.key.text, path, !required)
	if rest == nil {
		return
	}
	if rest.child("is") == nil {
		m.fail(pr.value, path, "write is: and the value", "the parameter is set to nothing")
		return
	}
	for _, own := range rest.pairs {
		if !slices.Contains([]string{"is", "unit", "otherwise", "assumes", "source"}, own.key.text) {
			m.fail(own.key, join(path, own.key.text), "known here: is, unit, otherwise, assumes, source, because, loosens; what else a parameter says is the base's", "%q cannot be set", own.key.text)
		}
	}
	at.pairs = slices.DeleteFunc(at.pairs, func(p pair) bool { return p.key.text == "required" || rest.child(p.key.text) != nil })
	at.pairs = append(slices.Clone(rest.pairs), at.pairs...)
	m.changes = append(m.changes, change)
}

// change takes because and loosens out of what an overlay writes.
func (m *merger) change(pr pair, does, target, path string, needsReason bool) (Change, *node) {
	c := Change{Path: target, Does: does}
	rest := *pr.value
	rest.pairs = nil
	for _, own := range pr.value.pairs {
		switch own.key.text {
		case "because":
			if own.value.kind != wordNode || strings.TrimSpace(own.value.text) == "" {
				m.fail(own.value, join(path, "because"), "", "because must be a sentence")
				return c, nil
			}
			c.Because = strings.Join(strings.Fields(own.value.text), " ")
		case "loosens":
			if own.value.kind != wordNode || own.value.quoted || own.value.text != "true" && own.value.text != "false" {
				m.fail(own.value, join(path, "loosens"), "", "loosens must be true or false")
				return c, nil
			}
			c.Loosens = own.value.text == "true"
		default:
			rest.pairs = append(rest.pairs, own)
		}
	}
	if c.Because == "" && needsReason {
		m.fail(pr.key, path, "write because: and the reason, for whoever reads the rules", "nothing says why %s is changed", last(path))
		return c, nil
	}
	return c, &rest
}

func (m *merger) isTable(n *node, path, hint string) bool {
	if n.kind != tableNode {
		m.fail(n, path, "write "+hint, "%s must be a table, not %s", last(path), n.kind)
		return false
	}
	return true
}

// sections carries out add, replace or remove in every section that it names.
func (m *merger) sections(does string, n *node) {
	if !m.isTable(n, does, does+": {requirements: {KEY: …}}") {
		return
	}
	for _, pr := range n.pairs {
		section, path := pr.key.text, join(does, pr.key.text)
		switch {
		case section == "parameters" && does == DoesReplace:
			m.fail(pr.key, path, "write set: {PARAMETER: {is: …, because: …}}", "a parameter is set, not replaced")
		case section == "sources" || section == "assumes" || section == "assumptions":
			m.fail(pr.key, path, "write "+section+": at the top of the overlay", "%s stand in the overlay's header", section)
		case !slices.Contains(sectionKeys, section):
			hint := orKnown(section, sectionKeys)
			if len(m.below.root.child("requirements").childOf(section)) > 0 || does == DoesAdd {
				hint = fmt.Sprintf("write %s: {requirements: {%s: …}}", does, section)
			}
			m.fail(pr.key, path, hint, "a programme has no section %q", section)
		case does == DoesAdd:
			m.into([]string{section}, pr.value)
		default:
			m.down(does, []string{section}, pair{pr.key, pr.value})
		}
	}
}

// childOf is the value of a key as a list, for asking whether there is one.
func (n *node) childOf(key string) []*node {
	if c := n.child(key); c != nil {
		return []*node{c}
	}
	return nil
}

// into adds what n holds below a place of the result.
func (m *merger) into(at []string, n *node) {
	section := at[0]
	path := strings.Join(at, "/")
	if n.kind == listNode && section == "shown-only" || section == "tracks" {
		m.lists(section, n)
		return
	}
	if !m.isTable(n, join("add", path), section+": {KEY: …}") {
		return
	}
	if depthOf(section) == 0 {
		if m.find(at) != nil {
			m.fail(n, join("add", path), "write it under replace: with because:", "the base has %s", path)
			return
		}
		*m.section(section, tableNode) = *n
		m.changes = append(m.changes, Change{Path: path, Does: DoesAdd})
		return
	}
	if len(at) < depthOf(section) {
		for _, pr := range n.pairs {
			m.into(append(slices.Clone(at), pr.key.text), pr.value)
		}
		return
	}
	m.addAll(at, n)
}

func (m *merger) addAll(at []string, n *node) {
	target := m.open(at)
	said := at[0] != "sources" && at[0] != "assumptions"
	for _, pr := range n.pairs {
		path := strings.Join(append(slices.Clone(at), pr.key.text), "/")
		if target.child(pr.key.text) != nil {
			hint := "write it under replace: with because:, or take another key"
			if at[0] == "parameters" {
				hint = "write it under set: with because:, or take another key"
			} else if !said {
				hint = "take another id"
			}
			m.fail(pr.key, path, hint, "the base has %s already", path)
			continue
		}
		target.pairs, target.flow = append(target.pairs, pr), false
		if said {
			m.changes = append(m.changes, Change{Path: path, Does: DoesAdd})
		}
	}
}

// open finds or begins the table at a place of the result.
func (m *merger) open(at []string) *node {
	n := m.section(at[0], tableNode)
	for _, key := range at[1:] {
		next := n.child(key)
		if next == nil {
			next = &node{kind: tableNode, line: 1, col: 1}
			n.pairs = append(n.pairs, pair{word(key), next})
		}
		n = next
	}
	return n
}

// find is what stands at a place of the result, or nil.
func (m *merger) find(at []string) *node {
	for _, pr := range m.body {
		if pr.key.text == at[0] {
			n := pr.value
			for _, key := range at[1:] {
				n = n.child(key)
			}
			return n
		}
	}
	return nil
}

// lists adds to a section that is a list: kinds that are shown only, tracks.
func (m *merger) lists(section string, n *node) {
	kind, named := listNode, n
	if section == "tracks" {
		kind, named = tableNode, n.child("named")
	}
	if named == nil || named.kind != listNode {
		m.fail(n, join("add", section), "write a list", "%s must be a list of names", section)
		return
	}
	target := m.section(section, kind)
	if section == "tracks" {
		if target.child("named") == nil {
			target.pairs = append(target.pairs, pair{word("named"), &node{kind: listNode, flow: true, line: 1, col: 1}})
		}
		target = target.child("named")
	}
	target.items, target.flow = append(target.items, named.items...), true
	for _, item := range named.items {
		m.changes = append(m.changes, Change{Path: join(section, item.text), Does: DoesAdd})
	}
}

// down goes to what is replaced or removed.
func (m *merger) down(does string, at []string, pr pair) {
	path := join(does, strings.Join(at, "/"))
	if len(at)-1 < depthOf(at[0]) {
		if !m.isTable(pr.value, path, last(path)+": {KEY: {because: …}}") {
			return
		}
		for _, next := range pr.value.pairs {
			m.down(does, append(slices.Clone(at), next.key.text), next)
		}
		return
	}
	old := m.find(at)
	if old == nil {
		m.fail(pr.key, path, orKnown(pr.key.text, m.keysBeside(at)), "the base has no %s", strings.Join(at, "/"))
		return
	}
	if !m.isTable(pr.value, path, last(path)+": {because: …}") {
		return
	}
	change, rest := m.change(pr, does, strings.Join(at, "/"), path, true)
	if rest == nil {
		return
	}
	if does == DoesRemove {
		m.remove(at, rest, path)
	} else {
		*old = *rest
	}
	m.changes = append(m.changes, change)
}

func (m *merger) keysBeside(at []string) []string {
	if len(at) < 2 {
		return nil
	}
	var out []string
	if beside := m.find(at[:len(at)-1]); beside != nil {
		for _, pr := range beside.pairs {
			out = append(out, pr.key.text)
		}
	}
	return out
}

func (m *merger) remove(at []string, rest *node, path string) {
	for _, own := range rest.pairs {
		m.fail(own.key, join(path, own.key.text), "known here: because, loosens", "what is removed has no %q", own.key.text)
	}
	m.delete(at)
}

func (m *merger) delete(at []string) {
	if len(at) == 1 {
		m.body = slices.DeleteFunc(m.body, func(pr pair) bool { return pr.key.text == at[0] })
		return
	}
	beside := m.find(at[:len(at)-1])
	beside.pairs = slices.DeleteFunc(beside.pairs, func(pr pair) bool { return pr.key.text == at[len(at)-1] })
}
