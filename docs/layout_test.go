// Package docs holds what is written for people, and the tests that keep it true.
package docs

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

const module = "github.com/certledger/certledger"

const (
	linesWarn = 500 // a Go file above this is named in the test's output
	linesMax  = 600 // a Go file above this fails the test
)

// topLevel is everything that may lie beside go.mod, with dotfiles. What
// .gitignore names is not looked at.
var (
	topLevel = []string{
		"cmd", "domain", "eventstore", "projections", "api", "docs", "tools", "scripts",
		"Makefile", "README.md", "LICENSE", "go.mod", "go.sum",
	}
	topLevelIgnored = []string{"bin", "build", "data", "*.test", "*.out"}
)

// layer says what the packages at or below dir may import. The longest
// matching dir decides, and a package may always import its own layer.
type layer struct {
	dir    string
	may    []string // folders of ours, each with all below it
	mayNot []string // folders of others that would undo the layer's purpose
}

// servers are the libraries that an offline verifier is built without.
var servers = []string{
	"github.com/nats-io", "github.com/cockroachdb/pebble", "github.com/danielgtaylor/huma",
	"github.com/prometheus", "net/http", "database/sql",
}

var layers = []layer{
	{dir: "domain"}, // domain/purity_test.go says the rest
	{dir: "eventstore", may: []string{"domain"}},
	{dir: "eventstore/proof", may: []string{"domain"}, mayNot: servers},
	{dir: "projections", may: []string{"eventstore", "domain"}},
	{dir: "api", may: []string{"projections", "eventstore", "domain"}},
	{dir: "cmd", may: []string{"api", "projections", "eventstore", "domain"}},
	{dir: "cmd/certverify", may: []string{"domain", "eventstore/proof"}, mayNot: servers},
	{dir: "docs", may: []string{"cmd", "api", "projections", "eventstore", "domain"}},
}

// The repository, seen from this package's folder. os.DirFS opens files in
// this process, so that go test knows when its cached answer is stale.
var root = os.DirFS("..")

func TestTopLevelHoldsOnlyTheKnownFolders(t *testing.T) {
	require.Empty(t, strangers(t, root))

	require.Equal(t, []string{"pkg is not a folder of ours", "todo.txt is not a folder of ours"},
		strangers(t, fstest.MapFS{
			"domain/a.go": {}, "README.md": {}, ".ci/run": {}, "bin/certledger": {}, "x.test": {},
			"pkg/a.go": {}, "todo.txt": {},
		}))
}

func TestPackagesImportInwards(t *testing.T) {
	require.Empty(t, importProblems(t, root))

	file := func(imports ...string) *fstest.MapFile {
		src := "package p\n"
		for _, i := range imports {
			src += "import _ " + strconv.Quote(i) + "\n"
		}
		return &fstest.MapFile{Data: []byte(src)}
	}
	require.Equal(t, []string{
		"api/a.go imports cmd/certledger",
		"cmd/certverify/a.go imports eventstore",
		"cmd/certverify/b.go imports net/http",
		"domain/a.go imports eventstore/proof",
		"eventstore/a.go imports projections",
		"eventstore/proof/a.go imports eventstore",
		"eventstore/proof/b.go imports github.com/nats-io/nats.go",
		"pkg/a.go lies in no layer",
		"projections/a_test.go imports api",
	}, importProblems(t, fstest.MapFS{
		"api/ok.go":                  file(module+"/api/web", module+"/projections", module+"/domain"),
		"api/a.go":                   file(module + "/cmd/certledger"),
		"cmd/certledger/ok.go":       file(module+"/api", module+"/eventstore/vault", "net/http"),
		"cmd/certverify/ok.go":       file(module+"/domain/programme", module+"/eventstore/proof"),
		"cmd/certverify/a.go":        file(module + "/eventstore"),
		"cmd/certverify/b.go":        file("net/http"),
		"domain/ok.go":               file(module+"/domain/programme", "strings"),
		"domain/a.go":                file(module + "/eventstore/proof"),
		"domain/testdata/ignored.go": file(module + "/api"),
		"eventstore/ok.go":           file(module+"/domain", module+"/eventstore/vault", "net/http"),
		"eventstore/a.go":            file(module + "/projections"),
		"eventstore/proof/ok.go":     file(module+"/domain", "net/netip"),
		"eventstore/proof/a.go":      file(module + "/eventstore"),
		"eventstore/proof/b.go":      file("github.com/nats-io/nats.go"),
		"pkg/a.go":                   file("fmt"),
		"projections/a_test.go":      file(module + "/api"),
		"tools/go.mod":               {Data: []byte("module other")},
		"tools/ok.go":                file(module + "/api"),
	}))
}

func TestGoFilesStayReadable(t *testing.T) {
	long, tooLong := lengths(t, root)
	for _, l := range long {
		t.Logf("long: %s", l)
	}
	require.Empty(t, tooLong, "more than %d lines: what is the second thing this file is about?", linesMax)

	lines := func(n int) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(strings.Repeat("//\n", n))}
	}
	long, tooLong = lengths(t, fstest.MapFS{
		"a.go": lines(linesWarn), "b.go": lines(linesWarn + 1), "c.go": lines(linesMax), "d.go": lines(linesMax + 1),
		"made.go": {Data: []byte("// Code generated by x. DO NOT EDIT.\n" + strings.Repeat("//\n", linesMax))},
	})
	require.Equal(t, []string{"b.go has 501 lines", "c.go has 600 lines"}, long)
	require.Equal(t, []string{"d.go has 601 lines"}, tooLong)
}

func TestLinksLeadSomewhere(t *testing.T) {
	require.Empty(t, brokenLinks(t, root))

	page := strings.Join([]string{
		"[up](../README.md) [section](b.md#words) [out](https://example.org/x) [mail](mailto:a@example.org) [here](#top)",
		"![picture](p%20q.png \"title\") [angle](<p q.png>) [root](/README.md) [folder](../docs) `[code](nowhere)`",
		"[gone](gone.md) and [also gone](../gone/)",
		"[out of the repository](../../elsewhere.md)",
		"[ref]: missing.md",
		"[^1]: a footnote",
		"```",
		"[fenced](nowhere.md)",
		"```",
	}, "\n")
	require.Equal(t, []string{
		"docs/a.md:3: gone.md does not exist",
		"docs/a.md:3: ../gone/ does not exist",
		"docs/a.md:4: ../../elsewhere.md leaves the repository",
		"docs/a.md:5: missing.md does not exist",
	}, brokenLinks(t, fstest.MapFS{
		"README.md": {}, "docs/a.md": {Data: []byte(page)}, "docs/b.md": {}, "docs/p q.png": {},
		"domain/testdata/x.md": {Data: []byte("[x](nowhere.md)")},
	}))
}

func strangers(t *testing.T, repo fs.FS) []string {
	t.Helper()
	entries, err := fs.ReadDir(repo, ".")
	require.NoError(t, err)
	var problems []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !ignored(t, e.Name()) && !slices.Contains(topLevel, e.Name()) {
			problems = append(problems, e.Name()+" is not a folder of ours")
		}
	}
	return problems
}

func ignored(t *testing.T, name string) bool {
	t.Helper()
	return slices.ContainsFunc(topLevelIgnored, func(pattern string) bool {
		match, err := path.Match(pattern, name)
		require.NoError(t, err)
		return match
	})
}

func importProblems(t *testing.T, repo fs.FS) []string {
	t.Helper()
	var problems []string
	eachFile(t, repo, ".go", func(name string, src []byte) {
		l, found := layerOf(path.Dir(name))
		if !found {
			problems = append(problems, name+" lies in no layer")
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			ours, isOurs := strings.CutPrefix(imported, module+"/")
			if (isOurs && !l.allows(ours)) || slices.ContainsFunc(l.mayNot, func(dir string) bool { return below(imported, dir) }) {
				problems = append(problems, name+" imports "+ours)
			}
		}
	})
	return problems
}

func layerOf(dir string) (layer, bool) {
	var best layer
	for _, l := range layers {
		if below(dir, l.dir) && len(l.dir) > len(best.dir) {
			best = l
		}
	}
	return best, best.dir != ""
}

// allows takes a folder of ours. One in a layer of its own below this layer
// counts as part of it: eventstore may import eventstore/proof, never the
// other way round.
func (l layer) allows(ours string) bool {
	return below(ours, l.dir) || slices.ContainsFunc(l.may, func(dir string) bool { return below(ours, dir) })
}

func below(name, dir string) bool { return name == dir || strings.HasPrefix(name, dir+"/") }

func lengths(t *testing.T, repo fs.FS) (long, tooLong []string) {
	t.Helper()
	generated := regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)
	eachFile(t, repo, ".go", func(name string, src []byte) {
		n := strings.Count(string(src), "\n")
		line := fmt.Sprintf("%s has %d lines", name, n)
		switch {
		case generated.Match(src):
		case n > linesMax:
			tooLong = append(tooLong, line)
		case n > linesWarn:
			long = append(long, line)
		}
	})
	return long, tooLong
}

var (
	inlineCode = regexp.MustCompile("`+[^`]*`+")
	link       = regexp.MustCompile(`\]\(\s*(<[^>]*>|[^)\s]+)[^)]*\)`)
	linkRef    = regexp.MustCompile(`^\s*\[[^\]^][^\]]*\]:\s*(<[^>]*>|\S+)`)
	scheme     = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9+.-]*:`)
)

func brokenLinks(t *testing.T, repo fs.FS) []string {
	t.Helper()
	var problems []string
	eachFile(t, repo, ".md", func(name string, src []byte) {
		fenced := false
		for i, line := range strings.Split(string(src), "\n") {
			if mark := strings.TrimSpace(line); strings.HasPrefix(mark, "```") || strings.HasPrefix(mark, "~~~") {
				fenced = !fenced
			}
			if fenced {
				continue
			}
			line = inlineCode.ReplaceAllString(line, "")
			for _, m := range append(link.FindAllStringSubmatch(line, -1), linkRef.FindAllStringSubmatch(line, -1)...) {
				target := strings.Trim(m[1], "<>")
				if why := broken(repo, path.Dir(name), target); why != "" {
					problems = append(problems, fmt.Sprintf("%s:%d: %s %s", name, i+1, target, why))
				}
			}
		}
	})
	return problems
}

// broken says what is wrong with a link in a page of dir, or nothing. A link
// to another site or into its own page is not followed.
func broken(repo fs.FS, dir, target string) string {
	file, _, _ := strings.Cut(target, "#")
	if file == "" || scheme.MatchString(file) || strings.HasPrefix(file, "//") {
		return ""
	}
	file, err := url.PathUnescape(file)
	if err != nil {
		return "is not a path"
	}
	full := path.Join(dir, file)
	if strings.HasPrefix(file, "/") {
		full = path.Clean(strings.TrimLeft(file, "/"))
	}
	if !fs.ValidPath(full) {
		return "leaves the repository"
	}
	if _, err := fs.Stat(repo, full); err != nil {
		return "does not exist"
	}
	return ""
}

// eachFile visits the repository's own files with the extension, in the
// order of their names. It leaves out what git ignores, dot folders,
// testdata, and modules of their own.
func eachFile(t *testing.T, repo fs.FS, ext string, visit func(name string, src []byte)) {
	t.Helper()
	require.NoError(t, fs.WalkDir(repo, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name == "." {
				return nil
			}
			_, noModule := fs.Stat(repo, name+"/go.mod")
			if strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" || ignored(t, name) || noModule == nil {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ext {
			return nil
		}
		src, err := fs.ReadFile(repo, name)
		if err == nil {
			visit(name, src)
		}
		return err
	}))
}
