package programme_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
)

// FuzzParse: any input is a programme or an explanation; never a panic. What
// is a programme parses to the same again, and can be overridden.
func FuzzParse(f *testing.F) {
	for _, src := range sources(f) {
		f.Add(src)
	}
	files, err := filepath.Glob("testdata/errors/*.yaml")
	require.NoError(f, err)
	for _, file := range files {
		src, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(src)
	}
	for _, odd := range []string{"", "{", "? a", "- - -", "a: |\n b", "%YAML 1.2", "<<: *a", "a: !b c", "\r", "''", "{a: b, c}", "[a: b]", "requirements: {a: {any-of: {}}}"} {
		f.Add([]byte(odd))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		p, err := programme.Parse(src)
		if err != nil {
			explained(t, src, err)
			return
		}
		require.Equal(t, src, p.Bytes)
		out, err := programme.Override(src, nil, 0)
		require.NoError(t, err)
		require.Equal(t, bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n")), out)
		p.EachRequirement(func(q programme.Requirement) bool {
			require.NotNil(t, q.Test, q.Path)
			return true
		})
	})
}

// FuzzOverride: new values are put in place or refused; never a panic.
func FuzzOverride(f *testing.F) {
	src, err := os.ReadFile("testdata/lamplighter.yaml")
	require.NoError(f, err)
	for _, with := range []string{"", "missed: 1", "rounds: [1, 2]", "steps: [5, 6 h]", "{missed: {a: 'b c'}}", "missed: \"it's\"", "missed: a, b", "missed: |\n x"} {
		f.Add([]byte(with), 3)
	}
	f.Fuzz(func(t *testing.T, with []byte, version int) {
		out, err := programme.Override(src, with, version)
		if err != nil {
			explained(t, with, err)
			return
		}
		if _, err = programme.Parse(out); err != nil {
			explained(t, out, err)
		}
	})
}

func explained(t *testing.T, src []byte, err error) {
	t.Helper()
	var all programme.Errors
	require.True(t, errors.As(err, &all))
	require.NotEmpty(t, all)
	require.LessOrEqual(t, len(all), programme.ErrorsMax+1)
	for _, e := range all {
		require.NotEmpty(t, e.Message)
		require.NotEmpty(t, e.Format("file"))
	}
}
