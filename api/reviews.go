package api

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"

	"github.com/certledger/certledger/api/desk"
	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

const groupReviews group = "reviews"

// ReviewItem is a decision in doubt, and whose it is.
type ReviewItem struct {
	Registration string `json:"registration" doc:"The registration" example:"9d21c04e6a1b4f0f8d3a5f7b2c1e0d9a"`
	Person       string `json:"person" doc:"Whose it is, by pseudonym" example:"5f0c9b1e7a2d4c6e8f10a2b3c4d5e6f7"`
	Programme    string `json:"programme" doc:"The programme" example:"peerworks-core-essentials"`
	Cohort       string `json:"cohort,omitempty" doc:"The cohort" example:"spring-2026-evening"`
	domain.Review
}

// NewReviewAssignment gives a review to somebody.
type NewReviewAssignment struct {
	When
	Owner domain.Actor `json:"owner,omitempty" maxLength:"80" doc:"Who looks at the decision again, as attester/… or staff/…; left out, whoever sends this" example:"staff/cleo"`
	Due   domain.Date  `json:"due,omitempty" maxLength:"10" doc:"By when; left out, the day that the programme gives" example:"2026-07-04"`
}

// NewReviewClosure lets a decision stand.
type NewReviewClosure struct {
	When
	Causes []uint64 `json:"causes" minItems:"1" maxItems:"1000" doc:"Sequences of the causes that were looked at, as the review lists them. What is not among them keeps the review open." example:"[431]"`
	Reason string   `json:"reason,omitempty" maxLength:"64" doc:"Why the decision stands, as a code" example:"body-decision"`
	Text   string   `json:"text,omitempty" maxLength:"20000" doc:"Why, in words. Sealed." example:"Two classes were missed, and two are tolerated."`
}

func (s *server) reviewRoutes() {
	type list struct {
		Reading
		Paging
		Programme string `query:"programme" doc:"Only those of a programme" example:"peerworks-core-essentials"`
		Cohort    string `query:"cohort" doc:"Only those in a cohort" example:"spring-2026-evening"`
		Owner     string `query:"owner" pattern:"^(attester|staff)/[a-z0-9][a-z0-9-]{0,63}$" doc:"Only those of an owner" example:"staff/cleo"`
		Overdue   bool   `query:"overdue" doc:"Only those whose day has passed"`
	}
	read(s, operation{
		id: "list-reviews", path: "/v1/reviews", tag: "worklists", summary: "Decisions to look at again", filters: true, needs: permission{"read", groupWorklists},
		text: "The work list: every decision in force that something happened to since, with the causes, who looks at it and by when. The one that is due first comes first; a page may be short and yet not the last. Nothing changes by itself: a decision stands until somebody decides anew, or closes its review.",
	}, func(ctx context.Context, c *call, v *projections.View, in *list) (found[Page[ReviewItem]], error) {
		return s.reviewPage(ctx, c, v, in.Paging, wantedReviews{in.Programme, in.Cohort, in.Owner, in.Overdue})
	})
	onRegistration(s, operation{
		id: "assign-review", path: "decisions/{decision}/review/assignment", tag: "decisions", summary: "Give a review to somebody",
		text:  "Somebody takes the review of a decision in doubt, or is given it. A later assignment replaces it. Only those whom the programme asks to decide the level can own it.",
		needs: permission{"assign", groupReviews}, example: map[string]any{"owner": "staff/cleo", "due": "2026-07-04"},
	}, func(c *call, act domain.Act, b NewReviewAssignment) (draft, error) {
		return draft{command: domain.AssignReview{
			Act: act, Registration: c.param("registration"), Decision: c.param("decision"), Owner: b.Owner, Due: b.Due,
		}}, nil
	})
	onRegistration(s, operation{
		id: "close-review", path: "decisions/{decision}/review/closure", tag: "decisions", summary: "Let a decision stand",
		text:  "Ends the review of a decision for the causes named: they were looked at, and the decision stands. Who may decide the level may do this. To decide otherwise, decide: the new decision supersedes the old one, and both stay readable.",
		needs: permission{"close", groupReviews}, example: map[string]any{"causes": []uint64{431}, "reason": "body-decision"},
	}, func(c *call, act domain.Act, b NewReviewClosure) (draft, error) {
		return draft{command: domain.CloseReview{
			Act: act, Registration: c.param("registration"), Decision: c.param("decision"), Causes: b.Causes, Reason: b.Reason, Text: b.Text,
		}}, nil
	})
	s.entryDecisionsRoute()
}

// reviewsOf is the decisions of a registration that are in doubt now.
func (s *server) reviewsOf(v *projections.View, registration string) ([]ReviewItem, error) {
	f, err := v.Facts(registration)
	if err != nil {
		return nil, err
	}
	return s.reviewItems(f), nil
}

func (s *server) reviewItems(f domain.Facts) []ReviewItem {
	if f.Standing == nil || f.Programme == nil {
		return nil
	}
	var out []ReviewItem
	for _, r := range domain.Assess(f.Programme, f, s.nowIn(f.Programme.TimeZone)).Reviews {
		out = append(out, itemOf(f.Standing, r))
	}
	return out
}

func itemOf(st *domain.Standing, r domain.Review) ReviewItem {
	return ReviewItem{Registration: st.Registration, Person: st.Person, Programme: st.Pin.Programme, Cohort: st.Cohort, Review: r}
}

// follow adds to an answer what follows from what was recorded: limits that are
// near, so that a trainer can pass them on at once, and the decisions that it
// put in doubt. What was recorded is recorded, whatever becomes of this.
func (s *server) follow(ctx context.Context, a desk.Answer, out *Recorded) {
	var err error
	switch a.Subject.Kind() {
	case domain.KindRegistration:
		err = s.followRegistration(ctx, a, out)
	case domain.KindCohort, domain.KindAttester:
		out.Affects, out.AffectsMore, err = s.affected(ctx, a)
		out.AffectsUnknown = err != nil
	}
	if err != nil {
		s.log(ctx).Error("what follows from a recorded command", "error", err)
	}
}

func (s *server) followRegistration(ctx context.Context, a desk.Answer, out *Recorded) error {
	f, err := s.cfg.Desk.Facts(ctx, a.Subject)
	if err != nil || f.Programme == nil || !f.Standing.Exists() {
		out.AffectsUnknown = err != nil
		return err
	}
	assessed := domain.Assess(f.Programme, f, s.nowIn(f.Programme.TimeZone))
	out.Warnings, out.Decision = assessed.Warnings, givenBy(f.Standing, a)
	for _, r := range assessed.Reviews {
		if causedBy(r, a) {
			out.Affects = append(out.Affects, itemOf(f.Standing, r))
		}
	}
	return nil
}

// affectsMax bounds the registrations that are looked at for one answer.
const affectsMax = 200

// affected are the decisions that entries about a cohort or an attester put in
// doubt, by registration, and whether there may be more. Where there is anybody
// whom they could concern, it waits for the views to hold the entries.
func (s *server) affected(ctx context.Context, a desk.Answer) (_ []ReviewItem, more bool, err error) {
	if len(a.Entries) == 0 {
		return nil, false, nil
	}
	if some, err := s.concernsAnybody(a.Subject); err != nil || !some {
		return nil, false, err
	}
	if err := s.cfg.Store.Wait(ctx, a.Sequence); err != nil {
		return nil, false, err
	}
	v, err := s.cfg.Store.View()
	if err != nil {
		return nil, false, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	return s.causedReviews(v, a)
}

// concernsAnybody reports whether anybody is in a cohort, or an attester is
// assigned anywhere or has given a word that counts.
func (s *server) concernsAnybody(subject domain.Subject) (bool, error) {
	some := false
	err := s.cfg.Store.EachReader(subject, "", func(projections.Reader) (bool, error) {
		some = true
		return false, nil
	})
	if err != nil || some {
		return some, err
	}
	if subject.Kind() == domain.KindCohort {
		ids, err := s.cfg.Store.Roster(subject.ID())
		return len(ids) > 0, err
	}
	assigned, err := s.cfg.Store.Assigned(subject.ID())
	return len(assigned) > 0, err
}

// causedReviews looks at the decisions that rest on the answer's subject: nothing
// that happens to it puts others in doubt.
func (s *server) causedReviews(v *projections.View, a desk.Answer) (out []ReviewItem, more bool, err error) {
	looked := 0
	for registration, err := range readers(v, a.Subject, "") {
		if err != nil {
			return nil, false, err
		}
		if looked++; looked > affectsMax {
			return out, true, nil
		}
		items, err := s.reviewsOf(v, registration)
		if err != nil {
			return nil, false, err
		}
		for _, item := range items {
			if causedBy(item.Review, a) {
				out = append(out, item)
			}
		}
	}
	return out, false, nil
}

// causedBy reports whether an entry of an answer is among the causes of a review.
func causedBy(r domain.Review, a desk.Answer) bool {
	return slices.ContainsFunc(r.Causes, func(c domain.Cause) bool {
		return slices.ContainsFunc(a.Entries, func(e desk.Recorded) bool { return e.Sequence == c.Made.Sequence })
	})
}

// afterPath is the last key of the page before, of a list whose keys are
// identifiers and days joined by slashes.
func (p Paging) afterPath() (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	if err != nil || p.Cursor != "" && !domain.IsPath(string(raw)) {
		return "", badCursor.problem()
	}
	return string(raw), nil
}
