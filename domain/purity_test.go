package domain_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const domainPath = "github.com/certledger/certledger/domain"

// importable is everything that rules are built from. What is missing here
// reads a clock, a disk, a network or a lottery, or has not been needed yet.
var importable = []string{
	"bytes", "cmp", "crypto/sha256", "embed", "encoding/base64", "encoding/hex", "encoding/json", "errors", "fmt",
	"iter", "maps", "math", "math/bits", "regexp", "slices", "sort", "strconv", "strings", "time", "unicode", "unicode/utf8",
}

// importableTrees are importable with every package below them.
var importableTrees = []string{
	domainPath,
	"github.com/go-json-experiment/json",
	"github.com/goccy/go-yaml",
	"github.com/google/uuid",
}

// impure names, by package, what an importable package holds that asks the
// world.
var impure = map[string]map[string]string{
	"time": {
		"Now": clock, "Since": clock, "Until": clock, "Sleep": clock, "After": clock, "AfterFunc": clock,
		"Tick": clock, "NewTicker": clock, "NewTimer": clock,
		"Local": zone, "LoadLocation": zone,
		"Parse": "takes offsets from the machine's zone; use time.ParseInLocation with time.UTC",
	},
	"fmt": {
		"Print": console, "Printf": console, "Println": console,
		"Scan": console, "Scanf": console, "Scanln": console,
	},
	"github.com/google/uuid": {
		"New": identity, "NewString": identity, "NewRandom": identity, "NewRandomFromReader": identity,
		"NewUUID": identity, "NewV6": identity, "NewV7": identity, "NewV7FromReader": identity,
		"NewDCEGroup": identity, "NewDCEPerson": identity, "NewDCESecurity": identity, "GetTime": clock,
	},
}

const (
	clock    = "reads the clock; time comes in as a value"
	zone     = "depends on the machine's zone; offsets are fixed at the door"
	console  = "talks to the console"
	identity = "makes up an id; ids come in as values"
	ordered  = "comes in any order: use slices.Sorted(maps.Keys(m)), or say `// order-free: why` on this line or the one above"
)

// TestDomainIsPure holds the promise that the same history gives the same
// answer for ever. It looks at the sources and their types; what a library
// on the list does inside is for its reviewer.
func TestDomainIsPure(t *testing.T) {
	here, err := os.Getwd()
	require.NoError(t, err)
	pkgs, lib := load(t)
	judged := map[string]bool{}
	for _, pkg := range pkgs {
		dir, err := filepath.Rel(here, pkg.Dir)
		require.NoError(t, err)
		sources := map[string][]byte{}
		for _, file := range pkg.GoFiles {
			name := filepath.Join(dir, file)
			// Opened here, so that go test sees when its cached answer is stale.
			sources[name], err = os.ReadFile(name)
			require.NoError(t, err)
			judged[name] = true
		}
		require.Empty(t, impurities(t, lib, pkg.ImportPath, sources))
	}

	require.NoError(t, filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == "testdata" {
			return fs.SkipDir
		}
		if err == nil && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			require.True(t, judged[name], "%s is not compiled here; a rule is the same on every machine and needs no build constraint", name)
		}
		return err
	}))
}

// TestPurityTestCanFail feeds the check one snippet for each thing it must
// see. Lines that end in `// want …` must be named with that text (each of
// them where there are two), all others must pass.
func TestPurityTestCanFail(t *testing.T) {
	_, lib := load(t)
	for _, tc := range []struct{ name, src string }{
		{"imports", `
			import (
				_ "context" // want imports context
				_ "crypto/rand" // want imports crypto/rand
				_ "crypto/sha256"
				_ "io" // want imports io
				_ "math/bits"
				_ "math/rand/v2" // want imports math/rand/v2
				_ "net" // want imports net
				_ "os" // want imports os
				_ "sync" // want imports sync
				_ "unsafe" // want imports unsafe
				_ "github.com/google/uuid"
				_ "github.com/certledger/certledger/domain/programme"
				_ "github.com/certledger/certledger/eventstore" // want imports github.com/certledger/certledger/eventstore
				_ "github.com/google/uuidlike" // want imports github.com/google/uuidlike
			)`},
		{"clock", `
			import ("time"; alias "time")
			var now = time.Now // want time.Now reads the clock
			func f(at time.Time) time.Duration { return at.Sub(time.Unix(0, 0).UTC()) }
			func g() { alias.Sleep(time.Second) } // want time.Sleep reads the clock
			func h(at time.Time) { _ = time.Since(at) } // want time.Since reads the clock
			func i(at time.Time) { _ = time.Until(at) } // want time.Until reads the clock
			func j() { _, _ = time.LoadLocation("UTC") } // want time.LoadLocation depends on the machine's zone
			var k = time.Local // want time.Local depends on the machine's zone
			func l(at time.Time) time.Time { return at.Local() } // want time.Local depends on the machine's zone
			var m, n = time.Parse(time.RFC3339, "") // want time.Parse takes offsets
			var o = time.Unix(0, 0) // want time.Unix answers in the machine's zone
			var p = time.UnixMilli(0).In(time.UTC)
			var q, r = time.ParseInLocation(time.RFC3339, "", time.UTC)
			func s(at time.Time) int64 { return at.Unix() + at.UnixMilli() }
			func t(at time.Time) bool { return at.After(time.Time{}) }
			func u() { <-time.After(1) } // want time.After reads the clock // want has a channel`},
		{"types", `
			func f() { for range unknown() {} } // want does not type-check: undefined: unknown`},
		{"identity and console", `
			import ("fmt"; "github.com/google/uuid")
			var a = uuid.NewString() // want uuid.NewString makes up an id
			var b = uuid.NewSHA1(uuid.Nil, nil)
			func f() string { return fmt.Sprintf("%s%s", a, b) }
			func g() { fmt.Println(a) } // want fmt.Println talks to the console
			func h() { println(a) } // want println talks to the console`},
		{"goroutines", `
			func f() {
				go f() // want starts a goroutine
				var c chan int // want has a channel
				c <- 1 // want has a channel
				<-c // want has a channel
				select {} // want has a channel
			}
			func g(c <-chan int) { // want has a channel
				for range c {} // want has a channel
			}`},
		{"floats", `
			import ("math"; "strconv"; "time")
			var most, root = math.MaxInt, math.Sqrt(4) // want uses floating point
			// A comment may say 0.5 and float64.
			var a = 0.5 // want uses floating point
			var b float32 // want uses floating point
			var c = []float64{} // want uses floating point
			func f(d time.Duration) bool { return d.Hours() > 1 } // want uses floating point
			func g() { x, _ := strconv.ParseFloat("1", 64); _ = x } // want uses floating point
			var d = 1e3 // want uses floating point
			var e = 2i // want uses floating point
			func h(v any) { switch v.(type) { case float64: } } // want uses floating point
			var i = 1 / 2
			type number int; var j number = 7`},
		{"order", `
			import ("maps"; "slices"; "iter")
			type set map[string]bool
			func a(m map[string]int) (n int) {
				for range m { // want comes in any order
				}
				for k := range (set)(nil) { _ = k } // want comes in any order
				for _, v := range m { // order-free: a sum
					n += v
				}
				// order-free: each key is looked at alone,
				// and none twice
				for k := range m { _ = k }
				for _, k := range slices.Sorted(maps.Keys(m)) { _ = k }
				for k := range maps.Keys(m) { _ = k } // want comes in any order
				for _, v := range []int{1} { _ = v } // order-free: not a map // want says order-free of nothing
				for range m {} // order-free: // want comes in any order
				return n
			}
			func b[M ~map[string]int](m M) { for range m {} } // want comes in any order
			type either interface { []int | map[int]int }
			func bb[M either](m M) { for range m {} } // want comes in any order
			func c(m set) iter.Seq[string] { return maps.Keys(m) } // want comes in any order
			func d(m map[int]string) []string { return slices.Collect(maps.Values(m)) } // want comes in any order
			func e(m map[int]string) map[int]string { return maps.Collect(maps.All(m)) }
			func f(m map[int]string) []string { return slices.SortedFunc(maps.Values(m), func(a, b string) int { return len(a) - len(b) }) }
			func g(m struct{ set }) { for range m.set {} } // want comes in any order`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var want []string
			lines := strings.Split("package snippet\n"+tc.src, "\n")
			for i := range lines {
				parts := strings.Split(lines[i], "// want ")
				lines[i] = parts[0]
				for _, finding := range parts[1:] {
					want = append(want, fmt.Sprintf("snippet.go:%d: %s", i+1, strings.TrimSpace(finding)))
				}
			}
			src := strings.Join(lines, "\n")
			got := impurities(t, lib, domainPath+"/snippet", map[string][]byte{"snippet.go": []byte(src)})
			for _, w := range want {
				require.True(t, slices.ContainsFunc(got, func(g string) bool { return strings.HasPrefix(g, w) }),
					"not seen: %s\nseen: %q", w, got)
			}
			require.Len(t, got, len(want), "more than was wanted: %q", got)
		})
	}
}

// A listedPackage is what go list says of one package.
type listedPackage struct {
	ImportPath, Dir, Export string
	GoFiles                 []string // neither tests nor what a build constraint leaves out
}

// load lists the packages at and below domain, and gives an importer for all
// that they and the snippets import. It reads the compiler's export data,
// which is in the build cache by the time this test runs.
func load(t *testing.T) ([]listedPackage, types.Importer) {
	t.Helper()
	all, err := list()
	require.NoError(t, err)
	var ours []listedPackage
	exports := map[string]string{}
	for _, pkg := range all {
		exports[pkg.ImportPath] = pkg.Export
		if pkg.ImportPath == domainPath || strings.HasPrefix(pkg.ImportPath, domainPath+"/") {
			ours = append(ours, pkg)
		}
	}
	return ours, importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("%s is not known here", path)
		}
		return os.Open(exports[path])
	})
}

var list = sync.OnceValues(func() ([]listedPackage, error) {
	var stderr strings.Builder
	cmd := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles",
		"./...", "iter", "maps", "math", "math/rand/v2", "net", "slices", "strconv", "time", "github.com/google/uuid")
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.String())
	}
	var pkgs []listedPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var pkg listedPackage
		if err := d.Decode(&pkg); errors.Is(err, io.EOF) {
			return pkgs, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		pkgs = append(pkgs, pkg)
	}
})

// impurities type-checks one package and lists what a rule must not do, as
// file:line: what; each line and reason once.
func impurities(t *testing.T, lib types.Importer, pkgPath string, sources map[string][]byte) []string {
	t.Helper()
	c := &checker{
		fset: token.NewFileSet(),
		info: &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}},
		said: map[string]bool{},
	}
	var files []*ast.File
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		file, err := parser.ParseFile(c.fset, name, sources[name], parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		files = append(files, file)
	}
	config := types.Config{Importer: lib, Error: func(err error) {
		var te types.Error
		// What is imported and cannot be loaded is named below if it is
		// forbidden, and soft errors (an unused import) hide no type.
		if errors.As(err, &te) && !te.Soft && !strings.HasPrefix(te.Msg, "could not import ") {
			c.say(te.Pos, "does not type-check: %s", te.Msg)
		}
	}}
	_, _ = config.Check(pkgPath, c.fset, files, c.info) // each error has gone to config.Error
	for _, file := range files {
		c.file(file, sources[c.fset.File(file.Pos()).Name()])
	}
	return c.found
}

type checker struct {
	fset  *token.FileSet
	info  *types.Info
	found []string
	said  map[string]bool

	// The lines of the file at hand on which a comment excuses a map's order;
	// true once that was needed.
	excuses map[int]bool
}

func (c *checker) line(at token.Pos) int { return c.fset.Position(at).Line }

func (c *checker) say(at token.Pos, format string, args ...any) {
	p := c.fset.Position(at)
	finding := fmt.Sprintf("%s:%d: %s", p.Filename, p.Line, fmt.Sprintf(format, args...))
	if !c.said[finding] {
		c.said[finding] = true
		c.found = append(c.found, finding)
	}
}

var orderFree = regexp.MustCompile(`^// order-free: *[^ ]`)

func (c *checker) file(file *ast.File, src []byte) {
	for _, spec := range file.Imports {
		if name, _ := strconv.Unquote(spec.Path.Value); !mayImport(name) {
			c.say(spec.Pos(), "imports %s", name)
		}
	}

	c.excuses = map[int]bool{}
	lines := strings.Split(string(src), "\n")
	for _, group := range file.Comments {
		if !orderFree.MatchString(group.List[0].Text) {
			continue
		}
		at := c.fset.Position(group.Pos())
		if alone := strings.TrimSpace(lines[at.Line-1][:at.Column-1]) == ""; alone {
			c.excuses[c.line(group.End())+1] = false
		} else {
			c.excuses[at.Line] = false
		}
	}
	var path []ast.Node // from the file down to the node at hand
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			path = path[:len(path)-1]
			return true
		}
		c.node(n, path)
		path = append(path, n)
		return true
	})
	for _, line := range slices.Sorted(maps.Keys(c.excuses)) {
		if !c.excuses[line] {
			c.say(c.fset.File(file.Pos()).LineStart(line), "says order-free of nothing")
		}
	}
}

func mayImport(name string) bool {
	return slices.Contains(importable, name) || slices.ContainsFunc(importableTrees, func(tree string) bool {
		return name == tree || strings.HasPrefix(name, tree+"/")
	})
}

func (c *checker) node(n ast.Node, path []ast.Node) {
	switch n := n.(type) {
	case *ast.GoStmt:
		c.say(n.Pos(), "starts a goroutine")
	case *ast.SelectStmt:
		c.say(n.Pos(), "has a channel")
	case *ast.RangeStmt:
		if hasCore[*types.Map](c.info.TypeOf(n.X)) {
			c.order(n.Pos())
		}
	case *ast.Ident:
		c.use(n, path)
	}
	if e, ok := n.(ast.Expr); ok {
		tv := c.info.Types[e]
		if isFloat(tv.Type) {
			c.say(e.Pos(), "uses floating point")
		}
		if hasCore[*types.Chan](tv.Type) {
			c.say(e.Pos(), "has a channel")
		}
	}
}

// use judges a name that stands for something of another package or of the
// language itself.
func (c *checker) use(id *ast.Ident, path []ast.Node) {
	obj := c.info.Uses[id]
	if b, ok := obj.(*types.Builtin); ok && (b.Name() == "print" || b.Name() == "println") {
		c.say(id.Pos(), "%s %s", b.Name(), console)
	}
	if obj == nil || obj.Pkg() == nil {
		return
	}
	pkg, name := obj.Pkg(), obj.Name()
	if fn, ok := obj.(*types.Func); ok && fn.Signature().Recv() != nil && name != "Local" {
		return // only one method of what is importable asks the world: time.Time.Local
	}
	if why := impure[pkg.Path()][name]; why != "" {
		c.say(id.Pos(), "%s.%s %s", pkg.Name(), name, why)
	}
	switch pkg.Path() + "." + name {
	case "time.Unix", "time.UnixMilli", "time.UnixMicro":
		if next := selected(path); next != "UTC" && next != "In" {
			c.say(id.Pos(), "%s.%s answers in the machine's zone; add .UTC()", pkg.Name(), name)
		}
	case "maps.Keys", "maps.Values", "maps.All":
		if !c.settled(path) {
			c.order(id.Pos())
		}
	}
}

func (c *checker) order(at token.Pos) {
	if _, excused := c.excuses[c.line(at)]; excused {
		c.excuses[c.line(at)] = true
		return
	}
	c.say(at, ordered)
}

// settled reports whether the iterator that a call at the end of the path
// returns goes straight into a function for which its order does not matter.
func (c *checker) settled(path []ast.Node) bool {
	// … outer call, call of maps.Keys, selector maps.Keys
	if len(path) < 3 {
		return false
	}
	outer, ok := path[len(path)-3].(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := outer.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	obj := c.info.Uses[sel.Sel]
	return obj != nil && obj.Pkg() != nil && slices.Contains([]string{
		"slices.Sorted", "slices.SortedFunc", "slices.SortedStableFunc", "maps.Collect", "maps.Insert",
	}, obj.Pkg().Path()+"."+obj.Name())
}

// selected gives x of pkg.F(…).x, where the path ends at the selector pkg.F.
func selected(path []ast.Node) string {
	if len(path) < 3 {
		return ""
	}
	call, isCall := path[len(path)-2].(*ast.CallExpr)
	next, isSelector := path[len(path)-3].(*ast.SelectorExpr)
	if !isCall || !isSelector || next.X != call {
		return ""
	}
	return next.Sel.Name
}

// hasCore reports whether values of the type are maps, channels or whatever T
// is; of a type parameter, whether they can be.
func hasCore[T types.Type](typ types.Type) bool {
	if typ == nil {
		return false
	}
	if union, ok := typ.(*types.Union); ok {
		return slices.ContainsFunc(slices.Collect(union.Terms()), func(term *types.Term) bool { return hasCore[T](term.Type()) })
	}
	switch under := typ.Underlying().(type) {
	case T:
		return true
	case *types.Interface:
		return slices.ContainsFunc(slices.Collect(under.EmbeddedTypes()), hasCore[T])
	}
	return false
}

func isFloat(typ types.Type) bool {
	switch typ := typ.(type) {
	case nil:
		return false
	case *types.Tuple:
		return slices.ContainsFunc(slices.Collect(typ.Variables()), func(v *types.Var) bool { return isFloat(v.Type()) })
	default:
		basic, ok := typ.Underlying().(*types.Basic)
		return ok && basic.Info()&(types.IsFloat|types.IsComplex) != 0
	}
}
