package programme

import (
	"fmt"
	"slices"
)

// settle reads what came of the merge, drops what nothing asks for any more,
// and holds that nothing was loosened in silence.
func (m *merger) settle() {
	for {
		r := m.reading()
		r.programme()
		if len(r.errs) == 0 && m.drop(r) {
			continue
		}
		if len(r.errs) == 0 {
			r.check()
		}
		if m.told(r.errs); len(r.errs) == 0 {
			m.loosened(r.p)
		}
		return
	}
}

// reading is a reader of the result whose places are those of the overlay,
// followed by those of the base.
func (m *merger) reading() *reader {
	lines := append(slices.Clone(m.over.lines), m.below.lines...)
	return newReader(&source{lines: lines, root: m.root()})
}

// told passes mistakes on. One of a line of the base comes of the overlay as a
// whole.
func (m *merger) told(mistakes Errors) {
	for _, e := range mistakes {
		if e.Line > m.offset {
			e.Message = fmt.Sprintf("laid over %s, on line %d of that: %s", versionName(m.base.ID, m.base.Version), e.Line-m.offset, e.Message)
			on := m.over.root.child("based-on")
			e.Line, e.Column, e.Excerpt = on.line, on.col, m.over.lines[on.line-1]
		}
		m.over.errs = append(m.over.errs, e)
	}
}

// wordsFor are the acts whose words go when the thing that they concern goes.
var wordsFor = map[string][]string{
	"questions":   {"judge"},
	"tasks":       {"ask", "extend", "confirm", "fulfil"},
	"submissions": {"file", "answer"},
	"measures":    {"of"},
}

// drop takes out what only the base declares and no requirement asks for since
// the overlay replaced those that did. It says whether there was any.
func (m *merger) drop(r *reader) bool {
	dropped := false
	for _, u := range r.unused() {
		path := u.section + "/" + u.key
		if u.at.line <= m.offset || m.find([]string{u.section, u.key}) == nil { // the overlay's own
			continue
		}
		m.delete([]string{u.section, u.key})
		if words := m.find([]string{"words"}); words != nil {
			words.pairs = slices.DeleteFunc(words.pairs, func(w pair) bool {
				return slices.ContainsFunc(wordsFor[u.section], func(act string) bool {
					n := w.value.child(act)
					return n != nil && n.text == u.key
				})
			})
		}
		m.changes = append(m.changes, Change{Path: path, Does: DoesDrop})
		dropped = true
	}
	return dropped
}

// loosened refuses a change that asks less than the base and does not say so,
// and one that says so and asks as much.
func (m *merger) loosened(p *Programme) {
	for _, c := range m.changes {
		section, key := cutPath(c.Path)
		at := m.keyOf(c.Does, section, key)
		if at == nil {
			continue
		}
		less, known := "", false
		switch {
		case section == "parameters" && c.Does == DoesSet:
			old, _ := m.below.p.Parameter(key)
			is, _ := p.Parameter(key)
			if old.Is.shape() != is.Is.shape() || old.Is.Unit != is.Is.Unit || old.Is.Noun != is.Is.Noun {
				m.fail(at, c.Does+"/"+key, "write it as the base does", "%s is set to another kind of value than it has in the base", key)
				continue
			}
			less, known = looserValue(old, is)
		case section == "requirements" && c.Does == DoesReplace:
			old, _, _ := m.below.p.Requirement(key)
			is, _, _ := p.Requirement(key)
			less = looserRequirement(m.below.p, p, old, is)
		case section == "requirements" && c.Does == DoesRemove:
			less = "nothing is asked in its place"
		}
		path := c.Does + "/" + key
		switch {
		case less != "" && !c.Loosens:
			m.fail(at, path, "write loosens: true beside because:, or ask as much as the base", "%s asks less than the base and does not say so: %s", key, less)
		case less == "" && known && c.Loosens:
			m.fail(at, path, "delete loosens", "%s asks no less than the base", key)
		}
	}
}

func cutPath(path string) (section, key string) {
	for i := range path {
		if path[i] == '/' {
			return path[:i], path[i+1:]
		}
	}
	return path, ""
}

// keyOf is where the overlay writes a change, or nil for what it does not write.
func (m *merger) keyOf(does, section, key string) *node {
	n := m.over.root.child(does)
	if does != DoesSet {
		n = n.child(section)
	}
	if n == nil {
		return nil
	}
	for _, pr := range n.pairs {
		if pr.key.text == key {
			return pr.key
		}
	}
	return nil
}
