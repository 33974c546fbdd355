package domain

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
)

// An office is a whole ledger in memory. Commands go through it as they go
// through the server: facts are loaded, the command decides, and what it
// answers is sealed away, encoded, decoded and folded.
type office struct {
	t             *testing.T
	now           time.Time
	system        *System
	registrations map[string]*Standing
	cohorts       map[string]*Cohort
	attesters     map[string]*Attester
	lines         map[string]*ProgrammeLine
	persons       map[string]*Person
	rules         map[string]*programme.Programme // by digest
	entries       []Entry
	payloads      [][]byte // of the entries
	commands      int
	last          []Event // what the latest command answered
}

const (
	ida     = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	ben     = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	aPeers  = "peerworks-core-essentials"
	aHash   = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	anEmail = "ida@example.org"
)

func newOffice(t *testing.T) *office {
	return &office{
		t: t, now: day("2026-03-01"), system: &System{},
		registrations: map[string]*Standing{}, cohorts: map[string]*Cohort{}, attesters: map[string]*Attester{},
		lines: map[string]*ProgrammeLine{}, persons: map[string]*Person{}, rules: map[string]*programme.Programme{},
	}
}

// day is noon of a day, four hours behind UTC.
func day(d Date) time.Time {
	at, err := time.ParseInLocation("2006-01-02T15:04", string(d)+"T12:00", time.FixedZone("", -4*3600))
	if err != nil {
		panic(err)
	}
	return at
}

func (o *office) act(by Actor, role string) Act {
	o.commands++
	return Act{At: o.now, By: by, Role: role, Command: fmt.Sprintf("command-%d", o.commands)}
}

func (o *office) staff() Act                  { return o.act("staff/jo", RoleRegistrar) }
func (o *office) certifier() Act              { return o.act("staff/cleo", RoleCertifier) }
func (o *office) coordinator() Act            { return o.act("staff/cora", RoleCoordinator) }
func (o *office) trainer() Act                { return o.act(AttesterActor("tom"), RoleTrainer) }
func (o *office) supervisor() Act             { return o.act(AttesterActor("sue"), RoleSupervisor) }
func (o *office) self() Act                   { return o.act(PersonActor(ida), RoleParticipant) }
func (o *office) on(d Date) *office           { o.now = day(d); return o }
func of[T any](m map[string]*T, id string) *T { return m[id] }
func anew[T any](m map[string]*T, id string) *T {
	if m[id] == nil {
		m[id] = new(T)
	}
	return m[id]
}

func (o *office) facts(c Command) Facts {
	s := c.Subject()
	f := Facts{}
	person := ""
	switch s.Kind() {
	case KindSystem:
		f.System = o.system
	case KindRegistration:
		f.Standing = of(o.registrations, s.ID())
		if f.Standing.Exists() {
			f.Programme, f.Cohort, person = o.rules[f.Standing.Pin.Digest], of(o.cohorts, f.Standing.Cohort), f.Standing.Person
			for _, e := range o.entries {
				if e.Subject == s {
					f.Entries = append(f.Entries, e)
				}
			}
			if f.Cohort != nil {
				o.reads(&f, SubjectOf(KindCohort, f.Cohort.ID), f.Cohort.Head)
			}
		}
	case KindCohort:
		if f.Cohort = of(o.cohorts, s.ID()); f.Cohort != nil {
			f.Line = of(o.lines, f.Cohort.Programme)
		}
	case KindProgramme:
		f.Line = of(o.lines, s.ID())
	case KindAttester:
		f.Attester = of(o.attesters, s.ID())
	case KindPerson:
		f.Person, person = of(o.persons, s.ID()), s.ID()
	}
	if n, ok := c.(Naming); ok {
		for _, name := range n.Names() {
			switch name.Kind() {
			case KindCohort:
				if f.Standing.Exists() {
					f.Elsewhere = of(o.cohorts, name.ID())
				} else if f.Cohort = of(o.cohorts, name.ID()); f.Cohort != nil {
					f.Line = of(o.lines, f.Cohort.Programme)
				}
			case KindProgramme:
				f.Line = of(o.lines, name.ID())
			case KindAttester:
				f.Attester = of(o.attesters, name.ID())
			case KindPerson:
				person = name.ID()
			}
		}
	}
	if f.Programme == nil && f.Line != nil {
		if v, ok := f.Line.InForce(DateOf(ActOf(c).At)); ok {
			f.Programme = o.rules[v.Digest]
		}
	}
	for _, id := range slices.Sorted(maps.Keys(o.attesters)) {
		if a := o.attesters[id]; !f.Standing.Exists() || f.everAssigned(id) || ActOf(c).By.attester() == id {
			f.Attesters = append(f.Attesters, a)
			o.reads(&f, SubjectOf(KindAttester, id), a.Head)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(o.registrations)) {
		if x := o.registrations[id]; person != "" && x.Person == person && id != s.ID() {
			f.Others = append(f.Others, x.AsOthers(o.rules[x.Pin.Digest])...)
			o.reads(&f, SubjectOf(KindRegistration, id), x.Head)
		}
	}
	return f
}

// reads takes note of a state in the facts of a registration.
func (o *office) reads(f *Facts, s Subject, h Head) {
	if f.Standing.Exists() {
		f.Reads = append(f.Reads, Read{Subject: s, Version: h.Version, Sequence: h.Sequence, Hash: h.Hash})
	}
}

// everAssigned reports whether an attester is, or was, the registration's or its
// cohort's.
func (f Facts) everAssigned(id string) bool {
	all := slices.Clone(f.Standing.Attesters)
	if f.Cohort != nil {
		all = append(all, f.Cohort.Attesters...)
	}
	return slices.ContainsFunc(all, func(a Assignment) bool { return a.Attester == id })
}

// do decides and records, and answers with the types of what was recorded.
func (o *office) do(c Command) (string, error) {
	f := o.facts(c)
	before := snapshot(f)
	events, err := c.Decide(f)
	require.Equal(o.t, before, snapshot(f), "deciding changes no state")
	o.probe(c, f)
	if err != nil {
		require.Empty(o.t, events)
		return "", err
	}
	o.last = events
	var types []string
	for i, e := range events {
		if len(f.Reads) > 0 {
			CommonOf(e).Reads = f.Reads
		}
		o.store(c, i, e)
		types = append(types, e.Type())
	}
	o.rederive()
	return strings.Join(types, " "), nil
}

// snapshot is the states among the facts, as text.
func snapshot(f Facts) string {
	b, err := encodeJSON([]any{f.Standing, f.Cohort, f.Elsewhere, f.Line, f.Attester, f.Person, f.System, f.Others})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// probe tries a command again with a sentence in each of its text fields, one
// at a time: it is refused without repeating it, or sealed, or not kept; it
// never stands in the clear.
func (o *office) probe(c Command, f Facts) {
	const canary = "CANARY \"said\" so"
	v := reflect.New(reflect.TypeOf(c)).Elem()
	v.Set(reflect.ValueOf(c))
	eachText(v, func(name string, field reflect.Value) {
		if name == "Rules" || name == "Command" {
			return // rules are public, and a command's id is a keyed hash
		}
		was := field.String()
		field.SetString(canary)
		events, err := v.Interface().(Command).Decide(f)
		field.SetString(was)
		if err != nil {
			require.NotContains(o.t, err.Error(), "CANARY", "%T.%s", c, name)
		}
		for _, e := range events {
			data, err := encodeData(e)
			require.NoError(o.t, err)
			require.NotContains(o.t, string(data), "CANARY", "%T.%s", c, name)
		}
	})
}

// eachText calls f for every text in a command, those in lists and tables too.
func eachText(v reflect.Value, f func(name string, field reflect.Value)) {
	var walk func(name string, v reflect.Value)
	walk = func(name string, v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			f(name, v)
		case reflect.Slice:
			was := v.Interface()
			v.Set(reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v)) // its own copy
			for i := range v.Len() {
				walk(name, v.Index(i))
			}
			v.Set(reflect.ValueOf(was))
		case reflect.Map:
			was := v.Interface()
			for _, k := range v.MapKeys() {
				x := reflect.New(v.Type().Elem()).Elem()
				x.Set(v.MapIndex(k))
				own := reflect.MakeMap(v.Type())
				for _, other := range v.MapKeys() {
					own.SetMapIndex(other, v.MapIndex(other))
				}
				own.SetMapIndex(k, reflect.ValueOf("CANARY \"said\" so"))
				v.Set(own)
				f(name, x)
				v.Set(reflect.ValueOf(was))
			}
		case reflect.Struct:
			if v.Type() == reflect.TypeFor[time.Time]() {
				return
			}
			for i := range v.NumField() {
				walk(v.Type().Field(i).Name, v.Field(i))
			}
		}
	}
	walk("", v)
}

func (o *office) store(c Command, i int, e Event) {
	a, s := ActOf(c), c.Subject()
	clear := *CommonOf(e)
	CommonOf(e).Personal = nil
	for g := range clear.Personal { // order-free: a set
		if CommonOf(e).Sealed == nil {
			CommonOf(e).Sealed = map[Group]Sealed{}
		}
		CommonOf(e).Sealed[g] = Sealed{Key: "k", Generation: 1, Commitment: "c", Value: "s"}
	}
	head := Head{}
	for _, x := range o.entries {
		if x.Subject == s {
			head.Version, head.Hash = x.Version, x.Hash
		}
	}
	payload, err := Encode(e, Header{
		Ledger: "test", Subject: s, Time: a.At, Recorded: a.At.UTC(), Version: head.Version + 1, Previous: head.Hash,
		Nonce: "n", Actor: a.By, ActorRole: a.Role, CommandID: a.Command, CommandHash: "h", Index: i,
	})
	require.NoError(o.t, err)
	CommonOf(e).Personal, CommonOf(e).Sealed = clear.Personal, clear.Sealed
	for g, values := range clear.Personal { // order-free: each is looked at alone
		require.Contains(o.t, Groups(), g)
		for _, v := range values { // order-free: each is looked at alone
			require.NotContains(o.t, string(payload), v, "what is sealed does not stand in the clear as well")
		}
	}
	entry, err := Decode(uint64(len(o.entries)+1), payload)
	require.NoError(o.t, err)
	o.entries, o.payloads = append(o.entries, entry), append(o.payloads, payload)
	switch s.Kind() {
	case KindSystem:
		o.system.Apply(entry)
	case KindRegistration:
		anew(o.registrations, s.ID()).Apply(entry)
	case KindCohort:
		anew(o.cohorts, s.ID()).Apply(entry)
	case KindProgramme:
		anew(o.lines, s.ID()).Apply(entry)
		if x, ok := entry.Event.(*ProgrammePublished); ok {
			p, err := programme.Parse([]byte(x.Rules))
			require.NoError(o.t, err)
			o.rules[x.Digest] = p
		}
	case KindAttester:
		anew(o.attesters, s.ID()).Apply(entry)
	case KindPerson:
		anew(o.persons, s.ID()).Apply(entry)
	}
}

func (o *office) must(commands ...Command) *office {
	o.t.Helper()
	for _, c := range commands {
		got, err := o.do(c)
		require.NoError(o.t, err, "%T", c)
		require.NotEmpty(o.t, got, "%T recorded nothing", c)
	}
	return o
}

func (o *office) assess() Assessment {
	s := o.registrations["r1"]
	c := GiveNotice{Act: o.staff(), Registration: "r1"}
	return Assess(o.rules[s.Pin.Digest], o.facts(c), o.now)
}

func (o *office) openProposal(of []Proposal) string {
	for _, p := range of {
		if p.Closed == "" {
			return p.ID
		}
	}
	o.t.Fatal("no open proposal")
	return ""
}

func (o *office) rulesOf(t *testing.T) string {
	b, err := os.ReadFile("programmes/" + aPeers + ".yaml")
	require.NoError(t, err)
	return string(b)
}

func (o *office) publish(id, rules string) *office {
	o.must(ProposeProgramme{Act: o.act("staff/ann", RoleAuthor), Programme: id, Rules: rules})
	return o.must(PublishProgramme{Act: o.certifier(), Programme: id, Proposal: o.openProposal(o.lines[id].Proposals)})
}

// full is a complete registration.
func (o *office) full(id, person, cohort string) SubmitRegistration {
	return SubmitRegistration{
		Act: o.staff(), Registration: id, Person: person, Cohort: cohort,
		Fields: map[string]string{
			"first-name": "Ida", "last-name": "Nowak", "email": anEmail, "phone": "+1 416 555 0100", "address": "1 Main St",
			"city": "Toronto", "province": "ON", "postal-code": "k1a 0b1", "lived-experience": "both", "accessibility-request": "Captions,\nplease.",
		},
		Accepted: []Accept{{Text: "expectations", Version: "2026.1", Hash: aHash}},
	}
}

// school is an office with a programme, two cohorts and their people. Cohort
// c1 has a class every day from 20 April on at 18:00, c2 from 1 April on.
func school(t *testing.T) *office {
	o := newOffice(t)
	o.must(CreateLedger{Act: o.act("system/init", RoleSystem), Ledger: "l1"})
	o.publish(aPeers, o.rulesOf(t))
	for _, x := range []struct {
		cohort string
		first  Date
	}{{"c1", "2026-04-20"}, {"c2", "2026-04-01"}} {
		o.must(OpenCohort{Act: o.staff(), Cohort: x.cohort, Code: x.cohort + "-evening", Programme: aPeers})
		for i := range 17 {
			starts := day(x.first).AddDate(0, 0, i).Add(6 * time.Hour)
			n := fmt.Sprint(i + 1)
			o.must(ScheduleSession{Act: o.staff(), Cohort: x.cohort, Session: n, Module: n, Starts: starts, Ends: starts.Add(2 * time.Hour)})
		}
	}
	for _, x := range []string{"tom", "tia", "sue", "abe"} {
		o.must(RegisterAttester{Act: o.staff(), Attester: x, What: AttesterPerson, Name: "Somebody Someone"})
	}
	o.must(RegisterAttester{Act: o.staff(), Attester: "ida-too", What: AttesterPerson, Name: "Ida Nowak", Person: ida})
	for _, x := range []string{"tom", "tia"} {
		o.must(AssignAttester{Act: o.staff(), On: SubjectOf(KindCohort, "c1"), Attester: x, As: RoleTrainer})
	}
	return o
}

// registered is school with Ida registered in c1, and sue as her supervisor.
func registered(t *testing.T) *office {
	o := school(t).on("2026-04-10")
	o.must(o.full("r1", ida, "c1"))
	return o.must(AssignAttester{Act: o.staff(), On: SubjectOf(KindRegistration, "r1"), Attester: "sue", As: RoleSupervisor, Relation: RelationNone})
}

// trained is registered after all classes, attended except for those named.
func trained(t *testing.T, except ...string) *office {
	o := registered(t).on("2026-05-10")
	for _, s := range o.cohorts["c1"].Sessions {
		status := Present
		if slices.Contains(except, s.ID) {
			status = Absent
		}
		o.must(MarkAttendance{Act: o.trainer(), Registration: "r1", Session: s.ID, Status: status})
	}
	return o.on("2026-05-11")
}

func (o *office) judge(answer string) RecordJudgement {
	return RecordJudgement{Act: o.trainer(), Registration: "r1", Question: "evaluation", Answer: answer}
}

// recommended is trained with the trainers' 1R, and both say so.
func recommended(t *testing.T, except ...string) *office {
	o := trained(t, except...)
	c := o.judge("level-1r")
	c.Consensus = true
	return o.must(c).on("2026-05-12")
}

// graduated is recommended with level-1r granted.
func graduated(t *testing.T, except ...string) *office {
	o := recommended(t, except...)
	level := "level-1r"
	if slices.Contains(except, "6") {
		level = "level-1"
	}
	return o.must(Grant{Act: o.certifier(), Registration: "r1", Level: level}).on("2026-05-13")
}

func (o *office) hours(id string, minutes int64, from, until Date) RecordEvidence {
	return RecordEvidence{Act: o.self(), Registration: "r1", Evidence: id, Fact: Fact{
		Kind: "hours", Category: "one-to-one", Quantity: &minutes, Unit: UnitMinute, From: from, Until: until,
	}}
}

// complete is graduated with the whole practicum.
func complete(t *testing.T) *office {
	o := graduated(t)
	o.must(FileSubmission{Act: o.self(), Registration: "r1", Submission: "p1", Kind: "practicum-plan", Text: "A plan."})
	o.must(AnswerSubmission{Act: o.coordinator(), Registration: "r1", Submission: "p1", Answer: "approved"})
	for i := range int64(5) {
		o.now = o.now.AddDate(0, 0, 1)
		id := fmt.Sprintf("h%d", i+1)
		o.must(o.hours(id, 600, "", ""), SignEvidence{Act: o.supervisor(), Registration: "r1", Evidence: id})
		o.must(RecordEvidence{Act: o.self(), Registration: "r1", Fact: Fact{Kind: "report", Number: i + 1}, Narrative: "Went well."})
		o.must(RecordJudgement{Act: o.supervisor(), Registration: "r1", Question: "interval-evaluation", Number: i + 1, Answer: "satisfactory", Narrative: "Good."})
	}
	o.now = o.now.AddDate(0, 0, 1)
	return o
}

// reasonsSeen are the reasons that any refusal of this test had.
var reasonsSeen = map[string]bool{}

// says decides a command and compares the answer: event types, "nothing", or
// "refused " and the reason.
func (o *office) says(want string, c Command) *office {
	o.t.Helper()
	got, err := o.do(c)
	switch r := (*Refusal)(nil); {
	case errors.As(err, &r):
		reasonsSeen[r.Reason] = true
		got = "refused " + r.Reason
		require.Contains(o.t, Reasons(), r.Reason)
		require.NotContains(o.t, r.Error(), "CANARY")
		require.NotContains(o.t, r.Error(), "canary")
		require.NotContains(o.t, strings.ToLower(r.Detail), "fail")
		require.Regexp(o.t, `[.]$`, r.Detail, "a whole sentence")
		require.NotContains(o.t, r.Detail, "%!", "every verb has its word")
	case err != nil:
		require.NoError(o.t, err)
	case got == "":
		got = "nothing"
	}
	require.Equal(o.t, want, got, "%T: %v", c, err)
	return o
}
