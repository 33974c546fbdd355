package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestCommandsInDocumentsExist(t *testing.T) {
	known := commandTree(t, root)
	require.Contains(t, known, "certledger programme check")
	require.Contains(t, known["certledger programme test"], "output")
	for _, p := range pages(t, root) {
		require.Empty(t, p.commandProblems(known), p.name)
	}

	src := `package main
func (a *app) commands() []*cobra.Command { return []*cobra.Command{a.serve(), a.key()} }
func (f *flags) add(cmd *cobra.Command) { cmd.Flags().StringVarP(&f.x, "data", "d", "", "") }
func (a *app) serve() *cobra.Command { cmd := &cobra.Command{Use: "serve --data DIR"}; f.add(cmd); return cmd }
func (a *app) key() *cobra.Command { cmd := &cobra.Command{Use: "key"}; cmd.AddCommand(a.keyMake()); return cmd }
func (a *app) keyMake() *cobra.Command { return &cobra.Command{Use: "make"} }`
	known = commandTree(t, fstest.MapFS{"cmd/certledger/a.go": {Data: []byte(src)}, "Makefile": {Data: []byte("run: build\n\trun\n")}})
	p := pages(t, fstest.MapFS{"docs/a.md": {Data: []byte("`certledger serve --data x` `certledger key make` `certledger sreve` `make run` `make bread`\n" +
		"```sh\ncertledger key mke && bin/certledger serve -d x\ncertledger key make \\\n  --data x  # certledger nothing\n```\nA `certledger` and certledger words.\n")}})[0]
	require.Equal(t, []string{
		`docs/a.md:1: certledger sreve: there is no command "certledger sreve"`,
		`docs/a.md:1: there is no target bread`,
		`docs/a.md:3: certledger key mke: there is no command "certledger key mke"`,
		`docs/a.md:4: certledger key make --data x: certledger key make has no flag data`,
	}, p.commandProblems(known))
}

// commandProblems looks at every certledger command line, and at make's targets.
func (p page) commandProblems(known map[string][]string) []string {
	var problems []string
	p.lines(func(at int, text string) {
		text, _, _ = strings.Cut(text, " # ")
		text, _, _ = strings.Cut(text, "  #")
		for _, part := range regexp.MustCompile(`&&|\|\||[|;&()]`).Split(text, -1) {
			words := strings.Fields(part)
			for len(words) > 0 && strings.Contains(words[0], "=") {
				words = words[1:] // VARIABLE=value before a command
			}
			if len(words) > 1 && words[0] == "make" && isWord(words[1]) {
				if _, ok := known["make "+words[1]]; !ok {
					problems = append(problems, p.at(at, "there is no target %s", words[1]))
				}
			}
			if len(words) == 0 || path.Base(words[0]) != "certledger" || len(words) == 1 || !isWord(words[1]) && words[1][0] != '-' {
				continue
			}
			words[0] = "certledger"
			name, i := "certledger", 1
			for i < len(words) && isWord(words[i]) && hasChildren(known, name) {
				name += " " + words[i]
				i++
			}
			if _, ok := known[name]; !ok {
				problems = append(problems, p.at(at, "%s: there is no command %q", strings.Join(words, " "), name))
				continue
			}
			for _, w := range words[i:] {
				flag, isFlag := strings.CutPrefix(w, "-")
				flag, _, _ = strings.Cut(strings.TrimPrefix(flag, "-"), "=")
				if isFlag && flag != "" && flag != "help" && flag != "config" && flag != "version" && !slices.Contains(known[name], flag) {
					problems = append(problems, p.at(at, "%s: %s has no flag %s", strings.Join(words, " "), name, flag))
				}
			}
		}
	})
	return problems
}

func isWord(s string) bool { return regexp.MustCompile(`^[a-z-]*[a-z]$`).MatchString(s) && s[0] != '-' }

func hasChildren(known map[string][]string, name string) bool {
	for k := range known {
		if strings.HasPrefix(k, name+" ") {
			return true
		}
	}
	return false
}

// commandTree reads the binary's commands and their flags from its source: a
// package main cannot be imported.
func commandTree(t *testing.T, repo fs.FS) map[string][]string {
	t.Helper()
	funcs := map[string][]*ast.FuncDecl{}
	eachFile(t, repo, ".go", func(name string, src []byte) {
		if path.Dir(name) != "cmd/certledger" || strings.HasSuffix(name, "_test.go") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, src, 0)
		require.NoError(t, err)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
				funcs[f.Name.Name] = append(funcs[f.Name.Name], f)
			}
		}
	})
	known := map[string][]string{"certledger": nil, "certledger help": nil, "certledger completion": nil}
	makefile, err := fs.ReadFile(repo, "Makefile")
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`(?m)^([a-z0-9]+):`).FindAllStringSubmatch(string(makefile), -1) {
		known["make "+m[1]] = nil
	}
	var visit func(f *ast.FuncDecl, above string)
	visit = func(f *ast.FuncDecl, above string) {
		use, children := "", []string{}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Use" {
					use, _, _ = strings.Cut(literal(n.Value), " ")
				}
			case *ast.CompositeLit:
				if f.Name.Name == "commands" {
					children = append(children, calls(n.Elts)...)
				}
			case *ast.CallExpr:
				if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "AddCommand" {
					children = append(children, calls(n.Args)...)
				}
			}
			return true
		})
		name := strings.TrimSpace(above + " " + use)
		if name != above {
			known[name] = flagsOf(f, funcs, 3)
		}
		for _, c := range children {
			for _, child := range funcs[c] {
				visit(child, name)
			}
		}
	}
	for _, f := range funcs["commands"] {
		visit(f, "certledger")
	}
	return known
}

func calls(list []ast.Expr) []string {
	var out []string
	for _, e := range list {
		if c, ok := e.(*ast.CallExpr); ok {
			if s, ok := c.Fun.(*ast.SelectorExpr); ok {
				out = append(out, s.Sel.Name)
			}
		}
	}
	return out
}

func literal(e ast.Expr) string {
	if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
		s, _ := strconv.Unquote(l.Value)
		return s
	}
	return ""
}

var declaresFlag = regexp.MustCompile(`^(String|Bool|Int|Int64|Uint|Uint64|Duration|Float64|StringSlice|StringArray|Count)?Var(P)?$`)

// flagsOf are the flags that a function declares, itself or through those it calls.
func flagsOf(f *ast.FuncDecl, funcs map[string][]*ast.FuncDecl, deep int) []string {
	var out []string
	ast.Inspect(f.Body, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		name := ""
		switch fun := c.Fun.(type) {
		case *ast.SelectorExpr:
			name = fun.Sel.Name
		case *ast.Ident:
			name = fun.Name
		}
		if declaresFlag.MatchString(name) && len(c.Args) > 2 {
			out = append(out, literal(c.Args[1]))
			if strings.HasSuffix(name, "P") {
				out = append(out, literal(c.Args[2]))
			}
		} else if deep > 0 && (name == "add" || strings.HasSuffix(strings.ToLower(name), "flag") || strings.HasSuffix(strings.ToLower(name), "flags")) {
			for _, callee := range funcs[name] {
				out = append(out, flagsOf(callee, funcs, deep-1)...)
			}
		}
		return true
	})
	return out
}
