package proof

import (
	"sync"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

// foldedMax bounds the states that a past keeps folded, some kilobytes each.
const foldedMax = 512

// History is where a Past has its entries from. It is used as its Past is: by several
// goroutines at once where that is.
type History interface {
	// EntriesUpTo are those of a subject from version 1 up to a version, each
	// following the one before. A version that is not there is an error.
	EntriesUpTo(of domain.Subject, version uint64) ([]domain.Entry, error)

	// Programme is the rules that were published under this digest. Rules that were
	// not are an error.
	Programme(digest string) (*programme.Programme, error)
}

// publications finds the rules that were published under a digest, with the entry
// that did it. Rules that were not are a *Failure.
type publications interface {
	rules(digest string) (*published, error)
}

// published is rules that were published.
type published struct {
	*programme.Programme
	sequence uint64 // of the entry that published them
}

// Past answers what states were, by folding entries, and keeps what several decisions
// look at: cohorts and attesters. It is safe for concurrent use if its History is;
// nobody changes what it gives.
type Past struct {
	history History

	mu     sync.Mutex // protects folded
	folded map[moment]any
}

var _ domain.Past = (*Past)(nil)

// moment is a subject after one of its versions.
type moment struct {
	subject domain.Subject
	version uint64
}

// NewPast finds what states were in a history.
func NewPast(h History) *Past { return &Past{history: h, folded: map[moment]any{}} }

// Registration is the standing after a version, with its entries.
func (p *Past) Registration(id string, version uint64) (*domain.Standing, []domain.Entry, error) {
	entries, err := p.history.EntriesUpTo(domain.SubjectOf(domain.KindRegistration, id), version)
	if err != nil {
		return nil, nil, err
	}
	return foldOf[domain.Standing](entries), entries, nil
}

// Cohort is the cohort after a version.
func (p *Past) Cohort(id string, version uint64) (*domain.Cohort, error) {
	return stateAt[domain.Cohort](p, domain.SubjectOf(domain.KindCohort, id), version)
}

// Attester is the attester after a version.
func (p *Past) Attester(id string, version uint64) (*domain.Attester, error) {
	return stateAt[domain.Attester](p, domain.SubjectOf(domain.KindAttester, id), version)
}

// Programme is the rules that were published under a digest.
func (p *Past) Programme(digest string) (*programme.Programme, error) {
	return p.history.Programme(digest)
}

// programmeOf is the programme of rules that were published.
func programmeOf(from publications, digest string) (*programme.Programme, error) {
	p, err := from.rules(digest)
	if err != nil {
		return nil, err
	}
	return p.Programme, nil
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
func stateAt[T any, S folding[T]](p *Past, of domain.Subject, version uint64) (S, error) {
	at := moment{of, version}
	p.mu.Lock()
	known, ok := p.folded[at].(S)
	p.mu.Unlock()
	if ok {
		return known, nil
	}
	entries, err := p.history.EntriesUpTo(of, version)
	if err != nil {
		return nil, err
	}
	state := foldOf[T, S](entries)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.folded) >= foldedMax {
		clear(p.folded)
	}
	p.folded[at] = state
	return state, nil
}

// folding is a state that entries are folded into.
type folding[T any] interface {
	*T
	state
}

func foldOf[T any, S folding[T]](entries []domain.Entry) S {
	s := S(new(T))
	for _, e := range entries {
		s.Apply(e)
	}
	return s
}

// notThere is the failure of a version that was looked at and is not there.
func notThere(of domain.Subject, version uint64) *Failure {
	return failed(CodeReads, string(of), "its version %d was looked at and is not here", version)
}
