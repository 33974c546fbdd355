package cases

import (
	"maps"
	"slices"
	"strings"
)

// shape is what an argument of a verb must look like.
type shape string

const (
	aWord   shape = "a word"
	aNumber shape = "a whole number"
	aTruth  shape = "true or false"
	aList   shape = "a word or a list of words"
	aDay    shape = "a day, like 2026-05-01"
	amount  shape = "a number with its unit, like 10 h"
	aTable  shape = "a table"
)

// verb is a generic act: what a case can do without any programme's words.
type verb struct {
	about string // the argument that says what it concerns, or empty
	needs []string
	or    map[string][]string // what may stand instead of an argument that is needed
	takes map[string]shape
	does  func(*story, *step) error
}

// evidenceFacts are the arguments that describe a piece of evidence.
var evidenceFacts = map[string]shape{
	"category": aWord, "quantity": amount, "unit": aWord, "outcome": aWord, "title": aWord, "number": aNumber, "about": aWord,
	"session": aWord, "module": aWord, "item": aWord, "period": aWord, "track": aWord, "mode": aWord, "provider": aWord,
	"attester": aWord, "relation": aWord, "dated": aDay, "received": aDay, "activity": aWord, "days": aNumber, "a-day": amount,
	"documented": aTruth, "score": aNumber, "out-of": aNumber, "by": aWord,
}

func facts(more map[string]shape) map[string]shape {
	all := maps.Clone(evidenceFacts)
	maps.Copy(all, more)
	return all
}

// verbs are all there are. Everything else that a case file may say is a word
// for one of these: see shorthand.yaml.
func verbs() map[string]verb {
	return map[string]verb{
		"register":           {about: "files", takes: map[string]shape{"missing": aList, "by": aWord}, does: (*story).register},
		"enrol":              {needs: []string{"cohort"}, takes: map[string]shape{"cohort": aWord, "missing": aList, "by": aWord}, does: (*story).enrol},
		"transfer":           {needs: []string{"cohort"}, takes: map[string]shape{"cohort": aWord, "reason": aWord, "by": aWord}, does: (*story).transfer},
		"withdraw":           {takes: map[string]shape{"reason": aWord, "by": aWord}, does: (*story).withdraw},
		"no-show":            {takes: map[string]shape{"by": aWord}, does: (*story).noShow},
		"attend":             {takes: map[string]shape{"except": aList, "except-parts": aList, "sessions": aList, "by": aWord}, does: (*story).attend},
		"mark":               {needs: []string{"session", "status"}, takes: map[string]shape{"session": aWord, "status": aWord, "minutes": aNumber, "source": aWord, "by": aWord}, does: (*story).mark},
		"correct":            {takes: facts(map[string]shape{"status": aWord, "minutes": aNumber, "entry": aWord, "reason": aWord}), does: (*story).correct},
		"excuse":             {needs: []string{"session"}, takes: map[string]shape{"session": aWord, "reason": aWord, "by": aWord}, does: (*story).excuse},
		"live-equivalent":    {needs: []string{"session", "cohort"}, takes: map[string]shape{"session": aWord, "cohort": aWord, "as": aWord, "by": aWord}, does: (*story).liveEquivalent},
		"cancel-session":     {needs: []string{"session"}, takes: map[string]shape{"session": aWord, "reason": aWord, "by": aWord}, does: (*story).cancelSession},
		"reschedule-session": {needs: []string{"session"}, takes: map[string]shape{"session": aWord, "reason": aWord, "by": aWord}, does: (*story).rescheduleSession},
		"accommodation":      {takes: map[string]shape{"kind": aWord, "session": aWord, "id": aWord, "answer": aWord, "by": aWord}, does: (*story).accommodation},

		"record":  {about: "kind", needs: []string{"kind"}, takes: facts(map[string]shape{"kind": aWord, "id": aWord, "signed": aTruth, "signed-by": aWord}), does: (*story).record},
		"sign":    {takes: map[string]shape{"entry": aWord, "for": aWord, "reason": aWord, "by": aWord}, does: (*story).sign},
		"dispute": {takes: map[string]shape{"entry": aWord, "reason": aWord, "by": aWord}, does: (*story).dispute},
		"void":    {takes: map[string]shape{"entry": aWord, "reason": aWord, "by": aWord}, does: (*story).void},
		"answer": {about: "of", needs: []string{"with"}, takes: map[string]shape{
			"of": aWord, "kind": aWord, "submission": aWord, "entry": aWord, "id": aWord, "with": aWord, "every": aWord, "reason": aWord, "effective": aWord, "by": aWord,
		}, does: (*story).answer},
		"judge": {about: "question", needs: []string{"question", "answer"}, or: map[string][]string{"answer": {"ratings", "as"}}, takes: map[string]shape{
			"question": aWord, "track": aWord, "answer": aWord, "ratings": aTable, "number": aNumber, "as": aWord, "signers": aList, "by": aWord,
		}, does: (*story).judge},
		"ask": {about: "task", needs: []string{"task"}, takes: map[string]shape{
			"task": aWord, "id": aWord, "about": aWord, "session": aWord, "for": aWord, "due-days": aNumber, "by": aWord,
		}, does: (*story).ask},
		"extend":  {about: "task", takes: map[string]shape{"task": aWord, "id": aWord, "due-days": aNumber, "award": aWord, "reason": aWord, "by": aWord}, does: (*story).extend},
		"fulfil":  {about: "task", needs: []string{"task"}, takes: map[string]shape{"task": aWord, "id": aWord, "about": aWord, "session": aWord, "how": aWord, "by": aWord}, does: (*story).fulfil},
		"confirm": {about: "task", takes: map[string]shape{"task": aWord, "id": aWord, "by": aWord}, does: (*story).confirm},
		"cancel":  {about: "task", takes: map[string]shape{"task": aWord, "id": aWord, "about": aWord, "session": aWord, "reason": aWord, "by": aWord}, does: (*story).cancel},
		"file": {about: "submission", needs: []string{"submission"}, takes: map[string]shape{
			"submission": aWord, "id": aWord, "award": aWord, "period": aWord, "path": aWord, "received": aDay, "fee": aWord, "by": aWord,
		}, does: (*story).file},
		"attester": {needs: []string{"name"}, takes: map[string]shape{
			"name": aWord, "as": aWord, "qualified": aList, "approved": aList, "relation": aWord, "from": aDay, "until": aDay, "by": aWord,
		}, does: (*story).attester},

		"waive": {about: "requirement", needs: []string{"requirement"}, takes: map[string]shape{
			"requirement": aWord, "session": aWord, "until": aDay, "reason": aWord, "by": aWord, "approved-by": aWord,
		}, does: (*story).waive},
		"decide": {about: "award", needs: []string{"level"}, takes: map[string]shape{
			"award": aWord, "level": aWord, "track": aWord, "period": aWord, "clause": aWord, "reason": aWord, "by": aWord,
		}, does: (*story).decide},
		"deny": {about: "award", needs: []string{"level"}, takes: map[string]shape{
			"award": aWord, "level": aWord, "track": aWord, "period": aWord, "clause": aWord, "reason": aWord, "by": aWord,
		}, does: (*story).deny},
		"revoke": {about: "award", takes: map[string]shape{
			"award": aWord, "levels": aList, "person-wide": aTruth, "reason": aWord, "by": aWord, "approved-by": aWord,
		}, does: (*story).revoke},
		"suspend":   {about: "award", takes: map[string]shape{"award": aWord, "reason": aWord, "by": aWord}, does: (*story).suspend},
		"reinstate": {about: "award", takes: map[string]shape{"award": aWord, "reason": aWord, "by": aWord}, does: (*story).reinstate},
		"renew": {about: "award", takes: map[string]shape{
			"award": aWord, "level": aWord, "period": aWord, "clause": aWord, "reason": aWord, "by": aWord,
		}, does: (*story).renew},
		"surrender": {about: "award", takes: map[string]shape{"award": aWord, "reason": aWord, "by": aWord}, does: (*story).surrender},
		"clock":     {does: (*story).clock},
	}
}

// timeKeys stand beside a verb and say when the step happens.
var timeKeys = []string{"after-days", "on", "recorded-after-days", "days-before-expiry", "days-after-expiry", "at"}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// value reads a node as shape; the second result says what is wrong, or is empty.
func (sh shape) check(n *node) string {
	switch {
	case n.kind == emptyNode:
		return "has no value"
	case sh == aTable:
		if n.kind != tableNode {
			return "must be a table"
		}
		return ""
	case sh == aList && n.kind == listNode:
		for _, item := range n.items {
			if item.kind != wordNode {
				return "must be a list of words"
			}
		}
		return ""
	case n.kind != wordNode:
		return "must be " + string(sh) + ", not " + n.kind.String()
	}
	ok := true
	switch sh {
	case aNumber:
		_, ok = wholeNumber(n.text)
	case aTruth:
		ok = n.text == "true" || n.text == "false"
	case aDay:
		ok = isDay(n.text)
	case amount:
		_, _, ok = readAmount(n.text)
	}
	if !ok {
		return "must be " + string(sh) + ", not " + strings.TrimSpace(n.text)
	}
	return ""
}
