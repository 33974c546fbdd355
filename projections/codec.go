package projections

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// The codec packs plain structs into rows: fields in the order of declaration,
// without names, integers as varints. It is deterministic, keeps nil and empty
// apart, and gives a time back with its offset, so that a state that was read is
// equal to the one that was written. A type that changes makes rows unreadable,
// which is fine for rows that can be rebuilt: shapeOf is part of the format.

// errPacked: bytes that pack cannot have written for this type.
var errPacked = errors.New("a row does not have the form that this version writes")

// pack appends v, a pointer to a struct.
func pack[T any](b []byte, v *T) []byte {
	return planOf(reflect.TypeFor[T]()).put(b, reflect.ValueOf(v).Elem())
}

// unpack reads all of b into v.
func unpack[T any](b []byte, v *T) error {
	in := &unpacker{rest: b}
	planOf(reflect.TypeFor[T]()).get(in, reflect.ValueOf(v).Elem())
	if in.bad || len(in.rest) > 0 {
		return errPacked
	}
	return nil
}

// plan packs the values of one type.
type plan struct {
	put func(b []byte, v reflect.Value) []byte
	get func(in *unpacker, v reflect.Value)
}

var (
	plans    sync.Map // reflect.Type to *plan
	timeType = reflect.TypeFor[time.Time]()
)

func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p := makePlan(t)
	found, _ := plans.LoadOrStore(t, p)
	return found.(*plan)
}

func makePlan(t reflect.Type) *plan {
	if t == timeType {
		return &plan{put: putTime, get: getTime}
	}
	switch t.Kind() {
	case reflect.Bool:
		return &plan{put: putBool, get: getBool}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return &plan{
			put: func(b []byte, v reflect.Value) []byte { return binary.AppendVarint(b, v.Int()) },
			get: func(in *unpacker, v reflect.Value) { v.SetInt(in.varint()) },
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &plan{
			put: func(b []byte, v reflect.Value) []byte { return binary.AppendUvarint(b, v.Uint()) },
			get: func(in *unpacker, v reflect.Value) { v.SetUint(in.uvarint()) },
		}
	case reflect.String:
		return &plan{
			put: func(b []byte, v reflect.Value) []byte { return putString(b, v.String()) },
			get: func(in *unpacker, v reflect.Value) { v.SetString(string(in.bytes(in.uvarint()))) },
		}
	case reflect.Pointer:
		return pointerPlan(t)
	case reflect.Slice:
		return slicePlan(t)
	case reflect.Struct:
		return structPlan(t)
	}
	panic("projections: a row cannot hold " + t.String())
}

func putString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func putBool(b []byte, v reflect.Value) []byte {
	if v.Bool() {
		return append(b, 1)
	}
	return append(b, 0)
}

func getBool(in *unpacker, v reflect.Value) { v.SetBool(in.uvarint() != 0) }

func putTime(b []byte, v reflect.Value) []byte {
	t := *v.Addr().Interface().(*time.Time)
	_, offset := t.Zone()
	b = binary.AppendVarint(b, t.Unix())
	b = binary.AppendUvarint(b, uint64(t.Nanosecond()))
	return binary.AppendVarint(b, int64(offset))
}

func getTime(in *unpacker, v reflect.Value) { *v.Addr().Interface().(*time.Time) = in.time() }

func (in *unpacker) time() time.Time {
	seconds, nanos := in.varint(), in.uvarint()
	t := time.Unix(seconds, int64(nanos)).UTC()
	if offset := in.varint(); offset != 0 {
		t = t.In(zone(int(offset)))
	}
	return t
}

// zones are the nameless zones met so far, by their offsets in seconds.
var zones sync.Map

func zone(offset int) *time.Location {
	if z, ok := zones.Load(offset); ok {
		return z.(*time.Location)
	}
	z, _ := zones.LoadOrStore(offset, time.FixedZone("", offset))
	return z.(*time.Location)
}

func pointerPlan(t reflect.Type) *plan {
	of := lazyPlan(t.Elem())
	return &plan{
		put: func(b []byte, v reflect.Value) []byte {
			if v.IsNil() {
				return append(b, 0)
			}
			return of().put(append(b, 1), v.Elem())
		},
		get: func(in *unpacker, v reflect.Value) {
			if in.uvarint() == 0 {
				return
			}
			v.Set(reflect.New(t.Elem()))
			of().get(in, v.Elem())
		},
	}
}

// slicePlan writes the length and one more, 0 for nil.
func slicePlan(t reflect.Type) *plan {
	if t.Elem().Kind() == reflect.Uint8 {
		return &plan{
			put: func(b []byte, v reflect.Value) []byte {
				if v.IsNil() {
					return append(b, 0)
				}
				return append(binary.AppendUvarint(b, uint64(v.Len())+1), v.Bytes()...)
			},
			get: func(in *unpacker, v reflect.Value) {
				if n := in.uvarint(); n > 0 {
					v.SetBytes(slices.Clone(in.bytes(n - 1)))
				}
			},
		}
	}
	of := lazyPlan(t.Elem())
	return &plan{
		put: func(b []byte, v reflect.Value) []byte {
			if v.IsNil() {
				return append(b, 0)
			}
			n, p := v.Len(), of()
			b = binary.AppendUvarint(b, uint64(n)+1)
			for i := range n {
				b = p.put(b, v.Index(i))
			}
			return b
		},
		get: func(in *unpacker, v reflect.Value) {
			n := in.uvarint()
			if n == 0 {
				return
			}
			n--
			if n > uint64(len(in.rest)) { // every element takes a byte or more
				in.bad = true
				return
			}
			p := of()
			v.Set(reflect.MakeSlice(t, int(n), int(n)))
			for i := range int(n) {
				p.get(in, v.Index(i))
			}
		},
	}
}

func structPlan(t reflect.Type) *plan {
	fields := make([]func() *plan, t.NumField())
	for i := range fields {
		if f := t.Field(i); !f.IsExported() {
			panic("projections: a row cannot hold the unexported field " + f.Name + " of " + t.String())
		}
		fields[i] = lazyPlan(t.Field(i).Type)
	}
	return &plan{
		put: func(b []byte, v reflect.Value) []byte {
			for i, f := range fields {
				b = f().put(b, v.Field(i))
			}
			return b
		},
		get: func(in *unpacker, v reflect.Value) {
			for i, f := range fields {
				f().get(in, v.Field(i))
			}
		},
	}
}

// lazyPlan lets a type contain itself.
func lazyPlan(t reflect.Type) func() *plan {
	return sync.OnceValue(func() *plan { return planOf(t) })
}

// unpacker is what is left to read. Once bad, it reads zeros.
type unpacker struct {
	rest []byte
	bad  bool
}

func (in *unpacker) uvarint() uint64 {
	n, size := binary.Uvarint(in.rest)
	return n * in.took(size)
}

func (in *unpacker) varint() int64 {
	n, size := binary.Varint(in.rest)
	return n * int64(in.took(size))
}

// took moves on by the size of a number; 0 where there was none.
func (in *unpacker) took(size int) uint64 {
	if size <= 0 {
		in.rest, in.bad = nil, true
		return 0
	}
	in.rest = in.rest[size:]
	return 1
}

// bytes are the next n, valid as long as the row.
func (in *unpacker) bytes(n uint64) []byte {
	if n > uint64(len(in.rest)) {
		in.rest, in.bad = nil, true
		return nil
	}
	out := in.rest[:n]
	in.rest = in.rest[n:]
	return out
}

// shapeOf is a fingerprint of how values of the types are packed.
func shapeOf(types ...reflect.Type) string {
	var b strings.Builder
	seen := map[reflect.Type]bool{}
	for _, t := range types {
		describe(&b, t, seen)
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(b.String())))
}

func describe(b *strings.Builder, t reflect.Type, seen map[reflect.Type]bool) {
	fmt.Fprintf(b, "%s:%s", t, t.Kind())
	if seen[t] || t == timeType {
		return
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		describe(b, t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			fmt.Fprintf(b, " %s ", t.Field(i).Name)
			describe(b, t.Field(i).Type, seen)
		}
	}
	b.WriteByte(';')
}
