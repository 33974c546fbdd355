package domain

import "slices"

// Clone copies a standing whole: the two share nothing that could change.
func (s *Standing) Clone() *Standing {
	c := *s
	c.StateSince = pointee(s.StateSince)
	c.Given, c.Stays, c.Consents = slices.Clone(s.Given), slices.Clone(s.Stays), slices.Clone(s.Consents)
	c.Attesters, c.Absences, c.Equivalents = slices.Clone(s.Attesters), slices.Clone(s.Absences), slices.Clone(s.Equivalents)
	c.Doubts, c.Endings, c.Unapproved = slices.Clone(s.Doubts), slices.Clone(s.Endings), slices.Clone(s.Unapproved)
	c.ReviewOwners = slices.Clone(s.ReviewOwners)
	c.ClosedReviews = cloneEach(s.ClosedReviews, func(x *ClosedReview) { x.Causes = slices.Clone(x.Causes) })
	c.Statuses, c.Notices = slices.Clone(s.Statuses), slices.Clone(s.Notices)
	c.Accommodations = cloneEach(s.Accommodations, func(x *Accommodation) { x.Answered = pointee(x.Answered) })
	c.Marks = cloneEach(s.Marks, func(x *Mark) { x.Minutes = pointee(x.Minutes) })
	c.Evidence = cloneEach(s.Evidence, (*Evidence).unshare)
	c.Judgements = cloneEach(s.Judgements, func(x *Judgement) {
		x.Ratings, x.Signers = slices.Clone(x.Ratings), slices.Clone(x.Signers)
	})
	c.Tasks = cloneEach(s.Tasks, func(x *Task) {
		x.Extensions, x.Fulfilled = slices.Clone(x.Extensions), pointee(x.Fulfilled)
		x.Confirmed, x.Cancelled = pointee(x.Confirmed), pointee(x.Cancelled)
	})
	c.Submissions = cloneEach(s.Submissions, func(x *Submission) {
		x.Answers, x.Withdrawn = cloneEach(x.Answers, (*Answer).unshare), pointee(x.Withdrawn)
	})
	c.Waivers = cloneEach(s.Waivers, func(x *Waiver) { x.Ended = pointee(x.Ended) })
	c.Proposals = cloneEach(s.Proposals, func(x *Proposal) { x.What = slices.Clone(x.What) })
	c.Decisions = cloneEach(s.Decisions, func(x *Decision) {
		x.Levels, x.Rests, x.Warnings = slices.Clone(x.Levels), slices.Clone(x.Rests), slices.Clone(x.Warnings)
		x.Used = slices.Clone(x.Used)
		x.Seen, x.Denied = slices.Clone(x.Seen), pointee(x.Denied)
	})
	return &c
}

func (x *Evidence) unshare() {
	x.Fact.unshare()
	x.Was = cloneEach(x.Was, func(w *WasFact) { w.Fact.unshare() })
	x.Signatures = slices.Clone(x.Signatures)
	x.Answers = cloneEach(x.Answers, (*Answer).unshare)
	x.Disputes = cloneEach(x.Disputes, (*Answer).unshare)
	x.Voided = pointee(x.Voided)
}

func (f *Fact) unshare() {
	f.Quantity, f.Score, f.OutOf, f.Documents = pointee(f.Quantity), pointee(f.Score), pointee(f.OutOf), slices.Clone(f.Documents)
}

func (a *Answer) unshare() { a.Reasons = slices.Clone(a.Reasons) }

func cloneEach[T any](list []T, unshare func(*T)) []T {
	out := slices.Clone(list)
	for i := range out {
		unshare(&out[i])
	}
	return out
}

func pointee[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}
