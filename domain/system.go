package domain

import "slices"

// System is the ledger's own state: its identity, its access tokens, the keys
// that sign its checkpoints, and the audits of its decisions.
type System struct {
	Head
	Ledger     string        `json:"ledger"`
	Tokens     []Token       `json:"tokens,omitempty"`
	Proposals  []Proposal    `json:"proposals,omitempty"`
	Unapproved []Origin      `json:"unapproved,omitempty"` // acts of two people that lack the second: without effect
	Rotations  []KeyRotation `json:"rotations,omitempty"`  // in order; the key in use is the last one's New
	Audits     []Audit       `json:"audits,omitempty"`     // the latest AuditsKept
}

// Head is how far a state has been folded: the last entry on its subject.
type Head struct {
	Version  uint64 `json:"version"`
	Sequence uint64 `json:"sequence"`
	Hash     string `json:"hash"`
}

func (h *Head) advance(e *Entry) { h.Version, h.Sequence, h.Hash = e.Version, e.Sequence, e.Hash }

// Token is an opaque bearer token, known by its hash only.
type Token struct {
	ID      string   `json:"id"`
	Hash    string   `json:"hash"` // sha256: of the token's text
	Actor   Actor    `json:"actor"`
	Roles   []string `json:"roles"`
	Until   Date     `json:"until,omitempty"` // last day of validity; empty never ends
	Revoked bool     `json:"revoked,omitempty"`
	Made    Origin   `json:"made"`
}

// LedgerCreated is the first entry of every ledger.
type LedgerCreated struct {
	Common
	Ledger string `json:"ledger"`
	Form   int    `json:"form"` // version of the envelope's form
}

// TokenCreated records that a token may act for somebody in some roles.
type TokenCreated struct {
	Common
	Token string   `json:"token"`
	Hash  string   `json:"hash"`
	For   Actor    `json:"for"`
	Roles []string `json:"roles"`
	Until Date     `json:"until,omitempty"`
}

// TokenRevoked ends a token.
type TokenRevoked struct {
	Common
	Token string `json:"token"`
}

func (*LedgerCreated) Type() string { return "ledger.created.v1" }
func (*TokenCreated) Type() string  { return "token.created.v1" }
func (*TokenRevoked) Type() string  { return "token.revoked.v1" }

func (v *LedgerCreated) apply(f fold, _ *Entry) { f.system.Ledger = v.Ledger }

func (v *TokenCreated) apply(f fold, e *Entry) {
	f.system.Tokens = append(f.system.Tokens, Token{
		ID: v.Token, Hash: v.Hash, Actor: v.For, Roles: slices.Clone(v.Roles), Until: v.Until, Made: originOf(e),
	})
}

func (v *TokenRevoked) apply(f fold, _ *Entry) {
	for i := range f.system.Tokens {
		if f.system.Tokens[i].ID == v.Token {
			f.system.Tokens[i].Revoked = true
		}
	}
}

// Apply folds an entry on the system subject.
func (s *System) Apply(e Entry) {
	e.Event.apply(fold{system: s}, &e)
	s.advance(&e)
}

// CreateLedger begins a ledger.
type CreateLedger struct {
	Act
	Ledger string
}

// CreateToken lets the bearer of a token act. Hash is of the token's text,
// which is never recorded.
type CreateToken struct {
	Act
	Hash  string
	For   Actor
	Roles []string
	Until Date
}

// RevokeToken ends a token at once.
type RevokeToken struct {
	Act
	Token string
}

// Subject is the system's.
func (CreateLedger) Subject() Subject { return SystemSubject }

// Subject is the system's.
func (CreateToken) Subject() Subject { return SystemSubject }

// Subject is the system's.
func (RevokeToken) Subject() Subject { return SystemSubject }
