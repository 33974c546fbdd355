package programme

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// amount is a number as written, in its smallest unit.
type amount struct {
	number int64
	unit   string // a Unit constant
	noun   string // what is counted, or the currency
	bare   bool   // written without a unit
}

func (a amount) sameUnit(b amount) bool {
	return a.unit == b.unit && a.currency() == b.currency()
}

// currency of an amount of money, or empty.
func (a amount) currency() string {
	if a.unit == UnitCent {
		return a.noun
	}
	return ""
}

type unitWord struct {
	unit   string
	factor int64 // smallest units in one
}

var unitWords = map[string]unitWord{
	"h": {UnitMinute, 60}, "hour": {UnitMinute, 60}, "hours": {UnitMinute, 60},
	"min": {UnitMinute, 1}, "minute": {UnitMinute, 1}, "minutes": {UnitMinute, 1},
	"credit": {UnitHundredth, 100}, "credits": {UnitHundredth, 100},
	"%": {UnitBasisPoint, 100}, "percent": {UnitBasisPoint, 100},
	"day": {UnitDay, 1}, "days": {UnitDay, 1}, "week": {UnitDay, 7}, "weeks": {UnitDay, 7},
	"business day": {UnitBusinessDay, 1}, "business days": {UnitBusinessDay, 1},
	"word": {UnitWord, 1}, "words": {UnitWord, 1},
	"month": {UnitMonth, 1}, "months": {UnitMonth, 1}, "year": {UnitMonth, 12}, "years": {UnitMonth, 12},
	"AUD": {UnitCent, 100}, "CAD": {UnitCent, 100}, "CHF": {UnitCent, 100}, "EUR": {UnitCent, 100},
	"GBP": {UnitCent, 100}, "NZD": {UnitCent, 100}, "USD": {UnitCent, 100},
}

// unitNames are the keys of unitWords in the order they are shown.
var unitNames = []string{"h", "hours", "min", "minutes", "credits", "%", "percent", "days", "weeks", "months", "years", "words", "AUD", "CAD", "CHF", "EUR", "GBP", "NZD", "USD"}

// smallest says what one smallest unit is, for people.
var smallest = map[string]string{
	UnitMinute: "one minute", UnitHundredth: "0.01 credits", UnitBasisPoint: "0.01 %",
	UnitCent: "0.01 of the currency", UnitDay: "one day", UnitMonth: "one month", UnitWord: "one word", UnitCount: "one",
}

var decimal = regexp.MustCompile(`^([0-9]+)(?:\.([0-9]+))?$`)

// mistake is a message and a hint without a place.
type mistake struct{ message, hint string }

// parseAmount reads `50 h`, `24.9 h`, `51 %`, `26.00 USD`, `2 classes`, `7`.
func parseAmount(text string) (amount, *mistake) {
	figure, word, spaced := strings.Cut(text, " ")
	if !spaced {
		if i := strings.IndexFunc(figure, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }); i > 0 && figure[0] != '-' {
			if m := decimal.FindString(figure[:i]); m != "" && isUnit(figure[i:]) {
				return amount{}, &mistake{fmt.Sprintf("%s has no space before its unit", text), fmt.Sprintf("write %s %s", figure[:i], figure[i:])}
			}
		}
	}
	m := decimal.FindStringSubmatch(figure)
	if m == nil {
		if strings.HasPrefix(figure, "-") {
			return amount{}, &mistake{fmt.Sprintf("%s is negative", text), "quantities are zero or more"}
		}
		return amount{}, &mistake{fmt.Sprintf("%s is not a number", text), "write a plain decimal number, such as 1500 or 24.9, and its unit"}
	}
	if len(m[1]) > 1 && m[1][0] == '0' {
		return amount{}, &mistake{fmt.Sprintf("%s begins with a zero", text), "write the number without it"}
	}
	a := amount{unit: UnitCount, bare: !spaced}
	factor := int64(1)
	if spaced && monthOf(word) > 0 {
		return yearDay(text, figure, monthOf(word))
	}
	if spaced {
		var bad *mistake
		if a.unit, a.noun, factor, bad = readUnit(word); bad != nil {
			return amount{}, bad
		}
	}
	n, bad := scale(m[1], m[2], factor)
	if bad != "" {
		return amount{}, &mistake{fmt.Sprintf("%s %s", text, bad), "the smallest amount is " + smallest[a.unit]}
	}
	if n > NumberMax {
		return amount{}, &mistake{fmt.Sprintf("%s is too large", text), ""}
	}
	a.number = n
	return a, nil
}

// monthNames are the months as a day of the year names them.
var monthNames = []string{
	"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
}

// monthOf is the number of a month by its name, 1 to 12, or 0.
func monthOf(word string) int { return slices.Index(monthNames, word) + 1 }

// yearDay reads a day of every year: 15 January.
func yearDay(text, figure string, month int) (amount, *mistake) {
	day, err := strconv.Atoi(figure)
	if err != nil || day < 1 || !isDate(fmt.Sprintf("2001-%02d-%02d", month, day)) {
		return amount{}, &mistake{fmt.Sprintf("%s is not a day of every year", text), "write a day and a month, such as 15 January; 29 February is not in every year"}
	}
	return amount{number: int64(month*100 + day), unit: UnitYearDay}, nil
}

func isUnit(word string) bool {
	_, ok := unitWords[word]
	return ok
}

// readUnit reads a unit's word, or the noun of a count.
func readUnit(word string) (unit, noun string, factor int64, bad *mistake) {
	if u, ok := unitWords[word]; ok {
		if u.unit == UnitCent {
			noun = word
		}
		return u.unit, noun, u.factor, nil
	}
	if !slug.MatchString(word) {
		return "", "", 0, &mistake{fmt.Sprintf("%q is not a unit", word), "units are " + list(unitNames)}
	}
	if near := nearest(word, unitNames); near != "" && len(word) > 2 {
		return "", "", 0, &mistake{fmt.Sprintf("%q is not a unit", word), didYouMean(near)}
	}
	return UnitCount, word, 1, nil
}

// scale multiplies a decimal by factor. The result must be a whole number.
func scale(whole, fraction string, factor int64) (int64, string) {
	fraction = strings.TrimRight(fraction, "0")
	if len(whole) > 13 || len(fraction) > 4 {
		if len(whole) > 13 {
			return 0, "is too large"
		}
		return 0, "is finer than its smallest unit"
	}
	n, err := strconv.ParseInt(whole+fraction, 10, 64)
	if err != nil {
		return 0, "is too large"
	}
	divisor := int64(1)
	for range fraction {
		divisor *= 10
	}
	if n > NumberMax*divisor/factor+factor*divisor {
		return 0, "is too large"
	}
	if n*factor%divisor != 0 {
		return 0, "is finer than its smallest unit"
	}
	return n * factor / divisor, ""
}

var (
	slug       = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
	category   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}(/[a-z0-9][a-z0-9-]{0,63}){0,7}$`)
	sourceID   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,63}$`)
	zoneName   = regexp.MustCompile(`^(UTC|[A-Z][A-Za-z_]+(/[A-Z][A-Za-z_+-]*[A-Za-z0-9]*){1,2})$`)
	dateLayout = regexp.MustCompile(`^([0-9]{4})-([0-9]{2})-([0-9]{2})$`)
)

// isDate tells whether text is a day of the calendar as YYYY-MM-DD.
func isDate(text string) bool {
	m := dateLayout.FindStringSubmatch(text)
	if m == nil {
		return false
	}
	year, month, day := atoi(m[1]), atoi(m[2]), atoi(m[3])
	if year < 1900 || month < 1 || month > 12 {
		return false
	}
	days := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && (year%4 == 0 && year%100 != 0 || year%400 == 0) {
		days = 29
	}
	return day >= 1 && day <= days
}

// atoi reads digits that a pattern has already checked.
func atoi(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		panic("programme: digits that are no number: " + digits)
	}
	return n
}

// startsAsNumber tells a number from a word.
func startsAsNumber(text string) bool {
	return text != "" && (text[0] >= '0' && text[0] <= '9' || text[0] == '-' || text[0] == '+' || text[0] == '.')
}

// list is words for a sentence: a, b or c.
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
