package programme

import (
	"fmt"
	"slices"
	"strings"
)

func (r *reader) parameters(n *node) {
	r.named(n, "parameters", func(key, value *node, path string) {
		t, ok := r.open(value, path, "a parameter", "is", "required", "unit", "of", "otherwise", "range", "stricter", "assumes", "source")
		if !ok {
			return
		}
		prm := Parameter{Key: key.text, Stricter: t.oneOf("stricter", "higher", "lower"), Assumes: t.assumes(), Source: t.cites()}
		before := len(r.errs)
		if t.truth("required", false) {
			prm.Is, prm.Required = r.missingValue(t), true
			r.p.Required = append(r.p.Required, path)
		} else if is := t.need("is", "a parameter"); is != nil {
			prm.Is = r.value(t, is)
		} else {
			return
		}
		r.paramBroken[key.text] = len(r.errs) > before
		r.rangeOf(t, &prm)
		r.paramAt[key.text] = key
		r.p.Parameters = append(r.p.Parameters, prm)
	})
}

// value reads `is:` in one of its shapes.
func (r *reader) value(t table, is *node) Value {
	path := t.at("is")
	of := t.slug("of")
	if n := t.get("otherwise"); n != nil && is.kind != tableNode {
		r.fail(n, t.at("otherwise"), "", "otherwise belongs to a table of numbers")
	}
	switch {
	case is.kind == emptyNode:
		r.isWord(is, path)
	case is.kind == tableNode:
		return r.tableValue(t, is, of)
	case is.kind == wordNode && !is.quoted && (is.text == "true" || is.text == "false"):
		truth := is.text == "true"
		return Value{Truth: &truth}
	case of != "":
		return Value{Words: r.wordsOf(is, path, of), Unit: UnitWord, Noun: of}
	case is.kind == listNode:
		return r.numbersValue(t, is)
	case !startsAsNumber(is.text):
		r.fail(is, path, "say of what it is one, such as of: categories; or write a number with its unit", "%q is neither a number nor a truth", is.text)
	default:
		a, ok := r.figure(t, is, path)
		if ok {
			return Value{Number: a.number, Unit: a.unit, Noun: a.noun}
		}
	}
	return Value{}
}

// figure reads one number of a parameter, whose unit may stand beside it.
func (r *reader) figure(t table, n *node, path string) (amount, bool) {
	if !r.isWord(n, path) {
		return amount{}, false
	}
	text := n.text
	if unit := t.get("unit"); unit != nil && !strings.Contains(text, " ") {
		if !r.isWord(unit, t.at("unit")) {
			return amount{}, false
		}
		if _, _, _, bad := readUnit(unit.text); bad != nil {
			r.fail(unit, t.at("unit"), bad.hint, "%s", bad.message)
			return amount{}, false
		}
		text += " " + unit.text
	}
	a, bad := parseAmount(text)
	if bad != nil {
		r.fail(n, path, bad.hint, "%s", bad.message)
		return amount{}, false
	}
	if unit := t.get("unit"); unit != nil {
		if u, noun, _, bad := readUnit(unit.text); bad == nil && (u != a.unit || noun != a.noun) {
			r.fail(n, path, "delete one of the two units", "%s is not in %s", n.text, unit.text)
			return amount{}, false
		}
	}
	return a, true
}

func (r *reader) numbersValue(t table, is *node) Value {
	v := Value{Numbers: []int64{}}
	path := t.at("is")
	if len(is.items) == 0 {
		r.fail(is, path, "", "a list of numbers must have one")
	}
	if len(is.items) > StepsMax {
		r.fail(is, path, "", "more than %d numbers", StepsMax)
		return v
	}
	for i, item := range is.items {
		a, ok := r.figure(t, item, path)
		if !ok {
			return v
		}
		if i > 0 && (a.unit != v.Unit || a.noun != v.Noun) {
			r.fail(item, path, "", "the numbers of a list have one unit")
			return v
		}
		v.Unit, v.Noun, v.Numbers = a.unit, a.noun, append(v.Numbers, a.number)
	}
	return v
}

func (r *reader) wordsOf(is *node, path, of string) []string {
	out := []string{}
	switch {
	case is.kind == listNode && len(is.items) == 0:
		return out // none: a list that a case or a later version may fill
	case of == "items" && is.kind == wordNode && strings.Contains(is.text, ".."):
		return r.run(is, path)
	}
	r.each(is, path, func(item *node, path string) {
		if !r.isWord(item, path) {
			return
		}
		if !category.MatchString(item.text) {
			r.fail(item, path, "", "%q is not a name", item.text)
			return
		}
		out = append(out, item.text)
	})
	return out
}

func (r *reader) tableValue(t table, is *node, of string) Value {
	v := Value{Unit: UnitCount, Noun: of, Table: map[string]int64{}}
	if len(is.pairs) == 1 && is.pairs[0].key.text == "required" {
		r.fail(is, t.at("is"), "write {required: true} and the unit, without is", "a value that is to be supplied has no is")
		return v
	}
	if of == "" {
		r.fail(is, t.at("is"), "say of what, such as of: modules", "a table of numbers must say of what")
	}
	if n := t.need("otherwise", "a table of numbers"); n != nil {
		if a, ok := r.figure(t, n, t.at("otherwise")); ok {
			v.Default = a.number
		}
	}
	for _, pr := range is.pairs {
		path := join(t.at("is"), pr.key.text)
		if a, ok := r.figure(t, pr.value, path); ok {
			v.Table[pr.key.text] = a.number
		}
	}
	return v
}

func (r *reader) rangeOf(t table, prm *Parameter) {
	n := t.get("range")
	if n == nil || !r.isWord(n, t.at("range")) {
		return
	}
	low, high, ok := strings.Cut(n.text, "..")
	if prm.Is.Truth != nil || prm.Is.Words != nil {
		r.fail(n, t.at("range"), "", "only numbers have a range")
		return
	}
	if !ok {
		r.fail(n, t.at("range"), "write range: 1..120", "%q is not a range", n.text)
		return
	}
	bound := func(text string) *int64 {
		if text = strings.TrimSpace(text); text == "" {
			return nil
		}
		a, ok := r.figure(t, &node{kind: wordNode, text: text, line: n.line, col: n.col}, t.at("range"))
		if !ok {
			return nil
		}
		if a.bare && t.get("unit") == nil && prm.Is.Unit != UnitCount {
			r.fail(n, t.at("range"), "write it as in range: 10 h..100 h", "the range has no unit")
			return nil
		}
		if !a.bare && (a.unit != prm.Is.Unit || a.noun != prm.Is.Noun) {
			r.fail(n, t.at("range"), "", "the range is in another unit than the value")
			return nil
		}
		return &a.number
	}
	prm.Min, prm.Max = bound(low), bound(high)
	if prm.Min != nil && prm.Max != nil && *prm.Min > *prm.Max {
		r.fail(n, t.at("range"), "", "the range %s is empty", n.text)
		return
	}
	within := func(v int64) bool { return (prm.Min == nil || v >= *prm.Min) && (prm.Max == nil || v <= *prm.Max) }
	numbers := slices.Clone(prm.Is.Numbers)
	switch {
	case prm.Is.Table != nil:
		numbers = append(numbers, prm.Is.Default)
		for _, k := range sorted(prm.Is.Table) {
			numbers = append(numbers, prm.Is.Table[k])
		}
	case prm.Is.Numbers == nil:
		numbers = append(numbers, prm.Is.Number)
	}
	if prm.Required {
		prm.Is.Number = inRange(prm.Is.Number, prm.Min, prm.Max)
		return
	}
	for _, v := range numbers {
		if !within(v) {
			r.fail(t.get("is"), t.at("is"), fmt.Sprintf("its range is %s", n.text), "%s is out of range", prm.Key)
			return
		}
	}
}

// modulesOfParameters checks the words `of: modules`, once modules are known.
func (r *reader) modulesOfParameters() {
	for _, prm := range r.p.Parameters {
		if prm.Required || prm.Is.Noun != "modules" || prm.Is.Words == nil && prm.Is.Table == nil {
			continue
		}
		for _, key := range append(slices.Clone(prm.Is.Words), sorted(prm.Is.Table)...) {
			if _, ok := r.p.Module(key); !ok {
				r.fail(r.paramAt[prm.Key], "parameters/"+prm.Key+"/is", orKnown(key, r.moduleKeys()), "no module is called %q", key)
			}
		}
	}
}

// shapes of a parameter that a place may ask for.
const (
	shapeNumber  = "a number"
	shapeNumbers = "a list of numbers"
	shapeWords   = "a list of words"
	shapeTruth   = "true or false"
	shapeTable   = "a table of numbers"
)

func (v Value) shape() string {
	switch {
	case v.Truth != nil:
		return shapeTruth
	case v.Table != nil:
		return shapeTable
	case v.Numbers != nil:
		return shapeNumbers
	case v.Words != nil:
		return shapeWords
	}
	return shapeNumber
}

func (r *reader) parametersOf(shape string) []string {
	var keys []string
	for _, prm := range r.p.Parameters {
		if prm.Is.shape() == shape {
			keys = append(keys, prm.Key)
		}
	}
	return keys
}

// parameter is the value of the parameter that n names, of the given shape.
func (r *reader) parameter(n *node, path, shape string) (Value, bool) {
	prm, ok := r.p.Parameter(n.text)
	if !ok {
		r.fail(n, path, orKnown(n.text, r.parametersOf(shape)), "no parameter is called %q", n.text)
		return Value{}, false
	}
	r.uses(n.text, path)
	r.paramRefs = append(r.paramRefs, ref{n.line, n.col, n.text})
	if r.paramBroken[n.text] {
		return Value{}, false
	}
	if prm.Is.shape() != shape {
		r.fail(n, path, orKnown("", r.parametersOf(shape)), "the parameter %s is %s, and this must be %s", n.text, prm.Is.shape(), shape)
		return Value{}, false
	}
	return prm.Is, true
}

// uses notes where the name of a parameter stands.
func (r *reader) uses(parameter, path string) {
	if !slices.Contains(r.paramUsed[parameter], path) {
		r.paramUsed[parameter] = append(r.paramUsed[parameter], path)
	}
}

// quantity reads a number with its unit, or the name of a parameter.
func (r *reader) quantity(n *node, path string, units ...string) (amount, bool) {
	if !r.isWord(n, path) {
		return amount{}, false
	}
	a := amount{}
	if n.quoted || !startsAsNumber(n.text) {
		v, ok := r.parameter(n, path, shapeNumber)
		if !ok {
			return amount{}, false
		}
		a = amount{number: v.Number, unit: v.Unit, noun: v.Noun}
	} else {
		var bad *mistake
		if a, bad = parseAmount(n.text); bad != nil {
			r.fail(n, path, bad.hint, "%s", bad.message)
			return amount{}, false
		}
	}
	if !slices.Contains(units, a.unit) {
		hint := "write a unit that fits: " + list(unitsFor(units))
		if len(units) == 1 && units[0] == UnitCount {
			hint = "write a whole number"
		}
		if a.bare {
			r.fail(n, path, hint, "%s has no unit", n.text)
		} else {
			r.fail(n, path, hint, "%s is in another unit than is asked for here", n.text)
		}
		return amount{}, false
	}
	return a, true
}

// unitsFor are words a person may write for the given units.
func unitsFor(units []string) []string {
	var out []string
	for _, name := range []string{"h", "min", "credits", "%", "days", "months", "years", "EUR"} {
		if slices.Contains(units, unitWords[name].unit) {
			out = append(out, name)
		}
	}
	if slices.Contains(units, UnitCount) {
		out = append(out, "a number and what is counted")
	}
	return out
}

// count reads a whole number of things between low and high, or a parameter.
func (r *reader) count(n *node, path string, low, high int64) (int64, bool) {
	a, ok := r.quantity(n, path, UnitCount)
	if !ok {
		return 0, false
	}
	if a.number < low || a.number > high {
		r.fail(n, path, fmt.Sprintf("write a number from %d to %d", low, high), "%s is out of range", n.text)
		return 0, false
	}
	return a.number, true
}
