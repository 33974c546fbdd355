package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/domain/programmes"
	"github.com/certledger/certledger/eventstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// peerworks is a programme with classes, as it ships.
var peerworks = func() *programme.Programme {
	src, _ := programmes.Get("peerworks-core-essentials")
	p, err := programme.Parse(src)
	if err != nil {
		panic(err)
	}
	return p
}()

// history makes entries as a writer would: with versions, links and hashes.
type history struct {
	entries []eventstore.Stored
	heads   map[domain.Subject]domain.Head
	now     time.Time
	actor   domain.Actor
	clock   func() time.Duration // how far the writer's clock is off; nil: not at all
}

// Two people, where an act takes two.
const (
	oneActor   domain.Actor = "staff/0a1b2c3d4e5f60718293a4b5c6d7e8f9"
	otherActor domain.Actor = "staff/9f8e7d6c5b4a39281706f5e4d3c2b1a0"
)

func newHistory() *history {
	return &history{
		heads: map[domain.Subject]domain.Head{},
		actor: oneActor,
		now:   time.Date(2026, 4, 1, 9, 0, 0, 0, time.FixedZone("", -4*3600)),
	}
}

// add records events of one command, a minute after what was recorded before.
func (h *history) add(subject domain.Subject, events ...domain.Event) {
	h.addAs(fmt.Sprintf("hmac:%d", len(h.entries)+1), subject, events...)
}

func (h *history) addAs(command string, subject domain.Subject, events ...domain.Event) {
	h.now = h.now.Add(time.Minute)
	recorded := h.now
	if h.clock != nil {
		recorded = recorded.Add(h.clock())
	}
	for i, e := range events {
		head := h.heads[subject]
		payload, err := domain.Encode(e, domain.Header{
			Ledger: "test", Subject: subject, Time: h.now, Recorded: recorded, Version: head.Version + 1, Previous: head.Hash,
			Nonce: fmt.Sprintf("%032x", len(h.entries)), Actor: h.actor, ActorRole: domain.RoleTrainer,
			CommandID: command, CommandHash: "hmac:body-of-" + command, Index: i,
		})
		if err != nil {
			panic(err)
		}
		sequence := uint64(len(h.entries) + 1)
		h.entries = append(h.entries, eventstore.Stored{Sequence: sequence, Subject: string(subject), Payload: payload})
		h.heads[subject] = domain.Head{Version: head.Version + 1, Sequence: sequence, Hash: domain.HashOf(payload)}
	}
}

func registration(id string) domain.Subject { return domain.SubjectOf(domain.KindRegistration, id) }
func cohort(id string) domain.Subject       { return domain.SubjectOf(domain.KindCohort, id) }
func attester(id string) domain.Subject     { return domain.SubjectOf(domain.KindAttester, id) }

func (h *history) ledger() {
	h.add(domain.SystemSubject, &domain.LedgerCreated{Ledger: "test", Form: 1})
}

func (h *history) publish(p *programme.Programme) {
	line := domain.SubjectOf(domain.KindProgramme, p.ID)
	published := &domain.ProgrammePublished{Programme: p.ID, Version: p.Version, Digest: p.Digest, From: domain.Date(p.Valid.From), Rules: string(p.Bytes)}
	published.Proposed = h.propose(line, published)
	h.add(line, published)
}

// propose has the other person propose an act.
func (h *history) propose(on domain.Subject, act domain.Event) *domain.Proposed {
	what, err := json.Marshal(act)
	if err != nil {
		panic(err)
	}
	id := fmt.Sprintf("p%d", len(h.entries))
	h.actor = otherActor
	h.add(on, &domain.ProposalMade{Proposal: id, Act: act.Type(), What: what, Until: h.now.AddDate(0, 1, 0)})
	h.actor = oneActor
	head := h.heads[on]
	return &domain.Proposed{Proposal: id, Sequence: head.Sequence, Hash: head.Hash, By: otherActor}
}

// open begins a cohort with the programme's classes, two a week.
func (h *history) open(id string) {
	h.add(cohort(id), &domain.CohortOpened{Code: id, Programme: peerworks.ID, Mode: "online"})
	starts := time.Date(2026, 4, 20, 18, 0, 0, 0, time.FixedZone("", -4*3600))
	for _, m := range peerworks.Classes.Modules {
		h.add(cohort(id), &domain.SessionScheduled{Session: m.Key, Module: m.Key, Starts: starts, Ends: starts.Add(2 * time.Hour)})
		starts = starts.Add(84 * time.Hour)
	}
	h.now = h.now.Add(time.Hour)
}

func (h *history) qualify(id string) {
	h.add(attester(id), &domain.AttesterRegistered{What: "person"},
		&domain.AttesterQualified{Qualification: "trainer", From: "2025-01-01"})
}

func (h *history) assign(on domain.Subject, id, role string) {
	h.add(on, &domain.AttesterAssigned{Attester: id, Role: role, From: "2026-01-01"})
}

func (h *history) register(id, person, cohort string) {
	h.add(registration(id), &domain.RegistrationSubmitted{
		Person: person, Programme: peerworks.ID, Version: peerworks.Version, Digest: peerworks.Digest, PinMode: "registration",
		PinnedOn: domain.DateOf(h.now), Cohort: cohort, Received: domain.DateOf(h.now), Given: []string{"email", "first-name", "last-name"},
	})
}

func (h *history) mark(id, session, status string) {
	h.add(registration(id), &domain.AttendanceMarked{Session: session, Status: status, Source: domain.SourceTrainer})
}

func (h *history) decide(id string, d domain.DecisionRecorded) {
	if d.Act == domain.ActRevoke {
		d.Proposed = h.propose(registration(id), &d)
	}
	h.add(registration(id), &d)
}

func (h *history) grant(id, decision, level string, rests ...uint64) {
	var evidence []domain.Consulted
	for _, r := range rests {
		evidence = append(evidence, domain.Consulted{Sequence: r, Role: domain.RoleUsed})
	}
	evidence = append(evidence, domain.Consulted{Sequence: 1, Role: domain.RoleIgnored})
	h.decide(id, domain.DecisionRecorded{
		Decision: decision, Act: domain.ActGrant, Award: peerworks.Awards[0].Key, Level: level,
		Record: &domain.Record{Form: 1, Evidence: evidence},
	})
}

func personID(n int) string { return fmt.Sprintf("%032x", n) }

// busy is a history in which everything depends on everything: people with
// several registrations, attesters that change late, cohorts that are
// rescheduled, transfers, corrections, decisions and revocations.
func busy(seed uint64) *history {
	h := newHistory()
	h.keepBusy(rand.New(rand.NewPCG(seed, 7)), 1500)
	return h
}

func (h *history) keepBusy(r *rand.Rand, steps int) {
	h.ledger()
	h.publish(peerworks)
	cohorts := []string{"c1", "c2", "c3"}
	trainers := []string{"t1", "t2", "t3"}
	for _, id := range trainers {
		h.qualify(id)
	}
	for i, id := range cohorts {
		h.open(id)
		h.assign(cohort(id), trainers[i], domain.RoleTrainer)
	}
	var ids []string
	for i := range 40 {
		id := fmt.Sprintf("r%02d", i)
		ids = append(ids, id)
		h.register(id, personID(i%25), cohorts[i%len(cohorts)])
	}
	pick := func(of []string) string { return of[r.IntN(len(of))] }
	levels := peerworks.Awards[0].Levels
	decisions := 0
	for range steps {
		h.now = h.now.Add(time.Duration(r.IntN(240)) * time.Minute)
		id := pick(ids)
		session := fmt.Sprint(1 + r.IntN(17))
		switch r.IntN(24) {
		case 0:
			h.add(registration(id), &domain.JudgementRecorded{Judgement: fmt.Sprintf("j%d", len(h.entries)), Question: "evaluation", Answer: pick(levels[2:4])})
		case 1:
			decisions++
			h.grant(id, fmt.Sprintf("d%d", decisions), pick(levels[2:]), h.heads[registration(id)].Sequence)
		case 2:
			decisions++
			h.decide(id, domain.DecisionRecorded{
				Decision: fmt.Sprintf("d%d", decisions), Act: domain.ActRevoke, Award: peerworks.Awards[0].Key,
				PersonWide: r.IntN(2) == 0, Levels: levels[2 : 2+r.IntN(3)],
			})
		case 3:
			h.add(registration(id), &domain.RegistrationTransferred{To: pick(cohorts)})
		case 4:
			h.add(registration(id), &domain.RegistrationWithdrawn{})
		case 5:
			h.add(attester(pick(trainers)), &domain.AttesterQualified{Qualification: "supervising-peers", From: domain.DateOf(h.now)})
		case 6:
			h.assign(registration(id), pick(trainers), domain.RoleSupervisor)
		case 7:
			c := pick(cohorts)
			at := h.now.Add(24 * time.Hour)
			h.add(cohort(c), &domain.SessionRescheduled{Session: session, Starts: at, Ends: at.Add(2 * time.Hour)})
		case 8:
			h.add(cohort(pick(cohorts)), &domain.SessionCancelled{Session: session})
		case 9:
			h.add(registration(id), &domain.AttendanceCorrected{Session: session, Status: domain.Present, Reason: "typing-error"})
		case 10:
			token := fmt.Sprintf("token%d", len(h.entries))
			h.add(domain.SystemSubject, &domain.TokenCreated{Token: token, Hash: "sha256:" + token, For: "staff/a", Roles: []string{domain.RoleTrainer}})
		case 11:
			h.add(domain.SubjectOf(domain.KindPerson, personID(r.IntN(25))), &domain.PersonCorrected{Fields: []string{"email"}})
		default:
			h.mark(id, session, pick([]string{domain.Present, domain.Present, domain.Present, domain.Absent}))
		}
	}
}

func openIn(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(Config{Dir: dir, Logger: quiet, CacheBytes: 8 << 20, MemTableBytes: 4 << 20})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func openEmpty(t testing.TB) *Store {
	t.Helper()
	return openIn(t, t.TempDir())
}

// applied is a store with a whole history in it.
func applied(t testing.TB, h *history) *Store {
	t.Helper()
	s := openEmpty(t)
	require.NoError(t, s.Apply(context.Background(), h.entries))
	return s
}

func fingerprint(t testing.TB, s *Store) string {
	t.Helper()
	out, err := s.Fingerprint(context.Background())
	require.NoError(t, err)
	return out
}

// copyDir opens what a crash would leave of a store: its files as they are.
func copyDir(t testing.TB, s *Store) *Store {
	t.Helper()
	require.NoError(t, s.db.LogData(nil, pebble.Sync)) // what the system's cache holds survives a crash of the process
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(s.cfg.Dir)))
	return openIn(t, dir)
}
