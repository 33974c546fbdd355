package domain

import (
	"slices"
	"strings"

	"github.com/certledger/certledger/domain/programme"
)

// Holding is what an attester has to hold: a qualification or an approval, and
// for how long by the day. A Number of 0 means that the day is enough.
type Holding struct {
	Code   string `json:"code"`
	Number int64  `json:"number,omitempty"`
	Unit   string `json:"unit,omitempty"`
}

// recordNeed is evidence of a kind that meets a selection. Where a list leaves
// a choice, the first is asked for.
func recordNeed(v *view, kind string, w *programme.Where) Need {
	out := Need{
		Do: "record", Of: kind, Category: first(w.Category), Outcome: first(w.Outcome), Title: first(w.Title),
		Mode: first(w.Mode), Provider: first(w.Provider), Module: first(w.Module), Item: first(w.Item),
		SignedBy: w.SignedBy, AlsoSigned: w.AlsoSigned, By: w.Filed, Attester: w.Attester, Answer: w.Answered,
		Approved: w.Approved, Documented: w.Documented, Unrelated: w.Unrelated, Unused: w.Unused,
	}
	for _, h := range w.Qualified {
		out.Qualified = append(out.Qualified, Holding{Code: h.Code, Number: h.For.Number, Unit: h.For.Unit})
	}
	if w.Track != "" {
		out.Track = v.trackNamed(w.Track)
	}
	if w.Period != "" {
		out.Period = v.periodNamed(w.Period)
	}
	return out
}

// set says what a fact is to say of one of the things by which facts are chosen.
func (n *Need) set(name, value string) {
	switch name {
	case "title":
		n.Title = value
	case "provider":
		n.Provider = value
	case "category":
		n.Category = value
	case "mode":
		n.Mode = value
	}
}

// narrow adds what a part asks for beyond the whole.
func (n *Need) narrow(part Need) {
	for _, x := range []struct{ to, from *string }{
		{&n.Category, &part.Category},
		{&n.Outcome, &part.Outcome},
		{&n.Title, &part.Title},
		{&n.Mode, &part.Mode},
		{&n.Provider, &part.Provider},
		{&n.Module, &part.Module},
		{&n.Item, &part.Item},
		{&n.By, &part.By},
		{&n.Attester, &part.Attester},
		{&n.Answer, &part.Answer},
		{&n.Approved, &part.Approved},
		{&n.Unused, &part.Unused},
		{&n.Track, &part.Track},
		{&n.Period, &part.Period},
	} {
		if *x.from != "" {
			*x.to = *x.from
		}
	}
	for _, role := range append([]string{part.SignedBy}, part.AlsoSigned...) {
		switch {
		case role == "" || role == n.SignedBy || slices.Contains(n.AlsoSigned, role):
		case n.SignedBy == "":
			n.SignedBy = role
		default:
			n.AlsoSigned = append(slices.Clip(n.AlsoSigned), role)
		}
	}
	n.Qualified = append(slices.Clip(n.Qualified), part.Qualified...)
	n.Documented, n.Unrelated = n.Documented || part.Documented, n.Unrelated || part.Unrelated
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// conditionWords says what evidence has to be beyond what it is about.
func (n Need) conditionWords() string {
	var b strings.Builder
	if n.SignedBy != "" {
		b.WriteString(", signed by " + andList(append([]string{n.SignedBy}, n.AlsoSigned...)))
	}
	switch {
	case n.Attester == "":
	case len(n.Qualified) == 0:
		b.WriteString(", attested by the " + spoken(n.Attester))
	default:
		var held []string
		for _, h := range n.Qualified {
			held = append(held, h.words())
		}
		b.WriteString(", attested by a " + spoken(n.Attester) + " who has held " + strings.Join(held, " and "))
	}
	switch n.Approved {
	case "":
	case programme.AnyApproval:
		b.WriteString(", from a provider approved at the time")
	default:
		b.WriteString(", from a provider approved at the time for " + spoken(n.Approved))
	}
	for _, x := range []struct {
		so    bool
		words string
	}{
		{n.Documented, ", with a document"},
		{n.Unrelated, ", attested by no relative"},
		{n.Unused == programme.UnusedHere, ", that no other decision of this programme rests on"},
		{n.Unused == programme.UnusedAnywhere, ", that no other decision rests on"},
		{n.Share != nil, ", scored " + shareWords(n.Share) + " or higher"},
		{n.Distinct != "", ", of another " + n.Distinct + " than those that count already"},
	} {
		if x.so {
			b.WriteString(x.words)
		}
	}
	return b.String()
}

func (h Holding) words() string {
	if h.Number == 0 {
		return spoken(h.Code)
	}
	return spoken(h.Code) + " for " + Quantity(h.Number, h.Unit)
}

func shareWords(share *int64) string {
	if share == nil {
		return ""
	}
	return Quantity(*share, UnitBasisPoint)
}

// spanWords says in which day, week or month the quantity is to fall.
func (n Need) spanWords() string {
	switch {
	case n.Per == "":
		return ""
	case n.Times > 1:
		return " in each of " + decimal(n.Times) + " more " + n.Per + "s"
	}
	return " in one more " + n.Per
}

// partWords says which parts of a total fall short of what is asked of them.
func partWords(r Result) string {
	var short []string
	for _, p := range r.Parts {
		if p.Amount < p.AtLeast {
			name := p.Path[strings.LastIndexByte(p.Path, '/')+1:]
			short = append(short, spoken(name)+" "+Quantity(p.Amount, r.Left.Unit)+" of "+Quantity(p.AtLeast, r.Left.Unit))
		}
	}
	if len(short) == 0 {
		return ""
	}
	return "; " + strings.Join(short, ", ")
}

func andList(codes []string) string {
	words := make([]string, len(codes))
	for i, c := range codes {
		words[i] = "the " + spoken(c)
	}
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
