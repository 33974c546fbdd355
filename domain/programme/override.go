package programme

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Override makes the source of a new version of a programme: the same text
// with other values of parameters. with is a YAML table from parameter to
// value; a bare number is in the unit that the parameter is written in. Where
// version is above zero it becomes the new version's number, and the old one
// what it replaces. The result is meant for Parse, which gives it its own digest.
//
// Errors have places in with, or in src where that cannot be read.
func Override(src, with []byte, version int) ([]byte, error) {
	old := read(src)
	if len(old.errs) > 0 {
		return nil, old.errs.shown()
	}
	o := &override{source: old, with: &source{}, becomes: map[*node]string{}}
	if len(strings.TrimSpace(string(with))) > 0 {
		o.with = read(with)
	}
	if len(o.with.errs) > 0 {
		return nil, o.with.errs.shown()
	}
	if o.parameters(); len(o.with.errs) > 0 {
		return nil, o.with.errs.shown()
	}
	if version > 0 {
		o.version(version)
	}
	if len(o.errs) > 0 {
		return nil, o.errs.shown()
	}
	return o.apply()
}

type override struct {
	*source         // the text that is changed
	with    *source // the new values
	becomes map[*node]string
	order   []*node // the keys of becomes
	insert  string  // a line or entry to add after the version
	after   *node   // the version
}

func (o *override) change(n *node, text string) {
	if _, ok := o.becomes[n]; !ok {
		o.order = append(o.order, n)
	}
	o.becomes[n] = text
}

func (n *node) child(key string) *node {
	if n == nil {
		return nil
	}
	for _, pr := range n.pairs {
		if pr.key.text == key {
			return pr.value
		}
	}
	return nil
}

func (o *override) parameters() {
	if o.with.root == nil {
		return
	}
	if o.with.root.kind != tableNode {
		o.with.errorAt(o.with.root.line, o.with.root.col, "", "new values must be a table from parameter to value", "write max-missed: 1")
		return
	}
	declared := o.root.child("parameters")
	known := o.keysOfHeader()
	if declared != nil {
		for _, pr := range declared.pairs {
			known = append(known, pr.key.text)
		}
	}
	for _, pr := range o.with.root.pairs {
		if at := o.ofHeader(pr.key.text); at != nil {
			if text, ok := render(pr.value, ""); ok {
				o.change(at, text)
				continue
			}
		}
		param := declared.child(pr.key.text)
		if param == nil {
			hint := "the programme has no parameters"
			if len(known) > 0 {
				hint = "known parameters: " + strings.Join(known, ", ")
			}
			if near := nearest(pr.key.text, known); near != "" {
				hint = didYouMean(near) + " " + hint
			}
			o.with.errorAt(pr.key.line, pr.key.col, pr.key.text, fmt.Sprintf("no parameter is called %q", pr.key.text), hint)
			continue
		}
		is := param.child("is")
		if required, ok := param.entry("required"); ok && is == nil {
			o.change(required.key, "is")
			is = required.value
		}
		if is == nil {
			o.with.errorAt(pr.key.line, pr.key.col, pr.key.text, fmt.Sprintf("the parameter %s has no value to replace", pr.key.text), "")
			continue
		}
		unit := ""
		if param.child("unit") == nil && param.child("of") == nil {
			unit = writtenUnit(is)
		}
		text, ok := render(pr.value, unit)
		if !ok {
			o.with.errorAt(pr.value.line, pr.value.col, pr.key.text, fmt.Sprintf("the new value of %s cannot be read", pr.key.text), "write a number, a word, a list or a table")
			continue
		}
		o.change(is, text)
	}
}

// keysOfHeader are the values of the header that may be given, by path.
func (o *override) keysOfHeader() []string {
	var out []string
	for _, path := range []string{"time-zone", "valid/from"} {
		if o.ofHeader(path) != nil {
			out = append(out, path)
		}
	}
	return out
}

// ofHeader is a value of the header that may be given, or nil: the first day on
// which the version is valid, and what is to be supplied.
func (o *override) ofHeader(path string) *node {
	switch n := o.at(path); {
	case path == "valid/from" && o.root.child("valid").child("from") != nil, path == "time-zone" && n.kind == tableNode && n.child("required") != nil:
		return n
	}
	return nil
}

// writtenUnit is the unit that a value, or the first of a list, is written in.
func writtenUnit(is *node) string {
	if is.kind == listNode && len(is.items) > 0 {
		is = is.items[0]
	}
	if is.kind != wordNode || is.quoted || !startsAsNumber(is.text) {
		return ""
	}
	_, unit, _ := strings.Cut(is.text, " ")
	return unit
}

// render writes a value on one line. Bare numbers get the unit.
func render(n *node, unit string) (string, bool) {
	switch n.kind {
	case wordNode:
		switch {
		case strings.Contains(n.text, "\n"):
			return "", false
		case n.quoted || n.text == "" || strings.ContainsAny(n.text, ",[]{}#:&*!|>'\"%@`"):
			if plainAmount(n) {
				return n.text, true
			}
			return "'" + strings.ReplaceAll(n.text, "'", "''") + "'", true
		case unit != "" && decimal.MatchString(n.text):
			return n.text + " " + unit, true
		}
		return n.text, true
	case listNode:
		items := make([]string, len(n.items))
		for i, item := range n.items {
			text, ok := render(item, unit)
			if !ok {
				return "", false
			}
			items[i] = text
		}
		return "[" + strings.Join(items, ", ") + "]", true
	case tableNode:
		entries := make([]string, len(n.pairs))
		for i, pr := range n.pairs {
			key, keyOK := render(pr.key, "")
			value, valueOK := render(pr.value, unit)
			if !keyOK || !valueOK {
				return "", false
			}
			entries[i] = key + ": " + value
		}
		return "{" + strings.Join(entries, ", ") + "}", true
	}
	return "", false
}

// plainAmount tells `51 %` from text that needs quotes.
func plainAmount(n *node) bool {
	if n.quoted || !startsAsNumber(n.text) {
		return false
	}
	_, bad := parseAmount(n.text)
	return bad == nil
}

func (o *override) version(version int) {
	was := o.root.child("version")
	if was == nil || was.kind != wordNode {
		o.errorAt(o.root.line, o.root.col, "version", "the programme has no version to replace", "")
		return
	}
	old, err := strconv.Atoi(was.text)
	if err != nil || version <= old || version > VersionMax {
		o.errorAt(was.line, was.col, "version", fmt.Sprintf("version %d cannot follow version %s", version, was.text), "a new version has a higher number")
		return
	}
	o.change(was, strconv.Itoa(version))
	if replaces := o.root.child("replaces"); replaces != nil {
		o.change(replaces, strconv.Itoa(old))
		return
	}
	o.after = was
	if o.root.flow {
		o.insert = fmt.Sprintf(", replaces: %d", old)
	} else {
		o.insert = fmt.Sprintf("\n%sreplaces: %d", strings.Repeat(" ", o.root.col-1), old)
	}
}

// apply changes the text from its end to its beginning, so that places ahead
// stay what they are, and reads the result again to see that nothing else changed.
func (o *override) apply() ([]byte, error) {
	text := strings.Join(o.lines, "\n")
	slices.SortFunc(o.order, func(a, b *node) int {
		return o.offset(b.line, b.col) - o.offset(a.line, a.col)
	})
	for _, n := range o.order {
		start := o.offset(n.line, n.col)
		end, ok := o.end(text, n)
		if !ok {
			o.errorAt(n.line, n.col, "", "this value cannot be replaced where it stands", "write it on one line")
			return nil, o.errs.shown()
		}
		tail := text[end:]
		if n == o.after {
			switch at := strings.IndexByte(tail, '\n'); {
			case o.root.flow:
				tail = o.insert + tail
			case at < 0:
				tail += o.insert
			default:
				tail = tail[:at] + o.insert + tail[at:]
			}
		}
		text = text[:start] + o.becomes[n] + tail
	}
	out := []byte(text)
	again := read(out)
	if len(again.errs) > 0 {
		return nil, again.errs.shown()
	}
	if !o.same(o.root, again.root) {
		o.errorAt(1, 1, "", "the programme cannot be changed where its values stand", "write each parameter's value on one line")
		return nil, o.errs.shown()
	}
	return out, nil
}

// same compares the old tree, changed as asked, with the new one.
func (o *override) same(a, b *node) bool {
	if text, ok := o.becomes[a]; ok {
		if want := read([]byte(text)); len(want.errs) == 0 && want.root != nil {
			return o.same(want.root, b)
		}
		return false
	}
	pairs := b.pairs
	if a == o.root && o.insert != "" {
		pairs = slices.DeleteFunc(slices.Clone(pairs), func(pr pair) bool { return pr.key.text == "replaces" })
	}
	if a.kind != b.kind || a.text != b.text || a.quoted != b.quoted || len(a.items) != len(b.items) || len(a.pairs) != len(pairs) {
		return false
	}
	for i := range a.items {
		if !o.same(a.items[i], b.items[i]) {
			return false
		}
	}
	for i := range a.pairs {
		if !o.same(a.pairs[i].key, pairs[i].key) || !o.same(a.pairs[i].value, pairs[i].value) {
			return false
		}
	}
	return true
}

// end is where a node's text ends.
func (o *override) end(text string, n *node) (int, bool) {
	start := o.offset(n.line, n.col)
	switch {
	case start >= len(text):
		return 0, false
	case n.kind == emptyNode:
		return 0, false
	case text[start] == '"' || text[start] == '\'':
		return quoteEnd(text, start)
	case n.kind == wordNode:
		return start + len(n.text), !n.quoted && strings.HasPrefix(text[start:], n.text)
	case n.flow:
		return flowEnd(text, start)
	case n.kind == listNode && len(n.items) > 0:
		return o.end(text, n.items[len(n.items)-1])
	case n.kind == tableNode && len(n.pairs) > 0:
		return o.end(text, n.pairs[len(n.pairs)-1].value)
	}
	return 0, false
}

func quoteEnd(text string, start int) (int, bool) {
	quote := text[start]
	for i := start + 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote == '"':
			i++
		case text[i] == quote && quote == '\'' && strings.HasPrefix(text[i:], "''"):
			i++
		case text[i] == quote:
			return i + 1, true
		}
	}
	return 0, false
}

func flowEnd(text string, start int) (int, bool) {
	depth := 0
	for i := start; i < len(text); i++ {
		switch text[i] {
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return i + 1, true
			}
		case '\'', '"':
			if before := text[i-1]; before == ' ' || before == ',' || before == '[' || before == '{' || before == '\n' {
				end, ok := quoteEnd(text, i)
				if !ok {
					return 0, false
				}
				i = end - 1
			}
		case '#':
			if text[i-1] == ' ' || text[i-1] == '\n' {
				for i < len(text) && text[i] != '\n' {
					i++
				}
			}
		}
	}
	return 0, false
}
