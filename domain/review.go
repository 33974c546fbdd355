package domain

import (
	"fmt"
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// result evaluates one requirement or a named child of one.
func (v *view) result(r *programme.Requirement) Result {
	res := Result{Path: r.Path, Says: r.Says, Source: r.Source, Assumes: r.Assumes}
	outside := v.path
	v.path = r.Path
	defer func() { v.path = outside }()
	if !v.applies(r.When) {
		res.Test, res.Verdict = "when", NotApplicable
		return res
	}
	if w, ok := v.waivedWhole(r); ok {
		res.Test, res.Verdict, res.Evidence = "waived", Met, []uint64{w.Made.Sequence}
		return res
	}
	switch t := r.Test.(type) {
	case programme.Missed:
		v.missedResult(r, t, &res)
	case programme.Sum:
		v.sumResult(t, &res)
	case programme.Has:
		v.hasResult(t, &res)
	case programme.Elapsed:
		v.elapsedResult(t, &res)
	case programme.Reaches:
		v.reachesResult(r, t, &res)
	case programme.Judged:
		v.judgedResult(t, &res)
	case programme.Rated:
		v.ratedResult(t, &res)
	case programme.TasksDone:
		v.tasksResult(t, &res)
	case programme.Submitted:
		v.submittedResult(t, &res)
	case programme.AtEach:
		v.atEachResult(r, t, &res)
	case programme.Combined:
		v.combinedResult(t, &res)
	case programme.RegistrationIs:
		v.registrationResult(t, &res)
	default:
		panic(fmt.Sprintf("domain: test %T has no evaluation", t))
	}
	if why := v.whenEvidence(r.When); len(why) > 0 {
		res.Evidence = slices.Concat(res.Evidence, why)
	}
	slices.Sort(res.Evidence)
	res.Evidence = slices.Compact(res.Evidence)
	if res.Verdict == Met {
		res.Lacks = nil
	}
	return res
}

// applies reports whether the condition holds under which a requirement applies.
func (v *view) applies(w *programme.When) bool {
	return w == nil || v.holdsWhen(w) != w.Unless
}

func (v *view) holdsWhen(w *programme.When) bool {
	switch {
	case w.Parameter != "":
		return w.Holds
	case w.Track != "":
		return v.track == w.Track
	case w.Has != nil:
		var res Result
		v.hasResult(*w.Has, &res)
		return res.Verdict == Met
	}
	for _, x := range v.filings(w.Filed) {
		return place(v.window(w.Received), x.Received, x.Received) == ""
	}
	return false
}

// whenEvidence are the facts that make a requirement apply.
func (v *view) whenEvidence(w *programme.When) []uint64 {
	if w == nil || w.Has == nil {
		return nil
	}
	var res Result
	v.hasResult(*w.Has, &res)
	return res.Evidence
}

func (v *view) waivedWhole(r *programme.Requirement) (Waiver, bool) {
	if r.Waivable != "whole" {
		return Waiver{}, false
	}
	return v.waived(r.Path, "")
}

func (v *view) registrationResult(t programme.RegistrationIs, res *Result) {
	state := v.state()
	res.Test, res.Left, res.Right = "registration", wordAmount(state), wordAmount(t.State)
	switch {
	case state == t.State:
		res.Verdict = Met
		if v.s.StateSince != nil {
			res.Evidence, res.MetOn = []uint64{v.s.StateSince.Sequence}, v.s.StateSince.Day()
		}
	case state != StateRegistered || t.State == StateNoShow && v.attendedAny():
		res.Verdict = NotMet
	default:
		res.Verdict = Open
	}
}

func (v *view) attendedAny() bool {
	return slices.ContainsFunc(v.classes, func(c ClassResult) bool { return c.Result == ClassAttended })
}

// judgedState is where a question stands: the answer that counts, from which
// judgements, and who has still to answer.
type judgedState struct {
	answer  string
	ok      bool
	counted []*Judgement
	waiting []string // attesters assigned who have not judged
}

// judged resolves the judgements of a question by the programme's rule for several.
func (v *view) judged(q *programme.Question, number int64) judgedState {
	var all []*Judgement
	asked := q.Stored(v.track)
	for i := range v.s.Judgements {
		if j := &v.s.Judgements[i]; j.Question == asked && j.Number == number && v.knows(j.Made) {
			all = append(all, j)
		}
	}
	if len(all) == 0 {
		return judgedState{}
	}
	last := all[len(all)-1]
	if q.Several == "latest" || last.Consensus {
		return judgedState{answer: last.Answer, ok: true, counted: []*Judgement{last}}
	}
	var latest []*Judgement // of each author, a single judgement after a consensus reopens the question
	for _, j := range slices.Backward(all) {
		if !j.Consensus && !slices.ContainsFunc(latest, func(x *Judgement) bool { return x.author() == j.author() }) {
			latest = append(latest, j)
		}
	}
	slices.Reverse(latest)
	out := judgedState{ok: true, counted: latest, answer: latest[0].Answer}
	for _, j := range latest[1:] {
		lower := slices.Index(q.Answers, j.Answer) < slices.Index(q.Answers, out.answer)
		if lower == (q.Several == "lowest") && j.Answer != out.answer {
			out.answer = j.Answer
		}
	}
	if v.f.Cohort != nil {
		for _, id := range v.f.Cohort.InRole(q.AskedOf, last.Made.Day()) {
			if !slices.ContainsFunc(latest, func(j *Judgement) bool { return j.author() == AttesterActor(id) }) {
				out.waiting = append(out.waiting, id)
			}
		}
	}
	return out
}

func (v *view) judgedResult(t programme.Judged, res *Result) {
	q := found(v.p.Question(t.Question))
	number := int64(0)
	if t.Last {
		number = q.Steps
	}
	v.judgedNumber(q, number, t, res)
}

func (v *view) judgedNumber(q *programme.Question, number int64, t programme.Judged, res *Result) {
	j, atLeast := v.judged(q, number), t.AtLeast
	res.Test, res.Verdict = "judged", Open
	if atLeast != "" {
		res.Right = wordAmount(atLeast)
	}
	want := Need{Do: "judge", Of: q.Stored(v.track), Number: number, Answer: atLeast, By: q.AskedOf}
	if atLeast == "" {
		want.Answer, want.As = q.Answers[0], AnyAnswer
	}
	if !j.ok {
		res.Lacks = &Lack{Needs: append(v.judgeNeeds(q, want), v.signNeeds(q, number, t.SignedBy, nil)...)}
		return
	}
	res.Left, res.Evidence = wordAmount(j.answer), v.judgementEvidence(q, j)
	switch {
	case atLeast != "" && slices.Index(q.Answers, j.answer) < slices.Index(q.Answers, atLeast):
		res.Verdict = NotMet
		if q.Several != "latest" {
			want.As = Consensus
		}
		res.Lacks = &Lack{Needs: append([]Need{want}, v.signNeeds(q, number, t.SignedBy, nil)...)}
	case len(j.waiting) > 0:
		res.Lacks = &Lack{}
		for _, id := range j.waiting {
			need := want
			need.ID = id
			res.Lacks.Needs = append(res.Lacks.Needs, need)
		}
	default:
		if unsigned := v.unsigned(q, j, t.SignedBy); len(unsigned) > 0 {
			res.Lacks = &Lack{Needs: v.signNeeds(q, number, unsigned, &j)}
			return
		}
		res.Verdict = Met
		res.MetOn = j.counted[len(j.counted)-1].Made.Day()
	}
}

// judgeNeeds asks every attester assigned, where each has to answer.
func (v *view) judgeNeeds(q *programme.Question, want Need) []Need {
	if q.Several == "latest" || v.f.Cohort == nil {
		return []Need{want}
	}
	var needs []Need
	for _, id := range v.f.Cohort.InRole(q.AskedOf, v.today) {
		need := want
		need.ID = id
		needs = append(needs, need)
	}
	if len(needs) == 0 {
		return []Need{want}
	}
	return needs
}

// done says whether a task is done, and on which day. Late without the
// extension it needs, it is not.
func (v *view) done(k *programme.TaskKind, t Task) (day Date, done, late bool) {
	switch {
	case k.ConfirmedBy != "" && (t.Confirmed == nil || !v.knows(*t.Confirmed)):
		return "", false, false
	case k.ConfirmedBy == "" && (t.Fulfilled == nil || !v.knows(t.Fulfilled.Made)):
		return "", false, false
	case t.Fulfilled != nil && v.knows(t.Fulfilled.Made):
		day = t.Fulfilled.On
	default:
		day = t.Confirmed.Day()
	}
	late = k.LateNeeds != "" && t.Due != "" && day > v.due(t)
	return day, !late, late
}

// due is a task's due day after extensions, which may be recorded afterwards.
func (v *view) due(t Task) Date {
	due := t.Due
	for _, x := range t.Extensions {
		if v.holds(x.Made) {
			due = max(due, x.Due)
		}
	}
	return due
}

func (v *view) tasksResult(t programme.TasksDone, res *Result) {
	k := found(v.p.Task(t.Kind))
	res.Test = "tasks"
	lack := &Lack{}
	var asked, done int64
	var lateOnes bool
	for _, x := range v.s.Tasks {
		if x.Kind != t.Kind || !v.knows(x.Made) || x.Cancelled != nil && v.holds(*x.Cancelled) {
			continue
		}
		asked++
		res.Evidence = append(res.Evidence, x.Made.Sequence)
		day, ok, late := v.done(k, x)
		switch {
		case ok:
			done++
			res.MetOn = max(res.MetOn, day)
			if x.Confirmed != nil {
				res.Evidence = append(res.Evidence, x.Confirmed.Sequence)
			} else {
				res.Evidence = append(res.Evidence, x.Fulfilled.Made.Sequence)
			}
		case late:
			lateOnes = true
			lack.Needs = append(lack.Needs, Need{Do: "extend", Of: t.Kind, ID: x.ID, Until: day, By: k.SetBy})
		default:
			lack.Needs = append(lack.Needs, v.finish(k, x)...)
		}
	}
	for range t.CountAtLeast - asked {
		lack.Needs = append(lack.Needs, Need{Do: "ask", Of: t.Kind, By: k.SetBy})
		lack.Needs = append(lack.Needs, v.finish(k, Task{})...)
	}
	res.Left, res.Right = count(done, t.Kind), count(max(asked, t.CountAtLeast), t.Kind)
	switch {
	case len(lack.Needs) == 0:
		res.Verdict = Met
	case lateOnes && asked >= t.CountAtLeast:
		res.Verdict = NotMet
	default:
		res.Verdict = Open
	}
	res.Lacks = lack
}

func (v *view) overdue(k *programme.TaskKind, t Task) bool {
	return k.LateNeeds != "" && t.Due != "" && v.today > v.due(t)
}

// finish is what it takes to get a task done: in time where it has a due day,
// after an extension where that has passed.
func (v *view) finish(k *programme.TaskKind, t Task) []Need {
	n := Need{Do: "fulfil", Of: k.Key, ID: t.ID, Session: t.Session, By: RoleParticipant}
	if k.ConfirmedBy != "" {
		n.Do, n.By = "confirm", k.ConfirmedBy
	}
	if v.overdue(k, t) {
		return []Need{{Do: "extend", Of: k.Key, ID: t.ID, Until: v.today, By: k.SetBy}, n}
	}
	if k.LateNeeds != "" && t.Due != "" {
		n.Until = v.due(t)
	}
	return []Need{n}
}

func (v *view) submittedResult(t programme.Submitted, res *Result) {
	k := found(v.p.Submission(t.Kind))
	res.Test, res.Verdict, res.Right = "submission", Open, wordAmount(t.Is)
	file := v.fileNeed(k)
	answer := Need{Do: "answer", Of: t.Kind, Answer: t.Is, By: k.AnsweredBy}
	latest := ""
	open := v.filingWindow(*k)
	for _, x := range v.filings(t.Kind) {
		res.Evidence = append(res.Evidence, x.Made.Sequence)
		if place(open, x.Received, x.Received) != "" {
			continue
		}
		latest = x.ID
		if t.Is == "filed" {
			res.Verdict, res.MetOn = Met, x.Received
			return
		}
		if a, ok := v.answerInForce(x.Answers); ok {
			res.Left = wordAmount(a.Word)
			res.Evidence = append(res.Evidence, a.Made.Sequence)
			if slices.Index(k.Answers, a.Word) >= slices.Index(k.Answers, t.Is) {
				res.Verdict, res.MetOn = Met, a.From
				return
			}
		}
	}
	if n := len(open); n == 0 || open[n-1].until != endless && open[n-1].until < v.today && latest == "" {
		res.Verdict, res.Lacks = NotMet, &Lack{LiftedBy: []string{"correction"}}
		if n > 0 {
			res.Lacks.Closed = open[n-1].until
		}
		return
	}
	answer.ID = latest
	switch {
	case t.Is == "filed":
		res.Lacks = &Lack{Needs: []Need{file}}
	case latest == "":
		res.Lacks = &Lack{Needs: []Need{file, answer}}
	default:
		res.Lacks = &Lack{Needs: []Need{answer}}
	}
}

// answerInForce is the last answer known, in force today.
func (v *view) answerInForce(answers []Answer) (Answer, bool) {
	for _, a := range slices.Backward(answers) {
		if v.holds(a.Made) && a.From <= v.today {
			return a, true
		}
	}
	return Answer{}, false
}

func (v *view) combinedResult(t programme.Combined, res *Result) {
	res.Test = t.Op
	var met, notMet, open, applicable int64
	for i := range t.Children {
		child := v.result(&t.Children[i])
		res.Children = append(res.Children, child)
		res.Evidence = append(res.Evidence, child.Evidence...)
		res.Raises = append(res.Raises, child.Raises...)
		if child.Verdict == NotApplicable {
			continue
		}
		applicable++
		switch child.Verdict {
		case Met:
			met++
		case NotMet:
			notMet++
		default:
			open++
		}
	}
	res.Verdict = combined(t, met, notMet, applicable)
	if res.Verdict == Met {
		res.MetOn = combinedDay(t, res.Children)
		return
	}
	res.Lacks = v.combinedLack(t, res.Children, met)
}

func combined(t programme.Combined, met, notMet, applicable int64) Verdict {
	switch t.Op {
	case "all-of":
		switch {
		case applicable == 0:
			return NotApplicable
		case met == applicable:
			return Met
		case notMet > 0:
			return NotMet
		}
	case "any-of":
		switch {
		case met > 0:
			return Met
		case notMet == applicable:
			return NotMet
		}
	case "at-least-of":
		switch {
		case met >= t.N:
			return Met
		case applicable-notMet < t.N:
			return NotMet
		}
	case "none-of":
		switch {
		case met > 0:
			return NotMet
		case notMet == applicable:
			return Met
		}
	default:
		panic("domain: unknown combinator " + t.Op)
	}
	return Open
}

func combinedDay(t programme.Combined, children []Result) Date {
	var days []Date
	for _, c := range children {
		if c.Verdict == Met && c.MetOn != "" {
			days = append(days, c.MetOn)
		}
	}
	if len(days) == 0 {
		return ""
	}
	slices.Sort(days)
	switch t.Op {
	case "any-of":
		return days[0]
	case "at-least-of":
		return days[min(int(t.N), len(days))-1]
	}
	return days[len(days)-1]
}

func wordAmount(w string) *Amount { return &Amount{Word: w} }
