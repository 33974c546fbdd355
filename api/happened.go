package api

import (
	"context"
	"time"
	_ "time/tzdata" // the programmes' zones are in the binary

	"github.com/certledger/certledger/domain"
)

// happenedAheadMax is how far a caller's clock may be ahead of ours.
const happenedAheadMax = 5 * time.Second

// about is a body that says which programme or cohort a new thing belongs to,
// where its path does not.
type about interface {
	programmeOrCohort() (programme, cohort string)
}

// actTime is when an act happened: as the caller says, else now in the zone of
// the programme concerned. Its offset is fixed here, at the door.
func (s *server) actTime(c *call, b body) (time.Time, error) {
	at := b.when()
	if at == nil {
		return s.nowIn(c.zone), nil
	}
	if at.After(s.cfg.Now().Add(happenedAheadMax)) {
		return time.Time{}, inFuture.at("body.happened", inFuture.detail)
	}
	return at.Truncate(time.Second), nil
}

// nowIn is now in a zone by name, or in the server's where the name is empty.
func (s *server) nowIn(zone string) time.Time {
	location := s.zone
	if zone != "" {
		if l, err := time.LoadLocation(zone); err == nil {
			location = l
		}
	}
	return s.cfg.Now().In(location).Truncate(time.Second)
}

// concern notes the person and the programme's zone that a request concerns.
func (s *server) concern(ctx context.Context, c *call, b body) error {
	programme, cohort := c.param("programme"), c.param("cohort")
	if a, ok := b.(about); ok {
		programme, cohort = a.programmeOrCohort()
	}
	var subject domain.Subject
	switch {
	case domain.IsSlug(c.param("registration")):
		subject = domain.SubjectOf(domain.KindRegistration, c.param("registration"))
	case domain.IsSlug(cohort):
		subject = domain.SubjectOf(domain.KindCohort, cohort)
	case domain.IsSlug(programme):
		subject = domain.SubjectOf(domain.KindProgramme, programme)
	default:
		return nil
	}
	f, err := s.cfg.Desk.Facts(ctx, subject)
	if err != nil {
		return err
	}
	if f.Programme != nil {
		c.zone = f.Programme.TimeZone
	}
	if f.Standing.Exists() {
		c.person = f.Standing.Person
	}
	return nil
}
