package domain

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/certledger/certledger/domain/programme"
)

// spoken turns a code into words: level-1r is "level 1R".
func spoken(code string) string {
	words := strings.Split(code, "-")
	for i, w := range words {
		if strings.ContainsAny(w, "0123456789") {
			words[i] = strings.ToUpper(w)
		}
	}
	return strings.Join(words, " ")
}

// titled is spoken with a capital, for the names of levels and awards.
func titled(code string) string {
	s := spoken(code)
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

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
	case UnitDay, UnitMonth, UnitWord, programme.UnitBusinessDay:
		if n == 1 {
			return sign + "1 " + spoken(unit)
		}
		return fmt.Sprintf("%s%d %ss", sign, n, spoken(unit))
	}
	return sign + decimal(n)
}

// quantityWords says a quantity, of money with its currency.
func quantityWords(n int64, unit, currency string) string {
	if unit == UnitCent && currency != "" {
		return Quantity(n, unit) + " " + currency
	}
	return Quantity(n, unit)
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
	case a.Unit == UnitCent:
		return quantityWords(*a.Number, a.Unit, a.Noun)
	case a.Noun != "" && *a.Number == 0:
		return "no " + spoken(a.Noun)
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
		return r.Left.words() + "; " + bound(r.Right)
	case "at-least":
		return fmt.Sprintf("%s of %s counted", r.Left.words(), r.Right.words()) + partWords(r)
	case "elapsed":
		if r.Left == nil {
			return r.Right.words() + " are asked for, which have not begun"
		}
		return r.Left.words() + " of " + r.Right.words() + " have passed"
	case "reaches":
		return reachedWords(r)
	case "rated":
		return ratedWords(r)
	case "judged":
		switch {
		case r.Left == nil:
			return "not judged yet"
		case r.Right == nil || r.Left.Word == r.Right.Word:
			return "judged " + r.Left.words()
		}
		return fmt.Sprintf("judged %s; %s is asked for", r.Left.words(), r.Right.words())
	case "tasks":
		return fmt.Sprintf("%s of %s done", amountOnly(r.Left), amountOnly(r.Right))
	case "submission":
		switch {
		case r.Left != nil:
			return "answered " + r.Left.words()
		case len(r.Evidence) > 0 && r.Lacks != nil && r.Lacks.Closed != "":
			return "filed after the last day"
		case len(r.Evidence) > 0:
			return "filed, not answered yet"
		}
		return "not filed yet"
	case "registration":
		return "the registration is " + r.Left.words()
	case "at-each", "has":
		if r.Left == nil {
			return "not recorded yet"
		}
		return fmt.Sprintf("%s of %s so far", amountOnly(r.Left), amountOnly(r.Right))
	}
	var parts []string
	for _, c := range r.Children {
		name := c.Path[strings.LastIndexByte(c.Path, '/')+1:]
		parts = append(parts, spoken(name)+" ("+spoken(string(c.Verdict))+")")
	}
	return combinedWords[r.Test] + strings.Join(parts, ", ")
}

var combinedWords = map[string]string{
	"all-of":      "all of these are asked for: ",
	"any-of":      "one of these is enough: ",
	"at-least-of": "enough of these are asked for: ",
	"none-of":     "none of these may be so: ",
}

func bound(a *Amount) string {
	switch n := amountOnly(a); {
	case a != nil && a.Number != nil && *a.Number == 0:
		return "none is allowed"
	case n == "1":
		return "at most 1 is allowed"
	default:
		return "at most " + n + " are allowed"
	}
}

func amountOnly(a *Amount) string {
	if a != nil && a.Number != nil && a.Noun != "" && a.Unit != UnitCent {
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
	for i := 0; i < len(l.Needs); {
		run := runOf(l.Needs[i:])
		out = append(out, l.Needs[i].words(run))
		i += run
	}
	out = together(out)
	for i, o := range l.OneOf {
		lead := "either "
		switch {
		case o.Gives != "":
			lead = "for " + spoken(o.Gives) + ": "
		case i > 0:
			lead = "or "
		case len(l.OneOf) == 1:
			lead = ""
		}
		if ways := Lifts(&o.Lack); len(ways) > 0 {
			out = append(out, lead+strings.Join(ways, "; and "))
		}
	}
	if l.Closed != "" {
		out = append(out, "no longer possible since "+string(l.Closed))
	}
	if len(l.LiftedBy) > 0 {
		out = append(out, "only "+orList(l.LiftedBy)+" can change this")
	}
	return out
}

// together says sentences that follow one another and are the same once, with
// how often.
func together(said []string) []string {
	var out []string
	for i := 0; i < len(said); {
		n := 1
		for i+n < len(said) && said[i+n] == said[i] {
			n++
		}
		if n == 1 {
			out = append(out, said[i])
		} else {
			out = append(out, decimal(int64(n))+" times: "+said[i])
		}
		i += n
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

// runOf counts the needs at the beginning of a list that differ in nothing but
// a number that goes up by one, so that five reports are one line.
func runOf(needs []Need) int {
	n := 1
	for n < len(needs) && needs[0].Number != 0 {
		next := needs[0]
		next.Number += int64(n)
		if !needs[n].equals(next) {
			break
		}
		n++
	}
	return n
}

// equals reports whether two needs ask for the same.
func (n Need) equals(o Need) bool {
	a, errA := encodeJSON(n)
	b, errB := encodeJSON(o)
	return errA == nil && errB == nil && string(a) == string(b)
}

// words says a need, or a run of them.
func (n Need) words(run int) string {
	of := askedWords(n.Of, 0)
	switch {
	case run > 1:
		of += "s " + decimal(n.Number) + " to " + decimal(n.Number+int64(run)-1)
	case n.Number != 0:
		of += " " + decimal(n.Number)
	}
	by := ""
	switch {
	case n.By == RoleStaff:
		by = " by staff"
	case n.By != "":
		by = " by the " + spoken(n.By)
	}
	switch n.Do {
	case "record":
		return n.recordWords(of) + by
	case wait:
		if n.From != "" {
			return "time until " + string(n.From)
		}
		return "then " + Quantity(*n.Quantity, n.Unit) + " of time"
	case "judge":
		if n.As == CoSignature {
			return of + " signed" + by
		}
		if len(n.Ratings) > 0 {
			return n.ratingWords(of + by)
		}
		answer := ": " + spoken(n.Answer) + " or higher"
		switch n.As {
		case AnyAnswer:
			answer = ""
		case Consensus:
			return "joint " + of + by + "s" + answer
		}
		return of + by + answer
	case "ask":
		return of + " set" + by
	case "confirm":
		return of + named(n.ID) + " confirmed" + by + n.dayWords()
	case "fulfil":
		about := ""
		if n.Session != "" {
			about = " for session " + n.Session
		}
		return of + named(n.ID) + about + " done" + by + n.dayWords()
	case "extend":
		return of + named(n.ID) + " extended" + by + " to " + string(n.Until) + " or later"
	case "file":
		return of + " filed" + by + n.daysWords()
	case "answer":
		return of + " answered" + by + ": " + spoken(n.Answer)
	case "mark":
		return "session " + n.Session + " marked" + by
	}
	return spoken(n.Do) + " " + of + by
}

func (n Need) dayWords() string {
	if n.Until == "" {
		return ""
	}
	return ", on " + string(n.Until) + " at the latest"
}

// daysWords says on which days a piece of evidence still counts.
func (n Need) daysWords() string {
	from := ""
	if n.From != "" {
		from = ", from " + string(n.From)
	}
	return from + n.dayWords()
}

func (n Need) recordWords(of string) string {
	var details []string
	for _, d := range []string{n.Category, n.Outcome, n.Title, n.Mode, n.Track} {
		if d != "" {
			details = append(details, spoken(d))
		}
	}
	if n.Provider != "" {
		details = append(details, "from "+spoken(n.Provider))
	}
	if n.Period != "" {
		details = append(details, "for period "+n.Period)
	}
	conditions := n.conditionWords()
	what := strings.Join(append([]string{of}, details...), ", ")
	switch {
	case n.Quantity == nil && len(details) == 0 && conditions == "":
		return of + " on record" + n.daysWords()
	case n.Quantity == nil:
		return what + conditions + ", on record" + n.daysWords()
	case n.AtOnce:
		return what + " of " + quantityWords(*n.Quantity, n.Unit, n.Currency) + " or more" + conditions + n.daysWords()
	}
	return quantityWords(*n.Quantity, n.Unit, n.Currency) + " more" + n.spanWords() + " (" + what + ")" + conditions + n.daysWords()
}

func named(id string) string {
	if id == "" || len(id) > 12 {
		return ""
	}
	return " " + id
}
