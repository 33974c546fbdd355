package api

import (
	"context"
	"slices"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

// EntryDecision is a decision that has to do with an entry.
type EntryDecision struct {
	Registration string        `json:"registration" doc:"Whose decision it is" example:"9d21c04e6a1b4f0f8d3a5f7b2c1e0d9a"`
	Decision     string        `json:"decision" doc:"The decision" example:"b0154b10680eb1e12d23c4a8bea162b5"`
	Act          string        `json:"act" doc:"What was decided" example:"grant"`
	Award        string        `json:"award" doc:"The award" example:"certification"`
	Level        string        `json:"level,omitempty" doc:"The level" example:"level-1r"`
	InForce      bool          `json:"inforce" doc:"Whether no later decision has superseded it"`
	Made         domain.Origin `json:"made" doc:"The decision's entry: its sequence, when and by whom"`
	Part         string        `json:"part" enum:"used,superseded,ignored,read,doubts" doc:"How it has to do with the entry. used, superseded, ignored: as the decision's record says of an entry that it consulted. read: the entry is about a cohort or an attester whom the decision had read up to a later entry. doubts: the entry was not known to the decision and asks, or asked, for its review."`
	Why          string        `json:"why,omitempty" doc:"Why an entry that was consulted was not used, as a code" example:"outranked"`
	Review       *ReviewItem   `json:"review,omitempty" doc:"The review that is open"`
}

// Parts that an entry plays in a decision beyond those of its record.
const (
	partRead   = "read"
	partDoubts = "doubts"
)

func (s *server) entryDecisionsRoute() {
	type list struct {
		Reading
		Paging
	}
	read(s, operation{
		id: "list-entry-decisions", path: "/v1/entries/{sequence}/decisions", tag: "decisions", summary: "Decisions that rest on an entry", filters: true,
		text:  "Every decision that consulted the entry, in force or superseded, and how it was used; and every decision that the entry, recorded later, put in doubt. Of an open review the answer has the whole. By registration; everybody sees those that their role reaches.",
		needs: permission{"read", groupDecisions},
	}, func(_ context.Context, c *call, v *projections.View, in *list) (found[Page[EntryDecision]], error) {
		stored, err := entryAt(c, v)
		if err != nil {
			return found[Page[EntryDecision]]{}, err
		}
		e, err := domain.Decode(stored.Sequence, stored.Payload)
		if err != nil {
			return found[Page[EntryDecision]]{}, err
		}
		all, err := s.decisionsOn(c, v, &e)
		if err != nil {
			return found[Page[EntryDecision]]{}, err
		}
		return pageByPath(in.Paging, all, func(d EntryDecision) string { return d.Registration + "/" + d.Decision })
	})
}

// decisionsOn are the decisions that have to do with an entry and that the
// caller's role reaches.
func (s *server) decisionsOn(c *call, v *projections.View, e *domain.Entry) ([]EntryDecision, error) {
	ids, err := registrationsAbout(v, e.Subject)
	if err != nil {
		return nil, err
	}
	var out []EntryDecision
	for _, id := range ids {
		f, err := v.Facts(id)
		if err != nil {
			return nil, err
		}
		if f.Standing == nil || len(f.Standing.Decisions) == 0 || !reaches(c.reach, c.token.Actor, c.role, f, s.today()) {
			continue
		}
		reviews := s.reviewItems(f)
		for i := range f.Standing.Decisions {
			d := &f.Standing.Decisions[i]
			line := EntryDecision{
				Registration: id, Decision: d.ID, Act: d.Act, Award: d.Award, Level: d.Level, InForce: !d.Superseded, Made: d.Made,
			}
			if at := slices.IndexFunc(reviews, func(r ReviewItem) bool { return r.Decision == d.ID }); at >= 0 {
				line.Review = &reviews[at]
			}
			if line.Part, line.Why, err = partOf(v, e, f.Standing, d, line.Review); err != nil {
				return nil, err
			}
			if line.Part != "" {
				out = append(out, line)
			}
		}
	}
	return out, nil
}

// partOf is the part that an entry plays in a decision; empty for none.
func partOf(v *projections.View, e *domain.Entry, st *domain.Standing, d *domain.Decision, review *ReviewItem) (part, why string, err error) {
	switch {
	case doubts(e.Sequence, st, d.ID, review):
		return partDoubts, "", nil
	case e.Subject.Kind() != domain.KindRegistration:
		if slices.ContainsFunc(d.Seen, func(x domain.Seen) bool { return x.Subject == e.Subject && x.Sequence >= e.Sequence }) {
			return partRead, "", nil
		}
		return "", "", nil
	}
	stored, ok, err := v.Entry(d.Made.Sequence)
	if err != nil || !ok {
		return "", "", orElse(err, noSuchEntry)
	}
	decided, err := domain.Decode(stored.Sequence, stored.Payload)
	if err != nil {
		return "", "", err
	}
	if made, ok := decided.Event.(*domain.DecisionRecorded); ok && made.Record != nil {
		for _, x := range made.Record.Evidence {
			if x.Sequence == e.Sequence {
				return x.Role, x.Why, nil
			}
		}
	}
	return "", "", nil
}

// doubts reports whether an entry asks, or asked, for the review of a decision.
func doubts(sequence uint64, st *domain.Standing, decision string, review *ReviewItem) bool {
	return slices.ContainsFunc(st.Doubts, func(x domain.Doubt) bool { return x.Decision == decision && x.Made.Sequence == sequence }) ||
		slices.ContainsFunc(st.ClosedReviews, func(x domain.ClosedReview) bool { return x.Decision == decision && slices.Contains(x.Causes, sequence) }) ||
		review != nil && slices.ContainsFunc(review.Causes, func(x domain.Cause) bool { return x.Made.Sequence == sequence })
}
