package domain

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/domain/programmes"
)

// supplied are values for what no source states, so that all programmes that
// ship can be asked.
func supplied(p *programme.Programme) string {
	var out []string
	for _, path := range p.Required {
		key := path[strings.LastIndexByte(path, '/')+1:]
		value := "20"
		switch x, ok := p.Parameter(key); {
		case path == "time-zone":
			value = "America/New_York"
		case path == "valid/from":
			key, value = path, "2026-01-01"
		case ok && x.Is.Noun == "items":
			value = "1..30"
		case ok && len(x.Is.Words) > 0:
			value = "[one, two]"
		}
		out = append(out, key+": "+value)
	}
	return "{" + strings.Join(out, ", ") + "}"
}

// shipped are all programmes that come with the ledger, by their files' names.
func shipped(t testing.TB) map[string]*programme.Programme {
	out := map[string]*programme.Programme{}
	for _, file := range programmes.All() {
		p, err := ReadProgramme(file.Bytes)
		require.NoError(t, err, file.Name)
		if p.StillRequired() != "" {
			src, err := programme.Override(file.Bytes, []byte(supplied(p)), 0)
			require.NoError(t, err, file.Name)
			p, err = ReadProgramme(src)
			require.NoError(t, err, file.Name)
		}
		require.Empty(t, p.StillRequired(), file.Name)
		out[file.Name] = p
	}
	return out
}

func eachShipped(t *testing.T, do func(t *rapid.T, p *programme.Programme)) {
	all := shipped(t)
	for _, name := range sortedKeys(all) {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) { do(rt, all[name]) })
		})
	}
}

// live records a random life: facts at random and facts that are asked for, time
// that passes, and decisions on what is earned.
func (w *world) live(t *rapid.T, steps int) {
	for range steps {
		switch rapid.IntRange(0, 9).Draw(t, "life") {
		case 0, 1, 2:
			w.step(t)
		case 3, 4, 5:
			w.approach(t, rapid.IntRange(1, 4).Draw(t, "requirements"))
		case 6:
			w.approach(t, len(w.p.Requirements))
			w.grantEarned()
		case 7:
			w.grantEarned()
		case 8:
			for range rapid.IntRange(1, 40).Draw(t, "days") {
				w.day()
			}
		default:
			for range rapid.IntRange(40, 800).Draw(t, "many days") {
				w.day()
			}
		}
	}
}

// approach records what some requirements lack.
func (w *world) approach(t *rapid.T, most int) {
	for range most {
		capped := w.capped()
		if len(capped) == 0 {
			return
		}
		r := rapid.SampledFrom(capped).Draw(t, "approached")
		for _, n := range r.Lacks.Nearest() {
			if w.supply(n) != nil {
				break
			}
		}
	}
}

// capped are the results that cap their award.
func (w *world) capped() []Result {
	return slices.DeleteFunc(w.assess().Results, func(r Result) bool { return r.Cap == "" })
}

// grantEarned grants whatever somebody is ready for.
func (w *world) grantEarned() {
	w.day()
	for _, x := range w.assess().Awards {
		a, _ := w.p.Award(x.Award)
		if !x.Ready || x.Earned == a.Lowest() {
			continue
		}
		k := x.Asking()
		_ = w.do(Grant{
			Act: w.act(StaffActor("s9"), append(slices.Clone(a.DecidedBy[x.Earned]), RoleCertifier)[0]), Registration: worldRegistration,
			Award: k.Award, Track: k.Track, Period: k.Period, Level: x.Earned,
		})
	}
}

func cmpOrText(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// fork is a world that goes on by itself.
func (w *world) fork() *world {
	x := *w
	x.entries, x.standing = slices.Clone(w.entries), w.standing.Clone()
	x.attesters = nil
	for _, a := range w.attesters {
		b := *a
		b.Qualifications = slices.Clone(a.Qualifications)
		x.attesters = append(x.attesters, &b)
	}
	return &x
}

// ways are the lists of facts of which each lifts a cap, the nearest first, with
// the level that it gives where that is not the highest.
func ways(l *Lack) []Option {
	if l == nil {
		return nil
	}
	if len(l.OneOf) == 0 {
		return []Option{{Lack: *l}}
	}
	var out []Option
	for _, o := range l.OneOf {
		for _, way := range ways(&o.Lack) {
			out = append(out, Option{Path: o.Path, Gives: cmpOrText(way.Gives, o.Gives), Lack: way.Lack})
		}
	}
	return out
}

// lifted reports whether a requirement caps no more, or at a level at least as
// high as a way was to give.
func (w *world) lifted(r Result, gives string) bool {
	results := w.assess().Results
	i := slices.IndexFunc(results, func(x Result) bool { return x.Path == r.Path && x.Asking() == r.Asking() })
	if i < 0 || results[i].Cap == "" {
		return true
	}
	a, _ := w.p.Award(r.Award)
	want, known := a.Rank(gives)
	got, _ := a.Rank(results[i].Supports)
	return known && results[i].Supports != "" && got >= want
}

// What a requirement lacks is exactly what lifts its cap: recorded, it does;
// without one fact of the list, it does not. Where no fact can lift it, it says
// what can, or since when it is too late.
func TestDistancesOfAllProgrammes(t *testing.T) {
	eachShipped(t, func(t *rapid.T, p *programme.Programme) {
		w := newWorld(t, p)
		w.openAll()
		w.live(t, rapid.IntRange(0, 12).Draw(t, "steps"))
		capped := w.capped()
		if len(capped) == 0 {
			return
		}
		r := rapid.SampledFrom(capped).Draw(t, "requirement")
		for i, way := range ways(r.Lacks) {
			if len(way.Needs) == 0 {
				require.True(t, len(way.LiftedBy) > 0 || way.Closed != "", "%s caps at %s, and nothing is said of how to lift it", r.Path, r.Cap)
				continue
			}
			x := w.fork()
			if x.noRoom(t, way.Needs) {
				continue
			}
			require.True(t, x.lifted(r, way.Gives), "%s in %v on %s, after %v: %v", r.Path, r.Asking(), DateOf(w.now), Lifts(&Lack{Needs: way.Needs}), x.lackOf(r))
			if i == 0 {
				w.withoutEach(t, r, way)
			}
		}
	})
}

// noRoom records a list of facts, and reports whether the days that are left
// are too few for the time that they take.
func (w *world) noRoom(t *rapid.T, needs []Need) bool {
	for _, n := range needs {
		err := w.supply(n)
		var no *Refusal
		if errors.As(err, &no) && no.Reason == "more-than-a-day" {
			return true
		}
		require.NoError(t, err, "%+v", n)
	}
	return false
}

// lackOf is what a requirement lacks now, in words.
func (w *world) lackOf(r Result) []string { return Lifts(sameResult(w.assess().Results, r).Lacks) }

// withoutEach leaves one fact of a list out at a time. Where an application is
// still to open a window, what is on record already may turn out to be in it, so
// that less is enough; the list asks for what is enough on any day.
func (w *world) withoutEach(t *rapid.T, r Result, way Option) {
	opens := slices.ContainsFunc(way.Needs, func(n Need) bool { return n.Do == "file" || n.Do == "answer" || n.Do == "judge" })
	for left, n := range way.Needs {
		if opens && n.Do == "record" {
			continue
		}
		x := w.fork()
		for i, other := range way.Needs {
			if i != left && !(other.Do == "answer" && other.ID == "" && i == left+1) {
				_ = x.supply(other) // what hangs on the one left out may be refused
			}
		}
		if n.Do == wait && DateOf(x.now) >= n.From {
			continue // the time passed while the rest was done
		}
		require.False(t, x.lifted(r, way.Gives), "%s in %v without %v of %v", r.Path, r.Asking(), Lifts(&Lack{Needs: []Need{n}}), Lifts(&way.Lack))
	}
}

// Six hours of ethics are six of the twelve hours, and one application serves
// both requirements that wait for it.
func TestWhatServesTwiceIsAskedForOnce(t *testing.T) {
	w := newWorld(t, rules(t, `
awards: {pin: {levels: [none, pin]}}
submissions: {form: {answers: [returned, accepted], answered-by: staff}}
requirements:
  all:
    says: Twelve hours, six of them in ethics, and four face to face, since the form.
    all-of:
      hours:  {sum: training, at-least: 12 h}
      ethics: {sum: training, where: {category: ethics}, dated: {from: filed form}, at-least: 6 h}
      met:    {sum: training, where: {mode: face-to-face}, dated: {from: filed form}, at-least: 4 h}
    otherwise: none
  few:
    says: Five hours, six of them in ethics.
    all-of:
      hours:  {sum: training, at-least: 5 h}
      ethics: {sum: training, where: {category: ethics}, at-least: 6 h}
    otherwise: none
`))
	w.open(nil, nil)
	require.Equal(t, []string{
		"2 h more (training)", "form filed by the participant", "6 h more (training, ethics)", "4 h more (training, face to face)",
	}, Lifts(result(t, w, "all").Lacks))
	require.Equal(t, []string{"6 h more (training, ethics)"}, Lifts(result(t, w, "few").Lacks))
	require.NoError(t, w.supply(Need{Do: "file", Of: "form"}))
	require.Equal(t, []string{"2 h more (training)", "6 h more (training, ethics)", "4 h more (training, face to face)"}, Lifts(result(t, w, "all").Lacks))
}

// A window that ended before it began stays shut, and says so.
func TestAWindowThatNeverOpens(t *testing.T) {
	w := newWorld(t, rules(t, `
awards: {pin: {levels: [none, pin]}}
submissions: {form: {answers: [returned, accepted], answered-by: staff}}
requirements:
  walk: {says: A walk between the form and April's end., has: {kind: walk, dated: {from: filed form, until: 2026-04-30}}, otherwise: none}
`))
	w.open(nil, nil)
	require.Equal(t, "file", result(t, w, "walk").Lacks.Needs[0].Do)
	w.at("2026-05-01")
	r := result(t, w, "walk")
	require.Equal(t, NotMet, r.Verdict, "filed now, the form opens nothing any more")
	require.Equal(t, Date("2026-04-30"), r.Lacks.Closed)
	require.NoError(t, w.supply(Need{Do: "file", Of: "form"}))
	require.Equal(t, Date("2026-04-30"), result(t, w, "walk").Lacks.Closed)
}
