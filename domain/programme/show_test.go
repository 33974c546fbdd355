package programme_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/domain/programmes"
)

// TestShippedProgrammesInWords compares what every shipped programme says with
// a page, and with what a terminal shows for one. A new programme, or a changed
// clause, has its page written with
//
//	go test ./domain/programme -run InWords -update
func TestShippedProgrammesInWords(t *testing.T) {
	shipped := []string{}
	for _, f := range programmes.All() {
		shipped = append(shipped, f.Name+".md")
		t.Run(f.Name, func(t *testing.T) {
			p, err := programme.Parse(f.Bytes)
			require.NoError(t, err)
			page := programme.Describe(p).Markdown()
			require.Contains(t, page, p.Digest)
			golden(t, "testdata/show/"+f.Name+".md", anyDigest.ReplaceAllString(page, "sha256:…"))
		})
	}
	p := parsed(t, "../testdata/programmes/harbour-pilot.yaml")
	golden(t, "testdata/show/harbour-pilot.txt", programme.Describe(p).Text())

	pages, err := filepath.Glob("testdata/show/*.md")
	require.NoError(t, err)
	for _, page := range pages {
		require.Contains(t, shipped, filepath.Base(page), "a page of no programme")
	}
}

// anyDigest is left out of the pages, which do not change with a comment.
var anyDigest = regexp.MustCompile("sha256:[0-9a-f]{64}")

func parsed(t testing.TB, file string) *programme.Programme {
	t.Helper()
	src, err := os.ReadFile(file)
	require.NoError(t, err)
	p, err := programme.Parse(src)
	require.NoError(t, err)
	return p
}

// TestNothingOfTheModelGoesUnsaid changes every field of a programme that has
// everything, one at a time, and asks that other words are said. So no rule can
// be published that `show` leaves out and `diff` does not see.
func TestNothingOfTheModelGoesUnsaid(t *testing.T) {
	unsaid := regexp.MustCompile(`^Bytes|^Renamed\[0\]\.Path$|^Requirements\[0\](\.Test\.Children\[0\])?\.Key$`) // the path is said, whose end is the key
	for i, test := range tests() {
		t.Run(fmt.Sprintf("%T %d", test, i), func(t *testing.T) {
			p := &programme.Programme{}
			fill(reflect.ValueOf(p).Elem(), "p", test)
			switch total := p.Requirements[0].Test.(type) { // a total is of a measure or of its own
			case programme.Sum:
				if total.Measure = ""; i%2 == 0 {
					total.Measure, total.Inline = "m", nil
				}
				p.Requirements[0].Test = total
			case programme.Reaches:
				if total.Measure = ""; i%2 == 0 {
					total.Measure, total.Inline = "m", nil
				}
				p.Requirements[0].Test = total
			}
			if i > 0 { // the rest of the programme is the same as with the first test
				p = &programme.Programme{Requirements: p.Requirements}
			}
			was := said(t, p)
			changed, silent := 0, []string{}
			eachField(reflect.ValueOf(p).Elem(), "", func(path string, change func() (undo func())) {
				if unsaid.MatchString(path) {
					return
				}
				undo := change()
				if said(t, p) == was {
					silent = append(silent, path)
				}
				undo()
				require.True(t, said(t, p) == was, "%s is not as it was", path)
				changed++
			})
			require.Empty(t, silent, "these can change and nothing else is said")
			require.Greater(t, changed, 5)
		})
	}
}

func said(t *testing.T, p *programme.Programme) string {
	t.Helper()
	b, err := json.Marshal(programme.Describe(p))
	require.NoError(t, err)
	return string(b)
}

// tests are one of each kind.
func tests() []programme.Test {
	return []programme.Test{
		programme.Has{},
		programme.Sum{},
		programme.Sum{},
		programme.Reaches{},
		programme.Reaches{},
		programme.Missed{},
		programme.Elapsed{},
		programme.Rated{},
		programme.Judged{},
		programme.TasksDone{},
		programme.Submitted{},
		programme.AtEach{},
		programme.Combined{},
		programme.RegistrationIs{},
	}
}

// fill gives everything a value that is not nothing: lists one item, texts
// their own path. depth ends where a type holds itself.
func fill(v reflect.Value, path string, test programme.Test) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(path)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(2)
	case reflect.Uint8:
		v.SetUint(2)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), path, test)
	case reflect.Slice:
		if strings.Count(path, "Parts") > 2 || strings.Count(path, "Children") > 0 && v.Type().Elem() == reflect.TypeFor[programme.Requirement]() {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), path+"0", test)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, path+"-key", test)
		fill(value, path+"-value", test)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		if value, ok := v.Addr().Interface().(*programme.Value); ok {
			*value = programme.Value{Number: 2, Unit: path + ".Unit", Noun: path + ".Noun"} // the other shapes are in the pages
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), path+"."+v.Type().Field(i).Name, test)
			}
		}
		if p, ok := v.Addr().Interface().(*programme.Programme); ok { // what was renamed is there
			p.Renamed = []programme.Rename{{Path: "parameters/" + p.Parameters[0].Key, Was: "parameters/was"}}
		}
		if s, ok := v.Addr().Interface().(*programme.Section); ok {
			s.Titles = map[string]string{s.Items[0]: "title"}
		}
	case reflect.Interface:
		whole := reflect.New(reflect.TypeOf(test)).Elem()
		if strings.Contains(path, "Children") {
			whole = reflect.New(reflect.TypeFor[programme.RegistrationIs]()).Elem()
		}
		fill(whole, path, test)
		v.Set(whole)
	default:
		panic(fmt.Sprintf("a field of kind %s at %s", v.Kind(), path))
	}
}

// eachField calls f with a way to change each single value below v.
func eachField(v reflect.Value, path string, f func(path string, change func() func())) {
	set := func(now reflect.Value) func() func() {
		return func() func() {
			was := reflect.New(v.Type()).Elem()
			was.Set(v)
			v.Set(now)
			return func() { v.Set(was) }
		}
	}
	switch v.Kind() {
	case reflect.String:
		f(path, set(reflect.ValueOf("other").Convert(v.Type())))
	case reflect.Bool:
		f(path, set(reflect.ValueOf(!v.Bool())))
	case reflect.Int, reflect.Int64:
		f(path, set(reflect.ValueOf(v.Int()+1).Convert(v.Type())))
	case reflect.Pointer:
		if !v.IsNil() {
			eachField(v.Elem(), path, f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachField(v.Index(i), fmt.Sprintf("%s[%d]", path, i), f)
		}
		if v.Len() > 0 {
			f(path, set(reflect.Zero(v.Type())))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			f(path, func() func() {
				was := v.MapIndex(k)
				v.SetMapIndex(k, reflect.Value{})
				return func() { v.SetMapIndex(k, was) }
			})
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(k))
			eachField(value, path+"[]", func(path string, change func() func()) {
				f(path, func() func() {
					was := reflect.New(v.Type().Elem()).Elem()
					was.Set(v.MapIndex(k))
					undo := change()
					v.SetMapIndex(k, value)
					return func() { undo(); v.SetMapIndex(k, was) }
				})
			})
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type() == reflect.TypeFor[programme.Value]() && !slices.Contains([]string{"Number", "Unit", "Noun"}, v.Type().Field(i).Name) {
				continue
			}
			if v.Type().Field(i).IsExported() {
				eachField(v.Field(i), strings.TrimPrefix(path+"."+v.Type().Field(i).Name, "."), f)
			}
		}
	case reflect.Interface: // what it holds cannot be changed in place
		copied := reflect.New(v.Elem().Type()).Elem()
		copied.Set(v.Elem())
		eachField(copied, path, func(path string, change func() func()) {
			f(path, func() func() {
				was := reflect.New(v.Type()).Elem()
				was.Set(v)
				undo := change()
				v.Set(copied)
				return func() { undo(); v.Set(was) }
			})
		})
	}
}
