package docs

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/cases"
	"github.com/certledger/certledger/domain/programme"
)

// What a page shows must be so. The fences have meanings:
//
//	```yaml NAME   a file: a programme, or cases; the next ```console uses it
//	```yaml        lines that stand in a programme of the page or the repository
//	```console     $ commands, each followed by what it prints
//	```sh          commands whose output is not shown
//	```go          Go that compiles
//	```json        JSON
//
// A page's check and test of a programme are carried out and their output compared.

func TestYAMLInDocumentsIsTrue(t *testing.T) {
	for _, p := range pages(t, root) {
		require.Empty(t, p.yamlProblems(root), p.name)
	}

	small := "programme: p\nversion: 1\ntitle: P\nvalid: {from: 2026-01-01}\npinned-by: registration\ntime-zone: UTC\n" +
		"awards: {a: {levels: [low, high]}}\nrequirements:\n  r:\n    says: R.\n    has: paper\n    otherwise: low\n"
	told := "programme: p\ncases:\n- {id: C1, title: T, history: [register], expect: {earned: %s}}\n"
	repo := fstest.MapFS{"docs/a.md": {Data: []byte(strings.Join([]string{
		"```yaml p.yaml", small + "```",
		"```yaml low.yaml", fmt.Sprintf(told, "low") + "```",
		"```yaml high.yaml", fmt.Sprintf(told, "high") + "```",
		"```console", "$ certledger programme check p.yaml", "p.yaml: all is well", "$ certledger programme test p.yaml low.yaml",
		"ok  C1  T", "1 passed, 0 failed", "$ certledger programme test p.yaml gone.yaml", "```",
		"```yaml", "    has: paper", "    otherwise: low", "```",
		"```yaml", "    has: paper", "    otherwise: high", "```",
		"```yaml bad.yaml", strings.Replace(small, "has: paper", "hat: paper", 1) + "```",
		"```yaml", strings.Replace(small, "P\n", "Q\n", 1) + "extra: 1\n```",
		"```json", "{\"a\": 1,}", "```",
	}, "\n"))}}
	got := pages(t, repo)[0].yamlProblems(repo)
	require.Len(t, got, 7, got)
	for i, want := range []string{
		"docs/a.md:26: certledger programme check p.yaml prints", "docs/a.md:26: there is no file gone.yaml",
		"docs/a.md:38: no programme holds these lines", "docs/a.md:71: is not JSON", "docs/a.md:42: bad.yaml: 10:5:", "docs/a.md:56:  13:1: a programme has no key",
		"docs/a.md:21: high.yaml is never shown to run",
	} {
		require.Contains(t, got[i], want)
	}
}

func TestGoInDocumentsCompiles(t *testing.T) {
	for _, p := range pages(t, root) {
		require.Empty(t, p.goProblems(), p.name)
	}

	p := pages(t, fstest.MapFS{"docs/a.md": {Data: []byte(
		"```go\npackage p\n\nvar x int = 1\n```\n```go\nreturn 1\n```\n```go\npackage p\n\nvar x int = \"1\"\n```\n```go\nif {\n```\n")}})[0]
	got := p.goProblems()
	require.Len(t, got, 2, got)
	require.Contains(t, got[0], "docs/a.md:10:")
	require.Contains(t, got[1], "docs/a.md:15:")
}

func TestPathsInDocumentsExist(t *testing.T) {
	spec := readOpenAPI(t, root)
	for _, p := range pages(t, root) {
		require.Empty(t, p.pathProblems(spec), p.name)
	}

	spec = readOpenAPI(t, fstest.MapFS{
		"api/testdata/openapi.json": {Data: []byte(`{"paths": {"/v1/cohorts": {"post": {"requestBody":
		{"content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}}}}, "/v1/cohorts/{cohort}": {"get": {}}},
		"components": {"schemas": {"New": {"required": ["code"], "properties": {"code": {}, "mode": {}}}}}}`)},
		"api/health.go": {Data: []byte("package api\nfunc f() { HandleFunc(\"GET /livez\", nil) }")},
	})
	p := pages(t, fstest.MapFS{"docs/a.md": {Data: []byte("`GET /v1/cohorts/{cohort}` `PUT /v1/cohorts` `GET /v1/nothing` `/v1/cohorts/evening` `/livez` `/healthz`\n" +
		"```sh\ncurl -H \"A: $T\" $SERVER/v1/cohorts/evening?x=1\ncurl $SERVER/v1/cohort\ncurl $SERVER/v1/cohorts -d '{\n  \"code\": \"a\"}'\n" +
		"curl $SERVER/v1/cohorts \\\n  -d '{\"cod\": 1}'\ncurl -X DELETE \"$SERVER/v1/cohorts/a\"\n```\n")}})[0]
	require.Equal(t, []string{
		"docs/a.md:1: there is no PUT /v1/cohorts",
		"docs/a.md:1: there is no GET /v1/nothing",
		"docs/a.md:1: there is no /healthz",
		"docs/a.md:4: there is no GET /v1/cohort",
		"docs/a.md:7: POST /v1/cohorts needs code",
		"docs/a.md:7: POST /v1/cohorts takes no cod",
		"docs/a.md:9: there is no DELETE /v1/cohorts/a",
	}, p.pathProblems(spec))
}

func TestNamesInDocumentsExist(t *testing.T) {
	known := names{problems: problemTypes(t, root), tests: testNames(t, root)}
	require.Contains(t, known.problems, "stale-version")
	for _, p := range pages(t, root) {
		require.Empty(t, p.nameProblems(known), p.name)
	}

	known = names{problems: []string{"stale-version"}, tests: []string{"TestThat"}}
	p := pages(t, fstest.MapFS{"docs/a.md": {Data: []byte("`urn:certledger:problem:stale-version` urn:certledger:problem:stale TestThat TestThis\n" +
		"| type | status |\n|---|---|\n| `stale-version`, `fresh-version` | 412 |\n\n| key | x |\n|---|---|\n| `other` | |\n[a](#names) [b](#nothing)\n## Names\n")}})[0]
	require.Equal(t, []string{
		"docs/a.md:1: there is no problem stale", "docs/a.md:1: there is no test TestThis",
		"docs/a.md:4: there is no problem fresh-version", "docs/a.md:9: no heading is #nothing",
	}, p.nameProblems(known))
}

// Every key, verb and expectation that the parsers accept is told.
func TestLanguageIsToldWhole(t *testing.T) {
	require.Empty(t, untold(t, root))

	require.Equal(t, []string{"docs/programmes.md does not tell of fly", "docs/programmes.md does not tell of wings"},
		untold(t, fstest.MapFS{
			"domain/programme/a.go": {Data: []byte("package programme\nvar aKeys = []string{\"says\"}\nfunc f() { r.open(n, p, \"a bird\", \"wings\") }")},
			"domain/cases/a.go":     {Data: []byte("package cases\nfunc verbs() map[string]verb { return map[string]verb{\"fly\": {}} }\nvar expectable = map[string][]shape{\"earned\": {aWord}}")},
			"docs/programmes.md":    {Data: []byte("`says`, `earned: LEVEL`")},
		}))
}

// page is a document, with its fenced blocks apart.
type page struct {
	name   string
	blocks []block
	text   []string // its lines, with those of blocks left empty
}

type block struct {
	lang, name string
	line       int // of its first line
	body       string
}

func pages(t *testing.T, repo fs.FS) []page {
	t.Helper()
	var out []page
	eachFile(t, repo, ".md", func(name string, src []byte) {
		if name != "README.md" && !strings.HasPrefix(name, "docs/") {
			return
		}
		p := page{name: name}
		var open *block
		for i, line := range strings.Split(string(src), "\n") {
			p.text = append(p.text, "")
			info, fence := strings.CutPrefix(line, "```")
			switch {
			case fence && open == nil:
				lang, of, _ := strings.Cut(info, " ")
				open = &block{lang: lang, name: of, line: i + 2}
			case fence:
				p.blocks = append(p.blocks, *open)
				open = nil
			case open != nil:
				open.body += line + "\n"
			default:
				p.text[i] = line
			}
		}
		require.Nil(t, open, "%s: a fence is not closed", name)
		out = append(out, p)
	})
	return out
}

func (p page) at(line int, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: %s", p.name, line, fmt.Sprintf(format, args...))
}

func isCases(body string) bool { return strings.Contains("\n"+body, "\ncases:") }

func isProgramme(body string) bool {
	return strings.HasPrefix(body, "#") || strings.Contains("\n"+body, "\nprogramme:")
}

// yamlProblems carries out what the page shows.
func (p page) yamlProblems(repo fs.FS) []string {
	var problems []string
	var whole []string // texts of programmes, where lines may be taken from
	for _, dir := range []string{"domain/programmes", "domain/testdata/programmes"} {
		files, _ := fs.Glob(repo, dir+"/*.yaml")
		for _, f := range files {
			src, _ := fs.ReadFile(repo, f)
			whole = append(whole, bare(string(src)))
		}
	}
	for _, b := range p.blocks {
		if b.lang == "yaml" && isProgramme(b.body) && !isCases(b.body) {
			whole = append(whole, bare(b.body))
		}
	}
	files, shown, wrong := map[string]block{}, map[int]bool{}, map[int]error{}
	for _, b := range p.blocks {
		switch {
		case b.lang == "console":
			for _, c := range transcript(b.body) {
				if problem := p.carryOut(repo, c, files, shown); problem != "" {
					problems = append(problems, p.at(b.line, "%s", problem))
				}
			}
		case b.lang == "json" && !json.Valid([]byte(b.body)):
			problems = append(problems, p.at(b.line, "is not JSON"))
		case b.lang != "yaml":
		case isCases(b.body):
			files[b.name] = b
		case isProgramme(b.body):
			whole, err := wholeRules(repo, files, b.body)
			if err == nil {
				_, err = programme.Parse(whole)
			}
			if files[b.name] = b; err != nil {
				wrong[b.line] = err
			}
		case !slices.ContainsFunc(whole, func(w string) bool { return strings.Contains(w, bare(b.body)) }):
			problems = append(problems, p.at(b.line, "no programme holds these lines"))
		}
	}
	for _, b := range p.blocks {
		if err := wrong[b.line]; err != nil && !shown[b.line] {
			problems = append(problems, strings.TrimSpace(p.at(b.line, "%s %s", strings.TrimPrefix(b.name+":", ":"), err)))
		}
	}
	for _, b := range p.blocks {
		if b.lang == "yaml" && isCases(b.body) && !shown[b.line] {
			problems = append(problems, p.at(b.line, "%s is never shown to run", b.name))
		}
	}
	return problems
}

// bare is lines without indentation, comments and empty ones.
func bare(text string) string {
	out := "\n"
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, " #")
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out += line + "\n"
		}
	}
	return out
}

// command is one line of a transcript, and what it printed.
type command struct{ line, prints string }

func transcript(body string) []command {
	var out []command
	for line := range strings.Lines(body) {
		if text, ok := strings.CutPrefix(line, "$ "); ok {
			out = append(out, command{line: strings.TrimSpace(text)})
		} else if len(out) > 0 {
			out[len(out)-1].prints += line
		}
	}
	return out
}

// carryOut does what the command line would with the page's files, or the
// repository's, and compares what it prints.
func (p page) carryOut(repo fs.FS, c command, files map[string]block, shown map[int]bool) string {
	words := strings.Fields(strings.TrimPrefix(c.line, "bin/"))
	if len(words) < 4 || words[0] != "certledger" || words[1] != "programme" || words[2] != "check" && words[2] != "test" {
		return ""
	}
	var names, bodies []string
	for _, f := range words[3:] {
		b, ok := files[f]
		if src, err := fs.ReadFile(repo, path.Clean(f)); !ok && err == nil {
			b, ok = block{body: string(src)}, true
		}
		switch {
		case f == "--failures":
			continue
		case !ok:
			return "there is no file " + f
		}
		shown[b.line] = true
		if whole, err := wholeRules(repo, files, b.body); err == nil {
			b.body = string(whole)
		}
		names, bodies = append(names, f), append(bodies, b.body)
	}
	got := ""
	if words[2] == "check" {
		for i, name := range names {
			got += checked(name, bodies[i])
		}
	} else {
		var reports []cases.Report
		for i := 1; i < len(names); i++ {
			r, err := cases.Run(cases.Config{
				Programme: []byte(bodies[0]), Name: names[0], Cases: []byte(bodies[i]), CasesName: names[i], Zone: time.LoadLocation,
			})
			if err != nil {
				return err.Error()
			}
			if slices.Contains(words, "--failures") {
				r.Cases = slices.DeleteFunc(r.Cases, func(o cases.Outcome) bool { return o.Passed || o.Skipped != "" })
			}
			reports = append(reports, r)
		}
		got = cases.Text(reports...)
	}
	if got != c.prints {
		return fmt.Sprintf("%s prints\n%s", c.line, got)
	}
	return ""
}

// checked is what certledger programme check prints.
func checked(name, body string) string {
	parsed, err := programme.Parse([]byte(body))
	var mistakes programme.Errors
	if !errors.As(err, &mistakes) {
		return fmt.Sprintf("%s: %s version %d is in order (%s)\n", name, parsed.ID, parsed.Version, parsed.Digest)
	}
	out := ""
	for _, m := range mistakes {
		out += m.Format(name)
	}
	if len(mistakes) == 1 {
		return out + name + ": 1 mistake\n"
	}
	return out + fmt.Sprintf("%s: %d mistakes\n", name, len(mistakes))
}

func (p page) goProblems() []string {
	var problems []string
	for _, b := range p.blocks {
		if b.lang != "go" {
			continue
		}
		src, whole := b.body, strings.HasPrefix(b.body, "package ")
		if !whole {
			src = "package p\nfunc _() {\n" + b.body + "}"
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, "snippet.go", src, 0)
		if err == nil && whole {
			_, err = (&types.Config{Importer: importer.ForCompiler(set, "source", nil)}).Check("snippet", set, []*ast.File{file}, nil)
		}
		if err != nil {
			problems = append(problems, p.at(b.line, "%s", err))
		}
	}
	return problems
}

var inline = regexp.MustCompile("`([^`]+)`")

// lines are the page's command lines: those of blocks, joined where a line
// goes on, and the code in its text.
func (p page) lines(visit func(line int, text string)) {
	for i, text := range p.text {
		for _, m := range inline.FindAllStringSubmatch(text, -1) {
			visit(i+1, m[1])
		}
	}
	for _, b := range p.blocks {
		if b.lang != "sh" && b.lang != "console" {
			continue
		}
		at, joined, quoted := b.line, "", false
		for i, text := range strings.Split(b.body, "\n") {
			if joined == "" {
				at = b.line + i
			}
			command := strings.HasPrefix(text, "$ ") || joined != "" || b.lang == "sh"
			if !command {
				continue
			}
			joined += strings.TrimPrefix(text, "$ ")
			if quoted = strings.Count(joined, "'")%2 == 1; quoted || strings.HasSuffix(joined, `\`) {
				joined = strings.TrimSuffix(joined, `\`) + " "
				continue
			}
			visit(at, joined)
			joined = ""
		}
	}
}
