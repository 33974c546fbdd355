package cases

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

// ledger is a whole ledger in memory: the stored bytes of its entries and the
// states that they fold to. A command goes the way it goes on a server: Decide,
// Encode, Decode, Apply.
type ledger struct {
	id         string
	stored     []stored
	recorded   time.Time                       // of the latest entry
	programmes map[string]*programme.Programme // by digest

	registrations map[string]*domain.Standing
	cohorts       map[string]*domain.Cohort
	attesters     map[string]*domain.Attester
	lines         map[string]*domain.ProgrammeLine
	persons       map[string]*domain.Person
	heads         map[domain.Subject]domain.Head
	entries       map[domain.Subject][]domain.Entry
}

// stored is one entry as the ledger keeps it. The sequence is its place from 1.
type stored []byte

func newLedger(id string) *ledger {
	return &ledger{
		id: id, programmes: map[string]*programme.Programme{},
		registrations: map[string]*domain.Standing{}, cohorts: map[string]*domain.Cohort{}, attesters: map[string]*domain.Attester{},
		lines: map[string]*domain.ProgrammeLine{}, persons: map[string]*domain.Person{},
		heads: map[domain.Subject]domain.Head{}, entries: map[domain.Subject][]domain.Entry{},
	}
}

// length is the sequence of the latest entry.
func (l *ledger) length() int { return len(l.stored) }

// until is the ledger as it was when it had n entries, folded anew.
func (l *ledger) until(n int) (*ledger, error) {
	was := newLedger(l.id)
	maps.Copy(was.programmes, l.programmes)
	for _, payload := range l.stored[:n] {
		if err := was.fold(payload); err != nil {
			return nil, err
		}
	}
	return was, nil
}

// fold adds stored bytes to the ledger and to the states.
func (l *ledger) fold(payload []byte) error {
	e, err := domain.Decode(uint64(len(l.stored)+1), payload)
	if err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	id := e.Subject.ID()
	switch e.Subject.Kind() {
	case domain.KindRegistration:
		at(l.registrations, id).Apply(e)
	case domain.KindCohort:
		at(l.cohorts, id).Apply(e)
	case domain.KindAttester:
		at(l.attesters, id).Apply(e)
	case domain.KindProgramme:
		at(l.lines, id).Apply(e)
	case domain.KindPerson:
		at(l.persons, id).Apply(e)
	default:
		return fmt.Errorf("read back: an entry on %s", e.Subject)
	}
	l.stored = append(l.stored, payload)
	l.recorded = e.Recorded
	l.heads[e.Subject] = domain.Head{Version: e.Version, Sequence: e.Sequence, Hash: e.Hash}
	l.entries[e.Subject] = append(l.entries[e.Subject], e)
	return nil
}

func at[T any](states map[string]*T, id string) *T {
	if states[id] == nil {
		states[id] = new(T)
	}
	return states[id]
}

// do decides a command on the facts and records what it answers with, at the
// recorded time or, where that would go back, with the latest entry. The error is
// a *domain.Refusal where the rules say no; then nothing is recorded.
func (l *ledger) do(c domain.Command, recorded time.Time) ([]domain.Event, error) {
	act := domain.ActOf(c)
	f, err := l.facts(c)
	if err != nil {
		return nil, err
	}
	events, err := c.Decide(f)
	if err != nil {
		return nil, err
	}
	if recorded.Before(l.recorded) {
		recorded = l.recorded
	}
	for i, e := range events {
		common := domain.CommonOf(e)
		common.Personal = nil // there is no vault in memory
		if common.Reads == nil {
			common.Reads = f.Reads
		}
		head := l.heads[c.Subject()]
		payload, err := domain.Encode(e, domain.Header{
			Ledger: l.id, Subject: c.Subject(), Time: act.At, Recorded: recorded,
			Version: head.Version + 1, Previous: head.Hash, Nonce: derived("nonce", act.Command, strconv.Itoa(i)),
			Actor: act.By, ActorRole: act.Role, CommandID: act.Command, CommandHash: derived("body", act.Command), Index: i,
		})
		if err != nil {
			return nil, err
		}
		if err := l.fold(payload); err != nil {
			return nil, err
		}
	}
	return events, nil
}

// derived is 32 hexadecimal digits that follow from the parts.
func derived(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(strconv.Itoa(len(p)) + ":" + p)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:16])
}

// facts gathers what a command may look at, and which versions those are.
func (l *ledger) facts(c domain.Command) (domain.Facts, error) {
	subject, act := c.Subject(), domain.ActOf(c)
	names := []domain.Subject{}
	if n, ok := c.(domain.Naming); ok {
		names = n.Names()
	}
	var f domain.Facts
	cohort, line := "", ""
	switch subject.Kind() {
	case domain.KindRegistration:
		if s := l.registrations[subject.ID()]; s != nil {
			f = l.of(s)
			cohort = s.Cohort
		}
	case domain.KindCohort:
		cohort = subject.ID()
	case domain.KindProgramme:
		line = subject.ID()
	}
	for _, name := range names {
		id := name.ID()
		switch name.Kind() {
		case domain.KindCohort:
			if cohort == "" {
				cohort = id
			} else if id != cohort {
				f.Elsewhere = l.cohorts[id]
			}
		case domain.KindAttester:
			f.Attester = l.attesters[id]
		case domain.KindProgramme:
			line = id
		case domain.KindPerson:
			f.Person = l.persons[id]
			f.Others = l.others(id, subject.ID())
		}
	}
	if subject.Kind() == domain.KindAttester {
		f.Attester = l.attesters[subject.ID()]
	}
	if f.Cohort == nil {
		f.Cohort = l.cohorts[cohort]
		l.assigned(&f)
	}
	if f.Cohort != nil && line == "" {
		line = f.Cohort.Programme
	}
	if line != "" {
		f.Line = l.lines[line]
	}
	if named, ok := c.(domain.NamingVersion); ok && f.Standing.Exists() {
		f.Line = l.lines[f.Standing.Pin.Programme]
		if v, ok := f.Line.Find(named.VersionNamed()); ok {
			f.Clarifying = l.programmes[v.Digest]
		}
	}
	if f.Programme == nil && f.Line != nil {
		if in, ok := f.Line.InForce(domain.DateOf(act.At)); ok {
			f.Programme = l.programmes[in.Digest]
			if f.Programme == nil {
				return f, errors.New("a published programme that was not read")
			}
		}
	}
	f.Reads = l.reads(subject, f)
	return f, nil
}

// of is the facts of a registration, for an assessment.
func (l *ledger) of(s *domain.Standing) domain.Facts {
	f := domain.Facts{
		Standing: s, Programme: l.programmes[s.Pin.Digest], Cohort: l.cohorts[s.Cohort],
		Entries: l.entries[domain.SubjectOf(domain.KindRegistration, s.Registration)],
		Person:  l.persons[s.Person], Others: l.others(s.Person, s.Registration),
	}
	l.assigned(&f)
	f.Reads = l.reads(domain.SubjectOf(domain.KindRegistration, s.Registration), f)
	if s.Pin.Mode != domain.PinByRegistration {
		f.Line = l.lines[s.Pin.Programme]
		for _, v := range f.Line.Versions {
			f.Versions = append(f.Versions, l.programmes[v.Digest])
		}
	}
	return f
}

// assigned fills in the attesters of the cohort and the registration, and those
// on whose word something rests.
func (l *ledger) assigned(f *domain.Facts) {
	var ids []string
	if f.Standing != nil {
		ids = append(ids, f.Standing.Relied()...)
		for _, a := range f.Standing.Attesters {
			ids = append(ids, a.Attester)
		}
	}
	if f.Cohort != nil {
		for _, a := range f.Cohort.Attesters {
			ids = append(ids, a.Attester)
		}
	}
	slices.Sort(ids)
	f.Attesters = nil
	for _, id := range slices.Compact(ids) {
		if a := l.attesters[id]; a != nil {
			f.Attesters = append(f.Attesters, a)
		}
	}
}

// others are the person's other registrations.
func (l *ledger) others(person, not string) []domain.Other {
	var out []domain.Other
	for _, id := range sortedKeys(l.registrations) {
		s := l.registrations[id]
		if s.Person != person || id == not {
			continue
		}
		out = append(out, s.AsOthers(l.programmes[s.Pin.Digest])...)
	}
	return out
}

// reads says which version of each state the facts hold, sorted by subject.
func (l *ledger) reads(own domain.Subject, f domain.Facts) []domain.Read {
	var subjects []domain.Subject
	add := func(k domain.Kind, id string) { subjects = append(subjects, domain.SubjectOf(k, id)) }
	if f.Cohort != nil {
		add(domain.KindCohort, f.Cohort.ID)
	}
	if f.Elsewhere != nil {
		add(domain.KindCohort, f.Elsewhere.ID)
	}
	if f.Line != nil {
		add(domain.KindProgramme, f.Line.ID)
	}
	if f.Attester != nil {
		add(domain.KindAttester, f.Attester.ID)
	}
	for _, a := range f.Attesters {
		add(domain.KindAttester, a.ID)
	}
	if f.Person != nil {
		add(domain.KindPerson, f.Person.ID)
	}
	for _, o := range f.Others {
		add(domain.KindRegistration, o.Registration)
	}
	slices.Sort(subjects)
	var out []domain.Read
	for _, s := range slices.Compact(subjects) {
		if head := l.heads[s]; s != own && head.Version > 0 {
			out = append(out, domain.Read{Subject: s, Version: head.Version, Sequence: head.Sequence, Hash: head.Hash})
		}
	}
	return out
}
