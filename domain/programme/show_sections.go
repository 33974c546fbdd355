package programme

import "strings"

func (t teller) parameters() []Item {
	var out []Item
	for _, prm := range t.p.Parameters {
		var l lines
		if prm.Required {
			l.add("required", "Value", "to be supplied; it is written like "+valueWords(prm.Is))
		} else {
			l.add("is", "Value", valueWords(prm.Is))
		}
		l.add("range", "Range", rangeWords(prm))
		stricter := map[string]string{"higher": "a higher value", "lower": "a lower value"}[prm.Stricter]
		if stricter == "" {
			stricter = prm.Stricter
		}
		l.add("stricter", "Stricter is", stricter)
		l.repeat("used", "Stands in", comma(prm.used))
		l.rests(prm.Source, prm.Assumes)
		out = append(out, Item{Key: prm.Key, Lines: l})
	}
	return out
}

func rangeWords(prm Parameter) string {
	low, high := boundWords(prm.Min, prm.Is), boundWords(prm.Max, prm.Is)
	switch {
	case low == "" && high == "":
		return ""
	case high == "":
		return "at least " + low
	case low == "":
		return "at most " + high
	}
	if prm.Is.Unit == UnitCount {
		low = number(*prm.Min)
	}
	return low + " to " + high
}

func boundWords(bound *int64, v Value) string {
	if bound == nil {
		return ""
	}
	return quantity(*bound, v.Unit, v.Noun)
}

func (t teller) registration() []Item {
	var out []Item
	for _, f := range t.p.Registration.Fields {
		var l lines
		l.add("is", "Is", "a field of the form")
		l.add("label", "Label", f.Label)
		l.add("required", "Required", yes(f.Required))
		l.add("group", "Sealed as", spoken(f.Group))
		l.add("one-of", "Choices", comma(spokenAll(f.OneOf)))
		l.add("form", "Looks like", f.Form)
		l.rests(f.Source, f.Assumes)
		out = append(out, Item{Key: f.Key, Lines: l})
	}
	for _, a := range t.p.Registration.Accepts {
		var l lines
		l.add("is", "Is", "a text to accept")
		l.add("required", "Required", yes(a.Required))
		l.rests(a.Source, a.Assumes)
		out = append(out, Item{Key: a.Key, Lines: l})
	}
	return out
}

func yes(truth bool) string {
	if truth {
		return "yes"
	}
	return "no"
}

func (t teller) classes() []Item {
	c := t.p.Classes
	if c == nil {
		return nil
	}
	var l lines
	taught(&l, c.Modules)
	l.add("session", "A session lasts", quantity(c.SessionMin, UnitMinute, ""))
	l.add("attended", "Attended means being there for at least", quantity(c.AttendedMin, UnitMinute, ""))
	unless := []string{"it was attended"}
	if c.LiveElsewhere {
		unless = append(unless, "the same was attended live with another cohort")
	}
	if c.Waivable {
		unless = append(unless, "it was waived")
	}
	l.add("missed-unless", "A session is missed unless", or(unless))
	var ranks []string
	for _, rank := range c.MarkRanks {
		ranks = append(ranks, strings.Join(rank, " and "))
	}
	l.add("marks", "Of marks that differ", strings.Join(ranks, ", before "))
	l.rests(c.MissedSource, c.Assumes)
	return []Item{{Key: "classes", Lines: l}}
}

// taught says modules, and how many sessions deliver them.
func taught(l *lines, modules []Module) {
	var named, sessions []string
	for _, m := range modules {
		s := m.Key
		if m.Title != "" {
			s += " (" + m.Title + ")"
		}
		named = append(named, s)
		if m.Sessions != 1 {
			sessions = append(sessions, m.Key+" has "+number(m.Sessions))
		}
	}
	l.add("modules", "Modules", number(int64(len(named)))+": "+comma(named))
	per := "one for each module"
	if len(sessions) > 0 {
		per += ", except that " + and(sessions)
	}
	l.add("sessions", "Sessions", per)
}

// curriculum says the modules of a programme without classes: each is taken on
// its own, so they have no sessions.
func (t teller) curriculum() []Item {
	if len(t.p.Curriculum) == 0 {
		return nil
	}
	var l lines
	taught(&l, t.p.Curriculum)
	if len(l) == 2 && l[1].Says == "one for each module" {
		l = l[:1]
	}
	return []Item{{Key: "modules", Lines: l}}
}
