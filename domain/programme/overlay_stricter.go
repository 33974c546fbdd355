package programme

import (
	"fmt"
	"slices"
)

// looserValue compares a parameter with what it is set to. It is known only
// where the parameter says which direction is stricter.
func looserValue(old, is Parameter) (less string, known bool) {
	if old.Stricter == "" || old.Required {
		return "", false
	}
	lower := func(a, b int64) bool {
		if old.Stricter == "lower" {
			a, b = b, a
		}
		return b < a
	}
	looser := false
	switch {
	case old.Is.Numbers != nil:
		if len(old.Is.Numbers) != len(is.Is.Numbers) {
			return "", false
		}
		for i := range old.Is.Numbers {
			looser = looser || lower(old.Is.Numbers[i], is.Is.Numbers[i])
		}
	case old.Is.Table != nil:
		looser = lower(old.Is.Default, is.Is.Default)
		for _, k := range append(sorted(old.Is.Table), sorted(is.Is.Table)...) {
			looser = looser || lower(old.Is.in(k), is.Is.in(k))
		}
	case old.Is.Truth != nil || old.Is.Words != nil || old.Is.Unit != is.Is.Unit:
		return "", false
	default:
		looser = lower(old.Is.Number, is.Is.Number)
	}
	if looser {
		return fmt.Sprintf("%s is stricter here", map[string]string{"higher": "a higher value", "lower": "a lower value"}[old.Stricter]), true
	}
	return "", true
}

// in is a table's number for a key.
func (v Value) in(key string) int64 {
	if n, ok := v.Table[key]; ok {
		return n
	}
	return v.Default
}

// looserRequirement says what a requirement asks less than the one it
// replaces, as far as that can be told; empty where it cannot.
func looserRequirement(before, after *Programme, old, is Requirement) string {
	if is.For != old.For {
		return fmt.Sprintf("it no longer concerns %s", old.For)
	}
	award, _ := after.Award(is.For)
	was, _ := before.Award(old.For)
	if slices.Equal(award.Levels, was.Levels) {
		if low, high := rankOf(was, old.Otherwise), rankOf(award, is.Otherwise); high > low {
			return fmt.Sprintf("otherwise is %s and was %s", is.Otherwise, old.Otherwise)
		}
		if low, high := rankOf(was, old.WhileOpen), rankOf(award, is.WhileOpen); high > low {
			return fmt.Sprintf("while open it caps at %s and did at %s", is.WhileOpen, old.WhileOpen)
		}
	}
	switch {
	case old.When == nil && is.When != nil:
		return "it does not always apply"
	case old.Waivable == "" && is.Waivable != "":
		return "it may be waived"
	}
	return looserTest(before, old.Test, is.Test)
}

func rankOf(a Award, level string) int {
	rank, _ := a.Rank(level)
	return rank
}

// looserTest compares two tests of one kind about the same thing.
func looserTest(p *Programme, before, after Test) string {
	switch old := before.(type) {
	case Missed:
		if is, ok := after.(Missed); ok && is.Of == old.Of && is.AtMost > old.AtMost {
			return fmt.Sprintf("at most %d may be missed, and it was %d", is.AtMost, old.AtMost)
		}
	case Sum:
		if is, ok := after.(Sum); ok && is.Measure == old.Measure && is.Unit == old.Unit && is.kind() == old.kind() {
			return looserSum(old, is)
		}
	case Has:
		if is, ok := after.(Has); ok && is.Kind == old.Kind {
			return looserHas(old, is)
		}
	case Elapsed:
		if is, ok := after.(Elapsed); ok && is.AtLeast.Unit == old.AtLeast.Unit && is.AtLeast.Number < old.AtLeast.Number {
			return "less time has to pass"
		}
	case Judged:
		if is, ok := after.(Judged); ok && is.Question == old.Question {
			q, _ := p.Question(old.Question)
			low, _ := q.Rank(is.AtLeast)
			if high, known := q.Rank(old.AtLeast); known && low < high {
				return fmt.Sprintf("the answer %s is not asked any more", old.AtLeast)
			}
		}
	case Rated:
		if is, ok := after.(Rated); ok && is.Question == old.Question && is.Section == old.Section && is.AtLeast < old.AtLeast {
			return "fewer items have to be rated so"
		}
	case TasksDone:
		if is, ok := after.(TasksDone); ok && is.Kind == old.Kind && is.CountAtLeast < old.CountAtLeast {
			return "fewer tasks have to be done"
		}
	case Combined:
		if is, ok := after.(Combined); ok && is.Op == old.Op {
			return looserChildren(p, old, is)
		}
	}
	return ""
}

// kind is the kind of evidence of an inline sum.
func (s Sum) kind() string {
	if s.Inline == nil {
		return ""
	}
	return s.Inline.Sum
}

func looserSum(old, is Sum) string {
	switch {
	case old.AtLeast != nil && (is.AtLeast == nil || *is.AtLeast < *old.AtLeast):
		return "its lower bound is lower"
	case old.AtMost != nil && (is.AtMost == nil || *is.AtMost > *old.AtMost):
		return "its upper bound is higher"
	case old.Inline != nil:
		return looserParts(old.Inline.Parts, is.Inline.Parts)
	}
	return ""
}

func looserParts(old, is []Part) string {
	for _, was := range old {
		part, _ := find(is, was.Key, func(p Part) string { return p.Key })
		switch {
		case was.AtLeast != nil && (part.AtLeast == nil || *part.AtLeast < *was.AtLeast):
			return fmt.Sprintf("its part %s needs less", was.Key)
		case was.CountsUpTo != nil && (part.CountsUpTo == nil || *part.CountsUpTo > *was.CountsUpTo):
			return fmt.Sprintf("more counts in its part %s", was.Key)
		}
		if less := looserParts(was.Parts, part.Parts); less != "" {
			return less
		}
	}
	return ""
}

func looserHas(old, is Has) string {
	switch {
	case is.AtLeast < old.AtLeast:
		return "fewer are asked for"
	case old.Quantity != nil && (is.Quantity == nil || is.Quantity.Unit == old.Quantity.Unit && is.Quantity.Number < old.Quantity.Number):
		return "each may be less"
	case old.Share != nil && (is.Share == nil || *is.Share < *old.Share):
		return "a lower share is enough"
	}
	return ""
}

func looserChildren(p *Programme, old, is Combined) string {
	if is.N < old.N {
		return "fewer of its parts have to be met"
	}
	for _, was := range old.Children {
		child, kept := find(is.Children, was.Key, func(q Requirement) string { return q.Key })
		switch {
		case !kept && (old.Op == "all-of" || old.Op == "none-of"):
			return fmt.Sprintf("its part %s is gone", was.Key)
		case kept && old.Op != "none-of":
			if less := looserTest(p, was.Test, child.Test); less != "" {
				return was.Key + ": " + less
			}
		}
	}
	for _, child := range is.Children {
		if _, was := find(old.Children, child.Key, func(q Requirement) string { return q.Key }); !was && old.Op == "any-of" {
			return fmt.Sprintf("%s is another way to meet it", child.Key)
		}
	}
	return ""
}
