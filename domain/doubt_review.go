package domain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/certledger/certledger/domain/programme"
)

// Review is that a decision in force has to be looked at again: why, by whom
// and by when. Until somebody decides anew, or lets it stand, the decision
// holds as it is. It names no personal value.
type Review struct {
	Decision string   `json:"decision"`
	Act      string   `json:"act"`
	Award    string   `json:"award"`
	Level    string   `json:"level,omitempty"`
	Causes   []Cause  `json:"causes"`             // in the order of the ledger
	Since    Date     `json:"since"`              // of the first cause
	Owner    Actor    `json:"owner,omitempty"`    // whom it was given to, otherwise who decided, where they still may
	Assigned bool     `json:"assigned,omitempty"` // it was given to the owner
	Roles    []string `json:"roles"`              // that may decide on it, sorted
	Due      Date     `json:"due"`
	Overdue  bool     `json:"overdue,omitempty"`
	Notice   string   `json:"notice"` // a sentence to pass on
}

// reviews are the decisions in force that are in doubt.
func (v *view) reviews(a Assessment) []Review {
	var out []Review
	for i := range v.s.Decisions {
		d := &v.s.Decisions[i]
		award, known := v.p.Award(d.Award)
		if !known || d.Act == ActRevoke || !v.knows(d.Made) || v.replaced(i) {
			continue
		}
		if open := v.openCauses(d, a); len(open) > 0 {
			out = append(out, v.review(d, award, open))
		}
	}
	return out
}

func (v *view) review(d *Decision, award programme.Award, causes []Cause) Review {
	out := Review{Decision: d.ID, Act: d.Act, Award: d.Award, Level: d.Level, Causes: causes, Since: causes[0].Since}
	for _, c := range causes {
		out.Since = min(out.Since, c.Since)
	}
	at := desk{Act: Act{At: v.at, By: d.Made.Actor, Role: d.Made.Role}, f: v.f, s: v.s, award: award}
	out.Roles = at.reviewers(d)
	out.Due = out.Since.AddDays(int(award.ReviewDays))
	switch x, ok := v.assigned(d.ID, causes); {
	case ok:
		out.Owner, out.Assigned, out.Due = x.Owner, true, x.Due
	case at.mayReview(d) == nil && !v.lapsed(d.Made.Actor.attester()):
		out.Owner = d.Made.Actor
	}
	out.Overdue = v.today > out.Due
	out.Notice = noticeOf(causes, out.Due)
	return out
}

// assigned is whom the review was given to. What was given for a review that
// has been closed since does not hold for the next one.
func (v *view) assigned(decision string, causes []Cause) (ReviewOwner, bool) {
	closed := uint64(0)
	for _, x := range v.s.ClosedReviews {
		if x.Decision == decision && v.holds(x.Made) {
			closed = x.Made.Sequence
		}
	}
	for _, x := range slices.Backward(v.s.ReviewOwners) {
		if x.Decision != decision || !v.holds(x.Made) {
			continue
		}
		return x, x.Made.Sequence > closed || causes[0].Made.Sequence < closed
	}
	return ReviewOwner{}, false
}

// lapsed reports whether an attester lost a qualification or an approval and
// has not got it back.
func (v *view) lapsed(attester string) bool {
	for _, who := range v.f.Attesters {
		if who.ID == attester && slices.ContainsFunc(who.Endings, func(e EarlyEnd) bool { return v.today > e.Until && !who.holds(e.Code, v.today) }) {
			return true
		}
	}
	return false
}

// reviewers are the roles that may look at a decision again, sorted: those that
// would take it.
func (d desk) reviewers(x *Decision) []string {
	roles := d.decidersOf(x.Level)
	if x.Act == ActSuspend || x.Act == ActReinstate {
		roles = d.guardians()
	}
	if len(roles) == 0 {
		return []string{RoleStaff} // the programme leaves it to the body
	}
	return slices.Compact(slices.Sorted(slices.Values(roles)))
}

// mayReview refuses who could not take the decision today. To let it stand is
// to decide it once more, so what keeps somebody from deciding keeps them from
// this, also where the decision was their own: most of all the programme's word
// on trainers and supervisors, who may have become so since.
func (d desk) mayReview(x *Decision) error {
	if err := firstError(d.f.notConcerned(d.Act), d.mayDecide(d.reviewers(x))); err != nil {
		return err
	}
	_, err := d.conflict(x.Level)
	return err
}

// noticeOf says kindly what happened and what is asked.
func noticeOf(causes []Cause, due Date) string {
	first := causes[0]
	more := ""
	switch n := len(causes) - 1; {
	case n == 1:
		more = " One more change came since."
	case n > 1:
		more = fmt.Sprintf(" %d more changes came since.", n)
	}
	return strings.Replace(first.words(), "DAY", string(first.Since), 1) + more +
		fmt.Sprintf(" The decision stands until somebody decides anew; please look at it by %s.", due)
}

// words says a cause, with a place for its day.
func (c Cause) words() string {
	if c.Because == "attendance.marked.v1" && c.Fact == 0 {
		return "A mark that this decision did not know was recorded on DAY."
	}
	if says, ok := causeWords[c.Because]; ok {
		return says
	}
	return "Something that this decision rested on changed on DAY."
}

var causeWords = map[string]string{
	"attendance.marked.v1":        "A mark that this decision rested on was contradicted on DAY.",
	"attendance.corrected.v1":     "A mark that this decision rested on was corrected on DAY.",
	"live-equivalent.approved.v1": "A class that this decision rested on was found to be attended elsewhere on DAY.",
	"evidence.recorded.v1":        "Evidence that this decision did not know was recorded on DAY.",
	"evidence.corrected.v1":       "Evidence that this decision rested on was corrected on DAY.",
	"evidence.voided.v1":          "Evidence that this decision rested on was taken out on DAY.",
	"evidence.disputed.v1":        "Evidence that this decision rested on was contested on DAY.",
	"evidence.answered.v1":        "Evidence was answered on DAY, and the facts now support less than was granted.",
	"judgement.recorded.v1":       "A judgement that this decision did not know was recorded on DAY.",
	"submission.answered.v1":      "A submission was answered on DAY, and the facts now support less than was granted.",
	"submission.withdrawn.v1":     "A submission that this decision rested on was withdrawn on DAY.",
	"task.set.v1":                 "A task was set on DAY, and the facts now support less than was granted.",
	"task.cancelled.v1":           "A task that this decision rested on was taken back on DAY.",
	"waiver.ended.v1":             "A waiver that this decision rested on was ended on DAY.",
	"waiver.granted.v1":           "A waiver that this decision rested on has run out, and since DAY the facts support less than was granted.",
	"session.scheduled.v1":        "A session was added on DAY to the timetable that this decision rested on.",
	"session.rescheduled.v1":      "A session of the timetable that this decision rested on was moved on DAY.",
	"session.cancelled.v1":        "A session of the timetable that this decision rested on was cancelled on DAY.",
	"registration.transferred.v1": "The registration that this decision is about was moved to another cohort on DAY.",
	"attester.ended.v1":           "It was recorded on DAY that somebody whose word this decision rested on was no longer qualified or approved.",
	"attester.released.v1":        "It was recorded on DAY that somebody whose word this decision rested on was no longer assigned.",
	"attester.assigned.v1":        "Somebody was assigned on DAY for a time that this decision rested on.",
	"decision.recorded.v1":        "The facts support less than this decision of DAY granted.",
}
