package programme

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

func (r *reader) window(n *node, path, owner string) *Window {
	if n == nil {
		return nil
	}
	t, ok := r.open(n, path, last(path), "from", "until", "in")
	if !ok {
		return nil
	}
	if in := t.get("in"); in != nil && r.oneOf(in, t.at("in"), []string{"period"}) != "" {
		r.periodRefs = append(r.periodRefs, metRef{in, t.at("in"), owner, ""})
		if t.get("from") != nil || t.get("until") != nil {
			r.fail(in, t.at("in"), "write from and until alone to narrow it", "in: period says already from when until when")
		}
		return &Window{From: []Moment{{Unit: UnitDay, Kind: MomentStart}}, Until: []Moment{{Unit: UnitDay, Kind: MomentEnd}}}
	}
	w := &Window{From: r.moments(t.get("from"), t.at("from"), owner), Until: r.moments(t.get("until"), t.at("until"), owner)}
	if t.get("from") == nil && t.get("until") == nil {
		r.fail(n, path, "give it from, until or both", "%s bounds nothing", last(path))
	}
	return w
}

func (r *reader) moments(n *node, path, owner string) []Moment {
	var out []Moment
	r.each(n, path, func(item *node, path string) {
		if m, ok := r.moment(item, path, owner); ok {
			out = append(out, m)
		}
	})
	return out
}

const momentHint = "write met REQUIREMENT, filed SUBMISSION, end of period, granted AWARD, today or a day, with `6 months before`, `15 January after` or a parameter and before or after in front if it is moved"

// moment reads `[N unit|DAY MONTH|PARAMETER before|after] NAME`.
func (r *reader) moment(n *node, path, owner string) (Moment, bool) {
	if !r.isWord(n, path) {
		return Moment{}, false
	}
	m := Moment{Unit: UnitDay}
	words := strings.Fields(n.text)
	if i := slices.IndexFunc(words, func(w string) bool { return w == "before" || w == "after" }); i >= 0 {
		m.Before = words[i] == "before"
		if !r.moved(n, path, strings.Join(words[:i], " "), &m) {
			return m, false
		}
		words = words[i+1:]
	}
	if !r.namedDay(n, path, owner, words, &m) {
		return m, false
	}
	return m, true
}

// moved reads what stands in front of before or after.
func (r *reader) moved(n *node, path, text string, m *Moment) bool {
	a := amount{}
	switch {
	case text == "":
		r.fail(n, path, momentHint, "%q is not a moment", n.text)
		return false
	case startsAsNumber(text):
		var bad *mistake
		if a, bad = parseAmount(text); bad != nil {
			r.fail(n, path, bad.hint, "%s", bad.message)
			return false
		}
	default:
		v, ok := r.parameter(&node{kind: wordNode, text: text, line: n.line, col: n.col}, path, shapeNumber)
		if !ok {
			return false
		}
		a = amount{number: v.Number, unit: v.Unit}
	}
	switch a.unit {
	case UnitYearDay:
		m.Yearly = yearlyDay(a.number)
	case UnitDay, UnitMonth, UnitBusinessDay:
		m.Offset, m.Unit = a.number, a.unit
	default:
		r.fail(n, path, momentHint, "%q is not a moment", n.text)
		return false
	}
	return true
}

// yearlyDay is a day of every year as MM-DD.
func yearlyDay(number int64) string { return fmt.Sprintf("%02d-%02d", number/100, number%100) }

// namedDay reads the name of a day.
func (r *reader) namedDay(n *node, path, owner string, words []string, m *Moment) bool {
	phrase := strings.Join(words, " ")
	switch {
	case phrase == "today":
		m.Kind = MomentToday
	case len(words) == 1 && isDate(words[0]):
		m.Kind, m.Name = MomentDate, words[0]
	case phrase == "start of period", phrase == "end of period":
		m.Kind = words[0]
		r.periodRefs = append(r.periodRefs, metRef{n, path, owner, ""})
	case len(words) == 2 && words[0] == "met":
		m.Kind, m.Name = MomentMet, words[1]
		r.metRefs = append(r.metRefs, metRef{n, path, owner, words[1]})
	case len(words) == 2 && words[0] == "filed":
		m.Kind, m.Name = MomentFiled, words[1]
		r.filedRefs = append(r.filedRefs, metRef{n, path, owner, words[1]})
		r.usedKeys["submission "+words[1]] = true
	case len(words) == 2 && words[0] == "granted", len(words) == 3 && words[0] == "expiry" && words[1] == "of":
		m.Kind, m.Name = words[0], words[len(words)-1]
		r.awardRefs = append(r.awardRefs, metRef{n, path, owner, m.Name})
	case len(words) == 2 && words[0] == "entered":
		m.Kind, m.Name = MomentEntered, words[1]
		r.statusRefs = append(r.statusRefs, metRef{n, path, owner, words[1]})
	default:
		r.fail(n, path, momentHint, "%q is not a moment", n.text)
		return false
	}
	return true
}

// namesOfMoments checks what moments name, once everything has been read.
func (r *reader) namesOfMoments() {
	for _, x := range []struct {
		refs  []metRef
		what  string
		known []string
	}{
		{r.filedRefs, "submission", r.submissionKeys()},
		{r.awardRefs, "award", r.awardKeys()},
		{r.statusRefs, "status", r.statusKeys()},
	} {
		for _, ref := range x.refs {
			if !slices.Contains(x.known, ref.target) {
				r.fail(ref.at, ref.path, orKnown(ref.target, x.known), "no %s is called %q", x.what, ref.target)
			}
		}
	}
}

// length reads a span of days or months.
func (r *reader) length(n *node, path string) Length {
	a, ok := r.quantity(n, path, UnitDay, UnitMonth)
	if !ok {
		return Length{}
	}
	if a.number == 0 {
		r.fail(n, path, "", "%s must be a day or longer", last(path))
	}
	return Length{Number: a.number, Unit: a.unit}
}

// ParseMoment reads a moment as this programme's requirements may name it. The
// error is a sentence.
func (p *Programme) ParseMoment(text string) (Moment, error) {
	r := newReader(&source{lines: []string{text}})
	r.p = p
	m, ok := r.moment(&node{kind: wordNode, text: text, line: 1, col: 1}, "", "")
	if ok {
		r.namesOfMoments()
	}
	for _, ref := range r.metRefs {
		if _, _, known := p.Requirement(ref.target); !known && len(r.errs) == 0 {
			r.fail(ref.at, "", "", "no requirement is called %q", ref.target)
		}
	}
	if len(r.errs) > 0 {
		return Moment{}, errors.New(r.errs[0].Message)
	}
	return m, nil
}
