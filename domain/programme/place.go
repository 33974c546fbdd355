package programme

import "strings"

// Mistake is an Error at the place that a path leads to in a source: at the key
// that it names, or at the nearest one above it that is there.
func Mistake(src []byte, path, message, hint string) *Error {
	e := &Error{Path: path, Message: message, Hint: hint}
	s := read(src)
	if len(s.errs) > 0 || s.root == nil {
		return e
	}
	at := s.root
	place := at
	for key := range strings.SplitSeq(path, "/") {
		next := (*node)(nil)
		for _, pr := range at.pairs {
			if pr.key.text == key {
				place, next = pr.key, pr.value
			}
		}
		if next == nil {
			break
		}
		at = next
	}
	e.Line, e.Column, e.Excerpt = place.line, place.col, s.lines[place.line-1]
	return e
}
