package main

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore/proof"
)

// The golden files are one dossier and the export that it comes from.
const golden = "../../eventstore/proof/testdata/dossier/"

const (
	dossierZip = golden + "d1.zip"
	exported   = golden + "export.jsonl"
	checkpoint = golden + "checkpoint"
	logKey     = golden + "log.vkey"
)

func verify(args ...string) (status int, out, remarks string) {
	var o, r bytes.Buffer
	status = run(args, &o, &r)
	return status, o.String(), r.String()
}

// unpack is the golden dossier as a folder.
func unpack(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	z, err := zip.OpenReader(dossierZip)
	require.NoError(t, err)
	for _, x := range z.File {
		name := filepath.Join(dir, filepath.FromSlash(x.Name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o700))
		in, err := x.Open()
		require.NoError(t, err)
		b, err := io.ReadAll(in)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(name, b, 0o600))
	}
	require.NoError(t, z.Close())
	return dir
}

func keyOf(t *testing.T) string {
	b, err := os.ReadFile(logKey)
	require.NoError(t, err)
	return strings.TrimSpace(string(b))
}

// changed is a copy of a file with something else in it.
func changed(t *testing.T, name string, change func([]byte) []byte) string {
	t.Helper()
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	out := filepath.Join(t.TempDir(), filepath.Base(name))
	require.NoError(t, os.WriteFile(out, change(b), 0o600))
	return out
}

func TestADossierThatHolds(t *testing.T) {
	policy := filepath.Join(t.TempDir(), "policy")
	require.NoError(t, os.WriteFile(policy, []byte("log "+keyOf(t)+"\nquorum none\n"), 0o600))
	for name, args := range map[string][]string{
		"zip, key in a file":        {dossierZip, "--log-key", logKey},
		"zip, key itself":           {dossierZip, "--log-key", keyOf(t)},
		"folder":                    {unpack(t), "--log-key", logKey},
		"a policy":                  {dossierZip, "--policy", policy},
		"unknown signatures":        {dossierZip, "--log-key", logKey, "--allow-unknown-signatures"},
		"as text, said expressedly": {dossierZip, "--log-key", logKey, "-o", "text"},
	} {
		t.Run(name, func(t *testing.T) {
			status, out, remarks := verify(args...)
			require.Equal(t, statusHolds, status, remarks)
			lines := strings.Split(out, "\n")
			require.Len(t, lines, 4)
			require.Regexp(t, `^identical  decision d1: grant level-1 \(certification\) on registration r1, by staff/cleo as certifier, 2026-05-12T12:00:00-04:00, `, lines[0])
			require.Regexp(t, `^verified   77 entries of 7 subjects of ledger l1, recorded from 2026-01-05T16:00:00.000Z to 2026-06-01T16:00:00.000Z$`, lines[1])
			require.Regexp(t, `^checkpoint ledger.example/school at 117 entries, root \S{44}, signed by ledger.example/school\+[0-9a-f]{8}$`, lines[2])
			require.Empty(t, remarks)
		})
	}
}

func TestADossierThatDoesNotHold(t *testing.T) {
	dir := unpack(t)
	record := filepath.Join(dir, "decisions", "d1.json")
	b, err := os.ReadFile(record)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(record, append(b, '\n'), 0o600))
	other := "ledger.example/school+00000000+" + keyOf(t)[len(keyOf(t))-44:]
	for name, x := range map[string]struct {
		args []string
		want string
	}{
		"a file changed":    {[]string{dir}, `failed     decisions/d1.json: .* \[record\]`},
		"a zip cut short":   {[]string{changed(t, dossierZip, func(b []byte) []byte { return b[:len(b)-9] })}, `failed     zip: .* \[zip\]`},
		"a zip changed":     {[]string{changed(t, dossierZip, func(b []byte) []byte { b[100] ^= 1; return b })}, `failed     .* \[zip\]`},
		"no zip":            {[]string{logKey}, `failed     zip: .* \[zip\]`},
		"no dossier at all": {[]string{golden}, `failed     d1.zip: no dossier has a file of this name \[files\]`},
	} {
		t.Run(name, func(t *testing.T) {
			status, out, remarks := verify(append(x.args, "--log-key", logKey)...)
			require.Equal(t, statusFails, status, remarks)
			require.Regexp(t, "^"+x.want+"\n$", out)
			require.NotContains(t, out, "identical")

			status, out, _ = verify(append(x.args, "--log-key", logKey, "-o", "json")...)
			require.Equal(t, statusFails, status)
			var told struct {
				Verified bool
				Failure  struct{ Code, Where, What string }
			}
			require.NoError(t, json.Unmarshal([]byte(out), &told))
			require.False(t, told.Verified)
			require.Regexp(t, x.want, "failed     "+told.Failure.Where+": "+told.Failure.What+" ["+told.Failure.Code+"]")
		})
	}
	status, _, remarks := verify(dossierZip, "--log-key", other)
	require.Equal(t, statusUsage, status)
	require.Contains(t, remarks, "verifier key")
}

func TestAsJSON(t *testing.T) {
	status, out, _ := verify(dossierZip, "--log-key", logKey, "-o", "json")
	require.Equal(t, statusHolds, status)
	var told struct {
		Verified   bool
		Failure    any
		Checkpoint struct {
			Origin   string
			Size     int
			SignedBy []string
		}
		Report struct {
			Kind      string
			Decisions []struct {
				Decision  string
				Identical bool
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(out), &told))
	require.True(t, told.Verified)
	require.Nil(t, told.Failure)
	require.Equal(t, 117, told.Checkpoint.Size)
	require.Len(t, told.Checkpoint.SignedBy, 1)
	require.Equal(t, "decision", told.Report.Kind)
	require.True(t, told.Report.Decisions[0].Identical)
}

func TestExport(t *testing.T) {
	args := func(more ...string) []string {
		return append([]string{"export", exported, "--log-key", logKey}, more...)
	}
	status, out, remarks := verify(args("--checkpoint", checkpoint)...)
	require.Equal(t, statusHolds, status, remarks)
	require.Regexp(t, `^identical  6 of 6 decisions\nverified   117 entries of 10 subjects of ledger l1, .*\ncheckpoint .* at 117 entries, .*\n$`, out)

	status, out, _ = verify(args("--checkpoint", checkpoint, "--seed", "spring", "--sample", "2", "--jobs", "1")...)
	require.Equal(t, statusHolds, status)
	require.Contains(t, out, "identical  2 of 2 decisions, drawn from 6 with the seed spring\n")

	status, out, _ = verify(args("--checkpoint", checkpoint, "-o", "json")...)
	require.Equal(t, statusHolds, status)
	require.Contains(t, out, `"identical": 6`)

	tampered := changed(t, exported, func(b []byte) []byte {
		return bytes.Replace(b, []byte(`"status":"absent"`), []byte(`"status":"present"`), 1)
	})
	status, out, _ = verify("export", tampered, "--checkpoint", checkpoint, "--log-key", logKey)
	require.Equal(t, statusFails, status)
	require.Regexp(t, `(?m)^failed     entry \d+: its bytes have another hash than its line says \[entry\]$`, out)
	status, out, _ = verify("export", tampered, "--checkpoint", checkpoint, "--log-key", logKey, "-o", "json")
	require.Equal(t, statusFails, status)
	require.Contains(t, out, `"verified": false`)

	short := changed(t, exported, func(b []byte) []byte { return b[:bytes.LastIndexByte(b[:len(b)-1], '\n')+1] })
	status, out, _ = verify("export", short, "--checkpoint", checkpoint, "--log-key", logKey)
	require.Equal(t, statusFails, status)
	require.Contains(t, out, "failed     export: it ends with entry 116, and the checkpoint covers 117 [short]\n")

	status, out, _ = verify(args("--checkpoint", exported)...)
	require.Equal(t, statusUsage, status)
	require.Empty(t, out)
	status, out, _ = verify(args("--checkpoint", logKey)...)
	require.Equal(t, statusFails, status)
	require.Contains(t, out, "[form]\n")
}

func TestProof(t *testing.T) {
	dir := filepath.Join(unpack(t), "entries")
	entry, inclusion := filepath.Join(dir, "000000000110.entry"), filepath.Join(dir, "000000000110.tlog-proof")
	status, out, remarks := verify("proof", entry, inclusion, "--log-key", logKey)
	require.Equal(t, statusHolds, status, remarks)
	require.Regexp(t, `^proved     the log holds these bytes as entry 110\ncheckpoint `, out)
	status, out, _ = verify("proof", entry, inclusion, "--log-key", logKey, "-o", "json")
	require.Equal(t, statusHolds, status)
	require.Contains(t, out, `"sequence": 110`)
	status, out, _ = verify("proof", filepath.Join(dir, "000000000117.entry"), inclusion, "--log-key", logKey)
	require.Equal(t, statusFails, status)
	require.Regexp(t, `^failed     .* \[proof\]\n$`, out)
	status, _, _ = verify("proof", entry, checkpoint, "--log-key", logKey)
	require.Equal(t, statusFails, status)
}

func TestAskedWrongly(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	empty := changed(t, logKey, func([]byte) []byte { return nil })
	for name, x := range map[string]struct {
		args []string
		want string
	}{
		"nothing":                           {nil, "takes one dossier"},
		"two dossiers":                      {[]string{dossierZip, dossierZip, "--log-key", logKey}, "takes one dossier"},
		"nobody to trust":                   {[]string{dossierZip}, "whom to trust"},
		"no such dossier":                   {[]string{nowhere, "--log-key", logKey}, "no such file"},
		"no such policy":                    {[]string{dossierZip, "--policy", nowhere}, "no such file"},
		"a device":                          {[]string{os.DevNull, "--log-key", logKey}, "is no file"},
		"a file of a key that is not there": {[]string{dossierZip, "--log-key", nowhere}, "no file of that name"},
		"a policy that is none":             {[]string{dossierZip, "--policy", logKey}, "line 1"},
		"a policy and a key":                {[]string{dossierZip, "--policy", logKey, "--log-key", logKey}, "exclude each other"},
		"a key that is none":                {[]string{dossierZip, "--log-key", "key"}, "verifier key"},
		"a key's file that is not":          {[]string{dossierZip, "--log-key", empty}, "is empty"},
		"a key's file too long":             {[]string{dossierZip, "--log-key", dossierZip}, "longer than"},
		"an unknown flag":                   {[]string{dossierZip, "--trust-me"}, "unknown flag"},
		"an unknown form":                   {[]string{dossierZip, "--log-key", logKey, "-o", "csv"}, "text or json"},
		"no checkpoint":                     {[]string{"export", exported, "--log-key", logKey}, "--checkpoint FILE"},
		"no such checkpoint":                {[]string{"export", exported, "--log-key", logKey, "--checkpoint", nowhere}, "no such file"},
		"no such export":                    {[]string{"export", nowhere, "--log-key", logKey, "--checkpoint", checkpoint}, "no such file"},
		"an export that is none":            {[]string{"export", golden, "--log-key", logKey, "--checkpoint", checkpoint}, "is no file"},
		"export without trust":              {[]string{"export", exported, "--checkpoint", checkpoint}, "whom to trust"},
		"a sample without a seed":           {[]string{"export", exported, "--log-key", logKey, "--checkpoint", checkpoint, "--sample", "3"}, "belong together"},
		"a seed without a sample":           {[]string{"export", exported, "--log-key", logKey, "--checkpoint", checkpoint, "--seed", "s"}, "belong together"},
		"less than no sample":               {[]string{"export", exported, "--log-key", logKey, "--checkpoint", checkpoint, "--sample", "-1"}, "a number of decisions"},
		"no jobs":                           {[]string{"export", exported, "--log-key", logKey, "--checkpoint", checkpoint, "--jobs", "0"}, "a number from 1"},
		"a proof without an entry":          {[]string{"proof", checkpoint, "--log-key", logKey}, "takes the file of an entry"},
		"no such entry":                     {[]string{"proof", nowhere, checkpoint, "--log-key", logKey}, "no such file"},
		"no such proof":                     {[]string{"proof", checkpoint, nowhere, "--log-key", logKey}, "no such file"},
		"a proof without trust":             {[]string{"proof", checkpoint, checkpoint}, "whom to trust"},
	} {
		t.Run(name, func(t *testing.T) {
			status, out, remarks := verify(x.args...)
			require.Equal(t, statusUsage, status, "%s%s", out, remarks)
			require.Empty(t, out)
			require.Contains(t, remarks, x.want)
			require.Regexp(t, "(?m)^Try `certverify.* --help`.$", remarks)
		})
	}
}

func TestHelpAndVersion(t *testing.T) {
	status, out, _ := verify("--version")
	require.Equal(t, statusHolds, status)
	require.Regexp(t, `^certverify \S+`, out)
	for _, args := range [][]string{{"--help"}, {"export", "--help"}, {"proof", "--help"}} {
		status, out, _ = verify(args...)
		require.Equal(t, statusHolds, status)
		require.Contains(t, out, "--log-key")
	}
}

// What others wrote is shown and does not reach the terminal as it is.
func TestPrintable(t *testing.T) {
	require.Equal(t, `a\x1b[31m \u202e\n b\ufffd é`, printable("a\x1b[31m \u202e\n b\xff é"))
	dir := unpack(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "x\x1b[31m"), nil, 0o600))
	_, out, _ := verify(dir, "--log-key", logKey)
	require.NotContains(t, out, "\x1b")
}

// Output that cannot be written is no answer.
func TestAnAnswerThatIsLost(t *testing.T) {
	var remarks bytes.Buffer
	require.NotEqual(t, statusHolds, run([]string{dossierZip, "--log-key", logKey}, broken{}, &remarks))
	require.Contains(t, remarks.String(), "print the answer")
}

// Values that were opened for a reader are told of, and verify alike.
func TestOpenedValuesAreToldOf(t *testing.T) {
	f, err := os.Open(dossierZip)
	require.NoError(t, err)
	info, err := f.Stat()
	require.NoError(t, err)
	files, err := proof.ReadDossierZip(f, info.Size())
	require.NoError(t, err)
	require.NoError(t, f.Close())
	entries, err := files.Entries()
	require.NoError(t, err)
	o := proof.Opening{Access: 500, By: "staff/cleo", Role: domain.RoleCertifier, Purpose: domain.PurposeAppeal, Time: "2026-06-03T18:00:00Z"}
	for _, e := range entries {
		for g, s := range domain.CommonOf(e.Event).Sealed {
			if len(o.Opened) == 0 {
				o.Opened = append(o.Opened, proof.OpenedGroup{Entry: e.Sequence, Group: g, Key: s.Key, Fields: map[string]string{"text": "Well."}})
				continue
			}
			o.Closed = append(o.Closed, proof.ClosedGroup{Entry: e.Sequence, Group: g, Key: s.Key, Why: proof.ClosedRole})
		}
	}
	skey, vkey, err := proof.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{1}, ed25519.SeedSize)), "ledger.example/school")
	require.NoError(t, err)
	require.Equal(t, keyOf(t), vkey, "the golden dossier's")
	signer, err := note.NewSigner(skey)
	require.NoError(t, err)
	files, err = proof.AddOpening(files, o, signer)
	require.NoError(t, err)
	name := filepath.Join(t.TempDir(), "opened.zip")
	out, err := os.Create(name)
	require.NoError(t, err)
	require.NoError(t, errors.Join(files.WriteZip(out), out.Close()))

	status, told, remarks := verify(name, "--log-key", logKey)
	require.Equal(t, statusHolds, status, remarks)
	require.Regexp(t, `\nopened     1 sealed groups for staff/cleo as certifier, for appeal, at 2026-06-03T18:00:00Z, recorded as entry \d+; that these are .* signed word, .*\n`+
		`closed     sealed groups by reason: \d+ role\ncheckpoint `, told)
	require.NotContains(t, told, "Well.")
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
