package projections

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/eventstore"
)

func TestRowsDoNotDependOnTheSizeOfBatches(t *testing.T) {
	const seed = 1
	t.Logf("seed %d", seed)
	h := busy(seed)
	want := fingerprint(t, applied(t, h))
	for _, size := range []int{1, 7, 1000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			s := openEmpty(t)
			for from := 0; from < len(h.entries); from += size {
				require.NoError(t, s.Apply(context.Background(), h.entries[from:min(from+size, len(h.entries))]))
			}
			require.Equal(t, want, fingerprint(t, s))
		})
	}
}

func TestEntriesMustFollowOn(t *testing.T) {
	h := busy(13)
	s := openEmpty(t)
	ctx := context.Background()
	require.ErrorIs(t, s.Apply(ctx, h.entries[1:3]), ErrOrder)
	require.NoError(t, s.Apply(ctx, nil))
	require.NoError(t, s.Apply(ctx, h.entries[:3]))
	require.ErrorIs(t, s.Apply(ctx, h.entries[2:5]), ErrOrder, "an entry twice")
	require.ErrorIs(t, s.Apply(ctx, h.entries[4:5]), ErrOrder, "a gap before")
	require.ErrorIs(t, s.Apply(ctx, []eventstore.Stored{h.entries[3], h.entries[5]}), ErrOrder, "a gap within")
	require.Equal(t, uint64(3), s.Position().Sequence)
	require.NoError(t, s.Err())
	require.NoError(t, s.Apply(ctx, h.entries[3:]))
}

func TestAPoisonEntryStopsTheProjectionsLoudly(t *testing.T) {
	ctx := context.Background()
	h := busy(14)
	before := openEmpty(t)
	require.NoError(t, before.Apply(ctx, h.entries[:500]))
	for name, spoil := range map[string]func(e *eventstore.Stored){
		"not JSON": func(e *eventstore.Stored) { e.Payload = []byte("{") },
		"unknown type": func(e *eventstore.Stored) {
			e.Payload = bytes.Replace(e.Payload, []byte("certledger."), []byte("certledger.x"), 1)
		},
		"another subject": func(e *eventstore.Stored) { e.Subject = "registration/somebody-else" },
		"a broken chain": func(e *eventstore.Stored) {
			e.Payload = bytes.Replace(e.Payload, []byte(`"previous":"sha256:`), []byte(`"previous":"sha256:0`), 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			entries := slices.Clone(h.entries)
			spoil(&entries[500])
			s := openEmpty(t)
			require.NoError(t, s.Apply(ctx, entries[:300]))
			err := s.Apply(ctx, entries[300:])
			poison, ok := errors.AsType[*PoisonError](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, uint64(501), poison.Sequence)
			require.Equal(t, err, s.Err())
			require.Equal(t, uint64(500), s.Position().Sequence)
			require.Equal(t, fingerprint(t, before), fingerprint(t, s), "reads go on")
			require.Equal(t, err, s.Apply(ctx, entries[500:]))
			require.Equal(t, err, s.Wait(ctx, 501))
			require.NoError(t, s.Wait(ctx, 500))
		})
	}
}

func TestRunStopsAtAPoisonEntry(t *testing.T) {
	h := busy(15)
	entries := slices.Clone(h.entries)
	entries[700].Payload = []byte("{}")
	s := openEmpty(t)
	err := s.Run(context.Background(), newTape(64, entries...))
	poison, ok := errors.AsType[*PoisonError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, uint64(701), poison.Sequence)
	require.Equal(t, uint64(700), s.Position().Sequence)
	require.Equal(t, err, s.Run(context.Background(), newTape(64, entries...)))

	require.ErrorAs(t, Rebuild(context.Background(), Config{Dir: t.TempDir() + "/p", Logger: quiet}, newTape(64, entries...), nil), &poison)

	// A version that can read it goes on where this one stopped.
	dir := s.cfg.Dir
	require.NoError(t, s.Close())
	s = openIn(t, dir)
	require.NoError(t, s.Err())
	require.NoError(t, s.Apply(context.Background(), h.entries[700:]))
	require.Equal(t, fingerprint(t, applied(t, h)), fingerprint(t, s))
}

func TestAPanicOfAFoldIsPoison(t *testing.T) {
	h := busy(16)
	for _, owing := range []bool{false, true} {
		s := openEmpty(t)
		items := decode(h.entries)
		items[450].entry.Event = nil
		err := s.apply(items, owing)
		poison, ok := errors.AsType[*PoisonError](err)
		require.True(t, ok, "%v", err)
		require.Equal(t, uint64(451), poison.Sequence)
		require.ErrorContains(t, err, "panic")
		require.Equal(t, uint64(450), s.Position().Sequence)

		copied := copyDir(t, s)
		require.NoError(t, copied.Apply(context.Background(), h.entries[450:]), "nothing half folded was kept")
		require.Equal(t, fingerprint(t, applied(t, h)), fingerprint(t, copied))
	}
}

// A programme without awards cannot be parsed, and the rules panic over it.
func TestAPanicOfTheRulesIsPoison(t *testing.T) {
	h := busy(17)
	good := len(h.entries)
	h.add(registration("bad"), &domain.RegistrationSubmitted{Person: personID(900), Programme: "p", Digest: "sha256:broken"})
	h.mark("r04", "1", domain.Present)
	for _, size := range []int{1, len(h.entries)} {
		s := openEmpty(t)
		s.programmes.put(&programme.Programme{ID: "p", Digest: "sha256:broken"})
		var err error
		for part := range slices.Chunk(h.entries, size) {
			if err = s.Apply(context.Background(), part); err != nil {
				break
			}
		}
		poison, ok := errors.AsType[*PoisonError](err)
		require.True(t, ok, "%v", err)
		require.Equal(t, uint64(good+1), poison.Sequence)
		require.Equal(t, uint64(good), s.Position().Sequence)
		require.ErrorContains(t, err, "panic")
	}

	// Where assessments wait, the entries are applied and settling stops.
	s := openEmpty(t)
	s.programmes.put(&programme.Programme{ID: "p", Digest: "sha256:broken"})
	require.NoError(t, s.apply(decode(h.entries), true))
	err := s.apply(nil, false)
	_, ok := errors.AsType[*PoisonError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, err, s.Err())
	require.Equal(t, uint64(len(h.entries)), s.Position().Sequence)
	summary, err := s.Summary("r04")
	require.NoError(t, err)
	require.NotNil(t, summary, "reads go on")
}

func TestAnActWithoutItsSecondPersonHasNoRows(t *testing.T) {
	h := newHistory()
	h.ledger()
	h.publish(peerworks)
	h.register("r", personID(1), "")
	h.add(registration("r"), &domain.DecisionRecorded{
		Decision: "d1", Act: domain.ActRevoke, Award: "certification",
		Record: &domain.Record{Form: 1, Evidence: []domain.Consulted{{Sequence: 2, Role: domain.RoleUsed}}},
	})
	other := bytes.Replace(peerworks.Bytes, []byte("version: 2"), []byte("version: 3"), 1)
	h.add(domain.SubjectOf(domain.KindProgramme, peerworks.ID), &domain.ProgrammePublished{
		Programme: peerworks.ID, Version: 3, Digest: domain.HashOf(other), From: "2026-01-01", Rules: string(other),
		Proposed: &domain.Proposed{Proposal: "none", By: otherActor},
	})
	s := applied(t, h)
	_, found, err := s.Decision("d1")
	require.NoError(t, err)
	require.False(t, found)
	rests, err := s.RestsOn(2)
	require.NoError(t, err)
	require.Empty(t, rests)
	p, err := s.Programme(domain.HashOf(other))
	require.NoError(t, err)
	require.Nil(t, p)
	p, err = s.Programme(peerworks.Digest)
	require.NoError(t, err)
	require.Equal(t, peerworks, p)
}

func TestAProgrammeThatCannotBeReadIsPoison(t *testing.T) {
	h := newHistory()
	h.ledger()
	bad := *peerworks
	bad.Bytes = []byte("programme: 7")
	bad.Digest = domain.HashOf(bad.Bytes)
	h.publish(&bad)
	s := openEmpty(t)
	err := s.Apply(context.Background(), h.entries)
	poison, ok := errors.AsType[*PoisonError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, uint64(3), poison.Sequence)

	h = newHistory()
	bad = *peerworks
	bad.Digest = domain.HashOf([]byte("another"))
	h.publish(&bad)
	require.ErrorAs(t, openEmpty(t).Apply(context.Background(), h.entries), &poison)
}

// A registration pinned to a programme before it is known is assessed once it is.
func TestAProgrammeThatComesLateIsApplied(t *testing.T) {
	h := newHistory()
	h.ledger()
	h.open("c")
	h.register("r", personID(1), "c")
	h.publish(peerworks)
	want := fingerprint(t, applied(t, h))
	s := openEmpty(t)
	for part := range slices.Chunk(h.entries, 1) {
		require.NoError(t, s.Apply(context.Background(), part))
	}
	require.Equal(t, want, fingerprint(t, s))
	summary, err := s.Summary("r")
	require.NoError(t, err)
	require.NotEmpty(t, summary.Awards)
}

func TestADecisionRestsOnEntries(t *testing.T) {
	h := newHistory()
	h.ledger()
	h.publish(peerworks)
	h.open("c")
	h.register("r", personID(1), "c")
	h.mark("r", "1", domain.Present)
	marked := h.heads[registration("r")].Sequence
	h.grant("r", "d1", "level-1", marked-1, marked)
	h.grant("r", "d2", "level-1r", marked)
	s := applied(t, h)
	rests, err := s.RestsOn(marked)
	require.NoError(t, err)
	require.Equal(t, []string{"d1", "d2"}, rests)
	rests, err = s.RestsOn(marked - 1)
	require.NoError(t, err)
	require.Equal(t, []string{"d1"}, rests)
	rests, err = s.RestsOn(1)
	require.NoError(t, err)
	require.Empty(t, rests, "ignored entries are not rested on")
	at, found, err := s.Decision("d2")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, DecisionAt{Registration: "r", Sequence: marked + 2}, at)
}

func TestCommandsAreRememberedForEver(t *testing.T) {
	h := newHistory()
	h.ledger()
	h.addAs("hmac:both", attester("t1"), &domain.AttesterRegistered{What: "person"},
		&domain.AttesterQualified{Qualification: "trainer", From: "2025-01-01"})
	h.addAs("", attester("t2"), &domain.AttesterRegistered{What: "person"})
	for _, size := range []int{1, 10} {
		s := openEmpty(t)
		for part := range slices.Chunk(h.entries, size) {
			require.NoError(t, s.Apply(context.Background(), part))
		}
		recorded, found, err := s.Command("hmac:both")
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, Recorded{First: 2, Count: 2, Hash: "hmac:body-of-hmac:both", Subject: attester("t1")}, recorded)
		_, found, err = s.Command("")
		require.NoError(t, err)
		require.False(t, found)
	}
}

func TestTokens(t *testing.T) {
	h := newHistory()
	h.ledger()
	h.add(domain.SystemSubject, &domain.TokenCreated{Token: "a", Hash: "sha256:aa", For: "staff/1", Roles: []string{domain.RoleTrainer}})
	h.add(domain.SystemSubject, &domain.TokenCreated{Token: "b", Hash: "sha256:bb", For: "staff/2"})
	h.add(domain.SystemSubject, &domain.TokenRevoked{Token: "a"})
	s := applied(t, h)
	a, found, err := s.TokenByHash("sha256:aa")
	require.NoError(t, err)
	require.True(t, found)
	require.True(t, a.Revoked)
	require.Equal(t, []string{domain.RoleTrainer}, a.Roles)
	b, found, err := s.TokenByHash("sha256:bb")
	require.NoError(t, err)
	require.True(t, found)
	require.False(t, b.Revoked)
	_, found, err = s.TokenByHash("sha256:a")
	require.NoError(t, err)
	require.False(t, found)
}
