package domain

import (
	"cmp"
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// attester is what is known of an attester or provider, nil where nothing is.
func (v *view) attester(id string) *Attester {
	i, ok := slices.BinarySearchFunc(v.f.Attesters, id, func(a *Attester, id string) int { return cmp.Compare(a.ID, id) })
	if !ok {
		return nil
	}
	return v.f.Attesters[i]
}

// qualified reports whether whoever attested to a fact held all that is asked
// for, for long enough, on its last day.
func (v *view) qualified(fact *Fact, asked []programme.Held) bool {
	who := v.attester(fact.Attester)
	return who != nil && !slices.ContainsFunc(asked, func(h programme.Held) bool {
		since := who.heldSince(h.Code, fact.Until)
		return since == "" || since.plus(h.For) > fact.Until
	})
}

// heldSince is the day from which an attester has held a qualification or an
// approval without a break up to a day, empty where they did not hold it then.
func (a *Attester) heldSince(code string, day Date) Date {
	var since Date
	for {
		before := since
		for i := range a.Qualifications {
			q := &a.Qualifications[i]
			switch {
			case q.Code != code || q.From > day || since != "" && q.From >= since:
			case since == "" && (q.Until == "" || day <= q.Until),
				since != "" && (q.Until == "" || q.Until.AddDays(1) >= since):
				since = q.From
			}
		}
		if since == before {
			return since
		}
	}
}

// approved reports whether the provider of a fact held an approval on all its
// days: of a code, or any.
func (v *view) approved(fact *Fact, code string) bool {
	who := v.attester(fact.Provider)
	return who != nil && slices.ContainsFunc(who.Qualifications, func(q Qualification) bool {
		if !q.Approval || code != programme.AnyApproval && q.Code != code {
			return false
		}
		since := who.heldSince(q.Code, fact.Until)
		return since != "" && since <= fact.From
	})
}
