package domain

import "slices"

// envelopeForm is the version of the envelope's form that a new ledger has.
const envelopeForm = 1

// TokenRoles lists the roles that a token may give, sorted: those of the access
// table, and those that programmes may ask.
func TokenRoles() []string {
	out := []string{
		RoleRegistrar, RoleTrainer, RoleSupervisor, RoleCoordinator, RoleCertifier, RoleAppealsPanel, RoleAuthor, RoleAuditor,
		RolePrivacyOfficer, RoleIntegrator, RoleAdministrator, RoleParticipant, "employer", "examiner", "provider", "referee", "review-board",
	}
	slices.Sort(out)
	return out
}

// Decide begins a ledger: its first entry, once.
func (c CreateLedger) Decide(f Facts) ([]Event, error) {
	if err := firstError(c.Check(), checkSlugs(needed("ledger", c.Ledger))); err != nil {
		return nil, err
	}
	if f.System != nil && f.System.Version > 0 {
		if f.System.Ledger == c.Ledger {
			return nil, nil
		}
		return nil, refuse("ledger-exists", "This is a ledger already; a new one begins in an empty place.")
	}
	return events(&LedgerCreated{Ledger: c.Ledger, Form: envelopeForm})
}

func (f Facts) ledger(a Act) (*System, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	if f.System == nil || f.System.Ledger == "" {
		return nil, refuse("no-ledger", "There is no ledger here yet; please create it first.")
	}
	return f.System, nil
}

// Decide lets the bearer of a token act.
func (c CreateToken) Decide(f Facts) ([]Event, error) {
	s, err := f.ledger(c.Act)
	if err != nil {
		return nil, err
	}
	if err := firstError(checkHash("hash", c.Hash), checkDate("until", c.Until)); err != nil {
		return nil, err
	}
	roles := slices.Compact(slices.Sorted(slices.Values(c.Roles)))
	switch {
	case !c.For.Check():
		return nil, refuseField("for", "act-incomplete", "It must be known for whom the token acts: an attester, a person, a member of staff or the system.")
	case len(roles) == 0:
		return nil, refuseField("roles", "missing-field", "A token needs at least one role.")
	case slices.ContainsFunc(roles, func(r string) bool { return !slices.Contains(TokenRoles(), r) }):
		return nil, refuseField("roles", "unknown-role", "The roles of a token are %s.", known(TokenRoles()))
	case c.Until != "" && c.Until < c.day():
		return nil, refuseField("until", "ends-before-it-begins", "The token would have ended already; please check the day.")
	}
	for _, t := range s.Tokens {
		if t.Hash != c.Hash {
			continue
		}
		if t.Actor == c.For && slices.Equal(t.Roles, roles) && t.Until == c.Until && !t.Revoked {
			return nil, nil
		}
		return nil, refuseField("hash", "token-exists", "This token was given out already; please make a new one.")
	}
	return events(&TokenCreated{Token: NewID(c.Command, "token"), Hash: c.Hash, For: c.For, Roles: roles, Until: c.Until})
}

// Decide ends a token at once.
func (c RevokeToken) Decide(f Facts) ([]Event, error) {
	s, err := f.ledger(c.Act)
	if err != nil {
		return nil, err
	}
	for _, t := range s.Tokens {
		if t.ID != c.Token {
			continue
		}
		if t.Revoked {
			return nil, nil
		}
		return events(&TokenRevoked{Token: c.Token})
	}
	return nil, refuseField("token", "no-such-token", "There is no such token; please check the identifier.")
}
