package domain_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/certledger/certledger/domain"
	"github.com/stretchr/testify/require"
)

// TestReasonsAreListed reads the sources: every reason of a refusal is a word
// written out, and Reasons lists exactly these.
func TestReasonsAreListed(t *testing.T) {
	at := map[string]int{"refuse": 0, "refuseField": 1, "refuseFields": 1}
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	var found []string
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, f.Name(), nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name, ok := call.Fun.(*ast.Ident)
			i, is := -1, false
			if ok {
				i, is = at[name.Name]
			}
			if !is {
				return true
			}
			word, ok := call.Args[i].(*ast.BasicLit)
			require.True(t, ok, "%s: a reason is written out", fset.Position(call.Pos()))
			reason, err := strconv.Unquote(word.Value)
			require.NoError(t, err)
			require.True(t, domain.IsSlug(reason), reason)
			found = append(found, reason)

			said, ok := call.Args[i+1].(*ast.BasicLit)
			require.True(t, ok, "%s: a sentence is written out", fset.Position(call.Pos()))
			sentence, err := strconv.Unquote(said.Value)
			require.NoError(t, err)
			for _, unkind := range []string{"fail", "invalid", "illegal", "wrong", "error", "bad "} {
				require.NotContains(t, strings.ToLower(sentence), unkind, "%s", fset.Position(call.Pos()))
			}
			require.Regexp(t, `^\p{Lu}`, sentence, "%s", fset.Position(call.Pos()))
			return true
		})
	}
	slices.Sort(found)
	require.Equal(t, slices.Compact(found), domain.Reasons())
}
