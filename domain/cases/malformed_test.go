package cases_test

import (
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/cases"
)

var update = flag.Bool("update", false, "write golden files anew")

// TestMalformed reads case files with mistakes. Each X.yaml of the archive has an X.want: what a
// person is shown. A case that begins with "cases only" stands in a whole file.
func TestMalformed(t *testing.T) {
	const golden = "testdata/malformed.txtar"
	archive, err := txtar.ParseFile(golden)
	require.NoError(t, err)
	want := map[string]string{}
	for _, f := range archive.Files {
		if name, ok := strings.CutSuffix(f.Name, ".want"); ok {
			want[name] = string(f.Data)
		}
	}
	programme, err := os.ReadFile(peerworks)
	require.NoError(t, err)
	var out []txtar.File
	for _, f := range archive.Files {
		name, ok := strings.CutSuffix(f.Name, ".yaml")
		if !ok {
			continue
		}
		t.Run(name, func(t *testing.T) {
			r, err := cases.Run(cases.Config{Programme: programme, Name: "programme.yaml", Cases: f.Data, CasesName: "cases.yaml", Zone: time.LoadLocation})
			got := cases.Text(r)
			var file *cases.FileError
			if err != nil {
				require.True(t, errors.As(err, &file), "%v", err)
				require.NotEmpty(t, file.Mistakes)
				got = err.Error() + "\n"
			}
			out = append(out, f, txtar.File{Name: name + ".want", Data: []byte(got)})
			if !*update {
				require.Equal(t, want[name], got)
			}
		})
	}
	if *update {
		archive.Files = out
		require.NoError(t, os.WriteFile(golden, txtar.Format(archive), 0o644))
	}
}

func TestProgrammeWithMistakes(t *testing.T) {
	_, err := cases.Run(cases.Config{Programme: []byte("programme: Not A Name\n"), Name: "p.yaml", Cases: []byte("cases: []"), Zone: time.LoadLocation})
	var file *cases.FileError
	require.ErrorAs(t, err, &file)
	require.Equal(t, "p.yaml", file.Name)
	require.Contains(t, err.Error(), "p.yaml:1:12:")
}

func TestNoSuchZone(t *testing.T) {
	programme, err := os.ReadFile(peerworks)
	require.NoError(t, err)
	_, err = cases.Run(cases.Config{Programme: programme, Cases: []byte("x"), Zone: func(string) (*time.Location, error) { return nil, errors.New("not on this machine") }})
	require.EqualError(t, err, "time zone America/Toronto of the programme: not on this machine")
}
