package programme

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// readAs names the table of the schema that each reading function reads, where
// what it reads is not called by that name.
var readAs = map[string]string{
	"a programme": "programme", "a parameter": "parameter", "a field": "field", "a text to accept": "acceptance", "an award": "award",
	"a ground for denial": "denial", "extensions": "extending", "a question": "question", "a submission": "submission", "a task": "task",
	"a measure": "measure", "a part": "part", "a share": "share", "a change": "change", "a period": "period", "a status": "status", "a phase": "phase",
	"a rubric": "rubric", "a list of topics": "topics", "a section": "section", "a word": "word",
	"lasts": "until-day", "window()": "window", "combined()": "at-least-of", "supplied()": "toBeSupplied",
}

// TestSchemaKnowsTheReadersKeys reads the reader itself: every table that it
// opens has in the schema the keys that it may have, and no other.
func TestSchemaKnowsTheReadersKeys(t *testing.T) {
	lists := map[string][]string{
		"programmeKeys": programmeKeys, "whereKeys": whereKeys, "whenKeys": whenKeys, "acts": acts, "wordArguments": wordArguments,
	}
	told := map[string][]string{"toBeSupplied": {"required"}}
	for _, table := range tables() {
		require.NotContains(t, told, table.name, "two tables of one name")
		names := table.keyNames()
		slices.Sort(names)
		require.Equal(t, slices.Compact(slices.Clone(names)), names, "%s has a key twice", table.name)
		told[table.name] = names
	}

	opened := map[string]bool{}
	for _, o := range openings(t, os.DirFS("."), lists) {
		name, ok := readAs[o.what]
		if !ok {
			name = o.what
		}
		if o.in == "missed" { // a selection of classes is by module alone
			require.Subset(t, told[name], o.keys)
			continue
		}
		opened[name] = true
		keys := o.keys
		if slices.ContainsFunc(renamable, func(section string) bool { return itemOf[section] == name }) {
			keys = append(slices.Clone(keys), "was") // reader.open knows it
			slices.Sort(keys)
		}
		require.Equal(t, told[name], keys, "%s, read in %s", name, o.in)
	}

	test := slices.Clone(testKeys)
	for _, k := range testKeys {
		test = append(test, besides(k)...)
	}
	for name, own := range map[string][]string{"requirement": topKeys, "child": childKeys} {
		all := append(slices.Clone(own), test...)
		slices.Sort(all)
		require.Equal(t, slices.Compact(all), told[name])
		opened[name] = true
	}
	over := slices.Clone(overlayKeys)
	slices.Sort(over)
	require.Equal(t, over, told["overlay"])

	// What an overlay says is read by hand; the tables below it are the others'.
	byHand := []string{"overlay", "base", "setting", "reason", "adding", "replacing", "removing"}
	for name := range told {
		require.True(t, opened[name] || slices.Contains(byHand, name) || strings.HasSuffix(name, "-instead"), "nothing reads the table %s", name)
	}
}

// opening is one table that the reader opens.
type opening struct {
	in, what string
	keys     []string // sorted
}

// openings are the calls of reader.open in the package's sources, with their
// keys. A call whose what is not a literal is named by its function.
func openings(t *testing.T, dir fs.FS, lists map[string][]string) []opening {
	files, err := fs.Glob(dir, "*.go")
	require.NoError(t, err)
	var out []opening
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(file, "overlay_changes") {
			continue
		}
		src, err := fs.ReadFile(dir, file)
		require.NoError(t, err)
		f, err := parser.ParseFile(token.NewFileSet(), file, src, 0)
		require.NoError(t, err)
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) < 3 {
					return true
				}
				if sel, ok := call.Fun.(*ast.SelectorExpr); !ok || sel.Sel.Name != "open" {
					return true
				}
				o := opening{in: fn.Name.Name, what: fn.Name.Name + "()"}
				if lit, ok := call.Args[2].(*ast.BasicLit); ok {
					o.what, err = strconv.Unquote(lit.Value)
					require.NoError(t, err)
				}
				for _, arg := range call.Args[3:] {
					o.keys = append(o.keys, keysIn(t, arg, lists)...)
				}
				slices.Sort(o.keys)
				o.keys = slices.Compact(o.keys)
				out = append(out, o)
				return true
			})
		}
	}
	require.Greater(t, len(out), 30)
	return out
}

// keysIn are the keys that an argument holds: words, lists by name, and what
// is appended to or cloned from them.
func keysIn(t *testing.T, arg ast.Expr, lists map[string][]string) []string {
	switch x := arg.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(x.Value)
		require.NoError(t, err)
		return []string{s}
	case *ast.Ident:
		require.Contains(t, lists, x.Name)
		return lists[x.Name]
	case *ast.CompositeLit:
		var out []string
		for _, e := range x.Elts {
			out = append(out, keysIn(t, e, lists)...)
		}
		return out
	case *ast.CallExpr:
		var out []string
		for _, e := range x.Args {
			out = append(out, keysIn(t, e, lists)...)
		}
		return out
	}
	require.Fail(t, "keys that this test cannot read", "%T", arg)
	return nil
}

// TestSchemaIsWhole: every reference leads somewhere, and every table is used.
func TestSchemaIsWhole(t *testing.T) {
	var schema map[string]any
	require.NoError(t, json.Unmarshal(Schema(), &schema))
	defs := schema["$defs"].(map[string]any)
	used := map[string]bool{}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if to, ok := v["$ref"].(string); ok {
				name := strings.TrimPrefix(to, "#/$defs/")
				require.Contains(t, defs, name)
				used[name] = true
			}
			for _, x := range v {
				walk(x)
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(schema)
	for name := range defs {
		require.True(t, used[name], "nothing refers to %s", name)
	}
	require.Equal(t, Schema(), Schema())
}
