// Package vault keeps the keys under which personal data is sealed, apart from
// the ledger, so that a person can be erased although no entry ever is.
//
// A personal group (identity, lived experience, …) of an event is sealed with
// AES-256-GCM under a key of its own per person, group and generation. The keys
// lie in Config.Dir, each wrapped by the key-encryption key (KEK) of an epoch;
// the KEK and the ledger's HMAC key are files in Config.KeysDir. Back the two
// up apart from the ledger and, better, apart from each other.
//
// What holds:
//   - When Seal returns, the key is on disk: no entry exists without its key.
//   - Nothing personal is written in the clear: not in rows, logs or errors.
//   - Whoever is fenced can neither be sealed for nor read (see Vault.Fence).
//   - "No key" is told apart: ErrNever, ErrErased and ErrNotYet.
//
// # Stored names
//
// None of them is ever renamed or reused.
//
// In events, for ever: the JSON of Sealed; key ids "k-" and 32 base64url
// characters; commitments, fingerprints and command ids "hmac:" and 43
// base64url characters.
//
// In KeysDir: ledger-hmac.key and vault-kek-EPOCH.key, one line each (keyfile.go).
//
// In Dir: the rows of keys.go, which lists every key, its parts and its value.
// Two groups are the vault's own, outside the alphabet of callers' groups:
// ".fingerprint" (Vault.Fingerprint) and ".index" (what a person is found by).
//
// Labels that keep the uses of a key apart, each naming its version:
//
//	certledger sealed value v1      additional data of a sealed group
//	certledger key commitment v1    HMAC under the committed key
//	certledger fingerprint v1       HMAC under a person's fingerprint key
//	certledger command id v1        HMAC under the ledger key
//	certledger key id v1            HMAC under the ledger key, second part of a key id
//	certledger blind index v1       HMAC under the vault's index key
//	certledger wrapped key v1       additional data of a person's wrapped key
//	certledger wrapped vault key v1 additional data of the index key
//	certledger index value v1       additional data of the value behind an index row
package vault
