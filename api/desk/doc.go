// Package desk takes one command at a time: it loads the facts, lets the domain
// decide, seals what is personal, appends durably, and answers.
//
// What holds:
//   - Once Do or DoAll returns nil, what the Answer lists is on disk.
//   - A command that was recorded answers the same for ever, however often and
//     after whatever crash it is tried again with its command id.
//   - What was decided rested on the last entry of the command's own subject; of
//     every other subject looked at, the event says which version was seen.
//   - Keys of sealed values are durable before the entry that needs them.
//   - Nothing personal stands in errors or logs.
//
// An error other than eventstore.ErrUnknownOutcome means that nothing was
// recorded. After that one the caller tries again with the same command id.
//
// # Stored names
//
// These are for ever.
//
//	commandid    Vault.CommandID of principal and idempotency key, or "random:"
//	             and 26 letters and digits where the caller gave no key
//	commandhash  Vault.Fingerprint of the body where it is personal, else
//	             Vault.CommandID of "certledger command body v1" and the body
//	sealed       a JSON object of the group's fields, keys sorted, sealed for
//	             Keyholder; its context is the entry's subject, the event type
//	             without prefix, and the event id
package desk
