// Package projections replays the ledger into current standing. One Pebble
// database holds every view; one loop reads entries without gaps, folds them,
// and commits rows and position in one batch, so that a crash loses at most the
// latest entries together with the position, and they are read again. The
// database may be deleted at any time: a rebuild gives the same rows, byte for
// byte, however the entries were batched.
//
// keys.go documents every row. Nothing here appends to the ledger, and nothing
// judges: summaries come from domain.Assess at a time that the entries fix.
// Rows hold pseudonyms, codes and sealed values only.
//
// The Merkle tree over the ledger is one of the views (tree.go). What was known
// at an earlier sequence, and effective at another time, is folded from the
// copies of the entries when somebody asks (past.go).
//
// A Store's reads each see one consistent moment; View keeps a moment for
// several reads. What does not exist reads as nil or false, never as an error.
// States that a read returns belong to the caller.
package projections
