package domain

import (
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// CausesMax is the most causes that close a review at once.
const CausesMax = 1000

// review finds the review of a decision that is open at the act.
func (a Act) review(f Facts, decision string) (desk, *Decision, Review, error) {
	s, err := f.registration(a)
	if err != nil {
		return desk{}, nil, Review{}, err
	}
	i := slices.IndexFunc(s.Decisions, func(d Decision) bool { return d.ID == decision })
	if i < 0 {
		return desk{}, nil, Review{}, refuseField("decision", "no-such-decision", "There is no such decision on this registration; please check the identifier.")
	}
	x := &s.Decisions[i]
	d, err := a.desk(f, x.Asking())
	if err != nil {
		return desk{}, nil, Review{}, err
	}
	assessed, _ := d.assess()
	for _, r := range assessed.Reviews {
		if r.Decision == decision {
			return d, x, r, nil
		}
	}
	return d, x, Review{}, nil
}

func notInDoubt() error {
	return refuseField("decision", "not-in-doubt", "Nothing asks for a review of this decision; there is nothing to look at.")
}

// Decide gives a review to somebody. Who acts for the body, or may decide on the
// level, may give it; it is taken by whom the programme asks for that level.
func (c AssignReview) Decide(f Facts) ([]Event, error) {
	d, x, r, err := c.review(f, c.Decision)
	if err != nil {
		return nil, err
	}
	if err := checkDate("due", c.Due); err != nil {
		return nil, err
	}
	if !actsForBody(c.Role) {
		if err := d.mayDecide(d.reviewers(x)); err != nil {
			return nil, err
		}
	}
	e := &ReviewAssigned{Decision: c.Decision, Owner: c.Owner, Due: c.Due}
	if e.Owner == "" {
		e.Owner = c.By
	}
	if err := d.mayOwn(e.Owner, x); err != nil {
		return nil, err
	}
	switch {
	case len(r.Causes) == 0:
		return nil, notInDoubt()
	case c.Due != "" && c.Due < d.day():
		return nil, refuseField("due", "due-passed", "The day has passed; a review is due today at the earliest.")
	case c.Due == "":
		e.Due = max(r.Since.AddDays(int(d.award.ReviewDays)), d.day())
	case c.Due > d.day().AddDays(programme.ReviewDaysMax):
		return nil, refuseField("due", "due-too-late", "A review is put off by at most %d days; please choose an earlier day.", programme.ReviewDaysMax)
	}
	if r.Assigned && r.Owner == e.Owner && (c.Due == "" || r.Due == c.Due) {
		return nil, nil
	}
	return events(e)
}

// mayOwn refuses an owner who cannot look at the decision, as far as that can
// be seen: an attester who is not assigned in a role that decides it, the
// person concerned, whoever is no member of staff.
func (d desk) mayOwn(owner Actor, x *Decision) error {
	if !owner.Check() {
		return refuseField("owner", "act-incomplete", "It must be known who looks at the decision: an attester or a member of staff, with an identifier.")
	}
	if d.f.concerned(owner) {
		return refuse("person-concerned", "Nobody does this for themselves; please ask another person.")
	}
	for _, role := range d.reviewers(x) {
		if owner.staff() && !slices.Contains(attesterRoles, role) || d.f.assigned(owner.attester(), role, d.day()) {
			return nil
		}
	}
	return refuseField("owner", "not-asked-of-them", "The programme asks this decision of the role %s; please give its review to one of them.", known(d.reviewers(x)))
}

// Decide lets a decision stand after what put it in doubt was looked at.
func (c CloseReview) Decide(f Facts) ([]Event, error) {
	d, x, r, err := c.review(f, c.Decision)
	if err != nil {
		return nil, err
	}
	if err := firstError(d.mayReview(x), checkTexts(c.Reason, c.Text)); err != nil {
		return nil, err
	}
	causes := slices.Compact(slices.Sorted(slices.Values(c.Causes)))
	switch {
	case len(causes) == 0:
		return nil, refuseField("causes", "missing-field", "Please name the entries that were looked at; the review lists them.")
	case len(causes) > CausesMax:
		return nil, refuseField("causes", "too-many-causes", "At most %d causes are closed at once; please close the rest after them.", CausesMax)
	case d.s.closed(c.Decision, causes):
		return nil, nil
	case len(r.Causes) == 0:
		return nil, notInDoubt()
	case !r.has(causes):
		return nil, refuseField("causes", "cause-not-open", "At least one of these entries does not ask for a review of this decision; please look at the list again.")
	case c.Reason == "" && c.Text == "":
		return nil, refuseField("reason", "reason-missing", "Please say why the decision stands, as a code or in words.")
	}
	e := &ReviewClosed{Decision: c.Decision, Causes: causes, Word: ReviewStands}
	if e.Reason = e.reason(GroupNarrative, c.Reason); e.Reason == "" {
		e.Reason = ReasonOther
	}
	e.personal(GroupNarrative, "text", c.Text)
	return events(e)
}

// has reports whether all of the causes are open.
func (r Review) has(causes []uint64) bool {
	for _, sequence := range causes {
		if !slices.ContainsFunc(r.Causes, func(c Cause) bool { return c.Made.Sequence == sequence }) {
			return false
		}
	}
	return true
}

// closed reports whether all of the causes were considered before.
func (s *Standing) closed(decision string, causes []uint64) bool {
	for _, sequence := range causes {
		if !slices.ContainsFunc(s.ClosedReviews, func(x ClosedReview) bool { return x.Decision == decision && slices.Contains(x.Causes, sequence) }) {
			return false
		}
	}
	return true
}
