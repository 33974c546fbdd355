package proof

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	fastjson "github.com/go-json-experiment/json"
)

// rulesMax bounds the programmes that are kept read.
const rulesMax = 256

// derive follows every subject from its first entry, and takes decisions anew.
func (v *exportVerifier) derive(ctx context.Context) error {
	h := &exportHistory{v: v, published: map[string]uint64{}, read: map[string]*published{}}
	v.past = NewPast(h)
	chosen, err := v.sample()
	if err != nil {
		return err
	}
	var programmes, others []uint32
	for place, s := range v.index.subjects {
		if s.Kind() == domain.KindProgramme {
			programmes = append(programmes, uint32(place))
		} else {
			others = append(others, uint32(place))
		}
	}
	// Rules come first: what registrations are pinned to must have been published.
	for _, stage := range [][]uint32{programmes, others} {
		if err := v.each(ctx, stage, h, chosen); err != nil {
			return err
		}
	}
	return nil
}

// each looks at subjects, several at once. Subjects are in the order in which they
// begin, so that neighbours share what they look at.
func (v *exportVerifier) each(ctx context.Context, places []uint32, h *exportHistory, chosen map[string]bool) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	work := make(chan uint32)
	var all sync.WaitGroup
	for range min(max(v.Jobs, 1), ExportJobsMax) {
		all.Go(func() {
			s := &follower{v: v, history: h, chosen: chosen, seen: map[domain.Subject]domain.Read{}}
			for place := range work {
				if err := s.through(ctx, place); err != nil {
					stop(err)
				}
			}
		})
	}
	for _, place := range places {
		select {
		case work <- place:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(work)
	all.Wait()
	return context.Cause(ctx)
}

// follower goes through one subject after the other.
type follower struct {
	v       *exportVerifier
	history *exportHistory
	chosen  map[string]bool // decisions to derive; nil is all

	chain
	walk    *walk
	seen    map[domain.Subject]domain.Read // what its entries looked at last, and was so
	at      uint64                         // sequence of the entry looked at
	entries []domain.Entry                 // of a registration
	room    []byte                         // for the stored bytes of an entry
}

// through follows one subject. Its first failure ends it: what comes after rests
// on it.
func (s *follower) through(ctx context.Context, place uint32) error {
	entries := s.v.index.entriesOf(place)
	s.chain = chain{subject: s.v.index.subjects[place]}
	s.walk, s.entries = walkOf(s.subject, s.v.past, s.history), s.entries[:0]
	clear(s.seen)
	var broken error
	failure := guarded("", func() *Failure {
		for i, n := range entries {
			if i%toldEvery == toldEvery-1 && ctx.Err() != nil {
				broken = ctx.Err()
				return nil
			}
			s.at = uint64(n) + 1
			failure, err := s.take(s.at)
			if broken = err; failure != nil || err != nil {
				return failure
			}
		}
		return nil
	})
	if failure != nil {
		if failure.Where == "" {
			failure.Where = entryAt(s.at)
		}
		s.v.fail(s.at, failure)
	}
	s.v.told(ExportDeriving, uint64(len(entries)), s.v.index.count())
	return broken
}

// take reads the next entry and holds it to all that is asked of it.
func (s *follower) take(sequence uint64) (*Failure, error) {
	e, payload, failure, err := s.v.entry(sequence, s.room)
	if err != nil || failure != nil {
		return failure, err
	}
	s.room = payload
	if failure := s.follow(&e); failure != nil {
		return failure, nil
	}
	if failure := s.reads(&e); failure != nil {
		return failure, nil
	}
	if decisionIn(e) != nil {
		s.decision(e, payload)
	}
	if failure := s.walk.take(&e, payload); failure != nil {
		return failure, nil
	}
	switch s.subject.Kind() {
	case domain.KindRegistration:
		s.entries = append(s.entries, e)
	case domain.KindProgramme:
		if p, ok := e.Event.(*domain.ProgrammePublished); ok {
			s.history.publish(p.Digest, sequence)
		}
	case domain.KindSystem:
		if created, ok := e.Event.(*domain.LedgerCreated); ok && created.Ledger != s.v.report.Ledger {
			return failed(CodeForeign, entryAt(sequence), "it begins another ledger"), nil
		}
	}
	return nil, nil
}

// decision takes one anew, before it is folded.
func (s *follower) decision(e domain.Entry, payload []byte) {
	d := decisionIn(e)
	s.v.decides(d.Decision, e.Sequence)
	if s.chosen != nil && !s.chosen[d.Decision] {
		return
	}
	standing, _ := s.walk.state.(*domain.Standing)
	failure := guarded(entryAt(e.Sequence), func() *Failure {
		return derived(e, payload, during{s.v.past, standing, s.entries}, entryAt(e.Sequence))
	})
	s.v.derived(failure)
	if failure != nil {
		s.v.fail(e.Sequence, failure)
	}
}

// decides holds that no two decisions have one identifier: whoever asks for one by
// it must not be shown another.
func (v *exportVerifier) decides(id string, sequence uint64) {
	v.mu.Lock()
	before, again := v.decided[id]
	if !again || sequence < before {
		v.decided[id] = sequence
	}
	v.mu.Unlock()
	if again {
		later := max(sequence, before)
		v.fail(later, failed(CodeTwice, entryAt(later), "another decision has its identifier"))
	}
}

// derived counts what came of a decision.
func (v *exportVerifier) derived(failure *Failure) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.report.Derived++
	switch {
	case failure == nil:
		v.report.Identical++
	case failure.Code == CodeNoRecord:
		v.report.WithoutRecord++
	default:
		v.report.Different++
	}
}

// payload reads the stored bytes of an entry, into room where they fit.
func (v *exportVerifier) payload(sequence uint64, room []byte) ([]byte, error) {
	length := int(v.index.lengths[sequence-1])
	if cap(room) < length {
		room = make([]byte, length, length+length/4)
	}
	room = room[:length]
	if _, err := v.Lines.ReadAt(room, v.index.offsets[sequence-1]); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s again: %w", entryAt(sequence), err)
	}
	return room, nil
}

// errChanged: the export is not what it was when it was read first.
var errChanged = errors.New("the export changes while it is verified")

// entry reads an entry again, and holds it to the leaf that went into the tree.
func (v *exportVerifier) entry(sequence uint64, room []byte) (domain.Entry, []byte, *Failure, error) {
	payload, err := v.payload(sequence, room)
	if err != nil {
		return domain.Entry{}, nil, nil, err
	}
	e, failure := decodeEntry(sequence, payload)
	sum, _ := sumOf(e.Hash)
	if failure != nil {
		sum = sha256.Sum256(payload)
	}
	if !v.isLeaf(sequence, sum) {
		return domain.Entry{}, nil, nil, errChanged
	}
	return e, payload, failure, nil
}

// isLeaf reports whether the tree holds this of an entry.
func (v *exportVerifier) isLeaf(sequence uint64, payload [sha256.Size]byte) bool {
	return v.index.leaf(sequence) == LeafHash(sequence, payload)
}

// reads holds that what an entry says it looked at was so.
func (s *follower) reads(e *domain.Entry) *Failure {
	if failure := looksOnce(e); failure != nil {
		return failure
	}
	for _, r := range domain.CommonOf(e.Event).Reads {
		if s.seen[r.Subject] == r {
			continue
		}
		place, known := s.v.index.places[r.Subject]
		if !known {
			return failed(CodeReads, entryAt(e.Sequence), "it looked at a subject that has no entries")
		}
		entries := s.v.index.entriesOf(place)
		sum, ok := sumOf(r.Hash)
		switch {
		case r.Sequence >= e.Sequence || r.Version == 0:
			return failed(CodeReads, entryAt(e.Sequence), "it looked at an entry that came after it")
		case !ok || r.Version > uint64(len(entries)) || uint64(entries[r.Version-1])+1 != r.Sequence || !s.v.isLeaf(r.Sequence, sum):
			return failed(CodeReads, entryAt(e.Sequence), "it looked at another version %d of %s than is there", r.Version, r.Subject)
		}
		s.seen[r.Subject] = r
	}
	return nil
}

// sample draws the decisions to derive. Nil is all.
func (v *exportVerifier) sample() (map[string]bool, error) {
	if v.Sample <= 0 {
		return nil, nil
	}
	var population []string
	for _, n := range v.index.decisions {
		sequence := uint64(n) + 1
		if sequence > v.report.Checkpoint.Size {
			break
		}
		payload, err := v.payload(sequence, nil)
		if err != nil {
			return nil, err
		}
		var envelope struct {
			Data struct {
				Decision string `json:"decision"`
			} `json:"data"`
		}
		if err := fastjson.Unmarshal(payload, &envelope); err != nil {
			continue // it is named when its subject is followed
		}
		population = append(population, envelope.Data.Decision)
	}
	v.report.Population = len(population)
	chosen := map[string]bool{}
	for _, id := range domain.SampleDecisions(v.Seed, population, v.Sample) {
		chosen[id] = true
	}
	return chosen, nil
}

// exportHistory is the entries of an export, to fold.
type exportHistory struct {
	v *exportVerifier

	mu        sync.Mutex // protects what follows
	published map[string]uint64
	read      map[string]*published // by digest
}

func (h *exportHistory) publish(digest string, sequence uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, before := h.published[digest]; !before {
		h.published[digest] = sequence
	}
}

// EntriesUpTo are those of a subject from version 1 up to a version.
func (h *exportHistory) EntriesUpTo(of domain.Subject, version uint64) ([]domain.Entry, error) {
	place, known := h.v.index.places[of]
	if !known {
		return nil, notThere(of, version)
	}
	all := h.v.index.entriesOf(place)
	if version == 0 || version > uint64(len(all)) {
		return nil, notThere(of, version)
	}
	c, entries := chain{subject: of}, make([]domain.Entry, version)
	var room []byte
	for i := range entries {
		e, payload, failure, err := h.v.entry(uint64(all[i])+1, room)
		if err != nil {
			return nil, err
		}
		if failure == nil {
			failure = c.follow(&e)
		}
		if failure != nil {
			return nil, failure
		}
		entries[i], room = e, payload
	}
	return entries, nil
}

// Programme is the rules that were published under a digest.
func (h *exportHistory) Programme(digest string) (*programme.Programme, error) {
	return programmeOf(h, digest)
}

func (h *exportHistory) rules(digest string) (*published, error) {
	h.mu.Lock()
	p, sequence := h.read[digest], h.published[digest]
	h.mu.Unlock()
	if p != nil {
		return p, nil
	}
	if sequence == 0 {
		return nil, failed(CodeProgramme, shown(digest), "these rules were not published by two people")
	}
	e, _, failure, err := h.v.entry(sequence, nil)
	if err != nil {
		return nil, err
	}
	if failure == nil {
		p, failure = readRules(e)
	}
	if failure != nil {
		return nil, failure
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.read) >= rulesMax {
		clear(h.read)
	}
	h.read[digest] = p
	return p, nil
}
