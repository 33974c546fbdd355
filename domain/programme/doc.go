// Package programme is the language that certifying bodies' rules are written
// in: YAML that programme staff can read, parsed strictly into a Programme.
//
// The words: an award is a question with ordered answers (levels). A
// requirement is one test and one consequence: the highest level possible
// while it is not met. A measure is a total of facts. A moment is a named day.
// Everything that has a name is a YAML key, and its path is its identity.
//
// Parse refuses whatever it does not fully understand, with the place, the
// line and a hint, and shows many mistakes at once. Beyond the grammar it asks
// that a programme makes sense:
//
//   - every name that is used is declared, and every parameter, assumption,
//     question, submission, task and measure that is declared is used;
//   - every level below the highest is some requirement's cap, since no history
//     could earn it otherwise;
//   - a level cannot rise because a requirement was settled as not met;
//   - the days that windows hang on exist and do not depend on themselves;
//   - the parts of a sum need no more than can count.
//
// That no level is given for nothing is shown by reviewing the empty history,
// which needs the evaluator and is not done here.
//
// A word in place of a number is the name of a parameter. In where, a word
// that is a parameter's name stands for the parameter's words, and any other
// for itself. An unquoted number has one reading everywhere: decimal, with a
// space before its unit.
//
// The package is pure. It reads no files and no clock, and what it returns
// depends on the bytes alone.
package programme
