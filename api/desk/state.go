package desk

import (
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/certledger/certledger/domain"
)

// state is what the entries of one subject add up to. Once others may see it,
// it is never changed: what follows is folded into a copy.
type state interface{ Apply(domain.Entry) }

// newState is a subject without entries, nil for a kind that commands are not
// on.
func newState(kind domain.Kind) state {
	switch kind {
	case domain.KindRegistration:
		return &domain.Standing{}
	case domain.KindCohort:
		return &domain.Cohort{}
	case domain.KindProgramme:
		return &domain.ProgrammeLine{}
	case domain.KindAttester:
		return &domain.Attester{}
	case domain.KindPerson:
		return &domain.Person{}
	case domain.KindSystem:
		return &domain.System{}
	case domain.KindAccess:
		return &domain.Access{}
	}
	return nil
}

// headOf is how far a state was folded.
func headOf(s state) domain.Head {
	switch s := s.(type) {
	case *domain.Standing:
		return s.Head
	case *domain.Cohort:
		return s.Head
	case *domain.ProgrammeLine:
		return s.Head
	case *domain.Attester:
		return s.Head
	case *domain.Person:
		return s.Head
	case *domain.System:
		return s.Head
	case *domain.Access:
		return s.Head
	}
	panic(fmt.Sprintf("desk: %T is not a state", s))
}

// copyOf shares nothing with s that a fold could change.
func copyOf(s state) state {
	if standing, ok := s.(*domain.Standing); ok { // by far the most frequent
		return standing.Clone()
	}
	from := reflect.ValueOf(s).Elem()
	to := reflect.New(from.Type())
	to.Elem().Set(from)
	unshare(to.Elem())
	return to.Interface().(state)
}

// unshare gives v its own copy of everything it points to.
func unshare(v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(own, v)
		v.Set(own)
		if pointing(v.Type().Elem()) {
			for i := range own.Len() {
				unshare(own.Index(i))
			}
		}
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		own := reflect.New(v.Type().Elem())
		own.Elem().Set(v.Elem())
		v.Set(own)
		unshare(own.Elem())
	case reflect.Struct:
		for _, i := range pointingFields(v.Type()) {
			unshare(v.Field(i))
		}
	}
}

var (
	timeType = reflect.TypeFor[time.Time]()
	fields   sync.Map // reflect.Type of a struct to []int
)

// pointing reports whether values of a type share memory when they are
// assigned. Strings and times do, and nobody can change them.
func pointing(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Slice, reflect.Pointer:
		return true
	case reflect.Struct:
		return t != timeType && len(pointingFields(t)) > 0
	case reflect.Map, reflect.Interface, reflect.Chan, reflect.Func, reflect.Array, reflect.UnsafePointer:
		panic("desk: a state cannot hold " + t.String())
	}
	return false
}

func pointingFields(t reflect.Type) []int {
	if known, ok := fields.Load(t); ok {
		return known.([]int)
	}
	var out []int
	for i := range t.NumField() {
		if pointing(t.Field(i).Type) {
			out = append(out, i)
		}
	}
	fields.Store(t, out)
	return out
}
