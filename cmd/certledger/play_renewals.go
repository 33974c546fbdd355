package main

import (
	"context"
	"fmt"
	"time"

	"github.com/certledger/certledger/cmd/certledger/demo"
	"github.com/certledger/certledger/domain"
)

// renewing tells the story of the second programme, whose days are counted back
// from today.
func (p *player) renewing(ctx context.Context) error {
	rules, err := demo.RenewalsRules()
	if err != nil {
		return err
	}
	holders, err := demo.Renewals()
	if err != nil {
		return err
	}
	today := domain.DateOf(now().In(p.zone))
	path, at := "/v1/programmes/"+demo.RenewalsProgramme, p.on(today.AddMonths(-36), 10, 0)
	proposed, err := p.post(ctx, domain.RoleAuthor, path+"/proposals", at, body{"rules": string(rules)})
	if err != nil {
		return fmt.Errorf("propose the second programme: %w", err)
	}
	if _, err := p.post(ctx, domain.RoleCertifier, path+"/proposals/"+proposed.Created["proposal"]+"/approval", at.Add(time.Hour), nil); err != nil {
		return fmt.Errorf("publish the second programme: %w", err)
	}
	for _, h := range holders {
		if err := p.holder(ctx, h, h.Certified(today)); err != nil {
			return fmt.Errorf("%s: %w", h.Name, err)
		}
	}
	return nil
}

// request is one act of somebody: who does it, on which day, where.
type request struct {
	day  domain.Date
	role string
	path string
	body body
}

// holder registers somebody, certifies them on a day, and plays what came after.
func (p *player) holder(ctx context.Context, h demo.Holder, certified domain.Date) error {
	registered := certified.AddMonths(-6)
	a, err := p.post(ctx, domain.RoleRegistrar, "/v1/registrations", p.on(registered, 9, 0), body{"programme": demo.RenewalsProgramme})
	if err != nil {
		return err
	}
	x := &participant{registration: a.Created["registration"], person: a.Created["person"]}
	if err := p.token(ctx, x.actor(), x.actor(), domain.RoleParticipant); err != nil {
		return err
	}
	acts := p.certifying(x, registered, certified)
	if h.Renewed {
		acts = append(acts, renewal(x, certified.AddMonths(12))...)
	}
	if h.Reinstated > 0 {
		acts = append(acts, reinstatement(x, certified.AddMonths(h.Reinstated))...)
	}
	for _, r := range acts {
		if _, err := p.post(ctx, r.role, x.path(r.path), p.on(r.day, 12, 0), r.body); err != nil {
			return fmt.Errorf("%s on %s: %w", r.path, r.day, err)
		}
	}
	return nil
}

// certifying is the way from the registration to the certificate.
func (p *player) certifying(x *participant, registered, certified domain.Date) []request {
	last := certified.AddDays(-1)
	return []request{
		{registered, x.actor(), "/submissions", body{"kind": "application"}},
		{registered, domain.RoleRegistrar, "/attesters", body{"attester": p.mentor, "role": domain.RoleSupervisor, "relation": domain.RelationNone, "from": registered}},
		{registered, domain.RoleRegistrar, "/evidence", body{"kind": "education", "outcome": "high-school"}},
		{registered, x.actor(), "/evidence", body{"kind": "ethics-code"}},
		{last, domain.RoleRegistrar, "/evidence", body{"kind": "training", "quantity": 60 * 60, "unit": domain.UnitMinute, "from": registered, "until": last}},
		{last, x.actor(), "/evidence", body{
			"evidence": "hours-1", "kind": "hours", "category": "work", "quantity": 500 * 60, "unit": domain.UnitMinute, "from": registered, "until": last,
		}},
		{last, domain.RoleSupervisor, "/evidence/hours-1/signatures", nil},
		{last, domain.RoleRegistrar, "/evidence", body{"kind": "exam", "outcome": "passed"}},
		{certified, domain.RoleCertifier, "/decisions", body{"act": domain.ActGrant, "award": "certification", "level": "certified"}},
	}
}

// yearOfCredits is what the continuing education of a year asks for.
func yearOfCredits(day domain.Date) request {
	return request{day, domain.RoleRegistrar, "/evidence", body{"kind": "credit", "quantity": 2000, "unit": domain.UnitHundredth, "until": day}}
}

// renewal is asked for in the last weeks of a term.
func renewal(x *participant, end domain.Date) []request {
	return []request{
		yearOfCredits(end.AddDays(-60)),
		{end.AddDays(-20), x.actor(), "/submissions", body{"kind": "renewal"}},
		{end.AddDays(-20), domain.RoleRegistrar, "/evidence", body{"kind": "payment", "category": "renewal", "outcome": "paid"}},
		{end.AddDays(-10), domain.RoleCertifier, "/decisions", body{"act": domain.ActRenew, "award": "renewal", "level": "renewed"}},
	}
}

// reinstatement is asked for once a year's credits are earned anew.
func reinstatement(x *participant, day domain.Date) []request {
	return []request{
		yearOfCredits(day.AddDays(-20)),
		{day.AddDays(-15), x.actor(), "/submissions", body{"submission": "again-1", "kind": "reinstatement"}},
		{day.AddDays(-10), domain.RoleCoordinator, "/submissions/again-1/answers", body{"answer": "accepted"}},
		{day, domain.RoleCertifier, "/decisions", body{"act": domain.ActGrant, "award": "reinstatement", "level": "reinstated"}},
	}
}
