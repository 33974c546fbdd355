package domain

import (
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// PersonStanding is the highest level of an award that a person was granted, over all their
// registrations in the programme, and that was not revoked since; empty where there is
// none (A31). A revocation for the whole person takes its levels from every registration
// until a reinstatement lifts it.
func PersonStanding(award programme.Award, registrations []*Standing) string {
	var revoked []string
	for _, s := range registrations {
		revoked = append(revoked, s.RevokedWide(award)...)
	}
	best, highest := "", -1
	for _, s := range registrations {
		d, ok := s.InForceApart(award.Key, revoked)
		if rank, known := award.Rank(d.Level); ok && known && rank > highest {
			best, highest = d.Level, rank
		}
	}
	return best
}

// RevokedWide are the levels of an award that this registration's decisions in
// force revoked for the whole person, low to high.
func (s *Standing) RevokedWide(award programme.Award) []string {
	var out []string
	for _, level := range award.Levels {
		for _, d := range s.Decisions {
			if d.Award == award.Key && d.Act == ActRevoke && d.PersonWide && !d.Superseded && (len(d.Levels) == 0 || slices.Contains(d.Levels, level)) {
				out = append(out, level)
				break
			}
		}
	}
	return out
}
