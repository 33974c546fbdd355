// Package proof lets anybody check what a ledger says without trusting whoever
// keeps it: leaves, the Merkle tree over them, checkpoints that are signed, and
// the files that auditors are handed.
//
// The forms are published ones, so that other people's tools read them: RFC 6962
// trees, C2SP tlog-tiles, tlog-checkpoint, tlog-cosignature and tlog-proof. Trust
// comes from the verifier's side alone: the key of the log that they were given,
// never one that stands in what they check.
//
// The package is pure over what it is given. It knows no clock, no directory
// layout and no server.
package proof
