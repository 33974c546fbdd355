package programme_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
)

// TestOnlyContradictionsAreRefused: each pair comes close to one that no history
// could meet, or to one that makes a level pointless, and is in order.
func TestOnlyContradictionsAreRefused(t *testing.T) {
	src, err := os.ReadFile("testdata/lamplighter.yaml")
	require.NoError(t, err)
	between := func(rules string) string { // with a level between helper and lighter
		return strings.Replace(rules, "levels: [novice, helper, lighter]", "levels: [novice, helper, runner, lighter]", 1)
	}
	pairs := map[string]struct {
		rules   string
		between bool
	}{
		"other outcomes": {rules: `
  paid:   {says: P., has: {kind: payment, outcome: cash}, otherwise: novice}
  unpaid: {says: U., none-of: {payment: {has: {kind: payment, outcome: cheque}}}, otherwise: helper}`},
		"one of several outcomes": {rules: `
  paid:   {says: P., has: {kind: payment, outcome: [cash, cheque]}, otherwise: novice}
  unpaid: {says: U., none-of: {payment: {has: {kind: payment, outcome: cheque}}}, otherwise: helper}`},
		"fewer than are forbidden": {rules: `
  paid:   {says: P., has: payment, otherwise: novice}
  unpaid: {says: U., none-of: {payments: {count: payment, at-least: 2}}, otherwise: helper}`},
		"another time": {rules: `
  paid:   {says: P., has: payment, otherwise: novice}
  unpaid: {says: U., none-of: {payment: {has: {kind: payment, dated: {until: 2025-12-31}}}}, otherwise: helper}`},
		"one way is open": {rules: `
  torch: {says: T., any-of: {own: {has: torch}, rent: {has: rent}}, otherwise: novice}
  dark:  {says: D., none-of: {torch: {has: torch}}, otherwise: helper}`},
		"only one applies": {rules: `
  paid:   {says: P., when: {filed: letter, from: 2027-01-01}, has: payment, otherwise: novice}
  unpaid: {says: U., none-of: {payment: {has: payment}}, otherwise: helper}`},
		"one can be waived": {rules: `
  paid:   {says: P., has: payment, otherwise: novice, may-be-waived: true}
  unpaid: {says: U., none-of: {payment: {has: payment}}, otherwise: helper}`},
		"bounds that touch": {rules: `
  least: {says: L., sum: oil, at-least: 10 h, otherwise: novice}
  most:  {says: M., sum: oil, at-most: 10 h, otherwise: helper}`},
		"more for the higher level": {between: true, rules: `
  few:  {says: F., count: lamp, at-least: 10, otherwise: helper}
  many: {says: M., count: lamp, at-least: 20, otherwise: runner}`},
		"as many, of another kind": {between: true, rules: `
  many: {says: M., count: lamp, where: {category: old}, at-least: 20, otherwise: novice}
  few:  {says: F., count: lamp, where: {category: new}, at-least: 10, otherwise: runner}`},
	}
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			rules := strings.Replace(string(src), "requirements:\n", "requirements:"+pair.rules+"\n", 1)
			if pair.between {
				rules = between(rules)
			}
			_, err := programme.Parse([]byte(rules))
			require.NoError(t, err)
		})
	}
}
