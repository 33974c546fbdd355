// Package domain holds certledger's rules. It is pure: no clock, no input or
// output, no goroutines, no floating point, no dependence on map order. Time,
// identifiers and programmes come in as values.
//
// The words, one meaning each:
//
//   - event: what happened (attendance.marked). Entry: an event as the ledger
//     recorded it, with its sequence.
//   - registration: one person in one programme, in a cohort where the
//     programme has classes; the boundary on which a certificate is decided.
//   - person, cohort (scheduled sessions, each delivering a module), attester
//     (trainer, supervisor, referee, provider: whoever attests).
//   - programme: one published version of the rules. Award: a question it asks
//     with ordered levels. Requirement, clause, parameter, assumption.
//   - standing: what a registration's entries add up to. Assessment: the
//     programme applied to facts, with a result per requirement.
//   - earned: the level that the facts support. Granted: the level of the
//     latest decision in force.
//   - decision: a recorded act by a named person. One that rested on what has
//     changed since is in doubt; its review has causes, an owner and a day by
//     which it is due, and ends with a decision anew, or with the word that it
//     stands.
//   - correction (supersedes a fact), waiver (a named exception), make-up, live
//     equivalent, absence reason: five different things.
//
// A Command says what somebody wants to do; its Decide answers with events, a
// *Refusal, or nothing where the ledger already says so. Apply folds recorded
// entries into state. Assess says what the rules make of it.
package domain
