package domain

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
)

// rules parses a small programme; the header is written for it.
func rules(t testing.TB, body string) *programme.Programme {
	t.Helper()
	head := "programme: small\nversion: 1\ntitle: Small\nvalid: {from: 2020-01-01}\npinned-by: registration\ntime-zone: America/Toronto\n"
	p, err := ReadProgramme([]byte(head + body))
	if all, ok := err.(programme.Errors); ok {
		t.Fatal(all.Format("small.yaml"))
	}
	require.NoError(t, err)
	return p
}

// peerWorker is RS-12 as far as it is rated: a practicum of eight items, core
// competencies, and twenty-five of the specialised ones in each track. How many
// there are is not in the source; thirty stand here.
const peerWorker = `
tracks: {named: [hiv, hcv]}
awards:
  core:  {levels: [not-yet, ready]}
  track: {levels: [not-yet, certified], each: track, needs: {core: ready}}
rubrics:
  practicum: {scale: [unsatisfactory, satisfactory, exemplary], sections: {practicum: {items: 1..8}}}
  competencies:
    scale: [not-met, making-progress, meets]
    sections: {core: {items: [listens, refers]}, specialised: {items: 1..30, each: track}}
questions:
  practicum-evaluation: {asked-of: supervisor, rubric: practicum, several: latest}
  competencies: {asked-of: supervisor, rubric: competencies, several: latest}
  board-review: {asked-of: review-board, answers: [not-yet, agreed], several: latest, each: track}
requirements:
  practicum-evaluation:
    for: core
    says: All eight items are satisfactory or better.
    kindly: Not yet. The practicum continues, and is evaluated again.
    rated: practicum-evaluation
    each-at-least: satisfactory
    signed-by: [supervisor, participant]
    otherwise: not-yet
  core-competencies:
    for: core
    says: Every core competency is met or under way.
    rated: competencies
    section: core
    each-at-least: making-progress
    otherwise: not-yet
  track-training:
    for: track
    says: Twenty-two hours of the track's training.
    sum: training
    where: {category: specialised, track: this}
    at-least: 22 h
    otherwise: not-yet
  track-competencies:
    for: track
    says: At least twenty-five of the track's competencies are met.
    rated: competencies
    section: specialised
    at-least: 25
    counting: meets
    otherwise: not-yet
  board-agrees:
    for: track
    says: The review board agrees.
    judged: board-review
    at-least: agreed
    otherwise: not-yet
`

// rate answers a question with ratings, as the programme asks it.
func (w *world) rate(question string, by Actor, role string, ratings []Rating) error {
	return w.do(RecordJudgement{Act: w.act(by, role), Registration: worldRegistration, Question: question, Answer: programme.RatedAnswer, Ratings: ratings})
}

func run(section string, n int, answer string) []Rating {
	var out []Rating
	for i := range n {
		out = append(out, Rating{Item: fmt.Sprintf("%s/%d", section, i+1), Answer: answer})
	}
	return out
}

func peerWorkerWorld(t *testing.T) *world {
	w := newWorld(t, rules(t, peerWorker))
	w.open(nil, map[string][]string{RoleSupervisor: {"sup"}})
	return w
}

const sup = Actor("attester/sup")

func (w *world) mustRate(question string, ratings ...Rating) {
	w.t.Helper()
	require.NoError(w.t, w.rate(question, sup, RoleSupervisor, ratings))
	w.day()
}

func (w *world) sign(question string) error {
	return w.rate(question, PersonActor(worldPerson), RoleParticipant, nil)
}

func result(t *testing.T, w *world, path string) Result {
	t.Helper()
	r := resultAt(w.assess().Results, path)
	require.NotNil(t, r, path)
	return *r
}

// RS-12: one practicum item "unsatisfactory" is not yet.
func TestOneUnsatisfactoryItemIsNotYet(t *testing.T) {
	w := peerWorkerWorld(t)
	r := result(t, w, "practicum-evaluation")
	require.Equal(t, Open, r.Verdict)
	require.Equal(t, "not rated yet", Found(r))

	ratings := run("practicum", 8, "satisfactory")
	ratings[2].Answer = "unsatisfactory"
	w.mustRate("practicum-evaluation", ratings...)
	r = result(t, w, "practicum-evaluation")
	require.Equal(t, NotMet, r.Verdict)
	require.Equal(t, "not-yet", r.Cap)
	require.Equal(t, "Not yet. The practicum continues, and is evaluated again.", r.Kindly)
	require.Equal(t, []Rating{{"practicum/3", "unsatisfactory"}}, r.Short)
	require.Equal(t, "7 of 8 items rated satisfactory or higher; 3 (unsatisfactory)", Found(r))
	require.Equal(t, []string{
		"practicum evaluation by the supervisor: item 3 satisfactory or higher", "practicum evaluation signed by the participant",
	}, Lifts(r.Lacks))
	require.Equal(t, w.standing.Judgements[0].ID, r.Lacks.Needs[0].Keeps)

	ratings[2].Answer = "exemplary"
	w.mustRate("practicum-evaluation", ratings[:7]...)
	r = result(t, w, "practicum-evaluation")
	require.Equal(t, Open, r.Verdict, "an item that is not rated yet could go either way")
	require.Equal(t, []Rating{{"practicum/8", ""}}, r.Short)

	w.mustRate("practicum-evaluation", ratings...)
	r = result(t, w, "practicum-evaluation")
	require.Equal(t, Open, r.Verdict, "the participant has not signed")
	require.Equal(t, []string{"practicum evaluation signed by the participant"}, Lifts(r.Lacks))
}

// RS-12: both sign; the worker's comment stands with the signature.
func TestBothSignARating(t *testing.T) {
	w := peerWorkerWorld(t)
	participant := w.act(PersonActor(worldPerson), RoleParticipant)
	refused(t, w.sign("practicum-evaluation"), "nothing-to-sign")

	ratings := run("practicum", 8, "satisfactory")
	w.mustRate("practicum-evaluation", ratings...)
	other := run("practicum", 8, "exemplary")
	refused(t, w.do(RecordJudgement{Act: participant, Registration: worldRegistration, Question: "practicum-evaluation", Answer: "rated", Ratings: other}), "judgement-differs")
	refused(t, w.do(RecordJudgement{Act: participant, Registration: worldRegistration, Question: "competencies", Answer: "rated"}), "person-concerned")
	require.NoError(t, w.sign("practicum-evaluation"))

	j := w.standing.Judgements[1]
	require.Equal(t, []Actor{sup, PersonActor(worldPerson)}, j.Signers)
	require.Equal(t, ratings, j.Ratings)
	require.Equal(t, w.standing.Judgements[0].ID, j.Supersedes)
	r := result(t, w, "practicum-evaluation")
	require.Equal(t, Met, r.Verdict)
	require.Equal(t, []uint64{w.standing.Judgements[0].Made.Sequence, j.Made.Sequence}, r.Evidence)
	require.Equal(t, "practicum evaluation signed", Tell(w.entries[len(w.entries)-1].Event))

	n := len(w.entries)
	require.NoError(t, w.sign("practicum-evaluation"))
	require.NoError(t, w.rate("practicum-evaluation", sup, RoleSupervisor, ratings))
	require.Len(t, w.entries, n, "signing and judging alike once more say nothing new")

	w.mustRate("practicum-evaluation", other...)
	require.Equal(t, Open, result(t, w, "practicum-evaluation").Verdict, "what is judged anew is signed anew")
}

// RS-12: 24 of 25 is not yet; the second track needs its own hours and
// competencies only.
func TestEachTrackHasItsOwnCompetencies(t *testing.T) {
	w := peerWorkerWorld(t)
	w.mustRate("practicum-evaluation", run("practicum", 8, "satisfactory")...)
	require.NoError(t, w.sign("practicum-evaluation"))
	core := []Rating{{"core/listens", "meets"}, {"core/refers", "making-progress"}}
	hiv := append(run("specialised/hiv", 24, "meets"), Rating{"specialised/hiv/25", "making-progress"})
	w.mustRate("competencies", append(core, hiv...)...)
	hours := int64(22 * 60)
	train := Need{Do: "record", Of: "training", Category: "specialised", Track: "hiv", Quantity: &hours, Unit: UnitMinute}
	require.NoError(t, w.supply(train))
	w.day()
	board := StaffActor("board")
	require.NoError(t, w.do(RecordJudgement{Act: w.act(board, "review-board"), Registration: worldRegistration, Question: "board-review/hiv", Answer: "agreed"}))

	r := inTrack(w.assess(), "track-competencies", "hiv")
	require.Equal(t, Open, r.Verdict, "five items are not rated")
	require.Equal(t, "24 of 25 items rated meets or higher", Found(r))
	require.Equal(t, []string{"competencies by the supervisor: item 26 meets or higher"}, Lifts(r.Lacks))
	for i := 26; i <= 30; i++ {
		hiv = append(hiv, Rating{fmt.Sprintf("specialised/hiv/%d", i), "not-met"})
	}
	w.mustRate("competencies", append(core, hiv...)...)
	require.Equal(t, NotMet, inTrack(w.assess(), "track-competencies", "hiv").Verdict)
	require.Equal(t, "not-yet", earnedIn(w.assess(), "track", "hiv"))

	hiv[24].Answer = "meets"
	w.mustRate("competencies", append(core, hiv...)...)
	require.Equal(t, "certified", earnedIn(w.assess(), "track", "hiv"))

	var lacks []string
	for _, path := range []string{"track-training", "track-competencies", "board-agrees"} {
		lacks = append(lacks, Lifts(inTrack(w.assess(), path, "hcv").Lacks)...)
	}
	require.Equal(t, []string{
		"22 h more (training, specialised, hcv)",
		"competencies by the supervisor: 25 items meets or higher",
		"board review for hcv by the review board: agreed or higher",
	}, lacks)
	require.Equal(t, "not-yet", earnedIn(w.assess(), "track", "hcv"))
}

func inTrack(a Assessment, path, track string) Result {
	for _, r := range a.Results {
		if r.Path == path && r.Track == track {
			return r
		}
	}
	return Result{}
}

func earnedIn(a Assessment, award, track string) string {
	for _, w := range a.Awards {
		if w.Award == award && w.Track == track {
			return w.Earned
		}
	}
	return ""
}

func refused(t *testing.T, err error, reason string) {
	t.Helper()
	var r *Refusal
	require.ErrorAs(t, err, &r)
	require.Equal(t, reason, r.Reason)
	reasonsSeen[r.Reason] = true
}

// ratingStory is told with the others, for the refusals that it meets.
func ratingStory(t *testing.T) {
	t.Run("signed by both", TestBothSignARating)
	t.Run("checked", TestRatingsAreChecked)
}

func TestRatingsAreChecked(t *testing.T) {
	w := peerWorkerWorld(t)
	record := func(question, rubric string, ratings ...Rating) error {
		return w.do(RecordJudgement{Act: w.act(sup, RoleSupervisor), Registration: worldRegistration, Question: question, Rubric: rubric, Ratings: ratings})
	}
	for _, x := range []struct {
		err    error
		reason string
		says   string
	}{
		{record("practicum-evaluation", "competencies"), "unknown-rubric", "practicum"},
		{record("practicum-evaluation", "", Rating{"practicum/9", "satisfactory"}), "unknown-item", "practicum/7 or practicum/8"},
		{record("practicum-evaluation", "", Rating{"practicum/1", "meets"}), "unknown-rating", "unsatisfactory, satisfactory or exemplary"},
		{record("competencies", "", Rating{"specialised/1", "meets"}), "unknown-item", "specialised/hcv/1 … specialised/hcv/30"},
		{record("competencies", "", Rating{"core/listens", "meets"}, Rating{"core/listens", "meets"}), "rated-twice", ""},
		{record("board-review", ""), "unknown-question", "board-review/hiv or board-review/hcv"},
		{record("board-review/tb", ""), "unknown-question", "board-review/hiv or board-review/hcv"},
		{record("competencies/hiv", ""), "unknown-question", "competencies, board-review/hiv or board-review/hcv"},
	} {
		refused(t, x.err, x.reason)
		require.Contains(t, x.err.Error(), x.says)
	}
	require.NoError(t, record("practicum-evaluation", "", run("practicum", 8, "satisfactory")...))
	require.Equal(t, "rated", w.standing.Judgements[0].Answer, "a question with nothing but a rubric has one answer")
	require.Equal(t, "practicum", w.standing.Judgements[0].Rubric)
}

// Of several judgements the lowest, or the highest, rating of each item counts,
// until there is a joint one.
func TestSeveralRatings(t *testing.T) {
	for several, want := range map[string]map[string]Verdict{
		"lowest":  {"a": NotMet, "b": Open, "c": Met},
		"highest": {"a": Met, "b": Met, "c": Met},
	} {
		w := newWorld(t, rules(t, `
awards: {pin: {levels: [none, pin]}}
rubrics: {talk: {scale: [poor, fair, good], sections: {a: {items: [x]}, b: {items: [x]}, c: {items: [x]}}}}
questions: {talk: {asked-of: trainer, rubric: talk, several: `+several+`}}
requirements:
  a: {says: A is fair., rated: talk, section: a, each-at-least: fair, otherwise: none}
  b: {says: B is fair., rated: talk, section: b, each-at-least: fair, otherwise: none}
  c: {says: C is fair., rated: talk, section: c, each-at-least: fair, otherwise: none}
`))
		w.open(map[string][]string{RoleTrainer: {"t1", "t2"}}, nil)
		require.NoError(t, w.rate("talk", "attester/t1", RoleTrainer, []Rating{{"a/x", "good"}, {"b/x", "good"}, {"c/x", "good"}}))
		waiting := result(t, w, "c")
		require.Equal(t, Open, waiting.Verdict)
		require.Equal(t, "t2", waiting.Lacks.Needs[0].ID)
		require.NoError(t, w.rate("talk", "attester/t2", RoleTrainer, []Rating{{"a/x", "poor"}, {"c/x", "fair"}}))
		w.day()
		for path, verdict := range want {
			r := result(t, w, path)
			require.Equal(t, verdict, r.Verdict, "%s %s", several, path)
			if verdict == Met {
				continue
			}
			require.Equal(t, Consensus, r.Lacks.Needs[0].As)
			require.Contains(t, r.Lacks.Needs[0].Ratings, Rating{path + "/x", "fair"})
		}
	}
}
