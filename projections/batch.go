package projections

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

// Room set aside per entry in a batch, beside its payload, and from which size
// of batch on to learn how much is needed.
const (
	rowBytes    = 400
	rowBytesMax = 2000
	learnFrom   = 1000
)

// batch turns entries into rows: the entries' own rows as they are folded, and
// at the end, once per subject, those of states, summaries and indexes.
//
// Until it is committed nobody else sees what it holds. Rows read from Pebble
// are those before the batch; what the batch changed is in its maps.
type batch struct {
	store  *Store
	before reader // Pebble as it is
	rows   *pebble.Batch
	err    error // the first of rows

	payloadBytes int

	commandsBefore *pebble.Iterator // over the command rows in Pebble; nil until the first is asked for

	loaded    map[domain.Subject]*folded // everything looked at
	touched   []*folded                  // with entries in this batch, in order of the first
	siblings  map[string][]string        // person to registrations, this batch's included
	commands  map[string]*Recorded
	published map[string]*programme.Programme // by digest
	tokens    map[string]bool                 // ids touched
	types     map[string]int64                // entries by event type
	states    map[indexed]int64               // changes of registrations by programme and state
	owes      []string                        // registrations to be assessed later
	settled   []string                        // registrations that were owed
	edge      edge                            // of the tree, this batch's entries included
	latest    int64                           // recorded time, in milliseconds, this batch's entries included
}

func newBatch(s *Store, items []*item) *batch {
	bytes := 0
	for i := range items {
		bytes += len(items[i].stored.Payload)
	}
	return &batch{
		store: s, before: reader{s.db, s}, rows: s.db.NewBatchWithSize(bytes + len(items)*s.folder.rowBytes), payloadBytes: bytes,
		loaded: map[domain.Subject]*folded{}, types: map[string]int64{}, siblings: map[string][]string{},
		commands: make(map[string]*Recorded, len(items)), published: map[string]*programme.Programme{},
		tokens: map[string]bool{}, states: map[indexed]int64{}, edge: s.folder.edge, latest: s.folder.latest,
	}
}

func (b *batch) close() {
	if b.commandsBefore != nil {
		b.err = errors.Join(b.err, b.commandsBefore.Close())
	}
	b.err = errors.Join(b.err, b.rows.Close())
}

func (b *batch) set(key, value []byte) {
	if b.err == nil {
		b.err = b.rows.Set(key, value, nil)
	}
}

func (b *batch) delete(key []byte) {
	if b.err == nil {
		b.err = b.rows.Delete(key, nil)
	}
}

// load is a subject's state as of the entries folded so far.
func (b *batch) load(subject domain.Subject) (*folded, error) {
	if f, ok := b.loaded[subject]; ok {
		return f, nil
	}
	f, ok := b.store.folder.hot.get(subject)
	if !ok {
		var err error
		if f, err = load(b.before, subject); err != nil {
			return nil, damaged(err)
		}
	}
	b.loaded[subject] = f
	return f, nil
}

// keep makes what was committed hot.
func (b *batch) keep() {
	f := b.store.folder
	for subject, state := range b.loaded {
		state.touchedBy = nil
		f.hot.put(subject, state)
	}
	for person, registrations := range b.siblings {
		f.siblings.put(person, registrations)
	}
	for _, p := range b.published {
		b.store.programmes.put(p)
	}
	for _, id := range b.owes {
		f.owed[id] = true
	}
	for _, id := range b.settled {
		delete(f.owed, id)
	}
	f.edge, f.latest = b.edge, b.latest
}

// fold applies one entry to its subject's state.
func (b *batch) fold(it *item) error {
	e := &it.entry
	f, err := b.load(e.Subject)
	if err != nil {
		return err
	}
	if f.touchedBy != b {
		f.touchedBy = b
		f.sequences = f.sequences[:0]
		b.touched = append(b.touched, f)
	}
	f.sequences = append(f.sequences, e.Sequence)
	if err := f.apply(e); err != nil {
		return &PoisonError{e.Sequence, err}
	}
	b.types[e.Type]++
	if err := b.command(e); err != nil {
		return err
	}
	return b.event(f, e)
}

// command counts what the entry's command recorded.
func (b *batch) command(e *domain.Entry) error {
	if e.CommandID == "" {
		return nil
	}
	c := b.commands[e.CommandID]
	if c == nil {
		var err error
		if c, err = b.commandBefore(e.CommandID); err != nil {
			return err
		}
		if c == nil {
			c = &Recorded{First: e.Sequence, Hash: e.CommandHash, Subject: e.Subject}
		}
		b.commands[e.CommandID] = c
	}
	c.Count++
	return nil
}

// commandBefore is what a command recorded before this batch, nil for nothing.
func (b *batch) commandBefore(id string) (*Recorded, error) {
	if b.store.commands != nil && !b.store.commands.before(id) {
		return nil, nil
	}
	if b.commandsBefore == nil {
		var err error
		if b.commandsBefore, err = b.before.rare(viewCommand); err != nil {
			return nil, damaged(err)
		}
	}
	var c Recorded
	found, err := unpackRare(b.commandsBefore, key(viewCommand, id), &c)
	if err != nil || !found {
		return nil, damaged(err)
	}
	return &c, nil
}

// event writes the rows that belong to one event and not to a state.
// What the fold let take no effect has none here either.
func (b *batch) event(f *folded, e *domain.Entry) error {
	switch v := e.Event.(type) {
	case *domain.ProgrammePublished:
		if n := len(f.line.State.Versions); n == 0 || f.line.State.Versions[n-1].Made.Sequence != e.Sequence {
			return nil
		}
		p, err := parse(v.Digest, []byte(v.Rules))
		if err != nil {
			return &PoisonError{e.Sequence, err}
		}
		return b.programmeRow(e, p)
	case *domain.RegistrationSubmitted:
		b.member(v.Cohort, e)
	case *domain.RegistrationTransferred:
		b.member(v.To, e)
	case *domain.AttesterAssigned:
		b.set(key(viewAssigned, v.Attester, string(e.Subject)), nil)
	case *domain.EvidenceRecorded:
		b.named(v.Fact, e)
	case *domain.EvidenceCorrected:
		b.named(v.Fact, e)
	case *domain.DecisionRecorded:
		if n := len(f.registration.State.Decisions); n > 0 && f.registration.State.Decisions[n-1].Made.Sequence == e.Sequence {
			b.decision(e, v)
			b.readers(&f.registration.State, &f.registration.State.Decisions[n-1])
		}
	case *domain.TokenCreated:
		b.tokens[v.Token] = true
	case *domain.TokenRevoked:
		b.tokens[v.Token] = true
	}
	return nil
}

// named notes which attester and provider evidence names: rules may ask what
// they hold.
func (b *batch) named(x domain.Fact, e *domain.Entry) {
	for _, id := range []string{x.Attester, x.Provider} {
		if id != "" {
			b.set(key(viewNamed, id, e.Subject.ID()), nil)
		}
	}
}

// programmeRow writes a version, unless the same rules were published before.
func (b *batch) programmeRow(e *domain.Entry, p *programme.Programme) error {
	row := key(viewProgramme, p.Digest)
	known, err := b.before.has(row)
	if err != nil {
		return damaged(err)
	}
	if !known && b.published[p.Digest] == nil {
		b.set(row, append(putNumber(e.Sequence), p.Bytes...))
	}
	b.published[p.Digest] = p
	return nil
}

// member notes that a registration is in a cohort from an entry on.
func (b *batch) member(cohort string, e *domain.Entry) {
	if cohort != "" {
		b.set(key(viewMember, cohort, e.Subject.ID()), nil)
	}
}

func (b *batch) decision(e *domain.Entry, v *domain.DecisionRecorded) {
	at := DecisionAt{Registration: e.Subject.ID(), Sequence: e.Sequence}
	b.set(key(viewDecision, v.Decision), pack(nil, &at))
	if v.Record == nil {
		return
	}
	for _, c := range v.Record.Evidence {
		if c.Role == domain.RoleUsed {
			b.set(keyEvidence(c.Sequence, v.Decision), []byte(at.Registration))
		}
	}
}

// readers notes on what other subjects a decision rested: those it had read, and
// the attesters whose word it used.
func (b *batch) readers(s *domain.Standing, d *domain.Decision) {
	for _, x := range d.Seen {
		b.set(key(viewReader, string(x.Subject), s.Registration, d.ID), nil)
	}
	for _, id := range s.ReliedOn(d) {
		b.set(key(viewReader, string(domain.SubjectOf(domain.KindAttester, id)), s.Registration, d.ID), nil)
	}
}

// The batch as a source of facts: states with this batch's entries folded in.
var _ states = (*batch)(nil)

func (b *batch) standing(id string) (*domain.Standing, error) {
	f, err := b.load(domain.SubjectOf(domain.KindRegistration, id))
	if err != nil || f.head().Version == 0 {
		return nil, err
	}
	return &f.registration.State, nil
}

func (b *batch) cohort(id string) (*domain.Cohort, error) {
	f, err := b.load(domain.SubjectOf(domain.KindCohort, id))
	if err != nil || f.head().Version == 0 {
		return nil, err
	}
	return &f.cohort.State, nil
}

func (b *batch) attester(id string) (*domain.Attester, error) {
	f, err := b.load(domain.SubjectOf(domain.KindAttester, id))
	if err != nil || f.head().Version == 0 {
		return nil, err
	}
	return &f.attester.State, nil
}

func (b *batch) line(id string) (*domain.ProgrammeLine, error) {
	f, err := b.load(domain.SubjectOf(domain.KindProgramme, id))
	if err != nil || f.head().Version == 0 {
		return nil, err
	}
	return &f.line.State, nil
}

func (b *batch) programme(digest string) (*programme.Programme, error) {
	if p := b.published[digest]; p != nil {
		return p, nil
	}
	return b.before.programme(digest)
}

func (b *batch) recorded(subject domain.Subject) (time.Time, error) {
	f, err := b.load(subject)
	if err != nil {
		return time.Time{}, err
	}
	return f.recorded(), nil
}

// registrationsOf lists a person's registrations, in order.
func (b *batch) registrationsOf(person string) ([]string, error) {
	if ids, ok := b.siblings[person]; ok {
		return ids, nil
	}
	ids, ok := b.store.folder.siblings.get(person)
	if !ok {
		var err error
		if ids, err = b.before.registrationsOf(person); err != nil {
			return nil, damaged(err)
		}
	}
	b.siblings[person] = ids
	return ids, nil
}

// join adds a registration to its person's.
func (b *batch) join(person, registration string) error {
	ids, err := b.registrationsOf(person)
	if err != nil {
		return err
	}
	if at, found := slices.BinarySearch(ids, registration); !found {
		b.siblings[person] = slices.Insert(slices.Clone(ids), at, registration)
	}
	return nil
}

// entryRows writes the entry copies.
func (b *batch) entryRows(items []*item) {
	var room [2 * binary.MaxVarintLen64]byte
	for _, it := range items {
		b.latest = max(b.latest, it.entry.Recorded.UnixMilli())
		subject, payload := it.stored.Subject, it.stored.Payload
		head := binary.AppendUvarint(binary.AppendVarint(room[:0], b.latest), uint64(len(subject)))
		row := b.rows.SetDeferred(1+sequenceLength, len(head)+len(subject)+len(payload))
		row.Key[0] = viewEntry
		binary.BigEndian.PutUint64(row.Key[1:], it.stored.Sequence)
		n := copy(row.Value, head)
		n += copy(row.Value[n:], subject)
		copy(row.Value[n:], payload)
		b.note(row.Finish())
	}
}

// timelineRows writes where each touched subject has entries.
func (b *batch) timelineRows() {
	for _, f := range b.touched {
		for _, sequence := range f.sequences {
			row := b.rows.SetDeferred(1+len(f.subject)+1+sequenceLength, 0)
			row.Key[0] = viewTimeline
			n := 1 + copy(row.Key[1:], f.subject)
			row.Key[n] = 0
			binary.BigEndian.PutUint64(row.Key[n+1:], sequence)
			b.note(row.Finish())
		}
	}
}

// note keeps the first error.
func (b *batch) note(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *batch) countRows() {
	for eventType, change := range b.types {
		b.count(keyCountEntries(eventType), change)
	}
	for of, change := range b.states {
		b.count(keyCountStates(of.programme, of.state), change)
	}
}

func (b *batch) count(key []byte, change int64) {
	if change == 0 {
		return
	}
	counts := b.store.folder.counts
	n := int64(counts[string(key)]) + change
	switch {
	case n < 0:
		panic(fmt.Sprintf("projections: a count of %d", n))
	case n == 0:
		delete(counts, string(key))
		b.delete(key)
	default:
		counts[string(key)] = uint64(n)
		b.set(key, putNumber(uint64(n)))
	}
}

func (b *batch) commandRows() {
	var value []byte
	for _, id := range slices.Sorted(maps.Keys(b.commands)) {
		value = pack(value[:0], b.commands[id])
		b.set(key(viewCommand, id), value)
	}
}

func (b *batch) tokenRows() error {
	if len(b.tokens) == 0 {
		return nil
	}
	f, err := b.load(domain.SystemSubject)
	if err != nil {
		return err
	}
	for i := range f.system.State.Tokens {
		if t := &f.system.State.Tokens[i]; b.tokens[t.ID] {
			b.set(key(viewToken, t.Hash), pack(nil, t))
		}
	}
	return nil
}
