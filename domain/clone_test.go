package domain

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestCloneSharesNothing fills every field that a standing has, and those to
// come, and looks for memory that a copy shares with it.
func TestCloneSharesNothing(t *testing.T) {
	s := &Standing{}
	fill(reflect.ValueOf(s).Elem())
	c := s.Clone()
	require.Equal(t, s, c)
	require.Empty(t, shared("", reflect.ValueOf(s).Elem(), reflect.ValueOf(c).Elem()))
	shallow := *s
	require.NotEmpty(t, shared("", reflect.ValueOf(s).Elem(), reflect.ValueOf(&shallow).Elem()))
}

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(worldStart))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint64, reflect.Uint8, reflect.Uint32:
		v.SetUint(7)
	default:
		panic("a standing has a field of a kind that this test does not fill: " + v.Kind().String())
	}
}

// shared lists the paths at which two values are the same memory.
func shared(path string, a, b reflect.Value) []string {
	switch a.Kind() {
	case reflect.Pointer:
		if a.Pointer() == b.Pointer() {
			return []string{path}
		}
		return shared(path, a.Elem(), b.Elem())
	case reflect.Slice:
		if a.Pointer() == b.Pointer() {
			return []string{path}
		}
		var out []string
		for i := range a.Len() {
			out = append(out, shared(path+"[]", a.Index(i), b.Index(i))...)
		}
		return out
	case reflect.Struct:
		if a.Type() == reflect.TypeFor[time.Time]() {
			return nil // never changed in place
		}
		var out []string
		for i := range a.NumField() {
			out = append(out, shared(path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i))...)
		}
		return out
	}
	return nil
}
