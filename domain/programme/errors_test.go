package programme_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file, or writes the file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// TestMistakesAreExplained parses the lamplighter with one mistake, or a few,
// in each file, and compares what an author is told with the .txt beside it.
func TestMistakesAreExplained(t *testing.T) {
	files, err := filepath.Glob("testdata/errors/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			src, err := os.ReadFile(file)
			require.NoError(t, err)
			_, err = programme.Parse(src)
			var all programme.Errors
			require.ErrorAs(t, err, &all)
			golden(t, strings.TrimSuffix(file, ".yaml")+".txt", all.Format(name+".yaml"))
		})
	}
}

func TestTheLamplighterIsCorrect(t *testing.T) {
	src, err := os.ReadFile("testdata/lamplighter.yaml")
	require.NoError(t, err)
	_, err = programme.Parse(src)
	require.NoError(t, err)
}

func TestSingleErrorsAreReached(t *testing.T) {
	_, err := programme.Parse([]byte("version: two\n"))
	var one *programme.Error
	require.True(t, errors.As(err, &one))
	require.Equal(t, 1, one.Line)
}

func TestLongLinesAreClipped(t *testing.T) {
	e := programme.Error{Line: 7, Column: 301, Excerpt: strings.Repeat("x", 300) + "!" + strings.Repeat("y", 300), Message: "m"}
	lines := strings.Split(e.Format("f"), "\n")
	require.Equal(t, "f:7:301: m", lines[0])
	require.Len(t, []rune(lines[1]), len("  7 | ")+100)
	require.Equal(t, []rune(lines[1])[len(lines[2])-1], '!')
}
