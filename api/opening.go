package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/certledger/certledger/api/desk"
	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore/checkpoints"
	"github.com/certledger/certledger/eventstore/proof"
)

// Opening is part of every read that may show what is sealed.
type Opening struct {
	Purpose string `query:"purpose" enum:"appeal,audit,complaint,correction,data-subject-request,legal,review" doc:"Why sealed values are to be opened: a code, and no words of your own. The reading is recorded before anything is opened. Left out, everything stays sealed." example:"appeal"`
}

var notForPurpose = kind{"purpose-not-yours", http.StatusForbidden, "This role opens nothing of this for this purpose; GET /docs says who may, for which. Leave purpose out to have it sealed, or choose another of the token's roles with Certledger-Role. Nothing was opened.", 0}

// dossierRead is a dossier that somebody asks for, with its sealed values where
// there is a purpose.
type dossierRead struct {
	what, id string // as a reading's entry has them
	purpose  string
}

// mayOpen is what the caller may open. Asked for in vain, it is a problem, so
// that nobody takes a redacted dossier for all there is.
func (c *call) mayOpen(d dossierRead) (mayOpen, error) {
	if d.purpose == "" {
		return nil, nil
	}
	may, ok := openings[asked{c.role, d.what, d.purpose}]
	if !ok {
		return nil, notForPurpose.problem()
	}
	return may, nil
}

// opened adds to a dossier what the caller may open of it. The reading is
// recorded before.
func (s *server) opened(ctx context.Context, c *call, d dossierRead, may mayOpen, files proof.Files, at checkpoints.Published) (proof.Files, error) {
	entries, err := files.Entries()
	if err != nil {
		return nil, err
	}
	plan := planOpening(may, entries, d)
	act := domain.Act{
		At: s.cfg.Now().UTC().Truncate(time.Second), By: c.token.Actor, Role: c.role, Command: s.cfg.Desk.CommandID("", ""),
	}
	sequence, values, err := s.cfg.Desk.Read(ctx, desk.Reading{
		Act: act, What: d.what, ID: d.id, Purpose: d.purpose, Values: plan.open, CorrelationID: c.correlation, TraceParent: c.trace,
	})
	if err != nil {
		return nil, err
	}
	raise(&s.written, sequence)
	what := proof.Opening{
		Access: sequence, By: c.token.Actor, Role: c.role, Purpose: d.purpose, Time: proof.OpeningTime(act.At), Closed: plan.closed,
	}
	for i, v := range plan.open {
		key := domain.CommonOf(v.Entry.Event).Sealed[v.Group].Key
		if values[i].Err != nil {
			what.Closed = append(what.Closed, proof.ClosedGroup{Entry: v.Entry.Sequence, Group: v.Group, Key: key, Why: wordOfClosed(values[i].Err)})
			continue
		}
		what.Opened = append(what.Opened, proof.OpenedGroup{Entry: v.Entry.Sequence, Group: v.Group, Key: key, Fields: values[i].Fields})
	}
	return s.cfg.Checkpoints.Opening(files, what, at)
}

// wordOfClosed is why a value could not be opened, as dossiers have it.
func wordOfClosed(err error) string {
	switch {
	case errors.Is(err, desk.ErrErasedValue):
		return proof.ClosedErased
	case errors.Is(err, desk.ErrNeverKey):
		return proof.ClosedNever
	case errors.Is(err, desk.ErrKeyNotHere):
		return proof.ClosedNotYet
	}
	return proof.ClosedAltered
}

// openingPlan is what to open, and what stays closed by the table.
type openingPlan struct {
	open   []desk.SealedValue
	closed []proof.ClosedGroup
}

// planOpening goes through all that is sealed in a dossier's entries.
func planOpening(may mayOpen, entries []domain.Entry, d dossierRead) openingPlan {
	of := aboutWhom(entries)
	hand := atHand(entries, d)
	var plan openingPlan
	for _, e := range entries {
		sealed := domain.CommonOf(e.Event).Sealed
		for _, g := range domain.Groups() {
			s, there := sealed[g]
			if !there {
				continue
			}
			whose := of.whose(e.Subject)
			why := ""
			switch {
			case whose != of.person:
				why = proof.ClosedOthers
			case !may[g].holds(e, whose, hand):
				why = proof.ClosedRole
			}
			if why != "" {
				plan.closed = append(plan.closed, proof.ClosedGroup{Entry: e.Sequence, Group: g, Key: s.Key, Why: why})
				continue
			}
			plan.open = append(plan.open, desk.SealedValue{Whose: whose, Entry: e, Group: g})
		}
	}
	return plan
}

// holds reports whether a group of an entry is in a scope.
func (s openScope) holds(e domain.Entry, whose domain.Subject, hand map[uint64]bool) bool {
	switch s {
	case openAll:
		return true
	case openHand:
		return hand[e.Sequence]
	case openOwn:
		return domain.Subject(e.Actor) == whose
	}
	return false
}

// people are whose values stand on which subject of a dossier.
type people struct {
	person domain.Subject // whom the dossier is about
	of     map[domain.Subject]domain.Subject
}

// aboutWhom finds the people: all registrations of a dossier are one person's.
func aboutWhom(entries []domain.Entry) people {
	p := people{of: map[domain.Subject]domain.Subject{}}
	for _, e := range entries {
		if submitted, ok := e.Event.(*domain.RegistrationSubmitted); ok {
			p.person = domain.SubjectOf(domain.KindPerson, submitted.Person)
			p.of[e.Subject] = p.person
		}
	}
	return p
}

// whose are the values on a subject; empty for what is no person's.
func (p people) whose(subject domain.Subject) domain.Subject {
	switch subject.Kind() {
	case domain.KindPerson, domain.KindAttester:
		return subject
	}
	return p.of[subject]
}

// atHand are the entries of the decision that a dossier is about: its own, the
// proposal that it carries out, and those that it looked at. There are none in a
// person's dossier.
func atHand(entries []domain.Entry, d dossierRead) map[uint64]bool {
	out := map[uint64]bool{}
	for _, e := range entries {
		decision, ok := e.Event.(*domain.DecisionRecorded)
		if !ok || d.what != domain.ReadDecisionDossier || decision.Decision != d.id {
			continue
		}
		out[e.Sequence] = true
		if decision.Proposed != nil {
			out[decision.Proposed.Sequence] = true
		}
		if decision.Record != nil {
			for _, c := range decision.Record.Evidence {
				out[c.Sequence] = true
			}
		}
	}
	return out
}
