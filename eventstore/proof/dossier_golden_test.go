package proof

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

// The golden files are a dossier and an export as they were handed out once. They
// verify for ever, and what they are made of makes the same dossier again.
const (
	goldenZip        = "testdata/dossier/d1.zip"
	goldenExport     = "testdata/dossier/export.jsonl"
	goldenCheckpoint = "testdata/dossier/checkpoint"
	goldenKey        = "testdata/dossier/log.vkey"
)

// packGolden writes the golden files where they do not exist yet.
func packGolden(t *testing.T, d dossiers) {
	if _, err := os.Stat(goldenZip); err == nil || !*writeGolden {
		return
	}
	l := story(t)
	require.NoError(t, os.MkdirAll(filepath.Dir(goldenZip), 0o755))
	for name, content := range map[string][]byte{
		goldenZip: zipOf(t, d.of(l, "r1", "d1")), goldenExport: l.wrapped(), goldenCheckpoint: l.signed(0, d.signer), goldenKey: []byte(d.vkey + "\n"),
	} {
		require.NoError(t, os.WriteFile(name, content, 0o600))
	}
}

func TestGoldenDossier(t *testing.T) {
	d := newDossiers(t)
	packGolden(t, d)
	read := func(name string) []byte {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		return b
	}
	policy, err := NewPolicy(Trust{LogKeys: []string{strings.TrimSpace(string(read(goldenKey)))}})
	require.NoError(t, err)
	files, err := readZip(read(goldenZip))
	require.NoError(t, err)
	report, err := VerifyDossier(files, policy)
	require.NoError(t, err)
	require.Equal(t, "d1", report.Decisions[0].Decision)

	export := read(goldenExport)
	_, err = VerifyExport(context.Background(), Export{
		Lines: bytes.NewReader(export), Size: int64(len(export)), Checkpoint: read(goldenCheckpoint), Policy: policy,
	})
	require.NoError(t, err)

	l := &ledger{t: t, of: map[domain.Subject][]int{}}
	lines := bufio.NewScanner(bytes.NewReader(export))
	lines.Buffer(nil, ExportLineMax)
	for lines.Scan() {
		payload, _, failure := unwrap(lines.Bytes(), uint64(len(l.stored)+1))
		require.Nil(t, failure)
		l.keep(bytes.Clone(payload))
	}
	require.NoError(t, lines.Err())
	again, err := BuildDossier(l, About{Decision: "d1", Registrations: []string{"r1"}}, read(goldenCheckpoint), d.signer)
	require.NoError(t, err)
	require.Equal(t, read(goldenZip), zipOf(t, again))
}
