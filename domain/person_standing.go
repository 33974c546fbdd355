package domain

import "github.com/certledger/certledger/domain/programme"

// PersonStanding is the highest level of an award that a person was granted, over all their
// registrations in the programme, and that was not revoked since; empty where there is
// none (A31). A revocation for the whole person takes its levels from every registration
// until a reinstatement lifts it.
func PersonStanding(award programme.Award, registrations []*Standing) string {
	var revoked []string
	all := false
	for _, s := range registrations {
		for _, d := range s.Decisions {
			if d.Award == award.Key && d.Act == ActRevoke && d.PersonWide && !d.Superseded {
				revoked = append(revoked, d.Levels...)
				all = all || len(d.Levels) == 0
			}
		}
	}
	best, highest := "", -1
	for _, s := range registrations {
		d, ok := givenAmong(s.Decisions, award.Key, func(Decision) bool { return true }, revoked)
		if !ok || all {
			continue
		}
		if rank, known := award.Rank(d.Level); known && rank > highest {
			best, highest = d.Level, rank
		}
	}
	return best
}
