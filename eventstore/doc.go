// Package eventstore keeps the ledger: one JetStream stream of immutable
// entries, written with a guard per subject and read without gaps. It deals in
// subjects and opaque payload bytes and knows nothing of what they say.
//
// # Guarantees
//
//   - Once Append or AppendAll returns nil, its entries are on disk (fsynced).
//   - An entry is stored only if its writer had seen the last entry of its
//     subject; of several writers that saw the same one, exactly one wins.
//   - The entries of one Append or AppendAll are stored all or none, with
//     consecutive sequences, and are never seen in part.
//   - A reader gets every entry once, in order. A missing or unreadable entry
//     ends the read with an error that names it; nothing is skipped.
//   - Sequences start at 1 and have no holes.
//
// An append that does not return nil says which of three things happened:
// nothing was written (ErrConflict, ErrUnavailable, ErrReadOnly, ErrTooLarge,
// ErrInvalid, or the context's error before anything was sent), or nobody knows
// (ErrUnknownOutcome). After the last the caller reads the subject's last entry
// or sends the same write again: if the first was stored, its guard answers
// ErrConflict.
//
// # Stored names
//
// These are for ever.
//
//	stream                LEDGER, on an embedded server without any listener
//	subjects              ledger.<kind>.<id> and ledger.system, written here as
//	                      "<kind>/<id>" and "system"; the kinds are registration,
//	                      person, cohort, programme, attester and access; an id
//	                      is 1 to 64 of a-z, 0-9 and -
//	message payload       the caller's bytes, unchanged
//	message headers       Nats-Expected-Last-Subject-Sequence (the guard) and,
//	                      for several entries, Nats-Batch-Id, -Sequence and
//	                      -Commit; they are transport and are never read back
//
// Files in the ledger's directory:
//
//	ledger.json           the marker: {"format":1,"stream":"LEDGER"}; written last
//	                      by Create, required by Open
//	LOCK                  held (flock) by the one process that has it open
//	jetstream/            the server's store; the stream is in
//	                      jetstream/$G/streams/LEDGER
package eventstore
