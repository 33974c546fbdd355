package domain

import (
	"strings"
	"time"
)

// Actor is who did something: "attester/77ab…", "person/…" (the participant),
// "staff/…", or "system/clock". Always a pseudonym.
type Actor string

// AttesterActor is the actor of an attester's own act.
func AttesterActor(id string) Actor { return Actor("attester/" + id) }

// PersonActor is the actor of a participant's own act.
func PersonActor(id string) Actor { return Actor("person/" + id) }

// StaffActor is the actor of a staff member's act.
func StaffActor(id string) Actor { return Actor("staff/" + id) }

// Check reports whether a is well formed.
func (a Actor) Check() bool {
	kind, id, ok := strings.Cut(string(a), "/")
	if !ok || !IsSlug(id) {
		return false
	}
	switch kind {
	case "attester", "person", "staff", "system":
		return true
	}
	return false
}

// Roles as the access table and programmes use them. Programmes may name
// others (review-board); these are the ones that acts of this package know.
const (
	RoleRegistrar      = "registrar"
	RoleTrainer        = "trainer"
	RoleSupervisor     = "supervisor"
	RoleCoordinator    = "coordinator" // practicum coordinator: approves plans
	RoleCertifier      = "certifier"
	RoleAppealsPanel   = "appeals-panel"
	RoleAuthor         = "author" // programme author
	RoleAuditor        = "auditor"
	RolePrivacyOfficer = "privacy-officer"
	RoleIntegrator     = "integrator"
	RoleAdministrator  = "administrator"
	RoleParticipant    = "participant"
	RoleStaff          = "staff" // in programmes: any of the body's own staff
	RoleSystem         = "system"
)

// staffRoles are the roles that a programme's word "staff" means.
var staffRoles = []string{RoleRegistrar, RoleCoordinator, RoleCertifier, RoleAdministrator}

// playsRole reports whether an actor in role acts as want, a programme's word for who may.
func playsRole(role, want string) bool {
	if role == want || want == "" {
		return true
	}
	if want == RoleStaff {
		for _, r := range staffRoles {
			if r == role {
				return true
			}
		}
	}
	return false
}

// Act is who does something, in which role and when. It is part of every
// command.
type Act struct {
	At      time.Time // when it happened, with the offset fixed at the door
	By      Actor
	Role    string
	Command string // command id, from which the ids of what it creates derive
}

func (a Act) act() Act { return a }

// Origin is where in the ledger a fact stands and who put it there.
type Origin struct {
	Sequence uint64    `json:"seq"`
	Time     time.Time `json:"time"`
	Recorded time.Time `json:"rec"`
	Actor    Actor     `json:"by"`
	Role     string    `json:"role"`
}

func originOf(e *Entry) Origin {
	return Origin{Sequence: e.Sequence, Time: e.Time, Recorded: e.Recorded, Actor: e.Actor, Role: e.ActorRole}
}

// Day is the day the fact happened.
func (o Origin) Day() Date { return DateOf(o.Time) }

// KnownDay is the day from which the fact could be known: the later of when it
// happened and when it was recorded, in the offset of the act.
func (o Origin) KnownDay() Date {
	return max(o.Day(), DateOf(o.Recorded.In(o.Time.Location())))
}

// Command is something that somebody wants to do. Decide is pure: it answers
// with the events to record, in order, all on Subject; with a *Refusal; or with
// nothing, where the ledger already says so.
type Command interface {
	Subject() Subject
	Decide(Facts) ([]Event, error)
	act() Act
}

// ActOf tells who a command's act is by, and when it happened.
func ActOf(c Command) Act { return c.act() }
