package proof

import (
	"bytes"
	"errors"
	"slices"

	"github.com/certledger/certledger/domain"
	fastjson "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// walk folds the entries of one subject, one after the other, and holds on the way
// that acts of two people had both. The commands hold it, and so does the fold;
// this holds it against a ledger that was written past both.
type walk struct {
	past    *Past
	rules   publications
	partial bool // not everything that entries looked at is here

	subject domain.Subject
	state   state
}

// state is what a subject's entries add up to.
type state interface{ Apply(domain.Entry) }

// nothing is the state of subjects that have none.
type nothing struct{}

func (nothing) Apply(domain.Entry) {}

func walkOf(of domain.Subject, p *Past, rules publications) *walk {
	w := &walk{past: p, rules: rules, subject: of, state: nothing{}}
	switch of.Kind() {
	case domain.KindRegistration:
		w.state = &domain.Standing{}
	case domain.KindProgramme:
		w.state = &domain.ProgrammeLine{}
	case domain.KindCohort:
		w.state = &domain.Cohort{}
	case domain.KindAttester:
		w.state = &domain.Attester{}
	case domain.KindPerson:
		w.state = &domain.Person{}
	case domain.KindSystem:
		w.state = &domain.System{}
	}
	return w
}

// take folds the next entry. payload are its stored bytes.
func (w *walk) take(e *domain.Entry, payload []byte) *Failure {
	if failure := begins(e); failure != nil {
		return failure
	}
	if failure := w.proposed(e, payload); failure != nil {
		return failure
	}
	switch s := w.state.(type) {
	case *domain.Standing:
		return w.onRegistration(s, e)
	case *domain.ProgrammeLine:
		return onProgramme(s, e)
	case *domain.System:
		s.Apply(*e)
		if len(s.Unapproved) > 0 {
			return onePerson(e)
		}
	default:
		w.state.Apply(*e)
	}
	return nil
}

// begins holds that a subject begins with what makes it, and that nothing makes it
// again: a registration changes neither its person nor its rules.
func begins(e *domain.Entry) *Failure {
	var made bool
	switch e.Event.(type) {
	case *domain.RegistrationSubmitted, *domain.CohortOpened, *domain.AttesterRegistered, *domain.LedgerCreated:
		made = true
	}
	switch kind := e.Subject.Kind(); {
	case made && e.Version > 1:
		return failed(CodeTwice, entryAt(e.Sequence), "it begins %s, which has begun before", e.Subject)
	case made || e.Version > 1:
		return nil
	case kind == domain.KindRegistration || kind == domain.KindCohort || kind == domain.KindAttester || kind == domain.KindSystem:
		return failed(CodeChain, entryAt(e.Sequence), "%s does not begin with it", e.Subject)
	}
	return nil
}

func onePerson(e *domain.Entry) *Failure {
	return failed(CodeOnePerson, entryAt(e.Sequence), "%s takes two people, and nobody else has proposed it in time", e.Type)
}

// onProgramme takes an entry of a programme. Rules are proposed by one person and
// published by another, and a version is later than those before it, so that its
// number names one text for ever.
func onProgramme(line *domain.ProgrammeLine, e *domain.Entry) *Failure {
	before := line.Versions
	line.Apply(*e)
	published, ok := e.Event.(*domain.ProgrammePublished)
	if !ok {
		return nil
	}
	if published.Proposed == nil || len(line.Versions) != len(before)+1 {
		return onePerson(e)
	}
	if slices.ContainsFunc(before, func(v domain.Published) bool { return v.Version >= published.Version }) {
		return failed(CodeProgramme, entryAt(e.Sequence), "it publishes version %d again, or after a later one", published.Version)
	}
	return nil
}

func (w *walk) onRegistration(s *domain.Standing, e *domain.Entry) *Failure {
	if failure := w.pinned(e); failure != nil {
		return failure
	}
	alone, err := w.lacksSecond(s, e)
	if err != nil {
		return failedToDerive(err, entryAt(e.Sequence))
	}
	if s.Apply(*e); alone || len(s.Unapproved) > 0 {
		return onePerson(e)
	}
	return nil
}

// pinned holds that a registration is judged by rules that had been published when
// it came, and by the version of them that it names.
func (w *walk) pinned(e *domain.Entry) *Failure {
	submitted, ok := e.Event.(*domain.RegistrationSubmitted)
	if !ok {
		return nil
	}
	rules, err := w.rules.rules(submitted.Digest)
	if err != nil {
		failure := failedToDerive(err, entryAt(e.Sequence))
		return &Failure{Code: failure.Code, Where: entryAt(e.Sequence), What: "it is pinned to rules that do not hold: " + failure.What, cause: err}
	}
	if rules.sequence > e.Sequence || rules.ID != submitted.Programme || rules.Version != submitted.Version {
		return failed(CodeProgramme, entryAt(e.Sequence), "it is pinned to rules that are others by name or version, or had not been published yet")
	}
	return nil
}

// proposed holds that an entry which carries out a proposal does what was proposed,
// to the letter: what the one proposal says that it names by its hash, and no other
// of the same name. Of a decision what was proposed is a part; deriving it anew
// compares that.
func (w *walk) proposed(e *domain.Entry, payload []byte) *Failure {
	var made *domain.Proposed
	switch v := e.Event.(type) {
	case *domain.LiveEquivalentApproved:
		made = v.Proposed
	case *domain.AttendanceCorrected:
		made = v.Proposed
	case *domain.EvidenceCorrected:
		made = v.Proposed
	case *domain.EvidenceVoided:
		made = v.Proposed
	case *domain.WaiverGranted:
		made = v.Proposed
	case *domain.ProgrammePublished:
		made = v.Proposed
	case *domain.SigningKeyRotated:
		made = v.Proposed
	}
	if made == nil {
		return nil // whether one was needed is looked at when it is folded
	}
	all := w.proposals()
	i := slices.IndexFunc(all, func(p domain.Proposal) bool { return p.ID == made.Proposal && p.Hash == made.Hash && p.Closed == "" })
	if i < 0 {
		return onePerson(e)
	}
	was, err := consequence(all[i].What)
	is, err2 := consequenceIn(payload)
	if err != nil || err2 != nil || !bytes.Equal(was, is) {
		return failed(CodeProposal, entryAt(e.Sequence), "it is another act than the one that was proposed")
	}
	return nil
}

// proposals are those that stand on the subject.
func (w *walk) proposals() []domain.Proposal {
	switch s := w.state.(type) {
	case *domain.Standing:
		return s.Proposals
	case *domain.ProgrammeLine:
		return s.Proposals
	case *domain.System:
		return s.Proposals
	}
	return nil
}

// consequenceIn is what an entry does, as far as a proposal says it.
func consequenceIn(payload []byte) ([]byte, error) {
	var envelope struct {
		Data jsontext.Value `json:"data"`
	}
	if err := fastjson.Unmarshal(payload, &envelope); err != nil {
		return nil, err
	}
	return consequence(envelope.Data)
}

// consequence is the canonical form of an event without what is not proposed: who
// proposed it, what was looked at, and what is sealed.
func consequence(data []byte) ([]byte, error) {
	var fields map[string]jsontext.Value
	if err := fastjson.Unmarshal(data, &fields); err != nil {
		return nil, err
	}
	for _, other := range []string{"proposed", "reads", "sealed"} {
		delete(fields, other)
	}
	b, err := fastjson.Marshal(fields)
	if err != nil {
		return nil, err
	}
	return canonical(b)
}

// lacksSecond reports whether an entry that carries out no proposal should have: a
// live equivalent after a decision, or a correction that raises a level after one.
// s is the standing before the entry.
func (w *walk) lacksSecond(s *domain.Standing, e *domain.Entry) (bool, error) {
	var proposed *domain.Proposed
	always := false
	switch v := e.Event.(type) {
	case *domain.LiveEquivalentApproved:
		proposed, always = v.Proposed, true
	case *domain.AttendanceCorrected:
		proposed = v.Proposed
	case *domain.EvidenceCorrected:
		proposed = v.Proposed
	case *domain.EvidenceVoided:
		proposed = v.Proposed
	default:
		return false, nil
	}
	decided := slices.ContainsFunc(s.Decisions, func(d domain.Decision) bool { return !d.Superseded })
	if !decided || proposed != nil || always {
		return decided && proposed == nil, nil
	}
	if s.Pin.ByDay() {
		return false, nil // no entry but a decision says which rules were in force on its day
	}
	raises, err := w.raises(s, e)
	var absent *Failure
	if w.partial && errors.As(err, &absent) && absent.Code == CodeReads {
		return false, nil // what it looked at came after the decisions that this is about
	}
	return raises, err
}

// raises reports whether an entry raises a level that is earned, by what it looked
// at. An entry looks at the same subjects as a decision does.
func (w *walk) raises(s *domain.Standing, e *domain.Entry) (bool, error) {
	f, err := domain.FactsOfCut(&domain.Record{
		Decided:   domain.Decided{Registration: s.Registration, By: e.Actor},
		Programme: s.Pin,
		Cut:       domain.Cut{Version: s.Version, Sequence: s.Sequence, Hash: s.Hash, Reads: domain.CommonOf(e.Event).Reads},
	}, during{w.past, s, nil})
	if err != nil {
		return false, err
	}
	before := domain.Assess(f.Programme, f, e.Time)
	f.Standing = s.Clone()
	f.Standing.Apply(*e)
	after := domain.Assess(f.Programme, f, e.Time)
	for _, b := range before.Awards {
		award, _ := f.Programme.Award(b.Award)
		was, _ := award.Rank(b.Earned)
		if slices.ContainsFunc(after.Awards, func(x domain.AwardResult) bool {
			is, _ := award.Rank(x.Earned)
			return x.Award == b.Award && x.Track == b.Track && x.Period == b.Period && is > was
		}) {
			return true, nil
		}
	}
	return false, nil
}

// during is the past while a registration is walked: its standing of now is at
// hand, with the entries where a decision looks at them.
type during struct {
	*Past
	now     *domain.Standing
	entries []domain.Entry
}

func (d during) Registration(id string, version uint64) (*domain.Standing, []domain.Entry, error) {
	if id == d.now.Registration && version == d.now.Version {
		return d.now, d.entries, nil
	}
	return d.Past.Registration(id, version)
}
