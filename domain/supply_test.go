package domain

import (
	"fmt"
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// supplyRecord records evidence that a distance asks for, as it says: signed,
// answered, from a provider approved, in as many days, weeks or months.
func (w *world) supplyRecord(n Need) error {
	if n.From != "" {
		w.waitFor(Need{From: n.From})
	}
	if n.Per == "" && !n.AtOnce && n.Unit == UnitMinute {
		return w.supplyTime(n)
	}
	for range max(1, n.Times) {
		days := 1
		switch {
		case n.Per != "":
			w.nextSpan(n)
		case n.Until == "":
			w.day()
		}
		if n.Unit == UnitMinute {
			days = int(ceil(*n.Quantity, dayMinutes))
			if n.Per == programme.SpanDay || n.Until != "" {
				days = 1
			}
		}
		if err := w.supplyPiece(n, days); err != nil {
			return err
		}
	}
	return nil
}

// pieceDays is over how many days supply spreads one piece of work.
const pieceDays = 20

// supplyTime spreads time over days, as many as there are until the last on
// which it counts.
func (w *world) supplyTime(n Need) error {
	aDay := int64(dayMinutes)
	if n.Until != "" {
		aDay = max(aDay, ceil(*n.Quantity, int64(max(1, DateOf(w.now).DaysUntil(n.Until)))))
	}
	for left := *n.Quantity; left > 0; left -= aDay * pieceDays {
		part, now := n, min(left, aDay*pieceDays)
		part.Quantity = &now
		if n.Until == "" || DateOf(w.now) < n.Until {
			w.day()
		}
		if err := w.supplyPiece(part, int(ceil(now, aDay))); err != nil {
			return err
		}
	}
	return nil
}

// nextSpan goes on to the next day, week or month with nothing in it.
func (w *world) nextSpan(n Need) {
	_, until := spanOf(n.Per, DateOf(w.now))
	for _, x := range w.standing.Evidence {
		if _, taken := spanOf(n.Per, x.Until); taken > until {
			until = taken
		}
	}
	w.waitFor(Need{From: until.AddDays(1)})
}

func (w *world) supplyPiece(n Need, days int) error {
	first := DateOf(w.now)
	if days > 1 {
		w.waitFor(Need{From: first.AddDays(days - 1)})
	}
	by, role := w.who(n.By)
	fact := Fact{
		Activity: w.activity, Kind: n.Of, Category: n.Category, Number: n.Number, Outcome: n.Outcome, Title: n.Title, Mode: n.Mode, Item: n.Item,
		Track: n.Track, Period: n.Period, Provider: n.Provider, Module: n.Module, AttesterRole: n.Attester, FiledRole: n.By,
		From: first, Until: DateOf(w.now), Quantity: n.Quantity, Unit: n.Unit, Currency: n.Currency,
	}
	if n.Until != "" && fact.Until > n.Until {
		fact.From, fact.Until = min(fact.From, n.Until), n.Until
	}
	if n.Attester != "" {
		who, _ := w.who(n.Attester)
		_, fact.Attester, _ = cutActor(who)
	}
	if len(n.Qualified) > 0 {
		fact.Attester = w.attester("qualified-"+n.Attester, false, n.Qualified...)
	}
	if n.Approved != "" {
		fact.Provider = w.attester("approved-"+n.Approved, true, Holding{Code: n.Approved})
	}
	if n.Documented {
		fact.Documents = []string{HashOf([]byte("document"))}
	}
	if n.Share != nil {
		outOf := int64(whole)
		fact.Score, fact.OutOf = n.Share, &outOf
	}
	w.apart(n, &fact)
	if err := w.do(RecordEvidence{Act: w.act(by, role), Registration: worldRegistration, Fact: fact}); err != nil {
		return err
	}
	return w.supplyWords(n, w.standing.Evidence[len(w.standing.Evidence)-1].ID)
}

// apart tells a fact from others, where those alike count once.
func (w *world) apart(n Need, fact *Fact) {
	fresh := fmt.Sprintf("fresh-%d", w.commands)
	switch n.Distinct {
	case "title":
		fact.Title = fresh
	case "item":
		fact.Item = fresh
	case "provider":
		fact.Provider = fresh
	case "attester":
		fact.Attester = fresh
	}
}

// supplyWords signs and answers a piece of evidence.
func (w *world) supplyWords(n Need, id string) error {
	for _, wanted := range append([]string{n.SignedBy}, n.AlsoSigned...) {
		if wanted == "" {
			continue
		}
		by, role := w.who(wanted)
		if err := w.do(SignEvidence{Act: w.act(by, role), Registration: worldRegistration, Evidence: id}); err != nil {
			return err
		}
	}
	if n.Answer == "" {
		return nil
	}
	by, role := w.who(RoleStaff)
	return w.do(AnswerEvidence{Act: w.act(by, role), Registration: worldRegistration, Evidence: []string{id}, Answer: n.Answer})
}

// attester makes somebody known who has always held what is asked for.
func (w *world) attester(id string, approval bool, held ...Holding) string {
	i := slices.IndexFunc(w.attesters, func(a *Attester) bool { return a.ID == id })
	if i < 0 {
		w.attesters = append(w.attesters, &Attester{ID: id})
		slices.SortFunc(w.attesters, func(a, b *Attester) int { return compareText(a.ID, b.ID) })
		i = slices.IndexFunc(w.attesters, func(a *Attester) bool { return a.ID == id })
	}
	for _, h := range held {
		w.attesters[i].hold(Qualification{Code: h.Code, Approval: approval, From: "1990-01-01"})
	}
	return id
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
