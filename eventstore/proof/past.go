package proof

import (
	"sync"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

// foldedMax bounds the states that a past keeps folded.
const foldedMax = 512

// history is where a past has its entries from. Both are safe for concurrent use.
type history interface {
	// entriesUpTo are those of a subject from version 1 up to a version, each
	// following the one before. A version that is not there is a *Failure.
	entriesUpTo(of domain.Subject, version uint64) ([]domain.Entry, error)

	// rules are a programme that was published under this digest. One that was not
	// is a *Failure.
	rules(digest string) (*published, error)
}

// published is rules that were published.
type published struct {
	*programme.Programme
	sequence uint64 // of the entry that published them
}

// past answers what states were, by folding entries, and keeps what it has folded.
// It is safe for concurrent use; nobody changes what it gives.
type past struct {
	history history

	mu     sync.Mutex // protects folded
	folded map[moment]any
}

var _ domain.Past = (*past)(nil)

// moment is a subject after one of its versions.
type moment struct {
	subject domain.Subject
	version uint64
}

// registered is a standing with the entries that it is folded from.
type registered struct {
	standing *domain.Standing
	entries  []domain.Entry
}

func newPast(h history) *past { return &past{history: h, folded: map[moment]any{}} }

// Registration is the standing after a version, with its entries.
func (p *past) Registration(id string, version uint64) (*domain.Standing, []domain.Entry, error) {
	r, err := stateAt(p, domain.SubjectOf(domain.KindRegistration, id), version, func(entries []domain.Entry) *registered {
		r := &registered{standing: &domain.Standing{}, entries: entries}
		for _, e := range entries {
			r.standing.Apply(e)
		}
		return r
	})
	if err != nil {
		return nil, nil, err
	}
	return r.standing, r.entries, nil
}

// Cohort is the cohort after a version.
func (p *past) Cohort(id string, version uint64) (*domain.Cohort, error) {
	return stateAt(p, domain.SubjectOf(domain.KindCohort, id), version, func(entries []domain.Entry) *domain.Cohort {
		c := &domain.Cohort{}
		for _, e := range entries {
			c.Apply(e)
		}
		return c
	})
}

// Attester is the attester after a version.
func (p *past) Attester(id string, version uint64) (*domain.Attester, error) {
	return stateAt(p, domain.SubjectOf(domain.KindAttester, id), version, func(entries []domain.Entry) *domain.Attester {
		a := &domain.Attester{}
		for _, e := range entries {
			a.Apply(e)
		}
		return a
	})
}

// Programme is the rules that were published under a digest.
func (p *past) Programme(digest string) (*programme.Programme, error) {
	rules, err := p.history.rules(digest)
	if err != nil {
		return nil, err
	}
	return rules.Programme, nil
}

// readRules reads the rules that an entry has published, and holds it to what they
// say of themselves.
func readRules(e domain.Entry) (*published, *Failure) {
	x, ok := e.Event.(*domain.ProgrammePublished)
	if !ok {
		return nil, failed(CodeProgramme, entryAt(e.Sequence), "it publishes no rules")
	}
	p, err := programme.Parse([]byte(x.Rules))
	if err != nil {
		return nil, &Failure{Code: CodeUnknown, Where: entryAt(e.Sequence), What: "its rules are no programme that this version can apply", cause: err}
	}
	is := domain.ProgrammePublished{
		Programme: p.ID, Version: p.Version, Digest: p.Digest, From: domain.Date(p.Valid.From), Until: domain.Date(p.Valid.Until),
	}
	if x.Programme != is.Programme || x.Version != is.Version || x.Digest != is.Digest || x.From != is.From || x.Until != is.Until ||
		e.Subject != domain.SubjectOf(domain.KindProgramme, p.ID) {
		return nil, failed(CodeProgramme, entryAt(e.Sequence), "it publishes rules under another name, version, digest or time than theirs")
	}
	return &published{p, e.Sequence}, nil
}

// stateAt folds a subject up to a version, or finds it folded.
func stateAt[T any](p *past, of domain.Subject, version uint64, fold func([]domain.Entry) *T) (*T, error) {
	at := moment{of, version}
	p.mu.Lock()
	known, ok := p.folded[at].(*T)
	p.mu.Unlock()
	if ok {
		return known, nil
	}
	entries, err := p.history.entriesUpTo(of, version)
	if err != nil {
		return nil, err
	}
	state := fold(entries)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.folded) >= foldedMax {
		clear(p.folded)
	}
	p.folded[at] = state
	return state, nil
}

// notThere is the failure of a version that was looked at and is not there.
func notThere(of domain.Subject, version uint64) *Failure {
	return failed(CodeReads, string(of), "its version %d was looked at and is not here", version)
}
