package programme

import (
	"fmt"
	"slices"
)

// renamable are the sections, beside the requirements, whose keys may say which
// key they had before.
var renamable = []string{"parameters", "periods", "awards", "rubrics", "questions", "submissions", "tasks", "measures", "statuses"}

// mayBeRenamed tells whether something at a path can say `was`.
func mayBeRenamed(path string) bool {
	section, key := cutPath(path)
	nested, _ := cutPath(key)
	return key != "" && nested == key && slices.Contains(renamable, section)
}

// renames reads which keys had another name in the version before.
func (r *reader) renames() {
	for _, section := range renamable {
		n := r.root.child(section)
		if n == nil {
			continue
		}
		for _, pr := range n.pairs {
			was := pr.value.child("was")
			path := join(section, pr.key.text)
			if was == nil || r.slug(was, join(path, "was")) == "" {
				continue
			}
			if n.child(was.text) != nil {
				r.fail(was, join(path, "was"), "a key that goes on is no other's old name", "%q is still a key of %s", was.text, section)
				continue
			}
			r.p.Renamed = append(r.p.Renamed, Rename{Path: path, Was: join(section, was.text)})
		}
	}
}

// Follows holds that a version can come after an earlier one of the same
// programme: its days begin no earlier, and the earlier one does not go on
// beside it. A version without a last day ends where the next begins. Errors
// have places in the later version.
func (p *Programme) Follows(earlier *Programme) error {
	s := read(p.Bytes)
	fail := func(path, hint, format string, args ...any) error {
		at := s.at(path)
		s.errorAt(at.line, at.col, path, fmt.Sprintf(format, args...), hint)
		return s.errs.shown()
	}
	switch {
	case p.ID != earlier.ID || p.Digest == earlier.Digest:
		return nil
	case p.Version == earlier.Version:
		return fail("version", "a new version has a higher number", "version %d is there already, with other rules", p.Version)
	case p.Version < earlier.Version:
		return fail("version", "", "version %d comes before version %d", p.Version, earlier.Version)
	case p.Valid.From < earlier.Valid.From:
		return fail("valid/from", "", "version %d is valid from %s already, which is later", earlier.Version, earlier.Valid.From)
	case earlier.Valid.Until != "" && p.Valid.From <= earlier.Valid.Until:
		return fail("valid/from", fmt.Sprintf("begin on the day after %s", earlier.Valid.Until),
			"the days overlap: version %d is valid until %s and version %d from %s", earlier.Version, earlier.Valid.Until, p.Version, p.Valid.From)
	}
	return nil
}

// at is what stands at a path, or as far as the path leads.
func (s *source) at(path string) *node {
	n := s.root
	for path != "" {
		var key string
		key, path = cutPath(path)
		next := n.child(key)
		if next == nil {
			break
		}
		n = next
	}
	return n
}

// Against holds that the keys of a version mean what they meant in another one:
// a requirement caps the same award with the same kind of test, a parameter has
// the same kind of value. A new meaning takes a new key; a new name says `was`;
// what an overlay replaces is among its changes. Errors have places in p.
func (p *Programme) Against(old *Programme) error {
	c := &comparing{source: read(p.Bytes), p: p, old: old, renamed: slices.Clone(p.Renamed)}
	for _, q := range p.Requirements {
		if q.Was != "" {
			c.renamed = append(c.renamed, Rename{Path: "requirements/" + q.Key, Was: "requirements/" + q.Was})
		}
	}
	for _, x := range c.renamed {
		if section, key := cutPath(x.Was); !old.has(section, key) {
			c.fail(x.Path+"/was", "", "version %d has no %s", old.Version, x.Was)
		}
	}
	for _, prm := range p.Parameters {
		path := "parameters/" + prm.Key
		_, key := cutPath(c.was(path))
		if was, ok := old.Parameter(key); ok && (was.Is.shape() != prm.Is.shape() || was.Is.Unit != prm.Is.Unit || was.Is.Noun != prm.Is.Noun) {
			c.changed(path, "the parameter %s has another kind of value than in version %d", prm.Key, old.Version)
		}
	}
	for _, q := range p.Requirements {
		path := "requirements/" + q.Key
		_, key := cutPath(c.was(path))
		if was, _, ok := old.Requirement(key); ok {
			c.requirement(path, was, q)
		}
	}
	if len(c.errs) > 0 {
		return c.errs.shown()
	}
	return nil
}

type comparing struct {
	*source
	p, old  *Programme
	renamed []Rename
}

func (c *comparing) fail(path, hint, format string, args ...any) {
	at := c.at(path)
	c.errorAt(at.line, at.col, path, fmt.Sprintf(format, args...), hint)
}

// changed refuses, unless an overlay says that it replaces what is there.
func (c *comparing) changed(path, format string, args ...any) {
	if c.p.BasedOn != nil && slices.ContainsFunc(c.p.BasedOn.Changes, func(x Change) bool { return x.Path == path && x.Does != DoesAdd }) {
		return
	}
	c.fail(path, "give a new meaning a new key; a key that was only renamed says was: OLD-KEY", format, args...)
}

// was is the path that something had before.
func (c *comparing) was(path string) string {
	for _, x := range c.renamed {
		if x.Path == path {
			return x.Was
		}
	}
	return path
}

func (c *comparing) requirement(path string, was, is Requirement) {
	if _, award := cutPath(c.was("awards/" + is.For)); award != was.For {
		c.changed(path, "%s caps %s, and %s in version %d", is.Key, is.For, was.For, c.old.Version)
		return
	}
	if kindOf(was.Test) != kindOf(is.Test) {
		c.changed(path, "%s is another kind of test than in version %d", is.Key, c.old.Version)
	}
}

func kindOf(t Test) string {
	if c, ok := t.(Combined); ok {
		return c.Op
	}
	return fmt.Sprintf("%T", t)
}

// has tells whether a section has a key.
func (p *Programme) has(section, key string) bool {
	n := read(p.Bytes).root.child(section)
	return n.child(key) != nil
}
