package programme

import (
	"fmt"
	"slices"
	"strconv"
)

func (r *reader) registration(n *node) {
	if n == nil {
		return
	}
	t, ok := r.open(n, "registration", "registration", "fields", "accepts")
	if !ok {
		return
	}
	r.named(t.get("fields"), "registration/fields", func(key, value *node, path string) {
		t, ok := r.open(value, path, "a field", "group", "required", "one-of", "form", "label", "source", "assumes")
		if !ok {
			return
		}
		f := Field{
			Key: key.text, Required: t.truth("required", true), Label: t.text("label"),
			Form: t.oneOf("form", "email", "phone", "postal-code-ca"), Source: t.cites(), Assumes: t.assumes(),
			OneOf: r.slugs(t.get("one-of"), t.at("one-of")),
		}
		if g := t.need("group", "a field"); g != nil {
			f.Group = r.oneOf(g, t.at("group"), []string{"identity", "contact", "lived-experience", "accommodation"})
		}
		if len(f.OneOf) == 1 {
			r.fail(t.get("one-of"), t.at("one-of"), "", "a choice needs two answers or more")
		}
		r.p.Registration.Fields = append(r.p.Registration.Fields, f)
	})
	r.named(t.get("accepts"), "registration/accepts", func(key, value *node, path string) {
		t, ok := r.open(value, path, "a text to accept", "required", "source", "assumes")
		if !ok {
			return
		}
		if _, double := r.p.Field(key.text); double {
			r.fail(key, path, "", "%q is a field already", key.text)
		}
		r.p.Registration.Accepts = append(r.p.Registration.Accepts,
			Acceptance{Key: key.text, Required: t.truth("required", true), Source: t.cites(), Assumes: t.assumes()})
	})
}

func (r *reader) classes(n *node) {
	if n == nil {
		return
	}
	t, ok := r.open(n, "classes", "classes", "modules", "session", "attended", "missed-unless", "marks", "source", "assumes")
	if !ok {
		return
	}
	c := &Classes{MissedSource: t.cites(), Assumes: t.assumes()}
	r.p.Classes = c
	if m := t.need("modules", "classes"); m != nil {
		c.Modules = r.modules(m, "classes/modules")
	}
	if s := t.need("session", "classes"); s != nil {
		if a, ok := r.quantity(s, "classes/session", UnitMinute); ok {
			if c.SessionMin = a.number; a.number < 1 {
				r.fail(s, "classes/session", "", "a session lasts a minute or more")
			}
		}
	}
	if n := t.need("attended", "classes"); n != nil {
		if at, ok := r.open(n, "classes/attended", "attended", "at-least"); ok {
			if least := at.need("at-least", "attended"); least != nil {
				r.attended(c, least)
			}
		}
	}
	if n := t.need("missed-unless", "classes"); n != nil {
		words := r.references(n, "classes/missed-unless", "reason", []string{"attended", "attended-live-elsewhere", "waived"})
		c.LiveElsewhere, c.Waivable = slices.Contains(words, "attended-live-elsewhere"), slices.Contains(words, "waived")
		if !slices.Contains(words, "attended") {
			r.fail(n, "classes/missed-unless", "", "a class that was attended cannot be missed: list attended")
		}
	}
	if n := t.need("marks", "classes"); n != nil {
		c.MarkRanks = r.marks(n)
	}
}

func (r *reader) attended(c *Classes, n *node) {
	a, ok := r.quantity(n, "classes/attended/at-least", UnitMinute)
	if !ok {
		return
	}
	if c.AttendedMin = a.number; c.SessionMin > 0 && (a.number < 1 || a.number > c.SessionMin) {
		r.fail(n, "classes/attended/at-least", "", "attendance takes from 1 to the session's %d minutes, not %d", c.SessionMin, a.number)
	}
}

// marks reads who outranks whom: a list of ranks, the highest first, each a
// mark's source or a list of sources that rank alike.
func (r *reader) marks(n *node) [][]string {
	const path = "classes/marks"
	if n.kind != listNode {
		r.fail(n, path, "write marks: [correction, trainer, [self, import]]", "marks must be a list of ranks")
		return nil
	}
	known := []string{"correction", "trainer", "import", "self"}
	var ranks [][]string
	seen := map[string]bool{}
	for _, item := range n.items {
		rank := r.references(item, path, "source of marks", known)
		for _, w := range rank {
			if seen[w] {
				r.fail(item, path, "", "%q has two ranks", w)
			}
			seen[w] = true
		}
		ranks = append(ranks, rank)
	}
	for _, w := range known {
		if !seen[w] {
			r.fail(n, path, "every source of marks has a rank", "%q has no rank", w)
		}
	}
	return ranks
}

func (r *reader) modules(n *node, path string) []Module {
	t, ok := r.open(n, path, "modules", "count", "named", "sessions")
	if !ok {
		return nil
	}
	var modules []Module
	if n := t.get("count"); n != nil {
		count, ok := r.count(n, t.at("count"), 1, ModulesMax)
		if !ok {
			return nil
		}
		for i := range count {
			modules = append(modules, Module{Key: strconv.FormatInt(i+1, 10), Sessions: 1})
		}
	}
	numbered := len(modules) > 0
	r.named(t.get("named"), t.at("named"), func(key, value *node, path string) {
		title := r.text(value, path)
		for i := range modules {
			if modules[i].Title == title && title != "" {
				r.fail(value, path, "", "modules %s and %s have one title", modules[i].Key, key.text)
			}
		}
		i := slices.IndexFunc(modules, func(m Module) bool { return m.Key == key.text })
		switch {
		case i >= 0:
			modules[i].Title = title
		case numbered:
			r.fail(key, path, fmt.Sprintf("modules are called 1 to %d", len(modules)), "no module is called %q", key.text)
		default:
			modules = append(modules, Module{Key: key.text, Title: title, Sessions: 1})
		}
	})
	if len(modules) == 0 {
		r.fail(n, path, "write count: 17, or name them", "classes need modules")
	}
	if len(modules) > ModulesMax {
		r.fail(n, path, "", "more than %d modules", ModulesMax)
		return nil
	}
	if n := t.get("sessions"); n != nil {
		r.sessions(n, modules)
	}
	return modules
}

// sessions reads how many sessions deliver a module: one number for all, or a
// parameter with a table from module to number.
func (r *reader) sessions(n *node, modules []Module) {
	const path = "classes/modules/sessions"
	prm, isParam := Parameter{}, false
	if r.isWord(n, path) && !startsAsNumber(n.text) {
		prm, isParam = r.p.Parameter(n.text)
	}
	if isParam && prm.Is.Table != nil {
		r.uses(prm.Key, path)
		for i, m := range modules {
			if modules[i].Sessions = prm.Is.Default; hasKey(prm.Is.Table, m.Key) {
				modules[i].Sessions = prm.Is.Table[m.Key]
			}
			if s := modules[i].Sessions; s < 1 || s > SessionsMax {
				r.fail(r.paramAt[prm.Key], "parameters/"+prm.Key, "", "module %s cannot have %d sessions; a module has 1 to %d", m.Key, s, SessionsMax)
				return
			}
		}
		return
	}
	if n.kind != wordNode {
		return
	}
	if count, ok := r.count(n, path, 1, SessionsMax); ok {
		for i := range modules {
			modules[i].Sessions = count
		}
	}
}

func hasKey(m map[string]int64, key string) bool {
	_, ok := m[key]
	return ok
}

func (r *reader) moduleKeys() []string {
	return keys(r.p.Modules(), func(m Module) string { return m.Key })
}

// curriculum reads modules that belong to no classes.
func (r *reader) curriculum(n *node) {
	if n == nil {
		return
	}
	if r.p.Classes != nil {
		r.fail(n, "modules", "name them under classes: modules", "a programme with classes has its modules there")
		return
	}
	r.p.Curriculum = r.modules(n, "modules")
	for i, m := range r.p.Curriculum {
		if m.Sessions != 1 {
			r.fail(n, "modules/sessions", "delete it", "module %s has no sessions without classes", m.Key)
			r.p.Curriculum[i].Sessions = 1
			return
		}
	}
}
