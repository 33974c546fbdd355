package docs

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

// openAPI is what the documents may say of the interface.
type openAPI struct {
	open       []string // paths that are served without a token, and not described
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]schema }
}

type operation struct {
	RequestBody struct {
		Content map[string]struct{ Schema schema }
	}
}

type schema struct {
	Ref        string `json:"$ref"`
	Required   []string
	Properties map[string]json.RawMessage
}

func readOpenAPI(t *testing.T, repo fs.FS) openAPI {
	t.Helper()
	src, err := fs.ReadFile(repo, "api/testdata/openapi.json")
	require.NoError(t, err)
	var out openAPI
	require.NoError(t, json.Unmarshal(src, &out))
	eachFile(t, repo, ".go", func(name string, src []byte) {
		for _, m := range servedPath.FindAllStringSubmatch(string(src), -1) {
			if path.Dir(name) == "api" && !strings.HasSuffix(name, "_test.go") {
				out.open = append(out.open, m[1])
			}
		}
	})
	return out
}

// find is the operation at a path, where each part in braces stands for any.
func (o openAPI) find(method, asked string) (operation, bool) {
	for template, methods := range o.Paths {
		a, b := strings.Split(template, "/"), strings.Split(asked, "/")
		if len(a) != len(b) {
			continue
		}
		same := true
		for i := range a {
			same = same && (a[i] == b[i] || strings.HasPrefix(a[i], "{") && b[i] != "")
		}
		if op, ok := methods[strings.ToLower(method)]; same && ok {
			return op, true
		}
	}
	return operation{}, false
}

var (
	servedPath    = regexp.MustCompile(`\("(?:GET )?(/[a-z./-]+)"`)
	barePath      = regexp.MustCompile(`^/[a-z][a-z0-9./{}-]*$`)
	methodAndPath = regexp.MustCompile(`\b(GET|POST|PUT|PATCH|DELETE) (/[^\s?"'#]*)`)
	curlURL       = regexp.MustCompile(`(?:\$SERVER|\$CERTLEDGER_SERVER|http://[0-9.:a-z]+)(/[^\s?"'#]*)`)
	curlMethod    = regexp.MustCompile(`(?:-X|--request) ?([A-Z]+)`)
	curlBody      = regexp.MustCompile(`(?s)(?:-d|--data|--json) '([^']*)'`)
)

// pathProblems looks at every method with a path, and every curl with its body.
func (p page) pathProblems(spec openAPI) []string {
	var problems []string
	p.lines(func(at int, text string) {
		for _, m := range methodAndPath.FindAllStringSubmatch(text, -1) {
			if _, ok := spec.find(m[1], m[2]); !ok {
				problems = append(problems, p.at(at, "there is no %s %s", m[1], m[2]))
			}
		}
		if barePath.MatchString(text) && !slices.Contains(spec.open, text) {
			if _, ok := spec.find("GET", text); !ok {
				problems = append(problems, p.at(at, "there is no %s", text))
			}
		}
		url := curlURL.FindStringSubmatch(text)
		if !strings.Contains(text, "curl ") || url == nil {
			return
		}
		method, body := "GET", curlBody.FindStringSubmatch(text)
		if body != nil || strings.Contains(text, "--data-binary") {
			method = "POST"
		}
		if m := curlMethod.FindStringSubmatch(text); m != nil {
			method = m[1]
		}
		op, ok := spec.find(method, url[1])
		if !ok {
			problems = append(problems, p.at(at, "there is no %s %s", method, url[1]))
			return
		}
		if body != nil {
			for _, problem := range spec.bodyProblems(op, body[1]) {
				problems = append(problems, p.at(at, "%s %s %s", method, url[1], problem))
			}
		}
	})
	return problems
}

// bodyProblems compares the names in a body with those of its schema.
func (o openAPI) bodyProblems(op operation, body string) []string {
	var sent map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &sent); err != nil {
		return []string{"is not sent JSON: " + err.Error()}
	}
	s := op.RequestBody.Content["application/json"].Schema
	if name := path.Base(s.Ref); s.Ref != "" {
		s = o.Components.Schemas[name]
	}
	var problems []string
	for _, name := range s.Required {
		if _, ok := sent[name]; !ok {
			problems = append(problems, "needs "+name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		if _, ok := s.Properties[name]; !ok {
			problems = append(problems, "takes no "+name)
		}
	}
	return problems
}

// names are what a document may name of the code.
type names struct{ problems, tests []string }

var (
	problemURN = regexp.MustCompile(`urn:certledger:problem:([a-z-]*[a-z])`)
	testName   = regexp.MustCompile(`\bTest[A-Z]\w+`)
	pageAnchor = regexp.MustCompile(`\]\(#([^)]*)\)`)
	kindName   = regexp.MustCompile(`kind\{"([a-z-]+)"`)
	testFunc   = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
)

// problemTypes are the kinds of problems of the interface and of the rules.
func problemTypes(t *testing.T, repo fs.FS) []string {
	t.Helper()
	src, err := fs.ReadFile(repo, "api/problem.go")
	require.NoError(t, err)
	out := domain.Reasons()
	for _, m := range kindName.FindAllStringSubmatch(string(src), -1) {
		out = append(out, m[1])
	}
	return out
}

func testNames(t *testing.T, repo fs.FS) []string {
	t.Helper()
	var out []string
	eachFile(t, repo, ".go", func(name string, src []byte) {
		for _, m := range testFunc.FindAllStringSubmatch(string(src), -1) {
			if strings.HasSuffix(name, "_test.go") {
				out = append(out, m[1])
			}
		}
	})
	return out
}

// nameProblems looks at problems, tests and headings. The first column of a
// table headed "type" names problems.
func (p page) nameProblems(known names) []string {
	var problems []string
	inTypes := false
	problem := func(at int, name string) {
		if !slices.Contains(known.problems, name) {
			problems = append(problems, p.at(at, "there is no problem %s", name))
		}
	}
	all := slices.Clone(p.text)
	for _, b := range p.blocks {
		for i, line := range strings.Split(b.body, "\n") {
			if i+b.line-1 < len(all) {
				all[i+b.line-1] += line
			}
		}
	}
	for i, line := range all {
		for _, m := range problemURN.FindAllStringSubmatch(line, -1) {
			problem(i+1, m[1])
		}
		for _, name := range testName.FindAllString(line, -1) {
			if !slices.Contains(known.tests, name) {
				problems = append(problems, p.at(i+1, "there is no test %s", name))
			}
		}
		inTypes = strings.HasPrefix(line, "| type |") || inTypes && strings.HasPrefix(line, "|")
		if inTypes {
			first, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
			for _, m := range inline.FindAllStringSubmatch(first, -1) {
				problem(i+1, m[1])
			}
		}
		for _, m := range pageAnchor.FindAllStringSubmatch(line, -1) {
			if !p.hasHeading(m[1]) {
				problems = append(problems, p.at(i+1, "no heading is #%s", m[1]))
			}
		}
	}
	return problems
}

func (p page) hasHeading(anchor string) bool {
	return slices.ContainsFunc(p.text, func(line string) bool {
		title := strings.TrimLeft(line, "#")
		if title == line {
			return false
		}
		slug := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), "")
		return strings.ReplaceAll(slug, " ", "-") == anchor
	})
}

// untold are the words of the language that its guide does not tell.
func untold(t *testing.T, repo fs.FS) []string {
	t.Helper()
	words := map[string]bool{}
	eachFile(t, repo, ".go", func(name string, src []byte) {
		dir := path.Dir(name)
		if strings.HasSuffix(name, "_test.go") || dir != "domain/programme" && dir != "domain/cases" {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, src, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr: // r.open(node, path, what, keys...)
				if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "open" && dir == "domain/programme" && len(n.Args) > 3 {
					literals(n.Args[3:], words)
				}
			case *ast.ValueSpec:
				for i, id := range n.Names {
					if len(n.Values) <= i {
						continue
					}
					if list, ok := n.Values[i].(*ast.CompositeLit); ok {
						switch {
						case dir == "domain/programme" && strings.HasSuffix(id.Name, "Keys"):
							literals(list.Elts, words)
						case dir == "domain/cases" && (id.Name == "expectable" || id.Name == "timeKeys"):
							literals(list.Elts, words)
						}
					}
				}
			case *ast.FuncDecl:
				if n.Name.Name == "verbs" && dir == "domain/cases" || n.Name.Name == "besides" {
					ast.Inspect(n.Body, func(n ast.Node) bool {
						switch n := n.(type) {
						case *ast.ReturnStmt:
							for _, r := range n.Results {
								if list, ok := r.(*ast.CompositeLit); ok {
									literals(list.Elts, words)
								}
							}
						}
						return true
					})
				}
			}
			return true
		})
	})
	require.NotEmpty(t, words)
	guide, err := fs.ReadFile(repo, "docs/programmes.md")
	require.NoError(t, err)
	var out []string
	for _, w := range slices.Sorted(maps.Keys(words)) {
		if !regexp.MustCompile("(?m)[`{ ]" + regexp.QuoteMeta(w) + "[`:, ]").Match(guide) {
			out = append(out, "docs/programmes.md does not tell of "+w)
		}
	}
	return out
}

// literals adds the strings of a list, or the keys of a table.
func literals(list []ast.Expr, into map[string]bool) {
	for _, e := range list {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			e = kv.Key
		}
		if s := literal(e); s != "" {
			into[s] = true
		}
		if c, ok := e.(*ast.CallExpr); ok { // append([]string{…}, more...)
			for _, a := range c.Args {
				if l, ok := a.(*ast.CompositeLit); ok {
					literals(l.Elts, into)
				}
			}
		}
	}
}
