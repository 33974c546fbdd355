package api

import (
	"github.com/certledger/certledger/domain"
)

const groupProposals group = "proposals"

// WaiverProposal proposes an exception from one requirement.
type WaiverProposal struct {
	When
	Requirement string      `json:"requirement" maxLength:"200" doc:"Path of the requirement" example:"at-most-two-missed"`
	Session     string      `json:"session,omitempty" maxLength:"64" doc:"The one session concerned, where the requirement is waived by session" example:"8"`
	Until       domain.Date `json:"until,omitempty" maxLength:"10" doc:"Last day on which it holds; left out, open"`
	Reason      string      `json:"reason,omitempty" maxLength:"64" doc:"Reason as a code" example:"body-decision"`
	Text        string      `json:"text,omitempty" maxLength:"20000" doc:"Reason in words. Sealed."`
}

// RevocationProposal proposes to revoke levels.
type RevocationProposal struct {
	When
	Award      string   `json:"award,omitempty" maxLength:"64" doc:"The award; the first where left out" example:"certification"`
	Track      string   `json:"track,omitempty" maxLength:"64" doc:"The track, of an award that is asked in tracks"`
	Period     string   `json:"period,omitempty" maxLength:"64" doc:"The period, of an award that is asked in periods; left out, the earliest that is not settled"`
	Levels     []string `json:"levels,omitempty" maxItems:"20" doc:"Levels to revoke; left out, all of the award" example:"[\"certified\"]"`
	PersonWide bool     `json:"personwide,omitempty" doc:"Whether it holds for every registration of the person"`
	Reason     string   `json:"reason,omitempty" maxLength:"64" doc:"Reason as a code"`
	Text       string   `json:"text" minLength:"1" maxLength:"20000" doc:"The allegation in words. Sealed." example:"See the panel's letter."`
}

// twoPeople ends the text of what takes two people.
const twoPeople = " Records a proposal and changes nothing. Another person approves it, within the time that the proposal says."

func (s *server) proposalRoutes() {
	propose := permission{"propose", groupProposals}
	proposed := func(act domain.Act, command domain.Command) (draft, error) {
		return draft{command: command, created: map[string]string{"proposal": domain.NewID(act.Command, "proposal")}}, nil
	}
	onRegistration(s, operation{
		id: "propose-waiver", path: "waivers", tag: "proposals", summary: "Propose a waiver", text: "An exception from one requirement, and that one only." + twoPeople,
		needs: propose, example: map[string]any{"requirement": "at-most-two-missed", "session": "8", "reason": "body-decision"},
	}, func(c *call, act domain.Act, b WaiverProposal) (draft, error) {
		return proposed(act, domain.ProposeWaiver{
			Act: act, Registration: c.param("registration"), Requirement: b.Requirement, Session: b.Session, Until: b.Until, Reason: b.Reason, Text: b.Text,
		})
	})
	onRegistration(s, operation{
		id: "end-waiver", path: "waivers/{waiver}/end", tag: "proposals", summary: "End a waiver", text: "It holds no longer. Decisions that rested on it are flagged for review.",
		needs: propose, example: map[string]any{"reason": "outdated"},
	}, func(c *call, act domain.Act, b WithReason) (draft, error) {
		return draft{command: domain.EndWaiver{Act: act, Registration: c.param("registration"), Waiver: c.param("waiver"), Reason: b.Reason}}, nil
	})
	onRegistration(s, operation{
		id: "propose-correction", path: "correction-proposals", tag: "proposals", summary: "Propose a correction after a decision",
		text: "A correction of attendance that would raise a level after a decision." + twoPeople, needs: propose,
		example: map[string]any{"session": "8", "status": "present", "reason": "data-entry"},
	}, func(c *call, act domain.Act, b MarkCorrection) (draft, error) {
		return proposed(act, domain.ProposeCorrection{CorrectAttendance: correction(c, act, b)})
	})
	onRegistration(s, operation{
		id: "propose-live-equivalent", path: "live-equivalent-proposals", tag: "proposals", summary: "Propose a class attended elsewhere after a decision",
		text: "A late live equivalent." + twoPeople, needs: propose, example: map[string]any{"session": "6", "cohort": "spring-2026-morning"},
	}, func(c *call, act domain.Act, b NewLiveEquivalent) (draft, error) {
		return proposed(act, domain.ProposeLiveEquivalent{ApproveLiveEquivalent: equivalent(c, act, b)})
	})
	onRegistration(s, operation{
		id: "propose-revocation", path: "revocations", tag: "decisions", summary: "Propose a revocation",
		text: "Names the levels and whether it is person-wide." + twoPeople, needs: permission{"decide", groupDecisions},
		example: map[string]any{"levels": []string{"certified"}, "personwide": true, "text": "See the panel's letter."},
	}, func(c *call, act domain.Act, b RevocationProposal) (draft, error) {
		return proposed(act, domain.ProposeRevocation{
			Act: act, Registration: c.param("registration"), Award: b.Award, Track: b.Track, Period: b.Period, Levels: b.Levels, PersonWide: b.PersonWide, Reason: b.Reason, Text: b.Text,
		})
	})
	onRegistration(s, operation{
		id: "approve-proposal", path: "proposals/{proposal}/approval", tag: "proposals", summary: "Approve a proposal",
		text:  "Carries out what was proposed: a waiver, a revocation, a correction or a live equivalent. Refused to the proposer, to the person concerned, and after the proposal's time.",
		needs: permission{"approve", groupProposals},
	}, func(c *call, act domain.Act, _ Moment) (draft, error) {
		return draft{command: domain.ApproveProposal{Act: act, Registration: c.param("registration"), Proposal: c.param("proposal")}}, nil
	})
	onRegistration(s, operation{
		id: "decline-proposal", path: "proposals/{proposal}/decline", tag: "proposals", summary: "Decline or withdraw a proposal",
		text: "Closes it. Its proposer withdraws it, anybody else declines it.", needs: permission{"approve", groupProposals}, example: map[string]any{"reason": "outdated"},
	}, func(c *call, act domain.Act, b WithReason) (draft, error) {
		return draft{command: domain.DeclineProposal{
			Act: act, On: domain.SubjectOf(domain.KindRegistration, c.param("registration")), Proposal: c.param("proposal"), Reason: b.Reason,
		}}, nil
	})
}
