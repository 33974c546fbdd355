// Package checkpoints signs what the ledger's tree comes to, and never forks.
//
// A checkpoint that was shown to anybody binds for ever. So the last one stands
// in a place of its own that is not made anew from anything else, and before
// another is signed it is loaded from there, and proven to be a beginning of the
// tree. Where it is not, because entries are missing or were altered, nothing is
// signed any more and the Publisher says what is wrong.
//
// The place holds:
//
//	checkpoint  the last signed checkpoint, replaced whole
//	leaves      the leaf hashes that it covers, 32 bytes each, in the ledger's order:
//	            with them an altered entry is named, not only noticed
//	LOCK        held while a Publisher is open
package checkpoints
