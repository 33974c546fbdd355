package proof

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/domain/programmes"
)

// A ledger is a whole one in memory. What is in it was decided by the rules, as a
// server does it: facts are gathered, a command decides, and what it answers is
// sealed, encoded, chained, decoded and folded. Nothing in it is random.
type ledger struct {
	t       rapid.TB
	id      string
	now     time.Time
	entries []domain.Entry
	stored  [][]byte // by sequence, from 0
	tree    Tree
	states  map[domain.Subject]state
	of      map[domain.Subject][]int // sequences
	rules   map[string]*programme.Programme
	persons map[string][]domain.Subject // registrations, in the order of their ids
	count   int
	last    []domain.Event // that the latest command answered
}

var _ Source = (*ledger)(nil)

const (
	ida   = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	ben   = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	peers = "peerworks-core-essentials"
)

func newLedger(t rapid.TB, id string) *ledger { return newLedgerOn(t, id, "2026-01-05") }

func newLedgerOn(t rapid.TB, id string, day domain.Date) *ledger {
	l := &ledger{t: t, id: id, now: noon(day), states: map[domain.Subject]state{}, of: map[domain.Subject][]int{}, rules: map[string]*programme.Programme{}, persons: map[string][]domain.Subject{}}
	return l.must(domain.CreateLedger{Act: l.act("system/init", domain.RoleSystem), Ledger: id})
}

// noon is noon of a day, four hours behind UTC.
func noon(day domain.Date) time.Time {
	at, err := time.ParseInLocation("2006-01-02T15:04", string(day)+"T12:00", time.FixedZone("", -4*3600))
	if err != nil {
		panic(err)
	}
	return at
}

func (l *ledger) act(by domain.Actor, role string) domain.Act {
	l.count++
	return domain.Act{At: l.now, By: by, Role: role, Command: fmt.Sprintf("hmac:%s-%d", l.id, l.count)}
}

func (l *ledger) staff() domain.Act     { return l.act("staff/jo", domain.RoleRegistrar) }
func (l *ledger) certifier() domain.Act { return l.act("staff/cleo", domain.RoleCertifier) }
func (l *ledger) trainer() domain.Act {
	return l.act(domain.AttesterActor("tom"), domain.RoleTrainer)
}
func (l *ledger) on(d domain.Date) *ledger { l.now = noon(d); return l }

func registration(id string) domain.Subject { return domain.SubjectOf(domain.KindRegistration, id) }

func stateOf[T any](l *ledger, kind domain.Kind, id string) *T {
	s, _ := any(l.states[domain.SubjectOf(kind, id)]).(*T)
	return s
}

func (l *ledger) head(s domain.Subject) domain.Head {
	all := l.of[s]
	if len(all) == 0 {
		return domain.Head{}
	}
	e := l.entries[all[len(all)-1]-1]
	return domain.Head{Version: e.Version, Sequence: e.Sequence, Hash: e.Hash}
}

// facts are gathered as a desk does it.
func (l *ledger) facts(c domain.Command) domain.Facts {
	f, s, by := domain.Facts{}, c.Subject(), domain.ActOf(c)
	read := func(of domain.Subject) {
		h := l.head(of)
		if h.Version > 0 && of != s && !slices.ContainsFunc(f.Reads, func(r domain.Read) bool { return r.Subject == of }) {
			f.Reads = append(f.Reads, domain.Read{Subject: of, Version: h.Version, Sequence: h.Sequence, Hash: h.Hash})
		}
	}
	person := ""
	switch s.Kind() {
	case domain.KindSystem:
		f.System, _ = l.states[s].(*domain.System)
	case domain.KindCohort:
		f.Cohort = stateOf[domain.Cohort](l, s.Kind(), s.ID())
		if f.Cohort != nil {
			l.line(&f, f.Cohort.Programme, by.At)
		}
	case domain.KindProgramme:
		f.Line = stateOf[domain.ProgrammeLine](l, s.Kind(), s.ID())
	case domain.KindAttester:
		f.Attester = stateOf[domain.Attester](l, s.Kind(), s.ID())
	case domain.KindRegistration:
		if f.Standing = stateOf[domain.Standing](l, s.Kind(), s.ID()); f.Standing != nil {
			person = f.Standing.Person
			f.Programme = l.rules[f.Standing.Pin.Digest]
			if f.Standing.Pin.ByDay() {
				f.Line = stateOf[domain.ProgrammeLine](l, domain.KindProgramme, f.Standing.Pin.Programme)
				for _, v := range f.Line.Versions {
					f.Versions = append(f.Versions, l.rules[v.Digest])
				}
			}
			if f.Standing.Cohort != "" {
				f.Cohort = stateOf[domain.Cohort](l, domain.KindCohort, f.Standing.Cohort)
				read(domain.SubjectOf(domain.KindCohort, f.Standing.Cohort))
			}
			for _, n := range l.of[s] {
				f.Entries = append(f.Entries, l.entries[n-1])
			}
		}
	}
	if n, ok := c.(domain.Naming); ok {
		for _, name := range n.Names() {
			switch name.Kind() {
			case domain.KindCohort:
				if cohort := stateOf[domain.Cohort](l, domain.KindCohort, name.ID()); f.Standing != nil {
					f.Elsewhere = cohort
				} else {
					f.Cohort = cohort
					l.line(&f, cohort.Programme, by.At)
				}
				read(name)
			case domain.KindProgramme:
				l.line(&f, name.ID(), by.At)
			case domain.KindAttester:
				f.Attester = stateOf[domain.Attester](l, domain.KindAttester, name.ID())
				read(name)
			case domain.KindPerson:
				person = name.ID()
			}
		}
	}
	l.attesters(&f, by.By, read)
	for _, of := range l.persons[person] {
		if x := l.states[of].(*domain.Standing); of != s {
			f.Others = append(f.Others, x.AsOthers(l.rules[x.Pin.Digest])...)
			read(of)
		}
	}
	return f
}

// line adds a programme and its rules in force.
func (l *ledger) line(f *domain.Facts, id string, at time.Time) {
	if f.Line = stateOf[domain.ProgrammeLine](l, domain.KindProgramme, id); f.Line == nil || f.Programme != nil {
		return
	}
	if v, ok := f.Line.InForce(domain.DateOf(at)); ok {
		f.Programme = l.rules[v.Digest]
	}
}

// attesters adds those assigned, and the one who acts.
func (l *ledger) attesters(f *domain.Facts, by domain.Actor, read func(domain.Subject)) {
	var ids []string
	if s := domain.Subject(by); s.Kind() == domain.KindAttester {
		ids = append(ids, s.ID())
	}
	if f.Standing != nil {
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
	for _, id := range slices.Compact(ids) {
		f.Attesters = append(f.Attesters, stateOf[domain.Attester](l, domain.KindAttester, id))
		read(domain.SubjectOf(domain.KindAttester, id))
	}
}

// do decides a command and records what it answers.
func (l *ledger) do(c domain.Command) error {
	f := l.facts(c)
	events, err := c.Decide(f)
	if err != nil {
		return err
	}
	l.last = events
	for i, e := range events {
		common := domain.CommonOf(e)
		common.Reads = f.Reads
		for g := range common.Personal {
			if common.Sealed == nil {
				common.Sealed = map[domain.Group]domain.Sealed{}
			}
			common.Sealed[g] = domain.Sealed{Key: "k-" + string(g), Generation: 1, Commitment: "hmac:c", Value: "c2VhbGVk"}
		}
		common.Personal = nil
		l.record(c.Subject(), domain.ActOf(c), i, e)
	}
	return nil
}

// record puts an event on a subject, whatever the rules would say of it.
func (l *ledger) record(on domain.Subject, a domain.Act, index int, e domain.Event) {
	head := l.head(on)
	nonce := sha256.Sum256(fmt.Appendf(nil, "nonce %d", len(l.entries)))
	payload, err := domain.Encode(e, domain.Header{
		Ledger: l.id, Subject: on, Time: a.At, Recorded: l.now, Version: head.Version + 1, Previous: head.Hash, Nonce: hex.EncodeToString(nonce[:16]),
		Actor: a.By, ActorRole: a.Role, CommandID: a.Command, CommandHash: "hmac:body", Index: index,
	})
	require.NoError(l.t, err)
	l.store(payload)
}

// keep puts stored bytes into the ledger.
func (l *ledger) keep(payload []byte) domain.Entry {
	entry, err := domain.Decode(uint64(len(l.entries)+1), payload)
	require.NoError(l.t, err)
	l.entries, l.stored = append(l.entries, entry), append(l.stored, payload)
	l.of[entry.Subject] = append(l.of[entry.Subject], int(entry.Sequence))
	l.tree.Append(LeafHash(entry.Sequence, sha256.Sum256(payload)))
	return entry
}

// store puts stored bytes into the ledger, and folds them.
func (l *ledger) store(payload []byte) {
	entry := l.keep(payload)
	if l.states[entry.Subject] == nil {
		l.states[entry.Subject] = walkOf(entry.Subject, nil, nil).state
	}
	l.states[entry.Subject].Apply(entry)
	if x, ok := entry.Event.(*domain.RegistrationSubmitted); ok {
		l.persons[x.Person] = append(l.persons[x.Person], entry.Subject)
		slices.Sort(l.persons[x.Person])
	}
	if x, ok := entry.Event.(*domain.ProgrammePublished); ok {
		p, err := programme.Parse([]byte(x.Rules))
		require.NoError(l.t, err)
		l.rules[x.Digest] = p
	}
}

func (l *ledger) must(commands ...domain.Command) *ledger {
	l.t.Helper()
	for _, c := range commands {
		l.last = nil
		require.NoError(l.t, l.do(c), "%T", c)
		require.NotEmpty(l.t, l.last, "%T records nothing", c)
	}
	return l
}

func (l *ledger) ReadHashes(indexes []int64) ([]Hash, error) { return l.tree.ReadHashes(indexes) }

func (l *ledger) EntriesOf(of domain.Subject, until uint64) ([]Stored, error) {
	var out []Stored
	for _, n := range l.of[of] {
		if uint64(n) <= until {
			out = append(out, Stored{uint64(n), l.stored[n-1]})
		}
	}
	return out, nil
}

// signed is a checkpoint of the first size entries; 0 is all.
func (l *ledger) signed(size uint64, by ...note.Signer) []byte {
	if size == 0 {
		size = l.tree.Size()
	}
	root, err := l.tree.Root(size)
	require.NoError(l.t, err)
	b, err := Sign(Checkpoint{Origin: by[0].Name(), Size: size, Root: root}, by...)
	require.NoError(l.t, err)
	return b
}

// export is the ledger as lines of stored bytes.
func (l *ledger) export() []byte {
	var b []byte
	for _, p := range l.stored {
		b = append(append(b, p...), '\n')
	}
	return b
}

func (l *ledger) publish(id, rules string) *ledger {
	l.must(domain.ProposeProgramme{Act: l.act("staff/ann", domain.RoleAuthor), Programme: id, Rules: rules})
	return l.must(domain.PublishProgramme{Act: l.certifier(), Programme: id, Proposal: l.proposal()})
}

// proposal is the one that was made last.
func (l *ledger) proposal() string { return l.last[0].(*domain.ProposalMade).Proposal }

// approve carries out the proposal that was made last, by another person.
func (l *ledger) approve(of string) *ledger {
	return l.must(domain.ApproveProposal{Act: l.act("staff/pat", domain.RoleAppealsPanel), Registration: of, Proposal: l.proposal()})
}

// publishPeers publishes both versions of the PeerWorks programme.
func (l *ledger) publishPeers() *ledger {
	for _, name := range []string{peers + "-1", peers} {
		rules, ok := programmes.Get(name)
		require.True(l.t, ok)
		l.publish(peers, string(rules))
	}
	return l
}

// school is a ledger with the PeerWorks programme in two versions, two cohorts and
// those who attest. Cohort c1 has a class every day from 20 April on, c2 from
// 1 February on.
func school(t rapid.TB) *ledger {
	l := newLedger(t, "l1").publishPeers()
	for _, x := range []string{"tom", "tia", "sue"} {
		l.must(domain.RegisterAttester{Act: l.staff(), Attester: x, What: domain.AttesterPerson, Name: "Somebody Someone"})
	}
	l.cohort("c2", "2026-02-01", "tia").cohort("c1", "2026-04-20", "tom", "tia")
	return l
}

func (l *ledger) cohort(id string, first domain.Date, trainers ...string) *ledger {
	of := domain.SubjectOf(domain.KindCohort, id)
	l.must(domain.OpenCohort{Act: l.staff(), Cohort: id, Code: id + "-evening", Programme: peers})
	for i := range 17 {
		starts := noon(first).AddDate(0, 0, i).Add(6 * time.Hour)
		n := fmt.Sprint(i + 1)
		l.must(domain.ScheduleSession{Act: l.staff(), Cohort: id, Session: n, Module: n, Starts: starts, Ends: starts.Add(2 * time.Hour)})
	}
	for _, t := range trainers {
		l.must(domain.AssignAttester{Act: l.staff(), On: of, Attester: t, As: domain.RoleTrainer})
	}
	return l
}

func (l *ledger) register(id, person, cohort string) *ledger {
	return l.must(domain.SubmitRegistration{
		Act: l.staff(), Registration: id, Person: person, Cohort: cohort,
		Fields: map[string]string{
			"first-name": "Ida", "last-name": "Nowak", "email": "ida@example.org", "phone": "+1 416 555 0100", "address": "1 Main St",
			"city": "Toronto", "province": "ON", "postal-code": "k1a 0b1", "lived-experience": "both",
		},
		Accepted: []domain.Accept{{Text: "expectations", Version: "2026.1", Hash: domain.HashOf([]byte("expectations"))}},
	})
}

func (l *ledger) attend(id string, by domain.Actor, absent ...string) *ledger {
	cohort := stateOf[domain.Cohort](l, domain.KindCohort, stateOf[domain.Standing](l, domain.KindRegistration, id).Cohort)
	for _, s := range cohort.Sessions {
		status := domain.Present
		if slices.Contains(absent, s.ID) {
			status = domain.Absent
		}
		l.must(domain.MarkAttendance{Act: l.act(by, domain.RoleTrainer), Registration: id, Session: s.ID, Status: status})
	}
	return l
}

func (l *ledger) judge(id, answer string) *ledger {
	return l.must(domain.RecordJudgement{Act: l.trainer(), Registration: id, Question: "evaluation", Answer: answer, Consensus: true, Narrative: "Good."})
}

// story is a ledger in which everything happens that a dossier has to show. Ida has
// been in c2 before, and was granted level 1; in c1 she is granted level 1, with
// less than she has earned, then level 1R, and it is revoked. Ben is denied what he
// has earned.
func story(t rapid.TB) *ledger {
	l := school(t).on("2026-01-20").register("r0", ida, "c2")
	l.on("2026-02-20").attend("r0", domain.AttesterActor("tia"), "6")
	l.must(domain.RecordJudgement{
		Act: l.act(domain.AttesterActor("tia"), domain.RoleTrainer), Registration: "r0", Question: "evaluation", Answer: "level-1", Consensus: true,
	})
	l.must(domain.Grant{Act: l.certifier(), Registration: "r0", Decision: "d0", Level: "level-1"})

	l.on("2026-04-10").register("r1", ida, "c1").register("r2", ben, "c1")
	l.must(domain.AssignAttester{Act: l.staff(), On: registration("r1"), Attester: "sue", As: domain.RoleSupervisor, Relation: domain.RelationNone})
	l.on("2026-05-10").attend("r1", domain.AttesterActor("tom"), "2", "3", "4").attend("r2", domain.AttesterActor("tom"))
	l.must(domain.ProposeWaiver{Act: l.certifier(), Registration: "r1", Requirement: "missed-sessions", Session: "2", Text: "A flood."}).approve("r1")
	l.must(domain.CorrectAttendance{Act: l.trainer(), Registration: "r1", Session: "4", Status: domain.Present, Reason: "wrong-person"})

	l.on("2026-05-11").judge("r1", "level-1r").judge("r2", "level-1r")
	l.on("2026-05-12").must(domain.Grant{
		Act: l.certifier(), Registration: "r1", Decision: "d1", Level: "level-1", Clause: "staff-decision", Text: "We would like to talk first.",
	})
	l.on("2026-05-13").must(domain.Deny{Act: l.certifier(), Registration: "r2", Decision: "d2", Level: "level-1r", Clause: "staff-decision", Text: "A complaint is open."})
	l.on("2026-05-14").must(domain.Grant{Act: l.certifier(), Registration: "r1", Decision: "d3", Level: "level-1r"})
	l.on("2026-05-20").must(domain.ProposeCorrection{
		CorrectAttendance: domain.CorrectAttendance{Act: l.trainer(), Registration: "r1", Session: "3", Status: domain.Present, Reason: "data-entry"},
	}).approve("r1")
	l.on("2026-06-01").must(domain.ProposeRevocation{
		Act: l.certifier(), Registration: "r1", Levels: []string{"level-1r"}, PersonWide: true, Text: "A breach of the code of ethics.",
	}).approve("r1")
	l.must(domain.Reinstate{Act: l.act("staff/pat", domain.RoleAppealsPanel), Registration: "r1", Decision: "d5", Text: "The appeal was upheld."})
	return l
}

// TestTheStoryHoldsWhatDossiersMustShow keeps the other tests worth something.
func TestTheStoryHoldsWhatDossiersMustShow(t *testing.T) {
	types, acts := map[string]bool{}, map[string]bool{}
	for _, e := range story(t).entries {
		types[e.Type] = true
		if d := decisionIn(e); d != nil {
			acts[d.Act] = true
		}
	}
	for _, want := range []string{"waiver.granted.v1", "attendance.corrected.v1", "proposal.made.v1", "programme.published.v1", "decision.recorded.v1"} {
		require.True(t, types[want], want)
	}
	for _, want := range []string{domain.ActGrant, domain.ActDeny, domain.ActRevoke, domain.ActReinstate} {
		require.True(t, acts[want], want)
	}
}
