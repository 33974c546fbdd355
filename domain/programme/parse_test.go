package programme_test

import (
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
