package domain

import (
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// A judgement that the programme wants signed by more than its author is
// signed by recording it again: the same answer and ratings, in the signer's
// own act, with everybody who signed so far among its signers. The narrative is
// the signer's comment.

// cosigned reports whether a judgement is somebody's signature under another's.
func (j *Judgement) cosigned(q *programme.Question) bool {
	return len(j.Signers) > 0 && !playsRole(j.Made.Role, q.AskedOf)
}

// author is who judged: of a signature the author of what is signed.
func (j *Judgement) author() Actor {
	if !j.Consensus && len(j.Signers) > 0 {
		return j.Signers[0]
	}
	return j.Made.Actor
}

// signatures are a judgement and those that it signs, the latest first.
func (v *view) signatures(q *programme.Question, j *Judgement) []*Judgement {
	out := []*Judgement{j}
	for j.cosigned(q) {
		i := slices.IndexFunc(v.s.Judgements, func(x Judgement) bool { return x.ID == j.Supersedes })
		if i < 0 || slices.Contains(out, &v.s.Judgements[i]) {
			break
		}
		j = &v.s.Judgements[i]
		out = append(out, j)
	}
	return out
}

// judgementEvidence are the entries of the judgements that count, with the
// signatures under them.
func (v *view) judgementEvidence(q *programme.Question, j judgedState) []uint64 {
	var out []uint64
	for _, x := range j.counted {
		for _, s := range v.signatures(q, x) {
			out = append(out, s.Made.Sequence)
		}
	}
	return out
}

// unsigned are the roles that have not signed what counts.
func (v *view) unsigned(q *programme.Question, j judgedState, roles []string) []string {
	var out []string
	for _, role := range v.others(q, roles) {
		for _, x := range j.counted {
			if !slices.ContainsFunc(v.signatures(q, x), func(s *Judgement) bool { return playsRole(s.Made.Role, role) }) {
				out = append(out, role)
				break
			}
		}
	}
	return out
}

// others are the roles that sign beside the one that judges.
func (v *view) others(q *programme.Question, roles []string) []string {
	var out []string
	for _, role := range roles {
		if role != q.AskedOf {
			out = append(out, role)
		}
	}
	return out
}

// signNeeds asks the roles to sign: what counts, or what will.
func (v *view) signNeeds(q *programme.Question, number int64, roles []string, j *judgedState) []Need {
	var out []Need
	for _, role := range v.others(q, roles) {
		need := Need{Do: "judge", Of: q.Stored(v.track), Number: number, As: CoSignature, By: role}
		if j != nil {
			need.Answer = j.answer
		}
		out = append(out, need)
	}
	return out
}

// signersOf are the roles that the programme wants to sign the answers to a
// question, beside whoever judges.
func signersOf(p *programme.Programme, q *programme.Question) []string {
	var out []string
	p.EachRequirement(func(r programme.Requirement) bool {
		switch t := r.Test.(type) {
		case programme.Judged:
			if t.Question == q.Key {
				out = append(out, t.SignedBy...)
			}
		case programme.Rated:
			if t.Question == q.Key {
				out = append(out, t.SignedBy...)
			}
		}
		return true
	})
	return slices.DeleteFunc(out, func(role string) bool { return role == q.AskedOf })
}
