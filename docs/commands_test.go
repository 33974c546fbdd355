package docs

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
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

// The reference of commands lists each of them, with what its help says.
func TestEveryCommandIsListed(t *testing.T) {
	require.Empty(t, listProblems(t, root))

	src := `package main
func (a *app) commands() []*cobra.Command { return []*cobra.Command{a.serve(), a.key()} }
func (a *app) serve() *cobra.Command { return &cobra.Command{Use: "serve", Short: "Serve"} }
func (a *app) key() *cobra.Command { cmd := &cobra.Command{Use: "key", Short: "Keys"}; cmd.AddCommand(a.keyMake()); return cmd }
func (a *app) keyMake() *cobra.Command { return &cobra.Command{Use: "make", Short: "Make one"} }`
	require.Equal(t, []string{
		"docs/commands.md lists certledger bake, which is none",
		`docs/commands.md says of certledger key make "Made", its help says "Make one"`,
		"docs/commands.md does not list certledger serve",
	}, listProblems(t, fstest.MapFS{
		"cmd/certledger/a.go": {Data: []byte(src)}, "Makefile": {Data: []byte("run:\n")},
		"docs/commands.md": {Data: []byte("| command | what it does |\n|---|---|\n| `certledger bake` | Bake |\n| `certledger key make` | Made |\n")},
	}))
}

var commandRow = regexp.MustCompile("(?m)^\\| `(certledger [a-z -]+)` \\| (.*) \\|$")

// listProblems compares the reference of commands with the source, but for
// commands that only hold others.
func listProblems(t *testing.T, repo fs.FS) []string {
	t.Helper()
	known, does := commandsOf(t, repo)
	page, err := fs.ReadFile(repo, "docs/commands.md")
	require.NoError(t, err)
	var problems []string
	listed := map[string]bool{}
	for _, m := range commandRow.FindAllStringSubmatch(string(page), -1) {
		says, ok := does[m[1]]
		switch {
		case !ok:
			problems = append(problems, fmt.Sprintf("docs/commands.md lists %s, which is none", m[1]))
		case says != m[2]:
			problems = append(problems, fmt.Sprintf("docs/commands.md says of %s %q, its help says %q", m[1], m[2], says))
		}
		listed[m[1]] = true
	}
	for _, name := range slices.Sorted(maps.Keys(does)) {
		if !listed[name] && !hasChildren(known, name) {
			problems = append(problems, "docs/commands.md does not list "+name)
		}
	}
	return problems
}

// Messages that a page tells people to look for are those that the programs print.
func TestMessagesInDocumentsExist(t *testing.T) {
	told := 0
	for _, p := range pages(t, root) {
		problems, n := p.messageProblems(texts(t, root))
		require.Empty(t, problems, p.name)
		told += n
	}
	require.Greater(t, told, 8)

	p := pages(t, fstest.MapFS{"docs/a.md": {Data: []byte("| message | x |\n|---|---|\n| `no … key` | `other` |\n| `no log` | |\n\n| key | |\n|---|---|\n| `any` | |\n")}})[0]
	problems, n := p.messageProblems([]string{"there is no %s key", "nolog"})
	require.Equal(t, []string{"docs/a.md:4: no program says \"no log\""}, problems)
	require.Equal(t, 2, n)
}

// messageProblems looks at the first column of tables headed "message", where an
// ellipsis stands for what differs.
func (p page) messageProblems(said []string) (problems []string, count int) {
	inside := false
	for i, line := range p.text {
		inside = strings.HasPrefix(line, "| message |") || inside && strings.HasPrefix(line, "|")
		first, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		if !inside {
			continue
		}
		for _, m := range inline.FindAllStringSubmatch(first, -1) {
			count++
			parts := strings.Split(m[1], "…")
			for j := range parts {
				parts[j] = regexp.QuoteMeta(parts[j])
			}
			message := regexp.MustCompile(strings.Join(parts, "%[a-z]"))
			if !slices.ContainsFunc(said, message.MatchString) {
				problems = append(problems, p.at(i+1, "no program says %q", m[1]))
			}
		}
	}
	return problems, count
}

// texts are all strings in the source of the programs.
func texts(t *testing.T, repo fs.FS) []string {
	t.Helper()
	var out []string
	eachFile(t, repo, ".go", func(name string, src []byte) {
		if strings.HasSuffix(name, "_test.go") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, src, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok {
				if s := literal(e); s != "" {
					out = append(out, s)
				}
			}
			return true
		})
	})
	return out
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
	known, _ := commandsOf(t, repo)
	return known
}

// commandsOf are the flags of each command, and the sentence that says what it
// does.
func commandsOf(t *testing.T, repo fs.FS) (known map[string][]string, does map[string]string) {
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
	known, does = map[string][]string{"certledger": nil, "certledger help": nil, "certledger completion": nil}, map[string]string{}
	makefile, err := fs.ReadFile(repo, "Makefile")
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`(?m)^([a-z0-9]+):`).FindAllStringSubmatch(string(makefile), -1) {
		known["make "+m[1]] = nil
	}
	var visit func(f *ast.FuncDecl, above string)
	visit = func(f *ast.FuncDecl, above string) {
		use, short, children := "", "", []string{}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				switch key, _ := n.Key.(*ast.Ident); {
				case key == nil:
				case key.Name == "Use":
					use, _, _ = strings.Cut(literal(n.Value), " ")
				case key.Name == "Short":
					short = literal(n.Value)
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
			known[name], does[name] = flagsOf(f, funcs, 3), short
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
	return known, does
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
