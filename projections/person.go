package projections

import (
	"cmp"
	"slices"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

// PersonStanding is what a person holds: over all registrations, by programme
// and award, the highest level that is granted and not revoked.
type PersonStanding struct {
	Person        string
	Registrations []*Summary // by id
	Holds         []Holding  // by programme and award; those decided on
}

// Holding is a person's standing in one award of a programme.
type Holding struct {
	Programme    string
	Award        string
	Level        string // empty where nothing is in force
	Registration string // that Level was granted in
	Decision     string // that granted it
	Suspended    bool   // the decision stands and is suspended
	RevokedWide  []string
}

// PersonStanding gathers a person's registrations. Without any it is nil.
func (r reads) PersonStanding(person string) (*PersonStanding, error) {
	return read(r, func(r reader) (*PersonStanding, error) { return personStandingOf(r, person) })
}

func personStandingOf(from moment, person string) (*PersonStanding, error) {
	ids, err := from.registrationsOf(person)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	out := &PersonStanding{Person: person}
	var all []registered
	for _, id := range ids {
		summary, err := from.summary(id)
		if err != nil {
			return nil, err
		}
		out.Registrations = append(out.Registrations, summary)
		s, err := from.standing(id)
		if err != nil {
			return nil, err
		}
		p, err := from.programme(s.Pin.Digest)
		if err != nil {
			return nil, err
		}
		all = append(all, registered{s, p})
	}
	out.Holds = holdings(all)
	return out, nil
}

// registered is one registration of a person, and its programme where that is
// known.
type registered struct {
	standing  *domain.Standing
	programme *programme.Programme
}

// holdings compares levels in the order of the highest version of the programme
// that any of the registrations is pinned to.
func holdings(all []registered) []Holding {
	type award struct{ programme, key string }
	order, version := map[award][]string{}, map[award]int{}
	revoked := map[award][]string{}
	var awards []award
	for _, g := range all {
		s := g.standing
		for _, o := range s.AsOthers(g.programme) {
			if o.Award == "" {
				continue
			}
			a := award{o.Programme, o.Award}
			awards = append(awards, a)
			revoked[a] = append(revoked[a], o.RevokedWide...)
			if levels := levelsOf(g.programme, o.Award); len(levels) > 0 && s.Pin.Version >= version[a] {
				order[a], version[a] = levels, s.Pin.Version
			}
		}
	}
	slices.SortFunc(awards, func(x, y award) int {
		return cmp.Or(cmp.Compare(x.programme, y.programme), cmp.Compare(x.key, y.key))
	})
	var out []Holding
	for _, a := range slices.Compact(awards) {
		h := Holding{Programme: a.programme, Award: a.key, RevokedWide: unique(revoked[a], order[a])}
		for _, g := range all {
			s := g.standing
			if s.Pin.Programme != a.programme {
				continue
			}
			d, ok := s.InForceApart(a.key, h.RevokedWide)
			if !ok {
				continue
			}
			if h.Level != "" && slices.Index(order[a], d.Level) <= slices.Index(order[a], h.Level) {
				continue
			}
			h.Level, h.Registration, h.Decision, h.Suspended = d.Level, s.Registration, d.ID, suspended(s, a.key)
		}
		out = append(out, h)
	}
	return out
}

// suspended reports whether a suspension of the award is in force.
func suspended(s *domain.Standing, award string) bool {
	return slices.ContainsFunc(s.Decisions, func(d domain.Decision) bool {
		return d.Act == domain.ActSuspend && d.Award == award && !d.Superseded
	})
}

// unique lists words once, in the given order, unknown ones first.
func unique(words, order []string) []string {
	slices.SortFunc(words, func(a, b string) int {
		return cmp.Or(slices.Index(order, a)-slices.Index(order, b), cmp.Compare(a, b))
	})
	return slices.Compact(words)
}
