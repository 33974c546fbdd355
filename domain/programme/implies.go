package programme

import "slices"

// implies tells whether whatever facts meet a also meet b. It is only true
// where that is plain; two tests that it does not understand are unrelated.
func (p *Programme) implies(a, b Test) bool {
	if c, ok := a.(Combined); ok {
		switch all := p.allApply(c.Children); {
		case c.Op == "all-of" && all:
			return slices.ContainsFunc(c.Children, func(x Requirement) bool { return p.implies(x.Test, b) })
		case c.Op == "any-of" && all:
			return !slices.ContainsFunc(c.Children, func(x Requirement) bool { return !p.implies(x.Test, b) })
		}
		return false
	}
	switch b := b.(type) {
	case Combined:
		met := func(x Requirement) bool { return p.implies(a, x.Test) }
		switch all := p.allApply(b.Children); {
		case b.Op == "all-of" && all:
			return !slices.ContainsFunc(b.Children, func(x Requirement) bool { return !met(x) })
		case b.Op == "any-of" && all:
			return slices.ContainsFunc(b.Children, met)
		}
	case Sum:
		a, ok := a.(Sum)
		return ok && a.AtLeast != nil && b.AtLeast != nil && plainSum(a) && plainSum(b) && sameTotal(a, b) && *a.AtLeast >= *b.AtLeast
	case Has:
		a, ok := a.(Has)
		return ok && a.within(b)
	case Judged:
		a, ok := a.(Judged)
		return ok && a.Question == b.Question && a.Last == b.Last && subset(b.SignedBy, a.SignedBy) && p.higherAnswer(a, b)
	case Submitted:
		a, ok := a.(Submitted)
		return ok && a.Kind == b.Kind && p.answerRank(a) >= p.answerRank(b)
	case RegistrationIs:
		a, ok := a.(RegistrationIs)
		return ok && a == b
	}
	return false
}

// allApply tells whether no child can drop out.
func (p *Programme) allApply(children []Requirement) bool {
	return !slices.ContainsFunc(children, func(c Requirement) bool { return c.When != nil })
}

// plainSum is asked once and of itself alone.
func plainSum(s Sum) bool { return s.Times == nil && s.Carry == nil }

// sameTotal tells whether two sums add up the same.
func sameTotal(a, b Sum) bool {
	return a.Measure == b.Measure && a.Unit == b.Unit && a.Currency == b.Currency && sameReckoning(a.Inline, b.Inline)
}

// sameReckoning tells whether two sums of their own select and credit the same:
// if they are said in the same words, since nothing goes unsaid.
func sameReckoning(a, b *Measure) bool {
	if a == nil || b == nil {
		return a == b
	}
	var x, y lines
	reckoned(&x, *a)
	reckoned(&y, *b)
	return selected(a.Sum, a.Where, a.Dated, a.Filed) == selected(b.Sum, b.Where, b.Dated, b.Filed) && slices.Equal(x, y)
}

func sameWindow(a, b *Window) bool {
	if a == nil || b == nil {
		return a == b
	}
	return slices.Equal(a.From, b.From) && slices.Equal(a.Until, b.Until)
}

// within tells whether every fact, and the number of facts, that meet a also meet b.
func (a Has) within(b Has) bool {
	quantity := b.Quantity == nil || a.Quantity != nil && valueWords(*a.Quantity) == valueWords(*b.Quantity)
	return a.Kind == b.Kind && a.AtLeast >= b.AtLeast && a.Where.within(b.Where) && quantity &&
		(b.Dated == nil || sameWindow(a.Dated, b.Dated)) && (b.Filed == nil || sameWindow(a.Filed, b.Filed)) && (b.Share == nil || a.Share != nil && *a.Share >= *b.Share) &&
		(a.Distinct == b.Distinct || a.Distinct != "" && b.Distinct == "") && b.Person == a.Person
}

// within tells whether every fact that meets a condition meets the other.
func (w Where) within(b Where) bool {
	lists := func(x, y []string) bool { return y == nil || x != nil && subset(x, y) }
	word := func(x, y string) bool { return y == "" || x == y }
	signers := append([]string{w.SignedBy}, w.AlsoSigned...)
	return lists(w.Category, b.Category) && lists(w.Outcome, b.Outcome) && lists(w.Title, b.Title) && lists(w.Mode, b.Mode) &&
		lists(w.Provider, b.Provider) && lists(w.Module, b.Module) && lists(w.Item, b.Item) &&
		(b.SignedBy == "" || slices.Contains(signers, b.SignedBy)) && subset(b.AlsoSigned, signers) &&
		word(w.Filed, b.Filed) && word(w.Attester, b.Attester) && word(w.Answered, b.Answered) && word(w.Approved, b.Approved) &&
		word(w.Track, b.Track) && word(w.Period, b.Period) && word(w.Unused, b.Unused) &&
		(len(b.Qualified) == 0 || slices.Equal(w.Qualified, b.Qualified)) && (w.Documented || !b.Documented) && (w.Unrelated || !b.Unrelated)
}

func subset(a, b []string) bool {
	return !slices.ContainsFunc(a, func(x string) bool { return !slices.Contains(b, x) })
}

func (p *Programme) higherAnswer(a, b Judged) bool {
	q, ok := p.Question(a.Question)
	if !ok || q.Numbered != "" && !a.Last {
		return false
	}
	return slices.Index(q.Answers, a.AtLeast) >= slices.Index(q.Answers, b.AtLeast)
}

// answerRank orders what a submission may be: filed, and then its answers.
func (p *Programme) answerRank(s Submitted) int {
	sub, _ := p.Submission(s.Kind)
	return slices.Index(sub.Answers, s.Is)
}

// clash tells whether no facts can meet both. Like implies, it says so only
// where that is plain.
func (p *Programme) clash(a, b Test) bool { return p.clashes(a, b) || p.clashes(b, a) }

func (p *Programme) clashes(a, b Test) bool {
	if c, ok := a.(Combined); ok && p.allApply(c.Children) {
		switch c.Op {
		case "all-of":
			return slices.ContainsFunc(c.Children, func(x Requirement) bool { return p.clash(x.Test, b) })
		case "any-of":
			return !slices.ContainsFunc(c.Children, func(x Requirement) bool { return !p.clash(x.Test, b) })
		}
	}
	switch b := b.(type) {
	case Sum:
		a, ok := a.(Sum)
		return ok && b.AtMost != nil && plainSum(a) && sameBut(a, b) && p.least(a) > *b.AtMost
	case Combined:
		return b.Op == "none-of" && slices.ContainsFunc(b.Children, func(x Requirement) bool { return x.When == nil && p.implies(a, x.Test) })
	}
	return false
}

// sameBut is sameTotal whatever the parts ask for.
func sameBut(a, b Sum) bool {
	if a.Inline != nil && b.Inline != nil {
		x, y := *a.Inline, *b.Inline
		x.Parts, y.Parts = nil, nil
		a.Inline, b.Inline = &x, &y
		return sameTotal(a, b) && !truncates(a.Inline.Parts) && !truncates(b.Inline.Parts)
	}
	return sameTotal(a, b)
}

// truncates tells whether some of what is in parts may not count.
func truncates(parts []Part) bool {
	return slices.ContainsFunc(parts, func(x Part) bool { return x.CountsUpTo != nil || truncates(x.Parts) })
}

// least is what a sum needs, by itself and by its parts.
func (p *Programme) least(s Sum) int64 {
	n := int64(0)
	if s.AtLeast != nil {
		n = *s.AtLeast
	}
	if s.Inline != nil {
		return max(n, leastOf(s.Inline.Parts))
	}
	m, _ := p.Measure(s.Measure)
	return max(n, leastOf(m.Parts))
}
