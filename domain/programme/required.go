package programme

import (
	"fmt"
	"slices"
	"strings"
)

// toBeSupplied stands for words that no source states.
const toBeSupplied = "to-be-supplied"

// supplied tells whether a value of the header is one that is to be supplied,
// and notes it.
func (r *reader) supplied(n *node, path string) bool {
	if n.kind != tableNode {
		return false
	}
	if t, ok := r.open(n, path, last(path), "required"); ok && t.truth("required", false) {
		r.p.Required = append(r.p.Required, path)
	} else if ok {
		r.fail(n, path, "write the value, or {required: true}", "%s has no value", last(path))
	}
	return true
}

// missingValue has the unit of a value that is to be supplied. Its number means
// nothing: no such programme is published, so nothing is judged by it.
func (r *reader) missingValue(t table) Value {
	if is := t.get("is"); is != nil {
		r.fail(is, t.at("is"), "delete one of the two", "a value that is to be supplied has no is")
		return Value{}
	}
	if of := t.slug("of"); of != "" {
		return Value{Words: []string{toBeSupplied}, Unit: UnitWord, Noun: of}
	}
	a, ok := r.figure(t, &node{kind: wordNode, text: "1", line: t.n.line, col: t.n.col}, t.path)
	if !ok {
		return Value{}
	}
	return Value{Number: a.number, Unit: a.unit, Noun: a.noun}
}

func inRange(number int64, low, high *int64) int64 {
	if low != nil {
		number = max(number, *low)
	}
	if high != nil {
		number = min(number, *high)
	}
	return number
}

// Suppliable are the keys under which a case gives values: the parameters, the
// first day, and a time zone that the header leaves open.
func (p *Programme) Suppliable() []string {
	out := append(keys(p.Parameters, func(x Parameter) string { return x.Key }), "valid/from")
	if slices.Contains(p.Required, "time-zone") {
		out = append(out, "time-zone")
	}
	return out
}

// StillRequired says which values are to be supplied before a programme can be
// published; empty where none is.
func (p *Programme) StillRequired() string {
	switch len(p.Required) {
	case 0:
		return ""
	case 1:
		return "1 value is to be supplied before publishing: " + p.Required[0]
	}
	return fmt.Sprintf("%d values are to be supplied before publishing: %s", len(p.Required), strings.Join(p.Required, ", "))
}
