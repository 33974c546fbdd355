package programme_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/domain/programmes"
)

func TestShippedProgrammesParse(t *testing.T) {
	for _, f := range programmes.All() {
		t.Run(f.Name, func(t *testing.T) {
			p, err := programme.Parse(f.Bytes)
			if err != nil {
				t.Fatal(err.(programme.Errors).Format(f.Name + ".yaml"))
			}
			require.Equal(t, f.Bytes, p.Bytes)
		})
	}
}

const harbourPilot = "../testdata/programmes/harbour-pilot.yaml"

func TestAnotherTradeParses(t *testing.T) {
	src, err := os.ReadFile(harbourPilot)
	require.NoError(t, err)
	_, err = programme.Parse(src)
	if err != nil {
		t.Fatal(err.(programme.Errors).Format("harbour-pilot.yaml"))
	}
}
