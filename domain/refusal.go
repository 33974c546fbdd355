package domain

import (
	"fmt"
	"slices"
	"strings"
)

// A Refusal is the rules' answer that an act may not happen. It is an answer,
// not a fault: nothing is recorded and nothing is logged. Detail never repeats
// what was sent, since that could be personal; codes of the programme may
// stand in it.
type Refusal struct {
	Reason string   // stable code, a slug; Reasons lists them
	Detail string   // one sentence for a person: what is wrong and what to do
	Field  string   // the field concerned, where it is one
	Fields []string // every field concerned, where there are several, sorted
	Cause  error    // for programme-invalid: the programme.Errors, with positions
}

func (r *Refusal) Error() string { return r.Reason + ": " + r.Detail }

// Unwrap gives the cause, where there is one.
func (r *Refusal) Unwrap() error { return r.Cause }

func refuse(reason, format string, args ...any) *Refusal {
	return &Refusal{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

func refuseField(field, reason, format string, args ...any) *Refusal {
	return &Refusal{Reason: reason, Field: field, Detail: fmt.Sprintf(format, args...)}
}

func refuseFields(fields []string, reason, format string, args ...any) *Refusal {
	slices.Sort(fields)
	return &Refusal{Reason: reason, Field: fields[0], Fields: fields, Detail: fmt.Sprintf(format, args...)}
}

// known lists codes of the programme for a sentence: "a, b or c".
func known(codes []string) string {
	switch len(codes) {
	case 0:
		return "none"
	case 1:
		return codes[0]
	}
	return strings.Join(codes[:len(codes)-1], ", ") + " or " + codes[len(codes)-1]
}

// Reasons lists every reason there is for a refusal, sorted. A reason once
// published keeps its meaning.
func Reasons() []string { return slices.Clone(reasons) }

var reasons = []string{
	"accepted-twice",
	"accommodation-open",
	"act-incomplete",
	"already-fulfilled",
	"already-registered",
	"attended",
	"attester-differs",
	"audit-differs",
	"before-filing",
	"before-proposal",
	"cause-not-open",
	"clarifies-other",
	"clause-required",
	"cohort-differs",
	"cohort-missing",
	"conflict-of-interest",
	"consensus-incomplete",
	"counts-differ",
	"decided-already",
	"decision-differs",
	"due-not-later",
	"due-passed",
	"due-too-late",
	"ends-before-it-begins",
	"evidence-differs",
	"evidence-disputed",
	"evidence-voided",
	"expired",
	"extended-already",
	"filing-not-open",
	"granted-already",
	"implausible-field",
	"in-the-future",
	"judgement-differs",
	"key-not-in-use",
	"key-used-before",
	"ledger-exists",
	"less-favourable",
	"minutes-impossible",
	"minutes-missing",
	"missing-field",
	"module-full",
	"more-than-a-day",
	"needs-another-person",
	"needs-second-person",
	"never-granted",
	"no-classes",
	"no-due-day",
	"no-ledger",
	"no-periods",
	"no-show",
	"no-such-accommodation",
	"no-such-attester",
	"no-such-cohort",
	"no-such-decision",
	"no-such-evidence",
	"no-such-module",
	"no-such-person",
	"no-such-programme",
	"no-such-proposal",
	"no-such-qualification",
	"no-such-registration",
	"no-such-session",
	"no-such-submission",
	"no-such-task",
	"no-such-token",
	"no-such-version",
	"no-such-waiver",
	"no-tracks",
	"not-a-code",
	"not-a-consensus",
	"not-a-date",
	"not-a-hash",
	"not-a-person-id",
	"not-a-verifier-key",
	"not-asked",
	"not-asked-of-them",
	"not-asked-of-you",
	"not-assigned",
	"not-authorised",
	"not-begun",
	"not-correctable",
	"not-drawn",
	"not-earned",
	"not-extensible",
	"not-here",
	"not-in-doubt",
	"not-in-force",
	"not-suspended",
	"not-waivable",
	"not-your-registration",
	"nothing-granted",
	"nothing-to-correct",
	"nothing-to-sign",
	"number-impossible",
	"number-missing",
	"number-not-asked",
	"other-award",
	"other-module",
	"other-programme",
	"person-concerned",
	"programme-invalid",
	"proposal-closed",
	"proposal-expired",
	"proposal-outdated",
	"provisional",
	"quantity-impossible",
	"quantity-missing",
	"rated-twice",
	"reason-missing",
	"relation-to-nobody",
	"replaces-other",
	"revoked",
	"same-cohort",
	"sample-size",
	"score-impossible",
	"score-incomplete",
	"session-cancelled",
	"session-differs",
	"session-has-parts",
	"session-held",
	"session-not-asked",
	"session-not-held",
	"session-not-started",
	"session-too-long",
	"submission-differs",
	"submission-withdrawn",
	"surrendered",
	"suspended",
	"task-cancelled",
	"task-differs",
	"task-done",
	"text-too-long",
	"token-exists",
	"too-many-causes",
	"too-many-documents",
	"too-many-values",
	"track-missing",
	"unknown-answer",
	"unknown-award",
	"unknown-clause",
	"unknown-currency",
	"unknown-field",
	"unknown-group",
	"unknown-item",
	"unknown-kind",
	"unknown-level",
	"unknown-period",
	"unknown-purpose",
	"unknown-question",
	"unknown-rating",
	"unknown-reason",
	"unknown-relation",
	"unknown-requirement",
	"unknown-role",
	"unknown-rubric",
	"unknown-source",
	"unknown-status",
	"unknown-submission",
	"unknown-task",
	"unknown-text",
	"unknown-track",
	"unknown-unit",
	"unreadable-text",
	"valid-too-early",
	"validity-overlaps",
	"values-missing",
	"values-not-sorted",
	"version-missing",
	"version-not-later",
	"withdrawn",
}
