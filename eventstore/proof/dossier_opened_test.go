package proof

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

	"github.com/certledger/certledger/domain"
)

// words is tiny with something sealed of the person: an attester's name, a
// narrative of theirs, and the words of a decision.
func words(t *testing.T) *ledger {
	l := tinyOf(t, "l1", tinyRules)
	l.must(domain.SubmitRegistration{Act: l.staff(), Registration: "r2", Person: ben, Cohort: "c"})
	l.must(domain.MarkAttendance{Act: l.trainer(), Registration: "r2", Session: "1", Status: domain.Present})
	l.must(domain.RecordEvidence{Act: l.staff(), Registration: "r2", Fact: domain.Fact{Kind: "paper"}, Narrative: "What I did."})
	return l.must(domain.Grant{Act: l.certifier(), Registration: "r2", Decision: "d2", Level: "high", Reason: "in words", Text: "Well done."})
}

// opening is what words has sealed, with the words of the decision in the clear.
func opening(t require.TestingT, files Files) Opening {
	entries, err := files.Entries()
	require.NoError(t, err)
	o := Opening{Access: 500, By: "staff/cleo", Role: domain.RoleCertifier, Purpose: domain.PurposeAppeal, Time: "2026-06-03T18:00:00Z"}
	for _, e := range entries {
		for g, s := range domain.CommonOf(e.Event).Sealed {
			if g == domain.GroupNarrative {
				o.Opened = append(o.Opened, OpenedGroup{Entry: e.Sequence, Group: g, Key: s.Key, Fields: map[string]string{"text": "Well done.", "reason": "in words"}})
				continue
			}
			why := map[domain.Group]string{domain.GroupIdentity: ClosedOthers, domain.GroupPracticum: ClosedErased}[g]
			require.NotEmpty(t, why, "%s is not expected", g)
			o.Closed = append(o.Closed, ClosedGroup{Entry: e.Sequence, Group: g, Key: s.Key, Why: why})
		}
	}
	require.Len(t, o.Opened, 1)
	require.Len(t, o.Closed, 2)
	return o
}

func (d dossiers) opened(l *ledger) (files, redacted Files) {
	d.t.Helper()
	redacted = d.of(l, "r2", "d2")
	files, err := AddOpening(redacted, opening(d.t, redacted), d.signer)
	require.NoError(d.t, err)
	return files, redacted
}

func TestADossierVerifiesAlikeWithAndWithoutWhatWasOpened(t *testing.T) {
	d := newDossiers(t)
	files, redacted := d.opened(words(t))
	require.Len(t, files, len(redacted)+2)
	with, err := VerifyDossier(files, d.policy)
	require.NoError(t, err)
	require.Equal(t, &OpeningReport{
		By: "staff/cleo", Role: domain.RoleCertifier, Purpose: domain.PurposeAppeal, Time: "2026-06-03T18:00:00Z", Access: 500,
		Opened: 1, Closed: map[string]int{ClosedOthers: 1, ClosedErased: 1},
	}, with.Opening)
	taken := files.without(dossierOpening).without(dossierOpeningNote)
	require.Equal(t, redacted, taken, "what is left is the dossier that was made without it")
	without, err := VerifyDossier(taken, d.policy)
	require.NoError(t, err)
	with.Opening = nil
	require.Equal(t, without, with)

	again, err := readZip(zipOf(t, files))
	require.NoError(t, err)
	require.Equal(t, files, again, "it is packed and read like every dossier")
}

func TestNoByteOfWhatWasOpenedCanBeChanged(t *testing.T) {
	d := newDossiers(t)
	files, _ := d.opened(words(t))
	for _, name := range []string{dossierOpening, dossierOpeningNote} {
		content, _ := files.named(name)
		var accepted sync.Map
		everywhere(files, len(content), func(own Files, at int) {
			b, _ := own.named(name)
			for _, flip := range flips {
				b[at] ^= flip
				if _, err := VerifyDossier(own, d.policy); !isNamed(err) {
					accepted.Store(fmt.Sprintf("%s, byte %d, flip %#x", name, at, flip), err)
				}
				b[at] ^= flip
			}
		})
		accepted.Range(func(what, err any) bool { t.Errorf("%v: %v", what, err); return true })
		for at := range content {
			_, err := VerifyDossier(files.with(name, content[:at]), d.policy)
			require.True(t, isNamed(err), "%s cut at %d", name, at)
		}
		_, err := VerifyDossier(files.with(name, append(bytes.Clone(content), '\n')), d.policy)
		require.True(t, isNamed(err), "%s with a line more", name)
	}
	d.fails(files.without(dossierOpening), CodeFiles, dossierOpening)
	d.fails(files.without(dossierOpeningNote), CodeFiles, dossierOpeningNote)
}

// signedAs puts an opened.json into a dossier as somebody does who holds a key.
func signedAs(t *testing.T, files Files, content []byte, at Checkpoint, change func(string) string, by ...note.Signer) Files {
	signed, err := signNote(change(openingText(at, content)), dossierOpeningNote, at.Origin, by)
	require.NoError(t, err)
	return files.with(dossierOpening, content).with(dossierOpeningNote, signed)
}

func same(s string) string { return s }

func TestWhatWasOpenedIsBoundToItsDossier(t *testing.T) {
	d := newDossiers(t)
	l := words(t)
	files, _ := d.opened(l)
	content, _ := files.named(dossierOpening)
	signed, _ := files.named(dossierOpeningNote)
	put := func(into Files) Files { return into.with(dossierOpening, content).with(dossierOpeningNote, signed) }
	d.fails(put(d.of(l, "r", "d")), CodeForeign, dossierOpening)
	d.fails(put(d.at(l, 0, About{Registrations: []string{"r2"}})), CodeForeign, dossierOpening)

	at := l.checkpoint(t, d)
	stranger, vkey := logSigner(t, 2, dossierOrigin)
	d.fails(signedAs(t, files, content, at, same, stranger), CodeSignature, dossierOpeningNote)
	other, _ := logSigner(t, 1, "ledger.example/elsewhere")
	d.fails(signedAs(t, files, content, Checkpoint{Origin: "ledger.example/elsewhere", Size: at.Size, Root: at.Root}, same, other), CodeForeign, dossierOpeningNote)
	d.fails(signedAs(t, files, content, at, same, d.signer, stranger), CodeSignature, dossierOpeningNote)
	both, err := NewPolicy(Trust{LogKeys: []string{d.vkey, vkey}})
	require.NoError(t, err)
	_, err = VerifyDossier(signedAs(t, files, content, at, same, d.signer, stranger), both)
	require.NoError(t, err, "an old and a new key")

	for name, x := range map[string]struct {
		change func(string) string
		code   Code
		where  string
	}{
		"another form":       {func(s string) string { return strings.Replace(s, "\n1\n", "\n2\n", 1) }, CodeUnknown, dossierOpeningNote},
		"another size":       {func(s string) string { return strings.Replace(s, fmt.Sprintf("\n%d\n", at.Size), "\n9\n", 1) }, CodeCheckpoint, dossierOpeningNote},
		"another root":       {func(s string) string { return strings.Replace(s, at.Root.String(), Hash{}.String(), 1) }, CodeCheckpoint, dossierOpeningNote},
		"another file":       {func(s string) string { return strings.Replace(s, domain.HashOf(content), domain.HashOf(nil), 1) }, CodeOpened, dossierOpening},
		"a line more":        {func(s string) string { return s + "more\n" }, CodeForm, dossierOpeningNote},
		"heads in its place": {func(s string) string { return strings.Replace(s, openingSuffix, headsSuffix, 1) }, CodeForeign, dossierOpeningNote},
	} {
		t.Run(name, func(t *testing.T) { d.fails(signedAs(t, files, content, at, x.change, d.signer), x.code, x.where) })
	}
	heads, _ := files.named(dossierHeads)
	d.fails(files.with(dossierOpeningNote, heads), CodeForeign, dossierOpeningNote)
	d.fails(files.with(dossierHeads, signed), CodeForm, dossierHeads)
	d.fails(files.with(dossierCheckpoint, signed), CodeForm, dossierCheckpoint)
}

// checkpoint is what the end of the ledger is signed as.
func (l *ledger) checkpoint(t *testing.T, d dossiers) Checkpoint {
	o, err := d.policy.Open(l.signed(0, d.signer))
	require.NoError(t, err)
	return o.Checkpoint
}

// A server that signs what cannot be so is found out, and one that would is told
// so before it signs.
func TestWhatCannotHaveBeenOpenedIsRefused(t *testing.T) {
	d := newDossiers(t)
	l := words(t)
	files, redacted := d.opened(l)
	at := l.checkpoint(t, d)
	statement, _ := files.named(dossierContents)
	for name, x := range map[string]struct {
		change func(*Opening)
		code   Code
	}{
		"no such entry":        {func(o *Opening) { o.Opened[0].Entry = 99 }, CodeOpened},
		"nothing sealed there": {func(o *Opening) { o.Opened[0].Entry = 1 }, CodeOpened},
		"another group":        {func(o *Opening) { o.Opened[0].Group = domain.GroupContact }, CodeOpened},
		"another key":          {func(o *Opening) { o.Opened[0].Key = "k-other" }, CodeOpened},
		"no value":             {func(o *Opening) { o.Opened[0].Fields = map[string]string{} }, CodeOpened},
		"twice":                {func(o *Opening) { o.Opened = append(o.Opened, o.Opened[0]) }, CodeOpened},
		"closed twice":         {func(o *Opening) { o.Closed = append(o.Closed, o.Closed[1]) }, CodeOpened},
		"closed under no key":  {func(o *Opening) { o.Closed[0].Key = "" }, CodeOpened},
		"left out":             {func(o *Opening) { o.Closed = o.Closed[:1] }, CodeOpened},
		"left out altogether":  {func(o *Opening) { o.Opened = nil }, CodeOpened},
		"both": {func(o *Opening) {
			o.Closed[0] = ClosedGroup{o.Opened[0].Entry, o.Opened[0].Group, o.Opened[0].Key, ClosedRole}
		}, CodeOpened},
		"an unknown reason":       {func(o *Opening) { o.Closed[0].Why = "secret" }, CodeUnknown},
		"an unknown purpose":      {func(o *Opening) { o.Purpose = "curiosity" }, CodeUnknown},
		"nobody":                  {func(o *Opening) { o.By = "" }, CodeOpened},
		"no role":                 {func(o *Opening) { o.Role = "" }, CodeOpened},
		"no time":                 {func(o *Opening) { o.Time = "" }, CodeOpened},
		"a time with an offset":   {func(o *Opening) { o.Time = "2026-06-03T14:00:00-04:00" }, CodeOpened},
		"not recorded":            {func(o *Opening) { o.Access = 0 }, CodeOpened},
		"recorded in the dossier": {func(o *Opening) { o.Access = o.Opened[0].Entry }, CodeOpened},
	} {
		t.Run(name, func(t *testing.T) {
			o := opening(t, redacted)
			x.change(&o)
			_, err := AddOpening(redacted, o, d.signer)
			var failure *Failure
			require.ErrorAs(t, err, &failure)
			require.Equal(t, x.code, failure.Code)
			o.Form, o.Dossier = openingForm, domain.HashOf(statement)
			o.Opened, o.Closed = append([]OpenedGroup{}, o.Opened...), append([]ClosedGroup{}, o.Closed...)
			o.sort()
			content, err := o.encode()
			require.NoError(t, err)
			d.fails(signedAs(t, files, content, at, same, d.signer), x.code, dossierOpening)
			require.NotContains(t, failure.Error(), "Well done")
		})
	}
	content, _ := files.named(dossierOpening)
	for name, x := range map[string]struct {
		change func(string) string
		code   Code
	}{
		"another form":   {func(s string) string { return strings.Replace(s, `"form":1`, `"form":2`, 1) }, CodeUnknown},
		"no form":        {func(s string) string { return "[]" }, CodeForm},
		"a member more":  {func(s string) string { return strings.Replace(s, `{"access"`, `{"aaa":1,"access"`, 1) }, CodeForm},
		"a member less":  {func(s string) string { return strings.Replace(s, `"role":"certifier",`, ``, 1) }, CodeForm},
		"a member twice": {func(s string) string { return strings.Replace(s, `"role":`, `"role":"x","role":`, 1) }, CodeForm},
		"blanks":         {func(s string) string { return strings.Replace(s, `"form":1`, `"form": 1`, 1) }, CodeForm},
		"not sorted": {func(s string) string {
			return strings.Replace(strings.Replace(s, `"form":1,`, ``, 1), `{`, `{"form":1,`, 1)
		}, CodeForm},
		"a number in text": {func(s string) string { return strings.Replace(s, `"access":500`, `"access":"500"`, 1) }, CodeForm},
		"a huge number":    {func(s string) string { return strings.Replace(s, `"access":500`, `"access":500000000000000000001`, 1) }, CodeForm},
		"not in order":     {func(s string) string { return swapClosed(t, s) }, CodeOpened},
	} {
		t.Run(name, func(t *testing.T) {
			b := x.change(string(content))
			require.NotEqual(t, string(content), b)
			d.fails(signedAs(t, files, []byte(b), at, same, d.signer), x.code, dossierOpening)
		})
	}
}

// swapClosed changes the order of the two groups that were left closed.
func swapClosed(t *testing.T, s string) string {
	before, rest, ok := strings.Cut(s, `"closed":[`)
	require.True(t, ok)
	list, after, ok := strings.Cut(rest, `]`)
	require.True(t, ok)
	first, second, ok := strings.Cut(list, `},{`)
	require.True(t, ok)
	return before + `"closed":[{` + strings.TrimSuffix(second, "}") + `},` + first + `}]` + after
}

func TestOpeningTime(t *testing.T) {
	require.Equal(t, "2026-06-03T18:00:00Z", OpeningTime(time.Date(2026, 6, 3, 14, 0, 0, 7e8, time.FixedZone("", -4*3600))))
}
