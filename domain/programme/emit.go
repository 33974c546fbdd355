package programme

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// flowRunesMax is the width that a table or list in brackets may have, with
// its key and indentation; a longer one is written over several lines.
const flowRunesMax = 140

// emit writes a tree as YAML that read reads as the same tree. What the source
// wrote in brackets stays in brackets where it fits on a line. Comments are
// not part of the tree.
func emit(root *node) []byte {
	e := &emitter{}
	for i, pr := range root.pairs {
		if i > 0 && (pr.value.spread() || root.pairs[i-1].value.spread()) {
			e.line(0, "")
		}
		e.pair(pr, 0, paragraphs[pr.key.text])
	}
	return []byte(e.String())
}

// paragraphs are the sections whose entries are set apart by empty lines.
var paragraphs = map[string]bool{"requirements": true, "awards": true, "measures": true}

type emitter struct{ strings.Builder }

func (e *emitter) line(indent int, text string) {
	if text != "" {
		e.WriteString(strings.Repeat(" ", indent) + text)
	}
	e.WriteString("\n")
}

// pair writes a key and its value. Entries of a value that is apart have empty
// lines between them.
func (e *emitter) pair(pr pair, indent int, apart bool) {
	key := scalar(pr.key, false) + ":"
	switch v := pr.value; {
	case v.kind == emptyNode:
		e.line(indent, key)
	case v.kind == wordNode && v.quoted && strings.Contains(v.text, "\n"):
		e.block(key, v.text, indent)
	case e.fits(v, indent+len(key)+1):
		e.line(indent, key+" "+inline(v, false))
	case v.kind == listNode:
		e.line(indent, key)
		e.items(v, indent+2)
	default:
		e.line(indent, key)
		e.pairs(v, indent+2, apart)
	}
}

func (e *emitter) pairs(n *node, indent int, apart bool) {
	for i, pr := range n.pairs {
		if apart && i > 0 {
			e.line(0, "")
		}
		e.pair(pr, indent, false)
	}
}

func (e *emitter) items(n *node, indent int) {
	for _, item := range n.items {
		if e.fits(item, indent+2) {
			e.line(indent, "- "+inline(item, false))
			continue
		}
		e.line(indent, "-")
		if item.kind == listNode {
			e.items(item, indent+2)
		} else {
			e.pairs(item, indent+2, false)
		}
	}
}

// block writes text of several lines as it stands.
func (e *emitter) block(key, text string, indent int) {
	first := strings.TrimLeft(text, "\n")
	if strings.HasPrefix(first, " ") {
		e.line(indent, key+" |2")
	} else {
		e.line(indent, key+" |")
	}
	for _, l := range strings.Split(text, "\n") {
		e.line(indent+2, l)
	}
}

// fits tells whether a value is written on the line of its key.
func (e *emitter) fits(n *node, column int) bool {
	switch {
	case n.kind == wordNode, n.kind == emptyNode, len(n.items) == 0 && len(n.pairs) == 0:
		return true
	case !n.flow || n.holdsLines():
		return false
	}
	return column+utf8.RuneCountInString(inline(n, false)) <= flowRunesMax
}

// spread tells a section from a value of one line.
func (n *node) spread() bool {
	return n.kind == tableNode && !n.flow || n.kind == wordNode && strings.Contains(n.text, "\n")
}

// holdsLines tells whether some text inside has several lines.
func (n *node) holdsLines() bool {
	if n.kind == wordNode && strings.Contains(n.text, "\n") {
		return true
	}
	for _, item := range n.items {
		if item.holdsLines() {
			return true
		}
	}
	for _, pr := range n.pairs {
		if pr.value.holdsLines() {
			return true
		}
	}
	return false
}

// inline writes a value on one line; within brackets words need more quotes.
func inline(n *node, within bool) string {
	switch n.kind {
	case wordNode:
		return scalar(n, within)
	case listNode:
		items := make([]string, len(n.items))
		for i, item := range n.items {
			items[i] = inline(item, true)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case tableNode:
		pairs := make([]string, len(n.pairs))
		for i, pr := range n.pairs {
			pairs[i] = strings.TrimSuffix(scalar(pr.key, true)+": "+inline(pr.value, true), " ")
		}
		return "{" + strings.Join(pairs, ", ") + "}"
	}
	return ""
}

// bare is text that every YAML reader takes for the same word without quotes,
// wherever it stands.
var bare = regexp.MustCompile(`^[\p{L}\p{N}.+-][\p{L}\p{N}\p{M} .,;()/%+_'’“”„–—…=-]*$`)

// scalar writes a word. What was in quotes stays in quotes, because that makes
// it text.
func scalar(n *node, within bool) string {
	plain := bare.MatchString(n.text) && !strings.HasSuffix(n.text, " ") && !strings.HasPrefix(n.text, "- ") && n.text != "-" &&
		!strings.HasPrefix(n.text, "---") && !strings.HasPrefix(n.text, "...") && n.text != "~" && !isNull(n.text)
	switch {
	case plain && !n.quoted && !(within && strings.Contains(n.text, ",")):
		return n.text
	case strings.ContainsAny(n.text, "\n\t"):
		return doubleQuoted(n.text)
	}
	return "'" + strings.ReplaceAll(n.text, "'", "''") + "'"
}

func isNull(text string) bool { return strings.EqualFold(text, "null") }

func doubleQuoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(text) + `"`
}

// sameTree compares what was to be written with what was read again.
func sameTree(a, b *node) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.kind != b.kind || a.text != b.text || len(a.items) != len(b.items) || len(a.pairs) != len(b.pairs) {
		return false
	}
	if a.quoted != b.quoted && (a.quoted || startsAsNumber(a.text) || a.text == "true" || a.text == "false") {
		return false
	}
	for i := range a.items {
		if !sameTree(a.items[i], b.items[i]) {
			return false
		}
	}
	for i := range a.pairs {
		if !sameTree(a.pairs[i].key, b.pairs[i].key) || !sameTree(a.pairs[i].value, b.pairs[i].value) {
			return false
		}
	}
	return true
}
