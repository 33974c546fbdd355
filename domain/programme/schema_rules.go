package programme

import "slices"

func ruleTables() []tableForm {
	return []tableForm{
		{name: "measure", says: "A total of facts: select, place in time, credit, divide into parts, add up.", keys: slices.Concat([]keyForm{
			need("sum", aName, "The kind of evidence whose quantities are added up."),
			may("unit", aText, "What is added up, where no bound says so."),
			may("assumes", oneOrMore(aText), "The assumptions that it rests on."),
		}, counting())},
		{name: "part", says: "A category below a total.", keys: []keyForm{
			may("where", refTo("where"), "For a part that is no category: which facts are in it."),
			may("at-least", refTo("bound"), "So much has to be in it."),
			may("counts-up-to", refTo("bound"), "More does not count."),
			may("parts", namesOf(refTo("part")), "Categories below it."),
		}},
		{name: "share", says: "A part of a fixed base, rounded up.", keys: []keyForm{
			need("share", aNumber, "So many per cent."), need("of", refTo("bound"), "Of so much."),
		}},
		{name: "credited", says: "What is made of what was done in a span of time.", keys: []keyForm{
			need("per", oneWord(SpanDay, SpanWeek, SpanMonth), "The span in which it ended."),
			may("whole-only", refTo("bound"), "Only whole multiples count; the rest is lost."),
			may("up-to", refTo("bound"), "More does not count in one span."),
			may("worth", refTo("worth"), "A rate."),
		}},
		{name: "worth", says: "So much of what is summed gives so much credit.", keys: []keyForm{
			need("for", refTo("bound"), "So much of what is summed."), need("gives", refTo("bound"), "So much credit."),
		}},
		{name: "where", says: "Which facts: all conditions hold, and a list means any of it.", keys: conditions()},
		{name: "attested-by", says: "Who attests, and what they hold.", keys: []keyForm{
			need("role", aName, "The attester's role."),
			need("qualified", namesOf(aText), "What they must have held on the day: 2 years, or any time."),
		}},
		{name: "provider", says: "A provider that holds an approval.", keys: []keyForm{
			need("approved", aName, "The approval held on the day on which it happened; any for whichever."),
		}},
		{name: "window", says: "A span of days, both included.", keys: []keyForm{
			may("from", aMoment, "The first day; of several the latest."),
			may("until", aMoment, "The last day; of several the earliest."),
			may("in", oneWord("period"), "From the start until the end of the period."),
		}},
		{name: "has", says: "A fact of a kind that meets conditions.", keys: slices.Concat([]keyForm{
			need("kind", aName, "The kind of evidence."),
			may("dated", aWindow, "When it happened."),
			may("filed", aWindow, "When the body received it."),
			may("at-least", refTo("bound"), "Of at least that quantity."),
			may("share", aNumber, "Scored at least that share."),
			may("needs-person", aName, "The role that says what such a fact means."),
		}, conditions())},
		{name: "when", says: "Otherwise the requirement does not apply. One condition.", keys: []keyForm{
			may("parameter", aName, "A parameter that is true."),
			may("filed", aName, "A submission was received."),
			may("has", hasForm, "Such a fact is recorded."),
			may("track", aName, "It is asked for this track."),
			may("from", aMoment, "Received on or after."),
			may("until", aMoment, "Received on or before."),
			may("unless", aTruth, "Turned round: it must not hold."),
		}},
		{name: "at-each", says: "The steps at which a test is repeated.", keys: []keyForm{
			need("step", aName, "A parameter with a list of totals."), need("of", aName, "The measure."),
		}},
		{name: "late", says: "When a numbered fact is late.", keys: []keyForm{
			need("from", oneWord("next step"), "It is filed after the next step was complete."),
			may("unless", aName, "The answer that accepts it."),
			may("raises", aName, "The flag while one is late."),
		}},
		{name: "at-least-of", says: "So many of several.", keys: []keyForm{
			need("n", aNumber, "How many."), need("of", children, "Named parts."),
		}},
		{name: "for-each", says: "The bound is asked so many times.", keys: []keyForm{
			may("missed", aName, "Once for each missed period of this award."),
			may("and-current", aTruth, "And once for the present one."),
			may("year-since", aMoment, "Once for each year begun since then."),
		}},
		{name: "carry", says: "What goes over to the next period.", keys: []keyForm{
			may("shortfall", oneWord("next"), "What a settled period turns out to lack is added to the next one's bound."),
			may("excess", oneWord("next"), "What is over the bound counts in the next one."),
			may("up-to", refTo("bound"), "At most so much."),
		}},
		{name: "elapsed", says: "The time between two moments.", keys: []keyForm{
			need("from", aMoment, "The first; of several the latest."), may("to", aMoment, "The second; without it today."),
		}},
		{name: "warn", says: "When to warn of an upper bound.", keys: []keyForm{need("left", oneOrMore(aNumber), "So many are left.")}},
		{name: "requirement", says: "One test and one consequence.", keys: requirementKeys(true), besides: requirementForms(true)},
		{name: "child", says: "A named part of a requirement, with a test of its own.", keys: requirementKeys(false), besides: requirementForms(false)},
	}
}

var (
	children = form{"type": "object", "additionalProperties": refTo("child"), "propertyNames": form{"pattern": slug.String()}, "minProperties": 1}
	hasForm  = anyOf(aName, refTo("has"))
)

// counting are the keys that say how a total is reckoned.
func counting() []keyForm {
	return []keyForm{
		may("where", refTo("where"), "Which facts are selected."),
		may("dated", aWindow, "When they happened."),
		may("filed", aWindow, "When the body received them."),
		may("in-one", oneWord(chosenBy...), "Only the best single one counts."),
		may("credited", refTo("credited"), "What is made of what was done in a day, week or month."),
		may("parts", namesOf(refTo("part")), "A tree of categories."),
	}
}

// conditions select facts.
func conditions() []keyForm {
	return []keyForm{
		may("category", words, "The category, or the beginning of its path."),
		may("outcome", words, "How it ended."),
		may("title", words, "The title's code."),
		may("mode", words, "How it was delivered."),
		may("provider", anyOf(aName, words, refTo("provider")), "Who provided it, or what approval the provider held."),
		may("signed-by", theNames, "Roles that must have signed: all of them."),
		may("filed-by", aName, "The role that filed it."),
		may("attested-by", anyOf(aName, refTo("attested-by")), "The attester's role, and what they hold."),
		may("module", theNames, "Modules."),
		may("item", words, "Items of a rubric."),
		may("answered", aName, "The body's answer in force."),
		may("documented", onlyYes, "With a document."),
		may("unrelated", onlyYes, "Not attested by a relative."),
		may("track", aName, "A track, or this."),
		may("period", aName, "A period, or this."),
		may("unused", oneWord(UnusedHere, UnusedAnywhere), "No decision in force rests on it already."),
	}
}

// requirementKeys are those of a requirement, or of a named part of one.
func requirementKeys(top bool) []keyForm {
	out := []keyForm{
		{"says", aText, "The clause in your own words.", top},
		may("kindly", aText, "What a participant is told while it is not met."),
		may("when", refTo("when"), "Otherwise it does not apply."),
	}
	out = append(out, rests()...)
	if top {
		out = append(
			out,
			may("for", aName, "The award; the first where it is not said."),
			may("was", aName, "The key that it had in the version before."),
			may("otherwise", aName, "The highest level that is possible while it is not met."),
			may("while-open", aName, "The highest level while nobody can say yet."),
			may("raises", theNames, "Flags while it caps."),
			may("may-be-waived", anyOf(aTruth, oneWord("per session")), "Whether a named person may waive it."),
			may("warn", refTo("warn"), "When an upper bound warns."),
		)
	}
	out = append(
		out,
		may("count", aText, "Missed sessions, missed modules, or a kind of evidence."),
		may("sum", aName, "A measure or a kind of evidence."),
		may("has", hasForm, "There is such a fact."),
		may("elapsed", refTo("elapsed"), "A time has passed."),
		may("judged", aName, "A question."),
		may("rated", aName, "A question with a rubric."),
		may("tasks", aName, "A kind of task."),
		may("submission", aName, "A submission."),
		may("at-each", refTo("at-each"), "At every step of a measure."),
		may("all-of", children, "All of them."),
		may("any-of", children, "One of several ways."),
		may("at-least-of", refTo("at-least-of"), "So many of several."),
		may("none-of", children, "None of them."),
		may("registration", oneWord("no-show", "withdrawn"), "The state of the registration."),

		may("at-least", refTo("bound"), "The lower bound, or the lowest answer."),
		may("at-most", refTo("bound"), "The upper bound."),
		may("for-each", refTo("for-each"), "The bound is asked so many times."),
		may("carry", refTo("carry"), "What goes over to the next period."),
		may("reaches", namesOf(refTo("bound")), "By level: the total that supports it."),
		may("distinct", aName, "Those alike in this count once."),
		may("number", oneWord("last"), "Only the last numbered answer."),
		may("signed-by", theNames, "Roles that must have signed the judgement that counts."),
		may("section", aName, "The section of the rubric."),
		may("each-at-least", aName, "The rating that each item has at least."),
		may("counting", aName, "The rating from which an item counts."),
		may("are", oneWord("all done"), "What tasks must be."),
		may("count-at-least", aNumber, "So many tasks were set."),
		may("is", aName, "The answer at least, or filed."),
		may("late", refTo("late"), "When a numbered fact is late."),
	)
	return append(out, counting()...)
}

// requirementForms say that there is a test, and which keys go with only one.
func requirementForms(top bool) form {
	var tests []form
	goesWith := map[string][]string{}
	for _, t := range testKeys {
		tests = append(tests, form{"required": []string{t}})
		for _, k := range besides(t) {
			goesWith[k] = append(goesWith[k], t)
		}
	}
	needs := form{}
	for k, of := range goesWith { // order-free: keys of a table that is sorted when written
		if len(of) == 1 && !slices.Contains(testKeys, k) {
			needs[k] = of
		}
	}
	out := form{"anyOf": tests, "dependentRequired": needs}
	if top { // thresholds say themselves which level each supports
		out["if"] = form{"not": form{"required": []string{"reaches"}}}
		out["then"] = form{"required": []string{"otherwise"}}
	}
	return out
}

// aftermathForm are phases by name, and the day on which they begin.
func aftermathForm() form {
	out := namesOf(refTo("phase"))
	out["properties"] = form{"begins": aMoment}
	return out
}

func lifeTables() []tableForm {
	return []tableForm{
		{name: "period", says: "A span of time in which something is owed.", keys: with(
			rests(),
			need("lasts", anyOf(aText, refTo("until-day")), "How long: 3 years, calendar year, or until a day of the year."),
			need("first", aMoment, "When the first begins; of calendar years, year of or year after a moment."),
			may("first-lasts", anyOf(aLength, refTo("has")), "How long the first is, where it has its own length; or the fact that states it."),
			may("next", oneWord("old end", "renewal", "late renewal"), "Where the next begins."),
		)},
		{name: "until-day", says: "A period that ends on a day of the year.", keys: []keyForm{
			need("until", aNumber, "The day on which each ends."), may("at-least", aLength, "It lasts at least so long, or a year more."),
		}},
		{name: "phase", says: "A span of time after the end of a period.", keys: with(
			rests(),
			may("until", aMoment, "Its last day; the last phase has none."),
			need("status", aName, "The status that somebody then has."),
			may("may", oneOrMore(oneWord("earn", "file")), "What they may still do."),
			may("fee", aNumber, "What filing costs in it."),
			may("start-again", aTruth, "Nothing but a new registration leads back."),
			may("says", aText, "What it means, in your own words."),
		)},
		{name: "status", says: "A word for standing after issue.", keys: []keyForm{
			may("holds-title", aTruth, "Whether they may use the title."),
			may("says", aText, "What it means, in your own words."),
			may("source", theSource, "The place in the sources that it rests on."),
		}},
	}
}
