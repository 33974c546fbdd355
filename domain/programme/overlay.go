package programme

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// OverlaysMax is how many programmes may lie over one another.
const OverlaysMax = 4

// overlayIndent is how far an overlay's own text is moved in where the resolved
// programme keeps it.
const overlayIndent = 2

// The keys of an overlay: a header like any programme's, what the base is, and
// what is done to it.
var overlayKeys = []string{
	"programme", "version", "title", "replaces", "clarifies", "valid", "pinned-by", "time-zone", "based-on", "base-award",
	"sources", "assumes", "assumptions", "set", "replace", "remove", "add",
}

// OverlayOf tells what a source is laid over. It is false for a programme that
// stands alone or is resolved already, and for what cannot be read.
func OverlayOf(src []byte) (Base, bool) {
	s := read(src)
	if len(s.errs) > 0 || s.root == nil || s.root.child("overlay") != nil {
		return Base{}, false
	}
	on := s.root.child("based-on")
	if on == nil {
		return Base{}, false
	}
	return baseNamed(on), true
}

// baseNamed is what `based-on` names, as far as it can be read.
func baseNamed(on *node) Base {
	var b Base
	if n := on.child("programme"); n != nil {
		b.Programme = n.text
	}
	if n := on.child("version"); n != nil {
		b.Version, _ = strconv.Atoi(n.text)
	}
	if n := on.child("digest"); n != nil {
		b.Digest = n.text
	}
	return b
}

// Resolve lays an overlay over its base and writes the whole programme that
// comes of it. The result is complete: Parse reads it alone, and its digest is
// the programme's identity. It keeps the overlay's own text, the digest of the
// base and, clause by clause, what is done to the base; the same overlay and
// base give the same bytes. Errors have places in the overlay.
func Resolve(overlay []byte, base *Programme) ([]byte, error) {
	text := overlayText(overlay)
	m := &merger{over: read([]byte(text)), base: base, text: text}
	if len(m.over.errs) > 0 {
		return nil, m.over.errs.shown()
	}
	m.header()
	if len(m.over.errs) == 0 {
		m.merge()
	}
	if len(m.over.errs) == 0 {
		m.settle()
	}
	if len(m.over.errs) > 0 {
		return nil, m.over.errs.shown()
	}
	return m.written()
}

// Verify lays the overlay that a resolved programme keeps over its base once
// more and compares. The error says why it is not what it says it is.
func Verify(p, base *Programme) error {
	if p.BasedOn == nil {
		return nil
	}
	out, err := Resolve([]byte(p.overlay), base)
	if err != nil {
		return err
	}
	if !bytes.Equal(out, p.Bytes) {
		return Errors{{
			Path:    "overlay",
			Message: fmt.Sprintf("this is not what its overlay and %s version %d come to", base.ID, base.Version),
			Hint:    "lay the overlay over its base again; a resolved programme is not edited",
		}}
	}
	return nil
}

// overlayText is an overlay's text as a resolved programme keeps it.
func overlayText(src []byte) string {
	return strings.TrimRight(strings.ReplaceAll(string(src), "\r\n", "\n"), "\n ")
}

// merger lays one overlay over one base.
type merger struct {
	text string
	over *source
	base *Programme

	below   *reader // the base, read again for its places
	head    []pair  // the header of the result
	body    []pair  // its sections
	changes []Change
	offset  int // lines of the overlay, after which those of the base are counted
}

func (m *merger) fail(n *node, path, hint, format string, args ...any) {
	m.over.errorAt(n.line, n.col, path, fmt.Sprintf(format, args...), hint)
}

// header checks the overlay's own keys and its base.
func (m *merger) header() {
	root := m.over.root
	if root.kind != tableNode {
		m.fail(root, "", "", "an overlay must be a table, not %s", root.kind)
		return
	}
	for _, pr := range root.pairs {
		key := pr.key.text
		switch {
		case slices.Contains(overlayKeys, key):
		case slices.Contains(programmeKeys, key):
			m.fail(pr.key, key, fmt.Sprintf("write it under add: {%s: …}, or under replace where the base has it", key), "an overlay has no %s of its own", key)
		default:
			m.fail(pr.key, key, orKnown(key, overlayKeys), "an overlay has no key %q", key)
		}
	}
	for i, line := range m.over.lines {
		if utf8.RuneCountInString(line) > LineRunesMax-overlayIndent {
			m.over.errorAt(i+1, 1, "", fmt.Sprintf("a line longer than %d characters", LineRunesMax-overlayIndent), "break the line")
			return
		}
	}
	on := root.child("based-on")
	if on == nil {
		m.fail(root, "", "write based-on: {programme: …, version: …}", "the file says not what it is laid over")
		return
	}
	m.based(on)
}

func (m *merger) based(on *node) {
	const path = "based-on"
	for _, pr := range on.pairs {
		if !slices.Contains([]string{"programme", "version", "digest"}, pr.key.text) {
			m.fail(pr.key, join(path, pr.key.text), "known here: programme, version, digest", "based-on has no key %q", pr.key.text)
		}
	}
	named, b := baseNamed(on), m.base
	switch {
	case named.Programme != b.ID || named.Version != b.Version:
		m.fail(on, path, "", "the overlay is laid over %s, and this is %s", versionName(named.Programme, named.Version), versionName(b.ID, b.Version))
	case named.Digest != "" && named.Digest != b.Digest:
		m.fail(on.child("digest"), join(path, "digest"), "the base has changed since the overlay was written; look at what changed, then name its digest",
			"this is another text of %s: its digest is %s", versionName(b.ID, b.Version), b.Digest)
	case m.itself():
		m.fail(on, path, "", "%s would lie over itself", versionName(b.ID, b.Version))
	case len(b.below()) >= OverlaysMax:
		m.fail(on, path, "lay it over an earlier programme of these", "more than %d overlays lie over one another", OverlaysMax)
	}
}

// itself tells whether the overlay is one of the programmes that it lies over.
func (m *merger) itself() bool {
	id, version := m.over.root.child("programme"), m.over.root.child("version")
	if id == nil || version == nil {
		return false
	}
	if m.base.ID == id.text && strconv.Itoa(m.base.Version) == version.text {
		return true
	}
	return slices.ContainsFunc(m.base.below(), func(x Lain) bool {
		return x.Programme == id.text && strconv.Itoa(x.Version) == version.text
	})
}

// below are the programmes that a programme lies over, the nearest first.
func (p *Programme) below() []Lain {
	if p.BasedOn == nil {
		return nil
	}
	return append([]Lain{{p.BasedOn.Programme, p.BasedOn.Version, p.BasedOn.Digest}}, p.BasedOn.Over...)
}

func versionName(id string, version int) string { return fmt.Sprintf("%s version %d", id, version) }

// merge puts the header together and lays every section over the base's.
func (m *merger) merge() {
	m.below = newReader(read(m.base.Bytes))
	m.below.programme()
	m.offset = len(m.over.lines)
	m.header2()
	for _, pr := range m.below.root.pairs {
		if slices.Contains(sectionKeys, pr.key.text) {
			m.body = append(m.body, m.moved(pr))
		}
	}
	m.sources()
	for _, pr := range m.over.root.pairs {
		switch pr.key.text {
		case "set":
			m.set(pr.value)
		case "replace", "remove", "add":
			m.sections(pr.key.text, pr.value)
		}
	}
	if n := m.over.root.child("base-award"); n != nil && len(m.over.errs) == 0 {
		m.keepBase(n)
	}
}

// headerKeys are those that the result takes from the overlay, and else from
// the base where inherited.
var headerKeys = []struct {
	key       string
	inherited bool
}{
	{"programme", false}, {"version", false}, {"title", false}, {"replaces", false}, {"clarifies", false}, {"valid", false}, {"pinned-by", true}, {"time-zone", true},
}

func (m *merger) header2() {
	for _, h := range headerKeys {
		if n := m.over.root.child(h.key); n != nil {
			m.head = append(m.head, pair{word(h.key), n})
		} else if n := m.below.root.child(h.key); n != nil && h.inherited {
			m.head = append(m.head, pair{word(h.key), m.clone(n)})
		}
	}
}

// sources are the base's and the overlay's own: sources, assumptions, and what
// the programme as a whole rests on.
func (m *merger) sources() {
	for _, key := range []string{"sources", "assumptions"} {
		if n := m.over.root.child(key); n != nil {
			m.into([]string{key}, n)
		}
	}
	n := m.over.root.child("assumes")
	if n == nil {
		return
	}
	at := m.section("assumes", listNode)
	if at.kind != listNode {
		*at = node{kind: listNode, flow: true, items: []*node{{kind: wordNode, text: at.text, quoted: at.quoted, line: at.line, col: at.col}}, line: at.line, col: at.col}
	}
	items := []*node{n}
	if n.kind == listNode {
		items = n.items
	}
	at.items, at.flow = append(at.items, items...), true
}

// section finds a section of the result, or begins it.
func (m *merger) section(key string, kind nodeKind) *node {
	for _, pr := range m.body {
		if pr.key.text == key {
			return pr.value
		}
	}
	n := &node{kind: kind, line: 1, col: 1}
	place := slices.Index(sectionKeys, key)
	at := slices.IndexFunc(m.body, func(pr pair) bool { return slices.Index(sectionKeys, pr.key.text) > place })
	if at < 0 {
		at = len(m.body)
	}
	m.body = slices.Insert(m.body, at, pair{word(key), n})
	return n
}

func word(text string) *node { return &node{kind: wordNode, text: text, line: 1, col: 1} }

// clone copies a tree of the base. Its lines are counted after the overlay's.
func (m *merger) clone(n *node) *node {
	c := *n
	c.line += m.offset
	c.items, c.pairs = nil, nil
	for _, item := range n.items {
		c.items = append(c.items, m.clone(item))
	}
	for _, pr := range n.pairs {
		c.pairs = append(c.pairs, m.moved(pr))
	}
	return &c
}

func (m *merger) moved(pr pair) pair { return pair{m.clone(pr.key), m.clone(pr.value)} }

// written is the result, after reading it once more.
func (m *merger) written() ([]byte, error) {
	root := m.root()
	out := emit(root)
	if again := read(out); len(again.errs) > 0 || !sameTree(root, again.root) {
		e := &Error{Message: "the programme that comes of this overlay cannot be written as text that reads the same"}
		if len(again.errs) > 0 {
			e.Hint = again.errs[0].Error()
		}
		return nil, Errors{e}
	}
	if _, err := Parse(out); err != nil {
		return nil, err
	}
	return out, nil
}

// root is the result as a tree.
func (m *merger) root() *node {
	root := &node{kind: tableNode, line: 1, col: 1}
	root.pairs = append(root.pairs, m.head...)
	on := baseNode(append([]Lain{{m.base.ID, m.base.Version, m.base.Digest}}, m.base.below()...))
	root.pairs = append(root.pairs, pair{word("based-on"), on})
	if n := m.over.root.child("base-award"); n != nil {
		root.pairs = append(root.pairs, pair{word("base-award"), n})
	}
	root.pairs = append(root.pairs,
		pair{word("changes"), changesNode(m.changes)},
		pair{word("overlay"), &node{kind: wordNode, text: m.text, quoted: true, line: 1, col: 1}})
	for _, pr := range m.body {
		if len(pr.value.pairs) > 0 || len(pr.value.items) > 0 || pr.value.kind == wordNode {
			root.pairs = append(root.pairs, pr)
		}
	}
	return root
}

func flowTable(pairs ...pair) *node {
	return &node{kind: tableNode, flow: true, pairs: pairs, line: 1, col: 1}
}

func baseNode(lain []Lain) *node {
	digest := word(lain[0].Digest)
	digest.quoted = true // it holds a colon
	n := flowTable(pair{word("programme"), word(lain[0].Programme)}, pair{word("version"), word(strconv.Itoa(lain[0].Version))}, pair{word("digest"), digest})
	if len(lain) > 1 {
		n.pairs = append(n.pairs, pair{word("based-on"), baseNode(lain[1:])})
	}
	return n
}

func changesNode(changes []Change) *node {
	n := &node{kind: tableNode, line: 1, col: 1}
	for _, c := range changes {
		does := flowTable(pair{word("does"), word(c.Does)})
		if c.Because != "" {
			because := word(c.Because)
			because.quoted = true
			does.pairs = append(does.pairs, pair{word("because"), because})
		}
		if c.Loosens {
			does.pairs = append(does.pairs, pair{word("loosens"), word("true")})
		}
		n.pairs = append(n.pairs, pair{word(c.Path), does})
	}
	return n
}

// digestOf is a programme's identity.
func digestOf(src []byte) string {
	sum := sha256.Sum256(src)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Overlay is the overlay's own text in a resolved programme, and empty in one
// that stands alone.
func (p *Programme) Overlay() string { return p.overlay }
