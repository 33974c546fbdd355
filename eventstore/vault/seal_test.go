package vault

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/stretchr/testify/require"
)

func TestSealRoundTrip(t *testing.T) {
	v, _ := create(t)
	for _, plaintext := range []string{"", "x", strings.Repeat("long ", 100_000)} {
		s, err := v.Seal(ana, "identity", ctx, []byte(plaintext))
		require.NoError(t, err)
		b, err := json.Marshal(s)
		require.NoError(t, err)
		var stored Sealed
		require.NoError(t, json.Unmarshal(b, &stored))
		got, err := v.Unseal(ana, "identity", ctx, stored)
		require.NoError(t, err)
		require.Equal(t, plaintext, string(got))
	}
}

func TestSealedForm(t *testing.T) {
	v, _ := create(t)
	one, err := v.Seal(ana, "identity", ctx, []byte("same"))
	require.NoError(t, err)
	require.Regexp(t, `^k-[A-Za-z0-9_-]{32}$`, one.Key)
	require.Regexp(t, `^hmac:[A-Za-z0-9_-]{43}$`, one.Commitment)
	require.Equal(t, 1, one.Generation)

	two, err := v.Seal(ana, "identity", ctx, []byte("same"))
	require.NoError(t, err)
	require.Equal(t, one.Key, two.Key)
	require.Equal(t, one.Commitment, two.Commitment)
	require.NotEqual(t, one.Value, two.Value, "equal values must not look equal")

	other, err := v.Seal(ana, "lived-experience", ctx, []byte("same"))
	require.NoError(t, err)
	require.NotEqual(t, one.Key, other.Key)
	require.NotEqual(t, one.Commitment, other.Commitment)
}

func TestSealAll(t *testing.T) {
	v, _ := create(t)
	before, err := v.Seal(ana, "identity", ctx, []byte("x"))
	require.NoError(t, err)
	values := map[string][]byte{"identity": []byte("Ana"), "accommodation": []byte("captions"), "lived-experience": nil}
	sealed, err := v.SealAll(ana, ctx, values)
	require.NoError(t, err)
	require.Len(t, sealed, len(values))
	require.Equal(t, before.Key, sealed["identity"].Key)
	for group, value := range values {
		got, err := v.Unseal(ana, group, ctx, sealed[group])
		require.NoError(t, err)
		require.Equal(t, string(value), string(got))
	}
	none, err := v.SealAll(ana, ctx, nil)
	require.NoError(t, err)
	require.Empty(t, none)
	_, err = v.SealAll(boris, ctx, map[string][]byte{"identity": nil, "Bad Group": nil})
	require.ErrorIs(t, err, ErrName)
	require.Zero(t, rowCount(t, v, groupPrefix(personID{15: 1}, "identity")))
}

func TestUnsealRefuses(t *testing.T) {
	v, _ := create(t)
	s, err := v.Seal(ana, "identity", ctx, []byte("Ana"))
	require.NoError(t, err)
	sibling, err := v.Seal(ana, "accommodation", ctx, []byte("captions"))
	require.NoError(t, err)
	raw, err := base64.StdEncoding.DecodeString(s.Value)
	require.NoError(t, err)

	with := func(f func(*Sealed)) Sealed { c := s; f(&c); return c }
	cases := []struct {
		name          string
		person, group string
		ctx           Context
		sealed        Sealed
		want          error
	}{
		{"another subject", ana, "identity", Context{"registration/1", ctx.EventType, ctx.EventID}, s, ErrTampered},
		{"another type", ana, "identity", Context{ctx.Subject, "x.v1", ctx.EventID}, s, ErrTampered},
		{"another event", ana, "identity", Context{ctx.Subject, ctx.EventType, "0199c3"}, s, ErrTampered},
		{"shifted context", ana, "identity", Context{ctx.Subject + "c", ctx.EventType[1:], ctx.EventID}, s, ErrTampered},
		{"no subject", ana, "identity", Context{"", ctx.EventType, ctx.EventID}, s, ErrContext},
		{"another person", boris, "identity", ctx, s, ErrNever},
		{"another group, with a key", ana, "accommodation", ctx, s, ErrNever},
		{"another group, without", ana, "appeals", ctx, s, ErrNever},
		{"another generation", ana, "identity", ctx, with(func(s *Sealed) { s.Generation = 2 }), ErrNever},
		{"the largest generation", ana, "identity", ctx, with(func(s *Sealed) { s.Generation = math.MaxUint32 }), ErrNever},
		{"no generation", ana, "identity", ctx, with(func(s *Sealed) { s.Generation = 0 }), ErrForm},
		{"a negative generation", ana, "identity", ctx, with(func(s *Sealed) { s.Generation = -1 }), ErrForm},
		{"too large a generation", ana, "identity", ctx, with(func(s *Sealed) { s.Generation = math.MaxUint32 + 1 }), ErrForm},
		{"another key", ana, "identity", ctx, with(func(s *Sealed) { s.Key = sibling.Key }), ErrNever},
		{"an invented key", ana, "identity", ctx, with(func(s *Sealed) { s.Key = keyID{1}.String() }), ErrNever},
		{"no key", ana, "identity", ctx, with(func(s *Sealed) { s.Key = "" }), ErrForm},
		{"a short key", ana, "identity", ctx, with(func(s *Sealed) { s.Key = s.Key[:len(s.Key)-1] }), ErrForm},
		{"a strange key", ana, "identity", ctx, with(func(s *Sealed) { s.Key = s.Key[:10] + "\n" + s.Key[11:] }), ErrForm},
		{"another commitment", ana, "identity", ctx, with(func(s *Sealed) { s.Commitment = sibling.Commitment }), ErrCommitment},
		{"no commitment", ana, "identity", ctx, with(func(s *Sealed) { s.Commitment = "" }), ErrCommitment},
		{"another value", ana, "identity", ctx, with(func(s *Sealed) { s.Value = sibling.Value }), ErrTampered},
		{"no value", ana, "identity", ctx, with(func(s *Sealed) { s.Value = "" }), ErrForm},
		{"a short value", ana, "identity", ctx, with(func(s *Sealed) { s.Value = base64.StdEncoding.EncodeToString(raw[:27]) }), ErrForm},
		{"a cut value", ana, "identity", ctx, with(func(s *Sealed) { s.Value = base64.StdEncoding.EncodeToString(raw[:30]) }), ErrTampered},
		{"a value with a line break", ana, "identity", ctx, with(func(s *Sealed) { s.Value += "\n" }), ErrForm},
		{"a value not in base64", ana, "identity", ctx, with(func(s *Sealed) { s.Value = "Ana" }), ErrForm},
		{"an e-mail for a person", "ana@example.org", "identity", ctx, s, ErrPerson},
		{"upper case", strings.ToUpper(ana), "identity", ctx, s, ErrPerson},
		{"a vault's own group", ana, fingerprintGroup, ctx, s, ErrName},
		{"no group", ana, "", ctx, s, ErrName},
		{"a long group", ana, strings.Repeat("g", 33), ctx, s, ErrName},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := v.Unseal(c.person, c.group, c.ctx, c.sealed)
			require.ErrorIs(t, err, c.want)
			require.Nil(t, got)
		})
	}
	for i := range raw {
		raw[i] ^= 0x10
		_, err := v.Unseal(ana, "identity", ctx, with(func(s *Sealed) { s.Value = base64.StdEncoding.EncodeToString(raw) }))
		require.ErrorIs(t, err, ErrTampered, i)
		raw[i] ^= 0x10
	}
	_, err = v.Seal("ana@example.org", "identity", ctx, nil)
	require.ErrorIs(t, err, ErrPerson)
	_, err = v.Seal(ana, "Identity", ctx, nil)
	require.ErrorIs(t, err, ErrName)
	_, err = v.Seal(ana, "identity", Context{}, nil)
	require.ErrorIs(t, err, ErrContext)
}

func TestNoKeyHasThreeMeanings(t *testing.T) {
	v, cfg := create(t)
	old := copyFiles(t, cfg)
	s, err := v.Seal(ana, "identity", ctx, []byte("Ana"))
	require.NoError(t, err)

	stranger, _ := create(t)
	foreign, err := stranger.Seal(ana, "identity", ctx, []byte("Ana"))
	require.NoError(t, err)
	_, err = v.Unseal(ana, "identity", ctx, foreign)
	require.ErrorIs(t, err, ErrNever, "made by another ledger's vault")

	backup := reopen(t, old)
	_, err = backup.Unseal(ana, "identity", ctx, s)
	require.ErrorIs(t, err, ErrNotYet, "the backup is older than the key")

	// The backup goes on without the first key; then that one arrives.
	s2, err := backup.Seal(ana, "identity", ctx, []byte("Ana again"))
	require.NoError(t, err)
	require.Equal(t, s.Generation, s2.Generation)
	_, err = backup.Unseal(ana, "identity", ctx, s)
	require.ErrorIs(t, err, ErrNotYet)
	prefix := groupPrefix(mustPerson(t, ana), "identity")
	require.NoError(t, each(v.db, prefix, func(key, value []byte) error {
		return backup.db.Set(append(prefix[:len(prefix):len(prefix)], key...), value, pebble.Sync)
	}))
	for want, s := range map[string]Sealed{"Ana": s, "Ana again": s2} {
		got, err := backup.Unseal(ana, "identity", ctx, s)
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}

	require.NoError(t, v.Fence(Fence{Person: ana, Sequence: 7}))
	_, err = v.Unseal(ana, "identity", ctx, s)
	require.ErrorIs(t, err, ErrErased)
	_, err = v.Unseal(ana, "identity", ctx, foreign)
	require.ErrorIs(t, err, ErrNever)
}

func mustPerson(t testing.TB, s string) personID {
	t.Helper()
	p, err := parsePerson(s)
	require.NoError(t, err)
	return p
}

func TestFenceOfAPerson(t *testing.T) {
	v, cfg := create(t)
	s, err := v.Seal(ana, "identity", ctx, []byte("Ana"))
	require.NoError(t, err)
	kept, err := v.Seal(boris, "identity", ctx, []byte("Boris"))
	require.NoError(t, err)
	_, err = v.Fingerprint(ana, []byte("body"))
	require.NoError(t, err)
	require.NoError(t, v.AddToIndex(ana, IndexEmail, "shared@example.org"))
	require.NoError(t, v.AddToIndex(boris, IndexEmail, "shared@example.org"))

	fence := Fence{Person: ana, Sequence: 41}
	require.NoError(t, v.Fence(fence))
	require.NoError(t, v.Fence(fence, fence))
	check := func(v *Vault) {
		t.Helper()
		_, err := v.Seal(ana, "identity", ctx, nil)
		require.ErrorIs(t, err, ErrErased)
		_, err = v.Seal(ana, "appeals", ctx, nil)
		require.ErrorIs(t, err, ErrErased, "a group that had no key")
		_, err = v.SealAll(ana, ctx, map[string][]byte{"identity": nil})
		require.ErrorIs(t, err, ErrErased)
		_, err = v.Unseal(ana, "identity", ctx, s)
		require.ErrorIs(t, err, ErrErased)
		_, err = v.Fingerprint(ana, []byte("body"))
		require.ErrorIs(t, err, ErrErased)
		require.ErrorIs(t, v.AddToIndex(ana, IndexName, "Ana"), ErrErased)
		people, err := v.Lookup(IndexEmail, "shared@example.org")
		require.NoError(t, err)
		require.Equal(t, []string{boris}, people)
		got, err := v.Unseal(boris, "identity", ctx, kept)
		require.NoError(t, err)
		require.Equal(t, "Boris", string(got))
	}
	check(v)
	require.NoError(t, v.RemoveFromIndex(ana, IndexEmail, "shared@example.org"))
	require.NoError(t, v.Close())
	check(reopen(t, cfg))
}

// Whoever asks after Fence has returned is refused, also from the cache.
func TestFenceAgainstSeal(t *testing.T) {
	v, _ := create(t)
	for i := range 50 {
		person := fmt.Sprintf("%032x", i)
		s, err := v.Seal(person, "identity", ctx, []byte("x"))
		require.NoError(t, err)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for {
					_, sealErr := v.Seal(person, "identity", ctx, []byte("x"))
					_, unsealErr := v.Unseal(person, "identity", ctx, s)
					if errors.Is(sealErr, ErrErased) && errors.Is(unsealErr, ErrErased) {
						return
					}
				}
			})
		}
		require.NoError(t, v.Fence(Fence{Person: person, Sequence: uint64(i)}))
		_, err = v.Seal(person, "identity", ctx, nil)
		require.ErrorIs(t, err, ErrErased)
		_, err = v.Unseal(person, "identity", ctx, s)
		require.ErrorIs(t, err, ErrErased)
		wg.Wait()
	}
}

func TestFenceOfAGroup(t *testing.T) {
	v, _ := create(t)
	sealed, err := v.SealAll(ana, ctx, map[string][]byte{"identity": nil, "appeals": nil})
	require.NoError(t, err)
	require.NoError(t, v.Fence(Fence{Person: ana, Group: "appeals", Generation: 1, Sequence: 9}))
	_, err = v.Unseal(ana, "appeals", ctx, sealed["appeals"])
	require.ErrorIs(t, err, ErrErased)
	_, err = v.Seal(ana, "appeals", ctx, nil)
	require.ErrorIs(t, err, ErrErased)
	_, err = v.Unseal(ana, "identity", ctx, sealed["identity"])
	require.NoError(t, err)

	// A later generation, once something makes one, is not covered.
	p, b := mustPerson(t, ana), v.db.NewBatch()
	k, err := v.makeKey(b, p, "appeals", 2)
	require.NoError(t, err)
	require.NoError(t, commit(b))
	s, err := v.Seal(ana, "appeals", ctx, []byte("new"))
	require.NoError(t, err)
	require.Equal(t, k.id, s.Key)
	require.Equal(t, 2, s.Generation)
	_, err = v.Unseal(ana, "appeals", ctx, sealed["appeals"])
	require.ErrorIs(t, err, ErrErased)

	// A lower fence lowers nothing, and a group without keys can be fenced.
	require.NoError(t, v.Fence(Fence{Person: ana, Group: "appeals", Generation: 2}, Fence{Person: boris, Group: "appeals", Generation: 1}))
	require.NoError(t, v.Fence(Fence{Person: ana, Group: "appeals", Generation: 1}))
	_, err = v.Seal(ana, "appeals", ctx, nil)
	require.ErrorIs(t, err, ErrErased)
	_, err = v.Seal(boris, "appeals", ctx, nil)
	require.ErrorIs(t, err, ErrErased)

	for f, want := range map[Fence]error{
		{Person: "ana", Group: "appeals", Generation: 1}: ErrPerson,
		{Person: ana, Group: ".index", Generation: 1}:    ErrName,
		{Person: ana, Group: "appeals"}:                  ErrFence,
		{Person: ana, Generation: 1}:                     ErrFence,
	} {
		require.ErrorIs(t, v.Fence(Fence{Person: boris}, f), want)
	}
	_, err = v.Seal(boris, "identity", ctx, nil)
	require.NoError(t, err, "a refused call records no fence")
}

func TestDamagedRows(t *testing.T) {
	v, _ := create(t)
	s, err := v.Seal(ana, "identity", ctx, []byte("Ana"))
	require.NoError(t, err)
	p := mustPerson(t, ana)
	id, err := parseKeyID(s.Key)
	require.NoError(t, err)
	row := personKeyKey(p, "identity", 1, id)
	good, _, err := get(v.db, row)
	require.NoError(t, err)
	for i := range good {
		bad := append([]byte(nil), good...)
		bad[i] ^= 1
		require.NoError(t, v.db.Set(row, bad, pebble.NoSync))
		v.cache.clear()
		want := ErrDamaged
		if i == 0 {
			want = ErrFormat
		}
		_, err = v.Unseal(ana, "identity", ctx, s)
		require.ErrorIs(t, err, want, i)
		_, err = v.Seal(ana, "identity", ctx, nil)
		require.ErrorIs(t, err, want, i)
	}
	for _, bad := range [][]byte{nil, {rowForm}, good[:20]} {
		require.NoError(t, v.db.Set(row, bad, pebble.NoSync))
		_, err = v.Unseal(ana, "identity", ctx, s)
		require.ErrorIs(t, err, ErrDamaged)
	}
	// A wrapped key does not open in another person's row.
	require.NoError(t, v.db.Set(personKeyKey(mustPerson(t, boris), "identity", 1, id), good, pebble.NoSync))
	_, err = v.Seal(boris, "identity", ctx, nil)
	require.ErrorIs(t, err, ErrDamaged)
}

func TestFingerprint(t *testing.T) {
	v, _ := create(t)
	a, err := v.Fingerprint(ana, []byte("body"))
	require.NoError(t, err)
	require.Regexp(t, `^hmac:[A-Za-z0-9_-]{43}$`, a)
	same, err := v.Fingerprint(ana, []byte("body"))
	require.NoError(t, err)
	require.Equal(t, a, same)
	other, err := v.Fingerprint(ana, []byte("Body"))
	require.NoError(t, err)
	require.NotEqual(t, a, other)
	person, err := v.Fingerprint(boris, []byte("body"))
	require.NoError(t, err)
	require.NotEqual(t, a, person)
	_, err = v.Fingerprint("nobody", nil)
	require.ErrorIs(t, err, ErrPerson)
}

func TestCommandID(t *testing.T) {
	v, _ := create(t)
	id := v.CommandID("user/7", "retry-1")
	require.Regexp(t, `^hmac:[A-Za-z0-9_-]{43}$`, id)
	require.Equal(t, id, v.CommandID("user/7", "retry-1"))
	require.NotEqual(t, id, v.CommandID("user/7r", "etry-1"))
	require.NotEqual(t, id, v.CommandID("retry-1", "user/7"))
	other, _ := create(t)
	require.NotEqual(t, id, other.CommandID("user/7", "retry-1"))
}

func FuzzUnseal(f *testing.F) {
	v, _ := create(f)
	s, err := v.Seal(ana, "identity", ctx, []byte("Ana"))
	require.NoError(f, err)
	f.Add(ana, "identity", ctx.Subject, ctx.EventType, ctx.EventID, s.Key, s.Generation, s.Commitment, s.Value)
	f.Add(ana, "identity", ctx.Subject, ctx.EventType, ctx.EventID, "", s.Generation, s.Commitment, s.Value)
	f.Add(boris, "appeals", "a", "b", "c", keyID{}.String(), 2, s.Commitment, "AAAA")
	f.Add("", "", "", "", "", "k-", -1, "hmac:", "====")
	f.Fuzz(func(t *testing.T, person, group, subject, eventType, eventID, key string, generation int, commitment, value string) {
		c, in := Context{subject, eventType, eventID}, Sealed{key, generation, commitment, value}
		got, err := v.Unseal(person, group, c, in)
		if err != nil {
			require.Nil(t, got)
			return
		}
		require.Equal(t, "Ana", string(got))
		require.Equal(t, []any{ana, "identity", ctx, s}, []any{person, group, c, in})
	})
}

// TestHasKeyTellsWhatUnsealWould asks both about the same values.
func TestHasKeyTellsWhatUnsealWould(t *testing.T) {
	v, cfg := create(t)
	require.NoError(t, v.Close()) // an open store deletes files while they are copied
	old := copyFiles(t, cfg)
	v = reopen(t, cfg)
	s, err := v.Seal(ana, "identity", ctx, []byte("Ana"))
	require.NoError(t, err)
	require.NoError(t, v.HasKey(ana, "identity", s))
	other := s
	other.Commitment = "hmac:" + s.Commitment[len("hmac:")+1:]
	require.ErrorIs(t, v.HasKey(ana, "identity", other), ErrCommitment)
	require.ErrorIs(t, v.HasKey(boris, "identity", s), ErrNever)
	require.ErrorIs(t, v.HasKey(ana, "appeals", s), ErrNever)
	require.ErrorIs(t, v.HasKey("ana", "identity", s), ErrPerson)
	require.ErrorIs(t, v.HasKey(ana, "Identity", s), ErrName)
	require.ErrorIs(t, v.HasKey(ana, "identity", Sealed{}), ErrForm)
	require.ErrorIs(t, reopen(t, old).HasKey(ana, "identity", s), ErrNotYet)
	require.NoError(t, v.Fence(Fence{Person: ana, Group: "identity", Generation: 1, Sequence: 7}))
	require.ErrorIs(t, v.HasKey(ana, "identity", s), ErrErased)
	require.NoError(t, v.Close())
	require.ErrorIs(t, v.HasKey(ana, "identity", s), ErrClosed)
}
