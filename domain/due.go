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

// DueDays are the days ahead as the rules see them today, the earliest first:
// what is over already is not among them, what is overdue is. Filing windows
// and ends are those of periods that are not settled.
func DueDays(p *programme.Programme, f Facts, on Date) []DueDay {
	at, err := time.ParseInLocation(dateForm, string(on), time.UTC)
	if err != nil || !f.Standing.Exists() || f.Standing.State != StateRegistered {
		return nil
	}
	if last := f.Standing.Last.Time; DateOf(last) == on && last.After(at) {
		at = last // the whole of what is known of that day
	}
	v := newView(p, f, at)
	var out []DueDay
	out = append(out, v.dueOfAwards()...)
	out = append(out, v.dueOfSubmissions()...)
	out = append(out, v.dueOfTasks()...)
	slices.SortStableFunc(out, func(a, b DueDay) int { return cmp.Compare(a.On, b.On) })
	return out
}

func (v *view) dueOfAwards() []DueDay {
	var out []DueDay
	for i := range v.p.Awards {
		a := &v.p.Awards[i]
		if !a.Periodic() {
			if until := v.holdsUntil(a.Key); until >= v.today && until != "" && v.dueOnce(a) {
				out = append(out, DueDay{What: DueEnd, Of: a.Key, On: until})
				out = append(out, v.nextPhase(a, v, "", until)...)
			}
			continue
		}
		for _, x := range v.periodsOf(a.Each) {
			if x.settled != "" || x.from > v.today {
				continue
			}
			k := Asking{Award: a.Key, Period: x.name}
			if x.until >= v.today {
				out = append(out, DueDay{What: DueEnd, Of: a.Key, Period: x.name, On: x.until})
			}
			out = append(out, v.nextPhase(a, v.in(k), x.name, x.until)...)
			out = append(out, v.dueFilings(a, k)...)
		}
	}
	return out
}

// dueOnce reports whether the end of an award that is asked once is told of
// here, and not as the end of the periods that renew it.
func (v *view) dueOnce(a *programme.Award) bool {
	return !slices.ContainsFunc(v.p.Awards, func(x programme.Award) bool { return x.Renews == a.Key })
}

// nextPhase is the first day of the phase that comes next unless something is
// done.
func (v *view) nextPhase(a *programme.Award, in *view, name string, ended Date) []DueDay {
	x, ok := v.p.Aftermath(a.Key)
	if !ok {
		return nil
	}
	day := ended.AddDays(1)
	for i := range x.Phases {
		if day > v.today {
			return []DueDay{{What: DuePhase, Of: a.Key, Period: name, Status: x.Phases[i].Status, On: day}}
		}
		until := in.earliest(x.Phases[i].Until)
		if until == "" {
			return nil
		}
		day = max(day, until.AddDays(1))
	}
	return nil
}

func (v *view) dueFilings(a *programme.Award, k Asking) []DueDay {
	var out []DueDay
	w := v.in(k)
	for i := range v.p.Submissions {
		s := &v.p.Submissions[i]
		if s.For != a.Key || len(w.filings(s.Key)) > 0 {
			continue
		}
		open := w.filingWindow(*s)
		if len(open) == 0 {
			continue
		}
		if opens := open[0].from; opens > v.today {
			out = append(out, DueDay{What: DueOpens, Of: s.Key, Period: k.Period, By: RoleParticipant, On: opens})
		}
		if closes := open[len(open)-1].until; closes != endless && closes >= v.today {
			out = append(out, DueDay{What: DueCloses, Of: s.Key, Period: k.Period, By: RoleParticipant, On: closes})
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
	v := newView(p, f, at)
	for _, a := range p.Awards {
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
