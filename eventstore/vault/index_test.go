package vault

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestIndex(t *testing.T) {
	v, _ := create(t)
	find := func(kind, value string) []string {
		t.Helper()
		people, err := v.Lookup(kind, value)
		require.NoError(t, err)
		return people
	}
	require.Empty(t, find(IndexEmail, "ana@example.org"))
	require.NoError(t, v.AddToIndex(ana, IndexEmail, "Ana@Example.org"))
	require.NoError(t, v.AddToIndex(ana, IndexEmail, "ana@example.org"))
	require.Equal(t, []string{ana}, find(IndexEmail, " ANA@EXAMPLE.ORG\n"))
	require.Empty(t, find(IndexName, "ana@example.org"), "kinds are apart")

	require.NoError(t, v.AddToIndex(ana, IndexName, "Sam Lee"))
	require.NoError(t, v.AddToIndex(boris, IndexName, "sam  lee"))
	require.Equal(t, []string{boris, ana}, find(IndexName, "SAM LEE"))

	require.NoError(t, v.RemoveFromIndex(ana, IndexName, "sam lee"))
	require.NoError(t, v.RemoveFromIndex(ana, IndexName, "sam lee"))
	require.Equal(t, []string{boris}, find(IndexName, "Sam Lee"))
	require.Equal(t, 2, rowCount(t, v, []byte{tableIndex}))
	require.Equal(t, 2, rowCount(t, v, []byte{tableReverse}))

	for _, value := range []string{"", " \t", "\u200b\ufeff", "ana\xff"} {
		require.ErrorIs(t, v.AddToIndex(ana, IndexName, value), ErrValue)
		require.ErrorIs(t, v.RemoveFromIndex(ana, IndexName, value), ErrValue)
		_, err := v.Lookup(IndexName, value)
		require.ErrorIs(t, err, ErrValue)
	}
	_, err := v.Lookup("E-mail", "x")
	require.ErrorIs(t, err, ErrName)
	require.ErrorIs(t, v.AddToIndex(ana, "", "x"), ErrName)
	require.ErrorIs(t, v.AddToIndex("x", IndexName, "x"), ErrPerson)
}

// The row behind an index row opens under the person's key, so that a rotation
// can give the index another key without the ledger.
func TestIndexRowsCanBeMadeAgain(t *testing.T) {
	v, _ := create(t)
	require.NoError(t, v.AddToIndex(ana, IndexName, "Zoé Ångström"))
	p := mustPerson(t, ana)
	sum := v.indexMAC(IndexName, "zoé ångström")
	value, ok, err := get(v.db, reverseKey(p, v.indexGeneration, sum))
	require.NoError(t, err)
	require.True(t, ok)
	k, err := v.livingKey(p, indexGroup)
	require.NoError(t, err)
	require.Equal(t, k.id, keyID(value[5:29]).String())
	got, err := k.aead.Open(nil, nil, value[29:], reverseData(p, v.indexGeneration, sum, k))
	require.NoError(t, err)
	require.Equal(t, IndexName+"\x00Zoé Ångström", string(got))
}

func TestNormalise(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Ana@Example.ORG", "ana@example.org"},
		{"  Sam \t Lee\r\n", "sam lee"},
		{"Sam\u00a0\u2003Lee", "sam lee"},
		{"E\u0301ric", "éric"},
		{"STRASSE", "strasse"},
		{"Straße", "strasse"},
		{"ΣΊΣΥΦΟΣ", "σίσυφοσ"},
		{"ａｎａ＠example.org", "ana@example.org"},
		{"a\u200bna\u00ad", "ana"},
		{"ﬁona", "fiona"},
		{"Éric", "éric"},
		{"Eric", "eric"},
		{"IŞIK", "işik"},
		{"Işık", "işik"},
		{"Ꭰ", "ꭰ"},
	} {
		got, err := normalise(c.in)
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
}

func TestNormaliseIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once, err := normalise(rapid.String().Draw(t, "value"))
		if err != nil {
			return
		}
		twice, err := normalise(once)
		require.NoError(t, err)
		require.Equal(t, once, twice)
		for _, in := range []string{strings.ToLower(once), strings.ToUpper(once)} {
			again, err := normalise("\u00a0" + in + " ")
			require.NoError(t, err)
			require.Equal(t, once, again)
		}
	})
}
