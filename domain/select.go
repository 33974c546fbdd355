package domain

import (
	"slices"
	"strings"

	"github.com/certledger/certledger/domain/programme"
)

// unfit is why a piece of evidence does not meet the conditions, or empty.
func (v *view) unfit(x *Evidence, w programme.Where) string {
	fact := v.as(x)
	for _, c := range []struct {
		want []string
		got  string
		why  string
	}{
		{w.Outcome, fact.Outcome, UncountedOtherOutcome},
		{w.Title, fact.Title, UncountedOtherTitle},
		{w.Mode, fact.Mode, UncountedOtherMode},
		{w.Provider, fact.Provider, UncountedOtherProvider},
		{w.Module, fact.Module, UncountedOtherModule},
	} {
		if len(c.want) > 0 && !slices.Contains(c.want, c.got) {
			return c.why
		}
	}
	switch {
	case len(w.Category) > 0 && !slices.ContainsFunc(w.Category, func(c string) bool { return within(fact.Category, c) }):
		return UncountedOtherCategory
	case w.Attester != "" && fact.AttesterRole != w.Attester:
		return UncountedOtherAttester
	case w.Filed != "" && fact.FiledRole != w.Filed:
		return UncountedOtherFiler
	case v.disputed(x):
		return UncountedDisputed
	case w.SignedBy != "" && !v.signed(x, w.SignedBy):
		return UncountedNotSigned
	case w.Answered != "" && !v.answered(x, w.Answered):
		return UncountedNotAnswered
	}
	return ""
}

// within reports whether a category path is a path or below it.
func within(category, path string) bool {
	return category == path || strings.HasPrefix(category, path+"/")
}

// signed reports whether a role, or staff in its place, signed what the
// evidence now says. Signing later counts from the day of the work.
func (v *view) signed(x *Evidence, role string) bool {
	var since uint64
	for _, w := range x.Was {
		if v.holds(w.Until) {
			since = w.Until.Sequence
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
