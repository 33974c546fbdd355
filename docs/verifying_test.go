package docs

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const goldenDossier = "../eventstore/proof/testdata/dossier"

// What docs/verifying.md shows is what certverify prints: each command of the page
// is carried out, in a folder with the golden files.
func TestVerifyingShowsWhatHappens(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(goldenDossier)))
	binary := filepath.Join(t.TempDir(), "certverify")
	built, err := exec.Command("go", "build", "-trimpath", "-o", binary, "../cmd/certverify").CombinedOutput()
	require.NoError(t, err, string(built))
	ran := 0
	for _, p := range pages(t, root) {
		if p.name != "docs/verifying.md" {
			continue
		}
		for _, b := range p.blocks {
			if b.lang != "console" {
				continue
			}
			for _, c := range transcript(b.body) {
				require.Equal(t, c.prints, carried(t, dir, binary, c.line), p.at(b.line, "%s", c.line))
				ran++
			}
		}
	}
	require.Greater(t, ran, 8)
}

// carried is what a command of the page prints in dir. Other programs than
// certverify are imitated, as far as the page uses them.
func carried(t *testing.T, dir, binary, line string) string {
	t.Helper()
	words := strings.Fields(line)
	at := func(i int) string {
		require.Less(t, i, len(words), line)
		return filepath.Join(dir, filepath.FromSlash(words[i]))
	}
	switch words[0] {
	case "certverify":
		cmd := exec.Command(binary, words[1:]...)
		cmd.Dir = dir
		out, err := cmd.Output()
		if status, failed := err.(*exec.ExitError); failed {
			require.Equal(t, 1, status.ExitCode(), "%s: %s", line, status.Stderr)
		} else {
			require.NoError(t, err)
		}
		return string(out)
	case "unzip":
		unpack(t, at(2), at(4))
		return ""
	case "cat":
		b, err := os.ReadFile(at(1))
		require.NoError(t, err)
		return string(b) + "\n"
	case "sha256sum":
		b, err := os.ReadFile(at(1))
		require.NoError(t, err)
		return fmt.Sprintf("%x  %s\n", sha256.Sum256(b), words[1])
	case "sed":
		b, err := os.ReadFile(at(3))
		require.NoError(t, err)
		parts := strings.Split(words[2], "/")
		require.Len(t, parts, 4, line)
		changed := bytes.Replace(b, []byte(parts[1]), []byte(parts[2]), 1)
		require.NotEqual(t, b, changed, line)
		require.NoError(t, os.WriteFile(at(3), changed, 0o600))
		return ""
	}
	t.Fatalf("the page uses a command that this test does not know: %s", line)
	return ""
}

func unpack(t *testing.T, from, into string) {
	t.Helper()
	z, err := zip.OpenReader(from)
	require.NoError(t, err)
	for _, x := range z.File {
		require.True(t, fs.ValidPath(x.Name))
		name := filepath.Join(into, filepath.FromSlash(x.Name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o700))
		in, err := x.Open()
		require.NoError(t, err)
		b, err := io.ReadAll(in)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(name, b, 0o600))
	}
	require.NoError(t, z.Close())
}
