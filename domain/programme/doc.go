// Package programme is the language that certifying bodies' rules are written
// in: YAML that programme staff can read, parsed strictly into a Programme.
//
// The words: an award is a question with ordered answers (levels). A
// requirement is one test and one consequence: the highest level possible
// while it is not met. A measure is a total of facts. A moment is a named day.
// Everything that has a name is a YAML key, and its path is its identity.
package programme
