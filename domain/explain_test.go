package domain

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
)

// TestExplainAloud keeps the wording of explanations where it can be read: one
// file for each situation. After a change of wording, remove the file, write it
// anew with -write-golden, and read it aloud.
func TestExplainAloud(t *testing.T) {
	src, err := os.ReadFile("programmes/peerworks-core-essentials.yaml")
	require.NoError(t, err)
	p, err := programme.Parse(src)
	require.NoError(t, err)
	for name, tell := range situations {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, p)
			w.open(map[string][]string{RoleTrainer: {"t1"}}, map[string][]string{RoleSupervisor: {"s1"}})
			tell(w)
			got := Explain(p, w.assess(), w.facts().Entries).Text()
			got, _, _ = strings.Cut(got, "\nReadings of gaps")
			path := filepath.Join("testdata", "explain", name+".txt")
			want, err := os.ReadFile(path)
			if os.IsNotExist(err) && *writeGolden {
				require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
				require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
				want, err = []byte(got), nil
			}
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

var situations = map[string]func(*world){
	"just-registered": func(*world) {},
	"mandatory-module-missed": func(w *world) {
		w.attend("6").judge("level-1r")
	},
	"three-missed": func(w *world) {
		w.attend("3", "12", "14").judge("level-1r")
	},
	"not-ready-yet": func(w *world) {
		w.attend().judge("incomplete")
	},
	"condition-open": func(w *world) {
		w.condition()
	},
	"condition-overdue": func(w *world) {
		w.condition()
		w.now = w.now.AddDate(0, 0, 20)
	},
	"make-up-open": func(w *world) {
		w.attend("3")
		w.must(SetTask{Act: w.trainer(), Registration: worldRegistration, Kind: "make-up", Task: "m1", Session: "3"})
		w.judge("level-1r")
	},
	"granted-less": func(w *world) {
		w.attend().judge("level-1r")
		w.must(Grant{Act: w.act(StaffActor("cleo"), RoleCertifier), Registration: worldRegistration, Level: "level-1", Clause: "staff-decision", Text: "x"})
	},
	"practicum-under-way": func(w *world) { w.practicum() },
	"corrected-after-decision": func(w *world) {
		w.practicum()
		w.must(CorrectAttendance{Act: w.trainer(), Registration: worldRegistration, Session: "9", Status: Absent, Reason: "data-entry"})
	},
	"review-given": func(w *world) {
		w.practicum()
		w.must(CorrectAttendance{Act: w.trainer(), Registration: worldRegistration, Session: "9", Status: Absent, Reason: "data-entry"})
		w.must(AssignReview{Act: w.act(StaffActor("cora"), RoleCoordinator), Registration: worldRegistration, Decision: w.standing.Decisions[0].ID, Owner: AttesterActor("t1"), Due: DateOf(w.now)})
		w.day()
	},
	"suspended": func(w *world) {
		w.practicum()
		w.must(Suspend{Act: w.act(StaffActor("cleo"), RoleCertifier), Registration: worldRegistration, Text: "x"})
	},
	"revoked": func(w *world) {
		w.practicum()
		w.must(ProposeRevocation{Act: w.act(StaffActor("cleo"), RoleCertifier), Registration: worldRegistration, Text: "x"})
		id := w.standing.Proposals[len(w.standing.Proposals)-1].ID
		w.must(ApproveProposal{Act: w.act(StaffActor("cory"), RoleCertifier), Registration: worldRegistration, Proposal: id})
	},
	"withdrawn": func(w *world) {
		w.attend()
		w.must(WithdrawRegistration{Act: w.act(PersonActor(worldPerson), RoleParticipant), Registration: worldRegistration})
	},
}

func (w *world) trainer() Act { return w.act(AttesterActor("t1"), RoleTrainer) }

func (w *world) attend(except ...string) *world {
	for _, s := range w.sessions() {
		status := Present
		if slices.Contains(except, s) {
			status = Absent
		}
		w.mark(s, status)
	}
	w.day()
	return w
}

func (w *world) judge(level string) {
	w.must(RecordJudgement{Act: w.trainer(), Registration: worldRegistration, Question: "evaluation", Answer: level})
	w.day()
}

func (w *world) condition() {
	w.attend().judge("level-1")
	w.must(SetTask{Act: w.trainer(), Registration: worldRegistration, Kind: "condition", Task: "c1", Due: DateOf(w.now).AddDays(14)})
}

// practicum grants 1R and records thirty hours, with one report filed late.
func (w *world) practicum() {
	self := func() Act { return w.act(PersonActor(worldPerson), RoleParticipant) }
	supervisor := func() Act { return w.act(AttesterActor("s1"), RoleSupervisor) }
	w.attend().judge("level-1r")
	w.must(Grant{Act: w.act(StaffActor("cleo"), RoleCertifier), Registration: worldRegistration, Level: "level-1r"})
	w.must(FileSubmission{Act: self(), Registration: worldRegistration, Kind: "practicum-plan", Submission: "p1"})
	w.must(AnswerSubmission{Act: w.act(StaffActor("cora"), RoleCoordinator), Registration: worldRegistration, Submission: "p1", Answer: "approved"})
	for i := range 3 {
		w.day()
		id, minutes := fmt.Sprintf("h%d", i+1), int64(600)
		w.must(RecordEvidence{Act: self(), Registration: worldRegistration, Evidence: id, Fact: Fact{Kind: "hours", Category: "one-to-one", Quantity: &minutes, Unit: UnitMinute}})
		w.must(SignEvidence{Act: supervisor(), Registration: worldRegistration, Evidence: id})
	}
	w.must(RecordEvidence{Act: self(), Registration: worldRegistration, Evidence: "r1", Fact: Fact{Kind: "report", Number: 1}})
	w.must(RecordJudgement{Act: supervisor(), Registration: worldRegistration, Question: "interval-evaluation", Number: 1, Answer: "satisfactory"})
	w.day()
}
