package cases

import (
	"strconv"
	"strings"

	"github.com/certledger/certledger/domain"
)

const numberMax = 1_000_000_000

// wholeNumber reads a whole number of zero or more.
func wholeNumber(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 0 && n <= numberMax && strconv.FormatInt(n, 10) == text
}

func isDay(text string) bool {
	_, err := domain.ParseDate(text)
	return err == nil
}

// units are the words for a unit: the unit in which the ledger counts, and how
// many of that one of these is.
var units = map[string]struct {
	unit string
	each int64
}{
	"h": {domain.UnitMinute, 60}, "hour": {domain.UnitMinute, 60}, "hours": {domain.UnitMinute, 60},
	"min": {domain.UnitMinute, 1}, "minute": {domain.UnitMinute, 1}, "minutes": {domain.UnitMinute, 1},
	"credit": {domain.UnitHundredth, 100}, "credits": {domain.UnitHundredth, 100}, "hundredth": {domain.UnitHundredth, 1}, "hundredths": {domain.UnitHundredth, 1},
	"day": {domain.UnitDay, 1}, "days": {domain.UnitDay, 1}, "week": {domain.UnitDay, 7}, "weeks": {domain.UnitDay, 7},
	"month": {domain.UnitMonth, 1}, "months": {domain.UnitMonth, 1}, "year": {domain.UnitMonth, 12}, "years": {domain.UnitMonth, 12},
	"word": {domain.UnitWord, 1}, "words": {domain.UnitWord, 1}, "count": {domain.UnitCount, 1}, "%": {domain.UnitBasisPoint, 100},
}

// readAmount reads 600, 10 h, 49.5 h or 2 credits, in the smallest unit. A number
// without a unit has an empty one.
func readAmount(text string) (int64, string, bool) {
	figure, name, hasUnit := strings.Cut(text, " ")
	unit, each := "", int64(1)
	if hasUnit {
		u, ok := units[strings.TrimSpace(name)]
		switch {
		case ok:
			unit, each = u.unit, u.each
		case currencyIn(text) != "":
			unit, each = domain.UnitCent, 100
		default:
			return 0, "", false
		}
	}
	whole, fraction, _ := strings.Cut(figure, ".")
	n, ok := wholeNumber(whole)
	if !ok || len(fraction) > 4 || strings.HasSuffix(figure, ".") {
		return 0, "", false
	}
	n *= each
	part, divisor := int64(0), int64(1)
	for _, c := range fraction {
		if c < '0' || c > '9' {
			return 0, "", false
		}
		part, divisor = part*10+int64(c-'0'), divisor*10
	}
	if part*each%divisor != 0 {
		return 0, "", false
	}
	return n + part*each/divisor, unit, true
}

// currencyIn is the currency of an amount of money, 26.00 USD, or empty.
func currencyIn(text string) string {
	_, name, _ := strings.Cut(text, " ")
	if len(name) != 3 || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return ""
	}
	return name
}

// inUnits writes a number of the ledger's unit the way people do: 49 h 30 min.
func inUnits(n int64, unit string) string {
	switch unit {
	case domain.UnitMinute:
		return strconv.FormatInt(n, 10) + " min"
	case domain.UnitHundredth:
		return strconv.FormatInt(n, 10) + " hundredths"
	case "", domain.UnitCount:
		return strconv.FormatInt(n, 10)
	}
	return strconv.FormatInt(n, 10) + " " + unit
}
