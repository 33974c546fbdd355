package programme

import "slices"

// headTables describe what stands at the head of a programme.
func headTables() []tableForm {
	header := []keyForm{
		need("programme", aName, "The programme's name, for ever."),
		need("version", form{"type": "integer", "minimum": 1, "maximum": VersionMax}, "A whole number; a new version has a higher one."),
		need("title", aText, "What people call it."),
		may("replaces", form{"type": "integer", "minimum": 1, "maximum": VersionMax}, "The version before."),
		may("clarifies", form{"type": "integer", "minimum": 1, "maximum": VersionMax}, "The version that this one says more clearly; undecided registrations of it may move to this one."),
		need("valid", refTo("valid"), "The days on which this version may be pinned, both included."),
		need("pinned-by", pinning, "What fixes the version for somebody."),
		need("time-zone", anyOf(aText, refTo("toBeSupplied")), "An IANA name, such as America/Toronto: days are days there."),
		may("sources", sourceTable, "Where the rules stand: an id and a title each."),
		may("assumes", oneOrMore(aText), "Assumptions that concern the programme as a whole."),
		may("assumptions", sourceTable, "How gaps in the sources are read, until the body confirms it."),
	}
	own := []keyForm{
		may("based-on", refTo("based-on"), "What this programme was laid over; written when an overlay is resolved."),
		may("base-award", aName, "The award that keeps the base's own question."),
		may("changes", form{"type": "object", "additionalProperties": refTo("change")}, "What the overlay did, clause by clause; written when it is resolved."),
		may("overlay", aText, "The overlay's own text; written when it is resolved."),
	}
	return []tableForm{
		{name: "programme", says: "A complete programme.", keys: slices.Concat(header, sections(true), own)},
		{name: "valid", says: "The days on which a version may be pinned.", keys: []keyForm{
			need("from", anyOf(aText, refTo("toBeSupplied")), "The first day."), may("until", aText, "The last day; without it there is no end."),
		}},
		{name: "parameter", says: "A value with a name, which a case or a later version may change.", besides: form{"anyOf": []form{
			{"required": []string{"is"}}, {"required": []string{"required"}},
		}}, keys: with(
			rests(),
			may("is", parameterValue, "The value: a number with its unit, a list of numbers or words, true or false, or a table."),
			may("required", aTruth, "No source states it: it is to be supplied before publishing."),
			may("unit", aText, "The unit of bare numbers: minutes, classes."),
			may("of", aName, "What words or a table are of: modules, categories."),
			may("otherwise", aNumber, "For a table: the number of what it does not name."),
			may("range", aText, "What is plausible, both ends included: 1 h..500 h."),
			may("stricter", oneWord("higher", "lower"), "In which direction it asks more."),
		)},
		{name: "word", says: "The programme's own name for a generic act, in cases.", keys: wordKeys()},
	}
}

var (
	pinning     = oneWord("registration", "application", "decision", "period")
	sourceTable = form{"type": "object", "additionalProperties": aText, "propertyNames": form{"pattern": sourceID.String()}}

	parameterValue = anyOf(
		aNumber, aTruth, form{"type": "array", "items": aNumber},
		form{"type": "object", "additionalProperties": aNumber},
	)
)

// sections are the sections of a programme below its header. Whole programmes
// have some of them for certain.
func sections(whole bool) []keyForm {
	must := func(key string, is form, says string) keyForm { return keyForm{key, is, says, whole} }
	return []keyForm{
		may("parameters", namesOf(refTo("parameter")), "Values that have names."),
		may("registration", refTo("registration"), "What a complete registration holds."),
		may("classes", refTo("classes"), "Scheduled live classes."),
		may("modules", refTo("modules"), "What is taught, where there are no scheduled classes."),
		may("topics", namesOf(refTo("topics")), "What a source says should be taught, and which modules cover it."),
		may("tracks", refTo("tracks"), "Specialisations that somebody may choose."),
		may("periods", namesOf(refTo("period")), "Spans of time in which something is owed again and again."),
		must("awards", namesOf(refTo("award")), "Questions with ordered answers. The first is meant where a requirement names none."),
		may("rubrics", namesOf(refTo("rubric")), "Items that people rate, in sections."),
		may("questions", namesOf(refTo("question")), "What people judge."),
		may("submissions", namesOf(refTo("submission")), "What a participant files and somebody answers."),
		may("tasks", namesOf(refTo("task")), "What is asked of a participant."),
		may("measures", namesOf(refTo("measure")), "Totals of facts."),
		must("requirements", namesOf(refTo("requirement")), "One test and one consequence each. Their order never matters."),
		may("after", namesOf(aftermathForm()), "By award: what becomes of a period that has ended and is not settled, in phases; or of a moment, where begins names one."),
		may("statuses", namesOf(refTo("status")), "Words for standing after issue, and their effects."),
		may("shown-only", theNames, "Kinds of evidence that are recorded and shown, and never computed."),
		may("words", namesOf(refTo("word")), "This programme's words for generic acts."),
	}
}

func wordKeys() []keyForm {
	var out []keyForm
	for _, act := range acts {
		out = append(out, may(act, aText, "The act, and what it concerns."))
	}
	for _, arg := range wordArguments {
		if !slices.Contains(acts, arg) {
			out = append(out, may(arg, anyOf(aText, form{"type": "number"}), "What the case calls this argument, or a fixed value."))
		}
	}
	return out
}

func classTables() []tableForm {
	return []tableForm{
		{name: "registration", says: "What a complete registration holds.", keys: []keyForm{
			may("fields", namesOf(refTo("field")), "The form. What is filled in is sealed, and no rule reads it."),
			may("accepts", namesOf(refTo("acceptance")), "Texts that a registrant accepts."),
		}},
		{name: "field", says: "A field of the form.", keys: with(
			rests(),
			need("group", oneWord("identity", "contact", "lived-experience", "accommodation"), "The personal group that it is sealed in."),
			may("required", aTruth, "Whether a registration needs it; true where it is not said."),
			may("one-of", listOf(aName), "The choices."),
			may("form", oneWord("email", "phone", "postal-code-ca"), "What it looks like."),
			may("label", aText, "What the form calls it."),
		)},
		{name: "acceptance", says: "A text to accept.", keys: with(
			rests(), may("required", aTruth, "Whether a registration needs it; true where it is not said."),
		)},
		{name: "classes", says: "Scheduled live classes.", keys: with(
			rests(),
			need("modules", refTo("modules"), "What is taught."),
			need("session", aNumber, "How long a session is."),
			need("attended", refTo("attended"), "What makes an attendance."),
			need("missed-unless", oneOrMore(oneWord("attended", "attended-live-elsewhere", "waived")), "A session is missed unless one of these is so."),
			need("marks", form{"type": "array", "items": oneOrMore(markSource)}, "Whose mark outranks whose; those in inner brackets rank alike."),
		)},
		{name: "attended", says: "What makes an attendance.", keys: []keyForm{need("at-least", aNumber, "So many minutes.")}},
		{name: "modules", says: "What is taught.", keys: []keyForm{
			may("count", aNumber, "So many modules, called 1, 2, 3 …"),
			may("named", form{"type": "object", "additionalProperties": aText}, "Titles by name."),
			may("sessions", aNumber, "Sessions of each module: a number, or a parameter with a table."),
		}},
		{name: "topics", says: "A list of what should be taught. No result depends on it.", keys: with(
			rests(),
			need("named", namesOf(aText), "The topics: a name and a title each."),
			may("covered", form{"type": "object", "additionalProperties": theNames}, "By module: the topics that it covers."),
		)},
		{name: "tracks", says: "Specialisations that somebody may choose.", keys: []keyForm{need("named", theNames, "Their names, or a parameter with a list of words.")}},
		{name: "rubric", says: "Items that people rate.", keys: with(
			rests(),
			need("scale", listOf(aName), "The ratings, low to high."),
			need("sections", namesOf(refTo("section")), "Parts of the rubric."),
		)},
		{name: "section", says: "A part of a rubric.", keys: []keyForm{
			need("items", anyOf(aText, aName, listOf(aName), namesOf(aText)), "A list of names, a table from name to title, or a run such as 1..8."),
			may("each", oneWord(EachTrack), "Every track has its own such items."),
		}},
	}
}

var markSource = oneWord("correction", "trainer", "import", "self")

func askedTables() []tableForm {
	return []tableForm{
		{name: "award", says: "A question with ordered answers.", keys: []keyForm{
			need("levels", listOf(aName), "The answers, low to high."),
			may("never-granted", theNames, "Levels that only show where somebody stands."),
			may("decided-by", namesOf(theNames), "By level: the roles that decide it."),
			may("may-be-denied-for", namesOf(refTo("denial")), "Grounds on which an earned level may be denied."),
			may("documents", namesOf(oneWord("certificate", "letter")), "By level: the paper that goes with it."),
			may("conflict-of", oneWord("highest", "all", "none"), "For which levels somebody's own trainer or supervisor may not decide."),
			may("appeal", aLength, "How long a decision can be appealed."),
			may("review", aLength, "How soon a decision in doubt is looked at again."),
			may("each", aName, "Asked anew in each period of this kind, or for each track."),
			may("needs", namesOf(aName), "By award: the level that has to be earned first."),
			may("renews", aName, "A decision on it begins the next period and continues that award."),
			may("settles", aName, "A decision on it settles every missed period of that award."),
			may("asked-in", theNames, "Only in these statuses."),
			may("settled-by", oneWord("decision", "facts"), "facts: once earned it is settled, and nobody decides."),
			may("valid", namesOf(aLength), "By level: how long a decision that gives it holds."),
			may("extensions", namesOf(refTo("extending")), "By level: how often and how far its validity may be extended."),
		}},
		{name: "denial", says: "A ground on which an earned level may be denied.", keys: []keyForm{
			need("says", aText, "The clause in your own words."),
			may("source", theSource, "The place in the sources that it rests on."),
			may("levels", theNames, "The levels that can be denied; any where it is not said."),
		}},
		{name: "extending", says: "How validity may be extended.", keys: []keyForm{
			need("at-most", aNumber, "How often."), need("each", aLength, "How long each time."),
		}},
		{name: "question", says: "Something people judge.", keys: with(
			rests(),
			may("answers", anyOf(oneWord("levels"), listOf(aName)), "Low to high; or levels, for those of the first award."),
			need("asked-of", aName, "The role that answers."),
			need("several", oneWord("lowest", "highest", "latest"), "What several answers come to."),
			may("numbered", aName, "A parameter with a list: one answer for each of its steps."),
			may("rubric", aName, "Items that are rated with it."),
			may("each", oneWord(EachTrack), "Asked for each track."),
			may("shown-only", aTruth, "Asked and shown, and never computed."),
		)},
		{name: "submission", says: "Something filed and answered.", keys: with(
			rests(),
			need("answers", listOf(aName), "Low to high; the last is the favourable one."),
			need("answered-by", aName, "The role that answers."),
			may("for", aName, "The award of periods that it is filed for."),
			may("opens", aMoment, "The first day on which it may be filed."),
			may("closes", aMoment, "The last day; what is filed later does not count."),
			may("answer-within", aLength, "The body's own deadline."),
		)},
		{name: "task", says: "Something asked of a participant.", keys: with(
			rests(),
			need("set-by", aName, "The role that sets it."),
			may("confirmed-by", aName, "The role that confirms it; doing it is enough where none is said."),
			may("late-needs", oneWord("extension"), "What is done late needs one."),
			may("about", oneWord("session"), "What each is about."),
			may("due", aLength, "The time to do it where whoever sets it names no day."),
		)},
	}
}
