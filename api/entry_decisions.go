package api

import (
	"context"
	"errors"
	"slices"
	"strings"

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
	Part         string        `json:"part" enum:"used,superseded,ignored,read,rules,doubts" doc:"How it has to do with the entry. used, superseded, ignored: as the decision's record says of an entry that it consulted. read: the entry is about a cohort, an attester or another registration of the person, which the decision had read up to this entry or a later one. rules: the entry published the rules that it was decided by. doubts: the entry was not known to the decision and asks, or asked, for its review."`
	Why          string        `json:"why,omitempty" doc:"Why an entry that was consulted was not used, as a code" example:"outranked"`
	Review       *ReviewItem   `json:"review,omitempty" doc:"The review that is open"`
}

// Parts that an entry plays in a decision beyond those of its record.
const (
	partRead   = "read"
	partRules  = "rules"
	partDoubts = "doubts"
)

func (s *server) entryDecisionsRoute() {
	type list struct {
		Reading
		Paging
	}
	read(s, operation{
		id: "list-entry-decisions", path: "/v1/entries/{sequence}/decisions", tag: "decisions", summary: "Decisions that rest on an entry", filters: true,
		text:  "Every decision that rested on the entry or consulted it, in force or superseded, and how; and every decision that the entry, recorded later, put in doubt. Of an open review the answer has the whole. By registration, and a page may be short and yet not the last; everybody sees those that their role reaches.",
		needs: permission{"read", groupDecisions},
	}, func(ctx context.Context, c *call, v *projections.View, in *list) (found[Page[EntryDecision]], error) {
		stored, err := entryAt(c, v)
		if err != nil {
			return found[Page[EntryDecision]]{}, err
		}
		e, err := domain.Decode(stored.Sequence, stored.Payload)
		if err != nil {
			return found[Page[EntryDecision]]{}, err
		}
		return s.decisionsOn(ctx, c, v, &e, in.Paging)
	})
}

// registrationsLooked bounds the registrations that are looked at for one page.
const registrationsLooked = 1000

// decisionsOn are the decisions that have to do with an entry and that the
// caller's role reaches.
func (s *server) decisionsOn(ctx context.Context, c *call, v *projections.View, e *domain.Entry, p Paging) (found[Page[EntryDecision]], error) {
	key := func(d EntryDecision) string { return d.Registration + "/" + d.Decision }
	after, err := p.afterPath()
	if err != nil {
		return found[Page[EntryDecision]]{}, err
	}
	from, _, _ := strings.Cut(after, "/")
	var items []EntryDecision
	looked, last := 0, after
	for registration, err := range concernedBy(v, e, from) {
		if err := errors.Join(err, ctx.Err()); err != nil {
			return found[Page[EntryDecision]]{}, err
		}
		if len(items) > p.limit() {
			break
		}
		if looked++; looked > registrationsLooked {
			return found[Page[EntryDecision]]{body: Page[EntryDecision]{Items: orNone(items), Next: cursorOf(last)}, last: last}, nil
		}
		some, err := s.decisionsOf(c, v, e, registration)
		if err != nil {
			return found[Page[EntryDecision]]{}, err
		}
		for _, d := range some {
			if key(d) > after {
				items = append(items, d)
			}
		}
		last = registration + "/" + lastOf
	}
	return pageOf(p, items, key), nil
}

// lastOf comes after every identifier of a decision.
var lastOf = strings.Repeat("z", domain.IDMax)

func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// decisionsOf are those on one registration, by id.
func (s *server) decisionsOf(c *call, v *projections.View, e *domain.Entry, registration string) ([]EntryDecision, error) {
	f, err := v.Facts(registration)
	if err != nil || f.Standing == nil || len(f.Standing.Decisions) == 0 || !reaches(c.reach, c.token.Actor, c.role, f, s.today()) {
		return nil, err
	}
	var a domain.Assessment
	if f.Programme != nil {
		a = domain.Assess(f.Programme, f, s.nowIn(f.Programme.TimeZone))
	}
	causes := domain.CausesOf(f, a)
	var out []EntryDecision
	for i := range f.Standing.Decisions {
		d := &f.Standing.Decisions[i]
		line := EntryDecision{
			Registration: registration, Decision: d.ID, Act: d.Act, Award: d.Award, Level: d.Level, InForce: !d.Superseded, Made: d.Made,
		}
		if at := slices.IndexFunc(a.Reviews, func(r domain.Review) bool { return r.Decision == d.ID }); at >= 0 {
			item := itemOf(f.Standing, a.Reviews[at])
			line.Review = &item
		}
		if line.Part, line.Why, err = partOf(v, e, f.Standing, d, causes[d.ID]); err != nil {
			return nil, err
		}
		if line.Part != "" {
			out = append(out, line)
		}
	}
	slices.SortFunc(out, func(x, y EntryDecision) int { return strings.Compare(x.Decision, y.Decision) })
	return out, nil
}

// partOf is the part that an entry plays in a decision; empty for none.
func partOf(v *projections.View, e *domain.Entry, st *domain.Standing, d *domain.Decision, causes []domain.Cause) (part, why string, err error) {
	own := e.Subject == domain.SubjectOf(domain.KindRegistration, st.Registration)
	switch {
	case doubts(e.Sequence, st, d.ID, causes):
		return partDoubts, "", nil
	case e.Subject.Kind() == domain.KindProgramme:
		if p, ok := e.Event.(*domain.ProgrammePublished); ok && p.Digest == st.Pin.Digest && e.Sequence < d.Made.Sequence {
			return partRules, "", nil
		}
		return "", "", nil
	case !own:
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
func doubts(sequence uint64, st *domain.Standing, decision string, causes []domain.Cause) bool {
	return slices.ContainsFunc(causes, func(x domain.Cause) bool { return x.Made.Sequence == sequence }) ||
		slices.ContainsFunc(st.Doubts, func(x domain.Doubt) bool { return x.Decision == decision && x.Made.Sequence == sequence }) ||
		slices.ContainsFunc(st.ClosedReviews, func(x domain.ClosedReview) bool { return x.Decision == decision && slices.Contains(x.Causes, sequence) })
}
