package docs

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
)

const schemaFile = "docs/programme.schema.json"

// TestSchemaIsCommitted: write it anew with
//
//	go run ./cmd/certledger programme schema > docs/programme.schema.json
func TestSchemaIsCommitted(t *testing.T) {
	committed, err := fs.ReadFile(root, schemaFile)
	require.NoError(t, err)
	require.Equal(t, string(programme.Schema()), string(committed))
}

// TestSchemaAcceptsWhatTheReaderAccepts validates every programme, overlay and
// draft of the repository that has no mistake.
func TestSchemaAcceptsWhatTheReaderAccepts(t *testing.T) {
	s := readSchema(t)
	texts := map[string][]byte{}
	require.NoError(t, fs.WalkDir(root, "domain", func(name string, _ fs.DirEntry, err error) error {
		if err == nil && path.Ext(name) == ".yaml" {
			texts[name], err = fs.ReadFile(root, name)
		}
		return err
	}))
	for _, p := range pages(t, root) {
		for _, b := range p.blocks {
			if b.lang == "yaml" && b.name != "" {
				texts[p.at(b.line, "%s", b.name)] = []byte(b.body)
			}
		}
	}
	named := map[string][]byte{}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if is, ok := programme.NameOf(texts[name]); ok {
			named[fmt.Sprint(is.Programme, is.Version)] = texts[name]
		}
	}
	find := func(id string, version int) []byte { return named[fmt.Sprint(id, version)] }
	valid, overlays := 0, 0
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		_, over := programme.OverlayOf(texts[name])
		whole, err := programme.Complete(texts[name], find)
		if err == nil {
			_, err = programme.Parse(whole)
		}
		if err != nil {
			continue // cases, and texts with mistakes
		}
		require.Empty(t, s.problems(decoded(t, texts[name])), name)
		require.Empty(t, s.problems(decoded(t, whole)), name+", laid over its base")
		valid++
		if over {
			overlays++
		}
	}
	require.Greater(t, valid, 5)
	require.Positive(t, overlays)
}

// TestSchemaRefusesWhatIsPlainlyWrong changes one thing of a programme that is
// in order.
func TestSchemaRefusesWhatIsPlainlyWrong(t *testing.T) {
	s := readSchema(t)
	src, err := fs.ReadFile(root, "domain/testdata/programmes/harbour-pilot.yaml")
	require.NoError(t, err)
	require.Empty(t, s.problems(decoded(t, src)))
	for old, now := range map[string]string{
		"title: Pilot":                    "titel: Pilot",
		"pinned-by: application":          "pinned-by: chance",
		"version: 4":                      "version: four",
		"stricter: lower, source: order":  "strict: lower, source: order",
		"conflict-of: all":                "conflict-of: some",
		"group: identity":                 "groop: identity",
		"several: latest\n    source":     "many: latest\n    source",
		"answered-by: registrar":          "answers-by: registrar",
		"    otherwise: none\n    may":    "    may",
		"are: all done\n    otherwise: t": "are: done\n    otherwise: t",
		"    has: radio-certificate\n":    "",
		"filed-by: participant}":          "filled-by: participant}",
		"night:     {at-least":            "night:     {atleast",
		"swim:     {has":                  "swim:     {otherwise: none, has",
		"    is: accepted\n":              "    is: accepted\n    are: all done\n",
		"n: 2\n":                          "m: 2\n",
		"harbour-pilot":                   "Harbour Pilot",
	} {
		require.Contains(t, string(src), old)
		changed := strings.Replace(string(src), old, now, 1)
		require.NotEmpty(t, s.problems(decoded(t, []byte(changed))), now)
	}
}

func decoded(t *testing.T, src []byte) any {
	t.Helper()
	var out any
	require.NoError(t, yaml.Unmarshal(src, &out))
	return out
}

// jsonSchema is a validator for the words that our schema uses. A word that it
// does not know fails, so nothing is passed over.
type jsonSchema struct {
	t    *testing.T
	root map[string]any
}

func readSchema(t *testing.T) jsonSchema {
	src, err := fs.ReadFile(root, schemaFile)
	require.NoError(t, err)
	s := jsonSchema{t: t}
	require.NoError(t, json.Unmarshal(src, &s.root))
	return s
}

func (s jsonSchema) problems(v any) []string { return s.check(s.root, v, "") }

func (s jsonSchema) check(schema map[string]any, v any, at string) []string {
	var out []string
	fail := func(format string, args ...any) { out = append(out, at+": "+fmt.Sprintf(format, args...)) }
	table, isTable := v.(map[string]any)
	list, isList := v.([]any)
	text, isText := v.(string)
	number, isNumber := numberOf(v)
	for _, word := range slices.Sorted(maps.Keys(schema)) {
		is := schema[word]
		switch word {
		case "$schema", "$id", "$defs", "title", "description", "then", "else":
		case "$ref":
			name := strings.TrimPrefix(is.(string), "#/$defs/")
			out = append(out, s.check(s.root["$defs"].(map[string]any)[name].(map[string]any), v, at)...)
		case "if":
			branch := "else"
			if len(s.check(is.(map[string]any), v, at)) == 0 {
				branch = "then"
			}
			if of, ok := schema[branch].(map[string]any); ok {
				out = append(out, s.check(of, v, at)...)
			}
		case "not":
			if len(s.check(is.(map[string]any), v, at)) == 0 {
				fail("must not fit")
			}
		case "anyOf":
			if !slices.ContainsFunc(is.([]any), func(one any) bool { return len(s.check(one.(map[string]any), v, at)) == 0 }) {
				fail("%v fits none of several forms", v)
			}
		case "type":
			_, isTruth := v.(bool)
			fits := map[string]bool{
				"object": isTable, "array": isList, "string": isText, "boolean": isTruth,
				"number": isNumber, "integer": isNumber && number == float64(int64(number)),
			}
			if !fits[is.(string)] {
				fail("%v is no %s", v, is)
			}
		case "enum":
			if !slices.Contains(is.([]any), v) {
				fail("%v is none of %v", v, is)
			}
		case "const":
			if v != is {
				fail("%v is not %v", v, is)
			}
		case "pattern":
			if isText && !regexp.MustCompile(is.(string)).MatchString(text) {
				fail("%q does not match", text)
			}
		case "minLength":
			if isText && float64(utf8.RuneCountInString(text)) < is.(float64) {
				fail("too short")
			}
		case "minimum":
			if isNumber && number < is.(float64) {
				fail("too small")
			}
		case "maximum":
			if isNumber && number > is.(float64) {
				fail("too large")
			}
		case "items":
			for i, item := range list {
				out = append(out, s.check(is.(map[string]any), item, fmt.Sprintf("%s/%d", at, i))...)
			}
		case "minItems":
			if isList && float64(len(list)) < is.(float64) {
				fail("too few")
			}
		case "minProperties":
			if isTable && float64(len(table)) < is.(float64) {
				fail("too few")
			}
		case "required":
			for _, key := range is.([]any) {
				if _, ok := table[key.(string)]; isTable && !ok {
					fail("%s is not there", key)
				}
			}
		case "dependentRequired":
			for key, others := range is.(map[string]any) {
				for _, other := range others.([]any) {
					_, has := table[key]
					if _, ok := table[other.(string)]; has && !ok {
						fail("%s needs %s", key, other)
					}
				}
			}
		case "propertyNames":
			for key := range table {
				out = append(out, s.check(is.(map[string]any), key, at+"/"+key)...)
			}
		case "properties", "additionalProperties":
			if word == "additionalProperties" && schema["properties"] != nil || !isTable {
				continue // told with the properties
			}
			known, _ := schema["properties"].(map[string]any)
			for _, key := range slices.Sorted(maps.Keys(table)) {
				if of, ok := known[key]; ok {
					out = append(out, s.check(of.(map[string]any), table[key], at+"/"+key)...)
				} else if more, ok := schema["additionalProperties"].(map[string]any); ok {
					out = append(out, s.check(more, table[key], at+"/"+key)...)
				} else if schema["additionalProperties"] == false {
					fail("no key %s", key)
				}
			}
		default:
			require.Fail(s.t, "a word of JSON Schema that this test does not know", word)
		}
	}
	return out
}

func numberOf(v any) (float64, bool) {
	switch n := v.(type) {
	case uint64:
		return float64(n), true
	case int64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}
