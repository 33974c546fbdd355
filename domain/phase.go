package domain

import (
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// PhaseState is standing after issue: where a period has ended and is not settled, the phase
// that somebody is in.
type PhaseState struct {
	Award      string   `json:"award"`
	Period     string   `json:"period,omitempty"`
	Phase      string   `json:"phase"`
	Status     string   `json:"status"`
	Since      Date     `json:"since"`
	Until      Date     `json:"until,omitempty"` // last day of the phase; empty for the last phase
	May        []string `json:"may,omitempty"`   // earn, file
	Fee        *Amount  `json:"fee,omitempty"`
	StartAgain bool     `json:"startagain,omitempty"`
	Says       string   `json:"says,omitempty"`
}

// phaseHere is what is known of the phases after an award: those that have
// begun, the last of which is the present one.
type phaseHere struct {
	begun []PhaseState
}

// present is the phase of today, or nil.
func (h *phaseHere) present() *PhaseState {
	if h == nil || len(h.begun) == 0 {
		return nil
	}
	return &h.begun[len(h.begun)-1]
}

// phasesAfter are the phases after an award that have begun.
func (v *view) phasesAfter(x *programme.Aftermath) *phaseHere {
	b := v.main()
	if b.memo.phases == nil {
		b.memo.phases = map[string]*phaseHere{}
	}
	out, ok := b.memo.phases[x.Award]
	if !ok {
		b.memo.phases[x.Award] = &phaseHere{} // while they are being found, none has begun
		out = b.findPhases(x)
		b.memo.phases[x.Award] = out
	}
	return out
}

func (v *view) findPhases(x *programme.Aftermath) *phaseHere {
	out := &phaseHere{}
	w, name, ended := v.lastBefore(x, found(v.p.Award(x.Award)))
	if ended == "" {
		return out
	}
	award := x.Award
	x = w.aftermath(x)
	since := ended.AddDays(1)
	for i := range x.Phases {
		ph := &x.Phases[i]
		state := PhaseState{
			Award: award, Period: name, Phase: ph.Key, Status: ph.Status, Since: since, May: ph.May, StartAgain: ph.StartAgain, Says: ph.Says,
		}
		if ph.Fee != nil {
			fee := ph.Fee.Number
			state.Fee = &Amount{Number: &fee, Unit: ph.Fee.Unit, Noun: ph.Fee.Noun}
		}
		out.begun = append(out.begun, state)
		v.memo.phases[award] = out // a later phase may hang on the first day of this one
		if len(ph.Until) > 0 {
			until := w.earliest(ph.Until)
			out.begun[len(out.begun)-1].Until = until
			if until == "" || v.today <= until {
				return out
			}
			since = max(since, until.AddDays(1))
		}
	}
	return out
}

// earliest is the earliest day of moments, or empty where none has come.
func (v *view) earliest(moments []programme.Moment) Date {
	var out Date
	for _, m := range moments {
		if spans := shift(v.moment(m), m); len(spans) > 0 && (out == "" || spans[0].from < out) {
			out = spans[0].from
		}
	}
	return out
}

// lastBefore is the day before the phases after an award: the end of the period
// that is not settled, or the day before the one on which they say they begin.
func (v *view) lastBefore(x *programme.Aftermath, a *programme.Award) (in *view, name string, ended Date) {
	if len(x.Begins) == 0 {
		return v.endedUnsettled(a)
	}
	for _, k := range v.askings(a.Key) {
		w := v.in(k)
		if day := w.latest(w.aftermath(x).Begins); day != "" && day <= v.today {
			if complete, _ := w.complete(w.here(a)); !complete {
				return w, k.Period, day.AddDays(-1)
			}
		}
	}
	return v, "", ""
}

// aftermath is what becomes of an award, by the rules of this view; without phases
// where they do not say.
func (v *view) aftermath(x *programme.Aftermath) *programme.Aftermath {
	if v.home == nil {
		return x
	}
	own, _ := v.p.Aftermath(x.Award)
	return &own
}

// complete reports whether the facts earn the highest level of an award as it
// is asked here, and the day of the last fact that it took, or empty.
func (v *view) complete(a *programme.Award) (complete bool, on Date) {
	for i := range v.p.Requirements {
		r := &v.p.Requirements[i]
		if r.For != a.Key {
			continue
		}
		res := v.top(r)
		if res.Cap != "" {
			return false, ""
		}
		on = max(on, res.MetOn)
	}
	return true, on
}

// endedUnsettled is the earliest period of an award that has ended and is not
// settled; of an award that is asked once, the end of what is granted.
func (v *view) endedUnsettled(a *programme.Award) (in *view, name string, ended Date) {
	if !a.Periodic() {
		if until := v.holdsUntil(a.Key); until != "" && until < v.today {
			return v, "", until
		}
		return v, "", ""
	}
	for _, x := range v.periodsOf(a.Each) {
		if x.until < v.today && x.settled == "" && v.hasAftermath(&x, a.Key) {
			return v.in(Asking{Award: a.Key, Period: x.name}), x.name, x.until
		}
	}
	return v, "", ""
}

// hasAftermath reports whether the rules of a period say what comes after one of
// an award that is not settled.
func (v *view) hasAftermath(x *period, award string) bool {
	b := v.ruledIn(x)
	if b.home == nil {
		return true
	}
	own, ok := b.p.Aftermath(award)
	return ok && len(own.Begins) == 0
}

// phase is the phase that somebody is in, or nil: of several awards' the first
// whose status is not active.
func (v *view) phase() *PhaseState {
	var out *PhaseState
	for i := range v.p.After {
		x := v.phasesAfter(&v.p.After[i]).present()
		if x != nil && (out == nil || out.Status == StatusActive) {
			out = x
		}
	}
	return out
}

// entered is the first day of a status that somebody is in, or came through in
// the present run of phases; empty where they did not.
func (v *view) entered(status string) Date {
	b := v.main()
	for i := range b.p.After {
		h := b.phasesAfter(&b.p.After[i])
		if h.present() == nil {
			continue
		}
		for _, x := range h.begun {
			if x.Status == status {
				return x.Since
			}
		}
	}
	return ""
}

// filingWindow is the days on which a submission may be filed in the period at
// hand: as it says itself, and no longer than the phases after the period let
// anything be filed.
func (v *view) filingWindow(k programme.Submission) []span {
	out := v.window(&programme.Window{From: k.Opens, Until: k.Closes})
	if k.For == "" || v.period == nil || len(k.Closes) > 0 {
		return out
	}
	if last := v.filesUntil(k.For); last != "" {
		out = intersect(out, []span{{firstDay, last}})
	}
	return out
}

// fileNeed is a submission still to be filed, with the days on which it can be
// and the period that it is for.
func (v *view) fileNeed(k *programme.Submission) Need {
	n := Need{Do: "file", Of: k.Key, By: RoleParticipant}
	if k.For != "" {
		n.Period = v.periodName()
	}
	n.From, n.Until = v.stillOpen(v.filingWindow(*k))
	return n
}

// filesUntil is the last day on which the phases after the period at hand let
// something be filed for an award; empty where they set no end to it.
func (v *view) filesUntil(award string) Date {
	x, ok := v.p.Aftermath(award)
	if !ok || len(x.Begins) > 0 {
		return ""
	}
	since := v.period.until.AddDays(1)
	for i := range x.Phases {
		if !slices.Contains(x.Phases[i].May, "file") {
			return since.AddDays(-1)
		}
		until := v.earliest(x.Phases[i].Until)
		if until == "" {
			return ""
		}
		since = max(since, until.AddDays(1))
	}
	return ""
}
