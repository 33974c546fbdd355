package domain

import (
	"errors"

	"github.com/certledger/certledger/domain/programme"
)

// version checks a version of rules against those published.
func (p *ProgrammeLine) version(rules *programme.Programme) error {
	var latest Published
	if p != nil {
		for _, v := range p.Versions {
			if v.Version > latest.Version {
				latest = v
			}
		}
	}
	switch {
	case latest.Version == 0:
		return nil
	case rules.Version <= latest.Version:
		return refuseField("rules", "version-not-later", "Version %d is published already; the next one has a higher number.", latest.Version)
	case rules.Replaces != latest.Version:
		return refuseField("rules", "replaces-other", "A new version says that it replaces the one before, which is version %d.", latest.Version)
	case rules.Clarifies > 0 && !p.published(rules.Clarifies):
		return refuseField("rules", "clarifies-other", "Version %d was never published, so there is nothing to clarify.", rules.Clarifies)
	case Date(rules.Valid.From) < latest.From:
		return refuseField("rules", "valid-too-early", "Version %d is valid from %s; the next one is valid from that day at the earliest.", latest.Version, latest.From)
	}
	for _, v := range p.Versions {
		if !v.Withdrawn && v.Until != "" && Date(rules.Valid.From) <= v.Until {
			return refuseField("rules", "validity-overlaps", "The clause valid overlaps: version %d is valid until %s, and this one from %s already; please let it begin on the day after.",
				v.Version, v.Until, rules.Valid.From)
		}
	}
	return nil
}

func (p *ProgrammeLine) published(version int) bool {
	_, ok := p.Find(version)
	return ok
}

// resolved lays an overlay over its bases. Rules that stand alone are what they
// were.
func (c ProposeProgramme) resolved() (ProposeProgramme, error) {
	text, err := programme.Complete([]byte(c.Rules), c.base)
	if err != nil {
		return c, invalidRules(err)
	}
	c.Rules = string(text)
	return c, nil
}

// base finds a version among the bases that came with the command.
func (c ProposeProgramme) base(id string, version int) []byte {
	for _, text := range c.Bases {
		if of, ok := programme.NameOf([]byte(text)); ok && of.Programme == id && of.Version == version {
			return []byte(text)
		}
	}
	return nil
}

// verified does the merge of a resolved programme again, where its base came
// with the command.
func (c ProposeProgramme) verified(p *programme.Programme) error {
	if p.BasedOn == nil {
		return nil
	}
	text := c.base(p.BasedOn.Programme, p.BasedOn.Version)
	if text == nil {
		return nil
	}
	text, err := programme.Complete(text, c.base)
	if err != nil {
		return invalidRules(err)
	}
	base, err := programme.Parse(text)
	if err != nil {
		return invalidRules(err)
	}
	if err := programme.Verify(p, base); err != nil {
		return invalidRules(err)
	}
	return nil
}

func invalidRules(err error) error {
	r := refuseField("rules", "programme-invalid", "The rules hold mistakes; each is listed with its place.")
	var all programme.Errors
	if errors.As(err, &all) {
		r.Detail = all.Error() // rules are no personal data, and their authors need the place
	}
	r.Cause = err
	return r
}

// rules parses a version that is to be published for a programme.
func (c ProposeProgramme) rules(f Facts) (*programme.Programme, error) {
	p, err := ReadProgramme([]byte(c.Rules))
	if err != nil {
		return nil, invalidRules(err)
	}
	if p.ID != c.Programme {
		return nil, refuseField("programme", "other-programme", "The rules name themselves %s; please propose them under that name.", p.ID)
	}
	if missing := p.StillRequired(); missing != "" {
		return nil, refuseField("rules", "values-missing", "No source states everything that these rules need; %s.", missing)
	}
	return p, f.Line.version(p)
}

// Decide puts a version of the rules forward.
func (c ProposeProgramme) Decide(f Facts) ([]Event, error) {
	if err := firstError(c.Check(), checkSlugs(needed("programme", c.Programme))); err != nil {
		return nil, err
	}
	c, err := c.resolved()
	if err != nil {
		return nil, err
	}
	var open []Proposal
	if f.Line != nil {
		digest := HashOf([]byte(c.Rules))
		for _, v := range f.Line.Versions {
			if v.Digest == digest {
				return nil, nil
			}
		}
		open = f.Line.Proposals
	}
	p, err := c.rules(f)
	if err != nil {
		return nil, err
	}
	if err := c.verified(p); err != nil {
		return nil, err
	}
	return c.propose(open, &ProgrammePublished{
		Programme: p.ID, Version: p.Version, Digest: p.Digest, From: Date(p.Valid.From), Until: Date(p.Valid.Until), Rules: c.Rules,
	})
}

// Decide publishes a proposed version. It takes another person than its author.
func (c PublishProgramme) Decide(f Facts) ([]Event, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if f.Line == nil {
		return nil, refuseField("proposal", "no-such-proposal", "There is no such proposal here; please check the identifier.")
	}
	consequence, by, err := c.approve(f.Line.Proposals, c.Proposal)
	if err != nil || consequence == nil {
		return nil, err
	}
	e, ok := consequence.(*ProgrammePublished)
	if !ok {
		return nil, refuseField("proposal", "no-such-proposal", "There is no proposal of rules under this identifier.")
	}
	p, err := ProposeProgramme{Act: c.Act, Programme: c.Programme, Rules: e.Rules}.rules(f)
	if err != nil {
		return nil, err
	}
	if p.Digest != e.Digest {
		return nil, outdated()
	}
	e.Proposed = by
	return events(e)
}

// Decide ends the pinning of new registrations to a version.
func (c WithdrawProgramme) Decide(f Facts) ([]Event, error) {
	if err := firstError(c.Check(), checkReasonCode(c.Reason)); err != nil {
		return nil, err
	}
	if f.Line == nil {
		return nil, noSuchVersion()
	}
	v, ok := f.Line.Find(c.Version)
	if !ok {
		return nil, noSuchVersion()
	}
	if v.Withdrawn {
		return nil, nil
	}
	return events(&ProgrammeWithdrawn{Programme: f.Line.ID, Version: c.Version, Reason: c.Reason})
}

func noSuchVersion() error {
	return refuseField("version", "no-such-version", "This version was never published; please check its number.")
}
