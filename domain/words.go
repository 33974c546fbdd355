package domain

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// spoken turns a code into words: level-1r is "level 1r".
func spoken(code string) string { return strings.ReplaceAll(code, "-", " ") }

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Quantity says an amount of a unit in words: 150 minutes are "2 h 30 min".
func Quantity(n int64, unit string) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	switch unit {
	case UnitMinute:
		switch {
		case n < 60:
			return fmt.Sprintf("%s%d min", sign, n)
		case n%60 == 0:
			return fmt.Sprintf("%s%d h", sign, n/60)
		}
		return fmt.Sprintf("%s%d h %d min", sign, n/60, n%60)
	case UnitHundredth:
		return sign + hundredths(n) + " credits"
	case UnitBasisPoint:
		return sign + hundredths(n) + " %"
	case UnitCent:
		return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
	case UnitDay, UnitMonth, UnitWord:
		if n == 1 {
			return sign + "1 " + unit
		}
		return fmt.Sprintf("%s%d %ss", sign, n, unit)
	}
	return sign + decimal(n)
}

func hundredths(n int64) string {
	if n%100 == 0 {
		return decimal(n / 100)
	}
	return strings.TrimRight(fmt.Sprintf("%d.%02d", n/100, n%100), "0")
}

func (a *Amount) words() string {
	switch {
	case a == nil:
		return "nothing"
	case a.Number == nil:
		return spoken(a.Word)
	case a.Noun != "" && *a.Number == 1:
		return "1 " + strings.TrimSuffix(spoken(a.Noun), "s")
	case a.Noun != "":
		return decimal(*a.Number) + " " + spoken(a.Noun)
	}
	return Quantity(*a.Number, a.Unit)
}

// Found says what a requirement found against what it asks for.
func Found(r Result) string {
	switch r.Test {
	case "when":
		return "it does not apply"
	case "waived":
		return "waived"
	case "at-most":
		return fmt.Sprintf("%s counted, at most %s allowed", r.Left.words(), amountOnly(r.Right))
	case "at-least":
		return fmt.Sprintf("%s counted, %s asked for", r.Left.words(), r.Right.words())
	case "judged":
		if r.Left == nil {
			return "not judged yet"
		}
		if r.Right == nil {
			return "judged " + r.Left.words()
		}
		return fmt.Sprintf("judged %s, %s asked for", r.Left.words(), r.Right.words())
	case "tasks":
		return fmt.Sprintf("%s of %s done", amountOnly(r.Left), r.Right.words())
	case "submission":
		if r.Left == nil {
			return fmt.Sprintf("not answered yet, %s asked for", r.Right.words())
		}
		return fmt.Sprintf("answered %s, %s asked for", r.Left.words(), r.Right.words())
	case "registration":
		return "the registration is " + r.Left.words()
	case "at-each", "has":
		if r.Left == nil {
			return "not recorded yet"
		}
		return fmt.Sprintf("%s of %s", amountOnly(r.Left), r.Right.words())
	}
	var parts []string
	for _, c := range r.Children {
		name := c.Path[strings.LastIndexByte(c.Path, '/')+1:]
		parts = append(parts, spoken(name)+" "+spoken(string(c.Verdict)))
	}
	return spoken(r.Test) + ": " + strings.Join(parts, ", ")
}

func amountOnly(a *Amount) string {
	if a != nil && a.Number != nil && a.Noun != "" {
		return decimal(*a.Number)
	}
	return a.words()
}

// Lifts says in words what would lift a cap, the nearest way first.
func Lifts(l *Lack) []string {
	if l == nil {
		return nil
	}
	var out []string
	for _, n := range l.Needs {
		out = append(out, n.words())
	}
	for i, o := range l.OneOf {
		lead := "either "
		if i > 0 {
			lead = "or "
		}
		if ways := Lifts(&o.Lack); len(ways) > 0 {
			out = append(out, lead+strings.Join(ways, "; and "))
		}
	}
	if l.Closed != "" {
		out = append(out, "no longer possible since "+string(l.Closed))
	}
	if len(l.LiftedBy) > 0 {
		out = append(out, "only "+orList(l.LiftedBy)+" can lift this")
	}
	return out
}

func orList(codes []string) string {
	words := make([]string, len(codes))
	for i, c := range codes {
		article := "a "
		if strings.ContainsRune("aeiou", rune(c[0])) {
			article = "an "
		}
		words[i] = article + spoken(c)
	}
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

func (n Need) words() string {
	of := spoken(n.Of)
	if n.Number != 0 {
		of += " " + decimal(n.Number)
	}
	by := ""
	if n.By != "" {
		by = ", by " + spoken(n.By)
	}
	switch n.Do {
	case "record":
		what := of
		if n.Quantity != nil {
			what = Quantity(*n.Quantity, n.Unit)
			if n.Unit != UnitMinute || of != "hours" {
				what += " of " + of
			}
		}
		for _, detail := range []string{n.Category, n.Outcome, n.Title, n.Mode} {
			if detail != "" {
				what += ", " + spoken(detail)
			}
		}
		if n.SignedBy != "" {
			what += ", signed by the " + spoken(n.SignedBy)
		}
		return "record " + what + by
	case "judge":
		if n.As != "" {
			return fmt.Sprintf("a joint judgement of %s in %s%s", spoken(n.Answer), of, by)
		}
		return fmt.Sprintf("a judgement of %s, at least %s%s", of, spoken(n.Answer), by)
	case "ask":
		return "a " + of + " set" + by
	case "confirm":
		return "the " + of + named(n.ID) + " confirmed" + by
	case "fulfil":
		if n.Session != "" {
			of += " for session " + n.Session
		}
		return "the " + of + named(n.ID) + " done" + by
	case "extend":
		return "the " + of + named(n.ID) + " extended to " + string(n.Until) + " or later" + by
	case "file":
		return "the " + of + " filed" + by
	case "answer":
		return "the " + of + " answered " + spoken(n.Answer) + by
	case "mark":
		return "session " + n.Session + " marked" + by
	}
	return spoken(n.Do) + " " + of + by
}

func named(id string) string {
	if id == "" || len(id) > 12 {
		return ""
	}
	return " " + id
}
