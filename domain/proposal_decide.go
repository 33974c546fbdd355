package domain

import (
	"fmt"

	fastjson "github.com/go-json-experiment/json"
)

// ProposalDaysMax is how many days an approval may take. Afterwards the act is
// proposed anew.
const ProposalDaysMax = 30

// propose puts an act of two people forward. What is sealed stays with the
// proposal; the consequence points to it. The same open proposal by the same
// person is nothing.
func (a Act) propose(standing []Proposal, consequence Event) ([]Event, error) {
	what, err := encodeData(consequence)
	if err != nil {
		return nil, fmt.Errorf("propose %s: %w", consequence.Type(), err)
	}
	for _, p := range standing {
		if p.Closed == "" && p.Made.Actor == a.By && p.Act == consequence.Type() && string(p.What) == string(what) && !a.At.After(p.Until) {
			return nil, nil
		}
	}
	until := wholeSecond(a.At).AddDate(0, 0, ProposalDaysMax)
	e := &ProposalMade{Proposal: NewID(a.Command, "proposal"), Act: consequence.Type(), What: what, Until: until}
	e.Personal = consequence.common().Personal
	return events(e)
}

func findProposal(list []Proposal, id string) (Proposal, error) {
	for _, p := range list {
		if p.ID == id {
			return p, nil
		}
	}
	return Proposal{}, refuseField("proposal", "no-such-proposal", "There is no such proposal here; please check the identifier.")
}

// approve checks an approval against its proposal and answers with the
// consequence, bound to the proposal's entry; nil where it was approved before.
func (a Act) approve(list []Proposal, id string) (Event, *Proposed, error) {
	p, err := findProposal(list, id)
	switch {
	case err != nil:
		return nil, nil, err
	case p.Closed == "approved":
		return nil, nil, nil
	case p.Closed != "":
		return nil, nil, refuse("proposal-closed", "This proposal was %s; please propose it anew if it is still wanted.", p.Closed)
	case a.By.same(p.Made.Actor):
		return nil, nil, refuse("needs-another-person", "This takes two people: please ask somebody else than the one who proposed it.")
	case a.At.After(p.Until):
		return nil, nil, refuse("proposal-expired", "The time to approve this has passed; please propose it anew.")
	case a.At.Before(p.Made.Time):
		return nil, nil, refuse("before-proposal", "An approval comes after its proposal; please check the time.")
	}
	consequence, err := decodeConsequence(p)
	if err != nil {
		return nil, nil, err
	}
	return consequence, &Proposed{Proposal: p.ID, Sequence: p.Made.Sequence, Hash: p.Hash, By: p.Made.Actor}, nil
}

func decodeConsequence(p Proposal) (Event, error) {
	word, ok := vocabulary[p.Act]
	if !ok {
		return nil, fmt.Errorf("proposal %s: %s is not known to this version", p.ID, p.Act)
	}
	e := word.make()
	if err := fastjson.Unmarshal(p.What, e, strict); err != nil {
		return nil, fmt.Errorf("proposal %s: data of %s is not what this version reads: %w", p.ID, p.Act, shapeOnly(err))
	}
	return e, nil
}

// Decide carries out a proposal on a registration. What it rested on may have
// changed since; then it is proposed anew.
func (c ApproveProposal) Decide(f Facts) ([]Event, error) {
	s, err := f.registration(c.Act)
	if err != nil {
		return nil, err
	}
	if err := f.notConcerned(c.Act); err != nil {
		return nil, err
	}
	consequence, by, err := c.approve(s.Proposals, c.Proposal)
	if err != nil || consequence == nil {
		return nil, err
	}
	switch e := consequence.(type) {
	case *AttendanceCorrected:
		e.Proposed = by
		if m, _, ok := f.markInForce(e.Session); !ok || m.Made.Sequence != e.Supersedes {
			err = outdated()
		}
	case *LiveEquivalentApproved:
		e.Proposed = by
		_, err = f.openSession(e.Session)
	case *EvidenceCorrected:
		e.Proposed = by
		err = f.approveEvidence(e.Evidence, by)
	case *EvidenceVoided:
		e.Proposed = by
		err = f.approveEvidence(e.Evidence, by)
	case *WaiverGranted:
		e.Proposed = by
		if e.Digest != s.Pin.Digest {
			err = outdated()
		}
	case *DecisionRecorded:
		e.Proposed = by
		return c.approveDecision(f, e)
	default:
		return nil, fmt.Errorf("proposal %s: %s is not an act of two people", c.Proposal, consequence.Type())
	}
	if err != nil {
		return nil, err
	}
	return events(consequence)
}

func outdated() error {
	return refuse("proposal-outdated", "What this proposal rests on has changed since; please propose it anew.")
}

// approveEvidence refuses where the evidence was corrected or voided after the
// proposal was made.
func (f Facts) approveEvidence(id string, by *Proposed) error {
	x := f.Standing.evidence(id)
	if x == nil || x.Voided != nil || len(x.Was) > 0 && x.Was[len(x.Was)-1].Until.Sequence > by.Sequence {
		return outdated()
	}
	return nil
}

// Decide closes a proposal without its consequence.
func (c DeclineProposal) Decide(f Facts) ([]Event, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if err := checkTexts(c.Reason); err != nil {
		return nil, err
	}
	list, err := c.proposals(f)
	if err != nil {
		return nil, err
	}
	p, err := findProposal(list, c.Proposal)
	if err != nil {
		return nil, err
	}
	switch p.Closed {
	case "":
	case "approved":
		return nil, refuse("proposal-closed", "This proposal was approved already; what followed from it can be ended or superseded by an act of its own.")
	default:
		return nil, nil
	}
	e := &ProposalDeclined{Proposal: c.Proposal, Word: "declined"}
	if c.By.same(p.Made.Actor) {
		e.Word = "withdrawn"
	} else if err := f.notConcerned(c.Act); err != nil {
		return nil, err
	}
	e.Reason = e.reason(GroupNarrative, c.Reason)
	return events(e)
}

// proposals are those on the subject. Where nobody's key could seal a reason in
// words, it is a code.
func (c DeclineProposal) proposals(f Facts) ([]Proposal, error) {
	if c.On.Kind() == KindRegistration {
		s, err := f.registration(c.Act)
		if err != nil {
			return nil, err
		}
		return s.Proposals, nil
	}
	if err := checkReasonCode(c.Reason); err != nil {
		return nil, err
	}
	switch {
	case c.On.Kind() == KindSystem && f.System != nil:
		return f.System.Proposals, nil
	case f.Line != nil:
		return f.Line.Proposals, nil
	}
	return nil, nil
}
