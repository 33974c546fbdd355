package domain

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/certledger/certledger/domain/programme"
)

// testProgrammes are the first programme and invented ones of other trades.
func testProgrammes(t testing.TB) []*programme.Programme {
	out := []*programme.Programme{peerworks(t)}
	files, err := filepath.Glob(filepath.Join("testdata", "programmes", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		src, err := os.ReadFile(file)
		require.NoError(t, err)
		p, err := ReadProgramme(src)
		require.NoError(t, err, file)
		out = append(out, p)
	}
	return out
}

func eachProgramme(t *testing.T, do func(t *rapid.T, p *programme.Programme)) {
	for _, p := range testProgrammes(t) {
		t.Run(p.ID, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) { do(rt, p) })
		})
	}
}

// cohortRoles and ownRoles say who is assigned where, for both programmes.
func (w *world) openAll() {
	cohort := map[string][]string{}
	own := map[string][]string{}
	for _, q := range w.p.Questions {
		switch q.AskedOf {
		case RoleTrainer:
			cohort[RoleTrainer] = []string{"t1", "t2"}
		case RoleStaff:
		default:
			own[q.AskedOf] = []string{q.AskedOf + "-1"}
		}
	}
	for _, role := range w.signers() {
		own[role] = []string{role + "-1"}
	}
	w.open(cohort, own)
}

// who acts in a role: the first attester assigned in it, or staff.
func (w *world) who(role string) (Actor, string) {
	for _, a := range append(slices.Clone(w.cohort.Attesters), w.standing.Attesters...) {
		if a.Role == role {
			return AttesterActor(a.Attester), role
		}
	}
	switch role {
	case RoleStaff:
		return StaffActor("s2"), RoleCoordinator
	case RoleParticipant, "":
		return PersonActor(worldPerson), RoleParticipant
	}
	return StaffActor("s3"), role
}

// play records a random history: any fact that the programme has a word for,
// and some that it has none for, in any order.
func (w *world) play(t *rapid.T, steps int) {
	for range steps {
		w.step(t)
		if rapid.Bool().Draw(t, "next day") {
			w.day()
		}
	}
}

func (w *world) step(t *rapid.T) {
	on := SubjectOf(KindRegistration, worldRegistration)
	switch rapid.IntRange(0, 9).Draw(t, "what") {
	case 0, 1:
		if len(w.sessions()) == 0 {
			return
		}
		source := rapid.SampledFrom([]string{SourceTrainer, SourceImport, SourceSelf, SourceCorrection}).Draw(t, "source")
		session := rapid.SampledFrom(w.sessions()).Draw(t, "session")
		status := rapid.SampledFrom([]string{Present, Absent}).Draw(t, "status")
		if source == SourceCorrection {
			w.record(on, w.act(StaffActor("s1"), RoleRegistrar), &AttendanceCorrected{Session: session, Status: status, Reason: "mixed-up"})
			return
		}
		w.record(on, w.act(AttesterActor("t1"), RoleTrainer), &AttendanceMarked{Session: session, Status: status, Source: source})
	case 2:
		for _, s := range w.sessions() {
			w.mark(s, Present)
		}
	case 3, 4:
		if len(w.p.Questions) == 0 {
			return
		}
		q := rapid.SampledFrom(w.p.Questions).Draw(t, "question")
		number := int64(0)
		if q.Steps > 0 {
			number = rapid.Int64Range(1, q.Steps).Draw(t, "number")
		}
		by, role := w.who(q.AskedOf)
		if q.AskedOf == RoleTrainer {
			by = AttesterActor(rapid.SampledFrom([]string{"t1", "t2"}).Draw(t, "trainer"))
		}
		_ = w.do(RecordJudgement{
			Act: w.act(by, role), Registration: worldRegistration, Question: q.Stored(w.track(t)), Number: number, Ratings: w.ratings(t, q),
			Answer: rapid.SampledFrom(q.Answers).Draw(t, "answer"), Consensus: q.AskedOf == RoleTrainer && rapid.IntRange(0, 3).Draw(t, "joint") == 0,
		})
	case 5:
		if len(w.p.Tasks) == 0 {
			return
		}
		k := rapid.SampledFrom(w.p.Tasks).Draw(t, "task")
		id := fmt.Sprintf("k%d", len(w.standing.Tasks)+1)
		by, role := w.who(k.SetBy)
		set := SetTask{Act: w.act(by, role), Registration: worldRegistration, Task: id, Kind: k.Key}
		if k.About == "session" && len(w.sessions()) > 0 {
			set.Session = rapid.SampledFrom(w.sessions()).Draw(t, "about")
		}
		if rapid.Bool().Draw(t, "due") {
			set.Due = DateOf(w.now).AddDays(3)
		}
		_ = w.do(set)
	case 6:
		if len(w.standing.Tasks) == 0 {
			return
		}
		x := rapid.SampledFrom(w.standing.Tasks).Draw(t, "done task")
		_ = w.supply(Need{Do: rapid.SampledFrom([]string{"confirm", "fulfil"}).Draw(t, "how"), Of: x.Kind, ID: x.ID})
	case 7:
		if len(w.p.Submissions) == 0 {
			return
		}
		k := rapid.SampledFrom(w.p.Submissions).Draw(t, "submission")
		_ = w.supply(Need{Do: "file", Of: k.Key})
		if rapid.Bool().Draw(t, "answered") {
			_ = w.supply(Need{Do: "answer", Of: k.Key, Answer: rapid.SampledFrom(k.Answers).Draw(t, "word")})
		}
	default:
		w.evidenceAtRandom(t)
	}
}

// dayMinutes is how much work supply puts on one day.
const dayMinutes = 8 * 60

// supply records the fact that a distance asks for, through the commands.
func (w *world) supply(n Need) error {
	by, role := w.who(n.By)
	switch n.Do {
	case "record":
		return w.supplyRecord(n)
	case "judge":
		return w.supplyJudgement(n)
	case wait:
		w.waitFor(n)
		return nil
	case "ask":
		return w.do(SetTask{Act: w.act(by, role), Registration: worldRegistration, Task: fmt.Sprintf("n%d", w.commands), Kind: n.Of, Session: n.Session})
	case "confirm", "fulfil", "extend":
		return w.supplyTask(n)
	case "file":
		if n.From != "" {
			w.waitFor(Need{From: n.From})
		}
		by, role = w.who(RoleParticipant)
		return w.do(FileSubmission{Act: w.act(by, role), Registration: worldRegistration, Kind: n.Of, Period: n.Period})
	case "answer":
		return w.supplyAnswer(n)
	case "mark":
		by, role = w.who(RoleTrainer)
		return w.do(MarkAttendance{Act: w.act(by, role), Registration: worldRegistration, Session: n.Session, Status: Present})
	}
	return fmt.Errorf("no such need: %s", n.Do)
}

// track is one of the programme's, or none.
func (w *world) track(t *rapid.T) string {
	if len(w.p.Tracks) == 0 {
		return ""
	}
	return rapid.SampledFrom(w.p.Tracks).Draw(t, "track")
}

// ratings are of some items of a question's rubric.
func (w *world) ratings(t *rapid.T, q programme.Question) []Rating {
	x, ok := w.p.Rubric(q.Rubric)
	if !ok {
		return nil
	}
	var out []Rating
	leaves := rapid.IntRange(0, 20).Draw(t, "leaves out")
	for i, item := range x.Items(w.p.Tracks) {
		if i != leaves {
			out = append(out, Rating{Item: item, Answer: rapid.SampledFrom(x.Scale).Draw(t, "rating")})
		}
	}
	return out
}

func (w *world) supplyJudgement(n Need) error {
	by, role := w.who(n.By)
	if n.ID != "" {
		by = AttesterActor(n.ID)
	}
	c := RecordJudgement{
		Act: w.act(by, role), Registration: worldRegistration, Question: n.Of, Number: n.Number, Answer: n.Answer,
		Consensus: n.As == Consensus, Ratings: slices.Clone(n.Ratings),
	}
	for _, j := range w.standing.Judgements {
		if n.As == CoSignature && j.Question == n.Of && j.Number == n.Number {
			c.Answer = j.Answer
		}
		if j.ID != n.Keeps {
			continue
		}
		for _, r := range j.Ratings {
			if !slices.ContainsFunc(c.Ratings, func(x Rating) bool { return x.Item == r.Item }) {
				c.Ratings = append(c.Ratings, r)
			}
		}
	}
	return w.do(c)
}

// waitFor lets the time pass that a distance asks for.
func (w *world) waitFor(n Need) {
	until := n.From
	if until == "" {
		until = lengthAfter(DateOf(w.now), programme.Length{Number: *n.Quantity, Unit: n.Unit})
	}
	for DateOf(w.now) < until {
		w.day()
	}
}

func cutActor(a Actor) (kind, id string, ok bool) {
	s := Subject(a)
	return string(s.Kind()), s.ID(), true
}

func (w *world) supplyTask(n Need) error {
	id := n.ID
	if id == "" {
		id = w.standing.Tasks[len(w.standing.Tasks)-1].ID
	}
	k, _ := w.p.Task(n.Of)
	switch n.Do {
	case "confirm":
		by, role := w.who(k.ConfirmedBy)
		return w.do(ConfirmTask{Act: w.act(by, role), Registration: worldRegistration, Task: id})
	case "fulfil":
		by, role := w.who(RoleParticipant)
		return w.do(FulfilTask{Act: w.act(by, role), Registration: worldRegistration, Task: id})
	}
	by, role := w.who(k.SetBy)
	return w.do(ExtendTask{Act: w.act(by, role), Registration: worldRegistration, Task: id, Due: n.Until})
}

func (w *world) supplyAnswer(n Need) error {
	by, role := w.who(RoleStaff)
	if n.By != "" {
		by, role = w.who(n.By)
	}
	if k, ok := w.p.Submission(n.Of); ok {
		by, role = w.who(k.AnsweredBy)
		id := n.ID
		for _, s := range w.standing.Submissions {
			if n.ID == "" && s.Kind == n.Of {
				id = s.ID
			}
		}
		return w.do(AnswerSubmission{Act: w.act(by, role), Registration: worldRegistration, Submission: id, Answer: n.Answer})
	}
	id := n.ID
	for _, x := range w.standing.Evidence {
		if n.ID == "" && x.Kind == n.Of && x.Number == n.Number {
			id = x.ID
		}
	}
	return w.do(AnswerEvidence{Act: w.act(by, role), Registration: worldRegistration, Evidence: []string{id}, Answer: n.Answer})
}

func TestRequirementOrderNeverMatters(t *testing.T) {
	eachProgramme(t, func(t *rapid.T, p *programme.Programme) {
		w := newWorld(t, p)
		w.openAll()
		w.play(t, rapid.IntRange(0, 25).Draw(t, "steps"))
		a := w.assess()
		shuffled := *p
		shuffled.Requirements = rapid.Permutation(p.Requirements).Draw(t, "order")
		b := Assess(&shuffled, w.facts(), w.now)
		require.Equal(t, a.Flags, b.Flags)
		for i := range a.Awards {
			x, y := a.Awards[i], b.Awards[i]
			slices.Sort(x.Binding)
			slices.Sort(y.Binding)
			require.Equal(t, x, y)
		}
		for _, r := range a.Results {
			require.Equal(t, &r, sameResult(b.Results, r))
		}
	})
}

func TestAttendedNeverLowersAndMissedNeverRaises(t *testing.T) {
	eachProgramme(t, func(t *rapid.T, p *programme.Programme) {
		w := newWorld(t, p)
		w.openAll()
		w.play(t, rapid.IntRange(0, 25).Draw(t, "steps"))
		if len(w.sessions()) == 0 {
			return
		}
		before := w.assess()
		status := rapid.SampledFrom([]string{Present, Absent}).Draw(t, "marked")
		session := rapid.SampledFrom(w.sessions()).Draw(t, "marked session")
		w.record(SubjectOf(KindRegistration, worldRegistration), w.act(StaffActor("s1"), RoleRegistrar),
			&AttendanceCorrected{Session: session, Status: status, Reason: "mixed-up"})
		after := w.assess()
		for i, award := range p.Awards {
			was, _ := award.Rank(before.Awards[i].Earned)
			is, _ := award.Rank(after.Awards[i].Earned)
			if status == Present {
				require.GreaterOrEqual(t, is, was, "attending %s lowered %s", session, award.Key)
			} else {
				require.LessOrEqual(t, is, was, "missing %s raised %s", session, award.Key)
			}
		}
	})
}

func TestRepeatedCommandChangesNothing(t *testing.T) {
	eachProgramme(t, func(t *rapid.T, p *programme.Programme) {
		w := newWorld(t, p)
		w.openAll()
		w.play(t, rapid.IntRange(0, 20).Draw(t, "steps"))
		q := rapid.SampledFrom(p.Questions).Draw(t, "repeated question")
		number := int64(0)
		if q.Steps > 0 {
			number = 1
		}
		by, role := w.who(q.AskedOf)
		trainer, trainerRole := w.who(RoleTrainer)
		n := int64(60)
		session := append(w.sessions(), "none")[0]
		commands := []Command{
			MarkAttendance{Act: w.act(trainer, trainerRole), Registration: worldRegistration, Session: session, Status: Present},
			RecordJudgement{Act: w.act(by, role), Registration: worldRegistration, Question: q.Stored(w.track(t)), Ratings: w.ratings(t, q), Number: number, Answer: q.Answers[0]},
			RecordEvidence{
				Act: w.act(PersonActor(worldPerson), RoleParticipant), Registration: worldRegistration, Evidence: "again",
				Fact: Fact{Kind: p.Kinds()[0], Quantity: &n, Unit: UnitMinute},
			},
		}
		c := rapid.SampledFrom(commands).Draw(t, "command")
		if w.do(c) != nil {
			return
		}
		before, count := w.assess(), len(w.entries)
		_ = w.do(c)
		require.Len(t, w.entries, count, "%T recorded again", c)
		require.Equal(t, before, w.assess())
	})
}

func TestDistanceLiftsItsCap(t *testing.T) {
	eachProgramme(t, func(t *rapid.T, p *programme.Programme) {
		w := newWorld(t, p)
		w.openAll()
		w.play(t, rapid.IntRange(0, 20).Draw(t, "steps"))
		a := w.assess()
		i := rapid.IntRange(0, len(a.Results)-1).Draw(t, "requirement")
		r := a.Results[i]
		if r.Cap == "" {
			return
		}
		if len(r.Lacks.Nearest()) == 0 {
			require.NotNil(t, r.Lacks, "%s caps at %s and says neither what is lacking nor what can lift it", r.Path, r.Cap)
			require.NotEmpty(t, r.Lacks.LiftedBy, "%s caps at %s and nothing can lift it", r.Path, r.Cap)
			return
		}
		for _, n := range r.Lacks.Nearest() {
			require.NoError(t, w.supply(n), "%s: %+v", r.Path, n)
			w.day()
		}
		got := sameResult(w.assess().Results, r)
		if r.Supports != "" && got.Verdict != Met {
			a, _ := p.Award(r.Award)
			was, _ := a.Rank(r.Supports)
			is, _ := a.Rank(got.Supports)
			require.Greater(t, is, was, "%s after %v", r.Path, Lifts(r.Lacks))
			require.Equal(t, r.Lacks.OneOf[0].Gives, got.Supports)
			return
		}
		require.Equal(t, Met, got.Verdict, "%s after %v", r.Path, Lifts(r.Lacks))
		require.Empty(t, got.Cap)
	})
}

// sameResult is what the same requirement came to in the same track and period.
func sameResult(results []Result, of Result) *Result {
	i := slices.IndexFunc(results, func(r Result) bool { return r.Path == of.Path && r.Asking() == of.Asking() })
	return &results[i]
}
