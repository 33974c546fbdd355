package domain

// Grant decides that a level is reached. It is refused unless the level is
// earned. Granting less than is earned names the clause that the higher level
// is denied for.
type Grant struct {
	Act
	Registration string
	Decision     string // id; derived from the command where empty
	Award        string // the first where empty
	Track        string // of an award that is asked in tracks
	Period       string // of an award that is asked in periods; the earliest not settled where empty
	Level        string
	Clause       string // required where less is granted than is earned
	Reason       string // reason code
	Text         string // sealed
}

// Deny refuses an earned level, naming the clause.
type Deny struct {
	Act
	Registration string
	Decision     string
	Award        string
	Track        string
	Period       string
	Level        string
	Clause       string
	Reason       string // reason code
	Text         string // sealed; required
}

// Suspend suspends what was granted. Reinstate lifts a suspension, or lets
// somebody be granted again after a revocation.
type Suspend struct {
	Act
	Registration string
	Decision     string
	Award        string
	Track        string
	Period       string
	Reason       string
	Text         string // sealed
}

// Reinstate lifts a suspension or the bar of a revocation.
type Reinstate struct {
	Act
	Registration string
	Decision     string
	Award        string
	Track        string
	Period       string
	Reason       string
	Text         string // sealed
}

// ProposeRevocation proposes to revoke levels; another person approves it with
// ApproveProposal.
type ProposeRevocation struct {
	Act
	Registration string
	Award        string
	Track        string
	Period       string
	Levels       []string // every level of the award where empty
	PersonWide   bool
	Reason       string
	Text         string // sealed; required
}

// ProposeCorrection proposes a correction of attendance that raises a level
// after a decision; another person approves it.
type ProposeCorrection struct {
	CorrectAttendance
}

// ProposeLiveEquivalent proposes a live equivalent after a decision.
type ProposeLiveEquivalent struct {
	ApproveLiveEquivalent
}

// Subject is the registration's.
func (c Grant) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c Deny) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c Suspend) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c Reinstate) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c ProposeRevocation) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

func (c Grant) asking() Asking             { return Asking{c.Award, c.Track, c.Period} }
func (c Deny) asking() Asking              { return Asking{c.Award, c.Track, c.Period} }
func (c Suspend) asking() Asking           { return Asking{c.Award, c.Track, c.Period} }
func (c Reinstate) asking() Asking         { return Asking{c.Award, c.Track, c.Period} }
func (c ProposeRevocation) asking() Asking { return Asking{c.Award, c.Track, c.Period} }
