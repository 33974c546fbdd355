package domain

import (
	"bytes"
	"encoding/json"
	"time"
)

// Proposal is the first half of an act that takes two people. The second half
// is the consequence itself, recorded by another person and bound to the
// proposal's entry by its hash.
type Proposal struct {
	ID     string          `json:"id"`
	Act    string          `json:"act"` // event type of the consequence
	What   json.RawMessage `json:"what,omitempty"`
	Until  time.Time       `json:"until"`            // an approval after this is too late
	Hash   string          `json:"hash"`             // of the proposal's entry
	Closed string          `json:"closed,omitempty"` // approved, declined or withdrawn
	Made   Origin          `json:"made"`
}

// ProposalMade records what one person proposes. What holds the data that the
// consequence will have.
type ProposalMade struct {
	Common
	Proposal string          `json:"proposal"`
	Act      string          `json:"act"`
	What     json.RawMessage `json:"what"`
	Until    time.Time       `json:"until"`
}

// ProposalDeclined closes a proposal without its consequence.
type ProposalDeclined struct {
	Common
	Proposal string `json:"proposal"`
	Word     string `json:"word"` // declined, or withdrawn by its proposer
	Reason   string `json:"reason,omitempty"`
}

// Proposed binds a consequence to the proposal it carries out.
type Proposed struct {
	Proposal string `json:"proposal"`
	Sequence uint64 `json:"sequence"`
	Hash     string `json:"hash"`
	By       Actor  `json:"by"`
}

func (*ProposalMade) Type() string     { return "proposal.made.v1" }
func (*ProposalDeclined) Type() string { return "proposal.declined.v1" }

func (f fold) proposals() *[]Proposal {
	switch {
	case f.registration != nil:
		return &f.registration.Proposals
	case f.system != nil:
		return &f.system.Proposals
	}
	return &f.programme.Proposals
}

func (v *ProposalMade) apply(f fold, e *Entry) {
	list := f.proposals()
	*list = append(*list, Proposal{ID: v.Proposal, Act: v.Act, What: v.What, Until: v.Until, Hash: e.Hash, Made: originOf(e)})
}

func (v *ProposalDeclined) apply(f fold, _ *Entry) { f.closeProposal(v.Proposal, v.Word) }

func (f fold) closeProposal(id, word string) {
	list := *f.proposals()
	for i := range list {
		if list[i].ID == id {
			list[i].Closed, list[i].What = word, nil
		}
	}
}

// carriedOut reports whether an entry that carries out p may take effect, and
// closes the proposal: it is open, is the one bound by sequence and hash,
// proposes what the entry does, and was made by another person in time. An entry
// without p takes effect unless its act always takes two people. The commands
// hold the same; this holds it against whoever writes past them.
func (f fold) carriedOut(p *Proposed, e *Entry, always bool) bool {
	if p == nil {
		if always {
			f.unapproved(e)
		}
		return !always
	}
	for _, x := range *f.proposals() {
		if x.ID == p.Proposal && x.Closed == "" && x.Act == e.Type && x.Hash == p.Hash && x.Made.Sequence == p.Sequence &&
			x.Made.Actor == p.By && !e.Actor.same(p.By) && !e.Time.After(x.Until) && proposes(x.What, e.Event) {
			f.closeProposal(p.Proposal, "approved")
			return true
		}
	}
	f.unapproved(e)
	return false
}

// Members of an event's data that are no part of what is proposed: who proposed
// it, what was looked at, and what is sealed. Of a decision it is also what is
// known only when it is taken.
var (
	beyondProposal = []string{"proposed", "reads", "sealed"}
	beyondDecision = append([]string{"from", "supersedes", "warnings", "record"}, beyondProposal...)
)

// proposes reports whether what was proposed is what an event does.
func proposes(what json.RawMessage, does Event) bool {
	beyond := beyondProposal
	if _, ok := does.(*DecisionRecorded); ok {
		beyond = beyondDecision
	}
	data, err := encodeData(does)
	if err != nil {
		return false
	}
	was, err := without(what, beyond)
	if err != nil {
		return false
	}
	is, err := without(data, beyond)
	return err == nil && bytes.Equal(was, is)
}

// without is the canonical form of a JSON object without some of its members.
func without(object []byte, members []string) ([]byte, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(object, &all); err != nil {
		return nil, err
	}
	for _, m := range members {
		delete(all, m)
	}
	b, err := encodeJSON(all)
	if err != nil {
		return nil, err
	}
	return canonicalJSON(b)
}

func (f fold) unapproved(e *Entry) {
	switch {
	case f.registration != nil:
		f.registration.Unapproved = append(f.registration.Unapproved, originOf(e))
	case f.system != nil:
		f.system.Unapproved = append(f.system.Unapproved, originOf(e))
	}
}
