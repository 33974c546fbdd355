package proof

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/certledger/certledger/domain"
)

func TestHeadsOpenAsTheyWereSigned(t *testing.T) {
	r := newRotation(t, 30)
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Uint64Range(0, 30).Draw(t, "size")
		h := Heads{Checkpoint: testCheckpoint(t, r.tree, size)}
		sequences := rapid.SliceOfNDistinct(rapid.Uint64Range(1, max(size, 1)), 0, int(size), rapid.ID).Draw(t, "sequences")
		for _, s := range sequences {
			h.Subjects = append(h.Subjects, Head{
				Subject: domain.SubjectOf(domain.KindPerson, fmt.Sprintf("%x", s*2654435761)), Sequence: s,
				Version: rapid.Uint64Range(1, s).Draw(t, "version"), Payload: testPayload(s),
			})
		}
		h.Person = rapid.SampledFrom([]string{"", ida}).Draw(t, "person")
		given := slices.Clone(h.Subjects)
		signed, err := SignHeads(h, r.signers...)
		require.NoError(t, err)
		require.Equal(t, given, h.Subjects, "the caller's order is left alone")
		opened, err := r.policy.OpenHeads(signed)
		require.NoError(t, err)
		require.Equal(t, h.Checkpoint, opened.Checkpoint)
		require.Equal(t, h.Person, opened.Person)
		require.ElementsMatch(t, h.Subjects, opened.Subjects)
		again, err := SignHeads(opened, r.signers...)
		require.NoError(t, err)
		require.Equal(t, string(signed), string(again))
	})
}

func TestHeadsThatContradictThemselvesAreNotSigned(t *testing.T) {
	r := newRotation(t, 11)
	for name, change := range map[string]func(*Heads){
		"a subject twice":            func(h *Heads) { h.Subjects[1].Subject = h.Subjects[0].Subject },
		"no subject":                 func(h *Heads) { h.Subjects[1].Subject = "" },
		"an unknown kind":            func(h *Heads) { h.Subjects[1].Subject = "course/1" },
		"a subject with a space":     func(h *Heads) { h.Subjects[1].Subject = "person/a b" },
		"a subject with a newline":   func(h *Heads) { h.Subjects[1].Subject = "person/a\nperson/b" },
		"version 0":                  func(h *Heads) { h.Subjects[1].Version = 0 },
		"sequence 0":                 func(h *Heads) { h.Subjects[1].Version, h.Subjects[1].Sequence = 0, 0 },
		"more versions than entries": func(h *Heads) { h.Subjects[1].Version = h.Subjects[1].Sequence + 1 },
		"an entry to come":           func(h *Heads) { h.Subjects[1].Sequence = h.Size + 1 },
		"an entry of two subjects":   func(h *Heads) { h.Subjects[1].Sequence = h.Subjects[0].Sequence },
		"another tree":               func(h *Heads) { h.Root = mustRoot(t, 0) },
		"another log":                func(h *Heads) { h.Origin = "two words" },
		"too many subjects":          func(h *Heads) { h.Subjects = slices.Repeat(h.Subjects, HeadsSubjectsMax) },
	} {
		h := r.heads(t, 11)
		change(&h)
		_, err := SignHeads(h, r.signers...)
		require.ErrorIs(t, err, ErrForm, name)
	}
	_, err := SignHeads(r.heads(t, 11))
	require.ErrorIs(t, err, ErrSignature)
	other, _ := logSigner(t, 8, "other.example")
	_, err = SignHeads(r.heads(t, 11), other)
	require.ErrorIs(t, err, ErrKey)
}

// A log can sign nonsense here too.
func TestSignedNonsenseIsNoHeads(t *testing.T) {
	r := newRotation(t, 11)
	p := r.policyOf(t, 0)
	good := r.heads(t, 11).text()
	_, err := p.OpenHeads(signAnyText(t, good, r.signers[0]))
	require.NoError(t, err)
	lines := strings.SplitAfter(good, "\n")
	join := func(lines ...string) string { return strings.Join(lines, "") }
	hash := fmt.Sprintf("%x", testPayload(5))

	for name, c := range map[string]struct {
		text string
		kind error
	}{
		"a checkpoint":              {testCheckpoint(t, r.tree, 11).text(), ErrForm},
		"another version":           {strings.Replace(good, "\n1\n", "\n3\n", 1), ErrUnknownForm},
		"of a person, not named":    {strings.Replace(good, "\n1\n", "\n2\n", 1), ErrForm},
		"of a person, by no name":   {strings.Replace(join(lines[:4]...), "\n1\n", "\n2\n", 1) + "person/\n" + join(lines[4:]...), ErrForm},
		"of somebody of a kind":     {strings.Replace(join(lines[:4]...), "\n1\n", "\n2\n", 1) + "cohort/a\n" + join(lines[4:]...), ErrForm},
		"no version":                {join(lines[0], "\n") + join(lines[2:]...), ErrUnknownForm},
		"three lines":               {join(lines[:3]...), ErrForm},
		"no size":                   {strings.Replace(good, "\n11\n", "\neleven\n", 1), ErrForm},
		"a size with a zero":        {strings.Replace(good, "\n11\n", "\n011\n", 1), ErrForm},
		"no root":                   {join(lines[:3]...) + "AAAA\n" + join(lines[4:]...), ErrForm},
		"other order":               {join(lines[:4]...) + join(lines[5], lines[4], lines[6]), ErrForm},
		"a line twice":              {good + lines[6], ErrForm},
		"an empty line":             {good + "\n", ErrForm},
		"an empty line between":     {join(lines[:5]...) + "\n" + join(lines[5:]...), ErrForm},
		"two spaces":                {strings.Replace(good, " 5 ", "  5 ", 1), ErrForm},
		"a tail":                    {strings.Replace(good, hash, hash+" more", 1), ErrForm},
		"a version with a sign":     {strings.Replace(good, " 2 5 ", " +2 5 ", 1), ErrForm},
		"a version that is none":    {strings.Replace(good, " 2 5 ", " x 5 ", 1), ErrForm},
		"a sequence that is none":   {strings.Replace(good, " 2 5 ", " 2 x ", 1), ErrForm},
		"a sequence to come":        {strings.Replace(good, " 2 5 ", " 2 12 ", 1), ErrForm},
		"a hash in capitals":        {strings.Replace(good, hash, strings.ToUpper(hash), 1), ErrForm},
		"a hash of another kind":    {strings.Replace(good, "sha256:"+hash, "sha512:"+hash, 1), ErrForm},
		"a hash without its kind":   {strings.Replace(good, "sha256:"+hash, hash, 1), ErrForm},
		"a short hash":              {strings.Replace(good, hash, hash[2:], 1), ErrForm},
		"the heads of another log":  {strings.Replace(good, testOrigin, "other.example", 1), ErrForeign},
		"heads of heads":            {strings.Replace(good, testOrigin, testOrigin+headsSuffix, 1), ErrForm},
		"a first line of the kind":  {strings.Replace(good, testOrigin, "", 1), ErrForm},
		"a first line without kind": {strings.Replace(good, headsSuffix, "", 1), ErrForm},
	} {
		_, err := p.OpenHeads(signAnyText(t, c.text, r.signers[0]))
		require.ErrorIs(t, err, c.kind, name)
	}
}

func TestHeadsAreSignedByTheLog(t *testing.T) {
	r := newRotation(t, 11)
	text := r.heads(t, 11).text()
	_, err := r.policy.OpenHeads(signAnyText(t, text, r.signers[0]))
	require.ErrorIs(t, err, ErrSignature, "both keys have to")

	p := r.policyOf(t, 0)
	signed := signAnyText(t, text, r.signers[0])
	cosigned := append(slices.Clone(signed), r.witnesses[0].cosign(t, signed)...)
	_, err = p.OpenHeads(cosigned)
	require.ErrorIs(t, err, ErrSignature, "a witness says nothing about heads")
	p.AllowUnknown = true
	_, err = p.OpenHeads(cosigned)
	require.NoError(t, err)
	_, err = p.OpenHeads(append([]byte(text+"\n"), r.witnesses[0].cosign(t, signed)...))
	require.ErrorIs(t, err, ErrSignature)
}

// The same key signs both kinds of statement. Whatever a log is called, neither
// can be shown as the other, even under the key's name in the other's log.
func TestNeitherHeadsNorCheckpointIsTakenForTheOther(t *testing.T) {
	r := newRotation(t, 11)
	rapid.Check(t, func(t *rapid.T) {
		origin := rapid.StringMatching(`[a-z]{1,8}(/[a-z]{1,5}|/heads)?`).Draw(t, "origin")
		c := testCheckpoint(t, r.tree, rapid.Uint64Range(0, 11).Draw(t, "size"))
		c.Origin = origin
		h := Heads{Checkpoint: c}
		if !isOrigin(origin) {
			require.ErrorIs(t, c.check(), ErrForm)
			return
		}
		first, _, _ := strings.Cut(h.text(), "\n")
		require.False(t, isOrigin(first), "no log has the first line of heads as its origin")
		_, err := parseCheckpoint(h.text())
		require.ErrorIs(t, err, ErrForm)
		_, err = parseHeads(c.text())
		require.ErrorIs(t, err, ErrForm)
	})

	checkpoint, err := Sign(testCheckpoint(t, r.tree, 11), r.signers...)
	require.NoError(t, err)
	_, err = r.policy.OpenHeads(checkpoint)
	require.ErrorIs(t, err, ErrForm)
	heads, err := SignHeads(r.heads(t, 11), r.signers...)
	require.NoError(t, err)
	_, err = r.policy.Open(heads)
	require.ErrorIs(t, err, ErrForm)
	_, err = NewPolicy(Trust{LogKeys: []string{strangeKey(t, testOrigin+headsSuffix)}})
	require.ErrorIs(t, err, ErrKey)
}

func TestTheMostHeads(t *testing.T) {
	signer, vkey := logSigner(t, 1, strings.Repeat("a", OriginMax))
	p, err := NewPolicy(Trust{LogKeys: []string{vkey}})
	require.NoError(t, err)
	h := Heads{Checkpoint: Checkpoint{Origin: signer.Name(), Size: SizeMax, Root: mustRoot(t, 1)}}
	for i := range uint64(HeadsSubjectsMax) {
		h.Subjects = append(h.Subjects, Head{
			Subject: domain.SubjectOf(domain.KindRegistration, fmt.Sprintf("%0*d", domain.IDMax, i)),
			Version: SizeMax - HeadsSubjectsMax, Sequence: SizeMax - i, Payload: testPayload(i),
		})
	}
	signed, err := SignHeads(h, signer)
	require.NoError(t, err)
	require.LessOrEqual(t, len(signed)+CheckpointMax, HeadsMax, "with room for signatures")
	opened, err := p.OpenHeads(signed)
	require.NoError(t, err)
	require.Equal(t, h, opened)
	_, err = p.OpenHeads(append(signed, make([]byte, HeadsMax)...))
	require.ErrorIs(t, err, ErrForm)
}
