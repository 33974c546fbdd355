package cases

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

// testCase is one case of a file: a history and what must then hold.
type testCase struct {
	id, title, basis string
	line             int
	programme        string               // its own programme-id, where the file names none
	with, later      *programme.Programme // with other parameters, or nil
	steps            []step
	expect           expectations
}

// step is one act of a history.
type step struct {
	word    string // as written
	verb    string
	line    int
	args    map[string]*node // the verb's arguments
	each    string           // the argument whose items are done one by one, or empty
	written []string         // the values written beside the word, for `refused` and `as-of`

	afterDays     *int64
	on            domain.Date
	recordedAfter int64
	at            *momentOf // a moment that the history itself brings about
}

func (st *step) text(arg string) string {
	if n := st.args[arg]; n != nil {
		return n.text
	}
	return ""
}

func (st *step) list(arg string) []string { return st.args[arg].words() }

func (st *step) number(arg string) (int64, bool) {
	if n := st.args[arg]; n != nil {
		return wholeNumber(n.text)
	}
	return 0, false
}

func (st *step) truth(arg string) bool { return st.text(arg) == "true" }

func (st *step) day(arg string, otherwise domain.Date) domain.Date {
	if n := st.args[arg]; n != nil {
		return domain.Date(n.text)
	}
	return otherwise
}

// is reports whether the step is what `refused` or `as-of` calls it: its word, or its
// word and one of the values written beside it.
func (st *step) is(called string) bool {
	name, value, more := strings.Cut(called, " ")
	return st.word == name && (!more || slices.Contains(st.written, value))
}

// String is the step as a case would call it.
func (st *step) String() string {
	if len(st.written) == 0 {
		return st.word
	}
	return st.word + " " + st.written[0]
}

// expectations are what a case lists, in the order of the file.
type expectations []expectation

type expectation struct {
	key     string // the generic expectation
	written string // as the file calls it
	value   *node
}

func (es expectations) find(key string) *node {
	for _, e := range es {
		if e.key == key {
			return e.value
		}
	}
	return nil
}

// expectable are the expectations there are and their shapes. The second shape is
// allowed too.
var expectable = map[string][]shape{
	"earned": {aWord, aTable}, "granted": {aWord, aTable}, "status": {aWord}, "flags": {aList}, "not-flags": {aList},
	"counted": {aTable}, "refused": {aList}, "decisions": {aNumber}, "person-standing": {aWord}, "as-of": {aWord}, "rehearse": {aWord},
	"met": {aList}, "not-met": {aList}, "open": {aList}, "not-applicable": {aList}, "binding": {aList, aTable}, "lacks": {aTable}, "not-counted": {aTable},
	"fee": {aWord}, "carried": {aTable}, "due": {aTable}, "phase": {aWord}, "until": {aWord, aTable},
}

// reader reads a case file for one programme.
type reader struct {
	*source
	p     *programme.Programme
	find  programme.Find // of other versions; may be nil
	table wordTable
}

// readCases reads a case file. It answers with the programme that the file is for, empty
// where each case names its own.
func readCases(src []byte, p *programme.Programme, find programme.Find) ([]testCase, programme.Errors) {
	r := &reader{source: readYAML(src), p: p, find: find, table: tableFor(p)}
	if r.root == nil {
		return nil, r.mistakes()
	}
	cases := r.file()
	return cases, r.mistakes()
}

func (r *reader) file() []testCase {
	if !r.keys(r.root, "", "a case file", "programme", "cases") {
		return nil
	}
	of := r.root.get("programme")
	if of != nil && r.isWord(of, "programme") && of.text != r.p.ID {
		r.fail(of, "programme", "run them with the programme they are for", "the cases are for %s, and the programme under test is %s", of.text, r.p.ID)
	}
	list := r.root.get("cases")
	if list == nil {
		r.fail(r.root, "", "", "a case file needs the key %q", "cases")
		return nil
	}
	if list.kind != listNode || len(list.items) == 0 {
		r.fail(list, "cases", "write each case as: - id: C01", "cases must be a list of cases")
		return nil
	}
	var out []testCase
	ids := map[string]int{}
	mine := false
	for i, n := range list.items {
		c, ok := r.testCase(n, "cases/"+strconv.Itoa(i+1), of == nil)
		if line, twice := ids[c.id]; twice && c.id != "" {
			r.fail(n.get("id"), "cases/"+c.id, fmt.Sprintf("it is first on line %d", line), "the case id %q is given twice", c.id)
		} else if c.id != "" {
			ids[c.id] = n.line
		}
		mine = mine || c.programme == "" || c.programme == r.p.ID
		if ok {
			out = append(out, c)
		}
	}
	if !mine && len(r.errs) == 0 {
		r.fail(list, "cases", "run them with the programme they are for", "no case in the file is for %s", r.p.ID)
	}
	return out
}

// keys checks that n is a table with no other keys than those known.
func (r *reader) keys(n *node, path, what string, known ...string) bool {
	if n.kind != tableNode {
		r.fail(n, path, "it has the keys "+strings.Join(known, ", "), "%s must be a table, not %s", what, n.kind)
		return false
	}
	for _, p := range n.pairs {
		if !slices.Contains(known, p.key.text) {
			r.fail(p.key, join(path, p.key.text), hintFor(p.key.text, known), "%s has no key %q", what, p.key.text)
		}
	}
	return true
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "/" + key
}

func (r *reader) isWord(n *node, path string) bool {
	if n.kind == wordNode && strings.TrimSpace(n.text) != "" {
		return true
	}
	r.fail(n, path, "", "%s must be one word or sentence, not %s", path[strings.LastIndexByte(path, '/')+1:], n.kind)
	return false
}

func (r *reader) testCase(n *node, path string, own bool) (testCase, bool) {
	before := len(r.errs)
	c := testCase{line: n.line}
	if !r.keys(n, path, "a case", "id", "title", "basis", "programme-id", "with", "later-version", "history", "expect") {
		return c, false
	}
	for _, key := range []string{"id", "title", "history", "expect"} {
		if n.get(key) == nil {
			r.fail(n, path, "", "the case has no %q", key)
		}
	}
	if id := n.get("id"); id != nil && r.isWord(id, path+"/id") {
		c.id = id.text
		path = "cases/" + c.id
	}
	if title := n.get("title"); title != nil && r.isWord(title, path+"/title") {
		c.title = title.text
	}
	if basis := n.get("basis"); basis != nil && r.isWord(basis, path+"/basis") {
		c.basis = basis.text
		known := []string{"direct", "interpretation", "mixed"}
		if word, _, _ := strings.Cut(basis.text, " "); !slices.Contains(known, word) {
			r.fail(basis, path+"/basis", hintFor(word, known)+", with the reading, like interpretation A5", "a basis cannot be %q", word)
		}
	}
	r.forProgramme(n, &c, path, own)
	if c.programme != "" && c.programme != r.p.ID {
		return c, len(r.errs) == before // its words are another programme's
	}
	base := r.p
	if c.with = r.parameters(n, path, "with", r.p, 0); c.with != nil {
		base = c.with
	}
	c.later = r.later(n, path, base)
	if h := n.get("history"); h != nil {
		c.steps = r.history(h, path+"/history")
	}
	if e := n.get("expect"); e != nil {
		c.expect = r.expectations(e, &c, path+"/expect")
	}
	return c, len(r.errs) == before
}

func (r *reader) forProgramme(n *node, c *testCase, path string, own bool) {
	id := n.get("programme-id")
	switch {
	case own && id == nil:
		r.fail(n, path, "write programme: "+r.p.ID+" at the top of the file", "neither the file nor the case says which programme it is for")
	case id == nil || !r.isWord(id, path+"/programme-id"):
	case own:
		c.programme = id.text
	case id.text != r.p.ID:
		r.fail(id, path+"/programme-id", "", "the case is for %s, and the file for another programme", id.text)
	}
}

// later reads `later-version`: the number of another version of the programme, or
// parameters that the next version changes.
func (r *reader) later(n *node, path string, base *programme.Programme) *programme.Programme {
	t := n.get("later-version")
	if t == nil || t.kind != wordNode {
		return r.parameters(n, path, "later-version", base, r.p.Version+1)
	}
	path += "/later-version"
	number, ok := wholeNumber(t.text)
	if !ok || number <= int64(base.Version) {
		r.fail(t, path, "write the number of a version after "+strconv.Itoa(base.Version)+", or {PARAMETER: VALUE}", "%q is no later version of %s", t.text, base.ID)
		return nil
	}
	p, err := r.version(base.ID, int(number))
	if err != nil {
		r.fail(t, path, "", "version %d of %s: %s", number, base.ID, err)
		return nil
	}
	return p
}

// version is a version of the programme that can be found.
func (r *reader) version(id string, version int) (*programme.Programme, error) {
	var src []byte
	if r.find != nil {
		src = r.find(id, version)
	}
	if src == nil {
		return nil, errors.New("it is not to be found")
	}
	src, err := programme.Complete(src, r.find)
	if err != nil {
		return nil, err
	}
	return domain.ReadProgramme(src)
}

// parameters reads `with` and `later-version`: a real version of the programme with other
// parameters, its own bytes and its own digest.
func (r *reader) parameters(n *node, path, key string, base *programme.Programme, version int) *programme.Programme {
	t := n.get(key)
	if t == nil {
		return nil
	}
	path += "/" + key
	if t.kind != tableNode || len(t.pairs) == 0 {
		r.fail(t, path, "write "+key+": {PARAMETER: VALUE}", "%s must be a table of parameters, not %s", key, t.kind)
		return nil
	}
	known := base.Suppliable()
	before := len(r.errs)
	for _, p := range t.pairs {
		if !slices.Contains(known, p.key.text) {
			r.fail(p.key, path, hintFor(p.key.text, known), "%s has no parameter %q", base.ID, p.key.text)
		}
	}
	if len(r.errs) > before {
		return nil
	}
	src, err := programme.Override(base.Bytes, []byte(t.yaml()), version)
	var p *programme.Programme
	if err == nil {
		p, err = programme.Parse(src)
	}
	var mistakes programme.Errors
	if errors.As(err, &mistakes) && len(mistakes) > 0 {
		m := mistakes[0] // its place is in the text written anew, not in the file
		at := t
		if len(t.pairs) == 1 {
			at = t.pairs[0].value
		}
		r.fail(at, path, m.Hint, "%s", m.Message)
		return nil
	}
	if err != nil {
		r.fail(t, path, "", "%s", err)
		return nil
	}
	return p
}

func (r *reader) history(n *node, path string) []step {
	if n.kind != listNode || len(n.items) == 0 {
		r.fail(n, path, "write each step as: - register", "a history must be a list of steps")
		return nil
	}
	var out []step
	for i, item := range n.items {
		at := path + "/" + strconv.Itoa(i+1)
		st, ok := r.step(item, at)
		if missing := st.args["missing"]; ok && missing != nil {
			ok = r.missing(missing, at+"/"+st.word+"/missing")
		}
		if ok {
			out = append(out, st)
		}
	}
	return out
}

// missing checks the fields that a registration leaves out.
func (r *reader) missing(n *node, path string) bool {
	var known []string
	for _, f := range r.p.Registration.Fields {
		known = append(known, f.Key)
	}
	for _, a := range r.p.Registration.Accepts {
		known = append(known, a.Key)
	}
	items := n.items
	if n.kind == wordNode {
		items = []*node{n}
	}
	ok := true
	for _, item := range items {
		if !slices.Contains(known, item.text) {
			r.fail(item, path, hintFor(item.text, known), "the registration has no field %q", item.text)
			ok = false
		}
	}
	return ok
}

func (r *reader) step(n *node, path string) (step, bool) {
	if n.kind == wordNode {
		return r.table.step(r.source, n, nil, path)
	}
	if n.kind != tableNode {
		r.fail(n, path, "write a verb: - register, or - attend: {except: [3]}", "a step must be a verb, not %s", n.kind)
		return step{}, false
	}
	var acts []pair
	for _, p := range n.pairs {
		if !slices.Contains(timeKeys, p.key.text) {
			acts = append(acts, p)
		}
	}
	if len(acts) == 0 {
		r.fail(n, path, "", "a step needs a verb")
		return step{}, false
	}
	if len(acts) > 1 {
		second := acts[1].key
		hint := "write each verb as a step of its own, after a hyphen"
		if near := nearest(second.text, timeKeys); near != "" {
			hint = "did you mean " + near + "?"
		}
		r.fail(second, path, hint, "a step has one verb; this one has %s and %s", acts[0].key.text, second.text)
		return step{}, false
	}
	st, ok := r.table.step(r.source, acts[0].key, acts[0].value, path)
	return st, r.when(n, &st, path) && ok
}

// when reads the time keys of a step.
func (r *reader) when(n *node, st *step, path string) bool {
	before := len(r.errs)
	moment := ""
	for _, p := range n.pairs {
		key := p.key.text
		if !slices.Contains(timeKeys, key) {
			continue
		}
		at := path + "/" + key
		if key != "recorded-after-days" {
			if moment != "" {
				r.fail(p.key, at, "", "a step has one time; this one has %s and %s", moment, key)
			}
			moment = key
		}
		sh := aNumber
		switch key {
		case "on":
			sh = aDay
		case "at":
			sh = aWord
		}
		if wrong := sh.check(p.value); wrong != "" {
			r.fail(p.value, at, "", "%s %s", key, wrong)
			continue
		}
		count, _ := wholeNumber(p.value.text)
		if sh == aNumber && count > 36_600 {
			r.fail(p.value, at, "", "%s is more than a hundred years", key)
			continue
		}
		switch key {
		case "after-days":
			st.afterDays = &count
		case "recorded-after-days":
			st.recordedAfter = count
		case "on":
			st.on = domain.Date(p.value.text)
		case "days-before-expiry":
			st.at = &momentOf{expiry: true, days: -count}
		case "days-after-expiry":
			st.at = &momentOf{expiry: true, days: count}
		case "at":
			m, err := r.p.ParseMoment(p.value.text)
			if err != nil {
				r.fail(p.value, at, "write at: 1 day after end of period", "%s", err)
				continue
			}
			st.at = &momentOf{moment: m}
		}
	}
	return len(r.errs) == before
}

func (r *reader) expectations(n *node, c *testCase, path string) expectations {
	if n.kind != tableNode {
		r.fail(n, path, "write expect: {earned: LEVEL}", "expect must be a table of what must hold, not %s", n.kind)
		return nil
	}
	if len(n.pairs) == 0 {
		r.fail(n, path, "write expect: {earned: LEVEL}", "the case expects nothing")
		return nil
	}
	known := append(sortedKeys(expectable), sortedKeys(r.table.expect)...)
	slices.Sort(known)
	var out expectations
	for _, p := range n.pairs {
		e := expectation{key: p.key.text, written: p.key.text, value: p.value}
		if w, ok := r.table.expect[e.key]; ok {
			if wrong := amount.check(p.value); wrong != "" {
				r.fail(p.value, path+"/"+e.key, "", "%s %s", e.key, wrong)
				continue
			}
			e.key = w.verb
			e.value = &node{kind: tableNode, line: p.value.line, col: p.value.col, pairs: []pair{{said(p.key, w.about), p.value}}}
		}
		shapes, ok := expectable[e.key]
		if !ok {
			hint := hintFor(e.key, known)
			if e.key == "counted-minutes" {
				hint = "the programme has no word for it: write counted: {MEASURE: 10 h}"
			}
			r.fail(p.key, path+"/"+e.key, hint, "there is no expectation %q", e.key)
			continue
		}
		var wrong string
		for _, sh := range shapes {
			if wrong = sh.check(p.value); wrong == "" || e.written != e.key {
				wrong = ""
				break
			}
		}
		if wrong != "" {
			r.fail(p.value, path+"/"+e.key, "", "%s must be %s, not %s", e.key, oneOf(shapes), given(p.value))
			continue
		}
		r.expected(e, c, path)
		out = append(out, e)
	}
	return out
}

func oneOf(shapes []shape) string {
	out := string(shapes[0])
	for _, sh := range shapes[1:] {
		out += " or " + string(sh)
	}
	return out
}

func given(n *node) string {
	if n.kind == wordNode {
		return strconv.Quote(n.text)
	}
	return n.kind.String()
}

// expected checks an expectation against the case it stands in.
func (r *reader) expected(e expectation, c *testCase, path string) {
	at := path + "/" + e.key
	switch e.key {
	case "as-of":
		if !slices.ContainsFunc(c.steps, func(st step) bool { return st.is(e.value.text) }) && len(r.errs) == 0 {
			r.fail(e.value, at, "write a verb of the history, alone or with one of its values", "no step of the history is %q", e.value.text)
		}
	case "rehearse":
		if e.value.text != "later-version" {
			r.fail(e.value, at, "write rehearse: later-version", "only the later version can be rehearsed")
		} else if c.later == nil {
			r.fail(e.value, at, "", "the case has no later-version to rehearse")
		}
	case "counted", "lacks", "carried":
		for _, p := range e.value.pairs {
			if wrong := amount.check(p.value); wrong != "" {
				r.fail(p.value, at+"/"+p.key.text, "", "%s %s", p.key.text, wrong)
			}
		}
	case "fee":
		if wrong := amount.check(e.value); wrong != "" && e.value.text != "none" {
			r.fail(e.value, at, "write fee: 26.00 USD, or none", "fee %s", wrong)
		}
	case "due":
		for _, p := range e.value.pairs {
			if wrong := aDay.check(p.value); wrong != "" {
				r.fail(p.value, at+"/"+p.key.text, "", "%s %s", p.key.text, wrong)
			}
		}
	case "not-counted", "earned", "granted", "until":
		for _, p := range e.value.pairs {
			if wrong := aWord.check(p.value); wrong != "" {
				r.fail(p.value, at+"/"+p.key.text, "", "%s %s", p.key.text, wrong)
			}
		}
	case "binding":
		for _, p := range e.value.pairs {
			if wrong := aList.check(p.value); wrong != "" {
				r.fail(p.value, at+"/"+p.key.text, "", "%s %s", p.key.text, wrong)
			}
		}
	}
}
