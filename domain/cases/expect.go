package cases

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

// seen is what an expectation may look at: the ledger and the assessment at the
// moment that the case asks about.
type seen struct {
	*story
	ledger     *ledger
	rules      *programme.Programme
	standing   *domain.Standing
	assessment domain.Assessment
	out        []Difference
}

// differences compares what the ledger says with what the case expects.
func (s *story) differences() ([]Difference, error) {
	x := &seen{story: s, ledger: s.ledger, rules: s.p}
	at := s.told[len(s.told)-1].recorded
	if asOf := s.c.expect.find("as-of"); asOf != nil {
		t := s.latest(asOf.text)
		was, err := s.ledger.until(t.until)
		if err != nil {
			return nil, err
		}
		x.ledger, at = was, t.recorded
	}
	x.standing = x.ledger.registrations[s.registration]
	if x.standing != nil {
		f := x.ledger.of(x.standing)
		x.rules = f.Programme
		if s.c.expect.find("rehearse") != nil {
			x.rules = s.c.later
			f.Programme = s.c.later
		}
		x.assessment = domain.Assess(x.rules, f, at)
	}
	for _, e := range s.c.expect {
		x.expect(e)
	}
	if s.c.expect.find("refused") == nil {
		x.refused(nil)
	}
	return x.out, nil
}

// latest is the step recorded last that a name means; the last one tried, where all were
// refused.
func (s *story) latest(called string) told {
	var found told
	for _, t := range s.told {
		if s.c.steps[t.index].is(called) && (t.refused == nil || found.until == 0 || found.refused != nil) {
			found = t
		}
	}
	return found
}

func (x *seen) differ(what, wanted, got string, why ...string) {
	x.out = append(x.out, Difference{What: what, Wanted: wanted, Got: got, Why: why})
}

// none stands for what is not there.
func none(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func (x *seen) expect(e expectation) {
	switch e.key {
	case "as-of", "rehearse":
	case "refused":
		x.refused(e.value.words())
	case "decisions":
		n := 0
		if x.standing != nil {
			n = len(x.standing.Decisions)
		}
		if want, _ := wholeNumber(e.value.text); want != int64(n) {
			x.differ(e.written, e.value.text, strconv.Itoa(n))
		}
	case "person-standing":
		x.personStanding(e)
	default:
		if x.standing == nil {
			x.differ(e.written, e.value.yaml(), "no registration", x.refusals()...)
			return
		}
		x.assessed(e)
	}
}

func (x *seen) assessed(e expectation) {
	switch e.key {
	case "earned", "granted", "until":
		x.level(e)
	case "phase", "fee":
		x.phase(e)
	case "due":
		x.due(e)
	case "carried":
		x.carried(e)
	case "status":
		if got := x.assessment.Status; got != e.value.text {
			x.differ(e.written, e.value.text, none(got))
		}
	case "flags", "not-flags":
		want := e.key == "flags"
		for _, flag := range e.value.words() {
			if slices.Contains(x.assessment.Flags, flag) != want {
				wanted := flag
				if !want {
					wanted = "no " + flag
				}
				x.differ(e.written, wanted, none(strings.Join(x.assessment.Flags, ", ")))
			}
		}
	case "counted":
		x.counted(e)
	case "met", "not-met", "open", "not-applicable":
		x.verdict(e)
	case "binding":
		x.binding(e)
	case "lacks":
		x.lacks(e)
	case "not-counted":
		x.notCounted(e)
	}
}

// byAward are the pairs of a table from award to something, or the first award for a
// single value.
func (x *seen) byAward(n *node) []pair {
	if n.kind == tableNode {
		return n.pairs
	}
	first, _ := x.rules.Award("")
	return []pair{{said(n, first.Key), n}}
}

// awardResult finds what was asked: an award in its latest period, or with
// award@period or award@track that one.
func (x *seen) awardResult(key string) (domain.AwardResult, bool) {
	for _, a := range slices.Backward(x.assessment.Awards) {
		if a.Award == key || a.Asking().String() == key {
			return a, true
		}
	}
	return domain.AwardResult{}, false
}

func (x *seen) level(e expectation) {
	for _, p := range x.byAward(e.value) {
		what := e.written
		if e.value.kind == tableNode {
			what += " " + p.key.text
		}
		a, ok := x.awardResult(p.key.text)
		if !ok {
			x.differ(what, p.value.text, "no such award; "+hintFor(p.key.text, x.awards()))
			continue
		}
		got := a.Earned
		switch e.key {
		case "granted":
			got = a.Granted
		case "until":
			got = string(a.Until)
		}
		if none(got) == p.value.text {
			continue
		}
		var why []string
		award, _ := x.rules.Award(a.Award)
		if e.key == "until" {
			x.differ(what, p.value.text, none(got))
			continue
		}
		if _, known := award.Rank(p.value.text); !known && p.value.text != "none" {
			why = append(why, p.value.text+" is no level of "+award.Key+"; "+hintFor(p.value.text, award.Levels))
		} else if e.key == "earned" {
			why = x.why(award, p.value.text, got)
		} else {
			why = x.refusals()
		}
		x.differ(what, p.value.text, none(got), why...)
	}
}

func (x *seen) awards() []string {
	var out []string
	for _, a := range x.assessment.Awards {
		out = append(out, a.Asking().String())
	}
	return out
}

// why are the requirements that keep the level down, or, where it is higher than
// expected, those that one could have thought would.
func (x *seen) why(award programme.Award, wanted, got string) []string {
	var out []string
	want, _ := award.Rank(wanted)
	is, _ := award.Rank(got)
	if is > want {
		for _, r := range x.assessment.Results {
			if r.Award == award.Key && r.Cap == "" {
				out = append(out, fmt.Sprintf("%s is %s and caps nothing", r.Path, r.Verdict))
			}
		}
		return out
	}
	for _, r := range x.assessment.Results {
		rank, capped := award.Rank(r.Cap)
		if r.Award == award.Key && capped && rank < want {
			line := fmt.Sprintf("%s is %s and caps at %s", r.Path, r.Verdict, r.Cap)
			if r.Says != "" {
				line += ": " + r.Says
			}
			out = append(out, line+between(r))
		}
	}
	return out
}

// between shows the two sides of a comparison.
func between(r domain.Result) string {
	side := func(a *domain.Amount) string {
		switch {
		case a == nil:
			return "?"
		case a.Number != nil:
			return inUnits(*a.Number, a.Unit)
		}
		return none(a.Word)
	}
	if r.Left == nil && r.Right == nil {
		return ""
	}
	return fmt.Sprintf(" [%s %s %s]", side(r.Left), r.Test, side(r.Right))
}

// refusals are the steps refused, in the order of the history, with the rules' words.
func (x *seen) refusals() []string {
	var out []string
	for _, t := range x.inHistory() {
		if t.refused != nil {
			out = append(out, fmt.Sprintf("%s was refused: %s", &x.c.steps[t.index], explain(t.refused)))
		}
	}
	return out
}

func (x *seen) inHistory() []told {
	all := slices.Clone(x.told)
	slices.SortFunc(all, func(a, b told) int { return a.index - b.index })
	return all
}

// refused compares the steps refused with those expected, one by one.
func (x *seen) refused(want []string) {
	i := 0
	var why []string
	var got []string
	ok := true
	for _, t := range x.inHistory() {
		if t.refused == nil {
			continue
		}
		st := &x.c.steps[t.index]
		got = append(got, st.String())
		why = append(why, fmt.Sprintf("step %d, %s (line %d): %s", t.index+1, st, st.line, explain(t.refused)))
		if i < len(want) && st.is(want[i]) {
			i++
			continue
		}
		ok = false
	}
	if ok && i == len(want) {
		return
	}
	x.differ("refused", none(strings.Join(want, ", ")), none(strings.Join(got, ", ")), why...)
}

func (x *seen) counted(e expectation) {
	for _, p := range e.value.pairs {
		what := e.written
		if e.written == e.key {
			what += " " + p.key.text
		}
		want, unit, _ := readAmount(p.value.text)
		t, ok := x.total(p.key.text)
		if !ok {
			var known []string
			for _, m := range x.assessment.Measures {
				known = append(known, m.Measure)
			}
			x.differ(what, p.value.text, "no such measure; "+hintFor(p.key.text, known))
			continue
		}
		if t.Amount == want && (unit == "" || unit == t.Unit) {
			continue
		}
		var why []string
		for _, n := range t.NotCounted {
			why = append(why, fmt.Sprintf("not counted: %s, %s", x.entryName(n.Evidence), n.Reason))
		}
		x.differ(what, p.value.text, inUnits(t.Amount, t.Unit), why...)
	}
}

// total finds the total of a measure in its latest period, or with
// measure@period or measure@track in that one.
func (x *seen) total(key string) (domain.Total, bool) {
	key, in, _ := strings.Cut(key, "@")
	for _, t := range slices.Backward(x.assessment.Measures) {
		if t.Measure == key && (in == "" || t.Track+t.Period == in) {
			return t, true
		}
	}
	return domain.Total{}, false
}

// entryName is what the case calls an entry, or the day it happened.
func (x *seen) entryName(id string) string {
	for _, e := range x.standing.Evidence {
		if e.ID != id {
			continue
		}
		name := e.Kind + " of " + string(e.Until)
		if e.Quantity != nil {
			name += ", " + inUnits(*e.Quantity, e.Unit)
		}
		if len(id) == 32 {
			return name
		}
		return id + " (" + name + ")"
	}
	return id
}

// result finds a requirement or a child of one by its path, in its latest period,
// or with path@period or path@track in that one.
func result(all []domain.Result, path string) (domain.Result, bool) {
	path, in, _ := strings.Cut(path, "@")
	for _, r := range slices.Backward(all) {
		if in != "" && r.Track+r.Period != in {
			continue
		}
		if x, ok := below(r, path); ok {
			return x, true
		}
	}
	return domain.Result{}, false
}

func below(r domain.Result, path string) (domain.Result, bool) {
	if r.Path == path {
		return r, true
	}
	for _, c := range r.Children {
		if x, ok := below(c, path); ok {
			return x, true
		}
	}
	return domain.Result{}, false
}

func paths(all []domain.Result) []string {
	var out []string
	for _, r := range all {
		name := r.Path
		if in := r.Track + r.Period; in != "" {
			name += "@" + in
		}
		out = append(append(out, name), paths(r.Children)...)
	}
	return out
}

func (x *seen) verdict(e expectation) {
	for _, path := range e.value.words() {
		r, ok := result(x.assessment.Results, path)
		switch {
		case !ok:
			x.differ(e.written+" "+path, e.written, "no such requirement; "+hintFor(path, paths(x.assessment.Results)))
		case string(r.Verdict) != e.key:
			x.differ(e.written+" "+path, e.written, string(r.Verdict)+between(r))
		}
	}
}

func (x *seen) binding(e expectation) {
	for _, p := range x.byAward(e.value) {
		a, ok := x.awardResult(p.key.text)
		if !ok {
			x.differ(e.written+" "+p.key.text, p.value.yaml(), "no such award; "+hintFor(p.key.text, x.awards()))
			continue
		}
		want, got := slices.Sorted(slices.Values(p.value.words())), slices.Sorted(slices.Values(a.Binding))
		if !slices.Equal(want, got) {
			x.differ(e.written, none(strings.Join(want, ", ")), none(strings.Join(got, ", ")))
		}
	}
}

func (x *seen) lacks(e expectation) {
	for _, p := range e.value.pairs {
		what := e.written + " " + p.key.text
		r, ok := result(x.assessment.Results, p.key.text)
		if !ok {
			x.differ(what, p.value.text, "no such requirement; "+hintFor(p.key.text, paths(x.assessment.Results)))
			continue
		}
		want, unit, _ := readAmount(p.value.text)
		got, gotUnit := lacking(r)
		if got != want || unit != "" && gotUnit != "" && unit != gotUnit {
			x.differ(what, p.value.text, inUnits(got, gotUnit))
		}
	}
}

// lacking is what a requirement still asks for: the quantity to add, or, where nothing is
// measured, the number of facts.
func lacking(r domain.Result) (int64, string) {
	if r.Lacks == nil {
		return 0, ""
	}
	got, unit, needs := int64(0), "", r.Lacks.Needs
	if r.Supports != "" {
		needs = r.Lacks.Nearest() // the next of several thresholds
	}
	for _, n := range needs {
		if n.Quantity != nil {
			got, unit = got+*n.Quantity*max(1, n.Times), n.Unit
		}
	}
	if unit == "" {
		return int64(len(needs)), ""
	}
	return got, unit
}

// notCounted compares why an entry counts nothing. Several measures may look at one
// entry and leave it out each for its own reason; one of them is enough.
func (x *seen) notCounted(e expectation) {
	for _, p := range e.value.pairs {
		var got []string
		note := func(n domain.NotCounted) {
			if n.Evidence == p.key.text && !slices.Contains(got, n.Reason) {
				got = append(got, n.Reason)
			}
		}
		for _, t := range x.assessment.Measures {
			for _, n := range t.NotCounted {
				note(n)
			}
		}
		for i := range x.assessment.Results {
			x.assessment.Results[i].EachUncounted(note)
		}
		if len(got) == 0 {
			got = []string{"counted, or not told of"}
		}
		if !slices.Contains(got, p.value.text) {
			x.differ(e.written+" "+p.key.text, p.value.text, strings.Join(got, ", "))
		}
	}
}

func (x *seen) personStanding(e expectation) {
	award, _ := x.rules.Award("")
	var all []*domain.Standing
	for _, id := range sortedKeys(x.ledger.registrations) {
		if r := x.ledger.registrations[id]; r.Person == x.person {
			all = append(all, r)
		}
	}
	if got := domain.PersonStanding(award, all); none(got) != e.value.text {
		x.differ(e.written, e.value.text, none(got))
	}
}
