package domain

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The awards that random programmes ask: once, for each track, in each year.
var refAwards = map[string]string{"once": "", "tracked": "each: track, ", "yearly": "each: year, settled-by: facts, "}

var refLevels = []string{"none", "some", "all"}

const refHead = `programme: random
version: 1
title: Random
valid: {from: 2020-01-01}
pinned-by: registration
time-zone: UTC
tracks: {named: [north, south]}
periods: {year: {lasts: calendar year, first: year of 2025-06-01}}
questions:
  talk: {answers: [poor, fair, good], asked-of: staff, several: latest}
submissions:
  form: {answers: [returned, accepted], answered-by: staff}
`

// refWriter draws a programme and writes it down as YAML.
type refWriter struct {
	t    *rapid.T
	yaml strings.Builder
	p    ref
	in   string // the award of the requirement at hand; empty in a measure
}

func (g *refWriter) chance(label string, of int) bool {
	return rapid.IntRange(1, of).Draw(g.t, label) == 1
}

func (g *refWriter) some(label string, words ...string) []string {
	n := rapid.IntRange(0, 2).Draw(g.t, label)
	return rapid.Permutation(words).Draw(g.t, label)[:min(n, len(words))]
}

func refList(key string, words []string) string {
	if len(words) == 0 {
		return ""
	}
	return key + ": [" + strings.Join(words, ", ") + "], "
}

func (g *refWriter) moment(gate bool) (refMoment, string) {
	names := []string{"2026-05-10", "2026-06-15", "2026-12-01", "filed form", "today"}
	if gate {
		names = append(names, "met gate")
	}
	m := refMoment{name: rapid.SampledFrom(names).Draw(g.t, "moment")}
	n := rapid.IntRange(1, 40).Draw(g.t, "moved")
	switch rapid.IntRange(0, 5).Draw(g.t, "how moved") {
	case 0:
		m.days = n
		return m, fmt.Sprintf("%d days after %s", n, m.name)
	case 1:
		m.days = -n
		return m, fmt.Sprintf("%d days before %s", n, m.name)
	case 2:
		m.months = n%5 + 1
		return m, fmt.Sprintf("%d months after %s", m.months, m.name)
	case 3:
		m.months = -(n%5 + 1)
		return m, fmt.Sprintf("%d months before %s", -m.months, m.name)
	}
	return m, m.name
}

func (g *refWriter) window(key string, gate bool) (refWindow, string) {
	if g.chance("no "+key, 2) {
		return refWindow{}, ""
	}
	if g.in == "yearly" && g.chance("in period", 2) {
		return refWindow{inPeriod: true}, key + ": {in: period}, "
	}
	var w refWindow
	side := func(name string) ([]refMoment, string) {
		var out []refMoment
		var words []string
		for range rapid.IntRange(0, 2).Draw(g.t, name) {
			if m, word := g.moment(gate); !slices.Contains(words, word) {
				out, words = append(out, m), append(words, word)
			}
		}
		return out, refList(name, words)
	}
	var from, until string
	w.from, from = side("from")
	w.until, until = side("until")
	if from+until == "" {
		return refWindow{}, ""
	}
	return w, key + ": {" + from + until + "}, "
}

func (g *refWriter) where() (refWhere, string) {
	w := refWhere{category: g.some("category", "a", "a/b", "c"), title: g.some("title", "x", "y"), outcome: g.some("outcome", "passed", "failed")}
	text := refList("category", w.category) + refList("title", w.title) + refList("outcome", w.outcome)
	if w.signed = g.chance("signed", 6); w.signed {
		text += "signed-by: supervisor, "
	}
	if w.documented = g.chance("documented", 6); w.documented {
		text += "documented: true, "
	}
	if g.chance("answered", 6) {
		w.answered = "clear"
		text += "answered: clear, "
	}
	if w.thisTrack = g.in == "tracked" && g.chance("this track", 2); w.thisTrack {
		text += "track: this, "
	}
	return w, text
}

// measure draws what is summed, without its kind's key.
func (g *refWriter) measure(gate bool) (refMeasure, string) {
	m := refMeasure{kind: rapid.SampledFrom([]string{"work", "course"}).Draw(g.t, "kind")}
	var where, dated, filed string
	m.where, where = g.where()
	m.dated, dated = g.window("dated", gate)
	m.filed, filed = g.window("filed", gate)
	text := "sum: " + m.kind + ", "
	if where != "" {
		text += "where: {" + where + "}, "
	}
	text += dated + filed
	if g.chance("credited", 3) {
		m.per = rapid.SampledFrom([]string{"day", "week", "month"}).Draw(g.t, "per")
		credited := "per: " + m.per
		if g.chance("whole", 2) {
			m.wholeOnly = 60 * rapid.Int64Range(2, 4).Draw(g.t, "whole only")
			credited += fmt.Sprintf(", whole-only: %d min", m.wholeOnly)
		}
		if m.wholeOnly == 0 || g.chance("bounded", 2) {
			m.upTo = max(m.wholeOnly, 60) * rapid.Int64Range(1, 4).Draw(g.t, "up to")
			credited += fmt.Sprintf(", up-to: %d min", m.upTo)
		}
		text += "credited: {" + credited + "}, "
	}
	switch rapid.IntRange(0, 4).Draw(g.t, "divided") {
	case 0:
		m.inOne = "title"
		text += "in-one: title, "
	case 1, 2:
		var parts string
		m.parts, parts = g.parts(2)
		if parts != "" {
			text += "parts: {" + parts + "}, "
		}
	}
	return m, text
}

func (g *refWriter) parts(deep int) ([]refPart, string) {
	var out []refPart
	var text strings.Builder
	for _, key := range g.some("parts", "a", "b", "c") {
		p := refPart{key: key, atLeast: -1, most: -1}
		var inside []string
		bound := rapid.IntRange(1, 3).Draw(g.t, "bounded how")
		if bound&1 != 0 {
			p.most = 60 * rapid.Int64Range(3, 12).Draw(g.t, "part's most")
			inside = append(inside, fmt.Sprintf("counts-up-to: %d min", p.most))
		}
		if bound&2 != 0 {
			p.atLeast = 60 * rapid.Int64Range(1, 3).Draw(g.t, "part's least")
			inside = append(inside, fmt.Sprintf("at-least: %d min", p.atLeast))
		}
		if len(out) == 0 && g.chance("by condition", 4) {
			p.where = &refWhere{title: []string{"x"}}
			inside = append(inside, "where: {title: x}")
		}
		if deep > 1 && g.chance("deeper", 2) {
			below, words := g.parts(deep - 1)
			if p.parts = below; words != "" {
				inside = append(inside, "parts: {"+words+"}")
			}
		}
		out = append(out, p)
		fmt.Fprintf(&text, "%s: {%s}, ", key, strings.Join(inside, ", "))
	}
	return out, text.String()
}

// rule draws the test of a requirement or a child.
func (g *refWriter) rule(key string, deep int) (refRule, string) {
	r := refRule{key: key, atLeast: -1, atMost: -1}
	kinds := []string{"sum", "sum", "sum", "has", "has", "submission", "judged", "elapsed"}
	if deep > 0 {
		kinds = append(kinds, "all-of", "any-of", "at-least-of", "none-of")
	}
	r.test = rapid.SampledFrom(kinds).Draw(g.t, "test")
	switch r.test {
	case "sum":
		return g.sumRule(r)
	case "has":
		return g.hasRule(r)
	case "submission":
		r.answer = rapid.SampledFrom([]string{"filed", "accepted", "returned"}).Draw(g.t, "answer")
		return r, "submission: form, is: " + r.answer + ", "
	case "judged":
		r.answer = rapid.SampledFrom([]string{"good", "fair"}).Draw(g.t, "answer")
		return r, "judged: talk, at-least: " + r.answer + ", "
	case "elapsed":
		r.months = rapid.IntRange(1, 6).Draw(g.t, "months")
		return r, fmt.Sprintf("elapsed: {from: filed form}, at-least: %d months, ", r.months)
	}
	var text strings.Builder
	for i := range rapid.IntRange(2, 3).Draw(g.t, "children") {
		child, words := g.rule(string(rune('p'+i)), deep-1)
		r.children = append(r.children, child)
		fmt.Fprintf(&text, "\n      %s: {%s}, ", child.key, words)
	}
	if r.test == "at-least-of" {
		r.atLeast = rapid.Int64Range(1, int64(len(r.children))).Draw(g.t, "n")
		return r, fmt.Sprintf("at-least-of: {n: %d, of: {%s}}, ", r.atLeast, text.String())
	}
	return r, r.test + ": {" + text.String() + "}, "
}

func (g *refWriter) sumRule(r refRule) (refRule, string) {
	text := ""
	if names := sortedKeys(g.p.measures); len(names) > 0 && g.chance("named", 3) {
		r.measure = rapid.SampledFrom(names).Draw(g.t, "measure")
		text = "sum: " + r.measure + ", "
	} else {
		r.inline, text = g.measure(g.in != "")
	}
	bound := 60 * rapid.Int64Range(4, 40).Draw(g.t, "bound")
	if g.chance("upper", 5) {
		r.atMost = bound
		return r, text + fmt.Sprintf("at-most: %d min, ", bound)
	}
	r.atLeast = bound
	return r, text + fmt.Sprintf("at-least: %d min, ", bound)
}

func (g *refWriter) hasRule(r refRule) (refRule, string) {
	m := refMeasure{kind: rapid.SampledFrom([]string{"work", "course"}).Draw(g.t, "kind")}
	var where, dated, filed string
	m.where, where = g.where()
	m.dated, dated = g.window("dated", true)
	m.filed, filed = g.window("filed", true)
	r.inline, r.atLeast = m, 1
	if g.chance("counted", 2) {
		r.atLeast = rapid.Int64Range(1, 4).Draw(g.t, "how many")
		text := fmt.Sprintf("count: %s, at-least: %d, ", m.kind, r.atLeast)
		if where != "" {
			text += "where: {" + where + "}, "
		}
		if r.distinct = rapid.SampledFrom([]string{"", "title", "day"}).Draw(g.t, "distinct"); r.distinct != "" {
			text += "distinct: " + r.distinct + ", "
		}
		return r, text + dated + filed
	}
	text := "kind: " + m.kind + ", " + where + dated + filed
	if g.chance("of a size", 4) {
		r.quantity = 60 * rapid.Int64Range(1, 8).Draw(g.t, "size")
		text += fmt.Sprintf("at-least: %d min, ", r.quantity)
	}
	if g.chance("scored", 4) {
		r.share = 100 * rapid.Int64Range(1, 100).Draw(g.t, "share")
		text += fmt.Sprintf("share: %d %%, ", r.share/100)
	}
	return r, "has: {" + text + "}, "
}

// randomProgramme draws a programme in both forms.
func randomProgramme(t *rapid.T) (*ref, string) {
	g := &refWriter{t: t, p: ref{levels: refLevels, measures: map[string]refMeasure{}}}
	g.yaml.WriteString(refHead + "awards:\n")
	for _, key := range []string{"once", "tracked", "yearly"} {
		fmt.Fprintf(&g.yaml, "  %s: {levels: [none, some, all], %sdecided-by: {some: certifier, all: certifier}}\n", key, refAwards[key])
	}
	measures := ""
	for _, key := range []string{"first", "second"}[:rapid.IntRange(0, 2).Draw(t, "measures")] {
		m, text := g.measure(false)
		g.p.measures[key] = m
		measures += fmt.Sprintf("  %s: {%s}\n", key, text)
	}
	if measures != "" {
		g.yaml.WriteString("measures:\n" + measures)
	}
	g.yaml.WriteString("requirements:\n")
	g.fixed(refRule{key: "gate", award: "once", test: "has", atLeast: 1, inline: refMeasure{kind: "exam"}}, "has: {kind: exam}")
	g.fixed(refRule{key: "filed", award: "once", test: "submission", answer: "filed"}, "submission: form, is: filed")
	g.fixed(refRule{key: "talked", award: "once", test: "judged", answer: "fair"}, "judged: talk, at-least: fair")
	for _, key := range sortedKeys(g.p.measures) {
		g.fixed(refRule{key: "sum-" + key, award: "once", test: "sum", measure: key, atLeast: 600}, "sum: "+key+", at-least: 10 h")
	}
	for i := range rapid.IntRange(1, 5).Draw(t, "requirements") {
		g.requirement(fmt.Sprintf("r%d", i), rapid.SampledFrom([]string{"once", "tracked", "yearly"}).Draw(t, "for"))
	}
	for _, key := range []string{"tracked", "yearly"} { // nothing is for free
		g.fixed(refRule{key: "last-" + key, award: key, test: "has", atLeast: 1, inline: refMeasure{kind: "exam"}}, "has: {kind: exam}")
	}
	for _, key := range sortedKeys(refAwards) { // each level can be earned
		g.fixed(refRule{key: "top-" + key, award: key, test: "has", atLeast: 1, otherwise: "some", inline: refMeasure{kind: "medal"}}, "has: {kind: medal}")
	}
	return &g.p, g.yaml.String()
}

// fixed writes a requirement that every programme has.
func (g *refWriter) fixed(r refRule, text string) {
	r.otherwise, r.atMost = cmpOrText(r.otherwise, "none"), -1
	g.p.rules = append(g.p.rules, r)
	fmt.Fprintf(&g.yaml, "  %s: {for: %s, says: It is always asked., %s, otherwise: %s}\n", r.key, r.award, text, r.otherwise)
}

func (g *refWriter) requirement(key, award string) {
	g.in = award
	r, text := g.rule(key, 2)
	r.award, r.otherwise = award, rapid.SampledFrom([]string{"none", "some"}).Draw(g.t, "otherwise")
	text += "otherwise: " + r.otherwise
	if r.otherwise == "none" && r.atMost < 0 && r.test != "none-of" && g.chance("while open", 3) {
		r.whileOpen = "some"
		text += ", while-open: some"
	}
	if g.chance("when", 5) {
		r.when = &refRule{test: "has", atLeast: 1, atMost: -1, inline: refMeasure{kind: "course", where: refWhere{title: []string{"x"}}}}
		r.unless = g.chance("unless", 2)
		text += ", when: {has: {kind: course, title: x}"
		if r.unless {
			text += ", unless: true"
		}
		text += "}"
	}
	g.p.rules = append(g.p.rules, r)
	fmt.Fprintf(&g.yaml, "  %s: {for: %s, says: A rule., %s}\n", key, award, text)
}

// randomHistory records what happens to somebody, through the commands.
func (w *world) randomHistory(t *rapid.T) {
	one := func(label string, words ...string) string { return rapid.SampledFrom(words).Draw(t, label) }
	staff := func() Act { return w.act(StaffActor("s2"), RoleCoordinator) }
	for range rapid.IntRange(0, 30).Draw(t, "history") {
		ids := []string{"nothing"}
		for _, x := range w.standing.Evidence {
			ids = append(ids, x.ID)
		}
		var c Command
		switch rapid.IntRange(0, 12).Draw(t, "what happens") {
		case 0:
			c = SignEvidence{Act: w.act(AttesterActor("supervisor-1"), RoleSupervisor), Registration: worldRegistration, Evidence: one("signed", ids...)}
		case 1:
			c = AnswerEvidence{Act: staff(), Registration: worldRegistration, Evidence: []string{one("answered", ids...)}, Answer: one("answer", "clear", "unclear")}
		case 2:
			c = FileSubmission{Act: w.act(PersonActor(worldPerson), RoleParticipant), Registration: worldRegistration, Kind: "form"}
		case 3:
			if len(w.standing.Submissions) > 0 {
				c = AnswerSubmission{
					Act: staff(), Registration: worldRegistration, Submission: w.standing.Submissions[0].ID, Answer: one("form", "returned", "accepted"),
				}
			}
		case 4:
			c = RecordJudgement{Act: staff(), Registration: worldRegistration, Question: "talk", Answer: one("talk", "poor", "fair", "good")}
		case 5, 6:
			w.now = w.now.AddDate(0, 0, rapid.IntRange(1, 25).Draw(t, "days"))
		case 7:
			w.now = w.now.AddDate(0, rapid.IntRange(0, 7).Draw(t, "months"), 0)
		default:
			c = RecordEvidence{Act: w.act(PersonActor(worldPerson), RoleParticipant), Registration: worldRegistration, Fact: w.randomFact(t)}
		}
		if c != nil {
			_ = w.do(c)
		}
	}
}

func (w *world) randomFact(t *rapid.T) Fact {
	one := func(label string, words ...string) string { return rapid.SampledFrom(words).Draw(t, label) }
	today := DateOf(w.now)
	x := Fact{
		Kind: one("kind", "work", "work", "work", "course", "course", "exam", "medal"), Category: one("category", "", "a", "a/b", "c", "c/a", "d"), Title: one("title", "", "x", "y"),
		Outcome: one("outcome", "", "passed", "failed"), Activity: one("activity", "", "", "", "act-1", "act-2"), Track: one("track", "", "north", "south"),
		Until: today.AddDays(-rapid.IntRange(0, 40).Draw(t, "ago")),
	}
	x.From = x.Until.AddDays(-rapid.IntRange(0, 3).Draw(t, "long"))
	if x.Received = today; rapid.Bool().Draw(t, "received at once") {
		x.Received = x.Until
	}
	if rapid.Bool().Draw(t, "documented") {
		x.Documents = []string{HashOf([]byte("document"))}
	}
	if rapid.IntRange(0, 5).Draw(t, "measured") > 0 {
		n := 30 * rapid.Int64Range(1, 20).Draw(t, "half hours")
		x.Quantity, x.Unit = &n, UnitMinute
	}
	if rapid.Bool().Draw(t, "scored") {
		points, most := rapid.Int64Range(0, 40).Draw(t, "points"), int64(40)
		x.Score, x.OutOf = &points, &most
	}
	return x
}

// Programmes and histories at random come to what the reference of the language
// says.
func TestRulesMeanWhatTheReferenceSays(t *testing.T) {
	accepted, tried := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		plain, src := randomProgramme(t)
		tried++
		p, err := ReadProgramme([]byte(src))
		if err != nil {
			t.Skip("check refuses it: ", err)
		}
		accepted++
		w := newWorld(t, p)
		w.open(nil, map[string][]string{RoleSupervisor: {"supervisor-1"}})
		w.randomHistory(t)
		a := w.assess()
		for _, x := range a.Awards {
			at := refWorld{p: plain, facts: w.standing, today: string(DateOf(w.now)), track: x.Track, year: x.Period}
			earned := len(refLevels) - 1
			for _, r := range plain.rules {
				if r.award != x.Award {
					continue
				}
				i := slices.IndexFunc(a.Results, func(y Result) bool { return y.Path == r.key && y.Asking() == x.Asking() })
				verdict, number := at.verdict(r)
				require.Equal(t, verdict, a.Results[i].Verdict, "%s for %v on %s in\n%s", r.key, x.Asking(), DateOf(w.now), src)
				if left := a.Results[i].Left; number >= 0 && left != nil && verdict != NotApplicable {
					require.Equal(t, number, *left.Number, "%s for %v on %s in\n%s", r.key, x.Asking(), DateOf(w.now), src)
				}
				if c := r.cap(verdict); c != "" {
					earned = min(earned, slices.Index(refLevels, c))
				}
			}
			require.Equal(t, refLevels[earned], x.Earned, "%v in\n%s", x.Asking(), src)
		}
		years := 0
		for _, x := range a.Awards {
			if x.Award == "yearly" {
				years++
			}
		}
		require.Equal(t, w.now.Year()-2024, years, "one asking a year since the first")
	})
	t.Logf("%d of %d programmes were accepted", accepted, tried)
	require.Greater(t, accepted*3, tried, "too few random programmes are accepted to try anything")
}
