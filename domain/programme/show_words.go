package programme

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The words below say values of the model. A word that they do not know is
// said as it stands, so nothing is ever left out in silence.

func number(n int64) string { return strconv.FormatInt(n, 10) }

// spoken turns a key into words: level-1r is "level 1R".
func spoken(key string) string {
	words := strings.Split(key, "-")
	for i, w := range words {
		if strings.ContainsAny(w, "0123456789") {
			words[i] = strings.ToUpper(w)
		}
	}
	return strings.Join(words, " ")
}

func spokenAll(keys []string) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = spoken(k)
	}
	return out
}

// and is words for a sentence: a, b and c.
func and(words []string) string { return joined(words, " and ") }

func or(words []string) string { return joined(words, " or ") }

func joined(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + last + words[len(words)-1]
}

func comma(words []string) string { return strings.Join(words, ", ") }

// sentence begins with a capital and ends with a full stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, ":") {
		s += "."
	}
	return s
}

// roleWords says a role: the supervisor, staff.
func roleWords(role string) string {
	if role == "staff" || role == "" {
		return role
	}
	return "the " + spoken(role)
}

func rolesWords(roles []string, join func([]string) string) string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = roleWords(r)
	}
	return join(out)
}

// plural says a number of things whose name may end in s.
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + strings.TrimSuffix(noun, "s")
	}
	return number(n) + " " + noun
}

// quantity says a number of smallest units as a person writes it. noun is what
// is counted, or the currency.
func quantity(n int64, unit, noun string) string {
	switch unit {
	case UnitMinute:
		switch hours, minutes := n/60, n%60; {
		case hours == 0:
			return number(minutes) + " min"
		case minutes == 0:
			return number(hours) + " h"
		default:
			return fmt.Sprintf("%d h %d min", hours, minutes)
		}
	case UnitHundredth:
		if n == 100 {
			return "1 credit"
		}
		return hundredths(n) + " credits"
	case UnitBasisPoint:
		return hundredths(n) + " %"
	case UnitCent:
		return strings.TrimSpace(fmt.Sprintf("%d.%02d %s", n/100, n%100, noun))
	case UnitDay:
		return plural(n, "days")
	case UnitMonth:
		if n > 0 && n%12 == 0 {
			return plural(n/12, "years")
		}
		return plural(n, "months")
	case UnitBusinessDay:
		return plural(n, "business days")
	case UnitYearDay:
		return dayOfYear(n)
	case UnitCount, "":
		return strings.TrimSpace(plural(n, spoken(noun)))
	}
	return strings.TrimSpace(number(n) + " " + unit + " " + noun)
}

func hundredths(n int64) string {
	if n%100 == 0 {
		return number(n / 100)
	}
	return strings.TrimRight(fmt.Sprintf("%d.%02d", n/100, n%100), "0")
}

var months = []string{
	"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
}

// dayOfYear says month times 100 plus day.
func dayOfYear(n int64) string {
	if m := n / 100; m >= 1 && m <= 12 {
		return number(n%100) + " " + months[m-1]
	}
	return number(n)
}

func lengthWords(l Length) string { return quantity(l.Number, l.Unit, "") }

func optionalLength(l Length) string {
	if l.Zero() {
		return ""
	}
	return lengthWords(l)
}

// valueWords says the value of a parameter.
func valueWords(v Value) string {
	switch v.shape() {
	case shapeTruth:
		return strconv.FormatBool(*v.Truth)
	case shapeTable:
		var out []string
		for _, k := range sorted(v.Table) {
			out = append(out, k+": "+number(v.Table[k]))
		}
		return joined(append(out, "otherwise "+number(v.Default)), ", ") + ofNoun(v.Noun)
	case shapeNumbers:
		out := make([]string, len(v.Numbers))
		for i, n := range v.Numbers {
			out[i] = quantity(n, v.Unit, v.Noun)
		}
		return comma(out)
	case shapeWords:
		if len(v.Words) == 0 {
			return "none" + ofNoun(v.Noun)
		}
		return comma(v.Words) + ofNoun(v.Noun)
	}
	return quantity(v.Number, v.Unit, v.Noun)
}

func ofNoun(noun string) string {
	if noun == "" {
		return ""
	}
	return " (" + spoken(noun) + ")"
}

// momentWords says a day.
func momentWords(m Moment) string {
	var day string
	switch m.Kind {
	case MomentMet:
		day = "the day on which " + m.Name + " was met"
	case MomentFiled:
		day = "the day on which the " + spoken(m.Name) + " was received"
	case MomentDate:
		day = m.Name
	case MomentStart:
		day = "the first day of the period"
	case MomentEnd:
		day = "the last day of the period"
	case MomentGranted:
		day = "the day on which the " + spoken(m.Name) + " was first granted"
	case MomentExpiry:
		day = "the last day on which the " + spoken(m.Name) + " holds"
	case MomentEntered:
		day = "the day on which the status " + spoken(m.Name) + " began"
	case MomentToday:
		day = "the day on which it is asked"
	default:
		day = strings.TrimSpace(m.Kind + " " + m.Name)
	}
	if m.Name != "" && slices.Contains([]string{MomentStart, MomentEnd, MomentToday}, m.Kind) {
		day += " (" + m.Name + ")"
	}
	side, which := "after", "the first "
	if m.Before {
		side, which = "before", "the last "
	}
	if m.Yearly != "" {
		day = which + yearlyWords(m.Yearly) + " " + side + " " + day
	}
	if m.Offset != 0 {
		day = quantity(m.Offset, m.Unit, "") + " " + side + " " + day
	}
	return day
}

func yearlyWords(day string) string {
	if len(day) != 5 {
		return day
	}
	month, errMonth := strconv.ParseInt(day[:2], 10, 64)
	date, errDate := strconv.ParseInt(day[3:], 10, 64)
	if errMonth != nil || errDate != nil {
		return day
	}
	return dayOfYear(month*100 + date)
}

// momentsWords says which of several days counts: the latest of them or the earliest.
func momentsWords(ms []Moment, latest bool) string {
	out := make([]string, len(ms))
	for i, m := range ms {
		out[i] = momentWords(m)
	}
	which := "the earlier of "
	switch {
	case len(ms) < 2:
		return and(out)
	case latest && len(ms) == 2:
		which = "the later of "
	case latest:
		which = "the latest of "
	case len(ms) > 2:
		which = "the earliest of "
	}
	return which + and(out)
}

// windowWords says a span of days; it begins with from, until or in.
func windowWords(w *Window) string {
	if w == nil {
		return ""
	}
	if len(w.From) == 1 && len(w.Until) == 1 && w.From[0] == (Moment{Unit: w.From[0].Unit, Kind: MomentStart}) && w.Until[0] == (Moment{Unit: w.Until[0].Unit, Kind: MomentEnd}) {
		return "in the period"
	}
	var out []string
	if len(w.From) > 0 {
		out = append(out, "from "+momentsWords(w.From, true))
	}
	if len(w.Until) > 0 {
		out = append(out, "until "+momentsWords(w.Until, false))
	}
	if len(out) == 0 {
		return "at any time"
	}
	return strings.Join(out, " ")
}

// whereWords says which facts are selected, as phrases after the kind of fact.
func whereWords(w Where) []string {
	var out []string
	say := func(lead string, words []string) {
		switch {
		case words == nil:
		case len(words) == 0:
			out = append(out, lead+" none")
		default:
			out = append(out, lead+" "+or(spokenAll(words)))
		}
	}
	text := func(format, word string) {
		if word != "" {
			out = append(out, fmt.Sprintf(format, word))
		}
	}
	say("of category", w.Category)
	say("with the outcome", w.Outcome)
	if w.Title != nil {
		out = append(out, "titled "+or(w.Title))
	}
	say("of mode", w.Mode)
	say("from the provider", w.Provider)
	if w.Approved == AnyApproval {
		out = append(out, "from a provider that was approved on that day")
	} else {
		text("from a provider that was approved for %s on that day", spoken(w.Approved))
	}
	say("of module", w.Module)
	say("of item", w.Item)
	if signers := append(slices.DeleteFunc([]string{w.SignedBy}, func(s string) bool { return s == "" }), w.AlsoSigned...); len(signers) > 0 {
		out = append(out, "signed by "+rolesWords(signers, and))
	}
	text("filed by %s", roleWords(w.Filed))
	text("attested by %s", roleWords(w.Attester))
	if len(w.Qualified) > 0 {
		out = append(out, heldWords(w.Qualified, w.Attester == ""))
	}
	text("answered %s", spoken(w.Answered))
	if w.Documented {
		out = append(out, "with a document")
	}
	if w.Unrelated {
		out = append(out, "attested by nobody related")
	}
	text("of %s", thisOr(w.Track, "track"))
	text("of %s", thisOr(w.Period, "period"))
	switch w.Unused {
	case "":
	case UnusedHere:
		out = append(out, "that no other decision of this programme rests on")
	case UnusedAnywhere:
		out = append(out, "that no other decision of any programme rests on")
	default:
		out = append(out, "unused "+w.Unused)
	}
	return out
}

func thisOr(name, what string) string {
	switch name {
	case "":
		return ""
	case ThisOne:
		return "the " + what + " at hand"
	}
	return "the " + what + " " + spoken(name)
}

func heldWords(held []Held, nobody bool) string {
	out := make([]string, len(held))
	for i, h := range held {
		out[i] = spoken(h.Code)
		if !h.For.Zero() {
			out[i] += " for " + lengthWords(h.For)
		}
	}
	if nobody {
		return "attested by somebody who by that day had held " + and(out)
	}
	return "who by that day had held " + and(out)
}

// selected says a kind of fact and what it must be.
func selected(kind string, w Where, dated, filed *Window) string {
	out := append([]string{spoken(kind)}, whereWords(w)...)
	if dated != nil {
		out = append(out, "dated "+windowWords(dated))
	}
	if filed != nil {
		out = append(out, "received "+windowWords(filed))
	}
	return comma(out)
}
