package domain

import (
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// Facts is everything that a command or an assessment may look at. What does
// not apply is nil.
type Facts struct {
	Standing  *Standing            // registration commands
	Programme *programme.Programme // the pinned version; for a new registration or cohort the one in force
	Cohort    *Cohort              // the registration's, or the cohort commanded
	Elsewhere *Cohort              // another cohort that the command names
	Line      *ProgrammeLine

	// Clarifying is the version that the command names beside the pinned one.
	Clarifying *programme.Programme

	Attester  *Attester   // the attester commanded, or the one a command names
	Attesters []*Attester // those assigned to the cohort or the registration, named by evidence, or on whose word a decision rested, sorted by id
	Person    *Person
	System    *System
	Others    []Other                // the person's other registrations, sorted by id
	Versions  []*programme.Programme // of Line, where a registration is judged by the one in force when the rules are asked, or on the last day of a period
	Entries   []Entry                // the registration's entries in order, for decisions only
	Reads     []Read                 // version of each of these that is not on the command's own subject

	// PeriodRules says of a decision taken again by which of Versions it judged
	// periods that had ended; by day.
	PeriodRules []PeriodRules

	// EngineHash is the hash of the program that runs, for the record of a
	// decision. Empty where it is not known; nothing depends on it.
	EngineHash string

	undigested bool // a record that is only compared needs no digest
}

// Other is what a decision may look at of the same person's other registrations.
type Other struct {
	Registration string   `json:"registration"`
	Programme    string   `json:"programme"`
	Cohort       string   `json:"cohort,omitempty"`
	State        string   `json:"state"`
	Award        string   `json:"award,omitempty"`
	Granted      string   `json:"granted,omitempty"`
	RevokedWide  []string `json:"revokedwide,omitempty"` // levels revoked person-wide
	Uses         []string `json:"uses,omitempty"`        // activities that decisions in force on the award rest on, sorted
	Sequence     uint64   `json:"sequence"`
}

// AsOthers is what a decision on another registration of the same person may
// look at: a row for every award decided on, in the programme's order, or one
// without an award where nothing was.
func (s *Standing) AsOthers(p *programme.Programme) []Other {
	base := Other{Registration: s.Registration, Programme: s.Pin.Programme, Cohort: s.Cohort, State: s.State, Sequence: s.Sequence}
	if p == nil {
		return []Other{base}
	}
	var out []Other
	for _, a := range p.Awards {
		if !slices.ContainsFunc(s.Decisions, func(d Decision) bool { return d.Award == a.Key }) {
			continue
		}
		row := base
		row.Award, row.RevokedWide, row.Uses = a.Key, s.RevokedWide(a), s.usesOf(a)
		if d, ok := s.InForce(a.Key); ok {
			row.Granted = d.Level
		}
		out = append(out, row)
	}
	if len(out) == 0 {
		return []Other{base}
	}
	return out
}
