package cases

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/certledger/certledger/domain/programme"
)

// Limits on a case file, far above what people write. They bound the work on
// any input.
const (
	sourceBytesMax = 1 << 20
	depthMax       = 16     // tables and lists inside one another
	keysMax        = 50_000 // keys in the whole file
	errorsMax      = 50     // mistakes shown at once
)

type nodeKind int

const (
	emptyNode nodeKind = iota // a key without a value
	wordNode                  // text, number or truth
	listNode
	tableNode
)

func (k nodeKind) String() string {
	return [...]string{"nothing", "a word", "a list", "a table"}[k]
}

// node is a value of a case file with its place.
type node struct {
	kind      nodeKind
	text      string // of a word, as written without quotes
	quoted    bool
	items     []*node
	pairs     []pair
	line, col int
}

type pair struct{ key, value *node }

// get is the value of a key of a table, or nil.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for _, p := range n.pairs {
		if p.key.text == key {
			return p.value
		}
	}
	return nil
}

// words are the texts of a list of words, or of one word.
func (n *node) words() []string {
	if n == nil {
		return nil
	}
	if n.kind == wordNode {
		return []string{n.text}
	}
	var out []string
	for _, item := range n.items {
		out = append(out, item.text)
	}
	return out
}

// yaml writes a node again, on one line.
func (n *node) yaml() string {
	switch n.kind {
	case listNode:
		parts := make([]string, len(n.items))
		for i, item := range n.items {
			parts[i] = item.yaml()
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case tableNode:
		parts := make([]string, len(n.pairs))
		for i, p := range n.pairs {
			parts[i] = p.key.yaml() + ": " + p.value.yaml()
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case wordNode:
		if n.quoted {
			return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(n.text) + `"`
		}
		return n.text
	}
	return "null"
}

// source is a YAML file read into nodes. Mistakes are collected, not returned.
type source struct {
	lines []string
	root  *node
	errs  programme.Errors
}

func (s *source) fail(n *node, path, hint, format string, args ...any) {
	line, col := 1, 1
	if n != nil {
		line, col = n.line, n.col
	}
	s.failAt(line, col, path, hint, format, args...)
}

func (s *source) failAt(line, col int, path, hint, format string, args ...any) {
	e := &programme.Error{Line: max(line, 1), Column: max(col, 1), Path: path, Message: fmt.Sprintf(format, args...), Hint: hint}
	if e.Line <= len(s.lines) {
		e.Excerpt = s.lines[e.Line-1]
	}
	s.errs = append(s.errs, e)
}

// mistakes are those found, in the order of the file, or nil.
func (s *source) mistakes() programme.Errors {
	slices.SortStableFunc(s.errs, func(a, b *programme.Error) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	if more := len(s.errs) - errorsMax; more > 0 {
		s.errs = append(s.errs[:errorsMax:errorsMax], &programme.Error{Message: fmt.Sprintf("and %d more mistakes", more)})
	}
	return s.errs
}

// readYAML turns bytes into nodes. Anchors, aliases, tags and several documents are
// refused: a case reads the same to everybody.
func readYAML(src []byte) *source {
	s := &source{}
	if len(src) > sourceBytesMax {
		s.errs = programme.Errors{{Message: fmt.Sprintf("the file has %d bytes; at most %d are read", len(src), sourceBytesMax)}}
		return s
	}
	if !utf8.Valid(src) {
		s.errs = programme.Errors{{Message: "the file is not UTF-8 text", Hint: "save it as UTF-8"}}
		return s
	}
	text := strings.TrimPrefix(strings.ReplaceAll(string(src), "\r\n", "\n"), "\ufeff")
	s.lines = strings.Split(text, "\n")
	for i, line := range s.lines {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if at := strings.IndexByte(indent, '\t'); at >= 0 {
			s.failAt(i+1, at+1, "", "indent with spaces", "a tab in the indentation")
			return s
		}
		if at := strings.IndexFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }); at >= 0 {
			s.failAt(i+1, utf8.RuneCountInString(line[:at])+1, "", "delete it", "a control character")
			return s
		}
	}
	s.parse(text)
	return s
}

func (s *source) parse(text string) {
	defer func() {
		if recover() != nil { // of the YAML library, on input it did not foresee
			s.root = nil
			s.failAt(1, 1, "", "", "this is not YAML that can be read")
		}
	}()
	if !s.tokens(lexer.Tokenize(text)) {
		return
	}
	file, err := parser.ParseBytes([]byte(text), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) && syntax.Token != nil && syntax.Token.Position != nil {
			hint := ""
			if strings.Contains(syntax.Message, "mapping value") {
				hint = "put text that contains a colon and a space in quotes"
			}
			if strings.Contains(syntax.Message, "unexpected key") {
				hint = "a line below a bare verb needs it written with a colon, as in query: {}"
			}
			s.failAt(syntax.Token.Position.Line, syntax.Token.Position.Column, "", hint, "%s", syntax.Message)
			return
		}
		s.failAt(1, 1, "", "", "this is not YAML that can be read")
		return
	}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if s.root != nil {
			line, col := place(doc.Body)
			s.failAt(line, col, "", "write one file, without ---", "a second YAML document in the file")
			return
		}
		s.root = s.convert(doc.Body, 1)
	}
	if s.root == nil {
		s.errs = append(s.errs, &programme.Error{Message: "the file is empty"})
	}
}

func (s *source) tokens(tokens token.Tokens) bool {
	flow, keys := 0, 0
	for _, t := range tokens {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.MappingValueType:
			keys++
		case token.AnchorType, token.AliasType, token.MergeKeyType, token.TagType, token.MappingKeyType, token.DirectiveType:
			s.failAt(t.Position.Line, t.Position.Column, "", "write the value again; put text that begins with & * ! ? or % in quotes",
				"anchors, aliases, tags, directives and explicit keys are not read here")
			return false
		}
		if flow > depthMax || keys > keysMax {
			s.failAt(t.Position.Line, t.Position.Column, "", "", "more than %d levels or %d keys", depthMax, keysMax)
			return false
		}
	}
	return true
}

func place(n ast.Node) (line, col int) {
	if n != nil {
		if t := n.GetToken(); t != nil && t.Position != nil {
			return t.Position.Line, t.Position.Column
		}
	}
	return 1, 1
}

func (s *source) convert(n ast.Node, depth int) *node {
	out := &node{}
	out.line, out.col = place(n)
	if depth > depthMax {
		s.fail(out, "", "", "more than %d lists and tables inside one another", depthMax)
		return out
	}
	switch n := n.(type) {
	case nil, *ast.NullNode:
	case *ast.MappingNode:
		s.table(out, n.Values, depth)
	case *ast.MappingValueNode:
		s.table(out, []*ast.MappingValueNode{n}, depth)
	case *ast.SequenceNode:
		out.kind = listNode
		for _, item := range n.Values {
			out.items = append(out.items, s.convert(item, depth+1))
		}
	case *ast.LiteralNode:
		out.kind, out.quoted, out.text = wordNode, true, strings.TrimRight(n.Value.Value, "\n")
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		t := n.GetToken()
		out.kind, out.text = wordNode, t.Value
		out.quoted = t.Type == token.DoubleQuoteType || t.Type == token.SingleQuoteType
	default:
		s.fail(out, "", "", "this is not read here")
	}
	return out
}

func (s *source) table(out *node, values []*ast.MappingValueNode, depth int) {
	out.kind = tableNode
	seen := map[string]int{}
	for i, v := range values {
		key := s.convert(v.Key, depth+1)
		if i == 0 && out.line >= key.line && (out.line > key.line || out.col > key.col) {
			out.line, out.col = key.line, key.col // a table begins at its first key
		}
		if key.kind != wordNode {
			s.fail(key, "", "", "a key must be a word")
			continue
		}
		if line, twice := seen[key.text]; twice {
			s.fail(key, "", fmt.Sprintf("it is first on line %d", line), "the key %q is given twice", key.text)
			continue
		}
		seen[key.text] = key.line
		out.pairs = append(out.pairs, pair{key, s.convert(v.Value, depth+1)})
	}
}

// nearest is the known word that a word was probably meant to be, or empty.
func nearest(word string, known []string) string {
	best, fewest := "", 3
	if len(word) <= 4 {
		fewest = 2
	}
	for _, k := range known {
		if d := distance(word, k); d > 0 && d < fewest {
			best, fewest = k, d
		}
	}
	return best
}

// distance counts the letters to add, drop or change between two short words.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
		}
		last = row
	}
	return last[len(b)]
}

// hintFor suggests the nearest known word and lists all of them.
func hintFor(word string, known []string) string {
	list := "known here: " + strings.Join(known, ", ")
	if len(known) == 0 {
		list = "none is known here"
	}
	if near := nearest(word, known); near != "" {
		return "did you mean " + near + "? " + list
	}
	return list
}
