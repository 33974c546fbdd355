package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is written may be personal: whatever lies there, its user alone reads it.
func TestAFileIsWrittenForItsUserAlone(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "dossier.zip")
	require.NoError(t, os.WriteFile(name+".part", []byte("somebody else's"), 0o644))
	words := func(w io.Writer) error {
		_, err := io.WriteString(w, "opened")
		return err
	}
	require.NoError(t, writeFile(name, words))
	info, err := os.Stat(name)
	require.NoError(t, err)
	require.Equal(t, privateFile, info.Mode().Perm())
	left, err := os.ReadFile(name + ".part")
	require.NoError(t, err)
	require.Equal(t, "somebody else's", string(left))

	broken := errors.New("broken")
	require.ErrorIs(t, writeFile(filepath.Join(dir, "other"), func(io.Writer) error { return broken }), broken)
	require.Error(t, writeFile(dir, words), "a directory is not replaced")
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Equal(t, []string{name, name + ".part"}, names, "nothing is left of what failed")
	beside, err := filepath.Glob(dir + "*.part")
	require.NoError(t, err)
	require.Empty(t, beside)
	_, err = os.Stat(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.Error(t, writeFile(filepath.Join(dir, "none", "file"), words))
}
