package domain

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// inClass is somebody of a cohort who missed so many of the first classes.
func inClass(t *testing.T, cohort string, missed int) *world {
	w := newWorld(t, peerworks(t))
	w.openAll()
	w.standing.Cohort = cohort
	for i, s := range w.sessions() {
		if i < missed {
			w.mark(s, Absent)
			continue
		}
		w.mark(s, Present)
	}
	return w
}

func (w *world) leave(e Event) *world {
	w.record(SubjectOf(KindRegistration, worldRegistration), w.act(StaffActor("s1"), RoleRegistrar), e)
	return w
}

// level is a decision days after the registration, without its record.
func (w *world) level(level string, days int) *world {
	w.now = worldStart.AddDate(0, 0, days)
	return w.leave(&DecisionRecorded{Decision: "d-" + level, Act: ActGrant, Award: "certification", Level: level})
}

func reportOf(b ReportBounds, all ...*world) ProgrammeReport {
	at := worldStart.AddDate(1, 0, 0)
	r := NewReporter(all[0].p, b, at)
	for _, w := range all {
		r.Add(ReportOn(w.facts(), at))
	}
	return r.Report()
}

func levelIn(g *ReportGroup, level string) LevelCount {
	for _, l := range g.Awards[0].Levels {
		if l.Level == level {
			return l
		}
	}
	return LevelCount{}
}

func TestAReportCountsAndNamesNobody(t *testing.T) {
	all := []*world{
		inClass(t, "spring", 0).level("level-1r", 100).level("level-1", 30), // the later decision is in force
		inClass(t, "spring", 1).level("level-1", 40),
		inClass(t, "spring", 1).level("level-1", 20),
		inClass(t, "spring", 2).level("level-1", 50),
		inClass(t, "spring", 2).level("level-1", 60),
		inClass(t, "spring", 3),
		inClass(t, "spring", 0).leave(&RegistrationWithdrawn{}),
		inClass(t, "spring", 17).leave(&RegistrationNoShow{}),
		inClass(t, "small", 0).level("level-1", 10),
		inClass(t, "small", 3),
	}
	report := reportOf(ReportBounds{}, all...)
	require.Len(t, report.Groups, 2)
	small, spring := report.Groups[0], report.Groups[1]
	require.Equal(t, ReportGroup{By: ReportByCohort, Name: "small", Begins: "2026-04-20", Registrations: 2, Small: true}, small, "a small group is only counted")
	require.Equal(t, "spring", spring.Name)
	require.Equal(t, []int{8, 1, 1}, []int{spring.Registrations, spring.Withdrawn, spring.NoShow})
	require.Equal(t, &Attendance{Held: 17, Attended: 8*17 - 26, Missed: 26}, spring.Attendance)

	one := levelIn(&spring, "level-1")
	require.Equal(t, 5, one.Granted)
	require.Equal(t, 40, *one.DaysMedian)
	require.Nil(t, levelIn(&spring, "certified").DaysMedian, "nobody has it")
	earned := 0
	for _, l := range spring.Awards[0].Levels {
		earned += l.Earned
	}
	require.Equal(t, 8, earned, "everybody has earned one level")
	require.Len(t, spring.Awards[0].Levels, len(all[0].p.Awards[0].Levels), "levels that nobody has are told as well")

	reasons := map[string]int{}
	for _, r := range spring.Reasons {
		reasons[r.Requirement] += r.Registrations
		require.NotEmpty(t, r.Says)
	}
	require.Equal(t, 2, reasons["missed-sessions"], "who missed three, and who never came")
	require.Equal(t, spring.Registrations, report.Together.Registrations, "without the small group")
	require.Equal(t, spring.Reasons, report.Together.Reasons)
	require.Len(t, report.Notes, 3)
	require.Contains(t, report.Notes[2], "One group has fewer than 5 registrations")

	raw, err := json.Marshal(report)
	require.NoError(t, err)
	for _, w := range []string{worldPerson, `"` + worldRegistration + `"`, "hmac:", "s1"} {
		require.NotContains(t, string(raw), w)
	}

	rand.New(rand.NewPCG(1, 1)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	require.Equal(t, report, reportOf(ReportBounds{}, all...), "in whichever order they are added")
}

func TestAReportTakesGroupsWhole(t *testing.T) {
	year := inClass(t, "", 0)
	year.cohort = nil
	all := []*world{inClass(t, "spring", 0), inClass(t, "autumn", 0), year}
	all[1].cohort.Sessions = nil // it begins when it was opened
	names := func(b ReportBounds) (out []string) {
		require.NoError(t, b.Check())
		for _, g := range reportOf(b, all...).Groups {
			out = append(out, g.By+" "+g.Name)
		}
		return out
	}
	require.Equal(t, []string{"year 2026", "cohort autumn", "cohort spring"}, names(ReportBounds{}))
	require.Equal(t, []string{"cohort spring"}, names(ReportBounds{Cohort: "spring"}))
	require.Equal(t, []string{"cohort autumn", "cohort spring"}, names(ReportBounds{From: "2026-01-02"}))
	require.Equal(t, []string{"year 2026"}, names(ReportBounds{Until: "2026-04-19"}))
	require.Empty(t, names(ReportBounds{Cohort: "2026"}), "a year is no cohort")
	require.Nil(t, reportOf(ReportBounds{}, all...).Together, "there is nothing to tell of small groups together")

	require.ErrorContains(t, ReportBounds{From: "soon"}.Check(), "2026-04-20")
	require.ErrorContains(t, ReportBounds{From: "2026-02-01", Until: "2026-01-01"}.Check(), "before the first")
}

func TestMedianDays(t *testing.T) {
	require.Nil(t, medianDays([]int{1, 2, 3, 4}), "four could be told apart")
	require.Equal(t, 3, *medianDays([]int{5, 1, 3, 2, 4}))
	require.Equal(t, 3, *medianDays([]int{9, 1, 3, 2, 4, 9}), "of two in the middle, their mean rounded down")
}
