package domain

import (
	"cmp"
	"slices"
	"time"

	"github.com/certledger/certledger/domain/programme"
)

// DueDay is a day on which something is due, opens or ends.
type DueDay struct {
	What   string `json:"what"` // one of the words below
	Of     string `json:"of"`   // award, submission or task
	ID     string `json:"id,omitempty"`
	Period string `json:"period,omitempty"`
	Track  string `json:"track,omitempty"`
	Status string `json:"status,omitempty"` // that begins on the day, of a phase
	By     string `json:"by,omitempty"`     // role that has to act
	On     Date   `json:"on"`
}

// What a DueDay is about.
const (
	DueEnd    = "end"    // last day of a period, or on which what is granted holds
	DuePhase  = "phase"  // first day of a status that comes unless something is done
	DueOpens  = "opens"  // first day on which something may be filed
	DueCloses = "closes" // last day
	DueAnswer = "answer" // last day for the body's own answer
	DueTask   = "task"   // last day for a task
)

// Ahead is what time will bring to a registration unless something is recorded.
type Ahead struct {
	Days []DueDay

	// Status is the first day of a status that is not on record: it may have
	// passed. Empty where none is in sight. It lets a clock look at each
	// registration when it has to, and no sooner.
	Status Date
}

// AssessAhead is Assess, and what time will bring as the rules see it then.
func AssessAhead(p *programme.Programme, f Facts, at time.Time) (Assessment, Ahead) {
	v := newView(judging(p, f, at), f, at)
	return v.assess(), Ahead{Days: v.dueDays(), Status: v.statusDue()}
}

// DueDays are the days ahead as the rules see them at a time, the earliest first:
// what is over already is not among them, what is overdue is. Filing windows and
// ends are those of periods that are not settled, and of the next one where it is
// known.
func DueDays(p *programme.Programme, f Facts, at time.Time) []DueDay {
	return newView(judging(p, f, at), f, at).dueDays()
}

func (v *view) dueDays() []DueDay {
	if v.s.State != StateRegistered {
		return nil
	}
	var out []DueDay
	out = append(out, v.dueOfAwards()...)
	out = append(out, v.dueOfSubmissions()...)
	out = append(out, v.dueOfTasks()...)
	slices.SortStableFunc(out, func(a, b DueDay) int { return cmp.Compare(a.On, b.On) })
	return out
}

// statusDue is the day of Ahead.Status.
func (v *view) statusDue() Date {
	if v.s.State != StateRegistered {
		return ""
	}
	if x, ok := v.unrecorded(); ok {
		return x.Since
	}
	var out Date
	for i := range v.p.After {
		for _, x := range v.nextPhases(found(v.p.Award(v.p.After[i].Award))) {
			if out == "" || x.On < out {
				out = x.On
			}
		}
	}
	return out
}

// unrecorded is the earliest status that has begun and is not on record.
func (v *view) unrecorded() (PhaseState, bool) {
	for i := range v.p.After {
		for _, x := range v.phasesAfter(&v.p.After[i]).begun {
			if !v.s.reached(x) {
				return x, true
			}
		}
	}
	return PhaseState{}, false
}

// StatusToRecord is the earliest status that time has brought to a registration
// and that is not on record; false where there is none.
func StatusToRecord(p *programme.Programme, f Facts, at time.Time) (PhaseState, bool) {
	if !f.Standing.Exists() || f.Standing.State != StateRegistered {
		return PhaseState{}, false
	}
	return newView(judging(p, f, at), f, at).unrecorded()
}

func (v *view) dueOfAwards() []DueDay {
	var out []DueDay
	for i := range v.p.Awards {
		a := &v.p.Awards[i]
		out = append(out, v.dueEnds(a)...)
		out = append(out, v.nextPhases(a)...)
		if !a.Periodic() {
			continue
		}
		for _, x := range v.unsettled(a.Each) {
			out = append(out, v.dueFilings(a, x)...)
		}
	}
	return out
}

// dueEnds are the last days of what is owed or holds.
func (v *view) dueEnds(a *programme.Award) []DueDay {
	if !a.Periodic() {
		if until := v.holdsUntil(a.Key); until >= v.today && until != "" && v.dueOnce(a) {
			return []DueDay{{What: DueEnd, Of: a.Key, On: until}}
		}
		return nil
	}
	var out []DueDay
	for _, x := range v.unsettled(a.Each) {
		if x.until >= v.today {
			out = append(out, DueDay{What: DueEnd, Of: a.Key, Period: x.name, On: x.until})
		}
	}
	return out
}

// unsettled are the periods of a kind that are not settled, with the next one
// where it is known: time brings it without an entry.
func (v *view) unsettled(kind string) []period {
	list := v.periodsOf(kind)
	if k := found(v.p.Period(kind)); k.Calendar {
		list = append(slices.Clone(list), v.nextYear(k, list)...)
	}
	return slices.DeleteFunc(slices.Clone(list), func(x period) bool { return x.settled != "" })
}

// nextYear is the calendar year after those that have begun, where the first has
// its day.
func (v *view) nextYear(k *programme.PeriodKind, begun []period) []period {
	start := v.firstOf(k)
	if len(begun) > 0 {
		start = begun[len(begun)-1].until.AddDays(1)
	}
	if start == "" {
		return nil
	}
	return []period{{kind: k.Key, name: string(start[:4]), from: start, until: start[:4] + "-12-31"}}
}

// during is the view in a period, which may not have begun.
func (v *view) during(x period) *view {
	b := v.ruledIn(&x)
	w := *b
	w.memo, w.outer, w.period = newMemo(), b, &x
	return &w
}

// dueOnce reports whether the end of an award that is asked once is told of
// here, and not as the end of the periods that renew it.
func (v *view) dueOnce(a *programme.Award) bool {
	return !slices.ContainsFunc(v.p.Awards, func(x programme.Award) bool { return x.Renews == a.Key })
}

// nextPhases is the first day of the phase that comes next after an award unless
// something is done: after the earliest period that is not settled, or from the
// day on which the phases say that they begin.
func (v *view) nextPhases(a *programme.Award) []DueDay {
	x, ok := v.p.Aftermath(a.Key)
	if !ok {
		return nil
	}
	if len(x.Begins) > 0 {
		for _, k := range v.askings(a.Key) {
			w := v.in(k)
			day := w.latest(w.aftermath(&x).Begins)
			if complete, _ := w.complete(w.here(a)); day != "" && !complete {
				return nextPhase(w.aftermath(&x), w, k.Period, day.AddDays(-1))
			}
		}
		return nil
	}
	if list := v.unsettled(a.Each); len(list) > 0 {
		w := v.during(list[0])
		return nextPhase(w.aftermath(&x), w, list[0].name, list[0].until)
	}
	return nil
}

// nextPhase is that of nextPhases, seen in the period that ended.
func nextPhase(x *programme.Aftermath, in *view, name string, ended Date) []DueDay {
	day := ended.AddDays(1)
	for i := range x.Phases {
		if day > in.today {
			return []DueDay{{What: DuePhase, Of: x.Award, Period: name, Status: x.Phases[i].Status, On: day}}
		}
		until := in.earliest(x.Phases[i].Until)
		if until == "" {
			return nil
		}
		day = max(day, until.AddDays(1))
	}
	return nil
}

func (v *view) dueFilings(a *programme.Award, x period) []DueDay {
	var out []DueDay
	w := v.during(x)
	for i := range w.p.Submissions {
		s := &w.p.Submissions[i]
		if s.For != a.Key || len(w.filings(s.Key)) > 0 {
			continue
		}
		open := w.filingWindow(*s)
		if len(open) == 0 {
			continue
		}
		if opens := open[0].from; opens > v.today {
			out = append(out, DueDay{What: DueOpens, Of: s.Key, Period: x.name, By: RoleParticipant, On: opens})
		}
		if closes := open[len(open)-1].until; closes != endless && closes >= v.today {
			out = append(out, DueDay{What: DueCloses, Of: s.Key, Period: x.name, By: RoleParticipant, On: closes})
		}
	}
	return out
}

// latest is the latest day of moments, or empty where one has not come.
func (v *view) latest(moments []programme.Moment) Date {
	var out Date
	for _, m := range moments {
		spans := shift(v.moment(m), m)
		if len(spans) == 0 {
			return ""
		}
		out = max(out, spans[0].from)
	}
	return out
}

func (v *view) dueOfSubmissions() []DueDay {
	var out []DueDay
	for i := range v.s.Submissions {
		x := &v.s.Submissions[i]
		k, ok := v.p.Submission(x.Kind)
		if !ok || k.AnswerIn.Zero() || !v.knows(x.Made) || x.Withdrawn != nil {
			continue
		}
		if _, answered := v.answerInForce(x.Answers); !answered {
			out = append(out, DueDay{What: DueAnswer, Of: x.Kind, ID: x.ID, Period: x.Period, By: k.AnsweredBy, On: x.Received.plus(k.AnswerIn)})
		}
	}
	return out
}

func (v *view) dueOfTasks() []DueDay {
	var out []DueDay
	for _, x := range v.s.Tasks {
		k, ok := v.p.Task(x.Kind)
		if !ok || !v.knows(x.Made) || x.Cancelled != nil || v.due(x) == "" {
			continue
		}
		if _, done, _ := v.done(&k, x); !done && x.Fulfilled == nil {
			out = append(out, DueDay{What: DueTask, Of: x.Kind, ID: x.ID, By: RoleParticipant, On: v.due(x)})
		}
	}
	return out
}

// MomentDay is the day of a moment as the rules see it at a time; the period at
// hand is the latest that has begun of the first award that is asked in periods.
// It is not known before the moment has come.
func MomentDay(p *programme.Programme, f Facts, at time.Time, m programme.Moment) (Date, bool) {
	v := newView(judging(p, f, at), f, at)
	for _, a := range v.p.Awards {
		if !a.Periodic() {
			continue
		}
		if list := v.askings(a.Key); len(list) > 0 {
			v = v.in(list[len(list)-1])
			break
		}
	}
	if v.period == nil && (m.Kind == programme.MomentStart || m.Kind == programme.MomentEnd) {
		return "", false
	}
	spans := shift(v.moment(m), m)
	if len(spans) == 0 {
		return "", false
	}
	return spans[0].from, true
}
