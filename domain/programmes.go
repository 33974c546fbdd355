package domain

// ProgrammeLine is the versions of one programme that the ledger holds.
type ProgrammeLine struct {
	Head
	ID        string      `json:"id"`
	Versions  []Published `json:"versions,omitempty"` // in order of publication
	Proposals []Proposal  `json:"proposals,omitempty"`
}

// Published is one version of a programme in force from a day on.
type Published struct {
	Version   int    `json:"version"`
	Digest    string `json:"digest"`
	From      Date   `json:"from"`
	Until     Date   `json:"until,omitempty"`
	Withdrawn bool   `json:"withdrawn,omitempty"` // no new registration is pinned to it
	Made      Origin `json:"made"`
}

// ProgrammePublished makes a version of the rules available. It holds the
// exact bytes, so that a result can be derived again from the ledger alone.
type ProgrammePublished struct {
	Common
	Programme string    `json:"programme"`
	Version   int       `json:"version"`
	Digest    string    `json:"digest"`
	From      Date      `json:"from"`
	Until     Date      `json:"until,omitempty"`
	Rules     string    `json:"rules"` // the YAML, byte for byte
	Proposed  *Proposed `json:"proposed,omitempty"`
}

// ProgrammeWithdrawn ends the pinning of new registrations to a version.
type ProgrammeWithdrawn struct {
	Common
	Programme string `json:"programme"`
	Version   int    `json:"version"`
	Reason    string `json:"reason,omitempty"`
}

func (*ProgrammePublished) Type() string { return "programme.published.v1" }
func (*ProgrammeWithdrawn) Type() string { return "programme.withdrawn.v1" }

func (v *ProgrammePublished) apply(f fold, e *Entry) {
	if !f.carriedOut(v.Proposed, e, true) {
		return
	}
	f.programme.Versions = append(f.programme.Versions, Published{
		Version: v.Version, Digest: v.Digest, From: v.From, Until: v.Until, Made: originOf(e),
	})
}

func (v *ProgrammeWithdrawn) apply(f fold, _ *Entry) {
	for i := range f.programme.Versions {
		if f.programme.Versions[i].Version == v.Version {
			f.programme.Versions[i].Withdrawn = true
		}
	}
}

// Apply folds an entry on the programme's subject.
func (p *ProgrammeLine) Apply(e Entry) {
	p.ID = e.Subject.ID()
	e.Event.apply(fold{programme: p}, &e)
	p.advance(&e)
}

// InForce is the version that a registration of day is pinned to: the latest
// published that is valid that day and not withdrawn.
func (p *ProgrammeLine) InForce(day Date) (Published, bool) {
	var best Published
	for _, v := range p.Versions {
		if v.Withdrawn || day < v.From || (v.Until != "" && day > v.Until) {
			continue
		}
		if v.Version > best.Version {
			best = v
		}
	}
	return best, best.Version > 0
}

// Find is the version with that number.
func (p *ProgrammeLine) Find(version int) (Published, bool) {
	for _, v := range p.Versions {
		if v.Version == version {
			return v, true
		}
	}
	return Published{}, false
}

// ProposeProgramme puts a version forward for publication. Publishing takes
// two people.
type ProposeProgramme struct {
	Act
	Programme string // must be the id in Rules
	Rules     string // YAML: a whole programme, or an overlay with its bases

	// Bases are the programmes that the rules are laid over, as YAML. Where the
	// rules are resolved already and their base is here, the merge is done again
	// and compared.
	Bases []string
}

// PublishProgramme approves a proposed version: another person than its author.
type PublishProgramme struct {
	Act
	Programme string
	Proposal  string
}

// DeclineProposal closes a proposal on any subject that takes them. The
// proposer withdraws; anybody else declines.
type DeclineProposal struct {
	Act
	On       Subject
	Proposal string
	Reason   string // reason code
}

// WithdrawProgramme ends the pinning of new registrations to a version.
type WithdrawProgramme struct {
	Act
	Programme string
	Version   int
	Reason    string
}

// Subject is the programme's.
func (c ProposeProgramme) Subject() Subject { return SubjectOf(KindProgramme, c.Programme) }

// Subject is the programme's.
func (c PublishProgramme) Subject() Subject { return SubjectOf(KindProgramme, c.Programme) }

// Subject is what the proposal stands on.
func (c DeclineProposal) Subject() Subject { return c.On }

// Subject is the programme's.
func (c WithdrawProgramme) Subject() Subject { return SubjectOf(KindProgramme, c.Programme) }
