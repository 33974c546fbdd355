package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/domain/programmes"
	"github.com/certledger/certledger/eventstore"
)

const (
	benchProgramme = "peerworks-core-essentials"
	benchPeople    = 24 // in a cohort
)

// seeder writes a large ledger of real entries: every command is decided by the
// rules, and encoded as the server does. Only the seals are made up, since keys
// for thousands of people are not what is measured.
type seeder struct {
	log    *eventstore.Log
	ledger string
	next   uint64 // sequence of the next entry
	writes []eventstore.Write
	heads  map[domain.Subject]domain.Head

	decides bool // everybody is granted a level in the end

	programme *programme.Programme
	line      *domain.ProgrammeLine
	trainer   *domain.Attester
	people    []string // registrations
}

// do decides a command and queues what it records; apply folds it.
func (s *seeder) do(c domain.Command, f domain.Facts, apply func(domain.Entry)) error {
	events, err := c.Decide(f)
	if err != nil {
		return err
	}
	act, subject := domain.ActOf(c), c.Subject()
	for i, e := range events {
		common := domain.CommonOf(e)
		common.Reads = f.Reads
		for group := range common.Personal {
			if common.Sealed == nil {
				common.Sealed = map[domain.Group]domain.Sealed{}
			}
			common.Sealed[group] = madeUpSeal()
		}
		common.Personal = nil
		head := s.heads[subject]
		payload, err := domain.Encode(e, domain.Header{
			Ledger: s.ledger, Subject: subject, Time: act.At, Recorded: time.Now(), Version: head.Version + 1, Previous: head.Hash,
			Nonce: randomID(), Actor: act.By, ActorRole: act.Role, CommandID: act.Command, CommandHash: "hmac:" + randomText(32), Index: i,
		})
		if err != nil {
			return err
		}
		entry, err := domain.Decode(s.next, payload)
		if err != nil {
			return err
		}
		if n := len(s.writes); n > 0 && s.writes[n-1].Subject == string(subject) {
			s.writes[n-1].Payloads = append(s.writes[n-1].Payloads, payload)
		} else {
			s.writes = append(s.writes, eventstore.Write{Subject: string(subject), After: head.Sequence, Payloads: [][]byte{payload}})
		}
		s.heads[subject] = domain.Head{Version: entry.Version, Sequence: entry.Sequence, Hash: entry.Hash}
		s.next++
		apply(entry)
	}
	return nil
}

// flush appends what is queued.
func (s *seeder) flush(ctx context.Context) error {
	_, err := s.log.AppendAll(ctx, s.writes)
	s.writes = nil
	return err
}

func (s *seeder) act(at time.Time, by domain.Actor, role string) domain.Act {
	return domain.Act{At: at, By: by, Role: role, Command: "random:" + rand.Text()}
}

func (s *seeder) reads(of ...domain.Subject) []domain.Read {
	var out []domain.Read
	for _, subject := range of {
		h := s.heads[subject]
		out = append(out, domain.Read{Subject: subject, Version: h.Version, Sequence: h.Sequence, Hash: h.Hash})
	}
	return out
}

// begin publishes the programme and registers a trainer.
func (s *seeder) begin(ctx context.Context, at time.Time) error {
	src, ok := programmes.Get(benchProgramme)
	if !ok {
		return errors.New("the programme does not ship with this binary")
	}
	p, err := programme.Parse(src)
	if err != nil {
		return err
	}
	s.programme, s.line, s.trainer = p, &domain.ProgrammeLine{}, &domain.Attester{}
	propose := domain.ProposeProgramme{Act: s.act(at, domain.StaffActor(randomID()), domain.RoleAuthor), Programme: p.ID, Rules: string(src)}
	if err := s.do(propose, domain.Facts{}, s.line.Apply); err != nil {
		return err
	}
	publish := domain.PublishProgramme{
		Act: s.act(at, domain.StaffActor(randomID()), domain.RoleCertifier), Programme: p.ID, Proposal: s.line.Proposals[0].ID,
	}
	if err := s.do(publish, domain.Facts{Line: s.line}, s.line.Apply); err != nil {
		return err
	}
	if err := s.flush(ctx); err != nil {
		return err
	}
	register := domain.RegisterAttester{
		Act: s.act(at, domain.StaffActor(randomID()), domain.RoleRegistrar), Attester: randomID(), What: domain.AttesterPerson,
		Name: "Acacia Don", Email: "acacia@example.org",
	}
	if err := s.do(register, domain.Facts{}, s.trainer.Apply); err != nil {
		return err
	}
	return s.flush(ctx)
}

// cohort writes one cohort with everybody's marks and evaluations.
func (s *seeder) cohort(ctx context.Context, number int, begin time.Time) error {
	var c domain.Cohort
	id := "cohort-" + strconv.Itoa(number)
	staff := domain.StaffActor(randomID())
	line := domain.SubjectOf(domain.KindProgramme, s.programme.ID)
	of := domain.SubjectOf(domain.KindCohort, id)
	trainer := domain.SubjectOf(domain.KindAttester, s.trainer.ID)
	facts := func() domain.Facts {
		return domain.Facts{Cohort: &c, Line: s.line, Programme: s.programme, Attester: s.trainer, Attesters: []*domain.Attester{s.trainer}}
	}
	commands := []domain.Command{
		domain.OpenCohort{Act: s.act(begin, staff, domain.RoleRegistrar), Cohort: id, Code: id, Programme: s.programme.ID},
		domain.AssignAttester{
			Act: s.act(begin, staff, domain.RoleRegistrar), On: of, Attester: s.trainer.ID, As: domain.RoleTrainer, From: domain.DateOf(begin),
		},
	}
	for i, m := range s.programme.Classes.Modules {
		starts := begin.AddDate(0, 0, 7*i).Add(time.Hour)
		commands = append(commands, domain.ScheduleSession{
			Act: s.act(begin, staff, domain.RoleRegistrar), Cohort: id, Session: strconv.Itoa(i + 1), Module: m.Key,
			Starts: starts, Ends: starts.Add(2 * time.Hour),
		})
	}
	for _, command := range commands {
		if err := s.do(command, facts(), c.Apply); err != nil {
			return fmt.Errorf("%T: %w", command, err)
		}
	}
	for range benchPeople {
		var st domain.Standing
		registration, person := randomID(), randomID()
		f := facts()
		f.Reads = s.reads(of, line)
		submit := domain.SubmitRegistration{
			Act: s.act(begin, staff, domain.RoleRegistrar), Registration: registration, Person: person, Cohort: id,
			Fields: madeUpFields(), Accepted: []domain.Accept{{Text: "expectations", Version: "2026-01", Hash: domain.HashOf([]byte("expectations"))}},
		}
		err := s.do(submit, f, func(e domain.Entry) {
			st.Apply(e)
			f.Entries = append(f.Entries, e)
		})
		if err != nil {
			return fmt.Errorf("%T: %w", submit, err)
		}
		f.Standing, f.Reads = &st, s.reads(of, trainer)
		by := domain.AttesterActor(s.trainer.ID)
		last := c.Sessions[len(c.Sessions)-1].Ends
		var later []domain.Command
		for _, session := range c.Sessions {
			later = append(later, domain.MarkAttendance{
				Act: s.act(session.Ends, by, domain.RoleTrainer), Registration: registration, Session: session.ID, Status: domain.Present,
			})
		}
		later = append(later, domain.RecordJudgement{
			Act: s.act(last, by, domain.RoleTrainer), Registration: registration, Question: "evaluation", Answer: "level-1r",
		})
		if s.decides {
			later = append(later, domain.Grant{
				Act: s.act(last.Add(time.Hour), staff, domain.RoleCertifier), Registration: registration, Award: s.programme.Awards[0].Key, Level: "level-1r",
			})
		}
		for _, command := range later {
			err := s.do(command, f, func(e domain.Entry) {
				st.Apply(e)
				f.Entries = append(f.Entries, e)
			})
			if err != nil {
				return fmt.Errorf("%T: %w", command, err)
			}
		}
		s.people = append(s.people, registration)
		delete(s.heads, domain.SubjectOf(domain.KindRegistration, registration))
	}
	return s.flush(ctx)
}

func madeUpFields() map[string]string {
	return map[string]string{
		"first-name": "Alder", "last-name": "Athabasca", "email": "alder@example.org", "phone": "416-555-0100", "address": "1 River Lane",
		"city": "Guelph", "province": "Ontario", "postal-code": "K1A 0B1", "lived-experience": "both",
	}
}

func madeUpSeal() domain.Sealed {
	return domain.Sealed{Key: "k-" + randomText(24), Generation: 1, Commitment: "hmac:" + randomText(32), Value: randomBase64(96)}
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

func randomText(n int) string   { return base64.RawURLEncoding.EncodeToString(randomBytes(n)) }
func randomBase64(n int) string { return base64.StdEncoding.EncodeToString(randomBytes(n)) }
