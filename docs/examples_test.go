package docs

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/cases"
	"github.com/certledger/certledger/domain/programmes"
)

var updateExamples = flag.Bool("update-examples", false, "write docs/examples anew")

// TestExamples prints, for every programme that ships with the ledger, one
// refusal that is typical of it, as its staff reads it: the first of its cases in
// which a step is refused, or else in which something holds a level down.
func TestExamples(t *testing.T) {
	var names []string
	for _, p := range programmes.All() {
		names = append(names, p.Name+".txt")
		t.Run(p.Name, func(t *testing.T) {
			file := filepath.Join("examples", p.Name+".txt")
			got := []byte(example(t, p))
			if *updateExamples {
				require.NoError(t, os.WriteFile(file, got, 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err, "go test ./docs -run TestExamples -update-examples writes it")
			require.Equal(t, string(want), string(got))
		})
	}
	files, err := os.ReadDir("examples")
	require.NoError(t, err)
	for _, f := range files {
		require.Contains(t, names, f.Name(), "an example of no programme")
	}
}

func example(t *testing.T, p programmes.File) string {
	told, err := filepath.Glob(filepath.Join("../domain/testdata/cases", p.Name, "*.yaml"))
	require.NoError(t, err)
	if p.Name == "peerworks-core-essentials" {
		told = []string{"../domain/testdata/cases/peerworks.yaml"}
	}
	for _, file := range told {
		src, err := os.ReadFile(file)
		require.NoError(t, err)
		x, err := cases.Explain(cases.Config{Programme: p.Bytes, Name: p.Name, Cases: src, CasesName: filepath.Base(file), Zone: time.LoadLocation}, "")
		if err != nil {
			continue
		}
		var b bytes.Buffer
		b.WriteString(x.ID + ": " + x.Title + "\n")
		for _, r := range x.Refused {
			b.WriteString("Refused: " + r + "\n")
		}
		b.WriteString("\n" + x.Explanation.Text())
		return b.String()
	}
	require.Fail(t, "no case of "+p.Name+" has anything to explain")
	return ""
}
