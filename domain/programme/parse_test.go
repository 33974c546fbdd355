package programme_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/domain/programmes"
)

// sources are the programmes that ship with the ledger and those for tests.
func sources(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, f := range programmes.All() {
		out[f.Name] = f.Bytes
	}
	files, err := filepath.Glob("../testdata/programmes/*.yaml")
	require.NoError(t, err)
	for _, file := range files {
		src, err := os.ReadFile(file)
		require.NoError(t, err)
		out[strings.TrimSuffix(filepath.Base(file), ".yaml")] = src
	}
	return out
}

// TestProgrammesParse compares what is read with a golden file, from which
// absent and empty values are left out.
func TestProgrammesParse(t *testing.T) {
	all := sources(t)
	shown := []string{"harbour-pilot", "peerworks-core-essentials", "peerworks-core-essentials-1"}
	for _, name := range shown {
		require.Contains(t, all, name)
	}
	for name, src := range all {
		t.Run(name, func(t *testing.T) {
			p, err := programme.Parse(src)
			if err != nil {
				t.Fatal(err.(programme.Errors).Format(name + ".yaml"))
			}
			require.Equal(t, src, p.Bytes)
			require.Regexp(t, "^sha256:[0-9a-f]{64}$", p.Digest)

			again, err := programme.Parse(src)
			require.NoError(t, err)
			require.Equal(t, p, again)

			if slices.Contains(shown, name) {
				golden(t, "testdata/models/"+name+".json", view(t, p))
			}
		})
	}
}

// view is a programme as JSON in which each test has its kind.
func view(t *testing.T, p *programme.Programme) string {
	t.Helper()
	requirements := named(t, p.Requirements)
	q := *p
	q.Bytes, q.Digest, q.Requirements = nil, "", nil
	m := plain(t, q).(map[string]any)
	m["Requirements"] = requirements
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	require.NoError(t, e.Encode(prune(m)))
	return b.String()
}

func named(t *testing.T, qs []programme.Requirement) []any {
	var out []any
	for _, q := range qs {
		m := plain(t, q).(map[string]any)
		kind := strings.TrimPrefix(typeName(q.Test), "programme.")
		test := m["Test"].(map[string]any)
		if c, ok := q.Test.(programme.Combined); ok {
			test["Children"] = named(t, c.Children)
		}
		m["Test"] = map[string]any{kind: test, "": ""}
		out = append(out, m)
	}
	return out
}

func plain(t *testing.T, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	var out any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	require.NoError(t, d.Decode(&out))
	return out
}

// prune drops nulls, zeros and empties, but keeps a test without fields.
func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		_, isTest := v[""]
		delete(v, "")
		for k, x := range v {
			if x = prune(x); x == nil && !isTest {
				delete(v, k)
			} else if x == nil {
				v[k] = map[string]any{}
			} else {
				v[k] = x
			}
		}
		if len(v) == 0 {
			return nil
		}
		return v
	case []any:
		for i := range v {
			if x := prune(v[i]); x != nil {
				v[i] = x
			}
		}
		if len(v) == 0 {
			return nil
		}
		return v
	case string:
		if v == "" {
			return nil
		}
	case json.Number:
		if v == "0" {
			return nil
		}
	case bool:
		if !v {
			return nil
		}
	case nil:
		return nil
	}
	return v
}

// TestLineEndings: a file saved with CR LF is another file with another
// digest, and says the same.
func TestLineEndings(t *testing.T) {
	src := peerworks(t)
	crlf := bytes.ReplaceAll(src, []byte("\n"), []byte("\r\n"))
	a, b := parse(t, src), parse(t, crlf)
	require.NotEqual(t, a.Digest, b.Digest)
	require.Equal(t, crlf, b.Bytes)
	b.Digest, b.Bytes = a.Digest, a.Bytes
	require.Equal(t, a, b)

	_, err := programme.Parse(bytes.Replace(crlf, []byte("several: lowest"), []byte("several: least"), 1))
	var one *programme.Error
	require.ErrorAs(t, err, &one)
	require.Equal(t, 1+bytes.Count(src[:bytes.Index(src, []byte("several: lowest"))], []byte("\n")), one.Line)
}

func TestLimits(t *testing.T) {
	for name, c := range map[string]struct{ src, want string }{
		"bytes":        {strings.Repeat("# a comment\n", 30_000), "the programme has 360000 bytes; at most 262144 are read"},
		"lines":        {strings.Repeat("\n", 6_000), "more than 5000 lines"},
		"long line":    {"title: " + strings.Repeat("x", 2_000), "a line longer than 1000 characters"},
		"nested lists": {strings.Repeat("[", 900), "more than 16 lists and tables inside one another"},
		"nested items": {strings.Repeat("- ", 450) + "x", "more than 16 lists and tables inside one another"},
		"keys":         {"a: {" + strings.Repeat("b: 1,\nc: 2,\n", 2_490) + strings.Repeat("a: 1, b: 2, c: 3,", 50) + "}", "more than 5000 keys"},
		"many errors":  {"tasks:\n" + strings.Repeat("  A: {}\n", 400), "and 349 more mistakes"},
		"not UTF-8":    {"title: \xff", "not UTF-8 text"},
		"byte order":   {"\ufefftitle: x", "an invisible byte order mark"},
		"control":      {"title: \"a\x00b\"", "a control character (U+0000)"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := programme.Parse([]byte(c.src))
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestShippedProgrammes(t *testing.T) {
	var ids []string
	for _, f := range programmes.All() {
		p := parse(t, f.Bytes)
		ids = append(ids, f.Name)
		src, ok := programmes.Get(f.Name)
		require.True(t, ok)
		require.Equal(t, f.Bytes, src)
		require.True(t, strings.HasPrefix(f.Name, p.ID))
	}
	require.Subset(t, ids, []string{"peerworks-core-essentials", "peerworks-core-essentials-1"}) // the others are data, as these are
	_, ok := programmes.Get("no-such-programme")
	require.False(t, ok)
}
