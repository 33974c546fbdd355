package domain

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
)

const pinRules = `programme: pier-watch
version: 1
title: Pier watch
valid: {from: 2026-01-01}
pinned-by: MODE
time-zone: UTC
parameters:
  hours: {is: 10 h, stricter: higher}
awards:
  watch: {levels: [not-yet, watch]}
submissions:
  application: {answers: [returned, accepted], answered-by: staff}
requirements:
  applied:
    says: The application is filed.
    submission: application
    is: filed
    otherwise: not-yet
  hours:
    says: So many hours on the pier.
    sum: hours
    at-least: hours
    otherwise: not-yet
`

// pier is a programme in versions, a registration pinned to the first of them,
// and what a command on it may look at.
type pier struct {
	t        *testing.T
	line     *ProgrammeLine
	versions []*programme.Programme
	s        *Standing
	entries  []Entry
	payloads [][]byte
	sequence uint64
}

func pierOf(t *testing.T, mode string, changes ...[]string) *pier {
	t.Helper()
	p := &pier{t: t, line: &ProgrammeLine{ID: "pier-watch"}}
	for _, change := range append([][]string{nil}, changes...) {
		src := strings.Replace(pinRules, "MODE", mode, 1)
		for i := 0; i < len(change); i += 2 {
			require.Contains(t, src, change[i])
			src = strings.Replace(src, change[i], change[i+1], 1)
		}
		rules, err := ReadProgramme([]byte(src))
		require.NoError(t, err)
		p.versions = append(p.versions, rules)
		p.line.Versions = append(p.line.Versions, Published{Version: rules.Version, Digest: rules.Digest, From: Date(rules.Valid.From), Until: Date(rules.Valid.Until)})
	}
	p.does("2026-02-01", SubmitRegistration{Registration: "r1", Person: strings.Repeat("a", 32), Programme: "pier-watch"})
	return p
}

func (p *pier) facts() Facts {
	f := Facts{Standing: p.s, Line: p.line, Versions: p.versions, Programme: p.versions[0], Entries: p.entries}
	for _, v := range p.versions {
		if p.s != nil && v.Digest == p.s.Pin.Digest {
			f.Programme = v
		}
	}
	return f
}

func onDay(day, role string, n uint64) Act {
	at, _ := time.Parse("2006-01-02", day)
	return Act{At: at.Add(9 * time.Hour), By: "staff/ann", Role: role, Command: "c-" + string(rune('a'+n))}
}

// decides is what a command answers with.
func (p *pier) decides(day string, c Command) ([]Event, error) {
	f := p.facts()
	switch x := c.(type) {
	case SubmitRegistration:
		x.Act = onDay(day, RoleRegistrar, p.sequence)
		return x.Decide(f)
	case FileSubmission:
		x.Act = onDay(day, RoleStaff, p.sequence)
		return x.Decide(f)
	case RecordEvidence:
		x.Act = onDay(day, RoleStaff, p.sequence)
		return x.Decide(f)
	case Grant:
		x.Act = onDay(day, RoleCertifier, p.sequence)
		return x.Decide(f)
	case AnswerSubmission:
		x.Act = onDay(day, RoleStaff, p.sequence)
		x.By = "staff/sam"
		return x.Decide(f)
	case ClarifyRegistration:
		x.Act = onDay(day, RoleCertifier, p.sequence)
		if v, ok := p.line.Find(x.Version); ok {
			for _, rules := range p.versions {
				if rules.Digest == v.Digest {
					f.Clarifying = rules
				}
			}
		}
		return x.Decide(f)
	}
	require.Fail(p.t, "no such act")
	return nil, nil
}

// does records what a command answers with, as stored.
func (p *pier) does(day string, c Command) []Event {
	p.t.Helper()
	events, err := p.decides(day, c)
	require.NoError(p.t, err)
	for _, e := range events {
		p.sequence++
		role := RoleStaff
		if _, ok := e.(*DecisionRecorded); ok {
			role = RoleCertifier
		}
		act := onDay(day, role, 0)
		version, previous := uint64(1), ""
		if p.s != nil {
			version, previous = p.s.Version+1, p.s.Hash
		}
		CommonOf(e).Personal = nil
		payload, err := Encode(e, Header{
			Ledger: "5f0c7a52d1e94b6c8f3a2b1c0d9e8f70", Subject: SubjectOf(KindRegistration, "r1"), Time: act.At, Recorded: act.At, Version: version, Previous: previous,
			Nonce: strings.Repeat("0", 32), Actor: act.By, ActorRole: role, CommandID: "c" + strings.Repeat("0", int(p.sequence)), CommandHash: "hmac:" + strings.Repeat("cd", 32),
		})
		require.NoError(p.t, err)
		entry, err := Decode(p.sequence, payload)
		require.NoError(p.t, err)
		if p.s == nil {
			p.s = &Standing{}
		}
		p.s.Apply(entry)
		p.entries, p.payloads = append(p.entries, entry), append(p.payloads, payload)
	}
	return events
}

func (p *pier) earned(day string) string {
	at, _ := time.Parse("2006-01-02", day)
	f := p.facts()
	return Assess(f.Programme, f, at.Add(20*time.Hour)).Awards[0].Earned
}

func pierHours(on Date, n int64) RecordEvidence {
	n *= 60
	return RecordEvidence{Registration: "r1", Fact: Fact{Kind: "hours", Quantity: &n, Unit: programme.UnitMinute, From: on, Until: on}}
}

func later(from string, more ...string) []string {
	return append([]string{"version: 1", "version: 2\nreplaces: 1", "{from: 2026-01-01}", "{from: " + from + "}"}, more...)
}

// pinStory is told with the others, for the refusals that it meets.
func pinStory(t *testing.T) {
	t.Run("application", TestTheApplicationPins)
	t.Run("decision", TestTheDecisionPins)
	t.Run("clarification", TestAClarificationReachesTheUndecided)
	t.Run("a version that clarifies nothing", TestOnlyWhatWasPublishedIsClarified)
}

func TestOnlyWhatWasPublishedIsClarified(t *testing.T) {
	src := strings.NewReplacer("MODE", PinByRegistration, "version: 1", "version: 2\nreplaces: 1\nclarifies: 1").Replace(pinRules)
	line := &ProgrammeLine{ID: "pier-watch", Versions: []Published{{Version: 1, From: "2026-01-01"}}}
	_, err := proposing("pier-watch", src).Decide(Facts{Line: line})
	require.NoError(t, err)
	_, err = proposing("pier-watch", strings.Replace(src, "version: 2\nreplaces: 1", "version: 3\nreplaces: 2", 1)).Decide(Facts{Line: &ProgrammeLine{ID: "pier-watch", Versions: []Published{{Version: 2, From: "2026-01-01"}}}})
	refusedFor(t, err, "clarifies-other", "Version 1 was never published")
}

// TestTheApplicationPins: the day on which the application was received fixes
// the version, whatever was in force at registration.
func TestTheApplicationPins(t *testing.T) {
	p := pierOf(t, PinByApplication, later("2026-03-01", "{is: 10 h", "{is: 12 h"))
	require.Equal(t, 1, p.s.Pin.Version)
	p.does("2026-02-03", pierHours("2026-02-02", 11))

	_, err := p.decides("2026-03-02", FileSubmission{Registration: "r1", Kind: "application", Received: "2025-12-31"})
	refusedFor(t, err, "not-in-force", "")

	events, err := p.decides("2026-03-02", FileSubmission{Registration: "r1", Kind: "application", Received: "2026-02-28"})
	require.NoError(t, err)
	require.Len(t, events, 1, "the postmark counts, and version 1 was in force that day")

	events = p.does("2026-03-02", FileSubmission{Registration: "r1", Kind: "application"})
	require.Len(t, events, 2)
	require.Equal(t, &RegistrationPinned{Version: 2, Digest: p.versions[1].Digest, Mode: PinByApplication, On: "2026-03-02", Why: PinnedForApplication}, events[0])
	require.Equal(t, p.versions[1].Digest, events[1].(*SubmissionFiled).Digest)
	require.Equal(t, Pin{Programme: "pier-watch", Version: 2, Digest: p.versions[1].Digest, Mode: PinByApplication, On: "2026-03-02"}, p.s.Pin)
	require.Equal(t, "not-yet", p.earned("2026-03-03"))

	p.does("2026-03-04", pierHours("2026-03-03", 1))
	require.Equal(t, "watch", p.earned("2026-03-04"))
	p.does("2026-03-05", Grant{Registration: "r1", Level: "watch"})
	p.line.Versions = p.line.Versions[:1] // as if an application under other rules came
	events = p.does("2026-03-06", FileSubmission{Registration: "r1", Kind: "application"})
	require.Len(t, events, 1, "what is granted keeps its version")
}

func TestTheRegistrationPins(t *testing.T) {
	p := pierOf(t, PinByRegistration, later("2026-03-01"))
	require.Len(t, p.does("2026-03-02", FileSubmission{Registration: "r1", Kind: "application"}), 1)
	require.Equal(t, 1, p.s.Pin.Version)
}

// TestTheDecisionPins: until it is decided a registration is judged by the
// version in force on the day; the decision pins that version and can be
// derived again.
func TestTheDecisionPins(t *testing.T) {
	p := pierOf(t, PinByDecision, later("2026-03-01", "{is: 10 h", "{is: 12 h"), []string{"version: 1", "version: 3\nreplaces: 2", "{from: 2026-01-01}", "{from: 2026-05-01}", "{is: 10 h", "{is: 20 h"})
	p.does("2026-02-03", pierHours("2026-02-02", 11))
	p.does("2026-02-04", FileSubmission{Registration: "r1", Kind: "application"})
	require.Equal(t, "watch", p.earned("2026-02-28"))
	require.Equal(t, "not-yet", p.earned("2026-03-01"))
	_, err := p.decides("2026-03-01", Grant{Registration: "r1", Level: "watch"})
	refusedFor(t, err, "not-earned", "")

	p.does("2026-03-02", pierHours("2026-03-01", 1))
	require.Equal(t, "watch", p.earned("2026-03-02"))
	events := p.does("2026-03-03", Grant{Registration: "r1", Level: "watch"})
	require.Len(t, events, 2)
	require.Equal(t, &RegistrationPinned{Version: 2, Digest: p.versions[1].Digest, Mode: PinByDecision, On: "2026-03-03", Why: PinnedForDecision}, events[0])
	record := events[1].(*DecisionRecorded).Record
	require.Equal(t, 2, record.Programme.Version)
	require.Equal(t, 2, p.s.Pin.Version)
	require.Equal(t, record.Programme, p.s.Pin)
	require.Equal(t, "not-yet", p.earned("2026-05-02"))

	f, err := FactsOfCut(record, p)
	require.NoError(t, err)
	last := len(p.entries) - 1
	require.NoError(t, Rederive(p.entries[last], p.payloads[last], f))
}

// TestAClarificationReachesTheUndecided: by somebody's act, and never to their
// disadvantage (A35).
func TestAClarificationReachesTheUndecided(t *testing.T) {
	milder := later("2026-03-01", "replaces: 1", "replaces: 1\nclarifies: 1", "{is: 10 h", "{is: 8 h")
	harder := []string{"version: 1", "version: 3\nreplaces: 2\nclarifies: 1", "{from: 2026-01-01}", "{from: 2026-03-02}", "{is: 10 h", "{is: 30 h"}
	plain := []string{"version: 1", "version: 4\nreplaces: 3", "{from: 2026-01-01}", "{from: 2026-03-03}", "{is: 10 h", "{is: 9 h"}
	begun := func(hours int64) *pier {
		p := pierOf(t, PinByRegistration, milder, harder, plain)
		p.does("2026-02-03", pierHours("2026-02-02", hours))
		p.does("2026-02-04", FileSubmission{Registration: "r1", Kind: "application"})
		return p
	}
	refused := func(p *pier, version int, reason string) {
		t.Helper()
		_, err := p.decides("2026-03-05", ClarifyRegistration{Registration: "r1", Version: version})
		refusedFor(t, err, reason, "")
	}
	p := begun(8)
	refused(p, 9, "no-such-version")
	refused(p, 4, "clarifies-other")
	require.Equal(t, "not-yet", p.earned("2026-03-04"))
	events := p.does("2026-03-05", ClarifyRegistration{Registration: "r1", Version: 2})
	require.Equal(t, []Event{&RegistrationPinned{Version: 2, Digest: p.versions[1].Digest, Mode: PinByRegistration, On: "2026-03-05", Why: PinnedForClarification}}, events)
	require.Equal(t, "watch", p.earned("2026-03-05"))
	require.Empty(t, p.does("2026-03-06", ClarifyRegistration{Registration: "r1", Version: 2}), "once is enough")
	refused(p, 3, "clarifies-other")

	p = begun(11)
	require.Equal(t, "watch", p.earned("2026-03-05"))
	refused(p, 3, "less-favourable")
	f := p.facts()
	reach := Clarify(p.versions[2], f, onDay("2026-03-05", RoleCertifier, 0).At)
	require.False(t, reach.Reaches())
	require.Equal(t, []string{"watch"}, reach.Lowered())
	p.does("2026-03-06", ClarifyRegistration{Registration: "r1", Version: 2})

	p = begun(11)
	decided := p.does("2026-02-20", Grant{Registration: "r1", Level: "watch"})[0].(*DecisionRecorded)
	refused(p, 2, "decided-already")
	reach = Clarify(p.versions[2], p.facts(), onDay("2026-03-05", RoleCertifier, 0).At)
	require.Equal(t, []string{decided.Decision}, reach.Decided)
	require.Equal(t, []string{decided.Decision}, reach.Touched, "it would not be earned under version 3")
	reach = Clarify(p.versions[1], p.facts(), onDay("2026-03-05", RoleCertifier, 0).At)
	require.Empty(t, reach.Touched)
}

var _ Past = (*pier)(nil)

func (p *pier) Registration(_ string, version uint64) (*Standing, []Entry, error) {
	s := &Standing{}
	for _, e := range p.entries[:version] {
		s.Apply(e)
	}
	return s, p.entries[:version], nil
}

func (p *pier) Cohort(string, uint64) (*Cohort, error) { return nil, ErrCut }

func (p *pier) Attester(string, uint64) (*Attester, error) { return nil, ErrCut }

func (p *pier) Programme(digest string) (*programme.Programme, error) {
	for _, v := range p.versions {
		if v.Digest == digest {
			return v, nil
		}
	}
	return nil, ErrCut
}
