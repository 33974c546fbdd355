package domain

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/certledger/certledger/domain/programme"
)

// Life is where somebody stands after the certificate, in words: for staff, and
// to pass on to the participant.
type Life struct {
	Status string `json:"status"`           // the status
	Says   string `json:"says"`             // what it means: since when, what may still be done, the fee, by when, and what comes then
	Kindly string `json:"kindly,omitempty"` // the same to the participant
}

// life tells what is granted for a time, or the phase after it. Of a programme
// that grants without end it tells nothing.
func (x *explainer) life() *Life {
	if ph := x.a.Phase; ph != nil && ph.Status == x.a.Status {
		return &Life{Status: ph.Status, Says: x.phaseSays(ph), Kindly: x.phaseKindly(ph)}
	}
	w := x.a.Awards[0]
	if x.a.Status != StatusActive || w.Until == "" {
		return nil
	}
	out := &Life{Status: x.a.Status, Says: "What is granted holds until " + string(w.Until) + "."}
	out.Kindly = "What you hold is valid until " + dayInWords(w.Until) + "."
	if n, ok := x.filing(w.Award); ok {
		out.Says += " " + titled(n.Of) + " can be filed" + spanWords(n.From, n.Until, Date.text) + "."
		out.Kindly += " You can file for its renewal" + spanWords(n.From, n.Until, dayInWords) + "."
	}
	return out
}

// filing is what is still to be filed to renew an award.
func (x *explainer) filing(award string) (Need, bool) {
	for _, r := range x.a.Results {
		if a, ok := x.p.Award(r.Award); !ok || a.Renews != award || r.Lacks == nil {
			continue
		}
		if i := slices.IndexFunc(r.Lacks.Needs, func(n Need) bool { return n.Do == "file" }); i >= 0 {
			return r.Lacks.Needs[i], true
		}
	}
	return Need{}, false
}

// phaseSays tells a phase to staff.
func (x *explainer) phaseSays(ph *PhaseState) string {
	out := []string{titled(ph.Status) + " since " + string(ph.Since) + untilWords(ph.Until) + ": " + ph.owed() + " was not complete in time."}
	if word, ok := x.p.Status(ph.Status); ok {
		out = append(out, word.Says)
		if word.HoldsTitle {
			out = append(out, "The title is kept meanwhile.")
		}
	}
	out = append(out, ph.Says)
	earn, file := ph.lets("earn"), ph.lets("file")
	switch shut := x.shut(ph); {
	case x.waits(ph):
		out = append(out, "What was owed is complete now; it waits for a decision.")
	case shut != "":
		out = append(out, "The "+spoken(ph.Award)+" can no longer be completed: "+shut)
	case earn && file:
		out = append(out, "What is missing can still be earned and filed.")
	case file:
		out = append(out, "The "+spoken(ph.Award)+" can still be filed; what is earned now does not count for it.")
	case earn:
		out = append(out, "What is missing can still be earned; nothing can be filed.")
	default:
		out = append(out, "Nothing that is earned or filed now counts for it.")
	}
	if ph.Fee != nil {
		out = append(out, "The fee is "+ph.Fee.words()+".")
	}
	return sentences(append(out, x.wayBack(ph), x.comesThen(ph)))
}

// phaseKindly tells a phase to the participant.
func (x *explainer) phaseKindly(ph *PhaseState) string {
	do, until := "complete "+spoken(ph.Award), ""
	if a, _ := x.p.Award(ph.Award); a.Renews != "" {
		do = "renew"
	}
	if ph.Until != "" {
		until = " until " + dayInWords(ph.Until)
	}
	earn, file := ph.lets("earn"), ph.lets("file")
	var out []string
	possible := true
	switch {
	case x.waits(ph):
		out = append(out, "Everything that was owed is there now, and waits for a decision.")
	case x.shut(ph) != "" || !earn && !file:
		out, possible = append(out, "It is too late to "+do+" this time."), false
	case earn && file:
		out = append(out, "You can still earn what is missing and "+do+until+".")
	case file:
		out = append(out, "You can still "+do+until+"; what you earn now does not count for it.")
	default:
		out = append(out, "You can still earn what is missing"+until+".")
	}
	if possible && ph.Fee != nil {
		out = append(out, "The fee is "+ph.Fee.words()+".")
	}
	if word, ok := x.p.Status(ph.Status); ok && word.HoldsTitle {
		out = append(out, "You may use the title meanwhile.")
	}
	if back := x.leadsBack(ph); len(back) > 0 {
		out = append(out, "The way back is "+strings.Join(back, " or ")+"; what it asks for is listed with it.")
	} else if ph.StartAgain {
		out = append(out, "A new registration leads back.")
	}
	return sentences(out)
}

// waits reports whether what was owed was completed after all and a person has
// yet to decide.
func (x *explainer) waits(ph *PhaseState) bool {
	return slices.ContainsFunc(x.a.Awards, func(w AwardResult) bool {
		return w.Award == ph.Award && w.Period == ph.Period && w.Ready && len(w.Binding) == 0
	})
}

// shut is the clause of what was owed that can no longer be met, or empty.
func (x *explainer) shut(ph *PhaseState) string {
	for _, r := range x.a.Results {
		owed := r.Award == ph.Award && r.Period == ph.Period && r.Cap != ""
		if owed && r.Verdict == NotMet && (r.Lacks == nil || len(r.Lacks.Needs)+len(r.Lacks.OneOf) == 0) {
			return r.Says
		}
	}
	return ""
}

// leadsBack names the awards that make good what was missed and are asked now.
func (x *explainer) leadsBack(ph *PhaseState) []string {
	var out []string
	for _, a := range x.p.Awards {
		asked := slices.ContainsFunc(x.a.Awards, func(w AwardResult) bool { return w.Award == a.Key })
		if a.Settles == ph.Award && asked {
			out = append(out, spoken(a.Key))
		}
	}
	return out
}

func (x *explainer) wayBack(ph *PhaseState) string {
	switch back := x.leadsBack(ph); {
	case len(back) > 0:
		return "It is made good by " + strings.Join(back, " or ") + "."
	case ph.StartAgain:
		return "Only a new registration leads back."
	}
	return ""
}

// comesThen tells the status after a phase.
func (x *explainer) comesThen(ph *PhaseState) string {
	after, _ := x.p.Aftermath(ph.Award)
	i := slices.IndexFunc(after.Phases, func(y programme.Phase) bool { return y.Key == ph.Phase })
	if ph.Until == "" || i < 0 || i+1 == len(after.Phases) {
		return ""
	}
	return "From " + string(ph.Until.AddDays(1)) + " on the status is " + spoken(after.Phases[i+1].Status) + "."
}

// owed names what the phase is about.
func (ph *PhaseState) owed() string {
	if ph.Period != "" {
		return spoken(ph.Award) + " of period " + ph.Period
	}
	return spoken(ph.Award)
}

func (ph *PhaseState) lets(what string) bool { return slices.Contains(ph.May, what) }

// holdsWords says for which days an outcome is, or until when what is granted
// holds.
func (x *explainer) holdsWords(w AwardResult) string {
	switch today := DateOf(x.a.At); {
	case w.Until == "":
		return ""
	case w.Period != "":
		return " Period " + w.Period + " is from " + string(w.From) + " until " + string(w.Until) + "."
	case w.Granted == "":
		return ""
	case w.Until < today:
		return " It held until " + string(w.Until) + "."
	}
	return " It holds until " + string(w.Until) + "."
}

func untilWords(day Date) string {
	if day == "" {
		return ""
	}
	return " until " + string(day)
}

func (d Date) text() string { return string(d) }

// spanWords says from and until when, in a form of days.
func spanWords(from, until Date, form func(Date) string) string {
	out := ""
	if from != "" {
		out = " from " + form(from)
	}
	if until != "" {
		out += " until " + form(until)
	}
	return out
}

// dayInWords is a day as a letter has it: 30 June 2028.
func dayInWords(day Date) string {
	parts := strings.Split(string(day), "-")
	if len(parts) != 3 {
		return string(day)
	}
	month, err := strconv.Atoi(parts[1])
	if err != nil || month < 1 || month > 12 {
		return string(day)
	}
	return strings.TrimPrefix(parts[2], "0") + " " + time.Month(month).String() + " " + parts[0]
}

// sentences joins those that there are.
func sentences(all []string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), " ")
}

// writeLife tells it before the outcomes.
func (e Explanation) writeLife(b *strings.Builder) {
	if e.Life == nil {
		return
	}
	b.WriteString("\nStatus: " + spoken(e.Life.Status) + "\n" + wrap("  ", e.Life.Says))
	if e.Life.Kindly != "" {
		b.WriteString(wrap("  > ", e.Life.Kindly))
	}
}
