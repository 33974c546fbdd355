package domain

import (
	"encoding/json"
	"testing"

	"github.com/gowebpki/jcs"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// anyJSON is a value of JSON, with texts and numbers of all kinds.
func anyJSON(depth int) *rapid.Generator[any] {
	text := rapid.OneOf(rapid.StringMatching(`[a-z]{0,3}`), rapid.String())
	leaf := rapid.OneOf(
		rapid.Map(text, func(s string) any { return s }), rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Map(rapid.Int64Range(-1<<52, 1<<52), func(n int64) any { return n }), rapid.Map(rapid.Float64Range(-1e9, 1e9), func(f float64) any { return f }),
		rapid.Just[any](nil),
	)
	if depth == 0 {
		return leaf
	}
	below := rapid.Deferred(func() *rapid.Generator[any] { return anyJSON(depth - 1) })
	return rapid.OneOf(
		leaf,
		rapid.Map(rapid.SliceOfN(below, 0, 4), func(s []any) any { return s }),
		rapid.Map(rapid.SliceOfNDistinct(text, 0, 5, rapid.ID[string]), func(names []string) any { return names }),
		rapid.Custom(func(t *rapid.T) any { return rapid.MapOfN(text, below, 0, 5).Draw(t, "object") }),
	)
}

// shuffled is an object whose members are encoded in the order given.
type shuffled struct {
	names  []string
	values []any
}

func (s shuffled) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, name := range s.names {
		if i > 0 {
			out = append(out, ',')
		}
		for j, part := range []any{name, s.values[i]} {
			b, err := encodeJSON(part)
			if err != nil {
				return nil, err
			}
			if j > 0 {
				out = append(out, ':')
			}
			out = append(out, b...)
		}
	}
	return append(out, '}'), nil
}

func TestCanonicalJSONIsWhatOthersWrite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.OneOf(rapid.StringMatching(`[a-z]{1,3}`), rapid.String()), 0, 6, rapid.ID[string]).Draw(t, "names")
		s := shuffled{names: names}
		for range names {
			s.values = append(s.values, anyJSON(3).Draw(t, "value"))
		}
		b, err := encodeJSON(s)
		require.NoError(t, err)
		want, err := jcs.Transform(b)
		if err != nil {
			return // it takes no such text; neither is one recorded
		}
		got, err := canonicalJSON(b)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
	})
}

func TestCanonicalJSONOfWhatIsNone(t *testing.T) {
	for _, bad := range []string{"", "{", `{"a":1`, `{"a":1,}`, `{"a" :1`, `[1,`, `[1 2]`, `{"b":1,"a":}`, `{"a":1}x`, `{"b":1,"a":2,"b":3}`, `{"a":1,"a":1}`, `"a`, `tru`, `01`, `-`} {
		_, err := canonicalJSON([]byte(bad))
		require.Error(t, err, bad)
	}
	for given, want := range map[string]string{
		`{"b":1,"a":{"d":[],"c":{}}}`: `{"a":{"c":{},"d":[]},"b":1}`, `1.50`: `1.5`, `{"b":"\u0041","a":-0}`: `{"a":0,"b":"A"}`, `12345678901234567890`: `12345678901234567000`,
		` { "b" : 1 , "a" : null } `: `{"a":null,"b":1}`,
	} {
		got, err := canonicalJSON([]byte(given))
		require.NoError(t, err, given)
		require.Equal(t, want, string(got))
		require.True(t, json.Valid(got))
	}
}
