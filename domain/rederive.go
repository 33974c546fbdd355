package domain

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// Errors of deriving a decision again, beside a *Difference.
var (
	// ErrNoRecord: the entry is no decision, or one without a record.
	ErrNoRecord = errors.New("the entry holds no decision with a record")

	// ErrUnknownEngine: the decision was taken by rules of reviewing that this
	// program does not contain.
	ErrUnknownEngine = errors.New("the decision was reviewed by an engine that is not known here")

	// ErrCut: what the record says it considered is not what there was.
	ErrCut = errors.New("the record's cut is not what the entries come to")
)

// Difference is the first place in which a decision derived again is not the
// one recorded. Path names it from the event's data on, like
// record/trace/3/verdict.
type Difference struct {
	Path     string
	Recorded string // JSON; empty where there is no such place
	Derived  string // JSON; empty where there is no such place
}

func (d *Difference) Error() string { return d.Path + ": " + d.What() }

// What tells both sides, without the place.
func (d *Difference) What() string {
	return fmt.Sprintf("recorded is %s, derived is %s", cmp.Or(d.Recorded, "nothing"), cmp.Or(d.Derived, "nothing"))
}

// Past is where the states that a decision looked at are found, each as it was
// after some version of its subject. A state that is not to be had is an error.
// Nobody changes what it gives.
type Past interface {
	// Registration is the standing after a version, with the entries that it is
	// folded from.
	Registration(id string, version uint64) (*Standing, []Entry, error)
	Cohort(id string, version uint64) (*Cohort, error)
	Attester(id string, version uint64) (*Attester, error)
	Programme(digest string) (*programme.Programme, error)
}

// FactsOfCut is what a decision could look at, put together from what its record
// says it looked at. It is ErrCut where the states are not those that were read,
// where one was read twice, or where the registration names a cohort that was not
// read.
func FactsOfCut(r *Record, past Past) (Facts, error) {
	id := r.Decided.Registration
	s, entries, err := past.Registration(id, r.Cut.Version)
	if err != nil {
		return Facts{}, err
	}
	if s.Head != (Head{Version: r.Cut.Version, Sequence: r.Cut.Sequence, Hash: r.Cut.Hash}) {
		return Facts{}, fmt.Errorf("%w: version %d of registration/%s", ErrCut, r.Cut.Version, id)
	}
	f := Facts{Standing: s, Entries: entries, Reads: r.Cut.Reads, EngineHash: r.EngineHash}
	digest := s.Pin.Digest
	if s.Pin.ByDay() {
		digest = r.Programme.Digest // in force on its day, which the decision's command holds
	}
	if f.Programme, err = past.Programme(digest); err != nil {
		return Facts{}, err
	}
	if err := f.addPeriodRules(r, past); err != nil {
		return Facts{}, err
	}
	seen := map[Subject]bool{SubjectOf(KindRegistration, id): true}
	for _, read := range r.Cut.Reads {
		if seen[read.Subject] {
			return Facts{}, fmt.Errorf("%w: a subject was read twice", ErrCut)
		}
		seen[read.Subject] = true
		if err := f.addRead(read, past); err != nil {
			return Facts{}, err
		}
	}
	if s.Cohort != "" && f.Cohort == nil {
		return Facts{}, fmt.Errorf("%w: the registration's cohort was not read", ErrCut)
	}
	return f, f.checkAttesters(r.Decided.By.attester())
}

// checkAttesters holds that the attesters read are those assigned, in order, the
// one who decides, and some on whose word evidence or an earlier decision rests.
func (f Facts) checkAttesters(decider string) error {
	others := append(f.Standing.Relied(), decider)
	assigned := map[string]bool{}
	for _, a := range f.Standing.Attesters {
		assigned[a.Attester] = true
	}
	if f.Cohort != nil {
		for _, a := range f.Cohort.Attesters {
			assigned[a.Attester] = true
		}
	}
	for i, a := range f.Attesters {
		if !assigned[a.ID] && !slices.Contains(others, a.ID) || i > 0 && f.Attesters[i-1].ID >= a.ID {
			return fmt.Errorf("%w: the attesters read are not those assigned, each once and in order", ErrCut)
		}
		delete(assigned, a.ID)
	}
	if len(assigned) > 0 {
		return fmt.Errorf("%w: an attester assigned was not read", ErrCut)
	}
	return nil
}

// addRead adds a state that was read.
func (f *Facts) addRead(read Read, past Past) error {
	var (
		head Head
		err  error
		id   = read.Subject.ID()
	)
	switch kind := read.Subject.Kind(); {
	case kind == KindCohort && id == f.Standing.Cohort:
		if f.Cohort, err = past.Cohort(id, read.Version); err == nil {
			head = f.Cohort.Head
		}
	case kind == KindAttester:
		var a *Attester
		if a, err = past.Attester(id, read.Version); err == nil {
			head, f.Attesters = a.Head, append(f.Attesters, a)
		}
	case kind == KindRegistration:
		var s *Standing
		if s, _, err = past.Registration(id, read.Version); err != nil {
			break
		}
		head = s.Head
		if s.Person != f.Standing.Person {
			return fmt.Errorf("%w: %s is another person's", ErrCut, read.Subject)
		}
		var p *programme.Programme
		if p, err = past.Programme(s.Pin.Digest); err == nil {
			f.Others = append(f.Others, s.AsOthers(p)...)
		}
	default:
		return fmt.Errorf("%w: a decision does not look at %s", ErrCut, read.Subject)
	}
	if err != nil {
		return err
	}
	if head != (Head{Version: read.Version, Sequence: read.Sequence, Hash: read.Hash}) {
		return fmt.Errorf("%w: version %d of %s", ErrCut, read.Version, read.Subject)
	}
	return nil
}

// Rederive takes a decision anew from the facts that it was taken on, by the
// same command of the same person at the same time, and compares what comes of
// it with the entry as it was stored. Nil means identical: it was allowed, and
// every node of its record is derived alike. Otherwise the error is a
// *Difference, the *Refusal that the command meets, ErrNoRecord or
// ErrUnknownEngine.
//
// What is sealed is not looked at: no rule reads it.
func Rederive(e Entry, payload []byte, f Facts) error {
	recorded, ok := e.Event.(*DecisionRecorded)
	if !ok || recorded.Record == nil {
		return ErrNoRecord
	}
	r := recorded.Record
	if r.Form != recordForm || r.Engine != EngineVersion {
		return ErrUnknownEngine
	}
	if !slices.Equal(recorded.Reads, r.Cut.Reads) {
		return &Difference{Path: "reads", Recorded: "other subjects than the record's", Derived: "those of the record's cut"}
	}
	derived, err := takeAgain(e, recorded, f)
	if err != nil {
		return err
	}
	if err := r.unlisted(derived.Record); err != nil {
		return err
	}
	derived.Common = recorded.Common
	again, err := encodeData(derived)
	if err != nil {
		return fmt.Errorf("encode the derived decision: %w", err)
	}
	was, err := dataOf(payload)
	if err != nil {
		return err
	}
	if sameApartFromDigest(was, again, r.Digest) && r.Digest == digestOf(recordIn(again)) {
		return nil
	}
	derived.Record.Digest = derived.Record.digest()
	if again, err = encodeData(derived); err != nil {
		return fmt.Errorf("encode the derived decision: %w", err)
	}
	return firstDifference(was, again)
}

// takeAgain carries out a decision's own command. The record that comes of it
// has no digest yet.
func takeAgain(e Entry, recorded *DecisionRecorded, f Facts) (*DecisionRecorded, error) {
	command, err := commandOf(e, recorded)
	if err != nil {
		return nil, err
	}
	f.undigested = true
	events, err := command.Decide(f)
	if err != nil {
		return nil, err
	}
	if len(events) == 0 {
		return nil, &Difference{Path: "", Recorded: "a decision", Derived: "nothing to decide"}
	}
	last := events[len(events)-1] // after the pin that it comes with, if any
	derived, ok := last.(*DecisionRecorded)
	if !ok {
		return nil, &Difference{Path: "", Recorded: "a decision", Derived: last.Type()}
	}
	return derived, nil
}

// How a decision's data ends and where its record begins, as they are encoded:
// nothing comes after the record, and nothing in it after its digest.
const (
	recordBegin = `,"record":`
	digestBegin = `"digest":"`
	digestEnd   = `"}}`
)

// sameApartFromDigest compares stored data with derived data that lacks the
// record's digest.
func sameApartFromDigest(was, again []byte, digest string) bool {
	bare, ok := bytes.CutSuffix(again, []byte(digestBegin+digestEnd))
	if !ok || len(was) != len(again)+len(digest) || !bytes.HasPrefix(was, bare) {
		return false
	}
	return string(was[len(bare):]) == digestBegin+digest+digestEnd
}

// recordIn is the record in derived data.
func recordIn(data []byte) []byte {
	_, record, _ := bytes.Cut(data, []byte(recordBegin))
	return bytes.TrimSuffix(record, []byte("}"))
}

// dataOf is the event's data in a stored entry, byte for byte.
func dataOf(payload []byte) ([]byte, error) {
	if env, ok := asEncoded(payload); ok {
		return env.Data, nil
	}
	var env Envelope
	if err := json.Unmarshal(payload, &env); err != nil {
		return nil, errors.New("the entry is not JSON")
	}
	return env.Data, nil
}

// commandOf is the command that a decision's entry came of. Texts are sealed;
// that there was one is all that rules ask.
func commandOf(e Entry, v *DecisionRecorded) (Command, error) {
	act := Act{At: e.Time, By: e.Actor, Role: e.ActorRole, Command: e.CommandID}
	registration := e.Subject.ID()
	text := ""
	if len(v.Sealed) > 0 {
		text = "sealed"
	}
	switch v.Act {
	case ActGrant, ActRenew:
		c := Grant{
			Act: act, Registration: registration, Decision: v.Decision, Award: v.Award, Track: v.Track, Period: v.Period, Level: v.Level,
			Reason: v.Reason, Text: text,
		}
		if v.Denied != nil {
			c.Clause, c.Reason = v.Denied.Clause, v.Denied.Reason
		}
		return c, nil
	case ActDeny:
		c := Deny{
			Act: act, Registration: registration, Decision: v.Decision, Award: v.Award, Track: v.Track, Period: v.Period, Level: v.Level, Text: text,
		}
		if v.Denied != nil {
			c.Clause, c.Reason = v.Denied.Clause, v.Denied.Reason
		}
		return c, nil
	case ActSuspend:
		return Suspend{
			Act: act, Registration: registration, Decision: v.Decision, Award: v.Award, Track: v.Track, Period: v.Period, Reason: v.Reason, Text: text,
		}, nil
	case ActReinstate:
		return Reinstate{
			Act: act, Registration: registration, Decision: v.Decision, Award: v.Award, Track: v.Track, Period: v.Period, Reason: v.Reason, Text: text,
		}, nil
	case ActExtend:
		return ExtendGrant{Act: act, Registration: registration, Decision: v.Decision, Award: v.Award, Track: v.Track, Reason: v.Reason, Text: text}, nil
	case ActAcceptSurrender:
		return AcceptSurrender{Act: act, Registration: registration, Decision: v.Decision, Award: v.Award, Reason: v.Reason, Text: text}, nil
	case ActRevoke:
		if v.Proposed == nil {
			return nil, refuse("needs-another-person", "A revocation takes two people, and this one was proposed by nobody.")
		}
		return ApproveProposal{Act: act, Registration: registration, Proposal: v.Proposed.Proposal}, nil
	}
	return nil, ErrUnknownEngine
}

// firstDifference compares two JSON texts node by node, objects in the order of
// their keys. Nil means that they say the same.
func firstDifference(recorded, derived []byte) error {
	was, err := readTree(recorded)
	if err != nil {
		return err
	}
	is, err := readTree(derived)
	if err != nil {
		return err
	}
	if d := compareNodes("", was, is); d != nil {
		return d
	}
	return nil
}

func readTree(b []byte) (any, error) {
	in := json.NewDecoder(bytes.NewReader(b))
	in.UseNumber()
	var v any
	if err := in.Decode(&v); err != nil {
		return nil, errors.New("the decision is not JSON")
	}
	return v, nil
}

func compareNodes(path string, was, is any) *Difference {
	a, aMap := was.(map[string]any)
	b, bMap := is.(map[string]any)
	x, xList := was.([]any)
	y, yList := is.([]any)
	switch {
	case aMap && bMap:
		return compareObjects(path, a, b)
	case xList && yList:
		for i := range max(len(x), len(y)) {
			if d := compareNodes(fmt.Sprintf("%s/%d", path, i), at(x, i), at(y, i)); d != nil {
				return d
			}
		}
		return nil
	case !aMap && !bMap && !xList && !yList && was == is:
		return nil
	}
	if len(path) > 0 {
		path = path[1:]
	}
	return &Difference{Path: path, Recorded: shortJSON(was), Derived: shortJSON(is)}
}

func compareObjects(path string, a, b map[string]any) *Difference {
	keys := make([]string, 0, len(a)+len(b))
	for k := range a { // order-free: sorted below
		keys = append(keys, k)
	}
	for k := range b { // order-free: sorted below
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range slices.Compact(keys) {
		if d := compareNodes(path+"/"+k, memberOf(a, k), memberOf(b, k)); d != nil {
			return d
		}
	}
	return nil
}

// absent stands for a member or an element that is not there, which null is.
type absent struct{}

func memberOf(object map[string]any, key string) any {
	if v, ok := object[key]; ok {
		return v
	}
	return absent{}
}

func at(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return absent{}
}

// differenceMax is the longest value that a Difference repeats, in bytes.
const differenceMax = 120

func shortJSON(v any) string {
	if v == (absent{}) {
		return ""
	}
	b, err := encodeJSON(v)
	if err != nil {
		return "?"
	}
	if len(b) > differenceMax {
		return string(bytes.ToValidUTF8(b[:differenceMax], nil)) + "…"
	}
	return string(b)
}
