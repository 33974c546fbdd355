package domain

import (
	"bytes"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// canonicalJSON is the canonical form (RFC 8785) of compact JSON. What encodeJSON
// writes differs from it in the order of members alone, unless a text is escaped
// or a number is no small whole one; those are left to the library.
func canonicalJSON(b []byte) ([]byte, error) {
	if bytes.IndexByte(b, '\\') < 0 {
		s := memberSorter{in: b, out: make([]byte, 0, len(b))}
		if s.value() && s.at == len(b) {
			return s.out, nil
		}
	}
	v := jsontext.Value(bytes.Clone(b))
	err := v.Canonicalize()
	return v, err
}

// memberSorter copies compact JSON without escapes and sorts the members of its
// objects. It gives up, and reports false, on whatever it does not know.
type memberSorter struct {
	in, out []byte
	at      int
	members []jsonMember // of the objects begun
	spare   []byte
}

// jsonMember is where in the output a member stands, and its name.
type jsonMember struct {
	name     []byte
	from, to int
}

// digitsMax is the longest whole number that every reader takes for the same.
const digitsMax = 15

// next takes one byte.
func (s *memberSorter) next(c byte) bool {
	if s.at >= len(s.in) || s.in[s.at] != c {
		return false
	}
	s.out = append(s.out, c)
	s.at++
	return true
}

func (s *memberSorter) value() bool {
	if s.at >= len(s.in) {
		return false
	}
	switch s.in[s.at] {
	case '{':
		return s.object()
	case '[':
		return s.array()
	case '"':
		_, ok := s.text()
		return ok
	}
	return s.literal()
}

func (s *memberSorter) text() ([]byte, bool) {
	if s.at >= len(s.in) || s.in[s.at] != '"' {
		return nil, false
	}
	end := bytes.IndexByte(s.in[s.at+1:], '"')
	if end < 0 {
		return nil, false
	}
	text := s.in[s.at : s.at+end+2]
	s.out = append(s.out, text...)
	s.at += len(text)
	return text[1 : len(text)-1], true
}

// literal is true, false, null or a small whole number.
func (s *memberSorter) literal() bool {
	begin := s.at
	for s.at < len(s.in) && s.in[s.at] != ',' && s.in[s.at] != ']' && s.in[s.at] != '}' {
		s.at++
	}
	word := s.in[begin:s.at]
	s.out = append(s.out, word...)
	switch string(word) {
	case "true", "false", "null", "0":
		return true
	}
	digits := bytes.TrimPrefix(word, []byte("-"))
	if len(digits) == 0 || len(digits) > digitsMax || digits[0] == '0' {
		return false
	}
	return !slices.ContainsFunc(digits, func(c byte) bool { return c < '0' || c > '9' })
}

func (s *memberSorter) array() bool {
	if !s.next('[') {
		return false
	}
	for first := true; !s.next(']'); first = false {
		if !first && !s.next(',') || !s.value() {
			return false
		}
	}
	return true
}

func (s *memberSorter) object() bool {
	if !s.next('{') {
		return false
	}
	begin, base, sorted := len(s.out), len(s.members), true
	for !s.next('}') {
		if len(s.members) > base && !s.next(',') {
			return false
		}
		from := len(s.out)
		name, ok := s.text()
		if !ok || !isASCII(name) || !s.next(':') || !s.value() {
			return false
		}
		if n := len(s.members); n > base {
			switch bytes.Compare(s.members[n-1].name, name) {
			case 0:
				return false
			case 1:
				sorted = false
			}
		}
		s.members = append(s.members, jsonMember{name, from, len(s.out)})
	}
	if !sorted && !s.sort(begin, s.members[base:]) {
		return false
	}
	s.members = s.members[:base]
	return true
}

// sort writes the members of an object that begins at a place again, in order.
func (s *memberSorter) sort(begin int, members []jsonMember) bool {
	slices.SortFunc(members, func(a, b jsonMember) int { return bytes.Compare(a.name, b.name) })
	s.spare = append(s.spare[:0], s.out[begin:]...)
	s.out = s.out[:begin]
	for i, m := range members {
		if i > 0 {
			if bytes.Equal(m.name, members[i-1].name) {
				return false
			}
			s.out = append(s.out, ',')
		}
		s.out = append(s.out, s.spare[m.from-begin:m.to-begin]...)
	}
	s.out = append(s.out, '}')
	return true
}

func isASCII(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return c > '~' })
}
