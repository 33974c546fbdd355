package domain

import "slices"

// attestation is somebody's word about a registration: a mark, a signature, a
// judgement, an answer, or evidence that names them.
type attestation struct {
	sequence uint64 // of the entry
	attester string
	role     string
	day      Date   // on which it was given, or on which what it tells of ended
	question string // of a judgement
	number   int64  // of a judgement
}

// given finds the first word of an attester that a decision rested on and that
// fits.
func (v *view) given(d *Decision, attester string, fits func(attestation) bool) (first attestation, ok bool) {
	v.s.eachAttestation(func(w attestation) {
		if w.attester == attester && d.restsOn(w.sequence) && fits(w) && (!ok || w.sequence < first.sequence) {
			first, ok = w, true
		}
	})
	return first, ok
}

// Relied are the attesters on whose word something rests, sorted: a decision, or
// evidence that names them, whose rules may ask what they hold. Most are
// assigned, and providers and referees most often are not.
func (s *Standing) Relied() []string {
	var out []string
	s.EachNamed(func(id string, _ uint64) { out = append(out, id) })
	for i := range s.Decisions {
		out = append(out, s.ReliedOn(&s.Decisions[i])...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// EachNamed calls f for every attester or provider that evidence names, with the
// sequence of the entry.
func (s *Standing) EachNamed(f func(id string, since uint64)) {
	named := func(x *Fact, since uint64) {
		for _, id := range []string{x.Attester, x.Provider} {
			if id != "" {
				f(id, since)
			}
		}
	}
	for i := range s.Evidence {
		x := &s.Evidence[i]
		for j := range x.Was {
			named(&x.Was[j].Fact, x.Made.Sequence)
		}
		named(&x.Fact, x.Made.Sequence)
	}
}

// ReliedOn are the attesters on whose word one decision rested, sorted.
func (s *Standing) ReliedOn(d *Decision) []string {
	var out []string
	s.eachAttestation(func(w attestation) {
		if d.restsOn(w.sequence) {
			out = append(out, w.attester)
		}
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// eachAttestation calls f for every word that an attester gave.
func (s *Standing) eachAttestation(f func(attestation)) {
	by := func(o Origin) {
		if id := o.Actor.attester(); id != "" {
			f(attestation{sequence: o.Sequence, attester: id, role: o.Role, day: o.Day()})
		}
	}
	for _, m := range s.Marks {
		by(m.Made)
	}
	for _, x := range s.Equivalents {
		by(x.Made)
	}
	for i := range s.Evidence {
		s.Evidence[i].eachAttestation(f, by)
	}
	for _, j := range s.Judgements {
		for _, who := range append([]Actor{j.Made.Actor}, j.Signers...) {
			if id := who.attester(); id != "" {
				f(attestation{j.Made.Sequence, id, j.Made.Role, j.Made.Day(), j.Question, j.Number})
			}
		}
	}
	for _, t := range s.Tasks {
		if t.Confirmed != nil {
			by(*t.Confirmed)
		}
	}
	for _, x := range s.Submissions {
		for _, a := range x.Answers {
			by(a.Made)
		}
	}
}

func (x *Evidence) eachAttestation(f func(attestation), by func(Origin)) {
	by(x.Made)
	for _, named := range []attestation{
		{sequence: x.Made.Sequence, attester: x.Attester, role: x.AttesterRole, day: x.Until},
		{sequence: x.Made.Sequence, attester: x.Provider, role: roleProvider, day: x.Until},
	} {
		if named.attester != "" {
			f(named)
		}
	}
	for _, sig := range x.Signatures {
		if sig.Attester != "" {
			f(attestation{sequence: sig.Made.Sequence, attester: sig.Attester, role: sig.Role, day: sig.Made.Day()})
		}
	}
	for _, a := range x.Answers {
		by(a.Made)
	}
}

const roleProvider = "provider"
