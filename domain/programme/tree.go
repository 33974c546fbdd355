package programme

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// nodeKind is the shape of a node of the source.
type nodeKind int

const (
	emptyNode nodeKind = iota // a key without a value
	wordNode                  // text or number
	listNode
	tableNode
)

func (k nodeKind) String() string {
	return [...]string{"nothing", "a word", "a list", "a table"}[k]
}

// node is a value of the source with its place.
type node struct {
	kind      nodeKind
	text      string // of a word, as YAML reads it
	quoted    bool   // of a word: in quotes or a block, so always text
	flow      bool   // of a list or table: written with brackets
	items     []*node
	pairs     []pair
	line, col int
}

type pair struct{ key, value *node }

// source is a programme's text, read into nodes.
type source struct {
	lines  []string
	root   *node
	errs   Errors
	values int
}

func (s *source) errorAt(line, col int, path, message, hint string) {
	if line < 1 {
		line = 1
	}
	col = max(col, 1)
	e := &Error{Line: line, Column: col, Path: path, Message: message, Hint: hint}
	if line <= len(s.lines) {
		e.Excerpt = s.lines[line-1]
	}
	s.errs = append(s.errs, e)
}

// read turns source bytes into nodes. It refuses what YAML allows and a
// programme does not need: anchors, aliases, merge keys, tags, several
// documents, and words that different YAML readers read differently.
func read(src []byte) *source {
	s := &source{}
	if len(src) > SourceBytesMax {
		s.errs = Errors{{Message: fmt.Sprintf("the programme has %d bytes; at most %d are read", len(src), SourceBytesMax)}}
		return s
	}
	if !utf8.Valid(src) {
		s.errs = Errors{{Message: "the programme is not UTF-8 text", Hint: "save the file as UTF-8"}}
		return s
	}
	text := strings.ReplaceAll(string(src), "\r\n", "\n")
	s.lines = strings.Split(text, "\n")
	if s.checkCharacters(); len(s.errs) > 0 {
		return s
	}
	s.parse(text)
	return s
}

func (s *source) checkCharacters() {
	if len(s.lines) > LinesMax {
		s.errorAt(LinesMax+1, 1, "", fmt.Sprintf("more than %d lines", LinesMax), "")
		return
	}
	for i, line := range s.lines {
		if utf8.RuneCountInString(line) > LineRunesMax {
			s.errorAt(i+1, LineRunesMax+1, "", fmt.Sprintf("a line longer than %d characters", LineRunesMax), "break the line")
			return
		}
		indent := true
		for j, r := range []rune(line) {
			switch {
			case r == '\t' && indent:
				s.errorAt(i+1, j+1, "", "a tab in the indentation", "indent with spaces")
				return
			case r == '\ufeff':
				s.errorAt(i+1, j+1, "", "an invisible byte order mark", "save the file as UTF-8 without BOM")
				return
			case r != '\t' && (unicode.IsControl(r) || r == '\u2028' || r == '\u2029'):
				s.errorAt(i+1, j+1, "", fmt.Sprintf("a control character (U+%04X)", r), "delete it")
				return
			}
			indent = indent && r == ' '
		}
	}
}

// parse runs the YAML parser. Nesting and the number of keys are bounded
// first, on the tokens, because the parser recurses and searches.
func (s *source) parse(text string) {
	defer func() {
		if r := recover(); r != nil {
			s.root = nil
			s.errorAt(1, 1, "", "this is not YAML that can be read", "")
		}
	}()
	if !s.checkTokens(lexer.Tokenize(text)) {
		return
	}
	file, err := parser.ParseBytes([]byte(text), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		s.syntaxError(err)
		return
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if d, ok := doc.Body.(*ast.DirectiveNode); ok {
			s.refuse(d, "a YAML directive", "delete the line")
			return
		}
		if doc.Body == nil {
			continue
		}
		if body != nil {
			s.refuse(doc.Body, "a second YAML document in the file", "write one programme in one file, without ---")
			return
		}
		body = doc.Body
	}
	if body == nil {
		s.errs = append(s.errs, &Error{Message: "the programme is empty"})
		return
	}
	s.root = s.convert(body, 1)
}

func (s *source) checkTokens(tokens token.Tokens) bool {
	flow, keys, begun := 0, 0, false
	for _, t := range tokens {
		switch t.Type {
		case token.DocumentHeaderType, token.DocumentEndType:
			if begun {
				s.errorAt(t.Position.Line, t.Position.Column, "", "a second YAML document in the file", "write one programme in one file, without "+t.Value)
				return false
			}
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.MappingValueType:
			keys++
		case token.MappingKeyType:
			s.errorAt(t.Position.Line, t.Position.Column, "", "an explicit key (?)", "write key: value")
			return false
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			s.errorAt(t.Position.Line, t.Position.Column, "", "anchors, aliases and merge keys are not read in a programme",
				"write the value again, or make it a parameter; put text that begins with & or * in quotes")
			return false
		case token.TagType:
			s.errorAt(t.Position.Line, t.Position.Column, "", "tags are not read in a programme", "delete the tag; put text that begins with ! in quotes")
			return false
		}
		begun = begun || t.Type != token.CommentType
		if flow > DepthMax {
			s.errorAt(t.Position.Line, t.Position.Column, "", fmt.Sprintf("more than %d lists and tables inside one another", DepthMax), "")
			return false
		}
		if keys > KeysMax {
			s.errorAt(t.Position.Line, t.Position.Column, "", fmt.Sprintf("more than %d keys", KeysMax), "")
			return false
		}
	}
	return true
}

func (s *source) syntaxError(err error) {
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) && syntax.Token != nil && syntax.Token.Position != nil {
		message, hint := syntax.Message, ""
		if strings.HasPrefix(message, "mapping value is not allowed") {
			message, hint = "text without quotes holds a colon and a space", "put the text in quotes"
		}
		s.errorAt(syntax.Token.Position.Line, syntax.Token.Position.Column, "", message, hint)
		return
	}
	s.errorAt(1, 1, "", "this is not YAML that can be read", "")
}

func place(n ast.Node) (line, col int) {
	if n == nil {
		return 1, 1
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line, t.Position.Column
	}
	return 1, 1
}

func (s *source) refuse(n ast.Node, message, hint string) {
	line, col := place(n)
	s.errorAt(line, col, "", message, hint)
}

func (s *source) convert(n ast.Node, depth int) *node {
	out := &node{}
	out.line, out.col = place(n)
	if s.values++; s.values > ValuesMax {
		if s.values == ValuesMax+1 {
			s.errorAt(out.line, out.col, "", fmt.Sprintf("more than %d values", ValuesMax), "")
		}
		return out
	}
	if depth > DepthMax {
		s.errorAt(out.line, out.col, "", fmt.Sprintf("more than %d lists and tables inside one another", DepthMax), "")
		return out
	}
	switch n := n.(type) {
	case nil, *ast.NullNode:
	case *ast.MappingNode:
		s.table(out, n.Values, depth)
		out.flow = n.IsFlowStyle
	case *ast.MappingValueNode:
		s.table(out, []*ast.MappingValueNode{n}, depth)
	case *ast.SequenceNode:
		out.kind, out.flow = listNode, n.IsFlowStyle
		for _, item := range n.Values {
			out.items = append(out.items, s.convert(item, depth+1))
		}
	case *ast.LiteralNode:
		out.kind, out.quoted = wordNode, true
		out.text = strings.TrimRight(n.Value.Value, "\n")
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		t := n.GetToken()
		out.kind, out.text = wordNode, t.Value
		out.quoted = t.Type == token.DoubleQuoteType || t.Type == token.SingleQuoteType
		s.settle(out)
		s.checkPlain(out)
	default:
		s.refuse(n, "this is not read in a programme", "")
	}
	return out
}

// settle corrects the column of an unquoted word before white space at the end
// of its line, which the parser counts as part of the way to it.
func (s *source) settle(n *node) {
	words := strings.Fields(n.text)
	if n.quoted || len(words) == 0 || n.line > len(s.lines) {
		return
	}
	line, word := []rune(s.lines[n.line-1]), []rune(words[0])
	for at := min(n.col-1, len(line)-len(word)); at >= 0; at-- {
		if slices.Equal(line[at:at+len(word)], word) {
			n.col = at + 1
			return
		}
	}
}

func (s *source) table(out *node, values []*ast.MappingValueNode, depth int) {
	out.kind = tableNode
	seen := make(map[string]int, len(values))
	for i, v := range values {
		key := s.convert(v.Key, depth+1)
		if i == 0 && out.line >= key.line && (out.line > key.line || out.col > key.col) {
			out.line, out.col = key.line, key.col // a table begins at its first key
		}
		if key.kind != wordNode {
			s.errorAt(key.line, key.col, "", "a key must be a word", "")
			continue
		}
		if line, ok := seen[key.text]; ok {
			s.errorAt(key.line, key.col, "", fmt.Sprintf("the key %q is given twice", key.text), fmt.Sprintf("it is first on line %d", line))
			continue
		}
		seen[key.text] = key.line
		value := s.convert(v.Value, depth+1)
		if value.kind == emptyNode {
			value.line, value.col = key.line, key.col
		}
		out.pairs = append(out.pairs, pair{key, value})
	}
}

var (
	oddNumber = regexp.MustCompile(`^[-+]?(0[0-9]+(\.[0-9]*)?|0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|[0-9]+(_[0-9]+)+|[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+|\.(inf|Inf|INF))$|^\.(nan|NaN|NAN)$`)
	oddTruth  = regexp.MustCompile(`^(?i:on|off|yes|no)$|^(True|TRUE|False|FALSE)$`)
)

// checkPlain refuses unquoted words that YAML readers disagree about.
func (s *source) checkPlain(n *node) {
	if n.quoted {
		return
	}
	switch {
	case oddNumber.MatchString(n.text):
		s.errorAt(n.line, n.col, "", fmt.Sprintf("%s can be read as more than one number", n.text),
			fmt.Sprintf("write \"%s\" in quotes for a name, or a plain decimal number", n.text))
	case oddTruth.MatchString(n.text):
		s.errorAt(n.line, n.col, "", fmt.Sprintf("%s is a truth to some YAML readers and a word to others", n.text),
			fmt.Sprintf("write true or false, or \"%s\" in quotes for the word", n.text))
	}
}

// offset is the byte offset of a place in text made of s.lines.
func (s *source) offset(line, col int) int {
	at := 0
	for _, l := range s.lines[:line-1] {
		at += len(l) + 1
	}
	for i := range s.lines[line-1] {
		if col--; col == 0 {
			return at + i
		}
	}
	return at + len(s.lines[line-1])
}
