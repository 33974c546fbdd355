package cases

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/domain/programmes"
)

func peerworks(t testing.TB) *programme.Programme {
	t.Helper()
	src, ok := programmes.Get("peerworks-core-essentials")
	require.True(t, ok)
	p, err := programme.Parse(src)
	require.NoError(t, err)
	return p
}

func toronto(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("America/Toronto")
	require.NoError(t, err)
	return zone
}

// runAll runs whatever of a case file can be read.
func runAll(r *runner, src []byte) ([]Outcome, programme.Errors) {
	cases, mistakes := readCases(src, r.p, nil)
	var out []Outcome
	for i := range cases {
		if mistakes == nil {
			out = append(out, r.outcome(&cases[i]))
		}
	}
	return out, mistakes
}

func newRunner(t testing.TB) *runner {
	t.Helper()
	p, zone := peerworks(t), toronto(t)
	on, err := begun(p, zone)
	require.NoError(t, err)
	return &runner{p: p, zones: time.LoadLocation, zone: zone, ledger: on}
}

// TestNeverPanics reads a file cut off and changed in many places, and runs what is left of it.
func TestNeverPanics(t *testing.T) {
	r := newRunner(t)
	src, err := os.ReadFile("testdata/broken.yaml")
	require.NoError(t, err)
	_, mistakes := runAll(r, src)
	require.Nil(t, mistakes)
	for i := 0; i < len(src); i += 29 {
		_, _ = runAll(r, src[:i])
		for _, with := range []string{"", "{", "\n", "9999999999999999999999"} {
			_, _ = runAll(r, slices.Concat(src[:i], []byte(with), src[i+1:]))
		}
	}
}

func FuzzRun(f *testing.F) {
	r := newRunner(f)
	src, err := os.ReadFile("testdata/broken.yaml")
	require.NoError(f, err)
	f.Add(src)
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) < 4096 {
			_, _ = runAll(r, src)
		}
	})
}

// TestEveryWordOfTheGuide holds the table of shorthand against the guide: every verb in its
// tables can be said, with every argument named there.
func TestEveryWordOfTheGuide(t *testing.T) {
	guide, err := os.ReadFile("../testdata/cases/README.md")
	require.NoError(t, err)
	table := tableFor(&programme.Programme{})
	said := 0
	code := regexp.MustCompile("`([^`]+)`")
	inSteps := false
	for line := range strings.Lines(string(guide)) {
		if strings.HasPrefix(line, "| verb") {
			inSteps = true
		} else if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "| key") {
			inSteps = false
		}
		cells := strings.Split(line, "|")
		if !inSteps || len(cells) < 4 || !strings.Contains(cells[1], "`") {
			continue
		}
		names := code.FindAllStringSubmatch(cells[1], -1)
		for _, name := range names {
			w, v, ok := table.find(name[1])
			require.True(t, ok, "the guide's verb %s", name[1])
			said++
			if len(names) > 1 {
				continue // the arguments are of one or another
			}
			for _, arg := range code.FindAllStringSubmatch(regexp.MustCompile(`\([^)]*\)`).ReplaceAllString(cells[2], ""), -1) {
				own, _, _ := strings.Cut(arg[1], ":")
				require.NotEmpty(t, w.gives(v, own), "%s: the guide's argument %s; it has %v", name[1], own, w.arguments(v))
			}
		}
	}
	require.Greater(t, said, 60)
}

// TestShorthandIsSound checks that each word gives arguments that its verb has.
func TestShorthandIsSound(t *testing.T) {
	table := tableFor(&programme.Programme{})
	for _, name := range sortedKeys(table.words) {
		w := table.words[name]
		v := table.verbs[w.verb]
		for _, list := range []map[string]string{w.takes, w.each} {
			for _, own := range sortedKeys(list) {
				require.Contains(t, v.takes, list[own], "%s takes %s", name, own)
			}
		}
		for _, list := range []map[string]string{w.says, w.otherwise} {
			for _, arg := range sortedKeys(list) {
				require.Contains(t, v.takes, arg, "%s says %s", name, arg)
				require.Empty(t, v.takes[arg].check(&node{kind: wordNode, text: list[arg]}), "%s says %s", name, arg)
			}
		}
		for _, own := range sortedKeys(w.reads) {
			require.NotEmpty(t, w.gives(v, own), "%s reads %s", name, own)
		}
	}
}

// TestNoProgrammesWordInGo looks for the words of the shipped programme in the string literals of
// this package.
func TestNoProgrammesWordInGo(t *testing.T) {
	p := peerworks(t)
	words := map[string]bool{}
	for _, a := range p.Awards {
		for _, l := range a.Levels {
			words[l] = true
		}
		for _, d := range a.Denials {
			words[d.Key] = true
		}
	}
	for _, q := range p.Questions {
		words[q.Key] = true
	}
	for _, x := range p.Submissions {
		words[x.Key] = true
	}
	for _, x := range p.Tasks {
		words[x.Key] = true
	}
	for _, x := range p.Measures {
		words[x.Key] = true
	}
	for _, x := range p.Parameters {
		words[x.Key] = true
	}
	for _, k := range p.Kinds() {
		words[k] = true
	}
	p.EachRequirement(func(q programme.Requirement) bool { words[q.Key] = true; return true })
	delete(words, "no-show") // a generic verb
	delete(words, "hours")   // a unit
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text, err := strconv.Unquote(lit.Value)
				require.NoError(t, err)
				require.False(t, words[text], "%s says %q", f.Name(), text)
			}
			return true
		})
	}
}

// tellOne tells a history on PeerWorks and gives the story for a closer look.
func tellOne(t *testing.T, history string) *story {
	t.Helper()
	r := newRunner(t)
	cases, mistakes := readCases([]byte("programme: "+r.p.ID+"\ncases:\n- id: T1\n  title: T\n  history:\n"+history+"  expect: {decisions: 0}\n"), r.p, nil)
	require.Empty(t, mistakes)
	s := newStory(&cases[0], r.p, r.zone)
	require.NoError(t, s.tell(r.ledger))
	return s
}

// TestLedgerOfACase: what a case records is a ledger like any other. Versions and hashes chain,
// recorded time never goes back, and a second telling gives the same bytes.
func TestLedgerOfACase(t *testing.T) {
	history := `    - register
    - attend
    - evaluate: {level: level-1}
      recorded-after-days: 9
    - evaluate: {level: level-1r, by: trainer-2}
    - decide: {level: certified}
`
	s := tellOne(t, history)
	versions, hashes := map[domain.Subject]uint64{}, map[domain.Subject]string{}
	var recorded time.Time
	ids := map[string]bool{}
	for i, payload := range s.ledger.stored {
		e, err := domain.Decode(uint64(i+1), payload)
		require.NoError(t, err)
		require.Equal(t, versions[e.Subject]+1, e.Version)
		require.Equal(t, hashes[e.Subject], e.Previous)
		require.False(t, e.Recorded.Before(recorded), "recorded time goes back at entry %d", i+1)
		require.False(t, ids[e.ID], "the id %s is there twice", e.ID)
		versions[e.Subject], hashes[e.Subject], recorded, ids[e.ID] = e.Version, e.Hash, e.Recorded, true
	}
	require.Equal(t, s.ledger.stored, tellOne(t, history).ledger.stored)
}

func day(t time.Time) string { return t.Format("2006-01-02 15:04 -0700") }

// TestTimes: nine o'clock each morning in the programme's zone, also across the change of the
// clocks, and recorded when the case says so.
func TestTimes(t *testing.T) {
	s := tellOne(t, `    - register
    - attend
    - query: {}
      on: 2026-03-07
    - query
    - evaluate: {level: level-1r}
      after-days: 0
    - evaluate: {level: level-1}
      recorded-after-days: 3
    - query
`)
	x := s.ledger.registrations[s.registration]
	require.Equal(t, "2026-01-01 09:00 -0500", day(x.Submitted.Time))
	require.Equal(t, "2026-01-02 09:00 -0500", day(x.Marks[0].Made.Time))
	require.Equal(t, "2026-03-08 09:00 -0400", day(x.Judgements[0].Made.Time))
	require.Equal(t, "2026-03-09 09:00 -0400", day(x.Judgements[1].Made.Time))
	require.Equal(t, "2026-03-12 13:00 +0000", day(x.Judgements[1].Made.Recorded))
	require.Equal(t, "2026-03-10 13:00 +0000", day(s.told[len(s.told)-2].recorded.UTC()))
}

// TestClasses: all sessions lie within the 24 hours after the first step and last as long as the
// programme says; one that is cancelled or moved is still to come at that step.
func TestClasses(t *testing.T) {
	s := tellOne(t, `    - register
    - attend
    - cancel-session: {session: 11}
    - reschedule-session: {session: 11}
    - attend: {sessions: [11]}
    - live-equivalent: {session: 3, cohort: evening}
`)
	for _, cohort := range []string{s.home(), "evening"} {
		c := s.ledger.cohorts[cohort]
		require.Len(t, c.Sessions, 17)
		require.Equal(t, []string{"trainer-1"}, c.InRole(domain.RoleTrainer, "2026-01-01"))
		for _, x := range c.Sessions {
			require.Equal(t, 2*time.Hour, x.Ends.Sub(x.Starts))
			if cohort == s.home() && x.ID == "11" {
				require.Equal(t, "2026-01-04 10:00 -0500", day(x.Starts))
				continue
			}
			require.True(t, x.Starts.After(s.begins) && x.Ends.Before(s.begins.Add(24*time.Hour)), "%s %s", x.ID, day(x.Starts))
		}
	}
}

func TestAmounts(t *testing.T) {
	for text, want := range map[string]int64{"600": 600, "10 h": 600, "24.9 h": 1494, "90 min": 90, "2 credits": 200, "0.5 credits": 50, "2 years": 24, "3 weeks": 21, "51 %": 5100, "50.99 %": 5099, "1000 words": 1000} {
		got, _, ok := readAmount(text)
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "h", "10h", "-1", "1.", "0.333 credits", "1e3", "3 moons", "1.23456 h", "99999999999", "007"} {
		_, _, ok := readAmount(text)
		require.False(t, ok, text)
	}
}
