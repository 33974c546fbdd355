package domain

import (
	"slices"
	"strings"

	"github.com/certledger/certledger/domain/programme"
)

// unfit is why a piece of evidence does not meet the conditions, or empty.
func (v *view) unfit(x *Evidence, w *programme.Where) string {
	fact := v.as(x)
	if why := v.other(fact, w); why != "" {
		return why
	}
	return v.unproven(x, fact, w)
}

// unproven is what a fact that is about the right thing lacks all the same, or
// empty.
func (v *view) unproven(x *Evidence, fact *Fact, w *programme.Where) string {
	switch {
	case w.Unrelated && v.related(fact):
		return UncountedRelated
	case len(w.Qualified) > 0 && !v.qualified(fact, w.Qualified):
		return UncountedNotQualified
	case w.Approved != "" && !v.approved(fact, w.Approved):
		return UncountedNotApproved
	case v.disputed(x):
		return UncountedDisputed
	case w.Documented && len(fact.Documents) == 0:
		return UncountedUndocumented
	case w.SignedBy != "" && !v.signed(x, w.SignedBy), slices.ContainsFunc(w.AlsoSigned, func(role string) bool { return !v.signed(x, role) }):
		return UncountedNotSigned
	case w.Answered != "" && !v.answered(x, w.Answered):
		return UncountedNotAnswered
	case w.Unused != "" && v.usedElsewhere(x, fact, w.Unused):
		return UncountedUsed
	}
	return ""
}

// other is in what a fact is another one than is asked for, or empty. Who it is
// from comes last.
func (v *view) other(fact *Fact, w *programme.Where) string {
	lacks := func(want []string, got string) bool { return len(want) > 0 && !slices.Contains(want, got) }
	switch {
	case lacks(w.Outcome, fact.Outcome):
		return UncountedOtherOutcome
	case lacks(w.Title, fact.Title):
		return UncountedOtherTitle
	case lacks(w.Mode, fact.Mode):
		return UncountedOtherMode
	case lacks(w.Provider, fact.Provider):
		return UncountedOtherProvider
	case lacks(w.Module, fact.Module):
		return UncountedOtherModule
	case len(w.Category) > 0 && !slices.ContainsFunc(w.Category, func(c string) bool { return within(fact.Category, c) }):
		return UncountedOtherCategory
	case lacks(w.Item, fact.Item):
		return UncountedOtherItem
	case w.Track != "" && fact.Track != v.trackNamed(w.Track):
		return UncountedOtherTrack
	case w.Period != "" && fact.Period != v.periodNamed(w.Period):
		return UncountedOtherPeriod
	case w.Attester != "" && fact.AttesterRole != w.Attester:
		return UncountedOtherAttester
	case w.Filed != "" && fact.FiledRole != w.Filed:
		return UncountedOtherFiler
	}
	return ""
}

// trackNamed is a track by its name, or the one at hand.
func (v *view) trackNamed(name string) string {
	if name == programme.ThisOne {
		return v.track
	}
	return name
}

// periodNamed is a period by its name, or the one at hand.
func (v *view) periodNamed(name string) string {
	if name == programme.ThisOne {
		return v.periodName()
	}
	return name
}

// related reports whether whoever attests is a relative: the fact says so, or
// their assignment on its last day.
func (v *view) related(fact *Fact) bool {
	return fact.Relation == RelationRelative || fact.Attester != "" && slices.ContainsFunc(v.s.Attesters, func(a Assignment) bool {
		return a.Attester == fact.Attester && a.Relation == RelationRelative && v.holds(a.Made)
	})
}

// within reports whether a category path is a path or below it.
func within(category, path string) bool {
	return category == path || strings.HasPrefix(category, path) && category[len(path)] == '/'
}

// signed reports whether a role, or staff in its place, signed what the
// evidence now says. Signing later counts from the day of the work.
func (v *view) signed(x *Evidence, role string) bool {
	var since uint64
	for i := range x.Was {
		if v.holds(x.Was[i].Until) {
			since = x.Was[i].Until.Sequence
		}
	}
	return slices.ContainsFunc(x.Signatures, func(s Signature) bool {
		return (s.Role == role || s.For == role) && s.Made.Sequence > since && v.holds(s.Made)
	})
}

// disputed reports whether a dispute is not answered yet.
func (v *view) disputed(x *Evidence) bool {
	var last uint64
	for _, d := range x.Disputes {
		if v.holds(d.Made) {
			last = d.Made.Sequence
		}
	}
	return last != 0 && !slices.ContainsFunc(x.Answers, func(a Answer) bool { return a.Made.Sequence > last && v.holds(a.Made) })
}
