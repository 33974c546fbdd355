package programme

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const measured = `programme: tried
version: 1
title: Tried
valid: {from: 2000-01-01}
pinned-by: registration
time-zone: UTC
tracks: {named: [garden, field]}
periods: {year: {lasts: calendar year, first: year of 2020-01-01}}
awards:
  award:  {levels: [low, high]}
  annual: {levels: [low, high], each: year}
  track:  {levels: [low, high], each: track}
requirements:
  yearly: {for: annual, says: Something each year., has: {kind: report, period: this}, otherwise: low}
  tracked: {for: track, says: Something in each track., has: {kind: report, track: this}, otherwise: low}
  tried:
    says: What is tried.
    otherwise: low
`

// onTrial is a programme whose requirement `tried` has a test.
func onTrial(test string) (*Programme, error) {
	return Parse([]byte(measured + "    " + strings.ReplaceAll(strings.TrimSpace(test), "\n", "\n    ") + "\n"))
}

func TestWhatContradictsItselfIsRefused(t *testing.T) {
	for name, x := range map[string]struct{ test, says string }{
		"minima above the total":      {"sum: x\nat-least: 10 h\nparts: {a: {at-least: 6 h}, b: {at-least: 5 h}}", "the parts need more together than tried asks for"},
		"minima above an upper bound": {"sum: x\nat-most: 10 h\nparts: {a: {at-least: 11 h}}", "the parts need more together than tried may be"},
		"maximum below its parts":     {"sum: x\nat-least: 20 h\nparts: {a: {counts-up-to: 5 h, parts: {b: {at-least: 4 h}, c: {at-least: 2 h}}}}", "the parts of a need more together than can count in it"},
		"maximum below its minimum":   {"sum: x\nat-least: 20 h\nparts: {a: {counts-up-to: 5 h, at-least: 6 h}}", "the part a needs more than can count in it"},
		"no room in the parts":        {"sum: x\nwhere: {category: [a, b/c]}\nat-least: 12 h\nparts: {a: {counts-up-to: 5 h}, b: {counts-up-to: 6 h}}", "all that can count in the parts together is less than tried asks for"},
		"no room for the rest":        {"sum: x\nat-least: 12 h\nparts: {a: {counts-up-to: 5 h}, others: {where: {}, counts-up-to: 6 h}}", "all that can count in the parts together is less than tried asks for"},
		"a part that stays empty":     {"sum: x\nat-least: 2 h\nparts: {a: {where: {mode: live}, counts-up-to: 5 h}, b: {where: {mode: live}, at-least: 1 h}}", "whatever fits here is in the part a already"},
		"a part of everything":        {"sum: x\nat-least: 2 h\nparts: {a: {where: {}, counts-up-to: 5 h}}", "where selects everything"},
		"a share above all":           {"sum: x\nat-least: {share: 101 %, of: 60 h}", "101 % is no share"},
		"a share of nothing":          {"sum: x\nat-least: {share: 0 %, of: 60 h}", "0 % is no share"},
		"a share without base":        {"sum: x\nat-least: {share: 50 %}", `a share needs the key "of"`},
		"a share in no percent":       {"sum: x\nat-least: {share: 5 h, of: 60 h}", "5 h is in another unit than is asked for here"},
		"a rest that never counts":    {"sum: x\nat-least: 10 h\ncredited: {per: month, whole-only: 20 h, up-to: 50 h}", "up-to is no whole multiple of whole-only"},
		"less than a whole":           {"sum: x\nat-least: 10 h\ncredited: {per: month, whole-only: 20 h, up-to: 10 h}", "up-to is no whole multiple of whole-only"},
		"a rate that does not divide": {"sum: x\nat-least: 10 credits\ncredited: {per: month, whole-only: 25 h, worth: {for: 20 h, gives: 1 credit}}", "whole-only is no whole multiple of worth"},
		"a day too short":             {"sum: x\nat-least: 10 h\ncredited: {per: day, whole-only: 25 h}", "no day is long enough for it"},
		"credit of two units":         {"sum: x\nat-least: 10 credits\ncredited: {per: day, up-to: 2 credits, worth: {for: 1 h, gives: 1 credit}}", "what is credited is in one unit"},
		"credit in another unit":      {"sum: x\nat-least: 10 h\ncredited: {per: month, worth: {for: 20 h, gives: 1 credit}}", "the bounds of one sum have one unit"},
		"credit without change":       {"sum: x\nat-least: 10 h\ncredited: {per: month}", "credited changes nothing"},
		"credit of no span":           {"sum: x\nat-least: 10 h\ncredited: {whole-only: 10 h}", `credited needs the key "per"`},
		"credit for money":            {"sum: x\nat-least: 10 credits\ncredited: {per: month, worth: {for: 5.00 EUR, gives: 1 credit}}", "money is not credited"},
		"credit for nothing":          {"sum: x\nat-least: 10 credits\ncredited: {per: month, worth: {for: 0 h, gives: 1 credit}}", "for is out of range"},
		"best of parts":               {"sum: x\nat-least: 10 h\nin-one: title\nparts: {a: {at-least: 1 h}}", "in-one takes the best total"},
		"best of what":                {"sum: x\nat-least: 10 h\nin-one: weather", `in-one cannot be "weather"`},
		"carried without periods":     {"sum: x\nat-least: 10 h\ncarry: {excess: next}", "award is not asked in periods"},
		"carries nothing":             {"sum: x\nat-least: 10 h\ncarry: {up-to: 2 h}", "carry takes nothing to the next period"},
		"carries no excess":           {"sum: x\nat-least: 10 h\ncarry: {shortfall: next, up-to: 2 h}", "up-to bounds the excess, and none is carried"},
		"carries an upper bound":      {"sum: x\nat-most: 10 h\ncarry: {excess: next}", "only what is asked at least"},
		"each of nothing":             {"sum: x\nat-least: 10 h\nfor-each: {}", "for-each needs the award whose periods were missed, or a day"},
		"each of what has no periods": {"sum: x\nat-least: 10 h\nfor-each: {missed: track}", "track is not asked in periods"},
		"each of both":                {"sum: x\nat-least: 10 h\nfor-each: {missed: annual, year-since: 2020-01-01}", "for-each needs"},
		"this track without one":      {"has: {kind: x, track: this}", "it selects facts of this track, and award is not asked for a track"},
		"this period without one":     {"sum: x\nat-least: 1 h\nparts: {a: {where: {period: this}, at-least: 1 h}}", "it selects facts of this period, and award is not asked in periods"},
		"a track of nobody":           {"has: {kind: x, track: gardn}", `no track is called "gardn"`},
		"qualified in nothing":        {"has: {kind: x, attested-by: {role: supervisor, qualified: {}}}", "qualified names nothing"},
		"qualified for no time":       {"has: {kind: x, attested-by: {role: supervisor, qualified: {board: 0 days}}}", "board must be a day or longer"},
		"qualified by whom":           {"has: {kind: x, attested-by: {qualified: {board: any time}}}", `attested-by needs the key "role"`},
		"a condition that is none":    {"has: {kind: x, documented: false}", "documented: false selects nothing"},
		"unused in part":              {"has: {kind: x, unused: often}", `unused cannot be "often"`},
		"one of at least nothing":     {"has: {kind: x, at-least: 0 months}", "at least nothing is no condition"},
		"one of at least two":         {"has: {kind: x, at-least: 2}", "2 has no unit"},
		"nobody says what person":     {"has: {kind: x, needs-person: certifier}", "needs-person waits for an answer, and none is named"},
		"counted by colour":           {"count: x\nat-least: 2\ndistinct: colour", `distinct cannot be "colour"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := onTrial(x.test)
			require.Error(t, err)
			require.Contains(t, err.Error(), x.says)
		})
	}
}

func TestWhatMeasuresSay(t *testing.T) {
	p, err := onTrial(`
all-of:
  credit:  {sum: work, credited: {per: month, whole-only: 20 h, up-to: 40 h, worth: {for: 20 h, gives: 1 credit}}, at-least: 12 credits}
  share:   {sum: study, at-least: {share: 33.33 %, of: 100 min}, for-each: {missed: annual, and-current: true}}
  years:   {sum: study, at-least: 20 h, for-each: {year-since: 2019-01-01}}
  parts:   {sum: ce, at-least: 12 credits, parts: {own: {where: {provider: gmhcn}, at-least: 6 credits}, vendors: {where: {provider: {approved: any}}, counts-up-to: 6 credits}}}
  signed:  {has: {kind: code, signed-by: [supervisor, participant, elder], item: [a, b], documented: true, unrelated: true, unused: anywhere}}
  held:    {has: {kind: hours, attested-by: {role: supervisor, qualified: {supervising: 2 years, board: any time}}, at-least: 24 months, share: 51 %}}
  letters: {count: letter, distinct: attester, at-least: 3, filed: {until: 2026-06-30}}
  clear:   {has: {kind: check, answered: clear, needs-person: certifier}}
`)
	require.NoError(t, err)
	child := func(key string) Test {
		q, _, ok := p.Requirement("tried/" + key)
		require.True(t, ok)
		return q.Test
	}
	credit := child("credit").(Sum)
	require.Equal(t, &Worth{For: 1200, Of: UnitMinute, Gives: 100, Unit: UnitHundredth}, credit.Inline.Credited.Worth)
	require.Equal(t, []any{UnitHundredth, UnitMinute, int64(1200)}, []any{credit.Unit, credit.Inline.Summed(), *credit.Inline.Credited.WholeOnly})
	for minutes, credits := range map[int64]int64{0: 0, 1199: 0, 1200: 100, 2399: 100, 2400: 200, 9000: 200} { // order-free: each for itself
		require.Equal(t, credits, credit.Inline.Credited.Credit(minutes), minutes)
	}
	share := child("share").(Sum)
	require.Equal(t, []any{int64(34), &Times{Missed: "annual", Current: true}}, []any{*share.AtLeast, share.Times})
	require.Equal(t, MomentDate, child("years").(Sum).Times.Since[0].Kind)
	require.Equal(t, AnyApproval, child("parts").(Sum).Inline.Parts[1].Where.Approved)
	require.Equal(t, Where{SignedBy: "supervisor", AlsoSigned: []string{"participant", "elder"}, Item: []string{"a", "b"}, Documented: true, Unrelated: true, Unused: UnusedAnywhere},
		child("signed").(Has).Where)
	held := child("held").(Has)
	require.Equal(t, []Held{{Code: "supervising", For: Length{24, UnitMonth}}, {Code: "board"}}, held.Where.Qualified)
	require.Equal(t, []any{&Value{Number: 24, Unit: UnitMonth}, int64(5100)}, []any{held.Quantity, *held.Share})
	require.Equal(t, []any{"attester", int64(3), true}, []any{child("letters").(Has).Distinct, child("letters").(Has).AtLeast, child("letters").(Has).Filed != nil})
	require.Equal(t, "certifier", child("clear").(Has).Person)
}

func TestACarriedTotal(t *testing.T) {
	p, err := Parse([]byte(measured + "    has: x\n  over:\n    for: annual\n    says: Twelve a year.\n    otherwise: low\n" +
		"    sum: ce\n    at-least: 12 credits\n    carry: {shortfall: next, excess: next, up-to: 5 credits}\n"))
	require.NoError(t, err)
	q, _, _ := p.Requirement("over")
	most := int64(500)
	require.Equal(t, &Carry{Shortfall: true, Excess: true, UpTo: &most}, q.Test.(Sum).Carry)
}
