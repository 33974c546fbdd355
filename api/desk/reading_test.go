package desk

import (
	"context"
	"encoding/base64"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore"
	"github.com/certledger/certledger/eventstore/vault"
)

// reading is what an auditor would ask to see of somebody's form.
func (o *office) reading(values ...SealedValue) Reading {
	return Reading{
		Act: o.act(domain.StaffActor("a1"), domain.RoleAuditor), What: domain.ReadPersonDossier, ID: ada, Purpose: domain.PurposeAudit, Values: values,
	}
}

// submitted is the form of a registration, with its groups sealed.
func (o *office) submitted(registration string) domain.Entry {
	o.catchUp()
	view, err := o.store.View()
	require.NoError(o.t, err)
	entries, err := view.EntriesOf(domain.SubjectOf(domain.KindRegistration, registration), 0, 1)
	require.NoError(o.t, err)
	require.NoError(o.t, view.Close())
	e, err := domain.Decode(entries[0].Sequence, entries[0].Payload)
	require.NoError(o.t, err)
	return e
}

func TestAReadingIsRecordedAndThenOpened(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	o.register("r1", ada, "c1")
	e := o.submitted("r1")
	of := domain.SubjectOf(domain.KindPerson, ada)
	sequence, values, err := o.Read(ctx, o.reading(SealedValue{of, e, domain.GroupIdentity}, SealedValue{of, e, domain.GroupContact}))
	require.NoError(t, err)
	require.Len(t, values, 2)
	require.NoError(t, values[0].Err)
	require.Equal(t, form["first-name"], values[0].Fields["first-name"])
	require.Equal(t, form["email"], values[1].Fields["email"])

	require.Equal(t, sequence, o.head())
	stored, err := o.log.Get(ctx, sequence)
	require.NoError(t, err)
	entry, err := domain.Decode(sequence, stored.Payload)
	require.NoError(t, err)
	require.Equal(t, domain.AccessSubject("staff/a1", domain.DateOf(entry.Time.UTC())), entry.Subject)
	require.Equal(t, domain.Actor("staff/a1"), entry.Actor)
	require.Equal(t, domain.RoleAuditor, entry.ActorRole)
	require.Equal(t, &domain.AccessRecorded{
		What: domain.ReadPersonDossier, ID: ada, Purpose: domain.PurposeAudit,
		Values: []domain.SealedValues{{Whose: of, Group: domain.GroupContact, Count: 1}, {Whose: of, Group: domain.GroupIdentity, Count: 1}},
	}, entry.Event)
	for _, value := range form {
		require.NotContains(t, string(stored.Payload), `"`+value+`"`)
	}

	// The same once more is another reading, on the same subject.
	_, _, err = o.Read(ctx, o.reading())
	require.NoError(t, err)
	o.catchUp()
	day, err := o.store.Access(entry.Subject.ID())
	require.NoError(t, err)
	require.Equal(t, 2, day.Readings)
	require.Equal(t, 2, day.Values)
}

// Where the reading cannot be recorded nothing is opened, whatever the reason.
func TestNothingIsOpenedThatIsNotRecorded(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	o.register("r1", ada, "c1")
	v := SealedValue{domain.SubjectOf(domain.KindPerson, ada), o.submitted("r1"), domain.GroupIdentity}
	before := o.head()
	refused := func(r Reading, ctx context.Context) error {
		t.Helper()
		sequence, values, err := o.Read(ctx, r)
		require.Error(t, err)
		require.Zero(t, sequence)
		require.Nil(t, values)
		require.Equal(t, before, o.head())
		return err
	}
	r := o.reading(v)
	r.Purpose = "curiosity"
	var refusal *domain.Refusal
	require.True(t, errors.As(refused(r, ctx), &refusal))
	gone, leave := context.WithCancel(ctx)
	leave()
	require.ErrorIs(t, refused(o.reading(v), gone), context.Canceled)
	o.pause()
	require.NoError(t, o.log.Close())
	_, values, err := o.Read(ctx, o.reading(v))
	require.ErrorIs(t, err, eventstore.ErrClosed)
	require.Nil(t, values)
}

func TestWhatCannotBeOpenedSaysWhy(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	o.register("r1", ada, "c1")
	e := o.submitted("r1")
	of := domain.SubjectOf(domain.KindPerson, ada)
	changed := func(change func(*domain.Sealed)) domain.Entry {
		event := *e.Event.(*domain.RegistrationSubmitted)
		s := event.Sealed[domain.GroupIdentity]
		change(&s)
		event.Sealed = map[domain.Group]domain.Sealed{domain.GroupIdentity: s}
		other := e
		other.Event = &event
		return other
	}
	moved := e
	moved.ID = "0199c2a0-0000-8000-8000-000000000001"
	values := []SealedValue{
		{of, e, domain.GroupIdentity},
		{domain.SubjectOf(domain.KindPerson, grace), e, domain.GroupIdentity},
		{of, changed(func(s *domain.Sealed) { s.Commitment = "hmac:" + s.Commitment[6:] }), domain.GroupIdentity},
		{of, changed(func(s *domain.Sealed) { s.Value = base64.StdEncoding.EncodeToString(make([]byte, 64)) }), domain.GroupIdentity},
		{of, moved, domain.GroupIdentity},
		{of, e, domain.GroupLivedExp},
	}
	require.NoError(t, o.vault.Fence(vault.Fence{Person: ada, Group: string(domain.GroupLivedExp), Generation: 1, Sequence: 1}))
	sequence, got, err := o.Read(ctx, o.reading(values...))
	require.NoError(t, err)
	require.NoError(t, got[0].Err)
	for i, want := range []error{ErrNeverKey, ErrAlteredValue, ErrAlteredValue, ErrAlteredValue, ErrErasedValue} {
		require.Equal(t, want, got[i+1].Err, "value %d", i+1)
		require.Nil(t, got[i+1].Fields)
	}
	stored, err := o.log.Get(ctx, sequence)
	require.NoError(t, err)
	entry, err := domain.Decode(sequence, stored.Payload)
	require.NoError(t, err)
	require.Equal(t, []domain.SealedValues{{Whose: of, Group: domain.GroupIdentity, Count: 3}}, entry.Event.(*domain.AccessRecorded).Values,
		"those whose keys are here")
}
