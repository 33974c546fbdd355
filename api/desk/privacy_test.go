package desk

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore"
	"github.com/certledger/certledger/eventstore/vault"
)

// canaries are every personal value that the tests below send, and the body.
func canaries() []string {
	out := []string{
		"Canary Trainer", "canary-trainer@example.org", "555 0100 777", "canary narrative", "canary-reason", "canary text",
		"canary body",
	}
	for key, value := range form {
		if key != "lived-experience" { // one of few words, which stand in the rules
			out = append(out, value)
		}
	}
	return out
}

// sendCanaries records something personal on every kind of subject that takes it.
func (o *office) sendCanaries() {
	o.open("c1")
	submit := request(o.submit("r1", ada, "c1"))
	submit.Person, submit.Body = ada, []byte("canary body")
	_, err := o.Do(ctx, submit)
	require.NoError(o.t, err)
	o.do(domain.ExcuseAbsence{Act: o.act(domain.PersonActor(ada), domain.RoleParticipant), Registration: "r1", Session: "1", Reason: "canary-reason", Text: "canary text"})
	o.do(domain.RecordJudgement{
		Act: o.act(domain.AttesterActor(trainer), domain.RoleTrainer), Registration: "r1", Question: "evaluation", Answer: "level-1", Narrative: "A canary narrative",
	})
	o.do(domain.CorrectPerson{Act: o.registrar(), Person: ada, Fields: map[string]string{"email": "canary.person@example.org"}})
}

func TestNothingPersonalIsStoredInTheClear(t *testing.T) {
	o := newOffice(t)
	o.sendCanaries()
	o.catchUp()
	o.pause()

	forms := func(s string) [][]byte {
		utf16 := []byte(strings.Join(strings.Split(s, ""), "\x00"))
		return [][]byte{[]byte(s), []byte(hex.EncodeToString([]byte(s))), []byte(base64.RawStdEncoding.EncodeToString([]byte(s))), utf16}
	}
	look := func(where string, b []byte) {
		for _, c := range canaries() {
			for _, form := range forms(c) {
				require.NotContains(t, string(b), string(form), "%s", where)
			}
		}
	}
	require.NoError(t, o.log.Read(ctx, 0, 0, func(s eventstore.Stored) error {
		look(s.Subject, s.Payload)
		copied, ok, err := o.store.Entry(s.Sequence)
		require.True(t, ok)
		require.NoError(t, err)
		require.True(t, bytes.Equal(s.Payload, copied.Payload))
		return nil
	}))
	files := 0
	require.NoError(t, filepath.WalkDir(o.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			var b []byte
			b, err = os.ReadFile(path)
			files++
			look(path, b)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the store has deleted it meanwhile
		}
		return err
	}))
	require.Greater(t, files, 10)
}

func TestWhatIsSealedOpensForItsKeyholder(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	for _, x := range []struct {
		answer domain.Subject
		person string
		group  domain.Group
		field  string
		want   string
	}{
		{o.register("r1", ada, "c1").Subject, ada, domain.GroupContact, "city", "Canaryville"},
		{domain.SubjectOf(domain.KindAttester, trainer), "", domain.GroupIdentity, "name", "Canary Trainer"},
	} {
		stored, ok, err := o.log.LastOf(ctx, string(x.answer))
		require.True(t, ok)
		require.NoError(t, err)
		e, err := domain.Decode(stored.Sequence, stored.Payload)
		require.NoError(t, err)
		s := domain.CommonOf(e.Event).Sealed[x.group]
		plain, err := o.vault.Unseal(Keyholder(x.answer, x.person), string(x.group),
			vault.Context{Subject: string(e.Subject), EventType: e.Type, EventID: e.ID},
			vault.Sealed{Key: s.Key, Generation: int(s.Generation), Commitment: s.Commitment, Value: s.Value})
		require.NoError(t, err)
		var values map[string]string
		require.NoError(t, json.Unmarshal(plain, &values))
		require.Equal(t, x.want, values[x.field])
	}
}

func TestOtherSubjectsHoldTheirOwnKeys(t *testing.T) {
	require.Equal(t, ada, Keyholder("registration/r1", ada))
	require.Equal(t, trainer, Keyholder(domain.SubjectOf(domain.KindAttester, trainer), ""))
	require.Equal(t, domain.NewID("programme/p1", "keyholder"), Keyholder("programme/p1", ""))
}

func TestAnAttesterWithPersonalDetailsHasAPseudonym(t *testing.T) {
	o := newOffice(t)
	o.open("c1")
	require.Equal(t, "not-a-person-id", o.refused(domain.RegisterAttester{
		Act: o.registrar(), Attester: "canary-trainer", What: domain.AttesterPerson, Name: "Canary Trainer",
	}))
}

func TestErrorsAndLogsRepeatNothingPersonal(t *testing.T) {
	var logged bytes.Buffer
	o := newOffice(t)
	cfg := o.cfg
	cfg.Logger = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	o.Desk, err = New(cfg)
	require.NoError(t, err)
	o.open("c1")
	wrong := o.submit("r1", ada, "c1")
	wrong.Fields = map[string]string{"first-name": "Canaryfirst", "canary body": "canary text"}
	_, refused := o.Do(ctx, request(wrong))
	require.Error(t, refused)
	blank := o.submit("r1", ada, "c1")
	require.NoError(t, o.vault.Close())
	_, failed := o.Do(ctx, request(blank))
	require.ErrorIs(t, failed, vault.ErrClosed)
	o.vault, err = vault.Open(o.vaultConfig())
	require.NoError(t, err)
	for _, c := range canaries() {
		require.NotContains(t, refused.Error(), c)
		require.NotContains(t, failed.Error()+logged.String(), c)
	}
}
