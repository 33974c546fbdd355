package programme

import (
	"slices"
	"strings"
)

func (t teller) awards() []Item {
	var out []Item
	for _, a := range t.p.Awards {
		var l lines
		l.add("levels", "Levels, low to high", comma(spokenAll(a.Levels)))
		l.add("never-granted", "Only shows where somebody stands", and(spokenAll(a.NeverGranted)))
		l.add("each", "Asked", eachWords(a.Each))
		l.add("asked-in", "Only while the status is", or(spokenAll(a.When)))
		for _, n := range a.Needs {
			l.add("needs/"+n.Award, "Needs", spoken(n.Award)+" at "+spoken(n.Level)+" or higher; at its lowest level until then")
		}
		if a.ByFacts {
			l.add("settled-by", "Settled by", "the facts alone; nobody decides")
		}
		if a.Renews != "" {
			l.add("renews", "Renews", "a decision on it begins the next period and continues "+spoken(a.Renews))
		}
		if a.Settles != "" {
			l.add("settles", "Settles", "a decision on it settles every missed period of "+spoken(a.Settles))
		}
		for _, level := range levelsIn(a, a.DecidedBy) {
			l.add("decided-by/"+level, sentenceLess(spoken(level))+" is decided by", rolesWords(a.DecidedBy[level], or))
		}
		for _, level := range levelsIn(a, a.Valid) {
			l.add("valid/"+level, sentenceLess(spoken(level))+" holds for", lengthWords(a.Valid[level]))
		}
		for _, level := range levelsIn(a, a.Extensions) {
			e := a.Extensions[level]
			l.add("extensions/"+level, sentenceLess(spoken(level))+" may be extended", "at most "+plural(e.AtMost, "times")+", by "+lengthWords(e.Each)+" each")
		}
		for _, level := range levelsIn(a, a.Documents) {
			l.add("documents/"+level, sentenceLess(spoken(level))+" comes with", "a "+spoken(a.Documents[level]))
		}
		l.add("conflict-of", "Whoever trained or supervised somebody may not decide", conflictWords(a.ConflictOf))
		l.add("appeal", "A decision can be appealed for", optionalLength(Length{a.AppealDays, UnitDay}))
		l.add("review", "A decision in doubt is looked at within", optionalLength(Length{a.ReviewDays, UnitDay}))
		item := Item{Key: a.Key, Lines: l}
		for _, d := range a.Denials {
			var l lines
			levels := "any level"
			if len(d.Levels) > 0 {
				levels = and(spokenAll(d.Levels))
			}
			l.add("levels", "May be denied", levels)
			l.rests(d.Source, nil)
			item.Items = append(item.Items, Item{Key: a.Key + "/may-be-denied-for/" + d.Key, Lead: d.Says, Lines: l})
		}
		out = append(out, item)
	}
	return out
}

// levelsIn are the keys of a table from level, in the order of the levels.
func levelsIn[V any](a Award, table map[string]V) []string {
	out := sorted(table)
	slices.SortStableFunc(out, func(x, y string) int {
		return slices.Index(a.Levels, x) - slices.Index(a.Levels, y)
	})
	return out
}

// sentenceLess begins with a capital.
func sentenceLess(s string) string { return strings.TrimSuffix(sentence(s), ".") }

func eachWords(each string) string {
	switch each {
	case "":
		return ""
	case EachTrack:
		return "for each track"
	}
	return "anew in each " + spoken(each)
}

func conflictWords(of string) string {
	switch of {
	case "highest":
		return "on the highest level"
	case "all":
		return "on any level"
	case "none":
		return "is not asked: they may"
	}
	return of
}

func (t teller) periods() []Item {
	var out []Item
	for _, k := range t.p.Periods {
		var l lines
		l.add("lasts", "Lasts", lastsWords(k))
		l.add("first", "The first begins", firstWords(k))
		l.add("first-lasts", "The first lasts", firstLastsWords(k))
		l.add("next", "The next begins", nextWords(k.Next))
		l.rests(k.Source, k.Assumes)
		out = append(out, Item{Key: k.Key, Lines: l})
	}
	return out
}

func lastsWords(k PeriodKind) string {
	var out []string
	if k.Calendar {
		out = append(out, "a calendar year")
	}
	if !k.Lasts.Zero() {
		out = append(out, lengthWords(k.Lasts))
	}
	if k.EndsOn != "" {
		out = append(out, "until "+yearlyWords(k.EndsOn))
	}
	if !k.Least.Zero() {
		out = append(out, "at least "+lengthWords(k.Least)+", or a year more")
	}
	return comma(out)
}

func firstLastsWords(k PeriodKind) string {
	var out []string
	if !k.FirstLasts.Zero() {
		out = append(out, lengthWords(k.FirstLasts))
	}
	if k.FirstBy != nil {
		out = append(out, "as long as stated by "+strings.TrimPrefix(hasWords(*k.FirstBy), "there is "))
	}
	return comma(out)
}

func firstWords(k PeriodKind) string {
	day := momentsWords(k.First, true)
	switch {
	case day == "" && k.FirstYear == "":
		return ""
	case k.FirstYear == "":
		return "on " + day
	case k.FirstYear == "of":
		return "with the year of " + day
	case k.FirstYear == "after":
		return "with the year after " + day
	}
	return k.FirstYear + " " + day
}

func nextWords(next string) string {
	switch next {
	case NextOldEnd:
		return "the day after the old end, however late it was settled"
	case NextRenewal:
		return "on the day on which the one before was settled"
	case NextLateRenewal:
		return "the day after the old end, or on the day of settling where that is later"
	}
	return next
}

// after says what becomes of a period that is not settled, as steps in time.
func (t teller) after() []Item {
	var out []Item
	for _, a := range t.p.After {
		item := Item{Key: a.Award, Lead: afterWords(a)}
		for i, ph := range a.Phases {
			var l lines
			l.add("until", "Until", phaseEnd(ph, i == len(a.Phases)-1))
			l.add("status", "Status", t.statusWords(ph.Status))
			l.add("may", "May still", mayWords(ph.May))
			if ph.Fee != nil {
				l.add("fee", "Fee for filing", valueWords(*ph.Fee))
			}
			if ph.StartAgain {
				l.add("start-again", "The way back", "only a new registration")
			}
			l.rests(ph.Source, ph.Assumes)
			item.Items = append(item.Items, Item{Key: a.Award + "/" + ph.Key, Lead: ph.Says, Lines: l})
		}
		out = append(out, item)
	}
	return out
}

func afterWords(a Aftermath) string {
	if len(a.Begins) == 0 {
		return "What follows for whoever has not settled the period of " + spoken(a.Award) + ", from the day after its end."
	}
	return "What follows from " + momentsWords(a.Begins, true) + ", for as long as the highest level of " + spoken(a.Award) + " is not earned."
}

func phaseEnd(ph Phase, last bool) string {
	switch {
	case len(ph.Until) > 0:
		return momentsWords(ph.Until, false)
	case last:
		return "for good"
	}
	return ""
}

func (t teller) statusWords(status string) string {
	i := slices.IndexFunc(t.p.Statuses, func(s StatusWord) bool { return s.Key == status })
	if i >= 0 && !t.p.Statuses[i].HoldsTitle {
		return spoken(status) + " (without the title)"
	}
	return spoken(status)
}

func mayWords(may []string) string {
	if len(may) == 0 {
		return "nothing"
	}
	words := make([]string, len(may))
	for i, m := range may {
		switch m {
		case "earn":
			words[i] = "earn what counts"
		case "file":
			words[i] = "file papers"
		default:
			words[i] = m
		}
	}
	return and(words)
}

func (t teller) statuses() []Item {
	var out []Item
	for _, s := range t.p.Statuses {
		var l lines
		holds := "no"
		if s.HoldsTitle {
			holds = "yes"
		}
		l.add("holds-title", "Holds the title", holds)
		l.rests(s.Source, nil)
		out = append(out, Item{Key: s.Key, Lead: s.Says, Lines: l})
	}
	return out
}

func (t teller) questions() []Item {
	var out []Item
	for _, q := range t.p.Questions {
		var l lines
		l.add("answers", "Answers, low to high", comma(spokenAll(q.Answers)))
		l.add("asked-of", "Asked of", roleWords(q.AskedOf))
		l.add("each", "Asked", eachWords(q.Each))
		if q.Numbered != "" {
			l.add("numbered", "Numbered", "by the "+number(q.Steps)+" steps of "+q.Numbered)
		}
		several := map[string]string{
			"lowest": "the lowest answer counts", "highest": "the highest answer counts", "latest": "the latest answer counts",
		}[q.Several]
		if several == "" {
			several = q.Several
		}
		l.add("several", "Of several answers", several)
		l.add("rubric", "Rubric", q.Rubric)
		if q.ShownOnly {
			l.add("shown-only", "Computed", "no; it is shown only")
		}
		l.rests(q.Source, q.Assumes)
		out = append(out, Item{Key: q.Key, Lines: l})
	}
	return out
}

func (t teller) rubrics() []Item {
	var out []Item
	for _, r := range t.p.Rubrics {
		var l lines
		l.add("scale", "Ratings, low to high", comma(spokenAll(r.Scale)))
		l.rests(r.Source, r.Assumes)
		item := Item{Key: r.Key, Lines: l}
		for _, s := range r.Sections {
			var l lines
			if s.EachTrack {
				l.add("each", "Rated", "for each track")
			}
			l.add("items", "Items", itemsWords(s))
			item.Items = append(item.Items, Item{Key: r.Key + "/" + s.Key, Lines: l})
		}
		out = append(out, item)
	}
	return out
}

func itemsWords(s Section) string {
	out := make([]string, 0, len(s.Items))
	for _, i := range s.Items {
		if title := s.Titles[i]; title != "" {
			i += ": " + title
		}
		out = append(out, i)
	}
	return strings.Join(out, "; ")
}

func (t teller) submissions() []Item {
	var out []Item
	for _, s := range t.p.Submissions {
		var l lines
		l.add("answers", "Answers, low to high", comma(spokenAll(s.Answers)))
		l.add("answered-by", "Answered by", roleWords(s.AnsweredBy))
		if s.For != "" {
			l.add("for", "Filed for", spoken(s.For))
		}
		if len(s.Opens) > 0 {
			l.add("opens", "May be filed from", momentsWords(s.Opens, true))
		}
		if len(s.Closes) > 0 {
			l.add("closes", "Counts when filed until", momentsWords(s.Closes, false))
		}
		l.add("answer-within", "The body answers within", optionalLength(s.AnswerIn))
		l.rests(s.Source, s.Assumes)
		out = append(out, Item{Key: s.Key, Lines: l})
	}
	return out
}

func (t teller) tasks() []Item {
	var out []Item
	for _, k := range t.p.Tasks {
		var l lines
		l.add("set-by", "Set by", roleWords(k.SetBy))
		confirmed := "nobody: doing it is enough"
		if k.ConfirmedBy != "" {
			confirmed = roleWords(k.ConfirmedBy)
		}
		l.add("confirmed-by", "Confirmed by", confirmed)
		if k.About != "" {
			l.add("about", "Each is about", "one "+spoken(k.About))
		}
		l.add("due", "To be done within", optionalLength(k.DueIn))
		if k.LateNeeds != "" {
			l.add("late-needs", "What is done late needs", "an "+k.LateNeeds)
		}
		l.rests(k.Source, k.Assumes)
		out = append(out, Item{Key: k.Key, Lines: l})
	}
	return out
}
