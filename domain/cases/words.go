package cases

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/certledger/certledger/domain/programme"
)

//go:embed shorthand.yaml
var shorthand []byte

// word is a name for a generic verb, with its arguments said another way.
type word struct {
	name      string
	verb      string
	about     string            // what the verb concerns, or empty
	takes     map[string]string // the word's argument to the verb's
	each      map[string]string // the same, once for each item
	reads     map[string]map[string]string
	says      map[string]string // the verb's argument to a fixed value
	otherwise map[string]string
}

// wordTable is every word that a case of one programme may use.
type wordTable struct {
	verbs  map[string]verb
	words  map[string]word
	expect map[string]word // words for an expectation
}

// tableFor joins the built-in shorthand and a programme's own words.
func tableFor(p *programme.Programme) wordTable {
	t := wordTable{verbs: verbs(), words: map[string]word{}, expect: map[string]word{}}
	t.builtIn()
	for _, w := range p.Words {
		if w.Act == "expect" {
			t.expect[w.Name] = word{name: w.Name, verb: w.Of, about: w.Args["of"]}
			continue
		}
		t.words[w.Name] = t.ofProgramme(p, w)
	}
	return t
}

func (t wordTable) builtIn() {
	s := readYAML(shorthand)
	if errs := s.mistakes(); errs != nil {
		panic("cases: shorthand.yaml: " + errs.Error())
	}
	for _, p := range s.root.get("words").pairs {
		w := word{name: p.key.text}
		for _, q := range p.value.pairs {
			switch q.key.text {
			case "takes":
				w.takes = texts(q.value)
			case "each":
				w.each = texts(q.value)
			case "says":
				w.says = texts(q.value)
			case "unless-given":
				w.otherwise = texts(q.value)
			case "reads":
				w.reads = map[string]map[string]string{}
				for _, r := range q.value.pairs {
					w.reads[r.key.text] = texts(r.value)
				}
			default:
				w.verb, w.about = q.key.text, q.value.text
			}
		}
		if _, known := t.verbs[w.verb]; !known {
			panic("cases: shorthand.yaml: " + w.name + " stands for no verb")
		}
		t.words[w.name] = w
	}
}

func texts(n *node) map[string]string {
	out := map[string]string{}
	for _, p := range n.pairs {
		out[p.key.text] = p.value.text
	}
	return out
}

// taken are the verb's arguments that a word of a programme takes from its own argument of
// the given name. Eitherway are those for which it does so where the case gives that
// argument; otherwise the name is itself the value. What the rest have is what they say.
var (
	taken     = []string{"about", "by", "dated", "due-days", "id", "number", "quantity", "ratings", "reason"}
	eitherWay = []string{"category", "mode", "outcome", "provider", "title"}
)

// ofProgramme is a programme's word. Where the built-in shorthand has the same word
// for the same verb, its arguments and defaults stay.
func (t wordTable) ofProgramme(p *programme.Programme, of programme.Word) word {
	w := word{name: of.Name, verb: of.Act, about: of.Of, takes: map[string]string{}, says: map[string]string{}}
	if old, ok := t.words[of.Name]; ok && old.verb == of.Act {
		w.each, w.reads, w.otherwise = old.each, old.reads, old.otherwise
		w.takes, w.says = copied(old.takes), copied(old.says)
	}
	for _, arg := range sortedKeys(of.Args) {
		value := of.Args[arg]
		_, whole := wholeNumber(value)
		switch {
		case slices.Contains(taken, arg) && !whole, arg == "answer" && !answers(p, of, value), arg == "level" && !isLevel(p, of, value),
			arg == "effective" && value != "filed" && !isDay(value):
			maps.DeleteFunc(w.takes, func(_, to string) bool { return to == arg })
			w.takes[value] = arg
			delete(w.says, arg)
		case slices.Contains(eitherWay, arg):
			w.takes[value] = arg
			w.otherwise = copied(w.otherwise)
			w.otherwise[arg] = value
		default:
			w.says[arg] = value
		}
	}
	return w
}

func copied(m map[string]string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, m)
	return out
}

func answers(p *programme.Programme, of programme.Word, value string) bool {
	q, ok := p.Question(of.Of)
	return ok && slices.Contains(q.Answers, value)
}

func isLevel(p *programme.Programme, of programme.Word, value string) bool {
	a, ok := p.Award(of.Of)
	return ok && slices.Contains(a.Levels, value)
}

// known lists every word a history may use, sorted.
func (t wordTable) known() []string {
	all := append(sortedKeys(t.words), sortedKeys(t.verbs)...)
	slices.Sort(all)
	return slices.Compact(all)
}

// find is the word of a name; a generic verb is its own word.
func (t wordTable) find(name string) (word, verb, bool) {
	w, ok := t.words[name]
	if !ok {
		w = word{name: name, verb: name}
	}
	v, ok := t.verbs[w.verb]
	return w, v, ok
}

// arguments lists what a word may be given, sorted.
func (w word) arguments(v verb) []string {
	all := append(sortedKeys(w.takes), sortedKeys(w.each)...)
	for _, arg := range sortedKeys(v.takes) {
		if w.gives(v, arg) == arg {
			all = append(all, arg)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// gives is the verb's argument that an argument of the word stands for, or empty.
func (w word) gives(v verb, arg string) string {
	if to, ok := w.takes[arg]; ok {
		return to
	}
	if to, ok := w.each[arg]; ok {
		return to
	}
	_, has := v.takes[arg]
	_, said := w.says[arg]
	if !has || said || w.about != "" && slices.Contains([]string{v.about, "kind", "submission"}, arg) {
		return ""
	}
	return arg
}

// step reads one step's arguments. Mistakes go to s.
func (t wordTable) step(s *source, name, given *node, path string) (step, bool) {
	w, v, ok := t.find(name.text)
	if !ok {
		s.fail(name, path, hintFor(name.text, t.known()), "no verb is called %q", name.text)
		return step{}, false
	}
	st := step{word: name.text, verb: w.verb, line: name.line, args: map[string]*node{}}
	path += "/" + name.text
	if given != nil && given.kind == wordNode || given != nil && given.kind == listNode {
		s.fail(given, path, "write "+name.text+": {…} with some of: "+strings.Join(w.arguments(v), ", "), "the arguments of %s must be a table, not %s", name.text, given.kind)
		return step{}, false
	}
	before := len(s.errs)
	if given != nil {
		for _, p := range given.pairs {
			t.argument(s, &st, w, v, p, path)
		}
	}
	if w.about != "" && v.about != "" {
		st.args[v.about] = said(name, w.about)
	}
	for _, arg := range sortedKeys(w.says) {
		st.args[arg] = said(name, w.says[arg])
	}
	for _, arg := range sortedKeys(w.otherwise) {
		if st.args[arg] == nil {
			st.args[arg] = said(name, w.otherwise[arg])
		}
	}
	for _, arg := range v.needs {
		instead := slices.ContainsFunc(v.or[arg], func(other string) bool { return st.args[other] != nil })
		if len(s.errs) == before && st.args[arg] == nil && !instead && !slices.Contains(sortedValues(w.each), arg) {
			s.fail(name, path, "", "%s needs %s", name.text, w.asWritten(arg))
		}
	}
	return st, len(s.errs) == before
}

func sortedValues(m map[string]string) []string { return slices.Sorted(maps.Values(m)) }

// asWritten is what the word calls an argument of the verb.
func (w word) asWritten(arg string) string {
	for _, own := range sortedKeys(w.takes) {
		if w.takes[own] == arg {
			return own
		}
	}
	return arg
}

func said(at *node, text string) *node {
	return &node{kind: wordNode, text: text, line: at.line, col: at.col}
}

func (t wordTable) argument(s *source, st *step, w word, v verb, p pair, path string) {
	own := p.key.text
	to := w.gives(v, own)
	at := path + "/" + own
	switch {
	case to == "" && slices.Contains(timeKeys, own):
		s.fail(p.key, at, fmt.Sprintf("write it on its own line below %s, indented as deep", st.word), "%s stands beside the verb, not among its arguments", own)
		return
	case to == "":
		s.fail(p.key, at, hintFor(own, w.arguments(v)), "%s has no argument %q", st.word, own)
		return
	case st.args[to] != nil:
		s.fail(p.key, at, "", "%s is given twice", own)
		return
	}
	value := p.value
	if reads := w.reads[own]; reads != nil && value.kind == wordNode {
		if word, ok := reads[value.text]; ok {
			value = &node{kind: wordNode, text: word, line: value.line, col: value.col}
		} else if v.takes[to] == aWord && own != "effective" {
			s.fail(p.value, at, hintFor(value.text, sortedKeys(reads)), "%s cannot be %q", own, value.text)
			return
		}
	}
	sh := v.takes[to]
	if _, ok := w.each[own]; ok {
		sh = aList
		st.each = to
	}
	if wrong := sh.check(value); wrong != "" {
		s.fail(p.value, at, "", "%s %s", own, wrong)
		return
	}
	st.args[to] = value
	if p.value.kind == wordNode {
		st.written = append(st.written, p.value.text)
	}
}
