package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/certledger/certledger/domain"
)

// principal is who sends a request: the bearer of a token, in one of its roles.
type principal struct {
	token domain.Token
	role  string
	reach scope
}

// TokenHash is the form in which a token is known: the SHA-256 of its text. The
// text itself is never kept.
func TokenHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// bearer is the token of a header Authorization, empty where there is none.
func bearer(authorization string) string {
	scheme, text, ok := strings.Cut(authorization, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(text)
}

// authenticate finds the token that a request bears.
func (s *server) authenticate(ctx context.Context, authorization string) (domain.Token, error) {
	text := bearer(authorization)
	if text == "" {
		return domain.Token{}, noToken.problem()
	}
	if err := s.cfg.Store.Wait(ctx, s.tokens.Load()); err != nil {
		return domain.Token{}, err // a token revoked here is revoked at once
	}
	hash := TokenHash(text)
	t, ok, err := s.cfg.Store.TokenByHash(hash)
	if err != nil {
		return t, err
	}
	if !ok {
		// It may be in the ledger and not in the views yet: just recorded, or
		// the views are catching up. Only then is "unknown" not an answer.
		if head, err := s.cfg.Ledger.Head(ctx); err == nil && head > s.cfg.Store.Position().Sequence {
			if err := s.cfg.Store.Wait(ctx, head); err != nil {
				return t, err
			}
		}
		if t, ok, err = s.cfg.Store.TokenByHash(hash); err != nil {
			return t, err
		}
	}
	if !ok || t.Revoked || t.Until != "" && t.Until < s.today() {
		return t, badToken.problem()
	}
	return t, nil
}

// today is the earliest day that it still is somewhere, so that what ends with
// a day ends nowhere too early.
func (s *server) today() domain.Date {
	return domain.DateOf(s.cfg.Now().UTC().Add(-12 * time.Hour))
}

// authorise chooses the role that acts: the one asked for, else the first of
// the token's roles that may. Where the request is about one registration or
// cohort, the role must reach it.
func (s *server) authorise(ctx context.Context, t domain.Token, asked string, need permission, of object) (principal, error) {
	roles := t.Roles
	if asked != "" {
		if !slices.Contains(t.Roles, asked) {
			return principal{}, roleNotHeld.problem()
		}
		roles = []string{asked}
	}
	refusal := mayNot.problem()
	var facts *domain.Facts // looked up once, where some role needs it
	for _, role := range roles {
		reach := need.reach(role)
		switch {
		case reach == scopeNone:
			continue
		case reach == scopeAny || of == nil:
			return principal{token: t, role: role, reach: reach}, nil
		}
		refusal = notYours.problem()
		if facts == nil {
			f, err := of(ctx)
			if err != nil {
				return principal{}, err
			}
			facts = &f
		}
		if reaches(reach, t.Actor, role, *facts, s.today()) {
			return principal{token: t, role: role, reach: reach}, nil
		}
	}
	return principal{}, refusal
}

// object is the facts of what a request is about, for the question whether a
// role reaches it. Nil: a request about nothing in particular.
type object func(context.Context) (domain.Facts, error)

// objectOf is what a path is about. Where the path names neither a registration
// nor a cohort nor a person nor a decision it is nil, and the operation itself
// keeps to what the role reaches.
func (s *server) objectOf(param func(string) string, by domain.Actor, writes bool) object {
	if id := param("registration"); id != "" {
		return func(ctx context.Context) (domain.Facts, error) {
			if writes { // what this node has just recorded counts
				return s.cfg.Desk.Facts(ctx, domain.SubjectOf(domain.KindRegistration, id))
			}
			return s.cfg.Store.Facts(id)
		}
	}
	if id := param("decision"); id != "" {
		return func(context.Context) (domain.Facts, error) {
			at, ok, err := s.cfg.Store.Decision(id)
			if err != nil || !ok {
				return domain.Facts{}, err
			}
			return s.cfg.Store.Facts(at.Registration)
		}
	}
	if id := param("cohort"); id != "" {
		return func(ctx context.Context) (domain.Facts, error) {
			if writes {
				return s.cfg.Desk.Facts(ctx, domain.SubjectOf(domain.KindCohort, id))
			}
			return s.cohortSeenBy(id, by)
		}
	}
	if id := param("person"); id != "" {
		return func(context.Context) (domain.Facts, error) {
			return domain.Facts{Standing: &domain.Standing{Person: id}}, nil
		}
	}
	return nil
}

// cohortSeenBy is a cohort, with the standing of the participant asking where
// they are in it.
func (s *server) cohortSeenBy(id string, by domain.Actor) (domain.Facts, error) {
	c, err := s.cfg.Store.Cohort(id)
	f := domain.Facts{Cohort: c}
	person, ok := strings.CutPrefix(string(by), string(domain.KindPerson)+"/")
	if err != nil || !ok {
		return f, err
	}
	registrations, err := s.cfg.Store.OfPerson(person)
	if err != nil {
		return f, err
	}
	for _, r := range registrations {
		st, err := s.cfg.Store.Standing(r)
		if err != nil {
			return f, err
		}
		if st != nil && st.Cohort == id {
			f.Standing = st
		}
	}
	return f, nil
}
